# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far an upload has come, and where the time went."""

import os
import pty
import re
import threading
from functools import partial

import pytest

from dialogue import (ACCEPTED, ENVELOPE, LOGIN, LOGIN_SETTINGS,
                      MESSAGE_ACCEPTED, QUIT, SECURED, SEND, greet, lines,
                      receive_chunks)
from program import MESSAGE

# More than the kernel holds between two processes.
LARGE = MESSAGE + b"0123456789012345678901234567890123456789\n" * 400000
PHASES = ["DNS", "TCP", "greeting", "TLS", "AUTH", "envelope", "body",
          "final reply", "total"]
SHOWN = re.compile(r"[\d.]+ of 16\.0 MiB, \d+ %(, [\d.]+ MiB/s(, \d+ s left)?)?")
# The server pauses in the middle, so that there is something to see.
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
    """Somebody who looks at what the program writes on a terminal."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.seen = b""
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            self.seen += data

    def close(self):
        """What was written, and what can be read in the end."""
        os.close(self.slave)
        self.thread.join(10)
        os.close(self.master)
        text = self.seen.decode().replace("\r\n", "\n")
        return text, [displayed(line) for line in text.split("\n")]


def displayed(line):
    """What is left on the screen of a line with carriage returns."""
    screen = []
    for part in line.split("\r"):
        screen[:len(part)] = part
    return "".join(screen).rstrip()


def on_terminal(submit, *argv, **options):
    terminal = Terminal()
    try:
        run = submit(*argv, stderr=terminal.slave, **options)
    finally:
        seen, screen = terminal.close()
    return run, seen, screen


def test_a_terminal_shows_how_far_it_is(submit, server):
    server.play(lines(greet(), SLOW, ACCEPTED, QUIT))
    run, seen, screen = on_terminal(submit, *SEND, stdin=LARGE)
    assert run.status == 0, run
    shown = [part.rstrip() for part in seen.split("\r") if part.strip()]
    assert len(shown) > 1
    assert shown[0] == "0.0 of 16.0 MiB, 0 %"
    assert all(SHOWN.fullmatch(part) for part in shown), shown
    assert any("s left" in part for part in shown), shown
    assert screen == [""], "it is gone in the end"


def test_it_never_stands_in_another_line(submit, server):
    server.play(lines(greet(), SLOW, "S: 552 5.3.4 too big", QUIT))
    run, seen, screen = on_terminal(submit, "-v", *SEND, stdin=LARGE)
    assert run.status == os.EX_DATAERR
    assert "MiB" in seen
    assert screen.pop() == ""
    assert "MiB" not in "".join(screen)
    assert all(re.match("--> |<-- |veredus: ", line) for line in screen)
    assert "<-- 552 5.3.4 too big" in screen


def test_pieces_show_it_as_well(submit, server):
    server.replies["pieces"] = partial(receive_chunks, pause=0.1)
    server.play(lines(greet("PIPELINING", "CHUNKING"), """
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        C: BDAT *
        REPLY pieces
    """, QUIT))
    run, seen, screen = on_terminal(
        submit, "-v", *SEND, stdin=LARGE[:4000000] + b"\n")
    assert run.status == 0, run
    assert "MiB" in seen
    assert "MiB" not in "".join(screen)
    assert sum(line.startswith("--> BDAT") for line in screen) > 10


def test_a_terminal_shows_nothing_of_a_small_message(submit, server):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run, seen, _ = on_terminal(submit, *SEND)
    assert run.status == 0 and seen == ""


def test_sendmail_never_shows_it(submit, server):
    server.play(lines(greet(), SLOW, ACCEPTED, QUIT))
    run, seen, _ = on_terminal(submit, *SEND, stdin=LARGE, name="sendmail")
    assert run.status == 0 and seen == ""


def test_a_pipe_shows_nothing(submit, server):
    server.play(lines(greet(), SLOW, ACCEPTED, QUIT))
    run = submit(*SEND, stdin=LARGE)
    assert run.status == 0 and run.stderr == ""


def test_a_pipe_has_lines_if_it_is_asked_for(submit, server):
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


@pytest.mark.parametrize("place,slow", [
    ("greeting", "S: 220"), ("envelope", "S: 250 2.1.0"),
    ("final reply", "S: 250 2.0.0")])
def test_the_time_is_told_by_phase(submit, server, place, slow):
    script = lines(greet(), MESSAGE_ACCEPTED)
    server.play(script.replace(slow, "WAIT 0.5\n" + slow))
    run = submit("--time", *SEND)
    assert run.status == 0, run
    told = times(run)
    assert list(told) == PHASES
    assert told[place] >= 0.5
    assert told["TLS"] == told["AUTH"] == 0
    assert abs(sum(told.values()) - 2 * told["total"]) < 0.01


def test_the_time_of_tls_and_login(submit, server, trust):
    server.play(lines(SECURED, LOGIN.replace("S: 235", "WAIT 0.5\nS: 235"),
                      MESSAGE_ACCEPTED))
    run = submit("--time", *SEND, host="mx.test",
                 settings=f"{trust}\n{LOGIN_SETTINGS}")
    assert run.status == 0, run
    told = times(run)
    assert told["TLS"] > 0 and told["AUTH"] >= 0.5


def test_the_time_of_a_failure_is_told_too(submit, server):
    server.play(lines(greet(), "C: MAIL*\nS: 451 4.3.0 later", QUIT))
    run = submit("--time", *SEND)
    assert run.status == os.EX_TEMPFAIL
    *rows, last = run.stderr.splitlines()
    assert len(rows) == len(PHASES)
    assert last.startswith("veredus: ")
