# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""veredus-oauth refresh: a valid access token, renewed by one process."""

import os
import pathlib
import pwd
import signal
import subprocess
import threading
import time

import pytest

from oauth_helper import SCOPE, answer, assert_failed, lines_of, token
from oauth_helper import account, host  # noqa: F401 (fixtures)


def test_a_refresh_replaces_both_files(account, host):
    account.write_grant()
    before = int(time.time())
    run = account.run()
    assert run.returncode == 0, run
    assert run.stderr == ""
    printed = lines_of(run)
    assert list(printed) == ["access", "obtained", "expires", "end"]
    assert printed["access"] == "access-1"
    assert int(printed["expires"]) - int(printed["obtained"]) == 3600
    assert before <= int(printed["obtained"]) <= time.time()
    assert host.forms == [{
        "grant_type": "refresh_token", "refresh_token": "refresh-0",
        "scope": SCOPE, "client_id": "client"}]
    assert "Accept: application/json\r\n" in host.requests[0] + "\r\n"
    assert account.read("grant")["refresh_token"] == "refresh-1"
    assert account.read("access")["access_token"] == "access-1"
    assert account.modes() == {0o600}
    assert len(list(account.store.iterdir())) == 3


def test_a_fresh_token_is_used_again(account, host):
    account.write_grant()
    account.write_access(value="access-9")
    assert lines_of(account.run())["access"] == "access-9"
    assert host.requests == []


def test_a_token_in_its_margin_is_renewed(account, host):
    account.write_grant()
    account.write_access(age=3500)
    assert lines_of(account.run())["access"] == "access-1"


def test_a_token_in_its_margin_serves_when_the_refresh_fails(account, host):
    account.write_grant()
    account.write_access(age=3500, value="access-9")
    host.answers = [answer("503 Later")]
    for _ in range(2):
        run = account.run()
        assert run.returncode == 0, run
        assert lines_of(run)["access"] == "access-9"
    assert len(host.requests) == 1


def test_a_rejected_token_is_renewed_once(account, host):
    account.write_grant()
    obtained = account.write_access(age=100)
    assert lines_of(account.run(rejected=obtained))["access"] == "access-1"
    assert lines_of(account.run(rejected=obtained))["access"] == "access-1"
    assert len(host.requests) == 1


def test_many_processes_make_one_request(account, host):
    account.write_grant()
    runs = [account.start("refresh") for _ in range(20)]
    out = [run.communicate(timeout=120)[0] for run in runs]
    assert all("access access-1\n" in text for text in out), out
    assert len(host.requests) == 1
    assert account.read("grant")["refresh_token"] == "refresh-1"


def test_a_provider_without_rotation_keeps_the_refresh_token(account, host):
    account.write_grant()
    for value in (None, ""):
        host.answers = [token(refresh_token=value)]
        account.path("access").unlink(missing_ok=True)
        assert account.run().returncode == 0
        assert account.read("grant")["refresh_token"] == "refresh-0"


@pytest.mark.parametrize("value", [17, "a b"])
def test_a_refresh_token_that_cannot_be_stored_is_told(account, host, value):
    account.write_grant()
    host.answers = [token(refresh_token=value)]
    run = account.run()
    assert run.returncode == 0 and "access access-1" in run.stdout
    assert "may need a new login" in run.stderr
    assert account.read("grant")["refresh_token"] == "refresh-0"


def test_a_token_of_another_type_is_not_used(account, host):
    """But the refresh token beside it may be the only one."""
    account.write_grant()
    host.answers = [token(token_type="mac")]
    assert_failed(account.run(), 78, "token_type of the answer is mac")
    assert account.read("grant")["refresh_token"] == "refresh-1"
    assert not account.path("access").exists()


@pytest.mark.parametrize("told, lifetime", [
    ("3600", 3600), (7200.5, 7200), (None, 3600), (-1, 60), (0, 60),
    (1e99, 86400), ("soon", 3600), (10**30, 86400)])
def test_the_lifetime(account, host, told, lifetime):
    account.write_grant()
    host.answers = [token(expires_in=told)]
    printed = lines_of(account.run())
    assert int(printed["expires"]) - int(printed["obtained"]) == lifetime


ONCE = {"error_description": "AADSTS700082: It has expired.\r\nTrace ID: 1"}


@pytest.mark.parametrize("reply, status, words", [
    (answer("400 Bad", error="invalid_grant", **ONCE), 77,
     ["the login has ended", "invalid_grant: AADSTS700082: It has expired.",
      "run veredus --login -a work", "not used for too long"]),
    (answer("400 Bad", error="interaction_required"), 77, ["--login"]),
    (answer("401 No", error="invalid_client",
            error_description="AADSTS7000222: x"), 78,
     ["oauth_client_id", "secret has expired"]),
    (answer("400 Bad", error="invalid_scope"), 78, ["oauth_scope"]),
    (answer("403 No", error="access_denied"), 77, ["administrator"]),
    (answer("503 Later", error="temporarily_unavailable"), 75, ["503"]),
    (answer("500 Oh", error="invalid_grant"), 75, ["500"]),
    (answer("502 Bad", body="<html>"), 75, ["502"]),
    (answer("429 Slow"), 75, ["429"]),
    (answer("400 Bad", error="something_new"), 75, ["something_new"]),
    (answer("302 Found", ["Location: https://localhost/x"]), 75, ["302"]),
    (answer("404 No", body="no"), 75, ["404", "oauth_token_url"]),
    (answer(token="x"), 75, ["without a token"]),
    (answer(access_token=None), 75, ["without a token"]),
    (answer(access_token="a b"), 75, ["without a token"]),
    (answer(body='{"access_token":"a","access_token":"b"}'), 75, ["200"]),
    (answer(body='{"access_token":"a"'), 75, ["200"]),
    (answer(body='{"access_token":"a"}x'), 75, ["200"]),
    (answer(body='["access_token"]'), 75, ["200"]),
    (answer(body="[" * 60000), 75, ["200"]),
    (answer(body='{"a":' + "[" * 40 + "]" * 40 + ',"access_token":"a"}'), 75,
     ["200"]),
    (answer(body='{"access_token":"' + "a" * 70000 + '"}'), 75, ["65536"]),
    (answer(fields=[f"X: {'a' * 70000}"], access_token="a"), 75, []),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", 75, ["localhost"]),
    (b"", 75, ["localhost"])], ids=lambda value: "")
def test_failures_keep_the_grant(account, host, reply, status, words):
    grant = account.write_grant()
    before = grant.read_text()
    host.answers = [reply]
    run = account.run()
    assert_failed(run, status, *words)
    assert "Trace ID" not in run.stderr
    assert grant.read_text() == before
    assert len(list(account.store.iterdir())) == 2
    # Whoever comes at once gets the same answer, without a request.
    again = account.run()
    assert (again.returncode, again.stderr) == (status, run.stderr)
    assert len(host.requests) == 1


def test_a_person_may_ask_again(account, host):
    account.write_grant()
    host.answers = [answer("400 Bad", error="invalid_grant"), token()]
    assert account.run().returncode == 77
    assert account.run(retry=1).returncode == 0
    assert account.path("lock").read_text() == ""


def test_another_client_is_asked_about_again(account, host):
    account.write_grant()
    host.answers = [answer("400 Bad", error="invalid_client"), token()]
    assert account.run().returncode == 78
    assert account.run(client_secret="mended").returncode == 0
    assert host.forms[1]["client_secret"] == "mended"


@pytest.mark.parametrize("after, seconds", [
    ("2", 10), ("60", 60), ("100000", 300), ("soon", 10)])
def test_retry_after(account, host, after, seconds):
    account.write_grant()
    host.answers = [answer("503 Later", [f"Retry-After: {after}"])]
    assert account.run().returncode == 75
    note = account.read("lock")
    assert int(note["retry_after"]) - int(note["time"]) == seconds


def test_the_tokens_of_another_client_are_not_sent(account, host):
    account.write_grant()
    for key in ("client_id", "scope", "token_url"):
        changed = {key: account.keys[key] + "x"}
        assert_failed(account.run(**changed), 78, "nobody has logged in",
                      "veredus --login -a work")
    # A grant that was moved to another name is not sent either.
    text = account.path("grant").read_text()
    account.path("grant").write_text(
        text.replace("client_id client", "client_id other"))
    assert_failed(account.run(), 78, "client ID other, not for client")
    account.path("grant").write_text(text + "x")
    assert_failed(account.run(), 78, "damaged")
    assert host.requests == []


def test_the_ca_and_the_name_are_checked(account, host, certificates):
    account.write_grant()
    assert_failed(account.run(trust_file=certificates.path("ca2.pem")), 75,
                  "certificate of localhost")
    host.use_certificate(certificates.path("wrong-name.pem"),
                         certificates.path("wrong-name.key"))
    assert_failed(account.run(retry=1), 75, "certificate of localhost")
    assert host.requests == []


def test_a_trust_file_that_cannot_be_read(account, host, tmp_path):
    path = tmp_path / "trust.pem"
    account.write_grant()
    assert_failed(account.run(trust_file=path), 78, "oauth_trust_file",
                  str(path))
    assert host.requests == []


def test_a_host_that_is_not_there(account, host):
    account.write_grant()
    host.stop()
    assert_failed(account.run(), 75, "cannot reach localhost")


@pytest.mark.parametrize("change, words", [
    ({"token_url": "http://localhost/token"}, ["oauth_token_url"]),
    ({"token_url": "https://a@localhost/token"}, ["oauth_token_url"]),
    ({"token_url": "https://localhost/token#x"}, ["oauth_token_url"]),
    ({"timeout": "0"}, ["timeout"]), ({"store": "here"}, ["store"]),
    ({"colour": "blue"}, ["damaged"]), ({"client_id": None}, ["client_id"]),
    ({"client_auth": "basic"}, ["oauth_client_secret"]),
    ({"client_auth": "key"}, ["oauth_key_file"])])
def test_invalid_requests(account, change, words):
    assert_failed(account.run(**change), 78, *words)


def test_only_known_words(account):
    assert account.run("renew").returncode == 64


def mode(path, value):
    path.chmod(value)


def link(path):
    os.link(path, path.with_suffix(".second"))


def symlink(path):
    target = path.rename(path.with_suffix(".target"))
    path.symlink_to(target)


@pytest.mark.parametrize("change, words", [
    (lambda a: mode(a.store, 0o750), ["others may access", "chmod 700"]),
    (lambda a: mode(a.path("grant"), 0o640), ["others may access"]),
    (lambda a: mode(a.path("access"), 0o604), ["others may access"]),
    (lambda a: mode(a.path("lock"), 0o644), ["others may access"]),
    (lambda a: link(a.path("grant")), ["second name"]),
    (lambda a: link(a.path("lock")), ["second name"]),
    (lambda a: symlink(a.path("grant")), ["symbolic link"]),
    (lambda a: symlink(a.path("access")), ["symbolic link"]),
    (lambda a: symlink(a.path("lock")), ["symbolic link"]),
    (lambda a: symlink(a.store), ["symbolic link"])])
def test_a_store_that_others_reach_is_not_used(account, host, change, words):
    account.write_grant()
    account.write_access(age=9000)
    account.path("lock").touch(0o600)
    change(account)
    assert_failed(account.run(), 78, *words)
    assert host.requests == []


def test_a_store_that_cannot_be_written(account, host):
    if os.geteuid() == 0:
        pytest.skip("root can write to every folder")
    account.write_grant()
    account.store.chmod(0o500)
    assert_failed(account.run(), 78, "cannot keep a new token")
    account.store.chmod(0o700)
    assert host.requests == []


def open_to_all(path):
    """Lets every user reach a file of the tests."""
    for folder in path.parents:
        if folder.stat().st_uid == os.geteuid() and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o055)
    path.chmod(0o644)


def test_root_writes_the_store_of_another_user_as_that_user(account, host):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    uid = pwd.getpwnam("nobody").pw_uid
    account.write_grant()
    open_to_all(pathlib.Path(account.keys["trust_file"]))
    open_to_all(account.path("grant"))
    account.store.chmod(0o700)
    account.path("grant").chmod(0o600)
    for path in (account.store, *account.store.iterdir()):
        os.chown(path, uid, -1)
    run = account.run()
    assert run.returncode == 0, run
    assert {path.stat().st_uid for path in account.store.iterdir()} == {uid}


def wait_for_request(host):
    end = time.monotonic() + 60
    while not host.requests and time.monotonic() < end:
        time.sleep(0.02)
    assert host.requests


@pytest.mark.parametrize("number", [
    signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, None])
def test_the_answer_is_stored_whatever_happens_to_the_caller(
        account, host, number):
    answered = threading.Event()

    def reply(client):
        answered.wait(60)
        client.sendall(token())

    account.write_grant()
    host.answers = [reply]
    process = account.start("refresh")
    wait_for_request(host)
    if number:
        process.send_signal(number)
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()
    answered.set()
    process.wait(60)
    assert account.read("grant")["refresh_token"] == "refresh-1"
    assert account.read("access")["access_token"] == "access-1"


def test_the_process_shows_nothing(account, host):
    seen = {}

    def reply(client):
        folder = pathlib.Path(f"/proc/{process.pid}")
        seen["status"] = (folder / "status").read_text()
        seen["cmdline"] = (folder / "cmdline").read_bytes()
        seen["session"] = os.getsid(process.pid)
        client.sendall(token())

    account.write_grant()
    host.answers = [reply]
    process = account.start("refresh", client_secret="hush")
    process.communicate(timeout=60)
    assert "NoNewPrivs:\t1" in seen["status"]
    assert "Seccomp:\t2" in seen["status"]
    assert seen["cmdline"].split(b"\0")[1:] == [b"refresh", b""]
    assert seen["session"] == process.pid


# ---- the status ----

def read_only(account, *argv):
    """Runs a command while nothing can be written to the store."""
    store = str(account.store)
    if os.geteuid() != 0:
        os.chmod(store, 0o500)
        return list(argv)
    return ["unshare", "-m", "sh", "-c",
            'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" '
            '&& exec "$@"', store, *argv]


def run_read_only(account, word):
    run = subprocess.run(
        read_only(account, str(account.helper), word),
        input=account.request(), capture_output=True, text=True, timeout=60,
        env={"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
             "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})
    if "unshare" in run.stderr or "mount:" in run.stderr:
        pytest.skip(run.stderr.strip())
    return run


@pytest.mark.parametrize("age", [0, 9000])
def test_the_status_fails_if_no_new_token_can_be_kept(account, host, age):
    """A message fails with the same words when it needs a new token."""
    account.write_grant()
    account.write_access(age=age)
    assert account.run("status").returncode == 0
    assert sorted(path.suffix for path in account.store.iterdir()) == [
        ".access", ".grant"]
    run = run_read_only(account, "status")
    assert run.returncode == os.EX_CONFIG, run
    assert f"cannot keep a new token in {account.store}: " in run.stderr
    assert lines_of(run)["flow"] == "browser"  # what is stored is told
    if age > 0:
        refused = run_read_only(account, "refresh")
        assert (refused.returncode, refused.stderr) == (
            run.returncode, run.stderr)
    assert host.requests == []


def test_the_status_of_an_account_without_a_person_needs_no_store(account):
    run = account.run("status", grant="client_credentials",
                      client_secret="secret")
    assert run.returncode == 0, run
    assert not account.store.exists()
