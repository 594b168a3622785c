# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MX hosts with TLSA records: one host for each case of DANE (RFC 7672).

Each certificate has an IP address of its own, and each host resolves to the
address of its certificate.  One Postfix instance listens on all addresses.
"""

from cryptography.hazmat.primitives import hashes, serialization

from network import SERVERS

# Arguments of certs.issue().  The host names are those of HOSTS below.
CERTIFICATES = {
    # Self-signed, expired, and for another name: only its key can match.
    "invalid": {"by": None, "dns": ["elsewhere.test"],
                "since": -20, "until": -1},
    "host": {"by": "intermediate", "dns": [
        f"{name}-mx.signed.test"
        for name in ("ta-cert", "ta-key", "ta-mismatch")]},
    "domain": {"by": "intermediate", "dns": ["ta-domain.signed.test"]},
    "wrong-name": {"by": "intermediate", "dns": ["elsewhere.test"]},
    "expired": {"by": "intermediate", "dns": ["ta-expired-mx.signed.test"],
                "since": -20, "until": -1},
}
# The address without STARTTLS is the last one.
ADDRESSES = dict(zip([*CERTIFICATES, "no-starttls"], SERVERS[17:]))

# The MX host of NAME.signed.test is NAME-mx.signed.test.  Its value is a key
# of ADDRESSES, and TLSA records as "usage selector matching label", where the
# label is that of a certificate.
HOSTS = {
    # DANE-EE (usage 3): only the key or the certificate is compared.
    "ee-key": ("invalid", ["3 1 1 dane-invalid"]),
    "ee-key-sha512": ("invalid", ["3 1 2 dane-invalid"]),
    "ee-key-full": ("invalid", ["3 1 0 dane-invalid"]),
    "ee-cert": ("invalid", ["3 0 1 dane-invalid"]),
    "ee-cert-full": ("invalid", ["3 0 0 dane-invalid"]),
    "ee-rollover": ("invalid", ["3 1 1 dane-host", "3 1 1 dane-invalid"]),
    "ee-mismatch": ("invalid", ["3 1 1 dane-host"]),
    "bogus": ("invalid", ["3 1 1 dane-invalid"]),
    "ee-expired": ("expired", ["3 1 1 dane-expired"]),
    # DANE-TA (usage 2): the trust anchor, the name and the dates are checked.
    "ta-cert": ("host", ["2 0 1 intermediate"]),
    "ta-key": ("host", ["2 1 2 intermediate"]),
    "ta-domain": ("domain", ["2 0 1 intermediate"]),
    "ta-wrong-name": ("wrong-name", ["2 0 1 intermediate"]),
    "ta-expired": ("expired", ["2 0 1 intermediate"]),
    "ta-mismatch": ("host", ["2 0 1 ca2"]),
    # No usable record: TLS is required, but no authentication.
    "unusable": ("invalid", ["0 0 1 dane-host", "3 1 9 dane-host"]),
    "unusable-no-starttls": ("no-starttls", ["1 1 1 dane-host"]),
    "unusable-and-mismatch": ("invalid", ["1 1 1 dane-invalid",
                                          "3 1 1 dane-host"]),
    # The server does not offer STARTTLS.
    "no-starttls": ("no-starttls", ["3 1 1 dane-invalid"]),
    "no-tlsa": ("no-starttls", []),
}
# Owners of TLSA records that are changed after they have been signed.
BOGUS_OWNERS = ["_25._tcp.bogus-mx"]
OTHER_RECORDS = """
fallback MX 10 ee-mismatch-mx
fallback MX 20 one
ee-key-too MX 10 ee-key-mx
ta-cert-too MX 10 ta-cert-mx
alias MX 10 host-alias
host-alias CNAME ta-cert-mx
alias-mismatch MX 10 alias-of-mismatch
alias-of-mismatch CNAME ee-mismatch-mx
"""


def issue(certificates):
    for name, arguments in CERTIFICATES.items():
        certificates.issue(f"dane-{name}", **arguments)


def tlsa_data(certificates, text):
    """Converts "3 1 1 LABEL" to the data of a TLSA record in a zone file."""
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


def host_records(certificates, name, address, tlsa):
    return (f"{name} MX 10 {name}-mx\n{name}-mx A {ADDRESSES[address]}\n"
            f"_submission._tcp.{name} SRV 0 0 25 {name}-mx\n"
            + "".join(f"_25._tcp.{name}-mx TLSA "
                      f"{tlsa_data(certificates, text)}\n" for text in tlsa))


def signed_records(certificates):
    """Returns the records of the signed zone."""
    return OTHER_RECORDS + "".join(host_records(certificates, name, *host)
                                   for name, host in HOSTS.items())


def insecure_records(certificates):
    """Returns records of an unsigned zone, where DANE does not apply."""
    return host_records(certificates, "insecure", *HOSTS["ee-mismatch"])
