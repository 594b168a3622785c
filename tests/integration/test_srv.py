# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host srv: the DNS names the servers of a domain."""

import os

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MESSAGE_ACCEPTED, QUIT, SECURED,
                      SEND, STARTTLS, ehlo, greet, lines)
from dns_stub import DnsStub
from scripted import ScriptedServer

BY_STARTTLS = lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED)
BY_TLS = lines("TLS", greet(), MESSAGE_ACCEPTED)
BUSY = "S: 421 4.3.2 busy\nC? QUIT"


@pytest.fixture
def dns():
    stub = DnsStub()
    for name in ("one.mx.test", "two.mx.test", "mx.test"):
        stub.add(name, "A", "127.0.0.1")
    yield stub
    stub.stop()


@pytest.fixture
def other(certificates):
    """A second server."""
    server = ScriptedServer()
    server.use_certificate(certificates, "good")
    yield server
    server.stopping.set()
    if server.thread:
        server.thread.join()
    server.listener.close()


@pytest.fixture
def send(submit, dns, trust):
    def send(*lines_of_account, argv=SEND, domain="domain_of mx.test"):
        return submit(*argv, config=lines(
            "account default", "host srv", domain, "domain client.example",
            "connect_timeout 2", "deadline 8", dns.setting, trust,
            *lines_of_account) + "\n")
    return send


def submission(dns, port, target="one.mx.test", priority=0, weight=10):
    dns.add("_submission._tcp.mx.test", "SRV", priority, weight, port, target)


def submissions(dns, port, target="one.mx.test", priority=0, weight=10):
    dns.add("_submissions._tcp.mx.test", "SRV", priority, weight, port, target)


def test_the_server_of_the_domain_with_starttls(send, dns, server):
    submission(dns, server.port)
    server.play(BY_STARTTLS)
    run = send()
    assert run.status == 0, run
    assert run.fields["host"] == "one.mx.test"


def test_the_server_of_the_domain_with_tls(send, dns, server):
    submissions(dns, server.port)
    server.play(BY_TLS)
    assert send().status == 0


def test_a_server_without_the_tls_that_the_dns_names(send, dns, server):
    submissions(dns, server.port)
    server.play("S: 220 one.mx.test ESMTP\nDRAIN")
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "does not use implicit TLS on this port" in run.stderr
    assert "STARTTLS" not in run.stderr


def test_tls_from_the_first_byte_comes_first(send, dns, server, other):
    submission(dns, other.port)
    submissions(dns, server.port, priority=50)
    server.play(BY_TLS)
    assert send().status == 0
    assert not other.connections


def test_the_lower_priority_comes_first(send, dns, server, other):
    submission(dns, other.port, "two.mx.test", priority=20)
    submission(dns, server.port, "one.mx.test", priority=10)
    server.play(BY_STARTTLS)
    assert send().status == 0
    assert not other.connections


def test_a_server_of_no_weight_is_hardly_asked(send, dns, server, other):
    submission(dns, other.port, "two.mx.test", weight=0)
    submission(dns, server.port, "one.mx.test", weight=65535)
    server.play(BY_STARTTLS)
    assert send().status == 0


def test_the_next_one_takes_it(send, dns, server, other):
    submission(dns, other.port, "one.mx.test", priority=10)
    submission(dns, server.port, "two.mx.test", priority=20)
    other.play(BUSY)
    server.play(BY_STARTTLS)
    run = send()
    other.finish()
    assert run.status == 0, run
    assert run.fields["host"] == "two.mx.test"
    assert len(server.messages) == 1


def test_all_servers_are_told_of(send, dns, server, other):
    submission(dns, server.port, "one.mx.test", priority=10)
    submission(dns, other.port, "two.mx.test", priority=20)
    server.play(BUSY)
    other.listener.close()
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "one.mx.test said: 421 4.3.2 busy; two.mx.test port " in run.stderr
    assert ": cannot connect: " in run.stderr


def test_the_certificate_must_be_for_the_domain(send, dns, server):
    # That of the server is for mx.test, which is not proven to be a server
    # for the users of other.test.
    dns.add("_submission._tcp.other.test", "SRV", 0, 0, server.port, "mx.test")
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go",
                      "TLS REJECTED"))
    run = send(domain="domain_of other.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "not for other.test" in run.stderr


@pytest.mark.parametrize("trusted", ["dns_trust_ad on", ""])
def test_the_certificate_may_be_for_a_proven_server(
        send, dns, server, trusted):
    # The stub is on this machine, so it is believed in any case.
    dns.authentic = True
    dns.add("_submission._tcp.other.test", "SRV", 0, 0, server.port, "mx.test")
    server.play(BY_STARTTLS)
    assert send(trusted, domain="domain_of other.test").status == 0


def test_an_override_comes_before_all(send, dns, server):
    dns.add("_submission._tcp.other.test", "SRV", 0, 0, server.port,
            "one.mx.test")
    server.play(BY_STARTTLS)
    run = send("tls_host_override mx.test", domain="domain_of other.test")
    assert run.status == 0, run


def test_the_domain_of_from_is_the_default(send, dns, server):
    submission(dns, server.port)
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED.replace(
        "alice@example.org", "al@mx.test")))
    run = send("from al@mx.test", LOGIN_SETTINGS, domain="",
               argv=("bob@example.org",))
    assert run.status == 0, run


def test_serverinfo_shows_the_server(send, dns, server):
    submission(dns, server.port)
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), QUIT))
    run = send(argv=("--serverinfo",))
    assert run.status == 0, run
    assert "Server: one.mx.test at 127.0.0.1" in run.stdout


def test_not_offered(send, dns):
    dns.add("_submission._tcp.mx.test", "SRV", 0, 0, 0, ".")
    run = send()
    assert run.status == os.EX_CONFIG, run
    assert "mx.test" in run.stderr


def test_no_records(send):
    assert send().status == os.EX_CONFIG


@pytest.mark.parametrize("fault", ["SERVFAIL", "REFUSED", "silence"])
def test_a_sick_name_server_is_temporary(send, dns, fault):
    dns.rcodes["mx.test"] = {"SERVFAIL": 2, "REFUSED": 5}.get(fault, 0)
    dns.silent = fault == "silence"
    run = send()
    assert run.status == os.EX_TEMPFAIL, run


@pytest.mark.parametrize("setting, said", [
    ("host mx.example", "srv cannot be combined"),
    ("port 587", "conflict: "),
    ("tls_starttls off", "conflict: "),
    ("proxy_host 127.0.0.1", "conflict: "),
    ("dns_server 127.0.0.2\ndns_server 127.0.0.3\ndns_server 127.0.0.4",
     "more than 3"),
])
def test_what_contradicts_it(send, setting, said):
    run = send(setting)
    assert run.status == os.EX_CONFIG, run
    assert said in run.stderr


def test_tls_cannot_be_left_out(submit, dns):
    for mode in ("off", "opportunistic"):
        run = submit(*SEND, config=lines(
            "account default", "host srv", "domain_of mx.test", dns.setting,
            f"tls {mode}") + "\n")
        assert run.status == os.EX_CONFIG, run
        assert not dns.queries
