# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A script in place of veredus-oauth, and the files of the token store.

The script keeps each request in a file, and answers as a test says.
"""

import base64
import hashlib
import json
import pathlib
import time

SCRIPT = """#!/usr/bin/python3
import json, os, pathlib, sys, time
folder = pathlib.Path({folder!r})
answer = json.loads((folder / "answer.json").read_text())
lines = []
for line in sys.stdin:
    if line == "end\\n":
        break
    lines.append(line)
number = len(list(folder.glob("request*")))
(folder / f"request{{number}}").write_text(sys.argv[1] + "\\n"
                                           + "".join(lines))
end = time.monotonic() + 60
while answer.get("held") and not (folder / "released").exists():
    assert time.monotonic() < end
    time.sleep(0.05)
part = answer.get(f"{{sys.argv[1]}}{{number}}",
                  answer.get(sys.argv[1], answer))
print(part.get("stdout", ""), end="", flush=True)
if part.get("reads"):
    (folder / "said").write_text(sys.stdin.readline())
print(part.get("then", ""), end="", flush=True)
print(part.get("stderr", ""), end="", file=sys.stderr)
(folder / "done").touch()
sys.exit(part.get("status", 0))
"""
URL = "https://login.test/token"
AUTH_URL = "https://login.test/auth"
USER = "alice@example.org"
SCOPE = "mail"
CLIENT = "client-7"


def bearer(token, user=USER):
    """Returns the response of XOAUTH2."""
    raw = f"user={user}\x01auth=Bearer {token}\x01\x01"
    return base64.b64encode(raw.encode()).decode()


def encoded(text):
    plain = "-._~@+"
    return "".join(c if c.isalnum() or c in plain else f"%{ord(c):02X}"
                   for c in text)


class OAuthHelper:
    """The script, its answers and requests, and the store."""

    def __init__(self, program, binary=None):
        self.folder = pathlib.Path(program.folder) / "oauth"
        self.folder.mkdir()
        self.store = self.folder / "store"
        self.script = self.folder / "veredus-oauth"
        self.script.write_text(SCRIPT.format(folder=str(self.folder)))
        self.script.chmod(0o755)
        real = pathlib.Path(binary or program.binary).resolve().parent
        self.env = {"VEREDUS_TEST_FILES":
                    f"{real}/helpers/veredus-oauth={self.script}"}
        self.settings = "\n".join([
            "oauth_provider other", f"user {USER}",
            f"oauth_client_id {CLIENT}", f"oauth_token_url {URL}",
            f"oauth_auth_url {AUTH_URL}", f"oauth_scope {SCOPE}",
            f"oauth_store {self.store}"])

    def answers(self, **answer):
        """Keys are parts of an answer, or the first word of a request that has
        its own answer, with or without its number.  With held=True, each answer
        waits for release()."""
        (self.folder / "answer.json").write_text(json.dumps(answer))

    def release(self):
        (self.folder / "released").touch()

    def gives(self, *tokens, lifetime=3600):
        """Answers each request with the next token, then with the last."""
        now = int(time.time()) + 20  # after the start of the program
        each = [{"stdout": f"access {token}\nobtained {now}\n"
                           f"expires {now + lifetime}\nend\n"}
                for token in tokens]
        self.answers(refresh=each[-1], **{
            f"refresh{number}": part for number, part in enumerate(each)})

    @property
    def requests(self):
        paths = sorted(self.folder.glob("request*"))
        return [path.read_text().splitlines() for path in paths]

    def write_access(self, token, age=0, lifetime=3600):
        """Writes NAME.access with a token that is so old."""
        self.store.mkdir(mode=0o700, exist_ok=True)
        digest = hashlib.sha256(f"{URL}\n{CLIENT}\n{SCOPE}\n".encode())
        name = (f"{encoded(USER)},login.test,{digest.hexdigest()[:8]}"
                ".access")
        obtained = int(time.time()) - age
        path = self.store / name
        path.write_text(
            "veredus-oauth-access 1\n"
            f"token_url {URL}\nclient_id {CLIENT}\nuser {USER}\n"
            f"scope {SCOPE}\nobtained {obtained}\n"
            f"expires {obtained + lifetime}\naccess_token {token}\nend\n")
        path.chmod(0o600)
        return path
