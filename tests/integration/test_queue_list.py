# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailq, --queue-list and --queue-show."""

import os
import pty
import re
import resource
import time

import pytest

import json_output
from queue_files import MESSAGE, Queue

NOW = int(time.time() * 1000)
EMPTY = "Mail queue is empty\n"
HEADINGS = ("----Queue ID----- --Size-- ---Arrival Time---- "
            "--Sender/Recipient------")
REPLY = "450 4.2.0 greylisted, come back"
DEFERRED = [f"{NOW} attempt", f"{NOW} deferred 1 450 4.2.0 mx.example {REPLY}",
            f"{NOW} next {NOW + 600000}"]
# The line of a message as programs that know Postfix split it.
MESSAGE_LINE = re.compile(
    r"^([0-9A-Za-z]+)([*! ]) +(\d+) (\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d) "
    r"(\S+)$")


@pytest.fixture
def mailq(program):
    def mailq(*argv, name="mailq", **options):
        run = program.run(*argv, name=name, stdin=None, **options)
        assert (run.status, run.stderr) == (0, ""), run
        return run.stdout

    return mailq


@pytest.fixture
def veredus(program):
    def veredus(*argv, status=0, **options):
        run = program.run(*argv, stdin=None, **options)
        assert run.status == status, run
        return run

    return veredus


def objects(run):
    return json_output.objects("queued", run.stdout)


# ---- the listing ----

@pytest.mark.parametrize("name, argv", [
    ("mailq", []), ("sendmail", ["-bp"]), ("veredus", ["-bp"]),
    ("veredus", ["--queue-list"])])
def test_an_empty_queue_says_so(mailq, spool, name, argv):
    assert mailq(*argv, name=name) == EMPTY


def test_a_queue_that_does_not_exist_is_empty_and_is_not_made(
        mailq, program):
    path = program.folder / "nowhere"
    program.write_config(f"host mx.example\nqueue_dir {path}\n")
    assert mailq() == EMPTY
    assert not path.exists()


def test_the_queue_of_a_user_is_in_the_state_directory(mailq, program):
    if os.getuid() == 0:
        pytest.skip("root has the queue of the system")
    program.write_config("host mx.example\n")
    queue = Queue(program.home / ".local/state/veredus/queue")
    name = queue.add()
    assert name in mailq()


def test_lists_a_message_as_postfix_does(mailq, spool):
    name = spool.add(["bob@example.org"], DEFERRED)
    lines = mailq().splitlines()
    assert lines[0] == HEADINGS
    matched = MESSAGE_LINE.match(lines[1])
    assert matched, lines[1]
    assert matched.group(1, 2, 5) == (name, " ", "alice@example.org")
    assert int(matched[3]) == len(b"\n".join(MESSAGE))
    # A short reason ends where Postfix ends it.
    assert lines[2] == f"(host mx.example said: {REPLY})".rjust(78)
    assert lines[3] == " " * 47 + "bob@example.org"
    assert lines[4:] == ["", "-- 0 Kbytes in 1 Request."]


def test_lists_the_oldest_message_first_wherever_it_is(mailq, spool):
    names = [spool.add(age=age, place=place) for age, place in [
        (30, "queue"), (300, "hold"), (3000, "queue"), (30000, "hold"),
        (10, "queue")]]
    listed = [match[1] for match in map(
        MESSAGE_LINE.match, mailq().splitlines()) if match]
    assert listed == sorted(names)


def test_marks_messages_that_are_active_or_on_hold(mailq, spool):
    names = [spool.add(), spool.add(place="hold"), spool.add()]
    with spool.lock(names[2]):
        lines = mailq().splitlines()
    marks = {match[1]: match[2] for match in map(MESSAGE_LINE.match, lines)
             if match}
    assert [marks[name] for name in names] == [" ", "!", "*"]


def test_counts_messages_and_kilobytes(mailq, spool):
    for _ in range(3):
        spool.add(message=(b"Subject: x\n", b"y" * 1023 + b"\n"))
    assert mailq().endswith("\n-- 3 Kbytes in 3 Requests.\n")


def test_does_not_list_what_failed_or_is_done(mailq, spool):
    spool.add(place="failed")
    spool.add(journal=[f"{NOW} delivered 1 250 2.0.0 mx.example",
                       f"{NOW} done"])
    assert mailq() == EMPTY


def test_lists_only_the_recipients_that_are_left(mailq, spool):
    spool.add(["b1@x.example", "b2@x.example", "b3@x.example"], [
        f"{NOW} attempt", f"{NOW} delivered 1 250 2.0.0 mx.example",
        f"{NOW} failed 2 550 5.1.1 mx.example 550 5.1.1 unknown",
        f"{NOW} deferred 3 450 4.2.0 mx.example {REPLY}"])
    listing = mailq()
    assert "b3@x.example" in listing
    assert "b1@" not in listing and "b2@" not in listing
    assert "5.1.1" not in listing


def test_prints_a_reason_once_for_recipients_that_share_it(mailq, spool):
    deferred = [f"{NOW} deferred {n} 450 4.2.0 mx.example {REPLY}"
                for n in (1, 2, 4)]
    spool.add([f"b{n}@example.org" for n in range(1, 6)],
              [*deferred, f"{NOW} deferred 3 0 4.4.1 - cannot connect"])
    lines = [line.strip() for line in mailq().splitlines()[2:]]
    reply = f"(host mx.example said: {REPLY})"
    assert lines[:9] == [
        reply, "b1@example.org", "b2@example.org", "(cannot connect)",
        "b3@example.org", reply, "b4@example.org", "(reason unavailable)",
        "b5@example.org"]


@pytest.mark.parametrize("changes", [{"sender": ""}, {"notice": ""}])
def test_the_sender_of_a_notice_is_the_mailer_daemon(mailq, spool, changes):
    spool.add(**changes)
    assert " MAILER-DAEMON\n" in mailq()


def test_verbose_shows_attempts_and_the_next_one(mailq, spool):
    spool.add(journal=DEFERRED)
    spool.add()
    spool.add(place="hold")
    active = spool.add()
    with spool.lock(active):
        listing = mailq("-v")
    next_one = time.strftime("%a %b %e %H:%M:%S", time.localtime(
        (NOW + 600000) // 1000))
    assert f"(1 attempt, the next one at {next_one})\n" in listing
    assert "(0 attempts, the next one is due)\n" in listing
    assert "(0 attempts, on hold)\n" in listing
    assert "(0 attempts, being delivered)\n" in listing


def test_an_option_names_another_queue(veredus, spool, tmp_path):
    name = Queue(tmp_path / "other").add()
    run = veredus(f"--queue-dir={tmp_path}/other", "--queue-list")
    assert name in run.stdout


def test_accounts_with_different_queues_are_an_error(program, veredus):
    program.write_config("account a\nhost x.example\nqueue_dir /a\n"
                         "account b\nhost x.example\nqueue_dir /b\n")
    assert "queue_dir" in veredus("-bp", status=78).stderr


def test_a_broken_configuration_is_an_error(program, veredus):
    program.write_config("nonsense\n")
    veredus("-bp", status=78)


# ---- text from files ----

def test_text_from_files_is_printable(mailq, veredus, spool):
    """Journal lines may have any octets; a head with controls is damaged."""
    hostile = b"\xff\xc2\x9b2J\xe2\x80\xae|\x7f \x1b[2J"
    spool.add(["j\u00fcrgen@example.org"], [
        b"%d deferred 1 450 4.2.0 mx.example " % NOW + hostile])
    listing = mailq()
    assert "(host mx.example said: ??2J?|? ?[2J)" in listing
    assert "j\u00fcrgen@example.org" in listing
    [found] = objects(veredus("--queue-list", "--json"))
    assert "?[2J" in found["recipients"][0]["delay_reason"]
    assert "\ufffd" in found["last_reply"]


# ---- JSON ----

def test_json_has_the_members_of_postfix_and_more(veredus, spool):
    name = spool.add(["bob@example.org", "carol@example.net"], DEFERRED,
                     age=100)
    [found] = objects(veredus("--queue-list", "--json"))
    assert abs(found.pop("arrival_time") + 100 - time.time()) < 60
    assert found == {
        "queue_name": "deferred", "queue_id": name, "message_size": 68,
        "forced_expire": False, "sender": "alice@example.org",
        "recipients": [
            {"address": "bob@example.org",
             "delay_reason": f"host mx.example said: {REPLY}"},
            {"address": "carol@example.net"}],
        "attempts": 1, "next_attempt": (NOW + 600000) // 1000,
        "account": "default", "last_reply": REPLY}


def test_json_names_the_queue_of_each_message(veredus, spool):
    expected = {
        spool.add(): "incoming", spool.add(journal=DEFERRED): "deferred",
        spool.add(place="hold"): "hold",
        spool.add(place="failed", journal=[
            f"{NOW} failed 1 550 5.1.1 mx.example 550 no"]): "failed"}
    active = spool.add(journal=DEFERRED)
    expected[active] = "active"
    with spool.lock(active):
        found = objects(veredus("--queue-list", "--json"))
    assert {item["queue_id"]: item["queue_name"] for item in found} == expected
    for item in found:
        assert (item["next_attempt"] is None) == (
            item["queue_name"] in ("hold", "failed"))
        assert len(item["recipients"]) == 1


def test_json_of_an_empty_queue_is_nothing(veredus, spool):
    assert veredus("--queue-list", "--json").stdout == ""


# ---- files that are no messages ----

def damage_head(data):
    return data.replace(b"account", b"acc\x1bount")


def cut(data):
    return data[:-10]


def damage_journal(data):
    return data + b"00000000 1 attempt\n00000000 2 attempt\n"


@pytest.mark.parametrize("damage, said", [
    (damage_head, "line 4 of the head is damaged"), (cut, "it is too short"),
    (damage_journal, "line 1 of the journal is damaged"),
    (lambda data: b"", "its head has no end"),
    (lambda data: b"\0" * 100, "its head has no end"),
    (lambda data: b"veredus\n\n" + data, "does not begin with a version"),
])
def test_a_damaged_message_is_a_warning(veredus, spool, damage, said):
    good, bad = spool.add(), spool.add()
    spool.write(bad, damage(spool.file(bad).read_bytes()))
    for argv in (["-bp"], ["--queue-list", "--json"]):
        run = veredus(*argv)
        assert good in run.stdout and bad not in run.stdout
        assert f"warning: {spool.path}/queue/{bad}: " in run.stderr
        assert said in run.stderr
    assert spool.place(bad) == "queue"


@pytest.mark.parametrize("journal, warned", [
    ((), True),
    ([f"{NOW} failed 1 550 5.1.1 mx.example 550 no",
      f"{NOW} deferred 2 450 4.2.0 mx.example {REPLY}"], True),
    ([f"{NOW} failed 1 550 5.1.1 mx.example 550 no",
      f"{NOW} delivered 2 250 2.0.0 mx.example"], False)],
    ids=["untried", "waiting", "failed"])
def test_a_message_that_failed_is_not_verified_again(
        veredus, spool, journal, warned):
    """What a run has put aside for damage waits, and has not failed."""
    name = spool.add(["bob@example.org", "carol@example.org"], journal,
                     place="failed")
    path = spool.file(name)
    spool.write(name, path.read_bytes().replace(b"Hello", b"Hallo"), "failed")
    for argv in (["-bp"], ["--queue-list", "--json"]):
        run = veredus(*argv)
        assert (f"warning: {path}: " in run.stderr) is warned
        assert (name in run.stdout) is (not warned and "--json" in argv)


def test_a_torn_last_line_of_the_journal_does_not_count(mailq, spool):
    name = spool.add(journal=DEFERRED)
    spool.write(name, spool.file(name).read_bytes() + b"12345678 17")
    assert f"said: {REPLY}" in mailq()


def test_a_message_of_a_newer_version_is_a_warning(veredus, spool):
    name = spool.add(version=2)
    run = veredus("-bp")
    assert run.stdout == EMPTY
    assert "a newer version of veredus wrote this message" in run.stderr
    for command in ("show", "delete", "hold", "requeue"):
        run = veredus(f"--queue-{command}", name, status=75)
        assert "a newer version" in run.stderr
    assert spool.place(name) == "queue"


def test_a_file_with_the_name_of_another_message_is_damaged(veredus, spool):
    name = spool.add()
    other = name[:-1] + "Z"
    os.rename(spool.file(name), spool.path / "queue" / other)
    assert "written for another ID" in veredus("-bp").stderr


def make_link(path, spool):
    target = spool.add(place="hold")
    path.symlink_to(spool.path / "hold" / target)


def make_hard_link(path, spool):
    os.link(spool.path / "hold" / spool.add(place="hold"), path)


def make_fifo(path, spool):
    os.mkfifo(path, 0o600)


def make_folder(path, spool):
    path.mkdir()


def make_readable(path, spool):
    name = spool.add(mode=0o644)
    spool.file(name).rename(path)


@pytest.mark.parametrize("make", [
    make_link, make_hard_link, make_fifo, make_folder, make_readable])
def test_what_is_no_message_is_left_alone(veredus, spool, make):
    gone = spool.add()
    path = spool.file(gone)
    path.unlink()
    make(path, spool)
    before = os.lstat(path)
    for argv in (["-bp"], ["--queue-list", "--json"]):
        run = veredus(*argv)
        assert gone not in run.stdout
        assert f"{path}: " in run.stderr
    for command in ("show", "delete", "hold", "requeue"):
        veredus(f"--queue-{command}", gone, status=75)
    after = os.lstat(path)
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)


def test_other_names_are_counted_in_one_warning(veredus, spool):
    for name in (".hidden", "core", "6H2F3F8PM000U", "x" * 200):
        (spool.path / "queue" / name).touch()
    run = veredus("-bp")
    assert run.stdout == EMPTY
    assert run.stderr == (f"veredus: warning: {spool.path}/queue: ignoring 4 "
                          "files that are not of the queue\n")


def test_many_damaged_messages_are_few_warnings(veredus, spool):
    for _ in range(50):
        spool.write(spool.add(), b"damaged")
    lines = veredus("-bp").stderr.splitlines()
    assert len(lines) == 21
    assert "30 more files of the queue cannot be used" in lines[-1]


@pytest.mark.parametrize("command", [
    ["-bp"], ["--queue-list", "--json"], ["--queue-show", "all"],
    ["--queue-delete", "all"]])
@pytest.mark.parametrize("folder", ["", "queue"])
def test_a_queue_that_cannot_be_used_is_a_temporary_failure(
        veredus, spool, command, folder):
    spool.add()
    (spool.path / folder).chmod(0o755)
    run = veredus(*command, status=75)
    assert "mode 0700" in run.stderr
    assert "Mail queue is empty" not in run.stdout
    assert len(spool.names()) == 1


def test_a_link_in_place_of_the_queue_is_a_temporary_failure(
        veredus, spool, tmp_path):
    spool.path.rename(tmp_path / "moved")
    spool.path.symlink_to(tmp_path / "moved")
    run = veredus("-bp", status=75)
    assert f"symbolic link (to {tmp_path}/moved)" in run.stderr


# ---- long queues ----

def limit_memory():
    resource.setrlimit(resource.RLIMIT_DATA, (12 * 2**20, 12 * 2**20))


def test_a_long_queue_needs_little_memory(mailq, spool, ordinary_memory):
    """The listing has more octets than the process may have."""
    recipients = [f"recipient-number-{n}@example.org" for n in range(100)]
    for number in range(2000):
        spool.add(recipients, age=number)
    listing = mailq(preexec_fn=limit_memory)
    assert len(listing) > 13 * 2**20
    assert listing.endswith(" in 2000 Requests.\n")
    assert listing.count("recipient-number-99@") == 2000


def test_a_full_device_is_an_error(program, spool):
    for _ in range(3):
        spool.add()
    with open("/dev/full", "wb") as full:
        run = program.run("-bp", stdin=None, stdout=full)
    assert run.status == 74, run


# ---- --queue-show ----

def test_show_prints_the_envelope_and_the_message(program, spool):
    body = b"Hello.\n  indented\xff\n" + b"x" * 100000 + b"\n"
    name = spool.add([("bob@example.org", "bob"), "carol@example.net"],
                     DEFERRED, message=(b"Subject: show\n", body),
                     notify="FAILURE,DELAY", **{"return": "HDRS"})
    process = program.start("--queue-show", name, stdin=None)
    stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    envelope, _, rest = stdout.partition(
        b"*** MESSAGE CONTENTS queue/%s ***\n" % name.encode())
    message, _, end = rest.partition(
        b"*** MESSAGE FILE END queue/%s ***\n" % name.encode())
    assert message == b"Subject: show\n\n" + body and end == b""
    lines = envelope.decode().splitlines()
    assert lines[0] == f"*** ENVELOPE RECORDS queue/{name} ***"
    for line in ["account: default", "sender: alice@example.org",
                 "recipient: bob@example.org", "original_recipient: bob",
                 "recipient: carol@example.net", "attempts: 1",
                 "dsn_notify: FAILURE,DELAY", "dsn_return: HDRS",
                 f"last_result: host mx.example said: {REPLY}"]:
        assert line in lines


def test_show_works_while_the_message_is_delivered(veredus, spool):
    name = spool.add()
    with spool.lock(name):
        assert "Hello.\n" in veredus("--queue-show", name).stdout


def test_show_makes_the_message_printable_for_a_terminal(program, spool):
    name = spool.add(message=(b"Subject: \x1b[2J\n", b"\t\x1b]0;x\x07\xff\n"))
    master, slave = pty.openpty()
    process = program.start("--queue-show", name, stdin=None, stdout=slave)
    os.close(slave)
    shown = b""
    try:
        while block := os.read(master, 65536):
            shown += block
    except OSError:
        pass
    os.close(master)
    assert process.wait(timeout=30) == 0
    process.stderr.close()
    assert b"\x1b" not in shown and b"\x07" not in shown
    assert b"Subject: ?[2J" in shown and b"?]0;x??" in shown


@pytest.mark.parametrize("command", ["show", "delete", "hold", "release",
                                     "requeue"])
def test_an_unknown_id_is_an_error(veredus, spool, command):
    spool.add()
    run = veredus(f"--queue-{command}", "6H2F3F8PM0002", status=66)
    assert run.stderr == ("veredus: 6H2F3F8PM0002: there is no message with "
                          "this ID\n")
    run = veredus(f"--queue-{command}", "../queue/x", status=64)
    assert "neither the ID of a queued message nor all" in run.stderr
    assert len(spool.names()) == 1


# ---- with a message that the program queued ----

def test_lists_shows_and_requeues_what_the_program_queued(
        mailq, veredus, program, spool):
    program.write_config(
        f"defaults\nqueue_dir {spool.path}\nqueue later\ntls off\n"
        "account work\nhost work.example\n"
        "account default\nhost mx.example\n")
    run = program.run("-f", "alice@example.org", "bob@example.org",
                      "j\u00fcrgen@example.org")
    assert run.status == 0, run
    [name] = spool.names()
    listing = mailq()
    assert f"{name} " in listing and "bob@example.org" in listing
    values, recipients, message, _ = spool.read(name)
    assert recipients == ["bob@example.org", "j\u00fcrgen@example.org"]
    shown = veredus("--queue-show", name).stdout
    assert message.decode() in shown
    [found] = objects(veredus("--queue-list", "--json"))
    assert found["queue_name"] == "incoming"
    assert found["message_size"] == len(message)
    veredus("--queue-requeue", name, "-a", "work")
    changed = spool.read(name)
    assert changed[0] == values | {"account": "work"}
    assert changed[1:3] == (recipients, message)
    assert veredus("--queue-check").stdout.startswith("QUEUE OK - 1 message")
    veredus("--queue-delete", "all")
    assert mailq() == EMPTY
    state = (spool.path / "state").read_text()
    assert not [word for word in state.split() if word.strip("0").isdigit()]
