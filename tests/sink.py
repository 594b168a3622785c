# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP server in a thread that accepts and stores every message."""

import contextlib
import re
import socketserver
import threading

KEYWORDS = ("PIPELINING", "8BITMIME", "SIZE 10485760", "ENHANCEDSTATUSCODES",
            "DSN")
COMMAND = re.compile(r"(MAIL FROM|RCPT TO):<([^>]*)> ?(.*)")


class StoredMessage:
    """A message and its envelope, as received."""

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
        """Returns (name, unfolded value) of each field, in order."""
        unfolded = re.sub(rb"\r\n(?=[ \t])", b"", self.head)
        pairs = [line.partition(b":")[::2]
                 for line in unfolded.splitlines()]
        return [(name.decode(), value.strip().decode("utf-8",
                                                     "surrogateescape"))
                for name, value in pairs]

    def field(self, name):
        values = [value for known, value in self.fields
                  if known.lower() == name.lower()]
        assert len(values) <= 1, f"{len(values)} fields with the name {name}"
        return values[0] if values else None


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client):
        pass  # the test notices a client that disconnected


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def setup(self):
        if self.server.sink.tls:
            self.request = self.server.sink.tls.wrap_socket(
                self.request, server_side=True)
        super().setup()

    def handle(self):
        self.message = None
        self.reply("220 sink.example ESMTP")
        for line in self.rfile:
            assert line.endswith(b"\r\n"), f"a bare LF: {line!r}"
            line = line[:-2].decode("utf-8", "surrogateescape")
            verb = line.split(" ")[0].upper()
            command = getattr(self, "do_" + verb.lower(), None)
            self.reply(command(line) if command
                       else "500 5.5.1 unknown command")
            if verb == "QUIT":
                break

    def reply(self, *lines):
        for line in lines:
            self.wfile.write(line.encode() + b"\r\n")

    def do_ehlo(self, line):
        lines = ["sink.example", *self.server.sink.keywords]
        for keyword in lines[:-1]:
            self.reply("250-" + keyword)
        return "250 " + lines[-1]

    def do_mail(self, line):
        _, sender, parameters = COMMAND.fullmatch(line).groups()
        rejection = self.server.sink.rejected_senders.get(sender)
        if rejection:
            return rejection
        self.message = StoredMessage(sender, parameters)
        return "250 2.1.0 ok"

    def do_rcpt(self, line):
        _, address, parameters = COMMAND.fullmatch(line).groups()
        rejection = self.server.sink.rejected.get(address)
        if rejection:
            return rejection
        self.message.recipients.append(address)
        self.message.recipient_parameters.append(parameters.split())
        return "250 2.1.5 ok"

    def do_data(self, line):
        if not self.message or not self.message.recipients:
            return "554 5.5.1 no valid recipients"
        self.reply("354 go on")
        data = bytearray()
        for line in self.rfile:
            if line == b".\r\n":
                break
            data += line[1:] if line.startswith(b".") else line
        else:
            return "421 4.4.2 the message is incomplete"
        return self.store(bytes(data))

    def do_bdat(self, line):
        _, size, *last = line.split()
        data = self.rfile.read(int(size))
        if not self.message or not self.message.recipients:
            return "554 5.5.1 no valid recipients"
        if last:
            return self.store(self.message.data + data)
        self.message.data += data
        return "250 2.0.0 go on"

    def store(self, data):
        self.message.data = data
        self.server.sink.messages.append(self.message)
        self.message = None
        return "250 2.0.0 stored"

    def do_rset(self, line):
        self.message = None
        return "250 2.0.0 ok"

    def do_noop(self, line):
        return "250 2.0.0 ok"

    def do_quit(self, line):
        return "221 2.0.0 bye"


class Sink:
    """The server and its messages.  Port 0: the kernel chooses the port.

    With an ssl.SSLContext the server uses implicit TLS.  The machine is a
    Namespace of network.py.
    """

    handler = Handler

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
            self.server = Listener((self.address, self.port),
                                   self.handler)
        self.server.sink = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       args=(0.05,), daemon=True)
        self.thread.start()

    def empty(self):
        self.messages = []
        self.rejected = {}  # recipient: reply to its RCPT
        self.rejected_senders = {}  # sender: reply to its MAIL
        self.keywords = KEYWORDS

    @property
    def message(self):
        assert len(self.messages) == 1, f"{len(self.messages)} messages"
        return self.messages[0]

    def stop(self):
        """Closes the listening socket; open sessions continue."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
