# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals in each stage: an incomplete message never ends with a dot.

A signal that asks the program to end is never the end without a word: the
exit status is 75, and standard error and the log have one line each.
"""

import fcntl
import os
import pathlib
import signal
import socket
import termios
import threading
import time

import pytest

from dialogue import (ACCEPTED, BEFORE_FINAL_REPLY, DATA, ENVELOPE, MAIL, QUIT,
                      RCPT, SEND, greet, lines)
from dns_stub import DnsStub
from kernel import send_signal, wait_until_asleep
from program import MESSAGE, account

BIG = MESSAGE + (b"y" * 70 + b"\n") * 200000
STAGES = {
    "greeting": ("", "EOF"),
    "ehlo": ("S: 220 mx.example\nC: EHLO *", "C? QUIT\nEOF"),
    "mail": (lines(greet(), "C: MAIL *"), "C? QUIT\nEOF"),
    "rcpt": (lines(greet(), MAIL, "C: RCPT *"), "C? QUIT\nEOF"),
    "data": (lines(greet(), ENVELOPE, "C: DATA"), "C? QUIT\nEOF"),
}


ENDING = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGXCPU]
IGNORED = [signal.SIGPIPE, signal.SIGXFSZ, signal.SIGALRM, signal.SIGVTALRM,
           signal.SIGPROF, signal.SIGIO, signal.SIGUSR1, signal.SIGUSR2,
           signal.SIGCHLD, signal.SIGWINCH]


def check_end(run, *words, logged=True):
    """Checks the one line on standard error, and the one in the log."""
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr.count("\n") == 1, run
    for word in words:
        assert word in run.stderr, run
    if logged:
        assert run.fields["exit"] == "75", run
        assert run.fields["result"] in ("deferred", "uncertain"), run


@pytest.fixture
def signalled(program, server):
    """Starts the program and sends the signal at the end of `before`."""

    def signalled(before, after, number, message=MESSAGE, count=1, argv=SEND,
                  **popen):
        server.play(lines(before, "EVENT", "HOLD", after))
        program.write_config(account(server.port, "tls off"))
        process = program.start(*argv, **popen)
        feeder = threading.Thread(target=feed, args=(process, message))
        feeder.start()
        assert server.reached.wait(60), "the stage was never reached"
        wait_until_asleep(process)
        for _ in range(count):
            process.send_signal(number)
        server.release()
        feeder.join()
        process.stdin = None
        run = program.end(process)
        server.finish()
        return run

    return signalled


def feed(process, message):
    try:
        process.stdin.write(message)
        process.stdin.close()
    except BrokenPipeError:
        pass


@pytest.fixture
def ended(program, server):
    """Sends the signal when `begun` says so; the server plays nothing."""

    def ended(number, begun, argv=SEND, message=MESSAGE, settings="tls off",
              config=None,
              open_input=False):
        server.play()
        program.write_config(config or account(server.port, settings))
        process = program.start(*argv)
        process.stdin.write(message)
        process.stdin.flush()
        if not open_input:
            process.stdin.close()
            process.stdin = None
        begun(process)
        process.send_signal(number)
        run = program.end(process)
        server.finish()
        return run

    return ended


def read_all(process):
    """Waits until the program has read its input and sleeps."""
    status = pathlib.Path(f"/proc/{process.pid}/status")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        unread = fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4))
        if unread == bytes(4) and "State:\tS" in status.read_text():
            return
        time.sleep(0.05)
    raise AssertionError("the input was not read")


@pytest.mark.parametrize("number", ENDING)
@pytest.mark.parametrize("stage", STAGES)
def test_a_signal_ends_the_session_in_each_stage(
        signalled, server, stage, number):
    run = signalled(*STAGES[stage], number)
    check_end(run, f"signal {number:d}")
    assert server.message is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_message_is_sent_leaves_it_incomplete(
        signalled, server, number):
    run = signalled(lines(greet(), ENVELOPE, "C: DATA\nS: 354 go on",
                          "READ 1000"), "DRAIN", number, BIG)
    check_end(run)
    assert not server.clear.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in server.clear


def test_a_signal_after_the_final_reply_changes_no_result(signalled):
    size = len(MESSAGE) + MESSAGE.count(b"\n")
    run = signalled(lines(greet("PIPELINING", "CHUNKING"), f"""
        C: MAIL *
        C: RCPT *
        C: BDAT {size} LAST
        CHUNK {size}
        C: QUIT
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        S: 250 2.0.0 queued
    """), "EOF", signal.SIGTERM)
    assert run.status == 0, run


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_after_the_final_dot_leaves_the_result_uncertain(
        signalled, server, number):
    run = signalled(BEFORE_FINAL_REPLY, "EOF", number)
    check_end(run, "may have been delivered")
    assert run.fields["result"] == "uncertain"


@pytest.mark.parametrize("number", [*ENDING, signal.SIGHUP])
def test_a_signal_while_the_message_is_read_sends_nothing(ended, number):
    run = ended(number, read_all, open_input=True)
    check_end(run, f"signal {number:d}", "nothing was sent")


def test_a_signal_while_the_input_is_read_with_recipients_in_it(ended):
    run = ended(signal.SIGTERM, read_all, ["-t"], open_input=True)
    check_end(run, "nothing was sent")


def test_a_signal_ends_the_wait_for_the_end_of_a_rejected_input(ended):
    """After an error the rest of the input is read, so that its writer gets
    the exit status."""
    run = ended(signal.SIGTERM, read_all, ["-f", "a@example.org"],
                open_input=True, config="account default\nnonsense\n")
    assert run.status == os.EX_CONFIG, run


@pytest.mark.parametrize("argv", [
    SEND, ["--serverinfo"], ["--probe"], ["--rmqs=example.org"]])
def test_a_signal_ends_each_mode_that_uses_the_network(
        signalled, server, argv):
    run = signalled("", "EOF", signal.SIGTERM, argv=argv)
    check_end(run, "signal 15", logged=argv is SEND)


def silent_listener():
    """A socket whose queue is full: the kernel drops further connections."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    clients = []
    for _ in range(4):
        clients.append(socket.socket())
        clients[-1].setblocking(False)
        clients[-1].connect_ex(listener.getsockname())
    return listener, clients


@pytest.mark.parametrize("argv", [SEND, ["--serverinfo"]])
def test_a_signal_ends_an_attempt_to_connect(ended, argv):
    listener, clients = silent_listener()
    port = listener.getsockname()[1]
    run = ended(signal.SIGTERM, wait_until_asleep, argv,
                config=account(port, "tls off"))
    check_end(run, "signal 15", logged=argv is SEND)
    assert run.seconds < 10, run
    for opened in (listener, *clients):
        opened.close()


@pytest.mark.parametrize("argv", [SEND, ["--serverinfo"], ["--probe"]])
def test_a_signal_ends_a_lookup(program, ended, argv):
    program.hosts["slow.example"] = "hang"
    run = ended(signal.SIGTERM, wait_until_asleep, argv,
                config=account(25, "tls off", "slow.example"))
    check_end(run, "signal 15", logged=argv is SEND)
    assert run.seconds < 10, run


@pytest.mark.parametrize("argv", [
    SEND, ["--probe", *SEND], ["--explain", *SEND], ["--configure=a@x.test"]])
def test_a_signal_ends_a_search_for_servers(ended, argv):
    dns = DnsStub()
    dns.silent = True
    config = lines("account default", "host mx", dns.setting) + "\n"
    if argv[0].startswith("--configure"):
        argv = [*argv, f"--dns-server={dns.address}:{dns.port}"]
    run = ended(signal.SIGTERM, wait_until_asleep, argv,
                config=config)
    dns.stop()
    check_end(run, "signal 15", logged=argv is SEND)
    assert run.seconds < 10, run


@pytest.fixture
def end_bs(program, server):
    """Sends signals to -bs, which waits for the final reply of the server."""

    def end_bs(after, signals=1, settings=""):
        server.play(lines(BEFORE_FINAL_REPLY, "EVENT", after))
        program.write_config(account(server.port, f"tls off\n{settings}"))
        process = program.start("-bs")
        process.stdin.write(b"EHLO x\r\nMAIL FROM:<alice@example.org>\r\n"
                            b"RCPT TO:<bob@example.org>\r\nDATA\r\n"
                            b"Subject: x\r\n\r\nx\r\n.\r\n")
        process.stdin.flush()
        assert server.reached.wait(60)
        for _ in range(signals):
            send_signal(process, signal.SIGTERM)
        server.release()
        run = program.end(process)
        server.finish()
        assert run.status == os.EX_TEMPFAIL, run
        assert run.stdout.splitlines()[-1].startswith("421 4.3.2 "), run
        return run, run.stdout.splitlines()[-2]

    return end_bs


def test_a_second_signal_ends_bs_after_the_final_dot_with_an_uncertain_result(
        end_bs):
    run, reply = end_bs("EOF", signals=2)
    assert "result=uncertain" in run.log
    assert reply.startswith("451 ") and "may have been delivered" in reply


@pytest.mark.parametrize("mode", ["off", "on"])
@pytest.mark.parametrize("said", ["250 2.0.0 accepted", "554 5.7.1 spam"])
def test_after_a_signal_bs_tells_the_final_reply_of_the_server(
        end_bs, queue, mode, said):
    run, reply = end_bs(f"HOLD\nS: {said}\nC? QUIT\nDRAIN", settings=(
        f"queue {mode}\nqueue_wait 20s\nqueue_dir {queue.folder}"))
    assert reply.startswith(said[:9]) and said[10:] in reply, run
    assert "queued" not in run.log, run
    # The signal itself ends no transaction.
    assert run.log.count("result=") == 1, run
    assert mode == "off" or queue.is_empty()


def test_bs_queues_what_it_does_not_know_with_the_reason(end_bs, queue):
    run, reply = end_bs("EOF", signals=2, settings=(
        f"queue on\nqueue_dir {queue.folder}"))
    assert reply.startswith("250 2.0.0 queued as "), run
    begun, deferred = queue.journal()[:2]
    assert begun == "attempt"
    assert "the message may have been delivered" in deferred


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_the_command_for_the_password(ended, tmp_path, number):
    def begun(process):
        end = time.monotonic() + 20
        while not (tmp_path / "begun").exists() and time.monotonic() < end:
            time.sleep(0.05)

    run = ended(number, begun, config=account(25, lines(
        "tls off", "auth plain", "user bob",
        f"passwordeval touch {tmp_path}/begun && sleep 100"), "127.0.0.1"))
    check_end(run, "signal")
    assert run.seconds < 10, run


@pytest.mark.parametrize("number", [
    signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_that_the_caller_ignores_stays_ignored(signalled, number):
    """As with nohup, and with a shell's job in the background."""
    run = signalled(lines(greet(), "C: MAIL *"), lines(
        "S: 250 ok", RCPT, DATA, ACCEPTED, QUIT), number,
        preexec_fn=lambda: signal.signal(number, signal.SIG_IGN))
    assert run.status == 0, run


def test_sigterm_ends_even_a_caller_that_ignores_it(signalled):
    run = signalled(*STAGES["mail"], signal.SIGTERM,
                    preexec_fn=lambda: signal.signal(signal.SIGTERM,
                                                     signal.SIG_IGN))
    check_end(run)


def test_200_signals_have_the_effect_of_one(signalled, server):
    run = signalled(lines(greet(), "C: MAIL *"), "C? QUIT\nEOF",
                    signal.SIGTERM, count=200)
    check_end(run)


@pytest.mark.parametrize("number", IGNORED)
def test_other_signals_are_ignored(signalled, number):
    run = signalled(lines(greet(), "C: MAIL *"), lines(
        "S: 250 ok", "C: RCPT *", "S: 250 ok", "C: DATA", "S: 354 go on",
        "BODY", "S: 250 ok", QUIT), number)
    assert run.status == 0, run


def test_a_stopped_process_still_reads_the_final_reply(program, server):
    server.play(lines(BEFORE_FINAL_REPLY, "EVENT", "WAIT 0.3", "S: 250 ok",
                      "C: QUIT"))
    program.write_config(account(server.port, "tls off\ntimeout 10"))
    process = program.start(*SEND)
    feed(process, MESSAGE)
    assert server.reached.wait(60)
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    process.send_signal(signal.SIGCONT)
    process.stdin = None
    run = program.end(process)
    server.finish()
    assert run.status == 0, run
