# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""-bs: commands that the client sends in one group are passed on together, and
each of them gets its own reply of the server."""

import os
import signal

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, ENVELOPE, MAIL, QUIT,
                      greet, lines)
from kernel import send_signal
from program import account
from test_bs import (  # noqa: F401
    CRLF_MESSAGE, OPEN, WHOLE, client, end, feed)
from test_bs_chunks import bdat
from test_round_trips import OFFERS

SESSION = OPEN + bdat(CRLF_MESSAGE) + b"QUIT\r\n"
RECIPIENTS = b"RCPT TO:<no@example.org>\r\nRCPT TO:<c@example.org>\r\n"
THREE_COMMANDS = lines(f"""
    C: MAIL FROM:<alice@example.org>*
    C: RCPT TO:<bob@example.org>
    C: RCPT TO:<no@example.org>
    C: RCPT TO:<c@example.org>
    C: BDAT * LAST
    CHUNK {len(CRLF_MESSAGE)}
    C: QUIT
""")
HAS_IT = lines(f"""
    C: MAIL FROM:<alice@example.org>*
    C: RCPT TO:<bob@example.org>
    C: BDAT {len(CRLF_MESSAGE)} LAST
    CHUNK {len(CRLF_MESSAGE)}
    C: QUIT
""")


def replies(run):
    """Returns the replies after that to EHLO."""
    found = run.stdout.splitlines()
    return found[[line[:4] for line in found].index("250 ") + 1:]


def test_each_command_of_a_whole_message_has_the_reply_of_the_server(feed):
    run = feed(OPEN + RECIPIENTS + bdat(CRLF_MESSAGE) + b"QUIT\r\n",
               lines(greet(*OFFERS), THREE_COMMANDS, """
                   S: 250-2.1.0 hello
                   S: 250 2.1.0 alice
                   S: 251 2.1.5 will forward
                   S: 550 5.1.1 nobody
                   S: 250 what?
                   S: 250 2.6.0 kept as 4711
                   S: 221 2.0.0 bye
               """))
    assert replies(run) == [
        "250 2.1.0 hello alice", "251 2.1.5 will forward",
        "550 5.1.1 mx.example said: nobody", "250 2.0.0 what?",
        "250 2.6.0 kept as 4711", "221 2.0.0 bye"]
    assert "result=partial" in run.log and run.log.count("result=") == 1


@pytest.mark.parametrize("stage,rejection,expected", [
    ("mail", "550 5.7.1 not you", ["550 5.7.1", "503 5.5.1", "503 5.5.1"]),
    ("mail", "450 4.7.1 later", ["450 4.7.1", "503 5.5.1", "503 5.5.1"]),
    ("rcpt", "550 5.1.1 nobody", ["250 2.1.0", "550 5.1.1", "554 5.5.1"]),
    ("data", "554 5.7.1 spam", ["250 2.1.0", "250 2.1.5", "554 5.7.1"]),
])
@pytest.mark.parametrize("keywords", [OFFERS, ("PIPELINING",), ()])
def test_a_rejection_is_the_reply_to_its_command(
        feed, stage, rejection, expected, keywords):
    transcript = {
        "mail": f"C: MAIL *\nS: {rejection}",
        "rcpt": lines(MAIL, f"C: RCPT *\nS: {rejection}"),
        "data": lines(ENVELOPE, DATA, f"S: {rejection}"),
    }[stage]
    if "PIPELINING" in keywords:
        transcript = {
            "mail": f"S: {rejection}\nS: 503 5.5.1 no\nS: 503 5.5.1 no",
            "rcpt": f"S: 250 2.1.0 ok\nS: {rejection}\nS: 503 5.5.1 no",
            "data": "S: 250 2.1.0 ok\nS: 250 2.1.5 ok\n" + (
                f"S: {rejection}" if "CHUNKING" in keywords
                else f"S: 354 go on\nBODY\nS: {rejection}"),
        }[stage]
        transcript = lines(
            HAS_IT if "CHUNKING" in keywords
            else "C: MAIL *\nC: RCPT *\nC: DATA", transcript)
    run = feed(SESSION, lines(greet(*keywords), transcript, "C? QUIT\nDRAIN"))
    found = replies(run)
    assert [line[:9] for line in found] == [*expected, "221 2.0.0"], run
    assert any(f"mx.example said: {rejection[10:]}" in line
               for line in found), run
    assert run.log.count("result=") == 1, run


@pytest.mark.parametrize("heard", [
    (), ("250 2.1.0 ok",), ("250 2.1.0 ok", "250 2.1.5 ok")])
def test_a_message_that_may_be_lost_is_not_accepted(feed, heard):
    """What the server has not confirmed, nobody may take for delivered."""
    run = feed(SESSION, lines(greet(*OFFERS), HAS_IT,
                              *[f"S: {line}" for line in heard], "CLOSE"))
    found = replies(run)[:3]
    assert [line[:3] for line in found[:len(heard)]] == len(heard) * ["250"]
    assert found[len(heard)].startswith("451 "), run
    assert "may have been delivered" in found[len(heard)], run
    assert not any(line.startswith("250") for line in found[len(heard):])


def test_a_policy_of_the_message_asks_no_server(feed):
    run = feed(OPEN + bdat(b"Received: x\r\n" * 60 + b"\r\nhi\r\n")
               + b"QUIT\r\n")
    assert [line[:9] for line in replies(run)] == [
        "250 2.1.0", "250 2.1.5", "554 5.4.6", "221 2.0.0"], run


def test_the_envelope_of_a_message_in_data_is_one_group(feed, server):
    run = feed(OPEN + RECIPIENTS + WHOLE[len(OPEN):] + b"QUIT\r\n",
               lines(greet("PIPELINING"), """
                   C: MAIL FROM:<alice@example.org>*
                   C: RCPT TO:<bob@example.org>
                   C: RCPT TO:<no@example.org>
                   C: RCPT TO:<c@example.org>
                   S: 250 2.1.0 ok
                   S: 250 2.1.5 bob
                   S: 550 5.1.1 nobody
                   S: 250 2.1.5 c
               """, DATA, ACCEPTED, QUIT))
    assert replies(run) == [
        "250 2.1.0 ok", "250 2.1.5 bob", "550 5.1.1 mx.example said: nobody",
        "250 2.1.5 c", "354 end the message with a dot alone on a line",
        "250 2.0.0 accepted", "221 2.0.0 bye"]
    assert server.message == CRLF_MESSAGE


def test_a_message_that_others_may_follow_leaves_the_session_open(feed):
    messages = 2 * (OPEN[OPEN.index(b"MAIL"):] + bdat(CRLF_MESSAGE))
    group = lines("""
        C: MAIL FROM:<alice@example.org>*
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
    """, DATA, ACCEPTED)
    run = feed(b"EHLO client.example\r\n" + messages + b"NOOP\r\nQUIT\r\n",
               lines(greet(*OFFERS), group, group, QUIT))
    assert [line[:9] for line in replies(run)] == [
        *2 * ["250 2.1.0", "250 2.1.5", "250 2.0.0"], "250 2.0.0",
        "221 2.0.0"], run


def test_the_last_message_of_a_session_is_sent_whole(feed):
    message = OPEN[OPEN.index(b"MAIL"):] + bdat(CRLF_MESSAGE)
    run = feed(b"EHLO client.example\r\n" + 2 * message + b"QUIT\r\n",
               lines(greet(*OFFERS), """
        C: MAIL FROM:<alice@example.org>*
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
    """, DATA, ACCEPTED, HAS_IT, """
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        S: 250 2.0.0 accepted
        S: 221 2.0.0 bye
    """))
    assert [line[:9] for line in replies(run)] == [
        *2 * ["250 2.1.0", "250 2.1.5", "250 2.0.0"], "221 2.0.0"], run


def test_a_repeated_recipient_gets_the_message_once(feed, server):
    run = feed(OPEN + b"RCPT TO:<bob@example.org>\r\n" + bdat(CRLF_MESSAGE)
               + b"QUIT\r\n",
               lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    assert [line[:9] for line in replies(run)] == [
        "250 2.1.0", "250 2.1.5", "250 2.1.5", "250 2.0.0", "221 2.0.0"], run


def test_recipients_over_the_limit_of_the_server_are_for_another_transaction(
        feed):
    run = feed(OPEN + RECIPIENTS + bdat(CRLF_MESSAGE) + b"QUIT\r\n",
               lines(greet(*OFFERS, "LIMITS RCPTMAX=2"), f"""
                   C: MAIL FROM:<alice@example.org>*
                   C: RCPT TO:<bob@example.org>
                   C: RCPT TO:<no@example.org>
                   C: BDAT * LAST
                   CHUNK {len(CRLF_MESSAGE)}
                   S: 250 2.1.0 ok
                   S: 250 2.1.5 ok
                   S: 452 4.5.3 one is enough
                   S: 250 2.0.0 accepted
               """, QUIT))
    assert [line[:9] for line in replies(run)] == [
        "250 2.1.0", "250 2.1.5", "452 4.5.3", "452 4.5.3", "250 2.0.0",
        "221 2.0.0"], run


@pytest.mark.parametrize("partial", ["on", "off"])
def test_the_client_decides_about_rejected_recipients(feed, partial):
    run = feed(OPEN + RECIPIENTS + bdat(CRLF_MESSAGE) + b"QUIT\r\n",
               lines(greet(*OFFERS), THREE_COMMANDS, """
                   S: 250 2.1.0 ok
                   S: 250 2.1.5 ok
                   S: 550 5.1.1 nobody
                   S: 250 2.1.5 ok
                   S: 250 2.0.0 accepted
                   S: 221 2.0.0 bye
               """), settings=f"tls off\npartial {partial}")
    assert replies(run)[-2:] == ["250 2.0.0 accepted", "221 2.0.0 bye"]


@pytest.mark.parametrize("said", ["250 2.0.0 accepted", "554 5.7.1 spam"])
def test_after_a_signal_the_client_is_told_of_a_whole_message(
        program, server, said):
    server.play(lines(BEFORE_FINAL_REPLY, "EVENT", "HOLD", f"S: {said}",
                      "C? QUIT\nDRAIN"))
    program.write_config(account(server.port, "tls off"))
    process = program.start("-bs")
    process.stdin.write(SESSION)
    process.stdin.flush()
    assert server.reached.wait(60)
    send_signal(process, signal.SIGTERM)
    server.release()
    run = program.end(process)
    server.finish()
    assert run.status == os.EX_TEMPFAIL, run
    found = replies(run)
    assert [line[:9] for line in found] == [
        "250 2.1.0", "250 2.1.5", said[:9], "421 4.3.2"], run
    assert said[10:] in found[2]


def test_a_client_that_waits_for_each_reply_has_groups_of_one(
        program, server, client):
    smtp = client(lines(greet(*OFFERS), ENVELOPE, DATA, ACCEPTED, QUIT))
    smtp.sendmail("alice@example.org", "bob@example.org", CRLF_MESSAGE)
    smtp.quit()
    assert end(program, server, smtp).status == 0
