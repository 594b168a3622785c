# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the states that a disk can have after the power has failed.

The operations come from the log of faults.c.  What a file or folder got since
its last fsync may be on the disk or not, each piece of it apart: a block of a
write, a name that was added, one that was removed.  Only a rename is done whole
or not at all, as journaling file systems do it.
"""

import collections
import itertools
import os
import pathlib
import random
import shutil

from faults import BODY, CASES, SYNCS, Failure

BLOCK = 512  # octets that the disk writes whole
END = 1 << 30  # a number above that of each call
SUBSETS = 64  # of the pieces that are not durable, at one moment


class Piece:
    """What is on the disk as a whole or not at all."""

    def __init__(self, apply, targets):
        self.apply = apply  # called with the disk
        self.targets = targets  # files and folders whose fsync makes it durable
        self.is_durable = False


class Disk:
    """Names by folder, and contents, both by inode."""

    def __init__(self, names, contents):
        self.names = {inode: dict(entries)
                      for inode, entries in names.items()}
        self.contents = {inode: bytearray(data)
                         for inode, data in contents.items()}

    def write(self, inode, at, data):
        content = self.contents.setdefault(inode, bytearray())
        if len(content) < at:
            content.extend(bytes(at - len(content)))
        content[at:at + len(data)] = data

    def truncate(self, inode, size):
        content = self.contents.setdefault(inode, bytearray())
        del content[size:]
        content.extend(bytes(size - len(content)))

    def link(self, folder, name, inode):
        self.names.setdefault(folder, {})[name] = inode

    def unlink(self, folder, name):
        self.names.setdefault(folder, {}).pop(name, None)

    def rename(self, old, old_name, new, new_name, inode):
        if self.names.get(old, {}).get(old_name) == inode:
            self.unlink(old, old_name)
        self.link(new, new_name, inode)

    def tree(self, inode):
        """Returns the names and contents below a folder."""
        return {name: self.tree(child) if child in self.names
                else bytes(self.contents.get(child, b""))
                for name, child in sorted(self.names.get(inode, {}).items())}

    def store(self, inode, path):
        """Writes the folder and what is below it."""
        path.mkdir(mode=0o700)
        for name, child in self.names.get(inode, {}).items():
            if child in self.names:
                self.store(child, path / name)
            else:
                with open(path / name, "wb", opener=private) as file:
                    file.write(self.contents.get(child, b""))


def private(path, flags):
    return os.open(path, flags, 0o600)


def read_disk(root):
    """Returns the names and contents below a folder."""
    names, contents = {}, {}
    for folder, folders, files in os.walk(root):
        inode = os.stat(folder).st_ino
        names[inode] = {name: os.stat(os.path.join(folder, name)).st_ino
                        for name in folders + files}
        for name in files:
            path = pathlib.Path(folder, name)
            contents[path.stat().st_ino] = path.read_bytes()
    return names, contents


class Recording:
    """The pieces of what a run did to the disk, in order."""

    def __init__(self, calls, root, before):
        self.calls = calls
        self.root = root
        self.after = read_disk(root)[0]
        self.before = before
        names = before[0]
        self.names = {inode: dict(entries)
                      for inode, entries in names.items()}
        self.pieces = []

    def add(self, apply, *targets):
        self.pieces.append(Piece(apply, targets))

    def replay(self, call):
        """Adds the pieces of a call that succeeded."""
        handler = getattr(self, "do_" + call.name, None)
        if handler and call.result >= 0:
            handler(*call.details)

    def do_write(self, inode, at, text=""):
        if inode == "0":
            return
        inode, at, data = int(inode), int(at), bytes.fromhex(text)
        start = at
        block = max(BLOCK, len(data) // 8)
        while data:
            length = block - start % block
            self.add(lambda disk, start=start, part=data[:length]:
                     disk.write(inode, start, part), inode)
            data, start = data[length:], start + length

    do_pwrite64 = do_write

    def do_ftruncate64(self, inode, size):
        self.add(lambda disk: disk.truncate(int(inode), int(size)),
                 int(inode))

    def do_openat64(self, inode, creates, name, folder):
        inode, folder = int(inode), int(folder)
        if creates == "1" and name not in self.names.setdefault(folder, {}):
            self.names[folder][name] = inode
            self.add(lambda disk: disk.link(folder, name, inode), folder)

    def add_folder(self, parent, name):
        inode = self.after[parent][name]
        self.names.setdefault(parent, {})[name] = inode

        def apply(disk):
            disk.names.setdefault(inode, {})
            disk.link(parent, name, inode)

        self.add(apply, parent)

    def do_mkdir(self, path):
        path = pathlib.Path(path)
        if path.is_relative_to(self.root) and path != self.root:
            self.add_folder(path.parent.stat().st_ino, path.name)

    def do_mkdirat(self, parent, name):
        if parent == "0":  # AT_FDCWD
            self.do_mkdir(name)
        else:
            self.add_folder(int(parent), name)

    def do_renameat2(self, old, old_name, new, new_name):
        old, new = int(old), int(new)
        inode = self.names[old].pop(old_name)
        self.names.setdefault(new, {})[new_name] = inode
        self.add(lambda disk: disk.rename(old, old_name, new, new_name,
                                          inode), new)

    do_renameat = do_renameat2

    def do_unlinkat(self, folder, name):
        folder = int(folder)
        self.names[folder].pop(name, None)
        self.add(lambda disk: disk.unlink(folder, name), folder)

    def do_fsync(self, inode):
        for piece in self.pieces:
            if int(inode) in piece.targets:
                piece.is_durable = True

    do_fdatasync = do_fsync

    def states(self, seed, limit):
        """Yields numbers of calls, between which the power fails, and a disk.

        Small sets of pieces give all subsets, others some of them.
        """
        rng = random.Random(seed)
        changes = self.changes()
        for index, number in enumerate(changes):
            self.replay_until(number)
            loose = [piece for piece in self.pieces if not piece.is_durable]
            following = changes[index + 1:index + 2] or [END]
            known = set()
            for kept in subsets(len(loose), rng, limit):
                disk = self.disk({id(loose[place]) for place in kept})
                text = hash(str(disk.tree(self.root.stat().st_ino)))
                if text not in known:
                    known.add(text)
                    yield number, following[0], disk

    def changes(self):
        return [0] + [call.number for call in self.calls
                      if call.result >= 0 and hasattr(self, "do_" + call.name)
                      and (call.name != "openat64" or call.details[1] == "1")]

    def replay_until(self, number):
        while self.calls and self.calls[0].number <= number:
            self.replay(self.calls.pop(0))

    def disk(self, kept):
        disk = Disk(*self.before)
        for piece in self.pieces:
            if piece.is_durable or id(piece) in kept:
                piece.apply(disk)
        return disk


def subsets(count, rng, limit):
    """Yields sets of numbers below count: all, or about `limit` of them."""
    if 2 ** count <= limit:
        for size in range(count + 1):
            yield from itertools.combinations(range(count), size)
        return
    yield ()
    yield range(count)
    for last in rng.sample(range(1, count), min(count - 1, limit // 4)):
        yield range(last)
        yield range(last, count)
    for _ in range(limit // 2):
        yield [number for number in range(count) if rng.random() < 0.5]


def find_records(calls):
    """Returns the numbers of the calls in which messages ended, and those of the
    calls that made the records of them durable."""
    finals, records, waiting = [], [], collections.deque()
    unsynced = collections.defaultdict(list)  # messages by inode
    for call in calls:
        for _ in range(call.ends):
            waiting.append(len(finals))
            finals.append(call.number)
            records.append(END)
        if call.result < 0:
            continue
        if waiting and (call.is_delivery or call.name == "unlinkat"):
            unsynced[call.details[0]].append(waiting.popleft())
        elif call.name in SYNCS:
            for message in unsynced.pop(call.details[0], ()):
                records[message] = call.number
    return finals, records


def without_body(text):
    return text.replace(repr(BODY)[2:-1], "...")


class PowerLoss:
    """Lets queue runs work on each state of a case."""

    def __init__(self, torture, name):
        self.torture = torture
        self.name = name
        self.case = CASES[name]
        self.sent = []  # the messages of the server, before the power failed
        self.finals = []  # the number of the call that ended each of them
        self.records = []  # and of the call that made its record durable
        self.acknowledged = 0

    def record(self):
        torture, case = self.torture, self.case
        # With one session, the log and the server have the same order.
        torture.prepare(case, sessions=1)
        root = torture.spool.parent
        before = read_disk(root)
        torture.run_prepared(case)
        calls = torture.calls()
        self.sent = list(torture.sink.messages)
        self.finals, self.records = find_records(calls)
        own = [call.number for call in calls
               if call.process == calls[0].process]
        self.acknowledged = 0 if case.is_run else own[-1]
        return Recording(calls, root, before)

    def run(self, limit=None):
        """Returns the number of states, and the texts about failures."""
        count, failures = 0, []
        recording = self.record()
        root = self.torture.spool.parent
        # A large message has many pieces, and takes long to write.
        states = recording.states(self.name,
                                  max(SUBSETS // self.case.size, 4))
        if limit:
            states = list(states)
            states = random.Random(self.name).sample(
                states, min(limit, len(states)))
        for number, following, disk in states:
            count += 1
            shutil.rmtree(self.torture.spool, ignore_errors=True)
            shutil.rmtree(self.torture.archive, ignore_errors=True)
            for name, inode in disk.names[root.stat().st_ino].items():
                disk.store(inode, root / name)
            before = str(disk.tree(root.stat().st_ino))
            try:
                self.check(number, following)
            except Failure as failure:
                failures.append(f"{self.name}: power loss after call {number}"
                                f": {failure}\n{without_body(before)}")
        return count, failures

    def check(self, number, following):
        torture, case = self.torture, self.case
        torture.sink.messages = []
        torture.status = 0
        torture.heal(case)
        later = torture.sink.messages
        doubles = sum(final < following and record > number
                      for final, record in zip(self.finals, self.records))
        sure = [message for message, final in zip(self.sent, self.finals)
                if final < number]
        torture.sink.messages = sure + later
        torture.check_failed(case)
        torture.check_copies(case)
        if case.removes:
            torture.check_removed(case, following == END)
        else:
            torture.check_messages(case, following > self.acknowledged,
                                   doubles)
