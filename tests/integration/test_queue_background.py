# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attempts that go on after the caller has its answer."""

import os
import shutil
import signal
import subprocess
import time

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, ENVELOPE, LOGIN,
                      LOGIN_SETTINGS, MAIL, MESSAGE_ACCEPTED, QUIT, RCPT,
                      SECURED, SEND, greet, lines)
from kernel import has_signal, read_status
from program import MESSAGE, account
from queued import (LIMIT, check_queued, refuse, wait_for_sessions,
                    wait_until)


# ---- queue_wait ----

@pytest.mark.parametrize("transcript", [
    pytest.param(lines("HOLD", greet(), MESSAGE_ACCEPTED), id="greeting"),
    pytest.param(lines(greet(), "C: MAIL *", "HOLD", "S: 250 ok", RCPT, DATA,
                       ACCEPTED, QUIT), id="mail"),
    pytest.param(lines(BEFORE_FINAL_REPLY, "HOLD", ACCEPTED, QUIT),
                 id="final dot"),
])
def test_a_slow_server_gets_one_copy_and_the_caller_does_not_wait(
        post, queue, server, transcript):
    run = post(transcript, settings="queue_wait 1s")
    assert run.status == 0, run
    assert post.seconds > 0.9
    wait_until(queue.is_empty)
    wait_until(lambda: len(run.entries) == 2)
    assert server.accepted == 1
    assert server.message == MESSAGE.replace(b"\n", b"\r\n")
    queued, sent = run.entries
    assert (queued["result"], sent["result"]) == ("queued", "sent"), run
    assert queued["queue"] == sent["queue"]
    assert "queue_wait" in queued["error"]
    assert queue.files("tmp") == queue.files("failed") == []
    assert run.stderr == ""


def test_the_session_that_goes_on_may_be_encrypted(post, queue, server, trust):
    run = post(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go", "TLS",
                     "C: EHLO *", "S: 250 mx.example", ENVELOPE, DATA,
                     "HOLD", ACCEPTED, QUIT),
               settings=f"{trust}\nqueue_wait 1s", host="mx.test")
    assert run.status == 0, run
    wait_until(queue.is_empty)
    assert server.accepted == 1


def test_a_message_is_locked_while_its_session_goes_on(program, server, queue):
    server.play(lines(greet(), ENVELOPE, DATA, "HOLD", ACCEPTED, QUIT))
    program.write_config(account(
        server.port, f"queue on\ntls off\n{queue.settings}\nqueue_wait 1s"))
    process = program.start(*SEND)
    assert process.communicate(MESSAGE, timeout=30) == (b"", b"")
    assert process.returncode == 0
    # A second session would be an unexpected connection.
    other = program.start("-qf", stdin=subprocess.DEVNULL)
    other.communicate(timeout=30)
    assert len(queue.files()) == 1
    server.finish()
    wait_until(queue.is_empty)
    assert server.accepted == 1


def test_a_recipient_that_is_refused_after_the_wait_is_returned(post, queue):
    run = post(lines(greet(), MAIL, "C: RCPT *", "HOLD",
                     "S: 550 5.1.1 no such user", "C? RSET", "C? QUIT",
                     "DRAIN"), settings="queue_wait 1s")
    assert run.status == 0, run
    wait_until(lambda: len(run.entries) == 2)
    assert {e["result"] for e in run.entries} == {"queued", "returned"}, run
    head, notice, _ = queue.entry()
    assert "recipient 1 alice@example.org" in head
    assert b"Final-Recipient: rfc822; bob@example.org" in notice
    assert b"no such user" in notice


def test_a_failure_after_the_wait_leaves_the_message_in_the_queue(post, queue):
    run = post(lines(greet(), MAIL, "C: RCPT *", "HOLD",
                     "S: 450 4.2.0 greylisted", "C? RSET", "C? QUIT",
                     "DRAIN"), settings="queue_wait 1s")
    wait_until(lambda: len(run.entries) == 2)
    assert {e["result"] for e in run.entries} == {"queued", "deferred"}, run
    assert [line.split()[0] for line in queue.journal()] == [
        "attempt", "deferred", "next"]


def test_the_wait_ends_although_a_host_never_accepts_the_connection(
        network, program, queue, post):
    program.hosts["silent.example"] = "198.51.100.1"
    run = post(host="silent.example",
               settings="queue_wait 1s")
    assert len(run.entries) == 1  # the attempt goes on
    assert run.entries[0]["result"] == "queued", run
    wait_until(lambda: len(run.entries) == 2)
    assert {e["result"] for e in run.entries} == {"queued", "deferred"}, run
    assert len(queue.files()) == 1


@pytest.mark.parametrize("settings, host", [
    pytest.param("", "slow.example", id="resolver"),
    pytest.param("tls on\nauth plain\nuser bob\npasswordeval sleep 20",
                 "mx.example", id="passwordeval"),
])
def test_the_wait_ends_with_the_attempt_before_a_session_began(
        post, program, queue, settings, host):
    program.hosts["slow.example"] = "hang"
    run = post(settings=f"queue_wait 1s\n{settings}", host=host)
    assert post.seconds < 15
    check_queued(run, queue)
    assert [line.split()[0] for line in queue.journal()] == [
        "attempt", "deferred", "next"]
    time.sleep(0.5)
    assert len(run.entries) == 1, run  # no process goes on


def test_the_log_has_the_result_of_a_session_within_the_wait(post, queue):
    run = post(lines(greet(), ENVELOPE, DATA, "WAIT 1", ACCEPTED, QUIT),
               settings="queue_wait 20s")
    assert [entry["result"] for entry in run.entries] == ["sent"], run
    assert queue.is_empty()


# ---- queue always ----

def test_queue_always_answers_at_once_and_delivers_in_the_background(
        post, queue, server):
    run = post(lines("HOLD", greet(), MESSAGE_ACCEPTED), mode="always")
    assert (run.status, run.stdout, run.stderr) == (0, "", "")
    wait_until(queue.is_empty)
    wait_until(lambda: len(run.entries) == 2)
    assert [entry["result"] for entry in run.entries] == ["queued", "sent"]
    assert server.accepted == 1
    assert server.message == MESSAGE.replace(b"\n", b"\r\n")


def test_a_message_in_the_background_may_be_deferred(post, queue):
    run = post(refuse("rcpt", "450 4.2.0 greylisted"), mode="always")
    wait_until(lambda: len(run.entries) == 2)
    assert {e["result"] for e in run.entries} == {"queued", "deferred"}, run
    assert queue.journal()[0] == "attempt"
    assert queue.journal()[1].startswith("deferred 1 450 4.2.0")


def test_a_message_in_the_background_may_be_returned(post, queue):
    run = post(refuse("rcpt", "550 5.1.1 no such user"), mode="always")
    assert run.status == 0, run
    wait_until(lambda: len(run.entries) == 2)
    assert {e["result"] for e in run.entries} == {"queued", "returned"}, run
    assert b"no such user" in queue.entry()[1]


def test_nobody_waits_for_the_process_in_the_background(program, server,
                                                        queue):
    """A caller reads its pipes to the end, whichever descriptors they are."""
    server.play(lines("HOLD", greet(), MESSAGE_ACCEPTED))
    program.write_config(account(
        server.port, f"queue always\ntls off\n{queue.settings}"))
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    process = program.start(*SEND, pass_fds=[writing])
    os.close(writing)
    stdout, stderr = process.communicate(MESSAGE, timeout=30)
    assert (process.returncode, stdout, stderr) == (0, b"", b"")
    assert os.read(reading, 1) == b""
    os.close(reading)
    wait_for_sessions(server, 1)
    server.finish()
    wait_until(queue.is_empty)


def rename(program, word):
    """Makes the program a copy, whose processes have a name of their own."""
    copy = program.folder / f"{word}{os.getpid()}"
    program.binary = shutil.copy(program.binary, copy)
    return copy.name


def processes_named(name):
    """Yields /proc folders of processes that run a file of that name.

    Only root may see which file a process with secrets runs.
    """
    for folder in os.scandir("/proc"):
        if not folder.name.isdigit():
            continue
        try:
            with open(f"{folder.path}/comm") as comm:
                if comm.read().strip() == name:
                    yield folder.path
        except OSError:
            continue


def send_and_wait(folder, number):
    """Sends a signal to the process, and waits until it has arrived."""
    pid = int(os.path.basename(folder))
    os.kill(pid, number)
    wait_until(lambda: not os.path.exists(folder) or not has_signal(
        read_status(pid), "ShdPnd", number))


def test_the_process_in_the_background_has_its_own_session(program, server,
                                                           queue):
    server.play(lines(greet(), "C: MAIL *", "EVENT", "HOLD", "S: 250 ok",
                      RCPT, DATA, ACCEPTED, QUIT))
    name = rename(program, "session")
    program.write_config(account(
        server.port, f"queue always\ntls off\n{queue.settings}"))
    process = program.start(*SEND)
    process.communicate(MESSAGE, timeout=30)
    assert server.reached.wait(LIMIT)
    [folder] = processes_named(name)
    fields = open(f"{folder}/stat").read().rpartition(")")[2].split()
    pid = os.path.basename(folder)
    assert fields[3] == pid  # the session
    if os.geteuid() == 0:
        for number in "012":
            assert os.readlink(f"{folder}/fd/{number}") == "/dev/null"
    server.finish()
    wait_until(queue.is_empty)


def test_a_process_in_the_background_that_is_ended_leaves_the_message(
        program, server, queue):
    server.play(lines(greet(), "C: MAIL *", "EVENT", "C? QUIT", "DRAIN"))
    name = rename(program, "ended")
    program.write_config(account(
        server.port, f"queue always\ntls off\n{queue.settings}"))
    process = program.start(*SEND)
    process.communicate(MESSAGE, timeout=30)
    assert server.reached.wait(LIMIT)
    [folder] = processes_named(name)
    send_and_wait(folder, signal.SIGTERM)
    began = time.monotonic()
    send_and_wait(folder, signal.SIGTERM)  # does not wait
    server.finish()
    assert time.monotonic() - began < 8
    wait_until(lambda: len(queue.journal()) == 3)
    assert [line.split()[0] for line in queue.journal()] == [
        "attempt", "deferred", "next"]


def test_a_process_in_the_background_waits_for_the_reply_that_is_due(
        program, server, queue):
    server.play(lines(greet(), "C: MAIL *", "S: 250 ok", RCPT, DATA, "EVENT",
                      "HOLD", ACCEPTED, QUIT))
    name = rename(program, "graceful")
    program.write_config(account(
        server.port, f"queue always\ntls off\n{queue.settings}"))
    process = program.start(*SEND)
    process.communicate(MESSAGE, timeout=30)
    assert server.reached.wait(LIMIT)
    [folder] = processes_named(name)
    send_and_wait(folder, signal.SIGTERM)
    server.finish()
    wait_until(queue.is_empty)


def test_a_caller_that_is_ended_leaves_the_message_in_the_queue(
        program, server, queue):
    server.play(lines(greet(), "C: MAIL *", "EVENT", "C? QUIT", "DRAIN"))
    program.write_config(account(
        server.port, f"queue on\ntls off\n{queue.settings}"))
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    assert server.reached.wait(LIMIT)
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=30)
    server.finish()
    assert (process.returncode, stdout, stderr) == (0, b"", b"")
    assert len(queue.files()) == 1


def test_only_so_many_processes_deliver_in_the_background(post, program,
                                                          server, queue):
    server.play(lines("HOLD", greet(), MESSAGE_ACCEPTED))
    for _ in range(2):
        run = post(mode="always", settings="queue_sessions 1")
        assert run.status == 0, run
        wait_for_sessions(server, 1)
    assert len(queue.files()) == 2
    server.finish()
    wait_until(lambda: len(queue.files()) == 1)
    assert queue.journal() == []  # due at once
    assert queue.files()[0].stat().st_mtime < time.time()


def test_a_large_message_goes_on_from_its_temporary_file(post, queue, server):
    big = MESSAGE + (b"y" * 70 + b"\n") * 300000
    run = post(lines(greet(), MAIL, RCPT, "C: DATA", "S: 354 go on", "HOLD",
                     "BODY", ACCEPTED, QUIT),
               settings="queue_wait 1s", stdin=big)
    assert run.status == 0, run
    wait_until(queue.is_empty)
    wait_until(lambda: len(run.entries) == 2)
    assert run.entries[1]["result"] == "sent", run
    assert server.message == big.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("mode, settings", [
    ("on", "queue_wait 1s"), ("always", "")])
def test_a_process_in_the_background_can_log_in(post, queue, server, trust,
                                                mode, settings):
    run = post(lines("HOLD", SECURED, LOGIN, MESSAGE_ACCEPTED), mode=mode,
               settings=f"{trust}\n{LOGIN_SETTINGS}\n{settings}",
               host="mx.test")
    assert run.status == 0, run
    wait_until(lambda: len(run.entries) == 2)
    assert run.entries[1]["result"] == "sent", run
    assert run.entries[1]["auth"] == "PLAIN", run
