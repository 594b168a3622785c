# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""alert_to: a notice when an account cannot log in."""

import os
import pwd
import re

import pytest

from dialogue import SEND, greet, lines
from fake_oauth import OAuthHelper
from program import SECRET, account
from queue_files import crc32c
from scripted import ScriptedServer
from service import needs_users

LOGIN = f"auth plain\nuser alice\npassword {SECRET}"
ADMIN = "admin@example.net"
DAY = 86400000


def rejected(reply="535 5.7.8 wrong password"):
    return lines(greet("AUTH PLAIN"), "C: AUTH PLAIN *", f"S: {reply}",
                 "C? QUIT", "EOF")


def taken(recipient):
    return lines(greet(), "C: MAIL FROM:<>*", "S: 250 ok",
                 f"C: RCPT TO:<{recipient}>*", "S: 250 ok", "C: DATA",
                 "S: 354 go", "BODY", "S: 250 2.0.0 ok", "C? QUIT", "EOF")


@pytest.fixture
def listen():
    """Starts servers that play one transcript each."""
    servers = []

    def listen(*plays):
        servers.append(ScriptedServer())
        if plays:
            servers[-1].play(*plays)
        return servers[-1]
    yield listen
    for server in servers:
        server.stopping.set()
        if server.thread:
            server.thread.join()
        server.listener.close()


@pytest.fixture
def other(listen):
    """The server of another account."""
    return listen()


def main_account(port, *settings):
    return account(port, "\n".join(["tls off", LOGIN, *settings]),
                   host="localhost")


@pytest.fixture
def send(program, listen, other, queue):
    """Sends through an account whose login fails."""
    def send(*settings, reply="535 5.7.8 wrong password"):
        server = listen(rejected(reply))
        second = account(other.port, "tls off\nauth off").replace(
            "account default", "account other")
        program.write_config(main_account(
            server.port, "queue on", queue.settings, *settings) + second)
        run = program.run(*SEND)
        assert run.status == 0, run
        server.finish()
        return run
    return send


def notices(queue):
    """Returns the heads of the notices in the queue."""
    heads = [path.read_bytes().partition(b"\n\n")[0].decode()
             for path in queue.files()]
    return [head for head in heads if "\nnotice" in head]


def test_a_notice_passes_another_account(send, queue, program, other):
    run = send(f"alert_to {ADMIN}", "alert_account other")
    [head] = notices(queue)
    assert "\naccount other\n" in head and f"1 {ADMIN}" in head
    assert (f"account default cannot log in; a notice to {ADMIN} is queued as "
            in run.log)
    assert "wrong password" in run.log and SECRET not in run.log
    other.play(taken(ADMIN))
    program.run("-q", "-a", "other", stdin=None)
    other.finish()
    text = other.message.decode()
    assert re.search("(?m)^Subject: Mail account default on .* cannot log in",
                     text)
    assert f"To: {ADMIN}" in text and "535 5.7.8 wrong password" in text
    assert "Auto-Submitted: auto-generated" in text
    assert "messages of this account wait in the queue" in text
    assert "no other account" not in text


def test_an_ended_login_with_oauth2_is_told(program, queue, other):
    oauth = OAuthHelper(program)
    oauth.answers(status=os.EX_NOPERM, stderr="the login has ended\n")
    program.write_config(account(other.port, "\n".join([
        oauth.settings, "queue on", queue.settings, f"alert_to {ADMIN}",
        "alert_account other"])) + account(
            other.port, "tls off\nauth off").replace("default", "other"))
    assert program.run(*SEND, env=oauth.env).status == 0
    [head] = notices(queue)
    assert "\naccount other\n" in head and f"1 {ADMIN}" in head


def test_there_is_one_notice_a_day(send, queue):
    settings = [f"alert_to {ADMIN}", "alert_account other"]
    send(*settings)
    send(*settings)
    assert len(notices(queue)) == 1
    [state] = (queue.folder / "rate").glob("alerts-default-*")
    last, missing, interval = state.read_text().split()[1:]
    numbers = f"{int(last) - DAY - 1000:020} {missing} {interval}\n"
    state.write_text(f"{crc32c(numbers.encode()):08X} {numbers}")
    send(*settings)
    assert len(notices(queue)) == 2
    send(*settings)
    assert len(notices(queue)) == 2


def test_a_clock_that_goes_back_does_not_repeat_it(send, queue):
    send(f"alert_to {ADMIN}")
    [state] = (queue.folder / "rate").glob("alerts-default-*")
    last, missing, interval = state.read_text().split()[1:]
    numbers = f"{int(last) + 30 * DAY:020} {missing} {interval}\n"
    state.write_text(f"{crc32c(numbers.encode()):08X} {numbers}")
    send(f"alert_to {ADMIN}")
    assert len(notices(queue)) == 1


@pytest.mark.parametrize("more", [[], ["alert_account default"]])
def test_without_another_account_it_waits_and_the_log_has_it(
        send, queue, more):
    run = send(f"alert_to {ADMIN}", *more)
    [head] = notices(queue)
    assert "\naccount default\n" in head
    assert "account default cannot log in" in run.log
    assert b"because no other account is its" in b"".join(
        path.read_bytes() for path in queue.files())


@pytest.mark.parametrize("reply", ["454 4.7.0 later", "421 4.3.2 down"])
def test_a_temporary_failure_is_no_reason(send, queue, reply):
    run = send(f"alert_to {ADMIN}", reply=reply)
    assert notices(queue) == [] and "cannot log in" not in run.log


def test_without_alert_to_nobody_is_told(send, queue):
    assert "cannot log in;" not in send().log
    assert notices(queue) == []


def test_a_queue_run_tells_as_well(send, queue, program, listen):
    send()
    server = listen(rejected())
    program.write_config(main_account(
        server.port, "queue on", queue.settings, f"alert_to {ADMIN}"))
    program.run("-qf", stdin=None)
    server.finish()
    assert len(notices(queue)) == 1


def test_alert_account_must_exist(program):
    program.write_config("account default\nhost mx.example\n"
                         f"alert_to {ADMIN}\nalert_account nobody\n")
    run = program.run(*SEND)
    assert run.status == os.EX_CONFIG
    assert 'there is no account "nobody"' in run.stderr


@needs_users
@pytest.mark.parametrize("mode", ["on", "off"])
def test_the_service_tells_with_and_without_a_queue(serve, server, service,
                                                    mode):
    serve(plays=[rejected()], config=main_account(
        server.port, f"queue {mode}", service.queue, f"alert_to {ADMIN}"))
    run = service.send(*SEND)
    server.finish()
    assert run.status == (0 if mode == "on" else os.EX_NOPERM), run
    found = [path.read_bytes() for path in
             (service.state / "queue" / "queue").iterdir()]
    [notice] = [data for data in found if b"\nnotice" in data]
    assert len(found) == (2 if mode == "on" else 1)
    assert f"recipient 1 {ADMIN}".encode() in notice
    # It is no message of the client, which would see it with mailq.
    assert f"\nuid {pwd.getpwnam(service.user).pw_uid}\n".encode() in notice
    service.wait_for_log("account default cannot log in; a notice to")
