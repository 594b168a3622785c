# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth2 server of the tests, and mail servers that take its tokens."""

import base64
import hashlib
import http.client
import json
import os
import secrets
import socket
import time
import urllib.parse

import pytest

pytest.importorskip("authlib")
pytest.importorskip("flask")

from authlib.jose import jwt  # noqa: E402

from authority_data import (  # noqa: E402
    BEARER, CLIENT, CLIENT_SECRET, CODE, DEVICE, REFRESH, SCOPE)
from person import query_of, trust  # noqa: E402
from program import MESSAGE, account  # noqa: E402

ALICE, MALLORY = "alice@example.org", "mallory@example.org"
REDIRECT = "http://127.0.0.1:41733/"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def post(authority, certificates):
    """Sends a form to a path; returns the status and the answer."""
    context = trust(certificates.path("ca.pem"))

    def post(path, form, basic=None):
        connection = http.client.HTTPSConnection(
            "localhost", authority.port, context=context, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if basic:
            pair = ":".join(map(urllib.parse.quote_plus, basic))
            pair = base64.b64encode(pair.encode()).decode()
            headers["Authorization"] = "Basic " + pair
        method, body = (("GET", None) if form is None
                        else ("POST", urllib.parse.urlencode(form)))
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        return response.status, answer

    return post


@pytest.fixture
def token(post):
    """Sends a token request of a client."""
    def token(grant_type, client="public-client", **form):
        return post("/token", {"grant_type": grant_type, "client_id": client,
                               **form})
    return token


def challenge(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorization(authority, verifier, **changes):
    """Returns the address where a person consents."""
    query = {"response_type": "code", "client_id": "public-client",
             "redirect_uri": REDIRECT, "scope": SCOPE, "state": "a state",
             "code_challenge": challenge(verifier),
             "code_challenge_method": "S256", **changes}
    return authority.url + "/authorize?" + urllib.parse.urlencode(
        {name: value for name, value in query.items() if value})


@pytest.fixture
def consent(authority, token, person):
    """Returns the tokens after a person has consented."""
    def consent(user=ALICE):
        verifier = secrets.token_urlsafe(32)
        redirect = person(user).browse(authorization(authority, verifier))
        status, answer = token(CODE, code=query_of(redirect)["code"],
                               redirect_uri=REDIRECT, code_verifier=verifier)
        assert status == 200, answer
        return answer
    return consent


def test_a_person_gets_a_code_that_is_good_once(authority, token, person):
    verifier = secrets.token_urlsafe(32)
    redirect = person().browse(authorization(authority, verifier))
    assert redirect.startswith(REDIRECT)
    query = query_of(redirect)
    assert query["state"] == "a state" and query["iss"] == authority.url
    form = {"code": query["code"], "redirect_uri": REDIRECT}
    assert token(CODE, **form)[1]["error"] == "invalid_request"
    assert token(CODE, code_verifier="x" * 43, **form)[1][
        "error"] == "invalid_grant"
    status, answer = token(CODE, code_verifier=verifier, **form)
    assert status == 200 and answer["token_type"] == "Bearer"
    assert answer["scope"] == SCOPE and answer["expires_in"] == 3600
    assert token(CODE, code_verifier=verifier, **form)[1][
        "error"] == "invalid_grant"


@pytest.mark.parametrize("changes", [
    {"code_challenge": None}, {"code_challenge_method": "plain"},
    {"client_id": "nobody"}, {"redirect_uri": "http://elsewhere.test/"},
    {"scope": "everything"}])
def test_a_bad_request_leads_nowhere(authority, person, changes):
    page = person().browse(authorization(authority, "x" * 43, **changes))
    assert not page.startswith("http"), page


def test_a_person_may_deny(authority, person):
    redirect = person(consent="no").browse(authorization(authority, "x" * 43))
    assert query_of(redirect)["error"] == "access_denied"
    assert not authority.codes


def test_a_person_must_know_the_password(authority, person):
    alice = person()
    alice.answers["password"] = "wrong"
    assert alice.browse(authorization(authority, "x" * 43)) == "no"


def test_a_used_refresh_token_ends_the_grant(authority, token, consent):
    first = consent()
    status, second = token(REFRESH, refresh_token=first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert token(REFRESH, refresh_token=first["refresh_token"])[1][
        "error"] == "invalid_grant"
    assert token(REFRESH, refresh_token=second["refresh_token"])[1][
        "error"] == "invalid_grant"
    assert authority.counts["reused"] == 1
    assert authority.counts[REFRESH] == 3 and authority.counts["token"] == 4


@pytest.mark.parametrize("rotation", ["lenient", "none"])
def test_a_lenient_server_takes_a_refresh_token_again(
        authority, token, consent, rotation):
    authority.rotation = rotation
    first = consent()
    for _ in range(2):
        status, answer = token(REFRESH, refresh_token=first["refresh_token"])
        assert status == 200
        assert ("refresh_token" in answer) == (rotation == "lenient")


def test_a_device_waits_for_the_person(authority, token, post, person):
    authority.interval = 0
    status, device = post("/device_authorization", {
        "client_id": "public-client", "scope": SCOPE})
    assert status == 200
    form = {"device_code": device["device_code"]}
    authority.device_answers = ["slow_down"]
    assert token(DEVICE, **form)[1]["error"] == "slow_down"
    assert token(DEVICE, **form)[1]["error"] == "authorization_pending"
    person().enter_code(device["verification_uri"], device["user_code"])
    status, answer = token(DEVICE, **form)
    assert status == 200 and "refresh_token" in answer
    assert token(DEVICE, **form)[0] == 400


def test_a_device_polls_too_early(authority, token, post):
    form = {"client_id": "public-client", "scope": SCOPE}
    code = post("/device_authorization", form)[1]["device_code"]
    assert [token(DEVICE, device_code=code)[1]["error"] for _ in range(2)] == [
        "authorization_pending", "slow_down"]


@pytest.mark.parametrize("seconds, error", [
    (600, "access_denied"), (0, "expired_token")])
def test_a_device_ends_without_a_token(
        authority, token, post, person, seconds, error):
    authority.device_seconds = seconds
    device = post("/device_authorization", {"client_id": "public-client"})[1]
    person(consent="no").enter_code(
        device["verification_uri"], device["user_code"])
    assert token(DEVICE, device_code=device["device_code"])[1][
        "error"] == error


@pytest.mark.parametrize("client, form, basic", [
    ("secret-client", {"client_secret": CLIENT_SECRET}, None),
    ("basic-client", {}, ("basic-client", CLIENT_SECRET))])
def test_a_client_without_a_person_has_a_secret(post, client, form, basic):
    request = {"grant_type": CLIENT, "scope": "mail.send"}
    status, answer = post(
        "/token", {**request, "client_id": client, **form}, basic)
    assert status == 200 and "refresh_token" not in answer
    assert post("/token", {**request, "client_id": client,
                           "client_secret": "wrong"})[1][
        "error"] == "invalid_client"


def assertion(certificates, audience, algorithm, **claims):
    now = int(time.time())
    key = certificates.path("rsa.key")
    with open(key, "rb") as file:
        return jwt.encode(
            {"alg": algorithm, "typ": "JWT"},
            {"aud": audience, "iat": now, "exp": now + 300, **claims},
            file.read()).decode()


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_an_assertion_of_a_client_is_good_once(
        authority, token, certificates, algorithm):
    def form(audience):
        return {"client_assertion_type": ASSERTION, "scope": "mail.send",
                "client_assertion": assertion(
                    certificates, audience, algorithm, iss="keyed-client",
                    sub="keyed-client", jti=secrets.token_hex())}

    good = form(authority.token_url)
    assert token(CLIENT, "keyed-client", **good)[0] == 200
    assert token(CLIENT, "keyed-client", **good)[1]["error"] == (
        "invalid_client")
    assert token(CLIENT, "keyed-client", **form("https://elsewhere.test/"))[
        1]["error"] == "invalid_client"


def test_a_service_account_names_a_mailbox(authority, token, certificates):
    def get(**claims):
        made = assertion(certificates, authority.token_url, "RS256",
                         iss="robot@project.example", scope="mail.send",
                         **claims)
        return token(BEARER, assertion=made)

    status, answer = get(sub=ALICE)
    assert status == 200 and authority.find(
        answer["access_token"]).grant.user == ALICE
    assert get(sub="nobody@example.org")[1]["error"] == "invalid_grant"
    assert get(sub=ALICE, aud="https://elsewhere.test/")[1][
        "error"] == "invalid_grant"
    assert get(sub=ALICE, exp=int(time.time()) + 7200)[1][
        "error"] == "invalid_grant"


def test_a_revoked_grant_is_not_active(authority, token, post, consent):
    answer = consent()
    server = ("mail-server", CLIENT_SECRET)

    def active():
        return post("/introspect", {"token": answer["access_token"]}, server)[
            1]["active"]

    assert active()
    assert post("/introspect", {"token": answer["access_token"]})[0] == 401
    post("/revoke", {"client_id": "public-client",
                     "token": answer["refresh_token"]})
    assert not active()
    assert token(REFRESH, refresh_token=answer["refresh_token"])[0] == 400


@pytest.mark.parametrize("name", ["oauth-authorization-server",
                                  "openid-configuration"])
def test_it_has_metadata(authority, post, name):
    status, answer = post(f"/.well-known/{name}", None)
    assert status == 200 and answer["issuer"] == authority.url
    assert answer["token_endpoint"] == authority.token_url


def test_requests_fail_as_the_test_says(authority, token, consent):
    refresh = {"refresh_token": consent()["refresh_token"]}
    authority.fail(status=503, body='{"error": "server_error"}')
    assert token(REFRESH, **refresh)[0] == 503
    authority.fail(edit=lambda answer: {**answer, "refresh_token": None})
    assert token(REFRESH, **refresh)[1]["refresh_token"] is None


def test_an_answer_is_lost_after_the_rotation(authority, token, consent):
    refresh = {"refresh_token": consent()["refresh_token"]}
    authority.fail(cut=True)
    with pytest.raises((http.client.HTTPException, OSError)):
        token(REFRESH, **refresh)
    assert token(REFRESH, **refresh)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
@pytest.mark.parametrize("opaque", [False, True])
def test_postfix_takes_a_token_of_its_user(
        program, certificates, authority, token_postfix, consent, tmp_path,
        mechanism, opaque):
    authority.opaque = opaque
    file = tmp_path / "token"

    def send(user):
        answer = consent(user)
        file.write_text(answer["access_token"])
        program.secrets = [answer["access_token"]]
        program.write_config(account(
            token_postfix.ports["submission"],
            f"tls_trust_file {certificates.path('ca.pem')}\n"
            f"auth {mechanism}\nuser {ALICE}\npasswordeval cat {file}",
            "mx.test"))
        return program.run("-f", ALICE, "bob@example.org", stdin=MESSAGE)

    run = send(ALICE)
    assert run.status == 0, run
    assert len(token_postfix.wait_for("bob")) == 1
    assert bool(authority.counts["introspect"]) == opaque
    run = send(MALLORY)
    assert run.status == os.EX_NOPERM, run
    assert "said: 535" in run.stderr


@pytest.mark.parametrize("kind", ["connect", "socks"])
def test_the_proxy_records_the_targets(proxy, authority, certificates, kind):
    context = trust(certificates.path("ca.pem"))
    with socket.create_connection(("127.0.0.1", proxy.port), 20) as client:
        host = b"localhost"
        port = authority.port
        if kind == "connect":
            client.sendall(b"CONNECT localhost:%d HTTP/1.1\r\n\r\n" % port)
            assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
        else:
            client.sendall(b"\5\1\0")
            assert client.recv(2) == b"\5\0"
            client.sendall(b"\5\1\0\3%c" % len(host) + host
                           + port.to_bytes(2, "big"))
            assert client.recv(10)[:2] == b"\5\0"
        with context.wrap_socket(client, server_hostname="localhost") as tls:
            tls.sendall(b"GET /jwks HTTP/1.0\r\n\r\n")
            assert b" 200 " in tls.recv(4096)
    assert proxy.targets == [f"localhost:{authority.port}"]
