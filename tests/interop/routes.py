# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world in which a message finds its own way.

On the machine of the program are NSD and an Unbound that validates; across
the cable are Postfix instances, at the ports that the protocols name.
"""

import shutil

import doors
import servers
import zones
from exchanges import NO_TLS, OFFERED, Exchange, submission_services
from names import NameServers
from program import make_folder


def write_chain(certificates, folder, name):
    """A key and its certificates in one file, as Postfix wants them."""
    place = folder / f"{name}.pem"
    place.write_bytes(b"".join(
        open(certificates.path(name + end), "rb").read()
        for end in (".key", ".pem")))
    return place


class Routes:
    def __init__(self, network, certificates):
        self.network = network
        self.certificates = certificates
        self.folder = make_folder()
        self.started = []
        root = servers.find_servers()
        zones.issue(certificates)
        self.names = NameServers(self.folder, root, zones.make(certificates))
        self.trio = {name: Exchange(
            self.folder, root, network.servers, name, submission_services(
                address, write_chain(certificates, self.folder,
                                     f"exchange-{name}")))
            for name, address in zones.ADDRESSES.items()}
        self.doors = Exchange(
            self.folder, root, network.servers, "doors", self.door_services())
        self.exchanges = {**self.trio, "doors": self.doors}

    def door_services(self):
        services = {}
        for name, address in doors.ADDRESSES.items():
            settings = dict(OFFERED if name in doors.CERTIFICATES else NO_TLS)
            if name in doors.CERTIFICATES:
                settings["smtpd_tls_chain_files"] = write_chain(
                    self.certificates, self.folder, f"door-{name}")
            services[address, 25] = settings
        return services

    def start(self):
        self.started.append(self.names)
        with self.network.client:
            self.names.start()
        self.started += self.exchanges.values()
        self.restore()

    def restore(self):
        """All servers run, and nothing has come."""
        for exchange in self.exchanges.values():
            if not exchange.is_up:
                exchange.start()
            exchange.empty()
        shutil.rmtree(self.folder / "policies", ignore_errors=True)

    def arrived(self):
        """What has come where: (name of the exchange, to whom, message)."""
        return [(name, *arrival) for name, exchange in self.exchanges.items()
                for arrival in exchange.arrived()]

    def stop(self):
        for server in reversed(self.started):
            server.stop()
        self.network.close()
        shutil.rmtree(self.folder)

    def account(self, *settings):
        """The configuration of an account that trusts our authority."""
        if not any(line.startswith("dns_server") for line in settings):
            settings = (self.names.setting, *settings)
        return "\n".join([
            "account default", "domain client.example", "connect_timeout 2",
            f"tls_trust_file {self.certificates.path('ca.pem')}",
            f"mta_sts_cache {self.folder}/policies", *settings]) + "\n"
