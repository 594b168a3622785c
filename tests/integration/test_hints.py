# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An error names the setting that would help."""

import os

import pytest

from dialogue import (LOGIN_SETTINGS, MAIL, SECURED, SEND, greet,
                      lines)

LATER = "C? QUIT\nEOF"


def rejects_mail(reply):
    return lines(greet(), "C: MAIL *", f"S: {reply}", LATER)


@pytest.mark.parametrize("reply, hint", [
    ("530 5.7.0 Must issue a STARTTLS command first", 'set "tls on"'),
    ("530 Must use TLS", 'set "tls on"'),
    ("530 5.7.0 Authentication required", 'set "auth on" and "user"'),
    ("530 5.7.57 Client not authenticated to send mail",
     'set "auth on" and "user"'),
    ("550 5.7.57 Client not authenticated", 'set "auth on" and "user"'),
    ("530 5.7.1 log in first", 'set "auth on" and "user"'),
])
def test_a_missing_login_or_tls_is_a_configuration_error(
        submit, server, reply, hint):
    server.play(rejects_mail(reply))
    run = submit(*SEND, settings="tls off")
    assert run.status == os.EX_CONFIG, run
    assert f"mx.example said: {reply} (in reply to MAIL " in run.stderr
    assert hint in run.stderr
    assert run.fields["status"] == (reply.split()[1] if "5.7" in reply
                                    else "5.7.0")


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_a_login_that_is_required_later_is_a_configuration_error(
        submit, server, stage):
    server.play(lines(greet(), MAIL, "C: RCPT *",
                      "S: 530 5.7.0 log in" if stage == "rcpt" else
                      "S: 250 ok\nC: DATA\nS: 530 5.7.0 log in", LATER))
    run = submit(*SEND)
    assert run.status == os.EX_CONFIG, run
    assert 'set "auth on" and "user"' in run.stderr


def test_after_a_login_530_is_no_configuration_error(submit, server, trust):
    server.play(lines(SECURED, "C: AUTH PLAIN *", "S: 235 2.7.0 ok",
                      "C: MAIL *", "S: 530 5.7.0 not you", LATER))
    run = submit(*SEND, settings=lines(trust, LOGIN_SETTINGS), host="mx.test")
    assert run.status == os.EX_NOPERM, run
    assert 'set "' not in run.stderr


def test_the_hint_and_the_exit_status_pass_through_bs(submit, server):
    server.play(rejects_mail("530 5.7.0 Authentication required"))
    run = submit("-bs", stdin=b"EHLO x.example\r\nMAIL FROM:<a@example.org>\r\n"
                 b"RCPT TO:<b@example.org>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n")
    assert "554 5.3.5" in run.stdout, run


def test_a_rejected_name_in_helo_names_the_setting_domain(submit, server):
    server.play(lines("S: 220 mx.example", "C: EHLO *",
                      "S: 501 5.5.4 invalid domain name", "C: HELO *",
                      "S: 501 5.5.4 invalid domain name", LATER))
    run = submit(*SEND)
    assert run.status == os.EX_PROTOCOL, run
    assert 'set "domain" to a name that this server accepts' in run.stderr


@pytest.mark.parametrize("code", [501, 504])
def test_a_rejected_mechanism_names_the_setting_auth(
        submit, server, trust, code):
    server.play(lines(SECURED, "C: AUTH PLAIN *", f"S: {code} no", LATER))
    run = submit(*SEND, settings=lines(trust, LOGIN_SETTINGS), host="mx.test")
    assert run.status == os.EX_CONFIG, run
    assert '"auth" can name another mechanism' in run.stderr


@pytest.mark.parametrize("recipient, hint", [
    ("root@client.example", "an alias for root"),
    ("ROOT@client.example", "an alias for root")])
def test_a_rejected_root_names_the_setting_aliases(
        submit, server, recipient, hint):
    server.play(lines(greet(), MAIL, f"C: RCPT TO:<{recipient}>",
                      "S: 550 5.1.1 no such user", LATER))
    run = submit("-f", "alice@example.org", recipient)
    assert run.status == os.EX_NOUSER, run
    assert hint in run.stderr


def test_a_temporary_rejection_has_no_hint(submit, server):
    server.play(lines(greet(), MAIL, "C: RCPT *", "S: 450 4.2.0 later", LATER))
    run = submit("-f", "alice@example.org", "root@example.org")
    assert run.status == os.EX_TEMPFAIL
    assert "alias" not in run.stderr


def test_a_server_without_starttls_names_implicit_tls(submit, server, trust):
    server.play(lines(greet(), "C: QUIT"))
    run = submit(*SEND, settings=trust, host="mx.test")
    assert run.status == os.EX_TEMPFAIL
    assert '"port 465" with "tls_starttls off"' in run.stderr


@pytest.mark.parametrize("reply, status, hint", [
    ("535 5.7.3 Authentication unsuccessful", os.EX_NOPERM, ""),
    ("550 5.7.30 Basic authentication is not supported for Client Submission",
     os.EX_CONFIG, 'wants OAuth2: set "oauth_provider microsoft"')])
def test_the_refusals_of_microsoft_are_about_the_login(
        submit, server, trust, reply, status, hint):
    server.play(lines(SECURED, "C: AUTH PLAIN *", f"S: {reply}", LATER))
    run = submit(*SEND, settings=lines(trust, LOGIN_SETTINGS), host="mx.test")
    assert run.status == status, run
    assert hint in run.stderr
