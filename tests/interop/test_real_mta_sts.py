# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS (RFC 8461) as it is in the wild.

The policies come from port 443 of a host that the DNS names, and the name
server is the one of resolv.conf.
"""

import os
import time

import pytest

import zones
from network import can_put_over, put_over
from policy_host import PolicyHost, response


def policy(mode="enforce", mx="one.plain.test", max_age=86400):
    return [response("version: STSv1\r\n" f"mode: {mode}\r\n"
                     f"mx: {mx}\r\n" f"max_age: {max_age}\r\n")]


@pytest.fixture
def host(routes, certificates, binary):
    """The policy host of all domains; all have the same policy."""
    if not (binary.parent / "helpers" / "veredus-sts-fetch").exists():
        pytest.skip("built without libcurl")
    with routes.network.servers:
        host = PolicyHost(certificates.path("policies.pem"),
                          certificates.path("policies.key"),
                          address=zones.POLICIES, port=443)
    host.answer = policy()
    yield host
    host.stop()


@pytest.fixture
def send(program, routes, host, tmp_path):
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")

    def send(domain):
        program.write_config(routes.account("host mx").replace(
            routes.names.setting + "\n", ""))
        return program.run(
            "-f", "alice@example.org", f"bob@{domain}",
            preexec_fn=put_over("/etc/resolv.conf", resolv))

    if not can_put_over():
        pytest.skip("a resolv.conf of our own needs CAP_SYS_ADMIN")
    return send


def test_a_policy_in_force_is_kept(send, routes, host):
    run = send("strict.plain.test")
    assert run.status == 0, run
    assert "verified" in run.fields["tls"].split()
    assert [name for name, _, _ in routes.arrived()] == ["one"]
    assert host.names == ["mta-sts.strict.plain.test"]
    assert "/.well-known/mta-sts.txt" in host.requests[0]


@pytest.mark.parametrize("domain, mx, said", [
    ("unnamed", "one.plain.test", "does not name this host"),
    ("stranger", "*.plain.test", "not for stranger.plain.test"),
    ("stripped", "*.plain.test", "STARTTLS"),
])
def test_a_server_that_does_not_keep_it(send, routes, host, domain, mx, said):
    host.answer = policy(mx=mx)
    run = send(f"{domain}.plain.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert said in run.stderr
    assert not routes.arrived()


def test_the_best_host_that_is_named_takes_it(send, routes, host):
    host.answer = policy(mx="two.plain.test")
    run = send("strict.plain.test")
    assert run.status == 0, run
    assert [name for name, _, _ in routes.arrived()] == ["two"]


def test_the_next_one_takes_it_when_the_first_is_down(send, routes, host):
    host.answer = policy(mx="*.plain.test")
    routes.trio["one"].stop()
    run = send("strict.plain.test")
    assert run.status == 0, run
    assert "verified" in run.fields["tls"].split()
    assert [name for name, _, _ in routes.arrived()] == ["two"]


@pytest.mark.parametrize("mode", ["testing", "none"])
@pytest.mark.parametrize("domain", zones.STS)
def test_a_policy_that_is_not_in_force(send, routes, host, domain, mode):
    host.answer = policy(mode)
    run = send(f"{domain}.plain.test")
    assert run.status == 0, run
    assert len(routes.arrived()) == 1
    note = (f"the MTA-STS policy of {domain}.plain.test is in testing mode "
            "and is not enforced")
    assert run.log.count(note) == (1 if mode == "testing" else 0)


def test_dane_goes_before_it(send, routes):
    # The policy names another host, and the certificate is nobody's.
    run = send("proven.signed.test")
    assert run.status == 0, run
    assert [name for name, _, _ in routes.arrived()] == ["doors"]


@pytest.mark.parametrize("label", ["good", "policies-expired",
                                   "policies-of-ca2"])
def test_a_policy_of_somebody_else(send, routes, host, certificates, label):
    host.use(certificates.path(f"{label}.pem"),
             certificates.path(f"{label}.key"))
    run = send("unnamed.plain.test")
    assert run.status == 0, run
    assert "cannot fetch the MTA-STS policy" in run.log
    assert len(routes.arrived()) == 1


def test_a_policy_is_kept_until_it_is_too_old(send, routes, host):
    host.answer = policy(max_age=3)
    assert send("unnamed.plain.test").status == os.EX_TEMPFAIL
    began = time.monotonic()
    host.stop()
    run = send("unnamed.plain.test")
    if time.monotonic() < began + 2:
        assert run.status == os.EX_TEMPFAIL, run
        assert not routes.arrived()
    time.sleep(5)
    run = send("unnamed.plain.test")
    assert run.status == 0, run
    assert [name for name, _, _ in routes.arrived()][-1] == "two"
