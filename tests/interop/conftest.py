# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers, started once for all tests of this folder."""

import shutil

import pytest

import kerberos
import network
import servers
from program import MESSAGE, SECRET, account, make_folder
from routes import Routes
from sink import Sink

USERS = ["alice", "bob"] + [f"user{number:03}" for number in range(100)]


@pytest.fixture(scope="session")
def world(certificates):
    """A Dovecot, a Postfix that asks it for passwords, and an Exim.

    Behind Dovecot's submission is a sink of ours.
    """
    reason = servers.why_not()
    if reason:
        pytest.skip(reason)
    folder = make_folder()
    started = []
    try:
        chain = folder / "chain.pem"
        with open(chain, "wb") as file:
            for name in ("good.key", "good.pem"):
                with open(certificates.path(name), "rb") as part:
                    file.write(part.read())
        root = servers.find_servers()
        world = type("World", (), {})
        world.folder = folder
        world.kerberos = kerberos.Kerberos(folder, root)
        world.sink = Sink()
        started.append(world.sink)
        world.dovecot = servers.Dovecot(
            folder, root, USERS, SECRET, world.kerberos, world.sink)
        world.postfix = servers.Postfix(
            folder, root, chain, world.dovecot.auth_socket, USERS)
        world.exim = servers.Exim(folder, root, USERS)
        for server in (world.kerberos, world.dovecot, world.postfix,
                       world.exim):
            started.append(server)
            server.start()
        yield world
    finally:
        for server in reversed(started):
            server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def postfix(world):
    world.postfix.empty()
    return world.postfix


@pytest.fixture
def dovecot(world):
    world.dovecot.empty()
    return world.dovecot


@pytest.fixture
def exim(world):
    world.exim.empty()
    return world.exim


@pytest.fixture
def sink(world):
    world.sink.empty()
    return world.sink


@pytest.fixture
def send(program, certificates):
    """Runs the program with an account for a port of a real server.

    The server is known as mx.test, which its certificate is good for.
    """
    program.hosts = {"mx.test": "127.0.0.1"}

    def send(port, *argv, settings="", stdin=MESSAGE, host="mx.test",
             trusted="ca.pem", **options):
        settings = f"tls_trust_file {certificates.path(trusted)}\n{settings}"
        program.write_config(account(port, settings, host))
        return program.run(*argv, stdin=stdin, **options)

    return send


@pytest.fixture(scope="session")
def all_routes(certificates):
    reason = servers.why_not() or network.why_not()
    if reason:
        pytest.skip(reason)
    made = Routes(network.Network(), certificates)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def routes(all_routes, program):
    """Name servers and Postfix instances that run and are empty.

    The program runs on the client of their network.
    """
    program.machine = all_routes.network.client
    all_routes.network.hang_up()
    all_routes.restore()
    return all_routes
