# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that most SMTP transcripts of ScriptedServer.play() share.

The client sends EHLO client.example, as program.account() configures it, and
a message from alice to bob.
"""

import base64

from program import SECRET

SEND = ("-f", "alice@example.org", "bob@example.org")


def lines(*parts):
    """Joins transcripts and removes their indentation."""
    return "\n".join(line.strip() for part in parts
                     for line in part.splitlines())


def greet(*keywords, verb="EHLO"):
    """Returns the greeting, EHLO, and a reply that offers the keywords."""
    replies = ["mx.example at your service", *keywords]
    return lines(
        "S: 220 mx.example ESMTP", f"C: {verb} client.example",
        *[f"S: 250-{reply}" for reply in replies[:-1]],
        f"S: 250 {replies[-1]}")


def ehlo(*keywords):
    """Returns the second EHLO, inside TLS, and its reply."""
    return greet(*keywords).partition("\n")[2]


STARTTLS = lines("""
    C: STARTTLS
    S: 220 2.0.0 go ahead
    TLS
""")
MAIL = lines("""
    C: MAIL FROM:<alice@example.org>*
    S: 250 2.1.0 ok
""")
RCPT = lines("""
    C: RCPT TO:<bob@example.org>*
    S: 250 2.1.5 ok
""")
DATA = lines("""
    C: DATA
    S: 354 go on
    BODY
""")
ACCEPTED = "S: 250 2.0.0 accepted"
QUIT = lines("""
    C: QUIT
    S: 221 2.0.0 bye
""")
ENVELOPE = lines(MAIL, RCPT)
BEFORE_FINAL_REPLY = lines(greet(), ENVELOPE, DATA)
MESSAGE_ACCEPTED = lines(ENVELOPE, DATA, ACCEPTED, QUIT)
# Everything up to the reply to EHLO inside TLS.
SECURED = lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH PLAIN LOGIN"))


def plain(user="bob@example.org", password=SECRET):
    """Returns the command that authenticates with PLAIN."""
    raw = f"\0{user}\0{password}".encode()
    return f"C: AUTH PLAIN {base64.b64encode(raw).decode()}"


LOGIN = lines(plain(), "S: 235 2.7.0 welcome")
LOGIN_SETTINGS = f"auth plain\nuser bob@example.org\npassword {SECRET}"


def receive_last_chunk(server):
    """Receives the message as one chunk, for REPLY after "C: BDAT * LAST"."""
    def receive(line, connection):
        size = int(line.split()[1])
        while len(connection.input) < size:
            assert connection.receive()
        server.message = bytes(connection.input[:size])
        del connection.input[:size]
        connection.end_bdat()
        return "250 2.0.0 accepted"
    return receive
