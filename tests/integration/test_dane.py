# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE: what the DNS says of the keys of a server."""

import os

import pytest

from dialogue import MESSAGE_TAKEN, SEND, STARTTLS, ehlo, greet, lines
from dns_stub import DnsStub
from network import SERVERS

DELIVERY = lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_TAKEN)
REFUSAL = lines(greet("STARTTLS"),
                "C: STARTTLS\nS: 220 2.0.0 go ahead\nTLS REFUSED")


@pytest.fixture
def dns():
    stub = DnsStub()
    stub.authentic = True
    stub.add("mx.test", "A", "127.0.0.1")
    yield stub
    stub.stop()


@pytest.fixture
def send(submit, dns):
    def send(*settings, argv=SEND, dane="dane on"):
        return submit(*argv, host="mx.test", settings=lines(
            dane, dns.setting, "deadline 20", *settings))
    return send


@pytest.fixture
def publish(dns, server, certificates):
    """Adds a record of a certificate, and gives one to the server."""
    def publish(label, *kind, has=None):
        server.use_certificate(certificates, has or label)
        dns.add(f"_{server.port}._tcp.mx.test", "TLSA",
                *certificates.tlsa(label, *kind))
    return publish


def nothing_sent(server):
    for verb in (b"MAIL", b"RCPT", b"DATA"):
        assert verb not in server.received


@pytest.mark.parametrize("certificate", [
    "self-signed", "expired", "wrong-name", "good"])
@pytest.mark.parametrize("mode", ["on", "opportunistic"])
def test_a_record_of_the_key_is_all_it_takes(
        send, publish, server, certificate, mode):
    publish(certificate)
    server.play(DELIVERY)
    run = send(f"tls {mode}")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


@pytest.mark.parametrize("kind", [(2, 0, 0), (2, 1, 0)])
def test_a_record_of_the_authority(send, publish, certificates, server, kind):
    publish("ca", *kind, has="good")
    server.play(DELIVERY)
    run = send("tls on")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


@pytest.mark.parametrize("certificate, cause", [
    ("expired", "it expired on"),
    ("wrong-name", "elsewhere.test, not for mx.test"),
    ("other", "not signed by the authority")])
def test_what_that_authority_must_have_signed(
        send, publish, server, certificate, cause):
    publish("ca", 2, 0, 0, has=certificate)
    server.play(REFUSAL)
    run = send("tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    assert cause in run.stderr
    nothing_sent(server)


@pytest.mark.parametrize("mode", ["on", "opportunistic"])
def test_another_key_is_a_failure_for_now(
        send, publish, certificates, server, mode):
    publish("other", has="good")
    server.play(REFUSAL)
    run = send(f"tls {mode}",
               f"tls_trust_file {certificates.path('ca.pem')}")
    assert run.status == os.EX_TEMPFAIL, run
    assert "refused by DANE: none of its TLSA records (3 1 1 " in run.stderr
    nothing_sent(server)


def test_an_account_may_insist_on_all_checks(
        send, publish, certificates, server):
    publish("expired")
    server.play(REFUSAL)
    run = send("tls on", "tls_certcheck on",
               f"tls_trust_file {certificates.path('ca.pem')}")
    assert run.status == os.EX_TEMPFAIL, run
    assert "it expired on" in run.stderr


def test_starttls_must_be_offered(send, publish, server):
    publish("good")
    server.play(lines(greet(), "C? QUIT"))
    run = send("tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    assert "does not offer STARTTLS, and DANE requires it" in run.stderr
    nothing_sent(server)


def test_tls_that_fails_is_not_done_without(send, publish, server):
    publish("good")
    server.play(lines(greet("STARTTLS"),
                      "C: STARTTLS\nS: 220 go\nREAD 5\nCLOSE"))
    run = send("tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    nothing_sent(server)


def test_records_that_cannot_be_used_require_any_tls(
        send, publish, server):
    publish("ca2", 1, 0, 1, has="self-signed")
    server.play(DELIVERY)
    run = send("tls opportunistic")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" unverified")


def test_keys_that_nobody_can_tell_are_a_failure_for_now(
        send, publish, dns, server):
    publish("good")
    dns.codes[f"_{server.port}._tcp.mx.test"] = 2
    server.play(DELIVERY, optional=True)
    run = send("tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    assert "TLSA lookup failed" in run.stderr
    assert not server.connections


@pytest.mark.parametrize("dane", ["dane on", "dane off", "dane auto"])
def test_records_that_are_not_authentic_do_not_count(
        send, publish, dns, server, dane):
    publish("other", has="good")
    dns.authentic = dane != "dane on"
    server.play(DELIVERY)
    run = send("tls opportunistic", dane=dane)
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" unverified")


def test_a_name_server_that_is_not_believed_is_told(send, server):
    server.play(lines(greet(), MESSAGE_TAKEN))
    run = send("tls opportunistic", "dns_server 192.0.2.53",
               argv=("-v", *SEND))
    assert run.status == 0, run
    assert "no DANE: the name servers are not on this host" in run.stderr


def test_the_server_of_a_domain_may_have_records(
        submit, publish, dns, server):
    publish("wrong-name")
    dns.add("_submission._tcp.example.org", "SRV", 0, 0, server.port,
            "mx.test")
    server.play(DELIVERY)
    run = submit(*SEND, config=lines(
        "account default", "host srv", "domain_of example.org", dns.setting,
        "domain client.example", "deadline 20", "dane on") + "\n")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


def test_a_host_of_any_script(submit, certificates, dns, server):
    server.use_certificate(certificates, "self-signed")
    dns.add("xn--bcher-kva.test", "A", "127.0.0.1")
    dns.add(f"_{server.port}._tcp.xn--bcher-kva.test", "TLSA",
            *certificates.tlsa("self-signed"))
    server.play(DELIVERY)
    run = submit(*SEND, host="bücher.test", settings=lines(
        "dane on", dns.setting, "tls on"))
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


@pytest.fixture
def exchanger(network, certificates):
    """One that is to take the mail of example.org, and its DNS."""
    with network.client:
        stub = DnsStub("127.0.0.1", 53)
    stub.authentic = True
    stub.add("mx.test", "A", SERVERS[0])
    stub.add("example.org", "MX", 10, "mx.test")
    stub.server = network.listen(SERVERS[0])
    yield stub
    stub.stop()


def send_to_exchanger(submit, network, stub, *settings, argv=SEND):
    run = submit(*argv, config=lines(
        "account default", "host mx", "domain client.example", "deadline 20",
        stub.setting, *settings) + "\n")
    network.finish()
    return run


def test_who_takes_the_mail_of_a_domain_is_verified(
        submit, network, exchanger, certificates):
    exchanger.add("_25._tcp.mx.test", "TLSA",
                  *certificates.tlsa("self-signed"))
    exchanger.server.use_certificate(certificates, "self-signed")
    exchanger.server.play(DELIVERY)
    run = send_to_exchanger(submit, network, exchanger)
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


def test_domains_share_a_session_with_a_server_that_its_key_proves(
        submit, network, exchanger, certificates):
    exchanger.add("example.net", "MX", 10, "mx.test")
    exchanger.add("_25._tcp.mx.test", "TLSA",
                  *certificates.tlsa("self-signed"))
    exchanger.server.use_certificate(certificates, "self-signed")
    second = "C: RCPT TO:<bob@example.net>\nS: 250 2.1.5 ok"
    exchanger.server.play(DELIVERY.replace("C: DATA", second + "\nC: DATA"))
    run = send_to_exchanger(submit, network, exchanger,
                            argv=(*SEND, "bob@example.net"))
    assert run.status == 0, run


def test_who_cannot_be_verified_gets_nothing(
        submit, network, exchanger, certificates):
    exchanger.add("_25._tcp.mx.test", "TLSA", *certificates.tlsa("other"))
    exchanger.server.use_certificate(certificates, "good")
    exchanger.server.play(REFUSAL)
    run = send_to_exchanger(submit, network, exchanger)
    assert run.status == os.EX_TEMPFAIL, run
    assert "refused by DANE" in run.stderr
    nothing_sent(exchanger.server)


def test_it_can_be_turned_off(submit, network, exchanger, certificates):
    exchanger.add("_25._tcp.mx.test", "TLSA", *certificates.tlsa("other"))
    exchanger.server.use_certificate(certificates, "good")
    exchanger.server.play(DELIVERY)
    run = send_to_exchanger(submit, network, exchanger, "dane off")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" unverified")
