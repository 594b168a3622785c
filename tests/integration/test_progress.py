# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of a large message on a terminal, and the times of --time."""

import os
import pty
import re
import threading

import pytest

from dialogue import (ACCEPTED, ENVELOPE, LOGIN, LOGIN_SETTINGS,
                      MESSAGE_ACCEPTED, QUIT, SECURED, SEND, greet, lines)
from program import MESSAGE

# This is more than the socket buffers can hold.
LARGE = MESSAGE + b"0123456789012345678901234567890123456789\n" * 400000
STAGES = ["DNS", "TCP", "greeting", "TLS", "AUTH", "envelope", "body",
          "final reply", "total"]
SHOWN = re.compile(r"[\d.]+ of 16\.0 MiB, \d+ %(, [\d.]+ MiB/s(, \d+ s left)?)?")
# The server pauses twice, so that progress is shown.
SLOW = lines(ENVELOPE, """
    C: DATA
    S: 354 go on
    READ 65536
    WAIT 0.8
    READ 65536
    WAIT 0.4
    BODY
""")


class Terminal:
    """A pseudo-terminal that keeps what the program writes to it."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.output = b""
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            self.output += data

    def close(self):
        """Returns the output, and the lines that are left on the screen."""
        os.close(self.slave)
        self.thread.join(10)
        os.close(self.master)
        text = self.output.decode().replace("\r\n", "\n")
        return text, [displayed(line) for line in text.split("\n")]


def displayed(line):
    """Returns what a line with carriage returns leaves on the screen."""
    screen = []
    for part in line.split("\r"):
        screen[:len(part)] = part
    return "".join(screen).rstrip()


def on_terminal(submit, *argv, **options):
    terminal = Terminal()
    try:
        run = submit(*argv, stderr=terminal.slave, **options)
    finally:
        output, screen = terminal.close()
    return run, output, screen


def test_a_terminal_shows_the_progress(submit, server):
    server.play(lines(greet(), SLOW, ACCEPTED, QUIT))
    run, output, screen = on_terminal(submit, *SEND, stdin=LARGE)
    assert run.status == 0, run
    shown = [part.rstrip() for part in output.split("\r") if part.strip()]
    assert len(shown) > 1
    assert shown[0] == "0.0 of 16.0 MiB, 0 %"
    assert all(SHOWN.fullmatch(part) for part in shown), shown
    assert any("s left" in part for part in shown), shown
    assert screen == [""], "the progress was not erased"


def test_the_progress_is_erased_before_other_output(submit, server):
    server.play(lines(greet(), SLOW, "S: 552 5.3.4 too big", QUIT))
    run, output, screen = on_terminal(submit, "-v", *SEND, stdin=LARGE)
    assert run.status == os.EX_DATAERR
    assert "MiB" in output
    assert screen.pop() == ""
    assert "MiB" not in "".join(screen)
    assert all(re.match("--> |<-- |veredus: ", line) for line in screen)
    assert "<-- 552 5.3.4 too big" in screen


def test_the_progress_is_shown_with_bdat(submit, server):
    size = len(LARGE) + LARGE.count(b"\n")
    server.play(lines(greet("PIPELINING", "CHUNKING"), f"""
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        C: BDAT {size} LAST
        READ 65536
        WAIT 0.8
        READ 65536
        WAIT 0.4
        CHUNK {size - 2 * 65536}
        S: 250 2.0.0 thanks
    """, QUIT))
    run, output, screen = on_terminal(submit, "-v", *SEND, stdin=LARGE)
    assert run.status == 0, run
    assert "MiB" in output
    assert "MiB" not in "".join(screen)
    assert f"--> BDAT {size} LAST" in screen


def test_no_progress_is_shown_for_a_small_message(submit, server):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run, output, _ = on_terminal(submit, *SEND)
    assert run.status == 0 and output == ""


def test_as_sendmail_no_progress_is_shown(submit, server):
    server.play(lines(greet(), SLOW, ACCEPTED, QUIT))
    run, output, _ = on_terminal(submit, *SEND, stdin=LARGE, name="sendmail")
    assert run.status == 0 and output == ""


def test_no_progress_is_written_to_a_pipe(submit, server):
    server.play(lines(greet(), SLOW, ACCEPTED, QUIT))
    run = submit(*SEND, stdin=LARGE)
    assert run.status == 0 and run.stderr == ""


def test_with_v_the_progress_is_written_to_a_pipe_as_lines(submit, server):
    server.play(lines(greet(), SLOW, ACCEPTED, QUIT))
    run = submit("-v", *SEND, stdin=LARGE)
    assert run.status == 0, run
    shown = [line.strip() for line in run.stderr.splitlines()
             if line.startswith("    ")]
    assert len(shown) > 1
    assert all(SHOWN.fullmatch(line) for line in shown), shown
    assert shown[-1].startswith("16.0 of 16.0 MiB, 100 %")


def times(run):
    rows = [re.fullmatch(r"(.+?) +(\d+\.\d{3}) s", line)
            for line in run.stderr.splitlines()]
    assert all(rows), run
    return {row[1]: float(row[2]) for row in rows}


@pytest.mark.parametrize("stage, slow", [
    ("greeting", "S: 220"), ("envelope", "S: 250 2.1.0"),
    ("final reply", "S: 250 2.0.0")])
def test_time_shows_the_time_of_each_stage(submit, server, stage, slow):
    script = lines(greet(), MESSAGE_ACCEPTED)
    server.play(script.replace(slow, "WAIT 0.5\n" + slow))
    run = submit("--time", *SEND)
    assert run.status == 0, run
    shown = times(run)
    assert list(shown) == STAGES
    assert shown[stage] >= 0.4
    assert shown["TLS"] == shown["AUTH"] == 0
    assert abs(sum(shown.values()) - 2 * shown["total"]) < 0.01


def test_time_shows_the_time_of_tls_and_auth(submit, server, trust):
    server.play(lines(SECURED, LOGIN.replace("S: 235", "WAIT 0.5\nS: 235"),
                      MESSAGE_ACCEPTED))
    run = submit("--time", *SEND, host="mx.test",
                 settings=f"{trust}\n{LOGIN_SETTINGS}")
    assert run.status == 0, run
    shown = times(run)
    assert shown["TLS"] > 0 and shown["AUTH"] >= 0.4


def test_time_is_also_shown_after_a_failure(submit, server):
    server.play(lines(greet(), "C: MAIL*\nS: 451 4.3.0 later", QUIT))
    run = submit("--time", *SEND)
    assert run.status == os.EX_TEMPFAIL
    *rows, last = run.stderr.splitlines()
    assert len(rows) == len(STAGES)
    assert last.startswith("veredus: ")
