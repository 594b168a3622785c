# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue runs that send several messages in one session."""

import pytest

from dialogue import QUIT, greet, lines
from queue_files import MESSAGE

SENDER = "alice@example.org"
WHOLE = (MESSAGE[0] + b"\n" + MESSAGE[1]).replace(b"\n", b"\r\n")


def mail(number, reply="250 2.1.0 ok", sender=SENDER):
    """MAIL and RCPT of a message to u<number>@example.org."""
    return lines(f"""
        C: MAIL FROM:<{sender}>*
        S: {reply}
    """)


def rcpt(number, reply="250 2.1.5 ok"):
    return lines(f"""
        C: RCPT TO:<u{number}@example.org>*
        S: {reply}
    """)


def data(number, reply="250 2.0.0 accepted"):
    """A whole message with DATA."""
    return lines(mail(number), rcpt(number), f"""
        C: DATA
        S: 354 go on
        BODY
        S: {reply}
    """)


class Run:
    """A queue with messages to u0, u1 and so on, for the scripted server."""

    def __init__(self, program, spool, server):
        self.program = program
        self.spool = spool
        self.server = server
        self.ids = []
        self.configure()

    def configure(self, *settings, port=None):
        text = "\n".join([
            "account default", "host 127.0.0.1",
            f"port {port or self.server.port}", "tls off",
            "domain client.example", f"from {SENDER}", "timeout 10",
            "queue later", f"queue_dir {self.spool.path}",
            "queue_sessions 1", *settings])
        self.program.write_config(text + "\n")

    def add(self, count, **changes):
        for _ in range(count):
            self.ids.append(self.spool.add(
                [f"u{len(self.ids)}@example.org"], age=600, **changes))

    def play(self, *transcripts):
        """Runs the queue; returns the result of each message, in order."""
        self.server.play(*transcripts)
        run = self.program.run("-q", "-v", stdin=None)
        self.server.finish()
        assert run.status == 0, run
        results = {}
        for line in run.stdout.splitlines():
            name, _, result = line.partition(" ")
            if name in self.ids:
                assert name not in results, run
                results[name] = result.partition(":")[0]
        self.output = run.stdout
        return [results.get(name) for name in self.ids]

    def left(self):
        """Returns the numbers of the messages that are still queued."""
        names = self.spool.names()
        return [number for number, name in enumerate(self.ids)
                if name in names]


@pytest.fixture
def queue(program, spool, server):
    return Run(program, spool, server)


def test_a_null_sender_that_is_rejected_in_the_middle_is_replaced(queue):
    queue.add(1)
    queue.add(2, sender="", notice="")
    queue.add(1)
    rejected = lines(mail(1, "550 5.7.1 sender needed", sender=""), """
        C: RSET
        S: 250 2.0.0 ok
    """)
    assert queue.play(lines(greet(), data(0), rejected, data(2), data(3),
                            data(1), QUIT)) == ["sent"] * 4
    assert queue.spool.names() == []
