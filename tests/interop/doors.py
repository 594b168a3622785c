# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers for DANE: one address, and one certificate, for each kind.

What is behind them does not matter; it is one Postfix.
"""

from cryptography.hazmat.primitives import hashes, serialization

from network import SERVERS

# What certs.issue() is told; the names of hosts are those of HOSTS below.
CERTIFICATES = {
    # Nothing about it is right, but its key.
    "odd": {"by": None, "dns": ["elsewhere.test"], "since": -20, "until": -1},
    "host": {"by": "intermediate", "dns": [
        f"{name}-mx.signed.test"
        for name in ("host", "authority-key", "other-authority")]},
    "domain": {"by": "intermediate", "dns": ["domain.signed.test"]},
    "stranger": {"by": "intermediate", "dns": ["elsewhere.test"]},
    "old": {"by": "intermediate", "dns": ["old-mx.signed.test"],
            "since": -20, "until": -1},
}
ADDRESSES = dict(zip([*CERTIFICATES, "plain"], SERVERS[17:]))

# The domain NAME.signed.test has the host NAME-mx.signed.test at a door, with
# TLSA records: "usage selector matching" of a certificate.
HOSTS = {
    # DANE-EE: only the key counts.
    "key": ("odd", ["3 1 1 door-odd"]),
    "key-512": ("odd", ["3 1 2 door-odd"]),
    "key-full": ("odd", ["3 1 0 door-odd"]),
    "whole": ("odd", ["3 0 1 door-odd"]),
    "whole-full": ("odd", ["3 0 0 door-odd"]),
    "rollover": ("odd", ["3 1 1 door-host", "3 1 1 door-odd"]),
    "wrong": ("odd", ["3 1 1 door-host"]),
    "forged": ("odd", ["3 1 1 door-odd"]),
    # DANE-TA: an authority that is shown, names and dates.
    "host": ("host", ["2 0 1 intermediate"]),
    "authority-key": ("host", ["2 1 2 intermediate"]),
    "domain": ("domain", ["2 0 1 intermediate"]),
    "stranger": ("stranger", ["2 0 1 intermediate"]),
    "old": ("old", ["2 0 1 intermediate"]),
    "old-key": ("old", ["3 1 1 door-old"]),
    "other-authority": ("host", ["2 0 1 ca2"]),
    # Nothing that can be used: TLS, but with whomever.
    "unusable": ("odd", ["0 0 1 door-host", "3 1 9 door-host"]),
    "unusable-plain": ("plain", ["1 1 1 door-host"]),
    "usable-beside": ("odd", ["1 1 1 door-odd", "3 1 1 door-host"]),
    # No TLS at all.
    "stripped": ("plain", ["3 1 1 door-odd"]),
    "free": ("plain", []),
}
FORGED = ["_25._tcp.forged-mx"]
OTHERS = """
fallback MX 10 wrong-mx
fallback MX 20 one
key-too MX 10 key-mx
host-too MX 10 host-mx
alias MX 10 host-alias
host-alias CNAME host-mx
wrong-alias MX 10 alias-of-wrong
alias-of-wrong CNAME wrong-mx
"""


def issue(certificates):
    for name, arguments in CERTIFICATES.items():
        certificates.issue(f"door-{name}", **arguments)


def record(certificates, text):
    """"3 1 1 good" as in a zone file."""
    *numbers, label = text.split()
    certificate = certificates.known[label].certificate
    data = certificate.public_bytes(serialization.Encoding.DER)
    if numbers[1] == "1":
        data = certificate.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
    kind = {"1": hashes.SHA256, "2": hashes.SHA512, "9": hashes.SHA256}.get(
        numbers[2])
    if kind:
        digest = hashes.Hash(kind())
        digest.update(data)
        data = digest.finalize()
    return f"{' '.join(numbers)} {data.hex()}"


def host_records(certificates, name, door, texts):
    return (f"{name} MX 10 {name}-mx\n{name}-mx A {ADDRESSES[door]}\n"
            f"_submission._tcp.{name} SRV 0 0 25 {name}-mx\n"
            + "".join(f"_25._tcp.{name}-mx TLSA "
                      f"{record(certificates, text)}\n" for text in texts))


def records(certificates):
    """For the signed zone."""
    return OTHERS + "".join(host_records(certificates, name, *host)
                            for name, host in HOSTS.items())


def insecure_records(certificates):
    """For a zone that nobody has signed: they mean nothing."""
    return host_records(certificates, "unproven", *HOSTS["wrong"])
