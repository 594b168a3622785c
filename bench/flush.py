# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a queue takes to send its messages to a distant server.

The server has STARTTLS and AUTH PLAIN.  A program with fewer messages than
MESSAGES would take minutes for all of them: its time for that number is
computed.
"""

import queue_programs
from clients import SENDER
from delay_proxy import DelayProxy
from environment import BenchError
from fill_queue import fill
from table import Limit

SIZE = 1024
MESSAGES = 1000
DELAY = 0.05  # seconds each way: a round trip is 100 ms
INSTRUCTIONS_FROM, INSTRUCTIONS_TO = 50, 250  # messages under callgrind
PAUSE_MAX = 20  # seconds between two messages
ATTEMPTS = 3


class Flush:
    def __init__(self, environment, table, quick):
        self.env = environment
        self.table = table
        self.quick = quick
        self.message = environment.message(SIZE).read_bytes()
        self.programs = {
            program.name: program for program in queue_programs.start_programs(
                environment, (queue_programs.Veredus,
                              queue_programs.Nullmailer,
                              queue_programs.Postfix), table.note)}
        self.logins = self.sessions = 0

    def share(self, count):
        return count // 4 if self.quick else count

    # ---- one session after another ----

    def watch(self, count, options, start):
        """Calls start(port of the server), which starts a program with `count`
        messages; returns the seconds from the first connection until the last
        reply has arrived."""
        sink = self.env.start_sink("fork", *options)
        proxy = DelayProxy(sink.ports[0], DELAY)
        try:
            stop = start(proxy.port)
            try:
                accepted = sink.accepted(count, SIZE, PAUSE_MAX)
            finally:
                stop()
            sink.message_line(0)  # counts the last login
            self.logins, self.sessions = sink.logins, len(proxy.start_times)
            # The server sends the reply one delay before it arrives.
            return max(accepted) + DELAY - proxy.start_times[0]
        finally:
            proxy.close()
            sink.close()

    def fill(self, count, port, sessions):
        """Fills the queue of veredus; returns the command that empties it."""
        program = self.programs["veredus"]
        program.configure(port, tls=True, sessions=sessions)
        program.empty()
        fill(program.queue, self.message, count, settings={
            "configuration": program.config, "sender": SENDER})
        return program.command("-q")

    def time_veredus(self, count, sessions, *options):
        program = self.programs["veredus"]

        def start(port):
            process = program.start(self.fill(count, port, sessions))
            return lambda: program.wait(process)

        return self.watch(count, options, start)

    def time_nullmailer(self, count):
        program = self.programs["nullmailer"]
        for _ in range(count):
            with open(self.env.message(SIZE), "rb") as message:
                program.wait(program.start(program.argv(), stdin=message))

        def start(port):
            program.configure(port)
            process = program.deliver()

            def stop():
                process.terminate()
                process.communicate()

            return stop

        return self.watch(count, (), start)

    def time_postfix(self, count, *settings):
        program = self.programs["postfix"]
        processes = []
        for _ in range(4):
            processes.append(program.start(
                [self.env.measure, count // 4, self.env.message(SIZE),
                 *program.argv()]))
        for process in processes:
            program.wait(process)

        def start(port):
            program.configure(port, *settings)
            program.server.start()
            return program.server.stop

        return self.watch(count // 4 * 4, (), start)

    def trips(self, count, limit, *options):
        """Returns the round trips of each message in one session: the lowest of
        up to ATTEMPTS runs, until the limit is met."""
        figures = []
        for _ in range(ATTEMPTS):
            seconds = self.time_veredus(count, 1, *options)
            figures.append(seconds / (2 * DELAY) / count)
            if figures[-1] <= limit.bound:
                break
        return {"veredus": min(figures)}

    def seconds(self, name, count, measure):
        """Returns the seconds for MESSAGES messages, as one of `count`."""
        if name not in self.programs:
            return None
        try:
            return measure(count) / count * MESSAGES
        except (BenchError, RuntimeError) as error:
            self.table.note(f"{name}, flush: {error}")
            return None

    # ---- instructions ----

    def count_instructions(self, messages):
        self.env.sink.discard_output()
        count = self.programs["veredus"].instructions(
            self.fill(messages, self.env.sink.ports[0], 1))
        self.env.sink.accepted(messages, SIZE)
        return count

    def instructions(self):
        """Returns the millions of instructions for each further message."""
        few = self.count_instructions(INSTRUCTIONS_FROM)
        many = self.count_instructions(INSTRUCTIONS_TO)
        return ((many - few) / (INSTRUCTIONS_TO - INSTRUCTIONS_FROM)) / 1e6

    # ---- the table ----

    def print_sessions(self):
        """One session of veredus.  With fewer messages, the beginning of the
        session would count for too much."""
        table = self.table
        chunking, pipelining = Limit(0.1), Limit(1.1)
        table.title("queue run, one session", ["veredus"])
        table.row("round trips, CHUNKING",
                  self.trips(MESSAGES, chunking), [chunking],
                  "{:.3f}")
        table.row("logins", {"veredus": self.logins}, [Limit(1)], "{:d}")
        table.row("round trips, PIPELINING",
                  self.trips(200, pipelining, "data"),
                  [pipelining], "{:.3f}")
        table.row("million instructions",
                  {"veredus": self.instructions()}, [Limit(0.15)], "{:.3f}")

    def print_programs(self):
        table = self.table
        results = {
            "veredus": self.seconds(
                "veredus", self.share(MESSAGES),
                lambda count: self.time_veredus(count, 2)),
        }
        logins = {"veredus": self.logins / self.sessions}
        results["nullmailer"] = self.seconds(
            "nullmailer", 10, self.time_nullmailer)
        results["postfix"] = self.seconds(
            "postfix", self.share(300), self.time_postfix)
        results["with reuse"] = self.seconds(
            "postfix", self.share(300), lambda count: self.time_postfix(
                count, "smtp_tls_connection_reuse = yes"))
        figures = {name: value for name, value in results.items() if value}
        table.title(f"{MESSAGES} messages, s", list(figures))
        table.row("a round trip of 100 ms", figures,
                  [Limit(12), Limit(0.24, "postfix"),
                   Limit(0.67, "with reuse")], "{:.1f}")
        table.row("logins of each session", logins, [Limit(1)])

    def run(self):
        self.print_sessions()
        self.print_programs()
