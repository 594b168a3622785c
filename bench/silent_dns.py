# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with a short name, whose DNS server never responds.

It is a network namespace with a server on its loopback address, and a socket
on port 53 that counts the packets and drops them.
"""

import os
import socket
import subprocess
import time

from environment import TOOL_TIMEOUT, BenchError
from network import Namespace

HOST_NAME = "client"
# Runs a command AT_ONCE times in its own mount and UTS namespaces.
AT_ONCE = 50
SCRIPT = """
mount --bind "$1" /etc/resolv.conf && echo "$2" >/proc/sys/kernel/hostname ||
    exit
[ ! -e /etc/mailname ] || mount --bind /dev/null /etc/mailname || exit
count=$3 input=$4
shift 4
while [ "$count" -gt 0 ]; do
	"$@" <"$input" &
	pids="$pids $!"
	count=$((count - 1))
done
for pid in $pids; do
	wait "$pid" || status=$?
done
exit "${status:-0}"
"""


class SilentDns:
    """Raises OSError if there can be no namespace."""

    def __init__(self, environment):
        self.env = environment
        self.machine = Namespace()
        self.resolv = environment.folder / "resolv.conf"
        self.resolv.write_text("nameserver 127.0.0.1\n")
        with self.machine:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("127.0.0.1", 53))
            self.sink = environment.start_sink()
        self.socket.setblocking(False)

    def packets(self):
        """Returns the number of packets since the last call."""
        count = 0
        while True:
            try:
                self.socket.recv(65536)
            except BlockingIOError:
                return count
            count += 1

    def run(self, client, config, size):
        """Returns the seconds until all clients have ended, and the number of
        DNS packets."""
        self.packets()
        self.sink.discard_output()
        argv = client.argv(config, self.sink.ports[config.listener],
                           self.env.trust, size)
        start = time.monotonic()
        with self.machine:
            run = subprocess.run(
                ["unshare", "-mu", "sh", "-c", SCRIPT, "sh", self.resolv,
                 HOST_NAME, str(AT_ONCE), self.env.message(size),
                 *map(str, argv)],
                env=client.environment(), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                timeout=TOOL_TIMEOUT, check=False)
        elapsed = time.monotonic() - start
        if run.returncode != 0:
            raise BenchError(run.stderr.decode(errors="replace").strip())
        self.sink.accepted(AT_ONCE, size)
        return elapsed, self.packets()

    def close(self):
        self.sink.close()
        self.socket.close()
        self.machine.close()


def skip_reason():
    """Returns why the scene cannot be played here, or None."""
    if os.geteuid() != 0:
        return "only root can mount and set the name of a host"
    return None
