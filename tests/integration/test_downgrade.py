# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages are encoded for servers without 8BITMIME, and if lines are long.

Python's email parser must find the same content before and after.
"""

import email
import email.policy
import os
import re

import pytest

from dialogue import ACCEPTED, DATA, ENVELOPE, QUIT, SEND, greet, lines

ACCEPTS = lines(ENVELOPE, DATA, ACCEPTED, QUIT)
UMLAUTS = "Grüße aus Köln, 100 % = fertig. \n.\nFrom me\n"


def parse(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def leaves(message):
    """Returns the type, the name and the decoded content of each part."""
    return [(part.get_content_type(), part.get_filename(),
             part.get_payload(decode=True).replace(b"\r\n", b"\n"))
            for part in message.walk() if not part.is_multipart()]


def text_message(text, charset="utf-8"):
    return ("To: bob@example.org\nSubject: Grüße\nMIME-Version: 1.0\n"
            f"Content-Type: text/plain; charset={charset}\n"
            "Content-Transfer-Encoding: 8bit\n\n").encode() + text


def mixed(*parts, kind="mixed"):
    body = b"".join(b"--=_b\n" + part + b"\n" for part in parts)
    return (f"Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/{kind};\n"
            ' boundary="=_b"\n\n').encode() + body + b"--=_b--\n"


def part(kind, content, *fields):
    head = [f"Content-Type: {kind}", "Content-Transfer-Encoding: 8bit",
            *fields]
    return "\n".join(head).encode() + b"\n\n" + content


MESSAGES = {
    "text": text_message(UMLAUTS.encode()),
    "latin": text_message("Grüße\n".encode("latin-1"), "iso-8859-1"),
    "cyrillic": text_message("привет мир\n".encode() * 2000),
    "mixed": mixed(
        part("text/plain; charset=utf-8", UMLAUTS.encode()),
        part("text/html; charset=utf-8", "<p>plain</p>\n".encode()),
        part('image/png; name="bär.png"', (bytes(range(128, 256)) + b"\n") * 40,
             'Content-Disposition: attachment; filename="bär.png"')),
    "nested": mixed(
        b"Content-Type: multipart/alternative; boundary=i\n\n--i\n"
        + part("text/plain; charset=utf-8", UMLAUTS.encode())
        + b"\n--i\n" + part("text/html; charset=utf-8", "ß".encode())
        + b"\n--i--\n",
        part("message/rfc822", text_message(UMLAUTS.encode()))),
    "large": text_message((UMLAUTS * 60000).encode()),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_without_8bitmime_a_message_is_sent_in_ascii(submit, server, name):
    message = MESSAGES[name]
    server.play(lines(greet("PIPELINING"), ACCEPTS))
    run = submit("-i", *SEND, stdin=message)
    assert (run.status, run.stderr) == (os.EX_OK, "")
    assert server.message.isascii()
    assert int(run.fields["size"]) == len(server.message)
    assert max(map(len, server.message.split(b"\r\n"))) <= 998
    before, after = parse(message), parse(server.message)
    assert leaves(after) == leaves(before)
    assert after["Subject"] == before["Subject"]


@pytest.mark.parametrize("name", ["text", "mixed"])
def test_with_8bitmime_nothing_is_encoded(submit, server, name):
    message = MESSAGES[name]
    server.play(lines(greet("8BITMIME"), ACCEPTS))
    assert submit("-i", *SEND, stdin=message).status == os.EX_OK
    assert server.message.endswith(
        message.split(b"\n\n", 1)[1].replace(b"\n", b"\r\n"))


def test_size_is_the_size_of_the_encoded_message(submit, server):
    server.play(lines(greet("SIZE 1000000"), """
        C: MAIL FROM:<alice@example.org> SIZE=*
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    assert submit("-i", *SEND, stdin=MESSAGES["mixed"]).status == os.EX_OK
    size = re.search(rb" SIZE=(\d+)", server.clear)
    assert int(size[1]) == len(server.message)


@pytest.mark.parametrize("kind", ["signed", "encrypted"])
def test_a_signed_or_encrypted_message_is_rejected_and_not_changed(
        submit, server, kind):
    server.play(lines(greet(), QUIT))
    run = submit("-i", *SEND, stdin=mixed(part("text/plain", "ß".encode()),
                                          kind=kind))
    assert run.status == os.EX_DATAERR
    assert "8BITMIME" in run.stderr


def test_a_signed_message_in_ascii_is_sent_unchanged(submit, server):
    message = mixed(part("text/plain", b"a =b \n"), kind="signed")
    server.play(lines(greet(), ACCEPTS))
    assert submit("-i", *SEND, stdin=message).status == os.EX_OK
    assert server.message.endswith(
        message.split(b"\n\n", 1)[1].replace(b"\n", b"\r\n"))


LONG_LINES = {
    "cron": b"Subject: x\n\n" + b"x" * 5000 + b"\nend\n",
    "log": b"Subject: x\n\n" + b"word " * 5000 + b"\nend\n",
    "umlauts": "Subject: x\n\n".encode() + "ä".encode() * 5000 + b"\n",
    "html": mixed(part("text/html", b"<p>" * 5000)),
    "data": mixed(part("application/octet-stream", b"\1" * 5000)),
    "base64": b"MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n"
              + b"YWJj" * 5000 + b"\n",
}


@pytest.mark.parametrize("name", LONG_LINES)
def test_long_lines_are_encoded(submit, server, name):
    message = LONG_LINES[name]
    server.play(lines(greet("8BITMIME"), ACCEPTS))
    run = submit("-i", *SEND, stdin=message)
    assert (run.status, run.stderr) == (os.EX_OK, "")
    assert max(map(len, server.message.split(b"\r\n"))) <= 998
    assert ([leaf[2] for leaf in leaves(parse(server.message))]
            == [leaf[2] for leaf in leaves(parse(message))])


def test_long_lines_in_a_signed_part_are_broken(submit, server):
    message = mixed(part("text/plain", b"word " * 1000), kind="signed")
    server.play(lines(greet(), ACCEPTS))
    assert submit("-i", *SEND, stdin=message).status == os.EX_OK
    assert max(map(len, server.message.split(b"\r\n"))) <= 998
    assert server.message.count(b"word ") == 1000
    assert b"quoted-printable" not in server.message


def test_long_header_lines_are_folded(submit, server):
    addresses = ", ".join(f"user{n}@example.org" for n in range(500))
    message = f"To: {addresses}\nSubject: {'x' * 3000}\n\nx\n".encode()
    server.play(lines(greet(), ACCEPTS))
    assert submit("-i", *SEND, stdin=message).status == os.EX_OK
    assert max(map(len, server.message.split(b"\r\n"))) <= 998
    after = parse(server.message)
    assert after["To"] == addresses
    assert after["Subject"].replace(" ", "") == "x" * 3000
