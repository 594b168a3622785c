# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host mx: the MTA-STS policies of domains (RFC 8461)."""

import contextlib
import os
import signal
import threading

import pytest

import policy_host
from dialogue import (ACCEPTED, DATA, ENVELOPE, MESSAGE_ACCEPTED, QUIT, SEND,
                      STARTTLS, ehlo, greet, lines)
from dns_stub import DnsStub
from network import SERVERS, mount_over, mount_problem
from policy_host import DOMAIN, POLICY, PolicyHost, response
from program import MESSAGE

ONE, TWO = SERVERS[:2]
RECORD = (f"_mta-sts.{DOMAIN}", "TXT")
LISTED, UNLISTED = f"mx.{DOMAIN}", "unlisted.test"
DELIVERY = lines(greet(), MESSAGE_ACCEPTED)
SECURE = lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED)
REJECTED = lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 2.0.0 go ahead",
                 "TLS REJECTED")


def policy(mode):
    return response(POLICY.replace("enforce", mode))


@pytest.fixture(scope="module")
def mx_certificates(certificates):
    certificates.issue("mx-listed", dns=[LISTED])
    certificates.issue("mx-unlisted", dns=[UNLISTED])
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
    """The domain has a policy and an MX host that the policy lists."""
    with network.client:
        stub = DnsStub("127.0.0.1", 53)
    stub.add(DOMAIN, "MX", 10, LISTED)
    stub.add(*RECORD, "v=STSv1; id=1;")
    stub.add(LISTED, "A", ONE)
    stub.add(UNLISTED, "A", TWO)
    yield stub
    stub.stop()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "caches" / "mta-sts"


@pytest.fixture
def config(dns, host, cache, mx_certificates):
    return lines(
        "account default", "host mx", "domain client.example",
        "connect_timeout 2", dns.setting,
        f"tls_trust_file {mx_certificates.path('ca.pem')}",
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
def mx_host(network, mx_certificates):
    """Starts an MX host, with a certificate or without."""
    def mx_host(transcript, certificate="mx-listed", address=ONE,
                again=(), optional=False):
        server = network.listen(address)
        if certificate:
            server.use_certificate(mx_certificates, certificate)
        server.play(transcript, *again, optional=optional)
        return server
    return mx_host


def replace_mx_host(dns):
    """Replaces the MX host by one that the policy does not list."""
    dns.records[(DOMAIN, 15)].clear()
    dns.add(DOMAIN, "MX", 10, UNLISTED)


def test_a_policy_in_enforce_mode_is_enforced(send, mx_host, host):
    mx_host(SECURE)
    run = send()
    assert run.status == 0, run
    assert "verified" in run.fields["tls"].split()
    assert len(host.requests) == 1
    assert "STS" not in run.log


def test_explain_shows_that_the_policy_requires_tls(send, host, dns):
    run = send(argv=("--explain", *SEND))
    assert run.status == 0, run
    assert f"TLS: required, STARTTLS, a certificate for {LISTED}\n" \
        in run.stdout
    assert "TLS by: MTA-STS\n" in run.stdout
    replace_mx_host(dns)
    dns.records[RECORD[0], 16].clear()
    dns.add(*RECORD, "v=STSv1; id=2;")
    host.response = [policy("testing")]
    run = send(argv=("--explain", *SEND))
    assert run.status == 0, run
    assert "MTA-STS: policy in testing mode, not enforced\n" in run.stdout
    assert "TLS: tried, STARTTLS, any certificate\n" in run.stdout


def test_probe_shows_that_the_policy_requires_tls(send, mx_host):
    mx_host(lines(greet("STARTTLS"), STARTTLS, ehlo(), ENVELOPE,
                  "C: RSET", "S: 250 2.0.0 ok", QUIT))
    run = send(argv=("--probe", *SEND))
    assert run.status == 0, run
    assert "TLS required by: MTA-STS\n" in run.stdout


def test_a_cached_policy_is_not_fetched_again(send, mx_host, host, cache):
    for _ in range(2):
        mx_host(SECURE)
        assert send().status == 0
    assert len(host.requests) == 1
    assert os.listdir(cache) == [DOMAIN]


def test_a_new_policy_id_fetches_the_policy_again(send, mx_host, host, dns):
    mx_host(SECURE)
    assert send().status == 0
    dns.records.clear()
    dns.add(DOMAIN, "MX", 10, LISTED)
    dns.add(LISTED, "A", ONE)
    dns.add(*RECORD, "v=STSv1; id=2;")
    host.response = [policy("none")]
    mx_host(DELIVERY)
    run = send()
    assert run.status == 0, run
    assert len(host.requests) == 2


@pytest.mark.parametrize("fault", ["no record", "SERVFAIL", "another id"])
def test_a_cached_policy_is_enforced_if_the_new_one_is_unavailable(
        send, mx_host, host, dns, fault):
    mx_host(SECURE)
    assert send().status == 0
    dns.records[(RECORD[0], 16)].clear()
    if fault == "SERVFAIL":
        dns.rcodes[RECORD[0]] = 2
    elif fault == "another id":
        dns.add(*RECORD, "v=STSv1; id=2;")
    host.response = [response("", "404 Not Found")]
    mx_host(lines(greet(), "C? QUIT"))
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "MTA-STS" in run.stderr


def test_a_server_without_starttls_gets_no_mail(send, mx_host):
    server = mx_host(lines(greet(), "C? QUIT"))
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert not server.messages
    assert "MTA-STS" in run.stderr


# ---- TLS-Required: No (RFC 8689) ----

WAIVED = b"TLS-Required:\n no \n" + MESSAGE


def test_a_message_that_says_so_ignores_the_policy(send, mx_host, host):
    server = mx_host(DELIVERY)
    run = send(stdin=WAIVED)
    assert run.status == 0, run
    assert b"TLS-Required:" in server.message
    assert "DANE and MTA-STS are ignored" in run.log
    assert not host.requests
    mx_host(SECURE, "expired")
    run = send(stdin=WAIVED)
    assert run.status == 0, run
    assert "unverified" in run.fields["tls"]


@pytest.mark.parametrize("settings, field, status", [
    ("tls_required_no off", b"TLS-Required: No", os.EX_TEMPFAIL),
    ("tls on", b"TLS-Required: No", os.EX_TEMPFAIL),
    ("require_tls on", b"TLS-Required: No", os.EX_TEMPFAIL),
    ("", b"TLS-Required: yes", os.EX_TEMPFAIL),
    ("", b"TLS-Required: No\nTLS-Required: No", os.EX_TEMPFAIL),
], ids=["off", "tls on", "REQUIRETLS", "another value", "twice"])
def test_the_policy_or_the_account_counts_all_the_same(
        send, mx_host, settings, field, status):
    server = mx_host(lines(greet(), "C? QUIT"))
    run = send(settings, stdin=field + b"\n" + MESSAGE)
    assert run.status == status, run
    assert not server.messages
    assert ("are ignored" in run.log) == (settings == "tls on"), run


def test_explain_shows_that_the_message_says_so(send, host):
    run = send(argv=("--explain", "-t"), stdin=WAIVED)
    assert run.status == 0, run
    assert "TLS: tried, STARTTLS, any certificate\n" in run.stdout
    assert "Note: DANE and MTA-STS are ignored" in run.stdout, run
    assert not host.requests


@pytest.mark.parametrize("certificate", ["mx-unlisted", "expired"])
def test_a_server_with_an_invalid_certificate_gets_no_mail(
        send, mx_host, certificate):
    server = mx_host(REJECTED, certificate)
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert not server.messages


def test_a_host_that_the_policy_does_not_list_is_not_used(send, host, dns):
    replace_mx_host(dns)
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert (f"the MTA-STS policy of {DOMAIN} does not name this host"
            in run.stderr)
    assert len(host.requests) == 1


def test_only_the_host_that_the_policy_lists_is_used(send, mx_host, dns):
    replace_mx_host(dns)
    dns.add(DOMAIN, "MX", 20, LISTED)
    mx_host(SECURE)
    run = send()
    assert run.status == 0, run
    assert run.fields["host"] == LISTED


def test_a_wildcard_in_the_policy_matches_one_label(
        send, mx_host, dns, mx_certificates):
    name = f"a.mail.{DOMAIN}"
    dns.records[(DOMAIN, 15)].clear()
    dns.add(DOMAIN, "MX", 10, f"a.{name}")
    dns.add(DOMAIN, "MX", 20, name)
    dns.add(name, "A", ONE)
    dns.add(f"a.{name}", "A", TWO)
    mx_certificates.issue("mx-mail", dns=[f"*.mail.{DOMAIN}"])
    mx_host(SECURE, "mx-mail")
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
        send, mx_host, host, dns):
    replace_mx_host(dns)
    host.response = [policy("testing")]
    mx_host(DELIVERY, None, TWO)
    run = send()
    assert run.status == 0, run
    assert notes_testing_mode(run), run.log


def test_a_policy_in_testing_mode_is_cached(send, mx_host, host, cache):
    host.response = [policy("testing")]
    for _ in range(2):
        mx_host(DELIVERY)
        run = send()
        assert run.status == 0, run
        assert notes_testing_mode(run), run.log
    assert len(host.requests) == 1
    assert os.listdir(cache) == [DOMAIN]


STARTTLS_REJECTED = lines(
    greet("STARTTLS"), "C: STARTTLS", "S: 454 4.7.0 out of entropy",
    MESSAGE_ACCEPTED)
HANDSHAKE_FAILS = lines(
    greet("STARTTLS"), "C: STARTTLS", "S: 220 2.0.0 go ahead", "READ 5",
    r"RAW \x15\x03\x03\x00\x02\x02\x28", "DRAIN")


@pytest.mark.parametrize("transcript, certificate", [
    (DELIVERY, None),
    (STARTTLS_REJECTED, None),
    (SECURE, "mx-listed"),
    (SECURE, "other"),
    (SECURE, "expired"),
    (SECURE, "self-signed"),
    (SECURE, "mx-unlisted"),
])
def test_a_policy_in_testing_mode_rejects_no_session(
        send, mx_host, host, transcript, certificate):
    host.response = [policy("testing")]
    server = mx_host(transcript, certificate)
    run = send()
    assert run.status == 0, run
    assert len(server.messages) == 1
    assert run.stderr == ""
    assert notes_testing_mode(run), run.log
    if transcript == SECURE:
        assert run.fields["tls"].endswith(" unverified")


def test_a_policy_in_testing_mode_lets_a_failed_handshake_end_in_clear(
        send, mx_host, host):
    host.response = [policy("testing")]
    server = mx_host(HANDSHAKE_FAILS, again=[lines(greet("STARTTLS"),
                                                   MESSAGE_ACCEPTED)])
    run = send()
    assert run.status == 0, run
    assert len(server.messages) == 1
    assert notes_testing_mode(run), run.log
    assert not run.fields["tls"]


def test_a_policy_in_testing_mode_is_noted_once_for_all_addresses(
        send, mx_host, host, dns):
    host.response = [policy("testing")]
    dns.add(LISTED, "A", TWO)
    mx_host(lines(greet("STARTTLS"), STARTTLS, ehlo(), "C: MAIL FROM:*",
                  "S: 451 4.3.2 later", "DRAIN"), "expired", optional=True)
    mx_host(SECURE, address=TWO)
    run = send()
    assert run.status == 0, run
    assert notes_testing_mode(run), run.log


def test_a_policy_in_testing_mode_does_not_weaken_the_account(
        send, mx_host, host):
    host.response = [policy("testing")]
    server = mx_host(REJECTED, "expired")
    run = send("tls on")
    assert run.status == os.EX_TEMPFAIL, run
    assert (f"the certificate of {LISTED} was rejected: it expired"
            in run.stderr)
    assert notes_testing_mode(run), run.log
    assert not server.messages


def test_a_policy_in_testing_mode_is_noted_for_a_rejected_message(
        send, mx_host, host):
    host.response = [policy("testing")]
    mx_host(lines(greet(), "C: MAIL FROM:<alice@example.org>*",
                  "S: 550 5.7.1 no", QUIT))
    run = send()
    assert run.status == os.EX_NOPERM, run
    assert notes_testing_mode(run), run.log


@pytest.mark.parametrize("domain", [DOMAIN, "plain.test"])
def test_a_policy_in_testing_mode_does_not_split_the_recipients_of_a_host(
        send, mx_host, host, dns, domain):
    """Whichever domain has the policy: one session serves all recipients."""
    host.response = [policy("testing")]
    if domain != DOMAIN:
        dns.records[RECORD[0], 16].clear()
        dns.add(f"_mta-sts.{domain}", "TXT", "v=STSv1; id=1;")
        files = policy_host.issue_certificates(host.certificates, domain)
        host.use_certificate(*files("policy"))
    dns.add("plain.test", "MX", 10, LISTED)
    mx_host(lines(
        greet(), "C: MAIL FROM:<alice@example.org>*", "S: 250 2.1.0 ok",
        "C: RCPT TO:<bob@example.org>*", "S: 250 2.1.5 ok",
        "C: RCPT TO:<carol@plain.test>*", "S: 250 2.1.5 ok",
        DATA, ACCEPTED, QUIT))
    run = send(argv=(*SEND, "carol@plain.test"))
    assert run.status == 0, run
    assert notes_testing_mode(run, domain), run.log
    assert run.log.count("MTA-STS") == 1


def test_dane_takes_precedence_over_a_policy_in_testing_mode(
        send, mx_host, host, dns, mx_certificates):
    host.response = [policy("testing")]
    dns.authentic = True
    dns.add(f"_25._tcp.{LISTED}", "TLSA", 3, 1, 1,
            mx_certificates.key_fingerprint("mx-unlisted"))
    mx_host(SECURE, "mx-unlisted")
    run = send()
    assert run.status == 0, run
    assert run.fields["tls"].endswith(" dane")
    assert "STS" not in run.log


def test_probe_and_explain_do_not_enforce_a_policy_in_testing_mode(
        send, mx_host, host):
    host.response = [policy("testing")]
    run = send(argv=("--explain", *SEND))
    assert run.status == 0, run
    assert (f"Domain: {DOMAIN}\n"
            "    MTA-STS: policy in testing mode, not enforced\n") \
        in run.stdout
    assert "TLS: tried, STARTTLS, any certificate\n" in run.stdout
    mx_host(lines(greet("STARTTLS"), STARTTLS, ehlo(), ENVELOPE,
                  "C: RSET", "S: 250 2.0.0 ok", QUIT), "expired")
    run = send(argv=("--probe", *SEND))
    assert run.status == 0, run
    assert "TLS required by" not in run.stdout


def test_a_policy_in_mode_none_has_no_effect(send, mx_host, host, dns):
    replace_mx_host(dns)
    host.response = [policy("none")]
    mx_host(DELIVERY, None, TWO)
    run = send()
    assert run.status == 0, run
    assert "STS" not in run.log


@pytest.mark.parametrize("fault, error", [
    (response("", "404 Not Found"), "status 404"),
    (response("<html>"), "a line that is not a field"),
    (response(kind="text/html"), "not text/plain"),
    ("policy-expired", f"mta-sts.{DOMAIN}: "),
    ("policy-of-ca2", f"mta-sts.{DOMAIN}: "),
    ("policy-of-domain", f"mta-sts.{DOMAIN}: "),
])
def test_a_policy_that_cannot_be_fetched_is_ignored(
        send, mx_host, host, fault, error):
    if isinstance(fault, str):
        host.use_certificate(*host.files(fault))
    else:
        host.response = [fault]
    mx_host(DELIVERY)
    run = send()
    assert run.status == 0, run
    assert f"cannot fetch the MTA-STS policy for {DOMAIN}; " in run.log
    assert error in run.log


def test_a_failed_fetch_is_not_retried_for_five_minutes(send, mx_host, host):
    host.response = [response("", "503 Later")]
    for error in ("status 503", "less than 5 minutes ago"):
        mx_host(DELIVERY)
        run = send()
        assert run.status == 0, run
        assert error in run.log
    assert len(host.requests) == 1


def test_a_silent_policy_host_does_not_stop_the_delivery(send, mx_host, host):
    host.response = [host.stopping]
    mx_host(DELIVERY)
    run = send("deadline 10")
    assert run.status == 0, run
    assert "no response within" in run.log


def is_empty(cache):
    return not any(cache.glob("*"))


def test_a_signal_also_ends_the_fetch_helper(
        program, network, host, config, cache):
    requested, closed = threading.Event(), threading.Event()

    def watch(client):
        requested.set()
        with contextlib.suppress(ConnectionError):
            client.recv(1)
        closed.set()

    host.response = [watch]
    program.write_config(config)
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    assert requested.wait(60)
    process.send_signal(signal.SIGTERM)
    run = program.end(process)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr.count("\n") == 1 and "signal" in run.stderr, run
    assert run.fields["exit"] == "75"
    assert is_empty(cache)
    assert closed.wait(60)


@pytest.mark.parametrize("records", [
    [], ["v=STSv1; id=1;", "v=STSv1; id=2;"], ["v=spf1 -all"],
    ["v=STSv1;"]])
def test_without_a_valid_record_no_policy_is_fetched(
        send, mx_host, host, dns, records):
    dns.records[(RECORD[0], 16)].clear()
    for record in records:
        dns.add(*RECORD, record)
    mx_host(DELIVERY)
    run = send()
    assert run.status == 0, run
    assert host.requests == []


def test_with_mta_sts_off_nothing_is_looked_up(send, mx_host, host, dns):
    mx_host(DELIVERY)
    run = send("mta_sts off")
    assert run.status == 0, run
    assert (RECORD[0], 16) not in dns.queries
    assert host.requests == []


@pytest.fixture
def without_helper(binary, host, tmp_path):
    """Returns a preexec_fn that hides the fetch helper from the program."""
    problem = mount_problem()
    if problem:
        pytest.skip(problem)
    empty = tmp_path / "empty"
    empty.write_text("")
    return mount_over(binary.parent / "helpers" / "veredus-sts-fetch", empty)


def test_without_the_fetch_helper_nothing_is_looked_up(
        send, mx_host, dns, without_helper):
    mx_host(DELIVERY)
    run = send(preexec_fn=without_helper)
    assert run.status == 0, run
    assert (RECORD[0], 16) not in dns.queries


def test_with_mta_sts_on_a_missing_fetch_helper_is_logged(
        send, mx_host, cache, without_helper):
    for _ in range(2):
        mx_host(DELIVERY)
        run = send("mta_sts on", preexec_fn=without_helper)
        assert run.status == 0, run
        assert ("continuing without it: veredus-sts-fetch: the command was "
                "not found" in run.log)
    assert is_empty(cache)


def test_dane_takes_precedence_over_a_policy(
        send, mx_host, host, dns, mx_certificates):
    """The policy does not list the host, but DANE authenticates it."""
    replace_mx_host(dns)
    dns.authentic = True
    dns.add(f"_25._tcp.{UNLISTED}", "TLSA", 3, 1, 1,
            mx_certificates.key_fingerprint("mx-unlisted"))
    mx_host(SECURE, "mx-unlisted", TWO)
    run = send()
    assert run.status == 0, run
    assert host.requests == []


def test_a_cache_that_is_writable_by_others_is_not_used(
        send, mx_host, host, cache):
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    for _ in range(2):
        mx_host(SECURE)
        run = send()
        assert run.status == 0, run
        assert f"mta_sts_cache: {cache} is writable by others" in run.log
    assert len(host.requests) == 2


def test_proxies_in_the_environment_are_ignored(send, mx_host, host):
    mx_host(SECURE)
    run = send(name="sendmail", env={"https_proxy": "http://127.0.0.1:9",
                                     "ALL_PROXY": "http://127.0.0.1:9"})
    assert run.status == 0, run
    assert len(host.requests) == 1


SESSION = lines(
    "EHLO me", "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.org>",
    "DATA", "Subject: x", "", "text", ".", "QUIT", "").replace("\n", "\r\n")


def test_bs_enforces_a_policy(send, host, dns):
    replace_mx_host(dns)
    run = send(argv=("-bs",), stdin=SESSION.encode())
    assert "does not name this host" in run.stdout
    assert len(host.requests) == 1


def test_bs_enforces_it_for_a_message_that_waives_it(send, host, dns):
    """Other messages may follow in the session with the server."""
    replace_mx_host(dns)
    text = SESSION.replace("Subject:", "TLS-Required: No\r\nSubject:")
    run = send(argv=("-bs",), stdin=text.encode())
    assert "does not name this host" in run.stdout
    assert "are ignored" not in run.log


def test_bs_notes_a_policy_in_testing_mode(send, mx_host, host, dns):
    host.response = [policy("testing")]
    mx_host(lines(greet(), MESSAGE_ACCEPTED))
    run = send(argv=("-bs",), stdin=SESSION.encode())
    assert "250 2.0.0 accepted" in run.stdout
    assert notes_testing_mode(run), run.log


def test_bs_notes_each_policy_in_testing_mode_once(send, mx_host, host, dns):
    """The second domain has two recipients, and the server rejects one."""
    host.response = [policy("testing")]
    second = "second.test"
    host.certificates.issue("policy-of-both", dns=[
        f"mta-sts.{DOMAIN}", f"mta-sts.{second}"])
    host.use_certificate(host.certificates.path("policy-of-both.pem"),
                         host.certificates.path("policy-of-both.key"))
    dns.add(f"_mta-sts.{second}", "TXT", "v=STSv1; id=1;")
    dns.add(second, "MX", 10, UNLISTED)
    dns.add(second, "MX", 10, LISTED)
    mx_host(lines(
        greet(), "C: MAIL FROM:<alice@example.org>*", "S: 250 2.1.0 ok",
        "C: RCPT TO:<bob@example.org>*", "S: 250 2.1.5 ok",
        f"C: RCPT TO:<carol@{second}>*", "S: 550 5.1.1 unknown",
        f"C: RCPT TO:<dave@{second}>*", "S: 250 2.1.5 ok",
        DATA, ACCEPTED, QUIT))
    session = SESSION.replace(
        "DATA\r\n", f"RCPT TO:<carol@{second}>\r\n"
        f"RCPT TO:<dave@{second}>\r\nDATA\r\n")
    run = send(argv=("-bs",), stdin=session.encode())
    assert "250 2.0.0 accepted" in run.stdout, run
    for domain in (DOMAIN, second):
        assert notes_testing_mode(run, domain), run.log
