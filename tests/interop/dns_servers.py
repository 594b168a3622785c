# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NSD, authoritative for the test zones, and a validating Unbound.

Both listen on fixed loopback ports, so they need a network namespace of their
own.
"""

import subprocess

from servers import Server

ADDRESS = "127.0.0.1"
NON_LOOPBACK = "192.0.2.1"  # another address of the same machine
NSD_PORT = 5300
UNBOUND_PORT = 53
EXPIRED_PERIOD = ["-i", "20200101000000", "-e", "20200201000000"]
SOA = """$ORIGIN {name}.
$TTL 60
@ SOA ns hostmaster 1 3600 900 86400 1
@ NS ns
ns A 127.0.0.1
"""


class Zone:
    """A zone and its records, in zone file format.

    signed   the zone is signed, and its key is a trust anchor of Unbound
    expired  the signatures have expired
    bogus    owners of TLSA records that are changed after signing
    """

    def __init__(self, name, records, signed=False, expired=False, bogus=()):
        self.name = name
        self.records = records
        self.signed = signed
        self.expired = expired
        self.bogus = bogus
        self.anchor = None


class Signer:
    """Writes and signs zone files with ldnsutils."""

    def __init__(self, folder, root, env):
        self.folder = folder
        self.tools = root / "usr/bin"
        self.env = env

    def call(self, tool, *arguments):
        return subprocess.run(
            [self.tools / tool, *arguments], cwd=self.folder, env=self.env,
            check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def write(self, zone):
        """Writes the zone; returns the path of the file for NSD."""
        path = self.folder / zone.name
        path.write_text(SOA.format(name=zone.name) + zone.records)
        if not zone.signed:
            return path
        key = self.call("ldns-keygen", "-a", "ECDSAP256SHA256", "-k",
                        zone.name)
        zone.anchor = self.folder / (key + ".key")
        signed = self.folder / (zone.name + ".signed")
        self.call("ldns-signzone", *(EXPIRED_PERIOD if zone.expired else ()),
                  "-f", signed, path, key)
        signed.write_text("\n".join(
            make_bogus(line) if self.is_bogus(zone, line) else line
            for line in signed.read_text().splitlines()) + "\n")
        return signed

    def is_bogus(self, zone, line):
        owner = line.split("\t")[0].removesuffix(f".{zone.name}.")
        return owner in zone.bogus and "\tTLSA\t" in line


def make_bogus(record):
    """Changes the last digit, so that the signature does not match."""
    return record[:-1] + ("0" if record[-1] != "0" else "1")


class Nsd(Server):
    name = "nsd"

    def __init__(self, folder, root, zones):
        super().__init__(folder, root)
        self.make_folders("state", "zones")
        signer = Signer(self.folder / "zones", root, self.env)
        self.write("conf", f"""
server:
    ip-address: {ADDRESS}@{NSD_PORT}
    server-count: 1
    username: ""
    zonesdir: "{self.folder}"
    database: ""
    zonelistfile: "{self.folder}/state/zone.list"
    xfrdfile: "{self.folder}/state/xfrd"
    xfrdir: "{self.folder}/state"
    pidfile: ""
    logfile: "{self.log}"
    rrl-ratelimit: 0
remote-control:
    control-enable: no
""" + "".join(f"""
zone:
    name: {zone.name}
    zonefile: {signer.write(zone)}
""" for zone in zones))

    def start(self):
        self.launch([self.root / "usr/sbin/nsd", "-d", "-c",
                     self.folder / "conf"], [NSD_PORT])


class Unbound(Server):
    name = "unbound"

    def __init__(self, folder, root, zones):
        super().__init__(folder, root)
        self.write("conf", f"""
server:
    interface: {ADDRESS}@{UNBOUND_PORT}
    interface: {NON_LOOPBACK}@{UNBOUND_PORT}
    access-control: {NON_LOOPBACK}/32 allow
    username: ""
    chroot: ""
    directory: "{self.folder}"
    pidfile: ""
    use-syslog: no
    logfile: "{self.log}"
    verbosity: 1
    num-threads: 1
    do-ip6: no
    do-not-query-localhost: no
    module-config: "validator iterator"
    val-log-level: 2
    max-udp-size: 4096
    local-zone: "test." nodefault
""" + "".join(f"""
    trust-anchor-file: "{zone.anchor}"
""" for zone in zones if zone.anchor) + """
remote-control:
    control-enable: no
""" + "".join(f"""
stub-zone:
    name: {zone.name}
    stub-addr: {ADDRESS}@{NSD_PORT}
""" for zone in zones))

    def start(self):
        self.launch([self.root / "usr/sbin/unbound", "-d", "-c",
                     self.folder / "conf"], [UNBOUND_PORT])


class DnsServers:
    """NSD and Unbound, and the settings with which the program uses them."""

    setting = f"dns_server {ADDRESS}:{UNBOUND_PORT}"
    # Not on loopback: its AD flag is not trusted by default.
    non_loopback_setting = f"dns_server {NON_LOOPBACK}:{UNBOUND_PORT}"
    # NSD is authoritative only and does not validate.
    authoritative_setting = f"dns_server {ADDRESS}:{NSD_PORT}"

    def __init__(self, folder, root, zones):
        self.nsd = Nsd(folder, root, zones)
        self.unbound = Unbound(folder, root, zones)

    def start(self):
        self.nsd.start()
        self.unbound.start()

    def stop(self):
        self.unbound.stop()
        self.nsd.stop()
