# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail user agents and filters, with veredus as sendmail."""

import pytest

TEXT = "grüße\n.\n..\nFrom here on\n".encode()
SENT = TEXT.replace(b"\n", b"\r\n")
UNKNOWN_USER = "550 5.1.1 no such user"
STORED = b"""\
From alice@example.org Sat Nov 21 12:00:00 2026
Return-Path: <alice@example.org>
Date: Sat, 21 Nov 2026 12:00:00 +0000
From: alice@example.org
To: list@example.org
Subject: a test
Message-ID: <7@example.org>

text
.
"""


def check(sink, *recipients):
    message = sink.message
    assert message.recipients == list(recipients)
    assert message.field("Subject") == "a test"
    assert not message.field("Bcc")
    for name in ("From", "Date", "Message-ID"):
        assert message.field(name)
    return message


def test_bsd_mailx_sends(execute, sink):
    run = execute("bsd-mailx", "-s", "a test", "-c", "carol@example.org",
                  "-b", "dave@example.org", "root", stdin=TEXT)
    assert (run.status, run.stdout) == (0, ""), run
    message = check(sink, "root@example.org", "carol@example.org",
                    "dave@example.org")
    assert message.field("To") == "root@example.org"
    assert b"dave" not in message.data
    assert message.body == SENT


def test_bsd_mailx_shows_the_rejection_of_a_recipient(
        execute, sink, program):
    sink.rejected["gone@example.org"] = UNKNOWN_USER
    run = execute("bsd-mailx", "-s", "a test", "-v", "gone@example.org",
                  stdin=TEXT)
    assert UNKNOWN_USER in run.stdout, run
    assert not sink.messages


def test_s_nail_sends(execute, sink):
    run = execute("s-nail", "-:/", "-S", "sendwait", "-s", "a test",
                  "-r", "alice@example.org", "-b", "carol@example.org",
                  "bob@example.org", stdin=TEXT)
    assert (run.status, run.stdout) == (0, ""), run
    message = check(sink, "bob@example.org", "carol@example.org")
    assert message.sender == "alice@example.org"


def test_s_nail_fails_if_the_recipient_is_rejected(execute, sink):
    sink.rejected["gone@example.org"] = UNKNOWN_USER
    run = execute("s-nail", "-:/", "-S", "sendwait", "-s", "a test",
                  "gone@example.org", stdin=TEXT)
    assert run.status != 0, run
    assert UNKNOWN_USER in run.stdout


MUTT = ("mutt", "-F", "/dev/null", "-e", "set from=alice@example.org",
        "-e", "set use_envelope_from=yes", "-e", "set copy=no",
        "-e", "set send_charset=utf-8")


def test_mutt_sends(execute, sink):
    run = execute(*MUTT, "-s", "a test", "-b", "carol@example.org", "--",
                  "bob@example.org", stdin=TEXT)
    assert (run.status, run.stdout) == (0, ""), run
    message = check(sink, "bob@example.org", "carol@example.org")
    assert message.sender == "alice@example.org"
    assert message.body == SENT
    assert b"carol" not in message.data


def test_mutt_sends_with_dsn_and_8bitmime(execute, sink):
    run = execute(*MUTT, "-e", "set dsn_notify='failure,delay'",
                  "-e", "set dsn_return=hdrs", "-e", "set use_8bitmime=yes",
                  "-s", "a test", "--", "bob@example.org", stdin=TEXT)
    assert run.status == 0, run
    message = check(sink, "bob@example.org")
    assert {"RET=HDRS", "BODY=8BITMIME"} <= set(message.parameters)
    assert "NOTIFY=FAILURE,DELAY" in message.recipient_parameters[0]


def test_mutt_shows_the_exit_status(execute, sink):
    sink.rejected["gone@example.org"] = UNKNOWN_USER
    run = execute(*MUTT, "-s", "a test", "--", "gone@example.org", stdin=TEXT)
    assert run.status != 0, run
    assert "67" in run.stdout and "User unknown" in run.stdout


DRAFT = b"""\
From: alice@example.org
To: bob@example.org
Cc: carol@example.org
Subject: a test

text
"""
NMH = """
mkdir -p Mail && printf 'Path: %s/Mail\\n' "$PWD" >mh_profile &&
cat >draft && MH=$PWD/mh_profile exec /usr/bin/mh/send -mts "$0" "$PWD/draft"
"""


def test_nmh_sends_through_a_pipe(execute, sink):
    run = execute("sh", "-c", NMH, "sendmail/pipe", stdin=DRAFT)
    assert run.status == 0, run
    message = check(sink, "bob@example.org", "carol@example.org")
    assert message.body == b"text\r\n"


def test_nmh_sends_with_smtp(execute, sink):
    run = execute("sh", "-c", NMH, "sendmail/smtp", stdin=DRAFT)
    assert run.status == 0, run
    check(sink, "bob@example.org", "carol@example.org")


def test_nmh_fails_if_a_recipient_is_rejected_with_smtp(execute, sink):
    sink.rejected["bob@example.org"] = UNKNOWN_USER
    run = execute("sh", "-c", NMH, "sendmail/smtp", stdin=DRAFT)
    assert run.status != 0, run
    assert "no such user" in run.stdout
    assert not sink.messages


@pytest.mark.parametrize("recipe", [
    ":0\n! bob@example.org\n",
    ":0 w\n| $SENDMAIL -oi bob@example.org\n",
    ":0 w\n| $SENDMAIL -i -f alice@example.org -- bob@example.org\n"])
def test_procmail_forwards(execute, sink, tmp_path, recipe):
    rules = tmp_path / "rules"
    rules.write_text("SENDMAIL=/usr/sbin/sendmail\n" + recipe)
    run = execute("procmail", "-p", "-m", str(rules), stdin=STORED)
    assert run.status == 0, run
    message = check(sink, "bob@example.org")
    assert message.body.startswith(b"text\r\n.\r\n")
    assert not message.field("Return-Path")
    assert message.head.startswith(b"Date: ")


def test_procmail_returns_the_exit_status(execute, sink, tmp_path):
    sink.rejected["bob@example.org"] = "450 4.2.0 later"
    rules = tmp_path / "rules"
    rules.write_text("SENDMAIL=/usr/sbin/sendmail\nEXITCODE=75\n"
                     ":0 w\n| $SENDMAIL -oi bob@example.org\n"
                     ":0\n/dev/null\n")
    run = execute("procmail", "-p", "-m", str(rules), stdin=STORED)
    assert run.status == 75, run
    assert "Program failure (75)" in run.stdout


def test_mpack_sends(execute, sink, tmp_path):
    data = tmp_path / "data.bin"
    data.write_bytes(bytes(range(256)))
    run = execute("mpack", "-s", "a test", str(data), "bob@example.org")
    assert run.status == 0, run
    message = check(sink, "bob@example.org")
    assert b"AAECAwQF" in message.body
