# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is queued, what the caller is told, and what reaches the server.

The server of these tests plays one transcript for each session, so that a
message that is sent twice is an unexpected connection.
"""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, ENVELOPE,
                      LOGIN_SETTINGS, MAIL, MESSAGE_ACCEPTED, QUIT, RCPT, SEND,
                      SECURED, STARTTLS, greet, lines, plain)
from program import MESSAGE, account, make_folder

ID = re.compile(r"[0-9A-Z]{13}")
LIMIT = 15  # seconds, for what happens in the background
TWO = (*SEND, "carol@example.org")


def wait_until(condition):
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"not within {LIMIT} seconds"
        time.sleep(0.05)


class Queue:
    """The folder of a queue, which the program creates."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = f"queue_dir {folder}"

    def files(self, place="queue"):
        folder = self.folder / place
        return sorted(folder.iterdir()) if folder.exists() else []

    def is_empty(self):
        return not self.files()

    def entry(self, place="queue"):
        """Returns the head, the message and the journal of the one file."""
        files = self.files(place)
        assert len(files) == 1, files
        data = files[0].read_bytes()
        head, _, rest = data.partition(b"\n\n")
        sizes = [int(size) for size in
                 re.findall(rb"(?m)^(?:header|body)-size (\d+)$", head)]
        size = sum(sizes) + 1  # the empty line
        return head.decode(), rest[:size], rest[size:].decode()

    def recipients(self):
        return re.findall(r"(?m)^recipient \d+ (\S+)", self.entry()[0])

    def journal(self):
        """Returns the lines of the journal, without checksum and time."""
        return [line.split(" ", 2)[2]
                for line in self.entry()[2].splitlines()]


@pytest.fixture
def queue(tmp_path):
    return Queue(tmp_path / "queue")


@pytest.fixture
def send(program, server, queue):
    """Runs the program with a queue; the sessions are those of `transcripts`.

    A process that goes on in the background has ended when this returns.
    """

    def send(*transcripts, argv=SEND, mode="on", settings="", host="mx.example",
             config=None, stdin=MESSAGE, **options):
        if transcripts:
            server.play(*transcripts)
        if "tls on" not in settings:
            settings += "\ntls off"
        program.write_config(config or account(
            server.port, f"queue {mode}\n{queue.settings}\n{settings}", host))
        process = program.start(*argv, **options)
        began = time.monotonic()
        stdout, stderr = process.communicate(stdin, timeout=30)
        send.seconds = time.monotonic() - began
        if transcripts:
            server.finish()
        send.run = program.end_of(process, stdout, stderr)
        return send.run

    return send


class Results:
    """What a run printed and logged."""

    def __init__(self, process, stdout, stderr, program):
        self.status = process.returncode
        self.stdout = stdout.decode()
        self.stderr = stderr.decode()
        self.program = program

    def __repr__(self):
        return (f"exit {self.status}\n{self.stdout}{self.stderr}"
                f"log: {self.log}")

    @property
    def log(self):
        return self.program.read_log()

    @property
    def entries(self):
        """The fields of each log line about the message."""
        return [{key: value.strip('"') for key, value in
                 re.findall(r'(\w+)=("[^"]*"|\S*)', line)}
                for line in self.log.splitlines() if "exit=" in line]


@pytest.fixture(autouse=True)
def results(program):
    program.end_of = lambda process, stdout, stderr: Results(
        process, stdout, stderr, program)


def check_queued(run, queue, *words, silent=True):
    """Checks the exit status, the log line, and that the file is there."""
    assert run.status == 0, run
    if silent:
        assert (run.stdout, run.stderr) == ("", ""), run
    entry = run.entries[0]
    assert entry["result"] == "queued", run
    assert ID.fullmatch(entry["queue"]), run
    assert [path.name for path in queue.files()] == [entry["queue"]], run
    for word in words:
        assert word in run.log, run
    assert queue.files("tmp") == []
    return entry


def check_told(run, queue, status):
    assert run.status == status, run
    assert queue.is_empty(), run
    assert "queue=" not in run.log, run
    assert "queued" not in run.stderr, run


# ---- queue on: kept ----

def refuse(stage, reply):
    """Returns a session in which the server rejects the command."""
    before = {
        "greeting": [],
        "ehlo": ["S: 220 mx.example ESMTP", "C: EHLO *"],
        "mail": [greet(), "C: MAIL *"],
        "rcpt": [greet(), MAIL, "C: RCPT *"],
        "data": [greet(), ENVELOPE, "C: DATA"],
        "end": [BEFORE_FINAL_REPLY],
    }[stage]
    # A server without EHLO gets HELO.
    after = ["C: HELO *", f"S: {reply}"] if stage == "ehlo" else []
    return lines(*before, f"S: {reply}", *after, "C? QUIT", "DRAIN")


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
def test_what_a_server_refuses_for_now_is_queued(send, queue, stage, reply):
    run = send(refuse(stage, reply))
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
def test_what_a_broken_session_leaves_is_queued(send, queue, transcript):
    check_queued(send(transcript), queue)


@pytest.mark.parametrize("settings, host, words", [
    pytest.param("", "gone.example", "gone.example", id="no address"),
    pytest.param("tls on\npasswordeval exit 3\nauth plain\nuser bob",
                 "mx.example", "exit status 3", id="passwordeval"),
    pytest.param("tls on\npasswordfile /nonexistent/a\nauth plain\nuser bob",
                 "mx.example", "/nonexistent/a", id="passwordfile"),
    pytest.param("tls on\ntls_trust_file /nonexistent/ca.pem", "mx.example",
                 "/nonexistent/ca.pem", id="tls_trust_file"),
])
def test_what_the_configuration_prevents_is_queued(send, program, queue,
                                                   settings, host, words):
    program.hosts["gone.example"] = "none"
    run = send(settings=settings, host=host)
    check_queued(run, queue, words)


def test_a_message_for_a_server_that_is_down_is_queued(send, queue, server):
    server.listener.close()
    run = send()
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
        send, queue, trust, transcript, settings):
    run = send(transcript, settings=settings.format(trust=trust),
               host="mx.test")
    check_queued(run, queue)
    assert "2.3 veredus: queue=" in run.log, run  # ERR


def test_a_queued_message_is_the_one_that_would_have_been_sent(send, queue):
    send(refuse("mail", "451 4.3.0 try again"),
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


def test_the_journal_has_the_attempt_of_the_caller_and_the_next_one(send,
                                                                    queue):
    send(refuse("rcpt", "450 4.2.0 greylisted"))
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
def test_what_a_server_refuses_for_good_is_told(send, program, queue, server,
                                                stage, reply, status):
    run = send(refuse(stage, reply))
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
def test_what_never_comes_to_an_attempt_is_told(send, queue, argv, settings,
                                                status):
    run = send(argv=argv, settings=settings)
    assert run.status in (os.EX_USAGE, os.EX_DATAERR, os.EX_NOUSER,
                          os.EX_CONFIG), run
    check_told(run, queue, run.status if status is None else status)


def test_a_message_that_is_too_big_is_told(send, queue):
    run = send(lines(greet("SIZE 10"), "C? QUIT", "DRAIN"))
    check_told(run, queue, run.status)
    assert run.status not in (0, os.EX_TEMPFAIL)


def test_a_message_that_the_server_takes_is_not_queued(send, queue):
    run = send(lines(greet(), MESSAGE_ACCEPTED))
    assert (run.status, run.stderr) == (0, ""), run
    assert run.entries[0]["result"] == "sent"
    assert not queue.folder.exists()


# ---- several recipients ----

TWO_RCPT = lines(greet(), MAIL, RCPT, "C: RCPT TO:<carol@example.org>*")


def test_only_the_recipients_that_are_left_are_queued(send, queue):
    run = send(lines(TWO_RCPT, "S: 450 4.2.0 later", DATA, ACCEPTED, QUIT),
               argv=TWO)
    check_queued(run, queue)
    assert queue.recipients() == ["carol@example.org"]


def test_recipients_that_are_refused_are_told_while_others_are_queued(send,
                                                                      queue):
    run = send(lines(
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


def test_one_recipient_may_be_sent_to_one_queued_and_one_refused(send, queue):
    run = send(lines(
        TWO_RCPT, "S: 450 4.2.0 later", "C: RCPT TO:<dave@example.org>*",
        "S: 550 5.1.1 no such user", DATA, ACCEPTED, QUIT),
        argv=(*TWO, "dave@example.org"))
    assert run.status == os.EX_NOUSER, run
    assert queue.recipients() == ["carol@example.org"]
    assert "queued for 1 of 3 recipients" in run.stderr
    assert "delivered to the other 1 of 3 recipients" in run.stderr


# ---- the dead letter ----

@pytest.mark.parametrize("mode", ["on", "always", "later"])
def test_a_queued_message_leaves_no_dead_letter(send, queue, server, tmp_path,
                                                mode):
    letter = tmp_path / "dead.letter"
    server.listener.close()
    run = send(mode=mode, settings=f"dead_letter {letter}")
    assert run.status == 0, run
    if mode == "always":
        wait_until(lambda: len(run.entries) == 2)
    assert not letter.exists(), letter.read_text()


# ---- on a terminal and with -v ----

def test_verbose_output_says_under_which_id_a_message_was_queued(send, queue):
    run = send(refuse("mail", "451 4.3.0 try again"), argv=("-v", *SEND))
    check_queued(run, queue, silent=False)
    line = run.stderr.splitlines()[-1]
    assert line.startswith(f"veredus: queued as {queue.files()[0].name}: "
                           "mx.example said: 451 4.3.0 try again"), run
    assert run.stdout == ""




def test_a_person_at_a_terminal_learns_that_a_message_was_queued(
        program, server, queue):
    server.listener.close()
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


# ---- queue_wait ----

SLOW = lines(greet(), ENVELOPE, DATA, "WAIT 4", ACCEPTED, QUIT)


@pytest.mark.parametrize("transcript", [
    pytest.param(lines("WAIT 4", greet(), MESSAGE_ACCEPTED), id="greeting"),
    pytest.param(lines(greet(), "C: MAIL *", "WAIT 4", "S: 250 ok", RCPT, DATA,
                       ACCEPTED, QUIT), id="mail"),
    pytest.param(SLOW, id="final dot"),
])
def test_a_slow_server_gets_one_copy_and_the_caller_does_not_wait(
        send, queue, server, transcript):
    run = send(transcript, settings="queue_wait 1s")
    assert run.status == 0, run
    assert 0.9 < send.seconds < 3.5
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


def test_the_session_that_goes_on_may_be_encrypted(send, queue, server, trust):
    run = send(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go", "TLS",
                     "C: EHLO *", "S: 250 mx.example", ENVELOPE, DATA,
                     "WAIT 3", ACCEPTED, QUIT),
               settings=f"{trust}\nqueue_wait 1s", host="mx.test")
    assert run.status == 0, run
    wait_until(queue.is_empty)
    assert server.accepted == 1


def test_a_message_is_locked_while_its_session_goes_on(program, server, queue):
    server.play(lines(greet(), ENVELOPE, DATA, "WAIT 5", ACCEPTED, QUIT))
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


def test_a_recipient_that_is_refused_after_the_wait_is_returned(send, queue):
    run = send(lines(greet(), MAIL, "C: RCPT *", "WAIT 3",
                     "S: 550 5.1.1 no such user", "C? RSET", "C? QUIT",
                     "DRAIN"), settings="queue_wait 1s")
    assert run.status == 0, run
    wait_until(lambda: len(run.entries) == 2)
    assert run.entries[1]["result"] == "returned", run
    head, notice, _ = queue.entry()
    assert "recipient 1 alice@example.org" in head
    assert b"Final-Recipient: rfc822; bob@example.org" in notice
    assert b"no such user" in notice


def test_a_failure_after_the_wait_leaves_the_message_in_the_queue(send, queue):
    run = send(lines(greet(), MAIL, "C: RCPT *", "WAIT 3",
                     "S: 450 4.2.0 greylisted", "C? RSET", "C? QUIT",
                     "DRAIN"), settings="queue_wait 1s")
    wait_until(lambda: len(run.entries) == 2)
    assert run.entries[1]["result"] == "deferred", run
    assert [line.split()[0] for line in queue.journal()] == [
        "attempt", "deferred", "next"]


def test_the_wait_ends_although_a_host_never_accepts_the_connection(
        network, program, queue, send):
    program.hosts["silent.example"] = "198.51.100.1"
    run = send(host="silent.example",
               settings="queue_wait 1s")
    assert send.seconds < 3.5
    assert run.entries[0]["result"] == "queued", run
    wait_until(lambda: len(run.entries) == 2)
    assert run.entries[1]["result"] == "deferred", run
    assert len(queue.files()) == 1


@pytest.mark.parametrize("settings, host", [
    pytest.param("", "slow.example", id="resolver"),
    pytest.param("tls on\nauth plain\nuser bob\npasswordeval sleep 20",
                 "mx.example", id="passwordeval"),
])
def test_the_wait_ends_with_the_attempt_before_a_session_began(
        send, program, queue, settings, host):
    program.hosts["slow.example"] = "hang"
    run = send(settings=f"queue_wait 1s\n{settings}", host=host)
    assert send.seconds < 5
    check_queued(run, queue)
    assert [line.split()[0] for line in queue.journal()] == [
        "attempt", "deferred", "next"]
    time.sleep(0.5)
    assert len(run.entries) == 1, run  # no process goes on


def test_the_log_has_the_result_of_a_session_within_the_wait(send, queue):
    run = send(lines(greet(), ENVELOPE, DATA, "WAIT 1", ACCEPTED, QUIT),
               settings="queue_wait 20s")
    assert [entry["result"] for entry in run.entries] == ["sent"], run
    assert not queue.folder.exists()


# ---- queue always ----

def test_queue_always_answers_at_once_and_delivers_in_the_background(
        send, queue, server):
    run = send(lines("WAIT 2", greet(), MESSAGE_ACCEPTED), mode="always")
    assert (run.status, run.stdout, run.stderr) == (0, "", "")
    assert send.seconds < 1.8
    wait_until(queue.is_empty)
    wait_until(lambda: len(run.entries) == 2)
    assert [entry["result"] for entry in run.entries] == ["queued", "sent"]
    assert server.accepted == 1
    assert server.message == MESSAGE.replace(b"\n", b"\r\n")


def test_a_message_in_the_background_may_be_deferred(send, queue):
    run = send(refuse("rcpt", "450 4.2.0 greylisted"), mode="always")
    wait_until(lambda: len(run.entries) == 2)
    assert run.entries[1]["result"] == "deferred", run
    assert queue.journal()[0] == "attempt"
    assert queue.journal()[1].startswith("deferred 1 450 4.2.0")


def test_a_message_in_the_background_may_be_returned(send, queue):
    run = send(refuse("rcpt", "550 5.1.1 no such user"), mode="always")
    assert run.status == 0, run
    wait_until(lambda: len(run.entries) == 2)
    assert run.entries[1]["result"] == "returned", run
    assert b"no such user" in queue.entry()[1]


def test_nobody_waits_for_the_process_in_the_background(program, server,
                                                        queue):
    """A caller reads its pipes to the end, whichever descriptors they are."""
    server.play(lines("WAIT 4", greet(), MESSAGE_ACCEPTED))
    program.write_config(account(
        server.port, f"queue always\ntls off\n{queue.settings}"))
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    began = time.monotonic()
    process = program.start(*SEND, pass_fds=[writing])
    os.close(writing)
    stdout, stderr = process.communicate(MESSAGE, timeout=30)
    assert (process.returncode, stdout, stderr) == (0, b"", b"")
    assert os.read(reading, 1) == b""
    assert time.monotonic() - began < 3
    os.close(reading)
    server.finish()
    wait_until(queue.is_empty)


def processes_of(binary):
    """Yields /proc folders of processes that run the program."""
    for folder in os.scandir("/proc"):
        if not folder.name.isdigit():
            continue
        try:
            if os.readlink(f"{folder.path}/exe") == os.path.realpath(binary):
                yield folder.path
        except OSError:
            continue


def test_the_process_in_the_background_has_its_own_session(program, server,
                                                           queue):
    server.play(lines(greet(), "C: MAIL *", "EVENT", "WAIT 3", "S: 250 ok",
                      RCPT, DATA, ACCEPTED, QUIT))
    binary = shutil.copy(program.binary, program.folder / "program-copy")
    program.binary = binary
    program.write_config(account(
        server.port, f"queue always\ntls off\n{queue.settings}"))
    process = program.start(*SEND)
    process.communicate(MESSAGE, timeout=30)
    assert server.reached.wait(LIMIT)
    [folder] = processes_of(binary)
    fields = open(f"{folder}/stat").read().rpartition(")")[2].split()
    pid = os.path.basename(folder)
    assert fields[3] == pid  # the session
    for number in "012":
        assert os.readlink(f"{folder}/fd/{number}") == "/dev/null"
    server.finish()
    wait_until(queue.is_empty)


# ---- queue later ----

def test_queue_later_tries_nothing(send, queue):
    run = send(mode="later")
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
def test_the_caller_chooses_the_mode_for_one_message(send, queue, server,
                                                     mode, option, expected):
    session = [] if expected == "later" else [lines(greet(), MESSAGE_ACCEPTED)]
    run = send(*session, mode=mode, argv=(*option.split(), *SEND))
    assert (run.status, run.stderr) == (0, ""), run
    if expected == "on":
        assert [e["result"] for e in run.entries] == ["sent"], run
        assert queue.is_empty()
    elif expected == "always":
        wait_until(lambda: len(run.entries) == 2)
        assert [e["result"] for e in run.entries] == ["queued", "sent"], run
        assert queue.is_empty()
    else:
        check_queued(run, queue)


@pytest.mark.parametrize("option", ["-odb", "-odq", "-odi", "-odf",
                                    "-ODeliveryMode=q"])
def test_without_a_queue_the_options_are_ignored(send, queue, server, option):
    run = send(lines(greet(), MESSAGE_ACCEPTED), mode="off",
               argv=(option, *SEND))
    assert (run.status, run.stderr) == (0, ""), run
    assert run.entries[0]["result"] == "sent"
    assert not queue.folder.exists()


def test_a_message_to_a_host_of_the_command_line_is_not_queued(send, queue,
                                                               server):
    server.listener.close()
    run = send(argv=("--host=127.0.0.1", f"--port={server.port}",
                     "--tls=off", "--queue=on", f"--queue-dir={queue.folder}",
                     *SEND))
    assert run.status == os.EX_TEMPFAIL, run
    assert not queue.folder.exists()


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
    pytest.param(foreign, "belong to the user", id="foreign"),
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
def test_the_failure_is_told_and_why_it_could_not_be_queued(send, queue,
                                                            obstacle):
    run = send(refuse("rcpt", "450 4.2.0 greylisted"))
    assert run.status == os.EX_TEMPFAIL, run
    first, second = run.stderr.splitlines()
    assert "450 4.2.0 greylisted" in first
    assert "could not be queued" in second and obstacle in second
    assert obstacle in run.log
    assert run.entries[0]["result"] == "deferred", run


@obstacles
def test_queue_always_delivers_while_the_caller_waits_if_it_must(
        send, queue, obstacle):
    run = send(lines(greet(), ENVELOPE, DATA, "WAIT 1", ACCEPTED, QUIT),
               mode="always")
    assert (run.status, run.stdout, run.stderr) == (0, "", ""), run
    assert send.seconds > 0.9
    assert run.entries[0]["result"] == "sent", run
    assert obstacle in run.log


@obstacles
@pytest.mark.parametrize("mode, option", [("later", "-i"), ("on", "-odq")])
def test_queue_later_is_a_temporary_failure_if_nothing_can_be_queued(
        send, queue, mode, option, obstacle):
    run = send(mode=mode, argv=(option, *SEND))
    assert run.status == os.EX_TEMPFAIL, run
    assert obstacle in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.entries[0]["result"] == "deferred"


@obstacles
def test_a_caller_waits_for_the_session_if_nothing_can_be_queued(
        send, queue, server, obstacle):
    run = send(SLOW, settings="queue_wait 1s")
    assert (run.status, run.stderr) == (0, ""), run
    assert send.seconds > 3.5
    assert run.entries[0]["result"] == "sent", run


@pytest.mark.parametrize("limit", ["1 1g", "100 1k"])
def test_a_full_queue_takes_no_further_message(send, queue, server, limit):
    server.listener.close()
    first = send(mode="later", settings=f"queue_limit {limit}",
                 stdin=MESSAGE + b"y" * 600)
    assert first.status == 0, first
    second = send(mode="later", settings=f"queue_limit {limit}",
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
    server.listener.close()
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
    server.listener.close()
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
    output = run.communicate(MESSAGE, timeout=30)
    assert (run.returncode, output) == (0, (b"", b""))
    files = list((home / ".local/state/veredus/queue/queue").iterdir())
    assert len(files) == 1
    assert files[0].stat().st_uid == uid


# ---- the settings ----

@pytest.mark.parametrize("argv", [("--pretend",), ("--explain",)])
def test_the_settings_of_the_queue_are_shown(send, queue, argv):
    run = send(argv=(*argv, *SEND), settings="queue_wait 7s", host="127.0.0.1")
    for line in ("queue = on (", "queue_wait = 7s (",
                 f"queue_dir = {queue.folder} ("):
        assert line in run.stdout, run
    assert not queue.folder.exists()


def test_accounts_of_one_configuration_have_one_queue(send, queue, server):
    run = send(config=account(server.port, f"queue on\n{queue.settings}")
               + f"account other\nhost mx.example\nqueue_dir {queue.folder}2\n")
    assert run.status == os.EX_CONFIG, run
    assert "one queue" in run.stderr
