# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP dialogue with servers that follow the standards."""

import os

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, LOGIN, LOGIN_SETTINGS, MAIL,
                      MESSAGE_ACCEPTED, QUIT, RCPT, SECURED, SEND, STARTTLS,
                      ehlo, greet, lines)
from program import MESSAGE
from scripted import ScriptedServer

CRLF = MESSAGE.replace(b"\n", b"\r\n")


def test_a_message_is_delivered_and_nothing_is_printed(submit, server):
    server.play("""
        S: 220 mx.example ESMTP
        C: EHLO client.example
        S: 250 mx.example
        C: MAIL FROM:<alice@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
        C: DATA
        S: 354 go on
        BODY
        S: 250 2.0.0 accepted
        C: QUIT
        S: 221 bye
    """)
    run = submit(*SEND)
    assert run.status == 0, run
    assert server.message == CRLF


def test_a_rejected_recipient_ends_the_transaction_before_data(submit, server):
    server.play("""
        S: 220 mx.example ESMTP
        C: EHLO *
        S: 250-mx.example
        S: 250 8BITMIME
        C: MAIL FROM:<alice@example.org>
        S: 250 2.1.0 ok
        C: RCPT TO:<nobody@example.org>
        S: 550 5.1.1 no such user
        C: QUIT
        S: 221 2.0.0 bye
    """)
    run = submit("-f", "alice@example.org", "nobody@example.org")
    assert run.status == os.EX_NOUSER
    assert run.stderr == ("veredus: <nobody@example.org>: mx.example said: "
                          "550 5.1.1 no such user\n")


def test_pipelining_sends_the_envelope_as_one_command_group(submit, server):
    server.play(lines(greet("PIPELINING"), """
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        C: RCPT TO:<carol@example.org>
        C: DATA
        NOTHING
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        S: 250 2.1.5 ok
        S: 354 go on
        BODY
        S: 250 2.0.0 accepted
        C: QUIT
    """))
    run = submit(*SEND, "carol@example.org")
    assert run.status == 0, run


def test_without_pipelining_each_command_waits_for_its_reply(submit, server):
    server.play(lines(greet("8BITMIME"), """
        C: MAIL FROM:<alice@example.org>
        NOTHING
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        NOTHING
        S: 250 ok
        C: DATA
        NOTHING
        S: 354 go on
        BODY
        NOTHING
        S: 250 accepted
        C: QUIT
    """))
    assert submit(*SEND).status == 0


@pytest.mark.parametrize("reply, status", [
    ("550 5.1.1 no such user", os.EX_NOUSER), ("450 4.2.0 later", os.EX_TEMPFAIL)],
    ids=["550", "450"])
def test_with_partial_off_data_waits_for_all_recipients(submit, server, reply,
                                                        status):
    server.play(lines(greet("PIPELINING"), f"""
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        C: RCPT TO:<nobody@example.org>
        NOTHING
        S: 250 ok
        S: 250 ok
        S: {reply}
        C: QUIT
    """))
    run = submit(*SEND, "nobody@example.org", settings="tls off\npartial off")
    assert run.status == status, run
    assert server.message is None
    code, enhanced, _ = reply.split(" ", 2)
    assert f" code={code} status={enhanced} " in run.log, run
    assert "<bob@example.org>" in run.stderr
    assert "<nobody@example.org>" in run.stderr


def test_rejected_recipients_are_reported_and_others_get_the_message(
        submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 450 4.2.0 later
        C: RCPT TO:<b@example.org>
        S: 250 ok
        C: RCPT TO:<c@example.org>
        S: 552 5.2.2 full
        C: RCPT TO:<d@example.org>
        S: 550 5.1.1 unknown
    """, DATA, ACCEPTED, QUIT))
    run = submit("-f", "alice@example.org", "a@example.org", "b@example.org",
                 "c@example.org", "d@example.org")
    # The first permanent failure sets the status, even after a temporary one.
    assert run.status == os.EX_UNAVAILABLE, run
    line = "veredus: <{}@example.org>: mx.example said: {}"
    errors = run.stderr.splitlines()
    assert errors[:3] == [line.format("a", "450 4.2.0 later"),
                          line.format("c", "552 5.2.2 full"),
                          line.format("d", "550 5.1.1 unknown")]
    assert "<b@example.org>" not in run.stderr


def test_temporary_failures_alone_are_a_temporary_failure(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 250 ok
        C: RCPT TO:<b@example.org>
        S: 451 4.3.0 later
    """, DATA, ACCEPTED, QUIT))
    run = submit("-f", "alice@example.org", "a@example.org", "b@example.org")
    assert run.status == os.EX_TEMPFAIL, run


def test_size_is_sent_and_8bitmime_only_when_needed(submit, server):
    size = len(CRLF)
    server.play(lines(greet("SIZE 100000", "8BITMIME"), f"""
        C: MAIL FROM:<alice@example.org> SIZE={size}
        S: 250 ok
    """, RCPT, DATA, ACCEPTED, QUIT))
    assert submit(*SEND).status == 0


def test_8bit_text_is_sent_with_body_8bitmime(submit, server):
    server.play(lines(greet("8BITMIME"), """
        C: MAIL FROM:<alice@example.org> BODY=8BITMIME
        S: 250 ok
    """, RCPT, DATA, ACCEPTED, QUIT))
    message = MESSAGE + "Grüße\n".encode()
    assert submit(*SEND, stdin=message).status == 0
    assert server.message.endswith("Grüße\r\n".encode())


def test_dsn_parameters_are_sent_to_a_server_that_offers_dsn(submit, server):
    server.play(lines(greet("DSN"), """
        C: MAIL FROM:<alice@example.org> RET=HDRS ENVID=a+2Bb
        S: 250 ok
        C: RCPT TO:<bob@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob@example.org
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    assert submit("-N", "success,failure", "-R", "hdrs", "-V", "a+2Bb",
                  *SEND).status == 0


def test_dsn_parameters_are_not_sent_to_other_servers(submit, server):
    server.play(lines(greet(), """
        C: MAIL FROM:<alice@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    assert submit("-N", "never", "-R", "full", "-V", "x", *SEND).status == 0


def test_starttls_and_authentication_precede_the_message(
        submit, server, trust):
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, settings=f"{trust}\n{LOGIN_SETTINGS}", host="mx.test")
    assert run.status == 0, run
    assert run.fields["auth"] == "PLAIN"


def test_implicit_tls_starts_before_the_greeting(submit, server, trust):
    server.play(lines("TLS", greet("AUTH PLAIN"), LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test",
                 settings=f"{trust}\ntls_starttls off\n{LOGIN_SETTINGS}")
    assert run.status == 0, run
    assert not server.clear.startswith(b"EHLO")


def test_ehlo_keywords_from_before_starttls_are_discarded(
        submit, server, trust):
    server.play(lines(
        greet("STARTTLS", "DSN", "SIZE 10", "PIPELINING"), STARTTLS, ehlo(),
        """
        C: MAIL FROM:<alice@example.org>
        NOTHING
        S: 250 ok
        """, RCPT, DATA, ACCEPTED, QUIT))
    assert submit(*SEND, settings=trust, host="mx.test").status == 0


def test_helo_is_sent_to_a_server_without_ehlo(submit, server):
    server.play(lines("""
        S: 220 mx.example
        C: EHLO client.example
        S: 502 5.5.1 what?
        C: HELO client.example
        S: 250 mx.example
    """, MESSAGE_ACCEPTED))
    assert submit(*SEND).status == 0


def test_lmtp_has_a_reply_for_each_recipient(submit, server):
    server.play(lines(greet("PIPELINING", verb="LHLO"), """
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<a@example.org>
        C: RCPT TO:<b@example.org>
        C: RCPT TO:<c@example.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 550 5.1.1 unknown
        S: 250 ok
        S: 354 go on
        BODY
        S: 250 2.0.0 stored
        S: 452 4.2.2 full for today
    """, QUIT))
    run = submit("-f", "alice@example.org", "a@example.org", "b@example.org",
                 "c@example.org", settings="tls off\nprotocol lmtp")
    assert run.status == os.EX_NOUSER, run
    assert "<a@example.org>" not in run.stderr
    assert "<b@example.org>: mx.example said: 550 5.1.1" in run.stderr
    assert "<c@example.org>: mx.example said: 452 4.2.2" in run.stderr


def test_a_message_is_sent_over_a_unix_socket(program, tmp_path):
    path = tmp_path / "socket"
    server = ScriptedServer(path=path)
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    program.write_config(
        f"account default\nsocket {path}\ndomain client.example\ntls off\n")
    run = program.run(*SEND)
    server.finish()
    assert run.status == 0, run
    assert server.message == CRLF


def test_without_a_full_host_name_ehlo_has_an_address_literal(submit, server):
    server.play(lines("S: 220 mx.example", "C: EHLO [127.0.0.1]",
                      "S: 250 mx.example", MESSAGE_ACCEPTED))
    run = submit(*SEND, env={"VEREDUS_TEST_HOSTNAME": "client"},
                 config=f"host mx.example\nport {server.port}\ntls off\n")
    assert run.status == 0, run


def test_an_empty_sender_is_the_null_reverse_path(submit, server):
    server.play(lines(greet(), """
        C: MAIL FROM:<>
        S: 250 ok
    """, RCPT, DATA, ACCEPTED, QUIT))
    assert submit("-f", "", "bob@example.org").status == 0


@pytest.mark.parametrize("code", ["251 2.1.5 forwarded", "252 cannot verify"])
def test_other_2yz_replies_to_rcpt_accept(submit, server, code):
    server.play(lines(greet(), MAIL, f"""
        C: RCPT TO:<bob@example.org>
        S: {code}
    """, DATA, ACCEPTED, QUIT))
    assert submit(*SEND).status == 0


def test_the_lines_of_a_reply_are_joined(submit, server):
    server.play(lines("""
        S: 220-mx.example
        S: 220-hello
        S: 220 ESMTP
    """, greet().partition("\n")[2], """
        C: MAIL FROM:<alice@example.org>
        S: 250-2.1.0 ok
        S: 250 2.1.0 still ok
        C: RCPT TO:<bob@example.org>
        S: 550-5.1.1 no such user
        S: 550-5.1.1 here, see
        S: 550 5.1.1 http://mx.example/
        C: QUIT
    """))
    run = submit(*SEND)
    assert run.status == os.EX_NOUSER
    assert ("550 5.1.1 no such user here, see http://mx.example/"
            in run.stderr)


def test_verbose_shows_the_dialogue_without_secrets(submit, server, trust):
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit("-v", *SEND, host="mx.test",
                 settings=f"{trust}\n{LOGIN_SETTINGS}")
    assert run.status == 0, run
    shown = run.stderr.splitlines()
    assert "<-- 220 mx.example ESMTP" in shown
    assert "--> EHLO client.example" in shown
    assert "--> AUTH PLAIN [hidden]" in shown
    assert "--> MAIL FROM:<alice@example.org>" in shown
    assert "<-- 250 2.0.0 accepted" in shown


def test_the_log_has_one_line_for_a_delivery(submit, server, trust):
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, settings=f"{trust}\n{LOGIN_SETTINGS}", host="mx.test")
    assert run.log.startswith("2.6 veredus: "), run  # LOG_MAIL, LOG_INFO
    fields = run.fields
    assert fields["host"] == "mx.test"
    assert fields["auth"] == "PLAIN"
    assert fields["user"] == "bob@example.org"
    assert fields["from"] == "alice@example.org"
    assert fields["recipients"] == "bob@example.org"
    assert fields["size"] == str(len(CRLF))
    assert fields["msgid"] == "<1@example.org>"
    assert fields["code"] == "250"
    assert fields["status"] == "2.0.0"
    assert fields["exit"] == "0"


def test_the_log_has_one_line_for_a_rejection(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<bob@example.org>
        S: 550 5.1.1 no such user
    """, QUIT))
    fields = submit(*SEND).fields
    assert fields["code"] == "550"
    assert fields["status"] == "5.1.1"
    assert fields["said"] == "550 5.1.1 no such user"
    assert fields["exit"] == str(os.EX_NOUSER)


def test_the_next_address_is_tried_after_a_refused_connection(
        submit, server, program):
    program.hosts["mx.example"] = "127.0.0.9+127.0.0.1"
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    assert submit(*SEND).status == 0


@pytest.mark.parametrize("first", [
    "CLOSE", "S: 421 4.3.2 busy\nC? QUIT\nEOF",
    "S: 220 a\nC: EHLO *\nS: 421 busy\nC? QUIT\nEOF"])
def test_the_next_address_is_tried_after_an_early_failure(
        submit, server, program, first):
    program.hosts["mx.example"] = "127.0.0.2+127.0.0.1"
    failing = ScriptedServer("127.0.0.2", server.port)
    failing.play(first)
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run = submit(*SEND)
    failing.finish()
    assert run.status == 0, run


def test_a_rejected_data_command_fails_the_message(submit, server):
    server.play(lines(greet(), ENVELOPE, """
        C: DATA
        S: 554 5.5.1 no valid recipients
    """, QUIT))
    run = submit(*SEND)
    assert run.status == os.EX_PROTOCOL, run
