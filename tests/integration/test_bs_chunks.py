# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""-bs: messages that the client sends with BDAT, and binary content."""

import email

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, MAIL, QUIT, RCPT, greet, lines,
                      receive_last_chunk)
from test_bs import (  # noqa: F401
    CRLF_MESSAGE, OPEN, WHOLE, codes, feed)


def bdat(data, last=True):
    return b"BDAT %d%s\r\n" % (len(data), b" LAST" if last else b"") + data


@pytest.mark.parametrize("size", [1, 2, 7, 155, 1000])
def test_chunks_of_any_size_are_relayed(server, feed, size):
    parts = [CRLF_MESSAGE[at:at + size]
             for at in range(0, len(CRLF_MESSAGE), size)]
    run = feed(OPEN + b"".join(bdat(part, False) for part in parts)
               + bdat(b"") + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[4:] == (
        len(parts) * ["250 2.0.0"] + ["250 2.0.0", "221 2.0.0"])
    assert server.message == CRLF_MESSAGE


def test_a_large_message_in_chunks_is_relayed(server, feed):
    message = CRLF_MESSAGE + 30000 * (b"." + b"x" * 77 + b"\r\n")
    run = feed(OPEN + bdat(message[:2000000], False) + bdat(message[2000000:])
               + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert codes(run.stdout)[-2:] == ["250 2.0.0", "221 2.0.0"]
    assert server.message == message


BINARY = bytes(range(256)) * 300 + b"\r\n--b\n\n.\n--b--\r"
HEAD = (b"From: alice@example.org\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/%s; boundary=b\r\n\r\n"
        b"--b\r\n\r\ntext\r\n--b\r\nContent-Type: image/png\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n")
BINARY_OPEN = OPEN.replace(b"org>\r\n", b"org> BODY=BINARYMIME\r\n", 1)


@pytest.mark.parametrize("keywords", [
    (), ("8BITMIME",), ("8BITMIME", "CHUNKING", "BINARYMIME")])
def test_binary_parts_keep_every_octet(server, feed, keywords):
    server.replies["chunk"] = receive_last_chunk(server)
    chunking = "CHUNKING" in keywords
    message = HEAD % b"mixed" + BINARY + b"\r\n--b--\r\n"
    run = feed(BINARY_OPEN + bdat(message[:999], False) + bdat(message[999:])
               + b"QUIT\r\n",
               lines(greet(*keywords), ENVELOPE,
                     "C: BDAT * LAST\nREPLY chunk" if chunking
                     else DATA + "\n" + ACCEPTED, QUIT))
    assert run.status == 0, run
    parts = email.message_from_bytes(server.message).get_payload()
    assert parts[0].get_payload() == "text"
    assert parts[1].get_payload(decode=True) == BINARY
    assert parts[1]["Content-Transfer-Encoding"] == "base64"


def test_binary_data_in_a_signed_part_is_rejected(server, feed):
    run = feed(BINARY_OPEN
               + bdat(HEAD % b"signed" + BINARY + b"\r\n--b--\r\n")
               + b"QUIT\r\n", lines(greet(), ENVELOPE, QUIT))
    assert codes(run.stdout)[-2:] == ["554 5.6.1", "221 2.0.0"]
    assert "must not be encoded" in run.stdout


@pytest.mark.parametrize("keywords", [(), ("8BITMIME",)])
@pytest.mark.parametrize("send", ["DATA", "BDAT"])
def test_binary_parts_keep_every_octet_without_binarymime(
        server, feed, send, keywords):
    """A client should not send them so, but what it sends is clear.

    There, an LF alone ends a line that is a dot or a delimiter.
    """
    octets = BINARY.replace(b"\n.\n", b"\n,\n").replace(b"--b", b"--c")
    message = HEAD % b"mixed" + octets + b"\r\n--b--\r\n"
    data = (b"DATA\r\n" + message + b".\r\n" if send == "DATA"
            else bdat(message[:999], False) + bdat(message[999:]))
    run = feed(OPEN + data + b"QUIT\r\n",
               lines(greet(*keywords), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert run.status == 0, run
    parts = email.message_from_bytes(server.message).get_payload()
    assert parts[1].get_payload(decode=True) == octets


def test_binary_data_in_a_signed_part_in_data_is_rejected(server, feed):
    run = feed(OPEN + b"DATA\r\n" + HEAD % b"signed"
               + b"\0\r\n--b--\r\n.\r\nQUIT\r\n",
               lines(greet(), ENVELOPE, QUIT))
    assert codes(run.stdout)[-2:] == ["554 5.6.1", "221 2.0.0"]
    assert "encode it as base64" in run.stdout


def test_chunks_of_a_rejected_message_are_not_commands(server, feed):
    run = feed(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<a@example.org>\r\n"
               + bdat(WHOLE, False) + bdat(WHOLE) + b"QUIT\r\n",
               lines(greet(), MAIL, """
                   C: RCPT TO:<a@example.org>
                   S: 550 5.1.1 no
               """, QUIT))
    assert codes(run.stdout) == ["220", "250 2.1.0", "550 5.1.1", "554 5.5.1",
                                 "503 5.5.1", "221 2.0.0"]


def test_a_signed_message_with_long_lines_in_data_is_not_sent_as_binary(
        feed, server):
    """A client that has not declared BINARYMIME in MAIL sends no such lines."""
    message = (b"From: alice@example.org\r\n"
               b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n"
               + b"x" * 5000 + b"\r\n--b--\r\n")
    run = feed(OPEN + b"DATA\r\n" + message + b".\r\nQUIT\r\n",
               lines(greet("8BITMIME", "CHUNKING", "BINARYMIME"), """
        C: MAIL FROM:<alice@example.org> BODY=8BITMIME
        S: 250 ok
    """, RCPT, DATA, ACCEPTED, QUIT))
    assert run.status == 0, run
    assert max(map(len, server.message.split(b"\r\n"))) <= 998
    assert "were broken" in run.log
