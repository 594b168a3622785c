# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When it fails and nobody looks: -oe, and the letter that is kept."""

import os
import pwd
import shutil
import stat

import pytest

from dialogue import (DATA, ENVELOPE, MAIL, MESSAGE_TAKEN, QUIT, SEND, greet,
                      lines)
from program import MESSAGE, Program, account, make_folder

REFUSES = lines(greet(), MAIL, "C: RCPT *", "S: 550 5.1.1 no such user", QUIT)
DEFERS = lines(greet(), MAIL, "C: RCPT *", "S: 450 4.2.0 later", QUIT)
TAKES = lines(greet(), MESSAGE_TAKEN)
TELLING = [
    [], ["-oem"], ["-em"], ["-e", "m"], ["-o", "em"], ["-OErrorMode=m"],
    ["-oep"], ["-ep"], ["-e", "p"], ["-OErrorMode=p"], ["-O", "ErrorMode=p"],
    ["-oew"], ["-ew"], ["-OErrorMode=write"],
    ["-oee"], ["-ee"], ["-OErrorMode=e"],
    ["-oex"], ["-oe"],  # no mode at all
    ["-oeq", "-oem"],   # the last one counts
]
QUIET = [["-oeq"], ["-eq"], ["-e", "q"], ["-o", "eq"], ["-OErrorMode=q"],
         ["-O", "ErrorMode=quiet"], ["-oem", "-oeq"]]


def words(argv):
    return " ".join(argv) or "none"


@pytest.mark.parametrize("argv", TELLING, ids=words)
def test_the_text_goes_to_stderr(submit, server, argv):
    server.play(REFUSES)
    run = submit(*argv, *SEND, name="sendmail")
    assert run.status == os.EX_NOUSER, run
    assert run.stdout == ""
    assert run.stderr.startswith("sendmail: <bob@example.org>: "), run
    assert run.stderr.count("\n") == 1
    assert run.fields["exit"] == str(run.status)


@pytest.mark.parametrize("argv", QUIET, ids=words)
def test_quiet_goes_to_the_log_only(submit, server, argv):
    server.play(REFUSES)
    run = submit(*argv, *SEND, name="sendmail")
    assert run.status == os.EX_NOUSER, run
    assert run.stdout == run.stderr == "", run
    assert run.fields["exit"] == str(run.status)
    assert "mx.example" in run.log


@pytest.mark.parametrize("mode", "mpwqe")
@pytest.mark.parametrize("transcript, status", [
    (TAKES, 0), (DEFERS, os.EX_TEMPFAIL)], ids=["taken", "deferred"])
def test_no_mode_changes_the_exit_status(
        submit, server, mode, transcript, status):
    server.play(transcript)
    run = submit(f"-oe{mode}", *SEND, name="sendmail")
    assert run.status == status, run
    assert bool(run.stderr) == (status != 0 and mode != "q"), run


@pytest.mark.parametrize("mode", "mpwqe")
def test_modes_hold_before_any_session(submit, mode):
    """No recipients, and no account."""
    run = submit("-t", f"-oe{mode}", name="sendmail",
                 stdin=b"Subject: x\n\nx\n")
    assert run.status == os.EX_USAGE, run
    assert bool(run.stderr) == (mode != "q"), run
    run = submit(f"-oe{mode}", *SEND, name="sendmail", config="bad line\n")
    assert run.status == os.EX_CONFIG, run
    assert bool(run.stderr) == (mode != "q"), run
    assert run.fields["exit"] == str(os.EX_CONFIG)


@pytest.mark.parametrize("option", ["-y", "-f", "-bd"])
def test_quiet_hides_a_wrong_option_too(submit, option):
    run = submit("-oeq", option, name="sendmail", stdin=None)
    assert (run.status, run.stderr) == (os.EX_USAGE, ""), run


def test_each_refused_recipient_has_its_line(submit, server):
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
    told = run.stderr.splitlines()
    assert [line.split(": ")[1] for line in told[:2]] == [
        "<a@example.org>", "<c@example.org>"]


@pytest.fixture
def person(binary, preload, server):
    """Runs the program as somebody who is neither root nor a service."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a program as another user")
    user = pwd.getpwnam("nobody")
    folder = make_folder()
    copies = [shutil.copy(path, folder) for path in (binary, preload)]
    program = Program(copies[0], folder / "program", copies[1])

    def run(*argv, settings="dead_letter on", transcript=REFUSES,
            status=os.EX_NOUSER, **options):
        path = program.write_config(
            account(server.port, "tls off\n" + settings))
        for place in (program.folder, program.home, path, program.temporary):
            os.chown(place, user.pw_uid, user.pw_gid)
        server.play(transcript)
        operands = () if "-bs" in argv else SEND
        result = program.run(*argv, *operands, user=user.pw_uid,
                             group=user.pw_gid, extra_groups=[],
                             name="sendmail", **options)
        server.finish()
        assert result.status == status, result
        return result

    run.letter = program.home / "dead.letter"
    yield run
    shutil.rmtree(folder)


@pytest.mark.parametrize("mode", "mpwqe")
def test_a_dead_letter_is_kept_in_each_mode(person, mode):
    run = person(f"-oe{mode}")
    assert stat.S_IMODE(person.letter.stat().st_mode) == 0o600
    text = person.letter.read_bytes()
    assert text.startswith(b"From alice@example.org ")
    assert b"bob@example.org" in text and b"\n\nHello.\n" in text
    assert (str(person.letter) in run.stderr) == (mode != "q"), run
    assert str(person.letter) in run.log


EIGHT_BIT = MESSAGE + "grün\n".encode()
REFUSES_MESSAGE = lines(greet(), ENVELOPE, DATA, "S: 554 5.6.0 no", QUIT)


def check_whole(letter, run):
    """What is kept, and what the log tells of, is the completed message."""
    text = letter.read_bytes()
    assert "grün\n".encode() in text
    assert b"quoted-printable" not in text
    kept = text.split(b"\n\n", 1)[1]
    assert kept.startswith(b"Hello.\n")
    # On top are an mbox line and X-Failed-Recipients, below an empty line.
    message = text.split(b"\n", 2)[2].removesuffix(b"\n")
    assert int(run.fields["size"]) == len(message) + message.count(b"\n")


def test_a_dead_letter_is_the_message_and_not_what_the_server_can_take(person):
    run = person(transcript=REFUSES_MESSAGE, status=os.EX_DATAERR,
                 stdin=EIGHT_BIT)
    check_whole(person.letter, run)


def test_so_it_is_with_bs(person):
    sent = b"\n".join([
        b"EHLO client.example", b"MAIL FROM:<alice@example.org>",
        b"RCPT TO:<bob@example.org>", b"DATA", EIGHT_BIT + b".", b"QUIT", b""])
    run = person("-bs", transcript=REFUSES_MESSAGE, status=os.EX_OK,
                 stdin=sent.replace(b"\n", b"\r\n"))
    check_whole(person.letter, run)


def test_no_dead_letter_unless_it_is_asked_for(person):
    run = person(settings="")
    assert not person.letter.exists()
    assert "letter" not in run.stderr


def test_a_link_is_not_followed(person):
    victim = person.letter.with_name("victim")
    victim.write_bytes(b"")
    os.chown(victim, 65534, 65534)
    person.letter.symlink_to(victim)
    person()
    assert victim.read_bytes() == b""


def test_root_keeps_no_dead_letter(submit, server, program):
    if os.geteuid() != 0:
        pytest.skip("this is about root")
    server.play(REFUSES)
    run = submit(*SEND, name="sendmail", settings="tls off\ndead_letter on",
                 stdin=MESSAGE)
    assert run.status == os.EX_NOUSER, run
    assert not (program.home / "dead.letter").exists()
