# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs that begin with a byte order mark, or are in UTF-16."""

import os

import pytest

from dialogue import (DATA, ACCEPTED, LOGIN, MAIL, MESSAGE_ACCEPTED, QUIT,
                      SECURED, SEND, greet, lines)
from program import SECRET, account

ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


def envelope(recipient):
    return lines(greet(), MAIL, f"C: RCPT TO:<{recipient}>\nS: 250 ok", DATA,
                 ACCEPTED, QUIT)


def check(run, encoding, rejected):
    """With a mark all is well; UTF-16 is an error that names the remedy."""
    if encoding == "utf-8-sig":
        assert run.status == os.EX_OK, run
        return
    assert run.status == rejected, run
    assert "in UTF-16: convert it to UTF-8 with iconv" in run.stderr


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("argv", [["-i"], ["-t", "-i"]])
def test_a_message(submit, server, argv, encoding):
    if encoding == "utf-8-sig":
        server.play(envelope("bob@example.org"))
    recipients = [] if "-t" in argv else ["bob@example.org"]
    run = submit(*argv, "-f", "alice@example.org", *recipients,
                 stdin="To: bob@example.org\n\nx\n".encode(encoding))
    check(run, encoding, os.EX_DATAERR)
    if encoding == "utf-8-sig":
        assert server.message.startswith(b"To: bob@example.org\r\n")


def test_a_mark_before_the_commands_and_the_message_of_a_client(
        program, server):
    server.play(envelope("bob@example.org"))
    program.write_config(account(server.port, "tls off"))
    run = program.run("-bs", stdin="\r\n".join([
        "\ufeffEHLO client.example", "MAIL FROM:<alice@example.org>",
        "RCPT TO:<bob@example.org>", "DATA", "\ufeffTo: bob@example.org", "",
        "x", ".", "QUIT", ""]).encode())
    server.finish()
    assert run.status == os.EX_OK, run
    assert server.message.startswith(b"To: bob@example.org\r\n")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_configuration(program, server, encoding):
    if encoding == "utf-8-sig":
        server.play(envelope("bob@example.org"))
    path = program.home / "configuration"
    path.write_bytes(account(server.port, "tls off").lstrip().encode(encoding))
    path.chmod(0o600)
    run = program.run("-C", str(path), *SEND, stdin=b"\nx\n")
    check(run, encoding, os.EX_CONFIG)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", ["aliases", "list"])
def test_aliases_and_lists(submit, server, tmp_path, name, encoding):
    files = {"aliases": f"staff: :include:{tmp_path}/list\n",
             "list": "bob@example.org\n"}
    for other, text in files.items():
        (tmp_path / other).write_text(
            text, encoding=encoding if name == other else "utf-8")
    if encoding == "utf-8-sig":
        server.play(envelope("bob@example.org"))
    run = submit("-f", "alice@example.org", "staff", stdin=b"\nx\n",
                 settings=f"tls off\naliases {tmp_path}/aliases")
    check(run, encoding, os.EX_CONFIG)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("source", ["passwordfile", "passwordeval", "netrc"])
def test_a_password(submit, server, trust, program, tmp_path, source, encoding):
    path = program.home / ".netrc" if source == "netrc" else tmp_path / "file"
    path.write_text(
        "machine mx.test login bob@example.org password " * (source == "netrc")
        + SECRET + "\n", encoding=encoding)
    path.chmod(0o600)
    setting = {"passwordfile": f"passwordfile {path}",
               "passwordeval": f"passwordeval cat {path}", "netrc": ""}[source]
    if encoding == "utf-8-sig":
        server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test", settings=lines(
        trust, "auth plain", "user bob@example.org", setting))
    check(run, encoding, os.EX_CONFIG)
