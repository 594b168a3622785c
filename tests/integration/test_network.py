# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private network of the tests works as network.py describes it."""

import os

import pytest

from dialogue import MESSAGE_ACCEPTED, SEND, greet, lines
from dns_stub import DnsStub
from network import SERVERS, SERVERS6, SILENT
from program import account

DELIVERY = lines(greet(), MESSAGE_ACCEPTED)


def test_the_program_reaches_a_server(submit, network):
    server = network.listen(SERVERS[0])
    server.play(DELIVERY)
    run = submit(*SEND, config=account(25, "tls off", SERVERS[0]))
    network.finish()
    assert run.status == 0, run
    assert len(server.messages) == 1


def test_the_program_reaches_a_server_over_ipv6(submit, network):
    if not network.ipv6:
        pytest.skip("the kernel has no IPv6")
    network.listen(SERVERS6[-1]).play(DELIVERY)
    run = submit(*SEND, config=account(25, "tls off", SERVERS6[-1]))
    network.finish()
    assert run.status == 0, run


def test_the_client_has_a_loopback_interface_of_its_own(
        submit, network, server):
    run = submit(*SEND, config=account(server.port, "tls off", "127.0.0.1"))
    assert run.status == os.EX_TEMPFAIL, run
    assert "refused" in run.stderr


def test_a_silent_address_does_not_respond(submit, network):
    run = submit(*SEND, config=account(25, "tls off", SILENT).replace(
        "connect_timeout 5", "connect_timeout 1"))
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds >= 1
    assert "no response" in run.stderr


def test_other_addresses_have_no_route(submit, network):
    run = submit(*SEND, config=account(25, "tls off", "203.0.113.1"))
    assert run.status == os.EX_TEMPFAIL, run
    assert "unreachable" in run.stderr


@pytest.mark.parametrize("machine, address", [
    ("client", "127.0.0.1"), ("servers", SERVERS[5])])
def test_a_name_server_may_be_on_either_side(
        submit, network, certificates, machine, address):
    with getattr(network, machine):
        stub = DnsStub(address, 53)
    try:
        run = submit(*SEND, config=lines(
            "account default", "host srv", "domain_of mx.test",
            "domain client.example", stub.setting) + "\n")
    finally:
        stub.stop()
    assert run.status == os.EX_CONFIG, run
    assert ("_submission._tcp.mx.test", 33) in stub.queries


def test_the_namespaces_have_no_names_and_are_left_again(network):
    assert not os.path.exists("/run/netns") or not os.listdir("/run/netns")
    with network.client:
        inside = os.readlink("/proc/thread-self/ns/net")
    assert inside != os.readlink("/proc/thread-self/ns/net")
