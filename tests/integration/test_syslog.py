# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system log: its lines arrive, and a logger that is stuck changes nothing."""

import contextlib
import fcntl
import os
import re
import resource
import signal
import socket
import time

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, MESSAGE_ACCEPTED, QUIT, SEND,
                      greet, lines)
from kernel import send_signal
from program import MESSAGE, account

LINE = re.compile(
    rb"<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (\S+)\[(\d+)\]: (.*)")


@pytest.fixture
def logged(submit, server, tmp_path):
    """Runs the program with a logger at tmp_path/log."""
    def run(*argv, **options):
        server.play(lines(greet(), MESSAGE_ACCEPTED))
        return submit(*(argv or SEND), env={
            "VEREDUS_TEST_SYSLOG": f"socket:{tmp_path}/log"}, **options)

    return run


@contextlib.contextmanager
def bound_socket(kind, path):
    with socket.socket(socket.AF_UNIX, kind) as logger:
        logger.bind(str(path))
        logger.settimeout(5)
        yield logger


@pytest.fixture
def datagrams(tmp_path):
    with bound_socket(socket.SOCK_DGRAM, tmp_path / "log") as logger:
        yield logger


@pytest.fixture
def stream(tmp_path):
    with bound_socket(socket.SOCK_STREAM, tmp_path / "log") as logger:
        yield logger


def fill(path):
    """Sends datagrams until the logger's queue is full."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect(str(path))
        with contextlib.suppress(BlockingIOError):
            while True:
                client.send(b"x" * 1000)


def occupy(path):
    """Connects until the logger's backlog is full; returns the sockets."""
    clients = []
    with contextlib.suppress(BlockingIOError):
        while True:
            clients.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            clients[-1].setblocking(False)
            clients[-1].connect(str(path))
    return clients


def test_a_datagram_has_priority_date_tag_and_text(logged, datagrams):
    assert logged("-L", "tag", *SEND, settings="tls off").status == 0
    priority, tag, pid, text = LINE.fullmatch(datagrams.recv(65536)).groups()
    assert (int(priority), tag) == (2 << 3 | 6, b"tag")
    assert int(pid) != os.getpid()
    assert text.startswith(b"host=mx.example ") and text.endswith(b" exit=0")


def test_the_journal_gets_the_keys_as_fields(
        submit, server, tmp_path, datagrams):
    server.play(lines(greet(), ENVELOPE, DATA, "S: 550 5.7.1 no \"spam\"",
                      QUIT))
    env = {"VEREDUS_TEST_JOURNAL": str(tmp_path / "journal"),
           "VEREDUS_TEST_SYSLOG": f"socket:{tmp_path}/log"}
    with bound_socket(socket.SOCK_DGRAM, tmp_path / "journal") as journal:
        run = submit("-L", "job", *SEND, env=env)
        sent = journal.recv(100000).decode()
    assert run.status == os.EX_NOPERM, run
    assert sent.endswith("\n")
    fields = dict(line.split("=", 1) for line in sent.splitlines())
    assert fields["MESSAGE"].startswith("host=mx.example tls= auth= ")
    assert [fields[name] for name in (
        "PRIORITY", "SYSLOG_FACILITY", "SYSLOG_IDENTIFIER", "VEREDUS_HOST",
        "VEREDUS_RESULT", "VEREDUS_SAID", "VEREDUS_EXIT", "VEREDUS_TLS",
        "VEREDUS_RECIPIENTS")] == [
            "3", "2", "job", "mx.example", "failed", "550 5.7.1 no \"spam\"",
            str(run.status), "", "bob@example.org"]
    assert {f"VEREDUS_{key}".upper() for key in
            re.findall(r"(\w+)=", re.sub('"[^"]*"', "", fields["MESSAGE"]))
            } == {name for name in fields if name.startswith("VEREDUS_")}


def test_without_its_socket_the_journal_gets_the_line_as_a_logger(
        submit, server, datagrams, tmp_path):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run = submit(*SEND, env={
        "VEREDUS_TEST_JOURNAL": str(tmp_path / "none"),
        "VEREDUS_TEST_SYSLOG": f"socket:{tmp_path}/log"})
    assert run.status == 0, run
    assert b"result=sent" in datagrams.recv(10000)


def test_a_line_to_a_stream_ends_with_nul(logged, stream):
    stream.listen(4)
    assert logged(settings="tls off\nsyslog LOG_LOCAL1").status == 0
    connection = stream.accept()[0]
    with connection:
        data = connection.makefile("rb").read()
    assert data.endswith(b"\0") and data.count(b"\0") == 1
    assert int(LINE.fullmatch(data[:-1])[1]) == 17 << 3 | 6


def test_a_long_line_fits_into_a_datagram(logged, server, datagrams):
    long = b"Message-ID: <" + b"x" * 900 + b"@x.example>\n"
    assert logged(stdin=b"From: alice@example.org\nTo: bob@example.org\n" +
                  long + b"\nx\n").status == 0
    assert datagrams.recv(65536).endswith(b" exit=0")


def test_a_logger_that_does_not_read_changes_nothing(
        logged, datagrams, tmp_path):
    fill(tmp_path / "log")
    run = logged()
    assert run.status == 0, run
    assert run.seconds < 10, run


def test_a_logger_that_does_not_accept_changes_nothing(
        logged, stream, tmp_path):
    stream.listen(0)
    clients = occupy(tmp_path / "log")
    run = logged()
    assert run.status == 0, run
    assert run.seconds < 10, run
    for client in clients:
        client.close()


def test_many_lines_wait_no_longer_than_one(logged, datagrams, tmp_path):
    fill(tmp_path / "log")
    # Each of these options is noted in the log.
    run = logged(*["-O", "Timeout.queuereturn=1d"] * 20, *SEND)
    assert run.status == 0, run
    assert run.seconds < 10, run


def test_without_a_logger_mail_is_sent(logged):
    assert logged().status == 0


def test_a_failure_is_reported_while_the_logger_is_stuck(
        submit, datagrams, tmp_path):
    fill(tmp_path / "log")
    run = submit(*SEND, config="host 127.0.0.1\nport 1\ntls off\n", env={
        "VEREDUS_TEST_SYSLOG": f"socket:{tmp_path}/log"})
    assert run.status == os.EX_TEMPFAIL, run
    assert "cannot connect" in run.stderr


def test_a_signal_while_the_logger_is_stuck_changes_nothing(
        program, server, datagrams, tmp_path):
    fill(tmp_path / "log")
    server.play(lines(greet(), ENVELOPE, DATA, ACCEPTED, "C: QUIT", "EVENT",
                      "S: 221 2.0.0 bye"))
    program.write_config(account(server.port, "tls off"))
    process = program.start(*SEND, env={
        "VEREDUS_TEST_SYSLOG": f"socket:{tmp_path}/log"})
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    assert server.reached.wait(60)
    time.sleep(0.3)  # it writes to the log; a signal before changes nothing
    process.send_signal(signal.SIGTERM)
    run = program.end(process)
    server.finish()
    assert run.status == 0, run


def test_a_signal_is_reported_while_the_logger_is_stuck(
        program, server, datagrams, tmp_path):
    fill(tmp_path / "log")
    server.play(lines(greet(), "C: MAIL *", "EVENT", "C? QUIT", "EOF"))
    program.write_config(account(server.port, "tls off"))
    process = program.start(*SEND, env={
        "VEREDUS_TEST_SYSLOG": f"socket:{tmp_path}/log"})
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    assert server.reached.wait(60)
    for _ in range(3):
        send_signal(process, signal.SIGTERM)
    run = program.end(process)
    server.finish()
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr.count("\n") == 1 and "signal 15" in run.stderr


def test_the_deadline_holds_while_the_logger_is_stuck(
        submit, server, datagrams, tmp_path):
    fill(tmp_path / "log")
    server.play(lines(greet(), "C: MAIL *", "EOF"))
    run = submit(*SEND, settings="tls off\ndeadline 4", env={
        "VEREDUS_TEST_SYSLOG": f"socket:{tmp_path}/log"})
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 15, run


def test_a_locked_logfile_changes_nothing(submit, server, tmp_path):
    path = tmp_path / "file"
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    with path.open("w") as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        run = submit(*SEND, settings=f"tls off\nlogfile {path}")
    assert run.status == 0, run
    assert run.seconds < 10, run
    assert (f"cannot write to the log file {path}: another program has locked it"
            in run.log)


def test_a_line_that_was_cut_does_not_spoil_the_next_one(
        program, server, tmp_path):
    path = tmp_path / "file"
    path.write_text("whole\n")
    server.play(*[lines(greet(), MESSAGE_ACCEPTED)] * 3)
    program.write_config(account(server.port, f"tls off\nlogfile {path}"))

    def send(limit=resource.RLIM_INFINITY):
        run = program.run(*SEND, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (limit, limit)))
        assert run.status == 0, run

    send(limit=40)
    assert path.read_text() == "whole\n"
    path.write_text("whole\ntorn")
    send()
    send()
    server.finish()
    found = path.read_text().splitlines()
    assert found[:2] == ["whole", "torn"] and len(found) == 4
    assert all(line.count("exit=0") == 1 for line in found[2:])


def test_a_file_that_can_only_be_written_is_a_logfile(
        reachable, server, tmp_path):
    folder = reachable.folder / "log"
    folder.mkdir(mode=0o755)
    path = folder / "file"
    path.write_text("whole\n")
    path.chmod(0o622)
    reachable.folder.chmod(0o755)
    config = reachable.folder / "config"
    config.write_text(account(server.port, f"tls off\nlogfile {path}"))
    config.chmod(0o644)
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run = reachable.run("-C", str(config), *SEND, user=54325, group=54325,
                        extra_groups=[], env={
                            "TMPDIR": None, "VEREDUS_TEST_SYSLOG": None})
    server.finish()
    assert run.status == 0, run
    assert path.read_text().count("exit=0") == 1


def test_a_full_standard_output_as_logfile_changes_nothing(
        submit, server, program):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    run = submit(*SEND, settings="tls off\nlogfile -", stdout=writing)
    os.close(reading)
    os.close(writing)
    assert run.status == 0, run
    assert run.seconds < 10, run


@pytest.mark.parametrize("name, accepted, told", [
    ("veredus", True, True), ("sendmail", True, False),
    ("sendmail", False, True)])
def test_a_logfile_that_fails_is_told_if_there_is_no_system_log(
        program, server, name, accepted, told):
    reply = ACCEPTED if accepted else "S: 550 5.7.1 no"
    server.play(lines(greet(), ENVELOPE, DATA, reply, QUIT))
    program.write_config(account(
        server.port, "tls off\nsyslog off\nlogfile /nowhere/log"))
    process = program.start(*SEND, name=name)
    stderr = process.communicate(MESSAGE, timeout=30)[1].decode()
    server.finish()
    assert process.returncode == (0 if accepted else os.EX_NOPERM)
    assert ("cannot write to the log file /nowhere/log: No such file" in
            stderr) == told, stderr
