# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that break the protocol, or reject at unusual stages."""

import os

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, ENVELOPE,
                      LOGIN_SETTINGS, MAIL, MESSAGE_ACCEPTED, QUIT, RCPT,
                      SECURED, SEND, STARTTLS, ehlo, greet, lines, plain)
from program import MESSAGE

WIRE = MESSAGE.replace(b"\n", b"\r\n")
UNCERTAIN = "may have been delivered"  # the error if there is no final reply
BIG = MESSAGE + b"x" * 70 + b"\n" + (b"y" * 70 + b"\n") * 400000
# The stages up to DATA, each with the transcript that leads there.
STAGES = {
    "greeting": "",
    "ehlo": "S: 220 mx.example\nC: EHLO *",
    "mail": lines(greet(), "C: MAIL *"),
    "rcpt": lines(greet(), MAIL, "C: RCPT *"),
    "data": lines(greet(), ENVELOPE, "C: DATA"),
}


@pytest.mark.parametrize("bytes_sent", [
    "250 ok",
    "25",
    "250-2.0.0 accepted\\r\\n",
    "250",
    "",
])
def test_an_incomplete_final_reply_leaves_the_result_uncertain(
        submit, server, bytes_sent):
    server.play(lines(BEFORE_FINAL_REPLY, f"RAW {bytes_sent}", "CLOSE"))
    run = submit(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert UNCERTAIN in run.stderr
    assert run.fields["result"] == "uncertain"


def test_a_reset_after_the_final_dot_leaves_the_result_uncertain(
        submit, server):
    server.play(lines(BEFORE_FINAL_REPLY, "RST"))
    run = submit(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert UNCERTAIN in run.stderr


@pytest.mark.parametrize("reply", [
    "354 go on", "what?", "999 x", "25a ok", "250x", "\\x00250 ok"])
def test_an_invalid_final_reply_leaves_the_result_uncertain(
        submit, server, reply):
    server.play(lines(BEFORE_FINAL_REPLY, f"RAW {reply}\\r\\n", "C? QUIT",
                      "EOF"))
    run = submit(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.fields["result"] == "uncertain"


@pytest.mark.parametrize("text", [
    "no\\x00such", "no\\x1b[2Jsuch", "no\\x07\\x08such", "no\\x7fsuch",
    "no\\xc2\\x9bsuch", "no\\xffsuch", "no\\xe2\\x80\\xaesuch",
    "no\\xe2\\x81\\xa6such", "no\\tsuch", "%s%n%1000000d such",
])
def test_control_characters_in_a_reply_are_not_shown(submit, server, text):
    server.play(lines(greet(), MAIL, "C: RCPT *",
                      f"RAW 550 5.1.1 {text}\\r\\n", "C: QUIT"))
    run = submit("-v", *SEND)
    assert run.status == os.EX_NOUSER, run
    assert "550 5.1.1" in run.stderr
    assert "such" in run.stderr


@pytest.mark.parametrize("line", [
    "", "2", "25", "2500 x", "25a x", "099 x", "600 x", " 250 x", "\\x00250",
    "2\\x0050 x", "250_x", "hello", "-250 x", "+25 x",
])
@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail"])
def test_a_reply_without_a_valid_code_is_a_protocol_error(
        submit, server, stage, line):
    server.play(lines(STAGES[stage], f"RAW {line}\\r\\n", "C? QUIT", "EOF"))
    run = submit(*SEND)
    assert run.status == os.EX_PROTOCOL, run


@pytest.mark.parametrize("line", ["250\\r\\n", "250 \\r\\n", "250 ok\\n"])
def test_a_reply_without_text_or_without_cr_is_accepted(submit, server, line):
    server.play(lines(greet(), "C: MAIL *", f"RAW {line}", RCPT, DATA,
                      ACCEPTED, QUIT))
    assert submit(*SEND).status == 0


def test_different_codes_in_one_reply_are_a_protocol_error(submit, server):
    server.play(lines(greet(), "C: MAIL *", "S: 250-ok", "S: 550 no",
                      "C? QUIT", "EOF"))
    assert submit(*SEND).status == os.EX_PROTOCOL


def test_an_overlong_reply_line_is_a_protocol_error(submit, server):
    server.play(lines(greet(), "C: MAIL *", "RAW 250 " + "x" * 100000,
                      "C? QUIT", "EOF"))
    run = submit(*SEND)
    assert run.status == os.EX_PROTOCOL, run
    assert len(run.stderr) < 3000


def test_a_reply_with_too_many_lines_is_a_protocol_error(submit, server):
    server.play(lines(greet(), "C: MAIL *",
                      "RAW " + "250-endless\\r\\n" * 200000, "CLOSE"))
    assert submit(*SEND).status == os.EX_PROTOCOL


@pytest.mark.parametrize("offer", [
    ["X-KEYWORD-%d" % n for n in range(10000)],
    ["AUTH=PLAIN LOGIN"],
    ["auth plain"],
    ["AUTH\tPLAIN"],
    ["AUTH  PLAIN   LOGIN"],
    ["AUTH"],
    ["SIZE " + "9" * 30],
    ["SIZE"],
    ["SIZE -1"],
    ["SIZE 0"],
    ["", " ", "-"],
    ["PIPELINING" + "G" * 5000],
], ids=lambda offer: offer[0][:20])
def test_invalid_ehlo_keywords_are_ignored(submit, server, offer):
    server.play(lines(greet(*offer), "C: MAIL FROM:<alice@example.org>*",
                      "S: 250 ok", RCPT, DATA, ACCEPTED, QUIT))
    assert submit(*SEND).status == 0


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("reply", ["421 4.3.2 shutting down"])
def test_421_is_a_temporary_failure_in_each_stage(
        submit, server, stage, reply):
    server.play(lines(STAGES[stage], f"S: {reply}", "C? QUIT", "EOF"))
    run = submit(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert reply in run.stderr


def test_the_log_has_no_reply_of_a_server_that_sent_none(submit, server):
    server.play("S: 25\nC? QUIT")
    run = submit(*SEND)
    assert run.fields["code"] == "" and run.fields["error"], run
    assert "said" not in run.fields


THREE = ["bob@example.org", "carol@example.org", "dan@example.org"]
CLOSING = "421 4.3.2 shutting down"
CLOSING_FLIGHT = lines("""
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: RCPT TO:<carol@example.org>
    C: RCPT TO:<dan@example.org>
    C: DATA
    S: 250 2.1.0 ok
    S: 250 2.1.5 ok
""", f"S: {CLOSING}", "S: 250 2.1.5 ok")


@pytest.mark.parametrize("rest", ["S: 354 go on\nEOF", "CLOSE"])
def test_421_to_a_recipient_is_the_reason_of_the_others(submit, server, rest):
    """A server that goes on, or closes, after its 421 (RFC 5321 3.8)."""
    server.play(lines(greet("PIPELINING"), CLOSING_FLIGHT, rest))
    run = submit("-f", "alice@example.org", *THREE)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.fields["code"] == "421" and run.fields["status"] == "4.3.2"
    assert run.fields["said"] == CLOSING and "error" not in run.fields, run
    for recipient in THREE:
        assert f"<{recipient}>: mx.example said: {CLOSING}\n" in run.stderr, run


def test_421_before_a_message_without_a_reply_leaves_it_uncertain(
        submit, server):
    server.play(lines(greet("PIPELINING", "CHUNKING"), """
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        C: RCPT TO:<carol@example.org>
        C: RCPT TO:<dan@example.org>
        C: BDAT * LAST
    """, f"CHUNK {len(WIRE)}", "S: 250 2.1.0 ok", "S: 250 2.1.5 ok",
                      f"S: {CLOSING}", "S: 250 2.1.5 ok", "CLOSE"))
    run = submit("-f", "alice@example.org", *THREE)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr.count(f"mx.example said: {CLOSING} (") == 2, run
    assert run.stderr.count(UNCERTAIN) == 2
    assert run.fields["code"] == "421" and run.fields["said"] == CLOSING, run


def test_421_as_the_final_reply_is_a_certain_temporary_failure(submit, server):
    server.play(lines(BEFORE_FINAL_REPLY, "S: 421 4.3.0 later", "C? QUIT",
                      "EOF"))
    run = submit(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert UNCERTAIN not in run.stderr


def test_421_while_the_message_is_sent_is_reported(submit, server):
    server.play(lines(greet(), ENVELOPE, """
        C: DATA
        S: 354 go on
        READ 1000
        S: 421 4.3.2 shutting down
        CLOSE
    """))
    run = submit(*SEND, stdin=BIG)
    assert run.status == os.EX_TEMPFAIL, run
    assert "421 4.3.2 shutting down" in run.stderr
    assert UNCERTAIN not in run.stderr


@pytest.mark.parametrize("close", ["CLOSE", "WAIT 0.3\nCLOSE"])
def test_a_rejection_while_the_message_is_sent_is_reported(
        submit, server, close):
    server.play(lines(greet(), ENVELOPE, f"""
        C: DATA
        S: 354 go on
        READ 70000
        S: 552 5.3.4 too big
        {close}
    """))
    run = submit(*SEND, stdin=BIG)
    assert run.status == os.EX_DATAERR, run
    assert "552 5.3.4 too big" in run.stderr


def test_250_while_the_message_is_sent_does_not_accept_it(submit, server):
    server.play(lines(greet(), ENVELOPE, """
        C: DATA
        S: 354 go on
        READ 1000
        S: 250 2.0.0 accepted too early
        WAIT 0.3
        CLOSE
    """))
    run = submit(*SEND, stdin=BIG)
    assert run.status in (os.EX_PROTOCOL, os.EX_TEMPFAIL), run


@pytest.mark.parametrize("kib", [0, 1, 2, 16, 64, 1024])
def test_a_reset_while_the_message_is_sent_is_a_certain_temporary_failure(
        submit, server, kib):
    server.play(lines(greet(), ENVELOPE, f"""
        C: DATA
        S: 354 go on
        READ {kib * 1024}
        RST
    """))
    run = submit(*SEND, stdin=BIG)
    assert run.status == os.EX_TEMPFAIL, run
    assert UNCERTAIN not in run.stderr


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("end", ["CLOSE", "RST"])
def test_a_lost_connection_is_a_temporary_failure_in_each_stage(
        submit, server, stage, end):
    server.play(lines(STAGES[stage], end))
    run = submit(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert UNCERTAIN not in run.stderr


@pytest.mark.parametrize("extra", [
    "\\n", "junk", "250 ok\\r\\n", "550 no\\r\\n", "\\r\\n"])
def test_unsolicited_bytes_after_a_reply_are_a_protocol_error(
        submit, server, extra):
    server.play(lines("S: 220 mx.example", "C: EHLO *",
                      f"RAW 250 ok\\r\\n{extra}", "C? QUIT", "EOF"))
    run = submit(*SEND)
    assert run.status == os.EX_PROTOCOL, run


@pytest.mark.parametrize("stage, reply", [
    ("greeting", "250 ok"), ("greeting", "354 ok"),
    ("ehlo", "354 go on"), ("ehlo", "334 "), ("ehlo", "220 hi"),
    ("mail", "354 go on"), ("mail", "334 "),
    ("rcpt", "354 go on"), ("rcpt", "334 "),
    ("data", "250 ok"), ("data", "220 ok"), ("data", "235 ok"),
    ("data", "334 "),
])
def test_a_reply_with_an_unexpected_code_is_a_protocol_error(
        submit, server, stage, reply):
    server.play(lines(STAGES[stage], f"S: {reply}", "C? QUIT", "EOF"))
    run = submit(*SEND)
    assert run.status == os.EX_PROTOCOL, run


@pytest.mark.parametrize("mail, rcpt, data, status", [
    ("550 5.7.1 no", "503 5.5.1 mail first", "503 5.5.1 mail first",
     os.EX_NOPERM),
    ("550 5.7.1 no", "503 5.5.1 mail first", "354 go on", os.EX_NOPERM),
    ("250 ok", "550 5.1.1 no", "354 go on", os.EX_NOUSER),
    ("250 ok", "550 5.1.1 no", "554 5.5.1 none", os.EX_NOUSER),
    ("250 ok", "450 4.2.0 later", "554 5.5.1 none", os.EX_TEMPFAIL),
    ("451 4.3.0 later", "503 5.5.1 bad", "503 5.5.1 bad", os.EX_TEMPFAIL),
])
def test_pipelined_commands_that_are_rejected_send_no_message(
        submit, server, mail, rcpt, data, status):
    server.play(lines(greet("PIPELINING"), f"""
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        C: DATA
        S: {mail}
        S: {rcpt}
        S: {data}
        C? .
        C? QUIT
        EOF
    """))
    run = submit(*SEND)
    assert run.status == status, run
    assert b"Hello" not in server.received


def test_a_message_larger_than_size_fails_before_mail(submit, server):
    server.play(lines(greet("SIZE 100"), "C: QUIT"))
    run = submit(*SEND)
    assert run.status == os.EX_DATAERR, run
    assert run.fields["status"] == "5.3.4"
    assert "100" in run.stderr


def test_size_0_means_no_limit(submit, server):
    server.play(lines(greet("SIZE 0"), MESSAGE_ACCEPTED))
    assert submit(*SEND).status == 0


@pytest.mark.parametrize("reply, status", [
    ("250 5.1.1 ok", 0),
    ("550 2.0.0 no", os.EX_NOUSER),
    ("450 5.1.1 no", os.EX_TEMPFAIL),
    ("550 4.2.2 no", os.EX_NOUSER),
])
def test_the_class_of_the_reply_code_overrides_the_enhanced_code(
        submit, server, reply, status):
    rest = lines(DATA, ACCEPTED, QUIT) if status == 0 else QUIT
    server.play(lines(greet(), MAIL, "C: RCPT *", f"S: {reply}", rest))
    assert submit(*SEND).status == status


@pytest.mark.parametrize("reply, status", [
    ("500 what?", os.EX_PROTOCOL), ("502 5.5.1 no", os.EX_PROTOCOL),
    ("550 no", os.EX_UNAVAILABLE)])
def test_no_helo_is_sent_if_tls_is_required(
        submit, server, trust, reply, status):
    server.play(lines("S: 220 mx.example", "C: EHLO *", f"S: {reply}", QUIT))
    run = submit(*SEND, settings=trust, host="mx.test")
    assert run.status == status, run
    assert b"HELO" not in server.clear


def test_no_helo_is_sent_if_authentication_is_required(submit, server):
    server.play(lines("S: 220 mx.example", "C: EHLO *", "S: 502 no", QUIT))
    run = submit(*SEND, settings=f"tls off\n{LOGIN_SETTINGS}",
                 host="127.0.0.1")
    assert run.status == os.EX_PROTOCOL, run
    assert b"HELO" not in server.clear


def test_8bit_text_is_encoded_for_a_server_without_8bitmime(submit, server):
    server.play(lines(BEFORE_FINAL_REPLY, ACCEPTED, QUIT))
    run = submit(*SEND, stdin=MESSAGE + b"\xc3\xbc\n")
    assert run.status == os.EX_OK, run
    assert b"=C3=BC" in server.received
    assert b"\xc3\xbc" not in server.received


def test_a_554_greeting_is_reported(submit, server):
    server.play("S: 554 5.7.1 your address is on a list\nC? QUIT\nEOF")
    run = submit(*SEND)
    assert run.status == os.EX_NOPERM, run
    assert "554 5.7.1 your address is on a list" in run.stderr


def test_credentials_that_the_server_repeats_are_not_shown(
        submit, server, trust):
    line = plain().partition(" ")[2]
    server.play(lines(SECURED, plain(), f"S: 535 5.7.8 bad: {line}", QUIT))
    run = submit("-v", *SEND, settings=f"{trust}\n{LOGIN_SETTINGS}",
                 host="mx.test")
    assert run.status == os.EX_NOPERM, run


def test_auth_that_is_only_offered_before_tls_is_an_error(
        submit, server, trust):
    server.play(lines(greet("STARTTLS", "AUTH PLAIN"), STARTTLS, ehlo(),
                      "C? QUIT", "EOF"))
    run = submit(*SEND, settings=f"{trust}\n{LOGIN_SETTINGS}", host="mx.test")
    assert run.status == os.EX_CONFIG, run
    assert b"MAIL" not in server.inside
