# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host mx: what domains demand by MTA-STS (RFC 8461)."""

import contextlib
import os
import signal
import threading

import pytest

import policy_host
from dialogue import (ACCEPTED, DATA, ENVELOPE, MESSAGE_ACCEPTED, QUIT, SEND,
                      STARTTLS, ehlo, greet, lines)
from dns_stub import DnsStub
from network import SERVERS, can_mount_over, mount_over
from policy_host import DOMAIN, POLICY, PolicyHost, response
from program import MESSAGE

ONE, TWO = SERVERS[:2]
RECORD = (f"_mta-sts.{DOMAIN}", "TXT")
NAMED, OTHER = f"mx.{DOMAIN}", "other.test"
DELIVERY = lines(greet(), MESSAGE_ACCEPTED)
SECURE = lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED)
REFUSED = lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 2.0.0 go ahead",
                "TLS REFUSED")


def policy(mode):
    return response(POLICY.replace("enforce", mode))


@pytest.fixture(scope="module")
def exchange_certificates(certificates):
    certificates.issue("exchange-named", dns=[NAMED])
    certificates.issue("exchange-other", dns=[OTHER])
    return certificates


@pytest.fixture
def host(binary, network, certificates):
    """The policy host, at a port of the client's loopback."""
    if not (binary.parent / "helpers" / "veredus-sts-fetch").exists():
        pytest.skip("built without libcurl")
    files = policy_host.issue_certificates(certificates)
    with network.client:
        host = PolicyHost(*files("policy"))
    host.files = files
    host.certificates = certificates
    yield host
    host.stop()


@pytest.fixture
def dns(network):
    """The domain has a policy and a host that the policy names."""
    with network.client:
        stub = DnsStub("127.0.0.1", 53)
    stub.add(DOMAIN, "MX", 10, NAMED)
    stub.add(*RECORD, "v=STSv1; id=1;")
    stub.add(NAMED, "A", ONE)
    stub.add(OTHER, "A", TWO)
    yield stub
    stub.stop()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "caches" / "mta-sts"


@pytest.fixture
def config(dns, host, cache, exchange_certificates):
    return lines(
        "account default", "host mx", "domain client.example",
        "connect_timeout 2", dns.setting,
        f"tls_trust_file {exchange_certificates.path('ca.pem')}",
        f"mta_sts_server {host.endpoint}", f"mta_sts_cache {cache}") + "\n"


@pytest.fixture
def send(submit, network, config):
    def send(*settings, argv=SEND, **options):
        run = submit(*argv, config=config + lines(*settings) + "\n",
                     **options)
        network.finish()
        network.close_listeners()
        return run
    return send


@pytest.fixture
def exchange(network, exchange_certificates):
    """Starts a host that takes mail; with a certificate or without."""
    def exchange(transcript, certificate="exchange-named", address=ONE,
                 again=(), optional=False):
        server = network.listen(address)
        if certificate:
            server.use_certificate(exchange_certificates, certificate)
        server.play(transcript, *again, optional=optional)
        return server
    return exchange


def move_to_other(dns):
    """The MX records name a host that the policy does not."""
    dns.records[(DOMAIN, 15)].clear()
    dns.add(DOMAIN, "MX", 10, OTHER)


def test_a_policy_in_force_is_kept(send, exchange, host):
    exchange(SECURE)
    run = send()
    assert run.status == 0, run
    assert "verified" in run.fields["tls"].split()
    assert len(host.requests) == 1
    assert "STS" not in run.log


def test_explain_tells_who_demands_it(send, host, dns):
    run = send(argv=("--explain", *SEND))
    assert run.status == 0, run
    assert f"TLS: required, STARTTLS, a certificate for {NAMED}\n" \
        in run.stdout
    assert "TLS by: MTA-STS\n" in run.stdout
    move_to_other(dns)
    dns.records[RECORD[0], 16].clear()
    dns.add(*RECORD, "v=STSv1; id=2;")
    host.response = [policy("testing")]
    run = send(argv=("--explain", *SEND))
    assert run.status == 0, run
    assert "MTA-STS: policy in testing mode, not enforced\n" in run.stdout
    assert "TLS: tried, STARTTLS, any certificate\n" in run.stdout


def test_probe_tells_who_demands_it(send, exchange):
    exchange(lines(greet("STARTTLS"), STARTTLS, ehlo(), ENVELOPE,
                   "C: RSET", "S: 250 2.0.0 ok", QUIT))
    run = send(argv=("--probe", *SEND))
    assert run.status == 0, run
    assert "TLS required by: MTA-STS\n" in run.stdout


def test_nothing_is_fetched_twice(send, exchange, host, cache):
    for _ in range(2):
        exchange(SECURE)
        assert send().status == 0
    assert len(host.requests) == 1
    assert os.listdir(cache) == [DOMAIN]


def test_a_new_id_has_a_new_policy(send, exchange, host, dns):
    exchange(SECURE)
    assert send().status == 0
    dns.records.clear()
    dns.add(DOMAIN, "MX", 10, NAMED)
    dns.add(NAMED, "A", ONE)
    dns.add(*RECORD, "v=STSv1; id=2;")
    host.response = [policy("none")]
    exchange(DELIVERY)
    run = send()
    assert run.status == 0, run
    assert len(host.requests) == 2


@pytest.mark.parametrize("lie", ["no record", "no answer", "another id"])
def test_who_hides_the_policy_later_wins_nothing(send, exchange, host, dns, lie):
    exchange(SECURE)
    assert send().status == 0
    dns.records[(RECORD[0], 16)].clear()
    if lie == "no answer":
        dns.rcodes[RECORD[0]] = 2
    elif lie == "another id":
        dns.add(*RECORD, "v=STSv1; id=2;")
    host.response = [response("", "404 Not Found")]
    exchange(lines(greet(), "C? QUIT"))
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "MTA-STS" in run.stderr


def test_a_server_without_tls_gets_nothing(send, exchange):
    server = exchange(lines(greet(), "C? QUIT"))
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert not server.messages
    assert "MTA-STS" in run.stderr


@pytest.mark.parametrize("certificate", ["exchange-other", "expired"])
def test_a_server_without_a_good_certificate_gets_nothing(
        send, exchange, certificate):
    server = exchange(REFUSED, certificate)
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert not server.messages


def test_a_server_that_is_not_named_is_not_asked(send, host, dns):
    move_to_other(dns)
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert (f"the MTA-STS policy of {DOMAIN} does not name this host"
            in run.stderr)
    assert len(host.requests) == 1


def test_a_server_that_is_named_takes_the_place_of_another(
        send, exchange, dns):
    move_to_other(dns)
    dns.add(DOMAIN, "MX", 20, NAMED)
    exchange(SECURE)
    run = send()
    assert run.status == 0, run
    assert run.fields["host"] == NAMED


def test_an_asterisk_stands_for_one_label(send, exchange, dns,
                                          exchange_certificates):
    name = f"a.mail.{DOMAIN}"
    dns.records[(DOMAIN, 15)].clear()
    dns.add(DOMAIN, "MX", 10, f"a.{name}")
    dns.add(DOMAIN, "MX", 20, name)
    dns.add(name, "A", ONE)
    dns.add(f"a.{name}", "A", TWO)
    exchange_certificates.issue("exchange-mail", dns=[f"*.mail.{DOMAIN}"])
    exchange(SECURE, "exchange-mail")
    run = send()
    assert run.status == 0, run
    assert run.fields["host"] == name


def notes_testing_mode(run, domain=DOMAIN):
    """Whether the log says exactly once that the policy is not enforced."""
    notes = [line for line in run.log.splitlines() if "MTA-STS" in line
             and f"policy of {domain} " in line]
    return len(notes) == 1 and (
        f"the MTA-STS policy of {domain} is in testing mode and is not "
        "enforced") in notes[0]


def test_a_policy_in_testing_mode_rules_out_no_server(
        send, exchange, host, dns):
    move_to_other(dns)
    host.response = [policy("testing")]
    exchange(DELIVERY, None, TWO)
    run = send()
    assert run.status == 0, run
    assert notes_testing_mode(run), run.log


def test_a_policy_in_testing_mode_is_cached(
        send, exchange, host, cache):
    host.response = [policy("testing")]
    for _ in range(2):
        exchange(DELIVERY)
        run = send()
        assert run.status == 0, run
        assert notes_testing_mode(run), run.log
    assert len(host.requests) == 1
    assert os.listdir(cache) == [DOMAIN]


REFUSING = lines(greet("STARTTLS"), "C: STARTTLS",
                 "S: 454 4.7.0 out of entropy", MESSAGE_ACCEPTED)
FAILING = lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 2.0.0 go ahead",
                "READ 5", r"RAW \x15\x03\x03\x00\x02\x02\x28", "DRAIN")


@pytest.mark.parametrize("transcript, certificate", [
    (DELIVERY, None),
    (REFUSING, None),
    (SECURE, "exchange-named"),
    (SECURE, "other"),
    (SECURE, "expired"),
    (SECURE, "self-signed"),
    (SECURE, "exchange-other"),
])
def test_a_policy_in_testing_mode_rejects_no_session(
        send, exchange, host, transcript, certificate):
    host.response = [policy("testing")]
    server = exchange(transcript, certificate)
    run = send()
    assert run.status == 0, run
    assert len(server.messages) == 1
    assert run.stderr == ""
    assert notes_testing_mode(run), run.log
    if transcript == SECURE:
        assert run.fields["tls"].endswith(" unverified")


def test_a_policy_in_testing_mode_lets_a_failed_handshake_end_in_clear(
        send, exchange, host):
    host.response = [policy("testing")]
    server = exchange(FAILING, again=[lines(greet("STARTTLS"),
                                            MESSAGE_ACCEPTED)])
    run = send()
    assert run.status == 0, run
    assert len(server.messages) == 1
    assert notes_testing_mode(run), run.log
    assert not run.fields["tls"]


def test_a_policy_in_testing_mode_is_noted_once_for_all_addresses(
        send, exchange, host, dns):
    host.response = [policy("testing")]
    dns.add(NAMED, "A", TWO)
    exchange(lines(greet("STARTTLS"), STARTTLS, ehlo(), "C: MAIL FROM:*",
                   "S: 451 4.3.2 later", "DRAIN"), "expired", optional=True)
    exchange(SECURE, address=TWO)
    run = send()
    assert run.status == 0, run
    assert notes_testing_mode(run), run.log


def test_a_policy_in_testing_mode_does_not_weaken_the_account(
        send, exchange, host):
    host.response = [policy("testing")]
    server = exchange(REFUSED, "expired")
    run = send("tls on")
    assert run.status == os.EX_TEMPFAIL, run
    assert f"the certificate of {NAMED} was rejected: it expired" in run.stderr
    assert notes_testing_mode(run), run.log
    assert not server.messages


def test_a_policy_in_testing_mode_is_noted_for_a_rejected_message(
        send, exchange, host):
    host.response = [policy("testing")]
    exchange(lines(greet(), "C: MAIL FROM:<alice@example.org>*",
                   "S: 550 5.7.1 no", QUIT))
    run = send()
    assert run.status != 0, run
    assert notes_testing_mode(run), run.log


@pytest.mark.parametrize("domain", [DOMAIN, "plain.test"])
def test_a_policy_in_testing_mode_does_not_split_the_recipients_of_a_host(
        send, exchange, host, dns, domain):
    """Whichever domain has the policy: one session serves all recipients."""
    host.response = [policy("testing")]
    if domain != DOMAIN:
        dns.records[RECORD[0], 16].clear()
        dns.add(f"_mta-sts.{domain}", "TXT", "v=STSv1; id=1;")
        files = policy_host.issue_certificates(host.certificates, domain)
        host.use_certificate(*files("policy"))
    dns.add("plain.test", "MX", 10, NAMED)
    exchange(lines(
        greet(), "C: MAIL FROM:<alice@example.org>*", "S: 250 2.1.0 ok",
        "C: RCPT TO:<bob@example.org>*", "S: 250 2.1.5 ok",
        "C: RCPT TO:<carol@plain.test>*", "S: 250 2.1.5 ok",
        DATA, ACCEPTED, QUIT))
    run = send(argv=(*SEND, "carol@plain.test"))
    assert run.status == 0, run
    assert notes_testing_mode(run, domain), run.log
    assert run.log.count("MTA-STS") == 1


def test_dane_takes_precedence_over_a_policy_in_testing_mode(
        send, exchange, host, dns, exchange_certificates):
    host.response = [policy("testing")]
    dns.authentic = True
    dns.add(f"_25._tcp.{NAMED}", "TLSA", 3, 1, 1,
            exchange_certificates.key_fingerprint("exchange-other"))
    exchange(SECURE, "exchange-other")
    run = send()
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane")
    assert "STS" not in run.log


def test_probe_and_explain_do_not_enforce_a_policy_in_testing_mode(
        send, exchange, host):
    host.response = [policy("testing")]
    run = send(argv=("--explain", *SEND))
    assert run.status == 0, run
    assert (f"Domain: {DOMAIN}\n"
            "    MTA-STS: policy in testing mode, not enforced\n") \
        in run.stdout
    assert "TLS: tried, STARTTLS, any certificate\n" in run.stdout
    exchange(lines(greet("STARTTLS"), STARTTLS, ehlo(), ENVELOPE,
                   "C: RSET", "S: 250 2.0.0 ok", QUIT), "expired")
    run = send(argv=("--probe", *SEND))
    assert run.status == 0, run
    assert "TLS required by" not in run.stdout


def test_a_policy_that_is_none_changes_nothing(send, exchange, host, dns):
    move_to_other(dns)
    host.response = [policy("none")]
    exchange(DELIVERY, None, TWO)
    run = send()
    assert run.status == 0, run
    assert "STS" not in run.log


@pytest.mark.parametrize("fault, said", [
    (response("", "404 Not Found"), "status 404"),
    (response("<html>"), "a line that is not a field"),
    (response(kind="text/html"), "not text/plain"),
    ("policy-expired", f"mta-sts.{DOMAIN}: "),
    ("policy-of-ca2", f"mta-sts.{DOMAIN}: "),
    ("policy-of-domain", f"mta-sts.{DOMAIN}: "),
])
def test_a_policy_that_cannot_be_had_does_not_count(
        send, exchange, host, fault, said):
    if isinstance(fault, str):
        host.use_certificate(*host.files(fault))
    else:
        host.response = [fault]
    exchange(DELIVERY)
    run = send()
    assert run.status == 0, run
    assert f"cannot fetch the MTA-STS policy for {DOMAIN}; " in run.log
    assert said in run.log


def test_a_policy_host_that_fails_has_its_rest(send, exchange, host):
    host.response = [response("", "503 Later")]
    for said in ("status 503", "less than 5 minutes ago"):
        exchange(DELIVERY)
        run = send()
        assert run.status == 0, run
        assert said in run.log
    assert len(host.requests) == 1


def test_a_silent_policy_host_does_not_hold_the_message(send, exchange, host):
    host.response = [host.stopping]
    exchange(DELIVERY)
    run = send("deadline 10")
    assert run.status == 0, run
    assert "no response within" in run.log


def test_a_signal_ends_the_helper_too(program, network, host, config, cache):
    reached, gone = threading.Event(), threading.Event()

    def watch(client):
        reached.set()
        with contextlib.suppress(ConnectionError):
            client.recv(1)
        gone.set()

    host.response = [watch]
    program.write_config(config)
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    assert reached.wait(20)
    process.send_signal(signal.SIGTERM)
    run = program.end(process)
    assert run.status in (os.EX_TEMPFAIL, -signal.SIGTERM), run
    assert not cache.exists()
    assert gone.wait(10)


@pytest.mark.parametrize("records", [
    [], ["v=STSv1; id=1;", "v=STSv1; id=2;"], ["v=spf1 -all"],
    ["v=STSv1;"]])
def test_no_record_is_no_policy(send, exchange, host, dns, records):
    dns.records[(RECORD[0], 16)].clear()
    for record in records:
        dns.add(*RECORD, record)
    exchange(DELIVERY)
    run = send()
    assert run.status == 0, run
    assert host.requests == []


def test_it_can_be_switched_off(send, exchange, host, dns):
    exchange(DELIVERY)
    run = send("mta_sts off")
    assert run.status == 0, run
    assert (RECORD[0], 16) not in dns.queries
    assert host.requests == []


@pytest.fixture
def no_helper(binary, host, tmp_path):
    """To be called in the child: there is no program in its place."""
    if not can_mount_over():
        pytest.skip("files of a process of its own need CAP_SYS_ADMIN")
    nothing = tmp_path / "nothing"
    nothing.write_text("")
    return mount_over(binary.parent / "helpers" / "veredus-sts-fetch", nothing)


def test_nothing_is_asked_where_there_is_no_helper(
        send, exchange, dns, no_helper):
    exchange(DELIVERY)
    run = send(preexec_fn=no_helper)
    assert run.status == 0, run
    assert (RECORD[0], 16) not in dns.queries


def test_the_log_says_that_there_is_no_helper(
        send, exchange, cache, no_helper):
    for _ in range(2):
        exchange(DELIVERY)
        run = send("mta_sts on", preexec_fn=no_helper)
        assert run.status == 0, run
        assert ("continuing without it: veredus-sts-fetch: the command was "
                "not found" in run.log)
    assert not cache.exists()


def test_dane_goes_before_it(send, exchange, host, dns, exchange_certificates):
    """The policy does not name the host, but DANE knows its key."""
    move_to_other(dns)
    dns.authentic = True
    dns.add(f"_25._tcp.{OTHER}", "TLSA", 3, 1, 1,
            exchange_certificates.key_fingerprint("exchange-other"))
    exchange(SECURE, "exchange-other", TWO)
    run = send()
    assert run.status == 0, run
    assert host.requests == []


def test_a_folder_of_others_is_not_believed(send, exchange, host, cache):
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    for _ in range(2):
        exchange(SECURE)
        run = send()
        assert run.status == 0, run
        assert f"mta_sts_cache: {cache} is writable by others" in run.log
    assert len(host.requests) == 2


def test_sendmail_needs_no_environment(send, exchange, host):
    exchange(SECURE)
    run = send(name="sendmail", env={"https_proxy": "http://127.0.0.1:9",
                                     "ALL_PROXY": "http://127.0.0.1:9"})
    assert run.status == 0, run
    assert len(host.requests) == 1


SESSION = lines(
    "EHLO me", "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.org>",
    "DATA", "Subject: x", "", "text", ".", "QUIT", "").replace("\n", "\r\n")


def test_bs_keeps_to_policies_too(send, host, dns):
    move_to_other(dns)
    run = send(argv=("-bs",), stdin=SESSION.encode())
    assert "does not name this host" in run.stdout
    assert len(host.requests) == 1


def test_bs_notes_a_policy_in_testing_mode(send, exchange, host, dns):
    host.response = [policy("testing")]
    exchange(lines(greet(), MESSAGE_ACCEPTED))
    run = send(argv=("-bs",), stdin=SESSION.encode())
    assert "250 2.0.0 accepted" in run.stdout
    assert notes_testing_mode(run), run.log


def test_bs_notes_each_policy_in_testing_mode_once(
        send, exchange, host, dns):
    """The second domain has two recipients, and the server rejects one."""
    host.response = [policy("testing")]
    second = "second.test"
    host.certificates.issue("policy-of-both", dns=[
        f"mta-sts.{DOMAIN}", f"mta-sts.{second}"])
    host.use_certificate(host.certificates.path("policy-of-both.pem"),
             host.certificates.path("policy-of-both.key"))
    dns.add(f"_mta-sts.{second}", "TXT", "v=STSv1; id=1;")
    dns.add(second, "MX", 10, OTHER)
    dns.add(second, "MX", 10, NAMED)
    exchange(lines(
        greet(), "C: MAIL FROM:<alice@example.org>*", "S: 250 2.1.0 ok",
        "C: RCPT TO:<bob@example.org>*", "S: 250 2.1.5 ok",
        f"C: RCPT TO:<carol@{second}>*", "S: 550 5.1.1 unknown",
        f"C: RCPT TO:<dave@{second}>*", "S: 250 2.1.5 ok",
        DATA, ACCEPTED, QUIT))
    said = SESSION.replace(
        "DATA\r\n", f"RCPT TO:<carol@{second}>\r\n"
        f"RCPT TO:<dave@{second}>\r\nDATA\r\n")
    run = send(argv=("-bs",), stdin=said.encode())
    assert "250 2.0.0 accepted" in run.stdout, run
    for domain in (DOMAIN, second):
        assert notes_testing_mode(run, domain), run.log
