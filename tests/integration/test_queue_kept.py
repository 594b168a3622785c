# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which failures the queue keeps, and which are told: the same for a caller
that waits, a client of -bs and a queue run."""

import os
import re

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, LOGIN_SETTINGS, QUIT, SECURED,
                      SEND, greet, lines, plain, receive_last_chunk)
from program import MESSAGE
from queued import refuse

KEPT = None
ANYTHING = object()
INFO, ERR = 6, 3

# Stage, reply, exit status of a caller that waits (KEPT: 0), priority in the
# log of what is kept.
REPLIES = [
    ("greeting", "554 5.3.2 no service here", KEPT, INFO),
    ("greeting", "421 4.3.2 shutting down", KEPT, INFO),
    ("ehlo", "550 5.7.1 who are you", KEPT, INFO),
    ("tls", "454 4.7.0 no TLS now", KEPT, INFO),
    ("tls", "554 5.7.4 no TLS", KEPT, ANYTHING),
    ("auth", "535 5.7.8 wrong password", KEPT, ERR),
    ("auth", "534 5.7.9 too weak", KEPT, ERR),
    ("auth", "454 4.7.0 not now", KEPT, ERR),
    ("mail", "451 4.3.0 try again", KEPT, INFO),
    ("mail", "421 4.3.2 shutting down", KEPT, INFO),
    ("mail", "530 5.7.0 authentication required", KEPT, ERR),
    ("mail", "530 must issue a STARTTLS command first", KEPT, ERR),
    ("mail", "538 5.7.11 encryption required", KEPT, ERR),
    ("mail", "550 5.7.8 log in", KEPT, ERR),
    ("mail", "550 5.1.8 bad sender", os.EX_DATAERR, None),
    ("mail", "553 5.1.8 not yours", os.EX_DATAERR, None),
    ("mail", "552 5.3.4 too big", os.EX_DATAERR, None),
    ("rcpt", "450 4.2.0 greylisted", KEPT, INFO),
    ("rcpt", "452 4.5.3 too many", KEPT, INFO),
    ("rcpt", "530 5.7.0 log in", KEPT, ERR),
    ("rcpt", "550 5.7.8 log in", KEPT, ERR),
    ("rcpt", "550 5.1.1 no such user", os.EX_NOUSER, None),
    ("rcpt", "550 no such user", os.EX_NOUSER, None),
    ("rcpt", "550 5.1.2 no such domain", os.EX_NOHOST, None),
    ("rcpt", "550 5.7.1 relaying denied", os.EX_NOPERM, None),
    ("data", "451 4.3.0 try again", KEPT, INFO),
    ("data", "530 5.7.0 log in", KEPT, ERR),
    ("data", "554 5.5.1 no valid recipients", ANYTHING, None),
    ("end", "452 4.3.1 disk full", KEPT, INFO),
    ("end", "421 4.3.2 shutting down", KEPT, INFO),
    ("end", "538 5.7.11 encryption required", KEPT, ERR),
    ("end", "554 5.7.8 log in", KEPT, ERR),
    ("end", "554 5.7.1 spam", os.EX_NOPERM, None),
    ("end", "552 5.2.2 mailbox full", os.EX_UNAVAILABLE, None),
    ("end", "550 5.6.0 bad content", os.EX_DATAERR, None),
]
LOGIN_STAGES = ("tls", "auth")
# The same run delivers the notice.
NOTICE = lines(greet(), "C: MAIL FROM:<>*", "S: 250 ok",
               "C: RCPT TO:<alice@example.org>*", "S: 250 ok", DATA, ACCEPTED,
               QUIT)


def session(stage, reply):
    if stage == "tls":
        return lines(greet("STARTTLS"), "C: STARTTLS", f"S: {reply}",
                     "C? QUIT", "DRAIN")
    if stage == "auth":
        return lines(SECURED, plain(), f"S: {reply}", "C? QUIT", "DRAIN")
    return refuse(stage, reply)


@pytest.fixture
def options(trust):
    def options(stage):
        if stage not in LOGIN_STAGES:
            return {}
        return {"settings": f"{trust}\n{LOGIN_SETTINGS}", "host": "mx.test"}
    return options


table = pytest.mark.parametrize("stage, reply, status, priority", REPLIES)


@table
def test_a_caller_that_waits(post, queue, options, stage, reply, status,
                             priority):
    run = post(session(stage, reply), **options(stage))
    entry = run.entries[0]
    assert entry["said"] == reply
    if status is KEPT:
        assert (run.status, run.stderr) == (0, ""), run
        assert entry["result"] == "queued"
        assert [path.name for path in queue.files()] == [entry["queue"]]
        assert priority is ANYTHING or f"2.{priority} veredus: queue=" \
            in run.log, run
    else:
        assert run.status not in (0, os.EX_TEMPFAIL), run
        assert status in (run.status, ANYTHING), run
        assert reply in run.stderr
        assert entry["result"] == "failed"
        assert "queue" not in entry
        assert queue.is_empty()


@table
def test_a_client_of_bs(post, queue, options, stage, reply, status, priority):
    run = post(session(stage, reply), argv=("-bs",), **options(stage),
               stdin=b"EHLO client.example\r\n"
                     b"MAIL FROM:<alice@example.org>\r\n"
                     b"RCPT TO:<bob@example.org>\r\nDATA\r\n"
                     + (MESSAGE.replace(b"\n", b"\r\n") + b".\r\n"
                        if status is KEPT or stage in ("data", "end")
                        else b"") + b"QUIT\r\n")
    codes = [line[:3] for line in run.stdout.splitlines()
             if line[3:4] == " "][2:]
    assert run.status == 0, run
    if status is KEPT:
        assert codes == ["250", "250", "354", "250", "221"], run
        assert f"250 2.0.0 queued as {queue.files()[0].name}" in run.stdout
        assert run.entries[0]["result"] == "queued"
        return
    at = {"mail": 0, "rcpt": 1, "data": 3, "end": 3}[stage]
    assert codes[at] == reply[:3], run
    assert codes[:at] == ["250", "250", "354"][:at]
    assert queue.is_empty()
    assert run.entries[0]["result"] == "failed"


@table
def test_a_queue_run(post, program, server, queue, options, stage, reply,
                     status, priority):
    post(mode="later", **options(stage))
    told = [] if status is KEPT else [NOTICE]
    server.play(session(stage, reply), *told)
    run = program.run("-q", stdin=None)
    server.finish()
    assert (run.status, run.stderr) == (0, ""), run
    results = re.findall(r" result=(\w+) ", run.log)
    if status is KEPT:
        assert results == ["deferred"]
        assert queue.recipients() == ["bob@example.org"]
        events = queue.journal()
        assert [line.split()[0] for line in events] == [
            "attempt", "deferred", "next"]
        assert events[1].split(" ", 4)[2] == reply[:3]
    else:
        assert results == ["returned", "sent"]
        assert f"mx.example said:\r\n{reply}\r\n".encode() \
            in server.message
        assert queue.is_empty()


@pytest.mark.parametrize("reply, status", [
    ("452 4.3.1 disk full", KEPT), ("421 4.3.2 shutting down", KEPT),
    ("530 5.7.0 log in", KEPT), ("554 5.7.1 spam", os.EX_NOPERM),
    ("552 5.3.4 too big", os.EX_DATAERR),
])
def test_the_reply_to_bdat_counts_as_that_to_data(post, queue, server, reply,
                                                  status):
    receive = receive_last_chunk(server)

    def reject(line, connection):
        receive(line, connection)
        return reply

    server.replies["chunk"] = reject
    run = post(lines(greet("CHUNKING"), ENVELOPE, "C: BDAT * LAST",
                     "REPLY chunk", "C? RSET", "C? QUIT", "DRAIN"))
    if status is KEPT:
        assert (run.status, run.stderr) == (0, ""), run
        assert run.entries[0]["result"] == "queued"
        assert len(queue.files()) == 1
    else:
        assert run.status == status, run
        assert run.entries[0]["result"] == "failed"
        assert queue.is_empty()


# ---- what no server says ----

@pytest.mark.parametrize("stdin, argv, settings, status", [
    pytest.param(MESSAGE, ("-f", "alice@example.org"), "", os.EX_USAGE,
                 id="64"),
    pytest.param(b"Subject: x\nContent-Transfer-Encoding: binary\n"
                 b"Content-Type: multipart/signed\n\na\0b\n", SEND, "",
                 os.EX_DATAERR, id="65 message"),
    pytest.param(b"Received: x\n" * 51 + MESSAGE, SEND, "", os.EX_CONFIG,
                 id="too many hops"),
    pytest.param(MESSAGE, ("-f", "alice@example.org", "@"), "", os.EX_DATAERR,
                 id="65 address"),
    pytest.param(None, SEND, "", os.EX_NOINPUT, id="66"),
    pytest.param(MESSAGE, SEND, "no_such_setting on", os.EX_CONFIG, id="78"),
])
@pytest.mark.parametrize("mode", ["on", "always", "later"])
def test_what_is_wrong_before_an_attempt_is_told(
        post, program, queue, mode, stdin, argv, settings, status):
    if stdin is None:
        post(mode=mode, argv=("--pretend",))
        run = program.run(*argv, stdin=None, preexec_fn=lambda: os.close(0))
    else:
        run = post(mode=mode, argv=argv, settings=settings, stdin=stdin)
    assert run.status == status, run
    assert queue.is_empty()


def test_too_many_hops_are_told_to_a_client_of_bs(post, queue):
    """The server has accepted the recipient before the message is there."""
    run = post(lines(greet(), ENVELOPE, "C? RSET", "C? QUIT", "DRAIN"),
               argv=("-bs",),
               stdin=b"EHLO x\r\nMAIL FROM:<alice@example.org>\r\n"
                     b"RCPT TO:<bob@example.org>\r\nDATA\r\n"
                     + b"Received: x\r\n" * 51
                     + MESSAGE.replace(b"\n", b"\r\n") + b".\r\nQUIT\r\n")
    assert " 5.4.6 " in run.stdout, run
    assert queue.is_empty()


# ---- all recipients or none ----

TWO = (*SEND, "carol@example.org")


def replies_to_two(first, second):
    return lines(greet("PIPELINING"), "C: MAIL *", "C: RCPT *", "C: RCPT *",
                 "S: 250 ok", f"S: {first}", f"S: {second}", "C? RSET",
                 "S: 250 ok", "C? QUIT", "DRAIN")


@pytest.mark.parametrize("replies", [
    ("550 5.1.1 no such user", "250 ok"),
    ("250 ok", "550 5.1.1 no such user"),
])
def test_with_partial_off_nobody_is_kept_if_somebody_is_told(post, queue,
                                                             replies):
    run = post(replies_to_two(*replies), argv=TWO, settings="partial off")
    assert run.status not in (0, os.EX_TEMPFAIL), run
    assert "5.1.1 no such user" in run.stderr
    assert queue.is_empty()


def test_with_partial_off_all_recipients_are_kept(post, queue):
    run = post(replies_to_two("450 4.2.0 greylisted", "250 ok"), argv=TWO,
               settings="partial off")
    assert run.status == 0, run
    assert queue.recipients() == ["bob@example.org", "carol@example.org"]


def test_with_partial_off_a_run_returns_all_recipients(post, program, server,
                                                       queue):
    post(mode="later", argv=TWO, settings="partial off")
    server.play(replies_to_two("550 5.1.1 no such user", "250 ok"), NOTICE)
    run = program.run("-q", stdin=None)
    server.finish()
    assert " result=returned " in run.log
    for name in (b"bob", b"carol"):
        assert b"Final-Recipient: rfc822; " + name in server.message
    assert queue.is_empty()
