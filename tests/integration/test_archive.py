# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""archive: a copy of each message that a server took."""

import os
import re

import pytest

from dialogue import BEFORE_FINAL_REPLY, QUIT, SEND, lines
from program import MESSAGE, account
from queued import QueueFolder, wait_until
from service import needs_users
from sink import Sink

RECIPIENTS = ("-f", "alice@example.org", "bob@example.org",
              "carol@example.org")


@pytest.fixture
def sink():
    sink = Sink()
    yield sink
    sink.stop()


def files(folder, place="new"):
    folder = folder / place
    return sorted(folder.iterdir()) if folder.exists() else []


class Account:
    """An account with an archive and a queue."""

    def __init__(self, program, folder):
        self.program = program
        self.archive = folder / "mail" / "sent"
        self.queue = QueueFolder(folder / "queue")

    def configure(self, port, *settings, mode="off"):
        self.program.write_config(account(port, "\n".join(
            ["tls off", f"queue {mode}", self.queue.settings,
             f"archive maildir:{self.archive}", *settings]), "127.0.0.1"))

    def send(self, *argv, status=0, **options):
        run = self.program.run(*(argv or SEND), **options)
        assert status in (None, run.status), run
        return run

    def copies(self, place="new"):
        assert files(self.archive, "tmp") == []
        return [path.read_bytes() for path in files(self.archive, place)]

    def deny(self):
        """Lets nothing be written to the archive."""
        self.archive.parent.mkdir()
        self.archive.write_text("not a folder")

    def allow(self):
        self.archive.unlink()


@pytest.fixture
def sender(program, tmp_path):
    return Account(program, tmp_path)


def test_a_message_that_was_sent_is_kept(sender, sink):
    sender.configure(sink.port)
    sender.send(*RECIPIENTS, stdin=b"Bcc: x@example.org\n" + MESSAGE)
    [copy] = sender.copies()
    fields, _, rest = copy.partition(b"\n")
    assert fields == b"X-Envelope-To: bob@example.org,"
    assert rest.startswith(b"\tcarol@example.org\n")
    sent = sink.messages[0].data.replace(b"\r\n", b"\n")
    assert rest.partition(b"\n")[2] == sent
    assert b"Bcc" not in copy and b"\r" not in copy


def test_only_the_user_can_read_the_archive(sender, sink):
    sender.configure(sink.port)
    sender.send()
    sender.send()
    assert len({path.name for path in files(sender.archive)}) == 2
    for path in files(sender.archive):
        assert path.stat().st_mode & 0o777 == 0o600
        assert re.fullmatch(r"\d+\.M\d{6}P\d+R[0-9a-f]{8}\.[^/:]+,S=\d+", path.name)
    for path in [sender.archive, *sender.archive.iterdir()]:
        assert path.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in sender.archive.iterdir()) == [
        "cur", "new", "tmp"]


@pytest.mark.parametrize("reply, mode, status", [
    ("550 5.7.1 no", "off", os.EX_NOPERM), ("451 4.3.0 later", "off",
                                           os.EX_TEMPFAIL),
    ("451 4.3.0 later", "on", 0)])
def test_a_message_that_was_not_sent_is_not_kept(
        sender, server, reply, mode, status):
    server.play(lines(BEFORE_FINAL_REPLY, f"S: {reply}", QUIT))
    sender.configure(server.port, mode=mode)
    sender.send(status=status)
    server.finish()
    assert sender.copies() == []


def test_the_copy_is_on_the_disk_before_the_end_of_the_message(
        sender, server):
    server.play(lines(BEFORE_FINAL_REPLY, "HOLD", "S: 250 2.0.0 accepted",
                      QUIT))
    sender.configure(server.port)
    process = sender.program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    wait_until(lambda: files(sender.archive, "tmp"))
    assert files(sender.archive) == []
    server.release()
    assert process.wait() == 0
    server.finish()
    assert len(sender.copies()) == 1


@pytest.mark.parametrize("mode", ["always", "later"])
def test_what_was_queued_first_is_kept_when_it_is_sent(sender, sink, mode):
    sender.configure(sink.port, mode=mode)
    for _ in range(3):
        sender.send()
    if mode == "later":
        assert sender.copies() == []
    sender.send("-q", stdin=b"")
    wait_until(lambda: len(sink.messages) == 3 and sender.queue.is_empty())
    wait_until(lambda: len(files(sender.archive)) == 3)
    assert all(copy.startswith(b"X-Envelope-To: bob@example.org\n")
               for copy in sender.copies())


def test_a_process_in_the_background_keeps_its_copy(sender, server):
    server.play(lines(BEFORE_FINAL_REPLY, "HOLD", "S: 250 ok", QUIT))
    sender.configure(server.port, "queue_wait 1", mode="on")
    sender.send()
    server.finish()
    wait_until(lambda: files(sender.archive))
    assert len(sender.copies()) == 1


def test_without_an_archive_the_message_is_sent_and_the_log_says_so(
        sender, sink):
    sender.deny()
    sender.configure(sink.port)
    run = sender.send()
    assert "cannot open the archive" in run.log
    assert len(sink.messages) == 1


def test_who_has_no_system_log_learns_that_there_is_no_copy(
        sender, sink, tmp_path):
    log = tmp_path / "log"
    sender.deny()
    sender.configure(sink.port, "syslog off", f"logfile {log}", mode="later")
    why = f"warning: {sender.archive}: cannot open the archive: it is a file"
    for number, argv in enumerate([("-odi", *SEND), ("-qf",)], start=1):
        sender.send(*SEND) if argv == ("-qf",) else None
        before = log.read_text().count(why) if log.exists() else 0
        run = sender.send(*argv)
        assert len(sink.messages) == number
        [line] = run.stderr.splitlines()
        assert line.startswith(f"veredus: {why}")
        assert log.read_text().count(why) == before + 1
        assert run.log == ""


def test_who_wants_no_output_gets_no_warning(sender, sink):
    sender.deny()
    sender.configure(sink.port, mode="later")
    for argv, name in (["-oeq", "-odi"], "veredus"), (["-odi"], "sendmail"):
        run = sender.send(*argv, *SEND, name=name)
        assert run.stderr == "" and "cannot open the archive" in run.log
    sender.send()
    run = sender.send("-qf", "-oeq", stdin=b"")
    assert run.stderr == "" and "cannot open the archive" in run.log


def test_an_archive_that_is_required(sender, sink):
    sender.deny()
    sender.configure(sink.port, "archive_required on")
    run = sender.send(status=os.EX_TEMPFAIL)
    assert "cannot open the archive" in run.stderr
    assert "status=4.3.0" in run.log
    assert sink.messages == []


def test_a_queue_keeps_what_cannot_be_archived(sender, sink):
    sender.deny()
    sender.configure(sink.port, "archive_required on", mode="on")
    sender.send()
    sender.send("-qf", stdin=b"")
    assert sink.messages == [] and len(sender.queue.files()) == 1
    sender.allow()
    sender.send("-qf", stdin=b"")
    assert len(sink.messages) == len(sender.copies()) == 1


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o775, 0o700])
def test_a_folder_of_the_user_keeps_its_mode(sender, sink, mode):
    sender.archive.mkdir(parents=True)
    sender.archive.chmod(mode)
    sender.configure(sink.port, "archive_required on")
    sender.send()
    assert len(sender.copies()) == 1
    assert sender.archive.stat().st_mode & 0o777 == mode
    [copy] = files(sender.archive)
    assert copy.stat().st_mode & 0o777 == 0o600


def to_nothing(path):
    path.symlink_to("nowhere")


def to_a_folder(path):
    folder = path.parent / "other"
    folder.mkdir(mode=0o700)
    path.symlink_to(folder)


def give_away(path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    path.mkdir(mode=0o750)
    os.chown(path, 65534, 65534)


@pytest.mark.parametrize("inside", [".", "tmp", "new"])
@pytest.mark.parametrize("make, why", [
    (to_nothing, "it is a symbolic link"),
    (to_a_folder, "it is a symbolic link"),
    (lambda path: path.write_text("text"), "it is a file"),
    (lambda path: os.mkfifo(path), "it is a pipe"),
    (give_away, "belongs to 65534 (mode 0750)")])
def test_the_check_finds_what_sending_finds(sender, sink, inside, make, why):
    path = sender.archive / inside
    path.parent.mkdir(parents=True)
    make(path)
    sender.configure(sink.port, "archive_required on")
    run = sender.send("--check", "--offline", status=None)
    [line] = [line for line in run.stdout.splitlines()
              if line.split()[:2] == ["fail", "archive"]]
    assert f"{path}: cannot open the archive: " in line and why in line
    if inside != "new":
        run = sender.send(status=os.EX_TEMPFAIL)
        assert f"{path}: cannot open the archive: " in run.stderr
        assert why in run.stderr and not sink.messages


def test_a_symbolic_link_is_not_followed(sender, sink, tmp_path):
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    sender.archive.parent.mkdir(mode=0o700)
    sender.archive.symlink_to(other)
    sender.configure(sink.port, "archive_required on")
    sender.send(status=os.EX_TEMPFAIL)
    sender.archive.unlink()
    sender.archive.mkdir(mode=0o700)
    (sender.archive / "tmp").symlink_to(other)
    sender.send(status=os.EX_TEMPFAIL)
    assert list(other.iterdir()) == []


def test_a_session_of_several_messages(sender, sink):
    sender.configure(sink.port)
    text = ("EHLO me\r\n" + 2 * (
        "MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.org>\r\n"
        "DATA\r\n" + MESSAGE.decode().replace("\n", "\r\n") + ".\r\n")
        + "QUIT\r\n")
    sender.send("-bs", stdin=text.encode())
    assert len(sender.copies()) == 2


@needs_users
def test_the_service_archives_for_all_users(service, sink):
    folder = service.state / "archive"
    service.write_config(service.account(
        sink.port, f"archive maildir:{folder}", service.queue))
    service.start()
    for user in "www-data", "daemon":
        assert service.send(*SEND, user=user).status == 0
    assert len(files(folder)) == 2
    assert b"daemon" in b"".join(path.read_bytes() for path in files(folder))
