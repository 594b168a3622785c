# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""veredus-oauth login, logout and status, as the main program runs them."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import signal
import socket
import urllib.parse

import pytest

from oauth_helper import SCOPE, USER, answer, assert_failed, lines_of, token
from oauth_helper import account, host  # noqa: F401 (fixtures)


class Login:
    """A login under way."""

    def __init__(self, account, **changes):
        self.process = account.start("login", **changes)
        self.said = []

    def hear(self, *keys):
        """Reads lines up to the last of the keys; returns the last value."""
        value = ""
        for key in keys:
            line = self.process.stdout.readline().rstrip("\n")
            self.said.append(line)
            found, _, value = line.partition(" ")
            assert found == key, (self.said, self.process.stderr.read()
                                  if not line else "")
        return value

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self, status=0):
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == status, (out, err)
        self.said += out.splitlines()
        return err


@pytest.fixture
def browser(account, host):
    """Begins a login by the browser: the login, and its query."""
    logins = []

    def browser(**changes):
        login = Login(account, auth_url=f"{host.url}/authorize", **changes)
        logins.append(login)
        login.url = login.hear("url")
        if changes.get("flow") != "paste":
            login.port = int(login.hear("listen"))
        login.hear("wait")
        login.query = dict(urllib.parse.parse_qsl(
            urllib.parse.urlsplit(login.url).query))
        return login

    yield browser
    for login in logins:
        login.process.kill()
        login.process.communicate()


def get(login, target=None, method="GET", **parameters):
    """The status of the answer of the listener."""
    parameters = {"state": login.query["state"], **parameters}
    query = urllib.parse.urlencode(
        {key: value for key, value in parameters.items() if value is not None})
    client = http.client.HTTPConnection("127.0.0.1", login.port, timeout=20)
    with contextlib.closing(client):
        client.request(method, target or f"/?{query}")
        response = client.getresponse()
        page = response.read().decode()
        assert "script" not in page
        assert response.getheader("Cache-Control") == "no-store"
        assert response.getheader("Referrer-Policy") == "no-referrer"
        return response.status


def test_a_login_by_the_browser(account, host, browser):
    login = browser(auth_params="prompt=consent&access_type=offline")
    query = login.query
    assert query["response_type"] == "code"
    assert query["client_id"] == "client"
    assert query["redirect_uri"] == f"http://127.0.0.1:{login.port}/"
    assert query["scope"] == SCOPE
    assert query["login_hint"] == USER
    assert query["prompt"] == "consent"
    assert query["code_challenge_method"] == "S256"
    assert len(query["state"]) == 43
    assert get(login, code="C0DE") == 200
    assert login.hear("token") == "access-1"
    assert host.paths == ["/token"]
    form = host.forms[0]
    challenge = base64.urlsafe_b64encode(
        hashlib.sha256(form.pop("code_verifier").encode()).digest())
    assert challenge.decode().rstrip("=") == query["code_challenge"]
    assert form == {"grant_type": "authorization_code", "code": "C0DE",
                    "redirect_uri": query["redirect_uri"],
                    "client_id": "client"}
    # Nothing is stored before the test of the token.
    assert not account.path("grant").exists()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", login.port))
    login.say("keep")
    assert login.end() == ""
    assert login.said[-1] == "stored"
    assert account.read("grant")["refresh_token"] == "refresh-1"
    assert account.read("grant")["flow"] == "browser"
    assert account.modes() == {0o600}
    assert account.store.stat().st_mode & 0o777 == 0o700
    assert lines_of(account.run())["access"] == "access-1"


@pytest.mark.parametrize("around, shared, own", [
    (0o755, 0o755 if os.geteuid() == 0 else 0o700, 0o711),
    (0o700, 0o700, 0o700)])
def test_other_users_can_enter_the_folders_above_the_store(
        account, browser, tmp_path, around, shared, own):
    base = tmp_path / "usr"
    base.mkdir()
    base.chmod(around)
    account.store = base / "var" / "lib" / "veredus" / "oauth" / "0"
    browser(store=account.store)
    found = {str(path.relative_to(base)): path.stat().st_mode & 0o7777
             for path in account.store.parents if path.is_relative_to(base)}
    if around == 0o755 and shared == 0o700:
        own = 0o700  # nobody else can get there
    assert found == {".": around, "var": shared, "var/lib": shared,
                     "var/lib/veredus": own, "var/lib/veredus/oauth": own}
    assert account.store.stat().st_mode & 0o7777 == 0o700


def test_wrong_requests_do_not_end_the_login(host, browser):
    login = browser(redirect_path="/back")
    assert get(login, code="x") == 400
    assert get(login, "/back?code=x") == 400
    for change in ({"state": None}, {"state": "x"}, {"code": None},
                   {"code": ""}, {"code": "a b"}, {"code": "a\nb"}):
        query = {"state": login.query["state"], "code": "x", **change}
        assert get(login, "/back?" + urllib.parse.urlencode(
            {k: v for k, v in query.items() if v is not None})) == 400
    good = f"/back?state={login.query['state']}&code=C0DE"
    assert get(login, good + "&code=D") == 400
    assert get(login, good, "POST") == 400
    assert get(login, "http://127.0.0.1" + good) == 400
    assert host.requests == []
    assert get(login, good) == 200
    assert login.hear("token") == "access-1"


def test_many_idle_clients_and_long_requests(host, browser):
    login = browser()
    idle = [socket.create_connection(("127.0.0.1", login.port))
            for _ in range(40)]
    with socket.create_connection(("127.0.0.1", login.port)) as client:
        with contextlib.suppress(OSError):
            client.sendall(b"GET /?" + b"a" * 1000000)
    assert get(login, code="C0DE") == 200
    assert login.hear("token") == "access-1"
    for client in idle:
        client.close()


def test_a_person_who_denies(browser):
    login = browser()
    assert get(login, error="access\x1b[1m_denied") == 400
    assert get(login, error="access_denied",
               error_description="she said no") == 200
    assert "access_denied: she said no" in login.end(77)


# Microsoft sends a description of several lines.
@pytest.mark.parametrize("is_pasted", [False, True])
def test_a_description_with_control_characters(browser, is_pasted):
    login = browser()
    query = ("error=invalid_client&error_description=AADSTS7000218%3a+x%1b[1m"
             f"%0d%0aTrace+ID%3a+1&state={login.query['state']}")
    if is_pasted:
        login.say(f"paste {login.query['redirect_uri']}?{query}")
    else:
        assert get(login, f"/?{query}") == 200
    err = login.end(78)
    assert "invalid_client: AADSTS7000218: x" in err
    assert err.rstrip("\n").isprintable()


def test_paste_the_address_or_the_code(host, browser):
    login = browser(flow="paste")
    wrong = login.query["redirect_uri"] + "?code=a&state=x"
    login.say("paste " + wrong)
    login.hear("invalid")
    login.say("paste http://127.0.0.1/")
    login.hear("invalid")
    login.say(f"paste  {login.query['redirect_uri']}?code=C0%44E"
              f"&state={login.query['state']} ")
    assert login.hear("token") == "access-1"
    assert host.forms[0]["code"] == "C0DE"
    login = browser()
    login.say("paste B/ARE")
    assert login.hear("token") == "access-1"
    assert host.forms[1]["code"] == "B/ARE"


def test_a_login_hint_can_be_removed(browser):
    assert "login_hint" not in browser(auth_params="login_hint=").query
    query = browser(auth_params="login_hint=bob&a=b").query
    assert (query["login_hint"], query["a"]) == ("bob", "b")


@pytest.mark.parametrize("text", [None, "", "no PEM"])
def test_a_trust_file_without_use_is_told_first(account, tmp_path, text):
    path = tmp_path / "trust.pem"
    if text is not None:
        path.write_text(text)
    login = Login(account, trust_file=path)
    words = login.end(78)
    assert "oauth_trust_file: " in words and str(path) in words
    assert login.said == []


def test_a_port_in_use(account, host):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = account.run("login", redirect_port=port,
                          auth_url=f"{host.url}/authorize")
    assert_failed(run, 75, f"cannot listen on port {port}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, None])
def test_a_login_that_is_given_up(account, host, browser, number):
    login = browser()
    if number:
        login.process.send_signal(number)
    assert "given up" in login.end(75)
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", login.port))
    assert host.requests == []
    assert not account.path("grant").exists()


@pytest.mark.parametrize("word, status", [("drop", 0), ("", 75)])
def test_what_is_not_kept_is_revoked(account, host, browser, word, status):
    login = browser(revoke_url=f"{host.url}/revoke")
    host.answers = [token(), answer()]
    assert get(login, code="C0DE") == 200
    login.hear("token")
    if word:
        login.say(word)
    login.end(status)
    assert host.paths == ["/token", "/revoke"]
    assert host.forms[1] == {
        "token": "refresh-1", "token_type_hint": "refresh_token",
        "client_id": "client"}
    assert not account.path("grant").exists()
    assert not account.path("access").exists()


@pytest.mark.parametrize("members, status, words", [
    ({"refresh_token": None}, 78, ["no refresh token", "offline_access"]),
    ({"token_type": "mac"}, 78, ["token_type of the answer is mac, not Bearer"]),
    ({"scope": "other"}, 77, ["mail.send was not granted"])])
def test_what_a_login_must_give(account, host, browser, members, status,
                                words):
    host.answers = [token(**members)]
    login = browser()
    assert get(login, code="C0DE") == 200
    err = login.end(status)
    for word in words:
        assert word in err
    assert not account.path("grant").exists()


def refused():
    return answer("400 Bad", error="invalid_grant")


def test_a_wrong_paste_may_be_tried_again(account, host, browser):
    host.answers = [refused(), answer("400 Bad", error="invalid_request"),
                    token()]
    login = browser()
    for part in "C", "C0":
        login.say("paste " + part)
        login.hear("refused")
    login.say("paste C0DE")
    login.hear("token")
    login.say("keep")
    login.end()
    assert [form["code"] for form in host.forms] == ["C", "C0", "C0DE"]


def test_wrong_codes_end_a_login_at_last(host, browser):
    host.answers = [refused()]
    login = browser(flow="paste")
    for _ in range(5):
        login.say("paste C0DE")
    login.hear(*["refused"] * 4)
    assert "the login has failed (localhost: invalid_grant): begin again with " in (
        login.end(77))
    assert len(host.forms) == 5


def test_a_refused_code_of_the_browser_ends_the_login(host, browser):
    host.answers = [refused()]
    login = browser()
    assert get(login, code="C0DE") == 200
    assert "the login has failed" in login.end(77)


def test_a_scope_that_the_provider_does_not_repeat(host, browser):
    host.answers = [token(scope="mail.send more", token_type="bearer")]
    login = browser()
    assert get(login, code="C0DE") == 200
    login.hear("token")


def device(**members):
    return answer(**{"device_code": "d", "user_code": "ABCD-EFGH",
                     "verification_uri": "https://as.example/device",
                     "expires_in": 60, "interval": 1, **members})


def pending(error="authorization_pending"):
    return answer("400 Bad", error=error)


def test_a_login_by_a_device(account, host):
    host.answers = [device(), pending(), answer("503 Later"), token()]
    login = Login(account, flow="device", device_url=f"{host.url}/device")
    code = login.hear("code")
    assert code == "ABCD-EFGH https://as.example/device"
    assert login.hear("wait") == "60"
    assert login.hear("token") == "access-1"
    login.say("keep")
    login.end()
    assert account.read("grant")["flow"] == "device"
    assert host.forms[0] == {"client_id": "client", "scope": SCOPE}
    assert host.forms[1] == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "d", "client_id": "client"}


@pytest.mark.parametrize("replies, status, words", [
    ([device(), pending("access_denied")], 77, ["access_denied"]),
    ([device(), pending("expired_token")], 77, ["expired_token"]),
    ([device(verification_uri="http://as.example/x")], 78, ["https"]),
    ([device(user_code=None)], 75, ["no code for a device"]),
    ([device(expires_in=0)], 75, ["expired already"]),
    ([device(expires_in=1), answer("500 Oh")], 75, ["give a token now (500"]),
    ([device(expires_in=1), b""], 75, ["cannot reach"]),
    ([answer("400 Bad", error="unauthorized_client")], 78, ["client_id"])])
def test_a_device_that_gets_no_token(account, host, replies, status, words):
    host.answers = replies
    login = Login(account, flow="device", device_url=f"{host.url}/device")
    login.process.wait(60)
    err = login.process.stderr.read()
    assert login.process.returncode == status, err
    for word in words:
        assert word in err


def metadata(host, **members):
    return answer(**{
        "issuer": host.url, "authorization_endpoint": f"{host.url}/auth2",
        "token_endpoint": f"{host.url}/token2", **members})


def begin_with_issuer(account, host):
    return Login(account, issuer=host.url, token_url=None)


@pytest.mark.parametrize("first", [None, answer("404 No")])
def test_the_metadata_of_the_issuer(account, host, first):
    host.answers = [first] * (first is not None) + [metadata(host), token()]
    login = begin_with_issuer(account, host)
    assert login.hear("url").startswith(f"{host.url}/auth2?response_type=")
    login.hear("listen", "wait")
    login.say("paste C0DE")
    login.hear("token")
    login.say("keep")
    login.end()
    paths = ["/.well-known/oauth-authorization-server",
             "/.well-known/openid-configuration"]
    assert host.paths[:-1] == (paths if first else paths[:1])
    assert host.paths[-1] == "/token2"
    # Sending finds the token URL in the grant, and reads no metadata.
    account.keys.update(issuer=host.url, token_url=None)
    grant = next(account.store.glob("*.grant")).read_text()
    assert f"token_url {host.url}/token2\nissuer {host.url}\n" in grant
    next(account.store.glob("*.access")).unlink()
    assert lines_of(account.run())["access"] == "access-1"
    assert host.paths[-1] == "/token2"


@pytest.mark.parametrize("members", [
    {"issuer": "https://other.example"}, {"issuer": None},
    {"token_endpoint": "http://localhost/token"}])
def test_metadata_that_is_wrong(account, host, members):
    host.answers = [metadata(host, **members)]
    login = begin_with_issuer(account, host)
    login.end(78)
    assert len(host.requests) == 1


def test_the_issuer_in_the_redirection(account, host):
    host.answers = [metadata(
        host, authorization_response_iss_parameter_supported=True), token()]
    login = begin_with_issuer(account, host)
    query = dict(urllib.parse.parse_qsl(login.hear("url").partition("?")[2]))
    login.query = query
    login.port = int(login.hear("listen"))
    login.hear("wait")
    assert get(login, code="C0DE") == 400
    assert get(login, code="C0DE", iss="https://other.example") == 400
    login.hear("issuer")  # once
    assert get(login, code="C0DE", iss=host.url) == 200
    login.hear("token")
    login.process.kill()
    login.process.communicate()


def test_logout(account, host):
    account.write_grant()
    account.write_access()
    host.answers = [answer()]
    run = account.run("logout", revoke_url=f"{host.url}/revoke")
    assert (run.returncode, run.stdout) == (0, "revoked\nremoved\n"), run
    assert host.forms[0]["token"] == "refresh-0"
    assert [path.suffix for path in account.store.iterdir()] == [".lock"]
    assert account.run("logout").stdout == "none\n"


def test_logout_removes_whatever_the_provider_says(account, host):
    account.write_grant()
    run = account.run("logout")
    assert run.stdout.startswith("valid the provider has no address")
    account.write_grant()
    host.answers = [answer("503 Later")]
    run = account.run("logout", revoke_url=f"{host.url}/revoke")
    assert run.stdout.splitlines()[1] == "removed"
    assert run.stdout.startswith(
        "valid localhost cannot revoke the token now (503)")
    account.write_grant()
    host.answers = [answer("400 Bad", error="invalid_client")]
    run = account.run("logout", revoke_url=f"{host.url}/revoke")
    assert run.stdout.startswith(
        "valid localhost has not revoked the token (invalid_client)")
    account.write_grant().write_text("damaged")
    assert account.run("logout").stdout == "removed\n"


def test_status_reads_the_key(account, tmp_path):
    account.write_grant()
    key = tmp_path / "key.pem"
    key.write_text("no key")
    key.chmod(0o600)
    run = account.run("status", client_auth="key", key_file=key)
    assert run.returncode == 78, run
    assert "oauth_key_file" in run.stderr and "login" in lines_of(run)


def test_status(account, host):
    assert account.run("status").returncode == 78
    account.write_grant()
    account.write_access(age=9000)
    run = account.run("status")
    assert run.returncode == 0, run
    assert list(lines_of(run)) == ["login", "flow", "renewed", "obtained",
                                   "expires", "end"]
    host.answers = [answer("503 Later"), answer("400 B", error="invalid_grant")]
    account.run()
    run = account.run("status")
    assert run.returncode == 0
    assert "503" in lines_of(run)["failure"]
    account.run(retry=1)
    run = account.run("status")
    assert run.returncode == 77
    assert "veredus --login -a work" in run.stderr
    assert "refresh-0" not in run.stdout and "access-0" not in run.stdout


def claims_of(text):
    header, claims, _ = text.split(".")
    return [json.loads(
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in (header, claims)]


@pytest.fixture
def key(certificates, tmp_path):
    def key(label):
        path = tmp_path / "key.pem"
        with open(certificates.path(f"{label}.key")) as file:
            path.write_text(file.read())
        path.chmod(0o600)
        return path

    return key


def test_client_credentials(account, host, certificates, key):
    changes = {"grant": "client_credentials", "client_secret": "hush"}
    run = account.run(**changes)
    assert lines_of(run)["access"] == "access-1", run
    assert host.forms[0] == {"grant_type": "client_credentials",
                             "scope": SCOPE, "client_id": "client",
                             "client_secret": "hush"}
    assert not account.path("grant").exists()
    account.path("access").unlink()
    account.run(client_auth="basic", **changes)
    basic = base64.b64encode(b"client:hush").decode()
    assert f"Authorization: Basic {basic}" in host.requests[1]
    assert "client_secret" not in host.forms[1]
    account.path("access").unlink()
    run = account.run(grant="client_credentials", key_file=key("rsa"),
                      cert_file=certificates.path("rsa.pem"), key_alg="PS256")
    assert run.returncode == 0, run
    header, claims = claims_of(host.forms[2]["client_assertion"])
    assert header["alg"] == "PS256" and header["typ"] == "JWT"
    assert len(header["x5t#S256"]) == 43
    assert claims["iss"] == claims["sub"] == "client"
    assert claims["aud"] == account.keys["token_url"]
    assert 0 < claims["exp"] - claims["iat"] <= 3600


def test_a_service_account(account, host, key):
    text = key("rsa").read_text().replace("\n", "\\n")
    path = key("rsa")
    path.write_text('{"client_email":"robot@project.example",'
                    f'"private_key_id":"k1","private_key":"{text}"}}')
    login = Login(account, grant="service_account", key_file=path,
                  client_id=None, subject="bob@example.net")
    assert login.hear("token") == "access-1"
    login.say("keep")
    login.end()
    form = host.forms[0]
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    header, claims = claims_of(form["assertion"])
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert claims["iss"] == "robot@project.example"
    assert (claims["sub"], claims["scope"]) == ("bob@example.net", SCOPE)


@pytest.mark.parametrize("label, change, words", [
    ("rsa", lambda p: p.chmod(0o644), ["oauth_key_file", "others"]),
    ("good", lambda p: None, ["no RSA key"]),
    ("rsa", lambda p: p.write_text("no key"), ["no private key"]),
    ("rsa", lambda p: p.write_text("{}"), ["client_email"]),
    ("rsa", lambda p: p.unlink(), ["oauth_key_file"])])
def test_keys_that_are_not_used(account, host, key, label, change, words):
    path = key(label)
    change(path)
    assert_failed(account.run(grant="service_account", key_file=path), 78,
                  *words)
    assert host.requests == []
