# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What --explain and --pretend say about the queue."""

import os
import re

import pytest

from dialogue import SEND, lines
from program import account


@pytest.fixture
def explain(post):
    """Returns the lines of the block that begins with "Queue"."""
    def explain(*argv, **options):
        run = post(argv=("--explain", *argv, *SEND), host="localhost",
                   **options)
        assert run.status == 0, run
        block = re.search(r"(?m)^Queue: .*\n(?: .*\n)*", run.stdout)
        assert block, run
        return dict(line.strip().split(": ", 1)
                    for line in block[0].splitlines())
    return explain


@pytest.mark.parametrize("mode, argv, text, by", [
    ("on", (), "on: what cannot be delivered now is kept", "queue ("),
    ("always", (), "always: kept before it is sent in the background",
     "queue ("),
    ("later", (), "later: kept for the next queue run", "queue ("),
    ("on", ("-odb",), "always: kept before it is sent in the background",
     "-odb"),
    ("on", ("-odq",), "later: kept for the next queue run", "-odq"),
    ("later", ("-odi",), "on: what cannot be delivered now is kept", "-odi"),
])
def test_explain_says_what_becomes_of_the_message(explain, queue, mode, argv,
                                                  text, by):
    found = explain(*argv, mode=mode)
    assert found["Queue"] == text
    assert found["by"].startswith(by)
    assert found["folder"] == f"{queue.folder}, not created yet"
    assert not queue.folder.exists()


def test_explain_says_how_long_the_message_is_kept(explain):
    found = explain(settings=lines("queue_wait 7s", "queue_retry 90s 3h",
                                   "queue_lifetime 2d", "queue_warn 1h"))
    assert found["attempts"] == (
        "the caller waits for up to 7s; pauses of 90s to 3h; delay notice "
        "after 1h; returned after 2d")
    assert "the caller" not in explain(mode="later")["attempts"]
    assert "notice" not in explain(settings="queue_warn off")["attempts"]


@pytest.mark.parametrize("argv", [(), ("-odq",)])
def test_explain_says_that_nothing_is_kept(explain, argv):
    found = explain(*argv, mode="off")
    assert found["Queue"] == "off: the caller is told of every failure"
    assert found["by"].startswith("queue (")
    assert "folder" not in found and "saved in" not in found


def test_explain_says_that_nothing_is_kept_for_a_given_host(explain, queue):
    found = explain("--host=localhost", "--queue=on",
                    f"--queue-dir={queue.folder}")
    assert found == {"Queue": "off: the caller is told of every failure",
                     "by": "the command line, which gives the server"}


@pytest.mark.parametrize("mode", ["off", "on"])
def test_explain_shows_the_file_of_dead_letters(explain, tmp_path, mode):
    found = explain(mode=mode, settings=f"dead_letter {tmp_path}/dead")
    assert found["saved in"] == \
        f"{tmp_path}/dead, what is not sent and not kept"


def test_explain_says_whether_the_folder_can_be_used(explain, queue):
    queue.folder.mkdir(mode=0o700)
    assert explain()["folder"] == str(queue.folder)
    queue.folder.chmod(0o755)
    assert re.match(f"{queue.folder}, which cannot be used: .*mode 0755",
                    explain()["folder"])
    queue.folder.chmod(0o700)
    (queue.folder / "queue").symlink_to("/tmp")
    assert "symbolic link (to /tmp)" in explain()["folder"]
    assert os.listdir(queue.folder) == ["queue"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_explain_says_that_the_folder_cannot_be_created(post, server,
                                                        tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    run = post(argv=("--explain", *SEND), config=account(
        server.port, f"tls off\nqueue on\nqueue_dir {closed}/a/queue",
        "localhost"))
    assert (f"folder: {closed}/a/queue, which cannot be used: {closed}: no "
            "folder can be created here: ") in run.stdout, run


@pytest.mark.parametrize("mode, argv, text", [
    ("always", (), "queued before it is sent in the background"),
    ("later", (), "queued for the next queue run"),
    ("on", ("-odb",), "queued before it is sent in the background"),
    ("on", ("-odq",), "queued for the next queue run"),
])
def test_pretend_says_that_the_message_would_be_queued(post, queue, mode,
                                                       argv, text):
    run = post(mode=mode, argv=("--pretend", *argv, *SEND))
    assert f"\ndelivery = {text}\n" in run.stdout, run
    assert not queue.folder.exists()


@pytest.mark.parametrize("mode, argv", [
    ("on", ()), ("off", ("-odq",)), ("always", ("-odi",)),
    ("later", ("--host=localhost",)),
])
def test_pretend_says_nothing_of_a_message_that_is_sent(post, mode, argv):
    run = post(mode=mode, argv=("--pretend", *argv, *SEND))
    assert run.status == 0 and "delivery =" not in run.stdout, run
