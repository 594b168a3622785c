# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue runs: what is tried when, and what follows from the results."""

import email
import os
import re
import signal
import socket
import time

import pytest

import json_output
from dialogue import QUIT, greet, lines
from kernel import send_signal, signal_run
from program import MESSAGE
from queue_runs import (  # noqa: F401
    ANY_MESSAGE, SENDER, age, parts_of, queue, results, sink)


def test_a_run_delivers_what_is_queued_and_removes_it(queue, sink):
    queue.put("bob@example.org")
    queue.put("carol@example.org", "dave@example.org")
    run = queue.run()
    assert run.stdout == run.stderr == ""
    assert [message.recipients for message in sink.messages] == [
        ["bob@example.org"], ["carol@example.org", "dave@example.org"]]
    assert sink.messages[0].sender == SENDER
    assert sink.messages[0].data == MESSAGE.replace(b"\n", b"\r\n")
    assert queue.ids() == []


def test_a_run_without_a_queue_does_nothing(queue):
    run = queue.run()
    assert run.stdout == run.stderr == run.log == ""
    assert not queue.folder.exists()


def test_the_log_names_the_queued_message(queue):
    name = queue.put("bob@example.org")
    run = queue.run()
    assert run.fields["queue"] == name
    assert run.fields["result"] == "sent"
    assert run.fields["msgid"] == "<1@example.org>"


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_the_log_file_of_the_account_has_every_attempt(
        queue, sink, tmp_path, sandbox):
    log = tmp_path / "log"
    queue.configure(f"logfile {log}", f"sandbox {sandbox}")
    name = queue.put("bob@example.org")
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    queue.run()
    sink.rejected.clear()
    assert queue.run("-qf").stdout == ""
    assert [re.search(r"queue=(\w+).* result=(\w+)", line).groups()
            for line in log.read_text().splitlines()] == [
                (name, result) for result in ("queued", "deferred", "sent")]


def test_a_log_file_that_fails_does_not_stop_a_run(queue, sink):
    queue.configure("logfile /nowhere/log")
    queue.put("bob@example.org")
    assert "cannot write to the log file /nowhere/log" in queue.run().log
    assert len(sink.messages) == 1


def test_standard_output_is_no_log_file_of_a_run(queue):
    queue.put("bob@example.org")
    queue.configure("logfile -")
    assert queue.run().stdout == ""


def test_verbose_runs_show_a_line_for_each_message(queue, sink):
    name = queue.put("bob@example.org")
    run = queue.program.run("-q", "-v", stdin=None)
    assert run.stdout == f"{name} sent\n"


def test_each_attempt_sends_the_same_octets(queue, sink):
    queue.put("bob@example.org", message=b"Subject: x\n\nHello.\n")
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    queue.run()
    (name,) = queue.ids()
    sink.rejected.clear()
    stored = queue.text(name)
    queue.run("-qf")
    sent = sink.message.data.decode().replace("\r\n", "\n")
    assert sent in stored
    assert "Message-ID: " in sent and "Date: " in sent


def test_a_failed_attempt_makes_a_pause(queue, sink):
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    name = queue.put("bob@example.org")
    run = queue.run()
    assert run.fields["result"] == "deferred"
    wait = (queue.folder / "queue" / name).stat().st_mtime - time.time()
    assert 90 < wait < 150
    sink.rejected.clear()
    queue.run()
    assert sink.messages == []
    queue.run("-qf")
    assert queue.ids() == []


def test_the_journal_decides_over_the_time_of_the_file(queue, sink):
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    name = queue.put("bob@example.org")
    queue.run()
    sink.rejected.clear()
    queue.set_next(name, -60)
    queue.run()
    assert sink.messages == []
    assert (queue.folder / "queue" / name).stat().st_mtime > time.time() + 60


def test_only_recipients_that_are_left_are_tried_again(queue, sink):
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    queue.put("bob@example.org", "carol@example.org")
    queue.run()
    sink.rejected.clear()
    queue.run("-qf")
    assert [message.recipients for message in sink.messages] == [
        ["carol@example.org"], ["bob@example.org"]]


@pytest.mark.parametrize("what, recipients", [
    ("-qSalice", ["bob@example.org", "carol@example.org"]),
    ("-qSnobody", []),
    ("-qRcarol", ["carol@example.org"]),
])
def test_a_run_can_be_limited_to_some_messages(
        queue, sink, what, recipients):
    queue.put("bob@example.org")
    queue.put("carol@example.org")
    queue.run(what)
    assert [message.recipients[0] for message in sink.messages] == recipients


def test_a_run_can_be_limited_to_one_message(queue, sink):
    queue.put("bob@example.org")
    name = queue.put("carol@example.org")
    queue.run("-qI" + name)
    assert sink.message.recipients == ["carol@example.org"]


def test_a_rejected_recipient_is_returned_to_the_sender(queue, sink):
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    queue.put("bob@example.org", "carol@example.org")
    run = queue.run()  # which also delivers the notice
    assert results(run) == ["returned", "sent"]
    original, notice = sink.messages
    assert original.recipients == ["carol@example.org"]
    assert notice.sender == "" and notice.recipients == [SENDER]
    parsed, (text, status, returned) = parts_of(notice)
    assert parsed["Auto-Submitted"] == "auto-replied"
    assert parsed["In-Reply-To"] == "<1@example.org>"
    assert parsed["Date"] and parsed["Message-ID"]
    assert "bob@example.org" in text.get_content()
    assert "550 5.1.1 no such user" in text.get_content()
    assert "carol" not in text.get_content()
    about, recipient = status.get_payload()
    assert about["Reporting-MTA"] == "dns; client.example"
    assert recipient["Final-Recipient"] == "rfc822; bob@example.org"
    assert recipient["Action"] == "failed"
    assert recipient["Status"] == "5.1.1"
    assert recipient["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert returned.get_content_type() == "message/rfc822"
    assert returned.get_content().get_content().split() == ["Hello."]
    assert queue.ids() == []


def test_no_notice_is_sent_that_nobody_wants(queue, sink):
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    queue.put("bob@example.org", options=("-N", "never"))
    queue.run()
    assert queue.ids() == [] and queue.ids("failed") == []


def test_a_notice_that_fails_is_not_returned(queue, sink):
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    sink.rejected[SENDER] = "550 5.1.1 no such sender"
    queue.put("bob@example.org")
    run = queue.run()
    assert results(run)[0] == "returned"
    assert queue.ids() == []
    (notice,) = queue.ids("failed")
    assert f"queue={notice} " in run.log


def test_what_nobody_can_be_told_goes_to_bounce_to(queue, sink):
    queue.configure("bounce_to postmaster@example.org")
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    queue.put("bob@example.org", options=("-f", "<>"))
    queue.run()
    queue.run()
    assert sink.message.recipients == ["postmaster@example.org"]
    assert queue.ids() == [] and queue.ids("failed") == []


def test_a_notice_to_bounce_to_is_not_repeated(queue, sink):
    queue.configure("bounce_to postmaster@example.org")
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    sink.rejected["postmaster@example.org"] = "550 5.1.1 no such user"
    queue.put("bob@example.org", options=("-f", "<>"))
    for _ in range(3):
        queue.run()
    assert queue.ids() == [] and len(queue.ids("failed")) == 1


def test_a_server_that_rejects_the_null_sender_gets_that_of_the_account(
        queue, sink):
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    sink.rejected_senders[""] = "550 5.7.1 sender needed"
    queue.put("bob@example.org")
    queue.run()
    queue.run()
    assert sink.message.sender == SENDER
    assert parts_of(sink.message)


def test_old_files_are_removed_from_tmp_and_failed(queue, sink):
    queue.configure("queue_failed 60s")
    queue.put("bob@example.org")
    for place in ("tmp", "failed"):
        folder = queue.folder / place
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "000000000000A").write_text("x")
        (folder / "notes").write_text("x")
    queue.run()
    assert queue.ids("tmp") == queue.ids("failed") == [
        "000000000000A", "notes"]


def test_without_bounce_to_it_stays_in_failed(queue, sink):
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    name = queue.put("bob@example.org", options=("-f", "<>"))
    queue.run()
    assert queue.ids() == [] and queue.ids("failed") == [name]
    assert "550 5.1.1 no such user" in queue.text(name, "failed")


def test_an_old_message_is_tried_once_more_and_then_returned(queue, sink):
    queue.configure("queue_lifetime 60s")
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    queue.put("bob@example.org")
    queue.run()
    (name,) = queue.ids()
    age(queue, name, 120)
    (name,) = queue.ids()
    run = queue.run("-qf")
    assert results(run) == ["expired", "sent"]
    _, (text, status, _) = parts_of(sink.message)
    assert status.get_payload()[1]["Status"] == "4.2.1"
    assert "450 4.2.1 try later" in text.get_content()
    assert queue.ids() == []


def test_the_sender_is_told_once_of_a_delay(queue, sink):
    queue.configure("queue_warn 60s")
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    name = queue.put("bob@example.org")
    name = age(queue, name, 120)
    queue.run("-qf")
    queue.run("-qf")
    queue.run("-qf")
    _, (text, status, header) = parts_of(sink.message)
    recipient = status.get_payload()[1]
    assert recipient["Action"] == "delayed"
    assert recipient["Status"] == "4.2.1"
    assert recipient["Will-Retry-Until"]
    assert header.get_content_type() == "text/rfc822-headers"
    assert "Subject: a test" in header.get_content()
    assert "Hello." not in header.get_content()
    assert queue.ids() == [name]


def test_a_server_that_cannot_be_reached_is_tried_once_a_run(queue):
    with socket.socket() as bound:  # nobody listens there
        bound.bind(("127.0.0.1", 0))
        queue.configure(port=bound.getsockname()[1])
        for _ in range(5):
            queue.put("bob@example.org")
        run = queue.run()
    assert run.log.count("result=deferred") == 5
    assert len(queue.ids()) == 5


def test_a_corrected_password_is_used(queue, sink, tmp_path):
    queue.configure("auth plain", "user bob", f"passwordfile {tmp_path}/none")
    queue.put("bob@example.org")
    run = queue.run()
    assert run.fields["result"] == "deferred"
    assert "none" in run.fields["error"]
    queue.configure()
    queue.run("-qf")
    assert sink.message.recipients == ["bob@example.org"]


def test_messages_of_an_account_that_is_gone_wait(queue, sink):
    queue.put("bob@example.org")
    queue.program.write_config(f"account other\nhost 127.0.0.1\n"
                               f"queue_dir {queue.folder}\n")
    run = queue.run()
    assert len(queue.ids()) == 1
    assert 'account "default"' in run.log or "default" in run.log
    queue.configure()
    queue.run()
    assert sink.message.recipients == ["bob@example.org"]


@pytest.mark.parametrize("in_other_file", [False, True])
def test_messages_of_an_account_that_is_gone_are_returned_at_last(
        queue, sink, in_other_file):
    """By the default account, whose queue_lifetime counts."""
    text = "\n".join(queue.settings + ["account work : default", ""])
    other = queue.program.folder / "other.conf"
    if in_other_file:
        other.write_text(text)
        other.chmod(0o600)
    else:
        queue.program.write_config(text)
    name = queue.put("bob@example.org", options=(
        "-a", "work", *(["-C", str(other)] if in_other_file else [])))
    other.unlink(missing_ok=True)
    queue.configure()
    run = queue.run()
    assert queue.ids() == [name] and sink.messages == []
    assert run.log.count("result=deferred") == 1
    assert "account work is not in the configuration" in queue.text(name)
    # It is written once, and the message is due as soon as the account is back.
    assert "deferred" not in queue.run().log
    age(queue, name, 6 * 86400)
    run = queue.run()
    assert queue.ids() == [] and "result=expired" in run.log
    assert sink.message.recipients == [SENDER]
    notice = sink.message.data.decode()
    # The log says which account it was; the sender need not know.
    assert "account work is not in the configuration" in run.log
    assert "a problem of its own, which is in its log" in notice
    assert "account work" not in notice
    assert "Action: failed" in notice and "other.conf" not in notice


def test_a_damaged_file_is_put_aside_and_never_sent(queue, sink):
    name = queue.put("bob@example.org")
    path = queue.folder / "queue" / name
    path.write_bytes(path.read_bytes().replace(b"Hello", b"Hallo"))
    run = queue.run()
    assert sink.messages == []
    assert queue.ids("failed") == [name]
    assert "damaged" in run.log and "; moved to failed/" in run.log
    assert f"{path}: " in run.log


@pytest.mark.parametrize("damage", [
    lambda data: data.replace(b"Hello", b"Hallo"), lambda data: b"damaged"],
    ids=["message", "file"])
@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_a_damaged_file_does_not_leave_the_queue_without_a_word(
        queue, sink, tmp_path, damage, sandbox):
    log, report = tmp_path / "log", tmp_path / "report"
    queue.configure("syslog off", f"logfile {log}", f"sandbox {sandbox}")
    name = queue.put("bob@example.org")
    other = queue.put("carol@example.org")
    path = queue.folder / "queue" / name
    path.write_bytes(damage(path.read_bytes()))
    log.write_text("")
    run = queue.program.run("-q", f"--report={report}", stdin=None)
    assert run.status == 0, run
    assert [message.recipients for message in sink.messages] == [
        ["carol@example.org"]]
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"veredus: warning: {path}: ")
    assert line.endswith("; moved to failed/")
    why = line.split(": warning: ")[1]
    fields = [line for line in log.read_text().splitlines() if name in line]
    assert len(fields) == 1 and why in fields[0]
    assert f"queue={name}" in fields[0] and "result=failed" in fields[0]
    found = {item["queue_id"]: item for item in json_output.objects(
        "report", report.read_text())}
    assert found.keys() == {name, other}
    assert found[name]["result"] == "failed"
    assert found[name]["error"] == why
    assert found[name]["exit"] == os.EX_DATAERR
    # It is there, for the commands that list the queue.
    for argv in (["-bp"], ["--queue-list", "--json"]):
        run = queue.program.run(*argv, stdin=None)
        assert name not in run.stdout and run.status == 0, run
        assert f"warning: {queue.folder}/failed/{name}: " in run.stderr, run


def test_files_of_others_are_left_alone(queue, sink):
    queue.put("bob@example.org")
    (queue.folder / "queue" / "000000000000A").symlink_to("/etc/passwd")
    os.mkfifo(queue.folder / "queue" / "000000000000B", 0o600)
    (queue.folder / "queue" / "notes").write_text("text")
    queue.run()
    assert sink.message.recipients == ["bob@example.org"]
    assert queue.ids() == ["000000000000A", "000000000000B", "notes"]


def test_a_message_that_another_process_has_is_not_tried(queue, sink):
    import fcntl
    import struct

    name = queue.put("bob@example.org")
    with open(queue.folder / "queue" / name, "r+b") as file:
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
        fcntl.fcntl(file, 37, lock)  # F_OFD_SETLK
        queue.run()
        assert sink.messages == []
    queue.run()
    assert sink.message.recipients == ["bob@example.org"]


def greet_and_wait_for_mail(listener):
    """Accepts a session; the next one begins when this one is open."""
    session, _ = listener.accept()
    for reply, command in ((b"220 mx.example", b"EHLO"),
                           (b"250 mx.example", b"MAIL")):
        session.sendall(reply + b"\r\n")
        assert session.recv(1000).startswith(command)
    return session


def test_a_run_has_as_many_sessions_as_the_account_allows(queue):
    listener = socket.create_server(("127.0.0.1", 0))
    queue.configure(port=listener.getsockname()[1], sessions=3)
    for i in range(6):
        queue.put(f"u{i}@example.org")
    process = queue.program.start("-q")
    sessions = [greet_and_wait_for_mail(listener) for _ in range(3)]
    listener.settimeout(1)
    with pytest.raises(TimeoutError):
        listener.accept()
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    for session in sessions:
        session.close()
    queue.program.end(process)
    assert len(queue.ids()) == 6


def test_several_sessions_deliver_each_message_once(queue, sink):
    queue.configure(sessions=4)
    for i in range(30):
        queue.put(f"u{i}@example.org")
    run = queue.program.run("-q", "-v", stdin=None)
    assert run.status == 0
    recipients = [message.recipients[0] for message in sink.messages]
    assert sorted(recipients) == sorted(f"u{i}@example.org"
                                        for i in range(30))
    assert run.stdout.count(" sent\n") == 30
    assert queue.ids() == []


def test_a_run_delivers_for_more_accounts_than_it_has_processes(queue, sink):
    accounts = [f"a{i}" for i in range(102)]
    queue.program.write_config("\n".join(
        ["defaults", *queue.settings, *(f"account {a}" for a in accounts)])
        + "\n")
    for account in accounts:
        queue.put(f"{account}@example.org", options=("-a", account))
    queue.run()
    assert queue.ids() == []
    assert len(sink.messages) == len(accounts)


def test_a_run_that_cannot_start_a_process_says_so(queue, sink):
    queue.put("bob@example.org")
    run = queue.program.run("-q", stdin=None,
                            env={"VEREDUS_TEST_NO_FORK": "1"})
    assert run.status == 75, run
    assert "could not be started" in run.stderr
    assert "account default: cannot start a process" in run.log
    assert len(queue.ids()) == 1
    queue.run()
    assert queue.ids() == []


def test_two_runs_at_once_deliver_each_message_once(queue, sink):
    for i in range(20):
        queue.put(f"u{i}@example.org")
    runs = [queue.program.start("-q") for _ in range(3)]
    for run in runs:
        run.communicate(timeout=60)
        assert run.returncode == 0
    recipients = [message.recipients[0] for message in sink.messages]
    assert sorted(recipients) == sorted(f"u{i}@example.org"
                                        for i in range(20))
    assert queue.ids() == []


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGHUP])
def test_a_second_signal_ends_a_run_at_once_and_loses_nothing(queue, second):
    silent = socket.create_server(("127.0.0.1", 0))
    queue.configure(port=silent.getsockname()[1])
    queue.put("bob@example.org")
    queue.put("carol@example.org")
    process = queue.program.start("-q")
    connection, _ = silent.accept()  # stays open
    send_signal(process, signal.SIGTERM)
    send_signal(process, second)  # does not wait
    run = queue.program.end(process)
    assert run.status == 75 and run.seconds < 8, run
    assert run.log.count("ended by signal 15") == 1, run
    assert len(queue.ids()) == 2


@pytest.mark.parametrize("whole_group", [False, True])
def test_a_run_finishes_its_transaction_after_a_signal(queue, server,
                                                       whole_group):
    queue.configure(port=server.port)
    for i in range(2):
        queue.put(f"u{i}@example.org")
    server.play(lines(greet(), """
        C: MAIL FROM:<alice@example.org>*
        S: 250 2.1.0 ok
        C: RCPT TO:*
        S: 250 2.1.5 ok
        C: DATA
        S: 354 go on
        BODY
        EVENT
        HOLD
        S: 250 2.0.0 accepted
    """, QUIT))
    process = queue.program.start("-q", start_new_session=True)
    assert server.reached.wait(60)
    # The signals of a terminal reach every process of the run.
    signal_run(process, os.killpg if whole_group else os.kill)
    server.release()
    run = queue.program.end(process)
    server.finish()
    assert run.status == 75
    assert "ended by a signal" in run.stderr
    assert len(queue.ids()) == 1


def test_the_grace_after_a_signal_is_limited(queue):
    silent = socket.create_server(("127.0.0.1", 0))
    queue.configure(port=silent.getsockname()[1])
    queue.put("bob@example.org")
    process = queue.program.start("-q")
    connection, _ = silent.accept()  # stays open
    process.send_signal(signal.SIGTERM)
    run = queue.program.end(process)
    assert run.status == 75
    assert 8 < run.seconds < 20
    assert len(queue.ids()) == 1


def test_an_unusable_folder_is_a_temporary_failure(queue):
    queue.folder.mkdir(mode=0o755)
    run = queue.program.run("-q", stdin=None)
    assert run.status == 75
    assert "mode 0755" in run.stderr


def test_a_run_of_another_folder_sends_what_is_there(queue, server):
    queue.configure(port=server.port)
    queue.put("bob@example.org")
    other = queue.folder.parent / "moved"
    queue.folder.rename(other)
    server.play(lines(greet(), ANY_MESSAGE, QUIT))
    run = queue.program.run("-q", f"--queue-dir={other}", stdin=None)
    assert run.status == 0, run
    server.finish()
    assert not list((other / "queue").iterdir())


def test_messages_for_one_server_share_a_session(queue, server):
    queue.configure(port=server.port)
    for i in range(3):
        queue.put(f"u{i}@example.org")
    server.play(lines(greet(), ANY_MESSAGE, ANY_MESSAGE, ANY_MESSAGE, QUIT))
    queue.run()
    server.finish()
    assert queue.ids() == []


def test_a_rejected_message_does_not_end_the_session(queue, server):
    queue.configure(port=server.port)
    for i in range(2):
        queue.put(f"u{i}@example.org")
    server.play(lines(greet(), """
        C: MAIL FROM:<alice@example.org>*
        S: 250 2.1.0 ok
        C: RCPT TO:*
        S: 450 4.2.1 not now
        C: RSET
        S: 250 2.0.0 ok
    """, ANY_MESSAGE, QUIT))
    queue.run()
    server.finish()
    assert len(queue.ids()) == 1


def test_a_session_that_ends_is_replaced_for_the_next_message(queue, server):
    queue.configure(port=server.port)
    for i in range(2):
        queue.put(f"u{i}@example.org")
    server.play(lines(greet(), ANY_MESSAGE, """
        C: MAIL FROM:<alice@example.org>*
        S: 421 4.3.2 too many messages
        CLOSE
    """), lines(greet(), ANY_MESSAGE, QUIT))
    queue.run()
    server.finish()
    assert queue.ids() == []


def test_no_more_messages_are_sent_in_a_session_than_the_server_allows(
        queue, server):
    queue.configure(port=server.port)
    for i in range(3):
        queue.put(f"u{i}@example.org")
    server.play(lines(greet("LIMITS MAILMAX=2"), ANY_MESSAGE, ANY_MESSAGE,
                      QUIT),
                lines(greet("LIMITS MAILMAX=2"), ANY_MESSAGE, QUIT))
    queue.run()
    server.finish()
    assert queue.ids() == []


def test_a_shared_session_needs_no_answer_to_quit_for_each_message(
        queue, server):
    queue.configure(port=server.port)
    for i in range(2):
        queue.put(f"u{i}@example.org")
    server.play(lines(greet("CHUNKING"), ANY_MESSAGE, ANY_MESSAGE, QUIT))
    queue.run()
    server.finish()
    assert queue.ids() == []


def test_the_journal_does_not_repeat_a_result(queue, sink):
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    name = queue.put("bob@example.org")
    for _ in range(3):
        queue.run("-qf")
    journal = queue.text(name).split("Hello.\n")[1]
    assert journal.count(" attempt\n") == 3
    assert journal.count(" deferred 1 ") == 1
    sink.rejected["bob@example.org"] = "451 4.3.0 another reason"
    queue.run("-qf")
    journal = queue.text(name).split("Hello.\n")[1]
    assert journal.count(" deferred 1 ") == 2


def test_failures_of_a_run_that_was_killed_are_returned(spool, program, sink):
    """No recipient waits, so there is nothing to send to."""
    failed = "1 failed 1 550 5.1.1 mx.example no such user"
    delivered = "1 delivered 1 250 2.0.0 -"
    for journal in ([failed], [delivered], [failed, "1 returned 1"]):
        spool.add(journal=["1 attempt", *journal])
    program.write_config(f"account default\nhost 127.0.0.1\n"
                         f"port {sink.port}\ntls off\n"
                         f"queue_dir {spool.path}\n")
    for _ in range(2):
        run = program.run("-qf", stdin=None)
        assert run.status == 0, run
    assert spool.names() == spool.names("failed") == []
    assert sink.message.recipients == [SENDER]
    assert b"no such user" in sink.message.data


def test_recipients_that_have_the_message_are_recorded_when_a_session_ends(
        queue, server, sink):
    """The server takes one recipient a transaction (RFC 9422)."""
    queue.configure(port=server.port)
    queue.put("u0@example.org")
    queue.put("u1@example.org", "u2@example.org")
    server.play(lines(greet("LIMITS RCPTMAX=1"), ANY_MESSAGE, ANY_MESSAGE,
                      "C: MAIL *", "CLOSE"))
    queue.run()
    server.finish()
    queue.configure()
    queue.run("-qf")
    assert sink.message.recipients == ["u2@example.org"]
    assert queue.ids() == []


@pytest.mark.parametrize("option", ["-qf", "-qIid"])
def test_two_processes_of_a_run_try_each_message_once(queue, sink, option):
    """Also a run that does not ask which messages are due."""
    queue.configure(sessions=2)
    names = [queue.put(f"user{i}@example.org") for i in range(8)]
    for i in range(8):
        sink.rejected[f"user{i}@example.org"] = "450 4.2.1 not now"
    run = queue.run(option.replace("id", names[0]))
    tried = names if option == "-qf" else names[:1]
    assert run.log.count("result=deferred") == len(tried), run.log
    for name in tried:
        assert run.log.count(f"queue={name}") == 1
