# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real mail servers, started once for all tests of this folder."""

import shutil
import types

import pytest

import kerberos
import network
import servers
from mail_network import MailNetwork
from program import MESSAGE, SECRET, account, make_folder
from sink import Sink

USERS = ["alice", "bob"] + [f"user{number:03}" for number in range(100)]


@pytest.fixture(scope="session")
def real_servers(certificates):
    """Dovecot, Postfix with Dovecot SASL, and Exim.

    Dovecot's submission service relays to a sink server.
    """
    reason = servers.skip_reason() or servers.dovecot_problem()
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
        mail = types.SimpleNamespace()
        mail.folder = folder
        mail.kerberos = kerberos.Kerberos(folder, root)
        mail.sink = Sink()
        started.append(mail.sink)
        mail.dovecot = servers.Dovecot(
            folder, root, USERS, SECRET, mail.kerberos, mail.sink)
        mail.postfix = servers.Postfix(
            folder, root, chain, mail.dovecot.auth_socket, USERS)
        mail.exim = servers.Exim(folder, root, USERS)
        for server in (mail.kerberos, mail.dovecot, mail.postfix,
                       mail.exim):
            started.append(server)
            server.start()
        yield mail
    finally:
        for server in reversed(started):
            server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def postfix(real_servers):
    real_servers.postfix.empty()
    return real_servers.postfix


@pytest.fixture
def dovecot(real_servers):
    real_servers.dovecot.empty()
    return real_servers.dovecot


@pytest.fixture
def exim(real_servers):
    real_servers.exim.empty()
    return real_servers.exim


@pytest.fixture
def sink(real_servers):
    real_servers.sink.empty()
    return real_servers.sink


@pytest.fixture
def send(program, certificates):
    """Runs the program with an account for a port of a real server.

    The server's host name is mx.test, for which its certificate is valid.
    """
    program.hosts = {"mx.test": "127.0.0.1"}

    def send(port, *argv, settings="", stdin=MESSAGE, host="mx.test",
             trusted="ca.pem", **options):
        settings = f"tls_trust_file {certificates.path(trusted)}\n{settings}"
        program.write_config(account(port, settings, host))
        return program.run(*argv, stdin=stdin, **options)

    return send


@pytest.fixture(scope="session")
def shared_mail_network(certificates):
    reason = servers.skip_reason() or network.skip_reason()
    if reason:
        pytest.skip(reason)
    made = MailNetwork(network.Network(), certificates)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def mail_network(shared_mail_network, program):
    """DNS servers and Postfix instances: all run, and no mail is stored.

    The program runs on the client of the network.
    """
    program.machine = shared_mail_network.network.client
    shared_mail_network.network.close_listeners()
    shared_mail_network.reset()
    return shared_mail_network
