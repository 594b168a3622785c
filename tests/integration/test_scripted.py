# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripted server detects a client that does not follow the transcript."""

import base64
import smtplib
import socket
import urllib.parse

import pytest

from program import SECRET, encoded_forms
from scripted import ScriptedServer, TranscriptError, matches

# smtplib writes these verbs, and in some versions FROM and TO, in lower case.
WHOLE = """
    S: 220 mx.example ESMTP
    C: ehlo *
    S: 250-mx.example
    S: 250 8BITMIME
    C: mail *<a@example.org>*
    S: 250 ok
    C: rcpt *<b@example.org>
    S: 250 ok
    C: data
    S: 354 go on
    BODY
    S: 250 accepted
    C: QUIT
    S: 221 bye
"""


def send(server, text="Subject: x\n\n.dot\n"):
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        client.sendmail("a@example.org", "b@example.org", text)


def exchange(server, *sent, half=True):
    """Reads a line before each item and sends it; returns the remaining input.

    half: closes the sending direction at the end.
    """
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        lines = client.makefile("rb")
        for data in sent:
            lines.readline()
            client.sendall(data)
        if half:
            client.shutdown(socket.SHUT_WR)
        return lines.read()


def test_a_complete_dialogue_passes(server):
    server.play(WHOLE)
    send(server)
    server.finish()
    assert server.message == b"Subject: x\r\n\r\n.dot\r\n"
    assert b"\r\n..dot\r\n" in server.stuffed
    assert server.accepted == 1
    assert b"<a@example.org>" in server.clear


def test_a_wrong_line_fails_with_its_number(server):
    server.play("S: 220 hello\nC: EHLO client.example\nS: 250 ok")
    exchange(server, b"EHLO other.example\r\n")
    with pytest.raises(TranscriptError, match="line 2: .*other.example"):
        server.finish()


def test_a_missing_line_fails(server):
    server.play("S: 220 hello\nC: EHLO *\nS: 250 ok\nC: QUIT")
    exchange(server, b"EHLO x\r\n")
    with pytest.raises(TranscriptError, match="line 4"):
        server.finish()


def test_bytes_after_the_end_fail(server):
    server.play("S: 220 hello\nC: QUIT\nS: 221 bye")
    exchange(server, b"QUIT\r\nNOOP\r\n")
    with pytest.raises(TranscriptError, match="NOOP"):
        server.finish()


def test_bytes_sent_before_the_reply_fail(server):
    server.play("S: 220 hello\nC: EHLO *\nNOTHING\nS: 250 ok\nC: QUIT")
    exchange(server, b"EHLO x\r\nQUIT\r\n")
    with pytest.raises(TranscriptError, match="line 3: .*QUIT"):
        server.finish()


@pytest.mark.parametrize("end", ["release", "finish"])
def test_a_server_is_held_until_the_test_lets_it_go(server, end):
    server.play("S: 220 hello\nHOLD\nS: 220 again\nEVENT\nC: QUIT")
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        assert client.recv(100) == b"220 hello\r\n"
        assert not server.reached.wait(0.2)
        client.sendall(b"QUIT\r\n")
        if end == "release":
            server.release()
            assert server.reached.wait(60)
        client.shutdown(socket.SHUT_WR)
        server.finish()
        assert server.reached.is_set()


def test_a_bare_line_feed_fails(server):
    server.play("S: 220 hello\nC: QUIT")
    exchange(server, b"QUIT\n")
    with pytest.raises(TranscriptError, match="bare LF"):
        server.finish()


def test_a_missing_and_an_unexpected_connection_fail(server):
    server.play("S: 220 hello")
    with pytest.raises(TranscriptError, match="no connection"):
        server.finish()
    other = ScriptedServer()
    other.play()
    exchange(other)
    with pytest.raises(TranscriptError, match="unexpected connection"):
        other.finish()


def test_raw_bytes_and_resets_arrive_as_written(server):
    server.play("RAW 220 h\\x00\\xffi\\n\nCLOSE", "S: 220 hello\nC: DATA\nRST")
    assert exchange(server) == b"220 h\x00\xffi\n"
    with pytest.raises(ConnectionResetError):
        exchange(server, b"DATA\r\n", half=False)
    server.finish()


def test_only_a_2yz_final_reply_counts_as_accepted(server):
    server.play(WHOLE.replace(
        "S: 250 accepted", "S: 550 no\n    C: rset\n    S: 250 ok"))
    with pytest.raises(smtplib.SMTPDataError):
        send(server)
    server.finish()
    assert server.accepted == 0


@pytest.mark.parametrize("pattern, line, fits", [
    ("EHLO *", "EHLO x", True),
    ("EHLO *", "HELO x", False),
    (r"\*", "*", True),
    (r"\*", "x", False),
    ("MAIL FROM:<a> SIZE=*", "MAIL FROM:<a> SIZE=12", True),
    ("MAIL FROM:<a> SIZE=*", "MAIL FROM:<b> SIZE=12", False),
    ("A.C", "ABC", False),
])
def test_patterns_match(pattern, line, fits):
    assert matches(pattern, line) is fits


@pytest.mark.parametrize("hide", [
    lambda secret: secret,
    lambda secret: base64.b64encode(secret),
    lambda secret: base64.b64encode(b"\0bob\0" + secret),
    lambda secret: base64.b64encode(b"\0bob@example.org\0" + secret + b"\1"),
    lambda secret: base64.b64encode(b"to" + secret + b"\1\1"),
    lambda secret: urllib.parse.quote(secret).replace("/", "%2F").encode(),
    lambda secret: secret.hex().encode(),
])
def test_a_secret_is_found_in_each_encoding(hide):
    text = b"535 5.7.8 bad: " + hide(SECRET.encode()) + b" indeed"
    assert any(form in text for form in encoded_forms([SECRET]))
