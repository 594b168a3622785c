# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--service: what a client hears, and what is for the administrator alone."""

import pytest

from dialogue import ENVELOPE, MAIL, QUIT, greet, lines
from service import needs_users, talk

pytestmark = needs_users

SESSION = "\r\n".join([
    "EHLO client.example", "MAIL FROM:<alice@example.org>",
    "RCPT TO:<bob@example.org>", "DATA", "Subject: test", "", "text", ".",
    "QUIT", ""])

# Settings that fail when the message needs them; the code and status that the
# client hears, and what the server sees before that.
PROBLEMS = {
    "conflict": ("auth on\nuser alice", "451 4.3.5", None),
    "no host": ("host\ntimeout 3", "451 4.3.5", None),
    "empty host": ('host ""', "451 4.3.5", None),
    "password": ("tls on\nhost 127.0.0.1\nauth on\nuser alice\n"
                 "passwordfile STATE/none", "451 4.3.5", None),
    "command": ("tls on\nhost 127.0.0.1\nauth on\nuser alice\n"
                "passwordeval echo STATE >&2; false", "451 4.7.0", None),
    "trust": ("tls on\ntls_trust_file STATE/none", "451 4.3.5", None),
    "trust text": ("tls on\ntls_trust_file STATE/log", "451 4.3.5", None),
    "priorities": ("tls on\nhost 127.0.0.1\ntls_priorities STATE",
                   "451 4.3.5", None),
    "aliases": ("aliases STATE", "451 4.3.5", lines(greet(), MAIL, QUIT)),
    "archive": ("archive maildir:STATE/errors/sent\narchive_required on",
                "451 4.3.0", lines(greet(), ENVELOPE, QUIT)),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_client_hears_nothing_of_the_files_of_the_service(
        serve, server, service, problem):
    settings, expected, play = PROBLEMS[problem]
    names = [line.split()[0] for line in settings.splitlines()]
    common = [line for line in service.account(server.port).splitlines()
              if line.split()[0] not in names]
    text = "\n".join([*common, settings, ""])
    serve(config=text.replace("STATE", str(service.state)),
          plays=[play] if play else [])
    heard = talk(service, SESSION)
    assert f"{expected} this service has a problem of its own" in heard, heard
    for secret in str(service.config.parent), "service.conf", "account":
        assert secret not in heard
    line = service.wait_for_log("exit=")
    assert str(service.config.parent) in line, service.lines()


def test_a_client_hears_nothing_of_accounts_that_take_other_senders(
        serve, server, service):
    serve(config=service.account(server.port, "from bob@example.org").replace(
        "account default", "account internal"))
    heard = talk(service, SESSION)
    assert ("550 5.7.1 the user www-data (uid 33) may use no account for the "
            "sender <alice@example.org>") in heard, heard
    assert "internal" not in heard and "service.conf" not in heard


def test_a_queued_recipient_is_accepted_as_a_new_one(serve, service):
    serve("queue later", service.queue)
    heard = talk(service, SESSION)
    assert "250 2.1.5 accepted\r\n" in heard
    assert "queued as" in heard
