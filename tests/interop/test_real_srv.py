# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host srv with real DNS and mail servers."""

import os
import re

import pytest

import zones
from dialogue import SEND


@pytest.fixture
def send(program, mail_network):
    def send(domain, *settings, argv=SEND, **options):
        program.write_config(mail_network.account(
            "host srv", f"domain_of {domain}", *settings))
        return program.run(*argv, **options)
    return send


@pytest.mark.parametrize("domain, host, protocol", [
    ("ordered.plain.test", "one.plain.test", "with ESMTPS"),
    ("starttls.signed.test", "two.signed.test", "with ESMTPS"),
    ("signed.test", "one.signed.test", "with ESMTPS"),
])
def test_delivers_to_a_server_from_the_srv_records(
        send, mail_network, domain, host, protocol):
    run = send(domain)
    assert run.status == 0, run
    assert run.fields["host"] == host
    (name, recipient, message), = mail_network.delivered()
    assert host.startswith(name) and recipient == "bob@example.org"
    assert protocol.encode() in message


def test_without_dnssec_the_certificate_must_be_for_the_domain(
        send, mail_network):
    # The certificate is for the target only.
    run = send("srv-to-signed.plain.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "not for srv-to-signed.plain.test" in run.stderr
    assert not mail_network.delivered()


def test_with_dnssec_the_certificate_must_be_for_the_target(
        send, mail_network):
    # The certificate is for the domain, one.signed.test, only.
    run = send("one.signed.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "not for other-name.signed.test" in run.stderr
    assert not mail_network.delivered()


def test_with_dnssec_the_target_may_be_in_an_insecure_zone(send, mail_network):
    run = send("srv-to-plain.signed.test")
    assert run.status == 0, run
    assert len(mail_network.delivered()) == 1


def test_a_bogus_zone_is_a_temporary_failure(send, mail_network):
    run = send("expired.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "SERVFAIL" in run.stderr
    assert not mail_network.delivered()


@pytest.mark.parametrize("domain", ["none.plain.test", "nxdomain.plain.test"])
def test_a_domain_without_servers_is_a_configuration_error(send, domain):
    run = send(domain)
    assert run.status == os.EX_CONFIG, run
    assert domain in run.stderr


@pytest.mark.parametrize("down", [["one"], ["one", "two"]])
def test_delivers_to_the_next_priority_if_servers_are_down(
        send, mail_network, down):
    for name in down:
        mail_network.mx_servers[name].stop()
    run = send("ordered.plain.test")
    assert run.status == 0, run
    (name, _, _), = mail_network.delivered()
    assert name == ["one", "two", "three"][len(down)]


def test_the_error_names_each_server_that_is_down(send, mail_network):
    for server in mail_network.mx_servers.values():
        server.stop()
    run = send("plain.test")
    assert run.status == os.EX_TEMPFAIL, run
    for name in mail_network.mx_servers:
        assert re.search(rf"{name}\.plain\.test port \d+: cannot connect",
                         run.stderr), run


@pytest.fixture
def configure(program, mail_network):
    def configure(domain):
        option = mail_network.dns.setting.replace(
            "dns_server ", "--dns-server=")
        return program.run(f"--configure=alice@{domain}", option, stdin=None)
    return configure


def test_configure_needs_no_host_override_with_dnssec(
        program, mail_network, configure):
    printed = configure("srv-to-plain.signed.test")
    assert printed.status == 0, printed
    assert "\n# They are secured by DNSSEC: " in printed.stdout
    assert "\ntls_host_override " not in printed.stdout
    program.write_config(
        printed.stdout + mail_network.account().partition("\n")[2])
    # The system resolver looks up a configured host.
    program.hosts["one.plain.test"] = zones.ONE
    run = program.run("--auth=off", "bob@example.org")
    assert run.status == 0, run
    assert len(mail_network.delivered()) == 1


def test_configure_writes_a_host_override_without_dnssec(configure):
    run = configure("srv-to-signed.plain.test")
    assert run.status == 0, run
    assert "\n# They are not secured by DNSSEC.\n" in run.stdout
    assert "\ntls_host_override srv-to-signed.plain.test\n" in run.stdout
    assert "\nhost one.signed.test\nport 465\n" in run.stdout


def test_configure_writes_all_hosts_with_the_same_port(configure):
    run = configure("ordered.plain.test")
    assert run.status == 0, run
    assert "\n".join(["", "host one.plain.test", "host two.plain.test",
                      "host three.plain.test", "port 587", ""]) in run.stdout


@pytest.mark.parametrize("domain, status", [
    ("none.plain.test", os.EX_NOHOST),
    ("nxdomain.plain.test", os.EX_NOHOST),
    ("expired.test", os.EX_TEMPFAIL),
])
def test_configure_fails_if_the_domain_has_no_servers(
        configure, domain, status):
    run = configure(domain)
    assert (run.status, run.stdout) == (status, ""), run
    assert domain in run.stderr


@pytest.mark.parametrize("domain, host", [
    ("ordered.plain.test", "one.plain.test"),
    ("signed.test", "one.signed.test")])
def test_the_configuration_that_configure_prints_works(
        program, mail_network, domain, host):
    printed = program.run("--configure", f"alice@{domain}", stdin=None, *[
        "--" + mail_network.dns.setting.replace("_", "-").replace(" ", "=")])
    assert printed.status == 0, printed
    # The servers do not offer AUTH.
    program.hosts[host] = zones.ONE
    program.write_config(printed.stdout.replace("auth on", "auth off") + (
        f"tls_trust_file {mail_network.certificates.path('ca.pem')}\n"))
    run = program.run("bob@example.org")
    assert run.status == 0, run
    assert run.fields["host"] == host
    assert len(mail_network.delivered()) == 1
