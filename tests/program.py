# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program in an isolated environment and checks its invariants.

After each run, no secret is in the output or was sent in clear, stderr has
only printable lines, success was silent and a server accepted the message, no
temporary file is left, and no sanitizer has reported an error.
"""

import base64
import contextlib
import functools
import os
import pathlib
import pwd
import re
import signal
import subprocess
import tempfile
import time
import urllib.parse

SECRET = "Kanarienvogel/7+%"  # each encoding changes it
ME = pwd.getpwuid(os.getuid()).pw_name  # who runs the tests
TOTAL = 60  # seconds, the timeout of one run
MESSAGE = (b"From: Alice <alice@example.org>\n"
           b"To: Bob <bob@example.org>\n"
           b"Subject: a test\n"
           b"Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
           b"Message-ID: <1@example.org>\n"
           b"\n"
           b"Hello.\n")
# Options of runs that deliver nothing, and of those with output on success.
NO_DELIVERY = re.compile(
    r"-b[^m]|-d0|-q|-[IPS]|--(check|configure|explain|pretend|print|probe|serverinfo"
    r"|rmqs|version|help|list-|queue-|login|logout)")
VERBOSE = re.compile(r"-v|-d|--time")
# PRI and HEADER of RFC 3164; there is nothing between two lines.
LOG_HEADER = re.compile(
    rb"<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ([^\[<]*)\[\d+\]: ")
# C0 except LF, DEL, C1, and characters that change the text direction.
UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f"
                         "\u202a-\u202e\u2066-\u2069]")


class Run:
    """The results of one run."""

    def __init__(self, argv, status, stdout, stderr, log, seconds):
        self.argv = argv
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.log = log
        self.seconds = seconds

    def __repr__(self):
        return (f"{self.argv}: exit {self.status} in {self.seconds:.1f} s\n"
                f"stdout: {self.stdout[:2000]}\nstderr: {self.stderr[:4000]}\n"
                f"log: {self.log}")

    @property
    def delivers(self):
        """Whether exit 0 must mean that a message was delivered."""
        return self.argv[0] in ("veredus", "sendmail") and not any(
            NO_DELIVERY.match(word) for word in self.argv[1:])

    @property
    def fields(self):
        """The log line of the message, as a dictionary."""
        lines = [line for line in self.log.splitlines() if "exit=" in line]
        assert len(lines) == 1, f"{len(lines)} log lines: {self.log!r}"
        return {key: value.strip('"') for key, value in
                re.findall(r'(\w+)=("[^"]*"|\S*)', lines[0])}


class Program:
    """The binary, a home folder, and a file in place of the system log."""

    def __init__(self, binary, folder, preload=None):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.preload = preload
        self.home = self.folder / "home"
        self.config = self.home / ".config" / "veredus.conf"
        self.config.parent.mkdir(parents=True)
        self.work = self.folder / "work"
        self.work.mkdir()
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.syslog = self.folder / "syslog"
        self.state = self.folder / "var"  # in place of that of the build
        self.hosts = {"mx.example": "127.0.0.1", "mx.test": "127.0.0.1"}
        self.secrets = [SECRET]
        self.reports = self.folder  # of sanitizers
        self.sanitized = is_sanitized(binary)
        self.machine = contextlib.nullcontext()  # or a Namespace of network.py
        self.runs = 0

    def write_config(self, text):
        self.config.unlink(missing_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        self.config.write_bytes(data)
        self.config.chmod(0o600)
        return self.config

    def environment(self, changes):
        env = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "USER": "root",
            "LOGNAME": "root",
            "TMPDIR": str(self.temporary),
            "XDG_CONFIG_HOME": str(self.config.parent),
            "VEREDUS_TEST_SYSLOG": str(self.syslog),
            "VEREDUS_TEST_HOSTNAME": "client.example",
            "VEREDUS_TEST_FILES": "/etc/mailname=/nonexistent",
            "VEREDUS_TEST_STATE": f"{state_folder(self.binary)}={self.state}",
            "VEREDUS_TEST_HOSTS": ",".join(
                f"{name}={value}" for name, value in self.hosts.items()),
            # The sanitizer would guess the size of what a module keeps for
            # each thread, and its search for leaks then crash.
            "ASAN_OPTIONS": "exitcode=99:verify_asan_link_order=0"
                            ":intercept_tls_get_addr=0"
                            f":log_path={self.reports}/sanitizer",
            "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99:print_stacktrace=1"
                             f":log_path={self.reports}/sanitizer",
        }
        if os.environ.get("LLVM_PROFILE_FILE"):
            env["LLVM_PROFILE_FILE"] = os.environ["LLVM_PROFILE_FILE"]
        if self.sanitized:
            env["VEREDUS_TEST_REPORTS"] = str(self.folder)
        if self.preload:
            env["LD_PRELOAD"] = str(self.preload)
        env.update(changes)
        return {key: value for key, value in env.items() if value is not None}

    def start(self, *argv, name="veredus", env=None, cwd=None, **popen):
        """Starts the program, for tests that do something while it runs."""
        self.syslog.unlink(missing_ok=True)
        for stream in ("stdin", "stdout", "stderr"):
            popen.setdefault(stream, subprocess.PIPE)
        popen["preexec_fn"] = reset_signals_before(popen.get("preexec_fn"))
        with self.machine:
            return subprocess.Popen(
                [name, *argv], executable=self.binary, cwd=cwd or self.work,
                env=self.environment(env or {}), **popen)

    def end(self, process, stdin=None, total=TOTAL):
        """Waits for the process of start(); checks and returns its Run."""
        began = time.monotonic()
        try:
            stdout, stderr = process.communicate(stdin, timeout=total)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            stdout, stderr = process.communicate()
            raise AssertionError(
                f"{process.args} did not end in {total} seconds; "
                f"stderr: {stderr.decode(errors='replace')}") from None
        # A coverage build warns if another user cannot write its counters.
        stderr = re.sub(rb"(?m)^profiling:.*\n", b"", stderr or b"")
        run = Run(process.args, process.returncode, text(stdout),
                  text(stderr), self.read_log(), time.monotonic() - began)
        self.check(run)
        return run

    def read_log(self, log=None):
        """Returns the lines of the system log: "2.6 veredus: text"."""
        log = log or self.syslog
        if not log.exists() or log.stat().st_size == 0:
            return ""
        return text(LOG_HEADER.sub(
            lambda header: b"%s%d.%d %s: " % (
                b"\n" if header.start() else b"", int(header[1]) >> 3,
                int(header[1]) & 7, header[2]),
            log.read_bytes())) + "\n"

    def run(self, *argv, stdin=MESSAGE, total=TOTAL, **popen):
        began = time.monotonic()
        if stdin is None or isinstance(stdin, bytes):
            run = self.end(self.start(*argv, **popen), stdin, total)
        else:
            run = self.end(self.start(*argv, stdin=stdin, **popen), None,
                           total)
        run.seconds = time.monotonic() - began
        return run

    def check(self, run):
        reports = list(self.reports.glob("sanitizer*"))
        assert not reports, reports[0].read_text(errors="replace")
        assert run.status != 99, f"a sanitizer reported an error: {run}"
        assert run.status >= 0, f"killed by a signal: {run}"
        for output in ("stdout", "stderr", "log"):
            shown = getattr(run, output)
            for form in encoded_forms(self.secrets):
                assert form not in shown.encode("utf-8", "surrogateescape"), (
                    f"the secret is in {output}: {run}")
        for output in ("stderr", "log"):
            match = UNPRINTABLE.search(getattr(run, output))
            assert not match, f"{match} in {output}: {run}"
        if run.status == 0 and run.delivers and not any(
                VERBOSE.match(word) for word in run.argv[1:]):
            warnings = re.sub(r"(?m)^\w+: warning: .*\n", "", run.stderr)
            assert run.stdout == warnings == "", f"not silent: {run}"
        left = list(self.temporary.iterdir())
        assert not left, f"temporary files are left: {left}"

    def check_wire(self, server, run, in_clear=False):
        """Checks what a scripted server received."""
        if not in_clear:
            for form in encoded_forms(self.secrets):
                assert form not in server.clear, "the secret was sent in clear"
        if run.status == 0 and run.delivers:
            assert server.accepted, "exit 0, but no message was accepted"


def reset_signals_before(prepare):
    """Returns a preexec_fn that resets signals, then calls prepare().

    nohup and a shell's "&" start the tests with signals ignored.
    """
    def preexec():
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT,
                       signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        if prepare:
            prepare()
    return preexec


def account(port, settings="", host="mx.example"):
    """Returns the configuration that most tests use."""
    lines = ["account default", f"host {host}", f"port {port}",
             "domain client.example", "connect_timeout 5"]
    lines += [line.strip() for line in settings.splitlines()]
    return "\n".join(lines) + "\n"


def short(value):
    """Returns a short test ID for a parameter that may be long."""
    return repr(value)[:40]


def text(data):
    """Decodes UTF-8; the test fails if the output is anything else."""
    return (data or b"").decode("utf-8")


def encoded_forms(secrets):
    """Yields all forms in which a secret may appear."""
    for secret in secrets:
        raw = secret.encode()
        yield raw
        yield urllib.parse.quote(secret, safe="").encode()
        yield raw.hex().encode()
        for shift in range(3):
            # Only the characters that do not depend on adjacent octets.
            coded = base64.b64encode(b"x" * shift + raw)
            yield coded[(shift * 8 + 5) // 6:len(coded) - 4]


def find_binary():
    """Returns $VEREDUS or the binary of a build folder, or None."""
    root = pathlib.Path(__file__).resolve().parent.parent
    configured = os.environ.get("VEREDUS")
    candidates = [configured] if configured else [
        "veredus", "src/veredus", root / "veredus", root / "src/veredus"]
    for candidate in candidates:
        path = pathlib.Path(candidate).resolve()
        if path.is_file() and os.access(path, os.X_OK):
            return path
    return None


@functools.lru_cache
def is_sanitized(binary):
    """Says whether the program was built with the address sanitizer."""
    return (os.path.exists(binary)
            and b"__asan_init" in pathlib.Path(binary).read_bytes())


@functools.lru_cache
def state_folder(binary):
    """Returns the folder (such as /var) in which the program keeps files of root
    and of the service."""
    found = re.search(rb"\0(/[^\0]*)/spool/veredus\0",
                      pathlib.Path(binary).read_bytes())
    return pathlib.Path(os.fsdecode(found[1]))


def compile_preload(folder):
    """Compiles preload.c, which replaces syslog and host name lookups."""
    source = pathlib.Path(__file__).parent / "integration" / "preload.c"
    library = pathlib.Path(folder) / "preload.so"
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run(
        [*compiler, "-std=c17", "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1",
         "-o", str(library), str(source), "-ldl"], check=True)
    return library


def make_folder():
    """Makes a folder that other users may enter, unlike tmp_path."""
    folder = tempfile.mkdtemp(prefix="veredus-test-")
    os.chmod(folder, 0o755)
    return pathlib.Path(folder)
