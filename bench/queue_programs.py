# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs with a queue, each of which has its own below the bench's folder."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from clients import NAME, PASSWORD, RECIPIENT, SENDER, USER
from environment import BenchError, HERE

sys.path.insert(0, str(HERE.parent / "tests/interop"))

import servers  # noqa: E402

TOOL_TIMEOUT = 60  # seconds
UNPACKED = [os.environ.get("VEREDUS_BENCH_QUEUES"),
            "/var/cache/veredus-bench-queues",
            os.path.expanduser("~/.cache/veredus-bench-queues")]
# Shows a program its own files in /etc.
IN_OTHER_ETC = 'mount --bind "$0" /etc && exec "$@"'


def find_unpacked():
    """Returns the folder that fetch-queues filled, or None."""
    for folder in UNPACKED:
        if folder and os.path.exists(os.path.join(folder, "complete")):
            return pathlib.Path(folder)
    return None


class QueueProgram:
    """A program that takes a message and keeps it in a queue.

    The constructor raises BenchError if the program cannot run here.
    """

    name = ""

    def __init__(self, environment):
        self.env = environment
        self.folder = pathlib.Path(tempfile.mkdtemp(
            prefix=f"{self.name}-", dir=environment.folder))
        self.folder.chmod(0o711)  # for programs that become other users
        self.prefix = []  # of commands; not measured
        self.set_up()

    def set_up(self):
        """Makes the folders and the configuration."""

    def unpacked(self):
        folder = find_unpacked()
        if not folder:
            raise BenchError("missing: ./dev deps installs it")
        return folder

    def write(self, name, *lines, mode=0o644):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode)
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def environment(self):
        return {"HOME": str(self.folder), "PATH": "/usr/bin:/bin:/usr/sbin",
                "LC_ALL": "C", "USER": "root", "LOGNAME": "root"}

    def sendmail(self):
        """Returns the program that takes messages."""
        raise NotImplementedError

    def argv(self):
        """Returns the command that queues the message of its input."""
        return [self.sendmail(), "-i", "-f", SENDER, "--", RECIPIENT]

    def start(self, command, **options):
        return subprocess.Popen(
            [str(word) for word in (*self.prefix, *command)],
            env=self.environment(), text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **{"stdin": subprocess.DEVNULL, **options})

    def wait(self, process, timeout=TOOL_TIMEOUT):
        """Returns the output of a process, which must have succeeded."""
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise BenchError(f"took more than {timeout} seconds") from None
        if process.returncode != 0:
            raise BenchError(errors.strip()[-300:]
                             or f"status {process.returncode}")
        return output

    def instructions(self, command, **options):
        """Returns the instructions of all processes of a command; of a process
        that becomes another program, only those after that."""
        with tempfile.TemporaryDirectory(dir=self.env.folder) as logs:
            self.wait(self.start(
                ["valgrind", "--tool=callgrind", "--trace-children=yes",
                 "--callgrind-out-file=/dev/null", f"--log-file={logs}/%p",
                 *command], **options))
            counts = [re.search(r"Collected : (\d+)", log.read_text())
                      for log in pathlib.Path(logs).iterdir()]
        return sum(int(count.group(1)) for count in counts if count)

    def files(self):
        """Returns the files of queued messages."""
        raise NotImplementedError

    def empty(self):
        for path in self.files():
            path.unlink()


class Veredus(QueueProgram):
    name = "veredus"

    def set_up(self):
        self.program = os.environ.get("VEREDUS") or shutil.which(self.name)
        self.queue = self.folder / "queue"
        self.configure()

    def configure(self, port=25, tls=False, sessions=2):
        security = (["tls on", f"tls_trust_file {self.env.trust}",
                     "auth plain", f"user {USER}", f"password {PASSWORD}"]
                    if tls else ["tls off", "auth off"])
        self.config = self.write(
            "config", "account default", "host 127.0.0.1", f"port {port}",
            "syslog off", f"domain {NAME}", *security, "queue later",
            f"queue_dir {self.queue}", "queue_limit 1000000 10g",
            f"queue_sessions {sessions}", mode=0o600)

    def command(self, *options):
        return [self.program, "-C", self.config, *options]

    def argv(self):
        return self.command("-i", "-f", SENDER, "--", RECIPIENT)

    def files(self):
        return [*self.queue.glob("queue/*"), *self.queue.glob("state")]


class Nullmailer(QueueProgram):
    """NULLMAILER_TEST_PREFIX is the folder of all its files."""

    name = "nullmailer"

    def set_up(self):
        root = self.unpacked()
        for name in ("queue", "tmp", "failed"):
            (self.folder / "queue" / name).mkdir(parents=True)
        os.mkfifo(self.folder / "queue/trigger")
        # It ignores the variable if it is set-user-ID.
        (self.folder / "sbin").mkdir()
        shutil.copyfile(root / "usr/sbin/nullmailer-queue",
                        self.folder / "sbin/nullmailer-queue")
        (self.folder / "sbin/nullmailer-queue").chmod(0o755)
        (self.folder / "bin").symlink_to(root / "usr/bin")
        (self.folder / "protocols").symlink_to(root / "usr/lib/nullmailer")
        self.write("mailname", NAME)
        self.write("conf/defaulthost", NAME)

    def configure(self, port):
        self.write("conf/remotes",
                   f"127.0.0.1 smtp --port={port} --starttls --user={USER} "
                   f"--pass={PASSWORD} --x509cafile={self.env.trust}",
                   mode=0o600)

    def environment(self):
        return {**super().environment(),
                "NULLMAILER_TEST_PREFIX": str(self.folder)}

    def sendmail(self):
        return self.unpacked() / "usr/sbin/sendmail"

    def deliver(self):
        """Starts the process that delivers until it is stopped."""
        return self.start([self.unpacked() / "usr/sbin/nullmailer-send"])

    def files(self):
        return list((self.folder / "queue/queue").iterdir())


class Dma(QueueProgram):
    """Its configuration is in /etc, so it gets a copy of that."""

    name = "dma"

    def set_up(self):
        if os.geteuid() != 0:
            raise BenchError("only root can give it another /etc")
        self.program = self.folder / "dma"
        shutil.copyfile(self.unpacked() / "usr/sbin/dma", self.program)
        self.program.chmod(0o755)  # valgrind runs no set-group-ID program
        etc = self.folder / "etc"
        etc.mkdir()
        for name in ("passwd", "group", "nsswitch.conf", "hosts",
                     "ld.so.cache", "localtime"):
            if os.path.exists(f"/etc/{name}"):
                shutil.copyfile(f"/etc/{name}", etc / name)
        self.spool = self.folder / "spool"
        self.spool.mkdir()
        shutil.chown(self.spool, "mail", "mail")
        self.write("etc/dma/dma.conf", "SMARTHOST 127.0.0.1", "DEFER",
                   f"MAILNAME {NAME}", f"SPOOLDIR {self.spool}")
        self.prefix = ["unshare", "-m", "sh", "-c", IN_OTHER_ETC, etc]
        self.wait(self.start(["true"]))

    def sendmail(self):
        return self.program

    def files(self):
        return list(self.spool.glob("[MQ]*"))


class PostfixServer(servers.PostfixBase):
    """Postfix as a client of one server, which it calls its relay host."""

    name = "postfix"

    def __init__(self, folder, root):
        super().__init__(folder, root, ())
        shutil.chown(self.folder / "queue/maildrop", servers.POSTFIX_USER)
        self.relay = []

    def relay_to(self, port, trust, *settings):
        """Writes the configuration: TLS and AUTH, and these settings."""
        self.write("passwords", f"127.0.0.1 {USER}:{PASSWORD}\n", 0o600)
        self.configure("\n".join((
            f"relayhost = [127.0.0.1]:{port}",
            "inet_interfaces = loopback-only",
            "export_environment = MAIL_CONFIG LD_LIBRARY_PATH",
            "smtp_tls_security_level = encrypt",
            f"smtp_tls_CAfile = {trust}",
            "smtp_sasl_auth_enable = yes",
            f"smtp_sasl_password_maps = texthash:{self.folder}/passwords",
            "smtp_sasl_security_options = noanonymous",
            *settings, "")),
            "pickup unix n - n 60 1 pickup\n"
            "smtp unix - - n - - smtp\n"
            "scache unix - - n - 1 scache\n"
            "tlsproxy unix - - n - 0 tlsproxy\n")


class Postfix(QueueProgram):
    """sendmail and postdrop; the message waits in maildrop/."""

    name = "postfix"

    def set_up(self):
        reason = servers.skip_reason()
        if reason:
            raise BenchError(reason)
        self.server = PostfixServer(self.folder, servers.find_servers())
        self.configure(25)

    def configure(self, port, *settings):
        self.server.relay_to(port, self.env.trust, *settings)

    def environment(self):
        return {**super().environment(), **self.server.env,
                "MAIL_CONFIG": str(self.server.folder / "etc")}

    def sendmail(self):
        return self.server.root / "usr/sbin/sendmail"

    def files(self):
        return list((self.server.folder / "queue/maildrop").iterdir())


def start_programs(environment, kinds, note):
    """Returns those of the programs that can run here; notes the others."""
    programs = []
    for kind in kinds:
        try:
            programs.append(kind(environment))
        except BenchError as error:
            note(f"{kind.name}: {error}")
    return programs
