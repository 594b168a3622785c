# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox of -bs and --service, and the second process outside it."""

import errno
import os
import pathlib
import re
import signal
import socket
import tempfile

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MAIL, MESSAGE_ACCEPTED,
                      QUIT, SEND, greet, lines)
from kernel import (LACKING, children, descriptors, needs_landlock,
                    needs_ports, read_status, sandbox_state,
                    skip_if_more_is_missing)
from program import MESSAGE, SECRET, account
from queued import wait_until
from service import begin, needs_users, talk

CRLF_MESSAGE = MESSAGE.replace(b"\n", b"\r\n")
DELIVERY = lines(greet(), MESSAGE_ACCEPTED)
WITH_LOGIN = lines(greet("AUTH PLAIN"), LOGIN, MESSAGE_ACCEPTED)
WHOLE = (b"EHLO client.example\r\nMAIL FROM:<alice@example.org>\r\n"
         b"RCPT TO:<bob@example.org>\r\nDATA\r\n" + CRLF_MESSAGE
         + b".\r\nQUIT\r\n")
BY_COMMAND = LOGIN_SETTINGS.replace(f"password {SECRET}",
                                    f"passwordeval echo {SECRET}")


class Session:
    """A client of -bs that waits for each reply."""

    def __init__(self, process):
        self.process = process
        assert self.reply().startswith("220 ")

    def reply(self):
        while line := self.process.stdout.readline().decode():
            if line[3:4] != "-":
                return line.rstrip()
        raise AssertionError(self.process.stderr.read())

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\r\n")
        self.process.stdin.flush()
        return self.reply()

    def send(self, sender="alice@example.org"):
        """Sends a message; returns the last reply."""
        for line in (f"MAIL FROM:<{sender}>", "RCPT TO:<bob@example.org>"):
            reply = self.say(line)
            if not reply.startswith("250 "):
                return reply
        assert self.say("DATA").startswith("354 ")
        return self.say(CRLF_MESSAGE.decode() + ".")


@pytest.fixture
def bs(program, server):
    started = []

    def bs(*transcripts, settings="tls off", config=None, argv=("-bs",),
           host="127.0.0.1", **options):
        server.play(*transcripts)
        program.write_config(config or account(server.port, settings, host))
        process = program.start(*argv, **options)
        started.append(process)
        session = Session(process)
        session.say("EHLO client.example")
        return session

    yield bs
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def end(program, server, session):
    assert session.say("QUIT").startswith("221 ")
    run = program.end(session.process)
    server.finish()
    return run


@pytest.fixture
def elsewhere():
    """A folder that is not among those for temporary files."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield pathlib.Path(folder)


# ---- what a session cannot do ----

@needs_landlock
@pytest.mark.parametrize("setting, expected", [
    ("on", ("1", "2")), ("require", ("1", "2")), ("off", ("0", "0"))])
def test_it_is_entered_before_the_client_is_read(program, server, setting,
                                                 expected):
    program.write_config(account(9, f"tls off\nsandbox {setting}"))
    process = program.start("-bs")
    session = Session(process)  # the client has sent nothing
    assert sandbox_state(process.pid) == expected
    assert session.say("QUIT").startswith("221 ")
    assert program.end(process).status == 0


@needs_landlock
def test_a_session_reads_no_other_file_and_runs_no_program(
        attempts, server, elsewhere):
    (elsewhere / "secret").touch()
    server.play(DELIVERY)
    assert attempts(
        "r:/etc/group", f"r:{elsewhere}/secret", f"w:{elsewhere}/new",
        "x:/bin/true", argv=["-bs"], stdin=WHOLE) == [
            errno.EACCES, errno.EACCES, errno.EACCES, errno.EPERM]
    assert not (elsewhere / "new").exists()


@needs_ports
def test_a_session_connects_to_the_ports_of_its_accounts_alone(
        attempts, server):
    server.play(DELIVERY)
    with socket.create_server(("127.0.0.1", 0)) as other, \
            socket.create_server(("127.0.0.1", 0)) as second:
        ports = [listener.getsockname()[1] for listener in (other, second)]
        config = lines(account(server.port, "tls off"), "account second",
                       "host localhost", f"port {ports[1]}",
                       "from second@example.org", "account third",
                       "host localhost", f"port {ports[0]}")
        assert attempts(*(f"c:{port}" for port in ports), argv=["-bs"],
                        stdin=WHOLE, config=config) == [errno.EACCES, 0]


@needs_landlock
def test_only_files_of_accounts_that_a_sender_may_choose_can_be_used(
        attempts, server, elsewhere):
    for name in ("one", "two", "three"):
        path = elsewhere / name
        path.write_text(f"{SECRET}\n")
        path.chmod(0o600)
    server.play(WITH_LOGIN)
    config = lines(
        account(server.port, f"tls off\nauth plain\nuser bob@example.org\n"
                f"passwordfile {elsewhere}/one", "127.0.0.1"),
        "account second", "host localhost", "auth plain", "user x",
        f"passwordfile {elsewhere}/two", "from second@example.org",
        f"logfile {elsewhere}/log", "tls off",
        "account third", "host localhost", "auth plain", "user x",
        f"passwordfile {elsewhere}/three", "tls off")
    assert attempts(
        *(f"r:{elsewhere}/{name}" for name in ("one", "two", "three", "log")),
        argv=["-bs"], stdin=WHOLE, config=config, in_clear=True) == [
            0, 0, errno.EACCES, 0]


@needs_landlock
def test_with_an_error_in_the_configuration_only_replies_are_left(
        program, bs, server, tmp_path):
    session = bs(config="no configuration\n")
    assert sandbox_state(session.process.pid) == ("1", "2")
    assert session.send().startswith("554 5.3.5 ")
    assert end(program, server, session).status == 0


def test_a_corrected_configuration_is_used_for_the_next_session(
        program, server, bs):
    session = bs(lines(greet(), MAIL, QUIT), config="no configuration\n")
    for _ in range(2):
        assert session.send().startswith("554 5.3.5 ")
        # The sandbox lets nothing be read again.
        program.write_config(account(server.port, "tls off"))
    assert session.say("QUIT").startswith("221 ")
    run = program.end(session.process)
    assert run.status == 0 and run.log.count("exit=78") == 2, run
    session = Session(program.start("-bs"))
    assert session.say("MAIL FROM:<alice@example.org>").startswith("250 ")
    assert end(program, server, session).status == 0


@needs_landlock
def test_one_account_may_require_it_and_all_must_want_none(bs, server):
    config = lines(account(server.port, "sandbox off"), "account second",
                   "host localhost", "from second@example.org")
    session = bs(config=config)
    assert sandbox_state(session.process.pid) == ("1", "2")
    session = bs(config=lines(config, "sandbox off"))
    assert sandbox_state(session.process.pid) == ("0", "0")
    # Nobody can choose this account.
    session = bs(config=config.replace("from second@example.org", ""))
    assert sandbox_state(session.process.pid) == ("0", "0")


# ---- kernels that lack a part of it ----

@pytest.mark.parametrize("env, missing", LACKING)
def test_nothing_is_sent_if_what_the_kernel_lacks_is_required(
        program, server, bs, env, missing):
    skip_if_more_is_missing(env)
    config = lines(account(server.port, "tls off"), "account second",
                   "host localhost", "from second@example.org",
                   "sandbox require")
    session = bs(env=env, config=config)
    for _ in range(2):
        assert session.send() == (
            f"451 4.3.5 sandbox require: this system has {missing}")
    run = end(program, server, session)
    assert run.status == 0 and run.log.count(missing) == 2, run


@pytest.mark.parametrize("env, missing", LACKING)
def test_what_the_kernel_lacks_is_done_without(
        program, server, bs, env, missing):
    session = bs(DELIVERY, env=env)
    assert session.send().startswith("250 ")
    assert end(program, server, session).status == 0


# ---- the second process ----

def second_process(session):
    found = children(session.process.pid)
    assert len(found) == 1, found
    return found[0]


def descriptors_at_work(pid):
    """The client may be greeted before the second process has left it."""
    wait_until(lambda: os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
               and read_status(pid)["State"].startswith("S"))
    return descriptors(pid)


def is_alive(pid):
    try:
        return not read_status(pid)["State"].startswith("Z")
    except OSError:
        return False


@pytest.mark.parametrize("settings", [
    "tls off", f"tls off\n{LOGIN_SETTINGS}",
    "tls off\nauth off\npasswordeval echo x",
    "tls off\nauth plain\nuser bob\npassword x\npasswordeval echo x",
])
def test_there_is_none_without_a_command(bs, settings):
    assert children(bs(settings=settings).process.pid) == []


def test_it_has_no_descriptor_of_the_client(bs, program):
    inherited, other = os.pipe()
    os.set_inheritable(inherited, True)
    session = bs(settings=f"tls off\n{BY_COMMAND}", pass_fds=[inherited])
    own = descriptors(session.process.pid)
    found = descriptors_at_work(second_process(session))
    os.close(inherited)
    os.close(other)
    assert found.pop(0) == found.pop(1) == "/dev/null"
    assert found.pop(2) == own.pop(2)
    assert set(found.values()).isdisjoint(own.values()), (found, own)
    assert [path.partition(":")[0] for path in found.values()] == ["socket"]


def test_it_does_not_keep_a_standard_error_output_that_is_the_client(
        program):
    """inetd makes one socket the three standard descriptors."""
    program.write_config(
        account(9, f"tls off\n{BY_COMMAND}", "127.0.0.1"))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = program.start("-bs", stdin=theirs, stdout=theirs,
                                stderr=theirs)
        theirs.close()
        assert ours.recv(4) == b"220 "
        found = descriptors_at_work(children(process.pid)[0])
        assert [found[fd] for fd in range(3)] == ["/dev/null"] * 3
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent_and_so_does_the_command(
        bs, tmp_path, number):
    session = bs(settings="tls off\nauth plain\nuser bob\npasswordeval "
                          f"echo $$ >{tmp_path}/pid; sleep 1000; :")
    second = second_process(session)
    session.process.stdin.write(b"MAIL FROM:<alice@example.org>\r\n")
    session.process.stdin.flush()
    wait_until(lambda: (tmp_path / "pid").exists()
               and (tmp_path / "pid").read_text())
    command = int((tmp_path / "pid").read_text())
    session.process.send_signal(number)
    session.process.wait()
    wait_until(lambda: not is_alive(second) and not is_alive(command))


def test_a_signal_to_the_second_process_has_no_effect(
        program, server, bs):
    session = bs(WITH_LOGIN, settings=f"tls off\n{BY_COMMAND}")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(second_process(session), number)
    assert session.send().startswith("250 ")
    assert end(program, server, session).status == 0


@pytest.mark.usefixtures("ordinary_memory")
def test_nothing_of_the_client_reaches_it(bs, tmp_path):
    """The command sees neither, and the memory of its parent has nothing."""
    session = bs(lines(greet("AUTH PLAIN"), LOGIN, MAIL, QUIT), settings=(
        "tls off\nauth plain\nuser bob@example.org\npasswordeval "
        f"(env; cat /proc/$$/cmdline; cat) >{tmp_path}/seen; echo {SECRET}"))
    marks = [f"Kanarienvogel-{i}" for i in range(3)]
    session.say(f"EHLO {marks[0]}.example")
    session.process.stdin.write(
        f"MAIL FROM:<{marks[1]}@example.org> ENVID={marks[2]}\r\n".encode())
    session.process.stdin.flush()
    assert session.reply()[:3] in ("250", "451", "554")
    seen, memory_of_it = (tmp_path / "seen").read_bytes(), b""
    pid = second_process(session)
    try:
        memory = open(f"/proc/{pid}/mem", "rb", buffering=0)
    except PermissionError:
        pytest.skip("the program lets only root read its memory")
    with memory, open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            start, end = (int(n, 16) for n in line.split()[0].split("-"))
            if re.search(r"^\S+ r.*(\[heap\]|\[stack\]|\s0\s*$)", line):
                memory.seek(start)
                memory_of_it += memory.read(end - start)
    assert f"{tmp_path}/seen".encode() in memory_of_it
    assert not [mark for mark in marks
                if mark.encode() in seen + memory_of_it]


def test_the_password_of_each_account_comes_from_its_command(
        program, server, bs, tmp_path):
    def config(name, sender):
        return account(server.port, lines(
            "tls off", f"from {sender}", LOGIN_SETTINGS.replace(
                f"password {SECRET}",
                f"passwordeval echo {name} >>{tmp_path}/ran; echo {SECRET}")),
            "127.0.0.1").replace("account default", f"account {name}")

    def play(sender):
        return WITH_LOGIN.replace("alice@example.org", sender)

    one, two = "one@example.org", "two@example.org"
    session = bs(*(play(sender) for sender in (one, two, one)),
                 config=config("first", one) + config("second", two))
    for sender in (one, two, one):
        assert session.send(sender).startswith("250 "), sender
    assert end(program, server, session).status == 0
    assert (tmp_path / "ran").read_text().split() == [
        "first", "second", "first"]


def test_an_error_of_the_command_is_told(program, server, bs):
    session = bs(settings="tls off\nauth plain\nuser bob\npasswordeval false")
    for _ in range(2):
        reply = session.send()
        assert reply.startswith("451 4.7.0 ")
        assert reply.endswith("the command failed with exit status 1")
    run = end(program, server, session)
    assert run.log.count("passwordeval (") == 2, run


def test_an_attempt_in_the_background_gets_the_password(
        program, server, bs, tmp_path):
    session = bs(WITH_LOGIN, settings=lines(
        "tls off", BY_COMMAND, "queue always", f"queue_dir {tmp_path}/queue"))
    second = second_process(session)
    assert session.send().startswith("250 2.0.0 queued as ")
    assert end(program, server, session).status == 0
    assert server.accepted == 1
    wait_until(lambda: not is_alive(second))


# ---- what a session can still do ----

def test_the_lists_of_an_aliases_file_can_be_read(
        program, server, bs, tmp_path):
    (tmp_path / "outer").write_text("bob@example.org\n")
    (tmp_path / "aliases").write_text(f"team: :include:{tmp_path}/outer\n")
    session = bs(DELIVERY, settings=f"tls off\naliases {tmp_path}/aliases")
    assert session.say("MAIL FROM:<alice@example.org>").startswith("250 ")
    assert session.say("RCPT TO:<team>").startswith("250 ")
    assert session.say("DATA").startswith("354 ")
    assert session.say(CRLF_MESSAGE.decode() + ".").startswith("250 ")
    assert end(program, server, session).status == 0


def test_files_of_a_session_are_written(program, server, bs, tmp_path):
    """Archive, tokens, log, and a message that does not fit in memory."""
    session = bs(DELIVERY, settings=lines(
        "tls off", f"archive maildir:{tmp_path}/archive", "archive_required on",
        "rate 10/1h", f"queue_dir {tmp_path}/queue", f"logfile {tmp_path}/log"))
    assert session.say("MAIL FROM:<alice@example.org>").startswith("250 ")
    assert session.say("RCPT TO:<bob@example.org>").startswith("250 ")
    assert session.say("DATA").startswith("354 ")
    for _ in range(40):
        session.process.stdin.write(b"x" * 70 + b"\r\n" + b"y" * 65456
                                    + b"\r\n")
    assert session.say(".").startswith("250 ")
    assert end(program, server, session).status == 0
    assert len(list((tmp_path / "archive" / "new").iterdir())) == 1
    assert "exit=0" in (tmp_path / "log").read_text()


# ---- the service ----

def all_processes():
    return [int(folder.name) for folder in pathlib.Path("/proc").iterdir()
            if folder.name.isdigit()]


def arguments(pid):
    try:
        data = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return [""]
    return [word.decode(errors="replace") for word in data.split(b"\0")]


@needs_users
@needs_landlock
def test_the_service_is_in_the_sandbox_and_its_second_process_is_not(
        serve, server, service):
    serve(config=account(server.port, f"tls off\n{BY_COMMAND}", "127.0.0.1"))
    client = begin(service, b"EHLO client.example\r\n", end=False)
    assert client.stdout.readline().startswith(b"220 ")
    found = [pid for pid in all_processes() if "--service" in arguments(pid)
             and str(service.config) in arguments(pid)
             and "veredus" in arguments(pid)[0]]
    states = {sandbox_state(pid): pid for pid in found}
    assert sorted(states) == [("0", "0"), ("1", "2")], found
    second = descriptors_at_work(states["0", "0"])
    assert second[0] == second[1] == "/dev/null"
    client.kill()
    client.communicate()
    wait_until(lambda: not any(map(is_alive, found)))


@needs_users
def test_the_service_gets_passwords_from_commands(serve, server, service):
    serve(plays=[WITH_LOGIN, WITH_LOGIN], config=account(
        server.port, f"tls off\n{BY_COMMAND}", "127.0.0.1"))
    for user in ("www-data", "daemon"):
        run = service.send(*SEND, user=user)
        assert run.status == 0, (run, service.lines())
    server.finish()


@needs_users
def test_the_service_tells_nothing_of_a_sandbox_that_it_lacks(
        server, service):
    server.play(optional=True)
    service.write_config(service.account(server.port, "sandbox require"))
    service.start(env={"VEREDUS_TEST_LANDLOCK": "0"})
    said = talk(service, "EHLO x\r\nMAIL FROM:<a@example.org>\r\nQUIT\r\n")
    assert "\r\n451 4.3.5 this service has a problem of its own" in said
    assert "Landlock" not in said
    service.wait_for_log("sandbox require: this system has no Landlock")
    assert not service.exits()
