# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error modes of sendmail (-oe), and the dead letter after a failure."""

import os
import pwd
import stat

import pytest

from dialogue import (DATA, ENVELOPE, MAIL, MESSAGE_ACCEPTED, QUIT, SEND,
                      greet, lines)
from program import MESSAGE, account

REJECTS = lines(greet(), MAIL, "C: RCPT *", "S: 550 5.1.1 no such user", QUIT)
DEFERS = lines(greet(), MAIL, "C: RCPT *", "S: 450 4.2.0 later", QUIT)
ACCEPTS = lines(greet(), MESSAGE_ACCEPTED)
PRINTING = [
    [], ["-oem"], ["-em"], ["-e", "m"], ["-o", "em"], ["-OErrorMode=m"],
    ["-oep"], ["-ep"], ["-e", "p"], ["-OErrorMode=p"], ["-O", "ErrorMode=p"],
    ["-oew"], ["-ew"], ["-OErrorMode=write"],
    ["-oee"], ["-ee"], ["-OErrorMode=e"],
    ["-oex"], ["-oe"],  # unknown or missing mode
    ["-oeq", "-oem"],   # the last one counts
]
QUIET = [["-oeq"], ["-eq"], ["-e", "q"], ["-o", "eq"], ["-OErrorMode=q"],
         ["-O", "ErrorMode=quiet"], ["-oem", "-oeq"]]


def words(argv):
    return " ".join(argv) or "none"


@pytest.mark.parametrize("argv", PRINTING, ids=words)
def test_the_error_goes_to_stderr_in_each_mode_but_quiet(submit, server, argv):
    server.play(REJECTS)
    run = submit(*argv, *SEND, name="sendmail")
    assert run.status == os.EX_NOUSER, run
    assert run.stdout == ""
    assert run.stderr.startswith("sendmail: <bob@example.org>: "), run
    assert run.stderr.count("\n") == 1
    assert run.fields["exit"] == str(run.status)


@pytest.mark.parametrize("argv", QUIET, ids=words)
def test_in_quiet_mode_the_error_goes_only_to_the_log(submit, server, argv):
    server.play(REJECTS)
    run = submit(*argv, *SEND, name="sendmail")
    assert run.status == os.EX_NOUSER, run
    assert run.stdout == run.stderr == "", run
    assert run.fields["exit"] == str(run.status)
    assert "mx.example" in run.log


@pytest.mark.parametrize("mode", "mpwqe")
@pytest.mark.parametrize("transcript, status", [
    (ACCEPTS, 0), (DEFERS, os.EX_TEMPFAIL)], ids=["accepted", "deferred"])
def test_the_exit_status_does_not_depend_on_the_error_mode(
        submit, server, mode, transcript, status):
    server.play(transcript)
    run = submit(f"-oe{mode}", *SEND, name="sendmail")
    assert run.status == status, run
    assert bool(run.stderr) == (status != 0 and mode != "q"), run


@pytest.mark.parametrize("mode", "mpwqe")
def test_the_error_mode_applies_before_connecting(submit, mode):
    """The errors are missing recipients, and an invalid configuration."""
    run = submit("-t", f"-oe{mode}", name="sendmail",
                 stdin=b"Subject: x\n\nx\n")
    assert run.status == os.EX_USAGE, run
    assert bool(run.stderr) == (mode != "q"), run
    run = submit(f"-oe{mode}", *SEND, name="sendmail", config="bad line\n")
    assert run.status == os.EX_CONFIG, run
    assert bool(run.stderr) == (mode != "q"), run
    assert run.fields["exit"] == str(os.EX_CONFIG)


@pytest.mark.parametrize("option", ["-y", "-f", "-bd"])
def test_quiet_mode_applies_to_usage_errors(submit, option):
    run = submit("-oeq", option, name="sendmail", stdin=None)
    assert (run.status, run.stderr) == (os.EX_USAGE, ""), run


def test_each_rejected_recipient_has_a_line(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 550 5.1.1 no such user
        C: RCPT TO:<b@example.org>
        S: 250 ok
        C: RCPT TO:<c@example.org>
        S: 450 4.2.0 later
        C: DATA
        S: 354 go on
        BODY
        S: 250 ok
    """, QUIT))
    run = submit("-oem", "-f", "alice@example.org", "a@example.org",
                 "b@example.org", "c@example.org", name="sendmail")
    assert run.status == os.EX_NOUSER, run
    errors = run.stderr.splitlines()
    assert [line.split(": ")[1] for line in errors[:2]] == [
        "<a@example.org>", "<c@example.org>"]


@pytest.fixture
def as_user(reachable, server):
    """Runs the program as a normal user, neither root nor a system user."""
    user = pwd.getpwnam("nobody")
    program = reachable

    def run(*argv, settings="dead_letter on", transcript=REJECTS,
            status=os.EX_NOUSER, **options):
        path = program.write_config(
            account(server.port, "tls off\n" + settings))
        for owned in (program.folder, program.home, path, program.temporary):
            os.chown(owned, user.pw_uid, user.pw_gid)
        server.play(transcript)
        operands = () if "-bs" in argv else SEND
        result = program.run(*argv, *operands, user=user.pw_uid,
                             group=user.pw_gid, extra_groups=[],
                             name="sendmail", **options)
        server.finish()
        assert result.status == status, result
        return result

    run.folder = program.home / ".local/state/veredus"
    run.letter = run.folder / "dead.letter"
    return run


@pytest.mark.parametrize("mode", "mpwqe")
def test_a_dead_letter_is_saved_in_each_error_mode(as_user, mode):
    run = as_user(f"-oe{mode}")
    assert stat.S_IMODE(as_user.letter.stat().st_mode) == 0o600
    text = as_user.letter.read_bytes()
    assert text.startswith(b"From alice@example.org ")
    assert b"bob@example.org" in text and b"\n\nHello.\n" in text
    assert (str(as_user.letter) in run.stderr) == (mode != "q"), run
    assert str(as_user.letter) in run.log


EIGHT_BIT = MESSAGE + "grün\n".encode()
REJECTS_MESSAGE = lines(greet(), ENVELOPE, DATA, "S: 554 5.6.0 no", QUIT)


def check_letter(letter, run):
    """The dead letter has the completed message; the log has the size of the
    one that was sent, which is larger."""
    text = letter.read_bytes()
    assert "grün\n".encode() in text
    assert b"quoted-printable" not in text
    body = text.split(b"\n\n", 1)[1]
    assert body.startswith(b"Hello.\n")
    # Around it are an mbox line, X-Failed-Recipients, and an empty line.
    message = text.split(b"\n", 2)[2].removesuffix(b"\n")
    assert int(run.fields["size"]) > len(message) + message.count(b"\n")


def test_a_dead_letter_has_the_message_without_downgrade(as_user):
    run = as_user(transcript=REJECTS_MESSAGE, status=os.EX_DATAERR,
                  stdin=EIGHT_BIT)
    check_letter(as_user.letter, run)


def test_bs_saves_a_dead_letter_without_downgrade(as_user):
    sent = b"\n".join([
        b"EHLO client.example", b"MAIL FROM:<alice@example.org>",
        b"RCPT TO:<bob@example.org>", b"DATA", EIGHT_BIT + b".", b"QUIT", b""])
    run = as_user("-bs", transcript=REJECTS_MESSAGE, status=os.EX_OK,
                  stdin=sent.replace(b"\n", b"\r\n"))
    check_letter(as_user.letter, run)


def test_no_dead_letter_is_saved_by_default(as_user):
    run = as_user(settings="")
    assert not as_user.letter.exists()
    assert "letter" not in run.stderr


def test_a_dead_letter_does_not_follow_a_symbolic_link(as_user):
    as_user.folder.mkdir(parents=True)
    os.chmod(as_user.folder, 0o777)
    target = as_user.letter.with_name("target")
    target.write_bytes(b"")
    os.chown(target, 65534, 65534)
    as_user.letter.symlink_to(target)
    as_user()
    assert target.read_bytes() == b""


def test_no_dead_letter_is_saved_for_root(submit, server, program):
    if os.geteuid() != 0:
        pytest.skip("this test must run as root")
    server.play(REJECTS)
    run = submit(*SEND, name="sendmail", settings="tls off\ndead_letter on",
                 stdin=MESSAGE)
    assert run.status == os.EX_NOUSER, run
    assert not (program.home / ".local").exists()


def test_a_dead_letter_of_root_is_saved_in_a_path(submit, server, program):
    server.play(REJECTS)
    letter = program.home / "letters"
    run = submit(*SEND, name="sendmail",
                 settings=f"tls off\ndead_letter {letter}", stdin=MESSAGE)
    assert run.status == os.EX_NOUSER, run
    assert str(letter) in run.log
    assert letter.read_bytes().startswith(b"From alice@example.org ")
