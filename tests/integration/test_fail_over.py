# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several hosts in an account: the next one only while nothing is lost."""

import os

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, MAIL, MESSAGE_ACCEPTED, QUIT,
                      RCPT, SEND, greet, lines, receive_last_chunk)
from program import MESSAGE
from scripted import ScriptedServer

ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
DELIVERY = lines(greet(), MESSAGE_ACCEPTED)


@pytest.fixture
def trio():
    """Three servers on one port that the kernel chose."""
    servers = []
    for _ in range(20):
        servers = [ScriptedServer(ADDRESSES[0])]
        try:
            servers += [ScriptedServer(address, servers[0].port)
                        for address in ADDRESSES[1:]]
            break
        except OSError:
            servers[0].listener.close()
    yield servers
    for server in servers:
        server.stopping.set()
        if server.thread:
            server.thread.join()
        server.listener.close()


@pytest.fixture
def send(submit, trio):
    """Runs the program with the three as hosts, each of which plays its
    transcript, or is down (None)."""
    def send(*transcripts, settings="tls off", argv=SEND, stdin=MESSAGE,
             **options):
        for server, transcript in zip(trio, transcripts):
            if transcript is None:
                server.listener.close()
            elif transcript:
                server.play(transcript)
        hosts = [f"host {address}" for address in ADDRESSES]
        run = submit(*argv, stdin=stdin, config=lines(
            "account default", *hosts, f"port {trio[0].port}",
            "domain client.example", "connect_timeout 2", settings) + "\n",
            **options)
        for server in trio:
            if server.thread:
                server.finish()
        return run
    return send


def delivered(servers):
    return [len(server.messages) for server in servers]


DEAD = {
    "down": None,
    "closes at once": "CLOSE",
    "is busy": "S: 421 4.3.2 busy\nC? QUIT",
    "takes no mail": "S: 554 5.3.2 no mail here\nC? QUIT",
    "is no SMTP server": "S: SSH-2.0-OpenSSH\nC? QUIT",
    "defers EHLO": "S: 220 mx\nC: EHLO *\nS: 451 4.3.0 later\nC? QUIT",
    "defers MAIL": lines(greet(), "C: MAIL *", "S: 451 4.3.1 full", "C? QUIT"),
    "defers DATA": lines(greet(), ENVELOPE, "C: DATA", "S: 451 4.3.0 later",
                         "C? RSET", "C? QUIT"),
    "is silent": "EOF",
    "is silent about EHLO": "S: 220 mx\nC: EHLO *\nEOF",
    "is silent about STARTTLS": lines(greet("STARTTLS"), "C: STARTTLS",
                                      "EOF"),
}


@pytest.mark.parametrize("fault", DEAD)
@pytest.mark.parametrize("dead", [1, 2])
def test_the_next_host_takes_it_once(send, trio, fault, dead):
    parts = [DEAD[fault]] * dead + [DELIVERY] + [""] * (2 - dead)
    tls = "opportunistic" if "STARTTLS" in fault else "off"
    run = send(*parts, settings=f"tls {tls}")
    assert run.status == 0, run
    assert delivered(trio) == [int(i == dead) for i in range(3)]
    assert run.seconds < 2 * dead + 2
    assert run.fields["host"] == ADDRESSES[dead]


def test_the_first_host_is_enough(send, trio):
    run = send(DELIVERY)
    assert run.status == 0, run
    assert delivered(trio) == [1, 0, 0]


EIGHT_BIT = MESSAGE + "grün\n".encode()
SEALED = (b"Subject: test\nMIME-Version: 1.0\nContent-Type: multipart/signed;"
          b" boundary=a\n\n--a\n\n" + b"x" * 5000 + b"\n--a--\n")


def body_of(message):
    return message.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]


def test_the_next_host_gets_the_message_as_it_was(send, trio):
    run = send(lines(greet(), "C: MAIL FROM:<alice@example.org>",
                     "S: 451 4.3.1 full", QUIT),
               lines(greet("8BITMIME"),
                     "C: MAIL FROM:<alice@example.org> BODY=8BITMIME",
                     "S: 250 2.1.0 ok", RCPT, DATA, ACCEPTED, QUIT),
               stdin=EIGHT_BIT)
    assert run.status == 0, run
    assert body_of(trio[1].message) == body_of(EIGHT_BIT)


def test_a_line_that_one_host_would_have_broken_stays_whole(send, trio):
    trio[1].replies["whole"] = receive_last_chunk(trio[1])
    run = send(lines(greet("8BITMIME"), "C: MAIL *", "S: 451 4.3.1 full",
                     QUIT),
               lines(greet("8BITMIME", "CHUNKING", "BINARYMIME"),
                     "C: MAIL FROM:<alice@example.org> BODY=BINARYMIME",
                     "S: 250 2.1.0 ok", "C: RCPT *", "S: 250 2.1.5 ok",
                     "C: BDAT * LAST", "REPLY whole", QUIT), stdin=SEALED)
    assert run.status == 0, run
    assert body_of(trio[1].message) == body_of(SEALED)
    assert "were broken" not in run.log


def test_all_down_tells_all(send):
    run = send(None, "S: 421 4.3.2 busy\nC? QUIT", DEAD["is silent"],
               settings="tls off\ntimeout 2")
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr.count("\n") == 1, run
    first, second, third = run.stderr.split("; ")
    assert "127.0.0.1 port " in first and ": cannot connect: " in first
    assert second == "127.0.0.2 said: 421 4.3.2 busy"
    assert third.startswith("127.0.0.3: "), run


FINAL = {
    "refuses MAIL": (lines(greet(), "C: MAIL *", "S: 550 5.7.1 no", QUIT),
                     os.EX_NOPERM),
    "refuses the recipient": (lines(greet(), MAIL, "C: RCPT *",
                                    "S: 550 5.1.1 who", QUIT), os.EX_NOUSER),
    "defers the recipient": (lines(greet(), MAIL, "C: RCPT *",
                                   "S: 450 4.2.0 later", QUIT),
                             os.EX_TEMPFAIL),
    "refuses the message": (lines(greet(), ENVELOPE, DATA, "S: 554 5.6.0 no",
                                  QUIT), os.EX_UNAVAILABLE),
    "defers the message": (lines(greet(), ENVELOPE, DATA, "S: 451 4.3.0 later",
                                 QUIT), os.EX_TEMPFAIL),
    "goes away with it": (lines(greet(), ENVELOPE, DATA, "CLOSE"),
                          os.EX_TEMPFAIL),
}


@pytest.mark.parametrize("fault", FINAL)
def test_no_second_host_after_a_verdict(send, trio, fault):
    transcript, status = FINAL[fault]
    run = send(transcript)
    assert run.status in (status, os.EX_DATAERR), run
    assert delivered(trio)[1:] == [0, 0]
    assert not trio[1].connections


def test_a_host_that_does_not_exist(submit, server, program):
    program.hosts["gone.example"] = "none"
    server.play(DELIVERY)
    run = submit(*SEND, host="gone.example\nhost mx.example")
    assert run.status == 0, run


def test_no_host_exists(submit, program):
    program.hosts.update({"gone.example": "none", "lost.example": "none"})
    run = submit(*SEND, host="gone.example\nhost lost.example")
    assert run.status == os.EX_CONFIG, run
    assert "gone.example" in run.stderr and "lost.example" in run.stderr


def test_a_host_that_is_only_busy_may_take_it_later(submit, server, program):
    program.hosts["gone.example"] = "none"
    server.play("S: 421 4.3.2 busy\nC? QUIT")
    run = submit(*SEND, host="mx.example\nhost gone.example")
    assert run.status == os.EX_TEMPFAIL, run
    assert "421 4.3.2 busy; gone.example" in run.stderr


def test_a_certificate_of_another(submit, server, program, trust):
    program.hosts["other.test"] = "127.0.0.1"
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go",
                      "TLS REFUSED"),
                lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go", "TLS",
                      greet().partition("\n")[2], MESSAGE_ACCEPTED))
    run = submit(*SEND, host="other.test\nhost mx.test", settings=trust)
    assert run.status == 0, run


def test_tls_is_on_unless_all_hosts_are_here(submit, server):
    server.play(*[lines(greet(), "C? QUIT")] * 2)
    run = submit(*SEND, host="127.0.0.1\nhost mx.example", settings="")
    assert run.status == os.EX_TEMPFAIL, run
    assert "STARTTLS" in run.stderr


def test_serving_goes_on_to_the_next_host(send, trio):
    run = send(None, DEAD["is busy"], DELIVERY, argv=("-bs",), stdin=(
        b"EHLO me\r\nMAIL FROM:<alice@example.org>\r\n"
        b"RCPT TO:<bob@example.org>\r\nDATA\r\n"
        + MESSAGE.replace(b"\n", b"\r\n") + b".\r\nQUIT\r\n"))
    assert run.status == 0, run
    assert delivered(trio) == [0, 0, 1]
    assert "250 2.0.0 accepted" in run.stdout


# ETRN, which has no recipients

REMOTE = ("--rmqs", "@example.org")
ASKED = lines(greet("ETRN"), "C: ETRN @example.org", "S: 250 ok", QUIT)


@pytest.mark.parametrize("first", [
    None, "S: 421 4.3.2 busy\nC? QUIT", "S: 554 5.3.2 no mail here\nC? QUIT",
    lines(greet("ETRN"), "C: ETRN *", "S: 458 unable to queue", "C? QUIT")],
    ids=["down", "busy", "takes no mail", "cannot now"])
def test_the_next_host_is_asked_for_what_it_keeps(send, first):
    run = send(first, ASKED, "", argv=REMOTE, stdin=b"")
    assert run.status == 0, run
    assert run.stderr == run.stdout == ""


@pytest.mark.parametrize("first, status", [
    (ASKED, 0),
    (lines(greet("ETRN"), "C: ETRN *", "S: 501 no such node", QUIT),
     os.EX_PROTOCOL),
    (lines(greet("SIZE"), QUIT), os.EX_UNAVAILABLE)],
    ids=["sees to it", "says no", "does not offer it"])
def test_what_a_host_says_of_its_queue_for_good_counts(send, first, status):
    run = send(first, "", "", argv=REMOTE, stdin=b"")
    assert run.status == status, run


def test_no_host_sees_to_its_queue(send):
    run = send(None, None, "S: 421 4.3.2 busy\nC? QUIT", argv=REMOTE,
               stdin=b"")
    assert run.status == os.EX_TEMPFAIL, run
    for address in ADDRESSES:
        assert address in run.stderr


def test_host_mx_is_nobody_to_ask_for_a_queue(submit):
    run = submit(*REMOTE, config="account default\nhost mx\n", stdin=b"")
    assert run.status == os.EX_CONFIG, run
    assert "host mx" in run.stderr


# --serverinfo, which sends no mail

GREETED = lines(greet("SIZE"), QUIT)


@pytest.mark.parametrize("first", [
    None, "S: 421 4.3.2 busy\nC? QUIT", "S: 554 5.3.2 no mail here\nC? QUIT"],
    ids=["down", "busy", "takes no mail"])
def test_serverinfo_shows_the_first_host_that_can_be_used(send, first):
    run = send(first, GREETED, "", argv=("--serverinfo",), stdin=b"")
    assert run.status == 0, run
    assert f"at {ADDRESSES[1]}:" in run.stdout
    assert "SIZE" in run.stdout
