# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--print: the message as it would leave, sent nowhere."""

import os

import pytest

from dialogue import MESSAGE_ACCEPTED, SEND, greet, lines

TEXT = ("From: alice@example.org\nTo: bob@example.org\nBcc: eve@example.org\n"
        "Message-ID: <1@example.org>\n"
        "Date: Mon, 30 Nov 2026 08:00:00 +0000\n"
        "Subject: Gr\u00fc\u00dfe\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n\n.\u00e4\n").encode()


@pytest.fixture
def printed(submit, server):
    """Runs a --print that must succeed, and returns its output."""

    def printed(*argv, stdin=TEXT, **kwargs):
        server.play()
        run = submit(*argv, "-i", *SEND, stdin=stdin, **kwargs)
        assert run.status == 0, run
        assert not server.accepted
        return run.stdout

    return printed


def test_the_message_is_completed_and_sent_nowhere(printed):
    out = printed("--print", stdin=b"Subject: x\n\nbody\n")
    header, _, body = out.partition("\n\n")
    assert "alice@example.org>" in header
    assert "\nDate: " in header
    assert "\nMessage-ID: <" in header
    assert body == "body\n"


def test_bcc_is_removed_and_8bit_stays(printed):
    out = printed("--print")
    assert "eve@example.org" not in out
    assert "Content-Transfer-Encoding: 8bit" in out
    assert out.endswith("\n\n.\u00e4\n")


def test_7bit_is_the_form_for_a_server_without_extensions(printed):
    out = printed("--print=7bit")
    assert out.isascii()
    assert "Content-Transfer-Encoding: base64" in out
    assert out.endswith("\n\nLsOkDQo=\n")


def test_the_output_is_what_a_delivery_sends(submit, server):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    assert submit("-i", *SEND, stdin=TEXT).status == 0
    out = submit("--print=7bit", "-i", *SEND, stdin=TEXT).stdout
    assert server.message.decode().replace("\r\n", "\n") == out


def test_a_queue_stays_empty(printed, tmp_path):
    folder = tmp_path / "queue"
    folder.mkdir(mode=0o700)
    printed("--print", "-odq", f"--queue-dir={folder}")
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_another_form_is_a_usage_error(submit, server):
    server.play()
    run = submit("--print=8bit", *SEND, stdin=TEXT)
    assert run.status == os.EX_USAGE
    assert "the only form is 7bit" in run.stderr
