# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Python's email parser finds in a message is what the server got.

Each message is sent to three kinds of server.  It arrives with the same
content of each part and the same text around the parts, or it is rejected with
the reason.
"""

import email
import email.policy
import itertools
import os
import quopri

import pytest

from dialogue import (
    ACCEPTED, DATA, ENVELOPE, QUIT, SEND, greet, lines, receive_last_chunk)

SERVERS = {
    "everything": ("8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME"),
    "8BITMIME": ("8BITMIME",),
    "nothing": (),
}
HEAD = (b"From: alice@example.org\nTo: bob@example.org\nSubject: x\n"
        b"MIME-Version: 1.0\n")
UMLAUTS = "Grüße aus Köln: 100 %? = fertig\n".encode()
CTE = b"Content-Transfer-Encoding: "


def parse(data):
    return email.message_from_bytes(data, policy=email.policy.compat32)


def leaves(message):
    """Returns the main type and the content, with LF, of each part."""
    return [(part.get_content_maintype(),
             part.get_payload(decode=True).replace(b"\r\n", b"\n"))
            for part in message.walk() if not part.is_multipart()]


def assert_same_content(before, after):
    """A multipart without parts is one text, also after its last line."""
    before, after = leaves(before), leaves(after)
    assert len(before) == len(after)
    for (kind, one), (_, other) in zip(before, after):
        if kind == "multipart":
            assert other.startswith(one.rstrip(b"\n"))
        else:
            assert other == one


def surroundings(message):
    """Returns the text before and after the parts of each multipart."""
    texts = [(part.preamble or "", part.epilogue or "")
             for part in message.walk() if part.is_multipart()]
    return [text.encode("utf-8", "surrogateescape").replace(b"\r\n", b"\n")
            .strip(b"\n") for text in itertools.chain.from_iterable(texts)]


def send(submit, server, message, kind):
    """Sends the message; returns the result and what the server got."""
    server.message = None
    if "CHUNKING" in SERVERS[kind]:
        server.replies["whole"] = receive_last_chunk(server)
        receive = lines("C: BDAT * LAST", "REPLY whole", QUIT)
    else:
        receive = lines(DATA, ACCEPTED, QUIT)
    server.play(lines(greet(*SERVERS[kind]), ENVELOPE, receive))
    run = submit("-i", *SEND, stdin=message)
    return run, server.message


def assert_rejected(submit, server, message, kind, status):
    server.play(lines(greet(*SERVERS[kind]), QUIT))
    run = submit("-i", *SEND, stdin=message)
    assert run.status == os.EX_DATAERR, run
    assert f"status={status}" in run.log
    return run.stderr


def assert_same_text(before, after):
    """The text is the same, or quoted-printable."""
    assert len(before) == len(after)
    for one, other in zip(before, after):
        assert other == one or quopri.decodestring(other) == one


def mixed(*parts, kind="mixed", before=b"", after=b"", fields=b""):
    body = b"".join(b"\n--=_b\n" + part for part in parts)
    return (HEAD + b'Content-Type: multipart/%s; boundary="=_b"\n'
            % kind.encode() + fields + b"\n" + before + body + b"\n--=_b--\n"
            + after)


def part(kind, octets, encoding=b"8bit"):
    return b"Content-Type: %s\n%s%s\n\n%s" % (kind, CTE, encoding, octets)


TEXT = part(b"text/plain; charset=utf-8", UMLAUTS)
REPORT = b"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; x@y\n"
CONVERTED = {
    "a mistyped delimiter": mixed(TEXT).replace(b"\n--=_b", b"\n--_=b"),
    "an escaped delimiter": mixed(TEXT).replace(b"\n--=_b", b"\n\\--=_b"),
    "only an end of parts": mixed(before=UMLAUTS),
    "a preamble": mixed(TEXT, before=UMLAUTS),
    "an epilogue": mixed(TEXT, after=UMLAUTS),
    "a second end": mixed(TEXT, after=b"--=_b\n\n" + UMLAUTS + b"--=_b--\n"),
    "a wrong boundary inside": mixed(
        b"Content-Type: multipart/alternative; boundary=i\n\n--j\n" + TEXT
        + b"\n--j--\n", TEXT),
    "no end inside": mixed(
        b"Content-Type: multipart/alternative; boundary=i\n\n--i\n" + TEXT,
        TEXT),
    "text around inner parts": mixed(
        b"Content-Type: multipart/alternative; boundary=i\n\n" + UMLAUTS
        + b"--i\n" + TEXT + b"\n--i--\n" + UMLAUTS),
    "the same boundary inside": mixed(
        b'Content-Type: multipart/alternative; boundary="=_b"\n\n--=_b\n'
        + TEXT, TEXT),
    "a multipart declared as base64": mixed(TEXT, fields=CTE + b"base64\n"),
    "a multipart declared as unknown": mixed(TEXT, fields=CTE + b"x-y\n"),
    "an enclosed message": mixed(
        b"Content-Type: message/rfc822\n" + CTE + b"8bit\n\n"
        b"Subject: x\nMIME-Version: 1.0\n" + TEXT),
    "an mbox line in an enclosed message": mixed(
        b"Content-Type: message/rfc822\n\nFrom alice Mon Jan  1 00:00:00 2024\n"
        b"Subject: x\nMIME-Version: 1.0\n" + TEXT),
    "a delivery status in ASCII": mixed(
        TEXT, part(b"message/delivery-status", REPORT), kind="report"),
    "8-bit octets in the header of a part": mixed(
        b"Content-Description: " + UMLAUTS + TEXT),
    "text that looks like a delimiter when it is encoded": (
        mixed(part(b"text/plain", UMLAUTS + b"--=_b=3D\n--a=\n"
                   + b"x" * 75 + b"--a=3D\n" + b"y" * 75 + b"--a=3D--"))
        .replace(b'"=_b"', b'"a=3D"').replace(b"\n--=_b\n", b"\n--a=3D\n")
        .replace(b"\n--=_b--\n", b"\n--a=3D--\n")),
    "invalid quoted-printable": mixed(
        part(b"text/plain", b"=\xc3\xa4 =C3=A4 = =4\xff\n=\n\xc3\n",
             b"quoted-printable")),
    **{f"encoding {name}": mixed(part(b"text/plain", UMLAUTS, name.encode()))
       for name in ("8 bit", "8-bit", "8bits", "plain", "none", "7-bit",
                    '"8bit"', "8bit;", "8bit (of course)", "(x) 8BIT", "")},
}
REJECTED = {
    "an unknown encoding": (
        mixed(part(b"text/plain", UMLAUTS, b"x-y")),
        "part 1 of the message (text/plain)", "is unknown"),
    "text that is declared as base64": (
        mixed(TEXT, part(b"text/plain", UMLAUTS, b"base64")),
        "part 2 of the message (text/plain)", "declared as base64"),
    "a boundary that is missing": (
        HEAD + b"Content-Type: multipart/mixed\n\n" + UMLAUTS,
        "the message (multipart/mixed)", "boundary"),
    "a signed part": (
        mixed(TEXT, kind="signed"), "part 1 of the message", "signed"),
    "a signed message without delimiters": (
        mixed(before=UMLAUTS, kind="signed"), "the message", "signed"),
    "an enclosed message that is declared as quoted-printable": (
        mixed(b"Content-Type: message/rfc822\n" + CTE
              + b"quoted-printable\n\n" + HEAD + b"\n" + UMLAUTS),
        "part 1 of the message (message/rfc822)", "declare it as 8bit"),
    **{kind: (mixed(TEXT, part(kind.encode(), REPORT + b"\nX: \xc3\xa4\n")),
              f"part 2 of the message ({kind})", "its type forbids")
       for kind in (
           "message/delivery-status", "message/global-delivery-status",
           "message/disposition-notification", "message/external-body",
           "message/partial", "text/rfc822-headers")},
}


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("name", CONVERTED)
def test_all_contents_arrive(submit, server, name, kind):
    message = CONVERTED[name]
    run, got = send(submit, server, message, kind)
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    if kind == "nothing":
        assert got.isascii()
        assert all(field.strip().lower() in (
            "7bit", "base64", "quoted-printable")
            for one in parse(got).walk()
            for field in one.get_all("Content-Transfer-Encoding", []))
    else:
        assert got.endswith(
            message.partition(b"\n\n")[2].replace(b"\n", b"\r\n"))
    before, after = parse(message), parse(got)
    assert_same_content(before, after)
    assert_same_text(surroundings(before), surroundings(after))


@pytest.mark.parametrize("name", REJECTED)
def test_what_cannot_be_encoded_is_rejected_with_place_and_reason(
        submit, server, name):
    message, place, reason = REJECTED[name]
    said = assert_rejected(submit, server, message, "nothing", "5.6.3")
    assert place in said
    assert reason in said


@pytest.mark.parametrize("kind", ["everything", "8BITMIME"])
@pytest.mark.parametrize("name", REJECTED)
def test_what_cannot_be_encoded_is_sent_unchanged_to_other_servers(
        submit, server, name, kind):
    message = REJECTED[name][0]
    run, got = send(submit, server, message, kind)
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert got.endswith(
        message.partition(b"\n\n")[2].replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("octets", [b"x" * 3000, UMLAUTS[:-1] * 100],
                         ids=["ASCII", "8 bit"])
@pytest.mark.parametrize("where", ["part", "preamble", "undivided"])
def test_long_lines_arrive_without_loss(submit, server, where, octets, kind):
    octets += b"\n"
    message = {
        "part": mixed(part(b"text/plain", octets)),
        "preamble": mixed(TEXT, before=octets),
        "undivided": mixed(before=octets),
    }[where]
    run, got = send(submit, server, message, kind)
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert max(map(len, got.split(b"\r\n"))) <= 998
    before, after = parse(message), parse(got)
    assert_same_content(before, after)
    assert_same_text(surroundings(before), surroundings(after))
