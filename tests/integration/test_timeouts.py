# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Silent servers and resolvers: each wait has a timeout."""

import os
import socket

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, ENVELOPE,
                      LOGIN_SETTINGS, MAIL, MESSAGE_ACCEPTED, SECURED, SEND,
                      STARTTLS, greet, lines, plain)
from program import MESSAGE

BIG = MESSAGE + (b"y" * 70 + b"\n") * 200000
STAGES = {
    "greeting": "",
    "half a line": "RAW 220 mx.exa",
    "ehlo": "S: 220 mx.example\nC: EHLO *",
    "half a reply": "S: 220 mx.example\nC: EHLO *\nS: 250-mx.example",
    "mail": lines(greet(), "C: MAIL *"),
    "rcpt": lines(greet(), MAIL, "C: RCPT *"),
    "data": lines(greet(), ENVELOPE, "C: DATA"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_silent_server_times_out_in_each_stage(submit, server, stage):
    server.play(lines(STAGES[stage], "EOF"))
    run = submit(*SEND, settings="tls off\ntimeout 1")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 20
    assert "may have been" not in run.stderr


TLS_STAGES = {
    "starttls": lines(greet("STARTTLS"), "C: STARTTLS"),
    "handshake": lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go",
                       "READ 50", "WAIT 4", "CLOSE"),
    "ehlo inside": lines(greet("STARTTLS"), STARTTLS, "C: EHLO *"),
    "auth": lines(SECURED, plain()),
}


@pytest.mark.parametrize("stage", TLS_STAGES)
def test_a_silent_server_times_out_in_each_stage_of_tls(
        submit, server, trust, stage):
    end = "" if "CLOSE" in TLS_STAGES[stage] else "EOF"
    server.play(lines(TLS_STAGES[stage], end))
    run = submit(*SEND, host="mx.test",
                 settings=f"{trust}\ntimeout 2\n{LOGIN_SETTINGS}")
    assert run.status == os.EX_TEMPFAIL, run


def test_silence_after_the_final_dot_leaves_the_result_uncertain(
        submit, server):
    server.play(lines(BEFORE_FINAL_REPLY, "EOF"))
    run = submit(*SEND, settings="tls off\ntimeout 1")
    assert run.status == os.EX_TEMPFAIL, run
    assert "may have been delivered" in run.stderr


def test_silence_after_quit_is_ignored(submit, server):
    server.play(lines(greet(), ENVELOPE, DATA, ACCEPTED, "C: QUIT"))
    run = submit(*SEND)
    assert run.status == 0, run
    assert run.seconds < 20


def test_a_server_that_stops_reading_the_message_times_out(submit, server):
    server.play(lines(greet(), ENVELOPE, """
        C: DATA
        S: 354 go on
        READ 1000
        WAIT 2
        CLOSE
    """))
    run = submit(*SEND, stdin=BIG, settings="tls off\ntimeout 1")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 20


def test_single_bytes_do_not_extend_the_timeout_of_a_reply(submit, server):
    drip = "\n".join(f"RAW \\x{ord(byte):02x}\nWAIT 0.4"
                     for byte in "220 mx")
    server.play(lines(drip, "C? QUIT", "EOF"))
    run = submit(*SEND, settings="tls off\ntimeout 1")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 20


def test_the_deadline_ends_an_endless_reply(submit, server):
    server.play(lines("S: 220 mx.example", "C: EHLO *",
                      "\n".join("S: 250-wait\nWAIT 0.3" for _ in range(9)),
                      "EOF"))
    run = submit(*SEND, settings="tls off\ndeadline 2")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 20


def test_an_address_that_does_not_respond_times_out(submit):
    # The kernel does not respond to a SYN when the backlog is full.
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
        run = submit(*SEND, config=lines(f"""
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
    assert run.seconds < 20


@pytest.mark.parametrize("result, status", [
    ("none", os.EX_CONFIG),
    ("again", os.EX_TEMPFAIL),
])
def test_a_failed_host_lookup_is_reported(submit, program, result, status):
    program.hosts["mx.example"] = result
    run = submit(*SEND)
    assert run.status == status, run
    assert "mx.example" in run.stderr


def test_the_deadline_ends_a_lookup_that_hangs(submit, program):
    program.hosts["mx.example"] = "hang"
    run = submit(*SEND, settings="tls off\ndeadline 2")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 20


def test_a_refused_connection_is_a_temporary_failure(submit):
    run = submit(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert "127.0.0.1" in run.stderr


def test_a_slow_server_does_not_time_out(submit, server):
    server.play(lines("WAIT 0.5", greet(), "WAIT 0.5", MESSAGE_ACCEPTED))
    assert submit(*SEND, settings="tls off\ntimeout 5").status == 0
