# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token store must be safe and writable before anything is asked."""

import os
import subprocess
import time

import pytest

pytest.importorskip("authlib")
pytest.importorskip("flask")

from oauth_account import LIFETIME  # noqa: E402
from program import MESSAGE  # noqa: E402

CONFIG, TEMPORARY = os.EX_CONFIG, os.EX_TEMPFAIL
NOBODY = 65534
as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files away and mount")


def assert_refused(oauth, status, *words):
    run = oauth.send()
    assert run.status == status, run
    for word in words:
        assert word in run.stderr
    assert run.stderr.count("\n") == 1
    assert not oauth.authority.counts


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_that_others_may_enter_is_refused(oauth, mode):
    oauth.plant()
    oauth.store.chmod(mode)
    assert_refused(oauth, CONFIG, str(oauth.store), "chmod 700")


def test_a_folder_that_is_a_symbolic_link_is_refused(oauth):
    oauth.plant()
    other = oauth.store.with_name("other")
    oauth.store.rename(other)
    oauth.store.symlink_to(other)
    assert_refused(oauth, CONFIG, "symbolic link")


@as_root
def test_a_folder_of_somebody_else_is_refused(oauth):
    oauth.plant()
    os.chown(oauth.store, NOBODY, NOBODY)
    assert_refused(oauth, CONFIG, f"uid {NOBODY}")


@pytest.mark.parametrize("kind", ["grant", "access"])
@pytest.mark.parametrize("harm", ["mode", "link", "name", "owner"])
def test_an_unsafe_file_is_refused(oauth, kind, harm):
    oauth.plant(-10)
    path = oauth.path(kind)
    other = oauth.store.with_name("other")
    if harm == "mode":
        path.chmod(0o640)
    elif harm == "link":
        path.rename(other)
        path.symlink_to(other)
    elif harm == "name":
        os.link(path, other)
    elif os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    else:
        pytest.skip("only root can give files away")
    assert_refused(oauth, CONFIG, str(path))


@as_root
@pytest.mark.parametrize("harm, status", [
    ("head -c 1m /dev/zero >store/filler 2>/dev/null || true", TEMPORARY),
    ("mount -o remount,ro store", CONFIG)], ids=["full", "read-only"])
def test_a_folder_without_room_is_found_before_the_request(
        oauth, program, authority, harm, status):
    oauth.plant()
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c",
         "set -e; mv store planted; mkdir store;"
         "mount -t tmpfs -o size=100k,mode=0700 none store;"
         f"cp -p planted/* store; {harm}; "
         "exec $0 -f alice@example.org bob@example.org", program.binary],
        cwd=program.folder, env=program.environment({}), input=MESSAGE,
        capture_output=True, timeout=60)
    assert run.returncode == status, run
    assert str(oauth.store) in run.stderr.decode()
    assert not authority.counts


@pytest.mark.parametrize("change", [
    lambda text: text.replace("end\n", ""),
    lambda text: text.replace("-grant 1", "-grant 2"),
    lambda text: text.replace("flow ", "flow browser\nflow "),
    lambda text: text.replace("flow ", "nonsense 1\nflow "),
    lambda text: text.replace("end\n", "end\nend\n"),
    lambda text: ""],
    ids=["cut", "version", "doubled", "unknown", "more", "empty"])
def test_a_damaged_grant_is_a_configuration_error(oauth, change):
    oauth.plant()
    path = oauth.path("grant")
    path.write_text(change(path.read_text()))
    assert_refused(oauth, CONFIG, "veredus --login")


def test_a_damaged_access_token_is_as_none(oauth, authority):
    oauth.plant(LIFETIME - 100)
    path = oauth.path("access")
    path.write_text(path.read_text().replace("end\n", ""))
    assert oauth.send().status == 0
    assert oauth.refreshes() == 1


@pytest.mark.parametrize("text", ["", "nonsense\n", "veredus-oauth-lock 1\n"])
def test_a_damaged_note_of_a_failure_means_none(oauth, text):
    oauth.plant()
    oauth.path("lock").touch(0o600)
    oauth.path("lock").write_text(text)
    assert oauth.send().status == 0


@pytest.mark.parametrize("shift", [-7200, 7200])
def test_a_clock_that_was_set_costs_one_refresh(oauth, authority, shift):
    """The times in the file are those of the clock before it was set."""
    grant = oauth.plant(LIFETIME - 100)
    now = int(time.time())
    oauth.write("access", **oauth.identity(), obtained=now - 100 - shift,
                expires=now + LIFETIME - 100 - shift,
                access_token=grant.tokens[0].access)
    for _ in range(2):
        assert oauth.send().status == 0
    assert oauth.refreshes() == 1


def test_a_second_account_has_tokens_of_its_own(oauth, authority):
    grant = oauth.plant(LIFETIME - 100)
    oauth.configure(user="bob@example.org")
    run = oauth.send()
    assert run.status == CONFIG and "--login" in run.stderr, run
    oauth.plant(user="bob@example.org")
    assert oauth.send().status == 0
    assert grant.alive and len(list(oauth.store.glob("*.grant"))) == 2
