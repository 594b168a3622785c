# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is queued, and what the caller is told."""

import os
import stat
import time

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, ENVELOPE,
                      LOGIN_SETTINGS, MAIL, MESSAGE_ACCEPTED, QUIT, RCPT, SEND,
                      SECURED, STARTTLS, greet, lines, plain)
from program import MESSAGE, account
from queued import check_queued, check_told, refuse, wait_until

TWO = (*SEND, "carol@example.org")


# ---- queue on: kept ----

@pytest.mark.parametrize("stage, reply", [
    ("greeting", "554 5.3.2 no service here"),
    ("greeting", "421 4.3.2 shutting down"),
    ("ehlo", "550 5.7.1 who are you"),
    ("mail", "451 4.3.0 try again"),
    ("mail", "530 5.7.0 authentication required"),
    ("mail", "538 5.7.11 encryption required"),
    ("rcpt", "450 4.2.0 greylisted"),
    ("rcpt", "550 5.7.8 authentication failed"),
    ("data", "451 4.3.0 try again"),
    ("end", "452 4.3.1 disk full"),
    ("end", "421 4.3.2 shutting down"),
])
def test_what_a_server_refuses_for_now_is_queued(post, queue, stage, reply):
    run = post(refuse(stage, reply))
    entry = check_queued(run, queue)
    assert entry["said"] == reply
    assert entry["code"] == reply[:3]
    assert entry["exit"] == "0"
    assert queue.recipients() == ["bob@example.org"]


@pytest.mark.parametrize("transcript", [
    pytest.param("CLOSE", id="greeting"),
    pytest.param(lines(greet(), "C: MAIL *", "CLOSE"), id="mail"),
    pytest.param(lines(greet(), ENVELOPE, "C: DATA", "RST"), id="data"),
    pytest.param(lines(BEFORE_FINAL_REPLY, "CLOSE"), id="final dot"),
    pytest.param("RAW hello\\r\\n\nC? QUIT\nDRAIN", id="protocol"),
])
def test_what_a_broken_session_leaves_is_queued(post, queue, transcript):
    check_queued(post(transcript), queue)


@pytest.mark.parametrize("settings, host, words", [
    pytest.param("", "gone.example", "gone.example", id="no address"),
    pytest.param("tls on\npasswordeval exit 3\nauth plain\nuser bob",
                 "mx.example", "exit status 3", id="passwordeval"),
    pytest.param("tls on\npasswordfile /nonexistent/a\nauth plain\nuser bob",
                 "mx.example", "/nonexistent/a", id="passwordfile"),
    pytest.param("tls on\ntls_trust_file /nonexistent/ca.pem", "mx.example",
                 "/nonexistent/ca.pem", id="tls_trust_file"),
])
def test_what_the_configuration_prevents_is_queued(post, program, queue,
                                                   settings, host, words):
    program.hosts["gone.example"] = "none"
    run = post(settings=settings, host=host)
    check_queued(run, queue, words)


def test_a_message_for_a_server_that_is_down_is_queued(post, queue, server):
    server.go_down()
    run = post()
    entry = check_queued(run, queue, "refused")
    assert "2.6 veredus: queue=" in run.log, run  # INFO
    assert entry["status"] == "4.4.1"


@pytest.mark.parametrize("transcript, settings", [
    pytest.param(lines(SECURED, plain(), "S: 535 5.7.8 wrong password",
                       "C? QUIT", "DRAIN"), "{trust}\n" + LOGIN_SETTINGS,
                 id="535"),
    pytest.param(lines(greet("STARTTLS"), STARTTLS, "C: EHLO *",
                       "S: 250 mx.example", "C? QUIT", "DRAIN"),
                 "{trust}\n" + LOGIN_SETTINGS, id="no AUTH"),
    pytest.param(lines(greet(), "C? QUIT", "DRAIN"), "{trust}", id="no TLS"),
    pytest.param(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go",
                       "TLS REJECTED"), "tls on\ntls_trust_file system",
                 id="certificate"),
    pytest.param(lines(greet(), "C: MAIL *", "S: 530 5.7.0 log in",
                       "C? QUIT", "DRAIN"), "", id="530"),
])
def test_what_only_an_administrator_can_mend_is_queued_and_logged_as_an_error(
        post, queue, trust, transcript, settings):
    run = post(transcript, settings=settings.format(trust=trust),
               host="mx.test")
    check_queued(run, queue)
    assert "2.3 veredus: queue=" in run.log, run  # ERR


def test_a_queued_message_is_the_one_that_would_have_been_sent(post, queue):
    post(refuse("mail", "451 4.3.0 try again"),
         stdin=b"To: bob@example.org\nBcc: carol@example.org\n\n.dot\n")
    head, message, journal = queue.entry()
    assert message.startswith(b"To: bob@example.org\n")
    assert message.endswith(b"\n\n.dot\n")
    assert b"\nMessage-ID: <" in message and b"\nDate: " in message
    assert b"Bcc" not in message
    assert "\nsender alice@example.org\n" in head
    assert "\naccount default\n" in head
    assert stat.S_IMODE(queue.files()[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(queue.folder.stat().st_mode) == 0o700


def test_the_journal_has_the_attempt_of_the_caller_and_the_next_one(post,
                                                                    queue):
    post(refuse("rcpt", "450 4.2.0 greylisted"))
    lines_ = queue.journal()
    assert lines_[0] == "attempt"
    assert lines_[1].startswith("deferred 1 450 4.2.0 mx.example ")
    assert "greylisted" in lines_[1]
    pause = int(lines_[2].split()[1]) / 1000 - time.time()
    assert 120 * 0.7 < pause < 120 * 1.3
    # A queue run looks at the time of the file.
    assert queue.files()[0].stat().st_mtime > time.time() + 60


# ---- queue on: told ----

@pytest.mark.parametrize("stage, reply, status", [
    ("mail", "550 5.1.8 bad sender", os.EX_DATAERR),
    ("rcpt", "550 5.1.1 no such user", os.EX_NOUSER),
    ("data", "554 5.5.1 no valid recipients", None),
    ("end", "554 5.7.1 spam", os.EX_NOPERM),
    ("end", "552 5.3.4 too big", None),
])
def test_what_a_server_refuses_for_good_is_told(post, program, queue, server,
                                                stage, reply, status):
    run = post(refuse(stage, reply))
    assert run.status not in (0, os.EX_TEMPFAIL), run
    check_told(run, queue, run.status if status is None else status)
    assert reply in run.stderr


@pytest.mark.parametrize("argv, settings, status", [
    pytest.param(("-f", "alice@example.org"), "", os.EX_USAGE,
                 id="no recipient"),
    pytest.param(("-f", "alice@example.org", "bob@"), "", None,
                 id="bad address"),
    pytest.param(SEND, "no_such_setting on", os.EX_CONFIG,
                 id="configuration"),
    pytest.param(("-a", "nobody", *SEND), "", os.EX_CONFIG, id="no account"),
])
def test_what_never_comes_to_an_attempt_is_told(post, queue, argv, settings,
                                                status):
    run = post(argv=argv, settings=settings)
    assert run.status in (os.EX_USAGE, os.EX_DATAERR, os.EX_NOUSER,
                          os.EX_CONFIG), run
    check_told(run, queue, run.status if status is None else status)


def test_a_message_that_is_too_big_is_told(post, queue):
    run = post(lines(greet("SIZE 10"), "C? QUIT", "DRAIN"))
    check_told(run, queue, run.status)
    assert run.status not in (0, os.EX_TEMPFAIL)


def test_a_message_that_the_server_takes_is_not_queued(post, queue):
    run = post(lines(greet(), MESSAGE_ACCEPTED))
    assert (run.status, run.stderr) == (0, ""), run
    assert run.entries[0]["result"] == "sent"
    assert queue.is_empty()


# ---- several recipients ----

TWO_RCPT = lines(greet(), MAIL, RCPT, "C: RCPT TO:<carol@example.org>*")


def test_only_the_recipients_that_are_left_are_queued(post, queue):
    run = post(lines(TWO_RCPT, "S: 450 4.2.0 later", DATA, ACCEPTED, QUIT),
               argv=TWO)
    check_queued(run, queue)
    assert queue.recipients() == ["carol@example.org"]


def test_recipients_that_are_refused_are_told_while_others_are_queued(post,
                                                                      queue):
    run = post(lines(
        greet(), MAIL, "C: RCPT TO:<bob@example.org>*", "S: 450 4.2.0 later",
        "C: RCPT TO:<carol@example.org>*", "S: 550 5.1.1 no such user",
        "C? RSET", "C? QUIT", "DRAIN"), argv=TWO)
    assert run.status == os.EX_NOUSER, run
    assert queue.recipients() == ["bob@example.org"]
    assert "<carol@example.org>: mx.example said: 550 5.1.1" in run.stderr
    assert "queued for 1 of 2 recipients" in run.stderr
    assert "<bob@" not in run.stderr
    assert run.entries[0]["result"] == "partial"
    assert run.entries[0]["queue"] == queue.files()[0].name


def test_one_recipient_may_be_sent_to_one_queued_and_one_refused(post, queue):
    run = post(lines(
        TWO_RCPT, "S: 450 4.2.0 later", "C: RCPT TO:<dave@example.org>*",
        "S: 550 5.1.1 no such user", DATA, ACCEPTED, QUIT),
        argv=(*TWO, "dave@example.org"))
    assert run.status == os.EX_NOUSER, run
    assert queue.recipients() == ["carol@example.org"]
    assert "queued for 1 of 3 recipients" in run.stderr
    assert "accepted for 1 of 3 recipients" in run.stderr


# ---- the dead letter ----

@pytest.mark.parametrize("mode", ["on", "always", "later"])
def test_a_queued_message_leaves_no_dead_letter(post, queue, server, tmp_path,
                                                mode):
    letter = tmp_path / "dead.letter"
    server.go_down()
    run = post(mode=mode, settings=f"dead_letter {letter}")
    assert run.status == 0, run
    if mode == "always":
        wait_until(lambda: len(run.entries) == 2)
    assert not letter.exists(), letter.read_text()


def test_the_dead_letter_is_for_the_recipients_that_are_told(post, queue,
                                                             tmp_path):
    letter = tmp_path / "dead.letter"
    run = post(lines(
        greet(), MAIL, "C: RCPT TO:<bob@example.org>*", "S: 450 4.2.0 later",
        "C: RCPT TO:<carol@example.org>*", "S: 550 5.1.1 no such user",
        "C? RSET", "C? QUIT", "DRAIN"), argv=TWO,
        settings=f"dead_letter {letter}")
    assert run.status == os.EX_NOUSER, run
    assert queue.recipients() == ["bob@example.org"]
    assert "X-Failed-Recipients: carol@example.org\n" in letter.read_text()
    assert f"saved in {letter}" in run.stderr


def test_a_message_that_cannot_be_queued_is_a_dead_letter(post, queue, server,
                                                          tmp_path):
    letter = tmp_path / "dead.letter"
    server.go_down()
    queue.folder.write_text("a file in place of the folder")
    run = post(settings=f"dead_letter {letter}")
    assert run.status == os.EX_TEMPFAIL, run
    assert "could not be queued" in run.stderr
    assert "X-Failed-Recipients: bob@example.org\n" in letter.read_text()


def test_a_message_that_is_returned_is_no_dead_letter(post, program, queue,
                                                      server, tmp_path):
    letter = tmp_path / "dead.letter"
    run = post(refuse("rcpt", "550 5.1.1 no such user"), mode="always",
               settings=f"dead_letter {letter}")
    wait_until(lambda: len(run.entries) == 2)
    assert run.entries[1]["result"] == "returned"
    assert not letter.exists()


# ---- on a terminal and with -v ----

def test_verbose_output_says_under_which_id_a_message_was_queued(post, queue):
    run = post(refuse("mail", "451 4.3.0 try again"), argv=("-v", *SEND))
    check_queued(run, queue, silent=False)
    line = run.stderr.splitlines()[-1]
    assert line.startswith(f"veredus: queued as {queue.files()[0].name}: "
                           "mx.example said: 451 4.3.0 try again"), run
    assert run.stdout == ""




def test_a_person_at_a_terminal_learns_that_a_message_was_queued(
        program, server, queue):
    server.go_down()
    program.write_config(account(
        server.port, f"queue on\ntls off\n{queue.settings}"))
    master, terminal = os.openpty()
    process = program.start(*SEND, stderr=terminal)
    os.close(terminal)
    process.communicate(MESSAGE, timeout=30)
    shown = os.read(master, 10000).decode()
    os.close(master)
    assert process.returncode == 0
    assert shown.startswith(
        f"veredus: queued as {queue.files()[0].name}: mx.example"), shown


# ---- queue later ----

def test_queue_later_tries_nothing(post, queue):
    run = post(mode="later")
    check_queued(run, queue)
    assert queue.journal() == []
    assert queue.files()[0].stat().st_mtime < time.time() + 1


# ---- the options of the caller ----

@pytest.mark.parametrize("mode", ["on", "always", "later"])
@pytest.mark.parametrize("option, expected", [
    ("-odb", "always"), ("-odq", "later"), ("-odi", "on"), ("-odf", "on"),
    ("-odd", "later"),
    ("-O DeliveryMode=b", "always"), ("-O DeliveryMode=q", "later"),
    ("-O DeliveryMode=i", "on"), ("-ODeliveryMode=background", "always"),
])
def test_the_caller_chooses_the_mode_for_one_message(post, queue, server,
                                                     mode, option, expected):
    session = [] if expected == "later" else [lines(greet(), MESSAGE_ACCEPTED)]
    run = post(*session, mode=mode, argv=(*option.split(), *SEND))
    assert (run.status, run.stderr) == (0, ""), run
    if expected == "on":
        assert [e["result"] for e in run.entries] == ["sent"], run
        assert queue.is_empty()
    elif expected == "always":
        wait_until(lambda: len(run.entries) == 2)
        assert sorted(e["result"] for e in run.entries) == ["queued", "sent"]
        assert queue.is_empty()
    else:
        check_queued(run, queue)


@pytest.mark.parametrize("option", ["-odb", "-odq", "-odi", "-odf",
                                    "-ODeliveryMode=q"])
def test_without_a_queue_the_options_are_ignored(post, queue, server, option):
    run = post(lines(greet(), MESSAGE_ACCEPTED), mode="off",
               argv=(option, *SEND))
    assert (run.status, run.stderr) == (0, ""), run
    assert run.entries[0]["result"] == "sent"
    assert not queue.folder.exists()


def test_a_message_to_a_host_of_the_command_line_is_not_queued(post, queue,
                                                               server):
    server.go_down()
    run = post(argv=("--host=127.0.0.1", f"--port={server.port}",
                     "--tls=off", "--queue=on", f"--queue-dir={queue.folder}",
                     *SEND))
    assert run.status == os.EX_TEMPFAIL, run
    assert not queue.folder.exists()


# ---- the settings ----

@pytest.mark.parametrize("argv", [("--pretend",), ("--explain",)])
def test_the_settings_of_the_queue_are_shown(post, queue, argv):
    run = post(argv=(*argv, *SEND), settings="queue_wait 7s", host="127.0.0.1")
    for line in ("queue = on (", "queue_wait = 7s (",
                 f"queue_dir = {queue.folder} ("):
        assert line in run.stdout, run
    assert not queue.folder.exists()


def test_accounts_of_one_configuration_have_one_queue(post, queue, server):
    run = post(config=account(server.port, f"queue on\n{queue.settings}")
               + f"account other\nhost mx.test\nqueue_dir {queue.folder}2\n")
    assert run.status == os.EX_CONFIG, run
    assert "it must be the same for all accounts" in run.stderr


def test_missing_folders_above_the_queue_are_not_closed_to_others(
        program, server, tmp_path):
    server.go_down()
    base = tmp_path / "usr"
    base.mkdir()
    base.chmod(0o755)
    folder = base / "var" / "spool" / "queue"
    program.write_config(account(
        server.port, f"queue later\ntls off\nqueue_dir {folder}/"))
    run = program.run(*SEND)
    assert run.status == 0, run
    modes = [path.stat().st_mode & 0o7777
             for path in (folder, folder.parent, folder.parent.parent)]
    shared = 0o755 if os.geteuid() == 0 else 0o700
    assert modes == [0o700, shared, shared]
