# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An access token is renewed when a message needs it (RFC 6749 section 6)."""

import json
import os
import threading
import time

import pytest

pytest.importorskip("authlib")
pytest.importorskip("flask")

from oauth_account import LIFETIME, replace, without  # noqa: E402

CONFIG, TEMPORARY, LOGIN = os.EX_CONFIG, os.EX_TEMPFAIL, os.EX_NOPERM
JSON = {"Content-Type": "application/json"}


def refusal(error, status=400, **more):
    return {"status": status, "headers": JSON,
            "body": json.dumps({"error": error, **more})}


def test_a_fresh_token_is_used_without_asking(
        oauth, authority, token_postfix):
    oauth.plant(left=LIFETIME - 100)
    run = oauth.send()
    assert run.status == 0, run
    assert not authority.counts
    assert len(token_postfix.wait_for("bob")) == 1


@pytest.mark.parametrize("left", [None, -10, 100])
def test_a_token_near_its_end_is_renewed_once(
        oauth, authority, token_postfix, left):
    grant = oauth.plant(left)
    for _ in range(2):
        run = oauth.send()
        assert run.status == 0, run
    assert oauth.refreshes() == authority.counts["token"] == 1
    assert len(token_postfix.wait_for("bob", 2)) == 2
    token = grant.tokens[-1]
    assert oauth.read("grant")["refresh_token"] == token.refresh
    access = oauth.read("access")
    assert access["access_token"] == token.access
    assert int(access["expires"]) - int(access["obtained"]) == LIFETIME
    assert abs(int(access["obtained"]) - time.time()) < 60
    assert {path.name for path in oauth.store.iterdir()} == {
        oauth.path(kind).name for kind in ("grant", "access", "lock")}
    for path in oauth.store.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("fault, status, words", [
    ({"status": 503, "headers": {"Retry-After": "120"}}, TEMPORARY, "503"),
    ({"status": 502, "body": "<html>Bad Gateway</html>"}, TEMPORARY, "502"),
    ({"status": 429}, TEMPORARY, "429"),
    ({"status": 408}, TEMPORARY, "408"),
    ({"status": 302, "headers": {"Location": "/jwks"}}, TEMPORARY, "302"),
    ({"status": 404, "body": "not here"}, TEMPORARY, "404"),
    ({"edit": without("access_token")}, TEMPORARY, "instead of a token"),
    ({"edit": replace(access_token="")}, TEMPORARY, "token"),
    ({"edit": replace(access_token=17)}, TEMPORARY, "token"),
    ({"status": 200, "body": '{"access_token":"abc"'}, TEMPORARY, "token"),
    ({"status": 200, "body": '{"a":"b" "c":"d"}'}, TEMPORARY, "token"),
    ({"status": 200, "body": "<html>portal</html>"}, TEMPORARY, "token"),
    ({"edit": replace(more="x" * 70000)}, TEMPORARY, ""),
    (refusal("invalid_grant"), LOGIN, "veredus --login"),
    (refusal("interaction_required"), LOGIN, "veredus --login"),
    (refusal("invalid_client", 401), CONFIG, "oauth_client_id"),
    (refusal("invalid_scope"), CONFIG, "invalid_scope"),
    (refusal("access_denied"), LOGIN, "administrator"),
    (refusal("temporarily_unavailable"), TEMPORARY, ""),
    (refusal("server_error", 500), TEMPORARY, "500"),
], ids=lambda value: str(value)[:40])
def test_an_answer_without_a_token_keeps_the_grant(
        oauth, authority, token_postfix, fault, status, words):
    oauth.plant(-10)
    before = oauth.path("grant").read_bytes()
    authority.fail(**fault)
    for _ in range(2):  # the second one does not ask
        run = oauth.send()
        assert run.status == status, run
        assert words in run.stderr
        assert run.stderr.count("\n") == 1
    assert authority.counts["token"] == 1 and not authority.counts["jwks"]
    assert oauth.path("grant").read_bytes() == before
    assert not token_postfix.mailbox("bob")


def test_the_words_of_the_provider_are_cleaned(oauth, authority):
    oauth.plant(-10)
    authority.fail(**refusal(
        "invalid_grant", error_description="AADSTS50173: gone \x1b[31m\u202e."
        "\r\nTrace ID: 0123-4567" + "x" * 1000))
    run = oauth.send()
    assert run.status == LOGIN, run
    assert "AADSTS50173" in run.stderr and len(run.stderr) < 1000


def test_a_new_token_is_not_asked_for_again_before_its_time(
        oauth, authority):
    oauth.plant(100)
    authority.fail(status=503)
    for _ in range(2):
        run = oauth.send()
        assert run.status == 0, run
    assert authority.counts["token"] == 1
    oauth.forget_failure()
    assert oauth.send().status == 0
    assert authority.counts["token"] == 2


@pytest.mark.parametrize("edit", [
    without("refresh_token"), replace(refresh_token=None),
    replace(refresh_token="")], ids=["absent", "null", "empty"])
def test_without_a_new_refresh_token_the_old_one_is_kept(
        oauth, authority, edit):
    authority.rotation = "lenient"
    grant = oauth.plant(-10)
    authority.fail(edit=edit)
    assert oauth.send().status == 0
    assert oauth.read("grant")["refresh_token"] == grant.tokens[0].refresh


@pytest.mark.parametrize("edit, lifetime", [
    (replace(expires_in="3600"), 3600), (without("expires_in"), 3600),
    (replace(expires_in=-1), 60), (replace(expires_in=1e99), 86400),
    (replace(expires_in=100000), 86400)],
    ids=["text", "absent", "negative", "huge", "long"])
def test_the_lifetime_may_be_told_in_many_forms(
        oauth, authority, edit, lifetime):
    oauth.plant(-10)
    authority.fail(edit=edit)
    assert oauth.send().status == 0
    access = oauth.read("access")
    assert int(access["expires"]) - int(access["obtained"]) == lifetime


def test_without_a_login_it_says_how_to_log_in(oauth, authority):
    run = oauth.send()
    assert run.status == CONFIG, run
    assert "veredus --login" in run.stderr
    assert not authority.counts


@pytest.mark.parametrize("name, value", [
    ("oauth_token_url", "https://localhost:1/token"),
    ("oauth_client_id", "secret-client")])
def test_a_refresh_token_never_goes_elsewhere(oauth, authority, name, value):
    oauth.plant(-10)
    text = oauth.path("grant").read_text()
    oauth.configure(**{name: value})
    run = oauth.send()
    assert run.status == CONFIG, run
    # Even in the file of this account it is that of another one.
    oauth.path("grant").write_text(text)
    oauth.path("grant").chmod(0o600)
    run = oauth.send()
    assert run.status == CONFIG, run
    assert "was obtained for" in run.stderr
    assert not authority.counts


@pytest.mark.parametrize("rotation, status", [
    ("lenient", 0), ("none", 0), ("strict", LOGIN)])
def test_a_lost_answer_is_fatal_only_at_a_strict_server(
        oauth, authority, rotation, status):
    authority.rotation = rotation
    oauth.plant(-10)
    authority.fail(cut=True)
    run = oauth.send()
    assert run.status == TEMPORARY, run
    oauth.forget_failure()
    run = oauth.send()
    assert run.status == status, run
    assert status == 0 or "veredus --login" in run.stderr


def test_a_revoked_token_is_renewed_and_the_login_repeated(
        oauth, authority, token_postfix):
    authority.opaque = True
    grant = oauth.plant(LIFETIME - 100)
    grant.tokens[0].revoked = True
    run = oauth.send()
    assert run.status == 0, run
    assert oauth.refreshes() == 1
    assert len(token_postfix.wait_for("bob")) == 1


def test_a_revoked_grant_asks_for_a_login_once(oauth, authority):
    authority.opaque = True
    oauth.plant(LIFETIME - 100).alive = False
    for _ in range(2):
        run = oauth.send()
        assert run.status == LOGIN, run
        assert "veredus --login" in run.stderr
    assert authority.counts["token"] == 1


def test_another_users_token_is_rejected_once_more(oauth, authority):
    """The new token is as good as the old one: it is not asked for again."""
    oauth.plant(LIFETIME - 100, user="mallory@example.org")
    run = oauth.send()
    assert run.status == LOGIN, run
    assert "535" in run.stderr
    assert authority.counts["token"] == 1


def test_a_slow_provider_ends_at_the_deadline(oauth, authority):
    oauth.plant(-10)
    oauth.configure(deadline=4)
    hold = threading.Event()
    try:
        authority.fail(hold=hold)
        run = oauth.send()
        assert run.status == TEMPORARY, run
        assert run.seconds < 20
    finally:
        hold.set()
