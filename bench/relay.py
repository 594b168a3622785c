# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay that puts a long way between a client and a server.

What goes through arrives `delay` seconds later, in both directions.  The
kernel completes a client's connect() at once, which a real way would not do:
SYN and SYN-ACK take one delay each before the client may speak, and a third
one passes before the server knows of it.  So the relay calls the server after
three delays, and what the client says before it has heard anything takes
three delays, too.  Seen from the moment of connect() all else then happens
when it would happen over a real way.
"""

import collections
import select
import socket
import threading
import time

TOTAL = 60  # seconds for one session
BLOCK = 65536


class Direction:
    """Data on its way from one socket to another."""

    def __init__(self, source, target):
        self.source = source
        self.target = target
        self.travelling = collections.deque()
        self.open = True

    def take(self, due):
        try:
            data = self.source.recv(BLOCK)
        except OSError:
            data = b""
        self.travelling.append((due, data))
        self.open = bool(data)
        return bool(data)

    def deliver(self, now):
        """Hands over what is due; whether there was anything."""
        delivered = False
        while self.travelling and self.travelling[0][0] <= now:
            data = self.travelling.popleft()[1]
            delivered = True
            try:
                if data:
                    self.target.sendall(data)
                else:
                    self.target.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        return delivered


class Session:
    def __init__(self, client, port, delay):
        self.began = time.monotonic()
        self.port = port
        self.delay = delay
        self.heard = False  # whether the client has heard anything
        self.up = Direction(client, None)
        self.down = None

    def call_server(self):
        server = socket.create_connection(("127.0.0.1", self.port), 10)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.up.target = server
        self.down = Direction(server, self.up.source)

    def directions(self):
        return [self.up, self.down] if self.down else [self.up]

    def wait(self):
        """Until data comes or is due; which directions can be read."""
        dues = [way.travelling[0][0] for way in self.directions()
                if way.travelling and way.target]
        if not self.down:
            dues.append(self.began + 3 * self.delay)
        dues.append(self.began + TOTAL)
        pause = max(0, min(dues) - time.monotonic())
        sources = [way.source for way in self.directions() if way.open]
        ready = select.select(sources, [], [], pause)[0]
        return [way for way in self.directions() if way.source in ready]

    def done(self, now):
        under_way = any(way.open or way.travelling
                        for way in self.directions())
        return not under_way or now - self.began > TOTAL

    def run(self):
        now = self.began
        while not self.done(now):
            for way in self.wait():
                early = way is self.up and not self.heard
                way.take(time.monotonic()
                         + (3 if early else 1) * self.delay)
            now = time.monotonic()
            if not self.down and now >= self.began + 3 * self.delay:
                self.call_server()
            if self.down:
                self.up.deliver(now)
                self.heard |= self.down.deliver(now)

    def close(self):
        for way in self.directions():
            way.source.close()


class Relay:
    """Takes one session after the other; `began` has when each one did."""

    def __init__(self, port, delay):
        self.target = port
        self.delay = delay
        self.began = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = Session(client, self.target, self.delay)
            self.began.append(session.began)
            try:
                session.run()
            finally:
                session.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(TOTAL)
