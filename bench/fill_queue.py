# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes many messages into a queue of veredus, in a few seconds.

All have the same text, and only the checksum of what differs is computed: for a
text of the same length behind it, the CRC is linear.
"""

import os
import time

from queue_files import TABLE, Queue, head, journal_line, make_id


def register_after(register, data):
    for octet in data:
        register = TABLE[(register ^ octet) & 0xff] ^ register >> 8
    return register


class Tail:
    """The same end of many texts, and what it does to the CRC."""

    def __init__(self, data):
        self.data = data
        self.own = register_after(0, data)
        zeros = bytes(len(data))
        bits = [register_after(1 << bit, zeros) for bit in range(32)]
        self.tables = [self.table(bits[at:at + 8]) for at in range(0, 32, 8)]

    @staticmethod
    def table(bits):
        table = [0]
        for bit in bits:
            table += [value ^ bit for value in table]
        return table

    def checksum(self, beginning):
        """Returns the CRC-32C of the beginning and the tail."""
        register = register_after(0xffffffff, beginning)
        result = self.own ^ 0xffffffff
        for i, table in enumerate(self.tables):
            result ^= table[register >> 8 * i & 0xff]
        return result


def fill(path, message, count, due=True, settings=None):
    """Queues a message `count` times; returns the folder.

    Without `due`, the next attempt is in an hour.  `settings` are values of the
    head.
    """
    queue = Queue(path)
    header, _, body = message.partition(b"\n\n")
    values = {"uid": os.getuid(), "account": "default",
              "sender": "alice@example.org", "header-size": len(header) + 1,
              "body-size": len(body), "body-lines": body.count(b"\n"),
              **(settings or {})}
    tail = Tail(b"\n" + head(values, ["bob@example.org"]) + header + b"\n\n"
                + body)
    now = int(time.time())
    journal = b"" if due else b"".join(map(journal_line, (
        f"{now}000 attempt", f"{now}000 deferred 1 0 - - no route to host",
        f"{now}000 next {now + 3600}000")))
    folder = os.open(queue.path / "queue", os.O_DIRECTORY)
    first = (now - 3600) * 1000
    for number in range(count):
        name = make_id(first + number, number)
        beginning = b"id %s\narrival %d" % (name.encode(), first + number)
        data = b"veredus-queue 1 %08X\n" % tail.checksum(beginning)
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600,
                     dir_fd=folder)
        os.write(fd, data + beginning + tail.data + journal)
        os.close(fd)
        when = first / 1000 if due else now + 3600
        os.utime(name, (when, when), dir_fd=folder)
    os.close(folder)
    return queue.path
