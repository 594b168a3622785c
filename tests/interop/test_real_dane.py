# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE (RFC 7672) with signed zones, a validating resolver and real servers.

Where TLSA records exist, mail is never sent without TLS that matches them.
"""

import os

import pytest

import dane_servers
from mx_servers import queue_id


@pytest.fixture
def send(program, mail_network):
    def send(domain, *settings, argv=(), host=("host mx",),
             more_recipients=()):
        program.write_config(mail_network.account(*host, *settings))
        return program.run(*argv, "-f", "alice@example.org", f"bob@{domain}",
                           *more_recipients)
    return send


def deliveries(mail_network):
    """Returns (server, whether TLS was used) for each delivered message."""
    return [(name, b"with ESMTPS" in message)
            for name, _, message in mail_network.delivered()]


DELIVERABLE = [
    "ee-key", "ee-key-sha512", "ee-key-full", "ee-cert", "ee-cert-full",
    "ee-rollover", "ta-cert", "ta-key", "ta-domain", "ee-expired", "unusable",
    "alias"]
# The error for each of the others.
FAILING = {
    "ee-mismatch": "none of its TLSA records",
    "ta-wrong-name":
        "it is for elsewhere.test, not for ta-wrong-name-mx.signed.test",
    "ta-expired": "it expired",
    "ta-mismatch": "none of its TLSA records",
    "unusable-no-starttls": "does not offer STARTTLS, and DANE requires it",
    "unusable-and-mismatch": "none of its TLSA records",
    "no-starttls": "does not offer STARTTLS, and DANE requires it",
    "bogus": "TLSA lookup failed",
    "alias-mismatch": "none of its TLSA records",
}
# Accounts whose server does not come from MX records.
ACCOUNTS = {
    "host": ["host {name}-mx.signed.test", "port 25", "tls opportunistic",
             "dane on"],
    "srv": ["host srv", "domain_of {name}.signed.test", "dane on"],
}
MX_ONLY = {"ta-domain", "alias", "alias-mismatch"}  # depend on MX records


@pytest.mark.parametrize("name", DELIVERABLE)
def test_delivers_to_a_server_that_matches_its_tlsa_records(
        send, mail_network, name):
    run = send(f"{name}.signed.test")
    assert run.status == 0, run
    assert deliveries(mail_network) == [("dane", True)]


@pytest.mark.parametrize("name", FAILING)
def test_never_delivers_to_a_server_that_does_not_match(
        send, mail_network, name):
    run = send(f"{name}.signed.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert FAILING[name] in run.stderr
    assert not deliveries(mail_network)


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("name", [
    name for name in (*DELIVERABLE, *FAILING) if name not in MX_ONLY])
def test_dane_for_a_server_that_the_account_names(
        send, mail_network, account, name):
    run = send("example.org", host=[
        line.format(name=name) for line in ACCOUNTS[account]])
    # host srv requires a valid certificate even without DANE.
    deliverable = (name in DELIVERABLE
                   and (account, name) != ("srv", "unusable"))
    assert run.status == (0 if deliverable else os.EX_TEMPFAIL), run
    assert deliveries(mail_network) == [("dane", True)] * deliverable


def test_each_dane_host_is_tested():
    tested = {*DELIVERABLE, *FAILING, "no-tlsa"} - {"alias", "alias-mismatch"}
    assert tested == set(dane_servers.HOSTS)


def test_delivers_to_the_next_host_if_the_first_does_not_match(
        send, mail_network):
    run = send("fallback.signed.test")
    assert run.status == 0, run
    assert deliveries(mail_network) == [("one", True)]


@pytest.mark.parametrize("name, sessions", [("ee-key", 1), ("ta-cert", 2)])
def test_domains_share_a_session_if_dane_does_not_check_the_domain(
        send, mail_network, name, sessions):
    # DANE-TA accepts a certificate for the domain: one session for each.
    run = send(f"{name}.signed.test",
               more_recipients=[f"bob@{name}-too.signed.test"])
    assert run.status == 0, run
    delivered = mail_network.delivered()
    assert len(delivered) == 2
    assert len({queue_id(message) for _, _, message in delivered}) == sessions


def test_a_server_without_tlsa_records_may_lack_tls(send, mail_network):
    run = send("no-tlsa.signed.test")
    assert run.status == 0, run
    assert deliveries(mail_network) == [("dane", False)]


def test_insecure_tlsa_records_are_ignored(send, mail_network):
    # The zone of the TLSA records is not signed.
    run = send("insecure.plain.test")
    assert run.status == 0, run
    # The zone of the MX record is not signed.
    run = send("to-signed.plain.test")
    assert run.status == 0, run
    # The AD flag comes from a resolver that is not on loopback.
    run = send("ee-mismatch.signed.test",
               mail_network.dns.non_loopback_setting)
    assert run.status == 0, run
    assert deliveries(mail_network) == [("dane", True)] * 3


def test_dns_trust_ad_trusts_a_resolver_that_is_not_on_loopback(
        send, mail_network):
    resolver = mail_network.dns.non_loopback_setting
    run = send("ee-mismatch.signed.test", resolver, "dns_trust_ad on")
    assert run.status == os.EX_TEMPFAIL, run
    run = send("ee-key.signed.test", resolver, "dns_trust_ad on")
    assert run.status == 0, run
    assert deliveries(mail_network) == [("dane", True)]


def test_probe_shows_that_dane_requires_tls(send, mail_network):
    run = send("ee-key.signed.test", argv=["--probe"])
    assert run.status == 0, run
    assert "\n    TLS required by: DANE\n" in run.stdout
    assert run.stdout.endswith("    result: ok\n")
    run = send("ee-mismatch.signed.test", argv=["--probe"])
    assert run.status == os.EX_TEMPFAIL, run
    assert FAILING["ee-mismatch"] in run.stdout
    # The certificate is shown although it does not match.
    assert "\n        SHA-256 of the key: spki:" in run.stdout
    assert not deliveries(mail_network)


def test_explain_shows_that_dane_requires_tls(send):
    run = send("ee-key.signed.test", argv=["--explain"])
    assert run.status == 0, run
    assert ("a certificate that matches a TLSA record (1 usable)\n"
            "    TLS by: DANE\n") in run.stdout
    assert "DNSSEC: secures the host name and its addresses\n" in run.stdout
    run = send("bogus.signed.test", argv=["--explain"])
    assert run.status == os.EX_TEMPFAIL, run
    assert FAILING["bogus"] in run.stdout


def test_dane_for_an_alias_that_the_account_names(send, mail_network):
    run = send("example.org", host=[
        "host host-alias.signed.test", "port 25", "dane on"])
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane")
    assert deliveries(mail_network) == [("dane", True)]
