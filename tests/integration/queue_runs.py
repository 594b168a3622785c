# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue, and the servers to which its runs deliver."""

import email
import email.policy
import os
import re
import socket
import threading
import time

import pytest

from program import MESSAGE
from queue_files import crc32c
from sink import Sink

ANY_MESSAGE = """
    C: MAIL FROM:<alice@example.org>*
    S: 250 2.1.0 ok
    C: RCPT TO:*
    S: 250 2.1.5 ok
    C: DATA
    S: 354 go on
    BODY
    S: 250 2.0.0 accepted
"""
SENDER = "alice@example.org"
BOB = "bob@example.org"


@pytest.fixture
def sink():
    sink = Sink()
    yield sink
    sink.stop()


class Queue:
    """The queue of the program, whose account delivers to the sink."""

    def __init__(self, program, sink, folder):
        self.program = program
        self.sink = sink
        self.folder = folder
        self.settings = []
        self.configure()

    def configure(self, *settings, port=None, sessions=1):
        self.settings = [f"host 127.0.0.1\nport {port or self.sink.port}",
                         "tls off", "domain client.example",
                         f"from {SENDER}", "queue later",
                         f"queue_dir {self.folder}",
                         f"queue_sessions {sessions}", *settings]
        self.program.write_config("\n".join(self.settings) + "\n")

    def put(self, *recipients, message=MESSAGE, options=()):
        """Queues a message; returns its ID."""
        before = set(self.ids())
        run = self.program.run("-odq", *options, *recipients, stdin=message)
        assert run.status == 0, run
        (new,) = set(self.ids()) - before
        return new

    def run(self, what="-q", status=0):
        run = self.program.run(what, stdin=None)
        assert run.status == status, run
        return run

    def ids(self, place="queue"):
        path = self.folder / place
        return sorted(os.listdir(path)) if path.exists() else []

    def text(self, name, place="queue"):
        return (self.folder / place / name).read_text()

    def set_next(self, name, seconds):
        """Pretends that the message arrived, and was tried, earlier."""
        when = time.time() + seconds
        os.utime(self.folder / "queue" / name, (when, when))


@pytest.fixture
def queue(program, sink, tmp_path):
    return Queue(program, sink, tmp_path / "queue")


def age(queue, name, seconds):
    """Makes a file as if its message had arrived earlier; returns its ID."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for character in name:
        number = number * 32 + alphabet.index(character)
    number -= seconds * 1000 << 22
    new = ""
    for _ in name:
        new = alphabet[number % 32] + new
        number //= 32
    path = queue.folder / "queue" / name
    data = path.read_bytes().split(b"\n", 1)[1]
    arrival = int(data.split(b"arrival ")[1].split(b"\n")[0])
    data = data.replace(name.encode(), new.encode(), 1).replace(
        b"arrival %d" % arrival, b"arrival %d" % (arrival - seconds * 1000),
        1)
    head, _, rest = data.partition(b"\n\n")
    sizes = [int(head.split(key)[1].split(b"\n")[0])
             for key in (b"header-size ", b"body-size ")]
    end = len(head) + 2 + sum(sizes) + 1
    line = b"veredus-queue 1 %08X\n" % crc32c(data[:end])
    changed = queue.folder / "queue" / new
    changed.write_bytes(line + data)
    changed.chmod(0o600)
    path.unlink()
    return new


def results(run):
    """Returns the results in the log, in their order."""
    return re.findall(r" result=(\w+)", run.log)


def parts_of(message):
    parsed = email.message_from_bytes(message.data,
                                      policy=email.policy.default)
    assert parsed.get_content_type() == "multipart/report"
    assert parsed.get_param("report-type") == "delivery-status"
    return parsed, list(parsed.iter_parts())


class Down:
    """A server that counts connections and greets each with a rejection.

    With `hangs`, it never says anything.
    """

    def __init__(self, greeting=b"421 4.3.2 down\r\n"):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.greeting = greeting
        self.count = 0
        self.sessions = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                session, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            if self.greeting is None:
                self.sessions.append(session)  # stays open
                continue
            session.sendall(self.greeting)
            session.close()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def down():
    server = Down()
    yield server
    server.stop()


@pytest.fixture
def hanging():
    server = Down(greeting=None)
    yield server
    server.stop()


def end_pauses(queue):
    """Lets the time of all pauses pass: they began an hour ago."""
    path = queue.folder / "pauses"
    lines = []
    for line in path.read_text().splitlines():
        fields = line.split("\t")[1:]
        if len(fields) > 3:
            for i in (1, 2, 3):
                fields[i] = str(int(fields[i]) - 1800_000)
        text = "\t".join(fields)
        lines.append(f"{crc32c(text.encode()):08X}\t{text}\n")
    path.write_text("".join(lines))
    for name in queue.ids():
        path = queue.folder / "queue" / name
        if path.stat().st_mtime > time.time():
            queue.set_next(name, -1)


def fill(queue, count):
    """Queues copies of one message."""
    for i in range(count):
        queue.put(f"u{i}@example.org")
