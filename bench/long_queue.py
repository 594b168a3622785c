# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a long queue costs: listings, runs and new messages.

The queue is in memory if it can be: on a disk, the removal of so many files may
take minutes.
"""

import os
import pathlib
import shutil
import socket
import tempfile

import queue_programs
from enqueue import count_instructions
from fill_queue import fill
from table import Limit

SIZE = 1024
MESSAGES = 100_000
FEWER = 10_000
MEMORY = "/dev/shm"
ROUNDS = 3
MAX_ROUNDS = 10  # until the limits are met
GROWTH = 1.5  # of the time for each message, with ten times the messages


def unused_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class LongQueue:
    def __init__(self, environment, table, quick):
        self.env = environment
        self.table = table
        self.rounds = 1 if quick else ROUNDS
        self.program = queue_programs.Veredus(environment)
        self.message = environment.message(SIZE).read_bytes()

    def put_queue(self, folder):
        """Chooses the folder of the queue, and a server that is down."""
        self.program.queue = pathlib.Path(folder, "queue")
        self.program.configure(unused_port(), sessions=1)

    def fill(self, count, due):
        shutil.rmtree(self.program.queue, ignore_errors=True)
        fill(self.program.queue, self.message, count, due,
             {"configuration": self.program.config})

    def measure(self, *options):
        """Returns a command's seconds of the processor, and its peak memory in
        MiB.

        Nothing is read from a disk, so an idle machine needs that time.
        """
        output = self.program.wait(self.program.start(
            [self.env.measure, 1, "/dev/null",
             *self.program.command(*options)]))
        _, _, peak, time = map(int, output.split())
        return time / 1e6, peak / 1024

    def minimum(self, option, limit=None):
        """Returns the lowest time and the highest peak of several runs."""
        runs = []
        for turn in range(MAX_ROUNDS):
            if turn >= self.rounds and (
                    not limit or min(runs)[0] <= limit.bound):
                break
            runs.append(self.measure(option))
        return min(runs)[0], max(peak for _, peak in runs)

    def run(self):
        memory = MEMORY if os.access(MEMORY, os.W_OK) else None
        with tempfile.TemporaryDirectory(dir=memory) as folder:
            self.put_queue(folder)
            self.print_figures()

    def print_figures(self):
        empty = count_instructions(self.env, self.program)
        listing, nothing = Limit(2), Limit(0.3)
        self.fill(FEWER, due=False)
        few_listed, _ = self.minimum("-bp")
        few_run, _ = self.minimum("-q")
        few_deferred, _ = self.measure("-qf")
        self.fill(MESSAGES, due=False)
        many_listed, list_peak = self.minimum("-bp", listing)
        many_run, run_peak = self.minimum("-q", nothing)
        full = count_instructions(self.env, self.program)
        many_deferred, deferred_peak = self.measure("-qf")

        table = self.table
        factor = MESSAGES / FEWER
        table.title(f"{MESSAGES} messages queued", ["veredus"])
        for label, figure, limit in (
                ("mailq, s", many_listed, listing),
                ("run with nothing due, s", many_run, nothing),
                ("run, server is down, s", many_deferred, None),
                ("enqueue / empty queue", full / empty, Limit(1.05)),
                ("MiB: mailq", list_peak, Limit(12)),
                ("MiB: nothing due", run_peak, Limit(12)),
                ("MiB: server is down", deferred_peak, Limit(12))):
            table.row(label, {"veredus": figure}, [limit] if limit else [])
        table.title(f"each, / of {FEWER}", ["veredus"])
        for label, many, few in (
                ("mailq", many_listed, few_listed),
                ("run with nothing due", many_run, few_run),
                ("run, server is down", many_deferred, few_deferred)):
            table.row(label, {"veredus": many / few / factor},
                      [Limit(GROWTH)])
