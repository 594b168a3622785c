# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""veredus-sts-fetch: fetches an MTA-STS policy (RFC 8461 section 3.3)."""

import os
import pathlib
import socket
import ssl
import subprocess

import pytest

import policy_host
from policy_host import DOMAIN, NAME, POLICY, PolicyHost, response

FETCH_TIMEOUT = 5  # seconds, for a fetch that must time out


@pytest.fixture
def helper(binary):
    path = binary.parent / "helpers" / "veredus-sts-fetch"
    if not path.exists():
        pytest.skip("built without libcurl")
    return path


@pytest.fixture(scope="module")
def certificate(certificates):
    return policy_host.issue_certificates(certificates)


@pytest.fixture
def start(certificate):
    """Starts policy hosts, which are stopped after the test."""
    hosts = []

    def start(label="policy", **options):
        files = certificate(label) if label else ()
        hosts.append(PolicyHost(*files, **options))
        return hosts[-1]

    yield start
    for host in hosts:
        host.stop()


@pytest.fixture
def fetch(helper, certificates):
    def fetch(host, *argv, domain=DOMAIN, trust="ca.pem", env=None):
        connect_to = [f"--connect-to={host.endpoint}"] if host else []
        return subprocess.run(
            [helper, *connect_to, f"--ca-file={certificates.path(trust)}",
             *argv, domain],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, env={**os.environ, **(env or {})})

    return fetch


def assert_failed(run, *words):
    assert run.returncode == 1, run
    assert run.stdout == ""
    lines = run.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"{NAME}: "), run
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize("argv, expected", [
    ([], {"NoNewPrivs:\t1", "Seccomp:\t2"}),
    (["--no-sandbox"], {"NoNewPrivs:\t0", "Seccomp:\t0"})])
def test_it_is_in_a_sandbox_before_it_connects(helper, argv, expected):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [helper, f"--connect-to=127.0.0.1:{port}", *argv, DOMAIN],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        listener.settimeout(60)
        client, _ = listener.accept()
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        client.close()
        assert process.wait(60) == 1
    assert expected <= set(status.splitlines())


@pytest.mark.parametrize("label", ["policy", "policy-wildcard"])
def test_the_policy_is_printed(start, fetch, label):
    host = start(label)
    run = fetch(host)
    assert run.returncode == 0, run
    assert run.stdout.encode() == POLICY.replace("\r\n", "\n").encode()
    assert run.stderr == ""
    request = host.requests[0]
    assert request.startswith("GET /.well-known/mta-sts.txt HTTP/1.1\r\n")
    assert f"Host: {NAME}\r\n" in request
    assert "Cookie" not in request and "Authorization" not in request
    assert host.server_names == [NAME]


@pytest.mark.parametrize("kind", [
    "text/plain", "Text/Plain", "text/plain; charset=utf-8",
    "text/plain;charset=us-ascii"])
def test_text_plain_of_any_charset_is_accepted(start, fetch, kind):
    host = start()
    host.response = [response(kind=kind)]
    assert fetch(host).returncode == 0


@pytest.mark.parametrize("kind, error", [
    ("text/html", "text/html"), ("text/plainer", "text/plainer"),
    ("application/octet-stream", "octet-stream"), (None, "of no type")])
def test_other_media_types_are_rejected(start, fetch, kind, error):
    host = start()
    host.response = [response(kind=kind)]
    assert_failed(fetch(host), "not text/plain", error)


@pytest.mark.parametrize("status", [
    "201 Created", "204 No Content", "206 Partial Content", "304 Not Modified",
    "401 Unauthorized", "404 Not Found", "500 Oh", "503 Later"])
def test_other_http_statuses_are_rejected(start, fetch, status):
    host = start()
    body = "" if status[:3] in ("204", "304") else POLICY
    host.response = [response(body=body, status=status)]
    assert_failed(fetch(host), "status " + status[:3])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(start, fetch, status):
    host, other = start(), start()
    target = f"Location: https://{NAME}:{other.port}/policy.txt"
    host.response = [response("", f"{status} Elsewhere", "text/plain", target)]
    assert_failed(fetch(host), f"status {status}")
    assert len(host.requests) == 1
    assert other.requests == []


@pytest.mark.parametrize("size, accepted", [(65536, True), (65537, False),
                                            (100 * 1024, False)])
def test_a_policy_of_more_than_64_kib_is_rejected(
        start, fetch, size, accepted):
    host = start()
    host.response = [response(body="x" * size)]
    run = fetch(host)
    if accepted:
        assert run.returncode == 0 and len(run.stdout) == size
    else:
        assert_failed(run, "longer than 65536 octets")


def test_a_chunked_policy_of_more_than_64_kib_is_rejected(start, fetch):
    host = start()
    host.response = [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n",
                     *[b"1000\r\n" + b"x" * 4096 + b"\r\n"] * 17, b"0\r\n\r\n"]
    assert_failed(fetch(host), "longer than 65536 octets")


def test_an_overlong_http_header_is_rejected(start, fetch):
    host = start()
    host.response = [b"HTTP/1.1 200 OK\r\n",
                     *[b"X-Long: " + b"x" * 1000 + b"\r\n"] * 100, b"\r\n"]
    assert_failed(fetch(host), "longer than 65536 octets")


def test_an_empty_policy_is_rejected(start, fetch):
    host = start()
    host.response = [response(body="")]
    assert_failed(fetch(host), "empty")


def test_an_incomplete_body_is_rejected(start, fetch):
    host = start()
    host.response = [response()[:-20]]
    assert_failed(fetch(host))


@pytest.mark.parametrize("label, trust", [
    ("policy-of-domain", "ca.pem"), ("policy-expired", "ca.pem"),
    ("policy-of-ca2", "ca.pem"), ("policy-self-signed", "ca.pem"),
    ("policy", "ca2.pem"), ("policy", "empty.pem"), ("policy", "missing.pem")])
def test_an_invalid_certificate_is_rejected(start, fetch, label, trust):
    host = start(label)
    assert_failed(fetch(host, trust=trust))
    assert host.requests == []


@pytest.mark.parametrize("label", ["policy-weak", "policy-below-weak"])
def test_a_certificate_with_a_short_key_is_rejected(start, fetch, label):
    assert_failed(fetch(start(label)), "RSA with 1024 bits")


def test_a_certificate_with_a_key_of_2048_bits_is_accepted(start, fetch):
    assert fetch(start("policy-rsa")).returncode == 0


def test_without_ca_file_the_test_ca_is_not_trusted(helper, start):
    host = start()
    run = subprocess.run([helper, f"--connect-to={host.endpoint}", DOMAIN],
                         capture_output=True, text=True, timeout=120)
    assert_failed(run)
    assert host.requests == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version, accepted", [
    (ssl.TLSVersion.TLSv1, False), (ssl.TLSVersion.TLSv1_1, False),
    (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)])
def test_tls_1_2_is_required(start, fetch, version, accepted):
    host = start(version=version)
    run = fetch(host)
    if accepted:
        assert run.returncode == 0, run
    else:
        assert_failed(run)


def test_http_in_clear_is_not_used(start, fetch):
    host = start(None)
    assert_failed(fetch(host))
    assert "GET" not in "".join(host.requests)


def test_a_slow_body_times_out(start, fetch):
    host = start()
    whole = response()
    host.response = [whole[:-10], host.stopping, whole[-10:]]
    assert_failed(fetch(host, f"--timeout={FETCH_TIMEOUT}"),
                  f"no response within {FETCH_TIMEOUT} seconds")


def test_a_refused_connection_is_reported(start, fetch):
    host = start()
    host.stop()
    assert_failed(fetch(host))


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY",
                                      "all_proxy", "http_proxy"])
def test_proxies_in_the_environment_are_ignored(start, fetch, variable):
    run = fetch(start(), env={variable: "http://127.0.0.1:9"})
    assert run.returncode == 0, run


def test_netrc_is_not_read(start, fetch, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine {NAME} login alice password secret\n")
    netrc.chmod(0o600)
    host = start()
    assert fetch(host, env={"HOME": str(tmp_path)}).returncode == 0
    assert "Authorization" not in host.requests[0]


def test_control_characters_are_not_printed(start, fetch):
    host = start()
    host.response = [response(kind="text/\x1b[31mred")]
    run = fetch(host)
    assert_failed(run)
    assert "\x1b" not in run.stderr


@pytest.mark.parametrize("domain", [
    "", ".", ".example.org", "example.org/", "a@b", "a:1", "a b", "a\nb", "a#",
    "a?", "[::1]", "\u00fc.example", "x" * 246])
def test_an_invalid_domain_is_a_usage_error(fetch, domain):
    run = fetch(None, domain=domain)
    assert run.returncode == os.EX_USAGE
    assert run.stderr.startswith("usage: veredus-sts-fetch ")


@pytest.mark.parametrize("argv", [
    ["--timeout=0"], ["--timeout=61"], ["--timeout=x"], ["--what"],
    ["other.example"]])
def test_an_invalid_argument_is_a_usage_error(fetch, argv):
    run = fetch(None, *argv)
    assert run.returncode == os.EX_USAGE
    assert "usage: " in run.stderr


def test_a_write_error_is_reported(helper, start, certificates):
    host = start()
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [helper, f"--connect-to={host.endpoint}",
             f"--ca-file={certificates.path('ca.pem')}", DOMAIN],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert run.returncode == 1
    assert "cannot write" in run.stderr
