# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""postqueue of Postfix prints the same messages as mailq does.

postqueue gets its data from showq(8) over a socket.  Here the tests are showq,
and send what --queue-list --json has.
"""

import json
import os
import socket
import subprocess
import threading
import time

import pytest

import servers

NOW = int(time.time() * 1000)
REPLY = "450 4.2.0 mx.example 450 4.2.0 greylisted, come back"
OURS = ("attempts", "next_attempt", "account", "last_reply")
CONFIG = """\
compatibility_level = 3.6
queue_directory = {folder}
data_directory = {folder}
mail_owner = {servers.POSTFIX_USER}
setgid_group = {servers.POSTFIX_GROUP}
enable_long_queue_ids = yes
"""


def encode(*pairs):
    """Encodes attributes as Postfix does: each name and value ends in NUL."""
    return b"".join(part.encode() + b"\0" for pair in pairs for part in pair)


def showq(messages):
    """Returns the reply of showq."""
    reply = encode(("protocol", "mail_queue_list_protocol")) + b"\0"
    for message in messages:
        reply += encode(
            ("queue_name", message["queue_name"]),
            ("queue_id", message["queue_id"]),
            ("time", str(message["arrival_time"])),
            ("size", str(message["message_size"])),
            ("forced_expire", "0"), ("sender", message["sender"]))
        for recipient in message["recipients"]:
            reply += encode(("recipient", recipient["address"]),
                            ("reason", recipient.get("delay_reason", "")))
        reply += b"\0"
    return reply + b"\0"


@pytest.fixture
def postqueue(tmp_path, monkeypatch):
    """Runs postqueue with a reply of showq; returns its output."""
    reason = servers.skip_reason()
    if reason:
        pytest.skip(reason)
    root = servers.find_servers()
    (tmp_path / "public").mkdir()
    (tmp_path / "main.cf").write_text(
        CONFIG.format(folder=tmp_path, servers=servers))
    monkeypatch.chdir(tmp_path)  # a path of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("public/showq")
        os.chmod("public/showq", 0o666)
        listener.listen()

        def answer(reply):
            with listener.accept()[0] as client:
                client.sendall(reply)

        def run(option, reply):
            thread = threading.Thread(target=answer, args=(reply,))
            thread.start()
            result = subprocess.run(
                [root / "usr/sbin/postqueue", "-c", tmp_path, option],
                env={"LD_LIBRARY_PATH": servers.library_path(root)},
                capture_output=True, text=True, timeout=30)
            thread.join()
            assert (result.returncode, result.stderr) == (0, ""), result
            return result.stdout

        yield run


def fill(spool):
    """Adds a message of each kind; returns the one to lock."""
    spool.add(["bob@example.org", "carol@example.org", "dave@example.org",
               "eve@example.org", "eve2@example.org"], [
        f"{NOW} attempt", f"{NOW} deferred 1 {REPLY}",
        f"{NOW} deferred 2 {REPLY}", f"{NOW} deferred 3 0 4.4.1 - refused"],
              age=100000)
    spool.add(place="hold", sender="", age=3000)
    spool.add(journal=[f"{NOW} attempt", f"{NOW} deferred 1 {REPLY}"
                       + "x" * 100], message=(b"a: b\n", b"c" * 5000 + b"\n"))
    return spool.add(sender="a.very.long.address.of.a.sender@example.org")


def test_both_print_the_same_messages(program, spool, postqueue):
    with spool.lock(fill(spool)):
        listing = program.run(name="mailq", stdin=None).stdout
        objects = program.run("--queue-list", "--json", stdin=None).stdout
    messages = [json.loads(line) for line in objects.splitlines()]
    assert len(messages) == 4
    reply = showq(messages)
    assert postqueue("-p", reply) == listing
    for message, line in zip(messages, postqueue("-j", reply).splitlines()):
        for name in OURS:
            message.pop(name, None)
        assert json.loads(line) == message


def test_both_print_an_empty_queue(program, spool, postqueue):
    listing = program.run(name="mailq", stdin=None).stdout
    assert postqueue("-p", showq([])) == listing
