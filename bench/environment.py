# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server, messages, certificates and tools of the measurements."""

import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
for tests in ("tests/integration", "tests"):
    sys.path.insert(0, str(HERE.parent / tests))
sys.dont_write_bytecode = True

import certs  # noqa: E402

TOOL_TIMEOUT = 180  # seconds
HEADER = (b"From: Alice <alice@example.org>\n"
          b"To: Bob <bob@example.org>\n"
          b"Subject: a message of the bench\n"
          b"Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
          b"Message-ID: <bench@example.org>\n"
          b"\n")
LINE = b"The courier horses of the Roman state post ran from one station to another\n"
SYSTEM_STORE = "/etc/ssl/certs"


class BenchError(Exception):
    """A program failed, or its message did not arrive."""


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
    """Writes LF lines of 75 octets; every thousandth starts with a dot."""
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
    """The server of sink.c."""

    def __init__(self, program, certificate, key, *options):
        self.process = subprocess.Popen(
            [program, certificate, key, *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.logins = 0
        self.rest = b""
        self.ports = [int(self.line()) for _ in range(2)]

    def line(self, timeout=20):
        """Returns the next line of its output, or None after the timeout."""
        fd = self.process.stdout.fileno()
        end = time.monotonic() + timeout
        while b"\n" not in self.rest:
            left = max(0, end - time.monotonic())
            if not select.select([fd], [], [], left)[0]:
                return None
            data = os.read(fd, 65536)
            if not data:
                raise BenchError("the server has ended")
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def message_line(self, timeout=20):
        """Returns the next line about a message, and counts logins."""
        line = self.line(timeout)
        while line == "login":
            self.logins += 1
            line = self.line(timeout)
        return line

    def accepted(self, count, size, timeout=20):
        """Returns the times at which `count` messages were accepted.

        A message with less than `size` octets, or in several chunks, is an
        error, and so is a pause of more than `timeout` seconds.
        """
        times = []
        for _ in range(count):
            line = self.message_line(timeout)
            if not line:
                raise BenchError("the server did not receive a message")
            _, octets, chunks, at = line.split()
            if int(octets) < size:
                raise BenchError(f"{octets} of {size} octets arrived")
            if int(chunks) > 1:
                raise BenchError(f"sent in {chunks} chunks")
            times.append(int(at) / 1e9)
        return times

    def discard_output(self):
        while self.line(0):
            pass
        self.logins = 0

    def close(self):
        self.process.stdin.close()
        self.process.wait(TOOL_TIMEOUT)


class Environment:
    """A folder with the server, messages, certificates and tools."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o711)  # for programs that become other users
        self.measure = compile_tool("measure", self.folder)
        issued = certs.Certs(self.folder)
        issued.issue("ca", by=None, common="Bench CA", authority=True)
        issued.issue("good", dns=["mx.test", "localhost"], ip=["127.0.0.1"])
        self.trust = issued.path("ca.pem")
        self.sink_argv = (compile_tool("sink", self.folder),
                          issued.path("good.pem"), issued.path("good.key"))
        self.sink = self.start_sink()
        self.messages = {}
        self.prefix, self.store_skip_reason = self.make_store()

    def start_sink(self, *options):
        return Sink(*self.sink_argv, *options)

    def message(self, size):
        if size not in self.messages:
            self.messages[size] = write_message(
                self.folder / f"message-{size}", size)
        return self.messages[size]

    def make_store(self):
        """Copies the system's trust store and adds the benchmark's CA.

        The copy is mounted over the real store in a mount namespace, so that
        only the client sees it.  Returns the command prefix for this, and
        None; or an empty prefix, and why there is none.
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

    def call(self, client, config, command):
        """Runs a tool with a client; returns the tool's output."""
        argv = [*(self.prefix if config.system else []), *command]
        try:
            run = subprocess.run(
                [str(word) for word in argv], env=client.environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, timeout=TOOL_TIMEOUT, check=False)
        except subprocess.TimeoutExpired:
            raise BenchError(
                f"took more than {TOOL_TIMEOUT} seconds") from None
        if run.returncode != 0:
            raise BenchError(run.stderr.decode(errors="replace").strip()
                             or f"status {run.returncode}")
        return run.stdout.decode()

    def argv(self, client, config, size, port=None):
        trust = None if config.system else self.trust
        return client.argv(config, port or self.sink.ports[config.listener],
                           trust, size)

    def run(self, client, config, size, runs=1, port=None):
        """Returns (start, end, accepted, peak KiB) of each run, in seconds."""
        self.sink.discard_output()
        output = self.call(client, config, [
            self.measure, runs, self.message(size),
            *self.argv(client, config, size, port)])
        accepted = self.sink.accepted(runs, size)
        lines = [line.split() for line in output.splitlines()]
        return [(int(start) / 1e9, int(end) / 1e9, at, int(peak))
                for (start, end, peak, _), at in zip(lines, accepted)]

    def instructions(self, client, config, size):
        """Returns the instruction count of callgrind, from exec to exit."""
        log = self.folder / "callgrind.log"
        self.sink.discard_output()
        # A shell makes the redirection.
        self.call(client, config, [
            "sh", "-c",
            'cat "$0" | "$@"' if config.pipe else 'exec <"$0" "$@"',
            self.message(size),
            "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
            f"--log-file={log}", *self.argv(client, config, size)])
        self.sink.accepted(1, size)
        return int(re.search(r"Collected : (\d+)", log.read_text()).group(1))

    def close(self):
        self.sink.close()
