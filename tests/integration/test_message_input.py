# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message on standard input, well-formed or not."""

import os
import re
import subprocess

import pytest

from dialogue import (ACCEPTED, DATA, MAIL, MESSAGE_ACCEPTED, QUIT, SEND,
                      greet, lines)
from program import MESSAGE, short

HEAD, _, BODY = MESSAGE.partition(b"\n\n")
ACCEPTS_8BIT = lines(greet("8BITMIME"), MESSAGE_ACCEPTED)


@pytest.fixture
def deliver(submit, server):
    """Sends the input and returns the header and the body that arrived."""

    def deliver(stdin, *argv):
        server.play(ACCEPTS_8BIT)
        run = submit(*argv, *SEND, stdin=stdin)
        assert run.status == 0, run
        head, mark, body = server.message.partition(b"\r\n\r\n")
        assert mark, "no empty line between header and body"
        for line in (head + mark + body).split(b"\r\n"):
            assert b"\r" not in line and b"\n" not in line
        return head + b"\r\n", body

    return deliver


@pytest.mark.parametrize("sent, received", [
    (b"a\nb\n", b"a\r\nb\r\n"),
    (b"a\r\nb\r\n", b"a\r\nb\r\n"),
    (b"a\r\r\nb\n", b"a\r\nb\r\n"),
    (b"a\rb\n", b"a\r\nb\r\n"),
    (b"a\nb", b"a\r\nb\r\n"),
    (b"a\nb\r", b"a\r\nb\r\n"),
    (b"a\n.", b"a\r\n.\r\n"),
    (b"a\n.\nb\n", b"a\r\n.\r\nb\r\n"),
    (b"..\n", b"..\r\n"),
    (b"a\0b\0\n", b"ab\r\n"),
    (b"\n\n", b"\r\n\r\n"),
    (b"", b""),
    (b"\xff\xfe\n", b"\xff\xfe\r\n"),
    (b".\r\nMAIL FROM:<evil@example.org>\r\n",
     b".\r\nMAIL FROM:<evil@example.org>\r\n"),
    (b"a\r.\r\nb\n", b"a\r\n.\r\nb\r\n"),
], ids=short)
def test_with_i_a_lone_dot_does_not_end_the_body(deliver, sent, received):
    _, body = deliver(HEAD + b"\n\n" + sent, "-i")
    assert body == received


@pytest.mark.parametrize("sent, received", [
    (b"a\n.\nb\n", b"a\r\n"),
    (b"a\n.\r\nb\n", b"a\r\n"),
    (b"a\n.", b"a\r\n"),
    (b".\nQUIT\n", b""),
    (b"a\n..\nb\n", b"a\r\n.\r\nb\r\n"),
    (b"..a\n...b\n", b".a\r\n..b\r\n"),
    (b"a\n.b\n", b"a\r\n.b\r\n"),
    (b"a\n. \nb\n", b"a\r\n. \r\nb\r\n"),
], ids=short)
def test_without_i_a_lone_dot_ends_the_body(deliver, sent, received):
    _, body = deliver(HEAD + b"\n\n" + sent)
    assert body == received


def test_discarded_text_after_a_lone_dot_is_noted_in_the_log(submit, server):
    server.play(ACCEPTS_8BIT)
    run = submit(*SEND, stdin=MESSAGE + b".\nlost\n" + b"x\n" * 100000)
    assert run.status == 0, run
    assert "dot" in run.log
    assert b"lost" not in server.received


@pytest.mark.parametrize("option", ["-oi", "-oitrue"])
def test_oi_has_the_meaning_of_i(deliver, option):
    _, body = deliver(MESSAGE + b".\nmore\n", option)
    assert body.endswith(b".\r\nmore\r\n")


def test_missing_fields_are_added(deliver):
    head, body = deliver(b"Subject: x\n\ntext\n")
    assert re.search(rb"(?m)^Date: \w{3}, \d+ \w{3} \d{4} \d\d:\d\d:\d\d "
                     rb"[+-]\d{4}\r$", head)
    assert re.search(rb"(?m)^Message-I[Dd]: <[^ <>@]+@[^ <>@]+>\r$", head)
    assert re.search(rb"(?m)^From: .*alice@example\.org", head)
    assert body == b"text\r\n"


def test_a_complete_header_is_not_changed(deliver):
    head, _ = deliver(MESSAGE)
    assert head == HEAD.replace(b"\n", b"\r\n") + b"\r\n"


@pytest.mark.parametrize("stdin, body", [
    (b"", b""),
    (b"\n", b""),
    (b"hello\n", b"hello\r\n"),
    (b"Subject: x\n", b""),
    (b"Subject: x\nno header\n", b"no header\r\n"),
    (b"\nSubject: in the body\n", b"Subject: in the body\r\n"),
    (b"\xc3\xbc: x\n", b"\xc3\xbc: x\r\n"),
    (b": x\n", b": x\r\n"),
], ids=short)
def test_a_message_without_a_proper_header_is_sent(deliver, stdin, body):
    head, received = deliver(stdin, "-i")
    assert received == body
    assert b"Date: " in head and b"From: " in head


@pytest.mark.parametrize("first", [b"From x Sat Nov 21 12:00:00 2026\n",
                                   b">From y\n", b"From a\n>From b\n"])
def test_a_leading_mbox_line_is_removed(deliver, first):
    head, _ = deliver(first + MESSAGE)
    assert head.startswith(b"From: ")


@pytest.mark.parametrize("first", [b" folded at once\n", b"\tfolded\n"])
def test_after_a_leading_continuation_line_all_input_is_the_body(
        deliver, first):
    _, body = deliver(first + MESSAGE, "-i")
    assert body == (first + MESSAGE).replace(b"\n", b"\r\n")


def test_an_added_from_field_has_the_full_name_and_the_sender(deliver):
    head, _ = deliver(b"Subject: x\n\ntext\n", "-F", "Doe, Jane \"J\"")
    assert b'From: "Doe, Jane \\"J\\"" <alice@example.org>\r\n' in head


def test_a_full_name_beyond_ascii_is_encoded(deliver):
    head, _ = deliver(b"Subject: x\n\ntext\n", "-F", "Jürgen")
    assert b"From: =?" in head and b"<alice@example.org>" in head
    assert all(byte < 128 for byte in head)


@pytest.mark.parametrize("header, count", [
    ("To: a@example.org", 1),
    ("To: a@example.org, A <b@example.org>,\n\tc@example.org", 3),
    ("To: a@example.org\nCc: b@example.org\nBcc: c@example.org", 3),
    ("TO: a@example.org\nCC : b@example.org\nbcc:c@example.org", 3),
    ("To: group: a@example.org, b@example.org;, c@example.org", 3),
    ("To: undisclosed-recipients:;\nBcc: a@example.org", 1),
    ("To: (comment, x@example.org) a@example.org (more)", 1),
    ('To: "b, x@example.org" <a@example.org>', 1),
    ("To: a@example.org\nTo: b@example.org", 2),
    ("To: a@example.org\nCc: A <a@EXAMPLE.ORG>", 1),
    ("Bcc: a@example.org,\n b@example.org,\n\tc@example.org", 3),
    ("To: x@example.org\nResent-To: a@example.org\n"
     "Resent-Bcc: b@example.org", 2),
    ("Apparently-To: a@example.org", 1),
    ("To: a@example.org <a@example.org>", 1),
    ("To: x@example.org <a@example.org>, [b c <b@example.org>", 2),
    ("To: [Team] A <a@example.org>, J. Doe [x] <b@example.org>", 2),
    ('To: "Undisclosed Recipients" <>\nBcc: [x] <a@example.org>', 1),
])
def test_recipients_are_taken_from_the_header(submit, server, header, count):
    recipients = "\n".join(
        f"C: RCPT TO:<{name}@*\nS: 250 ok" for name in "abc"[:count])
    server.play(lines(greet(), MAIL, recipients, DATA, ACCEPTED, QUIT))
    run = submit("-t", "-f", "alice@example.org",
                 stdin=f"{header}\nSubject: x\n\ntext\n".encode())
    assert run.status == 0, run


@pytest.mark.parametrize("argv, field", [
    (["-t"], "To"), (["-t"], "Cc"), (["-t"], "Bcc"), (["-t"], "From"),
    (["-t"], "Reply-To"), (["-t"], "Apparently-To"), (["-t"], "Resent-To"),
    (["-t"], "Resent-Bcc"), (["-t"], "Resent-From"),
    (["--read-envelope-from"], "From"),
])
def test_a_nul_in_an_address_is_rejected_if_the_header_gives_the_envelope(
        submit, argv, field):
    run = submit(*argv, "bob@example.org", stdin=(
        f"{field}: bo\0b@example.org\nX-A: \0\n\ntext\n").encode())
    assert run.status == os.EX_DATAERR
    assert f"{field} contains a NUL" in run.stderr


@pytest.mark.parametrize("head, argv", [
    (b"To: bo\0b@example.org\n", []), (b"Subject: \0\n", ["-t"])])
def test_a_nul_elsewhere_is_removed(deliver, head, argv):
    head, _ = deliver(head + b"\ntext\n", *argv)
    assert b"\0" not in head


def test_a_from_field_without_an_address_is_noted(submit, server):
    server.play(lines(greet(), "C: MAIL *\nS: 250 ok", "C: RCPT *\nS: 250 ok",
                      DATA, ACCEPTED, QUIT))
    run = submit("--read-envelope-from", "bob@example.org",
                 settings="tls off\nfrom alice@example.org",
                 stdin=b"From: A B C\n\nx\n")
    assert run.status == 0
    assert "no From field with a valid address" in run.log


@pytest.mark.parametrize("head, recipients", [
    ("Resent-From: x@example.org\nReceived: x\n"
     "Resent-From: y@example.org\nResent-To: bob@example.org\n", "bob"),
    ("Resent-Date: Mon, 1 Jan 2024 00:00:00 +0000\nX: y\n"
     "Resent-From: y@example.org\nResent-Cc: bob@example.org\n"
     "To: carol@example.org\n", "bob"),
])
def test_the_first_resent_block_with_recipients_is_the_current_one(
        submit, server, head, recipients):
    server.play(lines(greet(), MAIL,
                      f"C: RCPT TO:<{recipients}@example.org>\nS: 250 ok",
                      DATA, ACCEPTED, QUIT))
    run = submit("-t", "-f", "alice@example.org", stdin=f"{head}\nx\n".encode())
    assert run.status == 0, run
    assert server.message.startswith(head.split("Resent-From: y")[0].replace(
        "\n", "\r\n").encode() + b"Resent-From: y")
    assert server.message.count(b"Resent-Date") == 1


@pytest.mark.parametrize("rcpt, added", [("bob", True), ("eve", False)])
def test_a_resent_block_for_others_is_not_completed(
        submit, server, rcpt, added):
    server.play(lines(greet(), MAIL,
                      f"C: RCPT TO:<{rcpt}@example.org>\nS: 250 ok",
                      DATA, ACCEPTED, QUIT))
    run = submit("-f", "alice@example.org", f"{rcpt}@example.org",
                 stdin=b"Resent-To: bob@example.org\n\nx\n")
    assert run.status == 0, run
    assert (b"Resent-From" in server.message) == added


@pytest.mark.parametrize("argv", [(), ("-t",)])
@pytest.mark.parametrize("field", ["From", "Sender", "Reply-To", "To", "Cc"])
def test_a_display_name_that_is_no_phrase_is_quoted(
        submit, server, field, argv):
    server.play(lines(greet(), MAIL, "C: RCPT *\nS: 250 ok", DATA, ACCEPTED,
                      QUIT))
    value = "bob@example.org <bob@example.org>"
    run = submit(*argv, *SEND, stdin=f"{field}: {value}\n\ntext\n".encode())
    assert run.status == 0, run
    assert (f'{field}: "bob@example.org" <bob@example.org>\r\n'.encode()
            in server.message)


@pytest.mark.parametrize("field", [
    b"From: ", b"From: <>", b"From:\n ", b"Date: ", b"Date: Do, 18 Juli 2024",
    b"Message-ID: ", b"Message-ID: foo", b"To:", b'To: "Nobody" <>',
])
def test_a_field_with_an_impossible_value_is_added(deliver, field):
    name = field.partition(b":")[0]
    head, _ = deliver(field + b"\n\nx\n", "-F", "Alice A.")
    assert field + b"\r\n" not in head
    assert len(re.findall(rb"(?m)^" + name + b": .", head)) == 1
    assert b"From: \"Alice A.\" <alice@example.org>\r\n" in head


@pytest.mark.parametrize("field", [b"Sender:", b"Reply-To: ", b"Cc:", b"To: ,"])
def test_a_field_without_an_address_is_removed(deliver, field):
    head, _ = deliver(b"To: bob@example.org\nCc: carol@example.org\n" + field
                      + b"\n\nx\n")
    assert head.startswith(b"To: bob@example.org\r\n"
                           b"Cc: carol@example.org\r\nDate: ")


@pytest.mark.parametrize("given, name", [
    (b"Backup Service", b"Backup Service"),
    (b"Backup [db] Service", b'"Backup [db] Service"'),
    (b'"Backup Service" <>', b'"Backup Service"'),
    (b"=?utf-8?Q?=C3=A4?= Service", b"=?utf-8?Q?=C3=A4?= Service"),
])
def test_words_in_from_become_the_name_of_the_sender(deliver, given, name):
    head, _ = deliver(b"From: " + given + b"\n\nx\n", "-F", "Alice")
    assert b"From: " + name + b" <alice@example.org>\r\n" in head


def test_dash_g_keeps_impossible_and_repeated_fields(deliver):
    given = (b"From: \nDate: x\nMessage-ID: x\nTo: \nSubject: a\n"
             b"Subject: a\n")
    head, _ = deliver(given + b"\nx\n", "-G")
    assert head == given.replace(b"\n", b"\r\n")


def test_repeated_fields_are_removed_joined_or_noted(submit, server):
    server.play(lines(greet(), MAIL, *["C: RCPT *\nS: 250 ok"] * 3, DATA,
                      ACCEPTED, QUIT))
    run = submit("-t", "-f", "alice@example.org", stdin=(
        b"To: a@example.org\nSubject: x\nSubject: x\nTo: b@example.org\n"
        b"From: a@example.org\nFrom: c@example.org\nCc: c@example.org\n"
        b"MIME-Version: 1.0\nMIME-Version: 1.0\n\nx\n"))
    assert run.status == 0, run
    assert server.message.startswith(
        b"To: a@example.org,\r\n b@example.org\r\nSubject: x\r\n"
        b"From: a@example.org\r\nFrom: c@example.org\r\n"
        b"Cc: c@example.org\r\nMIME-Version: 1.0\r\nDate: ")
    assert "several From fields" in run.log


def test_set_to_header_replaces_to_cc_and_bcc(deliver):
    head, _ = deliver(b"Cc: carol@example.org\nSubject: x\nTo: root\n"
                      b"Bcc: dave@example.org\n\nx\n", "--set-to-header=on")
    assert head.startswith(b"Subject: x\r\n")
    assert b"To: bob@example.org\r\n" in head
    assert b"Cc:" not in head and b"root\r" not in head


@pytest.mark.parametrize("bcc", [
    b"Bcc: hidden@example.org\n",
    b"BCC: x@example.org,\n hidden@example.org\n",
    b"Bcc : hidden@example.org\n",
    b"Bcc:\n\thidden@example.org\n",
    b"Bcc: x@example.org\nBcc: hidden@example.org\n",
    b"Resent-Bcc: hidden@example.org\n",
])
@pytest.mark.parametrize("argv", [(), ("-t",)])
def test_bcc_fields_are_removed(submit, server, bcc, argv):
    server.play(transcript_with_rcpts(argv, bcc))
    run = submit(*argv, *SEND, stdin=bcc + HEAD + b"\n\nBcc: in the body\n")
    assert run.status == 0, run
    assert b"hidden" not in server.message
    head = server.message.partition(b"\r\n\r\n")[0]
    assert not re.search(rb"(?mi)^(resent-)?bcc", head)
    assert server.message.endswith(b"\r\n\r\nBcc: in the body\r\n")


def transcript_with_rcpts(argv, bcc):
    """Expects bob from the arguments, and with -t those in the header."""
    recipients = {b"bob"}
    if argv:
        recipients |= set(re.findall(rb"(\w+)@example.org", bcc))
        if b"Resent" in bcc:
            recipients = {b"bob", b"hidden"}
    return lines(greet(), MAIL, *["C: RCPT *\nS: 250 ok"] * len(recipients),
                 DATA, ACCEPTED, QUIT)


def test_operands_and_header_recipients_are_merged(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<carol@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    run = submit("-t", "-f", "alice@example.org", "carol@example.org")
    assert run.status == 0, run


@pytest.mark.parametrize("header", [
    b"To: \"a\r\n b\"@example.org\n",
    b"To: <a\tb@example.org>\n",
    b"To: a@example.org>\n RCPT TO:<evil@example.org\n",
    b"To: <a b@example.org>\n",
    b"To: a@b@c\n",
    b"To: <a@example.org\n",
])
def test_an_invalid_recipient_in_the_header_is_rejected(
        submit, server, header):
    run = submit("-t", "-f", "alice@example.org",
                 stdin=header + b"Subject: x\n\ntext\n")
    assert run.status == os.EX_DATAERR, run
    assert not server.connections


def test_without_recipients_the_input_is_read_and_rejected(submit):
    run = submit("-t", stdin=b"Subject: x\n\n" + b"text\n" * 100000)
    assert run.status == os.EX_USAGE, run
    run = submit(stdin=b"Subject: x\n\n" + b"text\n" * 100000)
    assert run.status == os.EX_USAGE, run
    assert "recipient" in run.stderr
    assert run.fields["exit"] == "64"


def test_a_message_may_have_10000_recipients(submit, server):
    count = 10000
    server.play(lines(
        greet("PIPELINING"), "C: MAIL *", "S: 250 ok",
        *["C: RCPT *\nS: 250 ok"] * count, "C: DATA\nS: 354 go on", "BODY",
        ACCEPTED, QUIT))
    to = b"To: " + b",\n ".join(b"u%d@example.org" % n for n in range(count))
    run = submit("-t", "-f", "alice@example.org",
                 stdin=to + b"\nSubject: x\n\ntext\n")
    assert run.status == 0, run


def test_a_mail_loop_is_rejected(submit, server):
    run = submit(*SEND, stdin=b"Received: from a by b\n" * 60 + MESSAGE)
    assert run.status == os.EX_CONFIG, run
    assert run.fields["status"] == "5.4.6"
    assert not server.connections


def test_an_overlong_header_section_is_rejected(submit, server):
    run = submit(*SEND, stdin=b"X: " + b"x" * 2_000_000 + b"\n\ntext\n")
    assert run.status == os.EX_DATAERR, run
    assert not server.connections


def test_a_large_message_is_kept_in_a_temporary_file(submit, server):
    message = MESSAGE + (b"z" * 75 + b"\n") * 100000
    server.play(ACCEPTS_8BIT)
    run = submit(*SEND, stdin=message)
    assert run.status == 0, run
    assert server.message == message.replace(b"\n", b"\r\n")


def test_the_input_starts_at_the_file_offset(submit, server, tmp_path):
    path = tmp_path / "message"
    path.write_bytes(b"not this\n" + MESSAGE)
    server.play(ACCEPTS_8BIT)
    with open(path, "rb") as file:
        os.lseek(file.fileno(), 9, os.SEEK_SET)
        run = submit(*SEND, stdin=file)
    assert run.status == 0, run
    assert server.message == MESSAGE.replace(b"\n", b"\r\n")


def test_a_folder_as_input_is_an_error(submit, server):
    folder = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    try:
        run = submit(*SEND, stdin=folder)
    finally:
        os.close(folder)
    assert run.status == os.EX_IOERR, run
    assert not server.connections


def test_a_closed_standard_input_is_an_error(program, server):
    program.write_config(f"host 127.0.0.1\nport {server.port}\ntls off\n")
    process = subprocess.Popen(
        ["sh", "-c", 'exec "$@" <&-', "sh", str(program.binary), *SEND],
        env=program.environment({}), cwd=program.work,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run = program.end(process)
    assert run.status == os.EX_NOINPUT, run
    assert not server.connections


def test_a_read_error_sends_nothing(submit, server):
    # Reading address 0, where nothing is mapped, fails with EIO.
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        run = submit(*SEND, stdin=memory)
    assert run.status == os.EX_IOERR, run
    assert not server.connections


def test_an_endless_input_is_rejected(submit, full_speed):
    with open("/dev/zero", "rb") as endless:
        run = submit(*SEND, stdin=endless, total=170)
    assert run.status == os.EX_DATAERR, run
    assert run.fields["status"] == "5.3.4"
