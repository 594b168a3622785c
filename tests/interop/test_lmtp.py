# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""LMTP to Dovecot, which replies for each recipient after the message."""

import os

import pytest

from program import MESSAGE

SENDER = ("-f", "alice@example.org")


@pytest.fixture(params=["tcp", "unix"])
def deliver(request, program, dovecot):
    """Sends over TCP or over a Unix socket."""
    endpoint = {"tcp": f"host 127.0.0.1\nport {dovecot.ports['lmtp']}",
                "unix": f"socket {dovecot.lmtp_socket}"}[request.param]

    def deliver(*argv, stdin=MESSAGE):
        program.write_config(
            f"account default\n{endpoint}\nprotocol lmtp\ntls off\n"
            "domain client.example\n")
        return program.run(*SENDER, *argv, stdin=stdin)

    return deliver


def test_delivers_to_one_recipient(deliver, dovecot):
    run = deliver("bob@example.org")
    assert run.status == 0, run
    assert dovecot.wait_for("bob")[0].endswith(MESSAGE)


def test_an_unknown_recipient_does_not_affect_the_others(deliver, dovecot):
    run = deliver("bob@example.org", "nobody@example.org",
                  "alice@example.org")
    assert run.status == os.EX_NOUSER, run
    assert "<nobody@example.org>: " in run.stderr
    assert "said: 550 5.1.1 " in run.stderr
    for user in ("bob", "alice"):
        assert dovecot.wait_for(user)[0].endswith(MESSAGE)


def test_delivers_a_large_message_with_leading_dots(deliver, dovecot):
    message = MESSAGE + b".\n..\n.x\n" * 200000
    run = deliver("-i", "bob@example.org", stdin=message)
    assert run.status == 0, run
    assert dovecot.wait_for("bob")[0].endswith(message)


def test_probe_checks_the_recipients(deliver, dovecot):
    run = deliver("--probe", "bob@example.org")
    assert run.status == 0, run
    assert "\n    RCPT <bob@example.org>: ok " in run.stdout
    assert not dovecot.mailbox("bob")
    run = deliver("--probe", "nobody@example.org")
    assert run.status == os.EX_NOUSER, run
