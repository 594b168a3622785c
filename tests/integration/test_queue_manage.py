# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--queue-delete, -hold, -release, -requeue and -return."""

import os
import shutil
import subprocess
import threading
import time

import pytest

NOW = int(time.time() * 1000)
ATTEMPT = [f"{NOW} attempt", f"{NOW} next {NOW + 600000}"]
ID = "6H2F3F8PM0002"


@pytest.fixture
def manage(program):
    """Runs a command, which prints nothing on success."""

    def manage(command, *argv, status=0, **options):
        run = program.run(f"--queue-{command}", *argv, stdin=None, **options)
        assert run.status == status, run
        assert run.stdout == ""
        assert (run.stderr == "") == (status == 0), run
        return run

    return manage


@pytest.fixture
def accounts(program, spool):
    """Two accounts with the same queue."""
    program.write_config(f"defaults\nqueue_dir {spool.path}\n"
                         "account work\nhost work.example\n"
                         "account default\nhost mx.example\n")


def places(spool):
    return {name: place for place in ("queue", "hold", "failed")
            for name in spool.names(place)}


# ---- which messages ----

@pytest.mark.parametrize("command, before, after", [
    ("delete", "queue", None), ("delete", "hold", None),
    ("delete", "failed", None),
    ("hold", "queue", "hold"), ("hold", "hold", "hold"),
    ("release", "hold", "queue"), ("release", "queue", "queue"),
    ("requeue", "queue", "queue"), ("requeue", "hold", "queue"),
    ("requeue", "failed", "queue")])
def test_a_message_is_named_by_its_id(manage, spool, command, before, after):
    name, other = spool.add(place=before), spool.add(place=before)
    manage(command, name)
    expected = {other: before}
    if after:
        expected[name] = after
    assert places(spool) == expected
    assert spool.names("tmp") == []


@pytest.mark.parametrize("command", ["hold", "release"])
def test_a_failed_message_is_left_to_requeue(
        program, manage, accounts, spool, command):
    name = spool.add(place="failed")
    run = manage(command, name, status=66)
    assert (f"{name}: the message is in failed/; --queue-requeue puts it back "
            "into the queue") in run.stderr
    assert spool.place(name) == "failed"
    run = program.run("-a", "work", f"--queue-{command}", name, stdin=None)
    assert run.status == 66 and "there is no message with this ID" in run.stderr


@pytest.mark.parametrize("command, expected", [
    ("delete", [None, None, "failed"]), ("hold", ["hold", "hold", "failed"]),
    ("release", ["queue", "queue", "failed"]),
    ("requeue", ["queue", "queue", "failed"])])
def test_all_are_the_messages_that_mailq_lists(
        manage, spool, command, expected):
    names = [spool.add(place=place) for place in ("queue", "hold", "failed")]
    manage(command, "all")
    assert [spool.place(name) for name in names] == expected


def test_all_of_an_empty_queue_is_no_error(manage, program, spool):
    manage("delete", "all")
    program.write_config(f"host mx.example\nqueue_dir {spool.path}/no\n")
    manage("hold", "all")
    assert not (spool.path / "no").exists()


def test_several_messages_can_be_named(manage, spool):
    names = [spool.add() for _ in range(4)]
    manage("delete", *names[:3])
    assert spool.names() == names[3:]


def test_an_error_does_not_end_the_command(manage, spool):
    names = [spool.add(), spool.add()]
    run = manage("delete", names[0], ID, names[1], status=66)
    assert run.stderr == f"veredus: {ID}: there is no message with this ID\n"
    assert spool.names() == []


def test_a_wrong_word_stops_the_command_before_it_begins(manage, spool):
    name = spool.add()
    manage("delete", name, "All", status=64)
    assert spool.names() == [name]


def test_a_missing_folder_is_created(manage, spool):
    name = spool.add()
    (spool.path / "hold").rmdir()
    manage("hold", name)
    assert spool.place(name) == "hold"
    assert (spool.path / "hold").stat().st_mode & 0o777 == 0o700


# ---- damaged messages ----

def test_a_damaged_message_can_only_be_deleted(manage, spool):
    name = spool.add()
    spool.write(name, spool.file(name).read_bytes().replace(b"Hello", b"hello"))
    for command in ("hold", "requeue"):
        run = manage(command, name, status=65)
        assert "its checksum is not that of its contents" in run.stderr
        assert name in run.stderr
    manage("delete", name)
    assert places(spool) == {}


@pytest.mark.parametrize("data", [b"", b"veredus-queue 1 ", b"text"])
@pytest.mark.parametrize("place", ["queue", "hold", "failed"])
def test_a_file_that_does_not_tell_its_account_is_named_by_its_id(
        program, manage, accounts, spool, data, place):
    name = spool.add(place=place)
    spool.file(name).write_bytes(data)
    option = "--account=work"
    for command in ("show", "return", "requeue"):
        run = manage(command, name, option, status=65)
        assert f"{place}/{name}: the queue file is damaged" in run.stderr
    for command in ("hold", "release"):
        manage(command, name, option, status=66 if place == "failed" else 65)
    # It may be of the other account.
    manage("delete", "all", option)
    assert spool.place(name) == place
    manage("delete", name, option)
    assert places(spool) == {}


def test_many_damaged_messages_are_few_lines(manage, spool):
    for _ in range(50):
        spool.write(spool.add(), b"damaged")
    lines = manage("hold", "all", status=65).stderr.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "veredus: 30 more messages with a problem"


# ---- the log ----

@pytest.mark.parametrize("command, result", [
    ("delete", "deleted"), ("hold", "held"), ("requeue", "requeued")])
def test_each_message_has_a_line_in_the_log(manage, spool, command, result):
    names = [spool.add(age=1000), spool.add(age=2000)]
    lines = manage(command, "all").log.splitlines()
    assert len(lines) == 2
    for line, name, delay in zip(lines, sorted(names), (2000, 1000)):
        before, _, after = line.partition(" delay=")
        assert before == f"2.6 veredus: queue={name}"
        assert after.endswith(f" result={result}")
        assert delay <= int(after.split()[0]) < delay + 60


def test_what_needs_no_work_is_not_logged(manage, spool):
    assert manage("hold", spool.add(place="hold")).log == ""


def test_an_account_without_a_log_has_no_line(manage, program, spool):
    program.write_config(f"host mx.example\nqueue_dir {spool.path}\n"
                         "syslog off\n")
    assert manage("delete", spool.add()).log == ""


# ---- locks ----

@pytest.mark.parametrize("command, after", [
    ("delete", None), ("hold", "hold"), ("requeue", "queue"),
    ("return", None)])
def test_a_message_is_waited_for_while_it_is_delivered(
        manage, spool, command, after):
    name, other = spool.add(), spool.add()
    lock = spool.lock(name)
    timer = threading.Timer(1.5, lock.close)
    timer.start()
    run = manage(command, "all")
    timer.join()
    assert run.seconds >= 1
    assert [spool.place(name), spool.place(other)] == [after, after]
    assert len(run.log.splitlines()) == 2


def test_a_message_that_is_delivered_for_long_is_a_temporary_failure(
        manage, spool):
    names = [spool.add() for _ in range(4)]
    locks = [spool.lock(name) for name in names[:3]]
    run = manage("delete", *names, status=75)
    assert run.stderr == "".join(
        f"veredus: {name}: the message is being delivered\n"
        for name in names[:3])
    # All of them together are waited for.
    assert 9 <= run.seconds < 28
    assert spool.names() == names[:3]
    for lock in locks:
        lock.close()


def test_a_message_that_was_delivered_meanwhile_is_gone(manage, spool):
    name = spool.add()
    lock = spool.lock(name)

    def deliver():
        spool.file(name).unlink()
        lock.close()

    timer = threading.Timer(1, deliver)
    timer.start()
    run = manage("hold", name, status=66)
    timer.join()
    assert "there is no message with this ID" in run.stderr


# ---- requeue ----

def test_requeue_begins_anew_and_keeps_id_and_arrival(manage, spool):
    name = spool.add([("b@x.example", "b"), "c@x.example", "d@x.example"], [
        *ATTEMPT, f"{NOW} delivered 2 250 2.0.0 mx.example",
        f"{NOW} failed 3 550 5.1.1 mx.example 550 no"], age=5000,
        notify="NEVER", envelope_id="id 1")
    before = spool.read(name)
    manage("requeue", name)
    values, recipients, message, journal = spool.read(name)
    expected = before[0] | {"original": "b"}
    assert values == expected
    assert recipients == ["b@x.example"]
    assert message == before[2]
    assert journal == []
    assert spool.file(name).stat().st_mtime == 0


def test_requeue_takes_another_account(manage, spool, accounts):
    name = spool.add(configuration="/nowhere/veredus.conf")
    manage("requeue", name, "-a", "work")
    values = spool.read(name)[0]
    assert values["account"] == "work"
    assert "configuration" not in values


def test_requeue_takes_an_account_of_another_configuration(
        manage, spool, program, tmp_path):
    path = tmp_path / "other.conf"
    path.write_text(f"account other\nhost x.example\nqueue_dir {spool.path}\n")
    path.chmod(0o600)
    name = spool.add(place="hold")
    manage("requeue", "all", "-a", "other", "-C", str(path))
    values = spool.read(name)[0]
    assert (values["account"], values["configuration"]) == ("other", str(path))
    assert spool.place(name) == "queue"


def test_requeue_to_an_unknown_account_changes_nothing(manage, spool):
    name = spool.add(place="hold")
    run = manage("requeue", name, "-a", "work", status=78)
    assert 'there is no account "work"' in run.stderr
    assert spool.place(name) == "hold"
    assert spool.read(name)[0]["account"] == "default"


def test_requeue_tries_again_who_failed_if_that_could_not_be_told(
        manage, spool):
    failed = [*ATTEMPT, f"{NOW} failed 1 550 5.1.1 mx.example 550 no"]
    name = spool.add(place="failed", journal=failed)
    manage("requeue", name)
    assert spool.read(name)[1] == ["bob@example.org"]
    name = spool.add(journal=failed)
    assert "no recipient left" in manage("requeue", name, status=65).stderr
    assert len(spool.read(name)[3]) == 3


def test_requeue_does_not_repeat_a_notice_of_the_delay(manage, spool):
    name = spool.add(journal=[*ATTEMPT, f"{NOW} warned"])
    manage("requeue", name)
    journal = spool.read(name)[3]
    assert [line.split()[1] for line in journal] == ["warned"]


def test_requeue_replaces_a_file_that_was_left_in_tmp(manage, spool):
    name = spool.add()
    spool.write(name, b"left", place="tmp")
    manage("requeue", name)
    assert spool.names("tmp") == []
    assert spool.read(name)[0]["account"] == "default"


def test_requeue_keeps_a_large_message(manage, spool):
    body = os.urandom(500000).replace(b"\n", b"").replace(b"\0", b"") + b"\n"
    name = spool.add(message=(b"Subject: x\n", body))
    manage("requeue", name)
    assert spool.read(name)[2] == b"Subject: x\n\n" + body


# ---- return ----

def notice(spool):
    """Returns the one notice in the queue."""
    names = [name for name in spool.names() if "notice" in spool.read(name)[0]]
    assert len(names) == 1
    values, recipients, message, _ = spool.read(names[0])
    assert values["sender"] == ""
    return recipients, message.decode()


@pytest.mark.parametrize("place", ["queue", "hold", "failed"])
def test_return_tells_the_sender_now(manage, spool, place):
    name = spool.add(["bob@example.org", "carol@example.org"], [
        *ATTEMPT, f"{NOW} delivered 1 250 2.0.0 mx.example",
        f"{NOW} deferred 2 450 4.2.1 mx.example 450 4.2.1 try later"],
        place=place, age=5000)
    run = manage("return", name)
    assert spool.place(name) is None
    recipients, text = notice(spool)
    assert recipients == ["alice@example.org"]
    assert "Final-Recipient: rfc822; carol@example.org\nAction: failed\n" \
        "Status: 4.2.1\n" in text
    assert "mx.example said:\n450 4.2.1 try later\n" in text
    assert "bob@" not in text.partition("Content-Type: message/rfc822")[0]
    assert f"queue={name} delay=500" in run.log
    assert run.log.endswith(" result=returned\n")


def test_return_of_all_takes_those_on_hold_too(manage, spool):
    for place in ("queue", "hold", "failed"):
        spool.add(place=place)
    manage("return", "all")
    assert spool.names("hold") == []
    assert len(spool.names()) == 2  # notices
    assert len(spool.names("failed")) == 1


@pytest.mark.parametrize("account, expected", [
    ("work", "work"), ("gone", "default")])
def test_the_notice_leaves_by_an_account_that_exists(
        manage, accounts, spool, account, expected):
    manage("return", spool.add(account=account))
    [left] = spool.names()
    assert spool.read(left)[0]["account"] == expected


def test_return_of_a_message_that_was_never_tried(manage, spool):
    manage("return", spool.add())
    _, text = notice(spool)
    assert "an administrator has returned the message" in text
    assert "Status: 4.4.7\n" in text


def test_return_tells_nobody_who_wants_no_notice(manage, spool):
    run = manage("return", spool.add(notify="NEVER"))
    assert spool.names() == spool.names("failed") == []
    assert run.log.endswith(" result=returned\n")


@pytest.mark.parametrize("changes", [
    {"sender": ""}, {"sender": "root@localhost"}, {"notice": "", "sender": ""}])
def test_what_nobody_can_be_told_of_is_kept_in_failed(manage, spool, changes):
    name = spool.add(**changes)
    run = manage("return", name, status=65)
    assert "nobody can be told" in run.stderr and name in run.stderr
    assert spool.place(name) == "failed"
    assert spool.names() == []
    assert run.log.endswith(" result=failed\n")


def test_return_of_a_failed_message_after_bounce_to_was_set(
        manage, spool, program):
    name = spool.add(sender="")
    manage("return", name, status=65)
    manage("return", name, status=65)
    program.write_config(f"host mx.example\nqueue_dir {spool.path}\n"
                         "bounce_to postmaster@example.org\n")
    manage("return", name)
    assert notice(spool)[0] == ["postmaster@example.org"]
    assert spool.names("failed") == []


def test_a_damaged_message_is_not_returned(manage, spool):
    name = spool.add()
    spool.write(name, spool.file(name).read_bytes().replace(b"Hello", b"hello"))
    manage("return", name, status=65)
    assert spool.place(name) == "queue"


# ---- the messages of one account ----

@pytest.mark.parametrize("command, after", [
    ("delete", None), ("hold", "hold"), ("return", None)])
def test_an_option_limits_a_command_to_an_account(
        manage, spool, accounts, command, after):
    name, other = spool.add(account="work"), spool.add()
    manage(command, "all", "-a", "work")
    assert [spool.place(name), spool.place(other)] == [after, "queue"]
    run = manage(command, other, "-a", "work", status=66)
    assert "no message with this ID" in run.stderr
    assert spool.place(other) == "queue"


def test_only_the_messages_of_an_account_are_shown(program, spool, accounts):
    name, other = spool.add(account="work"), spool.add()
    run = program.run("--queue-show", "all", "-a", "work", stdin=None)
    assert run.status == 0
    assert name in run.stdout and other not in run.stdout


# ---- failures at each system call ----

CALLS = ["openat", "renameat", "renameat2", "unlinkat", "fsync", "fdatasync",
         "write", "pwrite64", "utimensat", "fcntl", "pread64"]


def run_with_fault(program, fault, *argv):
    """Runs the program under strace; returns its status, negative if it was
    killed, or None if the fault did not happen."""
    log = program.folder / "strace"
    run = subprocess.run(
        ["strace", "-o", log, "-e", f"trace={fault.partition(':')[0]}",
         "-e", f"inject={fault}", program.binary, *argv],
        env=program.environment({"LD_PRELOAD": None}), capture_output=True,
        stdin=subprocess.DEVNULL, timeout=30)
    text = log.read_text()
    happened = "(INJECTED)" in text or "+++ killed" in text
    return run.returncode if happened else None


@pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO",
                                   "error=ENOSPC"])
@pytest.mark.parametrize("command, before", [
    ("delete", "queue"), ("hold", "queue"), ("release", "hold"),
    ("requeue", "hold"), ("return", "hold")])
def test_a_failure_at_any_call_neither_loses_nor_doubles_a_message(
        program, spool, ordinary_memory, command, before, fault):
    if not shutil.which("strace"):
        pytest.skip("strace is missing")
    happened = 0
    for call in CALLS:
        for number in range(1, 30):
            name = spool.add(place=before)
            status = run_with_fault(
                program, f"{call}:{fault}:when={number}",
                f"--queue-{command}", name)
            found = places(spool)
            notices = set(found) - {name}
            assert len(notices) <= (command == "return"), (call, number)
            if status is None:
                break
            happened += 1
            if call == "fsync" and fault.startswith("error"):
                assert status == 75, number
            if command == "return":
                assert name in found or notices, (call, number)
                assert status != 0 or notices
            elif command != "delete":
                assert name in found, (call, number)
                assert sum(name in spool.names(place) for place in (
                    "queue", "hold", "failed")) == 1
                spool.read(name)
            elif status == 0:
                assert not found
            for left in found:
                spool.file(left).unlink()
            for left in spool.names("tmp"):
                (spool.path / "tmp" / left).unlink()
        for left in places(spool):
            spool.file(left).unlink()
    assert happened > 10
