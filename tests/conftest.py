# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of all tests that run the program."""

import pathlib
import signal
import sys

import pytest

sys.dont_write_bytecode = True
LIMIT = 180  # seconds for one test, on a machine that has other things to do
HERE = pathlib.Path(__file__).resolve().parent
for place in (HERE, HERE / "integration", HERE / "interop"):
    sys.path.insert(0, str(place))

import certs  # noqa: E402
import network as networks  # noqa: E402
from program import (  # noqa: E402
    MESSAGE, Program, account, compile_preload, find_binary)
from scripted import ScriptedServer  # noqa: E402


@pytest.fixture(autouse=True)
def time_limit():
    """A test that waits for ever fails, and the others go on."""
    def expire(number, frame):
        pytest.fail(f"not done after {LIMIT} seconds")

    before = signal.signal(signal.SIGALRM, expire)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def binary():
    path = find_binary()
    if not path:
        pytest.exit("no program to test: build it, or name it in $VEREDUS", 1)
    return path


@pytest.fixture(scope="session")
def preload(tmp_path_factory):
    return compile_preload(tmp_path_factory.mktemp("preload"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Everything that certs.py makes; see there for the names."""
    return certs.write(tmp_path_factory.mktemp("certs"))


@pytest.fixture
def program(binary, preload, tmp_path):
    return Program(binary, tmp_path / "program", preload)


@pytest.fixture
def server():
    """Plays what the test gives to server.play()."""
    server = ScriptedServer()
    yield server
    server.stopping.set()
    if server.thread:
        server.thread.join()
    server.listener.close()


@pytest.fixture
def trust(server, certificates):
    """Gives the server a good certificate; the lines that trust it."""
    server.use_certificate(certificates, "good")
    return f"tls on\ntls_trust_file {certificates.path('ca.pem')}"


@pytest.fixture(scope="session")
def private_network():
    reason = networks.why_not()
    if reason:
        pytest.skip(reason)
    made = networks.Network()
    yield made
    made.close()


@pytest.fixture
def network(private_network, program):
    """Two machines; the program runs on the client."""
    program.machine = private_network.client
    yield private_network
    private_network.hang_up()


@pytest.fixture
def submit(program, request):
    """Runs the program once; submit("-f", "a@example.org", "b@example.org").

    Unless `config` is given the configuration is an account for the `server`
    of the test, known as mx.example, plus the lines in `settings`.  When the
    transcript was not kept the test fails here, with its line.
    """
    server = (request.getfixturevalue("server")
              if "server" in request.fixturenames else None)

    def submit(*argv, stdin=MESSAGE, config=None, settings="tls off",
               host="mx.example", in_clear=False, **options):
        if config is None:
            config = account(server.port if server else 9, settings, host)
        program.write_config(config)
        process_error = None
        try:
            run = program.run(*argv, stdin=stdin, **options)
        except AssertionError as error:
            process_error = error
        if server and server.thread:
            try:
                server.finish()
            except AssertionError as error:
                raise AssertionError(
                    f"{error}\n{process_error or run}") from None
        if process_error:
            raise process_error
        if server and server.thread:
            program.check_wire(server, run, in_clear)
        return run

    return submit
