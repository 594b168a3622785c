# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program with a queue, and lets one of its system calls fail.

faults.c numbers the calls.  After the fault, queue runs without faults deliver
what is left.  Then each recipient of a message that the queue has taken has it,
and has it twice only if the fault was between the server's final reply and the
record of it.
"""

import email
import errno
import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from program import Program, compile_preload
from queue_files import Queue
from sink import KEYWORDS, Sink

HERE = pathlib.Path(__file__).resolve().parent
SENDER = "alice@example.org"
BOB = "bob@example.org"
CAROL = "carol@example.org"
DAY = 86400
LIMIT = 30  # seconds, of one process
RUNS = 4  # queue runs until the queue must be empty
HEAD = ("From: {sender}\nTo: {to}\nSubject: a test\n"
        "Date: Sat, 21 Nov 2026 12:00:00 +0000\nMessage-ID: <{token}>\n")
BODY = b"Hello.\n" + b"A line of the message.\n" * 60 + b"The end.\n"

# What a call can fail with besides EIO.
ALLOCATES = {"write", "pwrite64", "openat64", "mkdir", "mkdirat", "renameat2",
             "renameat", "linkat", "fsync", "fdatasync", "fallocate64"}
WAITS = {"open64", "openat64", "read", "pread64", "recv", "send", "write",
         "pwrite64", "connect", "fcntl64", "poll", "ppoll", "close", "writev",
         "fsync", "fdatasync", "ftruncate64"}
SHORTENED = {"read", "pread64", "recv", "send", "write", "pwrite64"}
RECORDS = {"fsync", "fdatasync", "unlinkat"}


def faults_of(name):
    yield "kill"
    yield str(errno.EIO)
    if name == "renameat2":
        yield str(errno.EINVAL)  # a file system that does not know the flag
    if name in ALLOCATES:
        yield from (str(errno.ENOSPC), str(errno.EDQUOT), "full")
    if name in WAITS:
        yield str(errno.EINTR)
    if name in SHORTENED:
        yield "short"


def compile_faults(folder):
    library = pathlib.Path(folder) / "faults.so"
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run(
        [*compiler, "-std=c17", "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1",
         "-o", str(library), str(HERE / "faults.c"), "-ldl"], check=True)
    return library


class Call:
    """A line of the log."""

    def __init__(self, line):
        number, process, self.name, result, _, *self.details = (
            line.split("\t"))
        self.number = int(number)
        self.process = int(process)
        self.is_killed = result == "killed"
        self.result = 0 if self.is_killed else int(result)

    @property
    def is_final(self):
        return "final" in self.details

    def __repr__(self):
        return (f"{self.number} {self.process} {self.name}"
                f"({' '.join(self.details)[:100]}) = {self.result}")


class Case:
    """What is done, and with what messages in the queue before.

    A message in the queue is a dictionary of the arguments of Queue.add().
    """

    def __init__(self, argv, mode="later", queued=(), rejected=None,
                 healed=None, notices=0, recipients=(BOB, CAROL),
                 expires=False, chunks=False, size=1):
        self.argv = argv
        self.mode = mode
        self.queued = queued
        self.rejected = rejected or {}
        # The rejections of the queue runs after the fault.
        self.healed = self.rejected if healed is None else healed
        self.notices = notices  # 1: the sender gets one
        self.recipients = recipients
        self.expires = expires  # a fault is the last attempt's
        self.chunks = chunks  # the server has CHUNKING
        self.size = size
        self.body = BODY * size

    @property
    def is_run(self):
        return bool(self.queued)


LATER = {BOB: "450 4.2.1 try later"}
NEVER = {BOB: "550 5.1.1 no such user"}
SUBMIT = ("-f", SENDER, BOB, CAROL)
CASES = {
    "later": Case(SUBMIT),
    "later, large": Case(SUBMIT, size=1000),
    "on": Case(SUBMIT, "on"),
    "on, deferred": Case(SUBMIT, "on", rejected=LATER, healed={}),
    "on, one rejected": Case(SUBMIT, "on", rejected=NEVER,
                             recipients=(CAROL,)),
    "always": Case(SUBMIT, "always"),
    "always, deferred": Case(SUBMIT, "always", rejected=LATER, healed={}),
    "always, rejected": Case(SUBMIT, "always", rejected=NEVER, notices=1,
                             recipients=(CAROL,)),
    "run": Case(("-q",), queued=({}, {})),
    "run, chunks": Case(("-q",), queued=({}, {}, {}), chunks=True),
    "run, deferred": Case(("-q",), queued=({},), rejected=LATER, healed={}),
    "run, rejected": Case(("-q",), queued=({},), rejected=NEVER, notices=1,
                          recipients=(CAROL,)),
    "run, expired": Case(("-q",), queued=({"age": 6 * DAY},), rejected=LATER,
                         notices=1, recipients=(CAROL,), expires=True),
    "run, late": Case(("-q",), queued=({"age": 5 * 3600},), rejected=LATER,
                      healed={}),
}


class Failure(AssertionError):
    pass


class Torture:
    """The program, a server and a queue for one run after the other."""

    def __init__(self, binary, folder, preload=None, faults=None):
        folder = pathlib.Path(folder)
        folder.mkdir(exist_ok=True, parents=True)
        self.program = Program(binary, folder / "program",
                               preload or compile_preload(folder))
        self.library = faults or compile_faults(folder)
        self.spool = folder / "disk" / "spool"
        self.spool.parent.mkdir()
        self.log = folder / "calls"
        self.sink = Sink()
        self.count = 0
        self.token = ""
        self.status = None

    def stop(self):
        self.sink.stop()

    # ---- one process ----

    def start(self, argv, stdin, number=0, fault=None, traced=False):
        env = self.program.environment({})
        if traced:
            env["LD_PRELOAD"] = f"{self.library} {env['LD_PRELOAD']}"
            env["VEREDUS_FAULT_LOG"] = str(self.log)
            env["VEREDUS_FAULT_AT"] = str(number)
            if fault:
                env["VEREDUS_FAULT"] = fault
        self.log.unlink(missing_ok=True)
        self.log.touch()
        try:
            run = subprocess.run(
                ["veredus", *argv], executable=self.program.binary, env=env,
                cwd=self.program.work, input=stdin, timeout=LIMIT,
                close_fds=False, capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            raise Failure(f"no end within {LIMIT} seconds") from None
        self.output = run.stdout + run.stderr
        return run.returncode

    def wait(self):
        """Waits until the processes in the background have ended."""
        end = time.monotonic() + LIMIT
        with open(self.log, "rb") as log:
            while True:
                try:
                    fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise Failure("a process does not end") from None
                time.sleep(0.002)

    def calls(self):
        return [Call(line) for line in
                self.log.read_text(errors="replace").splitlines()]

    # ---- one case ----

    def message(self, case):
        head = HEAD.format(sender=SENDER, to=f"{BOB}, {CAROL}",
                           token=self.token).encode()
        return head, case.body

    def prepare(self, case, sessions=2):
        self.count += 1
        self.token = f"{os.getpid()}.{self.count}@example.org"
        shutil.rmtree(self.spool, ignore_errors=True)
        self.program.write_config("\n".join([
            "account default", "host 127.0.0.1", f"port {self.sink.port}",
            "tls off", "domain client.example", f"from {SENDER}",
            f"queue {case.mode}", f"queue_dir {self.spool}",
            f"queue_sessions {sessions}",
            "connect_timeout 5", "timeout 5", ""]))
        self.program.syslog.unlink(missing_ok=True)
        if case.queued:
            queue = Queue(self.spool)
            for number, values in enumerate(case.queued):
                token = self.token
                self.token = f"{number}.{token}"
                queue.add((BOB, CAROL), message=self.message(case), **values)
                self.token = token
        self.sink.empty()
        self.sink.rejected = dict(case.rejected)
        if case.chunks:
            self.sink.keywords = (*KEYWORDS, "CHUNKING")

    def run(self, case, number=0, fault=None):
        """Runs the case; returns its calls."""
        self.prepare(case)
        return self.run_prepared(case, number, fault)

    def run_prepared(self, case, number=0, fault=None):
        stdin = b"" if case.is_run else b"\n".join(self.message(case))
        self.status = self.start(case.argv, stdin, number, fault, True)
        self.wait()
        return self.calls()

    def files(self, place="queue"):
        folder = self.spool / place
        return sorted(os.listdir(folder)) if folder.exists() else []

    def heal(self, case):
        """Makes queue runs without faults, until the queue is empty."""
        self.sink.rejected = dict(case.healed)
        for _ in range(RUNS):
            if not self.files():
                return
            status = self.start(("-qf",), b"")
            if status != 0:
                raise Failure(f"a queue run without faults: exit {status}")
        if self.files():
            raise Failure("the queue does not get empty")

    # ---- what must hold ----

    def check(self, case, calls, number=0, fault=None):
        """Checks what the server has after the healing runs."""
        if self.status < 0 and not (fault == "kill"
                                    and self.status == -signal.SIGKILL):
            raise Failure("a signal")
        taken = case.is_run or self.status == 0
        # With one recipient rejected, the exit status is about that one.
        if (self.status > 0 and self.files() and not case.is_run
                and case.rejected != NEVER):
            raise Failure(f"exit {self.status}, and it is queued")
        self.heal(case)
        if self.files("failed"):
            raise Failure("a file in failed/")
        may_double = is_in_window(calls, number)
        for token in self.tokens(case):
            self.check_message(case, token, taken, may_double)

    def tokens(self, case):
        """Returns what is in the Message-ID of each message of the case."""
        return ([f"{number}.{self.token}"
                 for number in range(len(case.queued))] or [self.token])

    def check_message(self, case, token, taken, may_double):
        copies = {BOB: 0, CAROL: 0, SENDER: 0}
        returned = set()
        for message in list(self.sink.messages):
            if f"<{token}>".encode() not in message.data:
                continue
            for recipient in message.recipients:
                copies[recipient] += 1
            if message.recipients == [SENDER]:
                returned |= returned_recipients(message)
            elif message.data != self.expected(case, token):
                raise Failure("half a message")
        for recipient, count in copies.items():
            if recipient != SENDER and count > 1 + may_double:
                raise Failure(f"{count} copies for {recipient}")
        if not taken:
            return
        for recipient in case.recipients:
            if copies[recipient] == 0 and not (case.expires
                                               and recipient in returned):
                raise Failure(f"nothing for {recipient}")
        if case.notices and copies[SENDER] == 0:
            raise Failure("no notice")

    def expected(self, case, token):
        head = HEAD.format(sender=SENDER, to=f"{BOB}, {CAROL}", token=token)
        return b"\n".join((head.encode(), case.body)).replace(b"\n", b"\r\n")

    def describe(self, calls, number):
        near = [repr(call) for call in calls
                if abs(call.number - number) < 12]
        spool = [f"{place}/{name}" for place in ("tmp", "queue", "failed")
                 for name in self.files(place)]
        return "\n".join([f"exit {self.status}", *near, *spool,
                          self.program.read_log()])

    def try_two_kills(self, name, first, second):
        """Kills the process, and the next queue run."""
        case = CASES[name]
        calls = []
        try:
            calls = self.run(case, first, "kill")
            taken = case.is_run or self.status == 0
            may_double = is_in_window(calls, first)
            self.sink.rejected = dict(case.healed)
            self.start(("-qf",), b"", second, "kill", True)
            self.wait()
            calls = self.calls()
            may_double += is_in_window(calls, second)
            self.heal(case)
            for token in self.tokens(case):
                self.check_message(case, token, taken, may_double)
        except Failure as failure:
            return (f"{name}: call {first}, call {second} of a queue run, "
                    f"kill: {failure}\n{self.describe(calls, second)}")
        return None

    def try_fault(self, name, number, fault):
        """Returns a text if the invariants do not hold."""
        case = CASES[name]
        calls = []
        try:
            calls = self.run(case, number, fault)
            self.check(case, calls, number, fault)
        except Failure as failure:
            return (f"{name}: call {number}, {fault}: {failure}\n"
                    f"{self.describe(calls, number)}")
        return None


def returned_recipients(message):
    parsed = email.message_from_bytes(message.data)
    boundary = parsed.get_boundary()
    if not boundary or not message.data.rstrip().endswith(
            f"--{boundary}--".encode()):
        raise Failure("half a notice")
    return set(re.findall(r"(?m)^Final-Recipient: rfc822; (\S+)",
                          parsed.get_payload(1).as_string()))


def is_in_window(calls, number):
    """Whether the call is between the final reply and its record.

    From the end of the data on, the client cannot know whether the server has
    the message.
    """
    faulty = [call for call in calls if call.number == number]
    if not faulty:
        return False
    window = False
    for call in calls:
        if call.process != faulty[0].process:
            continue
        if call.number == number:
            return window or call.name in ("send", "write", "writev")
        if call.is_final:
            window = True
        elif window and call.name in RECORDS and call.result == 0:
            window = call.name == "unlinkat"
    return False
