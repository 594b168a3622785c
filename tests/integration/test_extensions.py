# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP extensions, each with the scripted server."""

import email
import email.policy
import os

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, LOGIN, LOGIN_SETTINGS, MAIL,
                      MESSAGE_ACCEPTED, QUIT, SECURED, SEND, STARTTLS, ehlo,
                      greet, lines, receive_last_chunk)
from program import MESSAGE
from scripted import ScriptedServer

CRLF = MESSAGE.replace(b"\n", b"\r\n")
SIZE = len(CRLF)
OFF = "tls off\n"
FROM = ("-f", "alice@example.org")


def rcpt(*names):
    return "\n".join(f"C: RCPT TO:<{name}@example.org>" for name in names)


def oks(count):
    return "\n".join(["S: 250 ok"] * count)


# CHUNKING (RFC 3030)

def test_a_small_message_is_pipelined_with_its_envelope(submit, server):
    server.play(lines(greet("PIPELINING", "CHUNKING"), f"""
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        C: BDAT {SIZE} LAST
        CHUNK {SIZE}
        C: QUIT
        NOTHING
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        S: 250 2.0.0 accepted
        S: 221 2.0.0 bye
    """))
    run = submit(*SEND)
    assert run.status == 0, run
    assert server.message == CRLF
    assert run.fields["status"] == "2.0.0"


def test_chunking_off_sends_the_message_by_data(submit, server):
    server.play(lines(greet("CHUNKING"), MESSAGE_ACCEPTED))
    assert submit(*SEND, settings=OFF + "chunking off").status == 0


def test_without_pipelining_nothing_is_sent_before_a_reply(submit, server):
    server.play(lines(greet("CHUNKING"), f"""
        C: MAIL FROM:<alice@example.org>
        NOTHING
        S: 250 2.1.0 ok
        C: RCPT TO:<bob@example.org>
        NOTHING
        S: 250 2.1.5 ok
        C: BDAT {SIZE} LAST
        CHUNK {SIZE}
        NOTHING
        S: 250 2.0.0 accepted
    """, QUIT))
    assert submit(*SEND).status == 0


NUMBERS = b"".join(b"%07d\n" % number for number in range(60000))
ONE_BY_ONE = """
    C: MAIL FROM:<alice@example.org>
    NOTHING
    S: 250 ok
    C: RCPT TO:<bob@example.org>
    NOTHING
    S: 250 ok
    C: RCPT TO:<carol@example.org>
    NOTHING
    S: 250 ok
"""
TOGETHER = """
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: RCPT TO:<carol@example.org>
    NOTHING
    S: 250 2.1.0 ok
    S: 250 2.1.5 ok
    S: 250 2.1.5 ok
"""


@pytest.mark.parametrize("partial", ["on", "off"])
@pytest.mark.parametrize("keywords, envelope, end", [
    (("CHUNKING",), ONE_BY_ONE, """
        NOTHING
        S: 250 2.0.0 thanks
        C: QUIT
        S: 221 2.0.0 bye
    """), (("PIPELINING", "CHUNKING"), TOGETHER, """
        C: QUIT
        NOTHING
        S: 250 2.0.0 thanks
        S: 221 2.0.0 bye
    """)], ids=["CHUNKING", "CHUNKING and PIPELINING"])
def test_a_large_message_is_sent_in_one_chunk(
        submit, server, keywords, envelope, end, partial):
    whole = (MESSAGE + NUMBERS).replace(b"\n", b"\r\n")
    server.play(lines(greet(*keywords), envelope, f"""
        C: BDAT {len(whole)} LAST
        CHUNK {len(whole)}
    """, end))
    run = submit(*SEND, "carol@example.org", stdin=MESSAGE + NUMBERS,
                 settings=OFF + f"partial {partial}")
    assert run.status == 0, run
    assert server.message == whole


@pytest.mark.parametrize("keywords, envelope", [
    (("CHUNKING",), ONE_BY_ONE), (("PIPELINING", "CHUNKING"), TOGETHER)],
    ids=["CHUNKING", "CHUNKING and PIPELINING"])
def test_an_extra_reply_is_not_taken_for_that_to_the_chunk(
        submit, server, keywords, envelope):
    whole = (MESSAGE + NUMBERS).replace(b"\n", b"\r\n")
    server.play(lines(greet(*keywords), envelope, f"""
        C: BDAT {len(whole)} LAST
        CHUNK {len(whole)}
        S: 250 2.1.5 once more
        C: QUIT
        S: 550 5.7.1 spam
        S: 221 2.0.0 bye
    """))
    run = submit(*SEND, "carol@example.org", stdin=MESSAGE + NUMBERS,
                 settings=OFF)
    assert run.status == os.EX_TEMPFAIL, run
    assert "may have been delivered" in run.stderr
    assert "unexpected extra reply" in run.stderr


def test_no_server_takes_lines_of_the_message_for_commands(submit, server):
    evil = (b"RSET\nMAIL FROM:<evil@example.org>\n"
            b"RCPT TO:<victim@example.org>\nDATA\nSubject: spam\n\nspam\n.\n")
    server.play(lines(greet("PIPELINING", "CHUNKING"), """
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        C: DATA
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        S: 354 go on
        BODY
        S: 250 2.0.0 accepted
    """, QUIT))
    run = submit("-i", *SEND, stdin=MESSAGE + NUMBERS + evil, settings=OFF)
    assert run.status == 0, run


def test_the_rejection_of_a_chunk_rejects_the_message(submit, server):
    server.play(lines(greet("PIPELINING", "CHUNKING"), """
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        C: BDAT *
        READ 200000
        S: 552 5.3.4 too big
        DRAIN
    """))
    run = submit(*SEND, stdin=MESSAGE + b"x" * 70 * 40000 + b"\n")
    assert run.status == os.EX_DATAERR, run
    assert "552 5.3.4 too big" in run.stderr


FLIGHT = f"""
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: BDAT {SIZE} LAST
    CHUNK {SIZE}
    C: QUIT
"""
IN_ITS_PLACE = {
    "in one flight": lines(greet("PIPELINING", "CHUNKING"), FLIGHT, oks(2)),
    "after RCPT": lines(greet("CHUNKING"), ENVELOPE, "C: BDAT * LAST",
                        f"CHUNK {SIZE}"),
    "before the message": lines(greet("CHUNKING"), ENVELOPE,
                                "C: BDAT * LAST"),
}


@pytest.mark.parametrize("reply", [
    "500 5.5.2 what", "502 5.5.1 not implemented", "503 5.5.1 bad sequence"])
@pytest.mark.parametrize("when", IN_ITS_PLACE)
def test_a_server_that_does_not_know_bdat_gets_the_message_with_data(
        submit, server, when, reply):
    server.play(lines(IN_ITS_PLACE[when], f"S: {reply}", "DRAIN"),
                lines(greet("PIPELINING", "CHUNKING"), """
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        C: DATA
    """, oks(2), "S: 354 go on", "BODY", ACCEPTED, QUIT))
    run = submit(*SEND)
    assert (run.status, run.stderr) == (0, ""), run
    assert server.messages[-1] == CRLF


def test_a_server_that_takes_the_message_for_commands_gets_it_with_data(
        submit, server):
    server.play(lines(IN_ITS_PLACE["in one flight"],
                      *["S: 500 5.5.2 what"] * 9),
                lines(greet("CHUNKING"), MESSAGE_ACCEPTED))
    assert submit(*SEND).status == 0


def test_with_partial_off_a_server_without_bdat_gets_the_message_with_data(
        submit, server):
    server.play(lines(greet("PIPELINING", "CHUNKING"), f"""
        C: MAIL FROM:<alice@example.org>
        C: RCPT TO:<bob@example.org>
        C: RCPT TO:<carol@example.org>
        C: BDAT {SIZE}
        CHUNK {SIZE}
    """, oks(3), "S: 502 5.5.1 what", "EOF"),
        lines(greet("CHUNKING"), MAIL, rcpt("bob"), oks(1), rcpt("carol"),
              oks(1), DATA, ACCEPTED, QUIT))
    run = submit(*SEND, "carol@example.org", settings=OFF + "partial off")
    assert run.status == 0, run


def test_only_accepted_recipients_are_repeated_with_data(submit, server):
    server.play(lines(greet("CHUNKING"), ENVELOPE, """
        C: RCPT TO:<carol@example.org>
        S: 550 5.1.1 unknown
        C: BDAT * LAST
        S: 502 5.5.1 what
        DRAIN
    """), lines(greet("CHUNKING"), MESSAGE_ACCEPTED))
    run = submit(*SEND, "carol@example.org")
    assert run.status == os.EX_NOUSER, run
    assert server.accepted == 1


def test_a_server_on_a_socket_that_does_not_know_bdat_gets_data(
        submit, tmp_path):
    from scripted import ScriptedServer

    server = ScriptedServer(path=tmp_path / "socket")
    server.play(lines(greet("CHUNKING"), ENVELOPE,
                      "C: BDAT * LAST\nS: 502 5.5.1 what\nDRAIN"),
                lines(greet("CHUNKING"), MESSAGE_ACCEPTED))
    run = submit(*SEND, config=lines(f"""
        account default
        socket {tmp_path / "socket"}
        domain client.example
        tls off
    """) + "\n")
    server.finish()
    assert run.status == 0, run


def test_a_rejection_of_data_after_bdat_is_the_result(submit, server):
    server.play(lines(greet("CHUNKING"), ENVELOPE,
                      "C: BDAT * LAST\nS: 502 5.5.1 what\nDRAIN"),
                lines(greet("CHUNKING"), ENVELOPE, "C: DATA",
                      "S: 502 5.5.1 what", QUIT))
    run = submit(*SEND)
    assert run.status == os.EX_PROTOCOL, run


@pytest.mark.parametrize("reply", [
    "452 4.3.1 full", "550 5.7.1 no", "552 5.3.4 too big", "554 5.6.0 spam"])
def test_another_rejection_of_bdat_is_not_repeated(submit, server, reply):
    server.play(lines(IN_ITS_PLACE["in one flight"], f"S: {reply}",
                      "S: 221 bye"))
    run = submit(*SEND)
    assert run.status != 0, run
    assert reply in run.stderr


# PIPELINING (RFC 2920)

@pytest.mark.parametrize("keywords", [
    ("PIPELINING",), ("PIPELINING", "CHUNKING")], ids=["DATA", "BDAT"])
def test_pipelining_off_sends_one_command_after_the_other(
        submit, server, keywords):
    data = ("C: BDAT * LAST\nREPLY whole" if "CHUNKING" in keywords
            else lines("C: DATA\nNOTHING\nS: 354 go on\nBODY", ACCEPTED))
    server.replies["whole"] = receive_last_chunk(server)
    server.play(lines(greet(*keywords), """
        C: MAIL FROM:<alice@example.org>
        NOTHING
        S: 250 2.1.0 ok
        C: RCPT TO:<bob@example.org>
        NOTHING
        S: 250 2.1.5 ok
    """, data, QUIT))
    assert submit(*SEND, settings=OFF + "pipelining off").status == 0


@pytest.mark.parametrize("settings, end, hint", [
    ("", "EOF", True), ("", "CLOSE", True), ("pipelining off\n", "EOF", False)],
    ids=["silent", "closes", "pipelining off"])
def test_a_server_that_loses_pipelined_commands_leads_to_the_setting(
        submit, server, settings, end, hint):
    server.play(lines(greet("PIPELINING"), """
        C: MAIL FROM:<alice@example.org>
        S: 250 2.1.0 ok
        C: RCPT TO:<bob@example.org>
    """, "" if settings else "C: DATA", end))
    run = submit(*SEND, settings=OFF + settings + "timeout 2")
    assert run.status == os.EX_TEMPFAIL, run
    assert ("pipelining off" in run.stderr) == hint


def test_a_server_at_a_socket_loses_no_commands(program, tmp_path):
    server = ScriptedServer(path=tmp_path / "socket")
    server.play(lines(greet("PIPELINING"),
                      "C: MAIL FROM:<alice@example.org>", "S: 250 2.1.0 ok",
                      "C: RCPT TO:<bob@example.org>", "C: DATA", "CLOSE"))
    program.write_config(f"account default\nsocket {server.path}\n"
                         "domain client.example\ntls off\n")
    run = program.run(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert "pipelining" not in run.stderr
    server.finish()


# BINARYMIME (RFC 3030): messages that must not be changed and are not text

SIGNED = b"""From: Alice <alice@example.org>
To: Bob <bob@example.org>
Subject: signed
MIME-Version: 1.0
Content-Type: multipart/signed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

.%s
\xc3\xa4
--b
Content-Type: application/pgp-signature

signature
--b--
"""
BINARY = ("CHUNKING", "BINARYMIME")


def body_of(message):
    return message.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]


@pytest.mark.parametrize("keywords", [
    ("8BITMIME", *BINARY), BINARY], ids=["8BITMIME", "no 8BITMIME"])
def test_a_signed_message_with_long_lines_is_sent_as_binary(
        submit, server, keywords):
    message = SIGNED % (b"x" * 5000)
    server.replies["whole"] = receive_last_chunk(server)
    server.play(lines(greet(*keywords), """
        C: MAIL FROM:<alice@example.org> BODY=BINARYMIME
        S: 250 2.1.0 ok
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.5 ok
        C: BDAT * LAST
        REPLY whole
    """, QUIT))
    run = submit(*SEND, stdin=message)
    assert (run.status, run.stderr) == (0, ""), run
    assert body_of(server.message) == body_of(message)
    assert "were broken" not in run.log


def test_a_large_binary_message_is_sent_in_one_chunk(submit, server):
    server.replies["whole"] = receive_last_chunk(server)
    server.play(lines(greet("PIPELINING", "8BITMIME", *BINARY), """
        C: MAIL FROM:<alice@example.org> BODY=BINARYMIME
        C: RCPT TO:<bob@example.org>
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        C: BDAT * LAST
        REPLY whole
    """, QUIT))
    run = submit(*SEND, stdin=SIGNED % (b"x" * 700000))
    assert run.status == 0, run


@pytest.mark.parametrize("keywords, settings", [
    (("CHUNKING",), ""),
    (("BINARYMIME",), ""),
    (BINARY, "chunking off")],
    ids=["no BINARYMIME", "no CHUNKING", "chunking off"])
def test_without_binarymime_long_lines_are_broken_and_logged(
        submit, server, keywords, settings):
    data = (("C: BDAT * LAST", "REPLY whole", QUIT)
            if keywords[0] == "CHUNKING" and not settings
            else (DATA, ACCEPTED, QUIT))
    server.replies["whole"] = receive_last_chunk(server)
    server.play(lines(greet("8BITMIME", *keywords), """
        C: MAIL FROM:<alice@example.org> BODY=8BITMIME
        S: 250 2.1.0 ok
    """, rcpt("bob"), oks(1), *data))
    run = submit(*SEND, stdin=SIGNED % (b"x" * 5000),
                 settings=OFF + settings)
    assert (run.status, run.stderr) == (0, ""), run
    assert max(map(len, server.message.split(b"\r\n"))) <= 998
    assert "were broken" in run.log


@pytest.mark.parametrize("message", [
    MESSAGE,
    SIGNED % b"short",
    MESSAGE + b"x" * 5000 + b"\n"], ids=["text", "signed", "long lines"])
def test_a_message_that_is_or_can_be_encoded_as_text_is_not_sent_as_binary(
        submit, server, message):
    server.replies["whole"] = receive_last_chunk(server)
    server.play(lines(greet("8BITMIME", *BINARY), "C: MAIL *",
                      oks(1), rcpt("bob"), oks(1), "C: BDAT * LAST",
                      "REPLY whole", QUIT))
    run = submit(*SEND, stdin=message)
    assert run.status == 0, run
    assert b"BINARYMIME" not in server.clear
    assert max(map(len, server.message.split(b"\r\n"))) <= 998


def test_the_next_host_may_have_no_binarymime(submit, program, server):
    """The form of the message depends on the reply to EHLO of each host."""
    server.replies["whole"] = receive_last_chunk(server)
    server.play(lines(greet("8BITMIME", *BINARY), """
        C: MAIL FROM:<alice@example.org> BODY=BINARYMIME
        S: 451 4.3.0 not now
    """, QUIT), lines(greet("8BITMIME", "CHUNKING"), """
        C: MAIL FROM:<alice@example.org> BODY=8BITMIME
        S: 250 2.1.0 ok
    """, rcpt("bob"), oks(1), "C: BDAT * LAST", "REPLY whole", QUIT))
    run = submit(*SEND, stdin=SIGNED % (b"x" * 5000),
                 settings=OFF + "host mx.test")
    assert run.status == 0, run
    assert max(map(len, server.message.split(b"\r\n"))) <= 998


# SMTPUTF8 (RFC 6531)

def test_a_local_part_beyond_ascii_asks_for_smtputf8(submit, server):
    server.play(lines(greet("8BITMIME", "SMTPUTF8"), """
        C: MAIL FROM:<alice@example.org> SMTPUTF8
        S: 250 ok
        C: RCPT TO:<bü@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    assert submit(*FROM, "bü@example.org").status == 0


def test_a_domain_beyond_ascii_does_not_ask_for_smtputf8(submit, server):
    server.play(lines(greet("8BITMIME", "SMTPUTF8"), """
        C: MAIL FROM:<alice@example.org>
        S: 250 ok
        C: RCPT TO:<bob@xn--bcher-kva.example>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    run = submit(*FROM, "bob@bücher.example")
    if "no support for internationalised" in run.stderr:
        pytest.skip("built without IDNA")
    assert run.status == 0, run


def test_a_server_without_smtputf8_is_an_error(submit, server):
    server.play(lines(greet("8BITMIME"), QUIT))
    run = submit(*FROM, "bü@example.org")
    assert run.status == os.EX_DATAERR
    assert run.fields["status"] == "5.6.7"
    assert "<bü@example.org>" in run.stderr


@pytest.mark.parametrize("keywords", [("8BITMIME",), ("8BITMIME", "SMTPUTF8")])
def test_a_subject_beyond_ascii_is_encoded(submit, server, keywords):
    server.play(lines(greet(*keywords), ENVELOPE, DATA, ACCEPTED, QUIT))
    message = MESSAGE.replace(b"a test", "ein Gruß".encode())
    assert submit(*SEND, stdin=message).status == 0
    assert server.message.isascii()
    subject = email.message_from_bytes(
        server.message, policy=email.policy.default)["subject"]
    assert subject == "ein Gruß"


def test_an_address_beyond_ascii_in_the_header_asks_for_smtputf8(
        submit, server):
    server.play(lines(greet("8BITMIME", "SMTPUTF8"), """
        C: MAIL FROM:<alice@example.org>* SMTPUTF8
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    message = MESSAGE.replace(b"To: Bob", "Cc: bü@example.org\nTo: Bob".encode())
    assert submit(*SEND, stdin=message).status == 0
    assert "Cc: bü@example.org".encode() in server.message


# Other parameters of MAIL

MAIL_PARAMETERS = [
    ("deliver_by 3600", "DELIVERBY 240", "BY=3600;R"),
    ("deliver_by 3600;NT", "DELIVERBY", "BY=3600;NT"),
    ("hold_for 600", "FUTURERELEASE 86400 2099-01-01T00:00:00Z",
     "HOLDFOR=600"),
    ("hold_until 2026-12-24T18:00:00Z", "FUTURERELEASE 1 2",
     "HOLDUNTIL=2026-12-24T18:00:00Z"),
    ("priority -3", "MT-PRIORITY", "MT-PRIORITY=-3"),
]


@pytest.mark.parametrize("setting,keyword,parameter", MAIL_PARAMETERS)
def test_a_mail_parameter_is_sent_to_a_server_that_offers_it(
        submit, server, setting, keyword, parameter):
    server.play(lines(greet(keyword), f"""
        C: MAIL FROM:<alice@example.org> {parameter}
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    assert submit(*SEND, settings=OFF + setting).status == 0


@pytest.mark.parametrize("setting,keyword,parameter", MAIL_PARAMETERS)
def test_a_mail_parameter_that_is_not_offered_is_a_failure(
        submit, server, setting, keyword, parameter):
    server.play(lines(greet("SIZE"), QUIT))
    run = submit(*SEND, settings=OFF + setting)
    assert run.status == os.EX_UNAVAILABLE, run
    assert run.fields["status"] == "5.3.3"
    assert keyword.split()[0] in run.stderr
    assert setting.split()[0] in run.stderr


@pytest.mark.parametrize("setting,keyword", [
    ("deliver_by 60", "DELIVERBY 240"),
    ("hold_for 90000", "FUTURERELEASE 86400 2099-01-01T00:00:00Z")])
def test_a_value_over_the_limit_of_the_server_is_a_failure(
        submit, server, setting, keyword):
    server.play(lines(greet(keyword), QUIT))
    assert submit(*SEND, settings=OFF + setting).status == os.EX_UNAVAILABLE


def test_requiretls_is_sent_over_verified_tls(submit, server, trust):
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo("REQUIRETLS"), """
        C: MAIL FROM:<alice@example.org> REQUIRETLS
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    assert submit(*SEND, host="mx.test",
                  settings=trust + "\nrequire_tls on").status == 0


@pytest.mark.parametrize("keyword", ["SIZE", "REQUIRETLS"])
def test_requiretls_without_tls_is_a_failure(submit, server, keyword):
    server.play(lines(greet(keyword), QUIT))
    run = submit(*SEND, settings=OFF + "require_tls on")
    assert run.status == os.EX_UNAVAILABLE
    assert run.fields["status"] == "5.7.30"


def test_mail_auth_is_sent_to_a_server_that_offers_auth(submit, server, trust):
    server.play(lines(SECURED, LOGIN, """
        C: MAIL FROM:<alice@example.org> AUTH=carol+2Bx@example.org
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    run = submit(*SEND, host="mx.test", settings="\n".join([
        trust, LOGIN_SETTINGS, "mail_auth carol+x@example.org"]))
    assert run.status == 0, run


# ETRN (RFC 1985)

RMQS = ("--rmqs", "@example.org")
ETRN = "C: ETRN @example.org\n"


@pytest.mark.parametrize("reply,status", [
    ("250 2.0.0 queuing for node @example.org started", 0),
    ("251 no messages waiting", 0),
    ("253 7 pending messages started", 0),
    ("458 unable to queue", os.EX_TEMPFAIL),
    ("459 node not allowed", os.EX_TEMPFAIL),
    ("501 syntax error", os.EX_PROTOCOL),
])
def test_rmqs_sends_etrn(submit, server, reply, status):
    server.play(lines(greet("ETRN"), ETRN, f"S: {reply}", QUIT))
    run = submit(*RMQS, stdin=b"")
    assert run.status == status, run
    assert run.stdout == ""
    assert run.stderr == "" if status == 0 else reply in run.stderr


def test_rmqs_sends_etrn_after_authentication(submit, server, trust):
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH PLAIN", "ETRN"),
                      LOGIN, ETRN, "S: 250 ok", QUIT))
    run = submit(*RMQS, host="mx.test", stdin=b"",
                 settings=f"{trust}\n{LOGIN_SETTINGS}")
    assert run.status == 0, run


def test_rmqs_fails_if_the_server_does_not_offer_etrn(submit, server):
    server.play(lines(greet("SIZE"), QUIT))
    run = submit(*RMQS, stdin=b"")
    assert run.status == os.EX_UNAVAILABLE
    assert "ETRN" in run.stderr


def test_rmqs_with_an_invalid_node_does_not_connect(submit):
    assert submit("--rmqs", "two words", stdin=b"").status == os.EX_DATAERR
