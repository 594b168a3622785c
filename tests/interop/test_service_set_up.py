# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The submission service on a new host, set up as its manual says: programs of
several users send through it and Postfix, and none of them can read the
password."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

import overlay
from new_host import NewHost
from program import SECRET
from service import needs_users

pytestmark = needs_users
ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "man/veredus-service.8").read_text()
SOCKET = "/run/veredus/submit"
USERS = ["www-data", "nobody"]
LOGIN = {"nobody": "uid-65534"}


def section(title):
    return re.search(rf'^\.Sh "?{title}"?\n(.*?)^\.Sh ', MANUAL, re.M | re.S)[1]


def steps():
    """Returns the steps of the set-up: each is a command, or text."""
    items = re.search(r"\.Bl -enum.*?\n(.*?)^\.El", section("SET-UP"),
                      re.M | re.S)[1].split(".It\n")[1:]
    return [item.partition("\n")[0].removeprefix(".Ql ").removesuffix(" ,")
            if item.startswith(".Ql ") else item for item in items]


def recipe(server):
    """Returns the command of the manual for a host without systemd."""
    found = re.search(rf"^({server} .*?) &$", section("SET-UP"), re.M | re.S)
    return found[1].replace("\\e\n", "\\\n")


def install(host, binary, tmp_path_factory):
    """Installs the build as README says, for the folders that README names."""
    made = tmp_path_factory.mktemp("made")
    for target in "install", "install-sendmail":
        subprocess.run(["make", "-s", "-C", str(binary.parent), target,
                        f"DESTDIR={made}"], check=True, capture_output=True)
    with subprocess.Popen(["tar", "-C", str(made), "-c", "."],
                          stdout=subprocess.PIPE) as packed:
        subprocess.run(host.command("tar", "-x", "--keep-directory-symlink",
                                    "--no-overwrite-dir", "-C", "/"),
                       stdin=packed.stdout, check=True)
    if host.path("usr/local/bin/veredus").exists():
        # A build without --prefix=/usr: its folders get the names of README.
        for name, target in (("/etc", "/usr/local/etc"),
                             ("/var", "/usr/local/var"),
                             ("/usr/local/share/doc/veredus",
                              "/usr/share/doc/veredus"),
                             ("/usr/local/bin/veredus", "/usr/sbin/sendmail")):
            host.must(f"rm -rf {target}; ln -s {name} {target}")


def edit(host, postfix, certificates):
    """Edits the example for Postfix, as the step says."""
    trust = host.path("etc/ssl/smarthost.pem")
    shutil.copy(certificates.path("ca.pem"), trust)
    trust.chmod(0o644)
    path = host.path("etc/veredus/service.conf")
    text = path.read_text()
    for old, new in (
            ("host mail.example.org",
             f"host mx.test\nport {postfix.ports['submission']}\n"
             "tls_trust_file /etc/ssl/smarthost.pem"),
            ("user this-host@", "user bob@"),
            ("from this-host@", "from alice@"),
            ("sender_login this-host@", "sender_login alice@"),
            ("#aliases", "aliases")):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    host.path("etc/veredus/password").write_text(SECRET + "\n")
    host.path("etc/aliases").write_text("root: bob@example.org\n")
    with open(host.path("etc/hosts"), "a") as hosts:
        hosts.write("127.0.0.1 mx.test\n")


@pytest.fixture(scope="module")
def host(binary, real_servers, certificates, tmp_path_factory):
    """Does each step of the manual."""
    reason = overlay.skip_reason()
    if reason:
        pytest.skip(reason)
    if not (binary.parent / "Makefile").exists():
        pytest.skip("the program is not in the folder in which it was built")
    host = NewHost()
    real_servers.postfix.empty()
    try:
        install(host, binary, tmp_path_factory)
        folder = ""
        for step in steps():
            if step.startswith("Edit"):
                edit(host, real_servers.postfix, certificates)
            elif step.startswith("systemctl enable --now"):
                # Nothing is started without systemd.
                host.must(step.replace(" --now", ""))
                if step.endswith(".socket"):
                    host.start_socket()
            else:
                host.must(f"{folder}{step}")
            if step.startswith("cd "):
                folder = step.partition("&&")[0] + "&& "
        yield host
    finally:
        host.close()


def test_the_message_of_the_last_step_arrives(host, real_servers):
    assert "sendmail root" in steps()[-1]
    message, = real_servers.postfix.wait_for("bob")
    assert message.endswith(b"\n\ntest\n")


# What users call; each sends a message to bob.

GIT = ("git -c user.name=A -c user.email=alice@example.org send-email --quiet "
       "--confirm=never --from=alice@example.org --to=bob@example.org "
       "--suppress-cc=all /tmp/a.patch")
PATCH = """\
From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: Alice <alice@example.org>
Date: Sat, 21 Nov 2026 12:00:00 +0000
Subject: a test

---
 a | 2 ++
Hello.
--
2.39.5
"""
CALLERS = {
    "sendmail": "sendmail bob@example.org",
    "php": "php -r \"exit(mail('bob@example.org', 'x', 'Hello.') ? 0 : 1);\"",
    "mail": "mail -s x bob@example.org",
    "s-nail": "s-nail -:/ -S sendwait -s x bob@example.org",
    "mutt": "mutt -F /dev/null -e 'set copy=no' -s x -- bob@example.org",
    "git": GIT,
    "the command of cron":
        "sendmail -FCronDaemon -i -B8BITMIME -oem bob@example.org",
}


@pytest.fixture
def mailbox(host, postfix):
    return lambda: postfix.wait_for("bob")


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("caller", CALLERS)
def test_a_program_sends_as_a_user(host, mailbox, caller, user):
    host.path("tmp/a.patch").write_text(PATCH)
    host.must(CALLERS[caller], user=user, text="Hello.\n")
    message, = mailbox()
    assert b"Hello." in message
    login = LOGIN.get(user, user)
    assert f"(veredus, login {login}, uid ".encode() in message
    assert b"\nFrom: alice@example.org" in message or b"<alice@" in message
    assert SECRET.encode() not in message


def test_cron_mails_the_output_of_a_job(host, mailbox):
    """cron runs a job of @reboot at once."""
    host.path("etc/crontab").write_text(
        "MAILTO=bob@example.org\n@reboot daemon echo Hello.\n")
    cron = subprocess.Popen(host.command("cron", "-f"))
    try:
        message, = mailbox()
    finally:
        cron.terminate()
        cron.wait()
    assert b"(veredus, login daemon, uid " in message
    assert b"\n\nHello.\n" in message and b"(Cron Daemon)" in message


def test_sudo_reports_a_user_who_may_not_use_it(host, mailbox):
    with open(host.path("etc/sudoers"), "a") as rules:
        rules.write("Defaults !authenticate\n")
    run = host.run("sudo", "-n", "id", user="www-data")
    assert run.returncode != 0
    message, = mailbox()
    # Debian's sudo runs sendmail as the user.
    assert b"(veredus, login www-data, uid 33)" in message
    assert b"www-data : user NOT in sudoers" in message


@pytest.mark.parametrize("server", ["s6-ipcserver", "socat"])
def test_a_super_server_of_the_manual_runs_the_service(host, mailbox, server):
    host.stop_servers()
    try:
        host.serve("sh", "-c", f"exec {recipe(server)}", socket=SOCKET)
        host.must("sendmail bob@example.org", user="www-data", text="Hello.\n")
        message, = mailbox()
        assert b"(veredus, login www-data, uid 33)" in message
    finally:
        host.stop_servers()
        host.start_socket()


@pytest.mark.parametrize("user", [*USERS, "daemon"])
@pytest.mark.parametrize("name", ["service.conf", "password"])
def test_no_user_can_read_the_secrets(host, name, user):
    path = f"/etc/veredus/{name}"
    run = host.run("cat", path, user=user)
    assert run.returncode != 0 and SECRET not in run.stdout
    # The program says no more than cat.
    run = host.run("veredus", "-C", path, "--pretend", "x@example.org",
                   user=user)
    assert run.returncode != 0 and SECRET not in run.stdout
    assert host.run("cat", path, user="veredus").returncode == 0


@pytest.mark.parametrize("user", USERS)
def test_a_sender_of_somebody_else_is_refused_with_the_rule(
        host, postfix, user):
    run = host.run("sendmail", "-f", "boss@lists.example.org",
                   "bob@example.org", user=user, text="Hello.\n")
    assert run.returncode == os.EX_NOPERM
    assert "rule *@lists.example.org of sender_login is for" in run.stdout
    assert "service.conf" not in run.stdout
    run = host.run("sendmail", "-f", "boss@example.com", "bob@example.org",
                   user=user, text="Hello.\n")
    assert run.returncode == os.EX_NOPERM
    assert "no sender_login of the account default fits it" in run.stdout
    assert not postfix.mailbox("bob")
