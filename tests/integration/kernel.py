# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel has for the sandbox, and what it tells of processes."""

import ctypes
import os
import pathlib

import pytest


def landlock():
    """The version of the kernel's Landlock; 0 without it."""
    return max(ctypes.CDLL(None).syscall(444, None, 0, 1), 0)


needs_landlock = pytest.mark.skipif(
    landlock() < 2, reason="the kernel has no Landlock, or an old one")
needs_ports = pytest.mark.skipif(
    landlock() < 4, reason="the kernel's Landlock knows no ports")

# Kernels that lack a part of it.
LACKING = [
    ({"VEREDUS_TEST_LANDLOCK": "0"}, "no Landlock (Function not implemented)"),
    ({"VEREDUS_TEST_LANDLOCK": "1"}, "no Landlock (Function not implemented)"),
    ({"VEREDUS_TEST_FILTER": "0"},
     "no filter of system calls (Invalid argument)"),
]


def skip_if_more_is_missing(env):
    if "VEREDUS_TEST_FILTER" in env and landlock() < 2:
        pytest.skip("the kernel has no Landlock, or an old one")


def read_status(pid):
    with open(f"/proc/{pid}/status") as status:
        return dict(line.rstrip("\n").split(":\t", 1) for line in status
                    if ":\t" in line)


def sandbox_state(pid):
    status = read_status(pid)
    return status["NoNewPrivs"], status["Seccomp"]


def children(pid):
    """Returns the child processes of a process."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if read_status(folder.name)["PPid"] == str(pid):
                    found.append(int(folder.name))
            except (OSError, KeyError):
                pass  # it has ended
    return found


def descriptors(pid):
    """Returns where the descriptors of a process lead, by their number."""
    folder = pathlib.Path(f"/proc/{pid}/fd")
    try:
        return {int(link.name): os.readlink(link) for link in folder.iterdir()}
    except PermissionError:
        pytest.skip("the program lets only root see its descriptors")
