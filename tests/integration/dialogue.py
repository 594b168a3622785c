# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ordinary parts of a dialogue, so that a test shows what is special.

Each is text for ScriptedServer.play(); the client greets as client.example,
as program.account() configures it, and sends from alice to bob.
"""

import base64
import select
import time

from program import SECRET

SEND = ("-f", "alice@example.org", "bob@example.org")


def lines(*parts):
    """Puts transcripts together, each indented as it may be."""
    return "\n".join(line.strip() for part in parts
                     for line in part.splitlines())


def greet(*keywords, verb="EHLO"):
    """Up to what the server offers."""
    replies = ["mx.example at your service", *keywords]
    return lines(
        "S: 220 mx.example ESMTP", f"C: {verb} client.example",
        *[f"S: 250-{reply}" for reply in replies[:-1]],
        f"S: 250 {replies[-1]}")


def ehlo(*keywords):
    """The second EHLO, inside TLS."""
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
TAKEN = "S: 250 2.0.0 taken"
QUIT = lines("""
    C: QUIT
    S: 221 2.0.0 bye
""")
ENVELOPE = lines(MAIL, RCPT)
AFTER_DOT = lines(greet(), ENVELOPE, DATA)
MESSAGE_TAKEN = lines(ENVELOPE, DATA, TAKEN, QUIT)
# What a client says that goes on over TLS after the ordinary greeting.
SECURED = lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH PLAIN LOGIN"))


def plain(user="bob@example.org", password=SECRET):
    """The line that logs in with PLAIN."""
    raw = f"\0{user}\0{password}".encode()
    return f"C: AUTH PLAIN {base64.b64encode(raw).decode()}"


LOGIN = lines(plain(), "S: 235 2.7.0 welcome")
LOGIN_SETTINGS = f"auth plain\nuser bob@example.org\npassword {SECRET}"


def take_pieces(line, connection, pause=0, most=None, alone=False):
    """For ANSWER behind "C: BDAT *": takes one piece after the other.

    Returns the reply to the last one; or, in the middle of the one that comes
    after `most` pieces, a refusal.  With `alone` no byte may come before the
    reply to the last piece.
    """
    taken = 0
    while taken != most:
        size = int(line.split()[1])
        while len(connection.input) < size:
            assert connection.receive()
        del connection.input[:size]
        time.sleep(pause)
        assert not alone or not connection.input and not select.select(
            [connection.sock], [], [], 0.1)[0], "sent ahead"
        if line.endswith(" LAST"):
            connection.judging = connection.chunked = True
            return "250 2.0.0 thanks"
        taken += 1
        connection.output += b"250 2.0.0 go on\r\n"
        connection.flush()
        while b"\r\n" not in connection.input:
            assert connection.receive()
        line, _, rest = bytes(connection.input).partition(b"\r\n")
        connection.input[:] = rest
        line = line.decode()
    while len(connection.input) < 100000:
        assert connection.receive()
    return "552 5.3.4 too big for me"
