# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that say nothing: every wait has an end."""

import os
import socket

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, ENVELOPE,
                      LOGIN_SETTINGS, MAIL, MESSAGE_ACCEPTED, SECURED, SEND,
                      STARTTLS, greet, lines, plain)
from program import MESSAGE

BIG = MESSAGE + (b"y" * 70 + b"\n") * 200000
STATES = {
    "greeting": "",
    "half a line": "RAW 220 mx.exa",
    "ehlo": "S: 220 mx.example\nC: EHLO *",
    "half a reply": "S: 220 mx.example\nC: EHLO *\nS: 250-mx.example",
    "mail": lines(greet(), "C: MAIL *"),
    "rcpt": lines(greet(), MAIL, "C: RCPT *"),
    "data": lines(greet(), ENVELOPE, "C: DATA"),
}


@pytest.mark.parametrize("state", STATES)
def test_silence_ends_in_each_state(submit, server, state):
    server.play(lines(STATES[state], "EOF"))
    run = submit(*SEND, settings="tls off\ntimeout 1", total=10)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 9
    assert "may have been" not in run.stderr


TLS_STATES = {
    "starttls": lines(greet("STARTTLS"), "C: STARTTLS"),
    "handshake": lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go",
                       "READ 50", "WAIT 2", "CLOSE"),
    "ehlo inside": lines(greet("STARTTLS"), STARTTLS, "C: EHLO *"),
    "auth": lines(SECURED, plain()),
}


@pytest.mark.parametrize("state", TLS_STATES)
def test_silence_ends_under_tls(submit, server, trust, state):
    end = "" if "CLOSE" in TLS_STATES[state] else "EOF"
    server.play(lines(TLS_STATES[state], end))
    run = submit(*SEND, host="mx.test", total=10,
                 settings=f"{trust}\ntimeout 1\n{LOGIN_SETTINGS}")
    assert run.status == os.EX_TEMPFAIL, run


def test_silence_after_the_dot_leaves_it_open(submit, server):
    server.play(lines(BEFORE_FINAL_REPLY, "EOF"))
    run = submit(*SEND, settings="tls off\ntimeout 1", total=10)
    assert run.status == os.EX_TEMPFAIL, run
    assert "may have been delivered" in run.stderr


def test_silence_after_quit_does_not_matter(submit, server):
    server.play(lines(greet(), ENVELOPE, DATA, ACCEPTED, "C: QUIT"))
    run = submit(*SEND)
    assert run.status == 0, run
    assert run.seconds < 9


def test_a_server_that_stops_reading_the_body(submit, server):
    server.play(lines(greet(), ENVELOPE, """
        C: DATA
        S: 354 go on
        READ 1000
        WAIT 2
        CLOSE
    """))
    run = submit(*SEND, stdin=BIG, settings="tls off\ntimeout 1", total=10)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 9


def test_one_byte_a_second_does_not_extend_a_reply(submit, server):
    drip = "\n".join(f"RAW \\x{ord(byte):02x}\nWAIT 0.4"
                     for byte in "220 mx")
    server.play(lines(drip, "C? QUIT", "EOF"))
    run = submit(*SEND, settings="tls off\ntimeout 1", total=10)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 9


def test_the_deadline_ends_a_server_that_always_says_something(
        submit, server):
    server.play(lines("S: 220 mx.example", "C: EHLO *",
                      "\n".join("S: 250-wait\nWAIT 0.3" for _ in range(9)),
                      "EOF"))
    run = submit(*SEND, settings="tls off\ndeadline 2", total=10)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 9


def test_an_address_where_nobody_accepts(submit):
    # Connections that wait in a full queue get no answer at all.
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    port = listener.getsockname()[1]
    waiting = []
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", port))
        waiting.append(sock)
    try:
        run = submit(*SEND, total=10, config=lines(f"""
            account default
            host 127.0.0.1
            port {port}
            domain client.example
            tls off
            connect_timeout 1
        """) + "\n")
    finally:
        for sock in [listener, *waiting]:
            sock.close()
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 9


@pytest.mark.parametrize("answer, status", [
    ("none", os.EX_CONFIG),
    ("again", os.EX_TEMPFAIL),
])
def test_a_name_that_the_resolver_does_not_know(
        submit, program, answer, status):
    program.hosts["mx.example"] = answer
    run = submit(*SEND)
    assert run.status == status, run
    assert "mx.example" in run.stderr


def test_a_resolver_that_hangs(submit, program):
    program.hosts["mx.example"] = "hang"
    run = submit(*SEND, settings="tls off\ndeadline 2", total=10)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 9


def test_nobody_listens(submit):
    run = submit(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert "127.0.0.1" in run.stderr


def test_a_slow_but_living_server_is_waited_for(submit, server):
    server.play(lines("WAIT 0.5", greet(), "WAIT 0.5", MESSAGE_ACCEPTED))
    assert submit(*SEND, settings="tls off\ntimeout 5").status == 0
