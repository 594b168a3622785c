# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue run whose messages are pipelined, with real servers."""

import re

import pytest

from program import SECRET

COUNT = 60
DELIVERY_TIMEOUT = 60  # seconds
REJECTED = {"postfix": "later@example.org", "exim": "full@example.org"}
# Servers whose rejections are permanent: the run sends notices of them, in a
# session of their own.
PERMANENT = {"exim"}


@pytest.fixture(params=["postfix", "exim", "dovecot"])
def run_queue(request, spool, program):
    """Returns a function that sends a queue to the server; and what it has."""
    server = request.getfixturevalue(request.param)
    relays = request.param == "dovecot"
    sink = request.getfixturevalue("sink") if relays else None
    port = server.ports["submission" if relays else "plain"]
    login = f"auth plain\nuser bob@example.org\npassword {SECRET}\n"

    def run(*settings):
        program.write_config("\n".join([
            "account default", "host 127.0.0.1", f"port {port}", "tls off",
            "domain client.example", "from alice@example.org", "queue later",
            "queue_sessions 1", f"queue_dir {spool.path}", *settings,
            login if relays else ""]) + "\n")
        return program.run("-q", "-v", stdin=None, total=120)

    def stored():
        if relays:
            return [message.data for message in sink.messages]
        return server.wait_for("bob", COUNT - len(rejected),
                               DELIVERY_TIMEOUT)

    rejected = {} if relays else dict.fromkeys(
        (7, 30, 31), REJECTED[request.param])
    notices = len(rejected) if request.param in PERMANENT else 0
    return run, stored, rejected, notices


def numbers(messages):
    return sorted(int(re.search(rb"Subject: number (\d+)", message).group(1))
                  for message in messages)


@pytest.mark.parametrize("settings", [(), ("chunking off",)],
                         ids=["BDAT", "DATA"])
def test_each_message_of_a_queue_arrives_once(run_queue, spool, settings):
    run, stored, rejected, notices = run_queue
    for number in range(COUNT):
        recipient = rejected.get(number, "bob@example.org")
        spool.add([recipient], age=600 - number, message=(
            b"From: alice@example.org\nTo: bob@example.org\n"
            b"Subject: number %d\n" % number, b"Hello.\n" * number))
    result = run(*settings)
    assert result.status == 0, result
    assert result.stderr.count("--> EHLO") == (2 if notices else 1), result
    assert result.stdout.count(" sent\n") == (
        COUNT - len(rejected) + notices), result
    assert len(spool.names()) == len(rejected) - notices
    assert numbers(stored()) == [number for number in range(COUNT)
                                 if number not in rejected]
