# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue costs nothing where no account uses it."""

from faults import SUBMIT, Case

ONLY_OF_QUEUES = {"fallocate64", "fdatasync", "fsync", "ftruncate64", "linkat",
                  "mkdir", "mkdirat", "openat64", "pread64", "pwrite64",
                  "rename", "renameat", "renameat2", "unlinkat"}
# How often they are called depends on the speed of the server.
OF_SESSIONS = {"poll", "ppoll", "recv", "send"}


def names(torture, mode, dropped=()):
    """Returns the names of the system calls of a delivery, in order."""
    case = Case(SUBMIT, mode)
    torture.prepare(case)
    config = torture.program.config
    config.write_text("".join(
        line for line in config.read_text().splitlines(keepends=True)
        if not line.startswith(dropped)))
    calls = torture.run_prepared(case)
    assert torture.status == 0
    torture.check(case, calls)
    return [call.name for call in calls if call.name not in OF_SESSIONS]


def test_the_queue_is_recognized_by_its_calls(torture):
    assert ONLY_OF_QUEUES & set(names(torture, "later"))


def test_a_delivery_without_a_queue_makes_no_call_for_it(torture):
    off = names(torture, "off")
    assert not ONLY_OF_QUEUES & set(off), off
    assert not torture.spool.exists()


def test_queue_off_makes_the_calls_of_a_configuration_without_queues(torture):
    off = names(torture, "off")
    assert names(torture, "off", dropped="queue") == off
