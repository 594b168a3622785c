# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several attempts fail: each reason is reported, and one of them decides.

The first server accepts the connection and fails, the second server refuses
the connection.  What the first server said, or what TLS found, decides.
"""

import os

import pytest

from dialogue import QUIT, SEND, ehlo, greet, lines
from dns_stub import DnsStub
from network import SERVERS
from program import MESSAGE

STARTTLS = lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go")
# name: transcript, reason, reply code, enhanced status, exit status
FAILURES = {
    "421 greeting": (
        "S: 421 4.3.2 busy\nC? QUIT", " said: 421 4.3.2 busy",
        "421", "4.3.2", os.EX_TEMPFAIL),
    "554 greeting": (
        "S: 554 5.3.2 no mail here\nC? QUIT", " said: 554 5.3.2 no mail here",
        "554", "5.3.2", os.EX_UNAVAILABLE),
    "454 to STARTTLS": (
        lines(greet("STARTTLS"), "C: STARTTLS", "S: 454 4.7.0 not now",
              "C? QUIT"),
        " said: 454 4.7.0 not now (in reply to STARTTLS)",
        "454", "4.7.0", os.EX_TEMPFAIL),
    "expired certificate": (
        lines(STARTTLS, "TLS REJECTED"), "it expired on",
        "", "4.7.5", os.EX_TEMPFAIL),
    "silence": (
        "EOF", ": timed out", "", "4.4.2", os.EX_TEMPFAIL),
    "plain text against TLS": (
        "S: 220 mx.example ESMTP\nDRAIN", "TLS",
        "", "4.7.5", os.EX_TEMPFAIL),
    "another protocol": (
        "S: SSH-2.0-OpenSSH\nC? QUIT", "SSH-2.0-OpenSSH",
        "", "5.5.0", os.EX_PROTOCOL),
}
# A permanent rejection by one address is not retried at another one.
AT_ADDRESSES = [name for name in FAILURES if name != "554 greeting"]


@pytest.fixture
def settings(server, certificates):
    """Returns the settings for a failure."""
    server.use_certificate(certificates, "expired")
    trust = f"tls_trust_file {certificates.path('ca.pem')}\ntimeout 1"

    def settings(failure):
        if failure.startswith("plain"):
            return f"{trust}\ntls on\ntls_starttls off"
        starttls = "STARTTLS" in failure or "certificate" in failure
        return f"{trust}\ntls {'on' if starttls else 'off'}"
    return settings


def check_text(text, failure, first, second):
    """Checks that a line has both reasons, each with its server."""
    reason = FAILURES[failure][1]
    before, between, after = text.partition("; ")
    assert between and first in before and reason in before, text
    assert f"{second} port " in after and (
        ": cannot connect: 127.0.0.2: connection refused" in after), text


def check_log(run, failure):
    """Checks that the log has the reply, status and result that decide."""
    _, _, code, status, exit_status = FAILURES[failure]
    temporary = exit_status == os.EX_TEMPFAIL
    assert run.fields["host"] == "mx.test", run
    assert run.fields["code"] == code, run
    assert run.fields["status"] == status, run
    assert run.fields["result"] == ("deferred" if temporary else "failed"), run
    assert run.fields["exit"] == str(exit_status), run
    assert "127.0.0.2: connection refused" in run.fields["error"], run


@pytest.mark.parametrize("failure", AT_ADDRESSES)
def test_sending_reports_each_address(submit, server, program, settings,
                                      failure):
    program.hosts["mx.test"] = "127.0.0.1+127.0.0.2"
    server.play(FAILURES[failure][0])
    run = submit(*SEND, host="mx.test", settings=settings(failure))
    assert run.status == FAILURES[failure][4], run
    assert run.stderr.count("\n") == 1, run
    check_text(run.stderr, failure, "mx.test (127.0.0.1)", "mx.test")
    check_log(run, failure)


def test_a_greeting_of_554_is_final_for_its_host(submit, server, program):
    program.hosts["mx.test"] = "127.0.0.1+127.0.0.2"
    server.play(FAILURES["554 greeting"][0])
    run = submit(*SEND, host="mx.test")
    assert run.status == os.EX_UNAVAILABLE, run
    assert run.stderr == "veredus: mx.test said: 554 5.3.2 no mail here\n"


@pytest.mark.parametrize("failure", FAILURES)
def test_sending_reports_each_host(submit, server, program, settings, failure):
    program.hosts["other.test"] = "127.0.0.2"
    server.play(FAILURES[failure][0])
    run = submit(*SEND, host="mx.test\nhost other.test",
                 settings=settings(failure))
    assert run.status == FAILURES[failure][4], run
    assert run.stderr.count("\n") == 1, run
    check_text(run.stderr, failure, "mx.test", "other.test")
    assert "(127.0.0.1)" not in run.stderr
    check_log(run, failure)


# Of two servers that do not respond, the first decides.
@pytest.mark.parametrize("failure",
                         [name for name in FAILURES if name != "silence"])
def test_the_order_of_the_hosts_does_not_decide(submit, server, program,
                                                settings, failure):
    program.hosts["other.test"] = "127.0.0.2"
    server.play(FAILURES[failure][0])
    run = submit(*SEND, host="other.test\nhost mx.test",
                 settings=settings(failure))
    assert run.status == FAILURES[failure][4], run
    check_log(run, failure)


def test_a_temporary_reply_decides_over_a_permanent_one(submit, server,
                                                        program):
    program.hosts["other.test"] = "127.0.0.1"
    server.play(FAILURES["554 greeting"][0], FAILURES["421 greeting"][0])
    run = submit(*SEND, host="mx.test\nhost other.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr == ("veredus: mx.test said: 554 5.3.2 no mail here; "
                          "other.test said: 421 4.3.2 busy\n")
    assert run.fields["said"] == "421 4.3.2 busy"


def test_hosts_and_addresses_are_reported_in_their_order(submit, server,
                                                         program):
    program.hosts["mx.test"] = "127.0.0.1+127.0.0.2"
    program.hosts["other.test"] = "127.0.0.2"
    server.play(FAILURES["421 greeting"][0])
    run = submit(*SEND, host="mx.test\nhost gone.test\nhost other.test")
    assert run.status == os.EX_TEMPFAIL, run
    parts = run.stderr.removeprefix("veredus: ").split("; ")
    assert [part.split()[0].rstrip(":") for part in parts] == [
        "mx.test", "mx.test", "gone.test", "other.test"], run


def test_the_deadline_loses_no_reason(submit, server, program):
    program.hosts["other.test"] = "127.0.0.1"
    server.play(FAILURES["another protocol"][0], "EOF")
    run = submit(*SEND, host="mx.test\nhost other.test\nhost third.test",
                 settings="tls off\ndeadline 2")
    assert run.status == os.EX_PROTOCOL, run
    assert '"SSH-2.0-OpenSSH"; other.test: timed out' in run.stderr, run


@pytest.mark.parametrize("failure", AT_ADDRESSES)
def test_bs_reports_each_address(submit, server, program, settings,
                                      failure):
    program.hosts["mx.test"] = "127.0.0.1+127.0.0.2"
    server.play(FAILURES[failure][0])
    run = submit("-bs", host="mx.test", settings=settings(failure),
                 stdin=b"EHLO me\r\nMAIL FROM:<alice@example.org>\r\nQUIT\r\n")
    reply = run.stdout.splitlines()[-2]
    code, status, text = reply.split(" ", 2)
    assert status == FAILURES[failure][3], run
    temporary = FAILURES[failure][4] == os.EX_TEMPFAIL
    assert code == ("451" if temporary else "554"), run
    check_text(text, failure, "mx.test (127.0.0.1)", "mx.test")


@pytest.mark.parametrize("failure", FAILURES)
def test_bs_reports_each_host(submit, server, program, settings, failure):
    program.hosts["other.test"] = "127.0.0.2"
    server.play(FAILURES[failure][0])
    run = submit("-bs", host="mx.test\nhost other.test",
                 settings=settings(failure),
                 stdin=b"EHLO me\r\nMAIL FROM:<alice@example.org>\r\nQUIT\r\n")
    reply = run.stdout.splitlines()[-2]
    code, status, text = reply.split(" ", 2)
    assert status == FAILURES[failure][3], run
    temporary = FAILURES[failure][4] == os.EX_TEMPFAIL
    assert code == ("451" if temporary else "554"), run
    check_text(text, failure, "mx.test", "other.test")
    check_log(run, failure)


@pytest.fixture
def mx_hosts(network):
    """The servers of a domain: the first one listens, the second one does not."""
    with network.client:
        dns = DnsStub("127.0.0.1", 53)
    for number, name in enumerate(("mx.test", "other.test")):
        dns.add(name, "A", SERVERS[number])
        dns.add("example.org", "MX", 10 * (number + 1), name)
    yield network.listen(SERVERS[0]), dns
    dns.stop()


# TLS to an MX host is opportunistic, and without STARTTLS only.
MX_FAILURES = ["421 greeting", "554 greeting", "silence", "another protocol"]


@pytest.mark.parametrize("failure", MX_FAILURES)
@pytest.mark.parametrize("argv", [SEND, ["--probe", *SEND]], ids=["send", "probe"])
def test_host_mx_reports_each_host(submit, mx_hosts, network, failure, argv):
    server, dns = mx_hosts
    server.play(FAILURES[failure][0])
    run = submit(*argv, config=lines(
        "account default", "host mx", "domain client.example", "timeout 1",
        dns.setting) + "\n", stdin=None if "--probe" in argv else MESSAGE)
    network.finish()
    _, reason, code, status, exit_status = FAILURES[failure]
    assert run.status == exit_status, run
    assert run.stderr.count("\n") == 1, run
    before, between, after = run.stderr.partition("; ")
    assert between and "mx.test" in before and reason in before, run
    assert f"other.test port 25: cannot connect: {SERVERS[1]}: " in after, run
    if "--probe" not in argv:
        assert run.fields["host"] == "mx.test", run
        assert (run.fields["code"], run.fields["status"]) == (code, status)


@pytest.mark.parametrize("failure", AT_ADDRESSES)
@pytest.mark.parametrize("mode", ["--probe", "--serverinfo", "--rmqs=x.test"])
def test_other_modes_report_each_address(submit, server, program, settings,
                                         failure, mode):
    program.hosts["mx.test"] = "127.0.0.1+127.0.0.2"
    again = lines(STARTTLS, "TLS", ehlo(), QUIT)  # to show the certificate
    server.play(FAILURES[failure][0], again, optional=True)
    run = submit(mode, host="mx.test", settings=settings(failure), stdin=b"")
    assert run.status == FAILURES[failure][4], run
    assert run.stderr.count("\n") == 1, run
    check_text(run.stderr, failure, "mx.test (127.0.0.1)", "mx.test")


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("mode", ["--probe", "--serverinfo", "--rmqs=x.test"])
def test_other_modes_report_each_host(submit, server, program, settings,
                                      failure, mode):
    program.hosts["other.test"] = "127.0.0.2"
    again = lines(STARTTLS, "TLS", ehlo(), QUIT)
    server.play(FAILURES[failure][0], again, optional=True)
    run = submit(mode, host="mx.test\nhost other.test",
                 settings=settings(failure), stdin=b"")
    assert run.status == FAILURES[failure][4], run
    assert run.stderr.count("\n") == 1, run
    check_text(run.stderr, failure, "mx.test", "other.test")
