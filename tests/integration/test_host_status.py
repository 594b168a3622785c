# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""hoststat and purgestat, the list of destinations that do not work."""

import fcntl
import json
import re
import time

import pytest

from json_output import objects
from queue_runs import (  # noqa: F401
    BOB, Down, down, end_pauses, fill, queue, sink)

HEADINGS = (" -------------- Hostname --------------- How long ago "
            "---------Results---------")


@pytest.fixture
def paused(queue, down):  # noqa: F811
    queue.configure(port=down.port)
    fill(queue, 2)
    queue.run()
    return queue


@pytest.mark.parametrize("name, argv", [
    ("hoststat", []), ("sendmail", ["-bh"]), ("veredus", ["-bh"]),
    ("veredus", ["-bh", "--json"]), ("purgestat", []), ("sendmail", ["-bH"])])
def test_without_a_pause_nothing_is_printed(queue, name, argv):  # noqa: F811
    for _ in range(2):
        run = queue.program.run(*argv, name=name, stdin=None)
        assert (run.status, run.stdout, run.stderr) == (0, "", ""), run
        queue.put(BOB)


@pytest.mark.parametrize("name, argv", [("hoststat", []),
                                        ("sendmail", ["-bh"])])
def test_hoststat_says_why_and_until_when(paused, name, argv):
    run = paused.program.run(*argv, name=name, stdin=None)
    assert run.status == 0, run
    headings, line = run.stdout.splitlines()
    assert headings == HEADINGS
    matched = re.fullmatch(
        r" account default {24}     00:00:\d\d until "
        r"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d): "
        r"host 127.0.0.1 said: 421 4.3.2 down", line)
    assert matched, line
    year = time.localtime(time.time() + 120).tm_year
    assert abs(time.mktime(time.strptime(
        f"{year} {matched[1]}", "%Y %a %b %d %H:%M:%S"))
        - time.time() - 120) < 60


def test_a_destination_whose_pause_has_ended_is_due(paused):
    end_pauses(paused)
    run = paused.program.run(name="hoststat", stdin=None)
    assert re.search(r" 00:(29|30):\d\d due: host 127.0.0.1 said: 421", run.stdout)


def test_hoststat_prints_json(paused):
    run = paused.program.run("-bh", "--json", stdin=None)
    (values,) = objects("pause", run.stdout)
    assert abs(values.pop("last_failure") - time.time()) < 60
    assert abs(values.pop("next_attempt") - time.time() - 120) < 60
    assert values == {
        "account": "default", "host": "127.0.0.1", "failures": 1,
        "needs_administrator": False,
        "reason": "host 127.0.0.1 said: 421 4.3.2 down"}


@pytest.mark.parametrize("name, argv", [("purgestat", []),
                                        ("sendmail", ["-bH"])])
def test_purgestat_ends_the_pauses(paused, down, sink,  # noqa: F811
                                   name, argv):
    paused.run()
    run = paused.program.run(*argv, name=name, stdin=None)
    assert (run.status, run.stdout, run.stderr) == (0, "", ""), run
    assert paused.program.run(name="hoststat", stdin=None).stdout == ""
    paused.configure()
    paused.run()
    assert len(sink.messages) == 2
    assert paused.ids() == []


@pytest.mark.parametrize("option", ["-qf", "-qI"])
def test_a_run_for_certain_messages_leaves_the_others_due(
        paused, down, sink, option):  # noqa: F811
    paused.run()  # the files have the time of the end
    paused.program.run(name="purgestat", stdin=None)
    first = paused.ids()[0]
    file = paused.folder / "queue" / paused.ids()[1]
    with open(file, "r+b") as lock:  # another process has the message
        fcntl.lockf(lock, fcntl.LOCK_EX)
        paused.configure()
        paused.run(option + first if option == "-qI" else option)
    assert len(sink.messages) == 1
    paused.run()
    assert len(sink.messages) == 2
    assert paused.ids() == []


def test_no_link_in_place_of_the_file_is_followed(paused):
    path = paused.folder / "pauses"
    data = path.read_bytes()
    path.unlink()
    path.symlink_to(paused.folder / "elsewhere")
    (paused.folder / "elsewhere").write_bytes(data)
    run = paused.program.run(name="hoststat", stdin=None)
    assert (run.status, run.stdout) == (0, ""), run


def test_control_characters_do_not_reach_the_terminal(queue):  # noqa: F811
    server = Down(b"421 4.3.2 \x1b[2Jdown\x07\r\n")
    queue.configure(port=server.port)
    fill(queue, 1)
    queue.run()
    run = queue.program.run(name="hoststat", stdin=None)
    assert "down" in run.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", run.stdout)
    server.stop()


def test_the_list_of_the_queue_knows_the_end_of_a_pause(paused):
    listing = paused.program.run("--queue-list", "--json", stdin=None).stdout
    for line in listing.splitlines():
        values = json.loads(line)
        assert abs(values["next_attempt"] - time.time() - 120) < 60


def test_no_operand_is_accepted(queue):  # noqa: F811
    run = queue.program.run("example.org", name="hoststat", stdin=None)
    assert run.status == 64, run
