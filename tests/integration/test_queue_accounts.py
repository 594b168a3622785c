# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cost of a queue run is linear in the number of accounts.

Each account has a process of its own, so that work which each process does for
all accounts or for all messages would be a square.
"""

import os
import re
import shutil
import subprocess

import pytest

from queue_files import Queue as Files
from queue_runs import queue, sink  # noqa: F401

GROWTH_MAX = 2.5  # a square has 4
SIZES = (10, 20, 40)


def fill(queue, count):  # noqa: F811
    """Queues a message of each account; returns their IDs."""
    names = [f"a{i}" for i in range(count)]
    queue.program.write_config("\n".join(
        ["defaults", *queue.settings, *(f"account {name}" for name in names)])
        + "\n")
    files = Files(queue.folder)
    return [files.add(account=name) for name in names]


def test_messages_and_the_configuration_are_opened_twice(
        queue, sink, ordinary_memory):  # noqa: F811
    if not shutil.which("strace"):
        pytest.skip("strace is missing")
    ids = fill(queue, 20)
    log = queue.program.folder / "strace"
    done = subprocess.run(
        ["strace", "-f", "-o", log, "-e", "trace=openat",
         queue.program.binary, "-q"], cwd=queue.program.work,
        env=queue.program.environment({}), capture_output=True, timeout=60)
    assert done.returncode == 0, done
    assert len(sink.messages) == len(ids)
    opened = re.findall(r'openat\([^"]*"([^"]*)"', log.read_text())
    # To find its account, and to send it.
    counts = {name: opened.count(name) for name in ids}
    assert max(counts.values()) <= 2, counts
    # By the run, and for the first account.
    assert opened.count(str(queue.program.config)) <= 2


def count_page_faults(queue, sink):  # noqa: F811
    """Returns how often the processes of a run got memory of their own."""
    sent = len(sink.messages)
    count = len(queue.ids())
    process = queue.program.start("-q", stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert len(sink.messages) == sent + count
    return usage.ru_minflt


@pytest.mark.usefixtures("ordinary_memory")
def test_memory_is_linear_in_the_number_of_accounts(
        queue, sink):  # noqa: F811
    costs = []
    for size in SIZES:
        fill(queue, size)
        costs.append(count_page_faults(queue, sink))
    first, second, third = costs
    assert third - second <= GROWTH_MAX * (second - first), costs


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_each_account_has_its_own_log(queue, sandbox):  # noqa: F811
    queue.program.write_config("\n".join(
        ["defaults", *queue.settings, f"sandbox {sandbox}", "account a", "syslog LOG_MAIL",
         "account b", "syslog LOG_USER"]) + "\n")
    files = Files(queue.folder)
    expected = {files.add(account=account): facility
                for account, facility in (("a", "2"), ("b", "1")) * 2}
    found = re.findall(r"(?m)^(\d+)\.\d .* queue=(\w+)", queue.run().log)
    assert {name: facility for facility, name in found} == expected
