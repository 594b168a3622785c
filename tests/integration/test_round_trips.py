# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Round trips, from the connection to the final reply; and flights that are
too large for one who does not listen."""

import os
import socket
import ssl
import threading
import time
from functools import partial

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, LOGIN, LOGIN_SETTINGS, MAIL,
                      QUIT, SEND, STARTTLS, ehlo, greet, lines, receive_chunks)
from round_trips import RoundTripCounter
from program import MESSAGE, account

SIZE = len(MESSAGE) + MESSAGE.count(b"\n")
OFFERS = ("PIPELINING", "CHUNKING")
WHOLE = f"""
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
DOTTED = """
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
    """Sends a message through the relay; how many round trips it took."""
    def count(*transcript, settings="tls off", host="mx.test", **options):
        relay = RoundTripCounter(server.port)
        server.play(lines(*transcript))
        run = submit(*SEND, config=account(relay.port, settings, host),
                     **options)
        assert run.status == 0, run
        return relay.finish()

    return count


def test_4_without_anything(count):
    assert count(greet(*OFFERS), WHOLE) == 4


def test_5_with_data(count):
    assert count(greet("PIPELINING"), DOTTED) == 5


def test_5_with_a_login(count):
    assert count(greet(*OFFERS, PLAIN), LOGIN, WHOLE, host="127.0.0.1",
                 settings=f"tls off\n{LOGIN_SETTINGS}", in_clear=True) == 5


@pytest.mark.parametrize("login,trips", [(True, 8), (False, 7)])
def test_8_with_starttls_and_a_login(count, trust, login, trips):
    settings = f"{trust}\n{LOGIN_SETTINGS}" if login else trust
    assert count(greet("STARTTLS"), STARTTLS, ehlo(*OFFERS, PLAIN),
                 LOGIN if login else "", WHOLE, settings=settings) == trips


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_6_with_tls_first_and_a_login(count, server, trust, version):
    server.tls.maximum_version = ssl.TLSVersion[version]
    assert count("TLS", greet(*OFFERS, PLAIN), LOGIN, WHOLE,
                 settings=f"{trust}\n{LOGIN_SETTINGS}\ntls_starttls off") == 6


def test_8_with_starttls_of_tls_1_2(count, server, trust):
    server.tls.maximum_version = ssl.TLSVersion.TLSv1_2
    assert count(greet("STARTTLS"), STARTTLS, ehlo(*OFFERS, PLAIN), LOGIN,
                 WHOLE, settings=f"{trust}\n{LOGIN_SETTINGS}") == 8


# A server that does not read while it writes: both sides must not be stuck.

class Talkative:
    """Answers each line at length, reads slowly, and never does both."""

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
            self.say("220 mx.example")
            while True:
                verb, *words = self.line().split(" ")
                if verb == "QUIT":
                    return self.say("221 bye")
                self.answer(verb, words)

    def answer(self, verb, words):
        if verb == "EHLO":
            for keyword in self.keywords[:-1]:
                self.say("250-" + keyword)
            self.say("250 " + self.keywords[-1])
        elif verb == "RCPT":
            self.recipients += 1
            self.lines_ahead = max(self.lines_ahead, self.input.count(b"\n"))
            self.say("250 2.1.5 " + "x" * 488)
        elif verb == "BDAT":
            self.skip(int(words[0]))
            self.say("250 2.0.0 accepted")
        elif verb == "DATA":
            self.say("354 go on")
            while self.line() != ".":
                pass
            self.say("250 2.0.0 accepted")
        else:
            self.say("250 ok")

    def say(self, text):
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
def test_10000_recipients_and_long_answers(program, keywords):
    server = Talkative(*keywords)
    names = ", ".join(f"user{number}@example.org" for number in range(10000))
    message = MESSAGE.replace(b"To: Bob", b"Bcc: " + names.replace(
        ", ", ",\n ").encode() + b"\nTo: Bob")
    program.write_config(account(server.port, "tls off"))
    run = program.run("-t", "-f", "alice@example.org", stdin=message)
    assert run.status == 0, run
    assert server.recipients == 10001
    assert server.lines_ahead > 50, "that was no flight"


# A server that has made up its mind in the middle of a large message.

LARGE = MESSAGE + b"0123456789012345678901234567890123456789012345678\n" * 1000000
PLAINLY = lines(ENVELOPE, "C: DATA\nS: 354 go on\nREAD 10000000",
                "S: 552 5.3.4 too big for me")
IN_PIECES = lines(ENVELOPE, "C: BDAT *\nREPLY pieces")
PIPELINED = """
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    S: 250 2.1.0 ok
    S: 250 2.1.5 ok
    C: BDAT *
    REPLY pieces
"""


@pytest.mark.parametrize("then", ["DRAIN", "CLOSE", "WAIT 2\nDRAIN"],
                         ids=["reads on", "closes", "reads no more"])
@pytest.mark.parametrize("keywords,upload", [
    (["SIZE"], PLAINLY), (["CHUNKING"], IN_PIECES), (OFFERS, PIPELINED),
], ids=["DATA", "BDAT", "BDAT with PIPELINING"])
def test_a_refusal_in_the_middle_is_the_verdict(
        submit, server, keywords, upload, then):
    server.replies["pieces"] = partial(receive_chunks, most=30)
    server.play(lines(greet(*keywords), upload, "WAIT 0.3", then))
    run = submit(*SEND, stdin=LARGE)
    assert run.status == os.EX_DATAERR, run
    assert "mx.example said: 552 5.3.4 too big for me" in run.stderr
    assert run.seconds < 10


def test_no_reply_waits_for_our_acknowledgement(submit, server):
    # The server keeps the second line until we have acknowledged the first,
    # for which the kernel would take its time.
    recipients = [f"user{number}@example.org" for number in range(100)]
    server.play(lines(greet(), MAIL, *(
        lines(f"C: RCPT TO:<{recipient}>", "S: 250-2.1.5 who is", "WAIT 0",
              "S: 250 2.1.5 known here") for recipient in recipients),
        DATA, ACCEPTED, QUIT))
    run = submit("-f", "alice@example.org", *recipients)
    assert run.status == 0, run
    assert run.seconds < 3  # not 4, which are 100 times 40 ms
