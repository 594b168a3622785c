# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host srv with real name servers and real mail servers."""

import os

import pytest

import zones
from dialogue import SEND


@pytest.fixture
def send(program, routes):
    def send(domain, *settings, argv=SEND, **options):
        program.write_config(routes.account(
            "host srv", f"domain_of {domain}", *settings))
        return program.run(*argv, **options)
    return send


@pytest.mark.parametrize("domain, host, by", [
    ("ordered.plain.test", "one.plain.test", "with ESMTPS"),
    ("starttls.signed.test", "two.signed.test", "with ESMTPS"),
    ("signed.test", "one.signed.test", "with ESMTPS"),
])
def test_the_servers_of_a_domain_take_it(send, routes, domain, host, by):
    run = send(domain)
    assert run.status == 0, run
    assert run.fields["host"] == host
    (name, recipient, message), = routes.arrived()
    assert host.startswith(name) and recipient == "bob@example.org"
    assert by.encode() in message


def test_unsigned_the_certificate_must_be_for_the_domain(send, routes):
    # It is for the target only.
    run = send("pointed.plain.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "not for pointed.plain.test" in run.stderr
    assert not routes.arrived()


def test_signed_the_certificate_must_be_for_the_target(send, routes):
    # It is for the domain, one.signed.test, only.
    run = send("one.signed.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "not for nameless.signed.test" in run.stderr
    assert not routes.arrived()


def test_signed_it_may_point_out_of_the_zone(send, routes):
    run = send("away.signed.test")
    assert run.status == 0, run
    assert len(routes.arrived()) == 1


def test_a_zone_that_lies_is_temporary(send, routes):
    run = send("expired.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "SERVFAIL" in run.stderr
    assert not routes.arrived()


@pytest.mark.parametrize("domain", ["none.plain.test", "gone.plain.test"])
def test_no_servers(send, domain):
    run = send(domain)
    assert run.status == os.EX_CONFIG, run
    assert domain in run.stderr


@pytest.mark.parametrize("down", [["one"], ["one", "two"]])
def test_the_next_priority_takes_it(send, routes, down):
    for name in down:
        routes.trio[name].stop()
    run = send("ordered.plain.test")
    assert run.status == 0, run
    (name, _, _), = routes.arrived()
    assert name == ["one", "two", "three"][len(down)]


def test_all_down_tells_all(send, routes):
    for exchange in routes.trio.values():
        exchange.stop()
    run = send("plain.test")
    assert run.status == os.EX_TEMPFAIL, run
    for name in routes.trio:
        assert f"cannot connect to {name}.plain.test" in run.stderr


@pytest.fixture
def configure(program, routes):
    def configure(domain):
        server = routes.names.setting.replace("dns_server ", "--dns-server=")
        return program.run(f"--configure=alice@{domain}", server, stdin=None)
    return configure


def test_what_a_signed_zone_configures_is_proven(program, routes, configure):
    printed = configure("away.signed.test")
    assert printed.status == 0, printed
    assert "\n# They are secured by DNSSEC: " in printed.stdout
    assert "\ntls_host_override " not in printed.stdout
    program.write_config(printed.stdout + routes.account().partition("\n")[2])
    # A host that is written down is looked up as the system does it.
    program.hosts["one.plain.test"] = zones.ONE
    run = program.run("--auth=off", "bob@example.org")
    assert run.status == 0, run
    assert len(routes.arrived()) == 1


def test_what_another_zone_configures_needs_the_domain(configure):
    run = configure("pointed.plain.test")
    assert run.status == 0, run
    assert "\n# They are not secured by DNSSEC.\n" in run.stdout
    assert "\ntls_host_override pointed.plain.test\n" in run.stdout
    assert "\nhost one.signed.test\nport 465\n" in run.stdout


def test_all_hosts_of_a_kind_are_configured(configure):
    run = configure("ordered.plain.test")
    assert run.status == 0, run
    assert "\n".join(["", "host one.plain.test", "host two.plain.test",
                      "host three.plain.test", "port 587", ""]) in run.stdout


@pytest.mark.parametrize("domain, status", [
    ("none.plain.test", os.EX_NOHOST),
    ("gone.plain.test", os.EX_NOHOST),
    ("expired.test", os.EX_TEMPFAIL),
])
def test_why_nothing_is_configured(configure, domain, status):
    run = configure(domain)
    assert (run.status, run.stdout) == (status, ""), run
    assert domain in run.stderr


@pytest.mark.parametrize("domain, host", [
    ("ordered.plain.test", "one.plain.test"),
    ("signed.test", "one.signed.test")])
def test_what_configure_prints_sends_a_message(program, routes, domain, host):
    printed = program.run("--configure", f"alice@{domain}", stdin=None, *[
        "--" + routes.names.setting.replace("_", "-").replace(" ", "=")])
    assert printed.status == 0, printed
    # Nobody knows a password here.
    program.hosts[host] = zones.ONE
    program.write_config(printed.stdout.replace("auth on", "auth off") + (
        f"tls_trust_file {routes.certificates.path('ca.pem')}\n"))
    run = program.run("bob@example.org")
    assert run.status == 0, run
    assert run.fields["host"] == host
    assert len(routes.arrived()) == 1
