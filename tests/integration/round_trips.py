# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay that counts the round trips between a client and a server.

The relay waits until one side has stopped sending, forwards everything that
it sent, and then waits for the other side.  A round trip is the connection
itself, and each time that data is forwarded to the client.  The count does
not depend on the speed of the machine: time is only measured to find out
whether a side has stopped sending.
"""

import select
import socket
import threading

IDLE = 0.15  # seconds without data after which a side has stopped sending
TIMEOUT = 20  # seconds in which one of the two sides must send something


class RoundTripCounter:
    """Relays one connection to the port."""

    def __init__(self, port):
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.round_trips = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with self.listener, self.listener.accept()[0] as client:
            target = ("127.0.0.1", self.target)
            with socket.create_connection(target) as server:
                self.round_trips = 1
                self.relay(client, server)

    def relay(self, client, server):
        while True:
            ready = select.select([client, server], [], [], TIMEOUT)[0]
            if not ready:
                return
            sender = ready[0]
            receiver = server if sender is client else client
            data, closed = receive(sender)
            try:
                receiver.sendall(data)
            except OSError:
                return
            # A side that closes does not wait for a reply to its last data.
            if closed:
                return
            if sender is server:
                self.round_trips += 1

    def finish(self):
        """Returns the number of round trips, when the client has closed."""
        self.thread.join(TIMEOUT)
        assert not self.thread.is_alive()
        return self.round_trips


def receive(sender):
    """Returns all data until the sender stops, and whether it has closed."""
    received = b""
    while select.select([sender], [], [], IDLE)[0]:
        data = sender.recv(65536)
        if not data:
            return received, True
        received += data
    return received, False
