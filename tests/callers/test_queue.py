# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reads the output of mailq, and finds an empty queue in it."""

import re
import subprocess

import pytest

EMPTY = "Mail queue is empty\n"
NAMES = [
    ("mailq", []), ("mailq", ["-Ac"]), ("mailq", ["-v"]),
    ("mailq", ["-C", "/nowhere"]), ("sendmail", ["-bp"]),
    ("sendmail", ["-bp", "-Ac"]), ("veredus", ["-bp"]),
]


@pytest.fixture
def silent(call):
    """Runs what must succeed and print nothing."""

    def silent(name, *argv):
        run = call(*argv, name=name, stdin=None)
        assert (run.status, run.stdout, run.stderr) == (0, "", ""), run
        return run

    return silent


@pytest.mark.parametrize("name, argv", NAMES)
def test_the_queue_is_empty(call, name, argv):
    run = call(*argv, name=name, stdin=None)
    assert (run.status, run.stdout, run.stderr) == (0, EMPTY, ""), run


@pytest.mark.parametrize("name", ["mailq", "/usr/bin/newaliases", "hoststat",
                                  "purgestat"])
def test_it_needs_neither_configuration_nor_input(program, name):
    process = program.start(name=name, stdin=subprocess.DEVNULL, env={
        "HOME": None, "PATH": None, "USER": None, "LOGNAME": None})
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 0
    assert stdout == (EMPTY.encode() if name == "mailq" else b"")
    assert stderr == b""


def test_a_listing_that_cannot_be_printed_is_an_error(program):
    with open("/dev/full", "wb") as full:
        process = program.start(name="mailq", stdout=full)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode != 0
    assert stderr.startswith(b"mailq: ")


# What monitoring makes of each line: it must count nothing, and know the
# words where it insists on knowing them.

@pytest.mark.parametrize("counted", [
    r"^[A-F0-9]",                               # ids of Postfix
    r"<",                                       # senders of Exim
    r"\s\w{6}-\w{6}-\w{2}\s",                   # ids of Exim
    r"\s\w{6}-\w{11}-\w{4}\s",                  # those since 4.97
    r"^\d{4}-\d{2}-\d{2} .* \d+ bytes",         # nullmailer
    r"mqueue",                                  # Sendmail: a folder
    r" \((\d+) request",
    r"^\s+Total\sRequests:\s(\d+)$",
    r"^ID\t: ",                                 # dma
    r"\|",                                      # OpenSMTPD
])
def test_no_line_looks_like_an_entry(counted):
    for line in EMPTY.splitlines():
        assert not re.search(counted, line, re.IGNORECASE
                             if "Total" in counted else 0)


def test_check_mailq_for_postfix_knows_the_last_line():
    last = EMPTY.splitlines()[-1]
    assert re.search(r"Kbytes in (\d+)|Mail queue is empty", last)


def test_freebsd_periodic_filters_every_line():
    known = r"(Mail |m)queue is empty|Total requests"
    assert not [line for line in EMPTY.splitlines()
                if not re.search(known, line)]


def test_the_text_of_the_tests_is_that_of_the_program(call):
    assert call(name="mailq", stdin=None).stdout == EMPTY


@pytest.mark.parametrize("argv", [
    ["-q"], ["-q30m"], ["-q", "-Ac"], ["-qf"], ["-qp"], ["-qRexample.org"],
    ["-bh"], ["-bH"], ["-bi"], ["-I"]])
def test_there_is_nothing_to_run_or_to_purge(silent, argv):
    silent("/usr/sbin/sendmail", *argv)


def test_a_queue_run_ignores_its_input(silent, sink):
    silent("sendmail", "-q")
    assert not sink.messages


@pytest.mark.parametrize("name, argv", [
    ("/usr/bin/mailq", ["alice"]), ("sendmail", ["-bp", "alice"]),
    ("newaliases", ["alice"]), ("sendmail", ["-bi", "alice"]),
    ("sendmail", ["-q", "30m"]), ("sendmail", ["-bpc"])])
def test_operands_are_of_no_use(call, name, argv):
    run = call(*argv, name=name, stdin=None)
    assert run.status == 64, run
    assert run.stdout == "" and run.stderr, run


def test_newaliases_says_where_a_file_is_wrong(program, sink, tmp_path):
    aliases = tmp_path / "aliases"
    aliases.write_text("root: alice@example.org\nbroken\n")
    program.write_config(f"host 127.0.0.1\naliases {aliases}\n")
    run = program.run(name="newaliases", stdin=None)
    assert run.status != 0, run
    assert f"{aliases}:2" in run.stderr, run
    aliases.write_text("root: alice@example.org\n")
    assert program.run(name="newaliases", stdin=None).status == 0
