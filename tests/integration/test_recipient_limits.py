# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""LIMITS (RFC 9422), and servers that reject recipients as too many."""

import os

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, MAIL, QUIT, SEND, greet, lines)
from program import MESSAGE
from test_bs import WHOLE, feed  # noqa: F401

CRLF = MESSAGE.replace(b"\n", b"\r\n")
ALL = [f"{name}@example.org" for name in ("a", "b", "c")]
FROM = ("-f", "alice@example.org")


def transaction(*names):
    return lines(MAIL, *[f"C: RCPT TO:<{name}@example.org>\nS: 250 ok"
                         for name in names], DATA, ACCEPTED)


def test_rcptmax_limits_the_recipients_of_a_transaction(submit, server):
    server.play(lines(greet("LIMITS RCPTMAX=2"), transaction("a", "b"),
                      transaction("c"), QUIT))
    assert submit(*FROM, *ALL).status == 0
    assert server.messages == [CRLF] * 2


@pytest.mark.parametrize("limits", ["MAILMAX=1 RCPTMAX=1", "MAILMAX=1"])
def test_each_session_gets_the_message_in_the_form_for_its_server(
        submit, server, limits):
    """Two servers behind one name may offer different extensions."""
    message = MESSAGE + "grün\n".encode()
    second = ("" if "RCPTMAX" in limits
              else "C: RCPT TO:<b@example.org>\nS: 452 4.5.3 too many")
    server.play(
        lines(greet(f"LIMITS {limits}"), """
            C: MAIL FROM:<alice@example.org>
            S: 250 2.1.0 ok
            C: RCPT TO:<a@example.org>
            S: 250 2.1.5 ok
        """, second, DATA, ACCEPTED, QUIT),
        lines(greet("8BITMIME", f"LIMITS {limits}"), """
            C: MAIL FROM:<alice@example.org> BODY=8BITMIME
            S: 250 2.1.0 ok
            C: RCPT TO:<b@example.org>
            S: 250 2.1.5 ok
        """, DATA, ACCEPTED, QUIT))
    run = submit(*FROM, "a@example.org", "b@example.org", stdin=message)
    assert run.status == 0, run
    downgraded, whole = server.messages
    assert b"gr=C3=BCn" in downgraded
    assert "grün".encode() in whole
    assert b"quoted-printable" not in whole


def test_rcptdomainmax_limits_the_domains_of_a_transaction(submit, server):
    server.play(lines(greet("LIMITS RCPTDOMAINMAX=1"),
                      transaction("a", "b"), MAIL,
                      "C: RCPT TO:<a@example.net>\nS: 250 ok", DATA, ACCEPTED,
                      QUIT))
    assert submit(*FROM, "a@example.org", "a@example.net",
                  "b@EXAMPLE.org".lower()).status == 0


def test_mailmax_limits_the_transactions_of_a_session(submit, server):
    server.play(
        lines(greet("LIMITS RCPTMAX=1 MAILMAX=2"), transaction("a"),
              transaction("b"), QUIT),
        lines(greet("LIMITS RCPTMAX=1 MAILMAX=2"), transaction("c"), QUIT))
    assert submit(*FROM, *ALL).status == 0


def test_mailmax_limits_the_messages_of_a_session_of_bs(feed):
    offer = greet("LIMITS MAILMAX=2")
    run = feed(WHOLE + 2 * WHOLE[WHOLE.index(b"MAIL"):] + b"QUIT\r\n",
               lines(offer, 2 * lines(ENVELOPE, DATA, ACCEPTED, ""), QUIT),
               lines(offer, ENVELOPE, DATA, ACCEPTED, QUIT))
    assert run.status == 0
    assert run.log.count("result=sent") == 3


def test_recipients_over_the_limit_get_another_transaction(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 250 ok
        C: RCPT TO:<b@example.org>
        S: 452 4.5.3 too many recipients
        C: RCPT TO:<c@example.org>
        S: 452 4.5.3 too many recipients
    """, DATA, ACCEPTED, transaction("b", "c"), QUIT))
    run = submit(*FROM, *ALL)
    assert run.status == 0, run


@pytest.mark.parametrize("reply", [
    "552 Too many recipients", "552 4.5.3 too many", "552 5.5.3 too many"])
def test_552_behind_an_accepted_recipient_gets_another_transaction(
        submit, server, reply):
    """Servers of RFC 821 do not know 452 for this."""
    server.play(lines(greet(), MAIL, f"""
        C: RCPT TO:<a@example.org>
        S: 250 ok
        C: RCPT TO:<b@example.org>
        S: {reply}
        C: RCPT TO:<c@example.org>
        S: {reply}
    """, DATA, ACCEPTED, transaction("b", "c"), QUIT))
    run = submit(*FROM, *ALL)
    assert run.status == 0, run


def test_552_without_an_accepted_recipient_is_permanent(submit, server):
    """So a full mailbox costs one transaction more."""
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 552 mailbox is full
        C: RCPT TO:<b@example.org>
        S: 250 ok
        C: RCPT TO:<c@example.org>
        S: 552 mailbox is full
    """, DATA, ACCEPTED, "C: RSET\nS: 250 ok", MAIL, """
        C: RCPT TO:<c@example.org>
        S: 552 mailbox is full
    """, QUIT))
    run = submit(*FROM, *ALL)
    assert run.status == os.EX_UNAVAILABLE, run
    assert run.fields["result"] == "partial"
    assert "<a@example.org>" in run.stderr and "<c@example.org>" in run.stderr
    assert "<b@example.org>" not in run.stderr


def test_552_with_the_status_of_a_full_mailbox_is_permanent(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 250 ok
        C: RCPT TO:<b@example.org>
        S: 552 5.2.2 mailbox is full
    """, DATA, ACCEPTED, QUIT))
    run = submit(*FROM, "a@example.org", "b@example.org")
    assert run.status == os.EX_UNAVAILABLE, run


def test_a_limit_that_rejects_the_first_recipient_is_a_failure(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<bob@example.org>
        S: 452 4.5.3 too many recipients
    """, QUIT))
    assert submit(*SEND).status == os.EX_TEMPFAIL


def test_a_rejected_recipient_does_not_stop_the_next_transaction(
        submit, server):
    server.play(lines(greet("LIMITS RCPTMAX=1"), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 550 5.1.1 no such user
        C: RSET
        S: 250 ok
    """, transaction("b"), QUIT))
    run = submit(*FROM, "a@example.org", "b@example.org")
    assert run.status == os.EX_NOUSER
    assert "<a@example.org>: mx.example said: 550" in run.stderr
    assert "accepted for 1 of 2" in run.stderr


@pytest.mark.parametrize("rejection", [
    "C: DATA\nS: 554 5.6.0 not this\nC: RSET\nS: 250 ok",
    "C: DATA\nS: 451 4.3.0 not now\nC: RSET\nS: 250 ok",
    lines(DATA, "S: 550 5.7.1 rejected")],
    ids=["rejects DATA", "defers DATA", "rejects the message"])
def test_a_rejected_message_is_not_delivered_with_the_next(
        submit, server, rejection):
    server.play(lines(greet("LIMITS RCPTMAX=1"), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 250 ok
    """, rejection, *(["C: RSET\nS: 250 ok"] if "BODY" in rejection else []),
                      transaction("b"), QUIT))
    run = submit(*FROM, "a@example.org", "b@example.org")
    assert run.status != 0, run
    assert "a@example.org" in run.stderr
    assert "accepted for 1 of 2" in run.stderr


@pytest.mark.parametrize("end", ["CLOSE", "S: 221 2.0.0 bye\nC? QUIT"],
                         ids=["closes", "221"])
def test_after_an_uncertain_result_no_other_recipient_gets_the_message(
        submit, server, end):
    """A server in this state may send any number of copies."""
    server.play(lines(greet("LIMITS RCPTMAX=1"), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 250 ok
    """, DATA, end))
    run = submit(*FROM, "a@example.org", "b@example.org")
    assert run.status == os.EX_TEMPFAIL, run
    assert "may have been delivered" in run.stderr
    assert "accepted for" not in run.stderr
    assert len(server.connections) == 1


def test_with_partial_off_recipients_are_not_split_by_limits(submit, server):
    server.play(lines(greet("LIMITS RCPTMAX=2"), QUIT))
    run = submit(*FROM, *ALL, settings="tls off\npartial off")
    assert run.status == os.EX_UNAVAILABLE, run
    assert run.fields["status"] == "5.5.3"
