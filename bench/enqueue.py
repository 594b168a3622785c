# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to put a message into a queue."""

import os
import re

import queue_programs
from environment import BenchError
from table import BEST, Limit

SIZE = 1024
KINDS = (queue_programs.Veredus, queue_programs.Nullmailer,
         queue_programs.Dma, queue_programs.Postfix)
RUNS = {1: 40, 8: 15}  # by number of callers: messages of each one
ROUNDS = 4      # in which the programs take turns
MAX_ROUNDS = 20  # until the limit is met
# strace prints the path of the descriptor.
SYNC = re.compile(r"(?:fsync|fdatasync)\(\d+<([^>]*)>\) += 0$", re.M)


def put(environment, program, *tool):
    """Queues a message; the tool is a command that runs another one."""
    with open(environment.message(SIZE), "rb") as message:
        program.wait(program.start([*tool, *program.argv()], stdin=message))


def count_instructions(environment, program):
    with open(environment.message(SIZE), "rb") as message:
        return program.instructions(program.argv(), stdin=message)


class Enqueue:
    def __init__(self, environment, table, quick):
        self.env = environment
        self.table = table
        self.rounds = 2 if quick else ROUNDS
        self.programs = queue_programs.start_programs(
            environment, KINDS, table.note)
        # The first message may create folders.
        for program in self.programs:
            put(environment, program)

    def syncs(self, program):
        """Returns how many files, and how many folders, are synchronized."""
        log = self.env.folder / "strace.log"
        put(self.env, program, "strace", "-f", "-y", "-e",
            "fsync,fdatasync", "-o", log)
        paths = SYNC.findall(log.read_text())
        log.unlink()
        folders = sum(os.path.isdir(path) for path in paths)
        return len(paths) - folders, folders

    def time(self, program, callers):
        """Returns the milliseconds for each message."""
        runs = RUNS[callers]
        processes = [
            program.start([self.env.measure, runs, self.env.message(SIZE),
                           *program.argv()]) for _ in range(callers)]
        outputs = [program.wait(process) for process in processes]
        times = [[int(number) for number in line.split()[:2]]
                 for output in outputs for line in output.splitlines()]
        elapsed = max(end for _, end in times) - min(
            start for start, _ in times)
        return elapsed / 1e6 / (callers * runs)

    def times(self, callers, limit):
        minimum = {}
        for turn in range(MAX_ROUNDS):
            if turn >= self.rounds and limit.evaluate(minimum)[1] is not False:
                break
            for program in self.programs:
                elapsed = self.time(program, callers)
                minimum[program.name] = min(
                    elapsed, minimum.get(program.name, elapsed))
                program.empty()
        return minimum

    def each(self, measure):
        figures = {}
        for program in self.programs:
            try:
                figures[program.name] = measure(program)
            except BenchError as error:
                self.table.note(f"{program.name}, enqueue: {error}")
        return figures

    def print_syncs(self):
        # The program forbids other processes of its user to look at it.
        if os.geteuid() != 0:
            self.table.note("synchronized: skipped: only root can see which "
                            "files a process has open")
            return
        syncs = self.each(self.syncs)
        for i, what in enumerate(("files", "folders")):
            self.table.row(
                f"{what} synchronized",
                {name: counts[i] for name, counts in syncs.items()},
                [Limit(1)], "{:d}")

    def run(self):
        table = self.table
        columns = [program.name for program in self.programs]
        table.title("1 KiB into the queue", columns)
        table.row("instructions, million",
                  {name: count / 1e6 for name, count
                   in self.each(lambda program: count_instructions(
                       self.env, program)).items()},
                  [Limit(0.6), Limit(0.5, BEST)])
        self.print_syncs()
        for callers in RUNS:
            limit = Limit(1, BEST)
            table.row(f"ms, {callers} at once", self.times(callers, limit),
                      [limit])
