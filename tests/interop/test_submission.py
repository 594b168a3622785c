# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Submission to Postfix with Dovecot SASL."""

import os

import pytest

import kerberos
from program import MESSAGE, SECRET
from servers import sign_token

PASSWORD_MECHANISMS = ["plain", "login", "cram-md5", "scram-sha-1",
                       "scram-sha-256", "digest-md5"]
TOKEN_MECHANISMS = ["xoauth2", "oauthbearer"]
SENDER = ("-f", "alice@example.org")


def auth_settings(mechanism, secret=SECRET, user="bob@example.org"):
    return f"auth {mechanism}\nuser {user}\npassword {secret}"


@pytest.mark.parametrize("mechanism", PASSWORD_MECHANISMS)
def test_each_mechanism_succeeds_with_the_right_password(
        send, postfix, mechanism):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=auth_settings(mechanism))
    assert run.status == 0, run
    assert run.fields["auth"].lower() == mechanism
    assert postfix.wait_for("bob")[0].endswith(b"\nHello.\n")


@pytest.mark.parametrize("mechanism", PASSWORD_MECHANISMS)
def test_each_mechanism_fails_with_a_wrong_password(send, postfix, mechanism):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=auth_settings(mechanism, "Wellensittich"))
    assert run.status == os.EX_NOPERM, run
    assert "mx.test said: 535 5.7.8" in run.stderr
    assert "Wellensittich" not in run.stderr
    assert run.fields["code"] == "535"
    assert not postfix.mailbox("bob")


@pytest.mark.parametrize("mechanism", TOKEN_MECHANISMS)
def test_a_valid_token_is_accepted(send, postfix, program, mechanism):
    token = sign_token("bob@example.org")
    program.secrets = [token]
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=auth_settings(mechanism, token))
    assert run.status == 0, run
    assert postfix.wait_for("bob")


@pytest.mark.parametrize("mechanism", TOKEN_MECHANISMS)
def test_an_expired_token_is_rejected(send, postfix, program, mechanism):
    token = sign_token("bob@example.org", seconds=-60)
    program.secrets = [token]
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=auth_settings(mechanism, token))
    assert run.status == os.EX_NOPERM, run
    assert "said: 535" in run.stderr
    # The reason is in the challenge that precedes the rejection.
    assert "401" in run.stderr or "invalid_token" in run.stderr, run


@pytest.fixture
def needs_kerberos():
    reason = kerberos.skip_reason()
    if reason:
        pytest.skip(reason)


@pytest.mark.usefixtures("needs_kerberos")
def test_gssapi_succeeds_with_a_kerberos_ticket(send, postfix, real_servers):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings="auth gssapi\nuser bob@example.org",
               env=real_servers.kerberos.client_environment())
    assert run.status == 0, run
    assert run.fields["auth"] == "GSSAPI"
    assert postfix.wait_for("bob")


@pytest.mark.usefixtures("needs_kerberos")
def test_gssapi_fails_without_a_kerberos_ticket(send, postfix, real_servers):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings="auth gssapi\nuser bob@example.org",
               env=real_servers.kerberos.client_environment(has_ticket=False))
    assert run.status not in (0, os.EX_PROTOCOL, os.EX_SOFTWARE), run
    assert run.stderr.count("\n") == 1


def test_auth_on_selects_the_strongest_offered_mechanism(send, postfix):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=auth_settings("on"))
    assert run.status == 0, run
    assert run.fields["auth"].lower() == "scram-sha-256"


def test_a_mechanism_that_is_not_offered_is_a_configuration_error(
        send, postfix):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=auth_settings("scram-sha-256-plus"))
    assert run.status == os.EX_CONFIG, run
    for offered in PASSWORD_MECHANISMS + TOKEN_MECHANISMS:
        assert offered.upper() in run.stderr.upper()


def test_a_user_unknown_to_the_server_cannot_authenticate(send, postfix):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=auth_settings("on", user="unknown@example.org"))
    assert run.status == os.EX_NOPERM, run


def test_a_server_that_requires_auth_rejects_mail_without_it(send, postfix):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org")
    assert run.status == os.EX_NOPERM, run
    assert "Client host rejected" in run.stderr


@pytest.mark.parametrize("service, setting", [
    ("submission", "tls_starttls on"),
    ("submissions", "tls_starttls off"),
])
def test_starttls_and_implicit_tls(send, postfix, service, setting):
    run = send(postfix.ports[service], *SENDER, "bob@example.org",
               settings=auth_settings("plain") + "\n" + setting)
    assert run.status == 0, run
    assert "TLS1.3" in run.fields["tls"]
    assert postfix.wait_for("bob")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_may_be_for_an_ip_address_or_localhost(
        send, postfix, host):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=auth_settings("plain") + "\ntls on", host=host)
    assert run.status == 0, run


@pytest.mark.parametrize("service, starttls", [
    ("submission", "on"), ("submissions", "off")])
def test_an_untrusted_certificate_is_rejected_before_auth(
        send, postfix, service, starttls):
    run = send(postfix.ports[service], *SENDER, "bob@example.org",
               settings=auth_settings("plain") + f"\ntls_starttls {starttls}",
               trusted="ca2.pem")
    assert run.status == os.EX_TEMPFAIL, run
    assert "mx.test" in run.stderr and "certificate" in run.stderr


def test_a_rejected_recipient_is_reported_on_one_line(send, postfix):
    run = send(postfix.ports["plain"], *SENDER, "nobody@example.org",
               settings="tls off")
    assert run.status == os.EX_NOUSER, run
    assert ("veredus: <nobody@example.org>: mx.test said: 550 5.1.1 "
            in run.stderr)
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("recipient, status", [
    ("full@example.org", os.EX_UNAVAILABLE),
    ("later@example.org", os.EX_TEMPFAIL),
    ("moved@example.org", os.EX_NOUSER),
    ("policy@example.org", os.EX_NOPERM),
    ("bob@elsewhere.example", os.EX_NOPERM),
])
def test_the_reply_to_rcpt_determines_the_exit_status(
        send, postfix, recipient, status):
    run = send(postfix.ports["plain"], *SENDER, recipient, settings="tls off")
    assert run.status == status, run
    assert f"<{recipient}>: mx.test said: " in run.stderr


def test_a_rejected_sender_from_the_command_line_is_a_data_error(
        send, postfix):
    run = send(postfix.ports["plain"], "-f", "badsender@example.org",
               "bob@example.org", settings="tls off")
    assert run.status == os.EX_DATAERR, run


def test_3_of_100_recipients_rejected_for_different_reasons(send, postfix):
    users = [f"user{number:03}" for number in range(97)]
    rejected = ["full@example.org", "nobody@example.org", "later@example.org"]
    recipients = [f"{user}@example.org" for user in users]
    for position, address in zip((3, 50, 99), rejected):
        recipients.insert(position, address)
    run = send(postfix.ports["plain"], *SENDER, *recipients,
               settings="tls off")
    # The first permanent failure in envelope order sets the exit status.
    assert run.status == os.EX_UNAVAILABLE, run
    for address in rejected:
        assert f"<{address}>: mx.test said: " in run.stderr
    for user in users:
        assert len(postfix.wait_for(user)) == 1, user
    assert f"<{recipients[0]}>" not in run.stderr


def test_3_of_100_recipients_unknown(send, postfix):
    users = [f"user{number:03}" for number in range(97)]
    rejected = [f"gone{number}@example.org" for number in range(3)]
    run = send(postfix.ports["plain"], *SENDER,
               *[f"{user}@example.org" for user in users], *rejected,
               settings="tls off")
    assert run.status == os.EX_NOUSER, run
    for address in rejected:
        assert f"<{address}>: mx.test said: 550 5.1.1 " in run.stderr
    for user in users:
        assert len(postfix.wait_for(user)) == 1, user


def test_a_message_over_the_size_limit_is_a_data_error(send, postfix):
    run = send(postfix.ports["small"], *SENDER, "bob@example.org",
               stdin=MESSAGE + b"x" * 70 + b"\n" * 10000, settings="tls off")
    assert run.status == os.EX_DATAERR, run
    assert run.fields["status"] == "5.3.4"
    assert not postfix.mailbox("bob")


def test_probe_checks_auth_and_recipients_without_sending(send, postfix):
    run = send(postfix.ports["submission"], "--probe", *SENDER,
               "bob@example.org", "alice@example.org",
               settings=auth_settings("on"))
    assert run.status == 0, run
    assert "\n    AUTH: ok " in run.stdout and "SCRAM-SHA-256" in run.stdout
    for user in ("bob", "alice"):
        assert f"\n    RCPT <{user}@example.org>: ok " in run.stdout
        assert not postfix.mailbox(user)
    assert run.stdout.endswith("\n    result: ok\n")


def test_probe_reports_rejected_recipients_and_auth(send, postfix):
    run = send(postfix.ports["plain"], "--probe", *SENDER, "bob@example.org",
               "gone@example.org", settings="tls off")
    assert run.status == os.EX_NOUSER, run
    assert "550 5.1.1 " in run.stderr
    assert "\n    RCPT <bob@example.org>: ok " in run.stdout
    assert "\n    RCPT <gone@example.org>: failed " in run.stdout
    run = send(postfix.ports["submission"], "--probe", *SENDER,
               "bob@example.org",
               settings=auth_settings("plain", "Wellensittich"))
    assert run.status == os.EX_NOPERM, run
    assert "\n    AUTH: failed " in run.stdout
