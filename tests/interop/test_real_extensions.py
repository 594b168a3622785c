# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each extension with the real servers that have it.

What none of them has (LIMITS, REQUIRETLS, DELIVERBY, FUTURERELEASE,
MT-PRIORITY) is only in tests/integration/test_scripted_extensions.py.
"""

import os
import re

import pytest

from program import MESSAGE, SECRET

SENDER = ("-f", "alice@example.org")
CHUNKING = ("PIPELINING", "8BITMIME", "SIZE 104857600", "CHUNKING",
            "BINARYMIME", "ENHANCEDSTATUSCODES", "DSN")
LARGE = MESSAGE + b"".join(b"%07d .and so on\n" % n for n in range(70000))
ARRIVES = 20  # seconds


LOGIN = f"\nauth plain\nuser bob@example.org\npassword {SECRET}"


class Place:
    """One of the servers: how it is reached, and what has arrived there."""

    def __init__(self, send, server, sink=None):
        self.server = server
        self.sink = sink
        self.program = send

    def send(self, *argv, settings="", **options):
        """A password goes in clear only to this machine, by its address."""
        port = self.server.ports["submission" if self.sink else "plain"]
        settings = "tls off\n" + settings + (LOGIN if self.sink else "")
        host = "127.0.0.1" if self.sink else "mx.test"
        return self.program(port, *argv, settings=settings, host=host,
                            **options)

    def arrived(self, user="bob"):
        """The message below what the server put on top of it."""
        if self.sink:
            stored = self.sink.message.data.replace(b"\r\n", b"\n")
        else:
            stored = self.server.wait_for(user, seconds=ARRIVES)[0]
        return stored[stored.index(b"From: Alice"):]


@pytest.fixture(params=["postfix", "exim", "dovecot"])
def place(request, send):
    """A server with CHUNKING and PIPELINING."""
    server = request.getfixturevalue(request.param)
    if request.param != "dovecot":
        return Place(send, server)
    sink = request.getfixturevalue("sink")
    sink.keywords = CHUNKING
    return Place(send, server, sink)


def dialogue(run):
    return [line for line in run.stderr.splitlines()
            if line.startswith(("--> ", "<-- "))]


def flights(run):
    """What the client said before it listened again, each time."""
    said = "\n".join(line for line in dialogue(run))
    return [[line[4:] for line in part.splitlines()] for part in
            re.findall(r"(?m)(?:^--> .*\n?)+", said)]


# CHUNKING (RFC 3030)

def test_one_flight_is_accepted(place):
    run = place.send("-v", *SENDER, "bob@example.org")
    assert run.status == 0, run
    last = flights(run)[-1]
    assert [line.split(":")[0].split(" ")[0] for line in last] == [
        "MAIL", "RCPT", "BDAT", "QUIT"], run
    assert last[2].endswith(" LAST")
    assert place.arrived() == MESSAGE


def test_pieces_are_accepted(place):
    run = place.send("-v", *SENDER, "bob@example.org", stdin=LARGE)
    assert run.status == 0, run
    pieces = re.findall(r"(?m)^--> BDAT (\d+)( LAST)?$", run.stderr)
    assert len(pieces) > 3 and pieces[-1][1]
    assert min(int(size) for size, _ in pieces[:-1]) >= 256 * 1024
    assert place.arrived() == LARGE


def test_a_message_that_is_held_back_is_accepted(place):
    run = place.send("-v", *SENDER, "bob@example.org",
                     "alice@example.org", settings="partial off")
    assert run.status == 0, run
    assert "\n--> BDAT 0 LAST\n" in run.stderr
    assert place.arrived() == place.arrived("alice") == MESSAGE


def test_whole_lines_of_dots_are_no_end(place):
    body = MESSAGE + b".\n..\n.x\n"
    run = place.send("-i", *SENDER, "bob@example.org", stdin=body)
    assert run.status == 0, run
    assert place.arrived() == body


@pytest.mark.parametrize("name", ["postfix", "exim"])
def test_who_is_refused_in_one_flight_is_told_of(request, send, name):
    server = request.getfixturevalue(name)
    run = send(server.ports["plain"], *SENDER, "full@example.org",
               "bob@example.org", settings="tls off")
    assert run.status == os.EX_UNAVAILABLE, run
    assert "<full@example.org>: mx.test said: 552 5.2.2" in run.stderr
    assert server.wait_for("bob")


@pytest.mark.parametrize("name", ["postfix", "exim"])
def test_nobody_accepted_in_one_flight(request, send, name):
    server = request.getfixturevalue(name)
    run = send(server.ports["plain"], *SENDER, "full@example.org",
               settings="tls off")
    assert run.status == os.EX_UNAVAILABLE, run
    assert "552 5.2.2" in run.stderr


@pytest.mark.parametrize("name", ["postfix", "exim"])
def test_all_or_nothing_delivers_to_nobody(request, send, name):
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


@pytest.mark.parametrize("size", [5000, 700000], ids=["whole", "pieces"])
def test_dovecot_takes_what_is_signed_unchanged(send, dovecot, sink, size):
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
def test_without_binarymime_long_lines_in_it_are_broken(request, send, name):
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
def test_smtputf8_for_an_address(request, send, name):
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

def test_a_notice_of_success(send, postfix):
    run = send(postfix.ports["plain"], "-v", "-N", "success,delay", "-R",
               "hdrs", "-V", "number+2B42", *SENDER, "bob@example.org",
               settings="tls off")
    assert run.status == 0, run
    assert re.search("--> MAIL .* RET=HDRS ENVID=number", run.stderr)
    assert ("--> RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY "
            "ORCPT=rfc822;bob@example.org" in run.stderr)
    assert postfix.wait_for("bob")
    notice = postfix.wait_for("alice")[0]
    assert b"Original-Envelope-Id: number+42" in notice
    assert b"Original-Recipient: rfc822;bob@example.org" in notice
    assert b"Action: delivered" in notice
    assert b"text/rfc822-headers" in notice
    assert b"Hello." not in notice


def test_no_notice_is_wanted(send, postfix):
    run = send(postfix.ports["plain"], "-v", "-N", "never", *SENDER,
               "bob@example.org", settings="tls off")
    assert run.status == 0, run
    assert " NOTIFY=NEVER" in run.stderr
    assert postfix.wait_for("bob")


def test_notices_are_asked_for_elsewhere(place):
    run = place.send("-v", "-N", "failure", "-V", "x42", *SENDER,
                     "bob@example.org")
    assert run.status == 0, run
    assert " ENVID=x42" in run.stderr and " NOTIFY=FAILURE" in run.stderr
    assert place.arrived() == MESSAGE
    if place.sink:
        assert "ENVID=x42" in place.sink.message.parameters
        assert ("NOTIFY=FAILURE"
                in place.sink.message.recipient_parameters[0])


# SIZE (RFC 1870), 8BITMIME (RFC 6152)

def test_what_is_too_large_is_not_sent(send, postfix):
    run = send(postfix.ports["small"], "-v", *SENDER, "bob@example.org",
               stdin=LARGE, settings="tls off")
    assert run.status == os.EX_DATAERR, run
    assert "--> DATA" not in run.stderr and "--> BDAT" not in run.stderr


def test_the_size_is_told(send, postfix):
    run = send(postfix.ports["plain"], "-v", *SENDER, "bob@example.org",
               settings="tls off")
    size = len(MESSAGE) + MESSAGE.count(b"\n")
    assert f" SIZE={size}" in run.stderr
    assert postfix.wait_for("bob")


@pytest.mark.parametrize("chunking", ["on", "off"])
def test_8_bit_text_is_declared(place, chunking):
    body = MESSAGE.replace(
        b"\n\n", b"\nMIME-Version: 1.0\nContent-Type: text/plain; "
        b"charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n", 1)
    body += "Grüße\n".encode()
    run = place.send("-v", *SENDER, "bob@example.org", stdin=body,
                     settings=f"chunking {chunking}")
    assert run.status == 0, run
    assert " BODY=8BITMIME" in run.stderr
    assert place.arrived() == body


# ETRN (RFC 1985)

def test_the_queue_is_run_for_a_node(send, postfix):
    run = send(postfix.ports["plain"], "--rmqs=example.org",
               settings="tls off", stdin=b"")
    assert run.status == 0, run
    assert run.stderr == run.stdout == ""


def test_the_queue_is_not_run_for_a_stranger(send, postfix):
    run = send(postfix.ports["plain"], "--rmqs=elsewhere.example",
               settings="tls off", stdin=b"")
    assert run.status == os.EX_TEMPFAIL, run
    assert "459" in run.stderr
