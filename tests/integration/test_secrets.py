# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources of passwords, and the places where no password may appear."""

import os
import pathlib
import resource
import signal

import pytest

from dialogue import (LOGIN, MESSAGE_ACCEPTED, QUIT, SECURED, SEND, greet,
                      lines, plain)
from kernel import wait_until_asleep
from program import MESSAGE, SECRET, account, encoded_forms
from scripted import ScriptedServer

LOGIN_AND_MESSAGE = lines(SECURED, LOGIN, MESSAGE_ACCEPTED)


@pytest.fixture
def log_in(submit, server, trust):
    """Runs a login by PLAIN inside TLS with the password from `source`."""

    def log_in(source, *argv, transcript=LOGIN_AND_MESSAGE, **options):
        server.play(*([transcript] if transcript else []))
        return submit(*argv, *SEND, host="mx.test", settings=lines(
            trust, "auth plain", "user bob@example.org", source), **options)

    return log_in


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


def test_the_password_may_be_in_the_configuration(log_in):
    assert log_in(f"password {SECRET}").status == 0


def test_the_password_may_come_from_a_command(log_in, password_file):
    assert log_in(f"passwordeval cat {password_file}").status == 0


def test_the_password_may_be_in_a_file(log_in, password_file):
    assert log_in(f"passwordfile {password_file}").status == 0


def test_the_password_may_be_in_netrc(log_in, program):
    netrc = program.home / ".netrc"
    netrc.write_text("machine other.test login bob@example.org password no\n"
                     "machine mx.test login carol password wrong\n"
                     f"machine mx.test login bob@example.org password {SECRET}\n")
    netrc.chmod(0o600)
    assert log_in("").status == 0


@pytest.mark.parametrize("command, status", [
    ("false", os.EX_TEMPFAIL),
    (f"echo {SECRET}; exit 1", os.EX_TEMPFAIL),
    ("true", os.EX_TEMPFAIL),
    (f"printf '%s\\0\\n' '{SECRET}'", os.EX_CONFIG),
    ("head -c 1000000 /dev/zero | tr '\\0' x", os.EX_CONFIG),
    ("kill -9 $$", os.EX_TEMPFAIL),
    ("/nonexistent/program", os.EX_CONFIG),
], ids=["fails", "prints and fails", "prints nothing", "nul", "too much",
        "is killed", "does not exist"])
def test_a_command_that_prints_no_valid_password_is_an_error(
        log_in, server, command, status):
    run = log_in(f"passwordeval {command}", transcript=None)
    assert run.status == status, run
    assert "passwordeval" in run.stderr
    assert not server.connections


def test_the_deadline_ends_a_command_that_hangs(log_in, server):
    run = log_in("passwordeval sleep 100\ndeadline 2", transcript=None)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.seconds < 20


def test_a_child_of_the_command_may_keep_the_pipe_open(log_in, server):
    run = log_in("passwordeval sleep 25 2>/dev/null & "
                 f"echo '{SECRET}'\ndeadline 15")
    assert run.status == 0, run
    assert run.seconds < 20


def test_a_command_cannot_read_the_message(log_in, server):
    run = log_in(f"passwordeval cat >/dev/null; echo '{SECRET}'")
    assert run.status == 0, run
    assert server.message.endswith(b"Hello.\r\n")


def test_a_command_inherits_no_descriptors(log_in, tmp_path):
    listing = tmp_path / "descriptors"
    run = log_in(f"passwordeval ls -l /proc/self/fd >{listing}; "
                 f"echo '{SECRET}'",
                 preexec_fn=lambda: os.dup2(0, 50, inheritable=True))
    assert run.status == 0, run
    numbers = {line.split()[8] for line in
               listing.read_text().splitlines()[1:]}
    assert numbers <= {"0", "1", "2", "3"}, numbers


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604])
@pytest.mark.parametrize("setting", ["passwordfile", "netrc"])
def test_a_password_file_must_not_be_readable_by_others(
        log_in, server, program, password_file, setting, mode):
    if setting == "netrc":
        path = program.home / ".netrc"
        path.write_text(
            f"machine mx.test login bob@example.org password {SECRET}\n")
        source = ""
    else:
        path, source = password_file, f"passwordfile {password_file}"
    path.chmod(mode)
    run = log_in(source, transcript=None)
    assert run.status == os.EX_CONFIG, run
    assert str(path) in run.stderr
    assert not server.connections


@pytest.mark.parametrize("setting", ["passwordfile", "passwordeval cat"])
def test_the_first_line_is_the_password(log_in, password_file, setting):
    password_file.write_text(f"{SECRET}\nlogin: al\nnotes\n")
    run = log_in(f"{setting} {password_file}")
    assert run.status == 0, run


def test_a_password_file_may_be_a_symbolic_link_of_the_user(
        log_in, password_file, tmp_path):
    """Kubernetes presents secrets in this way."""
    link = tmp_path / "link"
    link.symlink_to(password_file)
    assert log_in(f"passwordfile {link}").status == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_may_let_a_group_read_a_password_file(log_in, password_file):
    password_file.chmod(0o640)
    os.chown(password_file, 0, 65534)
    assert log_in(f"passwordfile {password_file}").status == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_password_file_must_not_be_a_symbolic_link_of_others(
        log_in, password_file, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(password_file)
    os.chown(link, 65534, 65534, follow_symlinks=False)
    run = log_in(f"passwordfile {link}", transcript=None)
    assert run.status == os.EX_CONFIG, run


def test_a_missing_password_is_an_error(log_in, server):
    run = log_in("", transcript=None)
    assert run.status == os.EX_CONFIG, run
    assert "password" in run.stderr
    assert not server.connections


@pytest.mark.parametrize("argv", [("-v",), ("-d",), ("-v", "-d")])
@pytest.mark.parametrize("reply, status", [
    ("535 5.7.8 bad: {line}", os.EX_NOPERM),
    ("535-5.7.8 you said\nS: 535 5.7.8 {line}", os.EX_NOPERM),
    ("535 5.7.8 your password is {secret}", os.EX_NOPERM),
    ("421 4.7.0 {line} {secret}", os.EX_TEMPFAIL),
    ("235 ok {secret}", 0),
])
def test_credentials_that_the_server_repeats_are_not_shown(
        log_in, argv, reply, status):
    line = plain().partition(" ")[2]
    reply = reply.format(line=line, secret=SECRET)
    rest = MESSAGE_ACCEPTED if reply[0] == "2" else "C? QUIT\nEOF"
    # Program.check() searches for the secret in each encoding.
    run = log_in(f"password {SECRET}", *argv,
                 transcript=lines(SECURED, plain(), f"S: {reply}", rest))
    assert run.status == status, run
    assert "[hidden]" in run.stderr


def test_a_password_in_a_later_reply_is_not_shown(log_in):
    run = log_in(f"password {SECRET}", transcript=lines(
        SECURED, LOGIN, "C: MAIL *", f"S: 550 5.7.1 not with {SECRET}", QUIT))
    assert run.status == os.EX_NOPERM, run
    assert "[hidden]" in run.stderr


NOBODY = 65534


@pytest.fixture
def log_in_at_socket(program, certificates, tmp_path):
    """Runs a login at the unix socket of a server that another user runs."""

    def log_in(transcript, settings, owner=0):
        server = ScriptedServer(path=tmp_path / "socket")
        server.use_certificate(certificates, "good")
        os.chown(tmp_path, owner, -1)
        os.seteuid(NOBODY)  # listen() tells the kernel who the server is
        server.listener.listen()
        os.seteuid(0)
        server.play(transcript)
        program.write_config(lines(
            f"account default\nsocket {server.path}\ndomain client.example",
            f"{settings}\nuser bob@example.org\npassword {SECRET}"))
        run = program.run(*SEND)
        server.finish()
        return run

    return log_in


OTHERS_SERVER = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can listen as another user")


@OTHERS_SERVER
@pytest.mark.parametrize("mechanism", ["plain", "cram-md5"])
def test_the_server_of_a_socket_in_the_folder_of_others_gets_no_password(
        log_in_at_socket, mechanism):
    run = log_in_at_socket(
        lines(greet("AUTH PLAIN CRAM-MD5"), QUIT),
        f"tls off\nauth {mechanism}")
    assert run.status == os.EX_CONFIG, run
    assert f"runs as user {NOBODY}" in run.stderr


@OTHERS_SERVER
def test_the_server_of_a_socket_may_be_the_owner_of_its_folder(
        log_in_at_socket):
    run = log_in_at_socket(
        lines(greet("AUTH PLAIN"), LOGIN, MESSAGE_ACCEPTED),
        "tls off\nauth plain", owner=NOBODY)
    assert run.status == 0, run


def test_the_server_of_a_socket_in_the_own_folder_gets_the_password(
        program, tmp_path):
    server = ScriptedServer(path=tmp_path / "socket")
    server.play(lines(greet("AUTH PLAIN"), LOGIN, MESSAGE_ACCEPTED))
    program.write_config(lines(
        f"account default\nsocket {server.path}\ndomain client.example",
        f"tls off\nauth plain\nuser bob@example.org\npassword {SECRET}"))
    run = program.run(*SEND)
    server.finish()
    assert run.status == 0, run


@OTHERS_SERVER
def test_a_certificate_proves_who_the_server_of_a_socket_is(
        log_in_at_socket, certificates):
    run = log_in_at_socket(
        LOGIN_AND_MESSAGE,
        f"tls on\ntls_trust_file {certificates.path('ca.pem')}\n"
        "tls_host_override mx.test\nauth plain")
    assert run.status == 0, run


def allow_core_files():
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def start_login(program, server, trust, transcript):
    """Starts a login and waits until the transcript reaches EVENT."""
    server.play(transcript)
    program.write_config(account(server.port, lines(
        trust, "auth plain", "user bob@example.org", f"password {SECRET}"),
        "mx.test"))
    process = program.start(*SEND, preexec_fn=allow_core_files)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    assert server.reached.wait(60)
    return process


def read_of_process(path):
    """Root alone may read everything about a process that is not dumpable."""
    try:
        return path.read_bytes()
    except PermissionError:
        pytest.skip(f"this user must not read {path.name} of the process")


def test_a_running_process_shows_no_secret(program, server, trust):
    process = start_login(program, server, trust, lines(
        SECURED, plain(), "EVENT", "HOLD", "S: 235 ok", MESSAGE_ACCEPTED))
    proc = pathlib.Path(f"/proc/{process.pid}")
    for file in ("cmdline", "environ"):
        shown = read_of_process(proc / file)
        for form in encoded_forms([SECRET]):
            assert form not in shown
    limits = (proc / "limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines()
            if line.startswith("Max core file size")] == [["0", "0"]]
    server.release()
    run = program.end(process)
    server.finish()
    assert run.status == 0, run


def test_a_crash_leaves_no_core_file(program, server, trust):
    process = start_login(program, server, trust, lines(
        SECURED, plain(), "EVENT", "DRAIN"))
    wait_until_asleep(process)
    process.send_signal(signal.SIGABRT)
    process.communicate(timeout=20)
    server.finish()
    assert process.returncode == -signal.SIGABRT
    assert not list(program.work.iterdir())


def test_pretend_and_list_options_show_no_secret(submit, server):
    for argv in (("--pretend", "bob@example.org"), ("--list-options",),
                 ("--version",)):
        run = submit(*argv, config=account(
            server.port, f"auth plain\nuser x\npassword {SECRET}"))
        assert run.status == 0, run
        assert SECRET not in run.stdout + run.stderr
