# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue runs with host mx: messages for one domain share a session."""

import pytest

from dialogue import QUIT, greet, lines
from network import SERVERS
from queue_files import MESSAGE
from test_mx import dns  # noqa: F401

ONE, TWO = SERVERS[:2]


def message(*recipients):
    return lines("""
        C: MAIL FROM:<alice@example.org>*
        S: 250 2.1.0 ok
    """, *[f"""
        C: RCPT TO:<{recipient}>*
        S: 250 2.1.5 ok
    """ for recipient in recipients], """
        C: DATA
        S: 354 go on
        BODY
        S: 250 2.0.0 accepted
    """)


@pytest.fixture
def run(program, spool, network, dns):  # noqa: F811
    dns.add("one.test", "MX", 10, "mx1.test")
    dns.add("two.test", "MX", 10, "mx2.test")
    program.write_config("\n".join([
        "account default", "host mx", "domain client.example", dns.setting,
        "connect_timeout 2", "deadline 20", "queue later",
        "queue_sessions 1", f"queue_dir {spool.path}"]) + "\n")

    def run():
        run = program.run("-q", "-v", stdin=None)
        network.finish()
        assert run.status == 0, run
        return run

    return run


def test_messages_for_a_domain_share_a_session(run, spool, network):
    for number, domain in enumerate(("one", "two", "ONE", "two", "one")):
        spool.add([f"u{number}@{domain}.test"], age=600 - number)
    network.listen(ONE).play(lines(
        greet("PIPELINING", "CHUNKING"), message("u0@one.test"),
        message("u2@ONE.test"), message("u4@one.test"), QUIT))
    network.listen(TWO).play(lines(
        greet(), message("u1@two.test"), message("u3@two.test"), QUIT))
    run()
    assert spool.names() == []


def test_a_session_without_tls_policies_takes_no_other_message(
        run, spool, network):
    header, body = MESSAGE
    for number, field in enumerate((b"TLS-Required: No\n", b"") * 2):
        spool.add([f"u{number}@one.test"], age=600 - number,
                  message=(field + header, body))
    network.listen(ONE).play(
        lines(greet(), message("u0@one.test"), QUIT),
        lines(greet(), *(message(f"u{number}@one.test")
                         for number in (1, 2, 3)), QUIT))
    run()
    assert spool.names() == []


def test_a_message_for_several_domains_has_sessions_of_its_own(
        run, spool, network):
    spool.add(["u0@one.test"], age=600)
    spool.add(["u1@one.test", "v1@two.test"], age=500)
    spool.add(["u2@one.test", "v2@one.test"], age=400)
    network.listen(ONE).play(
        lines(greet(), message("u0@one.test"),
              message("u2@one.test", "v2@one.test"), QUIT),
        lines(greet(), message("u1@one.test"), QUIT))
    network.listen(TWO).play(lines(greet(), message("v1@two.test"), QUIT))
    run()
    assert spool.names() == []


def test_a_session_that_ends_is_followed_by_another_for_its_domain(
        run, spool, network):
    for number in range(3):
        spool.add([f"u{number}@one.test"], age=600 - number)
    network.listen(ONE).play(
        lines(greet(), message("u0@one.test"), """
            C: MAIL *
            S: 421 4.3.2 too many messages
            CLOSE
        """),
        lines(greet(), message("u2@one.test"), message("u1@one.test"), QUIT))
    run()
    assert spool.names() == []
