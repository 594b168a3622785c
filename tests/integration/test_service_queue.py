# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailq over the socket of the service (XQUEUE)."""

import os
import pwd
import re
import resource
import shutil
import time

import pytest

import json_output
from dialogue import greet, lines
from queue_files import Queue
from scripted import ScriptedServer
from service import ids, needs_users, talk

EMPTY = "Mail queue is empty\n"
NOW = int(time.time() * 1000)
REPLY = "450 4.2.0 greylisted"
WWW, NEWS = (pwd.getpwnam(user).pw_uid for user in ("www-data", "news"))
SECRET_PATH = "/etc/veredus/password: permission denied"


class Waiting(Queue):
    """The queue of the service, with messages of several users."""

    def __init__(self, service):
        super().__init__(service.state / "queue")
        self.user = service.user
        for path in (self.path, *self.path.iterdir()):
            shutil.chown(path, self.user)

    def write(self, name, data, place="queue", mode=0o600):
        super().write(name, data, place, mode)
        shutil.chown(self.path / place / name, self.user)
        return name


@pytest.fixture
def waiting(serve, service):
    serve("queue on", service.queue, "users www-data")
    return Waiting(service)


@pytest.fixture
def mailq(service):
    """Lists the queue as a user whose configuration has the socket."""
    config = service.program.folder / "client.conf"
    config.write_text(f"account default\nsocket {service.path}\n")
    config.chmod(0o644)

    def mailq(*argv, user="www-data", status=0, **options):
        run = service.program.run("-C", str(config), *(argv or ["-bp"]),
                                  stdin=None, **ids(user), **options)
        assert run.status == status, (run, service.said())
        return run
    return mailq


def deferred(code, status, host, reason):
    return [f"{NOW} attempt", f"{NOW} deferred 1 {code} {status} {host} "
            f"{reason}", f"{NOW} next {NOW + 600000}"]


def listed(run):
    return re.findall(r"^([0-9A-Z]{13})[*! ]", run.stdout, re.MULTILINE)


def objects(run):
    return json_output.objects("queued", run.stdout)


@needs_users
def test_a_user_sees_its_own_messages_and_root_all(waiting, mailq):
    """root may use no account of this service, and sees the queue."""
    own = waiting.add(uid=WWW, journal=deferred(450, "4.2.0", "mx.example",
                                                REPLY))
    other = waiting.add(["secret@example.net"], uid=NEWS, place="hold")
    run = mailq()
    assert listed(run) == [own] and run.stderr == ""
    assert f"(host mx.example said: {REPLY})" in run.stdout
    assert "bob@example.org" in run.stdout and "secret" not in run.stdout
    assert run.stdout.endswith("\n-- 0 Kbytes in 1 Request.\n")
    assert listed(mailq(user="news")) == [other]
    assert mailq(user="games").stdout == EMPTY
    assert listed(mailq(user="root")) == sorted([own, other])
    verbose = mailq("-v", "-bp", user="root").stdout
    assert "(of www-data, 1 attempt, the next one at " in verbose
    assert "(of news, 0 attempts, on hold)" in verbose


@needs_users
def test_json_is_that_of_the_queue_itself(waiting, mailq, service):
    uid = {"uid": WWW}
    waiting.add(["j\u00fcrgen@example.org", "a+b=c@example.org"], **uid,
                journal=deferred(450, "4.2.0", "mx.example", REPLY))
    waiting.add(place="failed", **uid, journal=[
        f"{NOW} failed 1 550 5.1.1 mx.example 550 no"])
    waiting.add(place="hold", sender="", **uid)
    active = waiting.add(["x" * 600 + "@example.org"], **uid)
    with waiting.lock(active):
        own = service.program.run(
            "--service", "-C", str(service.config), "--queue-list", "--json",
            stdin=None, **ids(service.user))
        found = objects(mailq("--queue-list", "--json"))
    for item in found:
        assert item.pop("service") == str(service.path)
        assert item.pop("uid") == WWW
    assert found == objects(own)
    assert [item["queue_name"] for item in found] == [
        "deferred", "failed", "hold", "active"]


@needs_users
def test_reasons_do_not_name_the_files_of_the_service(waiting, mailq):
    waiting.add(uid=WWW, journal=deferred(0, "5.3.5", "-", SECRET_PATH))
    waiting.add(uid=WWW, journal=deferred(0, "4.4.1", "-", "cannot connect"))
    waiting.add(uid=WWW, journal=deferred(
        535, "5.7.8", "mx.example", "535 5.7.8 wrong password"))
    run = mailq()
    assert "password" not in run.stdout
    assert run.stdout.count("(this service has a problem of its own") == 2
    assert "(cannot connect)" in run.stdout
    assert SECRET_PATH in mailq(user="root").stdout


@needs_users
def test_damaged_files_are_told_to_root_alone(waiting, mailq):
    good = waiting.add(uid=WWW)
    waiting.write(waiting.add(uid=WWW), b"damaged")
    run = mailq()
    assert listed(run) == [good] and run.stderr == ""
    run = mailq(user="root")
    assert listed(run) == [good] and "its head has no end" in run.stderr


@needs_users
def test_a_damaged_message_in_failed_is_told_to_root_alone(waiting, mailq):
    name = waiting.add(uid=WWW, place="failed")
    path = waiting.path / "failed" / name
    path.write_bytes(path.read_bytes().replace(b"Hello", b"Hallo"))
    assert mailq().stderr == ""
    assert f"failed/{name}: " in mailq(user="root").stderr


@needs_users
def test_a_broken_configuration_is_no_empty_queue(waiting, mailq, service):
    waiting.add(uid=WWW)
    service.write_config("nonsense\n")
    run = mailq(status=os.EX_TEMPFAIL)
    assert run.stdout == "" and "nonsense" not in run.stderr
    assert "is incomplete: this service has a problem" in run.stderr


@needs_users
def test_both_queues_are_listed(waiting, mailq, service, tmp_path):
    config = service.program.folder / "both.conf"
    own = Queue(service.program.folder / "own")
    config.write_text(f"account default\nsocket {service.path}\n"
                      f"queue_dir {own.path}\n")
    first, second = own.add(age=10), waiting.add(uid=NEWS, age=100)
    run = service.program.run("-C", str(config), "-bp", stdin=None)
    assert listed(run) == [first, second]
    assert (f"(these wait in the queue of the service at {service.path})"
            in run.stdout)
    assert run.stdout.endswith(" in 2 Requests.\n")
    # An option names one of them.
    run = service.program.run("-C", str(config), f"--queue-dir={own.path}",
                              "-bp", stdin=None)
    assert listed(run) == [first]


@needs_users
def test_the_reply_keeps_to_the_limits_of_smtp(waiting, service):
    waiting.add(["\u00fc" * 300 + "@example.org"], uid=WWW,
                journal=deferred(450, "4.2.0", "mx.example", "\u00fc" * 190))
    replies = talk(service,
                   "EHLO x\r\nXQUEUE\r\nXQUEUE me\r\nHELP\r\nQUIT\r\n")
    assert "QUIT XQUEUE" in replies
    assert "250 XQUEUE" in replies or "250-XQUEUE" in replies
    reply = [line for line in replies.splitlines() if "2.0.0" in line]
    assert all(len(line) <= 510 and line.isascii() for line in reply)
    assert reply[0].startswith("250-2.0.0 message ")
    assert "250 2.0.0 end 1" in reply
    assert "501 5.5.4 the command takes no argument" in replies


def limit_memory():
    resource.setrlimit(resource.RLIMIT_DATA, (12 * 2**20, 12 * 2**20))


@needs_users
def test_a_long_queue_needs_little_memory(waiting, mailq, ordinary_memory):
    """The listing has more octets than the client may have."""
    recipients = [f"recipient-number-{n}@example.org" for n in range(200)]
    for number in range(1100):
        waiting.add(recipients, uid=WWW, age=number + 1)
    run = mailq(preexec_fn=limit_memory)
    assert len(run.stdout) > 13 * 2**20
    assert run.stdout.count("recipient-number-199@") == 1100
    assert run.stdout.endswith(" in 1100 Requests.\n")


# ---- other servers ----

@pytest.fixture
def listen(program, tmp_path):
    """Plays at a socket, which is that of the account."""
    def listen(*play):
        path = tmp_path / "socket"
        server = ScriptedServer(path=path)
        server.play(lines(*play))
        program.write_config(f"account default\nsocket {path}\n"
                             "domain client.example\n")
        return server
    return listen


def test_a_server_without_the_extension_is_told_in_one_line(
        program, listen, tmp_path):
    server = listen(greet(), "C? QUIT", "EOF")
    run = program.run(name="mailq", stdin=None)
    server.finish()
    assert run.status == os.EX_UNAVAILABLE and run.stdout == ""
    assert run.stderr == (
        f"mailq: {tmp_path}/socket: cannot list the queue of the service: the "
        "server does not offer XQUEUE\n")


ID = "6H2MGFE5M0001"
MESSAGE = (f"message {ID} queue free 33 68 1764500000000 1 0 default "
           "alice@example.org")
RECIPIENT = "recipient waiting 450 4.2.0 0 mx.example no+20way bob@example.org"


def reply(*records):
    return [f"S: 250{' ' if number == len(records) else '-'}2.0.0 {record}"
            for number, record in enumerate(records, 1)]


def test_what_came_before_a_broken_connection_is_listed(program, listen):
    server = listen(greet("XQUEUE"), "C: XQUEUE",
                    *reply(MESSAGE, RECIPIENT, MESSAGE, RECIPIENT, "x")[:4],
                    "CLOSE")
    run = program.run(name="mailq", stdin=None)
    server.finish()
    assert run.status == os.EX_TEMPFAIL
    assert listed(run) == [ID] and run.stdout.endswith(" in 1 Request.\n")


@pytest.mark.parametrize("records", [
    ["end 1"], [MESSAGE], [RECIPIENT, "end 0"], ["nonsense"], ["end"], [" x"],
    [MESSAGE, RECIPIENT.replace("+20", "+00"), "end 1"],
    [MESSAGE.replace(" 33 ", " -1 "), "end 1"],
    [MESSAGE, "end 1", "end 1"], [f"{MESSAGE} more", "end 1"]])
def test_a_listing_that_is_not_valid_is_an_error(program, listen, records):
    server = listen(greet("XQUEUE"), "C: XQUEUE", *reply(*records), "C? QUIT",
                    "EOF")
    run = program.run(name="mailq", stdin=None)
    server.finish()
    assert run.status == os.EX_PROTOCOL
    assert "sent a listing of its queue that is not valid" in run.stderr


def test_text_of_the_server_is_printable(program, listen):
    server = listen(
        greet("XQUEUE"), "C: XQUEUE", *reply(
            MESSAGE.replace("alice", "+1B[2J"),
            RECIPIENT.replace("bob", "+0A+FF"), "end 1"), "C? QUIT", "EOF")
    run = program.run(name="mailq", stdin=None)
    server.finish()
    assert run.status == 0 and "?[2J@example.org" in run.stdout
    assert "\x1b" not in run.stdout


def test_a_rejected_command_has_its_exit_status(program, listen):
    server = listen(greet("XQUEUE"), "C: XQUEUE",
                    "S: 550-5.7.1 not", "S: 550 5.7.1 you", "C? QUIT", "EOF")
    run = program.run(name="mailq", stdin=None)
    server.finish()
    assert run.status == os.EX_NOPERM and "5.7.1" in run.stderr


@pytest.mark.parametrize("play", [["DRAIN"], [greet("XQUEUE"), "C: XQUEUE",
                                              "DRAIN"]])
def test_a_silent_server_does_not_stop_it_for_long(program, listen, play):
    server = listen(*play)
    program.config.write_text(program.config.read_text() + "timeout 2\n")
    run = program.run(name="mailq", stdin=None)
    server.finish()
    assert run.status == os.EX_TEMPFAIL and run.seconds < 15


def test_without_a_socket_nobody_is_asked(program, spool):
    program.write_config("account default\nhost mx.example\n"
                         f"queue_dir {spool.path}\naccount other\n"
                         "socket /nonexistent/socket\n")
    assert program.run(name="mailq", stdin=None).stdout == EMPTY
    run = program.run("-a", "other", "-bp", stdin=None)
    assert run.status == os.EX_TEMPFAIL
    assert "cannot list the queue of the service" in run.stderr
    assert "/nonexistent/socket" in run.stderr
