# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program with a queue, and lets one of its system calls fail.

faults.c numbers the calls.  After the fault, queue runs without faults deliver
what is left.  Then each recipient of a message that the queue has taken has it,
and has it twice only if the fault was between the server's final reply and the
record of it.
"""

import collections
import email
import errno
import fcntl
import os
import pathlib
import re
import shutil
import signal
import socket
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
LIMIT = 60  # seconds, of one process
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
DELIVERED = re.compile(rb"(?m)^[0-9A-F]{8} \d+ delivered ")
JOURNAL_MAX = 10000  # octets that are written to a journal at once
SENDS = {"send", "write", "writev"}
SYNCS = {"fsync", "fdatasync"}


def faults_of(name):
    yield "kill"
    yield "kill all"
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
    def ends(self):
        """The number of messages that end in what is sent."""
        is_sent = self.name in SENDS and self.details[0] == "0"
        return int(self.details[1]) if is_sent else 0

    @property
    def is_delivery(self):
        """Whether a journal gets a recipient that has the message."""
        return (self.name in ("write", "pwrite64")
                and 0 < self.result < JOURNAL_MAX and self.details[0] != "0"
                and bool(DELIVERED.search(bytes.fromhex(self.details[2]))))

    def __repr__(self):
        return (f"{self.number} {self.process} {self.name}"
                f"({' '.join(self.details)[:100]}) = {self.result}")


class Case:
    """What is done, and with what messages in the queue before.

    A message in the queue is a dictionary of the arguments of Queue.add().
    """

    def __init__(self, argv, mode="later", queued=(), rejected=None,
                 healed=None, notices=0, recipients=(BOB, CAROL),
                 expires=False, chunks=False, size=1, sessions=2, pipeline=20,
                 is_command=False, removes=False, fails=False, down=False,
                 settings=(), refills=False, archive=None):
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
        self.sessions = sessions
        self.pipeline = pipeline
        self.is_command = is_command  # it changes messages, and sends none
        self.removes = removes  # nobody must get the messages if it succeeds
        self.fails = fails  # the messages move to failed/
        self.down = down  # the server is not there until the fault
        self.settings = settings  # lines of the configuration
        self.refills = refills  # the runs after the fault get new tokens
        self.archive = archive  # "required" or "optional"
        self.body = BODY * size

    @property
    def is_run(self):
        return bool(self.queued)


LATER = {BOB: "450 4.2.1 try later"}
NEVER = {BOB: "550 5.1.1 no such user"}
RATES = "rate 50/1h", "rate_user 50/1h", "rate_recipients 50/1h"
REPLY = "450 4.2.0 mx.example 450 4.2.0 try later"
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
    "run, one session": Case(("-q",), queued=({},) * 4, chunks=True,
                             sessions=1),
    "run, one session, DATA": Case(("-q",), queued=({},) * 4, sessions=1),
    "run, two under way": Case(("-q",), queued=({},) * 5, sessions=1,
                               chunks=True, pipeline=2),
    "run, two sessions": Case(("-q",), queued=({},) * 6, chunks=True),
    "run, mixed": Case(("-q",), queued=({},) * 3, rejected=LATER, healed={},
                       chunks=True, sessions=1),
    "on, down": Case(SUBMIT, "on", down=True),
    "always, down": Case(SUBMIT, "always", down=True),
    "run, down": Case(("-q",), queued=({},) * 3, down=True),
    "run, failed": Case(("-q",), queued=({"sender": ""},), rejected=NEVER,
                        recipients=(CAROL,), fails=True),
    "hold": Case(("--queue-hold", "all"), queued=({}, {}), is_command=True),
    "release": Case(("--queue-release", "all"),
                    queued=({"place": "hold"}, {"place": "hold"}),
                    is_command=True),
    "delete": Case(("--queue-delete", "all"), queued=({}, {}),
                   is_command=True, removes=True),
    "return": Case(("--queue-return", "all"), queued=({}, {}),
                   is_command=True, expires=True),
    "requeue": Case(("--queue-requeue", "all"),
                    queued=({"journal": [f"1 deferred 1 {REPLY}"]},
                            {"place": "hold"}), is_command=True),
    "rate": Case(SUBMIT, "on", settings=RATES),
    "rate, later": Case(SUBMIT, settings=RATES),
    "rate, deferred": Case(SUBMIT, "on", settings=RATES, rejected=LATER,
                           healed={}),
    "rate, run": Case(("-q",), queued=({},) * 3, sessions=1,
                      settings=("rate 2/1h",), refills=True),
    "archive": Case(SUBMIT, "on", archive="optional"),
    "archive, required": Case(SUBMIT, "on", archive="required"),
    "archive, deferred": Case(SUBMIT, "on", archive="required",
                              rejected=LATER, healed={}),
    "archive, always": Case(SUBMIT, "always", archive="required"),
    "archive, run": Case(("-q",), queued=({},) * 2, archive="required",
                         sessions=1, chunks=True),
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
        self.archive = folder / "disk" / "archive"
        self.spool.parent.mkdir()
        self.log = folder / "calls"
        self.sink = Sink()
        self.down = socket.socket()  # nobody listens at its port
        self.down.bind(("127.0.0.1", 0))
        self.count = 0
        self.token = ""
        self.status = None

    def stop(self):
        self.down.close()
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
                close_fds=False, capture_output=True, check=False,
                start_new_session=True)
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

    def configure(self, case, port, sessions):
        self.program.write_config("\n".join([
            "account default", "host 127.0.0.1", f"port {port}",
            "tls off", "domain client.example", f"from {SENDER}",
            f"queue {case.mode}", f"queue_dir {self.spool}",
            f"queue_sessions {sessions}",
            f"queue_pipeline {case.pipeline}",
            "connect_timeout 30", "timeout 30", *case.settings,
            *self.archive_settings(case), ""]))

    def archive_settings(self, case):
        if case.archive:
            yield f"archive maildir:{self.archive}"
        if case.archive == "required":
            yield "archive_required on"

    def prepare(self, case, sessions=None):
        self.count += 1
        self.token = f"{os.getpid()}.{self.count}@example.org"
        shutil.rmtree(self.spool, ignore_errors=True)
        shutil.rmtree(self.archive, ignore_errors=True)
        self.configure(case, self.down.getsockname()[1] if case.down
                       else self.sink.port, sessions or case.sessions)
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

    def restore(self, case):
        """Gives queue runs after the fault a server that works."""
        self.sink.rejected = dict(case.healed)
        if case.down:
            self.configure(case, self.sink.port, case.sessions)

    def heal(self, case):
        """Makes queue runs without faults, until the queue is empty."""
        self.restore(case)
        if self.files("hold") and self.start(
                ("--queue-release", "all"), b"") != 0:
            raise Failure("a release without faults")
        for _ in range(RUNS):
            if not self.files():
                return
            if case.refills:
                shutil.rmtree(self.spool / "rate", ignore_errors=True)
            status = self.start(("-qf",), b"")
            if status != 0:
                raise Failure(f"a queue run without faults: exit {status}")
        if self.files():
            raise Failure("the queue does not get empty")

    # ---- what must hold ----

    def check(self, case, calls, number=0, fault=None):
        """Checks what the server has after the healing runs."""
        if self.status < 0 and not (fault and fault.startswith("kill")
                                    and self.status == -signal.SIGKILL):
            raise Failure("a signal")
        taken = case.is_run or self.status == 0
        # With one recipient rejected, the exit status is about that one.
        if (self.status > 0 and self.files() and not case.is_run
                and case.rejected != NEVER):
            raise Failure(f"exit {self.status}, and it is queued")
        self.heal(case)
        self.check_failed(case)
        self.check_copies(case, fault)
        doubles = count_open(calls, number, fault)
        if fault == "kill" and doubles > case.pipeline:
            raise Failure(f"{doubles} messages were under way")
        if case.is_command and case.expires:
            self.check_returned(self.status == 0)
        if case.removes:
            self.check_removed(case, self.status == 0)
        else:
            self.check_messages(case, taken, doubles)

    def check_returned(self, is_done):
        if is_done and any(message.recipients != [SENDER]
                           for message in self.sink.messages):
            raise Failure("it was returned, and is sent")

    def check_failed(self, case):
        count = len(self.files("failed"))
        if count != len(case.queued) * case.fails:
            raise Failure(f"{count} files in failed/")

    def copies(self):
        """Returns the copies in the archive that are whole."""
        copies = {path: path.read_bytes() for place in ("tmp", "new")
                  for path in (self.archive / place).glob("*")}
        return [data for path, data in copies.items()
                if path.name.endswith(f",S={len(data)}")]

    def check_copies(self, case, fault=None):
        """What the server has is in the archive, or the log says why not, if it
        is not on the disk that is full."""
        if not case.archive:
            return
        copies = self.copies()
        if any(not copy.startswith(b"X-Envelope-To: ")
               or not copy.endswith(case.body) for copy in copies):
            raise Failure("a copy is damaged")
        told = case.archive == "optional" and (
            fault == "full" or "the archive" in self.program.read_log())
        for token in self.tokens(case):
            mark = f"<{token}>".encode()
            is_sent = any(mark in message.data
                          for message in self.sink.messages)
            if is_sent and not told and not any(
                    mark in copy for copy in copies):
                raise Failure(f"no copy of {token}")

    def check_removed(self, case, is_done):
        """A message that is not removed is whole."""
        if is_done and self.sink.messages:
            raise Failure("it was removed, and is sent")
        self.check_messages(case, False, 0)

    def check_messages(self, case, taken, doubles):
        """At most some of the messages may have arrived twice."""
        extra = sum(self.check_message(case, token, taken)
                    for token in self.tokens(case))
        if extra > doubles:
            raise Failure(f"{extra} messages too many; {doubles} were open")

    def tokens(self, case):
        """Returns what is in the Message-ID of each message of the case."""
        return ([f"{number}.{self.token}"
                 for number in range(len(case.queued))] or [self.token])

    def check_message(self, case, token, taken):
        """Returns how often a recipient has the message once more."""
        copies = {BOB: 0, CAROL: 0, SENDER: 0}
        returned = set()
        notices = collections.Counter()
        for message in list(self.sink.messages):
            if f"<{token}>".encode() not in message.data:
                continue
            for recipient in message.recipients:
                copies[recipient] += 1
            if message.recipients == [SENDER]:
                returned |= returned_recipients(message)
                notices.update(told_of(message))
            elif message.data != self.expected(case, token):
                raise Failure("half a message")
        if taken:
            self.check_arrived(case, copies, returned)
        del copies[SENDER]
        return max(0, *(count - 1 for count in copies.values()),
                   *(count - 1 for count in notices.values()))

    def check_arrived(self, case, copies, returned):
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
            doubles = count_open(calls, first, "kill")
            self.restore(case)
            self.start(("-qf",), b"", second, "kill", True)
            self.wait()
            calls = self.calls()
            doubles += count_open(calls, second, "kill")
            self.heal(case)
            self.check_messages(case, taken and not case.removes, doubles)
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


def told_of(message):
    """Returns what a notice says: recipients, and what became of them."""
    return re.findall(
        r"(?m)^Final-Recipient: rfc822; (\S+)\nAction: (\S+)",
        email.message_from_bytes(message.data).get_payload(1).as_string())


def count_open(calls, number, fault):
    """Returns how many messages were between their end and the record of it.

    From the end of a message on, the client cannot know whether the server has
    it, until there is a record of the final reply: the file is removed, or its
    journal is on the disk.
    """
    faulty = next((call for call in calls if call.number == number), None)
    if not faulty:
        return 0
    count = count_open_of(calls, faulty.process, number)
    if fault == "kill all":
        others = {call.process for call in calls} - {faulty.process}
        count += sum(count_open_of(calls, process) for process in others)
    return count


def count_open_of(calls, process, number=None):
    count = begun = 0
    unsynced = set()  # journals
    for call in calls:
        if call.process != process:
            continue
        if call.name == "begin":
            begun += int(call.details[1])
            continue
        if call.name in SENDS:
            begun = 0
        if call.number == number:
            return count + (call.name in SENDS and not call.is_killed)
        count += call.ends
        if call.is_delivery:
            unsynced.add(call.details[0])
        elif call.name in SYNCS and call.result == 0:
            if call.details[0] in unsynced:
                unsynced.remove(call.details[0])
                count = max(count - 1, 0)
        elif call.name == "unlinkat" and call.result == 0:
            count = max(count - 1, 0)
    return count + begun
