# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A resolver that never responds.

The program runs in a network namespace whose /etc/resolv.conf names a server
that counts the packets and drops them.
"""

import os

import pytest

from dialogue import MESSAGE_ACCEPTED, SEND, lines
from dns_stub import DnsStub
from network import SERVERS, mount_over, mount_problem

DEADLINE = 3  # seconds; the resolver gives up after 10 or more
MARGIN = 6
NO_NAME = {"VEREDUS_TEST_HOSTNAME": "client",
           "VEREDUS_TEST_FILES":
           "/etc/mailname=/dev/null,/etc/hosts=/dev/null"}


@pytest.fixture
def silent(network):
    """A DNS server on the client that does not respond."""
    with network.client:
        stub = DnsStub("127.0.0.1", 53)
    stub.silent = True
    yield stub
    stub.stop()


@pytest.fixture
def run(submit, silent, tmp_path):
    """Runs the program; no setting and no file has a name of the host."""
    problem = mount_problem()
    if problem:
        pytest.skip(f"cannot mount a file over resolv.conf: {problem}")
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")

    def run(*argv, host, settings="tls off", **options):
        return submit(*argv, config=lines(
            "account default", f"host {host}", "port 25", settings) + "\n",
            env=NO_NAME, preexec_fn=mount_over("/etc/resolv.conf", resolv),
            **options)

    return run


def greets(server):
    server.play(lines("S: 220 mx.example", "C: EHLO [192.0.2.1]",
                      "S: 250 mx.example", MESSAGE_ACCEPTED))


@pytest.mark.parametrize("argv", [
    SEND, ["--serverinfo"], ["--probe"], ["--explain", *SEND],
    ["--rmqs=example.org"]])
def test_a_relay_given_by_name_ends_with_the_deadline(run, silent, argv):
    result = run(*argv, host="relay.test",
                 settings=f"tls off\ndeadline {DEADLINE}")
    assert result.status == os.EX_TEMPFAIL, result
    assert "relay.test" in result.stdout + result.stderr
    assert result.seconds < DEADLINE + MARGIN, result
    assert silent.packets > 0  # a packet is seen if there is one


def test_a_proxy_given_by_name_ends_with_the_deadline(run, silent):
    result = run(*SEND, host=SERVERS[0], settings=lines(
        "tls off", "proxy_host proxy.test", f"deadline {DEADLINE}"))
    assert result.status == os.EX_TEMPFAIL, result
    assert "proxy.test" in result.stderr
    assert result.seconds < DEADLINE + MARGIN, result


def test_bs_ends_with_the_deadline(run, silent):
    result = run("-bs", host="relay.test", stdin=b"EHLO x\r\n"
                 b"MAIL FROM:<alice@example.org>\r\nQUIT\r\n",
                 settings=f"tls off\ndeadline {DEADLINE}")
    assert result.stdout.splitlines()[-2].startswith("451 "), result
    assert result.seconds < DEADLINE + MARGIN, result


@pytest.mark.parametrize("settings", [
    "tls off", "tls off\nfrom alice@example.org",
    "tls off\ntimeout 60\nhost 192.0.2.11"])
def test_a_relay_given_by_address_needs_no_dns(
        run, silent, network, settings):
    server = network.listen(SERVERS[0])
    greets(server)
    result = run(*SEND, host=SERVERS[0], settings=settings)
    network.finish()
    assert result.status == 0, result
    assert silent.packets == 0


def test_a_bare_sender_is_no_reason_to_ask_the_dns(run, silent):
    result = run("-f", "alice", "bob@example.org", host=SERVERS[0])
    assert result.status == os.EX_CONFIG, result
    assert "qualify_domain" in result.stderr
    assert silent.packets == 0


def test_bs_needs_no_dns_for_its_own_name(run, silent):
    result = run("-bs", host=SERVERS[0], stdin=b"EHLO x\r\nQUIT\r\n")
    assert result.status == 0, result
    assert silent.packets == 0
