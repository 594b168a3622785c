# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay that lets one side speak at a time, and counts.

What one side says until it falls silent is handed over as a whole, then the
other side has its turn.  Each time that the client hears something is a round
trip; the connection itself is one more.  No clock tells how many there are:
it only tells when somebody has finished.
"""

import select
import socket
import threading

QUIET = 0.15  # seconds of silence that end what somebody says
TOTAL = 20  # seconds in which somebody must say something


class Lockstep:
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
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                self.round_trips = 1
                self.relay(client, server)

    def relay(self, client, server):
        while True:
            ready = select.select([client, server], [], [], TOTAL)[0]
            if not ready:
                return
            speaker = ready[0]
            listener = server if speaker is client else client
            said, over = listen(speaker)
            try:
                listener.sendall(said)
            except OSError:
                return
            # Who hangs up does not wait for what is said behind that.
            if over:
                return
            if speaker is server:
                self.round_trips += 1

    def finish(self):
        self.thread.join(TOTAL)
        assert not self.thread.is_alive()
        return self.round_trips


def listen(speaker):
    """All that somebody says, and whether that was the last of it."""
    said = b""
    while select.select([speaker], [], [], QUIET)[0]:
        data = speaker.recv(65536)
        if not data:
            return said, True
        said += data
    return said, False
