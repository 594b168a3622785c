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
           "message/delivery-status", "message/disposition-notification",
           "message/external-body", "message/partial",
           "text/rfc822-headers")},
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


# Content that is declared as binary

OCTETS = {
    "all octets": bytes(range(256)) * 3,
    "a NUL": b"a\0b",
    "only NULs": bytes(70000),
    "a CR": b"a\rb",
    "CRs at both ends": b"\r\ra\r\r",
    "CRLF and LF": b"a\r\nb\nc\n",
    "NULs between CR and LF": b"\0\r\0\na\r\0b\0",
    "line ends only": b"\n\r\n\r\r\n\n",
    "a PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01",
    "lines without an end": b"\0" + b"x\n" * 50000 + b"y",
    "dots": b"\0\n.\r\n..\n.\0\n.x\n",
}
LABELS = [b"binary", b"BINARY", b'"Binary"; x', b"(exact) binary (octets)"]


def octets_of(data):
    return [part.get_payload(decode=True) for part in parse(data).walk()
            if not part.is_multipart()]


def binary_message(octets, label=b"binary", end=b"\n"):
    """Returns a message with text and binary parts, whose lines end so."""
    binary = part(b"application/octet-stream", b"\1", label)
    message = mixed(TEXT, binary, TEXT).replace(b"\n", end)
    return message.replace(b"\1", octets)


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("name", OCTETS)
def test_all_octets_of_a_binary_part_arrive(submit, server, name, end, kind):
    message = binary_message(OCTETS[name], end=end)
    run, got = send(submit, server, message, kind)
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert "NULs were removed" not in run.log
    before, text = octets_of(got)[1], octets_of(got)[0]
    assert before == OCTETS[name]
    assert text == UMLAUTS.replace(b"\n", b"\r\n")
    assert b"binary" not in got.partition(b"\r\n\r\n")[2].lower()


@pytest.mark.parametrize("name", OCTETS)
def test_all_octets_of_a_binary_message_arrive(submit, server, name):
    message = (HEAD + b"Content-Type: image/x\n" + CTE + b"binary\n\n"
               + OCTETS[name])
    run, got = send(submit, server, message, "8BITMIME")
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert octets_of(got) == [OCTETS[name]]


@pytest.mark.parametrize("octets", [
    b"a\nb\n", b"a\nb", b"a", b"\n\n", b"\xff\n" * 50000],
    ids=["lines", "no end", "no line", "empty lines", "8 bit"])
@pytest.mark.parametrize("where", ["message", "part"])
def test_line_ends_of_binary_data_do_not_change(submit, server, octets, where):
    """As in all other messages, an LF would become CRLF."""
    data = b"Content-Type: image/x\n" + CTE + b"binary\n\n" + octets
    message = (HEAD + data if where == "message"
               else mixed(data, fields=CTE + b"binary\n"))
    run, got = send(submit, server, message, "8BITMIME")
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert octets_of(got) == [octets]
    assert b"binary" not in got


@pytest.mark.parametrize("label", LABELS)
def test_the_label_may_be_spelled_in_any_way(submit, server, label):
    run, got = send(submit, server, binary_message(b"\0\r", label), "nothing")
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert octets_of(got)[1] == b"\0\r"


@pytest.mark.parametrize("size", [
    65100, *range(65533, 65540), 200000, 3000000])
def test_octets_far_behind_the_label_arrive(submit, server, size):
    """The label and the octets are read at different times."""
    label = binary_message(b"").index(b"binary")
    octets = b"x" * (size - label) + b"\n\0\r\n\n\r"
    run, got = send(submit, server, binary_message(octets), "8BITMIME")
    assert run.status == os.EX_OK, run
    assert octets_of(got)[1] == octets


@pytest.mark.parametrize("place", range(65536 - 7, 65536 + 2))
def test_a_label_across_blocks_is_found(submit, server, place):
    octets = b"\0" + bytes(range(256))
    message = binary_message(octets)
    fill = b"y" * (place - message.index(b"binary"))
    fill = b"\nX: y".join(fill[i:i + 100] for i in range(0, len(fill), 105))
    message = message.replace(b"Subject: x", b"Subject: x" + fill)
    message = message.replace(
        b"Subject: x", b"Subject: x" + b"z" * (place - message.index(b"binary")))
    assert message.index(b"binary") == place
    run, got = send(submit, server, message, "8BITMIME")
    assert run.status == os.EX_OK, run
    assert octets_of(got)[1] == octets


def test_stuffed_dots_are_no_octets(submit, server):
    octets = b"\0\n.x\n.\r\ry\n..\n\r.z"
    message = binary_message(octets).replace(b"\n.", b"\n..")
    server.play(lines(greet("8BITMIME"), ENVELOPE, DATA, ACCEPTED, QUIT))
    run = submit(*SEND, stdin=message + b".\nignored \0\r\n")
    assert run.status == os.EX_OK, run
    assert octets_of(server.message)[1] == octets


def test_several_binary_parts_arrive(submit, server):
    message = mixed(*[part(b"image/x", OCTETS[name], b"binary")
                      for name in OCTETS])
    run, got = send(submit, server, message, "nothing")
    assert run.status == os.EX_OK, run
    assert octets_of(got) == list(OCTETS.values())


def test_long_header_lines_beside_binary_parts_are_folded(submit, server):
    message = mixed(part(b"image/x", b"\0", b"binary"),
                    b"X-Long: " + b"word " * 1000 + b"\n" + TEXT)
    run, got = send(submit, server, message, "8BITMIME")
    assert run.status == os.EX_OK, run
    assert max(map(len, got.split(b"\r\n"))) <= 998
    assert octets_of(got)[0] == b"\0"


def test_a_binary_text_of_lines_stays_text(submit, server):
    message = mixed(part(b"text/plain; charset=utf-8", UMLAUTS, b"binary"),
                    part(b"image/x", b"\0", b"binary"))
    run, got = send(submit, server, message, "8BITMIME")
    assert run.status == os.EX_OK, run
    assert octets_of(got) == [UMLAUTS.replace(b"\n", b"\r\n"), b"\0"]
    assert b"binary" not in got


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("message", [
    mixed(part(b"image/x", b"\0", b"binary"), kind="signed"),
    mixed(part(b"message/partial", b"\0", b"binary")),
    mixed(before=b"a\rb", fields=CTE + b"binary\n"),
    HEAD + CTE + b"binary\n" + b"text at once \0\n",
], ids=["signed", "partial", "undivided", "no empty line"])
def test_binary_content_that_must_not_be_encoded_is_rejected(
        submit, server, message, kind):
    run = submit("-i", *SEND, stdin=message)
    assert run.status == os.EX_DATAERR, run
    assert "status=5.6.1" in run.log
    assert "declared as binary" in run.stderr
    assert "encode it as base64" in run.stderr


def test_nuls_and_crs_elsewhere_are_handled_as_before(submit, server):
    """Only content that is declared as binary has exact octets."""
    message = mixed(part(b"text/plain", b"a\0b\rc\n", b"7bit"),
                    part(b"text/plain", b"binary\r\n"))
    run, got = send(submit, server, message, "nothing")
    assert run.status == os.EX_OK, run
    assert octets_of(got) == [b"ab\r\nc\r\n", b"binary\r\n"]
    assert "1 NULs were removed" in run.log


# Hostile structures: with quadratic time, these tests would not end.

def nested(depth, last):
    """Returns multiparts in multiparts, whose boundaries begin alike."""
    head = b"Content-Type: multipart/mixed; boundary=\"%s\"\n\n--%s\n"
    names = [b"b" * 240 + b"%02d" % n for n in range(depth)]
    return (HEAD + b"".join(head % (name, name) for name in names)
            + b"Content-Type: text/plain\n\n" + last)


HOSTILE = {
    "prefixes of many boundaries": nested(
        64, (b"--" + b"b" * 240 + b"xx\n") * 20000 + UMLAUTS),
    "deeper than the limit": nested(
        63, UMLAUTS).replace(b"\n\n" + UMLAUTS, b"") + nested(
            63, UMLAUTS)[len(HEAD):],
    "many parts": mixed(*[b"\n\xc3\xa4"] * 200000),
    "many messages in messages": (
        HEAD + b"Content-Type: message/rfc822\n\n" * 50000 + UMLAUTS),
    "many preambles": mixed(*[
        b"Content-Type: multipart/mixed; boundary=a\n\n" + UMLAUTS
        + b"--a\n\n--a--\n"] * 30000),
    "many multiparts without delimiters": mixed(*[
        b"Content-Type: multipart/mixed; boundary=a\n\n" + UMLAUTS] * 30000),
    "many fields": mixed(b"X: y\n" * 40000 + TEXT),
    "many binary parts with CRs": mixed(*[
        part(b"image/x", b"\r" * 20 + b"\0", b"binary")] * 30000),
    "a run of CRs": mixed(*[part(b"image/x", b"\r" * 3000000, b"binary")] * 2),
    "a run of NULs": mixed(part(b"image/x", b"b" + b"\0" * 8000000, b"binary")),
    "a dot before NULs": mixed(
        part(b"image/x", b"x\n.", b"binary"), UMLAUTS) + b"b\0" * 3000000,
    "CRs everywhere, the label last": (
        mixed(before=b"x\ry\0b\n" * 1000000) + CTE + b"binary\n"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_structures_take_linear_time(submit, server, name):
    message = HOSTILE[name]
    server.play(lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT), optional=True)
    run = submit("-i", *SEND, stdin=message)
    assert run.seconds < 60, run
    assert run.status in (os.EX_OK, os.EX_DATAERR), run
