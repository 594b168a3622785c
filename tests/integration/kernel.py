# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine has for the tests: Landlock, a clock that runs fast, and what the
kernel tells of processes."""

import ctypes
import os
import pathlib
import signal
import sys

import pytest

from queued import wait_until


def landlock():
    """The version of the kernel's Landlock; 0 without it."""
    return max(ctypes.CDLL(None).syscall(444, None, 0, 1), 0)


needs_landlock = pytest.mark.skipif(
    landlock() < 2, reason="the kernel has no Landlock, or an old one")
needs_ports = pytest.mark.skipif(
    landlock() < 4, reason="the kernel's Landlock knows no ports")

# VEREDUS_TEST_SPEED of preload.c
needs_fast_clock = pytest.mark.skipif(
    sys.maxsize < 1 << 32,
    reason="only 64-bit systems have a clock that runs fast")

# Kernels that lack a part of Landlock and the filter.
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


def has_signal(status, mask, number):
    """Whether the signal is in a mask of read_status(), such as SigCgt."""
    return int(status[mask], 16) >> (number - 1) & 1 == 1


def wait_until_asleep(process):
    """Waits until the process handles signals, and waits for something itself.

    A signal that came before would end the process, or find it in another stage.
    """
    switches = None

    def is_asleep():
        nonlocal switches
        assert process.poll() is None, "the process has ended"
        status = read_status(process.pid)
        before, switches = switches, status["voluntary_ctxt_switches"]
        return (has_signal(status, "SigCgt", signal.SIGTERM)
                and status["State"].startswith("S") and before == switches)

    wait_until(is_asleep)


def send_signal(process, number):
    """Sends a signal, and waits until the process has it: signals of the same
    number that are pending are one."""
    process.send_signal(number)
    wait_until(lambda: process.poll() is not None or not has_signal(
        read_status(process.pid), "ShdPnd", number))


def signal_run(process, send=os.kill):
    """Sends SIGTERM to a queue run, and waits until each process has it: the
    first one passes it on."""
    workers = children(process.pid)
    assert workers
    send(process.pid, signal.SIGTERM)
    wait_until(lambda: not any(
        has_signal(read_status(pid), "ShdPnd", signal.SIGTERM)
        for pid in (process.pid, *workers)))
    wait_until_asleep(process)
    wait_until(lambda: not any(
        has_signal(read_status(pid), "ShdPnd", signal.SIGTERM)
        for pid in workers))


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
