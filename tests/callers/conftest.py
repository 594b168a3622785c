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
from super_server import SuperServer

SETTINGS = "tls off\nqualify_domain example.org"
ALSO_BY_SERVICE = {"test_call_cases", "test_libraries", "test_mail_programs",
                   "test_system_programs"}
SERVER_NAME = re.compile(r"(\d{3} \d\.\d\.\d)\s+127\.0\.0\.1\s+said:")
QUEUE_LISTING = re.compile(r"(^|/)mailq$")


def pytest_generate_tests(metafunc):
    """Most programs send directly and through the submission service."""
    if ("configure" in metafunc.fixturenames
            and metafunc.module.__name__ in ALSO_BY_SERVICE):
        metafunc.parametrize("configure", ["direct", "service"],
                             indirect=True)


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
def configure(program, sink, request):
    """Writes the configuration: to send through the sink, or with the parameter
    "service" through a service that sends through it."""
    service = None
    settings = account(sink.port, SETTINGS, host="127.0.0.1")
    if getattr(request, "param", None) == "service":
        service = SuperServer(program, program.folder, "--service")
        service.write_config(settings)
        settings = service.account()

    def configure(more=""):
        program.write_config(settings + more)

    configure.through_service = service is not None
    yield configure
    if service:
        service.close()


@pytest.fixture
def sendmail(program, configure):
    """Runs the program under a name, with arguments and standard input."""
    configure()

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
def execute(overlay, program, configure):
    """Runs a command in the overlay; returns its output and exit status."""
    configure("syslog off\n")

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
        # The service names the server whose reply it passes on.
        output = SERVER_NAME.sub(r"\1", result.stdout.decode())
        return Run(list(argv), result.returncode, output, "", "", 0)

    return execute
