# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large message, and one with many recipients, through the queue.

The server counts and hashes what it gets, and stores nothing.
"""

import collections
import hashlib
import os
import pathlib
import re
import subprocess
import tempfile
import time

from program import Program, reset_signals_before
from sink import KEYWORDS, Handler, Sink

SENDER = "alice@example.org"
HEAD = (f"From: {SENDER}\nTo: undisclosed-recipients:;\nSubject: large\n"
        "Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
        "Message-ID: <large@example.org>\n\n").encode()
LINE = b"0123456789abcdef" * 4 + b"\n"
BLOCK = LINE * 4096
CONFIG = """\
account default
host 127.0.0.1
port {port}
tls off
domain client.example
from {sender}
queue later
queue_dir {spool}
queue_limit 10 16g
"""


class CountingHandler(Handler):
    """Hashes a message as it comes."""

    def do_data(self, line):
        self.reply("354 go on")
        hashed = hashlib.sha256()
        for line in self.rfile:
            if line == b".\r\n":
                break
            hashed.update(line[1:] if line.startswith(b".") else line)
        else:
            return "421 4.4.2 the message is incomplete"
        return self.count(hashed)

    def do_bdat(self, line):
        _, size, *last = line.split()
        hashed = hashlib.sha256()
        left = int(size)
        while left > 0:
            data = self.rfile.read(min(left, 1 << 20))
            if not data:
                return "421 4.4.2 the message is incomplete"
            hashed.update(data)
            left -= len(data)
        return self.count(hashed) if last else "554 5.5.0 one chunk only"

    def count(self, hashed):
        self.server.sink.received.append(
            (len(self.message.recipients), hashed.hexdigest()))
        self.message = None
        return "250 2.0.0 counted"


class CountingServer(Sink):
    handler = CountingHandler

    def __init__(self, chunking):
        self.received = []  # number of recipients and hash of each message
        super().__init__()
        self.keywords = [name for name in KEYWORDS
                         if not name.startswith("SIZE")]
        if chunking:
            self.keywords.append("CHUNKING")


def write_message(file, size):
    """Writes a message; returns the hash of what the server must get."""
    hashed = hashlib.sha256(HEAD.replace(b"\n", b"\r\n"))
    sent = BLOCK.replace(b"\n", b"\r\n")
    file.write(HEAD)
    for _ in range(-(-size // len(BLOCK))):
        file.write(BLOCK)
        hashed.update(sent)
    file.flush()
    file.seek(0)
    return hashed.hexdigest()


def read_memory(process):
    """Returns the most memory that the process has had, in KiB, or None."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return None
    found = re.search(r"(?m)^Name:\s+veredus$(?s:.*)^VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else None


class Large:
    """One message that is queued and delivered by a queue run."""

    def __init__(self, binary, folder, preload, chunking=True):
        folder = pathlib.Path(folder)
        self.program = Program(binary, folder / "program", preload)
        self.spool = folder / "spool"
        self.server = CountingServer(chunking)
        self.program.write_config(CONFIG.format(
            port=self.server.port, sender=SENDER, spool=self.spool))
        self.memory = collections.Counter()  # KiB of each step

    def run_step(self, step, *argv, stdin=subprocess.DEVNULL):
        process = subprocess.Popen(
            ["veredus", *argv], executable=self.program.binary, stdin=stdin,
            stdout=subprocess.DEVNULL, cwd=self.program.work,
            env=self.program.environment({}),
            preexec_fn=reset_signals_before(None))
        while process.poll() is None:
            self.memory[step] = read_memory(process) or self.memory[step]
            time.sleep(0.002)
        assert process.returncode == 0, self.program.read_log()

    def run(self, size, recipients):
        addresses = [f"u{number}@b.test"
                     for number in range(recipients)]
        try:
            # Many addresses are too long for a command line.
            with tempfile.TemporaryFile(dir=self.program.folder) as file:
                file.write(f"Bcc: {', '.join(addresses)}\n".encode()
                           .replace(b", u", b",\n u"))
                expected = write_message(file, size)
                self.run_step("queue", "-t", "-i", "-f", SENDER, stdin=file)
            assert len(os.listdir(self.spool / "queue")) == 1
            assert self.server.received == []
            self.run_step("list", "-bp")
            self.run_step("run", "-q")
        finally:
            self.server.stop()
        assert self.server.received == [(recipients, expected)]
        assert os.listdir(self.spool / "queue") == []
