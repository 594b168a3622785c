# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account with OAuth2: its settings, its token store, and logins.

The token store is written here by a second implementation of its format.
"""

import hashlib
import os
import re
import select
import signal
import subprocess
import time
import urllib.parse

from authority_data import REFRESH, SCOPE, Grant, Token, new_secret
from program import MESSAGE, TOTAL, encoded_forms

ALICE = "alice@example.org"
MALLORY = "mallory@example.org"
LIFETIME = 3600  # seconds, of planted access tokens
URL = re.compile(r"https://\S+")


def without(*names):
    """Returns an edit of Fault that removes members of the answer."""
    return lambda answer: {name: value for name, value in answer.items()
                           if name not in names}


def replace(**members):
    """Returns an edit of Fault that replaces or adds members."""
    return lambda answer: {**answer, **members}


class Console:
    """What a process prints to a pipe or a terminal, and what is typed."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.text = ""

    def wait_for(self, pattern, seconds=30):
        """Reads until the pattern is there; returns its match."""
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self.text)):
            left = end - time.monotonic()
            if left < 0 or not self.read(left):
                raise AssertionError(f"no {pattern!r} in {self.text!r}")
        return match

    def read(self, seconds):
        """Returns whether something came in that time."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # the other side of the terminal is closed
            return False
        self.text += data.decode()
        return bool(data)

    def type(self, text):
        os.write(self.descriptor, text.encode())


class OAuthAccount:
    """Runs the program with an account of alice at the authority."""

    def __init__(self, program, authority, ca, port, helper):
        self.program = program
        self.helper = helper
        self.authority = authority
        self.store = program.folder / "store"
        self.settings = {
            "host": "mx.test", "port": port, "domain": "client.example",
            "connect_timeout": 5, "tls_trust_file": ca, "user": ALICE,
            "oauth_provider": "other", "oauth_client_id": "public-client",
            "oauth_scope": SCOPE, "oauth_store": self.store,
            "oauth_trust_file": ca, "oauth_token_url": authority.token_url,
            "oauth_auth_url": f"{authority.url}/authorize",
            "oauth_device_url": f"{authority.url}/device_authorization",
            "oauth_revoke_url": f"{authority.url}/revoke"}
        self.configure()

    def configure(self, **changes):
        """Changes settings; None removes one."""
        self.settings.update(changes)
        self.program.write_config("account default\n" + "".join(
            f"{name} {value}\n" for name, value in self.settings.items()
            if value is not None))

    # The token store.

    def path(self, kind):
        """The file of the store that ends in .grant, .access or .lock."""
        setting = self.settings.get
        origin = setting("oauth_token_url") or setting("oauth_issuer")
        digest = hashlib.sha256("".join(
            f"{part or ''}\n" for part in (
                origin, setting("oauth_client_id"), setting("oauth_scope"))
        ).encode()).hexdigest()[:8]
        host = urllib.parse.quote(urllib.parse.urlsplit(origin).netloc, "@+~")
        user = urllib.parse.quote(setting("user"), "@+~")
        return self.store / f"{user},{host},{digest}.{kind}"

    def read(self, kind):
        """Returns the fields of that file."""
        head, *lines, end = self.path(kind).read_text().splitlines()
        assert head.startswith("veredus-oauth-") and end == "end"
        return dict(line.split(" ", 1) for line in lines)

    def write(self, kind, version=1, **fields):
        self.store.mkdir(mode=0o700, exist_ok=True)
        path = self.path(kind)
        path.unlink(missing_ok=True)
        path.touch(0o600)
        path.write_text(f"veredus-oauth-{kind} {version}\n" + "".join(
            f"{name} {value}\n" for name, value in fields.items()) + "end\n")

    def identity(self):
        return {"token_url": self.settings["oauth_token_url"],
                "client_id": self.settings["oauth_client_id"],
                "user": self.settings["user"],
                "scope": self.settings["oauth_scope"]}

    def plant(self, left=None, user=ALICE, lifetime=LIFETIME):
        """Makes a grant as if alice had logged in an hour ago.

        left: for how many seconds the access token is valid; None: there is
        none.  Returns the Grant.
        """
        client = self.authority.clients[self.settings["oauth_client_id"]]
        grant = Grant(client, user)
        self.authority.grants.append(grant)
        now = int(time.time())
        valid = -1 if left is None else left
        token = Token(grant, {
            "access_token": self.authority.make_token(
                client, user, SCOPE, valid),
            "refresh_token": new_secret(), "scope": SCOPE,
            "expires_in": valid})
        grant.tokens.append(token)
        self.write("grant", **self.identity(), flow="browser",
                   login=now - LIFETIME, renewed=now - LIFETIME,
                   refresh_token=token.refresh,
                   revoke_url=self.settings["oauth_revoke_url"])
        if left is not None:
            self.write("access", **self.identity(),
                       obtained=now + left - lifetime, expires=now + left,
                       access_token=token.access)
        return grant

    def forget_failure(self):
        """Lets the provider be asked again at once after a failure."""
        self.path("lock").write_bytes(b"")

    def refreshes(self):
        return self.authority.counts[REFRESH]

    # Runs.

    def check(self, run):
        """No token, code or verifier is in what a user or a log sees."""
        secrets = self.authority.secrets()
        for shown in (run.stdout, run.stderr, run.log):
            for form in encoded_forms(secrets):
                assert form not in shown.encode(), f"a secret is shown: {run}"
        return run

    def run(self, *argv, stdin=None, **options):
        return self.check(self.program.run(*argv, stdin=stdin, **options))

    def send(self, *argv, stdin=MESSAGE, **options):
        return self.run(*argv, "-f", ALICE, "bob@example.org", stdin=stdin,
                        **options)

    def start(self, *argv, **options):
        """Starts the program; returns the process, and its Console."""
        options.setdefault("stdin", subprocess.DEVNULL)
        process = self.program.start(*argv, **options)
        return process, process.stdout and Console(process.stdout.fileno())

    def end(self, process, console, total=TOTAL):
        """Returns the Run with all that was printed."""
        run = self.program.end(process, total=total)
        run.stdout = console.text + run.stdout
        return self.check(run)

    def start_browser(self, *argv, **options):
        """Starts a login; returns process, console, and the address."""
        process, console = self.start(
            "--login", "--oauth-flow=browser", *argv, **options)
        return process, console, console.wait_for(URL)[0]

    def begin_login(self):
        """Returns the address of a login that is given up."""
        process, console, url = self.start_browser()
        process.send_signal(signal.SIGINT)
        self.end(process, console)
        return url

    def log_in(self, person, *argv, **options):
        """The person consents in a browser of this machine."""
        process, console, url = self.start_browser(*argv, **options)
        redirect = person.browse(url)
        assert redirect.startswith("http://"), redirect
        person.request(redirect)
        return self.end(process, console)

    # The helper by itself.

    def request(self, **changes):
        """What the main program writes to the helper."""
        setting = self.settings.get
        fields = {
            **self.identity(), "grant": "code", "store": self.store,
            "trust_file": setting("oauth_trust_file"), "timeout": 20,
            "auth_url": setting("oauth_auth_url"),
            "revoke_url": setting("oauth_revoke_url"), **changes}
        return "veredus-oauth-request 1\n" + "".join(
            f"{name} {value}\n" for name, value in fields.items()
            if value is not None) + "end\n"

    def refresh(self, env=None, wait=True, **changes):
        """Runs the helper as for a message; returns the process."""
        process = subprocess.Popen(
            [self.helper, "refresh"], env={**(env or {})}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        process.stdin.write(self.request(**changes))
        process.stdin.close()
        process.stdin = None
        if wait:
            process.output, process.errors = process.communicate(timeout=TOTAL)
        return process
