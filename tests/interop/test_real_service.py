# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--service in front of a Postfix with SASL, for several users.

test_service_set_up.py has the programs that these users run.
"""

import os
import shutil
import subprocess

import pytest

from program import SECRET
from service import ids, needs_users

pytestmark = needs_users
USERS = ["www-data", "nobody", "root"]


@pytest.fixture
def smarthost(service, postfix, certificates):
    """The service logs in at Postfix; returns a function that sends."""
    trust = service.config.parent / "ca.pem"
    shutil.copy(certificates.path("ca.pem"), trust)
    trust.chmod(0o644)
    password = service.config.parent / "password"
    password.write_text(SECRET + "\n")
    shutil.chown(password, "root", service.user)
    password.chmod(0o640)

    def start(*settings):
        service.write_config("\n".join([
            "account default", "host mx.test",
            f"port {postfix.ports['submission']}",
            f"tls_trust_file {trust}", "auth plain", "user bob@example.org",
            f"passwordfile {password}", "from alice@example.org",
            "qualify_domain example.org", *settings]) + "\n")
        return service.start()

    return start


def run_as(user, words, text, service):
    return subprocess.run(words, input=text.encode(), capture_output=True,
                          timeout=60, cwd="/",
                          env={"PATH": "/usr/bin:/bin", "TMPDIR": "/tmp"},
                          **ids(user))


@pytest.mark.parametrize("user", USERS)
def test_a_user_sends_with_a_password_that_the_user_cannot_read(
        smarthost, service, postfix, user):
    smarthost()
    run = service.send("-f", "alice@example.org", "bob", user=user)
    assert run.status == 0, (run, service.lines())
    message, = postfix.wait_for("bob")
    assert message.endswith(b"\nHello.\n")
    service.wait_for_log("result=sent")
    assert service.fields()["auth"].lower() == "plain"
    for path in service.config, service.config.parent / "password":
        read = run_as(user, ["cat", str(path)], "", service)
        assert (read.returncode == 0) == (user == "root")
    assert SECRET.encode() not in message


def test_the_wrong_password_ends_as_a_direct_login(
        smarthost, service, postfix):
    (service.config.parent / "password").write_text("Wellensittich\n")
    smarthost()
    run = service.send("-f", "alice@example.org", "bob@example.org")
    assert run.status == os.EX_NOPERM
    assert "535 5.7.8" in run.stderr and "Wellensittich" not in run.stderr


def test_an_unknown_recipient_ends_as_a_direct_delivery(
        smarthost, service, postfix):
    smarthost()
    run = service.send("-f", "alice@example.org", "bob@example.org",
                       "unknown@example.org")
    assert run.status == os.EX_NOUSER, run
    assert run.fields["result"] == "partial"
    assert postfix.wait_for("bob")


def test_a_rejected_sender_does_not_reach_postfix(smarthost, service, postfix):
    smarthost("sender_login alice@example.org daemon")
    run = service.send("-f", "alice@example.org", "bob@example.org")
    assert run.status == os.EX_NOPERM
    assert not postfix.mailbox("bob")
