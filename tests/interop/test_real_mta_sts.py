# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS (RFC 8461) with real DNS and mail servers.

The policy host listens on port 443, and the DNS server is that of
resolv.conf.
"""

import os
import time

import pytest

import zones
from network import mount_over, mount_problem
from policy_host import PolicyHost, response


def policy(mode="enforce", mx="one.plain.test", max_age=86400):
    return [response("version: STSv1\r\n" f"mode: {mode}\r\n"
                     f"mx: {mx}\r\n" f"max_age: {max_age}\r\n")]


@pytest.fixture
def policy_host(mail_network, certificates, binary):
    """The policy host of all domains, which have the same policy."""
    if not (binary.parent / "helpers" / "veredus-sts-fetch").exists():
        pytest.skip("built without libcurl")
    with mail_network.network.servers:
        policy_host = PolicyHost(certificates.path("policy-host.pem"),
                                 certificates.path("policy-host.key"),
                                 address=zones.POLICY_HOST, port=443)
    policy_host.response = policy()
    yield policy_host
    policy_host.stop()


@pytest.fixture
def send(program, mail_network, policy_host, tmp_path):
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")

    def send(domain):
        program.write_config(mail_network.account("host mx").replace(
            mail_network.dns.setting + "\n", ""))
        return program.run(
            "-f", "alice@example.org", f"bob@{domain}",
            preexec_fn=mount_over("/etc/resolv.conf", resolv))

    problem = mount_problem()
    if problem:
        pytest.skip(problem)
    return send


def test_an_enforced_policy_is_fetched_and_applied(
        send, mail_network, policy_host):
    run = send("listed.plain.test")
    assert run.status == 0, run
    assert "verified" in run.fields["tls"].split()
    assert [name for name, _, _ in mail_network.delivered()] == ["one"]
    assert policy_host.server_names == ["mta-sts.listed.plain.test"]
    assert "/.well-known/mta-sts.txt" in policy_host.requests[0]


@pytest.mark.parametrize("domain, mx, error", [
    ("unlisted", "one.plain.test", "does not name this host"),
    ("wrong-name", "*.plain.test", "not for wrong-name.plain.test"),
    ("no-starttls", "*.plain.test", "STARTTLS"),
])
def test_no_delivery_to_a_server_that_violates_an_enforced_policy(
        send, mail_network, policy_host, domain, mx, error):
    policy_host.response = policy(mx=mx)
    run = send(f"{domain}.plain.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert error in run.stderr
    assert not mail_network.delivered()


def test_delivers_to_the_most_preferred_host_that_the_policy_lists(
        send, mail_network, policy_host):
    policy_host.response = policy(mx="two.plain.test")
    run = send("listed.plain.test")
    assert run.status == 0, run
    assert [name for name, _, _ in mail_network.delivered()] == ["two"]


def test_delivers_to_the_next_listed_host_if_the_first_is_down(
        send, mail_network, policy_host):
    policy_host.response = policy(mx="*.plain.test")
    mail_network.mx_servers["one"].stop()
    run = send("listed.plain.test")
    assert run.status == 0, run
    assert "verified" in run.fields["tls"].split()
    assert [name for name, _, _ in mail_network.delivered()] == ["two"]


@pytest.mark.parametrize("mode", ["testing", "none"])
@pytest.mark.parametrize("domain", zones.STS_DOMAINS)
def test_a_policy_that_is_not_enforced_does_not_prevent_delivery(
        send, mail_network, policy_host, domain, mode):
    policy_host.response = policy(mode)
    run = send(f"{domain}.plain.test")
    assert run.status == 0, run
    assert len(mail_network.delivered()) == 1
    note = (f"the MTA-STS policy of {domain}.plain.test is in testing mode "
            "and is not enforced")
    assert run.log.count(note) == (1 if mode == "testing" else 0)


def test_dane_takes_precedence_over_the_policy(send, mail_network):
    # The policy lists another host, and the certificate is invalid.
    run = send("with-dane.signed.test")
    assert run.status == 0, run
    assert [name for name, _, _ in mail_network.delivered()] == ["dane"]


@pytest.mark.parametrize("label", ["good", "policy-host-expired",
                                   "policy-host-of-ca2"])
def test_a_policy_host_with_an_invalid_certificate_is_ignored(
        send, mail_network, policy_host, certificates, label):
    policy_host.use_certificate(certificates.path(f"{label}.pem"),
                    certificates.path(f"{label}.key"))
    run = send("unlisted.plain.test")
    assert run.status == 0, run
    assert "cannot fetch the MTA-STS policy" in run.log
    assert len(mail_network.delivered()) == 1


def test_a_policy_is_cached_for_its_max_age(send, mail_network, policy_host):
    policy_host.response = policy(max_age=3)
    assert send("unlisted.plain.test").status == os.EX_TEMPFAIL
    fetched = time.monotonic()
    policy_host.stop()
    run = send("unlisted.plain.test")
    if time.monotonic() < fetched + 2:
        assert run.status == os.EX_TEMPFAIL, run
        assert not mail_network.delivered()
    time.sleep(5)
    run = send("unlisted.plain.test")
    assert run.status == 0, run
    assert [name for name, _, _ in mail_network.delivered()][-1] == "two"
