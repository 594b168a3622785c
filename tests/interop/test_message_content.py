# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix stores the message that was sent, byte for byte."""

import hashlib
import random

import pytest

from program import MESSAGE, SECRET, short

HEAD = MESSAGE.partition(b"\n\n")[0] + (
    b"\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    b"Content-Transfer-Encoding: 8bit\n\n")
SENDER = ("-i", "-f", "alice@example.org", "bob@example.org")
LOGIN = f"auth plain\nuser bob@example.org\npassword {SECRET}"


def strip_trace_fields(stored):
    """Removes the fields that Postfix added on top of the message."""
    top, mark, rest = stored.partition(b"From: Alice ")
    for line in top.splitlines():
        assert line.startswith((b"Return-Path:", b"X-Original-To:",
                                b"Delivered-To:", b"Received:", b"\t"))
    return mark + rest


@pytest.mark.parametrize("body", [
    b"",
    b"\n",
    b"\n\n\n",
    b".\n",
    b"..\n...\n.x\n",
    b"end\n.\n",
    b"a line\n\n.\n\nand more\n",
    b"blank at the end \n\t\n",
    b"x" * 998 + b"\n",
    b".\n" * 50000,
    b"From here\n>From there\n",
    bytes(range(1, 10)) + b"\x0b\x0c\x0e\x7f\n",
    "Grüße, 世界\n".encode(),
    b"\xff\xfe\x80\n",
], ids=short)
def test_a_body_is_delivered_unchanged(send, postfix, body):
    run = send(postfix.ports["plain"], *SENDER, stdin=HEAD + body,
               settings="tls off")
    assert run.status == 0, run
    assert strip_trace_fields(postfix.wait_for("bob")[0]) == HEAD + body


@pytest.mark.parametrize("sent, normalized", [
    (b"no end", b"no end\n"),
    (b"a\r\nb\r\n", b"a\nb\n"),
    (b"a\r\r\nb\n", b"a\nb\n"),
    (b"a\nb\r\nc\n", b"a\nb\nc\n"),
    (b"a\rb\n", b"a\nb\n"),
    (b"a\0b\n", b"ab\n"),
], ids=short)
def test_line_ends_and_nuls_are_normalized(send, postfix, sent, normalized):
    run = send(postfix.ports["plain"], *SENDER, stdin=HEAD + sent,
               settings="tls off")
    assert run.status == 0, run
    assert strip_trace_fields(postfix.wait_for("bob")[0]) == HEAD + normalized


def random_lines(size):
    """Returns text with leading dots and empty lines, always the same."""
    source = random.Random(1)
    lines = [b"." * source.randrange(3) + b"x" * source.randrange(77)
             for _ in range(1000)]
    block = b"\n".join(lines) + b"\n"
    return (block * (size // len(block) + 1))[:size - 1] + b"\n"


@pytest.mark.parametrize("service, settings", [
    ("plain", "tls off"),
    ("submissions", "tls_starttls off\n" + LOGIN),
], ids=short)
def test_20_mib_are_delivered_unchanged(send, postfix, service, settings):
    message = HEAD + random_lines(20 * 1024 * 1024)
    run = send(postfix.ports[service], *SENDER, stdin=message,
               settings=settings)
    assert run.status == 0, run
    stored = strip_trace_fields(postfix.wait_for("bob")[0])
    assert len(stored) == len(message)
    assert (hashlib.sha256(stored).digest()
            == hashlib.sha256(message).digest())


def test_header_fields_other_than_bcc_are_delivered_unchanged(send, postfix):
    head = (b"From: Alice <alice@example.org>\n"
            b"To: Bob <bob@example.org>,\n\tothers <user001@example.org>\n"
            b"Bcc: user002@example.org,\n user003@example.org\n"
            b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
            b"X-Long: " + b"y" * 900 + b"\n"
            b"Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
            b"Message-ID: <2@example.org>\n\n")
    run = send(postfix.ports["plain"], "-t", "-i", "-f", "alice@example.org",
               stdin=head + b"Bcc: stays here\n", settings="tls off")
    assert run.status == 0, run
    expected = head.replace(
        b"Bcc: user002@example.org,\n user003@example.org\n",
        b"") + b"Bcc: stays here\n"
    for user in ("bob", "user001", "user002", "user003"):
        assert strip_trace_fields(postfix.wait_for(user)[0]) == expected
