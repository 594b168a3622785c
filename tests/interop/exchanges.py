# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix as the servers of a domain: it takes whatever comes for anybody."""

import re
import socket
import stat
import time

from servers import START, PostfixBase

ENCRYPT = {"smtpd_tls_security_level": "encrypt"}
WRAPPED = {"smtpd_tls_wrappermode": "yes", **ENCRYPT}
OFFERED = {"smtpd_tls_security_level": "may"}
NO_TLS = {"smtpd_tls_security_level": "none"}


class Exchange(PostfixBase):
    """One Postfix on a machine of network.py.

    services    (address, port): settings that differ there
    """

    def __init__(self, folder, root, machine, name, services):
        self.machine = machine
        self.name = name
        super().__init__(folder, root, list(services))
        self.configure(f"""
inet_interfaces = 127.0.0.1
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:inbox/
""", "".join(self.service(place, settings)
             for place, settings in services.items()))

    def service(self, place, settings):
        address, port = place
        return (f"{address}:{port} inet n - n - - smtpd\n"
                + "".join(f"    -o {name}={value}\n"
                          for name, value in settings.items()))

    @property
    def is_up(self):
        return self.process is not None

    def start(self):
        with self.machine:
            super().start()

    def stop(self):
        """Nobody listens any more when this is over."""
        super().stop()
        self.process = None
        end = time.monotonic() + START
        with self.machine:
            while not all(map(is_free, self.listening)):
                assert time.monotonic() < end, f"it does not end: {self.name}"
                time.sleep(0.01)

    def is_busy(self):
        """What a killed one has left unfinished was taken by nobody."""
        return any(is_complete(entry) for queue in self.queues
                   for entry in (self.folder / queue).rglob("*"))

    def arrived(self):
        """What has come, and is on its way no more: (to whom, message)."""
        end = time.monotonic() + START
        while self.is_busy() and time.monotonic() < end:
            time.sleep(0.02)
        assert not self.is_busy(), f"it does not get on: {self.told()}"
        return [(re.search(rb"(?m)^X-Original-To: (.*)$", message)
                 .group(1).decode(), message)
                for message in self.mailbox("inbox")]


def queue_id(message):
    """What Postfix has called it: not two of them are the same."""
    return re.search(rb"(?m)^\t.*\bid (\w+)", message).group(1).decode()


def is_complete(entry):
    """Postfix marks a message that it has answered for as executable."""
    try:
        return entry.is_file() and bool(entry.stat().st_mode & stat.S_IXUSR)
    except FileNotFoundError:
        return False


def is_free(place):
    """Whether the address and port have no listener."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(place)
        except OSError:
            return False
    return True


def submission_services(address, chain):
    """As an MX, and as a server for submission without passwords."""
    chain = {"smtpd_tls_chain_files": chain}
    return {(address, 25): {**OFFERED, **chain},
            (address, 465): {**WRAPPED, **chain},
            (address, 587): {**ENCRYPT, **chain}}
