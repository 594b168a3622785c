# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts without a person, proxies, and where no secret may appear."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import threading

import pytest

pytest.importorskip("authlib")
pytest.importorskip("flask")

from authority import public_pem  # noqa: E402
from authority_data import BEARER, CLIENT, CLIENT_SECRET  # noqa: E402
from processes import children  # noqa: E402
from program import MESSAGE, encoded_forms  # noqa: E402

CONFIG = os.EX_CONFIG


@pytest.fixture
def machine(oauth, authority, certificates, tmp_path):
    """Configures a client without a person."""
    def machine(client, grant="client_credentials", **settings):
        oauth.configure(oauth_grant=grant, oauth_client_id=client,
                        oauth_scope="mail.send", **settings)

    return machine


@pytest.fixture
def key(certificates, tmp_path):
    path = tmp_path / "client.key"
    shutil.copy(certificates.path("rsa.key"), path)
    path.chmod(0o600)
    return path


def assert_two_tokens(oauth, authority, grant_type):
    """The first message asks, and a second one does when it must."""
    for count in (1, 1):
        run = oauth.send()
        assert run.status == 0, run
        assert authority.counts[grant_type] == count
    assert not list(oauth.store.glob("*.grant"))
    oauth.path("access").unlink()
    run = oauth.send()
    assert run.status == 0, run
    assert authority.counts[grant_type] == 2


@pytest.mark.parametrize("client, settings", [
    ("secret-client", {}), ("secret-client", {"oauth_client_auth": "post"}),
    ("basic-client", {"oauth_client_auth": "basic"})])
def test_a_client_has_a_secret(oauth, authority, machine, tmp_path, client,
                               settings):
    file = tmp_path / "secret"
    file.write_text(CLIENT_SECRET + "\n")
    file.chmod(0o600)
    machine(client, oauth_client_secret_file=file, **settings)
    assert_two_tokens(oauth, authority, CLIENT)
    file.chmod(0o644)
    oauth.path("access").unlink()
    run = oauth.send()
    assert run.status == CONFIG and str(file) in run.stderr, run
    assert authority.counts[CLIENT] == 2


@pytest.mark.parametrize("setting", [
    f"oauth_client_secret {CLIENT_SECRET}",
    f"oauth_client_secret_eval echo '{CLIENT_SECRET}'"])
def test_a_secret_has_other_sources(oauth, authority, machine, setting):
    name, _, value = setting.partition(" ")
    machine("secret-client", **{name: value})
    assert_two_tokens(oauth, authority, CLIENT)


def test_a_wrong_secret_is_a_configuration_error(oauth, authority, machine):
    machine("secret-client", oauth_client_secret="wrong")
    run = oauth.send()
    assert run.status == CONFIG, run
    assert "invalid_client" in run.stderr


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_a_client_has_a_key(oauth, authority, machine, key, certificates,
                            algorithm):
    machine("keyed-client", oauth_key_file=key, oauth_key_alg=algorithm,
            oauth_cert_file=certificates.path("rsa.pem"),
            oauth_client_auth="key")
    assert_two_tokens(oauth, authority, CLIENT)
    form = authority.requests[-1][1]
    head = json.loads(decode(form["client_assertion"].split(".")[0]))
    assert head["alg"] == algorithm and "x5t#S256" in head
    assert "client_secret" not in form
    key.chmod(0o644)
    oauth.path("access").unlink()
    run = oauth.send()
    assert run.status == CONFIG and str(key) in run.stderr, run


def test_a_client_has_a_key_of_a_curve(oauth, authority, machine, tmp_path,
                                       certificates):
    key = tmp_path / "curve.key"
    shutil.copy(certificates.path("good.key"), key)
    key.chmod(0o600)
    authority.clients["keyed-client"].key = public_pem(
        certificates.known["good"].key.public_key())
    machine("keyed-client", oauth_key_file=key, oauth_key_alg="ES256",
            oauth_client_auth="key")
    assert_two_tokens(oauth, authority, CLIENT)
    form = authority.requests[-1][1]
    head = json.loads(decode(form["client_assertion"].split(".")[0]))
    assert head["alg"] == "ES256"


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_service_account_has_a_file_of_its_provider(
        oauth, authority, machine, key, tmp_path):
    file = tmp_path / "service.json"
    file.touch(0o600)
    file.write_text(json.dumps({
        "type": "service_account", "client_email": "robot@project.example",
        "private_key_id": "number one", "private_key": key.read_text()}))
    machine(None, "service_account", oauth_key_file=file)
    assert_two_tokens(oauth, authority, BEARER)
    form = authority.requests[-1][1]
    assert json.loads(decode(form["assertion"].split(".")[0]))[
        "kid"] == "number one"
    claims = list(authority.assertions.seen.values())[-1]
    assert claims["sub"] == "alice@example.org"
    assert claims["iss"] == "robot@project.example"
    assert claims["scope"] == "mail.send"


def test_a_file_that_holds_no_key_is_a_configuration_error(
        oauth, authority, machine, certificates, tmp_path):
    for text in ("", "nonsense", "{}", '{"client_email": "x"}'):
        file = tmp_path / "key"
        file.write_text(text)
        file.chmod(0o600)
        machine("keyed-client", oauth_key_file=file, oauth_client_auth="key")
        run = oauth.send()
        assert run.status == CONFIG and str(file) in run.stderr, run
    assert not authority.counts["token"]


@pytest.mark.parametrize("kind", ["http", "socks5h"])
def test_the_provider_is_reached_through_a_proxy(
        oauth, authority, proxy, kind):
    oauth.plant()
    oauth.configure(oauth_proxy=f"{kind}://127.0.0.1:{proxy.port}")
    run = oauth.send()
    assert run.status == 0, run
    assert proxy.targets == [f"localhost:{authority.port}"]


@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_both_servers_are_reached_through_a_proxy_with_a_login(
        oauth, authority, proxy, tmp_path, kind):
    password = "Proxy:S3cret/+%"
    file = tmp_path / "proxy"
    file.write_text(f"{password}\n")
    file.chmod(0o600)
    proxy.login = ("alice", password)
    oauth.program.secrets.append(password)
    oauth.plant()
    oauth.configure(oauth_proxy="on", proxy_type=kind, proxy_host="127.0.0.1",
                    proxy_port=proxy.port, proxy_user="alice",
                    proxy_passwordfile=file)
    run = oauth.send("-d")
    assert run.status == 0, run
    assert proxy.targets == [f"localhost:{authority.port}",
                             f"mx.test:{oauth.settings['port']}"]
    proxy.login = ("alice", "another")
    oauth.path("access").unlink()
    run = oauth.send()
    assert run.status == CONFIG, run
    assert "the proxy rejects the login" in run.stderr, run
    oauth.path("lock").unlink()  # the failure is noted there
    oauth.configure(proxy_user=None, proxy_passwordfile=None)
    run = oauth.send()
    assert run.status == CONFIG, run
    assert "the proxy requires a login: set" in run.stderr, run


def test_the_proxy_of_the_environment_is_not_used(oauth, proxy):
    oauth.plant()
    name = f"http://127.0.0.1:{proxy.port}"
    run = oauth.send(env={variable: name for variable in (
        "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")})
    assert run.status == 0, run
    assert not proxy.targets


def test_a_certificate_of_another_authority_is_refused(
        oauth, authority, certificates):
    oauth.plant()
    oauth.configure(oauth_trust_file=certificates.path("ca2.pem"))
    run = oauth.send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "certificate" in run.stderr
    assert not authority.counts


@pytest.mark.parametrize("argv", [("-v",), ("-d",), ("-v", "-d"),
                                  ("--time",)])
def test_verbose_output_shows_no_secret(oauth, argv):
    oauth.plant()
    run = oauth.send(*argv)  # which checks it
    assert run.status == 0, run


@pytest.mark.parametrize("argv", [
    ("--pretend", "bob@example.org"), ("--explain",), ("--login-status",)])
def test_what_explains_shows_no_secret_and_asks_nobody(
        oauth, authority, argv):
    oauth.plant(-10)
    oauth.configure(oauth_client_secret=CLIENT_SECRET)
    run = oauth.run(*argv, stdin=MESSAGE)
    assert run.status == 0, run
    for form in encoded_forms([CLIENT_SECRET]):
        assert form not in (run.stdout + run.stderr).encode()
    assert not authority.counts


def test_running_processes_show_no_secret(oauth, authority):
    release = threading.Event()
    fault = authority.fail(hold=release)
    oauth.plant()
    process = oauth.program.start("-f", "alice@example.org", "bob@example.org")
    try:
        process.stdin.write(MESSAGE)
        process.stdin.close()
        process.stdin = None
        assert fault.arrived.wait(60)
        secrets = authority.secrets()
        for pid in (process.pid, *children(process.pid)):
            proc = pathlib.Path(f"/proc/{pid}")
            try:
                shown = [(proc / file).read_bytes()
                         for file in ("cmdline", "environ")]
                limits = (proc / "limits").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended
            for form in encoded_forms(secrets):
                assert form not in shown[0] and form not in shown[1]
            assert [line.split()[4:6] for line in limits.splitlines()
                    if line.startswith("Max core file size")] == [["0", "0"]]
    finally:
        release.set()
        run = oauth.program.end(process)
    assert run.status == 0, run


def test_arguments_and_logs_have_no_secret(oauth, authority, tmp_path):
    """strace shows what all processes send outside TLS and pipes."""
    log = tmp_path / "calls"
    oauth.plant()
    run = subprocess.run(
        ["strace", "-f", "-s", "100000", "-e",
         "trace=execve,sendto,sendmsg", "-v", "-o",
         log, oauth.program.binary, "-f", "alice@example.org",
         "bob@example.org"], input=MESSAGE,
        env=oauth.program.environment({}), capture_output=True, timeout=60)
    assert run.returncode == 0, run
    calls = log.read_bytes()
    assert b"veredus-oauth" in calls
    for form in encoded_forms(authority.secrets()):
        assert form not in calls
