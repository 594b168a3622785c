# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the processes that the program starts."""

import os
import pathlib
import time


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


def children(pid):
    """All processes below this one, even those with a session of their own."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = []
    todo = [pid]
    while todo:
        below = parents.get(todo.pop(), [])
        found += below
        todo += below
    return found


def has_open(pid, suffix):
    """Whether the process has a file whose name ends so, if we may know."""
    try:
        return any(os.readlink(path).endswith(suffix)
                   for path in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except PermissionError:
        return True


def helper_of(pid):
    for child in children(pid):
        try:
            words = pathlib.Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if b"veredus-oauth\0refresh" in words:
            return child
    return None
