# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that plays a transcript; an unexpected or missing line fails.

One transcript is one connection.  Each line is a word and its text:

    C: EHLO *         the client sends this line; * stands for any text,
                      \\* for an asterisk
    C? QUIT           the client may send this line
    S: 250 ok         the server sends this line; consecutive ones leave
                      in one write
    RAW 25\\x00\\r\\n   the server sends these bytes, with Python's escapes
    REPLY name        the server sends what
                      server.replies[name](line, connection) returns for the
                      client's last line
    TLS               TLS handshake with server.tls
    TLS REJECTED       the client rejects the handshake and sends nothing
                      inside TLS
    BODY              the message up to the final dot, kept in server.message
    CHUNK 155         a BDAT chunk of so many bytes, kept in server.message
    READ 65536        so many bytes of any kind
    DRAIN             any bytes until the client closes
    EVENT             sets the event server.reached
    NOTHING           the client sends nothing for a moment
    EOF               the client closes, having sent nothing more
    WAIT 2            the server waits so many seconds
    HOLD              the server waits for server.release() or finish()
    SHUTDOWN          the server closes its sending direction only
    CLOSE             the server closes the connection
    RST               the server resets the connection

At the end of a transcript the client must close, having sent nothing more.
"""

import codecs
import inspect
import os
import re
import socket
import ssl
import struct
import threading
import time

TIMEOUT = 40  # seconds in which the client must send the next line
PAUSE = 0.2  # seconds in which NOTHING expects no data


class TranscriptError(AssertionError):
    """The client did not follow the transcript."""


class Connection:
    """One accepted connection, and every byte that the client sent."""

    def __init__(self, sock):
        self.sock = sock
        self.began = time.monotonic()
        self.input = bytearray()
        self.output = bytearray()
        self.clear = bytearray()  # received before TLS
        self.inside = bytearray()  # received inside TLS
        # What was sent between the end of data and the client's next line.
        self.final_reply = b""
        self.in_final_reply = False
        self.next_line_may_precede_reply = False  # after BDAT

    @property
    def encrypted(self):
        return isinstance(self.sock, ssl.SSLSocket)

    @property
    def accepted(self):
        """Whether a complete 25z reply was sent for a message."""
        return bool(re.search(rb"(?m)^25\d(?: .*)?\r?\n", self.final_reply))

    def receive(self, timeout=TIMEOUT):
        """Appends what arrives to input; False at the end."""
        self.sock.settimeout(timeout)
        data = self.sock.recv(65536)
        (self.inside if self.encrypted else self.clear).extend(data)
        self.input.extend(data)
        return bool(data)

    def end_bdat(self):
        """Treats the data that is sent next as the final reply.

        The client may have sent QUIT together with the last chunk.
        """
        self.in_final_reply = True
        self.next_line_may_precede_reply = True

    def flush(self):
        data, self.output = bytes(self.output), bytearray()
        if self.in_final_reply:
            self.final_reply += data
        if data:
            try:
                self.sock.settimeout(TIMEOUT)
                self.sock.sendall(data)
            except OSError:
                pass  # if the client has closed, the next C: line fails


class Player:
    """Plays one transcript on one connection."""

    def __init__(self, server, connection, steps):
        self.server = server
        self.connection = connection
        self.steps = steps
        self.last = None

    def play(self):
        for number, word, text in self.steps:
            action = getattr(self, "do_" + WORDS[word])
            if word not in ("S:", "RAW", "REPLY"):
                self.connection.flush()
            try:
                action(text)
            except (TranscriptError, OSError) as error:
                raise TranscriptError(self.describe(number, error)) from None
        self.connection.flush()
        if self.connection.sock.fileno() >= 0:
            try:
                self.do_eof("")
            except (TranscriptError, OSError) as error:
                number = self.steps[-1][0] + 1 if self.steps else 1
                raise TranscriptError(self.describe(number, error)) from None

    def describe(self, number, error):
        """Returns the error and the transcript, with a mark at the line."""
        lines = [f"line {number}: {error}"]
        for line, word, text in self.steps:
            mark = ">" if line == number else " "
            lines.append(f"{mark}{line:4} {word} {text}"[:200])
        return "\n".join(lines)

    def line(self):
        while b"\r\n" not in self.connection.input:
            if b"\n" in self.connection.input:
                raise TranscriptError(
                    f"a bare LF in {bytes(self.connection.input)!r}")
            if not self.receive():
                raise TranscriptError("the client closed; before that "
                                      f"{bytes(self.connection.input)!r}")
        self.connection.in_final_reply = (
            self.connection.next_line_may_precede_reply)
        line, _, rest = bytes(self.connection.input).partition(b"\r\n")
        self.connection.input = bytearray(rest)
        return line.decode("utf-8", "surrogateescape")

    def receive(self, timeout=TIMEOUT):
        try:
            return self.connection.receive(timeout)
        except TimeoutError:
            raise TranscriptError(
                f"nothing for {timeout} seconds but "
                f"{bytes(self.connection.input)[:200]!r}") from None

    def do_client(self, text):
        line = self.line()
        self.last = line
        if not matches(text, line):
            raise TranscriptError(f"the client sent {line!r}")

    def do_reply(self, text):
        self.do_send(self.server.replies[text](self.last, self.connection))

    def do_maybe(self, text):
        try:
            line = self.line()
        except (TranscriptError, OSError):
            return
        if not matches(text, line):
            self.connection.input[:0] = line.encode(
                "utf-8", "surrogateescape") + b"\r\n"

    def do_send(self, text):
        self.connection.output += text.encode("utf-8", "surrogateescape")
        self.connection.output += b"\r\n"

    def do_raw(self, text):
        self.connection.output += codecs.escape_decode(text.encode())[0]

    def do_tls(self, text):
        connection = self.connection
        if connection.input and not text:
            raise TranscriptError(
                f"sent before TLS: {bytes(connection.input)!r}")
        connection.sock.settimeout(TIMEOUT)
        try:
            connection.sock = self.server.tls.wrap_socket(
                connection.sock, server_side=True)
        except OSError as error:
            if text != "REJECTED":
                raise TranscriptError(f"no handshake: {error}") from None
            connection.sock.close()
            return
        if text == "REJECTED":
            try:
                received = self.receive()
            except OSError:
                received = False
            if received:
                raise TranscriptError(
                    f"inside TLS: {bytes(connection.input)!r}")
            connection.sock.close()

    def do_body(self, text):
        connection = self.connection
        start = 0
        while True:
            if connection.input.startswith(b".\r\n"):
                end = 0
                break
            end = connection.input.find(b"\r\n.\r\n", start)
            if end >= 0:
                end += 2
                break
            start = max(0, len(connection.input) - 4)
            if not self.receive():
                raise TranscriptError("the client closed in the message")
        raw = bytes(connection.input[:end])
        del connection.input[:end + 3]
        connection.in_final_reply = True
        self.server.stuffed = raw
        self.server.message = re.sub(rb"(?m)^\.", b"", raw)
        self.server.messages.append(self.server.message)

    def do_chunk(self, text):
        connection = self.connection
        while int(text) > len(connection.input):
            if not self.receive():
                raise TranscriptError("the client closed in the message")
        self.server.message = bytes(connection.input[:int(text)])
        self.server.messages.append(self.server.message)
        del connection.input[:int(text)]
        connection.end_bdat()

    def do_read(self, text):
        size = int(text)
        while size > len(self.connection.input):
            if not self.receive():
                raise TranscriptError(
                    f"the client closed before it sent {size} bytes")
        del self.connection.input[:size]

    def do_drain(self, text):
        try:
            while self.receive():
                self.connection.input.clear()
        except ConnectionError:
            pass
        self.connection.sock.close()

    def do_event(self, text):
        self.server.reached.set()

    def do_nothing(self, text):
        self.connection.sock.settimeout(PAUSE)
        try:
            self.connection.receive(PAUSE)
        except TimeoutError:
            pass
        if self.connection.input:
            raise TranscriptError(f"sent {bytes(self.connection.input)!r}")

    def do_eof(self, text):
        try:
            while not self.connection.input and self.receive():
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        if self.connection.input:
            raise TranscriptError(
                f"the client sent {bytes(self.connection.input)[:200]!r}")
        self.connection.sock.close()

    def do_wait(self, text):
        time.sleep(float(text))

    def do_hold(self, text):
        if not self.server.released.wait(TIMEOUT):
            raise TranscriptError("the test did not release the server")

    def do_shutdown(self, text):
        self.connection.sock.shutdown(socket.SHUT_WR)

    def do_close(self, text):
        self.connection.sock.close()

    def do_rst(self, text):
        self.connection.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.sock.close()


WORDS = {
    "C:": "client", "C?": "maybe", "S:": "send", "RAW": "raw",
    "REPLY": "reply", "TLS": "tls", "BODY": "body",
    "CHUNK": "chunk", "READ": "read",
    "DRAIN": "drain", "EVENT": "event", "NOTHING": "nothing", "EOF": "eof",
    "WAIT": "wait", "HOLD": "hold", "SHUTDOWN": "shutdown",
    "CLOSE": "close", "RST": "rst",
}


def matches(pattern, line):
    expression = "".join(
        {"*": ".*", "\\*": r"\*"}.get(part) or re.escape(part)
        for part in re.split(r"(\\\*|\*)", pattern))
    return re.fullmatch(expression, line, re.DOTALL) is not None


def parse(transcript):
    """Returns (line number, word, text) for each line."""
    steps = []
    for number, line in enumerate(
            inspect.cleandoc(transcript).splitlines(), 1):
        word, _, text = line.lstrip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word not in WORDS:
            raise ValueError(f"line {number}: unknown word: {word}")
        steps.append((number, word, text))
    return steps


class ScriptedServer:
    """Listens on a port of the kernel's choice, or on a unix socket."""

    def __init__(self, address="127.0.0.1", port=0, path=None):
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(os.fspath(path))
        else:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            self.listener = socket.socket(family)
            self.listener.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind((address, port))
            self.port = self.listener.getsockname()[1]
        self.listener.listen()
        self.bound = None
        self.address = address
        self.path = path
        self.tls = None  # an ssl.SSLContext, for the word TLS
        self.optional = False
        self.replies = {}
        self.connections = []
        self.messages = []
        self.message = None
        self.stuffed = None
        self.error = None
        self.thread = None
        self.reached = threading.Event()
        self.released = threading.Event()
        self.stopping = threading.Event()

    def go_down(self):
        """Rejects connections; no other program gets the port."""
        address = self.listener.getsockname()
        self.listener.close()
        self.bound = socket.socket(self.listener.family)
        self.bound.bind(address)
        self.listener = socket.create_server(("127.0.0.1", 0))

    def use_certificate(self, certificates, name, **limits):
        """For the word TLS; limits such as maximum_version."""
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificates.path(name + ".pem"),
                                 certificates.path(name + ".key"))
        for limit, value in limits.items():
            setattr(self.tls, limit, value)

    def play(self, *transcripts, optional=False):
        """Plays each transcript on a connection of its own, in turn.

        The client must make all these connections, unless `optional`.
        """
        self.optional = optional
        scripts = [parse(transcript) for transcript in transcripts]
        self.thread = threading.Thread(
            target=self.run, args=(scripts,), daemon=True)
        self.thread.start()

    def run(self, scripts):
        try:
            for number, steps in enumerate(scripts, 1):
                connection = self.accept()
                if not connection and self.optional:
                    return
                if not connection:
                    raise TranscriptError(
                        f"no connection for transcript {number}")
                Player(self, connection, steps).play()
            if self.accept():
                raise TranscriptError("an unexpected connection")
        except Exception as error:  # shown in the test's own thread
            self.error = error
        finally:
            for connection in self.connections:
                connection.sock.close()

    def accept(self):
        self.listener.settimeout(0.02)
        while True:
            stopping = self.stopping.is_set()
            try:
                connection = Connection(self.listener.accept()[0])
                self.connections.append(connection)
                return connection
            except TimeoutError:
                if stopping:
                    return None

    def release(self):
        """Ends each HOLD, also those that follow."""
        self.released.set()

    def stop(self):
        """Expects no further connection."""
        self.release()
        self.stopping.set()

    def finish(self):
        """Waits for the end of the transcripts; raises the error of one.

        Call it when the client has ended, or has its answer.
        """
        self.stop()
        if self.thread:
            self.thread.join(TIMEOUT + 5)
            if self.thread.is_alive():
                raise TranscriptError("the transcript did not end")
        self.listener.close()
        if self.error:
            error, self.error = self.error, None
            raise error

    @property
    def clear(self):
        """Every byte that was received without TLS."""
        return b"".join(bytes(c.clear) for c in self.connections)

    @property
    def inside(self):
        """Every byte that was received inside TLS."""
        return b"".join(bytes(c.inside) for c in self.connections)

    @property
    def accepted(self):
        """The number of accepted messages."""
        return sum(c.accepted for c in self.connections)

    @property
    def received(self):
        return self.clear + self.inside
