# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS with real name servers, real mail servers and a web server."""

import os

import pytest

import policy_host
from policy_host import PolicyHost, policy, response

DOMAIN, MISNAMED = "sts.test", "misnamed.sts.test"
ONE, TWO, OTHER = (f"{name}.{DOMAIN}" for name in ("one", "two", "other"))


@pytest.fixture
def start(binary, routes, certificates):
    """Starts the policy host of a domain on the client's machine."""
    if not (binary.parent / "helpers" / "veredus-sts-fetch").exists():
        pytest.skip("built without libcurl")
    hosts = []

    def start(text, domain=DOMAIN, label="policy"):
        files = policy_host.issue(certificates, domain)
        with routes.network.client:
            hosts.append(PolicyHost(*files(label)))
        hosts[-1].answer = [response(text)]
        return hosts[-1]

    yield start
    for host in hosts:
        host.stop()


@pytest.fixture
def send(program, routes, tmp_path):
    def send(host, domain=DOMAIN):
        program.write_config(routes.account(
            "host mx", f"mta_sts_server {host.place}",
            f"mta_sts_cache {tmp_path}/policies"))
        return program.run("-f", "alice@example.org", f"bob@{domain}")
    return send


def assert_taken(run, routes, name, by=b"with ESMTPS"):
    assert run.status == 0, run
    (where, _, message), = routes.arrived()
    assert where == name and by in message


def test_a_host_that_the_policy_names_takes_it(send, start, routes):
    host = start(policy("enforce", ONE, TWO))
    for _ in range(2):
        routes.restore()
        run = send(host)
        assert_taken(run, routes, "one")
        assert "verified" in run.fields["tls"].split()
    assert len(host.requests) == 1


def test_the_best_host_that_it_names_takes_it(send, start, routes):
    assert_taken(send(start(policy("enforce", TWO))), routes, "two")


def test_the_next_one_takes_it_when_the_first_is_down(send, start, routes):
    routes.trio["one"].stop()
    assert_taken(send(start(policy("enforce", f"*.{DOMAIN}"))), routes, "two")


def test_nobody_takes_it_when_it_names_none(send, start, routes):
    run = send(start(policy("enforce", "three.sts.test")))
    assert run.status == os.EX_TEMPFAIL, run
    assert "does not name it" in run.stderr
    assert not routes.arrived()


def test_nobody_takes_it_under_a_wrong_name(send, start, routes):
    run = send(start(policy("enforce", OTHER), MISNAMED), MISNAMED)
    assert run.status == os.EX_TEMPFAIL, run
    assert f"not for {OTHER}" in run.stderr
    assert not routes.arrived()


def test_a_policy_that_is_tested_only_logs(send, start, routes):
    run = send(start(policy("testing", TWO)))
    assert_taken(run, routes, "one")
    assert f"only tested, does not name {ONE}" in run.log


def test_a_policy_that_is_none_changes_nothing(send, start, routes):
    run = send(start(policy("none"), MISNAMED), MISNAMED)
    assert_taken(run, routes, "one")
    assert "STS" not in run.log


@pytest.mark.parametrize("label", [
    "policy-expired", "policy-of-domain", "policy-of-ca2"])
def test_a_policy_of_anybody_does_not_count(send, start, routes, label):
    run = send(start(policy("enforce", TWO), label=label))
    assert_taken(run, routes, "one")
    assert f"the MTA-STS policy of {DOMAIN} cannot be had" in run.log
