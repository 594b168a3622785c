# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--probe: a transaction without a message at each host, stage by stage."""

import os
import re
import signal
import time

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MAIL, QUIT, RCPT, SECURED, SEND,
                      STARTTLS, ehlo, greet, lines)
from dns_stub import DnsStub
from scripted import ScriptedServer

RSET = lines("C: RSET", "S: 250 2.0.0 ok")
PLAIN_PROBE = lines(greet("PIPELINING", "SIZE 1000"), MAIL, RCPT, RSET, QUIT)
REJECTED = lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go", "TLS REJECTED")
FETCH_CERTIFICATE = lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH PLAIN"),
                          QUIT)
STAGE = re.compile(r"(?m)^    (?:(?:MAIL|RCPT) <.*?>|\w+): (?:ok|failed) "
                   r"\d+\.\d{3} s(?:, .*)?$")


def stages(run):
    """Returns the names of the stages, in order."""
    return [line.split(": ok ")[0].split(": failed ")[0].strip()
            for line in STAGE.findall(run.stdout)]


def value(run, label):
    return re.search(rf"(?m)^ *{re.escape(label)}: (.*)$", run.stdout)[1]


def test_each_stage_is_shown(submit, server, trust):
    server.play(lines(SECURED, LOGIN, MAIL, RCPT, RSET, QUIT))
    run = submit("--probe", *SEND, settings=trust + "\n" + LOGIN_SETTINGS,
                 host="mx.test", stdin=None)
    assert (run.status, run.stderr) == (0, ""), run
    assert stages(run) == ["DNS", "TCP", "greeting", "TLS", "EHLO", "AUTH",
                           "MAIL <alice@example.org>",
                           "RCPT <bob@example.org>", "RSET"], run
    assert f"Host: mx.test port {server.port}\n" in run.stdout
    assert value(run, "TCP").endswith(f", 127.0.0.1:{server.port}")
    assert "TLS1.3" in value(run, "TLS") and "verified" in value(run, "TLS")
    assert value(run, "AUTH").endswith(", PLAIN")
    assert value(run, "offers") == "AUTH PLAIN LOGIN"
    assert value(run, "RCPT <bob@example.org>").endswith(", 250 2.1.5 ok")
    assert value(run, "result") == "ok"
    assert not server.messages


def test_the_certificates_are_shown(submit, server, trust, certificates):
    server.use_certificate(certificates, "chained")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), QUIT))
    run = submit("--probe", settings=trust, host="mx.test", stdin=None)
    assert run.status == 0, run
    own, _, next_one = run.stdout.partition("certificate 2:")
    assert "subject: CN=chained,O=Veredus Tests\n" in own
    assert "subject: CN=Intermediate CA,O=Veredus Tests\n" in next_one
    assert f"SHA-256: {certificates.fingerprint('chained')}\n" in own
    assert (f"SHA-256 of the key: spki:"
            f"{certificates.key_fingerprint('intermediate')}\n" in next_one)
    assert 28 <= int(value(run, "days left")) <= 30
    assert "certificate 3" not in run.stdout


def test_the_fingerprint_that_matches_is_shown(
        submit, server, trust, certificates):
    wrong = "00" * 32
    right = "spki:" + certificates.key_fingerprint("good")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), QUIT))
    run = submit("--probe", host="mx.test", stdin=None, settings=lines(
        trust, f"tls_fingerprint {wrong}", f"tls_fingerprint {right}"))
    assert run.status == 0, run
    assert f"tls_fingerprint: {wrong} does not match\n" in run.stdout
    assert f"tls_fingerprint: {right} matches\n" in run.stdout


def test_without_recipients_no_transaction_is_started(submit, server):
    server.play(lines(greet("PIPELINING"), QUIT))
    run = submit("--probe", stdin=None)
    assert run.status == 0, run
    assert stages(run) == ["DNS", "TCP", "greeting"]
    assert value(run, "TLS") == "not used"


def test_recipients_may_come_from_a_message(submit, server):
    server.play(PLAIN_PROBE)
    run = submit("--probe", "-t", "-f", "alice@example.org")
    assert run.status == 0, run


def test_a_server_without_ehlo_is_shown(submit, server):
    server.play(lines("S: 220 mx.example", "C: EHLO *", "S: 502 5.5.1 what?",
                      "C: HELO *", "S: 250 mx.example", QUIT))
    run = submit("--probe", stdin=None)
    assert run.status == 0, run
    assert value(run, "offers") == "nothing: the server supports only HELO"


# The transcript, the stage that fails, the exit status, and the error.
FAILURES = {
    "greeting": ("S: 554 5.3.2 no mail here\nC? QUIT", "greeting",
                 os.EX_UNAVAILABLE, "554 5.3.2 no mail here"),
    "EHLO": ("S: 220 mx\nC: EHLO *\nS: 451 4.3.0 later\nC? QUIT", "greeting",
             os.EX_TEMPFAIL, "451 4.3.0 later"),
    "MAIL": (lines(greet(), "C: MAIL *", "S: 550 5.1.8 unknown", "C? QUIT"),
             "MAIL <alice@example.org>", os.EX_DATAERR, "550 5.1.8 unknown"),
    "RCPT": (lines(greet(), MAIL, "C: RCPT *", "S: 550 5.1.1 no such user",
                   RSET, QUIT),
             "RCPT <bob@example.org>", os.EX_NOUSER,
             "550 5.1.1 no such user (in reply to RCPT TO:<bob@example.org>)"),
    "RSET": (lines(greet(), MAIL, RCPT, "C: RSET", "S: 502 5.5.1 what?",
                   QUIT),
             "RSET", os.EX_PROTOCOL, "502 5.5.1 what?"),
    "end": (lines(greet(), MAIL, "C: RCPT *", "CLOSE"),
            "RCPT <bob@example.org>", os.EX_TEMPFAIL, "closed"),
    "421": (lines(greet(), MAIL, "C: RCPT *", "S: 421 4.3.2 enough", "CLOSE"),
            "RCPT <bob@example.org>", os.EX_TEMPFAIL, "421 4.3.2 enough"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_the_failed_stage_is_shown_and_reported(submit, server, failure):
    transcript, stage, status, error = FAILURES[failure]
    server.play(transcript)
    run = submit("--probe", *SEND, stdin=None)
    assert run.status == status, run
    assert len(run.stderr.splitlines()) == 1 and error in run.stderr, run
    failed = re.search(r"(?m)^    (.*): failed .*$", run.stdout)
    assert failed[1] == stage and error in failed[0], run
    assert value(run, "result") == f"failed, exit status {status}"


def test_an_invalid_certificate_fails_in_tls_and_is_shown(
        submit, server, trust, certificates):
    server.use_certificate(certificates, "expired")
    server.play(REJECTED, FETCH_CERTIFICATE)
    run = submit("--probe", *SEND, host="mx.test", stdin=None,
                 settings=lines(trust, LOGIN_SETTINGS))
    assert run.status == os.EX_TEMPFAIL, run
    assert "failed" in value(run, "TLS")
    assert stages(run) == ["DNS", "TCP", "greeting", "TLS"]
    # A second connection, without AUTH, fetches the certificate.
    assert value(run, "subject") == "CN=expired,O=Veredus Tests"
    assert int(value(run, "days left")) < 0


def test_the_fingerprints_of_a_rejected_certificate_are_shown(
        submit, server, trust, certificates):
    wrong = "00" * 32
    server.play(REJECTED, FETCH_CERTIFICATE)
    run = submit("--probe", host="mx.test", stdin=None,
                 settings=lines(trust, f"tls_fingerprint {wrong}"))
    assert run.status == os.EX_TEMPFAIL, run
    assert f"tls_fingerprint: {wrong} does not match\n" in run.stdout
    assert f"SHA-256: {certificates.fingerprint('good')}\n" in run.stdout


def test_a_failure_to_fetch_a_rejected_certificate_is_not_reported(
        submit, server, trust, certificates):
    server.use_certificate(certificates, "expired")
    server.play(REJECTED, "S: 421 4.3.2 busy\nC? QUIT")
    run = submit("--probe", *SEND, settings=trust, host="mx.test", stdin=None)
    assert run.status == os.EX_TEMPFAIL, run
    assert "certificate 1" not in run.stdout
    assert "421" not in run.stderr


def test_a_rejected_login_is_the_last_stage(submit, server, trust):
    server.play(lines(SECURED, "C: AUTH PLAIN *",
                      "S: 535 5.7.8 wrong \x1b[31m password", "C? QUIT"))
    run = submit("--probe", *SEND, settings=trust + "\n" + LOGIN_SETTINGS,
                 host="mx.test", stdin=None)
    assert run.status == os.EX_NOPERM, run
    assert stages(run)[-1] == "AUTH"
    assert "535 5.7.8 wrong ?[31m password" in run.stdout


def test_with_auth_off_no_login_is_made(submit, server, trust):
    server.play(lines(SECURED, QUIT))
    run = submit("--probe", "--auth=off", host="mx.test", stdin=None,
                 settings=trust + "\n" + LOGIN_SETTINGS)
    assert run.status == 0, run
    assert "AUTH" not in stages(run)


def test_after_a_rejected_recipient_the_others_are_tried(submit, server):
    server.play(lines(
        greet("PIPELINING"), MAIL, "C: RCPT TO:<a@example.org>",
        "S: 450 4.2.0 later", "C: RCPT TO:<b@example.org>",
        "S: 550 5.1.1 never", "C: RCPT TO:<c@example.org>", "S: 250 ok",
        RSET, QUIT))
    run = submit("--probe", "-f", "alice@example.org", "a@example.org",
                 "b@example.org", "c@example.org", stdin=None)
    assert run.status == os.EX_NOUSER, run
    assert "failed" in value(run, "RCPT <a@example.org>")
    assert "ok" in value(run, "RCPT <c@example.org>")


@pytest.mark.parametrize("offered, second", [
    ("LIMITS RCPTMAX=1", ""),
    ("PIPELINING", "C: RCPT TO:<c@example.org>\nS: 452 4.5.3 too many"),
    ("PIPELINING", "C: RCPT TO:<c@example.org>\nS: 552 too many"),
])
def test_recipients_over_the_limit_are_tried_in_another_transaction(
        submit, server, offered, second):
    first = "C: RCPT TO:<bob@example.org>\nS: 250 ok"
    server.play(lines(greet(offered), MAIL, first, second, RSET, MAIL,
                      "C: RCPT TO:<c@example.org>", "S: 250 ok", RSET, QUIT))
    run = submit("--probe", *SEND, "c@example.org", stdin=None)
    assert run.status == 0, run
    assert "\n    RCPT <c@example.org>: ok " in run.stdout
    assert "failed" not in run.stdout


def test_a_limit_that_rejects_the_first_recipient_is_a_failure(submit, server):
    server.play(lines(greet(), MAIL, "C: RCPT *", "S: 452 4.5.3 too many",
                      RSET, QUIT))
    run = submit("--probe", *SEND, stdin=None)
    assert run.status == os.EX_TEMPFAIL, run
    assert "452 4.5.3 too many" in run.stderr


def test_a_rejected_recipient_counts_more_than_a_rejected_rset(submit, server):
    server.play(lines(greet(), MAIL, "C: RCPT *", "S: 550 5.1.1 unknown",
                      "C: RSET", "S: 451 4.3.0 later", QUIT))
    run = submit("--probe", *SEND, stdin=None)
    assert "RSET: failed" in run.stdout
    assert run.status == os.EX_NOUSER, run


def two_hosts(server, *settings):
    return lines("account default", "host 127.0.0.1", "host 127.0.0.2",
                 f"port {server.port}", "domain client.example", "tls off",
                 "connect_timeout 2", *settings) + "\n"


@pytest.fixture
def second_server(server):
    """A second server on the same port of another address."""
    for _ in range(20):
        try:
            second = ScriptedServer("127.0.0.2", server.port)
            break
        except OSError:
            server.listener.close()
            server.__init__()
    yield second
    second.stopping.set()
    if second.thread:
        second.thread.join()
    second.listener.close()


def test_each_host_is_probed(submit, server, second_server):
    server.play(PLAIN_PROBE)
    second_server.play(PLAIN_PROBE)
    run = submit("--probe", *SEND, config=two_hosts(server), stdin=None)
    second_server.finish()
    assert run.status == 0, run
    assert run.stdout.count("    result: ok\n") == 2
    assert run.stdout.index("Host: 127.0.0.1 port") < run.stdout.index(
        "Host: 127.0.0.2 port")


def test_one_failed_host_is_a_failure(submit, server, second_server):
    server.play("S: 421 4.3.2 busy\nC? QUIT")
    second_server.play(PLAIN_PROBE)
    run = submit("--probe", *SEND, config=two_hosts(server), stdin=None)
    second_server.finish()
    assert run.status == os.EX_TEMPFAIL, run
    assert "127.0.0.1 said: 421 4.3.2 busy" in run.stderr
    assert re.findall("result: (.*)", run.stdout) == [
        "failed, exit status 75", "ok"]


def test_a_permanent_failure_decides_the_exit_status(
        submit, server, second_server):
    server.play("S: 421 4.3.2 busy\nC? QUIT")
    second_server.play(lines(greet(), MAIL, "C: RCPT *",
                             "S: 550 5.1.1 unknown", RSET, QUIT))
    run = submit("--probe", *SEND, config=two_hosts(server), stdin=None)
    second_server.finish()
    assert run.status == os.EX_NOUSER, run


def test_a_host_that_is_down_fails_in_tcp(submit, server, second_server):
    server.play(PLAIN_PROBE)
    second_server.go_down()
    run = submit("--probe", *SEND, config=two_hosts(server), stdin=None)
    assert run.status == os.EX_TEMPFAIL, run
    assert stages(run)[-2:] == ["DNS", "TCP"]


def test_the_srv_hosts_of_a_domain_are_probed(submit, server, trust):
    dns = DnsStub()
    dns.add("mx.test", "A", "127.0.0.1")
    dns.add("_submission._tcp.mx.test", "SRV", 0, 0, server.port, "mx.test")
    dns.add("_submission._tcp.mx.test", "SRV", 5, 0, 9, "broken.test")
    dns.rcodes["broken.test"] = 2
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), QUIT))
    run = submit("--probe", stdin=None, config=lines(
        "account default", "host srv", "domain_of mx.test", dns.setting,
        "domain client.example", trust) + "\n")
    dns.stop()
    assert run.status == os.EX_TEMPFAIL, run
    assert f"Host: mx.test port {server.port}\n" in run.stdout
    assert "Domain: mx.test\n    DNS: ok " in run.stdout
    assert "Host: broken.test port 9\n    DNS: failed" in run.stdout
    assert "broken.test" in run.stderr


def test_a_domain_without_srv_records_fails_in_dns(submit):
    dns = DnsStub()
    run = submit("--probe", stdin=None, config=lines(
        "account default", "host srv", "domain_of mx.test", dns.setting)
        + "\n")
    dns.stop()
    assert run.status == os.EX_CONFIG, run
    assert "Domain: mx.test\n    DNS: failed" in run.stdout


def test_a_signal_ends_the_probe(program, server, second_server):
    server.play("WAIT 1\nEOF")
    program.write_config(two_hosts(server))
    process = program.start("--probe", *SEND)
    while not server.connections:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    run = program.end(process)
    assert run.status == os.EX_TEMPFAIL, run
    assert "127.0.0.2" not in run.stdout


def test_a_configuration_error_is_reported_first(submit):
    run = submit("--probe", stdin=None, config="hots mx.example\n")
    assert (run.status, run.stdout) == (os.EX_CONFIG, ""), run


def test_a_rejected_starttls_is_shown_if_tls_is_not_required(submit, server):
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", "S: 454 4.7.0 not now",
                      MAIL, RCPT, RSET, QUIT))
    run = submit("--probe", *SEND, settings="tls opportunistic", stdin=None)
    assert run.status == 0, run
    assert value(run, "TLS").endswith(
        ", rejected by the server, and not required")
    assert "not used" not in run.stdout


def test_the_next_address_is_tried_as_for_a_message(
        submit, server, second_server):
    dns = DnsStub()
    dns.add("mx.test", "A", "127.0.0.1")
    dns.add("mx.test", "A", "127.0.0.2")
    dns.add("_submissions._tcp.mx.test", "SRV", 0, 0, server.port, "mx.test")
    for listener in (server, second_server):
        listener.play("CLOSE", optional=True)
    run = submit("--probe", stdin=None, config=lines(
        "account default", "host srv", "domain_of mx.test", dns.setting,
        "domain client.example") + "\n")
    dns.stop()
    second_server.finish()
    assert run.status == os.EX_TEMPFAIL, run
    assert "\n    retrying\n" in run.stdout
    assert stages(run) == ["DNS", "DNS", "TCP", "TLS", "DNS", "TCP", "TLS"]


def test_as_sendmail_probe_is_rejected(submit):
    run = submit("--probe", name="sendmail", stdin=b"")
    assert run.status == os.EX_USAGE, run
