# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of this host in EHLO and in addresses, without the DNS."""

import os

import pytest

from dialogue import ACCEPTED, DATA, MESSAGE_ACCEPTED, QUIT, RCPT, SEND, lines

# The resolver of the test waits for a minute if it is asked for these names.
SILENT = "client=hang,client.example=hang,localhost=hang"


@pytest.fixture
def sends(submit, server, tmp_path):
    """Runs the program on a host with these names."""
    def run(*argv, host="client", mailname=None, hosts="", extra="",
            relay="mx.example", **options):
        files = {}
        for path, text in (("/etc/mailname", mailname),
                           ("/etc/hosts", hosts)):
            name = tmp_path / os.path.basename(path)
            if text is not None:
                name.write_text(text)
            files[path] = name
        result = submit(
            *(argv or SEND), config=f"host {relay}\nport {server.port}\n"
            f"tls off\n{extra}", env={
                "VEREDUS_TEST_HOSTNAME": host,
                "VEREDUS_TEST_FILES": ",".join(
                    f"{path}={name}" for path, name in files.items()),
                "VEREDUS_TEST_HOSTS": SILENT + ",mx.example=127.0.0.1"},
            **options)
        assert result.seconds < 10, result
        return result

    return run


def greets_as(name):
    return lines("S: 220 mx.example", f"C: EHLO {name}", "S: 250 mx.example",
                 MESSAGE_ACCEPTED)


@pytest.mark.parametrize("names, greeting", [
    ({"host": "client.example"}, "client.example"),
    ({"mailname": "mail.example\n"}, "mail.example"),
    ({"hosts": "127.0.1.1 client.corp.example client\n"},
     "client.corp.example"),
    ({"hosts": "127.0.1.1\tclient CLIENT.corp.example\n"},
     "CLIENT.corp.example"),
    ({"hosts": "10.0.0.1 Client x.example # client.example\n"}, "x.example"),
    ({"mailname": "mail.example\n", "hosts": "::1 client.example client\n"},
     "mail.example"),
    ({"mailname": "mail\n", "hosts": "::1 client.example client\n"},
     "client.example"),
    ({}, "[127.0.0.1]"),
    ({"hosts": "127.0.0.1 localhost.localdomain localhost client\n"},
     "[127.0.0.1]"),
    ({"hosts": "# client client.example\n10.0.0.1 a.example b\n"},
     "[127.0.0.1]"),
    ({"host": "my_host.example"}, "[127.0.0.1]"),
    ({"mailname": "my_host.example"}, "[127.0.0.1]"),
    ({"host": "my host"}, "[127.0.0.1]"),
], ids=str)
def test_ehlo_has_the_name_that_the_files_of_this_host_give(
        sends, server, names, greeting):
    server.play(greets_as(greeting))
    assert sends(**names).status == 0


def test_no_name_is_looked_up_if_the_relay_is_an_address(sends, server):
    server.play(greets_as("[127.0.0.1]"))
    assert sends(relay="127.0.0.1").status == 0


def test_a_sender_gets_the_name_of_this_host_without_the_dns(sends, server):
    server.play(lines("S: 220 mx.example", "C: EHLO *", "S: 250 mx.example",
                      "C: MAIL FROM:<carol@client.corp.example>", "S: 250 ok",
                      RCPT, DATA, ACCEPTED, QUIT))
    run = sends("-f", "carol", "bob@example.org",
                hosts="127.0.1.1 client.corp.example client\n")
    assert run.status == 0, run


def test_a_sender_without_any_domain_is_a_configuration_error(sends):
    run = sends("-f", "carol", "bob@example.org")
    assert run.status == os.EX_CONFIG
    assert "qualify_domain" in run.stderr
