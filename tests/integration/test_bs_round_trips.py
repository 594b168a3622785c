# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message through -bs or --service takes as many round trips to the server as a
direct delivery."""

import pytest

from dialogue import LOGIN, LOGIN_SETTINGS, SEND, STARTTLS, ehlo, greet, lines
from program import MESSAGE, account
from round_trips import RoundTripCounter
from scripted import ScriptedServer
from test_bs import CRLF_MESSAGE
from test_bs_as_direct import service  # noqa: F401
from test_round_trips import BY_BDAT, BY_DATA, OFFERS, PLAIN

PER_RECIPIENT = f"""
    C: MAIL FROM:<alice@example.org>
    C: RCPT TO:<a@example.org>
    C: RCPT TO:<b@example.org>
    C: RCPT TO:<c@example.org>
    C: BDAT * LAST
    CHUNK {len(CRLF_MESSAGE)}
    C: QUIT
    S: 250 2.1.0 ok
    S: 250 2.1.5 ok
    S: 550 5.1.1 nobody
    S: 250 2.1.5 ok
    S: 250 2.0.0 accepted
    S: 221 2.0.0 bye
"""


@pytest.fixture
def count(program, service):
    """Sends a message in both ways; returns the numbers of round trips."""

    def send(transcript, argv, status, prepare, **configs):
        server = ScriptedServer()
        if prepare:
            prepare(server)
        server.play(transcript)
        relay = RoundTripCounter(server.port)
        service.write_config(configs["service"](relay.port))
        program.write_config(configs["client"](relay.port))
        run = program.run(*argv, stdin=MESSAGE)
        assert run.status == status, (run, service.results())
        server.finish()
        return relay.finish()

    def count(*transcript, settings="tls off", argv=SEND, status=0,
              prepare=None):
        def config(port):
            return account(port, settings, "127.0.0.1")

        common = lines(*transcript), argv, status, prepare
        return (send(*common, client=config, service=config),
                send(*common, service=config,
                     client=lambda port: service.account()))

    return count


def test_a_message_by_bdat(count):
    assert count(greet(*OFFERS), BY_BDAT) == (4, 4)


def test_a_message_by_data(count):
    assert count(greet("PIPELINING"), BY_DATA) == (5, 5)


def test_starttls_and_authentication(count, certificates):
    def prepare(server):
        server.use_certificate(certificates, "good")

    trust = f"tls on\ntls_trust_file {certificates.path('ca.pem')}"
    assert count(greet("STARTTLS"), STARTTLS, ehlo(*OFFERS, PLAIN), LOGIN,
                 BY_BDAT, settings=f"{trust}\n{LOGIN_SETTINGS}",
                 prepare=prepare) == (8, 8)


def test_several_recipients(count):
    argv = ("-f", "alice@example.org", "a@example.org", "b@example.org",
            "c@example.org")
    assert count(greet(*OFFERS), PER_RECIPIENT, argv=argv,
                 status=67) == (4, 4)
