# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy for both HTTP CONNECT and SOCKS5 (RFC 1928), in threads.

It leads every connection to this machine and records where it should go.
"""

import base64
import contextlib
import socket
import socketserver
import struct
import threading


class Handler(socketserver.StreamRequestHandler):
    rbufsize = 0  # what follows the request belongs to the server behind

    def handle(self):
        first = self.rfile.read(1)
        if first == b"\5":
            target = self.read_socks()
        else:
            target = self.read_connect(first)
        self.server.proxy.targets.append(target)
        host, _, port = target.rpartition(":")
        with socket.create_connection(("127.0.0.1", int(port)), 20) as server:
            back = threading.Thread(
                target=copy, args=(server, self.request), daemon=True)
            back.start()
            copy(self.request, server)
            back.join(20)

    def read_connect(self, first):
        head = first
        while not head.endswith(b"\r\n\r\n"):
            octet = self.rfile.read(1)
            if not octet:
                raise ConnectionError("the request ends early")
            head += octet
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        if method != "CONNECT":
            raise ConnectionError(f"{method} is not CONNECT")
        login = self.server.proxy.login
        if login and (b"\r\nProxy-Authorization: Basic "
                      + base64.b64encode(":".join(login).encode())
                      + b"\r\n") not in head:
            self.wfile.write(b"HTTP/1.1 407 Login\r\nProxy-Authenticate: "
                             b"Basic realm=x\r\nContent-Length: 0\r\n\r\n")
            raise ConnectionError("no login")
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return target

    def check_login(self, methods):
        if 2 not in methods:
            self.wfile.write(b"\5\377")
            raise ConnectionError("no login is offered")
        self.wfile.write(b"\5\2")
        self.rfile.read(1)
        given = tuple(self.rfile.read(self.rfile.read(1)[0]).decode()
                      for _ in range(2))
        self.wfile.write(b"\1%c" % (given != self.server.proxy.login))
        if given != self.server.proxy.login:
            raise ConnectionError("a wrong login")

    def read_socks(self):
        methods = self.rfile.read(self.rfile.read(1)[0])
        if self.server.proxy.login:
            self.check_login(methods)
        else:
            self.wfile.write(b"\5\0")
        kind = self.rfile.read(4)[3]
        if kind == 3:
            host = self.rfile.read(self.rfile.read(1)[0]).decode()
        else:
            family, size = ((socket.AF_INET, 4) if kind == 1
                            else (socket.AF_INET6, 16))
            host = socket.inet_ntop(family, self.rfile.read(size))
        port, = struct.unpack("!H", self.rfile.read(2))
        self.wfile.write(b"\5\0\0\1" + bytes(6))
        return f"{host}:{port}"


def copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)  # also after a reset


class Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request, client):
        pass  # the test notices that nothing was recorded


class ProxyStub:
    """`targets` has the HOST:PORT of each connection; `login`, a user and a
    password, is what clients need."""

    def __init__(self):
        self.targets = []
        self.login = None
        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.listener.proxy = self
        self.port = self.listener.server_address[1]
        self.thread = threading.Thread(
            target=self.listener.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.listener.shutdown()
        self.listener.server_close()
        self.thread.join()
