# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for all tests that run the program."""

import collections
import os
import pathlib
import shutil
import signal
import sys

import pytest

sys.dont_write_bytecode = True
TEST_TIMEOUT = 300  # seconds, enough on a busy machine
HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE, HERE / "callers", HERE / "integration", HERE / "interop",
               HERE / "torture"):
    sys.path.insert(0, str(folder))

import certs  # noqa: E402
from dialogue import SEND  # noqa: E402
from faults import Torture, compile_faults  # noqa: E402
import network as networks  # noqa: E402
from program import (  # noqa: E402
    MESSAGE, Program, account, compile_preload, find_binary, is_sanitized,
    make_folder, state_folder)
from queue_files import Queue  # noqa: E402
from queued import QueueFolder, Sender  # noqa: E402
from scripted import ScriptedServer  # noqa: E402
from service import Service  # noqa: E402


def pytest_collection_modifyitems(config, items):
    """With sanitizers, every eighth row of a table is enough: its rows differ in
    a number or a word, and the same code handles all of them."""
    path = find_binary()
    if not path or not is_sanitized(path):
        return
    seen = collections.Counter()
    left_out = set()
    for item in items:
        if item.get_closest_marker("table"):
            if seen[item.function] % 8:
                left_out.add(item)
            seen[item.function] += 1
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def time_limit():
    """A test that hangs fails, and the next test runs."""
    def expire(number, frame):
        pytest.fail(f"not done after {TEST_TIMEOUT} seconds")

    before = signal.signal(signal.SIGALRM, expire)
    signal.alarm(TEST_TIMEOUT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def state_of_this_host():
    """Returns the folders that the program makes when root or a service runs it."""
    path = find_binary()
    places = ("lib/veredus", "lib/veredus/oauth", "lib/veredus/queue",
              "lib/veredus/mta-sts", "cache/veredus", "cache/veredus/mta-sts",
              "spool/veredus")
    return {place for place in places
            if path and (state_folder(path) / place).exists()}


@pytest.fixture(autouse=True)
def unchanged_host():
    """Fails a test, or one that runs beside it, that leaves files on this host."""
    before = state_of_this_host()
    yield
    left = state_of_this_host() - before
    assert not left, f"new folders in {state_folder(find_binary())}: {left}"


@pytest.fixture(scope="session")
def binary():
    path = find_binary()
    if not path:
        pytest.exit("no program to test: build it, or name it in $VEREDUS", 1)
    return path


def skip_with_sanitizers(binary, reason):
    if is_sanitized(binary):
        pytest.skip(reason)


@pytest.fixture(scope="session")
def ordinary_memory(binary):
    """Skips a test that a build with the address sanitizer cannot pass."""
    skip_with_sanitizers(binary, "the address sanitizer replaces the functions "
                                 "that allocate memory")


@pytest.fixture(scope="session")
def own_calls(binary):
    """Skips a test that counts system calls in a build with sanitizers."""
    skip_with_sanitizers(
        binary, "sanitizers and coverage make system calls of their own")


@pytest.fixture(scope="module")
def torture(binary, preload, tmp_path_factory, own_calls):
    """The program, of whose system calls one may fail."""
    folder = tmp_path_factory.mktemp("torture")
    torture = Torture(binary, folder, preload, compile_faults(folder))
    yield torture
    torture.stop()


@pytest.fixture(scope="session")
def full_speed(binary):
    """Skips a test that handles gigabytes in a build with sanitizers."""
    skip_with_sanitizers(binary, "with sanitizers, gigabytes take minutes")


@pytest.fixture(scope="session")
def preload(tmp_path_factory):
    return compile_preload(tmp_path_factory.mktemp("preload"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """All certificates of certs.py, by the names that are listed there."""
    return certs.write(tmp_path_factory.mktemp("certs"))


@pytest.fixture
def program(binary, preload, tmp_path):
    return Program(binary, tmp_path / "program", preload)


@pytest.fixture
def spool(program):
    """A queue that the configuration names."""
    spool = Queue(program.folder / "spool")
    program.write_config("account default\nhost mx.example\n"
                         f"queue_dir {spool.path}\n")
    return spool


@pytest.fixture
def reachable(binary, preload):
    """A copy of the program in a folder that every user can reach."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a program as another user")
    folder = make_folder()
    copies = [shutil.copy(path, folder) for path in (binary, preload)]
    yield Program(copies[0], folder / "program", copies[1])
    shutil.rmtree(folder)


@pytest.fixture
def service(reachable):
    """The submission service of service.py."""
    service = Service(reachable)
    yield service
    service.close()


@pytest.fixture
def serve(service, server):
    """Starts the service with settings of its account; the server plays."""
    def serve(*settings, plays=(), config=None):
        server.play(*plays, optional=not plays)
        service.write_config(config or service.account(server.port, *settings))
        return service.start()
    return serve


@pytest.fixture
def server():
    """A server that plays the transcript given to server.play()."""
    server = ScriptedServer()
    yield server
    server.stop()
    if server.thread:
        server.thread.join()
    server.listener.close()


@pytest.fixture
def trust(server, certificates):
    """Gives the server a valid certificate; returns settings that trust it."""
    server.use_certificate(certificates, "good")
    return f"tls on\ntls_trust_file {certificates.path('ca.pem')}"


@pytest.fixture
def queue(tmp_path):
    return QueueFolder(tmp_path / "queue")


@pytest.fixture
def post(program, server, queue):
    """Sends with a queue; see queued.py."""
    yield Sender(program, server, queue)
    reports = list(program.folder.glob("sanitizer*"))
    assert not reports, reports[0].read_text(errors="replace")


@pytest.fixture(scope="session")
def private_network():
    reason = networks.skip_reason()
    if reason:
        pytest.skip(reason)
    created = networks.Network()
    yield created
    created.close()


@pytest.fixture
def network(private_network, program):
    """The network of network.py; the program runs on the client."""
    program.machine = private_network.client
    yield private_network
    private_network.close_listeners()


@pytest.fixture
def submit(program, request):
    """Runs the program once; submit("-f", "a@example.org", "b@example.org").

    Without `config`, the configuration is an account for the `server` of the
    test, with the host name mx.example, and the lines in `settings`.  If the
    program did not follow the transcript, the test fails here and shows the
    line of the transcript.
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


@pytest.fixture
def attempts(submit):
    """Runs the program; returns the errno of each attempt."""
    def attempts(*wanted, argv=SEND, env=None, **options):
        out, into = os.pipe()
        os.set_inheritable(into, True)
        try:
            run = submit(*argv, env={
                "VEREDUS_TEST_ATTEMPTS": ",".join([str(into), *wanted]),
                **(env or {})}, pass_fds=[into], **options)
        finally:
            os.close(into)
        with open(out) as pipe:
            results = [int(line) for line in pipe]
        assert len(results) == len(wanted), run
        return results
    return attempts
