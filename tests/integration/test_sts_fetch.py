# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper that fetches policies of MTA-STS (RFC 8461 section 3.3)."""

import os
import ssl
import subprocess

import pytest

import policy_host
from policy_host import DOMAIN, NAME, POLICY, PolicyHost, response

SECONDS = 5  # for one fetch that should fail for want of time


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
    """Starts policy hosts, which are stopped behind the test."""
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
        place = [f"--connect-to={host.endpoint}"] if host else []
        return subprocess.run(
            [helper, *place, f"--ca-file={certificates.path(trust)}", *argv,
             domain],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, env={**os.environ, **(env or {})})

    return fetch


def assert_refused(run, *words):
    assert run.returncode == 1, run
    assert run.stdout == ""
    lines = run.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"{NAME}: "), run
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize("label", ["policy", "policy-wildcard"])
def test_prints_a_policy(start, fetch, label):
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
def test_takes_plain_text_of_any_charset(start, fetch, kind):
    host = start()
    host.response = [response(kind=kind)]
    assert fetch(host).returncode == 0


@pytest.mark.parametrize("kind, said", [
    ("text/html", "text/html"), ("text/plainer", "text/plainer"),
    ("application/octet-stream", "octet-stream"), (None, "of no type")])
def test_refuses_other_types(start, fetch, kind, said):
    host = start()
    host.response = [response(kind=kind)]
    assert_refused(fetch(host), "not text/plain", said)


@pytest.mark.parametrize("status", [
    "201 Created", "204 No Content", "206 Partial Content", "304 Not Modified",
    "401 Unauthorized", "404 Not Found", "500 Oh", "503 Later"])
def test_refuses_other_statuses(start, fetch, status):
    host = start()
    body = "" if status[:3] in ("204", "304") else POLICY
    host.response = [response(body=body, status=status)]
    assert_refused(fetch(host), "status " + status[:3])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_follows_no_redirect(start, fetch, status):
    host, other = start(), start()
    target = f"Location: https://{NAME}:{other.port}/policy.txt"
    host.response = [response("", f"{status} Elsewhere", "text/plain", target)]
    assert_refused(fetch(host), f"status {status}")
    assert len(host.requests) == 1
    assert other.requests == []


@pytest.mark.parametrize("size, good", [(65536, True), (65537, False),
                                        (100 * 1024, False)])
def test_takes_64_kib_and_no_more(start, fetch, size, good):
    host = start()
    host.response = [response(body="x" * size)]
    run = fetch(host)
    if good:
        assert run.returncode == 0 and len(run.stdout) == size
    else:
        assert_refused(run, "longer than 65536 octets")


def test_takes_no_more_when_no_length_is_told(start, fetch):
    host = start()
    host.response = [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                   b"Transfer-Encoding: chunked\r\n\r\n",
                   *[b"1000\r\n" + b"x" * 4096 + b"\r\n"] * 17, b"0\r\n\r\n"]
    assert_refused(fetch(host), "longer than 65536 octets")


def test_does_not_gather_headers_for_ever(start, fetch):
    host = start()
    host.response = [b"HTTP/1.1 200 OK\r\n",
                   *[b"X-Long: " + b"x" * 1000 + b"\r\n"] * 100, b"\r\n"]
    assert_refused(fetch(host), "longer than 65536 octets")


def test_refuses_an_empty_policy(start, fetch):
    host = start()
    host.response = [response(body="")]
    assert_refused(fetch(host), "empty")


def test_refuses_a_body_that_ends_early(start, fetch):
    host = start()
    host.response = [response()[:-20]]
    assert_refused(fetch(host))


@pytest.mark.parametrize("label, trust", [
    ("policy-of-domain", "ca.pem"), ("policy-expired", "ca.pem"),
    ("policy-of-ca2", "ca.pem"), ("policy-self-signed", "ca.pem"),
    ("policy", "ca2.pem"), ("policy", "empty.pem"), ("policy", "missing.pem")])
def test_refuses_certificates_that_prove_nothing(start, fetch, label, trust):
    host = start(label)
    assert_refused(fetch(host, trust=trust))
    assert host.requests == []


def test_does_not_trust_the_test_authority_unasked(helper, start):
    host = start()
    run = subprocess.run([helper, f"--connect-to={host.endpoint}", DOMAIN],
                         capture_output=True, text=True, timeout=120)
    assert_refused(run)
    assert host.requests == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version, good", [
    (ssl.TLSVersion.TLSv1, False), (ssl.TLSVersion.TLSv1_1, False),
    (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)])
def test_wants_tls_1_2(start, fetch, version, good):
    host = start(version=version)
    run = fetch(host)
    if good:
        assert run.returncode == 0, run
    else:
        assert_refused(run)


def test_does_not_fall_back_to_http(start, fetch):
    host = start(None)
    assert_refused(fetch(host))
    assert "GET" not in "".join(host.requests)


def test_gives_up_when_the_body_is_slow(start, fetch):
    host = start()
    whole = response()
    host.response = [whole[:-10], host.stopping, whole[-10:]]
    assert_refused(fetch(host, f"--timeout={SECONDS}"),
                   f"no response within {SECONDS} seconds")


def test_says_when_nobody_listens(start, fetch):
    host = start()
    host.stop()
    assert_refused(fetch(host))


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY",
                                      "all_proxy", "http_proxy"])
def test_asks_no_proxy_of_the_environment(start, fetch, variable):
    run = fetch(start(), env={variable: "http://127.0.0.1:9"})
    assert run.returncode == 0, run


def test_reads_no_netrc(start, fetch, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine {NAME} login alice password secret\n")
    netrc.chmod(0o600)
    host = start()
    assert fetch(host, env={"HOME": str(tmp_path)}).returncode == 0
    assert "Authorization" not in host.requests[0]


def test_says_nothing_that_a_terminal_would_obey(start, fetch):
    host = start()
    host.response = [response(kind="text/\x1b[31mred")]
    run = fetch(host)
    assert_refused(run)
    assert "\x1b" not in run.stderr


@pytest.mark.parametrize("domain", [
    "", ".", ".example.org", "example.org/", "a@b", "a:1", "a b", "a\nb", "a#",
    "a?", "[::1]", "\u00fc.example", "x" * 246])
def test_refuses_what_is_no_domain(fetch, domain):
    run = fetch(None, domain=domain)
    assert run.returncode == os.EX_USAGE
    assert run.stderr.startswith("usage: veredus-sts-fetch ")


@pytest.mark.parametrize("argv", [
    ["--timeout=0"], ["--timeout=61"], ["--timeout=x"], ["--what"],
    ["other.example"]])
def test_refuses_other_arguments(fetch, argv):
    run = fetch(None, *argv)
    assert run.returncode == os.EX_USAGE
    assert "usage: " in run.stderr


def test_says_when_it_cannot_print(helper, start, certificates):
    host = start()
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [helper, f"--connect-to={host.endpoint}",
             f"--ca-file={certificates.path('ca.pem')}", DOMAIN],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert run.returncode == 1
    assert "cannot write" in run.stderr
