# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""-bs with a queue: what the server cannot take now gets 250 2.0.0 queued."""

import os
import re
import time

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, LOGIN, LOGIN_SETTINGS,
                      MAIL, MESSAGE_ACCEPTED, QUIT, RCPT, SECURED, greet, lines)
from program import MESSAGE
from queued import refuse, wait_until

CRLF_MESSAGE = MESSAGE.replace(b"\n", b"\r\n")
ENVELOPE = (b"MAIL FROM:<alice@example.org>\r\n"
            b"RCPT TO:<bob@example.org>\r\n")
TWO = ENVELOPE + b"RCPT TO:<carol@example.org>\r\n"
TWO_RCPT = lines(greet(), MAIL, RCPT, "C: RCPT TO:<carol@example.org>*")
DATA_LINES = b"DATA\r\n" + CRLF_MESSAGE + b".\r\n"
QUEUED = re.compile(r"250 2\.0\.0 queued as ([0-9A-Z]{13})")


@pytest.fixture
def serve(post):
    def serve(*transcripts, envelope=ENVELOPE, data=DATA_LINES, **options):
        run = post(*transcripts, argv=("-bs",),
                   stdin=b"EHLO client.example\r\n" + envelope + data
                   + b"QUIT\r\n", **options)
        assert run.status == 0, run
        # The replies after that to EHLO, without the one to QUIT.
        run.replies = [line for line in run.stdout.splitlines()
                       if line[3:4] == " "][2:-1]
        return run
    return serve


def check_queued(run, queue, recipients):
    match = QUEUED.fullmatch(run.replies[-1])
    assert match, run
    assert [path.name for path in queue.files()] == [match[1]], run
    assert queue.recipients() == recipients
    entry = run.entries[0]
    assert entry["queue"] == match[1], run
    return entry


@pytest.mark.parametrize("stage, reply", [
    ("greeting", "554 5.3.2 no service here"),
    ("mail", "451 4.3.0 try again"),
    ("mail", "530 5.7.0 authentication required"),
    ("rcpt", "450 4.2.0 greylisted"),
    ("end", "452 4.3.1 disk full"),
])
def test_what_the_server_refuses_for_now_is_queued(serve, queue, stage, reply):
    run = serve(refuse(stage, reply))
    entry = check_queued(run, queue, ["bob@example.org"])
    assert entry["result"] == "queued"
    assert entry["said"] == reply
    assert [line[:3] for line in run.replies] == ["250", "250", "354", "250"]
    assert [line.split()[0] for line in queue.journal()] == [
        "attempt", "deferred", "next"]
    assert queue.entry()[1].endswith(b"\n\nHello.\n")


def test_a_recipient_is_rejected_if_the_queue_cannot_keep_it(serve, queue):
    """When the other recipient has the message, it is too late to say so: the
    client would send to both again."""
    queue.folder.mkdir(mode=0o755)
    queue.folder.chmod(0o755)
    run = serve(lines(TWO_RCPT, "S: 450 4.2.0 greylisted", DATA, ACCEPTED,
                      QUIT), envelope=TWO)
    assert [line[:3] for line in run.replies] == [
        "250", "250", "450", "354", "250"], run
    assert "greylisted" in run.replies[2]
    assert "cannot be queued" in run.log and "mode 0755" in run.log, run


def test_a_message_for_a_server_that_is_down_is_queued(serve, queue, server):
    server.go_down()
    run = serve(envelope=TWO)
    check_queued(run, queue, ["bob@example.org", "carol@example.org"])


def test_a_login_that_is_impossible_now_is_queued(serve, queue):
    run = serve(settings="tls on\nauth plain\nuser bob\n"
                         "passwordfile /nonexistent/secret")
    check_queued(run, queue, ["bob@example.org"])
    assert "2.3 sendmail" in run.log or "2.3 veredus" in run.log, run


def test_the_client_waits_for_the_password_as_long_as_for_a_server(
        serve, queue):
    """The command is not stopped after its 30 s but after queue_wait."""
    begin = time.monotonic()
    run = serve(settings="queue_wait 1\ntls on\nauth plain\nuser bob\n"
                         "passwordeval sleep 20")
    assert time.monotonic() - begin < 15
    check_queued(run, queue, ["bob@example.org"])
    assert "no login after 1 seconds (queue_wait)" in run.log, run


def test_a_lost_final_reply_is_queued(serve, queue):
    run = serve(lines(BEFORE_FINAL_REPLY, "CLOSE"))
    check_queued(run, queue, ["bob@example.org"])


@pytest.mark.parametrize("stage, reply", [
    ("mail", "550 5.1.8 bad sender"),
    ("rcpt", "550 5.1.1 no such user"),
    ("end", "554 5.7.1 spam"),
])
def test_what_the_server_refuses_for_good_is_told(serve, queue, stage, reply):
    run = serve(refuse(stage, reply),
                data=DATA_LINES if stage == "end" else b"")
    told = run.replies[0 if stage == "mail" else -1]
    assert told.startswith(reply[:9]), run
    assert queue.is_empty()


def test_only_the_recipients_that_are_left_are_queued(serve, queue, server):
    run = serve(lines(TWO_RCPT, "S: 450 4.2.0 later", DATA, ACCEPTED, QUIT),
                envelope=TWO)
    entry = check_queued(run, queue, ["carol@example.org"])
    assert entry["result"] == "queued"
    assert server.message == CRLF_MESSAGE


def test_a_refused_recipient_is_told_while_another_one_is_queued(serve, queue):
    run = serve(lines(greet(), MAIL, "C: RCPT *", "S: 450 4.2.0 later",
                      "C: RCPT *", "S: 550 5.1.1 no such user", "C? RSET",
                      "C? QUIT", "DRAIN"), envelope=TWO)
    assert run.replies[2].startswith("550 5.1.1"), run
    check_queued(run, queue, ["bob@example.org"])


def test_a_message_that_the_server_takes_is_not_queued(serve, queue):
    run = serve(lines(greet(), MESSAGE_ACCEPTED))
    assert run.replies[-1] == "250 2.0.0 accepted", run
    # The folder was made before the sandbox.
    assert queue.is_empty()


def test_a_second_message_is_sent_after_one_that_was_queued(serve, queue,
                                                            server):
    run = serve(lines(greet(), MAIL, "C: RCPT *", "S: 450 4.2.0 later",
                      "C: RSET", "S: 250 ok", MESSAGE_ACCEPTED),
                data=DATA_LINES + ENVELOPE + DATA_LINES)
    assert QUEUED.fullmatch(run.replies[3]), run
    assert run.replies[-1] == "250 2.0.0 accepted", run
    assert [entry["result"] for entry in run.entries] == ["queued", "sent"]
    assert len(queue.files()) == 1


def test_queue_later_asks_no_server(serve, queue):
    run = serve(mode="later", settings=LOGIN_SETTINGS.replace(
        "auth plain", "tls on\nauth plain"))
    entry = check_queued(run, queue, ["bob@example.org"])
    assert entry["result"] == "queued"
    assert queue.journal() == []


def test_queue_always_delivers_in_the_background(serve, queue, server):
    run = serve(lines("HOLD", greet(), MESSAGE_ACCEPTED), mode="always")
    assert QUEUED.fullmatch(run.replies[-1]), run
    wait_until(queue.is_empty)
    wait_until(lambda: len(run.entries) == 2)
    assert [entry["result"] for entry in run.entries] == ["queued", "sent"]
    assert server.message == CRLF_MESSAGE


# ---- queue_wait ----

WAIT = "queue_wait 1s"


def check_background(run, queue, result="sent"):
    assert QUEUED.fullmatch(run.replies[-1]), run
    wait_until(lambda: len(run.entries) == 2)
    queued, other = run.entries
    assert (queued["result"], other["result"]) == ("queued", result), run
    assert queued["queue"] == other["queue"]
    assert "queue_wait" in queued["error"]


@pytest.mark.parametrize("transcript", [
    pytest.param(lines(BEFORE_FINAL_REPLY, "HOLD", ACCEPTED, QUIT),
                 id="final dot"),
    pytest.param(lines(greet(), MAIL, RCPT, "C: DATA", "HOLD", "S: 354 go",
                       "BODY", ACCEPTED, QUIT), id="data"),
])
def test_a_slow_server_gets_one_copy_and_the_client_does_not_wait(
        serve, post, queue, server, transcript):
    run = serve(transcript, settings=WAIT)
    assert post.seconds > 0.9
    check_background(run, queue)
    assert server.accepted == 1
    assert server.message == CRLF_MESSAGE
    wait_until(queue.is_empty)
    assert queue.files("tmp") == queue.files("failed") == []


def test_the_session_that_goes_on_may_be_encrypted(serve, queue, server, trust):
    run = serve(lines(SECURED, LOGIN, MAIL, RCPT, DATA, "HOLD", ACCEPTED,
                      QUIT),
                settings=f"{trust}\n{LOGIN_SETTINGS}\n{WAIT}", host="mx.test")
    check_background(run, queue)
    assert server.message == CRLF_MESSAGE


def test_a_rejection_after_the_wait_is_returned(serve, queue):
    run = serve(lines(BEFORE_FINAL_REPLY, "HOLD", "S: 554 5.7.1 spam",
                      "C? QUIT", "DRAIN"), settings=WAIT)
    check_background(run, queue, "returned")
    head, notice, _ = queue.entry()
    assert "recipient 1 alice@example.org" in head
    assert b"5.7.1 spam" in notice


def test_a_failure_after_the_wait_leaves_the_message_in_the_queue(serve,
                                                                  queue):
    run = serve(lines(BEFORE_FINAL_REPLY, "HOLD", "S: 452 4.3.1 disk full",
                      "C? QUIT", "DRAIN"), settings=WAIT)
    check_background(run, queue, "deferred")
    assert [line.split()[0] for line in queue.journal()] == [
        "attempt", "deferred", "next"]


def test_the_next_message_gets_a_session_of_its_own(serve, post, queue,
                                                    server):
    def reply_late(line, connection):
        wait_until(lambda: "result=queued" in post.program.read_log())
        return "250 2.0.0 accepted"

    # The server of the test has one session after the other.
    server.replies["late"] = reply_late
    run = serve(lines(BEFORE_FINAL_REPLY, "REPLY late", QUIT),
                lines(greet(), MESSAGE_ACCEPTED),
                data=DATA_LINES + ENVELOPE + DATA_LINES,
                settings="queue_wait 3s")
    assert QUEUED.fullmatch(run.replies[3]), run
    assert run.replies[-1] == "250 2.0.0 accepted", run
    wait_until(lambda: len(run.entries) == 3)
    assert sorted(entry["result"] for entry in run.entries) == [
        "queued", "sent", "sent"]
    assert server.accepted == 2
    wait_until(queue.is_empty)


@pytest.mark.parametrize("transcript", [
    pytest.param(lines("DRAIN"), id="greeting"),
    pytest.param(lines(greet(), "C: MAIL *", "DRAIN"), id="mail"),
    pytest.param(lines(greet(), MAIL, "C: RCPT *", "DRAIN"), id="rcpt"),
])
def test_a_server_that_stalls_before_the_message_is_left(serve, post, queue,
                                                         transcript):
    """No server knows of the message, so that a later session offers it."""
    run = serve(transcript, settings=WAIT)
    assert post.seconds < 15
    entry = check_queued(run, queue, ["bob@example.org"])
    assert entry["result"] == "queued"
    assert [line.split()[0] for line in queue.journal()] == [
        "attempt", "deferred", "next"]


def test_a_recipient_that_was_deferred_waits_with_the_others(serve, queue,
                                                             server):
    run = serve(lines(TWO_RCPT, "S: 450 4.2.0 later", DATA, "HOLD", ACCEPTED,
                      QUIT), envelope=TWO, settings=WAIT)
    check_background(run, queue, "deferred")
    assert server.accepted == 1
    assert [line.split()[:2] for line in queue.journal()][1:3] == [
        ["delivered", "1"], ["deferred", "2"]]


def test_a_client_waits_if_the_message_cannot_be_queued(serve, post, queue):
    queue.folder.write_text("a file in place of the folder")
    run = serve(lines(BEFORE_FINAL_REPLY, "WAIT 3", ACCEPTED, QUIT),
                settings=WAIT)
    assert post.seconds > 2.5
    assert run.replies[-1] == "250 2.0.0 accepted", run


# ---- what cannot be queued ----

@pytest.mark.parametrize("mode, replies", [
    ("on", "451 4.3.0"), ("later", "45"), ("always", "451 4.3.0"),
])
def test_a_message_that_cannot_be_queued_gets_the_reply_of_the_server(
        serve, queue, mode, replies):
    queue.folder.write_text("a file in place of the folder")
    transcripts = [] if mode == "later" else [
        refuse("end", "451 4.3.0 try again")]
    run = serve(*transcripts, mode=mode)
    assert run.replies[-1].startswith(replies), run
    assert "Not a directory" in run.log


def test_a_wrong_setting_is_told(serve, queue):
    run = serve(settings="queue_wait never", data=b"")
    assert run.replies[0].startswith(("451", "554", "550", "4", "5")), run
    assert not os.path.exists(queue.folder)
