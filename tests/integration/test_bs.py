# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""-bs: SMTP on standard input and output, taken to the account's server."""

import os
import signal
import smtplib
import time

import pytest

from dialogue import (DATA, ENVELOPE, LOGIN, LOGIN_SETTINGS, MAIL, QUIT, RCPT,
                      SECURED, TAKEN, greet, lines)
from program import MESSAGE, account
from scripted import ScriptedServer

CRLF_MESSAGE = MESSAGE.replace(b"\n", b"\r\n")
OPEN = (b"EHLO client.example\r\nMAIL FROM:<alice@example.org>\r\n"
        b"RCPT TO:<bob@example.org>\r\n")
WHOLE = OPEN + b"DATA\r\n" + CRLF_MESSAGE + b".\r\n"


def codes(text):
    """The last line of each reply, code and status: "250", "550 5.1.1"."""
    found = []
    for line in text.splitlines():
        if line[3:4] == "-":
            continue
        code, _, rest = line.partition(" ")
        status = rest.partition(" ")[0]
        found.append(f"{code} {status}" if status[1:2] == "." else code)
    return found


@pytest.fixture
def talk(program, server):
    """Gives the client's octets at once; the transcripts are the server's."""

    def talk(sent, *transcripts, argv=("-bs",), settings="tls off",
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

    return talk


class Pipe(smtplib.SMTP):
    """A client that starts its server and talks to it through pipes."""

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
    """Starts the program for a client that waits for each reply."""
    started = []

    def client(*transcripts, settings="tls off", config=None, argv=("-bs",),
               **options):
        server.play(*transcripts)
        program.write_config(config or account(server.port, settings))
        pipe = Pipe(program.start(*argv, name="sendmail", **options))
        started.append(pipe.process)
        assert pipe.getreply()[0] == 220
        return pipe

    yield client
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def end(program, server, client):
    client.file = None
    run = program.end(client.process)
    server.finish()
    return run


def test_a_message_through_smtplib(program, server, client):
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
    refused = smtp.sendmail(
        "alice@example.org",
        ["bob@example.org", "gone@example.org", "grey@example.org"],
        CRLF_MESSAGE)
    assert refused == {
        "gone@example.org": (550, b"5.1.1 mx.example said: no such user"),
        "grey@example.org": (
            450, b"4.2.0 mx.example said: greylisted, come again")}
    for keyword in ("pipelining", "8bitmime", "size", "enhancedstatuscodes",
                    "dsn"):
        assert smtp.has_extn(keyword)
    assert not smtp.has_extn("smtputf8")
    assert smtp.quit()[0] == 221
    run = end(program, server, smtp)
    assert run.status == 0 and run.stderr == ""
    assert server.message == CRLF_MESSAGE
    assert run.fields["result"] == "partial"


def test_the_end_of_data_has_the_servers_own_words(talk):
    run = talk(WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, "S: 250 2.6.0 queued as 4711",
                     QUIT))
    assert run.status == 0
    assert "250 2.6.0 queued as 4711\n" in run.stdout.replace("\r", "")
    assert run.fields["result"] == "sent"
    assert run.fields["from"] == "alice@example.org"
    assert run.fields["recipients"] == "bob@example.org"


@pytest.mark.parametrize("said, heard, result", [
    ("451 4.3.0 not now", "451 4.3.0", "deferred"),
    ("452 no room", "452 4.3.1", "deferred"),
    ("554 5.7.1 spam", "554 5.7.1", "failed"),
    ("550 2.0.0 odd", "550 5.0.0", "failed"),
    ("421 4.3.2 going down", "451 4.3.2", "deferred"),
    ("354 again", "451 4.5.0", "uncertain"),
    ("nonsense", "451 4.5.0", "uncertain"),
])
def test_a_refused_message(talk, said, heard, result):
    gone = said.startswith(("421", "nonsense"))
    run = talk(WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, f"S: {said}",
                     "" if gone else QUIT))
    assert run.status == 0 and run.stderr == ""
    assert codes(run.stdout)[-2:] == [heard, "221 2.0.0"]
    assert run.fields["result"] == result


def test_a_lost_connection_after_the_dot_is_uncertain(talk):
    run = talk(WHOLE + b"QUIT\r\n", lines(greet(), ENVELOPE, DATA, "CLOSE"))
    assert codes(run.stdout)[-2:] == ["451 4.4.2", "221 2.0.0"]
    assert "may have been delivered" in run.stdout
    assert run.fields["result"] == "uncertain"


def test_nothing_is_read_before_mail(program, server, client):
    smtp = client(config="no configuration\n")
    assert smtp.ehlo()[0] == 250
    assert smtp.noop()[0] == 250
    assert smtp.docmd("VRFY bob")[0] == 252
    assert smtp.docmd("VERB on")[0] == 250
    assert smtp.docmd("HELP")[0] == 214
    assert smtp.quit()[0] == 221
    run = end(program, server, smtp)
    assert run.status == 0 and run.stderr == ""


def test_a_configuration_that_was_mended_counts(program, server, client):
    smtp = client(lines(greet(), MAIL, QUIT), config="no configuration\n")
    code, text = smtp.mail("alice@example.org")
    assert code == 554 and text.startswith(b"5.3.5 ")
    program.write_config(account(server.port, "tls off"))
    assert smtp.mail("alice@example.org")[0] == 250
    assert smtp.quit()[0] == 221
    assert end(program, server, smtp).status == 0


def test_a_server_that_is_not_there(program, server, talk):
    server.listener.close()
    server.listener = ScriptedServer().listener
    sent = b"MAIL FROM:<a@example.org>\r\n"
    run = talk(sent + sent + b"RCPT TO:<b@example.org>\r\nQUIT\r\n")
    assert codes(run.stdout) == ["220", "451 4.4.1", "451 4.4.1", "503 5.5.1",
                                 "221 2.0.0"]
    assert run.status == 0 and run.stderr == ""
    assert run.log.count("result=deferred") == 2


def test_a_name_that_is_not_there_is_for_the_administrator(program, talk):
    program.hosts["mx.example"] = "none"
    run = talk(b"MAIL FROM:<a@example.org>\r\nQUIT\r\n")
    assert codes(run.stdout) == ["220", "554 5.3.5", "221 2.0.0"]


def test_a_login_over_tls(program, server, trust, talk):
    run = talk(WHOLE + b"QUIT\r\n",
               lines(SECURED, LOGIN, ENVELOPE, DATA, TAKEN, QUIT),
               config=account(server.port, f"{trust}\n{LOGIN_SETTINGS}",
                              "mx.test"))
    assert run.status == 0 and run.stderr == ""
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    assert run.fields["auth"] == "PLAIN"


def test_a_wrong_password(server, trust, talk):
    refused = LOGIN.replace("S: 235 2.7.0 welcome", "S: 535 5.7.8 go away")
    run = talk(b"MAIL FROM:<alice@example.org>\r\nQUIT\r\n",
               lines(SECURED, refused, "C? QUIT"),
               config=account(server.port, f"{trust}\n{LOGIN_SETTINGS}",
                              "mx.test"))
    assert codes(run.stdout) == ["220", "554 5.7.8", "221 2.0.0"]


def test_a_refused_sender(talk):
    run = talk(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n"
               b"MAIL FROM:<alice@example.org>\r\nQUIT\r\n",
               lines(greet(), """
                   C: MAIL FROM:<a@example.org>
                   S: 550 5.7.1 not you
               """, MAIL, QUIT))
    assert codes(run.stdout) == ["220", "550 5.7.1", "503 5.5.1", "250 2.1.0",
                                 "221 2.0.0"]


def test_two_messages_in_one_session_with_the_server(talk):
    run = talk(WHOLE + WHOLE[WHOLE.index(b"MAIL"):] + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, TAKEN, ENVELOPE, DATA, TAKEN,
                     QUIT))
    assert run.status == 0
    assert codes(run.stdout).count("354") == 2
    assert run.log.count("result=sent") == 2


def test_a_transaction_that_was_given_up_is_reset(talk):
    run = talk(OPEN + b"RSET\r\n" + WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, """
                   C: RSET
                   S: 250 2.0.0 ok
               """, ENVELOPE, DATA, TAKEN, QUIT))
    assert run.status == 0
    assert run.log.count("result=") == 1


def test_a_message_after_a_refused_one(talk):
    run = talk(WHOLE + WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, "S: 554 5.6.0 no", ENVELOPE,
                     DATA, TAKEN, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]


@pytest.mark.parametrize("last_words", [
    "CLOSE", "S: 421 4.4.2 idle for too long\nCLOSE"])
def test_a_session_that_the_server_has_ended_is_opened_again(
        program, server, client, last_words):
    smtp = client(lines(greet(), ENVELOPE, DATA, TAKEN, last_words),
                  lines(greet(), ENVELOPE, DATA, TAKEN, QUIT))
    for _ in range(2):
        assert not smtp.sendmail("alice@example.org", "bob@example.org",
                                 CRLF_MESSAGE)
        time.sleep(0.2)
    assert smtp.quit()[0] == 221
    assert end(program, server, smtp).status == 0
    assert len(server.messages) == 2


def test_a_connection_that_is_lost_within_a_transaction(talk):
    run = talk(OPEN + b"RCPT TO:<carol@example.org>\r\nDATA\r\n.\r\nRSET\r\n"
               + WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, "CLOSE"),
               lines(greet(), ENVELOPE, DATA, TAKEN, QUIT))
    assert codes(run.stdout) == [
        "220", "250", "250 2.1.0", "250 2.1.5", "451 4.4.2", "354",
        "451 4.4.2", "250 2.0.0", "250", "250 2.1.0", "250 2.1.5", "354",
        "250 2.0.0", "221 2.0.0"]


def test_all_recipients_refused(server, talk):
    run = talk(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<a@example.org>\r\n"
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


def test_somebody_named_twice_is_offered_once(talk):
    run = talk(OPEN + b"RCPT TO:<bob@EXAMPLE.org>\r\nRSET\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, QUIT))
    assert codes(run.stdout)[3:5] == ["250 2.1.5", "250 2.1.5"]


def test_somebody_who_was_refused_is_offered_again(talk):
    rcpt = b"RCPT TO:<bob@example.org>\r\n"
    run = talk(b"MAIL FROM:<alice@example.org>\r\n" + rcpt + rcpt
               + b"DATA\r\n" + CRLF_MESSAGE + b".\r\nQUIT\r\n",
               lines(greet(), MAIL, """
                   C: RCPT TO:<bob@example.org>
                   S: 450 4.2.0 later
               """, RCPT, DATA, TAKEN, QUIT))
    assert codes(run.stdout)[2:4] == ["450 4.2.0", "250 2.1.5"]
    assert run.fields["result"] == "sent"


def test_a_client_that_speaks_lf_alone(server, talk):
    run = talk(WHOLE.replace(b"\r\n", b"\n") + b"QUIT\n",
               lines(greet(), ENVELOPE, DATA, TAKEN, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    assert server.message == CRLF_MESSAGE


@pytest.mark.parametrize("inside", [
    b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r",
    b"\r\n\0.\r\n", b"\n\r.\r\n",
], ids=repr)
def test_no_command_is_smuggled(server, talk, inside):
    """In neither direction: not into us, and not through us."""
    evil = b"MAIL FROM:<evil@example.org>\r\n"
    run = talk(OPEN + b"DATA\r\n" + CRLF_MESSAGE + b"text" + inside + evil
               + b".\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, DATA, TAKEN, QUIT))
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
def test_the_end_of_the_input_anywhere(server, talk, cut, status):
    sent = WHOLE[:cut] if cut else b""
    steps = lines("C? MAIL FROM:<alice@example.org>")
    if len(sent) >= OPEN.index(b"RCPT"):
        steps = MAIL
    if len(sent) >= len(OPEN):
        steps = ENVELOPE
    if sent == WHOLE:
        steps = lines(ENVELOPE, DATA, TAKEN)
    connected = [lines(greet(), steps, QUIT)] if b"MAIL" in sent else []
    if len(sent) < OPEN.index(b"RCPT"):
        connected = []
    run = talk(sent, *connected)
    assert run.status == status, run
    assert len(server.messages) == (sent == WHOLE)
    assert bool(run.stderr) == bool(status)


def test_the_message_is_completed_and_bcc_goes(server, talk):
    run = talk(OPEN + b"DATA\r\nFrom: a@example.org\r\nBcc: c@bcc.example\r\n"
               b"\r\nhi\r\n.\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, DATA, TAKEN, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    head = server.message.partition(b"\r\n\r\n")[0]
    assert b"Bcc" not in head and b"c@bcc.example" not in head
    for field in (b"Date: ", b"Message-ID: <", b"To: undisclosed-recipients:;"):
        assert b"\r\n" + field in head


def test_a_loop_ends_here(talk):
    run = talk(OPEN + b"DATA\r\n" + b"Received: by x\r\n" * 51
               + CRLF_MESSAGE + b".\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, QUIT))
    assert codes(run.stdout)[-2:] == ["554 5.4.6", "221 2.0.0"]


def test_a_message_that_the_server_would_not_take(talk):
    run = talk(WHOLE + b"QUIT\r\n", lines(greet("SIZE 100"), ENVELOPE, QUIT))
    assert codes(run.stdout)[-2:] == ["552 5.3.4", "221 2.0.0"]


def test_a_large_message(server, talk):
    body = b"x" * 78 + b"\r\n"
    run = talk(OPEN + b"DATA\r\n" + CRLF_MESSAGE + 30000 * body
               + b".\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, DATA, TAKEN, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    assert server.message == CRLF_MESSAGE + 30000 * body


DSN = (b"MAIL FROM:<alice@example.org> SIZE=7 RET=HDRS ENVID=QQ1 BODY=7BIT\r\n"
       b"RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY "
       b"ORCPT=rfc822;b+2Bb@example.com\r\nQUIT\r\n")


def test_parameters_go_to_a_server_that_offers_them(talk):
    talk(DSN, lines(greet("DSN", "SIZE", "8BITMIME"), """
        C: MAIL FROM:<alice@example.org> SIZE=7 RET=HDRS ENVID=QQ1
        S: 250 ok
        C: RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bb@example.com
        S: 250 ok
    """, QUIT))


def test_parameters_stay_away_from_a_server_that_does_not(talk):
    talk(DSN, lines(greet(), """
        C: MAIL FROM:<alice@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, QUIT))


def test_the_sender_chooses_the_account(program, server, talk):
    other = ScriptedServer()
    other.play(lines(greet(), """
        C: MAIL FROM:<carol@example.com>
        S: 250 ok
    """, QUIT))
    run = talk(b"MAIL FROM:<carol@example.com>\r\nRSET\r\n" + WHOLE
               + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, TAKEN, QUIT),
               config=account(server.port, "tls off")
               + account(other.port, "tls off\nfrom *@example.com").replace(
                   "account default", "account other"))
    other.finish()
    assert run.status == 0
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]


def test_an_account_may_insist_on_its_sender(talk):
    talk(b"MAIL FROM:<evil@example.com>\r\nQUIT\r\n",
         lines(greet(), """
             C: MAIL FROM:<alice@example.org>
             S: 250 ok
         """, QUIT),
         settings="tls off\nfrom alice@example.org\nallow_from_override off")


def test_an_alias_is_as_good_as_who_it_stands_for(tmp_path, talk):
    aliases = tmp_path / "aliases"
    aliases.write_text("staff: carol@example.org, dave@example.org\n"
                       "root: bob@example.org\n")
    run = talk(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<root>\r\n"
               b"RCPT TO:<staff>\r\nDATA\r\n" + CRLF_MESSAGE
               + b".\r\nQUIT\r\n",
               lines(greet(), MAIL, RCPT, """
                   C: RCPT TO:<carol@example.org>
                   S: 550 5.1.1 no such user
                   C: RCPT TO:<dave@example.org>
                   S: 250 2.1.5 ok
               """, DATA, TAKEN, QUIT),
               settings=f"tls off\naliases {aliases}")
    assert codes(run.stdout)[1:5] == ["250 2.1.0", "250 2.1.5", "550 5.1.1",
                                      "354"]


def test_aliases_are_read_once(program, server, client, tmp_path):
    """What changes in the file holds for the next client."""
    aliases = tmp_path / "aliases"
    aliases.write_text("one: bob@example.org\ntwo: carol@example.org\n")
    smtp = client(lines(greet(), MAIL, RCPT, """
        C: RCPT TO:<carol@example.org>
        S: 250 2.1.5 ok
    """, DATA, TAKEN, QUIT), settings=f"tls off\naliases {aliases}")
    smtp.ehlo()
    assert smtp.mail("alice@example.org")[0] == 250
    assert smtp.rcpt("one")[0] == 250
    aliases.write_text("this is no alias\n")
    assert smtp.rcpt("two")[0] == 250
    assert smtp.data(CRLF_MESSAGE)[0] == 250
    smtp.quit()
    assert end(program, server, smtp).status == 0


def test_aliases_that_were_wrong_are_read_again(program, server, client,
                                                tmp_path):
    aliases = tmp_path / "aliases"
    aliases.write_text("this is no alias\n")
    smtp = client(lines(greet(), MAIL, RCPT, DATA, TAKEN, QUIT),
                  settings=f"tls off\naliases {aliases}")
    smtp.ehlo()
    assert smtp.mail("alice@example.org")[0] == 250
    assert smtp.rcpt("one")[0] >= 400
    aliases.write_text("one: bob@example.org\n")
    assert smtp.rcpt("one")[0] == 250
    assert smtp.data(CRLF_MESSAGE)[0] == 250
    smtp.quit()
    end(program, server, smtp)


def test_each_account_has_its_own_aliases(tmp_path, server, talk):
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
    run = talk(b"".join(
        f"MAIL FROM:<{name}@example.org>\r\nRCPT TO:<root>\r\n"
        f"RSET\r\n".encode() for name in order) + b"QUIT\r\n",
        *[transcript.format(name) for name in order], config=config)
    assert codes(run.stdout)[1:-1] == 3 * ["250 2.1.0", "250 2.1.5",
                                           "250 2.0.0"]


def test_each_recipient_with_a_sender_that_is_rewritten(talk):
    """A build with sanitizers sees whether anything leaks."""
    run = talk(WHOLE + b"QUIT\r\n", lines(greet(), """
        C: MAIL FROM:<alice@provider.example>
        S: 250 ok
    """, RCPT, DATA, TAKEN, QUIT), settings=lines("""
        tls off
        rewrite alice@example.org alice@provider.example reply-to
    """))
    assert run.status == 0 and run.stderr == "", run


@pytest.mark.parametrize("argv", [
    ["-bs", "-odb", "-oem"], ["-bs", "-odi", "-oem", "-om"],
    ["-bs", "-t", "-f", "x@example.com", "-F", "X", "-N", "never"],
    ["-bs", "-i", "carol@example.org"],
], ids=" ".join)
def test_switches_for_one_message_are_ignored(server, talk, argv):
    run = talk(WHOLE + b"QUIT\r\n",
               lines(greet("DSN"), ENVELOPE, DATA, TAKEN, QUIT), argv=argv)
    assert run.status == 0 and run.stderr == ""
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]


def test_the_dialogue_with_the_server_is_shown_on_stderr(talk):
    run = talk(WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, TAKEN, QUIT),
               argv=["-bs", "-ov"])
    assert run.stderr.startswith("<-- 220 mx.example ESMTP\n--> EHLO")


def test_a_logfile_is_never_the_standard_output(talk):
    run = talk(WHOLE + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, TAKEN, QUIT), name="veredus",
               settings="tls off\nlogfile -")
    assert "exit=" not in run.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT,
                                    signal.SIGHUP])
@pytest.mark.parametrize("inside", [False, True])
def test_a_signal_ends_it_with_a_word(program, server, client, number, inside):
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


def test_a_client_that_reads_late(program, server):
    """More replies than a pipe holds, and nothing more to come from it."""
    server.play()
    process = program.start("-bs", name="sendmail")
    process.stdin.write(b"NOOP\r\n" * 10000 + b"QUIT\r\n")
    process.stdin.close()
    process.stdin = None
    time.sleep(0.5)
    run = program.end(process)
    server.finish()
    assert run.status == 0
    assert codes(run.stdout) == ["220"] + 10000 * ["250 2.0.0"] + ["221 2.0.0"]


@pytest.mark.parametrize("sent, status", [
    (b"", 0), (b"NOOP\r\n", 0), (b"QUIT\r\n", 0)])
def test_a_client_that_has_gone(program, server, sent, status):
    server.play()
    program.write_config(account(server.port, "tls off"))
    reading, writing = os.pipe()
    os.close(reading)
    run = program.run("-bs", name="sendmail", stdin=sent, stdout=writing)
    os.close(writing)
    server.finish()
    assert run.status == status and run.stderr == ""


def test_a_closed_standard_input(program, server):
    server.play()
    process = program.start(
        "-bs", name="sendmail", preexec_fn=lambda: os.close(0))
    assert program.end(process).status == os.EX_NOINPUT


def test_nothing_waits_for_the_host_name(program, server, client):
    """The resolver hangs; the greeting is there all the same."""
    program.hosts["mx.example"] = "hang"
    began = time.monotonic()
    smtp = client()
    assert smtp.ehlo()[0] == 250
    assert time.monotonic() - began < 5
    assert smtp.quit()[0] == 221
    assert end(program, server, smtp).status == 0


def test_what_is_signed_goes_as_text(talk, server):
    """MAIL has been said when the message comes: too late for BINARYMIME."""
    message = (b"From: alice@example.org\r\n"
               b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n"
               + b"x" * 5000 + b"\r\n--b--\r\n")
    run = talk(OPEN + b"DATA\r\n" + message + b".\r\nQUIT\r\n",
               lines(greet("8BITMIME", "CHUNKING", "BINARYMIME"), """
        C: MAIL FROM:<alice@example.org> BODY=8BITMIME
        S: 250 ok
    """, RCPT, DATA, TAKEN, QUIT))
    assert run.status == 0, run
    assert max(map(len, server.message.split(b"\r\n"))) <= 998
    assert "were broken" in run.log
