# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP server that fails at random, and knows what it did to each message.

At each command it may go on, be slow, reply with 421 or another temporary
failure, say nothing, or end the connection.
"""

import collections
import hashlib
import itertools
import random
import re
import socket
import time

from sink import Handler, Sink

NOBODY = "nobody@example.org"  # the server rejects this recipient
# What happens at a command, with its share of all.
EVENTS = {"go on": 85, "slow": 2, "closing": 3, "not now": 5, "silent": 1,
          "end": 4}
# The same at the end of a message.
FINAL_EVENTS = {"go on": 70, "slow": 4, "closing": 4, "not now": 5,
                "silent": 1, "end": 5, "half a reply": 3, "go on and end": 8}
# After these, the client cannot know whether the server has the message.
UNCERTAIN = ("silent", "end", "half a reply")
SLOW = 2.5  # seconds, more than queue_wait
SILENT = 30  # seconds, more than the client's timeout
KEYWORDS = ("PIPELINING", "CHUNKING", "LIMITS MAILMAX=3", "LIMITS RCPTMAX=1",
            "8BITMIME", "DSN")
MESSAGE_ID = re.compile(rb"(?m)^Message-ID: <([^>]+)>")
ABOUT = re.compile(rb"(?m)^In-Reply-To: <([^>]+)>")
DIGEST = re.compile(rb"(?m)^X-Digest: (\w+)")


class End(Exception):
    """The server ends the connection."""


def digest(body):
    return hashlib.sha256(body).hexdigest()


class UnrulyHandler(Handler):
    def handle(self):
        self.sink = self.server.sink
        self.number = self.sink.next_session()
        self.unsure = collections.deque(maxlen=self.sink.window)
        self.has_quit = False
        self.ends = False
        # Half of the sessions fail only at the end of a message, so that there
        # are long ones.
        self.is_calm = self.sink.rng.random() < 0.5
        try:
            if self.pass_event(EVENTS) == "not now":
                self.reply("554 5.3.2 not today")
                return
            super().handle()
        except End:
            self.ends = True
        except (OSError, ValueError):
            pass
        if not self.has_quit and not self.ends:
            for message in self.unsure:
                self.sink.remember(message, f"session {self.number}: left")
            self.sink.client_left(self.unsure)

    def draw(self, events):
        if self.sink.behaves or (self.is_calm and events is EVENTS):
            return "go on"
        (event,) = self.sink.rng.choices(list(events), events.values())
        self.sink.events[event] += 1
        return event

    def act(self, event):
        """Does what is to happen before the reply to a command."""
        if event == "slow":
            time.sleep(SLOW)
        elif event == "silent":
            self.wait_for_client()
        elif event == "closing":
            self.reply("421 4.3.2 closing")
        elif event == "half a reply":
            self.wfile.write(b"25")
        if event in ("silent", "closing", "end", "half a reply"):
            raise End

    def pass_event(self, events):
        event = self.draw(events)
        self.act(event)
        return event

    def wait_for_client(self):
        """Reads until the client gives up."""
        self.request.settimeout(SILENT)
        while self.rfile.read1(65536):
            pass

    def do_ehlo(self, line):
        self.pass_event(EVENTS)
        self.reply("250-sink.example")  # the first line is no keyword
        for keyword in KEYWORDS:
            if self.sink.rng.random() < 0.5:
                self.reply("250-" + keyword)
        return "250 ENHANCEDSTATUSCODES"

    def do_mail(self, line):
        if self.pass_event(EVENTS) == "not now":
            return "451 4.3.0 try later"
        return super().do_mail(line)

    def do_rcpt(self, line):
        if not self.message:
            return "503 5.5.1 MAIL first"
        if self.pass_event(EVENTS) == "not now":
            return "450 4.2.1 try later"
        return super().do_rcpt(line)

    def do_data(self, line):
        if (self.message and self.message.recipients
                and self.pass_event(EVENTS) == "not now"):
            return "452 4.3.1 try later"
        return super().do_data(line)

    def do_quit(self, line):
        self.has_quit = True
        return super().do_quit(line)

    def store(self, data):
        message, self.message = self.message, None
        message.data = data
        event = self.draw(FINAL_EVENTS)
        if event in UNCERTAIN:
            self.sink.note(message, "cut")
        self.sink.remember(message, f"session {self.number}: {event}")
        self.act(event)
        if event == "not now":
            return "451 4.3.0 try later"
        self.sink.note(message, "acknowledged")
        self.unsure.append(message)
        reply = "250 2.0.0 stored"
        if event == "go on and end":
            self.reply(reply)
            # The client gets the reply, because nothing is left unread.
            self.request.shutdown(socket.SHUT_WR)
            self.wait_for_client()
            raise End
        return reply


class UnrulyServer(Sink):
    """Counts for each message and recipient what became of it.

    A notice counts under the Message-ID of the message that it is about, and
    the recipient "notice".  The window is the number of messages of a session
    whose replies a client that is killed may not have recorded.
    """

    handler = UnrulyHandler

    def __init__(self, seed, window=1):
        self.rng = random.Random(seed)
        self.window = window
        self.behaves = False
        self.events = collections.Counter()
        self.fates = collections.defaultdict(collections.Counter)
        self.history = collections.defaultdict(list)  # by Message-ID
        self.sessions = itertools.count()
        self.errors = []
        super().__init__()
        self.rejected[NOBODY] = "550 5.1.1 no such user"

    def keys(self, message):
        """Returns what the message counts under, one for each recipient."""
        about = ABOUT.search(message.head) if message.sender == "" else None
        if about:
            return [(about[1].decode(), "notice")]
        token = MESSAGE_ID.search(message.head)
        return [(token[1].decode(), recipient)
                for recipient in message.recipients]

    def note(self, message, fate):
        """Counts a message of which the server has the end."""
        expected = DIGEST.search(message.head)
        if message.sender and digest(message.body) != expected[1].decode():
            self.errors.append(f"not as it was: {message.data[:2000]}")
        for key in self.keys(message):
            self.fates[key][fate] += 1

    def next_session(self):
        return next(self.sessions)

    def remember(self, message, text):
        """Keeps what happened to a message, for the text about a failure."""
        now = time.strftime("%H:%M:%S")
        for token, recipient in self.keys(message):
            self.history[token].append(f"{now} {text} for {recipient}")

    def client_left(self, messages):
        """The client may have been killed before it had the replies."""
        for message in messages:
            for key in self.keys(message):
                self.fates[key]["unsure"] += 1

    def close(self):
        """Refuses connections until start() is called."""
        self.stop()
