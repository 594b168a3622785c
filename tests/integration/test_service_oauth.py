# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--service with OAuth2, below a super-server: tokens come from veredus-oauth, which
runs outside the sandbox."""

import os
import shutil

import pytest

from dialogue import MESSAGE_ACCEPTED, SEND, STARTTLS, ehlo, greet, lines
from fake_oauth import OAuthHelper, bearer
from program import account
from service import USER, needs_users

pytestmark = needs_users
TOKEN = "Kanarienvogel-token"


@pytest.fixture
def oauth(binary, service, server, certificates):
    """The script in place of veredus-oauth, which the user of the service runs."""
    helper = OAuthHelper(service.program, binary)
    shutil.chown(helper.folder, USER)
    service.program.secrets.append(TOKEN)
    trusted = service.state / "ca.pem"
    shutil.copy(certificates.path("ca.pem"), trusted)
    trusted.chmod(0o644)
    server.use_certificate(certificates, "good")
    service.program.hosts = {"mx.test": "127.0.0.1"}
    service.write_config(account(
        server.port, lines(f"tls_trust_file {trusted}", helper.settings,
                           "users *", "sender_login alice@example.org *"),
        "mx.test"))
    return helper


def try_login(token, *rest):
    return lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH XOAUTH2"),
                 f"C: AUTH XOAUTH2 {bearer(token)}", *rest)


def test_a_token_is_renewed_for_a_client(oauth, service, server):
    shutil.chown(oauth.write_access("old", 3600), USER)
    shutil.chown(oauth.store, USER)
    oauth.gives(TOKEN)
    server.play(try_login(TOKEN, "S: 235 2.7.0 welcome", MESSAGE_ACCEPTED))
    service.start(env=oauth.env)
    run = service.send(*SEND)
    assert run.status == 0, (run, service.lines())
    server.finish()
    assert [request[0] for request in oauth.requests] == ["refresh"]


def test_a_rejected_token_is_replaced_for_a_client(oauth, service, server):
    shutil.chown(oauth.write_access("old", 600), USER)
    shutil.chown(oauth.store, USER)
    oauth.gives(TOKEN)
    server.play(try_login("old", "S: 535 5.7.8 bad token", "C? QUIT\nEOF"),
                try_login(TOKEN, "S: 235 2.7.0 welcome", MESSAGE_ACCEPTED))
    service.start(env=oauth.env)
    run = service.send(*SEND)
    assert run.status == 0, (run, service.lines())
    server.finish()
    assert len(oauth.requests) == 1


def test_the_log_alone_has_the_command_for_a_login(oauth, service, server):
    command = f"veredus -C {service.config} --login -a default"
    oauth.answers(status=os.EX_NOPERM,
                  stderr=f"the login has ended: run {command}\n")
    server.play(optional=True)
    service.start(env=oauth.env)
    run = service.send(*SEND)
    assert run.status == os.EX_TEMPFAIL, run
    assert "the service cannot log in" in run.stderr
    assert "--login" not in run.stderr and "conf" not in run.stderr, run
    assert command in service.wait_for_log("exit=75")
    assert f"config_file {service.config}" in oauth.requests[0]
