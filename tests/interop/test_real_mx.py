# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host mx with real name servers and real mail servers.

Tests of faults have their numbers in the catalogue of those in their names.
"""

import os
import select
import socket

import pytest

from exchanges import queue_id
from network import SILENT
from zones import ONE, TRIO

TIMEOUT = 2  # connect_timeout of routes.account()


@pytest.fixture
def send(program, routes):
    def send(*recipients, settings=(), options=()):
        program.write_config(routes.account("host mx", *settings))
        return program.run(*options, "-f", "alice@example.org", *recipients)
    return send


@pytest.fixture
def deliver(send, routes):
    """Sends to bob at a domain; the names of the servers that took it."""
    def deliver(domain, **options):
        run = send(f"bob@{domain}", **options)
        assert run.status == 0, run
        return [name for name, _, _ in routes.arrived()]
    return deliver


@pytest.mark.parametrize("domain", [
    "first.plain.test", "ordered.plain.test", "alias.plain.test",
    "twice.plain.test", "behind-alias.plain.test", "implicit.plain.test",
    "one.plain.test", "one-alias.plain.test", f"[{ONE}]",
    "FIRST.Plain.Test", "backup.plain.test"])
def test_the_best_server_of_the_domain(deliver, domain):
    assert deliver(domain) == ["one"]


@pytest.mark.parametrize("domain", ["crowd.plain.test", "thousand.plain.test"])
def test_more_records_than_fit_into_udp(deliver, domain):
    assert deliver(domain) == ["one"]


def test_equals_take_turns(send, routes):
    for number in range(40):
        run = send(f"user{number}@plain.test")
        assert run.status == 0, run
    arrived = routes.arrived()
    assert len(arrived) == len({to for _, to, _ in arrived}) == 40
    # That one is never asked happens once in 3 million times.
    assert {name for name, _, _ in arrived} == set(TRIO)


@pytest.mark.parametrize("down", TRIO)
def test_equals_stand_in_for_each_other(send, routes, down):
    routes.trio[down].stop()
    for number in range(3):
        run = send(f"user{number}@plain.test")
        assert run.status == 0, run
    arrived = routes.arrived()
    assert sorted(to for _, to, _ in arrived) == [
        f"user{number}@plain.test" for number in range(3)]
    assert down not in {name for name, _, _ in arrived}


def listen_here(network):
    """On all addresses of the program's machine."""
    with network.client:
        if network.ipv6:
            return socket.create_server(
                ("", 25), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(("", 25))


def has_visitor(listener):
    return bool(select.select([listener], [], [], 0)[0])


REFUSED = [
    # D1, D2
    ("gone.plain.test", 68, "5.1.2"),
    ("gone.signed.test", 68, "5.1.2"),
    ("lost.plain.test", 68, "5.1.2"),
    ("text.plain.test", 68, "5.1.2"),
    ("null.plain.test", 68, "5.1.10"),
    ("no-address.plain.test", 68, "5.4.4"),
    # Never connected to.
    ("literal.plain.test", 68, "5.4.4"),
    ("zero.plain.test", 68, "5.4.4"),
    ("broadcast.plain.test", 68, "5.4.4"),
    ("[0.0.0.0]", 68, "5.4.4"),
    ("loopback.plain.test", os.EX_CONFIG, "5.4.6"),
    ("mapped.plain.test", os.EX_CONFIG, "5.4.6"),
    ("here.plain.test", os.EX_CONFIG, "5.4.6"),
    ("client.plain.test", os.EX_CONFIG, "5.4.6"),
    ("[127.0.0.1]", os.EX_CONFIG, "5.4.6"),
    ("[IPv6:::1]", os.EX_CONFIG, "5.4.6"),
    # D1: nobody knows now.
    ("expired.test", os.EX_TEMPFAIL, "4.4.3"),
    ("bogus-host.plain.test", os.EX_TEMPFAIL, "4.4.3"),
    ("circle.plain.test", os.EX_TEMPFAIL, "4.4.3"),
]


@pytest.mark.parametrize("domain, status, enhanced", REFUSED)
def test_d1_d2_no_way_to_a_domain(send, routes, domain, status, enhanced):
    with listen_here(routes.network) as listener:
        run = send(f"bob@{domain}")
        assert not has_visitor(listener)
    assert run.status == status, run
    assert run.fields["status"] == enhanced, run
    assert domain in run.stderr or "one.expired.test" in run.stderr
    assert not routes.arrived()


@pytest.mark.parametrize("server, seconds", [
    ("127.0.0.1:5300", 2),  # NSD, which refuses what it has no zone for
    ("127.0.0.1:9", 10),    # nobody
    (SILENT, 10)])
def test_d1_no_answer_is_temporary(send, routes, server, seconds):
    run = send("bob@elsewhere.example", options=["--deadline=3"],
               settings=[f"dns_server {server}"])
    assert run.status == os.EX_TEMPFAIL, run
    assert run.fields["status"] == "4.4.3", run
    assert run.seconds < seconds


@pytest.mark.parametrize("first", ["127.0.0.1:9", SILENT])
def test_the_next_name_server_answers(send, routes, first):
    run = send("bob@first.plain.test", options=["--deadline=8"], settings=[
        f"dns_server {first}", routes.names.setting])
    assert run.status == 0, run
    assert len(routes.arrived()) == 1


def test_the_next_host_when_the_first_is_bogus(deliver):
    assert deliver("bogus-first.plain.test") == ["two"]


@pytest.mark.parametrize("domain", ["dead6.plain.test", "only6.plain.test"])
def test_d5_a_dead_ipv6_address_costs_little(send, routes, domain):
    run = send(f"bob@{domain}")
    assert run.status == 0, run
    assert [name for name, _, _ in routes.arrived()] == ["one"]
    assert run.seconds < 2 * TIMEOUT


def test_this_host_is_known_by_its_ipv6_address(send, routes):
    run = send("bob@here6.plain.test")
    if not routes.network.ipv6:
        pytest.skip("the kernel has no IPv6")
    assert run.status == os.EX_CONFIG, run
    assert run.fields["status"] == "5.4.6", run


def test_domains_that_share_their_best_host_share_a_session(send, routes):
    recipients = ["a@first.plain.test", "b@also-first.plain.test",
                  "c@first.plain.test"]
    run = send(*recipients)
    assert run.status == 0, run
    arrived = routes.arrived()
    assert sorted(to for _, to, _ in arrived) == sorted(recipients)
    assert len({queue_id(message) for _, _, message in arrived}) == 1


def test_many_domains_of_one_server_are_one_session(send, routes):
    recipients = [f"user@d{number}.wild.plain.test" for number in range(200)]
    run = send(*recipients)
    assert run.status == 0, run
    arrived = routes.arrived()
    assert sorted(to for _, to, _ in arrived) == sorted(recipients)
    assert {name for name, _, _ in arrived} == {"one"}
    assert len({queue_id(message) for _, _, message in arrived}) == 1


def test_ten_silent_hosts_end_with_the_deadline(send):
    run = send("bob@void.plain.test", options=["--deadline=3"])
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 6


def test_everybody_else_has_an_outcome_of_his_own(send, routes):
    run = send("a@first.plain.test", "b@second.plain.test",
               "c@gone.plain.test", "d@expired.test", "e@null.plain.test")
    assert run.status == 68, run
    assert run.fields["result"] == "partial"
    assert sorted((name, to) for name, to, _ in routes.arrived()) == [
        ("one", "a@first.plain.test"), ("two", "b@second.plain.test")]
    for word in ("<c@gone.plain.test>", "<d@expired.test>",
                 "<e@null.plain.test>"):
        assert word in run.stderr
    assert "a@first" not in run.stderr and "b@second" not in run.stderr
