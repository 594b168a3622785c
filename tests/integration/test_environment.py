# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who we are, where we stand and what we were given at the start.

More of it in test_arguments.py (hostile environments, odd descriptors) and
test_signals.py.
"""

import errno
import os
import pty
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from dialogue import (AFTER_DOT, DATA, LOGIN, MESSAGE_TAKEN, QUIT, RCPT,
                      SECURED, SEND, TAKEN, greet, lines)
from program import MESSAGE, SECRET, Program, account, make_folder

BARE = b"Subject: x\n\ntext\n"  # all that is missing says something of us
TO = "bob@example.org"
SETTINGS = "tls off\nqualify_domain example.org"
TAKES = lines(greet(), MESSAGE_TAKEN)
TAKES_ANY = lines(greet(), "C: MAIL *", "S: 250 ok", RCPT, DATA, TAKEN, QUIT)
NOBODY = 54321  # no user of any system
ME = pwd.getpwuid(os.getuid()).pw_name


def takes_from(sender):
    return TAKES_ANY.replace("MAIL *", f"MAIL FROM:<{sender}>*")


def header(server, name):
    head = server.message.partition(b"\r\n\r\n")[0].decode()
    found = [line for line in head.split("\r\n")
             if line.startswith(name + ": ")]
    assert len(found) == 1, head
    return found[0].partition(": ")[2]


@pytest.fixture
def started_as(binary, preload, server):
    """Runs the program as another user, with what that user may read."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a program as another user")
    folder = make_folder()
    copies = [shutil.copy(path, folder) for path in (binary, preload)]
    program = Program(copies[0], folder / "program", copies[1])

    def run_as(uid, *argv, settings=SETTINGS, config=None, stdin=BARE,
               **options):
        path = program.write_config(
            config or account(server.port, settings))
        for place in (program.folder, program.home, program.home / ".config",
                      path, program.temporary):
            os.chown(place, uid, uid)
        return program.run(*argv, stdin=stdin, user=uid, group=uid,
                           extra_groups=[], **options)

    run_as.program = program
    yield run_as
    shutil.rmtree(folder)


@pytest.mark.parametrize("login", ["daemon", "nobody"])
def test_the_sender_is_the_user_who_runs_it(started_as, server, login):
    user = pwd.getpwnam(login)
    server.play(takes_from(f"{login}@example.org"))
    run = started_as(user.pw_uid, TO)
    server.finish()
    assert run.status == 0, run
    name = user.pw_gecos.partition(",")[0]
    assert header(server, "From") == f"{name} <{login}@example.org>"


@pytest.mark.parametrize("env", [
    {}, {"LOGNAME": "daemon", "USER": "daemon"},
    {"HOME": "/nowhere", "LOGNAME": None, "USER": None}])
def test_a_user_without_an_entry_can_send(started_as, server, env):
    server.play(takes_from(f"uid-{NOBODY}@example.org"))
    run = started_as(NOBODY, TO, env=env)
    server.finish()
    assert run.status == 0, run
    assert f"uid-{NOBODY}@example.org" in header(server, "From")


def test_another_name_of_the_same_user_may_be_chosen(submit, server):
    """It must be one of the system; a name of somebody else is not taken."""
    server.play(takes_from(f"{ME}@example.org"))
    run = submit(TO, stdin=BARE, settings=SETTINGS, env={
        "LOGNAME": "nobody", "USER": "daemon"})
    assert run.status == 0, run


STRANGERS = {
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


@pytest.mark.parametrize("kind", STRANGERS)
def test_variables_of_others_mean_nothing(submit, server, kind):
    server.play(takes_from(f"{ME}@example.org"))
    run = submit(TO, stdin=BARE, settings=SETTINGS, env=STRANGERS[kind])
    assert run.status == 0, run
    assert b"evil" not in server.received


@pytest.mark.parametrize("argv, name", [
    ([], '"A. B"'), (["-F", "Carol"], "Carol"), (["-FC D"], "C D")])
def test_the_full_name(submit, server, argv, name):
    server.play(TAKES)
    run = submit(*argv, *SEND, stdin=BARE, env={"NAME": "A. B"})
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
    "nothing": {"HOME": None, "PATH": None, "LOGNAME": None, "USER": None,
                "TMPDIR": None},
}


@pytest.mark.parametrize("parent", PARENTS)
def test_environments_of_parents(submit, server, parent):
    server.play(takes_from(f"{ME}@example.org"))
    run = submit(TO, name="sendmail", stdin=BARE, settings=SETTINGS, cwd="/",
                 env=PARENTS[parent], start_new_session=True)
    assert run.status == 0, run


def test_sudo_gives_us_no_output(submit, server):
    """A new session, /dev/null for output, nothing else open."""
    server.play(takes_from(f"{ME}@example.org"))
    run = submit("-t", name="sendmail", settings=SETTINGS, cwd="/",
                 stdin=b"To: bob@example.org\nFrom: root\nSubject: x\n\nx\n",
                 env=PARENTS["sudo"], stdout=subprocess.DEVNULL,
                 stderr=subprocess.DEVNULL, start_new_session=True)
    assert run.status == 0, run
    assert header(server, "From") == "root@example.org"


def test_the_home_of_somebody_else_is_not_ours(started_as, server):
    program = started_as.program
    run = started_as(NOBODY, *SEND, env={
        "HOME": str(program.folder.parent), "XDG_CONFIG_HOME": None})
    assert run.status == os.EX_CONFIG, run
    assert not server.connections


def test_no_home_and_no_configuration_is_said(started_as, server):
    run = started_as(NOBODY, *SEND, env={
        "HOME": None, "XDG_CONFIG_HOME": None})
    assert run.status == os.EX_CONFIG, run
    assert "veredus.conf" in run.stderr


def test_a_folder_that_cannot_be_read(started_as, server, tmp_path):
    tmp_path.chmod(0o700)
    server.play(takes_from("nobody@example.org"))
    run = started_as(pwd.getpwnam("nobody").pw_uid, TO, cwd=tmp_path)
    server.finish()
    assert run.status == 0, run


def test_a_terminal_is_never_asked(submit):
    """Even when there is one: nobody sits before a program that mails."""
    leader, follower = pty.openpty()

    def take_terminal():
        os.setsid()
        os.close(os.open(os.ttyname(follower), os.O_RDWR))

    try:
        run = submit(*SEND, name="sendmail", preexec_fn=take_terminal,
                     settings="tls off\nauth plain\nuser bob")
        os.set_blocking(leader, False)
        with pytest.raises(BlockingIOError):
            os.read(leader, 1)
    finally:
        os.close(leader)
        os.close(follower)
    assert run.status == os.EX_CONFIG, run


def test_a_child_of_the_writer_holds_the_pipe(program, server):
    """The message ends when the last writer does."""
    server.play(TAKES)
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
def test_an_input_that_does_not_wait(submit, server, kind):
    ends = os.pipe() if kind == "pipe" else [
        end.detach() for end in socket.socketpair()]
    os.set_blocking(ends[0], False)
    server.play(TAKES)

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


def test_a_deleted_file_that_was_rewound(submit, server, tmp_path):
    server.play(TAKES)
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
def test_no_connection_takes_the_place_of_a_closed_descriptor(
        program, server, closed):
    """What we print must never become part of the dialogue."""
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


def test_output_that_is_read_only_at_the_end(program, server):
    """Callers such as Request Tracker wait first and read then."""
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
        assert process.wait(10) == os.EX_NOUSER
    finally:
        process.kill()
        process.communicate()


def test_dates_are_english_and_local(submit, server):
    server.play(TAKES)
    run = submit(*SEND, stdin=BARE, name="sendmail", env={
        "TZ": "IST-5:30", "LC_ALL": "de_DE.UTF-8", "LC_TIME": "fr_FR.UTF-8"})
    assert run.status == 0, run
    date = header(server, "Date")
    assert date.endswith(" +0530")
    assert date[:3] in "Mon Tue Wed Thu Fri Sat Sun".split()


def test_the_name_we_greet_with_is_worth_something(submit, server):
    server.answers["note"] = lambda line, connection: "250 ok"
    server.play(lines("S: 220 mx.example", "C: EHLO *", "ANSWER note",
                      MESSAGE_TAKEN))
    config = (f"account default\nhost mx.example\nport {server.port}\n"
              "tls off\n")
    run = submit(*SEND, config=config)
    assert run.status == 0, run
    name = server.clear.split(b"\r\n")[0].partition(b" ")[2]
    assert b"localhost" not in name and b"localdomain" not in name
    assert name.startswith(b"[") or b"." in name


def test_a_hangup_once_the_message_is_read(program, server):
    server.play(lines(greet(), "C: MAIL *", "HERE", "WAIT 0.3", "S: 250 ok",
                      RCPT, DATA, TAKEN, QUIT))
    program.write_config(account(server.port, "tls off"))
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    assert server.reached.wait(20)
    process.send_signal(signal.SIGHUP)
    run = program.end(process)
    server.finish()
    assert run.status == 0, run


def test_a_hangup_while_the_message_is_read(program, server):
    server.play()
    program.write_config(account(server.port, "tls off"))
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.flush()
    time.sleep(0.3)
    process.send_signal(signal.SIGHUP)
    run = program.end(process)
    server.finish()
    assert run.status in (os.EX_TEMPFAIL, -signal.SIGHUP), run


@pytest.mark.parametrize("ignored", [signal.SIGCHLD, signal.SIGPIPE])
def test_a_helper_runs_though_the_parent_ignores_signals(
        submit, server, trust, ignored):
    server.play(lines(SECURED, LOGIN, MESSAGE_TAKEN))
    run = submit(*SEND, name="sendmail", host="mx.test", settings=lines(
        trust, "auth plain", "user bob@example.org",
        f"passwordeval echo {SECRET}"),
        preexec_fn=lambda: signal.signal(ignored, signal.SIG_IGN))
    assert run.status == 0, run


def test_a_caller_that_dies_of_sigpipe_is_not_us(program, server):
    """Nobody reads what -v shows: the message must still arrive."""
    server.play(TAKES)
    program.write_config(account(server.port, "tls off"))
    reader, writer = os.pipe()
    os.close(reader)
    process = program.start("-v", *SEND, stderr=writer, stdout=writer,
                            restore_signals=True)
    os.close(writer)
    run = program.end(process, MESSAGE)
    server.finish()
    assert run.status == 0, run


def test_a_wrong_argument_is_told_at_once(program):
    """Before the input, which may never end."""
    process = program.start("-y", TO, name="sendmail")
    assert process.wait(10) == os.EX_USAGE
    with pytest.raises(OSError) as broken:
        for _ in range(100):
            os.write(process.stdin.fileno(), MESSAGE * 1000)
    assert broken.value.errno == errno.EPIPE
    process.stdin = None
    program.end(process)


def test_a_reply_after_the_dot_is_awaited_in_the_background(submit, server):
    """-odb and -odq ask for less than the truth; the truth comes first."""
    server.play(lines(AFTER_DOT, "WAIT 1", "S: 550 5.7.1 no", QUIT))
    run = submit("-odb", *SEND, name="sendmail")
    assert run.status == os.EX_NOPERM, run


def test_a_folder_deeper_than_any_path(submit, server, tmp_path):
    server.play(lines(greet(), MESSAGE_TAKEN))

    def descend():
        for _ in range(40):
            os.mkdir("x" * 200)
            os.chdir("x" * 200)

    try:
        assert submit(*SEND, cwd=tmp_path, preexec_fn=descend).status == 0
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / ("x" * 200))], check=True)
