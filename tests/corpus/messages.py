# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the messages in the files below a folder."""

import os
import pathlib
import re

SIZE_MAX = 4 << 20  # octets of a file; larger ones are archives
PER_MAILBOX = 100   # messages that are taken of an mbox file
FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n))From [^\n]*\d\d:\d\d[^\n]*\n")
KNOWN = {b"from", b"to", b"cc", b"subject", b"date", b"received", b"sender",
         b"message-id", b"mime-version", b"return-path", b"delivered-to"}


def is_message(data):
    """Whether the data begins with at least two fields of a message."""
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    names = set()
    for line in data.partition(b"\n\n")[0].splitlines():
        field = FIELD.match(line)
        if field:
            names.add(field[1].lower())
        elif not names or not line[:1].isspace():
            return False
    return len(names & KNOWN) >= 2


def split_mailbox(data):
    """Splits an mbox file at its From lines; other data is one message."""
    unix = data.replace(b"\r\n", b"\n")
    starts = [found.start() for found in SEPARATOR.finditer(unix)]
    if len(starts) < 2 or starts[0] != 0:
        return [data]
    ends = starts[1:] + [len(unix)]
    return [unix[start:end] for start, end in
            zip(starts, ends)][:PER_MAILBOX]


def find(folder):
    """Yields (name, data) of each different message below the folder."""
    seen = set()
    for base, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = pathlib.Path(base, name)
            if path.is_symlink() or not path.is_file() or (
                    path.stat().st_size > SIZE_MAX):
                continue
            parts = split_mailbox(path.read_bytes())
            for number, data in enumerate(parts, 1):
                if is_message(data) and data not in seen:
                    seen.add(data)
                    suffix = f":{number}" if len(parts) > 1 else ""
                    yield f"{path.relative_to(folder)}{suffix}", data
