# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No memory is left: the caller learns whether the message may be delivered."""

import os
import resource
import threading

import pytest

from dialogue import DATA, MAIL, RCPT, SEND, greet, lines
from program import MESSAGE, account

pytestmark = pytest.mark.usefixtures("ordinary_memory")

LONG_REPLY = "250-" + "x" * 500 + "\r\n"
BODY_SENT = lines(MAIL, RCPT, DATA)
FIRST = lines(greet("LIMITS RCPTMAX=1"), BODY_SENT)
MAY_BE_DELIVERED = "may have been delivered"
TRY_AGAIN = "try again later"


@pytest.fixture
def run_out_of_memory(program, server):
    """Takes away the memory before a reply of a megabyte."""

    def run(transcript, *argv, settings="tls off", stdin=MESSAGE):
        limited = threading.Event()

        def reply(line, connection):
            server.reached.set()
            assert limited.wait(60)
            return LONG_REPLY * 2000 + "250 end"

        server.replies["long"] = reply
        server.play(lines(transcript, "REPLY long", "DRAIN"))
        program.write_config(account(server.port, settings))
        process = program.start(*argv)
        process.stdin.write(stdin)
        process.stdin.close()
        process.stdin = None
        assert server.reached.wait(60)
        resource.prlimit(process.pid, resource.RLIMIT_AS, (4096, 4096))
        limited.set()
        run = program.end(process)
        server.finish()
        return run

    return run


@pytest.mark.parametrize("transcript, says, silent", [
    (lines(greet(), "C: MAIL *"), TRY_AGAIN, MAY_BE_DELIVERED),
    (lines(greet(), BODY_SENT), MAY_BE_DELIVERED, TRY_AGAIN),
    (lines(greet("PIPELINING", "CHUNKING"), "C: MAIL *\nC: RCPT *",
           "C: BDAT * LAST", "READ 1", "S: 250 ok\nS: 250 ok"),
     MAY_BE_DELIVERED, TRY_AGAIN),
    (lines(FIRST, "S: 250 ok", "C: MAIL *"), MAY_BE_DELIVERED, TRY_AGAIN),
    (lines(FIRST, "S: 451 no", "C: RSET", "S: 250 ok", "C: MAIL *"),
     TRY_AGAIN, MAY_BE_DELIVERED),
], ids=["before the message", "after DATA", "after BDAT",
        "after a transaction that succeeded",
        "after a transaction that failed"])
def test_without_memory_the_result_says_whether_the_message_was_sent(
        run_out_of_memory, transcript, says, silent):
    more = ["carol@example.org"] if "LIMITS" in transcript else []
    run = run_out_of_memory(transcript, *SEND, *more)
    assert run.status == os.EX_TEMPFAIL, run
    assert "out of memory" in run.stderr
    assert says in run.stderr
    assert silent not in run.stderr


def test_without_memory_one_delivered_recipient_counts(run_out_of_memory):
    run = run_out_of_memory(
        lines(greet("LIMITS RCPTMAX=2", verb="LHLO"), MAIL, RCPT, "C: RCPT *",
              "S: 250 ok", DATA, "S: 250 ok\nS: 451 no", "C: RSET",
              "S: 250 ok", "C: MAIL *"),
        *SEND, "carol@example.org", "dave@example.org",
        settings="tls off\nprotocol lmtp")
    assert run.status == os.EX_TEMPFAIL, run
    assert MAY_BE_DELIVERED in run.stderr


CLIENT = b"""EHLO client.example\r
MAIL FROM:<alice@example.org>\r
RCPT TO:<bob@example.org>\r
DATA\r
"""


@pytest.mark.parametrize("transcript, says", [
    (lines(greet(), BODY_SENT), MAY_BE_DELIVERED),
    (lines(greet(), BODY_SENT, "S: 250 ok", "C: MAIL *"), TRY_AGAIN),
    (lines(greet(), BODY_SENT, "S: 451 no", "C: MAIL *"), TRY_AGAIN),
], ids=["after DATA", "after a message that was accepted",
        "after a message that was rejected"])
def test_without_memory_a_client_learns_of_its_own_message_only(
        run_out_of_memory, transcript, says):
    run = run_out_of_memory(
        transcript, "-bs", stdin=2 * (CLIENT + b"Hello.\r\n.\r\n"))
    assert run.status == os.EX_TEMPFAIL, run
    assert says in run.stderr
