# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--service: many clients, and clients that do not behave."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from dialogue import (ENVELOPE, MESSAGE_ACCEPTED, SEND,
                      greet, lines)
from program import MESSAGE
from scripted import ScriptedServer
from service import begin, ids, needs_users, talk
from sink import Sink

pytestmark = needs_users
SENT = lines(greet(), MESSAGE_ACCEPTED)


def wait_for(condition):
    limit = time.monotonic() + 60
    while not condition() and time.monotonic() < limit:
        time.sleep(0.02)
    assert condition()


def processes(service):
    """Returns the processes of the service that serve a client."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if (b"--service" in words and str(service.config).encode() in words
                and words[0] == str(service.program.binary).encode()):
            found.append(path)
    return found


def connect(service):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(str(service.path))
    return client


def test_a_hundred_clients_at_once(serve, service):
    """More than sessions_user of them have one user: they come again.

    They do so for half a minute.  With sanitizers a process takes so long that
    there are fewer.
    """
    server = Sink()
    count = 60 if service.program.sanitized else 100
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        serve(config=service.account(server.port, service.queue))
        users = ["www-data", "daemon", "bin", "games"]
        clients = [service.program.start(
            "--socket", str(service.path), "--domain", "client.example",
            "-f", f"{i}@example.org", "bob@example.org",
            **ids(users[0] if i < 50 else users[i % 4])) for i in range(count)]
        for client in clients:
            client.stdin.write(MESSAGE)
            client.stdin.close()
            client.stdin = None
        for client in clients:
            errors = client.communicate(timeout=120)[1]
            assert client.returncode == 0, errors
        assert len(server.messages) == count
    assert service.exits() == []


def test_a_user_has_a_limited_number_of_sessions(serve, server, service):
    serve("sessions_user 2", service.queue, plays=[SENT])
    busy = [begin(service, "NOOP\r\n", end=False) for _ in range(2)]
    for client in busy:
        assert client.stdout.readline().startswith(b"220 ")
    assert talk(service, "").startswith("421 4.7.0 ")
    assert talk(service, "", "daemon").startswith("220 ")
    waiting = service.program.start(
        "--socket", str(service.path), "--domain", "client.example", *SEND,
        **ids("www-data"))
    waiting.stdin.write(MESSAGE)
    waiting.stdin.close()
    waiting.stdin = None
    time.sleep(1)
    assert waiting.poll() is None
    busy[0].kill()
    assert waiting.wait(60) == 0, waiting.stderr.read()
    server.finish()
    for client in busy:
        client.kill()
        client.communicate()
    waiting.communicate()
    assert "uid=33 login=www-data" in service.wait_for_log("sessions_user")


@pytest.mark.parametrize("first", ["CLOSE", "S: 421 4.7.0 busy\nCLOSE"])
def test_a_client_tries_again_at_a_crowded_socket(program, tmp_path, first):
    server = ScriptedServer(path=tmp_path / "socket")
    server.play(first, first, SENT)
    run = program.run("--socket", str(tmp_path / "socket"), "--domain",
                      "client.example", *SEND)
    server.finish()
    assert run.status == 0, run


@pytest.mark.parametrize("play, status", [
    ("S: 554 5.3.2 no service\nC? QUIT\nEOF", os.EX_UNAVAILABLE),
    ("S: 220 mx.example\nC: EHLO *\nCLOSE", os.EX_TEMPFAIL),
    ("S: 220 mx.example\nC: EHLO *\nS: 421 4.3.2 down\nCLOSE",
     os.EX_TEMPFAIL)])
def test_another_failure_at_a_socket_is_told_at_once(
        program, tmp_path, play, status):
    server = ScriptedServer(path=tmp_path / "socket")
    server.play(play)
    run = program.run("--socket", str(tmp_path / "socket"), *SEND)
    server.finish()
    assert run.status == status and run.seconds < 20, run


def test_a_silent_client_gets_421_and_others_are_served(
        serve, server, service):
    serve("client_timeout 4s", plays=[SENT])
    silent = begin(service, "EHLO x\r\nMAIL FROM:<a@example.org>", end=False)
    assert service.send(*SEND).status == 0
    output = silent.communicate(timeout=30)[0].decode()
    assert output.splitlines()[-1].startswith("421 4.4.2 ")
    server.finish()
    wait_for(lambda: processes(service) == [])
    assert service.exits() == []


def test_a_client_that_dies_in_data_sends_nothing(serve, server, service):
    serve(plays=[lines(greet(), ENVELOPE, "C? QUIT", "EOF"), SENT])
    dying = begin(service, b"MAIL FROM:<alice@example.org>\r\n"
                  b"RCPT TO:<bob@example.org>\r\nDATA\r\nFrom: x\r\n"
                  + b"a" * 100000, end=False)
    while not dying.stdout.readline().startswith(b"354"):
        pass
    dying.kill()
    dying.communicate()
    line = service.wait_for_log("result=")
    assert "was not sent" in line and "uid=33" in line
    wait_for(lambda: processes(service) == [])
    assert service.exits() == []
    assert service.send(*SEND).status == 0
    server.finish()


def test_a_client_that_floods_is_stopped(serve, service):
    serve()
    text = talk(service, b"x" * 50_000_000)
    assert len(text) < 100_000
    talk(service, "NONSENSE\r\n" * 1_000_000)
    replies = talk(service, "NONSENSE\r\n" * 20).splitlines()
    assert replies[-1].startswith("421 4.7.0 ")
    assert len([line for line in replies if line.startswith("500")]) == 20
    wait_for(lambda: processes(service) == [])
    assert service.exits() == []


@pytest.mark.parametrize("bdat", [False, True])
def test_a_message_without_end_does_not_fill_the_disk(
        serve, service, ordinary_memory, bdat):
    serve("size_max 1m", plays=[lines(greet(), ENVELOPE, "C? QUIT", "EOF")])
    octets = 200_000_000
    client = connect(service)
    client.sendall(b"MAIL FROM:<alice@example.org>\r\n"
                   b"RCPT TO:<bob@example.org>\r\n")
    client.sendall(b"BDAT %d\r\n" % octets if bdat else b"DATA\r\n")
    block = b"a" * 998 + b"\r\n"
    for _ in range(octets // 1_000_000):
        client.sendall(block * 1000)
    found, = processes(service)
    written = re.search(r"^write_bytes: (\d+)$", (found / "io").read_text(),
                        re.MULTILINE)
    resident = re.search(r"^VmHWM:\s+(\d+) kB", (found / "status").read_text(),
                         re.MULTILINE)
    assert int(written[1]) < 10_000_000 and int(resident[1]) < 50_000
    client.sendall(b"QUIT\r\n" if bdat else b"\r\n.\r\nQUIT\r\n")
    replies = b""
    while block := client.recv(65536):
        replies += block
    assert b"552 5.3.4" in replies, replies


def test_a_client_that_reads_nothing_holds_only_its_own_process(
        serve, server, service):
    serve("client_timeout 2s", "queue later", service.queue)
    client = connect(service)
    client.settimeout(1)
    try:
        client.sendall(b"MAIL FROM:<alice@example.org>\r\n")
        for _ in range(1000):
            client.sendall(b"RCPT TO:<bob@example.org>\r\n" * 10000)
    except TimeoutError:
        pass
    except OSError:
        pass
    assert service.send(*SEND).status == 0
    wait_for(lambda: processes(service) == [])
    client.close()


def test_passed_descriptors_are_ignored(serve, server, service):
    serve(plays=[SENT])
    client = connect(service)
    with open("/etc/passwd") as file:
        socket.send_fds(client, [b"NOOP\r\n"], [file.fileno()])
    assert b"220" in client.recv(1000)
    time.sleep(0.5)
    found = processes(service)
    assert len(found) == 1
    opened = [os.readlink(path) for path in (found[0] / "fd").iterdir()]
    assert "/etc/passwd" not in opened
    client.close()
    assert service.send(*SEND).status == 0
    server.finish()


def test_the_process_has_only_what_it_needs(serve, service):
    serve()
    client = connect(service)
    assert client.recv(1000).startswith(b"220 ")
    found, = processes(service)
    status = (found / "status").read_text()
    assert re.search(r"^Uid:\t10\t10\t10\t10$", status, re.MULTILINE)
    assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
    opened = {os.readlink(path) for path in (found / "fd").iterdir()}
    assert not any(name.startswith("/etc/") or "service.conf" in name
                   for name in opened), opened
    assert str(service.config).encode() not in (
        found / "environ").read_bytes()
    client.close()


def test_a_signal_ends_the_session_with_421(serve, service):
    serve()
    client = connect(service)
    assert client.recv(1000).startswith(b"220 ")
    found, = processes(service)
    os.kill(int(found.name), signal.SIGTERM)
    assert client.recv(1000).startswith(b"421 4.3.2 ")
    wait_for(lambda: processes(service) == [])
    assert service.exits() == []


def listens(service):
    try:
        connect(service).close()
    except OSError:
        return False
    return True


# Other super-servers, as in veredus-service(8)

MANUAL = pathlib.Path(__file__).parents[2] / "man/veredus-service.8"


def recipe_of(name, service):
    """Returns the command of the manual, for the paths and the user of a test."""
    found = re.search(rf"^({name} .*?) &$", MANUAL.read_text(), re.M | re.S)
    command = found[1].replace("\\e\n", "\\\n")
    for old, new in (
            ("s6-setuidgid veredus", f"setpriv --reuid={service.user} "
             f"--regid={service.user} --clear-groups"),
            ("su=veredus", f"su={service.user}"),
            ("/run/veredus/submit", str(service.path)),
            ("veredus --service", f"{service.program.binary} --service "
             f"-C {service.config}")):
        command = command.replace(old, new)
    return command


@pytest.mark.parametrize("recipe", ["s6-ipcserver", "socat"])
def test_other_super_servers_run_the_service(service, server, recipe):
    if not shutil.which(recipe):
        pytest.skip(f"{recipe} is not installed")
    server.play(SENT)
    service.write_config(service.account(server.port, "users www-data")
                         .replace("mx.example", "127.0.0.1"))
    process = subprocess.Popen(
        ["sh", "-c", "exec " + recipe_of(recipe, service)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(lambda: listens(service))
        assert service.send(*SEND, user="daemon").status == os.EX_NOPERM
        run = service.send(*SEND)
        assert run.status == 0, run
        server.finish()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


# Exit statuses of the service

@pytest.mark.parametrize("reply", ["554 5.7.1 no", "421 4.3.2 down", "CLOSE"])
def test_whatever_the_server_does_it_ends_with_0(
        serve, server, service, reply):
    end = reply if reply == "CLOSE" else f"S: {reply}\nC? QUIT"
    serve(plays=[lines(greet(), "C: MAIL *", end)])
    assert service.send(*SEND).status != 0
    wait_for(lambda: processes(service) == [])
    assert service.exits() == []


def test_a_wrong_option_of_the_service_is_an_error_of_its_own(
        serve, service):
    service.write_config(service.account(9))
    service.start("--timeout=never")
    assert talk(service, "QUIT\r\n") == ""
    wait_for(lambda: service.exits() == ["64"])


# The queue

def queued(service):
    return list((service.state / "queue").glob("queue/*"))


def test_a_message_that_cannot_be_sent_now_is_queued(serve, server, service):
    play = lines(greet(), "C: MAIL *", "S: 450 4.7.1 come again", "C? QUIT",
                 "EOF")
    serve("queue on", service.queue, plays=[play])
    run = service.send("-v", *SEND)
    assert run.status == 0, (run, service.lines())
    name = re.search(r"<-- 250 2\.0\.0 queued as (\w+)", run.stderr)[1]
    assert [path.name for path in queued(service)] == [name]
    fields = service.fields()
    assert fields["queue"] == name and fields["result"] == "queued"
    assert fields["uid"] == "33"
    head = queued(service)[0].read_bytes().partition(b"\n\n")[0].decode()
    assert re.search(r"^uid 33$", head, re.MULTILINE), head
    server.finish()


def test_a_queue_run_of_the_service_uses_its_file(serve, server, service):
    play = lines(greet(), "C: MAIL *", "S: 450 4.7.1 come again", "C? QUIT",
                 "EOF")
    serve("queue on", service.queue, plays=[play, SENT])
    assert service.send(*SEND).status == 0
    assert len(queued(service)) == 1
    run = service.program.run("--service", "-C", str(service.config), "-qf",
                              **ids(service.user))
    assert run.status == 0, run
    server.finish()
    assert queued(service) == []
    assert b"Hello." in server.message
    assert (run.fields["uid"], run.fields["login"], run.fields["account"]) == (
        "33", "www-data", "default")
    assert run.fields["result"] == "sent" and run.fields["queue"]


@pytest.mark.parametrize("option, shown", [
    ("-bh", "account default"), ("-bH", ""),
    ("--queue-list", "bob@example.org"), ("--queue-check", "QUEUE ")])
def test_the_service_has_destinations_with_a_pause(
        serve, server, service, option, shown):
    play = lines("S: 421 4.3.2 down", "EOF")
    serve("queue on", service.queue, plays=[play])
    assert service.send(*SEND).status == 0
    server.finish()
    command = ["--service", "-C", str(service.config), option]
    run = service.program.run(*command, stdin=None, **ids(service.user))
    assert run.status == 0 and run.stderr == "", run
    assert shown in run.stdout


def test_root_is_told_whose_the_queue_of_the_service_is(serve, service):
    play = lines(greet(), "C: MAIL *", "S: 450 4.7.1 come again", "C? QUIT",
                 "EOF")
    serve("queue on", service.queue, plays=[play])
    assert service.send(*SEND).status == 0
    run = service.program.run("--service", "-C", str(service.config),
                              "--queue-list", stdin=None)
    assert run.status == os.EX_TEMPFAIL
    assert (f"this queue belongs to {service.user}: run the command as that "
            f'user, for example with "runuser -u {service.user} -- '
            in run.stderr)


def test_a_permanent_rejection_is_told_in_spite_of_the_queue(
        serve, server, service):
    serve("queue on", service.queue, plays=[
        lines(greet(), "C: MAIL *", "S: 250 ok", "C: RCPT *",
              "S: 550 5.1.1 nobody", "C? QUIT", "EOF")])
    run = service.send(*SEND)
    assert run.status == os.EX_NOUSER and "nobody" in run.stderr
    assert queued(service) == []
    server.finish()
