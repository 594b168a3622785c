# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each program is asked to send one message, each in its best form."""

import os
import pathlib
import re
import shutil
import subprocess

SENDER = "alice@example.org"
RECIPIENT = "bob@example.org"
NAME = "client.example"
USER, PASSWORD = "alice", "Kanarienvogel"
SERVERS = [os.environ.get("VEREDUS_TEST_SERVERS"),
           "/var/cache/veredus-test-servers",
           os.path.expanduser("~/.cache/veredus-test-servers")]


class Way:
    """How a message goes: which port, which TLS, whom to trust."""

    def __init__(self, label, listener=0, tls=None, system=False):
        self.label = label
        self.listener = listener  # index of the sink's port
        self.tls = tls            # None, "starttls" or "implicit"
        self.system = system      # the system's trust store, not one CA
        self.chunking = True      # BDAT, if the program knows it
        self.pipe = False         # the message comes through one
        self.dots = False         # a lone dot would end the input


PLAIN = Way("plain")
STARTTLS = Way("587 STARTTLS", tls="starttls")
IMPLICIT = Way("465 TLS", listener=1, tls="implicit")
SYSTEM = Way("465, system store", listener=1, tls="implicit",
             system=True)
BY_DATA = Way("plain, by DATA")
BY_DATA.chunking = False
FROM_PIPE = Way("plain, from a pipe")
FROM_PIPE.pipe = True
WITH_DOTS = Way("plain, without -i")
WITH_DOTS.dots = True


class Client:
    """A program.  `trust` below is a PEM file, or None for the system's."""

    name = ""
    package = ""
    ways = (PLAIN, STARTTLS, IMPLICIT, SYSTEM)
    every = 1        # has its turn: one that is slow has not every one
    every_large = 1  # the same for large messages; 0: never
    counted = 10_000_000  # octets for instructions for each octet

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = shutil.which(self.name)

    def environment(self):
        return {"HOME": str(self.folder), "PATH": "/usr/bin:/bin:/usr/sbin",
                "LC_ALL": "C", "USER": "root", "LOGNAME": "root"}

    def argv(self, way, port, trust, size):
        raise NotImplementedError

    def version(self):
        run = subprocess.run([self.program, "--version"], text=True,
                             stdout=subprocess.PIPE, env=self.environment(),
                             stderr=subprocess.DEVNULL, timeout=30,
                             check=False)
        match = re.search(r"\d+(\.\d+)+\S*|\d{8}\.\d", run.stdout)
        return f"{self.name} {match.group() if match else '(no version)'}"


class Msmtp(Client):
    name = "msmtp"
    every_large = 5

    def config(self, way, port, trust):
        lines = ["account default", "host 127.0.0.1", f"port {port}",
                 f"domain {NAME}", "syslog off"]
        if way.tls:
            lines += ["tls on", f"tls_trust_file {trust or 'system'}",
                      "tls_starttls " + ("off" if way.tls == "implicit"
                                         else "on"),
                      "auth plain", f"user {USER}", f"password {PASSWORD}"]
        else:
            lines += ["tls off", "auth off"]
        lines += [] if way.chunking else ["chunking off"]
        path = self.folder / f"{self.name}-{port}.conf"
        path.unlink(missing_ok=True)
        path.touch(0o600)
        path.write_text("\n".join(lines) + "\n")
        return path

    def argv(self, way, port, trust, size):
        return [self.program, "-C", self.config(way, port, trust),
                *([] if way.dots else ["-i"]), "-f", SENDER, "--", RECIPIENT]


class Veredus(Msmtp):
    """Reads the same file as msmtp."""

    name = "veredus"
    ways = (*Client.ways, BY_DATA, FROM_PIPE, WITH_DOTS)
    every_large = 1

    def __init__(self, folder):
        super().__init__(folder)
        self.program = os.environ.get("VEREDUS") or self.program


class Curl(Client):
    name = "curl"

    def argv(self, way, port, trust, size):
        scheme = "smtps" if way.tls == "implicit" else "smtp"
        argv = [self.program, "-q", "-sS", "-T", "-", "--crlf",
                "--mail-from", SENDER, "--mail-rcpt", RECIPIENT]
        if way.tls:
            argv += ["--ssl-reqd", "--user", f"{USER}:{PASSWORD}",
                     "--login-options", "AUTH=PLAIN", "--sasl-ir"]
            argv += ["--cacert", trust] if trust else []
        return argv + [f"{scheme}://127.0.0.1:{port}/{NAME}"]


class SmtpSource(Client):
    """Makes the message itself, and has no TLS."""

    name = "smtp-source"
    ways = (PLAIN,)

    def __init__(self, folder):
        super().__init__(folder)
        self.libraries = None
        for place in SERVERS:
            found = pathlib.Path(place or "/", "usr/sbin/smtp-source")
            if place and not self.program and found.exists():
                self.program = str(found)
                machine = f"{os.uname().machine}-linux-gnu"
                self.libraries = ":".join(
                    str(found.parents[1] / "lib" / part)
                    for part in ("postfix", machine))

    def environment(self):
        env = super().environment()
        if self.libraries:
            env["LD_LIBRARY_PATH"] = self.libraries
        return env

    def version(self):
        return self.name

    def argv(self, way, port, trust, size):
        return [self.program, "-M", NAME, "-f", SENDER, "-t", RECIPIENT,
                "-l", size, f"127.0.0.1:{port}"]


class Swaks(Client):
    """Perl, made for tests: a bound from above, too slow for large ones."""

    name = "swaks"
    every = 5
    every_large = 0

    def argv(self, way, port, trust, size):
        argv = [self.program, "--silent", "3", "--server", "127.0.0.1",
                "--port", port, "--ehlo", NAME, "--from", SENDER,
                "--to", RECIPIENT, "--pipeline", "--data", "-"]
        if way.tls:
            argv += ["--tls" if way.tls == "starttls" else "--tlsc",
                     "--tls-verify", "--auth", "PLAIN", "--au", USER,
                     "--ap", PASSWORD]
            argv += ["--tls-ca-path", trust] if trust else []
        return argv


CLIENTS = (Veredus, Msmtp, Curl, SmtpSource, Swaks)
