# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs share one grant, and no end of a process loses it."""

import os
import pathlib
import signal
import subprocess
import threading
import time

import pytest

pytest.importorskip("authlib")
pytest.importorskip("flask")

from dialogue import STARTTLS, ehlo, greet, lines  # noqa: E402
from oauth_account import ALICE, LIFETIME  # noqa: E402
from processes import has_open, helper_of, wait_until  # noqa: E402
from program import MESSAGE  # noqa: E402
from scripted import ScriptedServer  # noqa: E402

TEMPORARY, LOGIN = os.EX_TEMPFAIL, os.EX_NOPERM
JOBS = 100
MESSAGES = 10  # of JOBS, those that go through the mail server


@pytest.mark.parametrize("left", [None, -10, 200])
def test_a_hundred_jobs_ask_once(oauth, authority, token_postfix, left):
    grant = oauth.plant(left)
    helpers = [oauth.refresh(wait=False) for _ in range(JOBS - MESSAGES)]
    jobs = [oauth.program.start("-f", ALICE, "bob@example.org")
            for _ in range(MESSAGES)]
    for job in jobs:
        job.stdin.write(MESSAGE)
        job.stdin.close()
    for process in [*helpers, *jobs]:
        errors = process.stderr.read()
        assert process.wait(60) == 0, errors
    assert authority.counts["token"] == 1
    assert len(token_postfix.wait_for("bob", MESSAGES, 60)) == MESSAGES
    assert grant.alive
    # The grant can be used again.
    oauth.path("access").unlink()
    assert oauth.refresh().returncode == 0
    assert authority.counts["token"] == 2


def test_short_lifetimes_do_not_disturb_messages(oauth, authority):
    authority.token_seconds = 2
    oauth.plant(-10)
    began = time.monotonic()
    sent = seconds = 0
    while seconds < 3 or sent < 4:
        run = oauth.send()
        assert run.status == 0, run
        sent += 1
        time.sleep(0.2)
        seconds = time.monotonic() - began
    assert 2 <= oauth.refreshes() <= 2 + seconds


@pytest.fixture
def held(authority):
    """A refresh that has happened, and whose answer waits for `release`."""
    release = threading.Event()
    fault = authority.fail(hold=release)
    yield fault.arrived, release
    release.set()


def start_send(oauth, **options):
    process = oauth.program.start("-f", ALICE, "bob@example.org", **options)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    return process


def assert_renewed(oauth, grant):
    """The refresh token of the answer that was held is in the store."""
    wait_until(lambda: len(grant.tokens) == 2)
    wait_until(lambda: oauth.read("grant")["refresh_token"]
               == grant.tokens[1].refresh)
    wait_until(oauth.path("access").exists)
    run = oauth.send()
    assert run.status == 0, run
    assert grant.alive and oauth.refreshes() == 1


@pytest.mark.parametrize("number", [
    signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE])
def test_a_signal_does_not_lose_a_grant(oauth, held, number):
    arrived, release = held
    grant = oauth.plant()
    process = start_send(oauth)
    assert arrived.wait(60)
    os.kill(helper_of(process.pid), number)
    release.set()
    run = oauth.program.end(process)
    assert run.status == 0, run
    assert_renewed(oauth, grant)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT,
                                    signal.SIGHUP])
def test_the_end_of_the_caller_does_not_lose_a_grant(oauth, held, number):
    """Ctrl-C and the end of a terminal reach the whole group.

    A program that has read its message goes on after a hangup.
    """
    arrived, release = held
    grant = oauth.plant()
    process = start_send(oauth, start_new_session=True)
    assert arrived.wait(60)
    assert helper_of(process.pid)
    os.killpg(process.pid, number)
    if number != signal.SIGHUP:
        process.wait(60)
    release.set()
    process.communicate()
    assert_renewed(oauth, grant)


def test_the_deadline_of_the_caller_does_not_lose_a_grant(oauth, held):
    arrived, release = held
    grant = oauth.plant()
    oauth.configure(deadline=3)
    run = oauth.send()
    assert run.status == TEMPORARY, run
    release.set()
    oauth.configure(deadline=None)
    assert_renewed(oauth, grant)


def test_a_lock_that_is_held_ends_the_wait(oauth, held):
    arrived, release = held
    oauth.plant()
    first = oauth.refresh(wait=False)
    assert arrived.wait(60)
    second = oauth.refresh(deadline=4)
    assert second.returncode == TEMPORARY
    assert "another veredus" in second.errors
    release.set()
    first.communicate()
    assert first.returncode == 0


def test_a_failure_that_others_wait_for_is_theirs(oauth, authority, held):
    arrived, release = held
    authority.faults[0].cut = True
    oauth.plant()
    waiting = [oauth.refresh(wait=False)]
    assert arrived.wait(60)
    waiting += [oauth.refresh(wait=False) for _ in range(10)]
    for process in waiting:
        wait_until(lambda: has_open(process.pid, ".lock"))
    time.sleep(0.5)  # nobody tells that a helper waits for the lock
    release.set()
    for process in waiting:
        process.communicate()
        assert process.returncode == TEMPORARY
    assert authority.counts["token"] == 1


@pytest.fixture(scope="module")
def kill_rename(tmp_path_factory):
    library = tmp_path_factory.mktemp("kill") / "kill_rename.so"
    subprocess.run(
        [*os.environ.get("CC", "cc").split(), "-D_GNU_SOURCE", "-shared",
         "-fPIC", "-o", library,
         pathlib.Path(__file__).with_name("kill_rename.c"), "-ldl"],
        check=True)
    return library


@pytest.mark.usefixtures("own_calls")
@pytest.mark.parametrize("rename, rotation, status", [
    (1, "strict", LOGIN), (1, "lenient", 0), (2, "strict", 0)])
def test_a_helper_that_is_killed_between_its_files(
        oauth, authority, kill_rename, rename, rotation, status):
    authority.rotation = rotation
    oauth.plant()
    killed = oauth.refresh(env={"LD_PRELOAD": str(kill_rename),
                                "VEREDUS_TEST_RENAME": str(rename)})
    assert killed.returncode == -signal.SIGKILL
    assert oauth.refreshes() == 1
    run = oauth.send()
    assert run.status == status, run
    assert status == 0 or "veredus --login" in run.stderr


def test_jobs_that_a_server_locks_out_renew_nothing(
        oauth, authority, certificates):
    """Microsoft says so if SMTP AUTH is switched off for the mailbox."""
    authority.opaque = True  # short enough for an initial response
    oauth.plant(LIFETIME - 100)
    for _ in range(20):
        server = ScriptedServer()
        server.use_certificate(certificates, "good")
        server.play(lines(
            greet("STARTTLS"), STARTTLS, ehlo("AUTH XOAUTH2"),
            "C: AUTH XOAUTH2 *",
            "S: 535 5.7.139 SmtpClientAuthentication is disabled for the "
            "Tenant.", "C? QUIT\nEOF"))
        oauth.configure(port=server.port, auth="xoauth2")
        run = oauth.send()
        server.finish()
        server.listener.close()
        assert run.status == os.EX_CONFIG, run
        assert "SmtpClientAuthentication" in run.stderr
    assert not authority.counts
