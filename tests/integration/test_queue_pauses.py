# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations that do not work: how often they are tried, and by whom."""

import contextlib
import time

import pytest

from program import MESSAGE
from queue_files import crc32c
from queue_runs import (  # noqa: F401
    ANY_MESSAGE, BOB, Down, age, down, end_pauses, fill, hanging, queue,
    results, sink)
from queued import wait_until


@pytest.mark.parametrize("sessions", [1, 3])
def test_a_server_that_is_down_is_tried_once_a_pause(
        queue, sink, down, sessions):
    queue.configure(port=down.port, sessions=sessions)
    fill(queue, 30)
    queue.run()
    assert down.count == 1
    for name in queue.ids():  # each of them says why it waits
        assert "421 4.3.2 down" in queue.text(name)
    before = {name: queue.text(name) for name in queue.ids()}
    run = queue.run()
    assert down.count == 1
    assert run.log == ""
    assert before == {name: queue.text(name) for name in queue.ids()}
    end_pauses(queue)
    run = queue.run()
    assert down.count == 2
    assert results(run) == ["deferred"]
    end_pauses(queue)
    queue.configure(sessions=sessions)
    queue.run()
    assert len(sink.messages) == 30
    assert queue.ids() == []
    assert (queue.folder / "pauses").read_text() == ""


def test_a_server_that_hangs_has_one_session_of_a_run(queue, hanging):
    queue.configure("connect_timeout 1", "timeout 2", port=hanging.port,
                    sessions=3)
    fill(queue, 6)
    queue.run()
    assert hanging.count == 1
    queue.run()
    assert hanging.count == 1


def test_messages_that_wait_are_looked_at_when_the_pause_ends(queue, down):
    queue.configure(port=down.port)
    fill(queue, 3)
    queue.run()
    queue.run()
    for name in queue.ids():
        when = (queue.folder / "queue" / name).stat().st_mtime
        assert 100 < when - time.time() <= 120


def test_the_pause_doubles(queue, down):
    queue.configure("queue_retry 10m 25m", port=down.port)
    fill(queue, 1)
    lengths = []
    for _ in range(4):
        queue.run()
        fields = (queue.folder / "pauses").read_text().split("\t")
        lengths.append((int(fields[3]) - int(fields[2])) // 60_000)
        end_pauses(queue)
    assert lengths == [10, 20, 25, 25]
    assert down.count == 4


def test_all_messages_can_be_tried_in_a_pause(queue, sink, down):
    queue.configure(port=down.port)
    fill(queue, 5)
    queue.run()
    queue.run("-qf")
    assert down.count == 2
    queue.configure()
    queue.run()
    assert sink.messages == []
    queue.run("-qf")
    assert len(sink.messages) == 5


def test_one_message_can_be_tried_in_a_pause_and_ends_it(queue, sink, down):
    queue.configure(port=down.port)
    fill(queue, 5)
    queue.run()
    queue.run()  # the files have the time of the end
    queue.configure()
    queue.run("-qI" + queue.ids()[3])
    assert len(sink.messages) == 1
    queue.run()
    assert len(sink.messages) == 5
    assert queue.ids() == []


def test_only_those_that_waited_for_the_server_are_due_after_the_pause(
        queue, sink, down):
    sink.rejected[BOB] = "450 4.2.1 not now"
    name = queue.put(BOB)
    queue.run()
    fill(queue, 2)
    queue.configure(port=down.port)
    queue.run()
    queue.configure()
    queue.run("-qI" + [other for other in queue.ids() if other != name][0])
    run = queue.run()
    assert results(run) == ["sent"]
    assert queue.ids() == [name]


class Login(Down):
    """A server that rejects all passwords and counts them."""

    def accept(self):
        while True:
            try:
                session, _ = self.listener.accept()
            except OSError:
                return
            with session, contextlib.suppress(ConnectionError):
                self.serve(session.makefile("rw", newline="\r\n"))

    def serve(self, file):
        file.write("220 mx.example\n")
        file.flush()
        for line in file:
            verb = line[:4]
            self.count += verb == "AUTH"
            file.write({"EHLO": "250-mx.example\n250 AUTH PLAIN",
                        "AUTH": "535 5.7.8 wrong password"}.get(
                            verb, "221 2.0.0 bye") + "\n")
            file.flush()


def test_a_wrong_password_is_used_once_a_pause(queue, sink, tmp_path):
    server = Login()
    login = ["auth plain", "user bob", "password s3cret"]
    queue.configure(*login, port=server.port, sessions=2)
    fill(queue, 5)
    for _ in range(3):
        queue.run()
    assert server.count == 1
    run = queue.program.run("--queue-check", stdin=None)
    assert run.status == 2
    assert "535 5.7.8 wrong password" in run.stdout
    queue.configure()
    queue.run("-qf")
    assert len(sink.messages) == 5
    run = queue.program.run("--queue-check", stdin=None)
    assert run.status == 0, run
    server.stop()


def test_a_command_for_the_password_runs_once_a_pause(queue, sink, tmp_path):
    calls = tmp_path / "calls"
    queue.configure("auth plain", "user bob",
                    f"passwordeval echo x >>{calls}; false")
    fill(queue, 3)
    for _ in range(3):
        queue.run()
    assert calls.read_text().count("x") == 1


@pytest.mark.parametrize("reply", ["421 4.3.2 closing", None])
def test_a_server_that_ends_session_after_session_is_left_alone(
        queue, reply):
    class Broken(Down):
        def accept(self):
            while True:
                try:
                    session, _ = self.listener.accept()
                except OSError:
                    return
                self.count += 1
                file = session.makefile("rw", newline="\r\n")
                for text in ("220 mx.example", "250 mx.example", reply):
                    if text:
                        file.write(text + "\n")
                        file.flush()
                        file.readline()
                file.close()
                session.close()

    server = Broken()
    queue.configure(port=server.port)
    fill(queue, 6)
    queue.run()
    assert server.count == 2
    queue.run()
    assert server.count == 2
    server.stop()


def test_a_message_that_breaks_sessions_does_not_stop_the_others(
        queue, sink):
    """The server closes the connection in reply to it."""
    sink.rejected["u0@example.org"] = "421 4.3.0 \r\n"  # breaks the dialogue
    fill(queue, 4)
    queue.run()
    sink.rejected.clear()
    queue.run()
    assert len(sink.messages) == 3
    assert len(queue.ids()) == 1


def test_messages_expire_in_a_pause(queue, down):
    queue.configure("queue_lifetime 1d", "bounce_to", port=down.port)
    name = queue.put(BOB)
    queue.run()
    age(queue, name, 2 * 86400)
    run = queue.run()
    assert down.count == 1
    assert results(run)[0] in ("returned", "expired")
    assert name not in queue.ids()


def test_senders_are_told_of_a_delay_in_a_pause(queue, down):
    queue.configure(port=down.port)
    name = queue.put(BOB)
    queue.run()
    name = age(queue, name, 5 * 3600)
    queue.run()
    assert down.count == 1
    assert len(queue.ids()) == 2  # with the notice
    queue.run()
    assert len(queue.ids()) == 2


def test_a_message_is_looked_at_in_a_pause_when_it_expires(queue, down):
    queue.configure("queue_retry 2d 2d", port=down.port)
    name = queue.put(BOB)
    queue.run()
    name = age(queue, name, 5 * 86400 - 600)
    for _ in range(2):
        queue.run()
    when = (queue.folder / "queue" / name).stat().st_mtime - time.time()
    assert 500 < when <= 600


@pytest.mark.parametrize("damage", [
    pytest.param(b"\0" * 500, id="zeros"),
    pytest.param(b"nonsense\n" * 9, id="nonsense"),
    pytest.param(b"0123ABCD\tbegin", id="incomplete")])
def test_a_damaged_file_ends_the_pauses(queue, sink, down, damage):
    queue.configure(port=down.port)
    fill(queue, 2)
    queue.run()
    (queue.folder / "pauses").write_bytes(damage)
    queue.configure()
    queue.run()
    assert len(sink.messages) == 2


@pytest.mark.parametrize("name", ["pauses", "sessions", "state"])
def test_a_file_that_cannot_be_written_does_not_stop_deliveries(
        queue, sink, down, name):
    queue.configure(port=down.port)
    fill(queue, 2)
    path = queue.folder / name
    path.unlink(missing_ok=True)
    path.mkdir()
    queue.run()
    assert down.count == 1
    queue.configure()
    queue.run("-qf")
    assert len(sink.messages) == 2


def test_a_clock_that_was_wrong_ends_a_pause(queue, sink, down):
    queue.configure(port=down.port)
    fill(queue, 2)
    queue.run()
    path = queue.folder / "pauses"
    fields = path.read_text().rstrip("\n").split("\t")[1:]
    for i in (1, 2, 3):
        fields[i] = str(int(fields[i]) + 86400_000)
    text = "\t".join(fields)
    path.write_text(f"{crc32c(text.encode()):08X}\t{text}\n")
    for name in queue.ids():
        queue.set_next(name, 86400)
    queue.configure()
    queue.run()
    assert len(sink.messages) == 2


def test_a_long_pause_of_a_message_counts(queue, sink):
    """It is longer than the default of the run."""
    queue.configure("queue_retry 1d 2d")
    sink.rejected[BOB] = "450 4.2.1 not now"
    queue.put(BOB)
    queue.run()
    run = queue.run()
    assert results(run) == []


# ---- callers ----

def test_the_failure_of_a_caller_begins_a_pause(queue, down):
    queue.configure(port=down.port)
    run = queue.program.run("-odi", BOB)
    assert run.status == 0, run
    assert down.count == 1
    run = queue.run()
    assert (down.count, run.log) == (1, "")


def test_a_caller_tries_in_a_pause_and_may_end_it(queue, sink, down):
    queue.configure(port=down.port)
    fill(queue, 3)
    queue.run()
    queue.run()
    assert queue.program.run("-odi", BOB).status == 0
    assert down.count == 2
    queue.configure()
    assert queue.program.run("-odi", BOB).status == 0
    assert len(sink.messages) == 1
    queue.run()
    assert len(sink.messages) == 5


def test_a_caller_waits_no_longer_than_for_a_connection_in_a_pause(
        queue, hanging):
    queue.configure("queue_wait 30s", "connect_timeout 1", "timeout 20",
                    port=hanging.port)
    fill(queue, 1)
    process = queue.program.start("-q")
    wait_until(lambda: hanging.count == 1)
    hanging.sessions[0].close()
    queue.program.end(process)
    run = queue.program.run("-odi", BOB)
    assert run.status == 0
    assert run.seconds < 15
    assert len(queue.ids()) == 2


def test_no_process_in_the_background_tries_in_a_pause(queue, down):
    queue.configure(port=down.port)
    fill(queue, 1)
    queue.run()
    run = queue.program.run("-odb", BOB)
    assert run.status == 0, run
    assert results(run) == ["queued"]
    time.sleep(0.5)
    assert down.count == 1
    assert len(queue.ids()) == 2


def test_a_failure_in_the_background_begins_a_pause(queue, down):
    queue.configure(port=down.port)
    assert queue.program.run("-odb", BOB).status == 0
    wait_until(lambda: (queue.folder / "pauses").exists()
               and (queue.folder / "pauses").read_text())
    queue.run()
    assert down.count == 1


# ---- two runs ----

def test_a_run_leaves_the_account_of_another_run_alone(queue, hanging):
    queue.configure("connect_timeout 5", port=hanging.port, sessions=3)
    fill(queue, 4)
    first = queue.program.start("-q")
    wait_until(lambda: hanging.count == 1)
    time.sleep(0.5)  # the other workers wait for the first one
    queue.configure(port=hanging.port, sessions=1)
    run = queue.program.run("-q", "-v", stdin=None)
    assert run.stdout.count("other processes work on account") == 4
    assert hanging.count == 1
    first.kill()
    first.communicate()


def test_a_run_that_was_killed_leaves_no_lock(queue, sink, hanging):
    queue.configure(port=hanging.port, sessions=2)
    fill(queue, 2)
    first = queue.program.start("-q")
    wait_until(lambda: hanging.count == 1)
    first.kill()
    first.communicate()
    queue.configure()
    end = time.monotonic() + 60
    while len(sink.messages) < 2:
        queue.run("-qf")
        assert time.monotonic() < end
        time.sleep(1)


def test_a_run_delivers_what_arrives_meanwhile(queue, server):
    from dialogue import QUIT, greet, lines
    queue.configure(port=server.port)
    fill(queue, 1)
    server.play(lines(greet(), """
        C: MAIL FROM:<alice@example.org>*
        EVENT
        HOLD
        S: 250 2.1.0 ok
        C: RCPT TO:*
        S: 250 2.1.5 ok
        C: DATA
        S: 354 go on
        BODY
        S: 250 2.0.0 accepted
    """, QUIT), lines(greet(), ANY_MESSAGE, QUIT))
    process = queue.program.start("-q")
    assert server.reached.wait(60)
    queue.put(BOB)
    server.release()
    run = queue.program.end(process)
    server.finish()
    assert run.status == 0
    assert queue.ids() == []


def test_each_message_is_tried_once_in_a_run(queue, sink):
    sink.rejected[BOB] = "450 4.2.1 not now"
    queue.configure("queue_retry 1s 1s")
    for _ in range(3):
        queue.put(BOB)
    run = queue.run()
    assert results(run) == ["deferred"] * 3
