# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs --check, and reads its findings."""

import re
import socket

import pytest

from dialogue import lines

LINE = re.compile(r"(ok  |note|warn|fail) ([a-z]+)(?: \((\S+)\))?: (.*?)"
                  r"(?:; remedy: (.*))?")


class Finding:
    def __init__(self, line):
        match = LINE.fullmatch(line)
        assert match, line
        self.level, self.item, self.account, self.text, self.remedy = (
            match.groups())
        self.level = self.level.strip()
        assert bool(self.remedy) == (self.level != "ok"), line


def findings(run):
    return [Finding(line) for line in run.stdout.splitlines()]


def find(run, level, item, text="", remedy=""):
    """Returns the findings that a test expects; there must be one."""
    found = [f for f in findings(run) if f.level == level and f.item == item
             and text in f.text and remedy in (f.remedy or "")]
    assert found, (level, item, text, remedy, run.stdout)
    return found


def first_failure(run):
    return next((f for f in findings(run) if f.level == "fail"), None)


@pytest.fixture
def check(program):
    """Runs --check with a configuration; {home} is the home folder."""
    def check(config, *argv, stdin=None, **options):
        if config is not None:
            program.write_config(config.replace("{home}", str(program.home)))
        run = program.run("--check", *argv, stdin=stdin, **options)
        assert run.stderr == "", run
        assert (run.status == 0) == (first_failure(run) is None), run
        return run

    return check


def one(*settings, name="default", host="mx.example"):
    return lines(f"account {name}", f"host {host}", "domain client.example",
                 *settings) + "\n"


def login(*settings):
    return one("auth on", "user alice@example.org", *settings)


def file(name, text, mode=0o600):
    def prepare(program):
        path = program.home / name
        path.write_text(text)
        path.chmod(mode)
    return prepare


def closed_port():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return closed.getsockname()[1]


def system_file(program):
    return re.search("System configuration: (.*)",
                     program.run("--version", stdin=None).stdout)[1]
