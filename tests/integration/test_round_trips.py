# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of round trips, large command groups, and early rejections."""

import os
import socket
import ssl
import threading
import time

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, LOGIN, LOGIN_SETTINGS, MAIL,
                      QUIT, SEND, STARTTLS, ehlo, greet, lines)
from round_trips import RoundTripCounter
from program import MESSAGE, account

SIZE = len(MESSAGE) + MESSAGE.count(b"\n")
OFFERS = ("PIPELINING", "CHUNKING")
BY_BDAT = f"""
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: BDAT {SIZE} LAST
    CHUNK {SIZE}
    C: QUIT
    S: 250 2.1.0 ok
    S: 250 2.1.5 ok
    S: 250 2.0.0 accepted
    S: 221 2.0.0 bye
"""
BY_DATA = """
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: DATA
    S: 250 2.1.0 ok
    S: 250 2.1.5 ok
    S: 354 go on
    BODY
    S: 250 2.0.0 accepted
    C: QUIT
"""
PLAIN = "AUTH PLAIN"


@pytest.fixture
def count(submit, server):
    """Sends a message through the relay; returns the number of round trips."""
    def count(*transcript, settings="tls off", host="mx.test", **options):
        relay = RoundTripCounter(server.port)
        server.play(lines(*transcript))
        run = submit(*SEND, config=account(relay.port, settings, host),
                     **options)
        assert run.status == 0, run
        return relay.finish()

    return count


def test_a_message_by_bdat_takes_4_round_trips(count):
    assert count(greet(*OFFERS), BY_BDAT) == 4


def test_a_message_by_data_takes_5_round_trips(count):
    assert count(greet("PIPELINING"), BY_DATA) == 5


def test_authentication_takes_1_more_round_trip(count):
    assert count(greet(*OFFERS, PLAIN), LOGIN, BY_BDAT, host="127.0.0.1",
                 settings=f"tls off\n{LOGIN_SETTINGS}", in_clear=True) == 5


@pytest.mark.parametrize("login,trips", [(True, 8), (False, 7)])
def test_starttls_and_authentication_take_8_round_trips(
        count, trust, login, trips):
    settings = f"{trust}\n{LOGIN_SETTINGS}" if login else trust
    assert count(greet("STARTTLS"), STARTTLS, ehlo(*OFFERS, PLAIN),
                 LOGIN if login else "", BY_BDAT, settings=settings) == trips


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_implicit_tls_and_authentication_take_6_round_trips(
        count, server, trust, version):
    server.tls.maximum_version = ssl.TLSVersion[version]
    assert count("TLS", greet(*OFFERS, PLAIN), LOGIN, BY_BDAT,
                 settings=f"{trust}\n{LOGIN_SETTINGS}\ntls_starttls off") == 6


def test_starttls_with_tls_1_2_takes_8_round_trips(count, server, trust):
    server.tls.maximum_version = ssl.TLSVersion.TLSv1_2
    assert count(greet("STARTTLS"), STARTTLS, ehlo(*OFFERS, PLAIN), LOGIN,
                 BY_BDAT, settings=f"{trust}\n{LOGIN_SETTINGS}") == 8


# A server that does not read while it writes: neither side may block for ever.

class SlowServer:
    """Sends long replies and reads slowly, but never both at once."""

    def __init__(self, *keywords):
        self.keywords = ("mx.example", *keywords)
        self.lines_ahead = 0
        self.listener = socket.socket()
        for size in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.listener.setsockopt(socket.SOL_SOCKET, size, 4096)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.recipients = 0
        self.size = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with self.listener, self.listener.accept()[0] as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock, self.input = sock, b""
            self.send("220 mx.example")
            while True:
                verb, *words = self.line().split(" ")
                if verb == "QUIT":
                    return self.send("221 bye")
                self.reply(verb, words)

    def reply(self, verb, words):
        if verb == "EHLO":
            for keyword in self.keywords[:-1]:
                self.send("250-" + keyword)
            self.send("250 " + self.keywords[-1])
        elif verb == "RCPT":
            self.recipients += 1
            self.lines_ahead = max(self.lines_ahead, self.input.count(b"\n"))
            self.send("250 2.1.5 " + "x" * 488)
        elif verb == "BDAT":
            self.skip(int(words[0]))
            self.send("250 2.0.0 accepted")
        elif verb == "DATA":
            self.send("354 go on")
            while self.line() != ".":
                pass
            self.send("250 2.0.0 accepted")
        else:
            self.send("250 ok")

    def send(self, text):
        self.sock.sendall(text.encode() + b"\r\n")

    def read(self):
        time.sleep(0.001)
        data = self.sock.recv(4096)
        if not data:
            raise EOFError
        self.input += data

    def line(self):
        while b"\r\n" not in self.input:
            self.read()
        line, _, self.input = self.input.partition(b"\r\n")
        return line.decode()

    def skip(self, size):
        while len(self.input) < size:
            self.read()
        self.input = self.input[size:]


@pytest.mark.parametrize("keywords", [
    ("PIPELINING",), ("PIPELINING", "CHUNKING")], ids=["DATA", "BDAT"])
def test_10000_recipients_with_long_replies_do_not_block(program, keywords):
    server = SlowServer(*keywords)
    names = ", ".join(f"user{number}@example.org" for number in range(10000))
    message = MESSAGE.replace(b"To: Bob", b"Bcc: " + names.replace(
        ", ", ",\n ").encode() + b"\nTo: Bob")
    program.write_config(account(server.port, "tls off"))
    run = program.run("-t", "-f", "alice@example.org", stdin=message)
    assert run.status == 0, run
    assert server.recipients == 10001
    assert server.lines_ahead > 50, "the commands were not pipelined"


# A server that rejects a large message before it was sent completely.

LARGE = MESSAGE + b"0123456789012345678901234567890123456789012345678\n" * 1000000
REJECTED = "READ 10000000\nS: 552 5.3.4 too big for me"
WITH_DATA = lines(ENVELOPE, "C: DATA\nS: 354 go on", REJECTED)
WITH_BDAT = lines(ENVELOPE, "C: BDAT * LAST", REJECTED)
WITH_PIPELINED_BDAT = lines("""
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    S: 250 2.1.0 ok
    S: 250 2.1.5 ok
    C: BDAT * LAST
""", REJECTED)


@pytest.mark.parametrize("after", ["DRAIN", "CLOSE", "WAIT 2\nDRAIN"],
                         ids=["keeps reading", "closes", "stops reading"])
@pytest.mark.parametrize("keywords,upload", [
    (["SIZE"], WITH_DATA), (["CHUNKING"], WITH_BDAT),
    (OFFERS, WITH_PIPELINED_BDAT),
], ids=["DATA", "BDAT", "BDAT with PIPELINING"])
def test_a_rejection_while_the_message_is_sent_is_the_final_reply(
        submit, server, keywords, upload, after):
    server.play(lines(greet(*keywords), upload, "WAIT 0.3", after))
    run = submit(*SEND, stdin=LARGE)
    assert run.status == os.EX_DATAERR, run
    assert "mx.example said: 552 5.3.4 too big for me" in run.stderr
    assert run.seconds < 10


def test_the_client_acknowledges_each_segment_at_once(submit, server):
    # The server's kernel holds the second line back until the client has
    # acknowledged the first; a delayed acknowledgement takes 40 ms.
    recipients = [f"user{number}@example.org" for number in range(250)]
    server.play(lines(greet(), MAIL, *(
        lines(f"C: RCPT TO:<{recipient}>", "S: 250-2.1.5 who is", "WAIT 0",
              "S: 250 2.1.5 known here") for recipient in recipients),
        DATA, ACCEPTED, QUIT))
    run = submit("-f", "alice@example.org", *recipients)
    assert run.status == 0, run
    assert run.seconds < 8  # 250 delays of 40 ms would take 10 seconds
