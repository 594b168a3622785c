# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix as an MX host that accepts mail for every recipient."""

import re
import socket
import stat
import time

from servers import START_TIMEOUT, PostfixBase

TLS_REQUIRED = {"smtpd_tls_security_level": "encrypt"}
IMPLICIT_TLS = {"smtpd_tls_wrappermode": "yes", **TLS_REQUIRED}
STARTTLS_OFFERED = {"smtpd_tls_security_level": "may"}
NO_TLS = {"smtpd_tls_security_level": "none"}


class MxServer(PostfixBase):
    """One Postfix in a network namespace of network.py.

    services    maps (address, port) to the smtpd settings of that listener
    """

    def __init__(self, folder, root, machine, name, services):
        self.machine = machine
        self.name = name
        super().__init__(folder, root, list(services))
        self.configure(f"""
inet_interfaces = 127.0.0.1
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:inbox/
""", "".join(self.service(endpoint, settings)
             for endpoint, settings in services.items()))

    def service(self, endpoint, settings):
        address, port = endpoint
        return (f"{address}:{port} inet n - n - - smtpd\n"
                + "".join(f"    -o {name}={value}\n"
                          for name, value in settings.items()))

    @property
    def is_running(self):
        return self.process is not None

    def start(self):
        with self.machine:
            super().start()

    def stop(self):
        """Stops Postfix and waits until its addresses have no listener."""
        super().stop()
        self.process = None
        end = time.monotonic() + START_TIMEOUT
        with self.machine:
            while not all(map(is_free, self.listening)):
                assert time.monotonic() < end, f"{self.name} does not stop"
                time.sleep(0.01)

    def is_busy(self):
        """Whether a complete message is queued.

        A killed Postfix may leave incomplete queue files, for which it has
        not sent a reply.
        """
        return any(is_complete(entry) for queue in self.queues
                   for entry in (self.folder / queue).rglob("*"))

    def delivered(self):
        """Waits for an empty queue; returns (recipient, message) pairs."""
        end = time.monotonic() + START_TIMEOUT
        while self.is_busy() and time.monotonic() < end:
            time.sleep(0.02)
        assert not self.is_busy(), f"messages stay queued: {self.read_logs()}"
        return [(re.search(rb"(?m)^X-Original-To: (.*)$", message)
                 .group(1).decode(), message)
                for message in self.mailbox("inbox")]


def queue_id(message):
    """Returns the queue ID from the Received field that Postfix added."""
    return re.search(rb"(?m)^\t.*\bid (\w+)", message).group(1).decode()


def is_complete(entry):
    """Postfix makes a queue file executable when the message is complete."""
    try:
        return entry.is_file() and bool(entry.stat().st_mode & stat.S_IXUSR)
    except FileNotFoundError:
        return False


def is_free(endpoint):
    """Whether nothing listens on the address and port."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(endpoint)
        except OSError:
            return False
    return True


def mx_and_submission_services(address, chain):
    """Ports 25, 465 and 587; submission works without AUTH."""
    chain = {"smtpd_tls_chain_files": chain}
    return {(address, 25): {**STARTTLS_OFFERED, **chain},
            (address, 465): {**IMPLICIT_TLS, **chain},
            (address, 587): {**TLS_REQUIRED, **chain}}
