# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that talk SMTP to `sendmail -bs`, line by line as they do.

What -bs does in general is the matter of tests/integration/test_bs.py.
"""

import inspect
import os
import select
import shlex
import smtplib

import pytest

PATIENCE = 20  # seconds for one reply
MESSAGE = """
    C From: Alice <alice@example.org>
    C To: Bob <bob@example.org>
    C Subject: a test
    C Date: Sat, 21 Nov 2026 12:00:00 +0000
    C Message-ID: <12@example.org>
    C
    C text
    C ..dot
    C .
"""
ENVELOPE = """
    C MAIL FROM:<alice@example.org>
    S 250
    C RCPT TO:<bob@example.org>
    S 250
"""
DATA = """
    C DATA
    S 354
    MESSAGE
    S 250
"""
QUIT = """
    C QUIT
    S 221
"""


def hello(line):
    return f"S 220\nC {line}\nS 250"


def talk(*parts):
    """Puts a dialogue together, with the message in its place."""
    text = "\n".join(inspect.cleandoc(part) for part in parts)
    return text.replace("MESSAGE", inspect.cleandoc(MESSAGE))


DIALOGUES = {
    "Symfony": ("/usr/sbin/sendmail -bs", talk(
        hello("HELO [127.0.0.1]"), ENVELOPE, DATA, "C NOOP\nS 250", QUIT)),
    "SwiftMailer": ("/usr/sbin/sendmail -bs", talk(
        hello("EHLO shop.example.org"), ENVELOPE, DATA, QUIT)),
    "Nextcloud": ("/usr/bin/sendmail -bs", talk(
        hello("EHLO cloud.example.org"), ENVELOPE, DATA, "C RSET\nS 250",
        QUIT)),
    "Alpine": ("/usr/sbin/sendmail -bs -odb -oem", talk(
        hello("EHLO host.example.org"),
        ENVELOPE.replace("alice@example.org>",
                         "alice@example.org> BODY=8BITMIME"), DATA, QUIT)),
    "nmh": ("/usr/sbin/sendmail -bs -odi -oem -om", talk(
        hello("EHLO host.example.org"), "C VERB on\nS ***", ENVELOPE, DATA,
        "C RSET\nS 250", QUIT)),
    "Cyrus IMAP": ("sendmail -bs", talk(
        hello("EHLO imap.example.org"),
        ENVELOPE.replace("C RCPT", "C RCPT TO:<gone@example.org>\n"
                         "    S 550 5.1.1\n    C RCPT"), DATA, QUIT)),
}


class Pipe:
    """The two ends of a dialogue, by lines."""

    def __init__(self, process):
        self.process = process
        self.input = b""

    def line(self):
        while b"\n" not in self.input:
            ready, _, _ = select.select([self.process.stdout], [], [],
                                        PATIENCE)
            assert ready, f"no reply in {PATIENCE} s, but {self.input}"
            data = os.read(self.process.stdout.fileno(), 4096)
            assert data, f"it closed, having said {self.input}"
            self.input += data
        line, _, self.input = self.input.partition(b"\n")
        return line.rstrip(b"\r").decode()

    def reply(self):
        line = self.line()
        while line[3:4] == "-":
            line = self.line()
        return line

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\r\n")
        self.process.stdin.flush()


@pytest.fixture
def dialogue(program, call):
    """Starts `sendmail -bs`; skips where it is not built in."""
    run = call("-bs", name="sendmail", stdin=b"QUIT\r\n")
    if run.status == os.EX_USAGE:
        pytest.skip("this program has no -bs")
    started = []

    def dialogue(words):
        name, *argv = shlex.split(words)
        started.append(program.start(*argv, name=name))
        return Pipe(started[-1])

    yield dialogue
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("caller", DIALOGUES)
def test_caller(program, dialogue, sink, caller):
    sink.refused["gone@example.org"] = "550 5.1.1 no such user"
    words, text = DIALOGUES[caller]
    pipe = dialogue(words)
    for step in text.splitlines():
        word, _, rest = step.partition(" ")
        if word == "C":
            pipe.say(rest)
        else:
            reply = pipe.reply()
            assert rest == "***" or reply.startswith(rest), (step, reply)
    run = program.end(pipe.process)
    assert run.status == 0 and run.stderr == "", run
    assert sink.message.sender == "alice@example.org"
    assert sink.message.recipients == ["bob@example.org"]
    assert sink.message.field("Message-ID") == "<12@example.org>"
    assert sink.message.body == b"text\r\n.dot\r\n"


class PipedSMTP(smtplib.SMTP):
    """Python's client, with a process in place of a host."""

    def __init__(self, process):
        self.process = process
        super().__init__("sendmail", local_hostname="host.example.org")

    def _get_socket(self, host, port, timeout):
        return self

    def makefile(self, mode):
        return self.process.stdout

    def sendall(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def close(self):
        self.file = self.sock = None


def test_smtplib(program, dialogue, sink):
    client = PipedSMTP(dialogue("/usr/sbin/sendmail -bs").process)
    for number in (1, 2):
        refused = client.sendmail(
            "alice@example.org", ["bob@example.org", "carol@example.org"],
            f"From: alice@example.org\nSubject: {number}\n\n.dot\n")
        assert not refused
    client.quit()
    run = program.end(client.process)
    assert run.status == 0, run
    assert [m.field("Subject") for m in sink.messages] == ["1", "2"]
    assert all(m.body == b".dot\r\n" for m in sink.messages)
    assert all(m.recipients == ["bob@example.org", "carol@example.org"]
               for m in sink.messages)


def test_smtplib_hears_who_was_refused(dialogue, sink):
    sink.refused["gone@example.org"] = "550 5.1.1 no such user"
    client = PipedSMTP(dialogue("/usr/sbin/sendmail -bs").process)
    refused = client.sendmail(
        "alice@example.org", ["gone@example.org", "bob@example.org"],
        "From: alice@example.org\n\ntext\n")
    assert refused["gone@example.org"][0] == 550
    assert sink.message.recipients == ["bob@example.org"]
    client.quit()
