# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of -bs that stays while the servers behind it come and go."""

import pytest

WAYS = {
    "mx": (["host mx"], "bob@ordered.plain.test"),
    "srv": (["host srv", "domain_of ordered.plain.test"], "bob@example.org"),
}


class Client:
    def __init__(self, process):
        self.process = process
        self.reply()

    def reply(self):
        while True:
            line = self.process.stdout.readline().decode()
            if line[3:4] != "-":
                return line

    def say(self, *lines):
        self.process.stdin.write("".join(
            line + "\r\n" for line in lines).encode())
        self.process.stdin.flush()
        return self.reply()

    def send(self, recipient):
        """The reply to a message."""
        for line in ("MAIL FROM:<alice@example.org>",
                     f"RCPT TO:<{recipient}>", "DATA"):
            reply = self.say(line)
            if reply[0] not in "23":
                self.say("RSET")
                return reply
        return self.say("Subject: x", "", "text", ".")


@pytest.fixture(params=WAYS)
def client(request, program, routes):
    settings, recipient = WAYS[request.param]
    program.write_config(routes.account(*settings))
    process = program.start("-bs")
    client = Client(process)
    client.recipient = recipient
    client.say("EHLO client.example")
    yield client
    assert client.say("QUIT").startswith("221")
    assert program.end(process).status == 0


def test_each_message_finds_a_server(client, routes):
    one, two, three = routes.trio.values()
    for change in (lambda: None, one.stop, two.stop, one.start, one.stop):
        change()
        assert client.send(client.recipient).startswith("250")
    three.stop()
    assert client.send(client.recipient).startswith("451 4.4.1")
    two.start()
    assert client.send(client.recipient).startswith("250")
    three.start()
    one.start()
    assert len(routes.arrived()) == 6
