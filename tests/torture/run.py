# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets every system call of every case fail in every way; ./dev torture."""

import multiprocessing
import os
import pathlib
import pwd
import random
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
for path in (HERE, HERE.parent, HERE.parent / "integration"):
    sys.path.insert(0, str(path))

from crowd import Crowd  # noqa: E402
from faults import CASES, Torture, compile_faults, faults_of  # noqa: E402
from large import Large  # noqa: E402
from power_loss import PowerLoss  # noqa: E402
from program import compile_preload, find_binary  # noqa: E402

PAIRS = 3  # kills of the queue run, for each call that was killed before
CALLS = 130  # of a queue run
# Many processes at once: whether some of them are killed.
CROWDS = {"crowd": False, "crowd, kills": True}
CROWD_SECONDS = 60
# Octets of the message, recipients, and the memory in KiB that is enough.
LARGE = {"1 GiB": (1 << 30, 2, 16384), "50000 recipients": (1, 50000, 131072)}

AS_USER = "later", "on, deferred", "run", "delete"  # once more, not as root
USER = "nobody"

torture = None


def begin(folder, as_user=False):
    global torture
    folder = pathlib.Path(folder)
    if as_user:
        become(pwd.getpwnam(USER))
    torture = Torture(folder / "veredus", folder / str(os.getpid()),
                      folder / "preload.so", folder / "faults.so")


def become(user):
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def prepare(folder):
    """Puts what each user needs into a folder that each user can reach."""
    folder = pathlib.Path(folder)
    folder.chmod(0o1777)
    shutil.copy(find_binary(), folder / "veredus")
    compile_preload(folder)
    compile_faults(folder)


def attempt(job):
    return torture.try_fault(*job)


def kill_twice(job):
    return torture.try_two_kills(*job)


def pairs_of(name):
    """Returns calls of a case, each with some calls of the next queue run."""
    rng = random.Random(name)
    count = len(torture.run(CASES[name]))
    return [(name, first, rng.randint(1, CALLS))
            for first in range(1, count + 1) for _ in range(PAIRS)]


def lose_power(name):
    return name, *PowerLoss(torture, name).run()


def jobs_of(name):
    """Returns the jobs of a case, by its calls without a fault."""
    case = CASES[name]
    calls = torture.run(case)
    torture.check(case, calls)
    return [(name, call.number, fault)
            for call in calls for fault in faults_of(call.name)]


def report(name, count, what, failures):
    """Prints the failures of a case; returns how many passed and failed."""
    print(f"{name}: {count} {what}, {len(failures)} failures", *failures,
          sep="\n", flush=True)
    return count - len(failures), len(failures)


def run_faults(names, pool, what="faults"):
    for name in names:
        jobs = jobs_of(name)
        yield report(name, len(jobs), what,
                     list(filter(None, pool.imap(attempt, jobs, 8))))


def run_all(names, pool):
    yield from run_faults(names, pool)
    for name in names:
        jobs = pairs_of(name)
        yield report(name, len(jobs), "pairs of kills",
                     list(filter(None, pool.imap(kill_twice, jobs, 8))))
    for name, count, failures in pool.imap(lose_power, names):
        yield report(name, count, "states after a loss of power", failures)


def run_crowds(names, folder):
    for name in names:
        crowd = Crowd(pathlib.Path(folder, "veredus"), pathlib.Path(folder, name),
                      pathlib.Path(folder, "preload.so"),
                      kills=CROWDS[name])
        count = crowd.run(CROWD_SECONDS)
        print(crowd.describe())
        yield report(name, count, "messages", crowd.failures)


def run_large(names, folder):
    for name in names:
        size, recipients, enough = LARGE[name]
        for chunking in (False, True):
            large = Large(pathlib.Path(folder, "veredus"),
                          pathlib.Path(folder, f"{name} {chunking}"),
                          pathlib.Path(folder, "preload.so"), chunking)
            failures = []
            try:
                large.run(size, recipients)
                assert max(large.memory.values()) < enough, large.memory
            except AssertionError as failure:
                failures.append(str(failure))
            print("KiB of memory:", dict(large.memory))
            yield report(name, 1, "message", failures)


def make_pool(folder, as_user=False):
    return multiprocessing.Pool(os.cpu_count(), begin, (folder, as_user))


def main():
    names = sys.argv[1:] or [*CASES, *CROWDS, *LARGE]
    cases = [name for name in names if name in CASES]
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        begin(folder)
        with make_pool(folder) as pool:
            results = list(run_all(cases, pool))
        if os.geteuid() == 0:
            with make_pool(folder, as_user=True) as pool:
                results += run_faults(
                    [name for name in cases if name in AS_USER], pool,
                    f"faults as {USER}")
        results += run_crowds([name for name in names if name in CROWDS],
                              folder)
        results += run_large([name for name in names if name in LARGE],
                             folder)
    passed, failed = (sum(numbers) for numbers in zip(*results))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
