# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTPS server for the MTA-STS policy of a domain (RFC 8461)."""

import contextlib
import socket
import ssl
import threading

DOMAIN = "example.org"
NAME = f"mta-sts.{DOMAIN}"


def policy(mode, *names):
    return "\r\n".join(["version: STSv1", f"mode: {mode}", "max_age: 86400",
                        *(f"mx: {name}" for name in names), ""])


POLICY = policy("enforce", "mx.example.org", "*.mail.example.org")


def response(body=POLICY, status="200 OK", kind="text/plain", *fields):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}",
             "Connection: close", *fields]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def issue_certificates(certificates, domain=DOMAIN):
    """Issues the certificates of a policy host.

    Returns a function from a label to the files of certificate and key.
    """
    name = f"mta-sts.{domain}"
    issued = {
        "policy": {"dns": [name]},
        "policy-wildcard": {"dns": [f"*.{domain}"]},
        "policy-expired": {"dns": [name], "since": -20, "until": -1},
        "policy-of-domain": {"dns": [domain]},
        "policy-of-ca2": {"dns": [name], "by": "ca2"},
        "policy-weak": {"dns": [name], "key_kind": "rsa1024"},
        "policy-below-weak": {"dns": [name], "by": "weak-intermediate"},
        "policy-rsa": {"dns": [name], "key_kind": "rsa"},
        "policy-self-signed": {"dns": [name], "by": None},
    }
    for label, names in issued.items():
        certificates.issue(f"{label}-{domain}", **names)
    return lambda label: (certificates.path(f"{label}-{domain}.pem"),
                          certificates.path(f"{label}-{domain}.key"))


class PolicyHost:
    """Sends the parts of `response` in reply to each request.

    A part is bytes, a function that is called with the connection, or an
    event to wait for.  Without a certificate the server speaks HTTP in clear.
    """

    def __init__(self, certificate=None, key=None, version=None,
                 address="127.0.0.1", port=0):
        self.response = [response()]
        self.requests = []
        self.server_names = []  # from the clients' server_name extension
        self.stopping = threading.Event()
        self.context = None
        if certificate:
            self.use_certificate(certificate, key)
            if version:
                self.context.minimum_version = version
                self.context.maximum_version = version
                self.context.set_ciphers("ALL:@SECLEVEL=0")
        self.listener = socket.create_server((address, port))
        self.port = self.listener.getsockname()[1]
        self.endpoint = f"{address}:{self.port}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def use_certificate(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # A chain may have keys that OpenSSL does not send by default.
        self.context.set_ciphers("DEFAULT:@SECLEVEL=0")
        self.context.load_cert_chain(certificate, key)
        self.context.sni_callback = lambda sock, name, context: (
            self.server_names.append(name))

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), client:
                self.handle(client)

    def handle(self, client):
        client.settimeout(20)
        if self.context:
            client = self.context.wrap_socket(client, server_side=True)
        with client:
            request = b"" if self.context else client.recv(4096)
            while self.context and b"\r\n\r\n" not in request:
                data = client.recv(4096)
                if not data:
                    return
                request += data
            self.requests.append(request.decode(errors="replace"))
            for part in self.response:
                if isinstance(part, bytes):
                    client.sendall(part)
                elif callable(part):
                    part(client)
                else:
                    part.wait(20)

    def stop(self):
        self.stopping.set()
        # This makes accept() return.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(30)
