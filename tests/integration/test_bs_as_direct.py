# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that is sent through veredus -bs or --service has the result of a
direct delivery.

Each test sends a message to a scripted server, and again through a super-server
that runs -bs or --service for the same account.
"""

import os

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, MAIL, QUIT, RCPT,
                      SEND, greet, lines)
from program import MESSAGE, SECRET, account
from scripted import ScriptedServer
from super_server import SuperServer
from test_exit_status import TABLE

CRLF = MESSAGE.replace(b"\n", b"\r\n")
LOGIN = f"auth plain\nuser bob@example.org\npassword {SECRET}"
END = "C? QUIT\nEOF"
# The dialogue before the reply, by the stage in which the server rejects.
STAGES = {
    "greeting": "",
    "ehlo": lines("S: 220 mx.example ESMTP", "C: EHLO *"),
    "auth": lines(greet("AUTH PLAIN"), "C: AUTH *"),
    "mail": lines(greet(), "C: MAIL *"),
    "rcpt": lines(greet(), MAIL, "C: RCPT *"),
    "data": lines(greet(), MAIL, RCPT, "C: DATA"),
    "final": BEFORE_FINAL_REPLY,
}


def statuses():
    """Returns the enhanced codes of all rows that are failures."""
    return sorted({status for status, _ in failures()})


def failures():
    """Yields enhanced code and exit status of each row that is a failure."""
    for row in TABLE.read_text().splitlines()[1:]:
        status, _, exit_status = row.split("\t")[:3]
        if status[0] != "2":
            yield status.replace("*.*", "1.9"), exit_status


def one_for_each_exit_status():
    return sorted({exit_status: status
                   for status, exit_status in failures()}.values())


class Result:
    def __init__(self, run, server):
        self.run = run
        self.status = run.status
        self.message = server.message

    def __repr__(self):
        return repr(self.run)


@pytest.fixture(params=["-bs", "--service"])
def service(program, request):
    service = SuperServer(program, program.folder, request.param)
    yield service
    service.close()


@pytest.fixture
def send(program, service):
    """Sends a message in both ways; returns the results."""

    def deliver(transcript, config, argv, stdin, prepare):
        server = ScriptedServer()
        if prepare:
            prepare(server)
        server.play(transcript, optional=True)
        config = config(server.port)
        service.write_config(config["service"])
        program.write_config(config["client"])
        run = program.run(*argv, stdin=stdin)
        try:
            server.finish()
        except AssertionError as error:
            raise AssertionError(f"{error}\n{run}\n{service.runs}") from None
        return Result(run, server)

    def send(transcript, *argv, settings="tls off", stdin=MESSAGE,
             client=(), host="mx.example", prepare=None):
        """`client` are settings of the client's account alone."""
        argv = argv or SEND

        def direct(port):
            text = account(port, "\n".join([settings, *client]), host)
            return {"client": text, "service": text}

        def through(port):
            return {"client": service.account(*client),
                    "service": account(port, settings, host)}

        first = deliver(transcript, direct, argv, stdin, prepare)
        service.results()
        second = deliver(transcript, through, argv, stdin, prepare)
        assert [result for result in service.results()
                if result != (0, "")] == [], second
        return first, second

    return send


def options(stage):
    """A password in clear text is sent only to this host."""
    return {"settings": "tls off\n" + (LOGIN if stage == "auth" else ""),
            "host": "127.0.0.1"}


def transcript_of(stage, reply):
    # A rejected EHLO is followed by HELO.
    again = f"C? HELO *\nS: {reply}" if stage == "ehlo" else ""
    return lines(STAGES[stage], f"S: {reply}", again, END)


@pytest.mark.parametrize("stage", STAGES)
def test_each_enhanced_code_has_the_same_exit_status(
        program, service, send, stage):
    """-bs and --service choose the reply with the same function, for which the
    unit test has all codes: one rule for replies to MAIL, RCPT, DATA and the
    message, and another one for what the client did not ask for."""
    every = (service.mode == "--service" and stage in ("auth", "final")
             and not program.sanitized)
    for status in statuses() if every else one_for_each_exit_status():
        code = {"4": 450, "5": 550}[status[0]]
        direct, relayed = send(
            transcript_of(stage, f"{code} {status} because"),
            **options(stage))
        assert relayed.status == direct.status, (status, direct, relayed)
        assert direct.status
        assert "because" in relayed.run.stderr


@pytest.mark.parametrize("stage", STAGES)
def test_a_message_by_data_has_the_same_exit_status(service, send, stage):
    """Its envelope and its message come to the service apart from each other."""
    every = one_for_each_exit_status()
    for status in every if service.mode == "--service" else every[::4]:
        code = {"4": 450, "5": 550}[status[0]]
        direct, relayed = send(
            transcript_of(stage, f"{code} {status} because"),
            client=["chunking off"], **options(stage))
        assert relayed.status == direct.status, (status, direct, relayed)
        assert "because" in relayed.run.stderr


@pytest.mark.parametrize("stage", STAGES)
def test_each_reply_code_has_the_same_exit_status(service, send, stage):
    codes = (421, 450, 451, 452, 454, 500, 501, 502, 503, 504, 521, 530, 534,
             535, 538, 550, 551, 552, 553, 554, 555, 556, 571, 599)
    for code in codes if service.mode == "--service" else codes[::4]:
        direct, relayed = send(transcript_of(stage, f"{code} because"),
                               **options(stage))
        assert relayed.status == direct.status, (code, direct, relayed)
        assert direct.status


@pytest.mark.parametrize("status", ["5.1.8", "5.7.27", "5.7.1", "4.1.8"])
def test_a_rejected_default_sender_has_the_same_exit_status(send, status):
    code = {"4": 450, "5": 550}[status[0]]
    direct, relayed = send(
        transcript_of("mail", f"{code} {status} because"), "-t")
    assert relayed.status == direct.status, (direct, relayed)


@pytest.mark.parametrize("settings, host", [
    ("tls on", "mx.example"),
    ("tls off\nauth cram-md5\nuser x\npassword y", "mx.example"),
    ("tls off\nauth plain\nuser x\npasswordeval false", "mx.example"),
    ("tls off\nauth plain\nuser x", "mx.example"),
    ("tls off\nno_such_setting on", "mx.example"),
    ("tls off\naliases /dev/null", "mx.example"),
    ("tls off", "gone.example"),
    ("tls off", "busy.example"),
], ids=repr)
def test_local_trouble_has_the_same_exit_status(
        program, service, send, settings, host):
    program.hosts["gone.example"] = "none"
    program.hosts["busy.example"] = "again"
    direct, relayed = send(
        lines(greet("AUTH PLAIN"), "C? MAIL *\nS: 250 ok", END),
        settings=settings, host=host)
    if service.mode == "--service" and settings.split("\n")[-1] in (
            "no_such_setting on", "user x", "aliases /dev/null",
            "passwordeval false"):
        # The administrator of the service mends its file.
        assert direct.status == os.EX_CONFIG
        assert relayed.status == os.EX_TEMPFAIL
        return
    assert relayed.status == direct.status != 0, (direct, relayed)


@pytest.mark.parametrize("reply", [
    "no reply at all", "999 what"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_reply_that_breaks_the_protocol_has_the_same_exit_status(
        send, stage, reply):
    direct, relayed = send(lines(STAGES[stage], f"S: {reply}", "DRAIN"),
                           **options(stage))
    assert relayed.status == direct.status, (direct, relayed)


@pytest.mark.parametrize("stage", STAGES)
def test_a_lost_connection_has_the_same_exit_status(send, stage):
    direct, relayed = send(lines(STAGES[stage], "CLOSE"),
                           **options(stage))
    assert relayed.status == direct.status == os.EX_TEMPFAIL, (direct, relayed)


@pytest.mark.parametrize("path", ["submit", "link"])
def test_an_account_that_leads_back_to_the_service_is_a_mail_loop(
        program, service, path):
    """Otherwise each process would start the next one."""
    (program.folder / "link").symlink_to(service.path)
    service.write_config(
        f"account default\nsocket {program.folder / path}\n")
    program.write_config(service.account())
    run = program.run(*SEND)
    if service.mode == "-bs":
        assert run.status == os.EX_CONFIG, run
        assert run.fields["status"] == "5.4.6"
        assert "is that of this server" in run.stderr
    else:
        assert run.status == os.EX_TEMPFAIL, run
        assert run.fields["status"] == "4.3.5"
    assert service.results() == [(0, "")]


# Extensions

SIGNED = (b"From: alice@example.org\nTo: bob@example.org\n"
          b"Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
          b"Message-ID: <1@example.org>\nMIME-Version: 1.0\n"
          b"Content-Type: multipart/signed; boundary=b; micalg=x;"
          b" protocol=\"application/x\"\n\n"
          b"--b\nContent-Type: text/plain; charset=utf-8\n"
          b"Content-Transfer-Encoding: 8bit\n\n"
          + "ü".encode() * 1500 + b"\n\n--b\nContent-Type: application/x\n\n"
          b"signature\n--b--\n")


def receive_bdat(server):
    """Receives all chunks, for REPLY after "C: BDAT *"."""
    def receive(line, connection):
        message = b""
        while True:
            size = int(line.split()[1])
            while len(connection.input) < size:
                assert connection.receive()
            message += bytes(connection.input[:size])
            del connection.input[:size]
            if line.endswith(" LAST"):
                break
            connection.output += b"250 2.0.0 go on\r\n"
            connection.flush()
            while b"\r\n" not in connection.input:
                assert connection.receive()
            line, _, rest = bytes(connection.input).partition(b"\r\n")
            connection.input[:] = rest
            line = line.decode()
        server.message = message
        connection.end_bdat()
        return "250 2.0.0 accepted"
    return receive


def use_bdat(server):
    server.replies["bdat"] = receive_bdat(server)


def test_a_signed_message_with_long_lines_is_not_changed(send):
    direct, relayed = send(lines(
        greet("8BITMIME", "CHUNKING", "BINARYMIME"), """
            C: MAIL FROM:<alice@example.org>* BODY=BINARYMIME*
            S: 250 ok
        """, RCPT, "C: BDAT *", "REPLY bdat", QUIT),
        stdin=SIGNED, prepare=use_bdat)
    assert direct.status == relayed.status == 0, (direct, relayed)
    assert direct.message == relayed.message == SIGNED.replace(
        b"\n", b"\r\n")


@pytest.mark.parametrize("keywords", [
    (), ("8BITMIME",), ("8BITMIME", "CHUNKING"), ("BINARYMIME",)])
def test_a_server_without_binarymime_gets_the_same_message(send, keywords):
    """The message is converted once, towards the server."""
    chunking = "CHUNKING" in keywords
    end = lines(MAIL, RCPT, "C: BDAT *\nREPLY bdat" if chunking
                else DATA + "\n" + ACCEPTED, QUIT)
    rejected = lines("C? MAIL *\nS: 250 ok\nC? RCPT *\nS: 250 ok", END)
    can = "8BITMIME" in keywords
    direct, relayed = send(
        lines(greet(*keywords), end if can else rejected),
        stdin=SIGNED, prepare=use_bdat)
    assert relayed.status == direct.status, (direct, relayed)
    assert direct.status == (0 if can else os.EX_DATAERR)
    assert relayed.message == direct.message


UTF8 = "müller@bücher.example"


@pytest.mark.parametrize("sender, recipient", [
    ("alice@example.org", UTF8), (UTF8, "bob@example.org"), (UTF8, UTF8)])
def test_local_parts_in_utf8_are_passed_on(send, sender, recipient):
    direct, relayed = send(lines(greet("SMTPUTF8", "8BITMIME"), f"""
        C: MAIL FROM:<{sender}>* SMTPUTF8*
        S: 250 ok
        C: RCPT TO:<{recipient}>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT), "-f", sender, recipient)
    assert direct.status == relayed.status == 0, (direct, relayed)
    assert direct.message == relayed.message


@pytest.mark.parametrize("sender, recipient", [
    ("alice@example.org", UTF8), (UTF8, "bob@example.org")])
def test_local_parts_in_utf8_fail_on_a_server_without_smtputf8(
        send, sender, recipient):
    direct, relayed = send(
        lines(greet("8BITMIME"), "C? MAIL *\nS: 250 ok", END),
        "-f", sender, recipient)
    assert direct.status == relayed.status == os.EX_DATAERR, (direct, relayed)
    for result in direct, relayed:
        assert "needs SMTPUTF8" in result.run.stderr
        assert result.run.fields["status"] == "5.6.7"


def test_a_domain_in_utf8_becomes_an_a_label(send):
    direct, relayed = send(lines(greet("8BITMIME"), MAIL, """
        C: RCPT TO:<bob@xn--bcher-kva.example>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT), "-f", "alice@example.org",
        "bob@bücher.example")
    assert direct.status == relayed.status == 0, (direct, relayed)


HEADER = ("From: alice@example.org\nTo: müller@example.org\n"
          "Subject: übung\nDate: Sat, 21 Nov 2026 12:00:00 +0000\n"
          "Message-ID: <1@example.org>\n\nHello.\n").encode()


def test_a_header_that_needs_smtputf8_is_passed_on(send):
    direct, relayed = send(lines(greet("SMTPUTF8", "8BITMIME"), """
        C: MAIL FROM:<alice@example.org>* SMTPUTF8*
        S: 250 ok
    """, RCPT, DATA, ACCEPTED, QUIT), stdin=HEADER)
    assert direct.status == relayed.status == 0, (direct, relayed)
    assert direct.message == relayed.message
    assert "müller".encode() in relayed.message


PARAMETERS = {
    "deliver_by 3600;R": ("DELIVERBY 60", "BY=3600;R"),
    "hold_for 60": ("FUTURERELEASE 3600 2030-01-01T00:00:00Z", "HOLDFOR=60"),
    "hold_until 2026-12-24T18:00:00Z": (
        "FUTURERELEASE 99999999 2030-01-01T00:00:00Z",
        "HOLDUNTIL=2026-12-24T18:00:00Z"),
    "priority -3": ("MT-PRIORITY", "MT-PRIORITY=-3"),
}


@pytest.mark.parametrize("setting", PARAMETERS)
def test_parameters_of_mail_are_passed_on(send, setting):
    keyword, parameter = PARAMETERS[setting]
    direct, relayed = send(lines(greet(keyword), f"""
        C: MAIL FROM:<alice@example.org> {parameter}
        S: 250 ok
    """, RCPT, DATA, ACCEPTED, QUIT), client=[setting])
    assert direct.status == relayed.status == 0, (direct, relayed)


@pytest.mark.parametrize("setting", [*PARAMETERS, "require_tls on"])
@pytest.mark.parametrize("where", ["client", "settings"])
def test_a_server_without_the_extension_has_the_same_exit_status(
        send, setting, where):
    changes = ({"client": [setting]} if where == "client"
               else {"settings": f"tls off\n{setting}"})
    direct, relayed = send(lines(greet(), END), **changes)
    assert relayed.status == direct.status == os.EX_UNAVAILABLE, (
        direct, relayed)


def test_require_tls_is_passed_on(send, certificates):
    trust = f"tls on\ntls_trust_file {certificates.path('ca.pem')}"
    transcript = lines(greet("STARTTLS"), """
        C: STARTTLS
        S: 220 2.0.0 go ahead
        TLS
        C: EHLO client.example
        S: 250-mx.example
        S: 250 REQUIRETLS
        C: MAIL FROM:<alice@example.org> REQUIRETLS
        S: 250 ok
    """, RCPT, DATA, ACCEPTED, QUIT)
    direct, relayed = send(
        transcript, settings=trust, host="mx.test", client=["require_tls on"],
        prepare=lambda server: server.use_certificate(certificates, "good"))
    assert direct.status == relayed.status == 0, (direct, relayed)


def test_each_recipient_has_its_own_result(send):
    transcript = lines(greet("DSN"), MAIL, """
        C: RCPT TO:<a@example.org>*
        S: 250 2.1.5 ok
        C: RCPT TO:<b@example.org>*
        S: 550 5.1.1 nobody
        C: RCPT TO:<c@example.org>*
        S: 450 4.2.0 later
    """, DATA, ACCEPTED, QUIT)
    direct, relayed = send(
        transcript, "-f", "alice@example.org", "-N", "success",
        "a@example.org", "b@example.org", "c@example.org")
    assert direct.status == relayed.status == os.EX_NOUSER
    for result in direct, relayed:
        assert "<b@example.org>: " in result.run.stderr
        assert "<c@example.org>: " in result.run.stderr
        assert result.run.fields["result"] == "partial"
    assert direct.message == relayed.message


@pytest.mark.parametrize("octets", [70000, 3000000])
def test_a_large_message_arrives_unchanged(send, octets):
    body = (b"." + b"x" * 77 + b"\n") * (octets // 79)
    direct, relayed = send(
        lines(greet("SIZE 10000000"), MAIL, RCPT, DATA, ACCEPTED, QUIT),
        stdin=MESSAGE + body)
    assert direct.status == relayed.status == 0, (direct, relayed)
    assert direct.message == relayed.message == CRLF + body.replace(
        b"\n", b"\r\n")


def test_a_message_over_the_limit_of_the_server_has_the_same_exit_status(send):
    direct, relayed = send(
        lines(greet("SIZE 100"), "C? MAIL *\nS: 250 ok\nC? RCPT *\nS: 250 ok",
              END), stdin=MESSAGE + b"x\n" * 100)
    assert direct.status == relayed.status == os.EX_DATAERR, (direct, relayed)
