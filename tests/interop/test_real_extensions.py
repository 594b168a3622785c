# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP extensions, each with the real servers that support it.

None of them supports LIMITS, REQUIRETLS, DELIVERBY, FUTURERELEASE and
MT-PRIORITY: see tests/integration/test_extensions.py.
"""

import os
import re

import pytest

from program import MESSAGE, SECRET

SENDER = ("-f", "alice@example.org")
CHUNKING = ("PIPELINING", "8BITMIME", "SIZE 104857600", "CHUNKING",
            "BINARYMIME", "ENHANCEDSTATUSCODES", "DSN")
LARGE = MESSAGE + b"".join(b"%07d .and so on\n" % n for n in range(70000))
DELIVERY_TIMEOUT = 20  # seconds
LOGIN = f"\nauth plain\nuser bob@example.org\npassword {SECRET}"


class MailServer:
    """A server: how to send to it, and what it stored."""

    def __init__(self, send, server, sink=None):
        self.server = server
        self.sink = sink
        self.run_program = send

    def send(self, *argv, settings="", **options):
        """Sends without TLS; with AUTH only to an IP address on loopback."""
        port = self.server.ports["submission" if self.sink else "plain"]
        settings = "tls off\n" + settings + (LOGIN if self.sink else "")
        host = "127.0.0.1" if self.sink else "mx.test"
        return self.run_program(port, *argv, settings=settings, host=host,
                                **options)

    def stored(self, user="bob"):
        """Returns the message without the fields that the server added."""
        if self.sink:
            message = self.sink.message.data.replace(b"\r\n", b"\n")
        else:
            message = self.server.wait_for(user, seconds=DELIVERY_TIMEOUT)[0]
        return message[message.index(b"From: Alice"):]


@pytest.fixture(params=["postfix", "exim", "dovecot"])
def mail_server(request, send):
    """Each server with CHUNKING and PIPELINING."""
    server = request.getfixturevalue(request.param)
    if request.param != "dovecot":
        return MailServer(send, server)
    sink = request.getfixturevalue("sink")
    sink.keywords = CHUNKING
    return MailServer(send, server, sink)


def smtp_lines(run):
    """Returns the commands and replies that -v prints."""
    return [line for line in run.stderr.splitlines()
            if line.startswith(("--> ", "<-- "))]


def command_groups(run):
    """Returns the groups of commands that were sent without waiting."""
    transcript = "\n".join(smtp_lines(run))
    return [[line[4:] for line in part.splitlines()] for part in
            re.findall(r"(?m)(?:^--> .*\n?)+", transcript)]


# CHUNKING (RFC 3030)

def test_bdat_pipelined_with_the_envelope_is_accepted(mail_server):
    run = mail_server.send("-v", *SENDER, "bob@example.org")
    assert run.status == 0, run
    last = command_groups(run)[-1]
    assert [line.split(":")[0].split(" ")[0] for line in last] == [
        "MAIL", "RCPT", "BDAT", "QUIT"], run
    assert last[2].endswith(" LAST")
    assert mail_server.stored() == MESSAGE


def test_a_large_message_is_accepted_in_one_chunk(mail_server):
    run = mail_server.send("-v", *SENDER, "bob@example.org", stdin=LARGE)
    assert run.status == 0, run
    chunks = re.findall(r"(?m)^--> BDAT (\d+)( LAST)?$", run.stderr)
    assert len(chunks) == 1 and chunks[0][1]
    assert int(chunks[0][0]) >= len(LARGE)
    assert mail_server.stored() == LARGE


def test_a_separate_empty_last_chunk_is_accepted(mail_server):
    run = mail_server.send("-v", *SENDER, "bob@example.org",
                           "alice@example.org", settings="partial off")
    assert run.status == 0, run
    assert "\n--> BDAT 0 LAST\n" in run.stderr
    assert mail_server.stored() == mail_server.stored("alice") == MESSAGE


def test_lines_of_dots_do_not_end_a_chunked_message(mail_server):
    body = MESSAGE + b".\n..\n.x\n"
    run = mail_server.send("-i", *SENDER, "bob@example.org", stdin=body)
    assert run.status == 0, run
    assert mail_server.stored() == body


@pytest.mark.parametrize("name", ["postfix", "exim"])
def test_a_recipient_rejected_with_pipelined_bdat_is_reported(
        request, send, name):
    server = request.getfixturevalue(name)
    run = send(server.ports["plain"], *SENDER, "full@example.org",
               "bob@example.org", settings="tls off")
    assert run.status == os.EX_UNAVAILABLE, run
    assert "<full@example.org>: mx.test said: 552 5.2.2" in run.stderr
    assert server.wait_for("bob")


@pytest.mark.parametrize("name", ["postfix", "exim"])
def test_pipelined_bdat_without_accepted_recipients_is_reported(
        request, send, name):
    server = request.getfixturevalue(name)
    run = send(server.ports["plain"], *SENDER, "full@example.org",
               settings="tls off")
    assert run.status == os.EX_UNAVAILABLE, run
    assert "552 5.2.2" in run.stderr


@pytest.mark.parametrize("name", ["postfix", "exim"])
def test_partial_off_delivers_to_no_recipient_if_one_is_rejected(
        request, send, name):
    server = request.getfixturevalue(name)
    run = send(server.ports["plain"], *SENDER, "full@example.org",
               "bob@example.org", settings="tls off\npartial off")
    assert run.status == os.EX_UNAVAILABLE, run
    assert not server.mailbox("bob")


# BINARYMIME (RFC 3030)

SIGNED = MESSAGE.partition(b"\n\n")[0] + b"""
MIME-Version: 1.0
Content-Type: multipart/signed; boundary=b

--b

%s
--b
Content-Type: application/pgp-signature

signature
--b--
"""


@pytest.mark.parametrize("size", [5000, 700000],
                         ids=["one chunk", "several chunks"])
def test_dovecot_accepts_a_signed_message_with_binarymime(
        send, dovecot, sink, size):
    sink.keywords = CHUNKING
    message = SIGNED % (b"x" * size)
    run = send(dovecot.ports["submission"], "-v", *SENDER, "bob@example.org",
               stdin=message, host="127.0.0.1", settings="tls off" + LOGIN)
    assert run.status == 0, run
    assert re.search("(?m)^--> MAIL .* BODY=BINARYMIME$", run.stderr)
    assert re.search(r"(?m)^--> BDAT \d+ LAST$", run.stderr)
    assert "BODY=BINARYMIME" in sink.message.parameters
    stored = sink.message.data.replace(b"\r\n", b"\n")
    assert stored.endswith(message.partition(b"\n\n")[2])


@pytest.mark.parametrize("name", ["postfix", "exim"])
def test_without_binarymime_long_lines_are_broken(request, send, name):
    server = request.getfixturevalue(name)
    run = send(server.ports["plain"], "-v", *SENDER, "bob@example.org",
               stdin=SIGNED % (b"x" * 5000), settings="tls off")
    assert run.status == 0, run
    assert "BINARYMIME" not in run.stderr
    stored = server.wait_for("bob")[0]
    assert stored.count(b"x" * 900) == 5
    assert b"x" * 999 not in stored


# SMTPUTF8 (RFC 6531)

@pytest.mark.parametrize("name", ["postfix", "exim"])
def test_smtputf8_is_used_for_a_utf8_address(request, send, name):
    server = request.getfixturevalue(name)
    message = MESSAGE.replace(b"To: Bob", "Cc: jürgen@example.org\nTo: Bob"
                              .encode())
    run = send(server.ports["plain"], "-v", "-f", "jürgen@example.org",
               "bob@example.org", stdin=message, settings="tls off")
    assert run.status == 0, run
    assert re.search("--> MAIL FROM:<jürgen@example.org>.* SMTPUTF8",
                     run.stderr)
    assert "Cc: jürgen@example.org".encode() in server.wait_for("bob")[0]


# DSN (RFC 3461)

def test_a_success_dsn_is_requested_and_sent(send, postfix):
    run = send(postfix.ports["plain"], "-v", "-N", "success,delay", "-R",
               "hdrs", "-V", "number+2B42", *SENDER, "bob@example.org",
               settings="tls off")
    assert run.status == 0, run
    assert re.search("--> MAIL .* RET=HDRS ENVID=number", run.stderr)
    assert ("--> RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY "
            "ORCPT=rfc822;bob@example.org" in run.stderr)
    assert postfix.wait_for("bob")
    dsn = postfix.wait_for("alice")[0]
    assert b"Original-Envelope-Id: number+42" in dsn
    assert b"Original-Recipient: rfc822;bob@example.org" in dsn
    assert b"Action: delivered" in dsn
    assert b"text/rfc822-headers" in dsn
    assert b"Hello." not in dsn


def test_notify_never_is_sent(send, postfix):
    run = send(postfix.ports["plain"], "-v", "-N", "never", *SENDER,
               "bob@example.org", settings="tls off")
    assert run.status == 0, run
    assert " NOTIFY=NEVER" in run.stderr
    assert postfix.wait_for("bob")


def test_each_server_accepts_dsn_parameters(mail_server):
    run = mail_server.send("-v", "-N", "failure", "-V", "x42", *SENDER,
                           "bob@example.org")
    assert run.status == 0, run
    assert " ENVID=x42" in run.stderr and " NOTIFY=FAILURE" in run.stderr
    assert mail_server.stored() == MESSAGE
    if mail_server.sink:
        assert "ENVID=x42" in mail_server.sink.message.parameters
        assert ("NOTIFY=FAILURE"
                in mail_server.sink.message.recipient_parameters[0])


# SIZE (RFC 1870), 8BITMIME (RFC 6152)

def test_a_message_over_the_size_limit_is_not_sent(send, postfix):
    run = send(postfix.ports["small"], "-v", *SENDER, "bob@example.org",
               stdin=LARGE, settings="tls off")
    assert run.status == os.EX_DATAERR, run
    assert "--> DATA" not in run.stderr and "--> BDAT" not in run.stderr


def test_the_message_size_is_declared(send, postfix):
    run = send(postfix.ports["plain"], "-v", *SENDER, "bob@example.org",
               settings="tls off")
    size = len(MESSAGE) + MESSAGE.count(b"\n")
    assert f" SIZE={size}" in run.stderr
    assert postfix.wait_for("bob")


@pytest.mark.parametrize("chunking", ["on", "off"])
def test_an_8bit_body_is_declared(mail_server, chunking):
    body = MESSAGE.replace(
        b"\n\n", b"\nMIME-Version: 1.0\nContent-Type: text/plain; "
        b"charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n", 1)
    body += "Grüße\n".encode()
    run = mail_server.send("-v", *SENDER, "bob@example.org", stdin=body,
                           settings=f"chunking {chunking}")
    assert run.status == 0, run
    assert " BODY=8BITMIME" in run.stderr
    assert mail_server.stored() == body


# ETRN (RFC 1985)

def test_etrn_runs_the_queue_of_a_domain(send, postfix):
    run = send(postfix.ports["plain"], "--rmqs=example.org",
               settings="tls off", stdin=b"")
    assert run.status == 0, run
    assert run.stderr == run.stdout == ""


def test_etrn_is_rejected_for_a_domain_that_is_not_allowed(send, postfix):
    run = send(postfix.ports["plain"], "--rmqs=elsewhere.example",
               settings="tls off", stdin=b"")
    assert run.status == os.EX_TEMPFAIL, run
    assert "459" in run.stderr
