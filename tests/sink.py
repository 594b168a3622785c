# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server in a thread of ours that takes every message and keeps it."""

import contextlib
import re
import socketserver
import threading

KEYWORDS = ("PIPELINING", "8BITMIME", "SIZE 10485760", "ENHANCEDSTATUSCODES",
            "DSN")
COMMAND = re.compile(r"(MAIL FROM|RCPT TO):<([^>]*)> ?(.*)")


class Taken:
    """One message as it came."""

    def __init__(self, sender, parameters):
        self.sender = sender
        self.parameters = parameters.split()
        self.recipients = []
        self.recipient_parameters = []
        self.data = b""

    @property
    def head(self):
        return self.data.partition(b"\r\n\r\n")[0] + b"\r\n"

    @property
    def body(self):
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def fields(self):
        """(name, unfolded value) for each field, in order."""
        unfolded = re.sub(rb"\r\n(?=[ \t])", b"", self.head)
        pairs = [line.partition(b":")[::2]
                 for line in unfolded.splitlines()]
        return [(name.decode(), value.strip().decode("utf-8",
                                                     "surrogateescape"))
                for name, value in pairs]

    def field(self, name):
        found = [value for known, value in self.fields
                 if known.lower() == name.lower()]
        assert len(found) <= 1, f"{name} stands there {len(found)} times"
        return found[0] if found else None


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client):
        pass  # who has gone is missed by the test


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def setup(self):
        if self.server.sink.tls:
            self.request = self.server.sink.tls.wrap_socket(
                self.request, server_side=True)
        super().setup()

    def handle(self):
        self.taken = None
        self.say("220 sink.example ESMTP")
        for line in self.rfile:
            assert line.endswith(b"\r\n"), f"a bare LF: {line!r}"
            line = line[:-2].decode("utf-8", "surrogateescape")
            verb = line.split(" ")[0].upper()
            answer = getattr(self, "do_" + verb.lower(), None)
            self.say(answer(line) if answer else "500 5.5.1 what?")
            if verb == "QUIT":
                break

    def say(self, *lines):
        for line in lines:
            self.wfile.write(line.encode() + b"\r\n")

    def do_ehlo(self, line):
        lines = ["sink.example", *self.server.sink.keywords]
        for keyword in lines[:-1]:
            self.say("250-" + keyword)
        return "250 " + lines[-1]

    def do_mail(self, line):
        _, sender, parameters = COMMAND.fullmatch(line).groups()
        self.taken = Taken(sender, parameters)
        return "250 2.1.0 ok"

    def do_rcpt(self, line):
        _, address, parameters = COMMAND.fullmatch(line).groups()
        refusal = self.server.sink.refused.get(address)
        if refusal:
            return refusal
        self.taken.recipients.append(address)
        self.taken.recipient_parameters.append(parameters.split())
        return "250 2.1.5 ok"

    def do_data(self, line):
        if not self.taken or not self.taken.recipients:
            return "554 5.5.1 no valid recipients"
        self.say("354 go on")
        data = bytearray()
        for line in self.rfile:
            if line == b".\r\n":
                break
            data += line[1:] if line.startswith(b".") else line
        else:
            return "421 4.4.2 where are you?"
        return self.take(bytes(data))

    def do_bdat(self, line):
        _, size, *last = line.split()
        data = self.rfile.read(int(size))
        if not self.taken or not self.taken.recipients:
            return "554 5.5.1 no valid recipients"
        if last:
            return self.take(self.taken.data + data)
        self.taken.data += data
        return "250 2.0.0 go on"

    def take(self, data):
        self.taken.data = data
        self.server.sink.messages.append(self.taken)
        self.taken = None
        return "250 2.0.0 taken"

    def do_rset(self, line):
        self.taken = None
        return "250 2.0.0 ok"

    def do_noop(self, line):
        return "250 2.0.0 ok"

    def do_quit(self, line):
        return "221 2.0.0 bye"


class Sink:
    """Listens on a port of the kernel's choice, or on a given one.

    With an ssl.SSLContext it speaks TLS from the first byte.  The machine is
    one of network.py.
    """

    def __init__(self, address="127.0.0.1", port=0, tls=None,
                 machine=contextlib.nullcontext()):
        self.address = address
        self.port = port
        self.tls = tls
        self.machine = machine
        self.empty()
        self.start()

    def start(self):
        with self.machine:
            self.server = Listener((self.address, self.port), Handler)
        self.server.sink = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       args=(0.05,), daemon=True)
        self.thread.start()

    def empty(self):
        self.messages = []
        self.refused = {}  # what is said to the RCPT of an address
        self.keywords = KEYWORDS

    @property
    def message(self):
        assert len(self.messages) == 1, f"{len(self.messages)} messages came"
        return self.messages[0]

    def stop(self):
        """Listens no more; sessions go on to their end."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
