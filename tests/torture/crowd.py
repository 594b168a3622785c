# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many callers and queue runs at once, against a server that fails at random.

Each recipient of a message that the program has taken gets it once, and once
more for each time that the server ended behind the message without a reply.
With kills, a client that is killed may send again what the server has just
accepted.
"""

import contextlib
import os
import pathlib
import random
import re
import signal
import subprocess
import threading
import time

from program import Program, reset_signals_before
from unruly import NOBODY, UnrulyServer, digest

SENDER = "alice@example.org"
RECIPIENTS = [f"user{number}@example.org" for number in range(20)]
OPTIONS = ("-odi", "-odb", "-odq")  # queue on, always, later
LIMIT = 60  # seconds, of one process
HEALING_RUNS = 10
CONFIG = """\
account default
host 127.0.0.1
port {port}
tls off
domain client.example
from {sender}
connect_timeout 3
timeout 6
queue on
queue_dir {spool}
queue_wait 1s
queue_retry 1s 2s
queue_warn off
queue_sessions 2
queue_pipeline {pipeline}
"""


def is_ours(process, mark):
    try:
        environment = pathlib.Path("/proc", process, "environ").read_bytes()
    except OSError:
        return False
    return mark in environment.split(b"\0")


def catches(process, number):
    status = pathlib.Path("/proc", str(process.pid), "status").read_text()
    caught = re.search(r"(?m)^SigCgt:\s*([0-9a-f]+)$", status)
    return int(caught[1], 16) >> (number - 1) & 1


def terminate(process):
    """Sends SIGTERM as soon as it no longer ends the process by itself."""
    while process.poll() is None:
        if catches(process, signal.SIGTERM):
            process.terminate()
            return
        time.sleep(0.01)


class Crowd:
    """The callers, the runs and the server."""

    def __init__(self, binary, folder, preload, seed=1, kills=False):
        self.program = Program(binary, pathlib.Path(folder) / "program",
                               preload)
        self.spool = pathlib.Path(folder) / "spool"
        self.kills = kills
        self.seed = seed
        # After a signal, a run waits 10 seconds for what is under way.
        pipeline = 20 if kills else 3
        self.server = UnrulyServer(seed, pipeline)
        self.failures = []
        self.taken = {}  # by Message-ID: recipients that must get it
        self.returned = {}  # the same: whether the sender must be told
        self.statuses = {}
        self.killed = 0
        self.end = None
        self.mark = f"VEREDUS_TEST_CROWD={os.getpid()}.{id(self)}"
        self.program.write_config(CONFIG.format(
            port=self.server.port, sender=SENDER, spool=self.spool,
            pipeline=pipeline))

    def start(self, *argv, **options):
        name, _, value = self.mark.partition("=")
        return subprocess.Popen(
            ["veredus", *argv], executable=self.program.binary,
            cwd=self.program.work, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
            env=self.program.environment({name: value}),
            preexec_fn=reset_signals_before(None), **options)

    def finish(self, process, stdin=None):
        try:
            return process.communicate(stdin, timeout=LIMIT)[0].decode()
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            self.failures.append(f"{process.args}: no end in {LIMIT} s")
            return ""

    # ---- those who work at the same time ----

    def submit(self, rng, token):
        recipients = rng.sample(RECIPIENTS, rng.randint(1, 3))
        if rng.random() < 0.1:
            recipients.append(NOBODY)
        line = b"%s\r\n" % token.encode()
        body = line * rng.choice([1, 20, 20, 5000])
        head = (f"From: {SENDER}\nTo: {', '.join(recipients)}\n"
                f"Message-ID: <{token}>\nX-Digest: {digest(body)}\n\n")
        option = rng.choice(OPTIONS)
        process = self.start(option, "-i", "-f", SENDER, *recipients,
                             stdin=subprocess.PIPE)
        output = self.finish(process,
                             head.encode() + body.replace(b"\r\n", b"\n"))
        self.note_status(process, option, token, recipients, output)

    def note_status(self, process, option, token, recipients, output):
        """Only a caller that waits can be told that a recipient is rejected."""
        status = process.returncode
        self.statuses[status] = self.statuses.get(status, 0) + 1
        told = (NOBODY in recipients and option == "-odi"
                and status == os.EX_NOUSER)
        if status != 0 and not told:
            self.failures.append(f"{process.args}: exit {status}: {output}")
            return
        self.taken[token] = [address for address in recipients
                             if address != NOBODY]
        self.returned[token] = NOBODY in recipients and not told

    def call(self, number):
        rng = random.Random(f"{self.seed}.{number}")
        count = 0
        while time.monotonic() < self.end:
            count += 1
            self.submit(rng, f"{number}.{count}@client.example")

    def run_queue(self, number):
        rng = random.Random(f"{self.seed}.run.{number}")
        while time.monotonic() < self.end:
            # Messages are to overlap although the server fails at it.
            (self.spool / "faults").unlink(missing_ok=True)
            process = self.start(rng.choice(["-q", "-q", "-qf"]))
            if rng.random() < 0.3:
                time.sleep(rng.random() * 2)
                self.interrupt(process, rng)
            output = self.finish(process)
            if process.returncode not in (0, os.EX_TEMPFAIL, -signal.SIGKILL):
                self.failures.append(
                    f"{process.args}: exit {process.returncode}: {output}")
            time.sleep(rng.random() * 0.3)

    def interrupt(self, process, rng):
        """A signal to end, or a kill of the process or all of the run."""
        with contextlib.suppress(ProcessLookupError):
            if not self.kills or rng.random() < 0.3:
                terminate(process)
                return
            self.killed += 1
            if rng.random() < 0.5:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()

    def refuse(self):
        """The server goes away from time to time."""
        rng = random.Random(f"{self.seed}.refuse")
        while time.monotonic() < self.end:
            time.sleep(rng.random() * 4)
            self.server.stop()
            time.sleep(rng.random() * 2)
            self.server.start()

    # ---- the whole ----

    def work(self, seconds, callers, runs):
        self.end = time.monotonic() + seconds
        threads = [threading.Thread(target=self.call, args=(number,))
                   for number in range(callers)]
        threads += [threading.Thread(target=self.run_queue, args=(number,))
                    for number in range(runs)]
        threads.append(threading.Thread(target=self.refuse))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def wait(self):
        """Waits for the processes in the background."""
        end = time.monotonic() + LIMIT
        mark = self.mark.encode()
        while any(is_ours(name, mark) for name in os.listdir("/proc")
                  if name.isdigit()):
            if time.monotonic() > end:
                self.failures.append("a process in the background stays")
                return
            time.sleep(0.1)

    def files(self, place):
        folder = self.spool / place
        return sorted(os.listdir(folder)) if folder.exists() else []

    def heal(self):
        """Lets queue runs deliver what is left to a server that works."""
        self.server.behaves = True
        self.wait()
        for _ in range(HEALING_RUNS):
            process = self.start("-qf")
            output = self.finish(process)
            if process.returncode != 0:
                self.failures.append(
                    f"a run at the end: exit {process.returncode}: {output}")
            if not self.files("queue"):
                break
        for place in ("queue", "hold", "failed"):
            for name in self.files(place):
                self.failures.append(f"{place}/{name} is left")
        if not self.kills and self.files("tmp"):
            self.failures.append(f"left in tmp: {self.files('tmp')}")

    def check_state(self):
        """The counts of messages and octets are those of an empty queue."""
        self.finish(self.start("-q"))
        state = (self.spool / "state").read_text().splitlines()[0].split()
        if int(state[1]) != 0 or int(state[3]) != 0:
            self.failures.append(f"the queue is empty, and counts {state}")

    def check(self):
        fates = self.server.fates
        for token, recipients in self.taken.items():
            wanted = recipients + ["notice"] * self.returned[token]
            for recipient in wanted:
                if not fates[token, recipient]["acknowledged"]:
                    self.failures.append(
                        f"{token}: nothing for {recipient}: "
                        f"{dict(fates[token, recipient])}\n"
                        f"{self.explain(token)}")
        for (token, recipient), counts in fates.items():
            allowed = 1 + (counts["unsure"] if self.kills else 0)
            if counts["acknowledged"] > allowed:
                self.failures.append(
                    f"{token}: too often for {recipient}: {dict(counts)}\n"
                    f"{self.explain(token)}")
            if recipient == "notice" and not self.returned.get(token):
                self.failures.append(f"{token}: a notice for no reason")
        self.failures += self.server.errors
        self.failures += [path.read_text(errors="replace") for path in
                          self.program.folder.glob("sanitizer*")]

    def explain(self, token):
        """Returns what the server and the log say about a message."""
        log = self.program.read_log().splitlines()
        name = next((part[6:] for line in log if f"<{token}>" in line
                     for part in line.split() if part.startswith("queue=")),
                    token)
        return "\n".join([*self.server.history[token],
                          *(line for line in log if name in line)])

    def run(self, seconds, callers=8, runs=3):
        """Returns the number of messages."""
        try:
            self.work(seconds, callers, runs)
            self.heal()
            self.check_state()
            self.check()
        finally:
            self.server.stop()
        return len(self.taken)

    def describe(self):
        fates = sum((counts for counts in self.server.fates.values()),
                    start=type(self.server.events)())
        return (f"exit statuses {self.statuses}, {self.killed} kills, "
                f"events {dict(self.server.events)}, copies {dict(fates)}")
