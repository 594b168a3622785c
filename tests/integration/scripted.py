# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that plays a transcript; a wrong or missing line fails.

One transcript is one connection.  Each line is a word and its text:

    C: EHLO *         the client sends this line; * stands for any text,
                      \\* for an asterisk
    C? QUIT           the client may send this line
    S: 250 ok         the server sends this line; consecutive ones leave
                      in one write
    RAW 25\\x00\\r\\n   the server sends these bytes, with Python's escapes
    ANSWER name       what server.answers[name](line, connection) makes of
                      the client's last line
    TLS               TLS handshake with server.tls
    TLS REFUSED       the client refuses it and says nothing inside
    BODY              the message up to the lone dot, kept in server.message
    CHUNK 155         so many bytes of a message, as BDAT has announced
    READ 65536        so many bytes of whatever it is
    DRAIN             whatever comes until the client closes
    HERE              sets the event server.reached
    NOTHING           the client sends nothing now: it waits for us
    GONE              the client closes, having sent nothing more
    WAIT 2            seconds
    HALF              we close our side and go on listening
    CLOSE             we close
    RST               we reset the connection

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

PATIENCE = 20  # seconds that we wait for the client before we call it wrong
MOMENT = 0.2  # seconds in which a client that talks too early would do it


class TranscriptError(AssertionError):
    """The client did not do what the transcript says."""


class Connection:
    """One accepted connection, and every byte that came through it."""

    def __init__(self, sock):
        self.sock = sock
        self.began = time.monotonic()
        self.input = bytearray()
        self.output = bytearray()
        self.clear = bytearray()  # received before TLS
        self.inside = bytearray()  # received inside TLS
        self.verdict = b""  # what we have said between a lone dot and the
        self.judging = False  # client's next line
        self.chunked = False  # it came by BDAT, and more with it

    @property
    def encrypted(self):
        return isinstance(self.sock, ssl.SSLSocket)

    @property
    def accepted(self):
        """Whether we have said a whole 2yz to a message."""
        return bool(re.search(rb"(?m)^2\d\d(?: .*)?\r?\n", self.verdict))

    def receive(self, patience=PATIENCE):
        """Appends what arrives to input; False at the end."""
        self.sock.settimeout(patience)
        data = self.sock.recv(65536)
        (self.inside if self.encrypted else self.clear).extend(data)
        self.input.extend(data)
        return bool(data)

    def flush(self):
        data, self.output = bytes(self.output), bytearray()
        if self.judging:
            self.verdict += data
        if data:
            try:
                self.sock.settimeout(PATIENCE)
                self.sock.sendall(data)
            except OSError:
                pass  # who has gone is missed by the next C: line


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
            if word not in ("S:", "RAW", "ANSWER"):
                self.connection.flush()
            try:
                action(text)
            except (TranscriptError, OSError) as problem:
                raise TranscriptError(self.complaint(number, problem)) from None
        self.connection.flush()
        if self.connection.sock.fileno() >= 0:
            try:
                self.do_gone("")
            except (TranscriptError, OSError) as problem:
                number = self.steps[-1][0] + 1 if self.steps else 1
                raise TranscriptError(self.complaint(number, problem)) from None

    def complaint(self, number, problem):
        lines = [f"line {number}: {problem}"]
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
        self.connection.judging = self.connection.chunked
        line, _, rest = bytes(self.connection.input).partition(b"\r\n")
        self.connection.input = bytearray(rest)
        return line.decode("utf-8", "surrogateescape")

    def receive(self, patience=PATIENCE):
        try:
            return self.connection.receive(patience)
        except TimeoutError:
            raise TranscriptError(
                f"nothing for {patience} seconds but "
                f"{bytes(self.connection.input)[:200]!r}") from None

    def do_client(self, text):
        line = self.line()
        self.last = line
        if not matches(text, line):
            raise TranscriptError(f"the client sent {line!r}")

    def do_answer(self, text):
        self.do_send(self.server.answers[text](self.last, self.connection))

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
            raise TranscriptError(f"sent ahead: {bytes(connection.input)!r}")
        connection.sock.settimeout(PATIENCE)
        try:
            connection.sock = self.server.tls.wrap_socket(
                connection.sock, server_side=True)
        except OSError as problem:
            if text != "REFUSED":
                raise TranscriptError(f"no handshake: {problem}") from None
            connection.sock.close()
            return
        if text == "REFUSED":
            try:
                spoke = self.receive()
            except OSError:
                spoke = False
            if spoke:
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
        connection.judging = True
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
        # QUIT may be here before we have answered.
        connection.judging = connection.chunked = True

    def do_read(self, text):
        left = int(text)
        while left > len(self.connection.input):
            if not self.receive():
                raise TranscriptError(f"the client closed, {left} bytes missing")
        del self.connection.input[:left]

    def do_drain(self, text):
        try:
            while self.receive():
                self.connection.input.clear()
        except ConnectionError:
            pass
        self.connection.sock.close()

    def do_here(self, text):
        self.server.reached.set()

    def do_nothing(self, text):
        self.connection.sock.settimeout(MOMENT)
        try:
            self.connection.receive(MOMENT)
        except TimeoutError:
            pass
        if self.connection.input:
            raise TranscriptError(f"sent {bytes(self.connection.input)!r}")

    def do_gone(self, text):
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

    def do_half(self, text):
        self.connection.sock.shutdown(socket.SHUT_WR)

    def do_close(self, text):
        self.connection.sock.close()

    def do_rst(self, text):
        self.connection.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.sock.close()


WORDS = {
    "C:": "client", "C?": "maybe", "S:": "send", "RAW": "raw",
    "ANSWER": "answer", "TLS": "tls", "BODY": "body",
    "CHUNK": "chunk", "READ": "read",
    "DRAIN": "drain", "HERE": "here", "NOTHING": "nothing", "GONE": "gone",
    "WAIT": "wait", "HALF": "half", "CLOSE": "close", "RST": "rst",
}


def matches(pattern, line):
    expression = "".join(
        {"*": ".*", "\\*": r"\*"}.get(part) or re.escape(part)
        for part in re.split(r"(\\\*|\*)", pattern))
    return re.fullmatch(expression, line, re.DOTALL) is not None


def parse(transcript):
    steps = []
    for number, line in enumerate(
            inspect.cleandoc(transcript).splitlines(), 1):
        word, _, text = line.lstrip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word not in WORDS:
            raise ValueError(f"line {number}: no such word: {word}")
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
        self.address = address
        self.path = path
        self.tls = None  # an ssl.SSLContext, for the word TLS
        self.optional = False
        self.answers = {}
        self.connections = []
        self.messages = []
        self.message = None
        self.stuffed = None
        self.error = None
        self.thread = None
        self.reached = threading.Event()
        self.stopping = threading.Event()

    def use_certificate(self, certificates, name, **limits):
        """For the word TLS; limits such as maximum_version."""
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificates.path(name + ".pem"),
                                 certificates.path(name + ".key"))
        for limit, value in limits.items():
            setattr(self.tls, limit, value)

    def play(self, *transcripts, optional=False):
        """Answers as many connections as there are transcripts, in turn.

        They must all be made, unless they are optional.
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
                        f"nobody came for transcript {number}")
                Player(self, connection, steps).play()
            if self.accept():
                raise TranscriptError("one connection too many")
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

    def finish(self):
        """To be called when the client has ended; raises what went wrong."""
        self.stopping.set()
        if self.thread:
            self.thread.join(PATIENCE + 5)
            if self.thread.is_alive():
                raise TranscriptError("the transcript does not end")
        self.listener.close()
        if self.error:
            error, self.error = self.error, None
            raise error

    @property
    def clear(self):
        """Every byte that came without TLS."""
        return b"".join(bytes(c.clear) for c in self.connections)

    @property
    def inside(self):
        return b"".join(bytes(c.inside) for c in self.connections)

    @property
    def accepted(self):
        """How many messages we took."""
        return sum(c.accepted for c in self.connections)

    @property
    def received(self):
        return self.clear + self.inside
