# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that --check proposes work as they are written."""

import os
import subprocess

import pytest

from findings import (check, file, find, first_failure, login,  # noqa: F401
                      one)
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
