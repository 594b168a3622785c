# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server for all tests of this folder, and ways to call the program."""

import os
import re

import pytest

import sink as sinks
from program import Run, account, text

SETTINGS = "tls off\nqualify_domain example.org"
QUEUE = re.compile(r"(^|/)mailq$")


@pytest.fixture(scope="session")
def the_sink():
    sink = sinks.Sink()
    yield sink
    sink.stop()


@pytest.fixture
def sink(the_sink):
    the_sink.empty()
    return the_sink


@pytest.fixture
def call(program, sink):
    """Runs the program as a caller does: by a name, with words and input."""
    program.write_config(account(sink.port, SETTINGS))

    def call(*argv, name, stdin=b"", file=False, cwd=None, env=None):
        env = {"NAME": "Tester", **(env or {})}
        if QUEUE.search(name):
            return list_queue(program, name, argv)
        if not file:
            return program.run(*argv, name=name, stdin=stdin, cwd=cwd,
                               env=env)
        with open(program.folder / "stdin", "w+b") as unlinked:
            os.unlink(program.folder / "stdin")
            unlinked.write(stdin)
            unlinked.seek(0)
            return program.run(*argv, name=name, stdin=unlinked, cwd=cwd,
                               env=env)

    return call


def list_queue(program, name, argv):
    """As Program.run(), but of a mailq, which talks when all is well."""
    process = program.start(*argv, name=name)
    stdout, stderr = process.communicate(timeout=30)
    log = program.syslog
    return Run([name, *argv], process.returncode, text(stdout), text(stderr),
               log.read_text() if log.exists() else "", 0)
