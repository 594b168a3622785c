# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue, and a caller that sends a message with one.

The server of these tests plays one transcript for each session, so that a
message that is sent twice is an unexpected connection.
"""

import re
import time

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, ENVELOPE, MAIL, QUIT,
                      SEND, greet, lines)
from program import MESSAGE, account

ID = re.compile(r"[0-9A-Z]{13}")
LIMIT = 60  # seconds, for what happens in the background
SLOW = lines(BEFORE_FINAL_REPLY, "WAIT 4", ACCEPTED, QUIT)


def wait_until(condition):
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"not within {LIMIT} seconds"
        time.sleep(0.05)


def wait_for_sessions(server, count):
    """Waits for sessions that begin after the caller has its answer."""
    wait_until(lambda: len(server.connections) >= count or server.error)


class QueueFolder:
    """The folder of a queue, which the program creates."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = f"queue_dir {folder}"

    def files(self, place="queue"):
        folder = self.folder / place
        return sorted(folder.iterdir()) if folder.exists() else []

    def is_empty(self):
        return not self.files()

    def entry(self, place="queue"):
        """Returns the head, the message and the journal of the one file."""
        files = self.files(place)
        assert len(files) == 1, files
        data = files[0].read_bytes()
        head, _, rest = data.partition(b"\n\n")
        sizes = [int(size) for size in
                 re.findall(rb"(?m)^(?:header|body)-size (\d+)$", head)]
        size = sum(sizes) + 1  # the empty line
        return head.decode(), rest[:size], rest[size:].decode()

    def recipients(self):
        return re.findall(r"(?m)^recipient \d+ (\S+)", self.entry()[0])

    def journal(self):
        """Returns the lines of the journal, without checksum and time."""
        return [line.split(" ", 2)[2]
                for line in self.entry()[2].splitlines()]


class Results:
    """What a run printed and logged."""

    def __init__(self, process, stdout, stderr, program):
        self.status = process.returncode
        self.stdout = stdout.decode()
        self.stderr = stderr.decode()
        self.program = program

    def __repr__(self):
        return (f"exit {self.status}\n{self.stdout}{self.stderr}"
                f"log: {self.log}")

    @property
    def log(self):
        return self.program.read_log()

    @property
    def entries(self):
        """The fields of each log line about the message."""
        return [{key: value.strip('"') for key, value in
                 re.findall(r'(\w+)=("[^"]*"|\S*)', line)}
                for line in self.log.splitlines() if "exit=" in line]



class Sender:
    """Runs the program with a queue; the sessions are those of `transcripts`.

    A process that goes on in the background has ended its session when the
    call returns.
    """

    def __init__(self, program, server, queue):
        self.program = program
        self.server = server
        self.queue = queue
        self.seconds = None  # of the last run

    def __call__(self, *transcripts, argv=SEND, mode="on", settings="",
                 host="mx.example", config=None, stdin=MESSAGE, **options):
        if transcripts:
            self.server.play(*transcripts)
        if "tls on" not in settings:
            settings += "\ntls off"
        self.program.write_config(config or account(
            self.server.port,
            f"queue {mode}\n{self.queue.settings}\n{settings}", host))
        began = time.monotonic()
        process = self.program.start(*argv, **options)
        stdout, stderr = process.communicate(stdin, timeout=60)
        self.seconds = time.monotonic() - began
        if transcripts:
            if process.returncode == 0:
                wait_for_sessions(self.server, len(transcripts))
            self.server.finish()
        return Results(process, stdout, stderr, self.program)


def check_queued(run, queue, *words, silent=True):
    """Checks the exit status, the log line, and that the file is there."""
    assert run.status == 0, run
    if silent:
        assert (run.stdout, run.stderr) == ("", ""), run
    entry = run.entries[0]
    assert entry["result"] == "queued", run
    assert ID.fullmatch(entry["queue"]), run
    assert [path.name for path in queue.files()] == [entry["queue"]], run
    for word in words:
        assert word in run.log, run
    assert queue.files("tmp") == []
    return entry


def check_told(run, queue, status):
    assert run.status == status, run
    assert queue.is_empty(), run
    assert "queue=" not in run.log, run
    assert "queued" not in run.stderr, run


def refuse(stage, reply):
    """Returns a session in which the server rejects the command."""
    before = {
        "greeting": [],
        "ehlo": ["S: 220 mx.example ESMTP", "C: EHLO *"],
        "mail": [greet(), "C: MAIL *"],
        "rcpt": [greet(), MAIL, "C: RCPT *"],
        "data": [greet(), ENVELOPE, "C: DATA"],
        "end": [BEFORE_FINAL_REPLY],
    }[stage]
    # A server without EHLO gets HELO.
    after = ["C: HELO *", f"S: {reply}"] if stage == "ehlo" else []
    return lines(*before, f"S: {reply}", *after, "C? QUIT", "DRAIN")
