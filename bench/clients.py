# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line with which each program sends one message fastest."""

import os
import pathlib
import re
import shutil
import subprocess
import sysconfig

SENDER = "alice@example.org"
RECIPIENT = "bob@example.org"
NAME = "client.example"
USER, PASSWORD = "alice", "Kanarienvogel"
SERVER_FOLDERS = [os.environ.get("VEREDUS_TEST_SERVERS"),
                  "/var/cache/veredus-test-servers",
                  os.path.expanduser("~/.cache/veredus-test-servers")]


class Configuration:
    """How a message is sent: port, TLS, trust store and input."""

    def __init__(self, label, listener=0, tls=None, system=False):
        self.label = label
        self.listener = listener  # index of the server's port
        self.tls = tls            # None, "starttls" or "implicit"
        self.system = system      # the system's trust store instead of one CA
        self.chunking = True      # BDAT, if the program supports it
        self.pipe = False         # standard input is a pipe
        self.dots = False         # a line with a single dot ends the input
        self.names_host = True    # a setting has the name for EHLO


PLAIN = Configuration("plain")
STARTTLS = Configuration("587 STARTTLS", tls="starttls")
IMPLICIT = Configuration("465 TLS", listener=1, tls="implicit")
SYSTEM = Configuration("465, system store", listener=1, tls="implicit",
                       system=True)
WITH_DATA = Configuration("plain, by DATA")
WITH_DATA.chunking = False
FROM_PIPE = Configuration("plain, from a pipe")
FROM_PIPE.pipe = True
WITH_DOTS = Configuration("plain, without -i")
WITH_DOTS.dots = True
NAMELESS = Configuration("plain")
NAMELESS.names_host = False


class Client:
    """A program.  `trust` is a PEM file, or None for the system's store."""

    name = ""
    package = ""
    configs = (PLAIN, STARTTLS, IMPLICIT, SYSTEM)
    interval = 1        # runs in each n-th turn; slow programs skip turns
    large_interval = 1  # the same for large messages; 0: never
    large_size = 10_000_000  # octets of the large message under valgrind

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = shutil.which(self.name)

    def environment(self):
        return {"HOME": str(self.folder), "PATH": "/usr/bin:/bin:/usr/sbin",
                "LC_ALL": "C", "USER": "root", "LOGNAME": "root"}

    def argv(self, config, port, trust, size):
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
    large_interval = 5

    def config_file(self, config, port, trust):
        lines = ["account default", "host 127.0.0.1", f"port {port}",
                 "syslog off"]
        lines += [f"domain {NAME}"] if config.names_host else []
        if config.tls:
            lines += ["tls on", f"tls_trust_file {trust or 'system'}",
                      "tls_starttls " + ("off" if config.tls == "implicit"
                                         else "on"),
                      "auth plain", f"user {USER}", f"password {PASSWORD}"]
        else:
            lines += ["tls off", "auth off"]
        lines += [] if config.chunking else ["chunking off"]
        path = self.folder / f"{self.name}-{port}.conf"
        path.unlink(missing_ok=True)
        path.touch(0o600)
        path.write_text("\n".join(lines) + "\n")
        return path

    def argv(self, config, port, trust, size):
        return [self.program, "-C", self.config_file(config, port, trust),
                *([] if config.dots else ["-i"]), "-f", SENDER, "--",
                RECIPIENT]


class Veredus(Msmtp):
    """Uses the same configuration file as msmtp."""

    name = "veredus"
    configs = (*Client.configs, WITH_DATA, FROM_PIPE, WITH_DOTS)
    large_interval = 1

    def __init__(self, folder):
        super().__init__(folder)
        self.program = os.environ.get("VEREDUS") or self.program


class Curl(Client):
    name = "curl"

    def argv(self, config, port, trust, size):
        scheme = "smtps" if config.tls == "implicit" else "smtp"
        argv = [self.program, "-q", "-sS", "-T", "-", "--crlf",
                "--mail-from", SENDER, "--mail-rcpt", RECIPIENT]
        if config.tls:
            argv += ["--ssl-reqd", "--user", f"{USER}:{PASSWORD}",
                     "--login-options", "AUTH=PLAIN", "--sasl-ir"]
            argv += ["--cacert", trust] if trust else []
        return argv + [f"{scheme}://127.0.0.1:{port}/{NAME}"]


class SmtpSource(Client):
    """Generates the message itself, and has no TLS."""

    name = "smtp-source"
    configs = (PLAIN,)

    def __init__(self, folder):
        super().__init__(folder)
        self.libraries = None
        for folder in SERVER_FOLDERS:
            path = pathlib.Path(folder or "/", "usr/sbin/smtp-source")
            if folder and not self.program and path.exists():
                self.program = str(path)
                machine = sysconfig.get_config_var("MULTIARCH")
                self.libraries = ":".join(
                    str(path.parents[1] / "lib" / part)
                    for part in ("postfix", machine))

    def environment(self):
        env = super().environment()
        if self.libraries:
            env["LD_LIBRARY_PATH"] = self.libraries
        return env

    def version(self):
        return self.name

    def argv(self, config, port, trust, size):
        return [self.program, "-M", NAME, "-f", SENDER, "-t", RECIPIENT,
                "-l", size, f"127.0.0.1:{port}"]


class Swaks(Client):
    """A test tool in Perl, too slow for large messages."""

    name = "swaks"
    interval = 5
    large_interval = 0

    def argv(self, config, port, trust, size):
        argv = [self.program, "--silent", "3", "--server", "127.0.0.1",
                "--port", port, "--ehlo", NAME, "--from", SENDER,
                "--to", RECIPIENT, "--pipeline", "--data", "-"]
        if config.tls:
            argv += ["--tls" if config.tls == "starttls" else "--tlsc",
                     "--tls-verify", "--auth", "PLAIN", "--au", USER,
                     "--ap", PASSWORD]
            argv += ["--tls-ca-path", trust] if trust else []
        return argv


CLIENTS = (Veredus, Msmtp, Curl, SmtpSource, Swaks)
