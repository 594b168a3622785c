# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program cannot do any more when it speaks to a server.

preload.c makes the attempts in the process itself.  That everything which the
program needs still works is the subject of all other tests: the sandbox is on.
"""

import errno
import os
import socket
import subprocess

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MESSAGE_ACCEPTED, SEND, greet,
                      lines)
from kernel import (LACKING, landlock, needs_landlock, needs_ports,
                    sandbox_state, skip_if_more_is_missing)
from program import SECRET, account

DELIVERY = lines(greet("PIPELINING", "8BITMIME"), MESSAGE_ACCEPTED)


@needs_landlock
def test_a_delivery_reads_no_other_file_and_runs_no_program(
        attempts, server, program, tmp_path):
    server.play(DELIVERY)
    assert attempts(
        "r:/etc/passwd", f"r:{program.config}", f"w:{tmp_path}/new",
        "x:/bin/true") == [errno.EACCES, errno.EACCES, errno.EACCES,
                           errno.EPERM]
    assert not (tmp_path / "new").exists()


def test_sandbox_off_gives_nothing_up(attempts, server, program, tmp_path):
    server.play(DELIVERY)
    assert attempts(
        "r:/etc/passwd", f"r:{program.config}", f"w:{tmp_path}/new",
        "x:/bin/true", settings="tls off\nsandbox off") == [0, 0, 0, 0]


@needs_ports
def test_a_delivery_connects_to_the_port_of_the_server_alone(
        attempts, server):
    server.play(DELIVERY)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert attempts(f"c:{port}") == [errno.EACCES]


@needs_landlock
@pytest.mark.parametrize("files", [(), ("log", "letter")])
def test_only_files_of_the_settings_can_be_written(
        attempts, server, tmp_path, files):
    log, letter = tmp_path / "logs" / "log", tmp_path / "mail" / "letter"
    log.parent.mkdir()
    letter.parent.mkdir()
    for path in (log, letter):
        if path.name in files:
            path.touch()
    server.play(DELIVERY)
    # A mailbox that does not exist yet may be created in its folder.
    assert attempts(
        f"w:{log}", f"w:{log}2", f"w:{letter}", f"w:{letter}2",
        settings=f"tls off\nlogfile {log}\ndead_letter {letter}") == [
            0, errno.EACCES, 0, errno.EACCES if files else 0]
    assert "exit=0" in log.read_text()


@needs_landlock
def test_the_queue_can_be_written_and_nothing_beside_it(
        attempts, server, tmp_path):
    folder = tmp_path / "spool"
    server.play(DELIVERY)
    assert attempts(
        f"w:{folder}/x", f"w:{tmp_path}/x", "x:/bin/true",
        settings=f"tls off\nqueue on\nqueue_dir {folder}") == [
            0, errno.EACCES, errno.EPERM]


@needs_landlock
def test_the_command_for_the_password_runs_before(attempts, server):
    server.play(lines(greet("AUTH PLAIN"), LOGIN, MESSAGE_ACCEPTED))
    settings = LOGIN_SETTINGS.replace(
        f"password {SECRET}", f"passwordeval echo {SECRET}")
    assert attempts("x:/bin/sh", settings=f"tls off\n{settings}",
                    host="127.0.0.1", in_clear=True) == [errno.EPERM]


@needs_landlock
@pytest.mark.parametrize("argv", [["--serverinfo"], ["--rmqs=x.example"]])
def test_the_other_modes_with_a_server_are_in_the_sandbox(
        attempts, server, argv):
    server.play(lines(greet("ETRN"), "C: ETRN *", "S: 250 ok", "C: QUIT")
                if "rmqs" in argv[0] else lines(greet("ETRN"), "C: QUIT"))
    assert attempts("r:/etc/passwd", argv=argv) == [errno.EACCES]


def test_kerberos_may_read_and_run_what_it_needs(
        attempts, server, program):
    if "gssapi" not in program.run("--version").stdout:
        pytest.skip("this build has no Kerberos")
    server.play(lines(greet("AUTH PLAIN"), "C? QUIT", "EOF"))
    assert attempts("r:/etc/passwd", "x:/bin/true",
                    settings="tls off\nauth gssapi") == [0, 0]


# ---- queue runs ----

@pytest.fixture
def queued(submit, tmp_path):
    """Queues a message; returns the settings of the queue."""
    settings = f"tls off\nqueue later\nqueue_dir {tmp_path}/spool"
    assert submit(*SEND, settings=settings).status == 0
    return settings


@needs_landlock
def test_a_queue_run_is_in_the_sandbox(attempts, server, queued, tmp_path):
    server.play(DELIVERY)
    assert attempts(
        "r:/etc/passwd", f"w:{tmp_path}/new", f"w:{tmp_path}/spool/x",
        "x:/bin/true", argv=["-q"], settings=queued) == [
            errno.EACCES, errno.EACCES, 0, errno.EPERM]
    assert server.accepted == 1


@needs_landlock
def test_a_queue_run_reads_all_accounts_before(
        submit, server, queued, tmp_path):
    """Each has a command for its password, which runs once."""
    login = lines(greet("AUTH PLAIN"), LOGIN, MESSAGE_ACCEPTED)
    config = "".join(account(server.port, lines(
        queued, LOGIN_SETTINGS.replace(
            f"password {SECRET}",
            f"passwordeval echo {name} >>{tmp_path}/ran; echo {SECRET}")),
        host).replace("account default", f"account {name}")
        for name, host in (("one", "127.0.0.1"), ("two", "localhost")))
    submit("-a", "one", *SEND, config=config)
    submit("-a", "two", *SEND, config=config)
    server.play(login, login)
    run = submit("-q", config=config.replace("queue later", "queue on"),
                 in_clear=True)
    assert run.status == 0, run
    assert server.accepted == 2
    assert sorted((tmp_path / "ran").read_text().split()) == ["one", "two"]


def test_a_queue_run_for_an_account_without_sandbox_has_none(
        attempts, server, queued):
    server.play(DELIVERY)
    assert attempts("r:/etc/passwd", "x:/bin/true", argv=["-q"],
                    settings=f"{queued}\nsandbox off") == [0, 0]


def test_a_message_waits_if_what_the_kernel_lacks_is_required(
        program, submit, queued, tmp_path):
    run = submit("-v", "-q", env={"VEREDUS_TEST_LANDLOCK": "0"},
                 settings=f"{queued}\nsandbox require")
    assert "deferred: sandbox require: this system has no" in run.stdout
    assert "sandbox require: this system has no Landlock" in run.log
    assert len(list((tmp_path / "spool" / "queue").iterdir())) == 1


@pytest.mark.parametrize("setting, expected", [
    ("on", ("1", "2")), ("require", ("1", "2")), ("off", ("0", "0"))])
def test_the_kernel_says_that_the_process_is_in_the_sandbox(
        program, server, setting, expected):
    if setting == "require" and landlock() < 2:
        pytest.skip("the kernel has no Landlock, or an old one")
    server.play(lines("EVENT", "HOLD", DELIVERY))
    program.write_config(
        account(server.port, f"tls off\nsandbox {setting}"))
    process = program.start(*SEND, stdin=subprocess.DEVNULL)
    assert server.reached.wait(60)
    assert sandbox_state(process.pid) == expected
    server.release()
    assert program.end(process).status == 0


# ---- kernels that lack a part of it ----

@pytest.mark.parametrize("env, missing", LACKING)
def test_what_the_kernel_lacks_is_done_without(submit, server, env, missing):
    server.play(DELIVERY)
    run = submit(*SEND, env=env)
    assert (run.status, run.stderr) == (0, ""), run


@pytest.mark.parametrize("env, missing", LACKING)
def test_verbose_tells_what_the_kernel_lacks(submit, server, env, missing):
    skip_if_more_is_missing(env)
    server.play(DELIVERY)
    run = submit("-v", *SEND, env=env)
    assert run.status == 0, run
    assert f"note: sandbox: {missing}\n" in run.stderr


@pytest.mark.parametrize("env, missing", LACKING)
def test_nothing_is_sent_if_what_the_kernel_lacks_is_required(
        submit, env, missing):
    skip_if_more_is_missing(env)
    run = submit(*SEND, env=env, settings="tls off\nsandbox require")
    assert run.status == os.EX_CONFIG, run
    assert run.stderr == (
        f"veredus: sandbox require: this system has {missing}\n"), run


@needs_landlock
def test_a_kernel_without_rules_for_ports_is_good_enough(submit, server):
    server.play(DELIVERY)
    run = submit("-v", *SEND, env={"VEREDUS_TEST_LANDLOCK": "3"},
                 settings="tls off\nsandbox require")
    assert run.status == 0, run
    assert "note: sandbox: no limit on TCP ports (Landlock ABI 3)" \
        in run.stderr


@needs_landlock
def test_an_older_landlock_limits_files_but_no_ports(attempts, server):
    server.play(DELIVERY)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert attempts(f"c:{port}", "r:/etc/passwd",
                        env={"VEREDUS_TEST_LANDLOCK": "3"}) == [
            0, errno.EACCES]


def test_version_tells_what_the_kernel_has(program):
    run = program.run("--version")
    assert "\nSandbox: Landlock ABI " in run.stdout \
        or "\nSandbox: no Landlock (" in run.stdout
    run = program.run("--version", env={"VEREDUS_TEST_LANDLOCK": "0"})
    assert "\nSandbox: no Landlock (Function not implemented), " in run.stdout
