# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs veredus --service below systemd-socket-activate, for clients of several
users."""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import time

import pytest

from program import account

SUPER_SERVER = shutil.which("systemd-socket-activate")
USER = "uucp"  # of the service; the clients are other system users


def ids(user):
    """Returns the arguments of Popen for a user, or for (uid, gid, groups)."""
    if isinstance(user, tuple):
        uid, gid, groups = user
    else:
        entry = pwd.getpwnam(user)
        uid, gid = entry.pw_uid, entry.pw_gid
        groups = os.getgrouplist(user, gid)
    return {"user": uid, "group": gid, "extra_groups": groups}


class Service:
    """The service, its configuration, and its log."""

    def __init__(self, program, user=USER):
        self.program = program
        self.user = user
        folder = program.folder / "service"
        folder.mkdir()
        self.path = folder / "submit"
        self.config = folder / "service.conf"
        self.state = folder / "state"  # belongs to the service
        self.state.mkdir()
        shutil.chown(self.state, user)
        self.log = self.state / "syslog"
        # The clients write there.
        logs = program.folder / "logs"
        for place in logs, program.temporary:
            place.mkdir(exist_ok=True)
            place.chmod(0o777)
        program.syslog = logs / "syslog"
        program.reports = logs
        self.process = None

    def write_config(self, text, owner="root", group=None, mode=0o640):
        self.config.unlink(missing_ok=True)
        self.config.write_text(text)
        entry = pwd.getpwnam(self.user)
        os.chown(self.config, pwd.getpwnam(owner).pw_uid,
                 entry.pw_gid if group is None else group)
        self.config.chmod(mode)

    def account(self, port, *settings):
        """An account for the scripted server, without TLS."""
        return account(port, "\n".join(["tls off", *settings]))

    def start(self, *argv, env=None):
        """Listens, and runs a process for each connection."""
        entry = pwd.getpwnam(self.user)
        temporary = self.state / "tmp"
        temporary.mkdir(exist_ok=True)
        shutil.chown(temporary, self.user)
        variables = self.program.environment({
            "VEREDUS_TEST_SYSLOG": str(self.log), "TMPDIR": str(temporary),
            **(env or {})})
        preload = variables.pop("LD_PRELOAD", None)
        shell = f"LD_PRELOAD={preload} exec \"$@\"" if preload else 'exec "$@"'
        words = [f"--setenv={name}={value}"
                 for name, value in variables.items()]
        self.errors = open(self.state / "errors", "wb")
        self.process = subprocess.Popen(
            [SUPER_SERVER, "--accept", "--inetd", f"--listen={self.path}",
             *words, "setpriv", f"--reuid={entry.pw_uid}",
             f"--regid={entry.pw_gid}", "--clear-groups", "sh", "-c", shell,
             "sh", str(self.program.binary), "--service", "-C",
             str(self.config), *argv],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.errors, env=variables)
        limit = time.monotonic() + 60
        while "Listening on" not in self.said() and time.monotonic() < limit:
            time.sleep(0.02)
        self.path.chmod(0o666)
        return self

    def send(self, *argv, user="www-data", **options):
        """Sends a message as that user, through the socket."""
        return self.program.run(
            "--socket", str(self.path), "--domain", "client.example", *argv,
            **ids(user), **options)

    def lines(self):
        """Returns the lines of the service's log so far."""
        return [line for line in
                self.program.read_log(self.log).splitlines() if line]

    def wait_for_log(self, text):
        """Waits for a line that has the text, and returns it."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            for line in self.lines():
                if text in line:
                    return line
            time.sleep(0.05)
        raise AssertionError(f"no line with {text!r} in {self.lines()}")

    def fields(self):
        """Returns the fields of the last message in the log."""
        line = [line for line in self.lines() if "exit=" in line][-1]
        return {key: value.strip('"') for key, value in
                re.findall(r'(\w+)=("[^"]*"|\S*)', line)}

    def said(self):
        """Returns the output of the super-server and of all processes."""
        return pathlib.Path(self.errors.name).read_text(errors="replace")

    def exits(self):
        """Returns the statuses of all processes that failed."""
        return [code for code in
                re.findall(r"died with code (\d+)", self.said())
                if code != "0"]

    @property
    def queue(self):
        """The setting for a folder that the service can write to."""
        return f"queue_dir {self.state}/queue"

    def close(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.errors.close()
        reports = list(self.program.reports.glob("sanitizer*"))
        assert not reports, reports[0].read_text(errors="replace")


# What a client does: sends all input at once, and prints the replies.
TALK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    s.sendall(sys.stdin.buffer.read())
    if sys.argv[2] == "end":
        s.shutdown(socket.SHUT_WR)
except OSError as error:
    print(error.strerror, file=sys.stderr)
try:
    while b := s.recv(65536):
        sys.stdout.buffer.write(b)
        sys.stdout.buffer.flush()
except OSError as error:
    print(error.strerror, file=sys.stderr)
"""


def begin(service, text, user="www-data", end=True):
    """Starts a client that sends the text, and ends its input or not."""
    process = subprocess.Popen(
        ["python3", "-c", TALK, str(service.path), "end" if end else "stay"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        **ids(user))
    data = text if isinstance(text, bytes) else text.encode()
    process.stdin.write(data)
    process.stdin.close()
    process.stdin = None
    return process


def talk(service, text, user="www-data"):
    """Returns what the service replies to a client that sends the text."""
    return begin(service, text, user).communicate(timeout=60)[0].decode()


def skip_reason():
    if os.geteuid() != 0:
        return "only root can start clients as several users"
    if SUPER_SERVER is None:
        return "systemd-socket-activate is missing: install systemd"
    return None


needs_users = pytest.mark.skipif(skip_reason() is not None,
                                 reason=str(skip_reason()))
