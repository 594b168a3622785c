# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""User, environment variables, descriptors and signals of the calling process.

test_arguments.py has hostile environments and unusual descriptors;
test_signals.py has signals in each stage of a session.
"""

import contextlib
import errno
import os
import pty
import pwd
import signal
import socket
import subprocess
import threading
import time

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, LOGIN,
                      MESSAGE_ACCEPTED, QUIT, RCPT, SECURED, SEND, greet,
                      lines)
from kernel import wait_until_asleep
from program import ME, MESSAGE, SECRET, account

NO_FROM = b"Subject: x\n\ntext\n"  # the program adds From and Date
TO = "bob@example.org"
SETTINGS = "tls off\nqualify_domain example.org"
ACCEPTS = lines(greet(), MESSAGE_ACCEPTED)
ACCEPTS_ANY_SENDER = lines(greet(), "C: MAIL *", "S: 250 ok", RCPT, DATA,
                           ACCEPTED, QUIT)
UNKNOWN_UID = 54321  # has no entry in /etc/passwd


def accepts_from(sender):
    return ACCEPTS_ANY_SENDER.replace("MAIL *", f"MAIL FROM:<{sender}>*")


def header(server, name):
    head = server.message.partition(b"\r\n\r\n")[0].decode()
    found = [line for line in head.split("\r\n")
             if line.startswith(name + ": ")]
    assert len(found) == 1, head
    return found[0].partition(": ")[2]


@pytest.fixture
def started_as(reachable, server):
    """Runs the program as another user, with files that the user may read."""
    program = reachable

    def run_as(uid, *argv, settings=SETTINGS, config=None, stdin=NO_FROM,
               **options):
        path = program.write_config(
            config or account(server.port, settings))
        for owned in (program.folder, program.home, program.home / ".config",
                      path, program.temporary):
            os.chown(owned, uid, uid)
        return program.run(*argv, stdin=stdin, user=uid, group=uid,
                           extra_groups=[], **options)

    run_as.program = program
    return run_as


@pytest.mark.parametrize("login", ["daemon", "nobody"])
def test_the_default_sender_is_the_calling_user(started_as, server, login):
    user = pwd.getpwnam(login)
    server.play(accepts_from(f"{login}@example.org"))
    run = started_as(user.pw_uid, TO)
    server.finish()
    assert run.status == 0, run
    name = user.pw_gecos.partition(",")[0]
    assert header(server, "From") == f"{name} <{login}@example.org>"


@pytest.mark.parametrize("env", [
    {}, {"LOGNAME": "daemon", "USER": "daemon"},
    {"HOME": "/nowhere", "LOGNAME": None, "USER": None}])
def test_a_user_without_a_passwd_entry_can_send(started_as, server, env):
    server.play(accepts_from(f"uid-{UNKNOWN_UID}@example.org"))
    run = started_as(UNKNOWN_UID, TO, env=env)
    server.finish()
    assert run.status == 0, run
    assert f"uid-{UNKNOWN_UID}@example.org" in header(server, "From")


def test_the_login_name_of_another_user_is_ignored(submit, server):
    """LOGNAME and USER only count if they name the calling user."""
    server.play(accepts_from(f"{ME}@example.org"))
    run = submit(TO, stdin=NO_FROM, settings=SETTINGS, env={
        "LOGNAME": "nobody", "USER": "daemon"})
    assert run.status == 0, run


FOREIGN_VARIABLES = {
    "mail programs": {"EMAIL": "x@evil.example", "REPLYTO": "x@evil.example",
                      "MAILNAME": "evil.example", "MAIL": "/x",
                      "MAILRC": "/x", "USE_FROM": "yes"},
    "crons": {"MAILTO": "x@evil.example", "MAILFROM": "x@evil.example",
              "CRON_TZ": "Asia/Kolkata"},
    "servers": {"CYRUS_SENDMAIL_AUTH_ID": "evil", "user": "evil",
                "NULLMAILER_USER": "evil", "MAILUSER": "evil",
                "NULLMAILER_HOST": "evil.example",
                "QMAILUSER": "evil", "QMAILHOST": "evil.example"},
}


@pytest.mark.parametrize("kind", FOREIGN_VARIABLES)
def test_variables_for_other_programs_are_ignored(submit, server, kind):
    server.play(accepts_from(f"{ME}@example.org"))
    run = submit(TO, stdin=NO_FROM, settings=SETTINGS,
                 env=FOREIGN_VARIABLES[kind])
    assert run.status == 0, run
    assert b"evil" not in server.received


@pytest.mark.parametrize("argv, name", [
    ([], '"A. B"'), (["-F", "Carol"], "Carol"), (["-FC D"], "C D")])
def test_the_full_name_comes_from_name_or_the_f_option(
        submit, server, argv, name):
    server.play(ACCEPTS)
    run = submit(*argv, *SEND, stdin=NO_FROM, env={"NAME": "A. B"})
    assert run.status == 0, run
    assert header(server, "From") == f"{name} <alice@example.org>"


PARENTS = {
    "cron": {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "LOGNAME": "root",
             "USER": None, "TMPDIR": None},
    "cronie": {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "LANG": "C",
               "LOGNAME": "root", "USER": "root", "MAILTO": "root",
               "TMPDIR": None},
    "fcron": {"HOME": None, "PATH": None, "LOGNAME": None, "TMPDIR": None},
    "sudo": {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LOGNAME": "root",
             "USERNAME": "root", "USER": "root", "TMPDIR": None},
    "empty": {"HOME": None, "PATH": None, "LOGNAME": None, "USER": None,
              "TMPDIR": None},
}


@pytest.mark.parametrize("parent", PARENTS)
def test_a_message_is_sent_in_the_environment_of_each_parent(
        submit, server, parent):
    server.play(accepts_from(f"{ME}@example.org"))
    run = submit(TO, name="sendmail", stdin=NO_FROM, settings=SETTINGS,
                 cwd="/", env=PARENTS[parent], start_new_session=True)
    assert run.status == 0, run


def test_sudo_starts_it_in_a_new_session_without_output(submit, server):
    """Output goes to /dev/null, and there is no controlling terminal."""
    server.play(accepts_from(f"{ME}@example.org"))
    run = submit("-t", name="sendmail", settings=SETTINGS, cwd="/",
                 stdin=b"To: bob@example.org\nFrom: root\nSubject: x\n\nx\n",
                 env=PARENTS["sudo"], stdout=subprocess.DEVNULL,
                 stderr=subprocess.DEVNULL, start_new_session=True)
    assert run.status == 0, run
    assert header(server, "From") == "root@example.org"


def test_a_configuration_in_a_foreign_home_is_not_read(started_as, server):
    program = started_as.program
    run = started_as(UNKNOWN_UID, *SEND, env={
        "HOME": str(program.folder.parent), "XDG_CONFIG_HOME": None})
    assert run.status == os.EX_CONFIG, run
    assert not server.connections


def test_without_home_and_configuration_the_missing_file_is_named(
        started_as, server):
    run = started_as(UNKNOWN_UID, *SEND, env={
        "HOME": None, "XDG_CONFIG_HOME": None})
    assert run.status == os.EX_CONFIG, run
    assert "veredus.conf" in run.stderr


def test_the_working_folder_may_be_unreadable(started_as, server, tmp_path):
    tmp_path.chmod(0o700)
    server.play(accepts_from("nobody@example.org"))
    run = started_as(pwd.getpwnam("nobody").pw_uid, TO, cwd=tmp_path)
    server.finish()
    assert run.status == 0, run


def test_a_password_is_never_asked_for_on_a_terminal(submit):
    """A program that sends mail has no user who could type a password."""
    leader, follower = pty.openpty()

    def set_controlling_terminal():
        os.setsid()
        os.close(os.open(os.ttyname(follower), os.O_RDWR))

    try:
        run = submit(*SEND, name="sendmail",
                     preexec_fn=set_controlling_terminal,
                     settings="tls off\nauth plain\nuser bob")
        os.set_blocking(leader, False)
        with pytest.raises(BlockingIOError):
            os.read(leader, 1)
    finally:
        os.close(leader)
        os.close(follower)
    assert run.status == os.EX_CONFIG, run


def test_the_message_ends_when_the_last_writer_closes_the_pipe(
        program, server):
    """A child of the writer still holds the pipe, and writes to it."""
    server.play(ACCEPTS)
    program.write_config(account(server.port, "tls off"))
    script = ('{ printf "Subject: x\\n\\none\\n";'
              ' (sleep 1; echo two) & } | "$0" "$@"')
    process = subprocess.Popen(
        ["sh", "-c", script, str(program.binary), *SEND],
        env=program.environment({}), cwd=program.work,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run = program.end(process)
    server.finish()
    assert run.status == 0, run
    assert server.message.endswith(b"\r\n\r\none\r\ntwo\r\n")


def feed_slowly(write):
    for part in (MESSAGE[:30], MESSAGE[30:90], MESSAGE[90:]):
        time.sleep(0.2)
        write(part)


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_the_input_may_be_non_blocking(submit, server, kind):
    ends = os.pipe() if kind == "pipe" else [
        end.detach() for end in socket.socketpair()]
    os.set_blocking(ends[0], False)
    server.play(ACCEPTS)

    def feed():
        feed_slowly(lambda part: os.write(ends[1], part))
        os.close(ends[1])

    feeder = threading.Thread(target=feed)
    feeder.start()
    run = submit(*SEND, stdin=ends[0])
    feeder.join()
    os.close(ends[0])
    assert run.status == 0, run
    assert server.message == MESSAGE.replace(b"\n", b"\r\n")


def test_the_input_may_be_a_deleted_file(submit, server, tmp_path):
    server.play(ACCEPTS)
    with open(tmp_path / "output", "a+b") as file:
        os.unlink(tmp_path / "output")
        file.write(MESSAGE)
        file.seek(0)
        run = submit(*SEND, stdin=file)
    assert run.status == 0, run
    assert server.message == MESSAGE.replace(b"\n", b"\r\n")


CLOSED = {"0": "<&-", "1": ">&-", "2": "2>&-", "12": ">&- 2>&-",
          "012": "<&- >&- 2>&-"}


@pytest.mark.parametrize("closed", CLOSED)
def test_a_connection_does_not_reuse_a_closed_standard_descriptor(
        program, server, closed):
    """Output must never be sent to the server."""
    if "0" not in closed:
        server.play(lines(greet(), "C: MAIL *", "S: 550 5.7.1 no", QUIT))
    program.write_config(account(server.port, "tls off"))
    process = subprocess.Popen(
        ["sh", "-c", f'"$0" "$@" {CLOSED[closed]}; echo $? >status',
         str(program.binary), "-v", *SEND],
        env=program.environment({}), cwd=program.work,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    program.end(process, MESSAGE)
    server.finish()
    expected = os.EX_NOINPUT if "0" in closed else os.EX_NOPERM
    assert (program.work / "status").read_text() == f"{expected}\n"


def test_output_that_the_caller_reads_late_does_not_block(program, server):
    """Some callers, such as Request Tracker, read only after the exit."""
    names = [f"u{number}@example.org" for number in range(2000)]
    server.play(lines(
        greet("PIPELINING"), "C: MAIL *", "S: 250 ok",
        *["C: RCPT *\nS: 550 5.1.1 no such user here"] * len(names),
        "C? DATA\nS: 554 no recipients\nC? QUIT"))
    program.write_config(account(server.port, "tls off"))
    process = program.start("-f", "alice@example.org", *names)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    try:
        assert process.wait(60) == os.EX_NOUSER
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("stream, argv", [
    ("stderr", ["-v", *SEND]), ("stdout", ["--logfile=-", *SEND])])
def test_a_signal_does_not_wait_for_a_reader_of_the_output(
        program, server, stream, argv):
    """The pipe is full, and the signal arrives while the program waits."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    server.play(lines(greet(), "C: MAIL *", "EVENT", "C? QUIT", "EOF")
                if stream == "stderr" else lines(
                    greet(), "C: MAIL *", "S: 250 ok", RCPT, DATA, ACCEPTED,
                    "C: QUIT", "EVENT", "S: 221 2.0.0 bye"),
                optional=True)
    program.write_config(account(server.port, "tls off"))
    process = program.start(*argv, **{stream: writing})
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    if stream == "stdout":
        assert server.reached.wait(60)
    wait_until_asleep(process)
    process.send_signal(signal.SIGTERM)
    run = program.end(process)
    os.close(reading)
    os.close(writing)
    assert run.status == (os.EX_TEMPFAIL if stream == "stderr" else 0), run


def test_the_date_is_in_english_and_in_the_local_time_zone(submit, server):
    server.play(ACCEPTS)
    run = submit(*SEND, stdin=NO_FROM, name="sendmail", env={
        "TZ": "IST-5:30", "LC_ALL": "de_DE.UTF-8", "LC_TIME": "fr_FR.UTF-8"})
    assert run.status == 0, run
    date = header(server, "Date")
    assert date.endswith(" +0530")
    assert date[:3] in "Mon Tue Wed Thu Fri Sat Sun".split()


def test_the_ehlo_argument_is_a_full_name_or_an_address_literal(
        submit, server):
    server.replies["note"] = lambda line, connection: "250 ok"
    server.play(lines("S: 220 mx.example", "C: EHLO *", "REPLY note",
                      MESSAGE_ACCEPTED))
    config = (f"account default\nhost mx.example\nport {server.port}\n"
              "tls off\n")
    run = submit(*SEND, config=config)
    assert run.status == 0, run
    name = server.clear.split(b"\r\n")[0].partition(b" ")[2]
    assert b"localhost" not in name and b"localdomain" not in name
    assert name.startswith(b"[") or b"." in name


def test_a_hangup_after_the_message_was_read_is_ignored(program, server):
    server.play(lines(greet(), "C: MAIL *", "EVENT", "WAIT 0.3", "S: 250 ok",
                      RCPT, DATA, ACCEPTED, QUIT))
    program.write_config(account(server.port, "tls off"))
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    assert server.reached.wait(60)
    process.send_signal(signal.SIGHUP)
    run = program.end(process)
    server.finish()
    assert run.status == 0, run


@pytest.mark.parametrize("ignored", [signal.SIGCHLD, signal.SIGPIPE])
def test_passwordeval_works_if_the_parent_ignores_signals(
        submit, server, trust, ignored):
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, name="sendmail", host="mx.test", settings=lines(
        trust, "auth plain", "user bob@example.org",
        f"passwordeval echo {SECRET}"),
        preexec_fn=lambda: signal.signal(ignored, signal.SIG_IGN))
    assert run.status == 0, run


def test_a_broken_output_pipe_does_not_stop_the_delivery(program, server):
    """The caller does not read the output of -v."""
    server.play(ACCEPTS)
    program.write_config(account(server.port, "tls off"))
    reader, writer = os.pipe()
    os.close(reader)
    process = program.start("-v", *SEND, stderr=writer, stdout=writer,
                            restore_signals=True)
    os.close(writer)
    run = program.end(process, MESSAGE)
    server.finish()
    assert run.status == 0, run


def test_a_usage_error_is_reported_before_the_input_is_read(program):
    """The input may never end."""
    process = program.start("-y", TO, name="sendmail")
    assert process.wait(60) == os.EX_USAGE
    with pytest.raises(OSError) as broken:
        for _ in range(100):
            os.write(process.stdin.fileno(), MESSAGE * 1000)
    assert broken.value.errno == errno.EPIPE
    process.stdin = None
    program.end(process)


def test_background_delivery_mode_waits_for_the_final_reply(submit, server):
    """With -odb sendmail would exit before; the exit status must be right."""
    server.play(lines(BEFORE_FINAL_REPLY, "WAIT 1", "S: 550 5.7.1 no", QUIT))
    run = submit("-odb", *SEND, name="sendmail")
    assert run.status == os.EX_NOPERM, run


def test_the_path_of_the_working_folder_may_exceed_path_max(
        submit, server, tmp_path):
    server.play(lines(greet(), MESSAGE_ACCEPTED))

    def descend():
        for _ in range(40):
            os.mkdir("x" * 200)
            os.chdir("x" * 200)

    try:
        assert submit(*SEND, cwd=tmp_path, preexec_fn=descend).status == 0
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / ("x" * 200))], check=True)
