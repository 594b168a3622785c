# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server gets the same from a queue run as from a delivery without a queue."""

import os

import pytest

from program import account, short
from queue_files import Queue
from sink import KEYWORDS, Handler, Sink

BOB = "bob@example.org"
DATED = (b"From: alice@example.org\nTo: bob@example.org\n"
         b"Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
         b"Message-ID: <1@example.org>\n")
# Local parts and domains that a file of lines and fields could damage.
ADDRESSES = [
    '"john doe"@example.org', '" "@example.org', '""@example.org',
    '"a\\"b"@example.org', '"a\\\\"@example.org', '"a>b"@example.org',
    '"<x@y>"@example.org', '"a@b"@example.org', '"a,b"@example.org',
    '"recipient 2 x@example.org"@example.org', '"a;b"@example.org',
    '"tab\tin"@example.org', "a%b@example.org", "a!b@example.org",
    "%s%n@example.org", "{}|~`$&'*/=?^_-@example.org", "-f@example.org",
    "--@example.org", "+tag@example.org", "1@example.org",
    "x" * 64 + "@example.org", "x" * 200 + "@example.org",
    "a@" + ".".join(["x" * 60] * 4), "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]", "postmaster", "a.@example.org",
    "a..b@example.org", "Ünïcödé@example.org", "用户@例子.广告",
    "a@xn--fsqu00a.example", "A@EXAMPLE.ORG", "prvs=1/bob@example.org",
    "srs0=x=y=example.org=bob@example.net", "<>", "a b@example.org",
    "a@b c", "a\r\nRCPT TO:<x@y>@example.org", "a\n@example.org",
    '"a\n"@example.org', "a\x01@example.org",
    "a\x7f@example.org", "a\x85@example.org", "a\u202e@example.org",
    "\udcff@example.org", "@example.org", "a@", "@", "",
]
# Without Date and Message-ID, each of them would get its own.
MESSAGES = {
    "dots": DATED + b"\n.\n..\n.x\n",
    "no end of line": DATED + b"\nHello",
    "no body": DATED,
    "journal": DATED + b"\n00000000 1 delivered 1\n00000000 1 done\n",
    "head": DATED + b"\nveredus-queue 1 00000000\nid x\n\n",
    "8-bit": DATED + b"\nGr\xc3\xbc\xc3\x9fe \xff\xfe\n",
    "NULs and CRs": DATED + b"\na\0b\rc\r\nd\r\r\ne\n",
    "long line": DATED + b"\n" + b"x" * 5000 + b"\n",
    "long header": DATED + b"Subject: " + b"y" * 3000 + b"\n\nx\n",
    "8-bit header": DATED + "Subject: Grüße\n\nx\n".encode(),
    "Bcc": DATED + b"Bcc: carol@example.org\n\nx\n",
    "large": DATED + b"\n" + b"A line of a body.\n" * 100000,
    "blank lines": DATED + b"\n" + b"\n" * 5000,
}
OPTIONS = [
    ["-N", "never"], ["-N", "success,failure,delay"], ["-R", "hdrs"],
    ["-R", "full", "-N", "delay"], ["-V", "an id"], ["-V", 'id+"=\\'],
    ["-f", "<>"], ["-f", '"alice smith"@example.org'],
    ["-B8BITMIME"], ["-F", 'A "quoted" näme <x>'],
]


class RecordingHandler(Handler):
    """Keeps the commands as they came."""

    def do_mail(self, line):
        self.server.sink.commands.append(line)
        return super().do_mail("MAIL FROM:<>")

    def do_rcpt(self, line):
        self.server.sink.commands.append(line)
        return super().do_rcpt("RCPT TO:<>")


class RecordingSink(Sink):
    handler = RecordingHandler

    def empty(self):
        super().empty()
        self.commands = []
        self.keywords = (*KEYWORDS, "SMTPUTF8")


@pytest.fixture
def sink():
    sink = RecordingSink()
    yield sink
    sink.stop()


@pytest.fixture
def compare(program, sink, tmp_path):
    """Sends in both ways, and checks that the results are the same."""

    def send(*argv, stdin, mode):
        program.write_config(account(
            sink.port, f"tls off\nqueue {mode}\nqueue_dir {tmp_path}/queue\n"
                       "from alice@example.org\nqualify_domain example.org",
            "127.0.0.1"))
        sink.empty()
        run = program.run("-i", *argv, stdin=stdin)
        if mode == "later" and run.status == 0:
            assert sink.messages == []
            assert program.run("-q", stdin=None).status == 0
        return run, list(sink.commands), [
            message.data for message in sink.messages]

    def compare(*argv, stdin=DATED + b"\nHello.\n"):
        direct, commands, data = send(*argv, stdin=stdin, mode="off")
        queued, queued_commands, queued_data = send(*argv, stdin=stdin,
                                                    mode="later")
        assert queued.status == direct.status, queued
        assert queued_commands == commands
        assert queued_data == data
        assert queued.stderr == direct.stderr
        spool = Queue(tmp_path / "queue")
        assert spool.names() == spool.names("failed") == []
        return direct

    return compare


@pytest.mark.parametrize("address", ADDRESSES, ids=short)
def test_each_address_is_the_same_as_recipient_and_sender(compare, address):
    compare("-f", "alice@example.org", address, BOB)
    compare("-f", address, BOB)


@pytest.mark.parametrize("name", MESSAGES)
def test_each_message_is_the_same(compare, name):
    run = compare("-f", "alice@example.org", BOB, stdin=MESSAGES[name])
    assert run.status == os.EX_OK


@pytest.mark.parametrize("options", OPTIONS, ids=short)
def test_each_demand_is_the_same(compare, options):
    run = compare(*options, BOB)
    assert run.status == os.EX_OK
