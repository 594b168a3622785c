# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--check uses no account whose lines have an error."""

import os

import pytest

from findings import (check, closed_port, file, find, findings,  # noqa: F401
                      first_failure, one, system_file)

# Errors of the account b, and of all accounts.
WRONG = {
    "a value": "tls_fingerprint 00",
    "a name": "proxyhost 127.0.0.1",
    "quotes": "tls_crl_file \"x",
    "one of two values": "proxy_host a b",
    "eval": "eval exit 1",
}


@pytest.fixture
def with_canary(program, server):
    """Accounts that leave a file if the command for the password runs."""
    canary = program.home / "ran"

    def accounts(*names):
        server.play("S: 220 hi", optional=True)
        return "".join(one(
            f"port {server.port}", "tls off", "auth plain", "user a",
            f"passwordeval echo x | tee {canary}", name=name,
            host="127.0.0.1") for name in names)

    yield accounts
    assert not canary.exists() and not server.connections


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("argv", [[], ["--offline"], ["-a", "b"]])
def test_an_account_with_an_error_is_not_used(program, check, with_canary,
                                              what, argv):
    run = check(with_canary("b") + WRONG[what] + "\naccount default : b\n",
                *argv)
    place = f"{program.config}:9"
    assert run.status in (os.EX_CONFIG, os.EX_TEMPFAIL), run
    assert [(f.level, f.account) for f in findings(run)
            if f.level == "fail"] == [("fail", None)], run
    find(run, "note", "account", f"not checked, because of the error at "
         f"{place}", "correct the configuration")
    assert not [f for f in findings(run) if f.account is not None
                and f.item != "account"], run


@pytest.mark.parametrize("before, after", [
    ("defaults\nport x\n", ""), ("nonsense\n", ""),
    ("", "defaults\ntls_min_version 1.9\n"),
    ("", "account default\nhost mx.example\nqueue_dir /a\naccount c\n"
         "queue_dir /b\n")])
def test_an_error_that_concerns_all_accounts_ends_the_check(
        check, with_canary, before, after):
    run = check(before + with_canary("a", "b") + after)
    assert run.status == os.EX_CONFIG, run
    notes = find(run, "note", "account", "concerns all accounts")
    assert [f.account for f in notes] == [None]
    assert len([f for f in findings(run) if f.level == "fail"]) == 1, run


@pytest.mark.parametrize("line", ["queue_dir relative", "queue_dirr {home}/q",
                                  "queue_warn x", "kueue_dir {home}/q",
                                  "defaults\nqueue_dir \x01"])
def test_an_error_of_the_queue_leaves_it_unchecked(program, check, line):
    """The folder that is usual is another queue."""
    usual = program.home / ".local" / "state" / "veredus" / "queue"
    usual.mkdir(parents=True, mode=0o755)
    run = check(one("queue on", line), "--offline")
    number = 5 + line.count("\n")
    found = [f for f in findings(run) if f.item in ("queue", "timer")]
    assert [(f.level, f.text) for f in found] == [
        ("note", "not checked, because of the error at "
                 f"{program.config}:{number}")], run
    run = check(one("queue on", "tls_fingerprint 00"), "--offline")
    assert [f for f in findings(run) if f.item == "queue"
            and "not checked" not in f.text], run


def test_a_queue_that_is_not_known_is_not_checked(program, check):
    """A file that cannot be read, and accounts that differ."""
    run = check(None, "-C", str(program.home / "none"), "--offline")
    find(run, "note", "queue", "not checked, because of the error at "
         f"{program.home}/none")
    run = check(one("queue_dir /a") + one("queue_dir /b", name="b"),
                "--offline")
    find(run, "note", "queue", "not checked, because an error of")


def test_the_other_accounts_are_used(check, with_canary, server):
    """A name that is defined twice stands for both."""
    config = with_canary("a", "a", "b") + "auth no\n"
    run = check(config + one(f"port {closed_port()}", "tls off", name="c",
                             host="127.0.0.1"))
    assert {f.account for f in findings(run) if "not checked" in f.text} == {
        "a", "b"}, run
    assert [f.account for f in findings(run) if f.level == "fail"] == [
        None, None, "c"], run


def test_an_account_that_is_locked_is_not_used_with_another_server(
        program, check, with_canary):
    if os.geteuid() != 0:
        pytest.skip("only root can write a file that belongs to root")
    system = system_file(program)
    file("system.conf", with_canary("default locked"), 0o644)(program)
    port = with_canary("x").split("port ")[1].split()[0]
    run = check(None, "--host=127.0.0.1", f"--port={port}", "--tls=off",
                env={"VEREDUS_TEST_FILES":
                     f"{system}={program.home}/system.conf"})
    assert first_failure(run).item == "config", run
    find(run, "note", "account", "concerns all accounts")
