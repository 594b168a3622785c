# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rate, rate_user and rate_recipients: how much an account and a user may send.

The periods are so long that no token comes back during a test; removing the
folder rate/ gives all of them back.
"""

import email.utils
import os
import pwd
import re
import shutil
import socket
import time

import pytest

from dialogue import (BEFORE_FINAL_REPLY, MESSAGE_ACCEPTED, QUIT, SEND, greet,
                      lines)
from program import MESSAGE, account
from queued import QueueFolder, wait_until
from service import ids, needs_users
from sink import Sink

OVER = re.compile(r"450 4\.7\.1|the limit of (user \S+ in )?account default is reached")


@pytest.fixture
def sink():
    sink = Sink()
    yield sink
    sink.stop()


class Account:
    """The account of a user, with limits."""

    def __init__(self, program, sink, folder):
        self.program = program
        self.sink = sink
        self.queue = QueueFolder(folder)

    def configure(self, *settings, mode="off", port=None):
        self.program.write_config(account(
            port or self.sink.port, "\n".join(
                ["tls off", f"queue {mode}", self.queue.settings, *settings]),
            "127.0.0.1"))

    def send(self, *argv, status=0, **options):
        run = self.program.run(*(argv or SEND), **options)
        assert run.status == status, run
        return run

    def run_queue(self, what="-q"):
        return self.program.run(what, stdin=b"")

    def is_full(self, kind):
        """Whether the only limit of that kind has all its tokens."""
        [path] = (self.queue.folder / "rate").glob(f"{kind}-*")
        return int(path.read_text().split()[2]) == 0

    def fill(self):
        """Gives all tokens back."""
        shutil.rmtree(self.queue.folder / "rate")

    def make_due(self):
        """The time that the messages wait for is here."""
        self.fill()
        for path in self.queue.files():
            os.utime(path, (time.time() - 5, time.time() - 5))


@pytest.fixture
def dead_port():
    """A port at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def sender(program, sink, tmp_path):
    return Account(program, sink, tmp_path / "queue")


def told_time(text):
    """Returns the time that the text names, in seconds from now."""
    return told_timestamp(text) - time.time()


def told_timestamp(text):
    return email.utils.parsedate_to_datetime(re.search(
        r"try again at (\w+, \d+ \w+ \d+ [\d:]+ [-+]\d+)", text)[1]).timestamp()


@pytest.mark.parametrize("setting", ["rate", "rate_user", "rate_recipients"])
@pytest.mark.parametrize("over", [None, "refuse", "queue"])
def test_without_a_queue_a_message_over_the_limit_is_refused(
        sender, sink, setting, over):
    sender.configure(f"{setting} 2/10m", f"rate_over {over}" if over else "")
    sender.send()
    sender.send()
    run = sender.send(status=os.EX_TEMPFAIL)
    name = pwd.getpwuid(os.getuid()).pw_name
    whose = f"user {name} in " if setting == "rate_user" else ""
    assert f"the limit of {whose}account default is reached" in run.stderr
    assert f"({setting})" in run.stderr
    assert 200 < told_time(run.stderr) <= 302
    assert "status=4.7.1" in run.log and "code=450" in run.log, run.log
    assert len(sink.messages) == 2
    assert sender.queue.is_empty()
    sender.fill()
    sender.send()


def test_the_burst_is_what_can_be_sent_at_once(sender, sink):
    sender.configure("rate 100/1h 3")
    began = time.time()
    sender.send()
    first = time.time()
    sender.send()
    sender.send()
    run = sender.send(status=os.EX_TEMPFAIL)
    assert began + 35 < told_timestamp(run.stderr) <= first + 38


def test_without_a_limit_there_is_no_folder(sender):
    sender.configure()
    sender.send()
    assert not sender.queue.folder.exists()


def test_a_token_is_given_back_if_nobody_got_the_message(
        sender, sink, dead_port):
    sender.configure("rate 1/1h", "rate_user 1/1h", "rate_recipients 1/1h",
                     port=dead_port)
    for _ in range(3):
        run = sender.send(status=os.EX_TEMPFAIL)
        assert "limit" not in run.stderr
    sender.configure("rate 1/1h", "rate_user 1/1h", "rate_recipients 1/1h")
    sender.send()
    assert "(rate_user)" in sender.send(status=os.EX_TEMPFAIL).stderr


def test_recipients_count_that_got_the_message(sender, sink):
    sender.configure("rate_recipients 3/1h")
    sender.send("-f", "alice@example.org", "a@example.org", "b@example.org")
    run = sender.send("-f", "alice@example.org", "a@example.org",
                      "b@example.org", status=os.EX_TEMPFAIL)
    assert "3 recipients in 1h (rate_recipients)" in run.stderr
    sender.send("-f", "alice@example.org", "c@example.org")
    assert len(sink.messages) == 2


def test_more_recipients_than_the_burst_pass_if_nothing_is_used(sender, sink):
    many = [f"r{i}@example.org" for i in range(8)]
    sender.configure("rate_recipients 5/10m")
    sender.send("-f", "alice@example.org", *many)
    run = sender.send(status=os.EX_TEMPFAIL)
    # Three are a debt, and the next one needs a token of its own.
    assert 450 < told_time(run.stderr) <= 482


@pytest.mark.parametrize("mode", ["on", "always"])
def test_with_a_queue_a_message_over_the_limit_waits(sender, sink, mode):
    sender.configure("rate 1/1h", mode=mode)
    sender.send()
    wait_until(lambda: sink.messages and sender.queue.is_empty())
    run = sender.send()
    assert "queued" in run.log and OVER.search(run.log), run.log
    file = sender.queue.files()[0]
    assert 3000 < file.stat().st_mtime - time.time() < 3602
    assert not any(line.startswith("attempt")
                   for line in sender.queue.journal())
    # It takes its token when a run sends it.
    sender.run_queue()
    sender.run_queue("-qf")
    assert len(sink.messages) == 1
    sender.make_due()
    sender.run_queue("-qf")
    assert len(sink.messages) == 2
    assert sender.queue.is_empty()


def test_a_run_sends_no_more_than_there_are_tokens(sender, sink):
    sender.configure("rate 3/1h", "queue_sessions 4", mode="later")
    for _ in range(7):
        sender.send()
    run = sender.run_queue()
    assert run.status == 0, run
    assert len(sink.messages) == 3
    assert len(sender.queue.files()) == 4
    now = time.time()
    for path in sender.queue.files():
        assert path.stat().st_mtime > now + 600, path
    shown = sender.program.run("-bp", stdin=b"").stdout
    assert OVER.search(shown), shown
    sender.fill()
    sender.run_queue("-qf")
    assert len(sink.messages) == 6


def test_a_run_gives_the_token_back_if_the_server_does_not_work(
        sender, sink, dead_port):
    sender.configure("rate 1/1h", mode="later", port=dead_port)
    sender.send()
    sender.run_queue()
    sender.configure("rate 1/1h", mode="later")
    sender.run_queue("-qf")
    assert len(sink.messages) == 1


@pytest.mark.parametrize("mode", ["on", "always"])
def test_what_the_queue_keeps_gives_its_token_back(
        sender, sink, dead_port, mode):
    sender.configure("rate 1/1h", "rate_user 4/1h", mode=mode, port=dead_port)
    for _ in range(4):
        assert not OVER.search(sender.send().log)
        wait_until(lambda: all(b" next" in path.read_bytes()
                               for path in sender.queue.files()[:1]))
    # The user has handed over four.
    assert "(rate_user)" in sender.send(status=os.EX_TEMPFAIL).stderr
    assert len(sender.queue.files()) == 4
    sender.configure("rate 1/1h", mode=mode)
    sender.run_queue("-qf")
    assert len(sink.messages) == 1


def test_a_process_in_the_background_gives_its_token_back(
        sender, server):
    """The caller of the first message has its answer before the server."""
    server.play(lines(BEFORE_FINAL_REPLY, "HOLD", "S: 451 4.3.0 later",
                      QUIT), lines(greet(), MESSAGE_ACCEPTED))
    sender.configure("rate 1/1h", "queue_wait 1", mode="on", port=server.port)
    sender.send()
    server.release()
    wait_until(lambda: "next" in " ".join(sender.queue.journal()))
    sender.send()
    server.finish()
    assert len(sender.queue.files()) == 1


def test_refuse_also_with_a_queue(sender, sink):
    sender.configure("rate 1/1h", "rate_over refuse", mode="on")
    sender.send()
    sender.send(status=os.EX_TEMPFAIL)
    assert sender.queue.is_empty()


def test_the_limit_of_a_user_refuses_and_takes_nothing_from_the_account(
        sender, sink):
    sender.configure("rate_user 1/1h", "rate 2/1h", mode="on")
    sender.send()
    for _ in range(3):
        assert "(rate_user)" in sender.send(status=os.EX_TEMPFAIL).stderr
    sender.configure("rate 2/1h", mode="on")
    sender.send()
    assert len(sink.messages) == 2
    assert sender.queue.is_empty()


def test_the_limit_of_a_user_counts_what_is_queued_first(sender, sink):
    sender.configure("rate_user 2/1h", mode="later")
    sender.send()
    sender.send()
    sender.send(status=os.EX_TEMPFAIL)
    assert len(sender.queue.files()) == 2
    # The runs have nothing more to ask.
    sender.run_queue()
    assert len(sink.messages) == 2


def test_the_limit_of_a_user_counts_what_waits_for_the_account(sender, sink):
    sender.configure("rate_user 3/1h", "rate 1/1h", mode="on")
    for _ in range(3):
        sender.send()
    assert "(rate_user)" in sender.send(status=os.EX_TEMPFAIL).stderr
    assert len(sink.messages) == 1 and len(sender.queue.files()) == 2


def test_what_cannot_be_queued_does_not_count_for_the_user(sender):
    sender.configure("rate_user 3/1h", "rate 1/1h", mode="on")
    sender.send()
    (sender.queue.folder / "tmp").mkdir(mode=0o755, exist_ok=True)
    (sender.queue.folder / "tmp").chmod(0o755)
    for _ in range(3):
        assert "(rate)" in sender.send(status=os.EX_TEMPFAIL).stderr
    (sender.queue.folder / "tmp").chmod(0o700)
    sender.send()
    sender.send()
    sender.send(status=os.EX_TEMPFAIL)


@pytest.mark.parametrize("mode", ["on", "always"])
def test_a_message_that_is_returned_at_once_does_not_count_for_the_user(
        sender, server, mode):
    """The caller has its answer before the server rejects the message."""
    server.play(*2 * [lines(BEFORE_FINAL_REPLY, "WAIT 2",
                            "S: 550 5.7.1 no", QUIT)])
    sender.configure("rate_user 1/1h", "rate 5/1h", "queue_wait 1",
                     mode=mode, port=server.port)
    for count in 1, 2:
        sender.send()
        # The notices are left.
        wait_until(lambda: sender.is_full("user")
                   and len(sender.queue.files()) == count)
    server.finish()


def test_an_account_shares_the_limits_that_it_inherits(sender, sink):
    settings = sender.queue.settings
    sender.program.write_config("\n".join([
        "defaults", "host 127.0.0.1", f"port {sink.port}", "tls off",
        "from alice@example.org", "domain client.example", settings,
        "rate_recipients 3/1h", "account provider",
        "rate_user 2/1h", "rate 3/1h",
        "account other : provider", "rate 2/1h",
        "account default : provider", ""]))

    def send(name, status=0):
        return sender.send("-a", name, *SEND, status=status)

    send("default")
    send("provider")
    for name in "default", "provider", "other":
        assert "(rate_user)" in send(name, os.EX_TEMPFAIL).stderr
    for path in (sender.queue.folder / "rate").glob("user-*"):
        path.unlink()
    send("default")
    assert "(rate)" in send("provider", os.EX_TEMPFAIL).stderr
    # Its own line is a limit of its own, as one of "defaults" is for each.
    send("other")


def test_the_limit_of_a_user_can_queue(sender, sink):
    sender.configure("rate_user 1/1h", "rate_over queue", mode="on")
    sender.send()
    sender.send()
    sender.run_queue("-qf")
    assert len(sink.messages) == 1
    sender.make_due()
    sender.run_queue("-qf")
    assert len(sink.messages) == 2


def test_a_state_that_cannot_be_written_is_temporary(sender, sink):
    sender.configure("rate 5/1h")
    sender.send()
    folder = sender.queue.folder / "rate"
    file = next(folder.iterdir())
    file.unlink()
    file.symlink_to("/dev/null")
    run = sender.send(status=os.EX_TEMPFAIL)
    assert "cannot count the messages of account default" in run.stderr
    assert "status=4.3.0" in run.log
    file.unlink()
    file.write_bytes(b"damaged")
    for _ in range(5):
        sender.send()
    sender.send(status=os.EX_TEMPFAIL)


@pytest.mark.parametrize("mode", ["off", "on"])
def test_eight_at_once_do_not_exceed_the_burst(sender, sink, mode):
    sender.configure("rate 20/1h 5", mode=mode)
    processes = [sender.program.start(*SEND) for _ in range(8)]
    for process in processes:
        process.communicate(MESSAGE, timeout=60)
    states = [process.returncode for process in processes]
    assert len(sink.messages) == 5
    assert states.count(0) == (5 if mode == "off" else 8), states
    assert len(sender.queue.files()) == (0 if mode == "off" else 3)


# ---- with clients that speak SMTP ----

def dialogue(count):
    """Returns what a client says that sends so many messages."""
    one = ("MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.org>\r\n"
           "DATA\r\n" + MESSAGE.decode().replace("\n", "\r\n") + "\r\n.\r\n")
    return ("EHLO me\r\n" + count * one + "QUIT\r\n").encode()


def test_a_session_whose_server_fails_before_the_message(sender, dead_port):
    """What a user hands over counts, although no server hears of it."""
    sender.configure("rate_user 2/1h", "rate 1/1h", mode="on", port=dead_port)
    run = sender.program.run("-bs", stdin=dialogue(3))
    assert run.stdout.count("250 2.0.0 queued as") == 2, run
    assert re.search(r"(?m)^450 4\.7\.1 .*\(rate_user\)", run.stdout), run
    assert len(sender.queue.files()) == 2


@pytest.mark.parametrize("mode", ["off", "on", "always"])
def test_a_client_over_its_limit_hears_it_at_mail(sender, sink, mode):
    """No message is read in vain, and no token is taken for it."""
    sender.configure("rate_user 1/1h", mode=mode)
    run = sender.program.run("-bs", stdin=dialogue(2))
    mail, rcpt, data = [line for line in run.stdout.splitlines()
                        if line[3:4] == " "][6:9]
    assert re.match(r"450 4\.7\.1 .*\(rate_user\): try again at", mail), run
    assert rcpt[:3] == data[:3] == "503", run
    assert "code=450" in run.log, run
    wait_until(lambda: len(sink.messages) == 1)
    [bucket] = (sender.queue.folder / "rate").glob("user-*")
    before = bucket.read_text()
    run = sender.program.run("-bs", stdin=dialogue(1))
    assert "450 4.7.1" in run.stdout, run
    assert bucket.read_text() == before


def test_a_token_that_comes_soon_lets_a_client_begin(sender, sink):
    """The token is taken when the message has been read."""
    sender.configure("rate_user 20/1m 1")
    run = sender.program.run("-bs", stdin=dialogue(2))
    replies = [line for line in run.stdout.splitlines() if line[3:4] == " "]
    assert [line[:3] for line in replies[-5:]] == [
        "250", "250", "354", "450", "221"], run
    assert len(sink.messages) == 1


@pytest.mark.parametrize("mode", ["off", "on", "always"])
def test_a_session_of_several_messages(sender, sink, mode):
    sender.configure("rate 2/1h", mode=mode)
    run = sender.program.run("-bs", stdin=dialogue(3))
    if mode == "off":
        assert re.search(r"(?m)^450 4\.7\.1 .*\(rate\): try again at",
                         run.stdout), run
    else:
        assert "250 2.0.0 queued as" in run.stdout.splitlines()[-2]
        wait_until(lambda: len(sink.messages) == 2
                   and len(sender.queue.files()) == 1)
        assert OVER.search(run.log), run.log
    assert len(sink.messages) == 2


@needs_users
def test_each_user_of_the_service_has_a_limit(service, sink):
    service.write_config(service.account(
        sink.port, "rate_user 2/1h", "rate 3/1h", service.queue))
    service.start()
    assert service.send(*SEND, user="www-data").status == 0
    assert service.send(*SEND, user="www-data").status == 0
    run = service.send(*SEND, user="www-data")
    assert run.status == os.EX_TEMPFAIL
    assert "(rate_user)" in run.stderr and told_time(run.stderr) > 600
    assert run.fields["code"] == "450" and run.fields["status"] == "4.7.1"
    assert service.send(*SEND, user="daemon").status == 0
    run = service.send(*SEND, user="daemon")
    assert run.status == os.EX_TEMPFAIL and "(rate)" in run.stderr
    assert len(sink.messages) == 3


@needs_users
def test_the_service_queues_over_the_limit_of_the_account(service, sink):
    service.write_config(service.account(
        sink.port, "rate 1/1h", "queue on", service.queue))
    service.start()
    assert service.send(*SEND, user="www-data").status == 0
    assert service.send(*SEND, user="daemon").status == 0
    line = service.wait_for_log("result=queued")
    assert OVER.search(line) and "login=daemon" in line
    assert len(sink.messages) == 1


@needs_users
@pytest.mark.parametrize("mode", ["off", "on"])
def test_clients_at_once_do_not_exceed_the_burst(service, sink, mode):
    service.write_config(service.account(
        sink.port, "rate_user 3/1h", f"queue {mode}", service.queue))
    service.start()
    clients = [service.program.start(
        "--socket", str(service.path), "--domain", "client.example", *SEND,
        **ids("www-data" if i < 5 else "daemon")) for i in range(8)]
    for client in clients:
        client.communicate(MESSAGE, timeout=60)
    codes = sorted(client.returncode for client in clients)
    assert codes == 6 * [0] + 2 * [os.EX_TEMPFAIL]
    assert len(sink.messages) == 6


@needs_users
def test_explain_tells_the_tokens_that_are_left(service, sink):
    service.write_config(service.account(
        sink.port, "rate_user 2/1h", "rate 30/1h 20", service.queue))
    service.start()
    assert service.send(*SEND, user="www-data").status == 0
    shown = service.program.run(
        "--service", "--explain", "-C", str(service.config), "--as",
        "www-data", *SEND, stdin=b"", **ids(service.user)).stdout
    assert re.search(r"(?m)^Rate: +rate_user 1 of 2, rate 19 of 20$",
                     shown), shown
