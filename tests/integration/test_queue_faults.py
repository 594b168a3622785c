# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A system call of the queue fails, or the process or the power ends there.

./dev torture tries all calls and faults; these are some of them.
"""

import errno
import random

import pytest

from faults import CASES, faults_of
from power_loss import PowerLoss

FAULTS = 20  # for each case
PAIRS = 6
CALLS = 130  # of a queue run
STATES = 20
SMALL = [name for name, case in CASES.items() if case.size == 1]


def test_the_calls_of_the_program_are_seen(torture):
    calls = torture.run(CASES["later"])
    names = [call.name for call in calls]
    assert torture.status == 0
    for name in ("mkdirat", "renameat2", "fsync", "fcntl64"):
        assert name in names, calls
    # The file is durable before it has a name in the queue, and then its name.
    assert [name for name in names if name in ("renameat2", "fsync")][-3:] == [
        "fsync", "renameat2", "fsync"]
    assert "unlinkat" in [call.name for call in torture.run(CASES["run"])]


@pytest.mark.parametrize("name", SMALL)
def test_a_failed_call_loses_no_message_and_sends_no_half(torture, name):
    case = CASES[name]
    calls = torture.run(case)
    torture.check(case, calls)
    jobs = [(call.number, fault) for call in calls
            for fault in faults_of(call.name)]
    for number, fault in random.Random(name).sample(jobs, FAULTS):
        failure = torture.try_fault(name, number, fault)
        assert not failure, failure


@pytest.mark.parametrize("name", SMALL)
def test_two_kills_lose_no_message(torture, name):
    count = len(torture.run(CASES[name]))
    rng = random.Random(name)
    for _ in range(PAIRS):
        failure = torture.try_two_kills(name, rng.randint(1, count),
                                        rng.randint(1, CALLS))
        assert not failure, failure


def test_a_message_that_cannot_be_read_waits(torture):
    for call in torture.run(CASES["run"]):
        if call.name == "pread64":
            failure = torture.try_fault("run", call.number, str(errno.EIO))
            assert not failure, failure


def test_a_message_that_cannot_be_looked_at_is_not_told_to_be_removed(torture):
    for call in torture.run(CASES["delete"]):
        if call.name in ("fstatat64", "fstat64", "openat64"):
            failure = torture.try_fault("delete", call.number, str(errno.EIO))
            assert not failure, failure


@pytest.mark.parametrize("name", ["always", "on", "run, one session"])
def test_nothing_is_sent_in_a_sandbox_without_the_queue(torture, name):
    for call in torture.run(CASES[name]):
        if call.name == "open64" and str(torture.spool) in call.details:
            failure = torture.try_fault(name, call.number, str(errno.EIO))
            assert not failure, failure


@pytest.mark.parametrize("name", ["run, deferred", "run, rejected"])
def test_on_a_full_disk_no_recipient_gets_a_message_twice(torture, name):
    for call in torture.run(CASES[name]):
        if "full" in faults_of(call.name):
            failure = torture.try_fault(name, call.number, "full")
            assert not failure, failure


@pytest.mark.parametrize("name", SMALL)
def test_a_loss_of_power_loses_no_message_and_sends_no_half(torture, name):
    count, failures = PowerLoss(torture, name).run(STATES)
    assert count > 0
    assert not failures, failures[0]
