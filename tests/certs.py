#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Throw-away certificates for all tests.

As a program: certs.py FOLDER writes everything into the folder.  As a module:

    certs = certs.write(folder)         # the same; a Certs object
    certs.path("good.pem")              # "FOLDER/good.pem"
    certs.issue("mine", dns=["a.test"]) # mine.pem and mine.key, signed by "ca"

Each NAME.pem holds the certificate and its intermediates, NAME.key its key.
The names are:

    ca, ca2          two CAs that are independent of each other
    intermediate     signed by ca; chained is signed by it
    good             mx.test, localhost, 127.0.0.1 and ::1
    other            the same names, signed by ca2
    wrong-name       elsewhere.test
    expired          until yesterday        not-yet    from tomorrow
    client-only      clientAuth only        cn-only    CN=mx.test, no SAN
    self-signed      mx.test, self-signed   address    192.0.2.1, 2001:db8::1
    address-as-name  dNSName 192.0.2.1      wildcard   *.wild.test
    odd-NAME         one odd dNSName each, see ODD_NAMES
    revoked          mx.test, in crl.pem    client     a user's, clientAuth
    rsa              mx.test, RSA 2048 instead of P-256
    stapled          as good, but must be stapled (RFC 7633)
    rogue            mx.test, signed by good, which is not a CA
    late             mx.test, signed by stale, an intermediate that has expired
    rooted           as chained, but the chain includes the root, ca
    strayed          as good, but the chain includes ca2, which is unrelated

NAME.der and NAME.spki are for TLSA records: the certificate, and its key.
Other files are crl.pem (of ca), empty-crl.pem (of ca, revokes no certificate)
and crl-of-ca2.pem; good.ocsp, revoked.ocsp, old.ocsp and forged.ocsp (by ca2),
which are OCSP responses for good; chained.ocsp, chained-revoked.ocsp,
stapled.ocsp and stapled-revoked.ocsp; both.pem (ca and ca2), locked.key (of
client, with a passphrase), garbage.pem, text.pem and empty.pem.
"""
import datetime
import hashlib
import ipaddress
import os
import sys

from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH

# Each is for the host name mx.test, except the wildcards and the A-labels.
ODD_NAMES = {
    "nul": "mx.test\0.evil.test",
    "dot": "mx.test.",
    "upper": "MX.Test",
    "star": "*",
    "star-tld": "*.test",
    "partial": "f*.wild.test",
    "inner": "mx.*.test",
    "idn": "xn--mnchen-3ya.test",
    "idn-star": "xn--*.wild.test",
    "blank": " mx.test",
}


def name(common):
    return x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Veredus  Tests"),
        x509.NameAttribute(NameOID.COMMON_NAME, common)])


def new_key(kind="ec"):
    """kind: "ec", "rsa", or "rsa1024" for other numbers of bits."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537,
                                        key_size=int(kind[3:] or 2048))
    return ec.generate_private_key(ec.SECP256R1())


class Signed:
    """A certificate, its key, and the certificates of its issuers."""

    def __init__(self, certificate, key, issuer=None):
        self.certificate = certificate
        self.key = key
        self.issuer = issuer
        self.intermediates = [] if issuer is None else issuer.chain()

    def chain(self):
        """Returns the chain that a server sends: all but the root."""
        root = self.certificate.issuer == self.certificate.subject
        return [] if root else [self.certificate] + self.intermediates


class Certs:
    """A folder of certificates; `known` maps names to Signed."""

    def __init__(self, folder):
        self.folder = os.fspath(folder)
        self.known = {}

    def path(self, file):
        return os.path.join(self.folder, file)

    def write_file(self, file, data):
        with open(self.path(file), "wb") as out:
            out.write(data)

    def issue(self, label, by="ca", dns=(), ip=(), common=None,
              usage=(SERVER,), since=-1, until=30, authority=False,
              key_kind="ec", must_staple=False):
        """Makes a certificate and writes it; by=None: self-signed.

        since and until are days from now.
        """
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        key = new_key(key_kind)
        subject = name(common or label)
        issuer = self.known[by] if by else None
        signer = issuer.key if issuer else key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + since * DAY)
            .not_valid_after(now + until * DAY)
            .add_extension(x509.BasicConstraints(authority, None), True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
                False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    signer.public_key()), False))
        names = [x509.DNSName(n) for n in dns]
        names += [x509.IPAddress(ipaddress.ip_address(a)) for a in ip]
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(names), False)
        if usage and not authority:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage(usage), False)
        if must_staple:
            builder = builder.add_extension(
                x509.TLSFeature([x509.TLSFeatureType.status_request]), False)
        made = Signed(builder.sign(signer, hashes.SHA256()), key, issuer)
        self.known[label] = made
        self.write(label, made)
        return made

    def write(self, label, made):
        chain = made.chain() or [made.certificate]
        pem = serialization.Encoding.PEM
        self.write_file(
            label + ".pem", b"".join(c.public_bytes(pem) for c in chain))
        self.write_file(label + ".key", made.key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        os.chmod(self.path(label + ".key"), 0o600)
        for end in "der", "spki":
            self.write_file(f"{label}.{end}", self.selected(label, end))

    def selected(self, label, end):
        """Returns the data for TLSA selector 0 (der) or 1 (spki)."""
        certificate = self.known[label].certificate
        der = serialization.Encoding.DER
        if end == "der":
            return certificate.public_bytes(der)
        return certificate.public_key().public_bytes(
            der, serialization.PublicFormat.SubjectPublicKeyInfo)

    def tlsa(self, label, usage=3, selector=1, matching=1):
        """Returns the fields of a TLSA record, the data in hex."""
        data = self.selected(label, ("der", "spki")[selector])
        if matching:
            kind = ("", "sha256", "sha512")[matching]
            data = hashlib.new(kind, data).digest()
        return usage, selector, matching, data.hex()

    def copy(self, label, of, more):
        """Writes a copy of a certificate, with another one in the chain."""
        pem = b""
        for name_of_file in of, more:
            with open(self.path(name_of_file + ".pem"), "rb") as file:
                pem += file.read()
        self.write_file(label + ".pem", pem)
        with open(self.path(of + ".key"), "rb") as file:
            self.write_file(label + ".key", file.read())

    def revoke(self, file, by, labels):
        """Writes a CRL of the CA `by`."""
        now = datetime.datetime.now(datetime.timezone.utc)
        issuer = self.known[by]
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(now - DAY)
            .next_update(now + 30 * DAY))
        for label in labels:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(self.known[label].certificate.serial_number)
                .revocation_date(now - DAY)
                .build())
        revoked = builder.sign(issuer.key, hashes.SHA256())
        self.write_file(
            file, revoked.public_bytes(serialization.Encoding.PEM))

    def respond(self, file, label, by="ca", revoked=False, days=-1):
        """Writes an OCSP response about a certificate."""
        now = datetime.datetime.now(datetime.timezone.utc)
        signer = self.known[by]
        made = ocsp.OCSPResponseBuilder().add_response(
            cert=self.known[label].certificate,
            issuer=self.known[label].issuer.certificate,
            algorithm=hashes.SHA1(),
            cert_status=(ocsp.OCSPCertStatus.REVOKED if revoked else
                         ocsp.OCSPCertStatus.GOOD),
            this_update=now + days * DAY,
            next_update=now + (days + 7) * DAY,
            revocation_time=now + days * DAY if revoked else None,
            revocation_reason=None,
        ).responder_id(
            ocsp.OCSPResponderEncoding.NAME, signer.certificate
        ).sign(signer.key, hashes.SHA256())
        self.write_file(
            file, made.public_bytes(serialization.Encoding.DER))

    def fingerprint(self, label):
        """Returns the SHA-256 of the certificate in lower-case hex."""
        certificate = self.known[label].certificate
        return certificate.fingerprint(hashes.SHA256()).hex()

    def key_fingerprint(self, label):
        """Returns the SHA-256 of the key (subjectPublicKeyInfo)."""
        key = self.known[label].certificate.public_key()
        digest = hashes.Hash(hashes.SHA256())
        digest.update(key.public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo))
        return digest.finalize().hex()


def write_authorities(certs):
    certs.issue("ca", by=None, common="Test CA", authority=True)
    certs.issue("ca2", by=None, common="Second CA", authority=True)
    certs.issue("intermediate", common="Intermediate CA", authority=True)
    certs.issue("weak-ca", by=None, common="Weak CA", authority=True,
                key_kind="rsa1024")
    certs.issue("weak-intermediate", common="Weak Intermediate CA",
                authority=True, key_kind="rsa1024")


def write_servers(certs):
    everywhere = {"dns": ["mx.test", "localhost"], "ip": ["127.0.0.1", "::1"]}
    here = {"dns": ["mx.test"]}
    certs.issue("good", **everywhere)
    certs.issue("other", by="ca2", **everywhere)
    certs.issue("chained", by="intermediate", **everywhere)
    certs.issue("wrong-name", dns=["elsewhere.test"])
    certs.issue("expired", since=-20, until=-1, **everywhere)
    certs.issue("one-day", until=1.5, **everywhere)
    certs.issue("not-yet", since=1, **everywhere)
    certs.issue("client-only", usage=(CLIENT,), **everywhere)
    certs.issue("cn-only", common="mx.test")
    certs.issue("self-signed", by=None, common="mx.test", **everywhere)
    certs.issue("address", ip=["192.0.2.1", "2001:db8::1"])
    certs.issue("address-as-name", dns=["192.0.2.1"], common="192.0.2.1")
    certs.issue("wildcard", dns=["*.wild.test"])
    certs.issue("revoked", **here)
    certs.issue("rsa", key_kind="rsa", **everywhere)
    certs.issue("weak", key_kind="rsa1024", **everywhere)
    certs.issue("weak-self-signed", by=None, common="mx.test",
                key_kind="rsa1024", **everywhere)
    certs.issue("below-weak", by="weak-intermediate", **everywhere)
    certs.issue("of-weak-ca", by="weak-ca", **everywhere)
    certs.copy("weak-rooted", "of-weak-ca", "weak-ca")
    certs.issue("stapled", must_staple=True, **everywhere)
    certs.issue("rogue", by="good", **here)
    certs.issue("stale", since=-20, until=-1, authority=True)
    certs.issue("late", by="stale", **here)
    certs.copy("rooted", "chained", "ca")
    certs.copy("strayed", "good", "ca2")
    for label, odd in ODD_NAMES.items():
        certs.issue("odd-" + label, dns=[odd], common="mx.test")


def write_rest(certs):
    certs.issue("client", common="alice", usage=(CLIENT,))
    certs.revoke("crl.pem", "ca", ["revoked"])
    certs.revoke("empty-crl.pem", "ca", [])
    certs.revoke("crl-of-ca2.pem", "ca2", ["revoked"])
    certs.respond("good.ocsp", "good")
    certs.respond("revoked.ocsp", "good", revoked=True)
    certs.respond("old.ocsp", "good", days=-20)
    certs.respond("forged.ocsp", "good", by="ca2")
    certs.respond("chained.ocsp", "chained", by="intermediate")
    certs.respond("chained-revoked.ocsp", "chained", by="intermediate",
                  revoked=True)
    certs.respond("stapled.ocsp", "stapled")
    certs.respond("stapled-revoked.ocsp", "stapled", revoked=True)
    both = b""
    for label in "ca", "ca2":
        with open(certs.path(label + ".pem"), "rb") as pem:
            both += pem.read()
    certs.write_file("both.pem", both)
    certs.write_file("locked.key", certs.known["client"].key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret")))
    certs.write_file("empty.pem", b"")
    certs.write_file(
        "garbage.pem", b"-----BEGIN CERTIFICATE-----\nbm9uZQ==\n"
        b"-----END CERTIFICATE-----\n")
    certs.write_file("text.pem", b"This is no certificate.\n")


def write(folder):
    """Writes everything into the folder; makes the folder if necessary."""
    os.makedirs(folder, exist_ok=True)
    certs = Certs(folder)
    write_authorities(certs)
    write_servers(certs)
    write_rest(certs)
    return certs


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: certs.py FOLDER")
    write(sys.argv[1])
