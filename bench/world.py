# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the measurements need: a server, messages, certificates, and tools."""

import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))
sys.dont_write_bytecode = True

import certs  # noqa: E402

TOTAL = 180  # seconds for one call of a tool
HEADER = (b"From: Alice <alice@example.org>\n"
          b"To: Bob <bob@example.org>\n"
          b"Subject: a message of the bench\n"
          b"Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
          b"Message-ID: <bench@example.org>\n"
          b"\n")
LINE = b"The courier horses of the Roman state post ran from one station to another\n"
SYSTEM_STORE = "/etc/ssl/certs"


class Failed(Exception):
    """A program did not do what it was asked for."""


def compile_tool(name, folder):
    """Compiles NAME.c of this folder; returns the program."""
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gnutls"],
                           stdout=subprocess.PIPE, text=True, check=True)
    program = folder / name
    subprocess.run([*os.environ.get("CC", "cc").split(), "-std=c17",
                    "-D_GNU_SOURCE", "-O2", "-o", program,
                    HERE / f"{name}.c", *flags.stdout.split()], check=True)
    return program


def write_message(path, size):
    """LF lines of 75 octets, each thousandth with a dot in front."""
    left = size - len(HEADER)
    block = LINE * 999 + b"." + LINE[1:]
    with open(path, "wb") as out:
        out.write(HEADER)
        while left > len(block):
            out.write(block)
            left -= len(block)
        lines = left // len(LINE)
        out.write(LINE * (lines - 1))
        left -= len(LINE) * (lines - 1)
        out.write(b"x" * (left - 1) + b"\n")
    return path


class Sink:
    """The server sink.c."""

    def __init__(self, program, certificate, key):
        self.process = subprocess.Popen(
            [program, certificate, key], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.rest = b""
        self.ports = [int(self.line()) for _ in range(2)]

    def line(self, total=20):
        """Its next line; None if there is none in time."""
        fd = self.process.stdout.fileno()
        end = time.monotonic() + total
        while b"\n" not in self.rest:
            left = max(0, end - time.monotonic())
            if not select.select([fd], [], [], left)[0]:
                return None
            data = os.read(fd, 65536)
            if not data:
                raise Failed("the server has ended")
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def taken(self, count, size):
        """When `count` messages of at least `size` octets were accepted."""
        times = []
        for _ in range(count):
            line = self.line()
            if not line:
                raise Failed("a message did not arrive")
            _, octets, at = line.split()
            if int(octets) < size:
                raise Failed(f"{octets} of {size} octets arrived")
            times.append(int(at) / 1e9)
        return times

    def forget(self):
        while self.line(0):
            pass

    def close(self):
        self.process.stdin.close()
        self.process.wait(TOTAL)


class World:
    """A folder with all of it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.timed = compile_tool("timed", self.folder)
        made = certs.Certs(self.folder)
        made.issue("ca", by=None, common="Bench CA", authority=True)
        made.issue("good", dns=["mx.test", "localhost"], ip=["127.0.0.1"])
        self.trust = made.path("ca.pem")
        self.sink = Sink(compile_tool("sink", self.folder),
                         made.path("good.pem"), made.path("good.key"))
        self.messages = {}
        self.prefix, self.no_store = self.make_store()

    def message(self, size):
        if size not in self.messages:
            self.messages[size] = write_message(
                self.folder / f"message-{size}", size)
        return self.messages[size]

    def make_store(self):
        """A copy of the system's trust store with our CA in it.

        It takes the place of the real one in a mount namespace, for the
        program that runs there; nobody else sees it.  Returns the words to
        put before a command, and why there are none.
        """
        store = self.folder / "store"
        if not os.path.exists(f"{SYSTEM_STORE}/ca-certificates.crt"):
            return [], "no trust store in " + SYSTEM_STORE
        shutil.copytree(SYSTEM_STORE, store, symlinks=True)
        authority = pathlib.Path(self.trust).read_bytes()
        (store / "bench.pem").write_bytes(authority)
        with open(store / "ca-certificates.crt", "ab") as bundle:
            bundle.write(authority)
        name = subprocess.run(
            ["openssl", "x509", "-noout", "-subject_hash", "-in", self.trust],
            stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        (store / f"{name}.0").symlink_to("bench.pem")
        prefix = ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c",
                  f'mount --bind "$0" {SYSTEM_STORE} && exec "$@"', store]
        probe = subprocess.run([*prefix, "true"], stderr=subprocess.PIPE,
                               text=True, check=False)
        if probe.returncode != 0:
            return [], "no mount namespace: " + probe.stderr.strip()
        return prefix, None

    def call(self, client, way, command):
        """Runs a tool around a client; returns what it printed."""
        words = [*(self.prefix if way.system else []), *command]
        try:
            run = subprocess.run(
                [str(word) for word in words], env=client.environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, timeout=TOTAL, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(f"took more than {TOTAL} seconds") from None
        if run.returncode != 0:
            raise Failed(run.stderr.decode(errors="replace").strip()
                         or f"status {run.returncode}")
        return run.stdout.decode()

    def argv(self, client, way, size, port=None):
        trust = None if way.system else self.trust
        return client.argv(way, port or self.sink.ports[way.listener], trust,
                           size)

    def run(self, client, way, size, runs=1, port=None):
        """[(began, ended, accepted, peak KiB)] of each run, in seconds."""
        self.sink.forget()
        said = self.call(client, way, [
            self.timed, runs, self.message(size),
            *self.argv(client, way, size, port)])
        taken = self.sink.taken(runs, size)
        lines = [line.split() for line in said.splitlines()]
        return [(int(began) / 1e9, int(ended) / 1e9, at, int(peak))
                for (began, ended, peak), at in zip(lines, taken)]

    def instructions(self, client, way, size):
        """What callgrind counts in the process, from exec to its end."""
        log = self.folder / "callgrind.log"
        self.sink.forget()
        # By a shell, for the redirection.
        self.call(client, way, [
            "sh", "-c", 'cat "$0" | "$@"' if way.pipe else 'exec <"$0" "$@"',
            self.message(size),
            "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
            f"--log-file={log}", *self.argv(client, way, size)])
        self.sink.taken(1, size)
        return int(re.search(r"Collected : (\d+)", log.read_text()).group(1))

    def close(self):
        self.sink.close()
