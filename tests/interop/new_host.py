# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host on which somebody installs veredus and sets it up.

Its files are those of this host and of the programs that fetch-callers
unpacked, and its changes are in memory: the root folder is an overlay, in a
mount namespace that ends with the host.  Each command runs with that root.
"""

import configparser
import io
import os
import pathlib
import shlex
import subprocess
import time

import overlay

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MAKE_ROOT = """
mount -t tmpfs -o mode=755 tmpfs /mnt
cd /mnt
merge() { # FOLDER LOWER...
    mkdir -p "changes$1" "work$1"
    mount -t overlay -o "lowerdir=$2,upperdir=changes$1,workdir=work$1" \
        overlay "/mnt/root$1"
}
mkdir root
merge / /
merge /usr "$1/usr:/usr"
merge /etc "$1/etc:/etc"
for folder in run tmp dev var/spool; do
    mount -t tmpfs -o mode=755 tmpfs "root/$folder"
done
chmod 1777 root/tmp
mkdir -p root/var/spool/cron/crontabs
ln -sf bsd-mailx root/usr/bin/mail # as the maintainer scripts do
for device in null zero full random urandom; do
    : >"root/dev/$device"
    mount --bind "/dev/$device" "root/dev/$device"
done
mount --rbind /proc root/proc
exec chroot root sh -c 'echo ready; read end'
"""


class NewHost:
    def __init__(self):
        self.process = subprocess.Popen(
            ["unshare", "-m", "sh", "-ec", MAKE_ROOT, "sh",
             str(overlay.find_callers())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"
        self.root = pathlib.Path(f"/proc/{self.process.pid}/root")
        self.servers = []

    def path(self, name):
        """Returns where a file of this host is for the tests."""
        return self.root / name.lstrip("/")

    def command(self, *words, user=None):
        """Returns the command that runs the words with this root."""
        become = ["setpriv", f"--reuid={user}", f"--regid={GROUPS[user]}",
                  "--init-groups"] if user else []
        return ["nsenter", f"--target={self.process.pid}", "--mount", "--root",
                "--wd", "--", *become, "env", "-i", f"PATH={PATH}",
                "HOME=/nonexistent", "LC_ALL=C.UTF-8", *words]

    def run(self, *words, user=None, text=""):
        """Runs a command, or with one word a line of shell."""
        if len(words) == 1:
            words = ["sh", "-c", *words]
        return subprocess.run(
            self.command(*words, user=user), input=text, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)

    def must(self, *words, **options):
        """Runs a command that must succeed; returns its output."""
        run = self.run(*words, **options)
        assert run.returncode == 0, (run.args[6:], run.stdout)
        return run.stdout

    def serve(self, *words, socket):
        """Starts a super-server, and waits until it listens."""
        self.path(socket).unlink(missing_ok=True)
        self.servers.append(subprocess.Popen(
            self.command(*words), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        limit = time.monotonic() + 20
        while not self.listens(socket):
            assert time.monotonic() < limit, f"{words} does not listen"
            time.sleep(0.02)

    def listens(self, socket):
        """Says whether a socket of that name is in the table of the kernel."""
        table = pathlib.Path("/proc/net/unix").read_text()
        return any(line.endswith(f" {socket}") for line in table.splitlines()
                   ) and self.path(socket).exists()

    def unit(self, name):
        """Returns the installed unit as a dictionary of dictionaries."""
        folder = subprocess.run(
            ["pkg-config", "--variable=systemdsystemunitdir", "systemd"],
            capture_output=True, text=True).stdout.strip()
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str
        parser.read_file(io.StringIO(self.path(f"{folder}/{name}").read_text()))
        return parser

    def start_socket(self):
        """Does what systemd does for the shipped socket and its service."""
        socket = self.unit("veredus.socket")["Socket"]
        service = self.unit("veredus@.service")["Service"]
        assert socket["Accept"] == "yes"
        assert service["StandardInput"] == service["StandardOutput"] == "socket"
        self.serve(
            "systemd-socket-activate", "--accept", "--inetd",
            f"--listen={socket['ListenStream']}", "setpriv",
            f"--reuid={service['User']}", f"--regid={service['Group']}",
            "--init-groups", "--no-new-privs", "--bounding-set=-all",
            "--inh-caps=-all", *shlex.split(service["ExecStart"]),
            socket=socket["ListenStream"])
        os.chmod(self.path(socket["ListenStream"]),
                 int(socket["SocketMode"], 8))

    def stop_servers(self):
        for server in self.servers:
            server.terminate()
            server.wait()
        self.servers = []

    def close(self):
        self.stop_servers()
        self.process.communicate()


GROUPS = {"www-data": "www-data", "nobody": "nogroup", "daemon": "daemon",
          "veredus": "veredus"}
