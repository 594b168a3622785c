# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of mailq, and how monitoring programs parse it."""

import re
import subprocess

import pytest

from queue_files import Queue

EMPTY = "Mail queue is empty\n"
NAMES = [
    ("mailq", []), ("mailq", ["-Ac"]), ("mailq", ["-v"]),
    ("mailq", ["-C", "/nowhere"]), ("sendmail", ["-bp"]),
    ("sendmail", ["-bp", "-Ac"]), ("veredus", ["-bp"]),
]


@pytest.fixture
def run_silent(sendmail):
    """Runs a command that must succeed without output."""

    def run_silent(name, *argv):
        run = sendmail(*argv, name=name, stdin=None)
        assert (run.status, run.stdout, run.stderr) == (0, "", ""), run
        return run

    return run_silent


@pytest.mark.parametrize("name, argv", NAMES)
def test_mailq_reports_an_empty_queue(sendmail, name, argv):
    run = sendmail(*argv, name=name, stdin=None)
    assert (run.status, run.stdout, run.stderr) == (0, EMPTY, ""), run


@pytest.mark.parametrize("name", ["mailq", "/usr/bin/newaliases", "hoststat",
                                  "purgestat"])
def test_queue_commands_need_no_configuration_and_no_input(program, name):
    process = program.start(name=name, stdin=subprocess.DEVNULL, env={
        "HOME": None, "PATH": None, "USER": None, "LOGNAME": None})
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 0
    assert stdout == (EMPTY.encode() if name == "mailq" else b"")
    assert stderr == b""


def test_mailq_fails_if_it_cannot_write_its_output(program):
    with open("/dev/full", "wb") as full:
        process = program.start(name="mailq", stdout=full)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode != 0
    assert stderr.startswith(b"mailq: ")


# Patterns with which monitoring programs count messages, or recognize an empty
# queue.

@pytest.mark.parametrize("counted", [
    r"^[A-F0-9]",                               # ids of Postfix
    r"<",                                       # senders of Exim
    r"\s\w{6}-\w{6}-\w{2}\s",                   # ids of Exim
    r"\s\w{6}-\w{11}-\w{4}\s",                  # ids of Exim since 4.97
    r"^\d{4}-\d{2}-\d{2} .* \d+ bytes",         # nullmailer
    r"mqueue",                                  # Sendmail: a folder
    r" \((\d+) request",
    r"^\s+Total\sRequests:\s(\d+)$",
    r"^ID\t: ",                                 # dma
    r"\|",                                      # OpenSMTPD
])
def test_monitoring_counts_no_message(counted):
    for line in EMPTY.splitlines():
        assert not re.search(counted, line, re.IGNORECASE
                             if "Total" in counted else 0)


def test_check_mailq_recognizes_the_last_line():
    last = EMPTY.splitlines()[-1]
    assert re.search(r"Kbytes in (\d+)|Mail queue is empty", last)


def test_freebsd_periodic_recognizes_each_line():
    known = r"(Mail |m)queue is empty|Total requests"
    assert not [line for line in EMPTY.splitlines()
                if not re.search(known, line)]


@pytest.mark.parametrize("counted", [
    r"^[A-F0-9]",                   # scripts, and plugins of SNMP and collectd
    r"^[a-zA-Z0-9]{6,17}[ *!]",     # long IDs
    r"^\S+\s+\d+ \w{3} \w{3} .\d \d\d:",
])
def test_monitoring_counts_each_message(program, tmp_path, counted):
    queue = Queue(tmp_path / "queue")
    for place in ("queue", "queue", "hold"):
        queue.add(["bob@example.org", "carol@example.org"],
                  ["1 deferred 1 450 4.2.0 mx.test 450 later"], place)
    run = program.run(f"--queue-dir={queue.path}", "-bp", stdin=None)
    lines = [line for line in run.stdout.splitlines()[1:-1]
             if re.search(counted, line)]
    assert len(lines) == 3, run


def test_these_tests_use_the_output_of_the_program(sendmail):
    assert sendmail(name="mailq", stdin=None).stdout == EMPTY


@pytest.mark.parametrize("argv", [
    ["-q"], ["-q30m"], ["-q", "-Ac"], ["-qf"], ["-qp"], ["-qRexample.org"],
    ["-bh"], ["-bH"], ["-bi"], ["-I"]])
def test_queue_runs_and_purges_do_nothing(run_silent, argv):
    run_silent("/usr/sbin/sendmail", *argv)


def test_a_queue_run_ignores_its_input(run_silent, sink):
    run_silent("sendmail", "-q")
    assert not sink.messages


@pytest.mark.parametrize("name, argv", [
    ("/usr/bin/mailq", ["alice"]), ("sendmail", ["-bp", "alice"]),
    ("newaliases", ["alice"]), ("sendmail", ["-bi", "alice"]),
    ("sendmail", ["-q", "30m"]), ("sendmail", ["-bpc"])])
def test_operands_of_queue_commands_are_a_usage_error(sendmail, name, argv):
    run = sendmail(*argv, name=name, stdin=None)
    assert run.status == 64, run
    assert run.stdout == "" and run.stderr, run


def test_newaliases_names_the_line_with_an_error(program, sink, tmp_path):
    aliases = tmp_path / "aliases"
    aliases.write_text("root: alice@example.org\nbroken\n")
    program.write_config(f"host 127.0.0.1\naliases {aliases}\n")
    run = program.run(name="newaliases", stdin=None)
    assert run.status != 0, run
    assert f"{aliases}:2" in run.stderr, run
    aliases.write_text("root: alice@example.org\n")
    assert program.run(name="newaliases", stdin=None).status == 0
