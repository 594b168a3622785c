# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fresh OAuth2 token costs, compared with the same text in a file."""

import os
import pathlib
import re
import subprocess
import types

from clients import RECIPIENT, SENDER
from environment import TOOL_TIMEOUT, BenchError
from fake_oauth import OAuthHelper
from table import Limit

TOKEN = 2000  # octets, as some providers make them
RUNS = 3      # of which the smallest counts
MARK = "oauth_provider other"


class TokenCost:
    def __init__(self, environment, table, quick):
        self.env = environment
        self.table = table
        self.runs = 1 if quick else RUNS
        self.program = pathlib.Path(os.environ["VEREDUS"])
        self.folder = environment.folder / "token"
        self.folder.mkdir(mode=0o700)

    def instructions(self, settings):
        """Counts those up to a connection that is refused."""
        config = self.folder / "config"
        config.write_text(
            "account default\nhost 127.0.0.1\nport 9\ntls on\n"
            f"domain client.example\nfrom {SENDER}\nauth xoauth2\n{settings}\n")
        config.chmod(0o600)
        with open(self.env.message(1024), "rb") as message:
            run = subprocess.run(
                ["valgrind", "--tool=callgrind",
                 "--callgrind-out-file=/dev/null", self.program, "-C", config,
                 RECIPIENT],
                stdin=message, stderr=subprocess.PIPE, text=True,
                timeout=TOOL_TIMEOUT, check=False,
                env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin"})
        if "connection refused" not in run.stderr:
            raise BenchError(run.stderr)
        return int(re.search(r"Collected : (\d+)", run.stderr)[1])

    def figures(self):
        """Returns those with a token, and with the same lines and a file."""
        helper = OAuthHelper(types.SimpleNamespace(
            folder=self.folder, binary=self.program))
        helper.write_access("x" * TOKEN, age=10)
        file = self.folder / "password"
        file.write_text("x" * TOKEN + "\n")
        file.chmod(0o600)
        without = helper.settings.replace(MARK, "oauth_provider off")
        return [min(self.instructions(text) for _ in range(self.runs))
                for text in (helper.settings,
                             f"{without}\npasswordfile {file}")]

    def run(self):
        try:
            token, password = self.figures()
        except BenchError as error:
            self.table.note(f"token: {error}")
            token = password = None
        self.table.title("instructions, thousand", ["veredus"])
        self.table.row("a token beyond a password",
                       {} if token is None
                       else {"veredus": (token - password) / 1000},
                       [Limit(30)], "{:.1f}")
