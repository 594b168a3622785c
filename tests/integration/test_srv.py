# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host srv: the servers of a domain come from its SRV records (RFC 6186)."""

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


def add_submission(dns, port, target="one.mx.test", priority=0, weight=10):
    dns.add("_submission._tcp.mx.test", "SRV", priority, weight, port, target)


def add_submissions(dns, port, target="one.mx.test", priority=0, weight=10):
    dns.add("_submissions._tcp.mx.test", "SRV", priority, weight, port, target)


def test_a_submission_record_is_used_with_starttls(send, dns, server):
    add_submission(dns, server.port)
    server.play(BY_STARTTLS)
    run = send()
    assert run.status == 0, run
    assert run.fields["host"] == "one.mx.test"


def test_a_submissions_record_is_used_with_implicit_tls(send, dns, server):
    add_submissions(dns, server.port)
    server.play(BY_TLS)
    assert send().status == 0


def test_a_submissions_host_without_implicit_tls_is_a_failure(
        send, dns, server):
    add_submissions(dns, server.port)
    server.play("S: 220 one.mx.test ESMTP\nDRAIN")
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "does not use implicit TLS on this port" in run.stderr
    assert "STARTTLS" not in run.stderr


def test_submissions_is_tried_before_submission(send, dns, server, other):
    add_submission(dns, other.port)
    add_submissions(dns, server.port, priority=50)
    server.play(BY_TLS)
    assert send().status == 0
    assert not other.connections


def test_the_record_with_the_lower_priority_value_is_tried_first(
        send, dns, server, other):
    add_submission(dns, other.port, "two.mx.test", priority=20)
    add_submission(dns, server.port, "one.mx.test", priority=10)
    server.play(BY_STARTTLS)
    assert send().status == 0
    assert not other.connections


def test_a_record_with_weight_0_is_rarely_selected(send, dns, server, other):
    add_submission(dns, other.port, "two.mx.test", weight=0)
    add_submission(dns, server.port, "one.mx.test", weight=65535)
    server.play(BY_STARTTLS)
    assert send().status == 0


def test_the_next_host_is_tried_after_an_early_failure(
        send, dns, server, other):
    add_submission(dns, other.port, "one.mx.test", priority=10)
    add_submission(dns, server.port, "two.mx.test", priority=20)
    other.play(BUSY)
    server.play(BY_STARTTLS)
    run = send()
    other.finish()
    assert run.status == 0, run
    assert run.fields["host"] == "two.mx.test"
    assert len(server.messages) == 1


def test_the_failures_of_all_hosts_are_reported(send, dns, server, other):
    add_submission(dns, server.port, "one.mx.test", priority=10)
    add_submission(dns, other.port, "two.mx.test", priority=20)
    server.play(BUSY)
    other.go_down()
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "one.mx.test said: 421 4.3.2 busy; two.mx.test port " in run.stderr
    assert ": cannot connect: " in run.stderr


def test_without_dnssec_the_certificate_must_name_the_domain(
        send, dns, server):
    # The certificate is for mx.test; without DNSSEC nothing proves that this
    # is a server of other.test.
    dns.add("_submission._tcp.other.test", "SRV", 0, 0, server.port, "mx.test")
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go",
                      "TLS REJECTED"))
    run = send(domain="domain_of other.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "not for other.test" in run.stderr


@pytest.mark.parametrize("trusted", ["dns_trust_ad on", ""])
def test_with_dnssec_the_certificate_must_name_the_host(
        send, dns, server, trusted):
    # The DNS stub is on loopback, so that its AD flag is trusted anyway.
    dns.authentic = True
    dns.add("_submission._tcp.other.test", "SRV", 0, 0, server.port, "mx.test")
    server.play(BY_STARTTLS)
    assert send(trusted, domain="domain_of other.test").status == 0


def test_tls_host_override_is_the_name_in_the_certificate(send, dns, server):
    dns.add("_submission._tcp.other.test", "SRV", 0, 0, server.port,
            "one.mx.test")
    server.play(BY_STARTTLS)
    run = send("tls_host_override mx.test", domain="domain_of other.test")
    assert run.status == 0, run


def test_the_domain_of_from_is_used_by_default(send, dns, server):
    add_submission(dns, server.port)
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED.replace(
        "alice@example.org", "al@mx.test")))
    run = send("from al@mx.test", LOGIN_SETTINGS, domain="",
               argv=("bob@example.org",))
    assert run.status == 0, run


def test_serverinfo_shows_the_host_of_the_record(send, dns, server):
    add_submission(dns, server.port)
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), QUIT))
    run = send(argv=("--serverinfo",))
    assert run.status == 0, run
    assert "Server: one.mx.test at 127.0.0.1" in run.stdout


def test_a_target_of_dot_means_no_service(send, dns):
    dns.add("_submission._tcp.mx.test", "SRV", 0, 0, 0, ".")
    run = send()
    assert run.status == os.EX_CONFIG, run
    assert "mx.test" in run.stderr


def test_a_domain_without_records_is_a_configuration_error(send):
    assert send().status == os.EX_CONFIG


@pytest.mark.parametrize("fault", ["SERVFAIL", "REFUSED", "silent"])
def test_a_failed_srv_lookup_is_a_temporary_failure(send, dns, fault):
    dns.rcodes["mx.test"] = {"SERVFAIL": 2, "REFUSED": 5}.get(fault, 0)
    dns.silent = fault == "silent"
    run = send()
    assert run.status == os.EX_TEMPFAIL, run


@pytest.mark.parametrize("setting, error", [
    ("host mx.example", "srv cannot be combined"),
    ("port 587", "conflict: "),
    ("tls_starttls off", "conflict: "),
    ("proxy_host 127.0.0.1", "conflict: "),
    ("dns_server 127.0.0.2\ndns_server 127.0.0.3\ndns_server 127.0.0.4",
     "more than 3"),
])
def test_a_setting_that_conflicts_with_host_srv_is_an_error(
        send, setting, error):
    run = send(setting)
    assert run.status == os.EX_CONFIG, run
    assert error in run.stderr


def test_host_srv_requires_tls(submit, dns):
    for mode in ("off", "opportunistic"):
        run = submit(*SEND, config=lines(
            "account default", "host srv", "domain_of mx.test", dns.setting,
            f"tls {mode}") + "\n")
        assert run.status == os.EX_CONFIG, run
        assert not dns.queries
