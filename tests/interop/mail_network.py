# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network in which the program finds its next hops in the DNS.

NSD and a validating Unbound run on the client, where the program runs.  The
Postfix instances run on the servers' side, on the standard ports.
"""

import shutil

import dane_servers
import servers
import zones
from dns_servers import DnsServers
from mx_servers import (
    NO_TLS, STARTTLS_OFFERED, MxServer, mx_and_submission_services)
from program import make_folder


def write_chain(certificates, folder, name):
    """Writes a key and its certificates into one file, as Postfix needs it."""
    path = folder / f"{name}.pem"
    path.write_bytes(b"".join(
        open(certificates.path(name + end), "rb").read()
        for end in (".key", ".pem")))
    return path


class MailNetwork:
    """The DNS servers and the Postfix instances.

    mx_servers    the servers "one", "two" and "three" of zones.py
    dane_server   the server of dane_servers.py
    mail_servers  all of them by name
    """

    def __init__(self, network, certificates):
        self.network = network
        self.certificates = certificates
        self.folder = make_folder()
        self.started = []
        root = servers.find_servers()
        zones.issue(certificates)
        self.dns = DnsServers(self.folder, root, zones.make(certificates))
        self.mx_servers = {name: MxServer(
            self.folder, root, network.servers, name,
            mx_and_submission_services(address, write_chain(
                certificates, self.folder, f"mx-{name}")))
            for name, address in zones.ADDRESSES.items()}
        self.dane_server = MxServer(
            self.folder, root, network.servers, "dane", self.dane_services())
        self.mail_servers = {**self.mx_servers, "dane": self.dane_server}

    def dane_services(self):
        services = {}
        for name, address in dane_servers.ADDRESSES.items():
            has_tls = name in dane_servers.CERTIFICATES
            settings = dict(STARTTLS_OFFERED if has_tls else NO_TLS)
            if has_tls:
                settings["smtpd_tls_chain_files"] = write_chain(
                    self.certificates, self.folder, f"dane-{name}")
            services[address, 25] = settings
        return services

    def start(self):
        self.started.append(self.dns)
        with self.network.client:
            self.dns.start()
        self.started += self.mail_servers.values()
        self.reset()

    def reset(self):
        """Starts the servers that a test stopped; empties all mailboxes."""
        for server in self.mail_servers.values():
            if not server.is_running:
                server.start()
            server.empty()
        shutil.rmtree(self.folder / "policies", ignore_errors=True)

    def delivered(self):
        """Returns (server, recipient, message) for each delivered message."""
        return [(name, *delivery)
                for name, server in self.mail_servers.items()
                for delivery in server.delivered()]

    def stop(self):
        for server in reversed(self.started):
            server.stop()
        self.network.close()
        shutil.rmtree(self.folder)

    def account(self, *settings):
        """Returns an account that trusts the test CA and uses Unbound."""
        if not any(line.startswith("dns_server") for line in settings):
            settings = (self.dns.setting, *settings)
        return "\n".join([
            "account default", "domain client.example", "connect_timeout 2",
            f"tls_trust_file {self.certificates.path('ca.pem')}",
            f"mta_sts_cache {self.folder}/policies", *settings]) + "\n"
