# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many messages through host srv while servers stop and start."""

import collections
import contextlib
import os
import ssl
import subprocess
import time

import pytest

import zones
from mx_servers import queue_id
from program import MESSAGE
from sink import Sink

CALLERS = 4  # at the same time
# A caller that retries after a temporary failure.
CALLER_SCRIPT = """
while read -r address; do
	until "$0" -f alice@example.org "$address" <message; do
		status=$?
		echo "$address $status"
		[ $status = 75 ] || exit
	done
	echo "$address 0"
done
"""


class Callers:
    """Shells that together send one message to each of `count` addresses."""

    def __init__(self, program, count):
        self.program = program
        self.folder = program.folder
        self.addresses = [f"user{n}@example.org" for n in range(count)]
        (self.folder / "message").write_bytes(MESSAGE)

    def path(self, caller, kind):
        return self.folder / f"{kind}-{caller}"

    def __enter__(self):
        self.processes = [self.start(n) for n in range(CALLERS)]
        return self

    def start(self, caller):
        self.path(caller, "list").write_text("".join(
            address + "\n" for address in self.addresses[caller::CALLERS]))
        with contextlib.ExitStack() as stack:
            def opened(kind, mode):
                return stack.enter_context(
                    open(self.path(caller, kind), mode))
            stack.enter_context(self.program.machine)
            return subprocess.Popen(
                ["sh", "-c", CALLER_SCRIPT, self.program.binary],
                cwd=self.folder,
                env=self.program.environment({}), stdin=opened("list", "rb"),
                stdout=opened("results", "wb"),
                stderr=opened("errors", "wb"))

    def __exit__(self, *problem):
        for process in self.processes:
            if problem[0]:
                process.kill()
            process.wait()

    def results(self):
        """Yields (address, exit status) of each run so far."""
        for caller in range(CALLERS):
            for line in self.path(caller, "results").read_text().splitlines():
                address, _, status = line.partition(" ")
                yield address, int(status)

    def wait_for(self, done, seconds=120):
        """Waits until `done` messages are sent."""
        end = time.monotonic() + seconds
        while sum(1 for _, status in self.results() if status == 0) < done:
            assert any(p.poll() is None for p in self.processes), (
                f"the callers ended early: {self.errors()}")
            assert time.monotonic() < end, f"too slow: {self.errors()}"
            time.sleep(0.05)

    def errors(self):
        return "".join(self.path(caller, "errors").read_text()
                       for caller in range(CALLERS))


@pytest.fixture
def callers(program, mail_network):
    def start(domain, count):
        program.write_config(mail_network.account(
            "host srv", f"domain_of {domain}"))
        return Callers(program, count)
    return start


@pytest.fixture
def sinks(mail_network, certificates):
    """Three servers that finish their sessions when they are stopped."""
    made = {}
    for name, address in zones.SINKS.items():
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificates.path("mx-one.pem"),
                            certificates.path("mx-one.key"))
        made[name] = Sink(address, 465, tls, mail_network.network.servers)
    yield made
    for sink in made.values():
        sink.stop()


def stop_each(callers, servers, count):
    """Stops one server after the other, each for a tenth of the messages."""
    for number, server in enumerate(servers):
        callers.wait_for(count * (2 * number + 2) // 10)
        server.stop()
        callers.wait_for(count * (2 * number + 3) // 10)
        server.start()


def expected_shares(weights, down):
    """Returns the shares if each server is down for that part of the time."""
    share = collections.Counter()
    parts = [(1 - down * len(weights), None)]
    parts += [(down, name) for name in weights]
    for part, dead in parts:
        alive = {n: w for n, w in weights.items() if n != dead}
        for name, weight in alive.items():
            share[name] += part * weight / sum(alive.values())
    return share


def test_1000_messages_follow_the_srv_weights_while_servers_stop_and_start(
        callers, sinks):
    with callers("load.plain.test", 1000) as running:
        stop_each(running, sinks.values(), 1000)
    received = {name: [recipient for message in sink.messages
                       for recipient in message.recipients]
             for name, sink in sinks.items()}
    assert sorted(sum(received.values(), [])) == sorted(running.addresses)
    assert all(status in (0, os.EX_TEMPFAIL)
               for _, status in running.results())
    for name, share in expected_shares(zones.WEIGHTS, 0.1).items():
        # Four standard deviations, and 30 for runs while a server stops.
        assert abs(len(received[name]) - 1000 * share) < 64 + 30, (
            {name: len(addresses) for name, addresses in received.items()})


def test_no_message_is_lost_when_servers_are_killed(callers, mail_network):
    with callers("plain.test", 300) as running:
        stop_each(running, mail_network.mx_servers.values(), 300)
    # A killed Postfix may deliver the same queue file twice.
    copies = {(to, name, queue_id(message))
              for name, to, message in mail_network.delivered()}
    assert {to for to, _, _ in copies} == set(running.addresses)
    # If a server is killed before its final reply, the program reports that
    # the message may have been delivered.
    duplicates = len(copies) - len(running.addresses)
    assert duplicates <= running.errors().count("may have been delivered")
