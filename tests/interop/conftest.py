# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers, started once for all tests of this folder."""

import contextlib
import shutil
import types

import pytest

import kerberos
import network
import servers
from mail_network import MailNetwork
from program import MESSAGE, SECRET, account, make_folder
from proxy_stub import ProxyStub
from sink import Sink

USERS = ["alice", "bob"] + [f"user{number:03}" for number in range(100)]


@contextlib.contextmanager
def mail_servers(certificates):
    """Yields what the servers need, or skips the tests without them.

    start() starts a server, which is stopped at the end.
    """
    reason = servers.skip_reason() or servers.dovecot_problem()
    if reason:
        pytest.skip(reason)
    folder = make_folder()
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        chain = folder / "chain.pem"
        with open(chain, "wb") as file:
            for name in ("good.key", "good.pem"):
                with open(certificates.path(name), "rb") as part:
                    file.write(part.read())

        def start(*started):
            for server in started:
                stack.callback(server.stop)
                server.start()

        yield types.SimpleNamespace(
            folder=folder, chain=chain, root=servers.find_servers(),
            start=start, stack=stack)


@pytest.fixture(scope="session")
def real_servers(certificates):
    """Dovecot, Postfix with Dovecot SASL, and Exim.

    Dovecot's submission service relays to a sink server.
    """
    with mail_servers(certificates) as mail:
        folder, root = mail.folder, mail.root
        mail.kerberos = kerberos.Kerberos(folder, root)
        mail.sink = Sink()
        mail.stack.callback(mail.sink.stop)
        mail.dovecot = servers.Dovecot(
            folder, root, USERS, SECRET, mail.kerberos, mail.sink)
        mail.postfix = servers.Postfix(
            folder, root, mail.chain, mail.dovecot.auth_socket, USERS)
        mail.exim = servers.Exim(folder, root, USERS)
        mail.start(mail.kerberos, mail.dovecot, mail.postfix, mail.exim)
        yield mail


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


@pytest.fixture(scope="session")
def shared_authority(certificates):
    authority = pytest.importorskip(
        "authority", reason="python3-authlib or python3-flask is missing")
    made = authority.Authority(
        certificates.path("good.pem"), certificates.path("good.key"),
        certificates.known["rsa"].key.public_key())
    yield made
    made.stop()


@pytest.fixture
def authority(shared_authority):
    """The OAuth2 server of authority.py, whose clients have the key of rsa."""
    shared_authority.reset()
    yield shared_authority
    shared_authority.reset()


@pytest.fixture
def person(certificates):
    """Makes a Person: person(), person("mallory@example.org")."""
    module = pytest.importorskip("person")

    def person(*args, **options):
        return module.Person(certificates.path("ca.pem"), *args, **options)

    return person


@pytest.fixture(scope="session")
def token_servers(certificates, shared_authority):
    """Postfix, and a Dovecot that takes the tokens of the authority."""
    from token_servers import TokenDovecot
    with mail_servers(certificates) as mail:
        mail.dovecot = TokenDovecot(mail.folder, mail.root, shared_authority,
                                    certificates.path("ca.pem"))
        mail.postfix = servers.Postfix(
            mail.folder, mail.root, mail.chain, mail.dovecot.auth_socket,
            USERS)
        mail.start(mail.dovecot, mail.postfix)
        yield mail


@pytest.fixture
def token_postfix(token_servers):
    token_servers.postfix.empty()
    return token_servers.postfix


@pytest.fixture
def oauth(binary, program, authority, token_postfix, certificates):
    """An account with OAuth2; see oauth_account.py."""
    from oauth_account import OAuthAccount
    helper = binary.parent / "helpers" / "veredus-oauth"
    if not helper.exists():
        pytest.skip("built without libcurl")
    return OAuthAccount(program, authority, certificates.path("ca.pem"),
                        token_postfix.ports["submission"], helper)


@pytest.fixture
def proxy():
    proxy = ProxyStub()
    yield proxy
    proxy.stop()
