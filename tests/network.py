# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two machines and a cable between them, for what loopback cannot show.

They are network namespaces that nothing but our file descriptors keeps.

    with network.servers:
        ...             # sockets, threads and processes begin over there

    client    192.0.2.1, 2001:db8::1; the program runs here
    servers   192.0.2.10 to 192.0.2.40, 2001:db8::10 to 2001:db8::40
    silence   198.51.100.0/24, 2001:db8:dead::/48: no answer ever comes
    nowhere   all else: there is no route
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


def put_over(place, file):
    """For a new process: it finds the file in that place, and nobody else.

    To be given as preexec_fn.
    """
    place, file = os.fsencode(place), os.fsencode(file)

    def prepare():
        check(LIBC.unshare(CLONE_NEWNS))
        check(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        check(LIBC.mount(file, place, None, MS_BIND, None))
    return prepare


def can_put_over():
    try:
        subprocess.run(["true"], preexec_fn=put_over(os.devnull, os.devnull))
    except subprocess.SubprocessError:
        return False
    return True


def current():
    """A descriptor of the namespace that this thread is in."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Namespace:
    """In a `with` statement this thread, and all that it starts, is inside."""

    def __init__(self):
        before = current()
        check(LIBC.unshare(CLONE_NEWNET))
        self.descriptor = current()
        check(LIBC.setns(before, CLONE_NEWNET))
        os.close(before)
        self.before = []
        self.ip("link set lo up")

    def __enter__(self):
        self.before.append(current())
        check(LIBC.setns(self.descriptor, CLONE_NEWNET))
        return self

    def __exit__(self, *problem):
        before = self.before.pop()
        check(LIBC.setns(before, CLONE_NEWNET))
        os.close(before)

    def ip(self, *commands):
        """Commands for ip(8), without its name."""
        with self:
            done = subprocess.run(
                ["ip", "-batch", "-"], input="\n".join(commands), text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise OSError(f"ip: {done.stdout}")

    @property
    def path(self):
        """Names it for other processes."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def close(self):
        os.close(self.descriptor)


def why_not():
    """The reason why there can be no network here, or None."""
    try:
        Namespace().close()
    except OSError as problem:
        return f"a network of our own needs root and iproute2: {problem}"
    return None


class Network:
    """The client and the servers."""

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
        """False where the kernel has none, or has it switched off."""
        try:
            self.servers.ip(*(f"addr add {address}/64 dev cable nodad"
                              for address in SERVERS6))
            self.client.ip("addr add 2001:db8::1/64 dev cable nodad",
                           f"route add 2001:db8:dead::/48 via {SERVERS6[0]}")
        except OSError:
            return False
        return True

    def listen(self, address, port=25):
        """A scripted server over there."""
        with self.servers:
            server = ScriptedServer(address, port)
        self.listening.append(server)
        return server

    def finish(self):
        """To be called when the client has ended; raises what went wrong."""
        for server in self.listening:
            if server.thread:
                server.finish()

    def hang_up(self):
        """Ends the scripted servers, as far as they are not ended."""
        for server in self.listening:
            server.stopping.set()
            if server.thread:
                server.thread.join()
            server.listener.close()
        self.listening.clear()

    def close(self):
        self.hang_up()
        self.client.close()
        self.servers.close()
