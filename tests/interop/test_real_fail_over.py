# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fail-over between three real servers, some of which do not accept mail."""

import os

import pytest

from zones import ADDRESSES, MX_NAMES

SEND = ("-f", "alice@example.org", "bob@ordered.plain.test")
TIMEOUT = 2  # connect_timeout of MailNetwork.account()
# What a scripted server does in place of Postfix; None: nothing listens.
FAULTS = {
    "is down": None,
    "is silent": "EOF",
    "is busy": "S: 421 4.3.2 busy\nC? QUIT",
}
# Settings that find the three servers in this order, and the port.
ACCOUNTS = {
    "host": ([f"host {name}.plain.test" for name in MX_NAMES]
             + ["port 587"], 587),
    "srv": (["host srv", "domain_of ordered.plain.test"], 587),
    "mx": (["host mx"], 25),
}


@pytest.fixture(params=ACCOUNTS)
def account(request):
    return ACCOUNTS[request.param]


@pytest.fixture
def send(program, mail_network, account):
    """Runs the program with some servers faulty: send(one="is down")."""
    settings, port = account
    program.hosts = {f"{name}.plain.test": address
                     for name, address in ADDRESSES.items()}

    def send(*argv, **faults):
        for name, fault in faults.items():
            mail_network.mx_servers[name].stop()
            if FAULTS[fault]:
                mail_network.network.listen(ADDRESSES[name], port).play(
                    FAULTS[fault], optional=True)
        program.write_config(mail_network.account(*settings))
        run = program.run(*(argv or SEND))
        mail_network.network.finish()
        return run
    return send


def test_delivers_to_the_first_server(send, mail_network):
    run = send()
    assert run.status == 0, run
    assert [name for name, _, _ in mail_network.delivered()] == ["one"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("faulty", MX_NAMES)
def test_delivers_to_the_first_server_without_a_fault(
        send, mail_network, faulty, fault):
    run = send(**{faulty: fault})
    assert run.status == 0, run
    assert [name for name, _, _ in mail_network.delivered()] == [
        "two" if faulty == "one" else "one"]
    assert run.seconds < 5 * TIMEOUT


@pytest.mark.parametrize("last", MX_NAMES)
def test_delivers_once_to_the_only_server_without_a_fault(
        send, mail_network, last):
    first, second = (name for name in MX_NAMES if name != last)
    run = send(**{first: "is silent", second: "is busy"})
    assert run.status == 0, run
    assert [name for name, _, _ in mail_network.delivered()] == [last]
    assert run.seconds < 5 * TIMEOUT


def test_the_error_names_the_fault_of_each_server(send, mail_network):
    run = send(one="is silent", two="is busy", three="is down")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr.count("\n") == 1, run
    first, second, third = run.stderr.split("; ")
    assert "one.plain.test: timed out" in first
    assert second == "two.plain.test said: 421 4.3.2 busy"
    assert "three.plain.test port" in third and "refused" in third
    assert not mail_network.delivered()
