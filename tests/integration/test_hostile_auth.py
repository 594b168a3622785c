# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AUTH with servers that break the protocol or offer weak mechanisms."""

import base64
import os
import ssl
import struct

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MESSAGE_ACCEPTED, SEND, STARTTLS,
                      ehlo, greet, lines, plain)
from program import SECRET
from scram import ScramServer

# SSL_OP_NO_EXTENDED_MASTER_SECRET of OpenSSL 3.0, which Python does not name.
NO_EXTENDED_MASTER_SECRET = 1
USER = f"user bob@example.org\npassword {SECRET}"


def coded(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return base64.b64encode(raw).decode()


@pytest.fixture
def log_in(submit, server, trust):
    """Plays the transcript after a server that offers AUTH inside TLS."""

    def log_in(offer, transcript, settings, *argv, **options):
        server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(f"AUTH {offer}"),
                          transcript))
        return submit(*argv, *SEND, host="mx.test",
                      settings=lines(trust, settings,
                                     "" if "password" in settings else USER),
                      **options)

    return log_in


@pytest.mark.parametrize("reply, status", [
    ("535 5.7.8 wrong", os.EX_NOPERM),
    ("535 wrong", os.EX_NOPERM),
    ("534 5.7.9 too weak", os.EX_CONFIG),
    ("534 too weak", os.EX_CONFIG),
    ("530 5.7.0 first this", os.EX_NOPERM),
    ("538 5.7.11 only encrypted", os.EX_CONFIG),
    ("454 4.7.0 the database is down", os.EX_TEMPFAIL),
    ("432 4.7.12 change the password", os.EX_TEMPFAIL),
    ("500 5.5.6 too long", os.EX_CONFIG),
    ("535 5.7.3 Authentication unsuccessful", os.EX_NOPERM),
    ("535 5.2.1 disabled", os.EX_NOPERM),
    ("504 5.7.4 no such mechanism", os.EX_CONFIG),
    ("550 5.7.30 basic authentication is disabled", os.EX_CONFIG),
    ("550 5.7.13 disabled", os.EX_NOPERM),
    ("421 4.7.0 too many of you", os.EX_TEMPFAIL),
])
def test_a_rejected_login_sends_no_mail(log_in, server, reply, status):
    run = log_in("PLAIN", lines(plain(), f"S: {reply}", "C? QUIT", "EOF"),
                 "auth plain")
    assert run.status == status, run
    assert f"mx.test said: {reply}" in run.stderr
    assert b"MAIL" not in server.inside


@pytest.mark.parametrize("reply", [
    "250 ok", "220 ok", "354 go on", "235", "2350 ok", "200 ok"])
def test_only_reply_235_completes_the_login(log_in, server, reply):
    accepted = reply == "235"
    run = log_in("PLAIN", lines(
        plain(), f"S: {reply}",
        MESSAGE_ACCEPTED if accepted else "C? QUIT\nEOF"),
        "auth plain")
    assert run.status == (0 if accepted else os.EX_PROTOCOL), run
    if not accepted:
        assert b"MAIL" not in server.inside


def test_auth_login_sends_the_user_and_the_password(log_in):
    run = log_in("LOGIN", lines(f"""
        C: AUTH LOGIN
        S: 334 {coded("Username:")}
        C: {coded("bob@example.org")}
        S: 334 {coded("Password:")}
        C: {coded(SECRET)}
        S: 235 2.7.0 welcome
    """, MESSAGE_ACCEPTED), "auth login")
    assert run.status == 0, run


@pytest.mark.parametrize("challenge", [
    "334 not base64!", "334 ====", "334-a\nS: 334 b",
    "334 " + "QUFB" * 5000,
], ids=["words", "padding", "two lines", "20 kB"])
def test_an_invalid_challenge_cancels_the_login(log_in, server, challenge):
    run = log_in("CRAM-MD5", lines(
        "C: AUTH CRAM-MD5", f"S: {challenge}", r"C? \*",
        "S: 501 5.7.0 cancelled", "C? QUIT", "EOF"), "auth cram-md5")
    assert run.status == os.EX_PROTOCOL, run
    assert b"MAIL" not in server.inside


def test_an_endless_series_of_challenges_is_ended(log_in, server):
    run = log_in("LOGIN", lines(
        "C: AUTH LOGIN", *["S: 334 QUFB", "C? *"] * 40, "EOF"), "auth login")
    assert run.status == os.EX_PROTOCOL, run
    assert b"MAIL" not in server.inside
    assert server.inside.count(b"\r\n") < 30


def test_more_challenges_than_the_mechanism_allows_are_cancelled(
        log_in, server):
    run = log_in("PLAIN", lines(
        plain(), "S: 334 ",
        # Some servers ignore the initial response of AUTH PLAIN.
        "C: " + plain().split(" ")[3], "S: 334 ", r"C: \*",
        "S: 501 cancelled", "C? QUIT", "EOF"), "auth plain")
    assert run.status == os.EX_PROTOCOL, run


@pytest.mark.parametrize("offer", [
    "ANONYMOUS", "CRAM-MD5", "NTLM", "DIGEST-MD5", "X-OWN"])
def test_a_weak_mechanism_is_used_only_if_it_is_configured(
        log_in, server, offer):
    run = log_in(offer, "C? QUIT\nEOF", "auth on")
    assert run.status == os.EX_CONFIG, run
    assert offer in run.stderr
    assert b"AUTH" not in server.inside


def test_the_offered_mechanisms_and_the_auth_setting_are_named(log_in):
    run = log_in("NTLM CRAM-MD5 XOAUTH2", "C? QUIT\nEOF", "auth on")
    assert run.status == os.EX_CONFIG, run
    for word in ("NTLM", "CRAM-MD5", "XOAUTH2", "auth"):
        assert word in run.stderr, run


def test_an_empty_list_of_mechanisms_is_an_error(log_in):
    run = log_in("", "C? QUIT\nEOF", "auth on")
    assert run.status == os.EX_CONFIG, run


@pytest.mark.parametrize("host, tls", [
    ("mx.example", "tls off"),
    ("mx.example", "tls opportunistic"),
])
def test_settings_that_would_send_the_password_in_clear_are_rejected(
        submit, server, host, tls):
    server.play()
    run = submit(*SEND, settings=f"{tls}\nauth on\n{USER}", host=host)
    assert run.status == os.EX_CONFIG, run
    assert "tls on" in run.stderr


def test_no_password_is_sent_in_clear_on_loopback_by_default(submit, server):
    server.play(lines(greet("AUTH PLAIN"), "C: QUIT"))
    run = submit(*SEND, settings=f"auth on\n{USER}", host="127.0.0.1")
    assert run.status == os.EX_CONFIG, run
    assert "tls on" in run.stderr


def test_with_tls_off_a_password_is_sent_in_clear_on_loopback(submit, server):
    server.play(lines(greet("AUTH PLAIN"), LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, settings=f"tls off\n{LOGIN_SETTINGS}",
                 host="127.0.0.1", in_clear=True)
    assert run.status == 0, run


@pytest.mark.parametrize("mechanism, line", [
    ("xoauth2", "user=bob@example.org\1auth=Bearer {}\1\1"),
    ("oauthbearer", "n,a=bob@example.org,\1host=mx.test\1port={port}\1"
     "auth=Bearer {}\1\1"),
], ids=["xoauth2", "oauthbearer"])
def test_the_reason_for_a_rejected_token_is_shown(
        log_in, server, program, mechanism, line):
    token = "ya29.Kanarienvogel-7"
    program.secrets = [token]
    first = coded(line.replace("{port}", str(server.port)).replace(
        "{}", token))
    reason = coded('{"status":"invalid_token","scope":"mail"}')
    run = log_in(mechanism.upper(), lines(f"""
        C: AUTH {mechanism.upper()} {first}
        S: 334 {reason}
        C: *
        S: 535 5.7.8 no
        C? QUIT
        EOF
    """), f"auth {mechanism}\nuser bob@example.org\npassword {token}")
    assert run.status == os.EX_NOPERM, run
    assert "invalid_token" in run.stderr


@pytest.mark.parametrize("name", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_scram_succeeds_with_a_server_that_knows_the_password(
        log_in, server, name):
    scram = ScramServer(server, name, SECRET)
    run = log_in(name, lines(scram.transcript(), "S: 235 welcome",
                             MESSAGE_ACCEPTED), f"auth {name.lower()}")
    assert run.status == 0, run


@pytest.mark.parametrize("version, binding", [
    (ssl.TLSVersion.TLSv1_2, "tls-unique"),
    (ssl.TLSVersion.TLSv1_3, "tls-exporter"),
])
@pytest.mark.parametrize("name", ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"])
def test_scram_plus_uses_channel_binding(
        log_in, server, tmp_path, name, version, binding):
    server.tls.maximum_version = version
    # With the extended master secret TLS 1.2 would use tls-exporter, too.
    server.tls.options |= NO_EXTENDED_MASTER_SECRET
    server.tls.keylog_filename = str(tmp_path / "keys")
    scram = ScramServer(server, name, SECRET, binding=binding)
    run = log_in(f"SCRAM-SHA-256 {name}", lines(
        scram.transcript(), "S: 235 welcome", MESSAGE_ACCEPTED), "auth on")
    assert run.status == 0, run
    assert run.fields["auth"] == name


@pytest.mark.parametrize("iterations", [0, 1, 4095, 1000001, 2**31 - 1])
def test_scram_is_cancelled_if_the_iteration_count_is_out_of_bounds(
        log_in, server, iterations):
    scram = ScramServer(server, "SCRAM-SHA-256", SECRET, iterations=iterations)
    run = log_in("SCRAM-SHA-256", lines(
        scram.first(), r"C: \*", "S: 501 cancelled", "C? QUIT", "EOF"),
        "auth scram-sha-256")
    assert run.status == os.EX_NOPERM, run
    assert run.seconds < 20
    assert b"MAIL" not in server.inside


def test_scram_is_cancelled_if_the_server_signature_is_wrong(log_in, server):
    scram = ScramServer(server, "SCRAM-SHA-256", SECRET, knows_password=False)
    run = log_in("SCRAM-SHA-256", lines(
        scram.transcript(last=r"\*"), "S: 501 cancelled", "C? QUIT", "EOF"),
        "auth scram-sha-256")
    assert run.status == os.EX_NOPERM, run
    assert b"MAIL" not in server.inside


def test_scram_fails_if_235_comes_without_the_server_signature(log_in, server):
    scram = ScramServer(server, "SCRAM-SHA-256", SECRET)
    run = log_in("SCRAM-SHA-256", lines(
        scram.first(), "C: *", "S: 235 welcome", "C? QUIT", "EOF"),
        "auth scram-sha-256")
    assert run.status == os.EX_NOPERM, run
    assert b"MAIL" not in server.inside


def test_ntlm_responds_to_a_challenge(log_in):
    challenge = (b"NTLMSSP\0" + struct.pack("<IHHII", 2, 0, 0, 48, 0x8201)
                 + b"12345678" + bytes(8) + struct.pack("<HHI", 0, 0, 48))
    run = log_in("NTLM", lines(f"""
        C: AUTH NTLM {coded(b"NTLMSSP" + bytes(1) + bytes([1]))}*
        S: 334 {coded(challenge)}
        C: {coded(b"NTLMSSP" + bytes(1) + bytes([3]))}*
        S: 235 welcome
    """, MESSAGE_ACCEPTED), "auth ntlm\nntlmdomain EXAMPLE")
    assert run.status == 0, run
