# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix with Dovecot's passwords, as most providers run it."""

import os

import pytest

import kerberos
from program import MESSAGE, SECRET
from servers import sign_token

PASSWORDS = ["plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256",
             "digest-md5"]
TOKENS = ["xoauth2", "oauthbearer"]
SENDER = ("-f", "alice@example.org")


def login(mechanism, secret=SECRET, user="bob@example.org"):
    return f"auth {mechanism}\nuser {user}\npassword {secret}"


@pytest.mark.parametrize("mechanism", PASSWORDS)
def test_each_mechanism_with_the_right_password(send, postfix, mechanism):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=login(mechanism))
    assert run.status == 0, run
    assert run.fields["auth"].lower() == mechanism
    assert postfix.wait_for("bob")[0].endswith(b"\nHello.\n")


@pytest.mark.parametrize("mechanism", PASSWORDS)
def test_each_mechanism_with_a_wrong_password(send, postfix, mechanism):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=login(mechanism, "Wellensittich"))
    assert run.status == os.EX_NOPERM, run
    assert "mx.test said: 535 5.7.8" in run.stderr
    assert "Wellensittich" not in run.stderr
    assert run.fields["code"] == "535"
    assert not postfix.mailbox("bob")


@pytest.mark.parametrize("mechanism", TOKENS)
def test_a_token_that_the_server_validates(send, postfix, program, mechanism):
    token = sign_token("bob@example.org")
    program.secrets = [token]
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=login(mechanism, token))
    assert run.status == 0, run
    assert postfix.wait_for("bob")


@pytest.mark.parametrize("mechanism", TOKENS)
def test_a_token_that_has_expired(send, postfix, program, mechanism):
    token = sign_token("bob@example.org", seconds=-60)
    program.secrets = [token]
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=login(mechanism, token))
    assert run.status == os.EX_NOPERM, run
    assert "said: 535" in run.stderr
    # What the server explained in the challenge before it refused.
    assert "401" in run.stderr or "invalid_token" in run.stderr, run


@pytest.fixture
def kerberos_here():
    reason = kerberos.why_not()
    if reason:
        pytest.skip(reason)


@pytest.mark.usefixtures("kerberos_here")
def test_a_kerberos_ticket(send, postfix, world):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings="auth gssapi\nuser bob@example.org",
               env=world.kerberos.for_client())
    assert run.status == 0, run
    assert run.fields["auth"] == "GSSAPI"
    assert postfix.wait_for("bob")


@pytest.mark.usefixtures("kerberos_here")
def test_without_a_kerberos_ticket(send, postfix, world):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings="auth gssapi\nuser bob@example.org",
               env=world.kerberos.for_client(tickets=False))
    assert run.status not in (0, os.EX_PROTOCOL, os.EX_SOFTWARE), run
    assert run.stderr.count("\n") == 1


def test_auth_on_takes_the_strongest_that_is_offered(send, postfix):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=login("on"))
    assert run.status == 0, run
    assert run.fields["auth"].lower() == "scram-sha-256"


def test_a_mechanism_that_is_not_offered(send, postfix):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=login("scram-sha-256-plus"))
    assert run.status == os.EX_CONFIG, run
    for offered in PASSWORDS + TOKENS:
        assert offered.upper() in run.stderr.upper()


def test_an_unknown_user_of_the_server_cannot_log_in(send, postfix):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=login("on", user="stranger@example.org"))
    assert run.status == os.EX_NOPERM, run


def test_without_a_login_the_server_wants_one(send, postfix):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org")
    assert run.status == os.EX_NOPERM, run
    assert "Client host rejected" in run.stderr


@pytest.mark.parametrize("service, setting", [
    ("submission", "tls_starttls on"),
    ("submissions", "tls_starttls off"),
])
def test_both_ways_to_tls(send, postfix, service, setting):
    run = send(postfix.ports[service], *SENDER, "bob@example.org",
               settings=login("plain") + "\n" + setting)
    assert run.status == 0, run
    assert "TLS1.3" in run.fields["tls"]
    assert postfix.wait_for("bob")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_for_the_address_or_localhost(send, postfix, host):
    run = send(postfix.ports["submission"], *SENDER, "bob@example.org",
               settings=login("plain") + "\ntls on", host=host)
    assert run.status == 0, run


@pytest.mark.parametrize("service, starttls", [
    ("submission", "on"), ("submissions", "off")])
def test_an_unknown_authority_ends_it_before_the_login(
        send, postfix, service, starttls):
    run = send(postfix.ports[service], *SENDER, "bob@example.org",
               settings=login("plain") + f"\ntls_starttls {starttls}",
               trusted="ca2.pem")
    assert run.status == os.EX_TEMPFAIL, run
    assert "mx.test" in run.stderr and "certificate" in run.stderr


def test_an_unknown_recipient(send, postfix):
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
def test_refusals_become_exit_codes(send, postfix, recipient, status):
    run = send(postfix.ports["plain"], *SENDER, recipient, settings="tls off")
    assert run.status == status, run
    assert f"<{recipient}>: mx.test said: " in run.stderr


def test_a_refused_sender_that_was_given(send, postfix):
    run = send(postfix.ports["plain"], "-f", "refused@example.org",
               "bob@example.org", settings="tls off")
    assert run.status == os.EX_DATAERR, run


def test_97_of_100_recipients(send, postfix):
    users = [f"user{number:03}" for number in range(97)]
    refused = ["full@example.org", "nobody@example.org", "later@example.org"]
    everybody = [f"{user}@example.org" for user in users]
    for place, address in zip((3, 50, 99), refused):
        everybody.insert(place, address)
    run = send(postfix.ports["plain"], *SENDER, *everybody,
               settings="tls off")
    # The first permanent failure in the order of the envelope decides.
    assert run.status == os.EX_UNAVAILABLE, run
    for address in refused:
        assert f"<{address}>: mx.test said: " in run.stderr
    for user in users:
        assert len(postfix.wait_for(user)) == 1, user
    assert f"<{everybody[0]}>" not in run.stderr


def test_three_refused_that_nobody_knows(send, postfix):
    users = [f"user{number:03}" for number in range(97)]
    refused = [f"gone{number}@example.org" for number in range(3)]
    run = send(postfix.ports["plain"], *SENDER,
               *[f"{user}@example.org" for user in users], *refused,
               settings="tls off")
    assert run.status == os.EX_NOUSER, run
    for address in refused:
        assert f"<{address}>: mx.test said: 550 5.1.1 " in run.stderr
    for user in users:
        assert len(postfix.wait_for(user)) == 1, user


def test_a_message_too_big_for_the_server(send, postfix):
    run = send(postfix.ports["small"], *SENDER, "bob@example.org",
               stdin=MESSAGE + b"x" * 70 + b"\n" * 10000, settings="tls off")
    assert run.status == os.EX_DATAERR, run
    assert run.fields["status"] == "5.3.4"
    assert not postfix.mailbox("bob")


def test_probe_goes_as_far_as_the_recipients(send, postfix):
    run = send(postfix.ports["submission"], "--probe", *SENDER,
               "bob@example.org", "alice@example.org", settings=login("on"))
    assert run.status == 0, run
    assert "\n    AUTH: ok " in run.stdout and "SCRAM-SHA-256" in run.stdout
    for user in ("bob", "alice"):
        assert f"\n    RCPT <{user}@example.org>: ok " in run.stdout
        assert not postfix.mailbox(user)
    assert run.stdout.endswith("\n    result: ok\n")


def test_probe_is_refused_as_a_message_is(send, postfix):
    run = send(postfix.ports["plain"], "--probe", *SENDER, "bob@example.org",
               "gone@example.org", settings="tls off")
    assert run.status == os.EX_NOUSER, run
    assert "550 5.1.1 " in run.stderr
    assert "\n    RCPT <bob@example.org>: ok " in run.stdout
    assert "\n    RCPT <gone@example.org>: failed " in run.stdout
    run = send(postfix.ports["submission"], "--probe", *SENDER,
               "bob@example.org", settings=login("plain", "Wellensittich"))
    assert run.status == os.EX_NOPERM, run
    assert "\n    AUTH: failed " in run.stdout
