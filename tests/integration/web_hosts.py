# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web servers behind a proxy, which stands for the whole web (RFC 9110, 9.3.6)."""

from policy_host import PolicyHost, response


class WebHosts(PolicyHost):
    """Replies to CONNECT as each host, with the pages of that host.

    A key of `pages` is a URL without the scheme and the query; the value is the
    body, or bytes of a whole response.  `targets` has what clients connected to,
    `requests` what they asked for.
    """

    def __init__(self, certificate, key):
        self.pages = {}
        self.unreachable = set()
        self.silent = False  # replies to nothing
        self.targets = []
        super().__init__(certificate, key)
        self.url = f"http://{self.endpoint}"

    @staticmethod
    def receive(client):
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(4096)
            if not data:
                raise OSError("the client has gone")
            head += data
        return head.decode()

    def handle(self, client):
        client.settimeout(20)
        target = self.receive(client).split()[1]
        self.targets.append(target)
        host, _, port = target.partition(":")
        if self.silent:
            self.stopping.wait(60)
            return
        if host in self.unreachable or port != "443":
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with self.context.wrap_socket(client, server_side=True) as client:
            path = self.receive(client).split()[1]
            self.requests.append(f"{host}{path}")
            page = self.pages.get(f"{host}{path.partition('?')[0]}")
            if page is None:
                page = response("", "404 Not Found")
            elif isinstance(page, str):
                page = response(page, kind="text/xml")
            client.sendall(page)
