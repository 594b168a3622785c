# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--configure --online: an account from an autoconfig document."""

import os
import pathlib
import socket
import subprocess

import pytest

from dns_stub import DnsStub
from policy_host import response
from proxy_stub import ProxyStub
from web_hosts import WebHosts

DOMAIN = "example.test"
HOST = f"autoconfig.{DOMAIN}"
DATABASE = "autoconfig.thunderbird.net"
OWN = f"{HOST}/mail/config-v1.1.xml"
WELL_KNOWN = f"{DOMAIN}/.well-known/autoconfig/mail/config-v1.1.xml"
OF_DATABASE = f"{DATABASE}/v1.1/{DOMAIN}"


def server(host="smtp.example.test", port=465, socket_type="SSL",
           user="%EMAILADDRESS%", auth="password-cleartext"):
    tags = {"hostname": host, "port": port, "socketType": socket_type,
            "username": user, "authentication": auth}
    return "<outgoingServer type='smtp'>" + "".join(
        f"<{name}>{value}</{name}>" for name, value in tags.items()
        if value is not None) + "</outgoingServer>"


def document(*servers, title="Example &amp; Mail", before=""):
    return (f"<?xml version='1.0'?>{before}<clientConfig version='1.1'>"
            f"<emailProvider id='x'><displayName>{title}</displayName>"
            f"{''.join(servers)}</emailProvider></clientConfig>")


@pytest.fixture
def dns():
    stub = DnsStub()
    yield stub
    stub.stop()


@pytest.fixture(scope="module")
def certificate(certificates):
    certificates.issue("web", dns=[HOST, DOMAIN, DATABASE, "other.test"])
    return certificates.path("web.pem"), certificates.path("web.key")


@pytest.fixture
def web(binary, certificate):
    if not (binary.parent / "helpers" / "veredus-autoconfig").exists():
        pytest.skip("built without libcurl or expat")
    hosts = WebHosts(*certificate)
    yield hosts
    hosts.stop()


@pytest.fixture
def configure(program, dns, web, certificates):
    def configure(*argv, address=f"alice@{DOMAIN}", online="--online"):
        return program.run(
            "--configure", address, f"--dns-server=127.0.0.1:{dns.port}",
            f"--oauth-proxy={web.url}",
            f"--oauth-trust-file={certificates.path('ca.pem')}",
            *([online] if online else []), *argv, stdin=None)
    return configure


def settings(run):
    return [line for line in run.stdout.splitlines()
            if line and not line.startswith("#")]


def assert_not_found(run, *words, status=os.EX_NOHOST):
    assert (run.status, run.stdout) == (status, ""), run
    assert len(run.stderr.splitlines()) == 1
    for word in words:
        assert word in run.stderr


def test_the_domain_has_a_document(web, configure, dns):
    web.pages[OWN] = document(
        server("old.example.test", 25, "plain"), server(),
        server("smtp.%EMAILDOMAIN%", 587, "STARTTLS"))
    run = configure()
    assert (run.status, run.stderr) == (0, ""), run
    assert run.stdout == f"""\
# Account for alice@{DOMAIN}
# From https://{OWN}
# The provider is Example & Mail
# Not used, because it is without TLS: old.example.test port 25
# Also found: smtp.example.test port 587, tls_starttls on

account default
host smtp.example.test
port 465
tls on
tls_starttls off
# The certificate must match the name of the host.
auth on
user alice@{DOMAIN}
# Set one of these: a command that prints the password, or a file that contains
# it and that only you can read.
#passwordeval pass show alice@{DOMAIN}
#passwordfile ~/.config/veredus.password
from alice@{DOMAIN}
"""
    # Nobody else is told the address, nor that there is such a domain.
    assert web.targets == [f"{HOST}:443"]
    assert web.requests == [f"{OWN}?emailaddress=alice%40{DOMAIN}"]


def test_the_sources_are_asked_one_after_the_other(web, configure):
    web.pages[OF_DATABASE] = document(server(socket_type="STARTTLS", port=587))
    run = configure()
    assert run.status == 0, run
    assert f"# From https://{OF_DATABASE}\n" in run.stdout
    assert "# That is the database of Thunderbird: make sure" in run.stdout
    assert {"port 587", "tls_starttls on"} <= set(settings(run))
    assert web.requests == [f"{OWN}?emailaddress=alice%40{DOMAIN}",
                            WELL_KNOWN, OF_DATABASE]
    web.pages[WELL_KNOWN] = document(server())
    web.pages[OWN] = document(server(socket_type="plain"))
    run = configure()
    assert f"# From https://{WELL_KNOWN}\n" in run.stdout, run
    assert "database" not in run.stdout


def test_the_database_knows_who_hosts_the_domain(web, configure, dns):
    dns.add(DOMAIN, "MX", 20, "mx.other.test")
    dns.add(DOMAIN, "MX", 10, "a.mx.hoster.test")
    web.pages[f"{DATABASE}/v1.1/hoster.test"] = document(
        server("smtp.hoster.test"))
    run = configure()
    assert (f"# From https://{DATABASE}/v1.1/hoster.test\n" in run.stdout), run
    assert "MX host a.mx.hoster.test\n" in run.stdout
    assert {"host smtp.hoster.test", f"user alice@{DOMAIN}"} <= set(
        settings(run))
    assert web.requests[2:] == [OF_DATABASE, f"{DATABASE}/v1.1/mx.hoster.test",
                                f"{DATABASE}/v1.1/hoster.test"]


def test_nothing_is_asked_without_online(web, configure, program, dns):
    web.pages[OWN] = document(server())
    assert_not_found(configure(online=None), "--online also asks")
    assert web.targets == []
    assert {kind for _, kind in dns.queries} <= {33, 15, 1, 28}
    assert all(HOST not in name for name, _ in dns.queries)


def test_the_dns_and_the_table_come_before_the_web(web, configure, dns):
    web.pages[OWN] = document(server())
    dns.add(f"_submissions._tcp.{DOMAIN}", "SRV", 0, 0, 465, "mx.test")
    dns.add("mx.test", "A", "127.0.0.1")
    assert "host mx.test" in settings(configure())
    assert "host smtp.gmail.com" in settings(
        configure(address="alice@gmail.com"))
    assert web.targets == []


def test_the_account_is_written(web, configure, program):
    web.pages[OWN] = document(server())
    program.config.unlink(missing_ok=True)
    run = configure("--write")
    assert run.status == 0, run
    run = program.run("--pretend", "a@example.org")
    assert "\nhost = smtp.example.test" in run.stdout, run


@pytest.mark.parametrize("user, expected", [
    ("%EMAILLOCALPART%", "user alice"), ("fixed", "user fixed"),
    ("%REALNAME%", None), (None, None), ('"q"', None), ("a&#10;host b", None),
    ("x" * 300, None), ("&#x202e;x", None)])
def test_the_user_is_that_of_the_document_if_a_file_can_contain_it(
        web, configure, user, expected):
    web.pages[OWN] = document(server(user=user))
    run = configure()
    assert run.status == 0, run
    if expected:
        assert expected in settings(run)
    else:
        assert "#user NAME\n" in run.stdout
        assert "\nuser" not in run.stdout
    assert "user bob" in settings(configure("--user=bob"))


@pytest.mark.parametrize("auth, present, absent", [
    ("OAuth2", "auth on", "passwordfile"),
    ("OAuth2", "#oauth_provider other", "passwordfile"),
    ("client-IP-address", "auth off", "user "),
    ("GSSAPI", "auth gssapi", "passwordfile"),
    ("NTLM", "auth ntlm", "oauth"),
    ("TLS-client-cert", "#tls_cert_file FILE", "passwordfile"),
    ("password-encrypted", "auth on", "oauth"), (None, "auth on", "oauth")])
def test_the_account_logs_in_as_the_document_says(
        web, configure, auth, present, absent):
    web.pages[OWN] = document(server(auth=auth))
    run = configure()
    assert run.status == 0, run
    assert present in run.stdout.splitlines()
    assert absent not in run.stdout


def test_the_table_adds_what_it_knows_of_the_server(web, configure):
    web.pages[OWN] = document(
        server("smtp.office365.com", 587, "STARTTLS", auth="OAuth2"))
    run = configure()
    assert "# The server is that of Microsoft 365.\n" in run.stdout, run
    assert "oauth_provider microsoft" in settings(run)


def redirect(target, status="302 Found"):
    return response("", status, "text/plain", f"Location: {target}")


def test_a_few_redirects_are_followed(web, configure):
    web.pages["other.test/c.xml"] = document(server())
    web.pages["other.test/b"] = redirect("/c.xml", "301 Moved")
    web.pages["other.test/a"] = redirect("https://other.test/b")
    web.pages[OWN] = redirect("https://other.test/a", "307 Moved")
    run = configure()
    assert f"# From https://{OWN}\n" in run.stdout, run
    # Whoever is redirected to is not told the address.
    assert sum("alice" in request for request in web.requests) == 1


@pytest.mark.parametrize("target, error", [
    ("http://other.test/a", "not to https on port 443"),
    ("https://other.test:8443/a", "not to https on port 443"),
    ("https://u:p@other.test/a", "not to https on port 443"),
    ("file:///etc/passwd", "not to https on port 443"),
    ("https://autoconfig.example.test/mail/config-v1.1.xml",
     "more than 3 redirects")])
def test_other_redirects_are_not_followed(web, configure, target, error):
    web.pages[OWN] = redirect(target)
    assert_not_found(configure(), error)
    assert {f"{HOST}:443", f"{DOMAIN}:443", f"{DATABASE}:443"} == set(
        web.targets)


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>"
    for a, b in zip("abcdefgh", "bcdefghi")) + "]>"


UNUSABLE = [
    ("<html><body>Welcome</body></html>", "not an autoconfig document"),
    (document(server(), title="&i;", before=LAUGHS), "document type"),
    (document(server())[:-20], "unclosed token"),
    (document(server(socket_type="plain")), "no SMTP server with TLS"),
    (document(server(socket_type=None)), "no SMTP server with TLS"),
    (document(), "no SMTP server"),
    (document(server("a b")), "no SMTP server"),
    (document(server("-x/../y")), "no SMTP server"),
    (document(server(), title="x" * 70000), "longer than 65536 octets"),
    (response("", "403 Forbidden"), "HTTP status 403"),
    ("\u0080<x/>", "invalid token"),
    ("<?xml version='1.0' encoding='utf-7'?><x/>", "unknown encoding"),
]


@pytest.mark.parametrize("page, error", UNUSABLE,
                         ids=[error for _, error in UNUSABLE])
def test_what_is_no_usable_document_is_not_used(web, configure, page, error):
    web.pages[OWN] = page
    assert_not_found(configure(), error, f"{DATABASE}: HTTP status 404")


def test_a_host_that_no_name_can_be_is_not_used(web, configure):
    web.pages[OWN] = document(server("192.0.2.1"), server("a..b"))
    assert_not_found(configure(), "names no valid host")


def test_the_document_tells_people_what_to_do(web, configure):
    web.pages[OWN] = document(server(), "<enable visiturl='https://a.test/x'>"
                              "<instruction>Make an app\n password."
                              "</instruction></enable>")
    run = configure()
    assert ("# The document says: Make an app password.\n"
            "# See https://a.test/x\n" in run.stdout), run


def test_texts_for_people_cannot_become_settings(web, configure):
    evil = "x&#10;passwordeval reboot&#10;&#x202e;"
    web.pages[OWN] = document(
        server(), f"<enable visiturl='https://a.test/{evil}'><instruction>"
        f"{evil}</instruction></enable>", title=evil)
    run = configure()
    assert run.status == 0 and "\u202e" not in run.stdout, run
    assert not any("reboot" in line for line in settings(run))
    assert "a.test" not in run.stdout


@pytest.mark.parametrize("status", [None, "503 Later"])
def test_without_the_database_the_failure_is_temporary(web, configure, status):
    if status:
        web.pages[OF_DATABASE] = response("", status)
    else:
        web.unreachable = {HOST, DOMAIN, DATABASE}
    assert_not_found(configure(), "check the network", "--provider",
                     f"{DATABASE}: ", status=os.EX_TEMPFAIL)


def test_a_proxy_that_requires_a_login_is_named(web, configure):
    proxy = ProxyStub()
    proxy.login = ("alice", "secret")
    for scheme in "http", "socks5h":
        assert_not_found(
            configure(f"--oauth-proxy={scheme}://127.0.0.1:{proxy.port}"),
            f"{DATABASE}: the proxy requires a login", status=os.EX_TEMPFAIL)
    proxy.stop()
    assert_not_found(configure("--oauth-proxy=on"), "give the URL",
                     status=os.EX_CONFIG)


def test_silent_servers_are_a_temporary_failure(web, configure):
    web.silent = True
    run = configure("--deadline=2")
    assert (run.status, run.stdout) == (os.EX_TEMPFAIL, ""), run
    assert len(run.stderr.splitlines()) == 1


def test_a_certificate_that_is_not_valid_is_rejected(
        web, configure, certificates):
    web.pages[OWN] = document(server())
    assert_not_found(
        configure(f"--oauth-trust-file={certificates.path('ca2.pem')}"),
        "certificate", status=os.EX_TEMPFAIL)
    assert web.requests == []


def test_a_domain_beyond_ascii_is_asked_in_ascii(web, configure):
    configure(address="alice@b\u00fccher.test")
    assert "autoconfig.xn--bcher-kva.test:443" in web.targets


def test_the_helper_is_in_a_sandbox_before_it_connects(binary, web):
    helper = binary.parent / "helpers" / "veredus-autoconfig"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [helper, f"--proxy=http://127.0.0.1:{port}", DOMAIN, "a@b"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        listener.settimeout(60)
        client, _ = listener.accept()
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        client.close()
        listener.close()
        assert process.wait(60) == 0
    assert {"NoNewPrivs:\t1", "Seccomp:\t2"} <= set(status.splitlines())


@pytest.mark.parametrize("argv", [
    [], [DOMAIN], [DOMAIN, "alice"], ["a/b", "a@b"], ["a?b", "a@b"],
    [DOMAIN, "a@b", "c/"], [DOMAIN, "a@b", "c", "d"],
    ["--connect-to=a:1", DOMAIN, "a@b"],
    ["--timeout=0", DOMAIN, "a@b"], [DOMAIN, "a\n@b"]])
def test_wrong_arguments_of_the_helper_are_a_usage_error(binary, web, argv):
    run = subprocess.run([binary.parent / "helpers" / "veredus-autoconfig",
                          *argv], capture_output=True, text=True, timeout=60)
    assert run.returncode == os.EX_USAGE
    assert run.stderr.startswith("usage: veredus-autoconfig ")
