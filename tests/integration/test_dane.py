# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE: TLSA records authenticate a server (RFC 7672)."""

import os

import pytest

from dialogue import MESSAGE_ACCEPTED, SEND, STARTTLS, ehlo, greet, lines
from dns_stub import DnsStub
from network import SERVERS
from program import MESSAGE

DELIVERY = lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED)
REJECTED = lines(greet("STARTTLS"),
                 "C: STARTTLS\nS: 220 2.0.0 go ahead\nTLS REJECTED")


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
    """Adds a TLSA record for one certificate, and gives the server one."""
    def publish(label, *kind, served=None):
        server.use_certificate(certificates, served or label)
        dns.add(f"_{server.port}._tcp.mx.test", "TLSA",
                *certificates.tlsa(label, *kind))
    return publish


def assert_no_mail_was_sent(server):
    for verb in (b"MAIL", b"RCPT", b"DATA"):
        assert verb not in server.received


@pytest.mark.parametrize("certificate", [
    "self-signed", "expired", "wrong-name", "good"])
@pytest.mark.parametrize("mode", ["on", "opportunistic"])
def test_a_matching_record_is_enough_for_any_certificate(
        send, publish, server, certificate, mode):
    publish(certificate)
    server.play(DELIVERY)
    run = send(f"tls {mode}")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


@pytest.mark.parametrize("kind", [(2, 0, 0), (2, 1, 0)])
def test_a_record_of_the_ca_authenticates_its_certificates(
        send, publish, certificates, server, kind):
    publish("ca", *kind, served="good")
    server.play(DELIVERY)
    run = send("tls on")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


@pytest.mark.parametrize("certificate, cause", [
    ("expired", "it expired on"),
    ("wrong-name", "elsewhere.test, not for mx.test"),
    ("other", "not signed by the CA")])
def test_a_certificate_under_a_ta_record_must_be_valid_for_the_host(
        send, publish, server, certificate, cause):
    publish("ca", 2, 0, 0, served=certificate)
    server.play(REJECTED)
    run = send("tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    assert cause in run.stderr
    assert_no_mail_was_sent(server)


@pytest.mark.parametrize("mode", ["on", "opportunistic"])
def test_a_mismatching_record_is_a_temporary_failure(
        send, publish, certificates, server, mode):
    publish("other", served="good")
    server.play(REJECTED)
    run = send(f"tls {mode}",
               f"tls_trust_file {certificates.path('ca.pem')}")
    assert run.status == os.EX_TEMPFAIL, run
    assert "rejected by DANE: none of its TLSA records (3 1 1 " in run.stderr
    assert_no_mail_was_sent(server)


def test_tls_certcheck_on_also_verifies_the_certificate(
        send, publish, certificates, server):
    publish("expired")
    server.play(REJECTED)
    run = send("tls on", "tls_certcheck on",
               f"tls_trust_file {certificates.path('ca.pem')}")
    assert run.status == os.EX_TEMPFAIL, run
    assert "it expired on" in run.stderr


def test_a_server_with_tlsa_records_must_offer_starttls(send, publish, server):
    publish("good")
    server.play(lines(greet(), "C? QUIT"))
    run = send("tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    assert "does not offer STARTTLS, and DANE requires it" in run.stderr
    assert_no_mail_was_sent(server)


def test_a_failed_handshake_is_not_retried_without_tls(send, publish, server):
    publish("good")
    server.play(lines(greet("STARTTLS"),
                      "C: STARTTLS\nS: 220 go\nREAD 5\nCLOSE"))
    run = send("tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    assert_no_mail_was_sent(server)


def test_unusable_records_require_tls_without_verification(
        send, publish, server):
    publish("ca2", 1, 0, 1, served="self-signed")
    server.play(DELIVERY)
    run = send("tls opportunistic")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" unverified")


def test_a_failed_tlsa_lookup_is_a_temporary_failure(
        send, publish, dns, server):
    publish("good")
    dns.rcodes[f"_{server.port}._tcp.mx.test"] = 2
    server.play(DELIVERY, optional=True)
    run = send("tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    assert "TLSA lookup failed" in run.stderr
    assert not server.connections


@pytest.mark.parametrize("dane", ["dane on", "dane off", "dane auto"])
def test_records_that_are_not_authentic_are_ignored(
        send, publish, dns, server, dane):
    publish("other", served="good")
    dns.authentic = dane != "dane on"
    server.play(DELIVERY)
    run = send("tls opportunistic", dane=dane)
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" unverified")


def test_verbose_reports_that_the_name_server_is_not_trusted(send, server):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run = send("tls opportunistic", "dns_server 192.0.2.53",
               argv=("-v", *SEND))
    assert run.status == 0, run
    assert "no DANE: the name servers are not on this host" in run.stderr


def test_dane_authenticates_a_host_found_by_srv(submit, publish, dns, server):
    publish("wrong-name")
    dns.add("_submission._tcp.example.org", "SRV", 0, 0, server.port,
            "mx.test")
    server.play(DELIVERY)
    run = submit(*SEND, config=lines(
        "account default", "host srv", "domain_of example.org", dns.setting,
        "domain client.example", "deadline 20", "dane on") + "\n")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


def test_a_host_name_beyond_ascii_has_tlsa_records(
        submit, certificates, dns, server):
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
    """The DNS with an MX host for example.org; exchanger.server listens."""
    with network.client:
        stub = DnsStub("127.0.0.1", 53)
    stub.authentic = True
    stub.add("mx.test", "A", SERVERS[0])
    stub.add("example.org", "MX", 10, "mx.test")
    stub.server = network.listen(SERVERS[0])
    yield stub
    stub.stop()


def send_to_exchanger(submit, network, stub, *settings, argv=SEND,
                      stdin=MESSAGE):
    run = submit(*argv, stdin=stdin, config=lines(
        "account default", "host mx", "domain client.example", "deadline 20",
        stub.setting, *settings) + "\n")
    network.finish()
    return run


def test_an_mx_host_with_tlsa_records_is_authenticated(
        submit, network, exchanger, certificates):
    exchanger.add("_25._tcp.mx.test", "TLSA",
                  *certificates.tlsa("self-signed"))
    exchanger.server.use_certificate(certificates, "self-signed")
    exchanger.server.play(DELIVERY)
    run = send_to_exchanger(submit, network, exchanger)
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane"), run.fields


def test_domains_share_a_session_with_an_authenticated_mx_host(
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


def test_an_mx_host_that_is_not_authenticated_gets_no_mail(
        submit, network, exchanger, certificates):
    exchanger.add("_25._tcp.mx.test", "TLSA", *certificates.tlsa("other"))
    exchanger.server.use_certificate(certificates, "good")
    exchanger.server.play(REJECTED)
    run = send_to_exchanger(submit, network, exchanger)
    assert run.status == os.EX_TEMPFAIL, run
    assert "rejected by DANE" in run.stderr
    assert_no_mail_was_sent(exchanger.server)


def test_a_message_may_say_that_dane_does_not_count(
        submit, network, exchanger, certificates):
    exchanger.add("_25._tcp.mx.test", "TLSA", *certificates.tlsa("other"))
    exchanger.server.use_certificate(certificates, "good")
    exchanger.server.play(DELIVERY)
    run = send_to_exchanger(submit, network, exchanger,
                            stdin=b"TLS-Required: No\n" + MESSAGE)
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" unverified")


def test_dane_off_ignores_tlsa_records(
        submit, network, exchanger, certificates):
    exchanger.add("_25._tcp.mx.test", "TLSA", *certificates.tlsa("other"))
    exchanger.server.use_certificate(certificates, "good")
    exchanger.server.play(DELIVERY)
    run = send_to_exchanger(submit, network, exchanger, "dane off")
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" unverified")
