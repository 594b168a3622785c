# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--service in front of a Postfix with SASL, for programs of several users."""

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


@pytest.fixture
def sendmail(service):
    """Returns the path of a sendmail that uses the socket, for any caller."""
    path = service.config.parent / "sendmail"
    path.write_text(f"#!/bin/sh\nexec {service.program.binary} --socket "
                    f"{service.path} --domain client.example \"$@\"\n")
    path.chmod(0o755)
    return path


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


CALLERS = {
    "php": ["php", "-d", "sendmail_path={sendmail} -t -i", "-r",
            "exit(mail('bob', 'x', 'Hello.', 'From: alice@example.org')"
            " ? 0 : 1);"],
    "mail": ["mail", "-s", "x", "bob@example.org"],
    "python": ["python3", "-c", "import subprocess, sys; sys.exit("
               "subprocess.run(['{sendmail}', 'bob'], input=b'Subject: x"
               "\\n\\nHello.\\n').returncode)"],
    "sudo": ["sudo", "-u", "daemon", "{sendmail}", "bob"],
}


@pytest.mark.parametrize("user", ["www-data", "nobody"])
@pytest.mark.parametrize("caller", CALLERS)
def test_programs_send_as_users(
        smarthost, service, sendmail, postfix, caller, user):
    words = [word.replace("{sendmail}", str(sendmail))
             for word in CALLERS[caller]]
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not installed")
    if caller == "mail":
        words[1:1] = ["-S", f"sendmail={sendmail}", "-S", f"mta={sendmail}"]
    if caller == "sudo":
        if user != "www-data":
            pytest.skip("one caller of sudo is enough")
        user = "root"
    smarthost()
    run = run_as(user, words, "Subject: x\n\nHello.\n", service)
    if caller == "mail" and b"unknown" in run.stderr.lower():
        pytest.skip("this mail(1) has no setting for the program")
    assert run.returncode == 0, (run, service.lines())
    message, = postfix.wait_for("bob")
    login = {"nobody": b"uid-65534", "root": b"daemon"}.get(
        user, user.encode())
    assert b"(veredus, login " + login + b", uid " in message
