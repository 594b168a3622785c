# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a queue folder may have that this program did not put there."""

import os
import stat

import pytest

import json_output
from queue_files import MESSAGE
from sink import Sink

PLACES = ("tmp", "queue", "hold", "failed")
BOB = "bob@example.org"
OTHER = 65534  # another user
COMMANDS = [("-bp",), ("--queue-list", "--json"), ("--queue-check",),
            ("--queue-hold", "all"), ("--queue-release", "all"), ("-qf",)]


@pytest.fixture
def sink():
    sink = Sink()
    yield sink
    sink.stop()


@pytest.fixture
def run(program, spool, sink):
    """Runs a command, or queues a message, with the queue of the test."""
    program.write_config(
        f"account default\nhost 127.0.0.1\nport {sink.port}\ntls off\n"
        f"domain client.example\nfrom alice@example.org\nqueue on\n"
        f"queue_dir {spool.path}\nqueue_sessions 2\n")

    def run(*argv, stdin=None):
        return program.run(*argv, stdin=stdin, total=20)

    return run


def link(path, elsewhere):
    path.symlink_to(elsewhere)


def dangling_link(path, elsewhere):
    path.symlink_to(elsewhere / "nowhere")


def fifo(path, elsewhere):
    os.mkfifo(path, 0o600)


def device(path, elsewhere):
    if os.geteuid() != 0:
        pytest.skip("only root can make a device")
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero


def foreign(path, elsewhere):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to another user")
    path.write_bytes((elsewhere / "message").read_bytes())
    path.chmod(0o600)
    os.chown(path, OTHER, OTHER)


def for_the_group(path, elsewhere):
    path.write_bytes((elsewhere / "message").read_bytes())
    path.chmod(0o660)


def second_name(path, elsewhere):
    os.link(elsewhere / "message", path)


def folder(path, elsewhere):
    path.mkdir()
    (path / "file").write_text("text")


STRANGE = [link, dangling_link, fifo, device, foreign, for_the_group,
           second_name, folder]


def state_of(path):
    """Returns what must not change."""
    st = os.lstat(path)
    return (st.st_ino, st.st_mode, st.st_uid, st.st_size, st.st_mtime_ns,
            os.readlink(path) if path.is_symlink() else None)


def make_strange(make, spool, tmp_path, place):
    """Puts something with the name of a message into a folder of the queue."""
    name = spool.add(age=300)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    os.rename(spool.file(name), elsewhere / "message")
    (elsewhere / "message").chmod(0o600)
    path = spool.path / place / name
    make(path, elsewhere / "message" if make is link else elsewhere)
    return path


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("make", STRANGE)
def test_what_is_no_message_is_left_alone_and_never_sent(
        run, spool, sink, tmp_path, make, place):
    path = make_strange(make, spool, tmp_path, place)
    before = state_of(path)
    for command in COMMANDS:
        spool.add(recipients=[BOB])
        run(*command)
    assert run(*SEND, stdin=whole(MESSAGE)).status == 0
    assert run("-qf").status == 0
    assert state_of(path) == before
    assert spool.names("queue") == ([path.name] if place == "queue" else [])
    # Each message of the loop, and the last one; none of them is the strange
    # one.
    assert len(sink.messages) == len(COMMANDS) + 1


SEND = ("-f", "alice@example.org", BOB)


def whole(message):
    header, body = message
    return header + b"Date: Sat, 21 Nov 2026 12:00:00 +0000\n\n" + body


def newer(path, elsewhere):
    text = (elsewhere / "message").read_bytes()
    path.write_bytes(text.replace(b"veredus-queue 1", b"veredus-queue 2"))
    path.chmod(0o600)


REASONS = {second_name: "not a file of the queue: it has a second name",
           foreign: "not a file of the queue: it must have the owner",
           for_the_group: "not a file of the queue: it must have the owner",
           newer: "a newer version of veredus wrote this message"}


@pytest.mark.parametrize("sandbox", ["on", "off"])
@pytest.mark.parametrize("make", [*STRANGE, newer])
def test_what_is_no_message_is_told_once_a_run(
        run, program, spool, sink, tmp_path, make, sandbox):
    log, report = tmp_path / "log", tmp_path / "report"
    with program.config.open("a") as config:
        config.write(f"logfile {log}\nsandbox {sandbox}\n")
    path = make_strange(make, spool, tmp_path, "queue")
    for _ in range(3):
        spool.add(recipients=[BOB])
    why = REASONS.get(make,
                      "not a file of the queue: it must be a regular file")
    result = run("-qf", f"--report={report}")
    assert result.status == 0 and len(sink.messages) == 3, result
    [line] = result.stderr.splitlines()
    assert line.startswith(f"veredus: warning: {path}: {why}")
    for text in result.log, log.read_text():
        [line] = [line for line in text.splitlines() if path.name in line]
        assert f"queue={path.name}" in line and why in line
        assert "result=deferred" in line
    [found] = [item for item in json_output.objects(
        "report", report.read_text()) if item["queue_id"] == path.name]
    assert found["result"] == "deferred" and why in found["error"]
    assert run("-qf", "-oeq").stderr == ""


@pytest.mark.parametrize("command", ["show", "delete", "hold", "return"])
def test_a_command_names_what_is_no_message(
        run, spool, tmp_path, command):
    path = make_strange(second_name, spool, tmp_path, "queue")
    result = run(f"--queue-{command}", path.name)
    assert result.status == os.EX_TEMPFAIL
    assert f"{path}: not a file of the queue: " in result.stderr


@pytest.mark.parametrize("name", PLACES + ("state", "sessions"))
@pytest.mark.parametrize("make", [link, dangling_link, fifo, device])
def test_a_strange_thing_in_the_place_of_a_folder_or_file_loses_nothing(
        run, spool, sink, tmp_path, make, name):
    """The message is kept, delivered, or the caller is told."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "message").write_text("kept")
    path = spool.path / name
    if path.is_dir():
        path.rmdir()
    make(path, elsewhere)
    before = state_of(path)
    for mode, options in (("later", ["-odq"]), ("always", ["-odb"]),
                          ("on", ["-odi"])):
        sink.empty()
        status = run(*options, *SEND, stdin=whole(MESSAGE)).status
        assert status in (0, os.EX_TEMPFAIL)
        taken = status == 0
        run("-qf")
        waits = bool(spool.names("queue")) if name != "queue" else False
        assert taken == (bool(sink.messages) or waits), mode
    assert state_of(path) == before
    assert (elsewhere / "message").read_text() == "kept"
    assert os.listdir(elsewhere) == ["message"]


@pytest.mark.parametrize("place", ["queue", "hold"])
def test_a_message_of_a_later_version_waits_for_that_version(
        run, spool, sink, place):
    name = spool.add(version=2, place=place)
    before = spool.file(name).read_bytes()
    for command in COMMANDS:
        run(*command)
    assert spool.place(name) == place
    assert spool.file(name).read_bytes() == before
    assert not sink.messages


@pytest.mark.parametrize("version", [0, 10, 99999999999999999999])
def test_other_numbers_of_versions_are_never_sent(run, spool, sink, version):
    name = spool.add(version=version)
    run("-qf")
    assert not sink.messages
    assert spool.place(name) in ("queue", "failed")


@pytest.mark.parametrize("data", [
    b"", b"\0", b"\0" * 5000, b"veredus-queue 1 ", b"\xff" * 100,
    b"veredus-queue 1 00000000\n", b"veredus-queue 1 00000000\n\n",
    b"From: someone\n\nHello.\n"])
def test_what_is_no_file_of_this_program_is_put_aside(run, spool, sink, data):
    name = spool.write(spool.add(), data)
    run("-qf")
    assert spool.place(name) == "failed"
    assert not sink.messages
