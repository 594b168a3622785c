# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP proxy that adds latency between a client and a server.

Data arrives `delay` seconds later, in both directions.  On loopback, connect()
returns at once.  On a real network, SYN and SYN-ACK take one delay each before
the client can send, and the ACK takes a third one before the server accepts.
So the proxy connects to the server after three delays, and data that the
client sends before it receives any also takes three delays.  Counted from
connect(), all events then have the same times as on a real network.
"""

import collections
import select
import socket
import threading
import time

SESSION_TIMEOUT = 600  # seconds
BLOCK = 65536


class Direction:
    """Delayed data from one socket to another."""

    def __init__(self, source, target):
        self.source = source
        self.target = target
        self.in_transit = collections.deque()
        self.open = True

    def receive(self, due):
        """Reads data to be sent at that time; returns False at the end."""
        try:
            data = self.source.recv(BLOCK)
        except OSError:
            data = b""
        self.in_transit.append((due, data))
        self.open = bool(data)
        return bool(data)

    def deliver(self, now):
        """Sends the data that is due; returns whether there was any."""
        delivered = False
        while self.in_transit and self.in_transit[0][0] <= now:
            data = self.in_transit.popleft()[1]
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
    """One connection of a client, and one to the server."""

    def __init__(self, client, port, delay):
        self.start = time.monotonic()
        self.port = port
        self.delay = delay
        self.client_has_data = False  # whether the client has received any
        self.to_server = Direction(client, None)
        self.to_client = None

    def connect_to_server(self):
        server = socket.create_connection(("127.0.0.1", self.port), 10)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.to_server.target = server
        self.to_client = Direction(server, self.to_server.source)

    def directions(self):
        return [self.to_server] + ([self.to_client] if self.to_client else [])

    def wait(self):
        """Waits until data arrives or is due; returns readable directions."""
        times = [direction.in_transit[0][0] for direction in self.directions()
                 if direction.in_transit and direction.target]
        if not self.to_client:
            times.append(self.start + 3 * self.delay)
        times.append(self.start + SESSION_TIMEOUT)
        pause = max(0, min(times) - time.monotonic())
        sources = [direction.source for direction in self.directions()
                   if direction.open]
        ready = select.select(sources, [], [], pause)[0]
        return [direction for direction in self.directions()
                if direction.source in ready]

    def done(self, now):
        active = any(direction.open or direction.in_transit
                     for direction in self.directions())
        return not active or now - self.start > SESSION_TIMEOUT

    def run(self):
        now = self.start
        while not self.done(now):
            for direction in self.wait():
                early = (direction is self.to_server
                         and not self.client_has_data)
                direction.receive(time.monotonic()
                                  + (3 if early else 1) * self.delay)
            now = time.monotonic()
            if not self.to_client and now >= self.start + 3 * self.delay:
                self.connect_to_server()
            if self.to_client:
                self.to_server.deliver(now)
                self.client_has_data |= self.to_client.deliver(now)

    def close(self):
        for direction in self.directions():
            direction.source.close()


class DelayProxy:
    """Serves all sessions at once; `start_times` has the start of each."""

    def __init__(self, port, delay):
        self.target = port
        self.delay = delay
        self.start_times = []
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
            self.start_times.append(session.start)
            threading.Thread(target=self.serve, args=(session,),
                             daemon=True).start()

    @staticmethod
    def serve(session):
        try:
            session.run()
        finally:
            session.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(SESSION_TIMEOUT)
