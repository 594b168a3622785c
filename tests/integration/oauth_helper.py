# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs veredus-oauth directly, against an HTTPS server with set answers."""

import hashlib
import json
import os
import pathlib
import stat
import subprocess
import time
import urllib.parse

import pytest

from policy_host import PolicyHost

USER = "alice@example.net"
SCOPE = "mail.send offline_access"


def answer(status="200 OK", fields=(), body=None, **members):
    """An HTTP response with a JSON object, or with the body."""
    body = json.dumps(members) if body is None else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}",
             "Connection: close", "Content-Type: application/json", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def token(number=1, **members):
    """The answer with access token and refresh token of that number."""
    return answer(**{"access_token": f"access-{number}",
                     "refresh_token": f"refresh-{number}",
                     "token_type": "Bearer", "expires_in": 3600, **members})


class TokenHost(PolicyHost):
    """Replies to each request with the next of `answers`, or the last one.

    An answer is bytes, or a function of the connection.  Remembers the forms.
    """

    def __init__(self, certificate, key):
        self.answers = [token()]
        self.forms = []
        self.paths = []
        super().__init__(certificate, key)
        self.url = f"https://localhost:{self.port}"

    def handle(self, client):
        client.settimeout(20)
        with self.context.wrap_socket(client, server_side=True) as client:
            head, body = self.receive(client)
            if not head:
                return
            self.requests.append(head)
            self.paths.append(head.split()[1])
            self.forms.append(dict(urllib.parse.parse_qsl(body)))
            reply = self.answers.pop(0) if len(self.answers) > 1 \
                else self.answers[0]
            if callable(reply):
                reply(client)
            else:
                client.sendall(reply)

    @staticmethod
    def receive(client):
        data = b""
        while b"\r\n\r\n" not in data:
            data += client.recv(65536) or b"\r\n\r\n"
        head, _, body = data.decode().partition("\r\n\r\n")
        length = next((int(line.split(":")[1]) for line in head.splitlines()
                       if line.lower().startswith("content-length:")), 0)
        while len(body) < length:
            body += client.recv(65536).decode()
        return head, body


class Account:
    """An account with its store; attributes are keys of the request."""

    def __init__(self, helper, folder, host, trust):
        self.helper = helper
        self.store = pathlib.Path(folder) / "store"
        self.keys = {
            "account": "work", "user": USER, "client_id": "client",
            "scope": SCOPE, "token_url": f"{host.url}/token",
            "store": self.store, "trust_file": trust, "timeout": 20}

    def request(self, **changes):
        keys = {**self.keys, **changes}
        lines = [f"{key} {value}" for key, value in keys.items()
                 if value is not None]
        return "\n".join(["veredus-oauth-request 1", *lines, "end", ""])

    def start(self, word, **changes):
        process = subprocess.Popen(
            [self.helper, word], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")})
        process.stdin.write(self.request(**changes))
        process.stdin.flush()
        return process

    def run(self, word="refresh", more="", **changes):
        process = self.start(word, **changes)
        out, err = process.communicate(more, timeout=120)
        return subprocess.CompletedProcess(word, process.returncode, out, err)

    def path(self, suffix):
        return self.store / f"{self.name()}.{suffix}"

    def name(self):
        """The name of the account's files."""
        url, client, scope = (self.keys[key] for key in
                              ("token_url", "client_id", "scope"))
        digest = hashlib.sha256(f"{url}\n{client}\n{scope}\n".encode())
        host = urllib.parse.urlsplit(url).netloc.replace(":", "%3A")
        return f"{USER},{host},{digest.hexdigest()[:8]}"

    def write(self, suffix, lines):
        self.store.mkdir(mode=0o700, exist_ok=True)
        path = self.path(suffix)
        path.touch(0o600)
        path.write_text("\n".join([*lines, "end", ""]))
        return path

    def identity(self):
        return [f"{key} {self.keys[key]}" for key in
                ("token_url", "client_id", "user", "scope")]

    def write_grant(self, refresh="refresh-0"):
        now = int(time.time())
        return self.write("grant", [
            "veredus-oauth-grant 1", *self.identity(), "flow browser",
            f"login {now - 9000}", f"renewed {now - 9000}",
            f"refresh_token {refresh}"])

    def write_access(self, age=0, lifetime=3600, value="access-0"):
        obtained = int(time.time()) - age
        self.write("access", [
            "veredus-oauth-access 1", *self.identity(),
            f"obtained {obtained}", f"expires {obtained + lifetime}",
            f"access_token {value}"])
        return obtained

    def read(self, suffix):
        """The keys of the file."""
        lines = self.path(suffix).read_text().splitlines()
        assert lines.pop() == "end"
        return dict(line.split(" ", 1) for line in lines)

    def modes(self):
        return {stat.S_IMODE(path.lstat().st_mode)
                for path in self.store.iterdir()}


def lines_of(run):
    """The printed lines as a dictionary."""
    return dict((line.split(" ", 1) + [""])[:2]
                for line in run.stdout.splitlines())


def assert_failed(run, status, *words):
    assert run.returncode == status, run
    assert run.stdout == ""
    assert len(run.stderr.splitlines()) == 1
    for word in words:
        assert word in run.stderr


@pytest.fixture
def host(certificates):
    host = TokenHost(certificates.path("good.pem"),
                     certificates.path("good.key"))
    yield host
    host.stop()


@pytest.fixture
def account(binary, tmp_path, host, certificates):
    helper = binary.parent / "helpers" / "veredus-oauth"
    if not helper.exists():
        pytest.skip("built without libcurl")
    return Account(helper, tmp_path, host, certificates.path("ca.pem"))
