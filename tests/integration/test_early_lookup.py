# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host is looked up while the configuration and the message are read.

The process that calls the resolver shares standard error with the program.
A test waits for the end of both: the time shows whether that process has
ended with the program.
"""

import os
import signal
import time

import pytest

from dialogue import LOGIN, MESSAGE_ACCEPTED, SECURED, SEND, greet, lines
from program import SECRET, account

SLOW = 5  # seconds, for the lookup and for passwordeval
EVAL = "auth plain\nuser bob@example.org\npasswordeval "


@pytest.fixture
def hanging_resolver(program):
    """The lookup of the host does not return."""
    program.hosts["mx.example"] = "hang"


def test_the_lookup_and_passwordeval_run_at_the_same_time(
        submit, server, program, trust):
    program.hosts["mx.test"] = f"{SLOW}s+127.0.0.1"
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test", settings=f"{trust}\n{EVAL}"
                 f"sleep {SLOW} && echo {SECRET}")
    assert run.status == 0, run
    assert SLOW - 1 <= run.seconds < 2 * SLOW, run


def test_the_client_does_not_connect_if_passwordeval_fails(
        submit, server, hanging_resolver, trust):
    server.play()
    run = submit(*SEND, settings=f"{trust}\n{EVAL}false")
    assert run.status == os.EX_TEMPFAIL, run
    assert "passwordeval" in run.stderr
    assert run.seconds < 20


def test_a_message_without_recipients_does_not_wait_for_the_lookup(
        submit, hanging_resolver):
    run = submit("-t", stdin=b"Subject: to whom?\n\nx\n")
    assert run.status == os.EX_USAGE, run
    assert run.seconds < 20


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_lookup_process_ends_with_the_program(
        program, hanging_resolver, tmp_path, number):
    ready = tmp_path / "ready"
    command = f"exec 2>&-; touch {ready}; sleep 9"
    program.write_config(account(9, f"tls on\n{EVAL}{command}"))
    process = program.start(*SEND)
    process.stdin.close()
    process.stdin = None
    while not ready.exists():
        time.sleep(0.02)
    began = time.monotonic()
    process.send_signal(number)
    process.communicate()
    assert process.returncode == (
        os.EX_TEMPFAIL if number == signal.SIGTERM else -number)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("settings", [
    "host 127.0.0.1", "host localhost", "address_family ipv4"])
def test_a_message_is_sent_to_each_kind_of_host(submit, server, settings):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    host = settings.split()[1] if settings.startswith("host") else "mx.example"
    extra = "" if settings.startswith("host") else settings
    run = submit(*SEND, host=host, settings=f"tls off\n{extra}")
    assert run.status == 0, run
