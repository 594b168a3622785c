# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server side of SCRAM (RFC 5802, 7677), with and without -PLUS."""

import base64
import hashlib
import hmac
import re

from dialogue import lines
from scripted import TranscriptError


def encode(data):
    return base64.b64encode(data).decode()


class ScramServer:
    """The replies for the words REPLY scram_first and REPLY scram_final."""

    salt = b"salt of the test"

    def __init__(self, server, name, password, iterations=4096,
                 knows_password=True, binding=None):
        """binding: the channel binding that the client must use, or None."""
        self.name = name
        self.hash = "sha256" if "256" in name else "sha1"
        self.password = password.encode()
        self.iterations = iterations
        self.knows_password = knows_password
        self.binding = binding
        server.replies["scram_first"] = self.reply_first
        server.replies["scram_final"] = self.reply_final

    def first(self):
        """Returns the exchange up to the server-first-message."""
        return lines(f"C: AUTH {self.name} *", "REPLY scram_first")

    def transcript(self, last=""):
        """Returns the whole exchange, which the client ends with `last`."""
        return lines(self.first(), "C: *", "REPLY scram_final", f"C: {last}")

    def mac(self, key, text):
        return hmac.new(key, text, self.hash).digest()

    def digest(self, data):
        return hashlib.new(self.hash, data).digest()

    def reply_first(self, line, connection):
        message = base64.b64decode(line.split(" ")[2]).decode()
        match = re.fullmatch(r"((?:n|y|p=([^,]*)),,)(n=[^,]*,r=(.*))", message)
        if not match or match[2] != self.binding:
            raise TranscriptError(f"not a client-first-message: {message!r}")
        self.header, _, self.bare, nonce = match.groups()
        self.nonce = nonce + "and-the-server's"
        self.server_first = (f"r={self.nonce},s={encode(self.salt)},"
                             f"i={self.iterations}")
        return "334 " + encode(self.server_first.encode())

    def reply_final(self, line, connection):
        message = base64.b64decode(line).decode()
        match = re.fullmatch(r"(c=([^,]*),r=(.*)),p=(.*)", message)
        header = self.header.encode()
        if self.binding:
            header += channel_binding(connection, self.binding)
        if not match or match[2] != encode(header) or match[3] != self.nonce:
            raise TranscriptError(f"not a client-final-message: {message!r}")
        salted = hashlib.pbkdf2_hmac(self.hash, self.password, self.salt,
                                     self.iterations)
        text = ",".join([self.bare, self.server_first, match[1]]).encode()
        key = self.mac(salted, b"Client Key")
        proof = bytes(a ^ b for a, b in zip(
            key, self.mac(self.digest(key), text)))
        if match[4] != encode(proof):
            raise TranscriptError("wrong ClientProof")
        if not self.knows_password:
            salted = b"something else"
        signature = self.mac(self.mac(salted, b"Server Key"), text)
        return "334 " + encode(f"v={encode(signature)}".encode())


def channel_binding(connection, name):
    if name == "tls-unique":
        return connection.sock.get_channel_binding("tls-unique")
    return tls_exporter(connection)


def tls_exporter(connection):
    """Derives tls-exporter (RFC 9266) from the secret in the key log.

    RFC 8446 section 7.5 has the derivation.
    """
    with open(connection.sock.context.keylog_filename, "rb") as log:
        secret = bytes.fromhex(re.findall(
            r"EXPORTER_SECRET \w+ (\w+)", log.read().decode())[-1])
    algorithm = "sha384" if "SHA384" in connection.sock.cipher()[0] else "sha256"

    def expand(key, label, context, length):
        label = b"tls13 " + label
        info = (length.to_bytes(2, "big") + bytes([len(label)]) + label
                + bytes([len(context)]) + context)
        return hmac.new(key, info + b"\x01", algorithm).digest()[:length]

    empty = hashlib.new(algorithm, b"").digest()
    derived = expand(secret, b"EXPORTER-Channel-Binding", empty,
                     hashlib.new(algorithm).digest_size)
    return expand(derived, b"exporter", empty, 32)
