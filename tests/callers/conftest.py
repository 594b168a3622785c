# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server for all tests of this folder, and ways to call the program."""

import os
import re
import shutil
import subprocess

import pytest

import sink as sinks
import world as worlds
from program import Run, account, make_folder, text

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


@pytest.fixture(scope="session")
def world(binary):
    """The machine with the callers and with our sendmail."""
    reason = worlds.why_not()
    if reason:
        pytest.skip(reason)
    folder = make_folder()
    yield worlds.World(folder, binary)
    shutil.rmtree(folder)


@pytest.fixture
def do(world, program, sink):
    """Runs a command in that world; what it says, and its exit status."""
    program.write_config(account(
        sink.port, SETTINGS + "\nsyslog off", host="127.0.0.1"))

    def do(*argv, stdin=b"", total=30, env=None):
        env = program.environment({
            "NAME": "Tester", "LD_PRELOAD": None, "TMPDIR": None,
            "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            **(env or {})})
        done = subprocess.run(
            world.words(*argv), input=stdin, cwd=program.work, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=total,
            start_new_session=True)
        reports = list(program.folder.glob("sanitizer*"))
        assert not reports, reports[0].read_text(errors="replace")
        return Run(list(argv), done.returncode, done.stdout.decode(), "", "",
                   0)

    return do
