# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host mx: delivery to the MX hosts of the recipients' domains."""

import os

import pytest

from dialogue import (ACCEPTED, DATA, MAIL, MESSAGE_ACCEPTED, QUIT, RCPT, SEND,
                      STARTTLS, ehlo, greet, lines)
from dns_stub import DnsStub
from network import SERVERS, SILENT

DELIVERY = lines(greet(), MESSAGE_ACCEPTED)
BUSY = "S: 421 4.3.2 busy\nC? QUIT"
ONE, TWO, THREE = SERVERS[:3]
SENDER = ("-f", "alice@example.org")


def rcpt(address):
    return f"C: RCPT TO:<{address}>*\nS: 250 2.1.5 ok"


def accepts(*addresses):
    return lines(greet(), MAIL, *map(rcpt, addresses), DATA, ACCEPTED, QUIT)


@pytest.fixture
def dns(network):
    """Three hosts with addresses, and no MX records yet."""
    with network.client:
        stub = DnsStub("127.0.0.1", 53)
    for number, address in enumerate(SERVERS[:3]):
        stub.add(f"mx{number + 1}.test", "A", address)
    yield stub
    stub.stop()


@pytest.fixture
def send(submit, network, dns):
    def send(*settings, argv=SEND, **options):
        run = submit(*argv, config=lines(
            "account default", "host mx", "domain client.example",
            "connect_timeout 2", "deadline 20", dns.setting, *settings)
            + "\n", **options)
        network.finish()
        return run
    return send


def test_a_message_is_sent_to_the_mx_host_of_the_domain(send, network, dns):
    dns.add("example.org", "MX", 10, "mx1.test")
    server = network.listen(ONE)
    server.play(DELIVERY)
    run = send()
    assert run.status == 0, run
    assert run.fields["host"] == "mx1.test"
    assert len(server.messages) == 1


def test_the_lower_preference_comes_first(send, network, dns):
    dns.add("example.org", "MX", 20, "mx1.test")
    dns.add("example.org", "MX", 10, "mx2.test")
    network.listen(TWO).play(DELIVERY)
    assert send().status == 0


def test_without_mx_records_the_message_is_sent_to_the_domain_itself(
        send, network, dns):
    dns.add("example.org", "A", THREE)
    network.listen(THREE).play(DELIVERY)
    assert send().status == 0


def test_the_mx_records_of_a_domain_beyond_ascii_are_found(send, network, dns):
    dns.add("xn--bcher-kva.example", "MX", 10, "mx1.test")
    network.listen(ONE).play(accepts("bob@xn--bcher-kva.example"))
    run = send(argv=(*SENDER, "bob@bücher.example"))
    assert run.status == 0, run


def test_an_address_literal_is_used_without_dns(send, network, dns):
    network.listen(TWO).play(accepts(f"bob@[{TWO}]"))
    run = send(argv=(*SENDER, f"bob@[{TWO}]"))
    assert run.status == 0, run
    assert not dns.queries


@pytest.mark.parametrize("fault", [BUSY, "down", "silent"])
def test_the_next_host_is_tried_after_an_early_failure(
        send, network, dns, fault):
    dns.add("gone.test", "A", SILENT)
    dns.add("example.org", "MX", 10,
            "gone.test" if fault == "silent" else "mx1.test")
    dns.add("example.org", "MX", 20, "mx2.test")
    if fault == BUSY:
        network.listen(ONE).play(BUSY)
    server = network.listen(TWO)
    server.play(DELIVERY)
    run = send()
    assert run.status == 0, run
    assert run.fields["host"] == "mx2.test"
    assert len(server.messages) == 1


def test_the_failures_of_all_hosts_are_reported(send, network, dns):
    dns.add("example.org", "MX", 10, "mx1.test")
    dns.add("example.org", "MX", 20, "mx2.test")
    network.listen(ONE).play(BUSY)
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "mx1.test said: 421 4.3.2 busy; mx2.test port " in run.stderr
    assert ": cannot connect: " in run.stderr


def test_the_next_host_is_not_tried_after_a_rejected_recipient(
        send, network, dns):
    dns.add("example.org", "MX", 10, "mx1.test")
    dns.add("example.org", "MX", 20, "mx2.test")
    network.listen(ONE).play(lines(
        greet(), MAIL, "C: RCPT TO:<bob@example.org>*",
        "S: 550 5.1.1 nobody", QUIT))
    assert send().status == 67


@pytest.mark.parametrize("target, status, enhanced", [
    ("localhost", 68, "5.4.4"), ("own", os.EX_CONFIG, "5.4.6"),
    ("loopback", os.EX_CONFIG, "5.4.6"), ("unspecified", 68, "5.4.4")])
def test_an_mx_host_that_is_this_host_is_not_used(
        send, network, dns, target, status, enhanced):
    dns.add("loopback", "A", "127.0.0.1")
    dns.add("own", "A", "192.0.2.1")
    dns.add("unspecified", "A", "0.0.0.0")
    dns.add("example.org", "MX", 10, target)
    run = send()
    assert run.status == status, run
    assert run.fields["status"] == enhanced


def test_an_mx_host_with_only_the_ipv6_address_of_this_host_is_not_used(
        send, network, dns):
    if not network.ipv6:
        pytest.skip("the kernel has no IPv6")
    dns.add("own", "AAAA", "2001:db8::1")
    dns.add("example.org", "MX", 10, "own")
    dns.add("example.org", "MX", 20, "mx1.test")
    run = send()
    assert run.status == os.EX_CONFIG, run
    assert run.fields["status"] == "5.4.6"


@pytest.mark.parametrize("domain", ["localhost", "[127.0.0.1]", "[192.0.2.1]"])
def test_a_recipient_at_this_host_is_a_mail_loop(send, domain):
    run = send(argv=(*SENDER, f"bob@{domain}"))
    assert run.status == os.EX_CONFIG, run
    assert run.fields["status"] == "5.4.6"
    assert "loops back to this host" in run.stderr
    assert "set host to localhost" in run.stderr


@pytest.mark.parametrize("code, records, status, enhanced", [
    (3, [], 68, "5.1.2"),
    (0, [(0, ".")], 68, "5.1.10"),
    (0, [(10, "gone.test")], 68, "5.4.4"),
    (2, [], os.EX_TEMPFAIL, "4.4.3"),
    (5, [], os.EX_TEMPFAIL, "4.4.3"),
])
def test_an_unroutable_domain_is_a_failure(
        send, dns, code, records, status, enhanced):
    dns.rcodes["example.org"] = code
    for record in records:
        dns.add("example.org", "MX", *record)
    run = send()
    assert run.status == status, run
    assert run.fields["status"] == enhanced


def test_a_silent_name_server_is_a_temporary_failure(send, dns):
    dns.silent = True
    run = send(argv=("--deadline=2", *SEND))
    assert run.status == os.EX_TEMPFAIL, run
    assert run.fields["status"] == "4.4.3"


def test_domains_with_the_same_mx_host_share_a_session(send, network, dns):
    for domain in ("one.test", "two.test"):
        dns.add(domain, "MX", 10, "mx1.test")
    server = network.listen(ONE)
    server.play(accepts("b@one.test", "c@two.test", "d@one.test"))
    run = send(argv=(*SENDER, "b@one.test", "c@two.test", "d@one.test"))
    assert run.status == 0, run
    assert len(server.messages) == 1


def test_domains_with_different_mx_hosts_have_a_session_each(
        send, network, dns):
    dns.add("one.test", "MX", 10, "mx1.test")
    dns.add("two.test", "MX", 10, "mx2.test")
    network.listen(ONE).play(accepts("b@one.test"))
    network.listen(TWO).play(accepts("c@two.test"))
    run = send(argv=(*SENDER, "b@one.test", "c@two.test"))
    assert run.status == 0, run
    assert run.fields["host"] == "mx1.test,mx2.test"


def test_each_recipient_has_a_result_of_its_own(send, network, dns):
    dns.add("one.test", "MX", 10, "mx1.test")
    dns.add("two.test", "MX", 10, "mx2.test")
    dns.rcodes["broken.test"] = 2
    network.listen(ONE).play(accepts("b@one.test"))
    network.listen(TWO).play(BUSY)
    run = send(argv=(*SENDER, "c@two.test", "b@one.test", "d@gone.test",
                     "e@broken.test"))
    assert run.status == 68, run
    assert run.fields["result"] == "partial"
    assert "<c@two.test>: mx2.test said: 421 4.3.2 busy" in run.stderr
    assert "<d@gone.test>: gone.test does not exist" in run.stderr
    assert "<e@broken.test>: MX lookup for broken.test failed" in run.stderr
    assert "b@one.test" not in run.stderr


def test_after_a_shared_host_fails_each_domain_uses_its_own_next_host(
        send, network, dns):
    for domain, second in (("one.test", "mx2.test"), ("two.test", "mx3.test")):
        dns.add(domain, "MX", 10, "mx1.test")
        dns.add(domain, "MX", 20, second)
    network.listen(ONE).play(BUSY)
    network.listen(TWO).play(accepts("b@one.test"))
    network.listen(THREE).play(accepts("c@two.test"))
    run = send(argv=(*SENDER, "b@one.test", "c@two.test"))
    assert run.status == 0, run
    assert run.fields["host"] == "mx2.test,mx3.test"


@pytest.mark.parametrize("other, status, error", [
    ("c@two.test", os.EX_UNAVAILABLE, "have different servers"),
    ("c@gone.test", os.EX_NOHOST, "another recipient has no server"),
])
def test_with_partial_off_all_recipients_need_the_same_server(
        send, network, dns, other, status, error):
    dns.add("one.test", "MX", 10, "mx1.test")
    dns.add("two.test", "MX", 10, "mx2.test")
    run = send("partial off", argv=(*SENDER, "b@one.test", other))
    assert run.status == status, run
    assert error in run.stderr
    assert run.fields["result"] == "failed"


def test_tls_is_used_if_it_is_offered(send, network, dns, certificates):
    dns.add("example.org", "MX", 10, "mx1.test")
    server = network.listen(ONE)
    server.use_certificate(certificates, "good")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED))
    run = send()
    assert run.status == 0, run
    assert "unverified" in run.fields["tls"]


def test_tls_on_requires_tls(send, network, dns):
    dns.add("example.org", "MX", 10, "mx1.test")
    network.listen(ONE).play(lines(greet(), "C? QUIT"))
    assert send("tls on").status == os.EX_TEMPFAIL


def test_the_port_setting_applies_to_mx_hosts(send, network, dns):
    dns.add("example.org", "MX", 10, "mx1.test")
    network.listen(ONE, 2525).play(DELIVERY)
    assert send("port 2525").status == 0


@pytest.mark.parametrize("setting, error", [
    ("host mx.example", "because the DNS names the hosts"),
    ("auth on", "do not know your password"),
    ("tls off", "may require TLS"),
    ("tls_starttls off", "do not offer implicit TLS"),
    ("tls_host_override mx.example", "each has its own name"),
    ("proxy_host 127.0.0.1", "would bypass the proxy"),
    ("protocol lmtp", "speak SMTP"),
])
def test_a_setting_that_conflicts_with_host_mx_is_an_error(
        send, dns, setting, error):
    run = send(setting)
    assert run.status == os.EX_CONFIG, run
    assert error in run.stderr
    assert not dns.queries


def test_a_host_named_mx_is_written_with_a_final_dot(submit):
    run = submit(*SEND, host="mx.")
    assert "host mx. does not exist" in run.stderr


def test_serverinfo_is_rejected_with_host_mx(send):
    run = send(argv=("--serverinfo",))
    assert run.status == os.EX_USAGE, run
    assert "host mx" in run.stderr


SESSION = lines(
    "EHLO me", "MAIL FROM:<alice@example.org>", "RCPT TO:<{}>", "RCPT TO:<{}>",
    "DATA", "Subject: x", "", "text", ".", "QUIT").replace("\n", "\r\n")


def test_bs_sends_to_the_mx_host_of_the_recipients(send, network, dns):
    for domain in ("one.test", "two.test"):
        dns.add(domain, "MX", 10, "mx1.test")
    server = network.listen(ONE)
    server.play(accepts("b@one.test", "c@two.test"))
    run = send(argv=("-bs",), stdin=SESSION.format("b@one.test", "c@two.test")
               .encode() + b"\r\n")
    assert run.status == 0, run
    assert "\n250 2.0.0 accepted" in run.stdout.replace("\r", "")
    assert len(server.messages) == 1


def test_bs_looks_up_each_domain_once(send, network, dns):
    dns.add("one.test", "MX", 10, "mx1.test")
    network.listen(ONE).play(accepts("b@one.test", "c@ONE.test"))
    run = send(argv=("-bs",), stdin=SESSION.format("b@one.test", "c@ONE.test")
               .encode() + b"\r\n")
    assert run.status == 0, run
    assert [name for name, kind in dns.queries if kind == 15] == ["one.test"]


def test_bs_defers_a_recipient_of_another_mx_host(send, network, dns):
    dns.add("one.test", "MX", 10, "mx1.test")
    dns.add("two.test", "MX", 10, "mx2.test")
    network.listen(ONE).play(accepts("b@one.test"))
    run = send(argv=("-bs",), stdin=SESSION.format("b@one.test", "c@two.test")
               .encode() + b"\r\n")
    assert "\n451 4.5.3 this recipient has another server" \
        in run.stdout.replace("\r", "")


def test_bs_may_change_the_mx_host_after_a_rejected_recipient(
        send, network, dns):
    dns.add("one.test", "MX", 10, "mx1.test")
    dns.add("two.test", "MX", 10, "mx2.test")
    network.listen(ONE).play(lines(
        greet(), MAIL, "C: RCPT TO:<b@one.test>*", "S: 550 5.1.1 nobody",
        QUIT))
    network.listen(TWO).play(accepts("c@two.test"))
    run = send(argv=("-bs",), stdin=SESSION.format("b@one.test", "c@two.test")
               .encode() + b"\r\n")
    assert "\n550 5.1.1 mx1.test said: nobody" in run.stdout.replace("\r", "")
    assert "\n250 2.0.0 accepted" in run.stdout.replace("\r", "")


def test_bs_does_not_use_a_less_preferred_mx_host_first(send, network, dns):
    dns.add("one.test", "MX", 10, "mx1.test")
    dns.add("two.test", "MX", 10, "mx2.test")
    dns.add("two.test", "MX", 20, "mx1.test")
    network.listen(ONE).play(accepts("b@one.test"))
    run = send(argv=("-bs",), stdin=SESSION.format("b@one.test", "c@two.test")
               .encode() + b"\r\n")
    assert "\n451 4.5.3 this recipient has another server" \
        in run.stdout.replace("\r", "")


def test_bs_uses_a_less_preferred_mx_host_if_the_first_is_down(
        send, network, dns):
    for domain in ("one.test", "two.test"):
        dns.add(domain, "MX", 10, "mx2.test")
        dns.add(domain, "MX", 20, "mx1.test")
    network.listen(ONE).play(accepts("b@one.test", "c@two.test"))
    run = send(argv=("-bs",), stdin=SESSION.format("b@one.test", "c@two.test")
               .encode() + b"\r\n")
    assert "\n250 2.0.0 accepted" in run.stdout.replace("\r", "")


def test_bs_goes_on_after_a_recipient_without_an_mx_host(send, network, dns):
    dns.add("one.test", "MX", 10, "mx1.test")
    network.listen(ONE).play(accepts("b@one.test"))
    run = send(argv=("-bs",), stdin=SESSION.format("c@gone.test", "b@one.test")
               .encode() + b"\r\n")
    assert "\n550 5.1.2 gone.test does not exist" \
        in run.stdout.replace("\r", "")
    assert "\n250 2.0.0 accepted" in run.stdout.replace("\r", "")


def test_probe_connects_to_the_hosts_of_each_domain(send, network, dns):
    for domain, host in (("one.test", "mx1.test"), ("two.test", "mx2.test")):
        dns.add(domain, "MX", 10, host)
    for address, recipient in ((ONE, "b@one.test"), (TWO, "c@two.test")):
        network.listen(address).play(lines(
            greet(), MAIL, rcpt(recipient), "C: RSET\nS: 250 2.0.0 ok", QUIT))
    run = send(argv=("--probe", *SENDER, "b@one.test", "c@two.test",
                     "d@gone.test"))
    assert run.status == 68, run
    assert "Host: mx1.test port 25" in run.stdout
    assert "Host: mx2.test port 25" in run.stdout
    assert "gone.test does not exist" in run.stderr


def test_all_dns_queries_together_are_limited_by_dns_timeout(send, dns):
    dns.silent = True
    run = send("dns_timeout 1", argv=("--deadline=20", *SEND))
    assert run.status == os.EX_TEMPFAIL, run
    assert run.fields["status"] == "4.4.3"
    assert run.seconds < 15


def test_a_domain_without_hosts_is_told_while_another_one_is_queued(
        send, network, dns, tmp_path):
    dns.add("example.org", "MX", 10, "mx1.test")  # nobody listens there
    run = send("queue on", f"queue_dir {tmp_path / 'queue'}",
               argv=(*SENDER, "bob@example.org", "carol@gone.test"))
    assert run.status == os.EX_NOHOST, run
    assert "<carol@gone.test>" in run.stderr
    assert "queued for 1 of 2 recipients" in run.stderr
    [file] = (tmp_path / "queue" / "queue").iterdir()
    assert b"recipient 1 bob@example.org\n" in file.read_bytes()
    assert b"carol@" not in file.read_bytes()


def test_bs_queues_for_recipients_of_other_servers(send, network, dns,
                                                   tmp_path):
    dns.add("example.org", "MX", 10, "mx1.test")
    dns.add("example.net", "MX", 10, "mx2.test")
    server = network.listen(ONE)
    server.play(DELIVERY)
    run = send(
        "queue on", f"queue_dir {tmp_path / 'queue'}", argv=("-bs",),
        stdin=b"EHLO c\r\nMAIL FROM:<alice@example.org>\r\n"
              b"RCPT TO:<bob@example.org>\r\nRCPT TO:<carol@example.net>\r\n"
              b"DATA\r\nSubject: x\r\n\r\nHello.\r\n.\r\nQUIT\r\n")
    assert "250 2.0.0 queued as " in run.stdout, run
    assert len(server.messages) == 1
    [file] = (tmp_path / "queue" / "queue").iterdir()
    assert b"recipient 1 carol@example.net\n" in file.read_bytes()
    assert b"bob@example.org" not in file.read_bytes()
