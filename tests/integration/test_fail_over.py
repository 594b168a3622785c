# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several hosts in an account: when the next host is tried, and when not."""

import os

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, MAIL, MESSAGE_ACCEPTED, QUIT,
                      RCPT, SEND, STARTTLS, ehlo, greet, lines,
                      receive_last_chunk)
from network import SERVERS, SILENT
from program import MESSAGE
from scripted import ScriptedServer

ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
DELIVERY = lines(greet(), MESSAGE_ACCEPTED)
SIZE = len(MESSAGE) + MESSAGE.count(b"\n")
# The message is sent together with its envelope.
FLIGHT = lines(greet("PIPELINING", "CHUNKING"), f"""
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: BDAT {SIZE} LAST
    CHUNK {SIZE}
    C: QUIT
""")


@pytest.fixture
def servers():
    """Three servers on the same port of different addresses."""
    started = []
    for _ in range(20):
        started = [ScriptedServer(ADDRESSES[0])]
        try:
            started += [ScriptedServer(address, started[0].port)
                        for address in ADDRESSES[1:]]
            break
        except OSError:
            started[0].listener.close()
    yield started
    for server in started:
        server.stopping.set()
        if server.thread:
            server.thread.join()
        server.listener.close()


@pytest.fixture
def send(submit, servers):
    """Runs the program with the three servers as hosts.

    Each server plays its transcript, or is down if that is None.
    """
    def send(*transcripts, settings="tls off", argv=SEND, stdin=MESSAGE,
             **options):
        for server, transcript in zip(servers, transcripts):
            if transcript is None:
                server.go_down()
            elif transcript:
                server.play(transcript)
        hosts = [f"host {address}" for address in ADDRESSES]
        run = submit(*argv, stdin=stdin, config=lines(
            "account default", *hosts, f"port {servers[0].port}",
            "domain client.example", "connect_timeout 2", settings) + "\n",
            **options)
        for server in servers:
            if server.thread:
                server.finish()
        return run
    return send


def delivered(servers):
    return [len(server.messages) for server in servers]


UNUSABLE = {
    "down": None,
    "closes at once": "CLOSE",
    "is busy": "S: 421 4.3.2 busy\nC? QUIT",
    "accepts no mail": "S: 554 5.3.2 no mail here\nC? QUIT",
    "is not an SMTP server": "S: SSH-2.0-OpenSSH\nC? QUIT",
    "defers EHLO": "S: 220 mx\nC: EHLO *\nS: 451 4.3.0 later\nC? QUIT",
    "defers MAIL": lines(greet(), "C: MAIL *", "S: 451 4.3.1 full", "C? QUIT"),
    "defers MAIL after the message": lines(
        FLIGHT, "S: 451 4.3.1 full", "S: 503 5.5.1 no sender",
        "S: 503 5.5.1 no sender", "S: 221 bye"),
    "defers MAIL after the message and closes": lines(
        FLIGHT, "S: 451 4.3.1 full", "CLOSE"),
    "is busy after the message": lines(
        FLIGHT, "S: 421 4.3.2 busy", "CLOSE"),
    "defers DATA": lines(greet(), ENVELOPE, "C: DATA", "S: 451 4.3.0 later",
                         "C? RSET", "C? QUIT"),
    "is silent": "EOF",
    "is silent about EHLO": "S: 220 mx\nC: EHLO *\nEOF",
    "is silent about STARTTLS": lines(greet("STARTTLS"), "C: STARTTLS",
                                      "EOF"),
}


def test_a_permanently_rejected_starttls_is_that_of_one_host(
        send, servers, certificates):
    for server in servers:
        server.use_certificate(certificates, "good")
    rejected = lines(greet("STARTTLS"), "C: STARTTLS",
                     "S: 530 5.7.0 log in first", "C? QUIT")
    run = send(rejected, rejected, lines(
        greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED),
        settings="tls on\ntls_certcheck off")
    assert run.status == 0, run


@pytest.mark.parametrize("fault", UNUSABLE)
@pytest.mark.parametrize("unusable_hosts", [1, 2])
def test_the_next_host_gets_the_message_once(
        send, servers, fault, unusable_hosts):
    transcripts = ([UNUSABLE[fault]] * unusable_hosts + [DELIVERY]
                   + [""] * (2 - unusable_hosts))
    tls = "opportunistic" if "STARTTLS" in fault else "off"
    run = send(*transcripts, settings=f"tls {tls}")
    assert run.status == 0, run
    got_it = [server.accepted for server in servers]
    assert got_it == [int(i == unusable_hosts) for i in range(3)]
    assert run.seconds < 20
    began = [server.connections[0].began for server in servers
             if server.connections]
    assert all(second - first < 3.5
               for first, second in zip(began, began[1:])), began
    assert run.fields["host"] == ADDRESSES[unusable_hosts]


def test_the_next_host_is_tried_after_bdat_was_rejected(send, servers):
    first = servers[0]
    play = first.play
    first.play = lambda transcript: play(
        transcript, "S: 421 4.3.2 busy\nC? QUIT")
    run = send(lines(FLIGHT, "S: 250 ok", "S: 250 ok", "S: 502 5.5.1 what",
                     "CLOSE"), DELIVERY)
    assert run.status == 0, run
    assert (servers[1].accepted, servers[2].accepted) == (1, 0)


PARTS = lines(greet("PIPELINING", "CHUNKING"), f"""
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: RCPT TO:<carol@example.org>
    C: BDAT {SIZE}
    CHUNK {SIZE}
""")


def test_with_partial_off_the_next_host_gets_what_the_first_one_defers(
        send, servers):
    run = send(lines(PARTS, "S: 451 4.3.1 full", "S: 503 no", "S: 503 no",
                     "S: 503 no", QUIT),
               lines(PARTS, "S: 250 ok", "S: 250 ok", "S: 250 ok",
                     "S: 250 ok", "C: BDAT 0 LAST", ACCEPTED, QUIT),
               argv=(*SEND, "carol@example.org"),
               settings="tls off\npartial off")
    assert run.status == 0, run


@pytest.mark.parametrize("replies", [
    ["451 4.3.1 full", "250 ok", "250 ok", "221 bye"],
    ["250 ok", "250 ok", "221 bye"],
    ["250 ok", "250 ok"]],
    ids=["MAIL is rejected and the message accepted", "one reply is missing",
         "the final reply is missing"])
def test_a_server_that_may_have_the_message_is_the_last_one(
        send, servers, replies):
    run = send(lines(FLIGHT, *["S: " + reply for reply in replies], "CLOSE"))
    assert run.status == os.EX_TEMPFAIL, run
    assert delivered(servers) == [1, 0, 0]


@pytest.mark.parametrize("transcript", [
    lines(greet(), MAIL, "C: RCPT *", "S: 450 4.2.0 later", QUIT),
    lines(FLIGHT, "S: 250 ok", "S: 450 4.2.0 later", "S: 554 5.5.1 nobody",
          "S: 221 bye"),
    lines(FLIGHT, "S: 250 ok", "S: 450 4.2.0 later", "CLOSE")],
    ids=["alone", "with the message", "with the message, then closed"])
def test_rejected_recipients_are_rejected_whatever_was_sent(
        send, transcript):
    run = send(transcript)
    assert run.status == os.EX_TEMPFAIL, run
    assert "450 4.2.0 later" in run.stderr
    assert "may have been delivered" not in run.stderr


def test_only_the_first_host_gets_the_message(send, servers):
    run = send(DELIVERY)
    assert run.status == 0, run
    assert delivered(servers) == [1, 0, 0]


EIGHT_BIT = MESSAGE + "grün\n".encode()
SIGNED = (b"Subject: test\nMIME-Version: 1.0\nContent-Type: multipart/signed;"
          b" boundary=a\n\n--a\n\n" + b"x" * 5000 + b"\n--a--\n")


def body_of(message):
    return message.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]


def test_the_next_host_gets_the_message_without_downgrade(send, servers):
    run = send(lines(greet(), "C: MAIL FROM:<alice@example.org>",
                     "S: 451 4.3.1 full", QUIT),
               lines(greet("8BITMIME"),
                     "C: MAIL FROM:<alice@example.org> BODY=8BITMIME",
                     "S: 250 2.1.0 ok", RCPT, DATA, ACCEPTED, QUIT),
               stdin=EIGHT_BIT)
    assert run.status == 0, run
    assert body_of(servers[1].message) == body_of(EIGHT_BIT)


def test_the_next_host_gets_long_lines_of_a_signed_message_unbroken(
        send, servers):
    servers[1].replies["whole"] = receive_last_chunk(servers[1])
    run = send(lines(greet("8BITMIME"), "C: MAIL *", "S: 451 4.3.1 full",
                     QUIT),
               lines(greet("8BITMIME", "CHUNKING", "BINARYMIME"),
                     "C: MAIL FROM:<alice@example.org> BODY=BINARYMIME",
                     "S: 250 2.1.0 ok", "C: RCPT *", "S: 250 2.1.5 ok",
                     "C: BDAT * LAST", "REPLY whole", QUIT), stdin=SIGNED)
    assert run.status == 0, run
    assert body_of(servers[1].message) == body_of(SIGNED)
    assert "were broken" not in run.log


def test_the_failures_of_all_hosts_are_reported(send):
    run = send(None, "S: 421 4.3.2 busy\nC? QUIT", UNUSABLE["is silent"],
               settings="tls off\ntimeout 2")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr.count("\n") == 1, run
    first, second, third = run.stderr.split("; ")
    assert "127.0.0.1 port " in first and ": cannot connect: " in first
    assert second == "127.0.0.2 said: 421 4.3.2 busy"
    assert third.startswith("127.0.0.3: "), run


FINAL_FAILURES = {
    "rejects MAIL": (lines(greet(), "C: MAIL *", "S: 550 5.7.1 no", QUIT),
                     os.EX_NOPERM),
    "rejects the recipient": (lines(greet(), MAIL, "C: RCPT *",
                                    "S: 550 5.1.1 who", QUIT), os.EX_NOUSER),
    "defers the recipient": (lines(greet(), MAIL, "C: RCPT *",
                                   "S: 450 4.2.0 later", QUIT),
                             os.EX_TEMPFAIL),
    "rejects the message": (lines(greet(), ENVELOPE, DATA, "S: 554 5.6.0 no",
                                  QUIT), os.EX_DATAERR),
    "defers the message": (lines(greet(), ENVELOPE, DATA, "S: 451 4.3.0 later",
                                 QUIT), os.EX_TEMPFAIL),
    "closes after the message": (lines(greet(), ENVELOPE, DATA, "CLOSE"),
                                 os.EX_TEMPFAIL),
}


@pytest.mark.parametrize("fault", FINAL_FAILURES)
def test_the_next_host_is_not_tried_after_a_final_failure(
        send, servers, fault):
    transcript, status = FINAL_FAILURES[fault]
    run = send(transcript)
    assert run.status == status, run
    assert delivered(servers)[1:] == [0, 0]
    assert not servers[1].connections


def test_the_next_host_is_tried_if_a_host_does_not_exist(
        submit, server, program):
    program.hosts["gone.example"] = "none"
    server.play(DELIVERY)
    run = submit(*SEND, host="gone.example\nhost mx.example")
    assert run.status == 0, run


def test_it_is_a_configuration_error_if_no_host_exists(submit, program):
    program.hosts.update({"gone.example": "none", "lost.example": "none"})
    run = submit(*SEND, host="gone.example\nhost lost.example")
    assert run.status == os.EX_CONFIG, run
    assert "gone.example" in run.stderr and "lost.example" in run.stderr


def test_a_busy_host_makes_the_failure_temporary(submit, server, program):
    program.hosts["gone.example"] = "none"
    server.play("S: 421 4.3.2 busy\nC? QUIT")
    run = submit(*SEND, host="mx.example\nhost gone.example")
    assert run.status == os.EX_TEMPFAIL, run
    assert "421 4.3.2 busy; gone.example" in run.stderr


def test_the_next_host_is_tried_after_a_wrong_certificate(
        submit, server, program, trust):
    program.hosts["other.test"] = "127.0.0.1"
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go",
                      "TLS REJECTED"),
                lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go", "TLS",
                      greet().partition("\n")[2], MESSAGE_ACCEPTED))
    run = submit(*SEND, host="other.test\nhost mx.test", settings=trust)
    assert run.status == 0, run


def test_tls_is_required_unless_all_hosts_are_loopback_addresses(
        submit, server):
    server.play(*[lines(greet(), "C? QUIT")] * 2)
    run = submit(*SEND, host="127.0.0.1\nhost mx.example", settings="")
    assert run.status == os.EX_TEMPFAIL, run
    assert "STARTTLS" in run.stderr


def test_bs_tries_the_next_host(send, servers):
    run = send(None, UNUSABLE["is busy"], DELIVERY, argv=("-bs",), stdin=(
        b"EHLO me\r\nMAIL FROM:<alice@example.org>\r\n"
        b"RCPT TO:<bob@example.org>\r\nDATA\r\n"
        + MESSAGE.replace(b"\n", b"\r\n") + b".\r\nQUIT\r\n"))
    assert run.status == 0, run
    assert delivered(servers) == [0, 0, 1]
    assert "250 2.0.0 accepted" in run.stdout


# ETRN, which has no recipients

RMQS = ("--rmqs", "@example.org")
QUEUE_STARTED = lines(greet("ETRN"), "C: ETRN @example.org", "S: 250 ok", QUIT)


@pytest.mark.parametrize("first", [
    None, "S: 421 4.3.2 busy\nC? QUIT", "S: 554 5.3.2 no mail here\nC? QUIT",
    lines(greet("ETRN"), "C: ETRN *", "S: 458 unable to queue", "C? QUIT")],
    ids=["down", "busy", "accepts no mail", "unable to queue"])
def test_rmqs_tries_the_next_host_after_a_temporary_failure(send, first):
    run = send(first, QUEUE_STARTED, "", argv=RMQS, stdin=b"")
    assert run.status == 0, run
    assert run.stderr == run.stdout == ""


@pytest.mark.parametrize("first, status", [
    (QUEUE_STARTED, 0),
    (lines(greet("ETRN"), "C: ETRN *", "S: 501 no such node", QUIT),
     os.EX_PROTOCOL),
    (lines(greet("SIZE"), QUIT), os.EX_UNAVAILABLE)],
    ids=["accepted", "rejected", "not offered"])
def test_rmqs_does_not_try_the_next_host_after_a_final_reply(
        send, first, status):
    run = send(first, "", "", argv=RMQS, stdin=b"")
    assert run.status == status, run


def test_rmqs_reports_all_hosts_if_none_is_usable(send):
    run = send(None, None, "S: 421 4.3.2 busy\nC? QUIT", argv=RMQS,
               stdin=b"")
    assert run.status == os.EX_TEMPFAIL, run
    for address in ADDRESSES:
        assert address in run.stderr


def test_rmqs_is_rejected_with_host_mx(submit):
    run = submit(*RMQS, config="account default\nhost mx\n", stdin=b"")
    assert run.status == os.EX_CONFIG, run
    assert "host mx" in run.stderr


# --serverinfo, which sends no mail

EHLO_ONLY = lines(greet("SIZE"), QUIT)


@pytest.mark.parametrize("first", [
    None, "S: 421 4.3.2 busy\nC? QUIT", "S: 554 5.3.2 no mail here\nC? QUIT"],
    ids=["down", "busy", "accepts no mail"])
def test_serverinfo_shows_the_first_usable_host(send, first):
    run = send(first, EHLO_ONLY, "", argv=("--serverinfo",), stdin=b"")
    assert run.status == 0, run
    assert f"at {ADDRESSES[1]}:" in run.stdout
    assert "SIZE" in run.stdout


def test_serverinfo_keeps_the_rejected_certificate_if_the_next_host_is_down(
        send, servers, certificates):
    servers[0].use_certificate(certificates, "self-signed")
    start = lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 2.0.0 go")
    servers[0].play(lines(start, "TLS REJECTED"),
                    lines(start, "TLS", ehlo("SIZE"), QUIT))
    run = send("", None, None, argv=("--serverinfo",), stdin=b"", settings=
               f"tls on\ntls_trust_file {certificates.path('ca.pem')}")
    assert run.status == os.EX_TEMPFAIL and "self-signed" in run.stderr, run
    assert f"Server: {ADDRESSES[0]} at {ADDRESSES[0]}:" in run.stdout, run
    assert "SHA-256: " in run.stdout and "  SIZE" in run.stdout, run


@pytest.mark.parametrize("argv", [SEND, ["--serverinfo"]])
@pytest.mark.parametrize("first", ["no packets", "no greeting"])
def test_a_silent_host_leaves_time_for_the_next_one(
        submit, network, first, argv):
    """With its whole connect_timeout the first host would use up the deadline:
    the share of each host is half of it."""
    silent = SILENT
    if first == "no greeting":
        silent = SERVERS[1]
        network.listen(silent).play("EOF")
    last = network.listen(SERVERS[0])
    last.play(DELIVERY if argv is SEND else lines(greet(), QUIT))
    run = submit(*argv, config=lines(
        "account default", f"host {silent}", f"host {SERVERS[0]}", "port 25",
        "domain client.example", "connect_timeout 60", "tls off",
        "deadline 16") + "\n")
    network.finish()
    assert run.status == 0, run
