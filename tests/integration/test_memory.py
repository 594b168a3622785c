# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No form of the password is in memory when the login is over."""

import base64
import hashlib
import re
import struct
import threading

import pytest

from dialogue import (ACCEPTED, DATA, QUIT, RCPT, SEND, STARTTLS, ehlo, greet,
                      lines, plain)
from program import MESSAGE, account, encoded_forms
from proxy_stub import ProxyStub
from scram import ScramServer

pytestmark = pytest.mark.usefixtures("ordinary_memory")

USER = "bob@example.org"
# free() overwrites the start of a block, so a part further on is searched for.
PASSWORD = "Kanarienvogel/7+-much-longer-than-the-start-of-a-released-block"
PART = PASSWORD[20:44]


def encode(text):
    return base64.b64encode(text.encode()).decode()


class Gate:
    """Keeps the reply to MAIL back until the test opens it."""

    def __init__(self, server):
        self.server = server
        self.opened = threading.Event()
        server.replies["gate"] = self.reply

    def reply(self, line, connection):
        self.server.reached.set()
        assert self.opened.wait(60)
        return "250 2.1.0 ok"


def mappings(pid):
    """Yields the line of each readable mapping, its start and its octets."""
    try:
        memory = open(f"/proc/{pid}/mem", "rb", buffering=0)
    except PermissionError:
        pytest.skip("the program lets only root read its memory")
    with memory, open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            area, rights = line.split()[:2]
            start, end = (int(number, 16) for number in area.split("-"))
            if "r" not in rights or "[v" in line:
                continue
            memory.seek(start)
            yield line.strip(), start, memory.read(end - start)


def find_part(pid, part):
    """Returns where the forms of the text are in memory, and the number of
    octets that were searched."""
    found, searched = [], 0
    for line, start, data in mappings(pid):
        searched += len(data)
        for form in encoded_forms([part]):
            at = data.find(form)
            while at >= 0:
                found.append(f"{line} at {start + at:x}: "
                             f"{data[max(at - 32, 0):at + 64]!r}")
                at = data.find(form, at + 1)
    return found, searched


def md5(*parts):
    joined = b":".join(part.encode() if isinstance(part, str) else part
                       for part in parts)
    return hashlib.md5(joined).digest()


def prove_password(line, connection):
    """The last challenge of DIGEST-MD5 (RFC 2831 section 2.1.3)."""
    fields = dict(re.findall(r'([a-z-]+)="?([^",]*)"?',
                             base64.b64decode(line).decode()))
    key = md5(md5(USER, "mx", PASSWORD), fields["nonce"], fields["cnonce"])
    proof = md5(key.hex(), fields["nonce"], fields["nc"], fields["cnonce"],
                "auth", md5("", fields["digest-uri"]).hex()).hex()
    return "334 " + encode(f"rspauth={proof}")


# A challenge of NTLM without a target: the flags are Unicode and NTLM.
NTLM_CHALLENGE = b"NTLMSSP\0" + struct.pack(
    "<IHHII8s8x8x", 2, 0, 0, 48, 0x201, b"12345678")


def exchange(mechanism, server):
    """Returns the transcript of a login."""
    if mechanism == "plain":
        return lines(plain(password=PASSWORD), "S: 235 2.7.0 welcome")
    if mechanism == "login":
        return lines("C: AUTH LOGIN", f"S: 334 {encode('Username:')}",
                     f"C: {encode(USER)}", f"S: 334 {encode('Password:')}",
                     f"C: {encode(PASSWORD)}", "S: 235 2.7.0 welcome")
    if mechanism == "cram-md5":
        return lines("C: AUTH CRAM-MD5", f"S: 334 {encode('<1@mx.example>')}",
                     "C: *", "S: 235 2.7.0 welcome")
    if mechanism == "digest-md5":
        server.replies["proof"] = prove_password
        challenge = 'realm="mx",nonce="abc",qop="auth",algorithm=md5-sess'
        return lines("C: AUTH DIGEST-MD5", f"S: 334 {encode(challenge)}",
                     "C: *", "REPLY proof", "C: ", "S: 235 2.7.0 welcome")
    if mechanism == "ntlm":
        challenge = base64.b64encode(NTLM_CHALLENGE).decode()
        return lines("C: AUTH NTLM *", f"S: 334 {challenge}", "C: *",
                     "S: 235 2.7.0 welcome")
    if mechanism in ("xoauth2", "oauthbearer"):
        return lines(f"C: AUTH {mechanism.upper()} *", "S: 235 2.7.0 welcome")
    if mechanism == "plain without initial response":
        response = plain(password=PASSWORD).split()[-1]
        return lines("C: AUTH PLAIN *", "S: 334 ", f"C: {response}",
                     "S: 235 2.7.0 welcome")
    return lines(ScramServer(server, mechanism.upper(), PASSWORD).transcript(),
                 "S: 235 2.7.0 welcome")


def source_of_password(source, program):
    """Returns the settings that give the password."""
    path = program.folder / "secret"
    path.write_text(PASSWORD + "\n")
    if source == "netrc":
        path = program.home / ".netrc"
        path.write_text(f"machine mx.test login {USER} password {PASSWORD}\n")
    path.chmod(0o600)
    return {"password": f"password {PASSWORD}",
            "passwordfile": f"passwordfile {path}",
            "passwordeval": f"passwordeval cat {path}",
            "eval": f"eval echo password {PASSWORD}",
            "netrc": ""}[source]


def search_at_the_gate(program, server, gate):
    """Searches the program while it waits for the reply to MAIL."""
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    try:
        assert server.reached.wait(60)
        found, searched = find_part(process.pid, PART)
    finally:
        gate.opened.set()
        run = program.end(process)
    server.finish()
    assert run.status == 0, run
    assert not found, "\n".join(found)
    assert searched > 1000000


@pytest.mark.parametrize("mechanism, source", [
    ("plain", "password"),
    ("plain", "passwordfile"),
    ("plain", "passwordeval"),
    ("plain", "eval"),
    ("plain", "netrc"),
    ("plain without initial response", "password"),
    ("login", "password"),
    ("xoauth2", "passwordeval"),
    ("oauthbearer", "passwordfile"),
    ("cram-md5", "password"),
    ("digest-md5", "password"),
    ("ntlm", "password"),
    ("scram-sha-1", "password"),
    ("scram-sha-256", "passwordeval"),
])
def test_after_the_login_no_form_of_the_password_is_in_memory(
        program, server, trust, mechanism, source):
    gate = Gate(server)
    name = mechanism.split()[0]
    server.play(lines(
        greet("STARTTLS"), STARTTLS, ehlo(f"AUTH {name.upper()}"),
        exchange(mechanism, server), "C: MAIL *", "REPLY gate", RCPT, DATA,
        ACCEPTED, QUIT))
    program.write_config(account(server.port, lines(
        trust, f"auth {name}", f"user {USER}",
        source_of_password(source, program)), "mx.test"))
    search_at_the_gate(program, server, gate)


@pytest.mark.parametrize("kind, source", [
    ("http", "proxy_passwordfile"), ("socks5", "proxy_password")])
def test_after_the_connection_no_form_of_the_proxy_password_is_in_memory(
        program, server, kind, source):
    gate = Gate(server)
    server.play(lines(greet(), "C: MAIL *", "REPLY gate", RCPT, DATA,
                      ACCEPTED, QUIT))
    path = program.folder / "secret"
    path.write_text(PASSWORD + "\n")
    path.chmod(0o600)
    proxy = ProxyStub()
    proxy.login = ("alice", PASSWORD)
    try:
        program.write_config(account(server.port, lines(
            "tls off", f"proxy_type {kind}", "proxy_host 127.0.0.1",
            f"proxy_port {proxy.port}", "proxy_user alice",
            f"{source} {path if source.endswith('file') else PASSWORD}")))
        search_at_the_gate(program, server, gate)
    finally:
        proxy.stop()
    assert proxy.targets == [f"mx.example:{server.port}"]
