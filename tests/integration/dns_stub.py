# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DNS server over UDP whose records and faults the test sets.

It listens on loopback by default.

    stub.add("mx.test", "A", "127.0.0.1")
    stub.add("_submission._tcp.mx.test", "SRV", 0, 10, 587, "server.mx.test")
    stub.rcodes["broken.test"] = 2       # SERVFAIL for it and all names below
    stub.authentic = True                # sets the AD flag
    stub.silent = True                   # sends no responses
    stub.alter = lambda response: [response[:20], response]   # sends both
    stub.queries                         # name and type of each query
    stub.packets                         # their number, also while silent
"""

import socket
import struct
import threading

TYPES = {"A": 1, "SRV": 33, "AAAA": 28, "MX": 15, "CNAME": 5, "TLSA": 52,
         "TXT": 16}
NXDOMAIN = 3


def encode_name(name):
    labels = [part.encode() for part in name.rstrip(".").split(".") if part]
    return b"".join(bytes([len(part)]) + part for part in labels) + b"\0"


def decode_name(data, start):
    labels = []
    while data[start]:
        labels.append(data[start + 1:start + 1 + data[start]].decode())
        start += 1 + data[start]
    return ".".join(labels).lower(), start + 1


def encode_value(kind, values):
    if kind == "A":
        return socket.inet_aton(values[0])
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, values[0])
    if kind == "SRV":
        return struct.pack(">HHH", *values[:3]) + encode_name(values[3])
    if kind == "MX":
        return struct.pack(">H", values[0]) + encode_name(values[1])
    if kind == "TLSA":
        return struct.pack(">BBB", *values[:3]) + bytes.fromhex(values[3])
    if kind == "TXT":
        return b"".join(bytes([len(part)]) + part
                        for part in map(str.encode, values))
    raise ValueError(f"unsupported record type {kind}")


class DnsStub:
    def __init__(self, address="127.0.0.1", port=0):
        self.records = {}
        self.rcodes = {}
        self.authentic = False
        self.silent = False
        self.alter = lambda response: [response]
        self.queries = []
        self.packets = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.address = address
        self.port = self.socket.getsockname()[1]
        self.stopping = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    @property
    def setting(self):
        return f"dns_server {self.address}:{self.port}"

    def add(self, name, kind, *values):
        self.records.setdefault((name.lower(), TYPES[kind]), []).append(
            encode_value(kind, values))

    def stop(self):
        self.stopping = True
        self.thread.join()
        self.socket.close()

    def run(self):
        self.socket.settimeout(0.05)
        while not self.stopping:
            try:
                query, address = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            self.packets += 1
            if not self.silent:
                for response in self.alter(self.respond(query)):
                    self.socket.sendto(response, address)

    def rcode(self, name):
        for domain, rcode in self.rcodes.items():
            if name == domain or name.endswith("." + domain):
                return rcode
        known = any(owner == name or owner.endswith("." + name)
                    for owner, _ in self.records)
        return 0 if known else NXDOMAIN

    def respond(self, query):
        name, end = decode_name(query, 12)
        kind, = struct.unpack_from(">H", query, end)
        rcode = self.rcode(name)
        values = [] if rcode else self.records.get((name, kind), [])
        self.queries.append((name, kind))
        flags = 0x8180 | rcode | (0x20 if self.authentic else 0)
        answers = [b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(value))
                   + value for value in values]
        return (query[:2] + struct.pack(">HHHHH", flags, 1, len(values), 0, 0)
                + query[12:end + 4] + b"".join(answers))
