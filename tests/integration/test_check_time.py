# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--check ends in time, and after a signal."""

import os
import signal
import socket

import pytest

from findings import check, login, one  # noqa: F401 (fixture)
from kernel import needs_fast_clock
from queued import wait_until


@pytest.mark.parametrize("option, status, stdout, error", [
    ([], os.EX_TEMPFAIL, "fail config: ended by signal 15", "signal"),
    (["--json"], os.EX_TEMPFAIL, '"exit": 75, "findings"', "signal"),
    (["--monitor"], 3, "VEREDUS UNKNOWN - ", "")])
def test_a_signal_ends_the_check_and_the_test_of_the_server(
        program, server, option, status, stdout, error):
    server.play("S: 220-wait", optional=True)
    program.write_config(one(f"port {server.port}", "tls off"))
    process = program.start("--check", *option)
    wait_until(lambda: server.connections)
    process.send_signal(signal.SIGTERM)
    run = program.end(process)
    assert run.status == status and error in run.stderr, run
    assert stdout in run.stdout, run


@needs_fast_clock
def test_a_command_for_the_password_does_not_outlast_a_monitor(program):
    program.write_config(login("passwordeval sleep 100"))
    run = program.run("--check", "--monitor", "--offline", stdin=None,
                      env={"VEREDUS_TEST_SPEED": "50"})
    assert run.status == 2 and "password (default)" in run.stdout, run


@needs_fast_clock
def test_silent_servers_do_not_outlast_a_monitor(program, check):
    """The limits are for one reply, and for all accounts together."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        program.write_config("".join(
            one(f"port {port}", "tls off", name=name, host="127.0.0.1")
            for name in ("default", "b", "c", "d")))
        run = program.run("--check", "--monitor", stdin=None,
                          env={"VEREDUS_TEST_SPEED": "8"})
    assert run.status == 2 and run.stdout.count("timed out") == 3, run
    assert "1 warn" in run.stdout, run
