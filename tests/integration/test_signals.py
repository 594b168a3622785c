# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals in each stage: an incomplete message never ends with a dot."""

import os
import signal
import threading
import time

import pytest

from dialogue import (BEFORE_FINAL_REPLY, ENVELOPE, MAIL, QUIT, SEND, greet,
                      lines)
from program import MESSAGE, account

BIG = MESSAGE + (b"y" * 70 + b"\n") * 200000
STAGES = {
    "greeting": ("", "EOF"),
    "ehlo": ("S: 220 mx.example\nC: EHLO *", "C? QUIT\nEOF"),
    "mail": (lines(greet(), "C: MAIL *"), "C? QUIT\nEOF"),
    "rcpt": (lines(greet(), MAIL, "C: RCPT *"), "C? QUIT\nEOF"),
    "data": (lines(greet(), ENVELOPE, "C: DATA"), "C? QUIT\nEOF"),
}


@pytest.fixture
def signalled(program, server):
    """Starts the program and sends the signal at the end of `before`."""

    def signalled(before, after, number, message=MESSAGE, count=1):
        server.play(lines(before, "EVENT", after))
        program.write_config(account(server.port, "tls off"))
        process = program.start(*SEND)
        feeder = threading.Thread(target=feed, args=(process, message))
        feeder.start()
        assert server.reached.wait(20), "the stage was never reached"
        time.sleep(0.1)
        for _ in range(count):
            process.send_signal(number)
        feeder.join()
        process.stdin = None
        run = program.end(process)
        server.finish()
        return run

    return signalled


def feed(process, message):
    try:
        process.stdin.write(message)
        process.stdin.close()
    except BrokenPipeError:
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("stage", STAGES)
def test_a_signal_ends_the_session_in_each_stage(
        signalled, server, stage, number):
    run = signalled(*STAGES[stage], number)
    assert run.status == os.EX_TEMPFAIL, run
    assert server.message is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_message_is_sent_leaves_it_incomplete(
        signalled, server, number):
    run = signalled(lines(greet(), ENVELOPE, "C: DATA\nS: 354 go on",
                          "READ 1000"), "WAIT 0.3\nDRAIN", number, BIG)
    assert run.status == os.EX_TEMPFAIL, run
    assert not server.clear.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in server.clear


def test_a_signal_after_the_final_dot_leaves_the_result_uncertain(
        signalled, server):
    run = signalled(BEFORE_FINAL_REPLY, "EOF", signal.SIGTERM)
    assert run.status == os.EX_TEMPFAIL, run
    assert "may have been delivered" in run.stderr


def test_a_signal_while_the_input_is_read_ends_the_program(program, server):
    server.play()
    program.write_config(account(server.port, "tls off"))
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.flush()
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    run = program.end(process)
    server.finish()
    assert run.status == -signal.SIGTERM, run


def test_200_signals_have_the_effect_of_one(signalled, server):
    run = signalled(lines(greet(), "C: MAIL *"), "C? QUIT\nEOF",
                    signal.SIGTERM, count=200)
    assert run.status == os.EX_TEMPFAIL, run


@pytest.mark.parametrize("number", [
    signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGWINCH])
def test_other_signals_are_ignored(signalled, number):
    run = signalled(lines(greet(), "C: MAIL *"), lines(
        "S: 250 ok", "C: RCPT *", "S: 250 ok", "C: DATA", "S: 354 go on",
        "BODY", "S: 250 ok", QUIT), number)
    assert run.status == 0, run


def test_a_stopped_process_still_reads_the_final_reply(program, server):
    server.play(lines(BEFORE_FINAL_REPLY, "EVENT", "WAIT 0.3", "S: 250 ok",
                      "C: QUIT"))
    program.write_config(account(server.port, "tls off\ntimeout 3"))
    process = program.start(*SEND)
    feed(process, MESSAGE)
    assert server.reached.wait(20)
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    process.send_signal(signal.SIGCONT)
    process.stdin = None
    run = program.end(process)
    server.finish()
    assert run.status == 0, run
