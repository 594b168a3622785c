# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callers that use SMTP with `sendmail -bs`, with their exact commands.

Other tests of -bs are in tests/integration/test_bs.py.
"""

import inspect
import os
import select
import shlex
import smtplib

import pytest

REPLY_TIMEOUT = 20  # seconds
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


def greeting(line):
    return f"S 220\nC {line}\nS 250"


def transcript(*parts):
    """Joins the parts and inserts the message."""
    text = "\n".join(inspect.cleandoc(part) for part in parts)
    return text.replace("MESSAGE", inspect.cleandoc(MESSAGE))


CALLERS = {
    "Symfony": ("/usr/sbin/sendmail -bs", transcript(
        greeting("HELO [127.0.0.1]"), ENVELOPE, DATA, "C NOOP\nS 250", QUIT)),
    "SwiftMailer": ("/usr/sbin/sendmail -bs", transcript(
        greeting("EHLO shop.example.org"), ENVELOPE, DATA, QUIT)),
    "Nextcloud": ("/usr/bin/sendmail -bs", transcript(
        greeting("EHLO cloud.example.org"), ENVELOPE, DATA, "C RSET\nS 250",
        QUIT)),
    "Alpine": ("/usr/sbin/sendmail -bs -odb -oem", transcript(
        greeting("EHLO host.example.org"),
        ENVELOPE.replace("alice@example.org>",
                         "alice@example.org> BODY=8BITMIME"), DATA, QUIT)),
    "nmh": ("/usr/sbin/sendmail -bs -odi -oem -om", transcript(
        greeting("EHLO host.example.org"), "C VERB on\nS ***", ENVELOPE, DATA,
        "C RSET\nS 250", QUIT)),
    "Cyrus IMAP": ("sendmail -bs", transcript(
        greeting("EHLO imap.example.org"),
        ENVELOPE.replace("C RCPT", "C RCPT TO:<gone@example.org>\n"
                         "    S 550 5.1.1\n    C RCPT"), DATA, QUIT)),
}


class SmtpClient:
    """Writes commands to the process and reads its replies."""

    def __init__(self, process):
        self.process = process
        self.input = b""

    def line(self):
        while b"\n" not in self.input:
            ready, _, _ = select.select([self.process.stdout], [], [],
                                        REPLY_TIMEOUT)
            assert ready, f"no reply in {REPLY_TIMEOUT} s: {self.input}"
            data = os.read(self.process.stdout.fileno(), 4096)
            assert data, f"the output ended: {self.input}"
            self.input += data
        line, _, self.input = self.input.partition(b"\n")
        return line.rstrip(b"\r").decode()

    def reply(self):
        line = self.line()
        while line[3:4] == "-":
            line = self.line()
        return line

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\r\n")
        self.process.stdin.flush()


@pytest.fixture
def start_bs(program, sendmail):
    """Starts `sendmail -bs`; skips if the program has no -bs."""
    run = sendmail("-bs", name="sendmail", stdin=b"QUIT\r\n")
    if run.status == os.EX_USAGE:
        pytest.skip("this program has no -bs")
    started = []

    def start_bs(command):
        name, *argv = shlex.split(command)
        started.append(program.start(*argv, name=name))
        return SmtpClient(started[-1])

    yield start_bs
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("caller", CALLERS)
def test_the_commands_of_a_caller_send_a_message(
        program, start_bs, sink, caller):
    sink.rejected["gone@example.org"] = "550 5.1.1 no such user"
    command, text = CALLERS[caller]
    client = start_bs(command)
    for step in text.splitlines():
        side, _, rest = step.partition(" ")
        if side == "C":
            client.send(rest)
        else:
            reply = client.reply()
            assert rest == "***" or reply.startswith(rest), (step, reply)
    run = program.end(client.process)
    assert run.status == 0 and run.stderr == "", run
    assert sink.message.sender == "alice@example.org"
    assert sink.message.recipients == ["bob@example.org"]
    assert sink.message.field("Message-ID") == "<12@example.org>"
    assert sink.message.body == b"text\r\n.dot\r\n"


class PipedSMTP(smtplib.SMTP):
    """The client of smtplib, connected to a process."""

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


def test_smtplib_sends_two_messages(program, start_bs, sink):
    client = PipedSMTP(start_bs("/usr/sbin/sendmail -bs").process)
    for number in (1, 2):
        rejected = client.sendmail(
            "alice@example.org", ["bob@example.org", "carol@example.org"],
            f"From: alice@example.org\nSubject: {number}\n\n.dot\n")
        assert not rejected
    client.quit()
    run = program.end(client.process)
    assert run.status == 0, run
    assert [m.field("Subject") for m in sink.messages] == ["1", "2"]
    assert all(m.body == b".dot\r\n" for m in sink.messages)
    assert all(m.recipients == ["bob@example.org", "carol@example.org"]
               for m in sink.messages)


def test_smtplib_sees_a_rejected_recipient(start_bs, sink):
    sink.rejected["gone@example.org"] = "550 5.1.1 no such user"
    client = PipedSMTP(start_bs("/usr/sbin/sendmail -bs").process)
    rejected = client.sendmail(
        "alice@example.org", ["gone@example.org", "bob@example.org"],
        "From: alice@example.org\n\ntext\n")
    assert rejected["gone@example.org"][0] == 550
    assert sink.message.recipients == ["bob@example.org"]
    client.quit()
