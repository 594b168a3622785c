# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--queue-check, as monitoring programs call it."""

import re
import time

import pytest

NOW = int(time.time() * 1000)
OK, WARNING, CRITICAL = 0, 1, 2
# The text of a plugin, and performance data: LABEL=VALUE[UNIT][;WARN;CRIT].
OUTPUT = re.compile(
    r"QUEUE (OK|WARNING|CRITICAL) - ([^|]*) \|"
    r"((?: \w+=\d+s?(?:;\d+;\d+)?)+)\n")


@pytest.fixture
def check(program):
    def check(*argv, status=OK):
        run = program.run("--queue-check", *argv, stdin=None)
        assert run.status == status, run
        matched = OUTPUT.fullmatch(run.stdout)
        assert matched, run
        assert matched[1] == ["OK", "WARNING", "CRITICAL"][status]
        return matched[2], matched[3].split()

    return check


def test_an_empty_queue_is_in_order(check, spool):
    assert check() == ("0 messages", ["queued=0", "oldest=0s;3600;14400"])
    assert check("0", "0")[0] == "0 messages"


def test_says_how_many_messages_there_are_and_how_old(check, spool):
    for age in (10, 330, 60):
        spool.add(age=age)
    text, data = check("100", "1000")
    assert text == "3 messages, oldest 5m"
    assert data[0] == "queued=3;100;1000"
    assert re.fullmatch(r"oldest=3[345]\ds", data[1])


@pytest.mark.parametrize("age, limits, status", [
    (300, [], OK), (4000, [], WARNING), (15000, [], CRITICAL),
    (300, ["1m", "1h"], WARNING), (300, ["1m", "2m"], CRITICAL),
    (300, ["10m", "1d"], OK), (300, ["299s", "1w"], WARNING),
    (300, ["2", "3"], OK), (300, ["1", "3"], WARNING),
    (300, ["1", "1"], CRITICAL)])
def test_compares_with_numbers_or_ages(check, spool, age, limits, status):
    spool.add(age=age)
    check(*limits, status=status)


@pytest.mark.parametrize("warn, status, data", [
    ("2h", CRITICAL, "3600;7200"), ("1d", WARNING, "3600;86400"),
    ("30m", CRITICAL, "1800;1800"), ("off", WARNING, "3600;14400")])
def test_the_critical_age_is_when_senders_are_told(
        check, program, spool, warn, status, data):
    program.write_config(f"host mx.example\nqueue_dir {spool.path}\n"
                         f"queue_warn {warn}\n")
    spool.add(age=7300)
    assert check(status=status)[1][1].endswith(f"s;{data}")


def test_messages_on_hold_count_but_are_not_late(check, spool):
    spool.add(age=100000, place="hold")
    assert check()[0] == "1 message, oldest 0s"
    check("1", "2", status=WARNING)


def test_failed_messages_are_a_warning(check, spool):
    spool.add(place="failed")
    spool.add(place="failed")
    assert check(status=WARNING)[0] == "0 messages, 2 failed"


def test_files_that_cannot_be_used_are_a_warning(check, spool):
    spool.write(spool.add(), b"damaged")
    assert check(status=WARNING)[0] == "0 messages, some files cannot be used"


@pytest.mark.parametrize("result", [
    "535 5.7.8 mx.example 535 5.7.8 wrong | password",
    "554 5.3.2 mx.example 554 go away", "0 4.7.5 mx.example certificate",
    "0 5.3.5 - no account"])
def test_what_an_administrator_must_mend_is_critical(check, spool, result):
    name = spool.add(journal=[f"{NOW} attempt", f"{NOW} deferred 1 {result}"])
    spool.add()
    text, _ = check(status=CRITICAL)
    assert f", {name}: " in text


def test_an_account_that_is_gone_is_critical(check, spool):
    name = spool.add(account="gone|\u009b")
    text, _ = check(status=CRITICAL)
    assert f', {name}: there is no account "gone/?"' in text


def test_an_account_that_is_broken_is_critical(check, program, spool):
    program.write_config("account default\nhost mx.example\n"
                         f"queue_dir {spool.path}\naccount work\n")
    spool.add()
    check()
    name = spool.add(account="work")
    text, _ = check(status=CRITICAL)
    assert f", {name}: " in text and "work" in text


@pytest.mark.parametrize("content, status, says", [
    (f"account default\nhost mx.example\n", OK, ""),
    (None, CRITICAL, "No such file or directory"),
    ("account default\nhosts mx.example\n", CRITICAL, "unknown keyword"),
    ("account work\nhost mx.example\n", CRITICAL, "default")])
def test_the_file_of_a_message_must_have_its_account(
        check, program, spool, content, status, says):
    path = program.folder / "other.conf"
    if content:
        path.write_text(content)
        path.chmod(0o600)
    names = [spool.add(configuration=path) for _ in range(3)]
    text, _ = check(status=status)
    assert says in text
    assert (f", {names[0]}: " in text) == (status == CRITICAL)


@pytest.mark.parametrize("result", [
    "450 4.2.0 mx.example 450 later", "0 4.4.1 mx.example refused",
    "454 4.7.0 mx.example 454 login is down"])
def test_what_may_end_by_itself_is_in_order(check, spool, result):
    spool.add(journal=[f"{NOW} attempt", f"{NOW} deferred 1 {result}"])
    assert "oldest 1m" in check()[0]


@pytest.mark.parametrize("argv", [
    ["1"], ["1", "2", "3"], ["1", "2h"], ["1h", "2"], ["2", "1"], ["x", "y"],
    ["", "1"], ["1h", "30m"], ["1.5", "2"]])
def test_wrong_limits_are_unknown(program, spool, argv):
    expect_unknown(program, "two numbers of messages or two ages", *argv)


def test_an_option_as_a_limit_is_a_usage_error(program, spool):
    run = program.run("--queue-check", "--", "-1", "2", stdin=None)
    assert run.status == 64, run
    assert run.stdout == ""


@pytest.mark.parametrize("folder", ["", "queue"])
def test_a_queue_that_cannot_be_read_is_unknown(program, spool, folder):
    spool.add()
    (spool.path / folder).chmod(0o755)
    expect_unknown(program, "no permissions to others (mode 0700)")
    assert len(spool.names()) == 1


def test_a_configuration_with_an_error_is_unknown(program, spool):
    program.write_config("account default\nhots mail.example\n")
    expect_unknown(program, "unknown keyword")


def expect_unknown(program, says, *argv):
    """The only output is the line of the plugin."""
    run = program.run("--queue-check", *argv, stdin=None)
    assert run.status == 3, run
    assert run.stdout.startswith("QUEUE UNKNOWN - ") and says in run.stdout
    assert run.stdout.count("\n") == 1 and "|" not in run.stdout
    assert run.stderr == ""
