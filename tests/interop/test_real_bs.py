# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One -bs session during which the account's servers stop and start."""

import email
import pytest

ACCOUNTS = {
    "mx": (["host mx"], "bob@ordered.plain.test"),
    "srv": (["host srv", "domain_of ordered.plain.test"], "bob@example.org"),
}


class Client:
    """An SMTP client on standard input and output of -bs."""

    def __init__(self, process):
        self.process = process
        self.reply()

    def reply(self):
        """Returns the last line of the next reply."""
        while True:
            line = self.process.stdout.readline().decode()
            if line[3:4] != "-":
                return line

    def command(self, *lines):
        self.process.stdin.write("".join(
            line + "\r\n" for line in lines).encode())
        self.process.stdin.flush()
        return self.reply()

    def send(self, recipient):
        """Runs a transaction; returns its last reply."""
        for line in ("MAIL FROM:<alice@example.org>",
                     f"RCPT TO:<{recipient}>", "DATA"):
            reply = self.command(line)
            if reply[0] not in "23":
                self.command("RSET")
                return reply
        return self.command("Subject: x", "", "text", ".")


@pytest.fixture(params=ACCOUNTS)
def client(request, program, mail_network):
    settings, recipient = ACCOUNTS[request.param]
    program.write_config(mail_network.account(*settings))
    process = program.start("-bs")
    client = Client(process)
    client.recipient = recipient
    client.command("EHLO client.example")
    yield client
    assert client.command("QUIT").startswith("221")
    assert program.end(process).status == 0


def test_each_transaction_uses_an_available_server(client, mail_network):
    one, two, three = mail_network.mx_servers.values()
    for change in (lambda: None, one.stop, two.stop, one.start, one.stop):
        change()
        assert client.send(client.recipient).startswith("250")
    three.stop()
    assert client.send(client.recipient).startswith("451 4.4.1")
    two.start()
    assert client.send(client.recipient).startswith("250")
    three.start()
    one.start()
    # A Postfix that is stopped between the delivery and the removal from its
    # queue delivers the message again; another server would not.
    copies = {(server, email.message_from_bytes(message)["Message-ID"])
              for server, _, message in mail_network.delivered()}
    assert len(copies) == 6
