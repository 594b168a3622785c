# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two network namespaces and a veth link, for what loopback cannot show.

The namespaces exist as long as this process keeps their file descriptors.

    with network.servers:
        ...      # new sockets, threads and processes are in that namespace

    client       192.0.2.1, 2001:db8::1; the program runs here
    servers      192.0.2.10 to 192.0.2.40, 2001:db8::10 to 2001:db8::40
    silent       198.51.100.0/24, 2001:db8:dead::/48: packets are dropped
    unreachable  all other addresses: there is no route
"""

import ctypes
import os
import subprocess

from scripted import ScriptedServer

CLONE_NEWNET = 0x40000000
CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SERVERS = [f"192.0.2.{number}" for number in range(10, 41)]
SERVERS6 = [f"2001:db8::{number}" for number in range(10, 41)]
SILENT = "198.51.100.1"
SILENT6 = "2001:db8:dead::1"
LIBC = ctypes.CDLL(None, use_errno=True)


def check(status):
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def mount_over(path, file):
    """Returns a preexec_fn: the new process finds the file at the path.

    The mount is in a mount namespace of that process.
    """
    path, file = os.fsencode(path), os.fsencode(file)

    def prepare():
        check(LIBC.unshare(CLONE_NEWNS))
        check(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        check(LIBC.mount(file, path, None, MS_BIND, None))
    return prepare


def mount_problem():
    """Returns why mount_over() does not work here, or None.

    A process without CAP_SYS_ADMIN may not mount, and in a chroot whose root
    is not a mount point no mount can be private.
    """
    probe = subprocess.run(
        ["unshare", "-m", "mount", "--bind", os.devnull, os.devnull],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return probe.stderr.strip() if probe.returncode != 0 else None


def open_namespace():
    """Opens the network namespace of this thread; returns the descriptor."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Namespace:
    """A network namespace; a `with` statement moves this thread into it."""

    def __init__(self):
        before = open_namespace()
        check(LIBC.unshare(CLONE_NEWNET))
        self.descriptor = open_namespace()
        check(LIBC.setns(before, CLONE_NEWNET))
        os.close(before)
        self.before = []
        self.ip("link set lo up")

    def __enter__(self):
        self.before.append(open_namespace())
        check(LIBC.setns(self.descriptor, CLONE_NEWNET))
        return self

    def __exit__(self, *problem):
        before = self.before.pop()
        check(LIBC.setns(before, CLONE_NEWNET))
        os.close(before)

    def ip(self, *commands):
        """Runs commands of ip(8) in the namespace."""
        with self:
            result = subprocess.run(
                ["ip", "-batch", "-"], input="\n".join(commands), text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if result.returncode != 0:
            raise OSError(f"ip: {result.stdout}")

    @property
    def path(self):
        """A path of the namespace for other processes."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def close(self):
        os.close(self.descriptor)


def skip_reason():
    """Returns why network namespaces cannot be made here, or None."""
    try:
        Namespace().close()
    except OSError as error:
        return f"network namespaces need root and iproute2: {error}"
    return None


class Network:
    """The namespaces of the client and of the servers."""

    def __init__(self):
        self.client = Namespace()
        self.servers = Namespace()
        self.listening = []
        self.client.ip(f"link add cable type veth peer name cable "
                       f"netns {self.servers.path}")
        self.client.ip("addr add 192.0.2.1/24 dev cable",
                       "link set cable up",
                       f"route add 198.51.100.0/24 via {SERVERS[0]}")
        self.servers.ip(*(f"addr add {address}/24 dev cable"
                          for address in SERVERS), "link set cable up")
        self.ipv6 = self.add_ipv6()

    def add_ipv6(self):
        """Returns False if the kernel does not support or allow IPv6."""
        try:
            self.servers.ip(*(f"addr add {address}/64 dev cable nodad"
                              for address in SERVERS6))
            self.client.ip("addr add 2001:db8::1/64 dev cable nodad",
                           f"route add 2001:db8:dead::/48 via {SERVERS6[0]}")
        except OSError:
            return False
        return True

    def listen(self, address, port=25):
        """Returns a scripted server in the namespace of the servers."""
        with self.servers:
            server = ScriptedServer(address, port)
        self.listening.append(server)
        return server

    def finish(self):
        """Waits for the scripted servers; raises an error that one had."""
        for server in self.listening:
            if server.thread:
                server.finish()

    def close_listeners(self):
        """Stops all scripted servers."""
        for server in self.listening:
            server.stopping.set()
            if server.thread:
                server.thread.join()
            server.listener.close()
        self.listening.clear()

    def close(self):
        self.close_listeners()
        self.client.close()
        self.servers.close()
