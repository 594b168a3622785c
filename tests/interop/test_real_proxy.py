# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries through tinyproxy and microsocks, with a login and without."""

import os
import shutil
import socket
import subprocess
import time

import pytest

from dialogue import (ehlo, greet, lines, MESSAGE_ACCEPTED, SEND, STARTTLS)
from program import MESSAGE, SECRET, account
from servers import free_port

DELIVERY = lines(greet(), MESSAGE_ACCEPTED)
IN_TLS = lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED)
PORTS = {"http": "tinyproxy", "socks5": "microsocks"}
SESSION = (b"EHLO client.example\r\nMAIL FROM:<alice@example.org>\r\n"
           b"RCPT TO:<bob@example.org>\r\nDATA\r\n"
           + MESSAGE.replace(b"\n", b"\r\n") + b".\r\nQUIT\r\n")
LOGIN = f"proxy_user alice\nproxy_password {SECRET}"


def tinyproxy(port, folder, login, allowed):
    config = folder / "tinyproxy.conf"
    # The program quotes no value: it takes letters and digits.
    config.write_text(
        f"Port {port}\nListen 127.0.0.1\nTimeout 30\nMaxClients 5\n"
        f"LogFile \"{folder}/log\"\n"
        + ("BasicAuth alice S3cret\n" if login else "")
        + (f"ConnectPort {allowed}\n" if allowed else ""))
    return ["tinyproxy", "-d", "-c", config]


def microsocks(port, folder, login, allowed):
    return ["microsocks", "-i", "127.0.0.1", "-p", str(port),
            *(["-u", "alice", "-P", "S3cret"] if login else [])]


def accepts(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def start(tmp_path):
    """Starts a proxy; returns the settings for it."""
    started = []

    def start(kind, login=False, allowed=None):
        command = {"http": tinyproxy, "socks5": microsocks}[kind]
        port = free_port()
        words = command(port, tmp_path, login, allowed)
        if not shutil.which(words[0]):
            pytest.skip(f"{words[0]} is missing")
        started.append(subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL))
        end = time.monotonic() + 20
        while not accepts(port):
            assert time.monotonic() < end, f"{words[0]} does not listen"
            time.sleep(0.05)
        return (f"proxy_type {kind}\nproxy_host 127.0.0.1\n"
                f"proxy_port {port}")

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def send(program, server):
    def send(settings, *transcripts, host="localhost"):
        if transcripts:
            server.play(*transcripts)
        program.write_config(account(server.port, settings, host))
        run = program.run("-d", *SEND)
        if transcripts:
            server.finish()
        return run
    return send


@pytest.mark.parametrize("kind", PORTS)
def test_a_message_passes_the_proxy(start, send, server, trust, kind):
    run = send(lines(start(kind), trust, "tls_host_override mx.test"), IN_TLS)
    assert run.status == 0, run
    assert server.message.endswith(b"Hello.\r\n")


@pytest.mark.parametrize("kind", PORTS)
def test_the_login_decides(start, send, kind):
    settings = lines(start(kind, login=True), "tls off")
    run = send(settings)
    assert run.status == os.EX_CONFIG, run
    assert "it requires a login: set proxy_user" in run.stderr
    run = send(lines(settings, LOGIN))
    assert "login" in run.stderr and run.status == os.EX_CONFIG, run
    right = "proxy_user alice\nproxy_password S3cret"
    run = send(lines(settings, right), DELIVERY)
    assert run.status == 0, run


def test_the_password_may_be_in_a_file_that_others_cannot_read(
        start, program, server, tmp_path):
    file = tmp_path / "password"
    file.write_text("S3cret\nnotes\n")
    file.chmod(0o600)
    settings = lines(start("http", login=True), "tls off", "proxy_user alice",
                     f"proxy_passwordfile {file}")
    server.play(DELIVERY, DELIVERY)
    program.write_config(account(server.port, settings, "localhost"))
    run = program.run("-d", *SEND)
    assert run.status == 0, run
    run = program.run("-bs", stdin=SESSION)
    assert run.status == 0 and "250 2.0.0 accepted" in run.stdout, run
    server.finish()
    file.chmod(0o644)
    for argv in ["-d", *SEND], ["--check", "--offline"]:
        run = program.run(*argv)
        assert run.status == os.EX_CONFIG, run
        assert "proxy_passwordfile (" in run.stdout + run.stderr, run
        assert f"{file}" in run.stdout + run.stderr


def test_a_proxy_that_allows_other_ports_says_so(start, send):
    run = send(lines(start("http", allowed=443), "tls off"))
    assert run.status == os.EX_TEMPFAIL, run
    assert "it replied 403" in run.stderr, run
    assert "it may allow other ports" in run.stderr
