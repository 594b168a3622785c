# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--service --check: every error in the file of the service."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from program import SECRET
from queue_files import Queue
from service import ids, needs_users

pytestmark = needs_users
EXAMPLE = (pathlib.Path(__file__).resolve().parents[2] / "etc"
           / "service.conf.example")


def check(service, *argv, user=None):
    """Runs the check; returns the Run, and the lines of failures."""
    run = service.program.run(
        "--service", "--check", "-C", str(service.config), *argv,
        **ids(user or service.user))
    assert run.stderr == "", run
    run.failures = [line for line in run.stdout.splitlines()
                    if line.startswith("fail ")]
    assert all("; remedy: " in line for line in run.failures), run
    assert run.status == (os.EX_CONFIG if run.failures else 0), run
    return run


def test_check_lists_all_errors_and_shows_no_secret(serve, server, service):
    rules = service.config.parent / "rules"
    rules.write_text("a@y.example nobody-1\nb@y.example root\n\nc@y.example\n")
    service.write_config(
        "account a\nhost mx.example\ntls off\nusers no-such-user\n"
        f"sender_login_file {rules}\nsender_login a@y.example unknown\n"
        "account b\nhost mx.example\ntls off\nsender_login x@y.example @none\n"
        f"account c\nhost 127.0.0.1\ntls off\nauth plain\nuser bob\n"
        "passwordfile /nonexistent/password\n"
        "account d\nhost mx.example\nhost srv\n")
    run = check(service)
    assert run.status == os.EX_CONFIG
    errors = run.failures
    assert len(errors) == 7, run
    for text, error in zip(["no-such-user", "unknown", f"{rules}:1",
                            f"{rules}:4", "none", "/nonexistent/password",
                            "host"], errors):
        assert text in error, run
    service.write_config("account a\nno_such on\nusers uid:\naccount b\n")
    run = check(service)
    assert run.status == os.EX_CONFIG and len(run.failures) == 3


def test_check_finds_errors_of_every_kind_in_one_run(service):
    folder = service.config.parent  # belongs to root
    service.write_config(
        "defaults\ntls off\nhost mx.example\n"
        f"account a\nno_such on\nqueue on\nqueue_dir {folder}/queue\n"
        f"account b\narchive maildir:{folder}/sent\nusers no-such-user\n"
        "archive_required on\naccount c\nauth plain\nuser x\n"
        f"account d\narchive maildir:{service.state}/sent\n")
    run = check(service)
    assert run.status == os.EX_CONFIG
    errors = run.failures
    assert len(errors) == 5, run
    for text in (":5: unknown keyword", f"{service.config}:7): {folder}",
                 f"{service.config}:9): {folder}", "no-such-user",
                 "in clear text"):
        assert any(text in error for error in errors), (text, run)
    assert not (service.state / "sent").exists()
    assert sorted(os.listdir(folder)) == ["service.conf", "state"]


def test_check_names_the_setting_of_each_file(service):
    folder = service.config.parent
    folder.joinpath("aliases").mkdir()
    service.write_config(
        "defaults\nhost mx.example\n"
        f"aliases {folder}/aliases\n"
        "account a\ntls on\ntls_trust_file /nonexistent/ca\n"
        "account b\ntls off\nsender_login_file /nonexistent/rules\n"
        "users no-such-user @no-such-group\n")
    run = check(service)
    assert run.status == os.EX_CONFIG
    errors = run.failures
    assert len(errors) == 4, run
    for start, end in [("aliases", 3), ("tls_trust_file", 6),
                       ("sender_login_file", 9), ("users", 10)]:
        assert any(f" {start} ({service.config}:{end})" in error
                   for error in errors), (start, run)
    assert "no-such-user" in run.stdout and "no-such-group" in run.stdout


@pytest.mark.parametrize("folder", ["queue/tmp", "queue/queue", "sent/tmp",
                                    "sent/new"])
def test_check_writes_to_each_folder_as_a_message_would(service, folder):
    for name in ("queue", "queue/tmp", "queue/queue", "sent", "sent/tmp",
                 "sent/new", "sent/cur"):
        service.state.joinpath(name).mkdir(mode=0o700)
        shutil.chown(service.state / name, service.user)
    service.write_config(service.account(
        9, "queue on", service.queue, f"archive maildir:{service.state}/sent",
        "archive_required on"))
    assert check(service).status == 0
    service.state.joinpath(folder).chmod(0o500)
    run = check(service)
    assert run.status == os.EX_CONFIG
    assert f"{service.state}/{folder}: cannot write" in run.stdout, run
    if folder.startswith("queue"):
        command = re.search("remedy: (chmod -R .*)", run.stdout)[1]
        subprocess.run(["sh", "-c", command], check=True)
        assert check(service).status == 0
    assert not any((service.state / folder).iterdir())


def test_check_names_the_command_for_a_login(service, binary):
    if not (binary.parent / "helpers/veredus-oauth").exists():
        pytest.skip("built without libcurl")
    service.write_config(
        "account oa\nhost mx.example\noauth_provider google\n"
        "oauth_client_id x\nuser a@example.org\n"
        f"oauth_store {service.state}/tokens\n")
    run = check(service)
    assert run.status == os.EX_CONFIG
    assert f"run veredus -C {service.config} --login -a oa" in run.stdout, run


@pytest.mark.parametrize("user", [None, "root"])
def test_commands_of_remedies_act_on_the_service(service, user):
    Queue(service.state / "queue").add(age=2 * 24 * 3600)
    for path in (service.state / "queue").rglob("*"):
        shutil.chown(path, service.user)
    shutil.chown(service.state / "queue", service.user)
    service.write_config(service.account(
        9, "filter cat", "queue on", service.queue))
    run = check(service, user=user)
    program = f"runuser -u {'veredus' if user else service.user} -- veredus"
    options = f"{program} --service -C {service.config}"
    assert (f"remedy: {program} -C {service.config} --print -a default "
            "<MESSAGE") in run.stdout, run
    assert (f"\"* * * * * veredus --service -C {service.config} -q\" with "
            "crontab -e -u ") in run.stdout, run
    assert f"{options} {'--check' if user else '-qf'}" in run.stdout, run


def test_the_command_for_a_filter_works_as_written(service):
    service.write_config(service.account(9, "filter cat; echo END"))
    run = check(service)
    command = re.search("remedy: (runuser .* --print .*)", run.stdout)[1]
    folder = pathlib.Path(service.program.binary).parent
    found = subprocess.run(
        ["sh", "-c", command.replace("<MESSAGE", "")], text=True,
        input="To: bob@example.org\n\nhi\n", capture_output=True,
        env=service.program.environment(
            {"PATH": f"{folder}:/usr/sbin:/sbin:/usr/bin:/bin"}))
    assert found.stdout.endswith("hi\nEND\n"), found


@pytest.mark.parametrize("mode, user", [(0o500, None), (0o500, "root"),
                                        (0o755, None)])
def test_a_store_that_cannot_be_written_comes_before_the_login(
        service, binary, mode, user):
    if not (binary.parent / "helpers/veredus-oauth").exists():
        pytest.skip("built without libcurl")
    store = service.state / "tokens"
    store.mkdir(mode=0o700)
    shutil.chown(store, service.user)
    service.write_config(
        "account oa\nhost mx.example\noauth_provider google\n"
        f"oauth_client_id x\nuser a@example.org\noauth_store {store}\n")
    command = (f"remedy: as root: veredus -C {service.config} --login -a oa\n")
    assert command in check(service, user=user).stdout
    store.chmod(mode)
    run = check(service, user=user)
    assert f"remedy: chmod -R u+rwX,go= {store}\n" in run.stdout, run
    store.chmod(0o700)
    shutil.chown(store, "root")
    run = check(service)
    assert f"or as root: chown -R {ids(service.user)['user']} {store}; " \
        in run.stdout, run


def test_check_names_what_leads_back_to_the_service(service):
    """It has no client, and so no socket; veredus.socket has the usual one."""
    service.write_config("account a\nsocket /run/veredus/submit\n"
                         f"account b\nsocket {service.path}\n")
    run = check(service)
    assert run.status == os.EX_CONFIG
    assert f"socket ({service.config}:2) is that of veredus.socket" \
        in run.stdout, run
    assert len([line for line in run.failures
                if line.startswith("fail users ")]) == 1, run


def test_check_lists_what_is_wrong_in_a_line_and_nothing_that_follows(service):
    service.write_config("account a\nhost a b\ntls off\n"
                         "account b : a\nusers @@x, roott\n"
                         "account c\nhost mx.example\ntls off\n"
                         "sender_login *@example.org nobody, @@y, no-such\n")
    run = check(service)
    assert run.status == os.EX_CONFIG
    errors = run.failures
    assert len(errors) == 3, run
    assert ":2: host" in errors[0]
    assert "@@x" in errors[1] and "roott" in errors[1]
    assert "@@y" in errors[2] and "no-such" in errors[2]


def test_check_follows_the_aliases(service):
    aliases = service.config.parent / "aliases"
    aliases.write_text("loop: again\nagain: loop\n"
                       "list: :include:/nonexistent/list\n")
    service.write_config(
        f"account a\nhost mx.example\ntls off\naliases {aliases}\n")
    run = check(service)
    assert run.status == os.EX_CONFIG
    assert f"{aliases}:2: the alias again refers back" in run.stdout, run
    assert "/nonexistent/list" in run.stdout, run


def test_check_has_a_form_for_a_monitor(service):
    service.write_config("account a\nhost mx.example\ntls off\n"
                         "users no-such-user\n")
    run = service.program.run("--service", "--check", "--monitor", "-C",
                              str(service.config), **ids(service.user))
    assert run.status == 2 and "no-such-user" in run.stdout, run


def test_check_prints_an_error_of_several_accounts_once(service):
    aliases = service.config.parent / "aliases"
    aliases.write_text("root: |/bin/cat\n")
    service.write_config(
        f"defaults\nhost mx.example\ntls off\naliases {aliases}\n"
        "account a\naccount b\n")
    run = check(service)
    assert run.status == os.EX_CONFIG
    assert len(run.failures) == 1, run


def test_check_accepts_the_example(serve, server, service):
    password = service.config.parent / "password"
    password.write_text(SECRET)
    shutil.chown(password, "root", service.user)
    password.chmod(0o640)
    text = EXAMPLE.read_text().replace("/etc/veredus/password", str(password))
    service.write_config(text.replace("queue on", f"queue on\n{service.queue}"))
    for user in service.user, "root":
        run = check(service, user=user)
        assert run.status == 0, run
        assert ("no folder was tried" in run.stdout) == (user == "root")
        assert run.stderr == "" or user == "root"
