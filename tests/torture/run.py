# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets every system call of every case fail in every way; ./dev torture."""

import multiprocessing
import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
for path in (HERE, HERE.parent, HERE.parent / "integration"):
    sys.path.insert(0, str(path))

from faults import CASES, Torture, compile_faults, faults_of  # noqa: E402
from power_loss import PowerLoss  # noqa: E402
from program import compile_preload, find_binary  # noqa: E402

torture = None


def begin(folder):
    global torture
    folder = pathlib.Path(folder)
    torture = Torture(find_binary(), folder / str(os.getpid()),
                      folder / "preload.so", folder / "faults.so")


def attempt(job):
    return torture.try_fault(*job)


def lose_power(name):
    return name, *PowerLoss(torture, name).run()


def jobs_of(name):
    """Returns the jobs of a case, by its calls without a fault."""
    case = CASES[name]
    calls = torture.run(case)
    torture.check(case, calls)
    return [(name, call.number, fault)
            for call in calls for fault in faults_of(call.name)]


def main():
    names = sys.argv[1:] or list(CASES)
    failed = total = 0
    with tempfile.TemporaryDirectory() as folder:
        compile_preload(folder)
        compile_faults(folder)
        begin(folder)
        with multiprocessing.Pool(os.cpu_count(), begin, (folder,)) as pool:
            for name in names:
                jobs = jobs_of(name)
                found = [text for text in pool.imap(attempt, jobs, 8) if text]
                print(f"{name}: {len(jobs)} faults, {len(found)} failures",
                      *found, sep="\n", flush=True)
                failed += len(found)
                total += len(jobs)
            for name, count, found in pool.imap(lose_power, names):
                print(f"{name}: {count} states after a loss of power, "
                      f"{len(found)} failures", *found, sep="\n", flush=True)
                failed += len(found)
                total += count
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
