# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""veredus --login: a person consents, and the mail server takes the token."""

import os
import re
import signal
import socket
import urllib.parse

import pytest

pytest.importorskip("authlib")
pytest.importorskip("flask")

from authority_data import DEVICE  # noqa: E402
from oauth_account import ALICE, MALLORY, replace, without  # noqa: E402
from person import query_of  # noqa: E402
from terminal import Terminal  # noqa: E402

CONFIG, TEMPORARY, LOGIN = os.EX_CONFIG, os.EX_TEMPFAIL, os.EX_NOPERM
USER_CODE = re.compile(r"the code\s+([A-Z]{4}-[A-Z]{4})")


def redirect_of(url):
    """The address of the listener, from the address of the consent."""
    return query_of(url)["redirect_uri"]


def port_of(url):
    return urllib.parse.urlsplit(redirect_of(url)).port


def is_open(port, address="127.0.0.1"):
    try:
        socket.create_connection((address, port), 5).close()
        return True
    except OSError:
        return False


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


def assert_logged_in(oauth, run):
    assert run.status == 0, run
    assert f"Logged in as {ALICE}" in run.stdout
    assert oauth.store.stat().st_mode & 0o777 == 0o700
    for kind in ("grant", "access", "lock"):
        assert oauth.path(kind).stat().st_mode & 0o777 == 0o600
    token = oauth.authority.tokens()[-1]
    assert oauth.read("grant")["refresh_token"] == token.refresh
    assert oauth.read("access")["access_token"] == token.access


def assert_nothing_stored(oauth, run, status, words=""):
    assert run.status == status, run
    assert words in run.stderr
    stored = {path.suffix for path in oauth.store.glob("*")}
    assert not stored & {".grant", ".access"}


def assert_sends(oauth, token_postfix):
    requests = oauth.authority.counts["token"]
    run = oauth.send()
    assert run.status == 0, run
    assert len(token_postfix.wait_for("bob")) == 1
    assert oauth.authority.counts["token"] == requests


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer", None])
def test_a_login_in_a_browser_is_good_for_messages(
        oauth, token_postfix, person, mechanism):
    oauth.configure(auth=mechanism)
    assert_logged_in(oauth, oauth.log_in(person()))
    assert oauth.read("grant")["flow"] == "browser"
    assert_sends(oauth, token_postfix)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_localhost_has_two_addresses(oauth, person, address):
    oauth.configure(oauth_redirect_host="localhost")
    process, console, url = oauth.start_browser()
    redirect = person().browse(url)
    assert redirect.startswith("http://localhost:")
    if address == "::1" and has_ipv6():
        redirect = redirect.replace("localhost", "[::1]", 1)
    else:
        redirect = redirect.replace("localhost", "127.0.0.1", 1)
    assert person().request(redirect)[0] == 200
    assert_logged_in(oauth, oauth.end(process, console))


def test_the_request_of_a_browser_has_all_that_protects_it(oauth):
    first, second = (query_of(oauth.begin_login()) for _ in range(2))
    assert first["code_challenge_method"] == "S256"
    assert len(first["code_challenge"]) == 43
    assert first["login_hint"] == ALICE
    for name in ("state", "code_challenge"):
        assert len(first[name]) >= 43 and first[name] != second[name]


def test_the_page_that_ends_a_login_tells_nobody_the_code(oauth, person):
    process, console, url = oauth.start_browser()
    redirect = urllib.parse.urlsplit(person().browse(url))
    with socket.create_connection((redirect.hostname, redirect.port)) as sock:
        sock.settimeout(20)
        sock.sendall(f"GET /?{redirect.query} HTTP/1.1\r\n"
                     f"Host: {redirect.netloc}\r\n\r\n".encode())
        page = b""
        while data := sock.recv(65536):
            page += data
    head = page.partition(b"\r\n\r\n")[0].decode()
    assert head.startswith("HTTP/1.1 200 ")
    for field in ("Cache-Control: no-store", "Referrer-Policy: no-referrer",
                  "Connection: close"):
        assert field in head
    assert b"<script" not in page
    assert query_of(redirect.geturl())["code"].encode() not in page
    assert_logged_in(oauth, oauth.end(process, console))
    assert not is_open(redirect.port)


@pytest.mark.parametrize("whole", [True, False], ids=["address", "code"])
def test_a_person_may_paste_what_the_browser_shows(
        oauth, token_postfix, person, whole):
    with Terminal(oauth, "--login", "--oauth-flow=paste") as terminal:
        url = terminal.console.wait_for(r"https://\S+")[0]
        redirect = person().browse(url)
        text = redirect if whole else query_of(redirect)["code"]
        terminal.console.type(text + "\r")
        run = terminal.end()
    assert query_of(redirect)["code"] not in run.stdout
    assert_logged_in(oauth, run)
    assert oauth.read("grant")["flow"] == "paste"
    assert_sends(oauth, token_postfix)


def test_a_pasted_line_may_be_long(oauth, person):
    """A terminal in canonical mode gives up a line at 4095 octets."""
    with Terminal(oauth, "--login", "--oauth-flow=browser") as terminal:
        url = terminal.console.wait_for(r"https://\S+")[0]
        terminal.console.type(
            person().browse(url) + "&session_state=" + "x" * 6000 + "\r")
        run = terminal.end()
    assert_logged_in(oauth, run)


def test_a_login_with_a_device(oauth, authority, token_postfix, person):
    authority.device_answers = ["slow_down"]
    process, console = oauth.start("--login", "--oauth-flow=device")
    code = console.wait_for(USER_CODE)[1]
    assert f"{authority.url}/device" in console.text
    person().enter_code(f"{authority.url}/device", code)
    assert_logged_in(oauth, oauth.end(process, console))
    assert authority.counts[DEVICE] == 2
    assert oauth.read("grant")["flow"] == "device"
    assert_sends(oauth, token_postfix)


@pytest.mark.parametrize("uri", [
    "http://example.org/device", "https://example.org/\x1b[31m", 17])
def test_the_address_for_a_device_must_be_an_https_url(
        oauth, authority, uri):
    authority.fail(path="/device_authorization",
                   edit=replace(verification_uri=uri))
    run = oauth.run("--login", "--oauth-flow=device")
    assert run.status in (CONFIG, TEMPORARY), run
    assert not authority.counts[DEVICE]


def test_the_address_for_a_device_may_have_its_old_name(
        oauth, authority, person):
    def rename(answer):
        return {**without("verification_uri", "verification_uri_complete")(
            answer), "verification_url": answer["verification_uri"]}

    authority.fail(path="/device_authorization", edit=rename)
    process, console = oauth.start("--login", "--oauth-flow=device")
    person().enter_code(f"{authority.url}/device",
                        console.wait_for(USER_CODE)[1])
    assert_logged_in(oauth, oauth.end(process, console))


def test_a_device_that_is_denied(oauth, authority, person):
    process, console = oauth.start("--login", "--oauth-flow=device")
    person(consent="no").enter_code(
        f"{authority.url}/device", console.wait_for(USER_CODE)[1])
    assert_nothing_stored(oauth, oauth.end(process, console), LOGIN)


def test_a_device_code_that_expires(oauth, authority):
    authority.device_seconds = 1
    run = oauth.run("--login", "--oauth-flow=device")
    assert run.status in (LOGIN, TEMPORARY), run
    assert_nothing_stored(oauth, run, run.status)


def test_a_device_goes_on_after_an_error_of_the_network(
        oauth, authority, person):
    process, console = oauth.start("--login", "--oauth-flow=device")
    code = console.wait_for(USER_CODE)[1]
    authority.fail(cut=True)
    person().enter_code(f"{authority.url}/device", code)
    assert authority.faults or authority.counts[DEVICE]
    run = oauth.end(process, console)
    # The answer that was lost may have been the one with the token.
    assert run.status == 0 or authority.counts[DEVICE] > 1, run


def test_consent_that_is_denied(oauth, person):
    run = oauth.log_in(person(consent="no"))
    assert_nothing_stored(oauth, run, LOGIN)
    assert not oauth.authority.counts["token"]


@pytest.mark.parametrize("key", ["\x03", "\x04", None],
                         ids=["Ctrl-C", "Ctrl-D", "SIGINT"])
def test_a_person_may_give_up(oauth, key):
    with Terminal(oauth, "--login", "--oauth-flow=browser") as terminal:
        url = terminal.console.wait_for(r"https://\S+")[0]
        assert is_open(port_of(url))
        if key:
            terminal.console.type(key)
        else:
            terminal.process.send_signal(signal.SIGINT)
        run = terminal.end()
    assert run.status != 0, run
    assert_nothing_stored(oauth, run, run.status)
    assert not is_open(port_of(url))
    assert terminal.restored()


def test_a_wrong_state_is_not_the_answer(oauth, person):
    process, console, url = oauth.start_browser()
    for query in ("code=x&state=wrong", "code=x", "state=wrong", "",
                  "error=access_denied&state=wrong"):
        assert person().request(f"{redirect_of(url)}?{query}")[0] == 400
    assert person().request(redirect_of(url), {"code": "x"})[0] >= 400
    redirect = person().browse(url)
    assert person().request(redirect.replace("/?", "/other?"))[0] >= 400
    assert person().request(redirect)[0] == 200
    assert_logged_in(oauth, oauth.end(process, console))


def test_another_issuer_is_not_the_answer(oauth, authority, person):
    oauth.configure(oauth_issuer=authority.url, oauth_token_url=None,
                    oauth_auth_url=None, oauth_device_url=None,
                    oauth_revoke_url=None)
    authority.issuer_in_redirect = "https://evil.test"
    process, console, url = oauth.start_browser()
    redirect = person().browse(url)
    assert person().request(redirect)[0] == 400
    console.wait_for("without the right iss was ignored")
    right = urllib.parse.quote(authority.url, safe="")
    redirect = re.sub("iss=[^&]*", f"iss={right}", redirect)
    assert person().request(redirect)[0] == 200
    run = oauth.end(process, console)
    assert run.status == 0, run
    assert oauth.read("grant")["token_url"] == authority.token_url
    assert oauth.send().status == 0


def test_metadata_of_another_issuer_is_refused(oauth, authority):
    oauth.configure(oauth_issuer=authority.url, oauth_token_url=None,
                    oauth_auth_url=None)
    for path in ("oauth-authorization-server", "openid-configuration"):
        authority.fail(path=f"/.well-known/{path}",
                       edit=replace(issuer="https://evil.test"))
    run = oauth.run("--login", "--oauth-flow=browser", stdin=None)
    assert run.status in (CONFIG, TEMPORARY), run
    assert "issuer" in run.stderr


def test_a_long_request_line_is_not_the_answer(oauth, person):
    process, console, url = oauth.start_browser()
    with socket.create_connection(("127.0.0.1", port_of(url))) as sock:
        sock.settimeout(20)
        try:
            sock.sendall(b"GET /?" + b"x" * (1 << 20) + b" HTTP/1.1\r\n\r\n")
            reply = sock.recv(65536)
        except OSError:
            reply = b""
    assert reply == b"" or reply.startswith(b"HTTP/1.1 4")
    person().request(person().browse(url))
    assert_logged_in(oauth, oauth.end(process, console))


def test_a_port_in_use(oauth):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        oauth.configure(oauth_redirect_port=port)
        run = oauth.run("--login", "--oauth-flow=browser", stdin=None)
    assert run.status in (CONFIG, TEMPORARY), run
    assert str(port) in run.stderr
    assert_nothing_stored(oauth, run, run.status)


def test_the_mail_server_finds_the_wrong_person(oauth, authority, person):
    run = oauth.log_in(person(MALLORY))
    assert_nothing_stored(oauth, run, LOGIN, "535")
    assert not authority.grants[0].alive  # what is not kept is revoked


def test_a_failed_login_keeps_the_old_one(oauth, authority, person):
    assert oauth.log_in(person()).status == 0
    before = oauth.path("grant").read_bytes()
    assert oauth.log_in(person(MALLORY)).status == LOGIN
    assert oauth.path("grant").read_bytes() == before
    assert oauth.send().status == 0


@pytest.mark.parametrize("edit, words", [
    (replace(scope="offline_access openid"), "mail.send"),
    (replace(token_type="mac"), "token_type"),
    (replace(refresh_token=None), "no refresh token"),
    (replace(access_token="x" * 20000), "long")])
def test_a_token_that_is_no_use_is_not_stored(oauth, authority, person,
                                              edit, words):
    authority.fail(edit=edit)
    run = oauth.log_in(person())
    assert run.status in (CONFIG, TEMPORARY, LOGIN), run
    assert_nothing_stored(oauth, run, run.status, words)


@pytest.mark.parametrize("edit", [
    replace(scope="mail.send"), without("scope"),
    replace(token_type="bearer")])
def test_an_answer_may_leave_out_what_is_known(oauth, authority, person,
                                               edit):
    authority.fail(edit=edit)
    assert_logged_in(oauth, oauth.log_in(person()))


def test_without_a_terminal_it_names_the_flow(oauth):
    run = oauth.run("--login", stdin=None,
                    env={"SSH_CONNECTION": None, "DISPLAY": ":0"})
    assert run.status == os.EX_USAGE, run
    assert "--oauth-flow=device" in run.stderr


def test_a_person_is_not_asked_again_in_vain(oauth, authority, person):
    """A login makes up for a refusal that was noted before."""
    oauth.plant(-10).alive = False
    assert oauth.send().status == LOGIN
    assert_logged_in(oauth, oauth.log_in(person()))
    assert oauth.send().status == 0


def test_the_status_tells_what_is_stored_without_asking(oauth, authority):
    run = oauth.run("--login-status")
    assert run.status == CONFIG, run
    grant = oauth.plant(3000)
    run = oauth.run("--login-status")
    assert run.status == 0, run
    for words in ("public-client", "mail.send", "browser"):
        assert words in run.stdout
    assert not authority.counts
    grant.alive = False
    oauth.plant(-10).alive = False
    assert oauth.send().status == LOGIN
    run = oauth.run("--login-status")
    assert run.status == LOGIN, run
    assert authority.counts["token"] == 1


def test_the_status_asks_both_servers_if_it_should(oauth, authority):
    oauth.plant(-10)
    run = oauth.run("--login-status", "--probe")
    assert run.status == 0, run
    assert re.search("mail server: *mx.test accepts the token", run.stdout)
    assert authority.counts["token"] == 1
    run = oauth.run("--login-status", "--probe", "5", "9")
    assert run.status == 0 and run.stdout.startswith("OAUTH OK - "), run


def test_the_status_tells_what_the_mail_server_says(oauth):
    oauth.plant(3000, user=MALLORY)
    run = oauth.run("--login-status", "--probe")
    assert run.status == LOGIN, run
    assert re.search("mail server: *mx.test.* said: 535 ", run.stdout), run
    run = oauth.run("--login-status", "--probe", "5", "9")
    assert run.status == 2 and " said: 535 " in run.stdout, run


@pytest.mark.parametrize("days, result", [
    (0, "OK"), (6, "WARNING"), (9, "CRITICAL")])
def test_the_status_counts_days_for_a_monitoring_system(oauth, days, result):
    oauth.plant()
    fields = oauth.read("grant")
    fields["renewed"] = int(fields["renewed"]) - days * 86400
    oauth.write("grant", **fields)
    run = oauth.run("--login-status", "5", "9")
    assert run.stdout.startswith(f"OAUTH {result} - 1 account, renewed {days} ")
    assert run.status == ["OK", "WARNING", "CRITICAL"].index(result)


@pytest.mark.parametrize("fault", [None, {"status": 503}, {"cut": True}])
def test_a_logout_removes_the_files(oauth, authority, fault):
    grant = oauth.plant(3000)
    if fault:
        authority.fail(path="/revoke", **fault)
    run = oauth.run("--logout")
    assert authority.counts["revoke"] == 1
    stored = {path.suffix for path in oauth.store.iterdir()}
    assert not stored & {".grant", ".access"}
    assert grant.alive == bool(fault and fault.get("status")), run
    assert oauth.send().status == CONFIG
