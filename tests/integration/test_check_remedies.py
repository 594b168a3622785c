# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that --check proposes work as they are written."""

import os
import socket
import subprocess

import pytest

from findings import (check, file, find, first_failure, login,  # noqa: F401
                      one, system_file)
from queue_files import Queue


def test_the_commands_of_remedies_act_on_the_file_of_c(program, check):
    other = program.home / "other file"
    Queue(program.home / "queue").add(age=2 * 86400)
    file("other file", login("filter cat", "queue on",
                             f"queue_dir {program.home}/queue")
         + one("oauth_provider google", "oauth_client_id x", "user a@b.org",
               f"oauth_store {program.home}/store", name="b")
         + one(name="c", host="mx"))(program)
    run = check(None, "-C", str(other), "--offline")
    for command in ("--check -a default", "--print -a default", "--login -a b",
                    "-qf"):
        assert f"veredus -C '{other}' {command}" in run.stdout, run
    run = check(None, "-C", str(other), "-a", "c")
    find(run, "note", "server", "",
         f"veredus -C '{other}' --check RECIPIENT -a c")


def test_a_line_for_cron_names_the_file_of_c(program, check):
    """The timers of systemd read the usual file; "%" ends a command of cron."""
    other = program.home / "other 100%"
    file(other.name, one("queue on", f"queue_dir {program.home}/queue"))(
        program)
    run = check(None, "-C", str(other), "--offline")
    found = find(run, "warn", "timer")[0]
    name = str(other).replace("%", "\\%")
    assert f"\"* * * * * veredus -C '{name}' -q\" with crontab -e" in \
        found.remedy and "systemctl" not in found.remedy, run


def test_configure_appends_to_the_file_of_c(program, check):
    other = program.home / "other file"
    file(other.name, "# empty\n")(program)
    run = check(None, "-C", str(other), "--offline")
    command = f"veredus --configure ADDRESS >>'{other}'"
    assert first_failure(run).remedy == command, run
    folder = os.path.dirname(program.binary)
    subprocess.run(["sh", "-c", command.replace("ADDRESS", "a@gmail.com")],
                   env=program.environment({"PATH": f"{folder}:/usr/bin:/bin"}),
                   check=True)
    run = check(None, "-C", str(other), "--offline")
    find(run, "ok", "config", "1 account in ")


def test_a_damaged_message_is_to_be_moved(program, check):
    """No queue run helps against it."""
    place = program.home / "queue" / "queue"
    place.mkdir(parents=True, mode=0o700)
    (program.home / "queue").chmod(0o700)
    (place / "no message").touch(0o600)
    run = check(one("queue on", "queue_dir {home}/queue"), "--offline")
    assert find(run, "warn", "queue")[0].remedy == (
        "move the files that cannot be used out of the queue"), run


def test_a_store_of_tokens_that_cannot_be_used_has_its_remedy(program, check):
    """A login would fail as well, as long as the folder is so."""
    if not os.path.exists(os.path.join(os.path.dirname(program.binary),
                                       "helpers/veredus-oauth")):
        pytest.skip("built without libcurl")
    config = one("oauth_provider google", "oauth_client_id x", "user a@b.org",
                 "oauth_store {home}/the store")
    store = program.home / "the store"
    login_command = "veredus --login -a default"
    run = check(config, "--offline")
    assert find(run, "fail", "token")[0].remedy == login_command, run
    store.touch()
    run = check(config, "--offline")
    find(run, "fail", "token", "", f"set oauth_store to a folder: {store} is")
    store.unlink()
    store.mkdir(mode=0o755)
    run = check(config, "--offline")
    command = find(run, "fail", "token")[0].remedy
    assert command == f"chmod -R u+rwX,go= '{store}'", run
    subprocess.run(["sh", "-c", command], check=True)
    run = check(config, "--offline")
    assert find(run, "fail", "token")[0].remedy == login_command, run


def test_paths_in_commands_are_quoted(program, check):
    file("my secret", "x", 0o644)(program)
    run = check(login("passwordfile ~/my secret"), "--offline")
    find(run, "fail", "password", "",
         f"chmod 600 '{program.home}/my secret'")


def test_the_commands_of_remedies_have_the_settings_of_the_command_line(
        program, check):
    run = check(None, "--host=mx.example", "--filter=cat", "--queue=on",
                "--offline")
    find(run, "note", "filter", "",
         "veredus --print --host=mx.example --filter=cat --queue=on <MESSAGE")
    Queue(program.home / "the queue").add(age=2 * 86400)
    folder = f"'--queue-dir={program.home}/the queue'"
    run = check(one("queue on", "tls on", "tls_certcheck off"), "--offline",
                f"--queue-dir={program.home}/the queue")
    find(run, "fail", "queue", "", f"veredus -qf {folder}")
    timer = find(run, "warn", "timer")[0].remedy
    assert timer == f"add the line \"* * * * * veredus -q {folder}\" with " \
        "crontab -e", run
    find(run, "warn", "tls", "", "tls_fingerprint, which veredus --serverinfo "
         f"{folder} -a default shows")


def test_the_folder_of_the_command_line_has_the_queue_run(program, check):
    """The option may follow -qf."""
    folder = program.home / "queue"
    Queue(folder)
    run = program.run("-qf", f"--queue-dir={folder}", stdin=None)
    assert run.status == 0, run


def test_a_file_of_c_that_does_not_exist_can_be_made(program, check):
    run = check(None, "-C", str(program.home / "none"), "--offline")
    assert first_failure(run).remedy == (
        f"veredus --configure ADDRESS >>{program.home}/none"), run


def test_a_default_belongs_to_the_file_of_its_account(program, check):
    if os.geteuid() != 0:
        pytest.skip("only root can write a file that belongs to root")
    system = system_file(program)
    file("system.conf", one("from a@example.org", name="a"), 0o644)(program)
    run = check("# none\n", "--offline", env={
        "VEREDUS_TEST_FILES": f"{system}={program.home}/system.conf"})
    find(run, "warn", "from", "", f"\"account default : a\" to {system}")


def test_a_socket_that_others_may_use_needs_rights(program, check):
    if os.geteuid() == 0:
        pytest.skip("root may connect to every socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(program.home / "socket"))
        server.listen()
        (program.home / "socket").chmod(0)
        run = check("account default\nsocket {home}/socket\n", "--offline")
    find(run, "fail", "socket", "Permission denied", "give this user the right")
