# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host mx with real DNS and mail servers."""

import os
import select
import socket

import pytest

from mx_servers import queue_id
from network import SILENT
from zones import MX_NAMES, ONE

TIMEOUT = 2  # connect_timeout of MailNetwork.account()


@pytest.fixture
def send(program, mail_network):
    def send(*recipients, settings=(), options=()):
        program.write_config(mail_network.account("host mx", *settings))
        return program.run(*options, "-f", "alice@example.org", *recipients)
    return send


@pytest.fixture
def deliver(send, mail_network):
    """Sends to bob at a domain; returns the servers that delivered."""
    def deliver(domain, **options):
        run = send(f"bob@{domain}", **options)
        assert run.status == 0, run
        return [name for name, _, _ in mail_network.delivered()]
    return deliver


@pytest.mark.parametrize("domain", [
    "first.plain.test", "ordered.plain.test", "alias.plain.test",
    "alias-of-alias.plain.test", "mx-is-alias.plain.test",
    "implicit.plain.test", "one.plain.test", "one-alias.plain.test",
    f"[{ONE}]", "FIRST.Plain.Test", "backup.plain.test"])
def test_delivers_to_the_most_preferred_host(deliver, domain):
    assert deliver(domain) == ["one"]


@pytest.mark.parametrize("domain", ["long-names.plain.test",
                                    "thousand.plain.test"])
def test_mx_records_that_do_not_fit_into_udp(deliver, domain):
    assert deliver(domain) == ["one"]


def test_hosts_of_equal_preference_share_the_load(send, mail_network):
    for number in range(40):
        run = send(f"user{number}@plain.test")
        assert run.status == 0, run
    delivered = mail_network.delivered()
    assert len(delivered) == len({to for _, to, _ in delivered}) == 40
    # One host gets no mail at all in one of 3 million runs.
    assert {name for name, _, _ in delivered} == set(MX_NAMES)


@pytest.mark.parametrize("down", MX_NAMES)
def test_hosts_of_equal_preference_replace_one_that_is_down(
        send, mail_network, down):
    mail_network.mx_servers[down].stop()
    for number in range(3):
        run = send(f"user{number}@plain.test")
        assert run.status == 0, run
    delivered = mail_network.delivered()
    assert sorted(to for _, to, _ in delivered) == [
        f"user{number}@plain.test" for number in range(3)]
    assert down not in {name for name, _, _ in delivered}


def listen_on_client(network):
    """Listens on port 25 of all addresses of the client."""
    with network.client:
        if network.ipv6:
            return socket.create_server(
                ("", 25), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(("", 25))


def has_connection(listener):
    return bool(select.select([listener], [], [], 0)[0])


UNDELIVERABLE = [
    # The domain does not exist, or accepts no mail.
    ("nxdomain.plain.test", 68, "5.1.2"),
    ("nxdomain.signed.test", 68, "5.1.2"),
    ("dangling-alias.plain.test", 68, "5.1.2"),
    ("text.plain.test", 68, "5.1.2"),
    ("null.plain.test", 68, "5.1.10"),
    ("no-address.plain.test", 68, "5.4.4"),
    # The MX host is never connected to.
    ("literal.plain.test", 68, "5.4.4"),
    ("unspecified.plain.test", 68, "5.4.4"),
    ("broadcast.plain.test", 68, "5.4.4"),
    ("[0.0.0.0]", 68, "5.4.4"),
    ("loopback.plain.test", os.EX_CONFIG, "5.4.6"),
    ("loopback6.plain.test", os.EX_CONFIG, "5.4.6"),
    ("local-mx.plain.test", os.EX_CONFIG, "5.4.6"),
    ("client.plain.test", os.EX_CONFIG, "5.4.6"),
    ("[127.0.0.1]", os.EX_CONFIG, "5.4.6"),
    ("[IPv6:::1]", os.EX_CONFIG, "5.4.6"),
    # The DNS lookup fails, which is temporary.
    ("expired.test", os.EX_TEMPFAIL, "4.4.3"),
    ("bogus-host.plain.test", os.EX_TEMPFAIL, "4.4.3"),
    ("cname-loop.plain.test", os.EX_TEMPFAIL, "4.4.3"),
]


@pytest.mark.parametrize("domain, status, enhanced", UNDELIVERABLE)
def test_the_status_of_an_undeliverable_domain(
        send, mail_network, domain, status, enhanced):
    with listen_on_client(mail_network.network) as listener:
        run = send(f"bob@{domain}")
        assert not has_connection(listener)
    assert run.status == status, run
    assert run.fields["status"] == enhanced, run
    assert domain in run.stderr or "one.expired.test" in run.stderr
    assert not mail_network.delivered()


@pytest.mark.parametrize("server, deadline", [
    ("127.0.0.1:5300", 30),  # NSD, which returns REFUSED for other zones
    ("127.0.0.1:9", 3),      # nothing listens
    (SILENT, 3)])
def test_a_dns_server_without_a_response_is_a_temporary_failure(
        send, mail_network, server, deadline):
    run = send("bob@elsewhere.example", options=[f"--deadline={deadline}"],
               settings=[f"dns_server {server}"])
    assert run.status == os.EX_TEMPFAIL, run
    assert run.fields["status"] == "4.4.3", run
    assert run.seconds < 15


@pytest.mark.parametrize("first", ["127.0.0.1:9", SILENT])
def test_the_next_dns_server_is_asked_if_the_first_does_not_respond(
        send, mail_network, first):
    run = send("bob@first.plain.test", options=["--deadline=8"], settings=[
        f"dns_server {first}", mail_network.dns.setting])
    assert run.status == 0, run
    assert len(mail_network.delivered()) == 1


def test_delivers_to_the_next_host_if_the_address_of_the_first_is_bogus(
        deliver):
    assert deliver("bogus-first.plain.test") == ["two"]


@pytest.mark.parametrize("domain", ["silent6.plain.test",
                                    "unreachable6.plain.test"])
def test_an_ipv6_address_that_does_not_respond_costs_little_time(
        send, mail_network, domain):
    run = send(f"bob@{domain}")
    assert run.status == 0, run
    assert [name for name, _, _ in mail_network.delivered()] == ["one"]
    assert run.seconds < 5 * TIMEOUT


def test_an_mx_host_with_a_local_ipv6_address_is_a_loop(send, mail_network):
    run = send("bob@local-mx6.plain.test")
    if not mail_network.network.ipv6:
        pytest.skip("the kernel has no IPv6")
    assert run.status == os.EX_CONFIG, run
    assert run.fields["status"] == "5.4.6", run


def test_domains_with_the_same_most_preferred_host_share_a_session(
        send, mail_network):
    recipients = ["a@first.plain.test", "b@also-first.plain.test",
                  "c@first.plain.test"]
    run = send(*recipients)
    assert run.status == 0, run
    delivered = mail_network.delivered()
    assert sorted(to for _, to, _ in delivered) == sorted(recipients)
    assert len({queue_id(message) for _, _, message in delivered}) == 1


def test_200_domains_with_the_same_mx_hosts_share_a_session(
        send, mail_network):
    recipients = [f"user@d{number}.wildcard.plain.test"
                  for number in range(200)]
    run = send(*recipients)
    assert run.status == 0, run
    delivered = mail_network.delivered()
    assert sorted(to for _, to, _ in delivered) == sorted(recipients)
    assert {name for name, _, _ in delivered} == {"one"}
    assert len({queue_id(message) for _, _, message in delivered}) == 1


def test_the_deadline_ends_attempts_at_ten_silent_hosts(send):
    run = send("bob@silent.plain.test", options=["--deadline=3"])
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 15


def test_each_recipient_has_its_own_result(send, mail_network):
    run = send("a@first.plain.test", "b@second.plain.test",
               "c@nxdomain.plain.test", "d@expired.test", "e@null.plain.test")
    assert run.status == 68, run
    assert run.fields["result"] == "partial"
    assert sorted((name, to) for name, to, _ in mail_network.delivered()) == [
        ("one", "a@first.plain.test"), ("two", "b@second.plain.test")]
    for address in ("<c@nxdomain.plain.test>", "<d@expired.test>",
                    "<e@null.plain.test>"):
        assert address in run.stderr
    assert "a@first" not in run.stderr and "b@second" not in run.stderr
