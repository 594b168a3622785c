# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be made durable, and users without a queue."""

import os
import re
import subprocess

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, QUIT, SEND, greet, lines)
from program import MESSAGE, account
from queued import SLOW, refuse
from sink import Sink


# ---- what cannot be made durable ----

def foreign(folder):
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)


def linked(folder):
    target = folder.with_name("target")
    target.mkdir(mode=0o700)
    folder.symlink_to(target)


def open_to_all(folder):
    folder.mkdir()
    folder.chmod(0o755)


def a_file(folder):
    folder.write_text("")


OBSTACLES = [
    pytest.param(foreign, "belongs to nobody: run", id="foreign"),
    pytest.param(linked, "symbolic link (to /", id="link"),
    pytest.param(open_to_all, "mode 0755", id="mode"),
    pytest.param(a_file, "Not a directory", id="file"),
]


@pytest.fixture
def obstacle(request, queue):
    prepare, words = request.param
    if prepare is foreign and os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    prepare(queue.folder)
    return words


obstacles = pytest.mark.parametrize(
    "obstacle", [pytest.param(row.values, id=row.id) for row in OBSTACLES],
    indirect=True)


@obstacles
def test_the_failure_is_told_and_why_it_could_not_be_queued(post, queue,
                                                            obstacle):
    run = post(refuse("rcpt", "450 4.2.0 greylisted"))
    assert run.status == os.EX_TEMPFAIL, run
    first, second = run.stderr.splitlines()
    assert "450 4.2.0 greylisted" in first
    assert "could not be queued" in second and obstacle in second
    assert obstacle in run.log
    assert run.entries[0]["result"] == "deferred", run


@obstacles
def test_queue_always_delivers_while_the_caller_waits_if_it_must(
        post, queue, obstacle):
    run = post(lines(greet(), ENVELOPE, DATA, "WAIT 1", ACCEPTED, QUIT),
               mode="always")
    assert (run.status, run.stdout, run.stderr) == (0, "", ""), run
    assert post.seconds > 0.9
    assert run.entries[0]["result"] == "sent", run
    assert obstacle in run.log


@obstacles
@pytest.mark.parametrize("mode, option", [("later", "-i"), ("on", "-odq")])
def test_queue_later_is_a_temporary_failure_if_nothing_can_be_queued(
        post, queue, mode, option, obstacle):
    run = post(mode=mode, argv=(option, *SEND))
    assert run.status == os.EX_TEMPFAIL, run
    assert obstacle in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.entries[0]["result"] == "deferred"


@obstacles
def test_a_caller_waits_for_the_session_if_nothing_can_be_queued(
        post, queue, server, obstacle):
    run = post(SLOW, settings="queue_wait 1s")
    assert (run.status, run.stderr) == (0, ""), run
    assert post.seconds > 3.5
    assert run.entries[0]["result"] == "sent", run


@pytest.mark.parametrize("limit", ["1 1g", "100 1k"])
def test_a_full_queue_takes_no_further_message(post, queue, server, limit):
    server.go_down()
    first = post(mode="later", settings=f"queue_limit {limit}",
                 stdin=MESSAGE + b"y" * 600)
    assert first.status == 0, first
    second = post(mode="later", settings=f"queue_limit {limit}",
                  stdin=MESSAGE + b"y" * 600)
    assert second.status == os.EX_TEMPFAIL, second
    assert "queue is full" in second.stderr
    assert len(queue.files()) == 1


def in_small_file_system(program, queue, options, *commands):
    """Runs commands below a file system of their own, as a shell does."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    script = "\n".join([
        "set -e", f"mkdir -p {queue.folder.parent}/mnt",
        f"mount -t tmpfs -o mode=0700,{options} none "
        f"{queue.folder.parent}/mnt", *commands])
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", script], capture_output=True, text=True,
        env=program.environment({}), cwd=program.work, timeout=60)


def test_a_full_or_read_only_file_system_takes_no_message(program, server,
                                                          tmp_path, queue):
    server.go_down()
    program.write_config(account(
        server.port, f"queue later\ntls off\nqueue_dir {tmp_path}/mnt/queue"))
    message = tmp_path / "message"
    message.write_bytes(MESSAGE + b"y" * 70 * 100)
    send = f"{program.binary} {' '.join(SEND)} < {message}"
    run = in_small_file_system(
        program, queue, "size=1m",
        send, "echo first",
        f"head -c 2m /dev/zero > {tmp_path}/mnt/filler 2>/dev/null || true",
        f"{send} || echo status $?",
        f"ls {tmp_path}/mnt/queue/queue {tmp_path}/mnt/queue/tmp | wc -l",
        f"rm {tmp_path}/mnt/filler",
        f"mount -o remount,ro {tmp_path}/mnt",
        f"{send} || echo status $?")
    if "unshare" in run.stderr or "mount:" in run.stderr:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run
    words = run.stdout.split()
    assert words[0] == "first", run
    assert words.count("75") == 2, run
    assert words[3] == "4", run  # two names of folders, a blank, one message
    full, read_only = run.stderr.splitlines()
    assert "no room left" in full or "No space left" in full
    assert "Read-only file system" in read_only


def small_queue(program, server, tmp_path, mode="later"):
    """Configures a queue below the folder that a file system is mounted on."""
    program.write_config(account(
        server.port, f"queue {mode}\ntls off\nqueue_dir {tmp_path}/mnt/queue",
        "127.0.0.1"))
    message = tmp_path / "message"
    message.write_bytes(MESSAGE)
    return f"{program.binary} {' '.join(SEND)} < {message}"


def check_mounted(run):
    if "unshare" in run.stderr or "mount:" in run.stderr:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run


def test_a_file_system_without_inodes_takes_no_message(program, server,
                                                       tmp_path, queue):
    server.go_down()
    send = small_queue(program, server, tmp_path)
    run = in_small_file_system(
        program, queue, "size=1m,nr_inodes=12", send,
        f"i=0; while touch {tmp_path}/mnt/$i 2>/dev/null; do i=$((i+1)); done",
        f"for i in 1 2 3; do {send} || echo status $?; done",
        f"find {tmp_path}/mnt/queue -type f | sort",
        f"rm {tmp_path}/mnt/0 {tmp_path}/mnt/1 && {send} && echo again")
    check_mounted(run)
    assert run.stdout.count("status 75") == 3, run
    assert run.stdout.count("/queue/queue/") == 1, run
    assert "/queue/tmp/" not in run.stdout, run
    assert run.stdout.endswith("again\n"), run
    assert run.stderr.count("No space left on device") == 3, run


def test_a_check_mends_a_read_only_file_system_in_no_other_way(
        program, server, tmp_path, queue):
    small_queue(program, server, tmp_path)
    run = in_small_file_system(
        program, queue, "size=1m", f"mkdir -m 700 {tmp_path}/mnt/queue",
        f"mount -o remount,ro {tmp_path}/mnt",
        f"{program.binary} --check --offline || true")
    check_mounted(run)
    (line,) = [line for line in run.stdout.splitlines()
               if line.startswith("fail queue: ")]
    assert f"make that of {tmp_path}/mnt/queue writable" in line, run
    assert "chown" not in line and "chmod" not in line, run


@pytest.mark.parametrize("full, failures", [
    ("mount -o remount,ro {mnt}", 3),
    ("head -c 2m /dev/zero > {mnt}/filler 2>/dev/null || true", 0)],
    ids=["read-only", "full"])
def test_a_run_sends_nothing_that_it_cannot_record(
        program, tmp_path, queue, full, failures, server):
    """Else each run would send the message again."""
    sink = Sink()
    server.port = sink.port
    try:
        send = small_queue(program, server, tmp_path)
        mnt = f"{tmp_path}/mnt"
        run = in_small_file_system(
            program, queue, "size=1m", send, full.format(mnt=mnt),
            f"for i in 1 2 3; do {program.binary} -qf || echo status $?; done",
            f"ls {mnt}/queue/queue {mnt}/queue/failed 2>/dev/null | wc -w",
            "echo sent so far >&2", f"rm -f {mnt}/filler",
            f"mount -o remount,rw {mnt}", f"{program.binary} -qf",
            f"ls {mnt}/queue/queue | wc -w")
    finally:
        sink.stop()
    check_mounted(run)
    assert len(sink.messages) == 1, (run, program.read_log())
    assert run.stdout.count("status 75") == failures, run
    assert run.stdout.split()[-1] == "0", run


def test_a_queue_that_cannot_be_changed_is_no_queue_in_order(
        program, server, tmp_path, queue):
    """Otherwise nothing is sent any more, and nobody learns of it."""
    server.go_down()
    send = small_queue(program, server, tmp_path)
    mnt = f"{tmp_path}/mnt"
    run = in_small_file_system(
        program, queue, "size=1m", send, f"mount -o remount,ro {mnt}",
        f"{program.binary} -q || echo run $?",
        f"{program.binary} -qf -v || echo run $?",
        f"{program.binary} --queue-check || echo check $?",
        f"{program.binary} --check >{tmp_path}/check || echo check $?",
        # What can be read is still listed.
        f"{program.binary} -bp")
    check_mounted(run)
    assert run.stdout.count("run 75\n") == 2, run
    assert "QUEUE UNKNOWN - " in run.stdout and "check 3\n" in run.stdout, run
    assert "check 75\n" in run.stdout, run
    assert "in 1 Request." in run.stdout, run
    lines = run.stderr.splitlines()
    assert len(lines) == 2, run
    for line in [*lines, run.stdout]:
        assert (f"{mnt}/queue: cannot change the queue: Read-only file system"
                in line), run


def queue_of_user(reachable, server, uid):
    """Queues two messages of a user; returns a function that runs commands."""
    home = reachable.folder / "own-home"
    home.mkdir()
    os.chown(home, uid, uid)
    config = reachable.folder / "config"
    config.write_text(account(
        server.port, "queue later\ntls off", "127.0.0.1"))
    config.chmod(0o644)
    reachable.folder.chmod(0o755)
    env = {"HOME": str(home), "XDG_STATE_HOME": None, "TMPDIR": None,
           "VEREDUS_TEST_SYSLOG": f"{make_log(reachable)}"}

    def run(*argv):
        process = reachable.start("-C", str(config), *argv, user=uid,
                                  group=uid, extra_groups=[], env=env)
        stdout, stderr = process.communicate(MESSAGE, timeout=30)
        # A coverage build warns if another user cannot write its counters.
        stderr = re.sub(rb"(?m)^profiling:.*\n", b"", stderr)
        return process.returncode, stdout.decode(), stderr.decode()

    for _ in range(2):
        assert run(*SEND) == (0, "", "")
    return run, home / ".local/state/veredus/queue"


def test_a_run_tells_of_a_message_that_it_cannot_read(reachable):
    sink = Sink()
    try:
        run, folder = queue_of_user(reachable, sink, 54323)
        foreign = sorted((folder / "queue").iterdir())[0]
        os.chown(foreign, 0, 0)
        why = f"{foreign}: cannot open the queued message: Permission denied"
        status, stdout, stderr = run("-qf", "-v")
    finally:
        sink.stop()
    assert len(sink.messages) == 1  # the other message
    assert status == os.EX_TEMPFAIL
    assert stderr.splitlines()[-1] == f"veredus: {why}"
    assert f"{why}\n" in stdout and stdout.count("cannot open") == 1
    assert run("-q")[::2] == (os.EX_TEMPFAIL, f"veredus: {why}\n")
    status, stdout, _ = run("--queue-check")
    assert status == 3 and f"QUEUE UNKNOWN - {why}" in stdout


@pytest.mark.parametrize("mode", [0o500, 0o600])
def test_a_folder_without_permissions_is_not_an_empty_queue(
        reachable, server, mode):
    server.go_down()
    run, folder = queue_of_user(reachable, server, 54324)
    (folder / "queue").chmod(mode)
    why = f"{folder}/queue: cannot change the queue: Permission denied"
    assert run("-q") == (os.EX_TEMPFAIL, "", f"veredus: {why}\n")
    assert run("--queue-check") == (3, f"QUEUE UNKNOWN - {why}\n", "")


# ---- whose queue ----

def test_a_user_without_a_home_has_no_queue(reachable, server):
    server.play(lines(greet(), "C: MAIL *", "S: 451 4.3.0 later", "C? QUIT",
                      "DRAIN"))
    config = reachable.folder / "config"
    config.write_text(account(server.port, "queue on\ntls off"))
    config.chmod(0o644)
    reachable.folder.chmod(0o755)
    uid = 54321  # without an entry in the password database
    run = reachable.run("-C", str(config), *SEND, user=uid, group=uid,
                        extra_groups=[],
                        env={"HOME": "/nonexistent", "TMPDIR": None,
                             "VEREDUS_TEST_SYSLOG": f"{make_log(reachable)}"})
    server.finish()
    assert run.status == os.EX_TEMPFAIL, run
    assert "451 4.3.0 later" in run.stderr
    log = (reachable.folder / "open" / "log").read_text()
    assert "nothing is queued for the user uid-54321" in log
    assert "queue_dir" in log


def make_log(program):
    folder = program.folder / "open"
    folder.mkdir()
    folder.chmod(0o777)
    return folder / "log"


def test_the_queue_is_in_the_state_folder_of_the_user(reachable, server):
    server.go_down()
    uid = 54322
    home = reachable.folder / "own-home"
    home.mkdir()
    os.chown(home, uid, uid)
    config = reachable.folder / "config"
    config.write_text(account(server.port, "queue later\ntls off"))
    config.chmod(0o644)
    run = reachable.start("-C", str(config), *SEND, user=uid, group=uid,
                          extra_groups=[],
                          env={"HOME": str(home), "XDG_STATE_HOME": None,
                               "TMPDIR": None,
                               "VEREDUS_TEST_SYSLOG":
                                   f"{make_log(reachable)}"})
    stdout, stderr = run.communicate(MESSAGE, timeout=30)
    # A coverage build warns if another user cannot write its counters.
    stderr = re.sub(rb"(?m)^profiling:.*\n", b"", stderr)
    assert (run.returncode, stdout, stderr) == (0, b"", b"")
    files = list((home / ".local/state/veredus/queue/queue").iterdir())
    assert len(files) == 1
    assert files[0].stat().st_uid == uid
