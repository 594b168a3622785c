# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""-bs: an SMTP server on standard input and output; it relays the messages."""

import os
import signal
import smtplib
import time

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, LOGIN, LOGIN_SETTINGS, MAIL,
                      QUIT, RCPT, SECURED, greet, lines)
from kernel import needs_fast_clock
from program import MESSAGE, account
from queued import wait_until
from scripted import ScriptedServer

CRLF_MESSAGE = MESSAGE.replace(b"\n", b"\r\n")
OPEN = (b"EHLO client.example\r\nMAIL FROM:<alice@example.org>\r\n"
        b"RCPT TO:<bob@example.org>\r\n")
WHOLE = OPEN + b"DATA\r\n" + CRLF_MESSAGE + b".\r\n"


def codes(text):
    """Returns the codes of each reply, as "250" or "550 5.1.1"."""
    found = []
    for line in text.splitlines():
        if line[3:4] == "-":
            continue
        code, _, rest = line.partition(" ")
        status = rest.partition(" ")[0]
        found.append(f"{code} {status}" if status[1:2] == "." else code)
    return found


@pytest.fixture
def feed(program, server):
    """Sends all input to the program at once; the server plays transcripts."""

    def feed(sent, *transcripts, argv=("-bs",), settings="tls off",
             config=None, name="sendmail", **options):
        server.play(*transcripts)
        program.write_config(config or account(server.port, settings))
        run = program.run(*argv, name=name, stdin=sent, **options)
        try:
            server.finish()
        except AssertionError as error:
            raise AssertionError(f"{error}\n{run}") from None
        program.check_wire(server, run)
        return run

    return feed


class PipeClient(smtplib.SMTP):
    """An SMTP client that is connected to the program by pipes."""

    def __init__(self, process):
        super().__init__(local_hostname="client.example")
        self.process = process
        self.file = process.stdout

    def send(self, data):
        if isinstance(data, str):
            data = data.encode(self.command_encoding)
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def close(self):
        self.file = None


@pytest.fixture
def client(program, server):
    """Starts the program and returns a client that waits for each reply."""
    started = []

    def client(*transcripts, settings="tls off", config=None, argv=("-bs",),
               **options):
        server.play(*transcripts)
        program.write_config(config or account(server.port, settings))
        pipe = PipeClient(program.start(*argv, name="sendmail", **options))
        started.append(pipe.process)
        assert pipe.getreply()[0] == 220
        return pipe

    yield client
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def end(program, server, client):
    """Waits for the program and the transcripts; returns the run."""
    client.file = None
    run = program.end(client.process)
    server.finish()
    return run


def test_smtplib_gets_a_reply_for_each_recipient(program, server, client):
    smtp = client(lines(greet("SIZE 1000000", "8BITMIME", "PIPELINING"), """
        C: MAIL FROM:<alice@example.org> SIZE=* BODY=8BITMIME
        S: 250 2.1.0 ok
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.5 ok
        C: RCPT TO:<gone@example.org>
        S: 550 5.1.1 no such user
        C: RCPT TO:<grey@example.org>
        S: 450-4.2.0 greylisted,
        S: 450 4.2.0 come again
    """, DATA, "S: 250 2.0.0 queued as 4711", QUIT))
    rejected = smtp.sendmail(
        "alice@example.org",
        ["bob@example.org", "gone@example.org", "grey@example.org"],
        CRLF_MESSAGE)
    assert rejected == {
        "gone@example.org": (550, b"5.1.1 mx.example said: no such user"),
        "grey@example.org": (
            450, b"4.2.0 mx.example said: greylisted, come again")}
    for keyword in ("pipelining", "8bitmime", "size", "enhancedstatuscodes",
                    "dsn", "smtputf8", "chunking", "binarymime", "deliverby",
                    "futurerelease", "mt-priority", "requiretls"):
        assert smtp.has_extn(keyword)
    assert smtp.esmtp_features["size"] == str(4 << 30)
    assert smtp.quit()[0] == 221
    run = end(program, server, smtp)
    assert run.status == 0 and run.stderr == ""
    assert server.message == CRLF_MESSAGE
    assert run.fields["result"] == "partial"


def test_the_final_reply_of_the_server_is_passed_on(feed):
    run = feed(WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, "S: 250 2.6.0 queued as 4711",
                     QUIT))
    assert run.status == 0
    assert "250 2.6.0 queued as 4711\n" in run.stdout.replace("\r", "")
    assert run.fields["result"] == "sent"
    assert run.fields["from"] == "alice@example.org"
    assert run.fields["recipients"] == "bob@example.org"


@pytest.mark.parametrize("sent, received, result", [
    ("451 4.3.0 not now", "451 4.3.0", "deferred"),
    ("452 no room", "452 4.3.1", "deferred"),
    ("554 5.7.1 spam", "554 5.7.1", "failed"),
    ("550 2.0.0 odd", "550 5.0.0", "failed"),
    ("421 4.3.2 going down", "451 4.3.2", "deferred"),
    ("354 again", "451 4.5.0", "uncertain"),
    ("nonsense", "451 4.5.0", "uncertain"),
])
def test_a_rejected_message_gets_the_reply_of_the_server(
        feed, sent, received, result):
    closes = sent.startswith(("421", "nonsense"))
    run = feed(WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, f"S: {sent}",
                     "" if closes else QUIT))
    assert run.status == 0 and run.stderr == ""
    assert codes(run.stdout)[-2:] == [received, "221 2.0.0"]
    assert run.fields["result"] == result


def test_a_connection_lost_after_the_final_dot_is_uncertain(feed):
    run = feed(WHOLE + b"QUIT\r\n", lines(greet(), ENVELOPE, DATA, "CLOSE"))
    assert codes(run.stdout)[-2:] == ["451 4.4.2", "221 2.0.0"]
    assert "may have been delivered" in run.stdout
    assert run.fields["result"] == "uncertain"


def test_an_error_in_the_configuration_concerns_mail_alone(
        program, server, client):
    smtp = client(config="no configuration\n")
    assert smtp.ehlo()[0] == 250
    assert smtp.noop()[0] == 250
    assert smtp.docmd("VRFY bob")[0] == 252
    assert smtp.docmd("VERB on")[0] == 250
    code, text = smtp.docmd("HELP")
    assert code == 214 and b"XQUEUE" not in text
    assert smtp.quit()[0] == 221
    run = end(program, server, smtp)
    assert run.status == 0 and run.stderr == ""


def test_a_server_that_is_down_is_a_temporary_failure(program, server, feed):
    server.go_down()
    sent = b"MAIL FROM:<a@example.org>\r\n"
    run = feed(sent + sent + b"RCPT TO:<b@example.org>\r\nQUIT\r\n")
    assert codes(run.stdout) == ["220", "451 4.4.1", "451 4.4.1", "503 5.5.1",
                                 "221 2.0.0"]
    assert run.status == 0 and run.stderr == ""
    assert run.log.count("result=deferred") == 2


def test_an_unknown_host_name_is_a_configuration_error(program, feed):
    program.hosts["mx.example"] = "none"
    run = feed(b"MAIL FROM:<a@example.org>\r\nQUIT\r\n")
    assert codes(run.stdout) == ["220", "554 5.3.5", "221 2.0.0"]


def test_mail_is_relayed_over_tls_with_authentication(
        program, server, trust, feed):
    run = feed(WHOLE + b"QUIT\r\n",
               lines(SECURED, LOGIN, ENVELOPE, DATA, ACCEPTED, QUIT),
               config=account(server.port, f"{trust}\n{LOGIN_SETTINGS}",
                              "mx.test"))
    assert run.status == 0 and run.stderr == ""
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    assert run.fields["auth"] == "PLAIN"


def test_a_wrong_password_rejects_mail(server, trust, feed):
    rejected = LOGIN.replace("S: 235 2.7.0 welcome", "S: 535 5.7.8 go away")
    run = feed(b"MAIL FROM:<alice@example.org>\r\nQUIT\r\n",
               lines(SECURED, rejected, "C? QUIT"),
               config=account(server.port, f"{trust}\n{LOGIN_SETTINGS}",
                              "mx.test"))
    assert codes(run.stdout) == ["220", "554 5.7.8", "221 2.0.0"]


def test_after_a_rejected_sender_another_one_may_follow(feed):
    run = feed(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n"
               b"MAIL FROM:<alice@example.org>\r\nQUIT\r\n",
               lines(greet(), """
                   C: MAIL FROM:<a@example.org>
                   S: 550 5.7.1 not you
               """, MAIL, QUIT))
    assert codes(run.stdout) == ["220", "550 5.7.1", "503 5.5.1", "250 2.1.0",
                                 "221 2.0.0"]


def test_two_messages_share_a_session_with_the_server(feed):
    run = feed(WHOLE + WHOLE[WHOLE.index(b"MAIL"):] + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED,
                     ENVELOPE, DATA, ACCEPTED, QUIT))
    assert run.status == 0
    assert codes(run.stdout).count("354") == 2
    assert run.log.count("result=sent") == 2


def test_rset_resets_the_transaction_with_the_server(feed):
    run = feed(OPEN + b"RSET\r\n" + WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, """
                   C: RSET
                   S: 250 2.0.0 ok
               """, ENVELOPE, DATA, ACCEPTED, QUIT))
    assert run.status == 0
    assert run.log.count("result=") == 1


def test_a_message_is_accepted_after_a_rejected_one(feed):
    run = feed(WHOLE + WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, "S: 554 5.6.0 no", ENVELOPE,
                     DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]


@pytest.mark.parametrize("session_end", [
    "CLOSE", "S: 421 4.4.2 idle for too long\nCLOSE"])
def test_a_session_that_the_server_closed_is_opened_again(
        program, server, client, session_end):
    smtp = client(lines(greet(), ENVELOPE, DATA, ACCEPTED, session_end),
                  lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert not smtp.sendmail("alice@example.org", "bob@example.org",
                             CRLF_MESSAGE)
    wait_until(lambda: server.connections[0].sock.fileno() < 0)
    assert not smtp.sendmail("alice@example.org", "bob@example.org",
                             CRLF_MESSAGE)
    assert smtp.quit()[0] == 221
    assert end(program, server, smtp).status == 0
    assert len(server.messages) == 2


def test_a_connection_lost_within_a_transaction_fails_only_that_one(feed):
    run = feed(OPEN + b"RCPT TO:<carol@example.org>\r\nDATA\r\n.\r\nRSET\r\n"
               + WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, "CLOSE"),
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout) == [
        "220", "250", "250 2.1.0", "250 2.1.5", "451 4.4.2", "354",
        "451 4.4.2", "250 2.0.0", "250", "250 2.1.0", "250 2.1.5", "354",
        "250 2.0.0", "221 2.0.0"]


def test_data_is_rejected_without_an_accepted_recipient(server, feed):
    run = feed(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<a@example.org>\r\n"
               b"RCPT TO:<b@example.org>\r\nDATA\r\nRSET\r\nQUIT\r\n",
               lines(greet(), MAIL, """
                   C: RCPT TO:<a@example.org>
                   S: 550 5.1.1 no
                   C: RCPT TO:<b@example.org>
                   S: 452 4.2.2 full
               """, QUIT))
    assert codes(run.stdout) == ["220", "250 2.1.0", "550 5.1.1", "452 4.2.2",
                                 "554 5.5.1", "250 2.0.0", "221 2.0.0"]
    assert run.fields["result"] == "failed"


def test_a_recipient_given_twice_is_sent_once(feed):
    run = feed(OPEN + b"RCPT TO:<bob@EXAMPLE.org>\r\nRSET\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, QUIT))
    assert codes(run.stdout)[3:5] == ["250 2.1.5", "250 2.1.5"]


def test_impossible_fields_are_replaced(server, feed):
    run = feed(OPEN + b"DATA\r\nFrom: Backup Service\r\nDate: x\r\n"
               b"To: bob@example.org <bob@example.org>\r\n\r\nx\r\n.\r\n"
               b"QUIT\r\n", lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert run.status == os.EX_OK, run
    assert b"From: Backup Service <alice@example.org>\r\n" in server.message
    assert b'To: "bob@example.org" <bob@example.org>\r\n' in server.message
    assert b"Date: x" not in server.message


def test_the_server_decides_about_the_length_of_a_local_part(feed):
    long = b"srs0=" + b"x" * 245
    sent = OPEN.replace(b"alice", long).replace(b"bob", long)
    run = feed(sent + b"RSET\r\nQUIT\r\n",
               lines(greet(), ENVELOPE.replace("alice", long.decode()).replace(
                   "bob", long.decode()), QUIT))
    assert codes(run.stdout)[2:4] == ["250 2.1.0", "250 2.1.5"]


def test_a_rejected_recipient_may_be_given_again(feed):
    rcpt = b"RCPT TO:<bob@example.org>\r\n"
    run = feed(b"MAIL FROM:<alice@example.org>\r\n" + rcpt + rcpt
               + b"DATA\r\n" + CRLF_MESSAGE + b".\r\nQUIT\r\n",
               lines(greet(), MAIL, """
                   C: RCPT TO:<bob@example.org>
                   S: 450 4.2.0 later
               """, RCPT, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[2:4] == ["450 4.2.0", "250 2.1.5"]
    assert run.fields["result"] == "sent"


def test_a_client_may_end_lines_with_lf(server, feed):
    run = feed(WHOLE.replace(b"\r\n", b"\n") + b"QUIT\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    assert server.message == CRLF_MESSAGE


@pytest.mark.parametrize("inside", [
    b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r",
    b"\r\n\0.\r\n", b"\n\r.\r\n",
], ids=repr)
def test_no_line_ending_smuggles_a_command(server, feed, inside):
    """The command reaches neither the program nor the server."""
    evil = b"MAIL FROM:<evil@example.org>\r\n"
    run = feed(OPEN + b"DATA\r\n" + CRLF_MESSAGE + b"text" + inside + evil
               + b".\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[-3:] == ["354", "250 2.0.0", "221 2.0.0"]
    assert evil in server.message
    for line in server.stuffed.split(b"\r\n"):
        assert line != b"." and b"\r" not in line and b"\n" not in line


@pytest.mark.parametrize("cut, status", [
    (0, 0), (5, 0), (len(b"EHLO client.example\r\n"), 0),
    (OPEN.index(b"RCPT"), 75), (OPEN.index(b"RCPT") + 7, 75),
    (len(OPEN), 75), (len(OPEN) + 4, 75), (len(OPEN) + 6, 75),
    (len(OPEN) + 16, 75), (-6, 75), (-3, 75), (-2, 75), (-1, 75),
    (len(WHOLE), 0),
])
def test_end_of_input_within_a_transaction_is_a_temporary_failure(
        server, feed, cut, status):
    sent = WHOLE[:cut] if cut else b""
    steps = lines("C? MAIL FROM:<alice@example.org>")
    if len(sent) >= OPEN.index(b"RCPT"):
        steps = MAIL
    if len(sent) >= len(OPEN):
        steps = ENVELOPE
    if sent == WHOLE:
        steps = lines(ENVELOPE, DATA, ACCEPTED)
    connected = [lines(greet(), steps, QUIT)] if b"MAIL" in sent else []
    if len(sent) < OPEN.index(b"RCPT"):
        connected = []
    run = feed(sent, *connected)
    assert run.status == status, run
    assert len(server.messages) == (sent == WHOLE)
    assert bool(run.stderr) == bool(status)


def test_missing_fields_are_added_and_bcc_is_removed(server, feed):
    run = feed(OPEN + b"DATA\r\nFrom: a@example.org\r\nBcc: c@bcc.example\r\n"
               b"\r\nhi\r\n.\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    head = server.message.partition(b"\r\n\r\n")[0]
    assert b"Bcc" not in head and b"c@bcc.example" not in head
    for field in (b"Date: ", b"Message-ID: <", b"To: undisclosed-recipients:;"):
        assert b"\r\n" + field in head


def test_a_mail_loop_is_rejected(feed):
    run = feed(OPEN + b"DATA\r\n" + b"Received: by x\r\n" * 51
               + CRLF_MESSAGE + b".\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, QUIT))
    assert codes(run.stdout)[-2:] == ["554 5.4.6", "221 2.0.0"]


def test_a_message_larger_than_size_is_rejected(feed):
    run = feed(WHOLE + b"QUIT\r\n", lines(greet("SIZE 100"), ENVELOPE, QUIT))
    assert codes(run.stdout)[-2:] == ["552 5.3.4", "221 2.0.0"]


def test_a_large_message_is_relayed(server, feed):
    body = b"x" * 78 + b"\r\n"
    run = feed(OPEN + b"DATA\r\n" + CRLF_MESSAGE + 30000 * body
               + b".\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    assert server.message == CRLF_MESSAGE + 30000 * body


DSN = (b"MAIL FROM:<alice@example.org> SIZE=7 RET=HDRS ENVID=QQ1 BODY=7BIT\r\n"
       b"RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY "
       b"ORCPT=rfc822;b+2Bb@example.com\r\nQUIT\r\n")


def test_dsn_parameters_are_sent_to_a_server_that_offers_dsn(feed):
    feed(DSN, lines(greet("DSN", "SIZE", "8BITMIME"), """
        C: MAIL FROM:<alice@example.org> SIZE=7 RET=HDRS ENVID=QQ1
        S: 250 ok
        C: RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bb@example.com
        S: 250 ok
    """, QUIT))


def test_dsn_parameters_are_not_sent_to_a_server_without_dsn(feed):
    feed(DSN, lines(greet(), """
        C: MAIL FROM:<alice@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, QUIT))


def test_the_sender_selects_the_account(program, server, feed):
    other = ScriptedServer()
    other.play(lines(greet(), """
        C: MAIL FROM:<carol@example.com>
        S: 250 ok
    """, QUIT))
    run = feed(b"MAIL FROM:<carol@example.com>\r\nRSET\r\n" + WHOLE
               + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT),
               config=account(server.port, "tls off")
               + account(other.port, "tls off\nfrom *@example.com").replace(
                   "account default", "account other"))
    other.finish()
    assert run.status == 0
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]


def test_with_allow_from_override_off_the_sender_of_the_account_is_used(feed):
    feed(b"MAIL FROM:<evil@example.com>\r\nQUIT\r\n",
         lines(greet(), """
             C: MAIL FROM:<alice@example.org>
             S: 250 ok
         """, QUIT),
         settings="tls off\nfrom alice@example.org\nallow_from_override off")


def test_an_alias_is_rejected_if_one_of_its_recipients_is(tmp_path, feed):
    aliases = tmp_path / "aliases"
    aliases.write_text("staff: carol@example.org, dave@example.org\n"
                       "root: bob@example.org\n")
    run = feed(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<root>\r\n"
               b"RCPT TO:<staff>\r\nDATA\r\n" + CRLF_MESSAGE
               + b".\r\nQUIT\r\n",
               lines(greet(), MAIL, RCPT, """
                   C: RCPT TO:<carol@example.org>
                   S: 550 5.1.1 no such user
                   C: RCPT TO:<dave@example.org>
                   S: 250 2.1.5 ok
               """, DATA, ACCEPTED, QUIT),
               settings=f"tls off\naliases {aliases}")
    assert codes(run.stdout)[1:5] == ["250 2.1.0", "250 2.1.5", "550 5.1.1",
                                      "354"]


def test_the_log_has_the_size_of_the_encoded_message(server, feed):
    run = feed(WHOLE.replace(b"Hello", "Grüße".encode() * 100) + b"QUIT\r\n",
               lines(greet(), MAIL, RCPT, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"], run
    assert server.message.isascii()
    assert int(run.fields["size"]) == len(server.message)


def test_the_aliases_file_is_read_once(program, server, client, tmp_path):
    """A change to the file takes effect in the next session."""
    aliases = tmp_path / "aliases"
    aliases.write_text("one: bob@example.org\ntwo: carol@example.org\n")
    smtp = client(lines(greet(), MAIL, RCPT, """
        C: RCPT TO:<carol@example.org>
        S: 250 2.1.5 ok
    """, DATA, ACCEPTED, QUIT), settings=f"tls off\naliases {aliases}")
    smtp.ehlo()
    assert smtp.mail("alice@example.org")[0] == 250
    assert smtp.rcpt("one")[0] == 250
    aliases.write_text("this is no alias\n")
    assert smtp.rcpt("two")[0] == 250
    assert smtp.data(CRLF_MESSAGE)[0] == 250
    smtp.quit()
    assert end(program, server, smtp).status == 0


def test_an_invalid_aliases_file_is_read_again(
        program, server, client, tmp_path):
    aliases = tmp_path / "aliases"
    aliases.write_text("one is no alias\n")
    smtp = client(lines(greet(), MAIL, RCPT, DATA, ACCEPTED, QUIT),
                  settings=f"tls off\naliases {aliases}")
    smtp.ehlo()
    assert smtp.mail("alice@example.org")[0] == 250
    assert smtp.rcpt("one")[0] >= 400
    aliases.write_text("one: bob@example.org\n")
    assert smtp.rcpt("one")[0] == 250
    assert smtp.data(CRLF_MESSAGE)[0] == 250
    smtp.quit()
    end(program, server, smtp)


def test_each_account_has_its_own_aliases(tmp_path, server, feed):
    for name in "alice", "carol":
        (tmp_path / name).write_text(f"root: {name}.admin@example.org\n")
    config = lines(*[f"""
        account {name}
        host mx.example
        port {server.port}
        domain client.example
        tls off
        from {name}@example.org
        aliases {tmp_path / name}
    """ for name in ("alice", "carol")]) + "\n"
    transcript = lines(greet(), """
        C: MAIL FROM:<{0}@example.org>
        S: 250 2.1.0 ok
        C: RCPT TO:<{0}.admin@example.org>
        S: 250 2.1.5 ok
    """, QUIT)
    order = ("alice", "carol", "alice")
    run = feed(b"".join(
        f"MAIL FROM:<{name}@example.org>\r\nRCPT TO:<root>\r\n"
        f"RSET\r\n".encode() for name in order) + b"QUIT\r\n",
               *[transcript.format(name) for name in order], config=config)
    assert codes(run.stdout)[1:-1] == 3 * ["250 2.1.0", "250 2.1.5",
                                           "250 2.0.0"]


def test_a_rewritten_sender_does_not_leak_memory(feed):
    """A build with sanitizers reports leaks."""
    run = feed(WHOLE + b"QUIT\r\n", lines(greet(), """
        C: MAIL FROM:<alice@provider.example>
        S: 250 ok
    """, RCPT, DATA, ACCEPTED, QUIT), settings=lines("""
        tls off
        rewrite alice@example.org alice@provider.example reply-to
    """))
    assert run.status == 0 and run.stderr == "", run


@pytest.mark.parametrize("argv", [
    ["-bs", "-odb", "-oem"], ["-bs", "-odi", "-oem", "-om"],
    ["-bs", "-t", "-f", "x@example.com", "-F", "X", "-N", "never"],
    ["-bs", "-i", "carol@example.org"],
], ids=" ".join)
def test_options_for_a_single_message_are_ignored(server, feed, argv):
    run = feed(WHOLE + b"QUIT\r\n",
               lines(greet("DSN"), ENVELOPE, DATA, ACCEPTED, QUIT), argv=argv)
    assert run.status == 0 and run.stderr == ""
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]


def test_verbose_shows_the_dialogue_with_the_server_on_stderr(feed):
    run = feed(WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT),
               argv=["-bs", "-ov"])
    assert run.stderr.startswith("<-- 220 mx.example ESMTP\n--> EHLO")


def test_logfile_does_not_write_to_standard_output(feed):
    run = feed(WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT), name="veredus",
               settings="tls off\nlogfile -")
    assert "exit=" not in run.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT,
                                    signal.SIGHUP])
@pytest.mark.parametrize("inside", [False, True])
def test_a_signal_ends_the_session_with_421(
        program, server, client, number, inside):
    smtp = client(*([lines(greet(), ENVELOPE, QUIT.replace("C:", "C?"))]
                    if inside else []))
    smtp.ehlo()
    if inside:
        smtp.mail("alice@example.org")
        smtp.rcpt("bob@example.org")
        smtp.docmd("DATA")
        smtp.send("Subject: x\r\n\r\nhi\r\n")
    time.sleep(0.2)
    smtp.process.send_signal(number)
    assert smtp.getreply()[0] == 421
    run = end(program, server, smtp)
    assert run.status == os.EX_TEMPFAIL, run
    assert not server.messages


def test_a_client_may_read_all_replies_at_the_end(program, server):
    """There are more replies than a pipe can hold, and no more input."""
    server.play(lines(greet(), ENVELOPE, QUIT.replace("C:", "C?")))
    program.write_config(account(server.port, "tls off"))
    process = program.start("-bs", name="sendmail")
    process.stdin.write(b"MAIL FROM:<alice@example.org>\r\n"
                        + b"RCPT TO:<bob@example.org>\r\n" * 9000
                        + b"QUIT\r\n")
    process.stdin.close()
    process.stdin = None
    time.sleep(0.5)
    run = program.end(process)
    server.finish()
    assert run.status == 0
    assert codes(run.stdout) == ["220", "250 2.1.0"] + 9000 * ["250 2.1.5"] + [
        "221 2.0.0"]


@pytest.mark.parametrize("sent, status", [
    (b"", 0), (b"NOOP\r\n", 0), (b"QUIT\r\n", 0)])
def test_a_client_that_has_closed_its_end_is_no_error(
        program, server, sent, status):
    server.play()
    program.write_config(account(server.port, "tls off"))
    reading, writing = os.pipe()
    os.close(reading)
    run = program.run("-bs", name="sendmail", stdin=sent, stdout=writing)
    os.close(writing)
    server.finish()
    assert run.status == status and run.stderr == ""


@pytest.mark.parametrize("sent", [b"", b"NOOP\r\n", b"QUIT\r\n", WHOLE])
@pytest.mark.parametrize("output", ["full", "closed"])
def test_output_that_cannot_be_written_is_an_error(
        program, server, sent, output):
    """The client has not seen the greeting, so nothing is sent."""
    server.play()
    program.write_config(account(server.port, "tls off"))
    if output == "full":
        with open("/dev/full", "wb") as full:
            run = program.run("-bs", name="sendmail", stdin=sent, stdout=full)
    else:
        run = program.run("-bs", name="sendmail", stdin=sent,
                          preexec_fn=lambda: os.close(1))
    server.finish()
    assert run.status == os.EX_IOERR, run
    assert "cannot write to the client" in run.stderr


def test_a_final_reply_that_cannot_be_written_is_an_error(
        program, server, client):
    smtp = client(lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    smtp.mail("alice@example.org")
    smtp.rcpt("bob@example.org")
    smtp.docmd("DATA")
    smtp.process.stdout.close()
    smtp.process.stdout = None
    smtp.send(CRLF_MESSAGE + b".\r\n")
    run = end(program, server, smtp)
    assert run.status == os.EX_IOERR, run
    assert "the message was accepted, but the client could not be told" in (
        run.stderr)
    assert run.log.count("result=") == run.log.count("result=sent") == 1
    told = [line for line in run.log.splitlines()
            if "the message was sent, but the client could not be told, and "
            "may send it again" in line]
    assert len(told) == 1 and "msgid=" in told[0], run.log
    assert server.message == CRLF_MESSAGE


def test_a_wrong_option_is_reported_at_once(program, server):
    server.play()
    program.write_config(account(server.port, "tls off"))
    run = program.run("-bs", "--tls=foo", stdin=WHOLE)
    server.finish()
    assert run.status == os.EX_USAGE
    assert run.stdout == "" and "--tls" in run.stderr


def test_smtplib_sends_utf8(program, server, client):
    sender, recipient = "jürgen@example.org", "müller@bücher.example"
    smtp = client(lines(greet("SMTPUTF8", "8BITMIME"), f"""
        C: MAIL FROM:<{sender}> BODY=8BITMIME SMTPUTF8
        S: 250 2.1.0 ok
        C: RCPT TO:<{recipient}>
        S: 550 5.1.1 müller is not here
    """, QUIT))
    smtp.ehlo()
    assert smtp.mail(sender, ["SMTPUTF8"])[0] == 250
    assert smtp.rcpt(recipient) == (
        550, "5.1.1 mx.example said: müller is not here".encode())
    assert smtp.quit()[0] == 221
    assert end(program, server, smtp).status == 0


@pytest.mark.parametrize("keywords, text", [
    (["SMTPUTF8"], "needs SMTPUTF8, which MAIL did not declare"),
    ([], "needs SMTPUTF8, which the server does not offer")])
def test_a_recipient_in_utf8_needs_smtputf8(feed, keywords, text):
    """The sender and the recipients may have been accepted already."""
    run = feed(b"MAIL FROM:<alice@example.org>\r\n"
               + "RCPT TO:<müller@example.org>\r\n".encode()
               + "RCPT TO:<bob@bücher.example>\r\nQUIT\r\n".encode(),
               lines(greet(*keywords), MAIL, """
                   C: RCPT TO:<bob@xn--bcher-kva.example>
                   S: 250 2.1.5 ok
               """, QUIT))
    assert codes(run.stdout)[1:4] == ["250 2.1.0", "554 5.6.7", "250 2.1.5"]
    assert text in run.stdout


@pytest.mark.parametrize("keywords, text", [
    (["SMTPUTF8", "8BITMIME"], "which MAIL did not declare"),
    ([], "which the server does not offer")])
def test_an_address_in_utf8_in_the_header_needs_smtputf8(
        feed, keywords, text):
    run = feed(b"MAIL FROM:<alice@example.org>\r\n"
               b"RCPT TO:<bob@example.org>\r\nDATA\r\n"
               + "To: x@bücher.example\r\nCc: müller@example.org\r\n"
               "\r\nx\r\n.\r\nQUIT\r\n".encode(),
               lines(greet(*keywords), ENVELOPE, "C? RSET\nS: 250 ok",
                     QUIT.replace("C:", "C?")))
    assert codes(run.stdout)[-2] == "554 5.6.7", run
    assert ("the address <m??ller@example.org> in the field Cc needs SMTPUTF8, "
            + text) in run.stdout


def test_a_sender_in_utf8_declares_smtputf8(feed):
    run = feed("MAIL FROM:<müller@example.org>\r\nQUIT\r\n".encode(),
               lines(greet("SMTPUTF8", "8BITMIME"), """
                   C: MAIL FROM:<müller@example.org> BODY=8BITMIME SMTPUTF8
                   S: 250 2.1.0 ok
               """, QUIT))
    assert codes(run.stdout)[1] == "250 2.1.0"


@needs_fast_clock
@pytest.mark.parametrize("inside", [False, True])
def test_a_client_that_is_silent_for_five_minutes_is_disconnected(
        program, server, client, inside):
    smtp = client(*([lines(greet(), ENVELOPE, QUIT.replace("C:", "C?"))]
                    if inside else []), env={"VEREDUS_TEST_SPEED": "100"})
    if inside:
        smtp.ehlo()
        smtp.mail("alice@example.org")
    began = time.monotonic()
    if inside:
        smtp.rcpt("bob@example.org")
    else:
        smtp.ehlo()
    code, text = smtp.getreply()
    seconds = (time.monotonic() - began) * 100
    assert code == 421 and text.startswith(b"4.4.2 ")
    assert b"sent nothing for 300 seconds" in text
    assert 295 < seconds < 2000
    run = end(program, server, smtp)
    assert run.status == (os.EX_TEMPFAIL if inside else 0)
    assert not server.messages


def test_rejected_commands_end_the_session(server, feed):
    run = feed(30 * b"WHO ARE YOU\r\n" + WHOLE)
    assert codes(run.stdout) == ["220", *20 * ["500 5.5.1"], "421 4.7.0"]
    assert run.status == 0


def test_a_closed_standard_input_is_an_error(program, server):
    server.play()
    process = program.start(
        "-bs", name="sendmail", preexec_fn=lambda: os.close(0))
    assert program.end(process).status == os.EX_NOINPUT


def test_the_greeting_does_not_wait_for_the_lookup_of_the_server(
        program, server, client):
    """The greeting is sent although the resolver does not return."""
    program.hosts["mx.example"] = "hang"
    began = time.monotonic()
    smtp = client()
    assert smtp.ehlo()[0] == 250
    assert time.monotonic() - began < 30
    assert smtp.quit()[0] == 221
    assert end(program, server, smtp).status == 0
