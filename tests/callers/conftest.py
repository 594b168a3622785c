# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sink server for all tests of this folder, and two ways to run sendmail."""

import os
import re
import shutil
import subprocess

import pytest

import overlay as overlays
import sink as sinks
from program import Run, account, make_folder, text

SETTINGS = "tls off\nqualify_domain example.org"
QUEUE_LISTING = re.compile(r"(^|/)mailq$")


@pytest.fixture(scope="session")
def shared_sink():
    sink = sinks.Sink()
    yield sink
    sink.stop()


@pytest.fixture
def sink(shared_sink):
    shared_sink.empty()
    return shared_sink


@pytest.fixture
def sendmail(program, sink):
    """Runs the program under a name, with arguments and standard input."""
    program.write_config(account(sink.port, SETTINGS))

    def sendmail(*argv, name, stdin=b"", file=False, cwd=None, env=None):
        env = {"NAME": "Tester", **(env or {})}
        if QUEUE_LISTING.search(name):
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

    return sendmail


def list_queue(program, name, argv):
    """Runs mailq, which has output on success, unlike Program.run()."""
    process = program.start(*argv, name=name)
    stdout, stderr = process.communicate(timeout=30)
    return Run([name, *argv], process.returncode, text(stdout), text(stderr),
               program.read_log(), 0)


@pytest.fixture(scope="session")
def overlay(binary):
    """Overlays with the callers, and with the program as sendmail."""
    reason = overlays.skip_reason()
    if reason:
        pytest.skip(reason)
    folder = make_folder()
    yield overlays.Overlay(folder, binary)
    shutil.rmtree(folder)


@pytest.fixture
def execute(overlay, program, sink):
    """Runs a command in the overlay; returns its output and exit status."""
    program.write_config(account(
        sink.port, SETTINGS + "\nsyslog off", host="127.0.0.1"))

    def execute(*argv, stdin=b"", total=30, env=None):
        env = program.environment({
            "NAME": "Tester", "LD_PRELOAD": None, "TMPDIR": None,
            "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            **(env or {})})
        result = subprocess.run(
            overlay.command(*argv), input=stdin, cwd=program.work, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=total,
            start_new_session=True)
        reports = list(program.folder.glob("sanitizer*"))
        assert not reports, reports[0].read_text(errors="replace")
        return Run(list(argv), result.returncode, result.stdout.decode(), "",
                   "", 0)

    return execute
