# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE (RFC 7672): signed zones, a validating name server, real servers.

D6 of the catalogue of faults: what cannot be proven is never sent in clear.
"""

import os

import pytest

import doors
from exchanges import queue_id


@pytest.fixture
def send(program, routes):
    def send(domain, *settings, argv=(), host=("host mx",), also=()):
        program.write_config(routes.account(*host, *settings))
        return program.run(*argv, "-f", "alice@example.org", f"bob@{domain}",
                           *also)
    return send


def arrivals(routes):
    return [(name, b"with ESMTPS" in message)
            for name, _, message in routes.arrived()]


GOOD = ["key", "key-512", "key-full", "whole", "whole-full", "rollover",
        "host", "authority-key", "domain", "old-key", "unusable", "alias"]
BAD = {
    "wrong": "none of its TLSA records",
    "stranger": "it is for elsewhere.test, not for stranger-mx.signed.test",
    "old": "it expired",
    "other-authority": "none of its TLSA records",
    "unusable-plain": "does not offer STARTTLS, and DANE requires it",
    "usable-beside": "none of its TLSA records",
    "stripped": "does not offer STARTTLS, and DANE requires it",
    "forged": "TLSA lookup failed",
    "wrong-alias": "none of its TLSA records",
}


# Servers that something else than MX records names.
WAYS = {
    "host": ["host {name}-mx.signed.test", "port 25", "tls opportunistic",
             "dane on"],
    "srv": ["host srv", "domain_of {name}.signed.test", "dane on"],
}
OF_MX = {"domain", "alias", "wrong-alias"}  # for which only MX records do


@pytest.mark.parametrize("name", GOOD)
def test_a_server_that_has_proven_itself(send, routes, name):
    run = send(f"{name}.signed.test")
    assert run.status == 0, run
    assert arrivals(routes) == [("doors", True)]


@pytest.mark.parametrize("name", BAD)
def test_d6_a_server_that_has_not(send, routes, name):
    run = send(f"{name}.signed.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert BAD[name] in run.stderr
    assert not arrivals(routes)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [
    name for name in (*GOOD, *BAD) if name not in OF_MX])
def test_a_server_that_the_account_names(send, routes, way, name):
    run = send("example.org", host=[
        line.format(name=name) for line in WAYS[way]])
    # host srv needs a certificate in any case.
    good = name in GOOD and (way, name) != ("srv", "unusable")
    assert run.status == (0 if good else os.EX_TEMPFAIL), run
    assert arrivals(routes) == [("doors", True)] * good


def test_all_kinds_are_tried():
    tried = {*GOOD, *BAD, "free"} - {"alias", "wrong-alias"}
    assert tried == set(doors.HOSTS)


def test_d6_the_next_host_when_the_first_has_not(send, routes):
    run = send("fallback.signed.test")
    assert run.status == 0, run
    assert arrivals(routes) == [("one", True)]


@pytest.mark.parametrize("name, sessions", [("key", 1), ("host", 2)])
def test_domains_share_a_server_whose_key_is_known(
        send, routes, name, sessions):
    # A name in the certificate may be that of the domain, so each asks again.
    run = send(f"{name}.signed.test", also=[f"bob@{name}-too.signed.test"])
    assert run.status == 0, run
    arrived = routes.arrived()
    assert len(arrived) == 2
    assert len({queue_id(message) for _, _, message in arrived}) == sessions


def test_a_server_without_keys_may_have_no_tls(send, routes):
    run = send("free.signed.test")
    assert run.status == 0, run
    assert arrivals(routes) == [("doors", False)]


def test_keys_without_proof_mean_nothing(send, routes):
    # Neither are those of a zone that is not signed ...
    run = send("unproven.plain.test")
    assert run.status == 0, run
    # ... nor those of a host that it names without proof ...
    run = send("to-signed.plain.test")
    assert run.status == 0, run
    # ... nor those that a distant name server calls authentic.
    run = send("wrong.signed.test", routes.names.distant_setting)
    assert run.status == 0, run
    assert arrivals(routes) == [("doors", True)] * 3


def test_a_distant_name_server_may_be_trusted(send, routes):
    distant = routes.names.distant_setting
    run = send("wrong.signed.test", distant, "dns_trust_ad on")
    assert run.status == os.EX_TEMPFAIL, run
    run = send("key.signed.test", distant, "dns_trust_ad on")
    assert run.status == 0, run
    assert arrivals(routes) == [("doors", True)]


def test_probe_tells_of_it(send, routes):
    run = send("key.signed.test", argv=["--probe"])
    assert run.status == 0, run
    assert "\n    TLS demanded by: DANE\n" in run.stdout
    assert run.stdout.endswith("    result: ok\n")
    run = send("wrong.signed.test", argv=["--probe"])
    assert run.status == os.EX_TEMPFAIL, run
    assert BAD["wrong"] in run.stdout
    # The certificate is shown all the same.
    assert "\n        SHA-256 of the key: spki:" in run.stdout
    assert not arrivals(routes)


def test_explain_tells_of_it(send):
    run = send("key.signed.test", argv=["--explain"])
    assert run.status == 0, run
    assert "a certificate as 1 TLSA record says\n    TLS by: DANE\n" \
        in run.stdout
    assert "DNSSEC: proves the host and its addresses\n" in run.stdout
    run = send("forged.signed.test", argv=["--explain"])
    assert run.status == os.EX_TEMPFAIL, run
    assert BAD["forged"] in run.stdout


def test_an_alias_that_the_account_names(send, routes):
    run = send("example.org", host=[
        "host host-alias.signed.test", "port 25", "dane on"])
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane")
    assert arrivals(routes) == [("doors", True)]
