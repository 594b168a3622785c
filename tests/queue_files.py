# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes and reads the files of a queue without the code of the program.

A second implementation of the format: a change that the program can still read
itself, but that older files do not have, fails the tests.
"""

import fcntl
import os
import pathlib
import re
import struct
import time

ID_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MESSAGE = (b"From: alice@example.org\nTo: bob@example.org\nSubject: queued\n",
           b"Hello.\n")


def crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = crc32c_table()


def crc32c(data):
    value = 0xffffffff
    for octet in data:
        value = TABLE[(value ^ octet) & 0xff] ^ value >> 8
    return value ^ 0xffffffff


def make_id(arrival, number):
    """Returns the ID of a message that arrived at that time, in ms."""
    value = arrival << 22 | number
    return "".join(ID_CHARACTERS[value >> shift & 31]
                   for shift in range(60, -1, -5))


def journal_line(event):
    data = event if isinstance(event, bytes) else event.encode()
    return b"%08X %s\n" % (crc32c(data), data)


def head(values, recipients):
    lines = [f"{key} {value}".encode("utf-8", "surrogateescape")
             for key, value in values.items()]
    for number, recipient in enumerate(recipients, 1):
        address, original = (recipient if isinstance(recipient, tuple)
                             else (recipient, None))
        lines.append(f"recipient {number} {address}".encode(
            "utf-8", "surrogateescape"))
        if original:
            lines.append(f"original {original}".encode())
    return b"\n".join(lines) + b"\n\n"


class Queue:
    """A queue folder."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.number = 0
        for name in ("", "tmp", "queue", "hold", "failed"):
            (self.path / name).mkdir(mode=0o700, exist_ok=True, parents=True)
            (self.path / name).chmod(0o700)

    def add(self, recipients=("bob@example.org",), journal=(), place="queue",
            age=60, message=MESSAGE, mode=0o600, version=1, **changes):
        """Adds a message of that age in seconds; returns its ID.

        `changes` are values of the head, with "_" for "-".
        """
        self.number += 1
        arrival = changes.pop("arrival", int((time.time() - age) * 1000))
        name = make_id(arrival, self.number)
        header, body = message
        values = {
            "id": name, "arrival": arrival, "uid": os.getuid(),
            "account": "default", "sender": "alice@example.org",
            "header-size": len(header), "body-size": len(body),
            "body-lines": body.count(b"\n")}
        for key, value in changes.items():
            values[key.replace("_", "-")] = value
        rest = head(values, recipients) + header + b"\n" + body
        data = b"veredus-queue %d %08X\n%s" % (version, crc32c(rest), rest)
        data += b"".join(map(journal_line, journal))
        return self.write(name, data, place, mode)

    def write(self, name, data, place="queue", mode=0o600):
        path = self.path / place / name
        path.write_bytes(data)
        path.chmod(mode)
        return name

    def file(self, name):
        """Returns the path of a message, or None."""
        for place in ("queue", "hold", "failed"):
            path = self.path / place / name
            if os.path.lexists(path):
                return path
        return None

    def place(self, name):
        path = self.file(name)
        return path.parent.name if path else None

    def names(self, place="queue"):
        return sorted(os.listdir(self.path / place))

    def lock(self, name):
        """Locks a message as a queue run does; returns the open file."""
        opened = open(self.file(name), "r+b")
        fcntl.fcntl(opened, fcntl.F_OFD_SETLK, struct.pack(
            "hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        return opened

    def read(self, name):
        """Reads a message, and checks both kinds of checksums."""
        data = self.file(name).read_bytes()
        first, rest = data[:25], data[25:]
        matched = re.fullmatch(rb"veredus-queue 1 ([0-9A-F]{8})\n", first)
        assert matched, first
        text, _, content = rest.partition(b"\n\n")
        values, recipients = {}, []
        for line in text.decode("utf-8", "surrogateescape").split("\n"):
            key, _, value = line.partition(" ")
            if key == "recipient":
                recipients.append(value.partition(" ")[2])
            else:
                values[key] = value
        end = (len(text) + 2 + int(values.get("header-size", 0)) + 1
               + int(values.get("body-size", 0)))
        assert crc32c(rest[:end]) == int(matched[1], 16)
        journal = []
        for line in rest[end:].splitlines():
            assert crc32c(line[9:]) == int(line[:8], 16), line
            journal.append(line[9:].decode())
        return values, recipients, content[:end - len(text) - 2], journal
