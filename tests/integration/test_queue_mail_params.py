# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of MAIL whose time runs while the message is in the queue."""

import pytest

from queue_runs import (  # noqa: F401
    BOB, SENDER, age, down, parts_of, queue, results, sink)

OFFERED = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN",
           "DELIVERBY 30", "FUTURERELEASE 86400 2099-01-01T00:00:00Z")
SLACK = 60  # seconds that a slow machine may need for a test


def parameter_of(message, name):
    values = [word.partition("=")[2] for word in message.parameters
              if word.startswith(name + "=")]
    assert len(values) <= 1, message.parameters
    return values[0] if values else None


def check_seconds(text, expected):
    assert expected - SLACK <= int(text) <= expected


def put(queue, waited):
    """Queues a message as if that had been some seconds ago."""
    name = queue.put(BOB)
    return age(queue, name, waited) if waited else name


@pytest.mark.parametrize("setting, waited, left, mode", [
    ("3600", 0, 3600, "R"),
    ("3600", 600, 3000, "R"),
    ("3600;NT", 600, 3000, "NT"),
    ("600;N", 600, 0, "N"),
    ("0;N", 3600, -3600, "N"),
    ("0;N", 1_200_000_000, -999_999_999, "N"),  # 9 digits at most
])
def test_by_is_less_by_the_time_in_the_queue(queue, sink, setting, waited,
                                             left, mode):
    sink.keywords = OFFERED
    queue.configure(f"deliver_by {setting}")
    for _ in range(2):  # the second one is pipelined
        put(queue, waited)
    queue.run()
    assert len(sink.messages) == 2
    for message in sink.messages:
        seconds, _, sent_mode = parameter_of(message, "BY").partition(";")
        check_seconds(seconds, left)
        assert sent_mode == mode


def test_a_message_that_is_late_is_returned_and_not_sent(queue, sink):
    sink.keywords = OFFERED
    queue.configure("deliver_by 600;R")
    put(queue, 600)
    run = queue.run()
    assert results(run)[0] == "returned"
    assert "status=5.4.7" in run.log
    queue.run()  # which delivers the notice
    (notice,) = sink.messages
    assert (notice.sender, notice.recipients) == ("", [SENDER])
    _, (text, status, _) = parts_of(notice)
    assert "waited for longer than deliver_by allows" in text.get_content()
    assert status.get_payload()[1]["Status"] == "5.4.7"
    assert queue.ids() == queue.ids("failed") == []


def test_a_late_message_is_so_at_a_server_without_deliverby(queue, sink):
    queue.configure("deliver_by 600;R")
    put(queue, 600)
    assert "status=5.4.7" in queue.run().log


@pytest.mark.parametrize("setting, waited, expired", [
    ("600;R", 600, True), ("3600;R", 600, False), ("600;N", 600, False)])
def test_a_late_message_is_returned_although_the_server_is_down(
        queue, down, setting, waited, expired):
    queue.configure(f"deliver_by {setting}", port=down.port)
    put(queue, waited)
    run = queue.run()
    assert results(run)[0] == ("expired" if expired else "deferred")
    (left,) = queue.ids()
    assert ("Status: 5.4.7" in queue.text(left)) == expired


def test_what_is_left_may_be_less_than_the_minimum_of_the_server(queue, sink):
    sink.keywords = ("DELIVERBY 3600",)
    queue.configure("deliver_by 3660;R")
    put(queue, 600)
    run = queue.run()
    assert results(run)[0] == "returned"
    assert "status=5.3.3" in run.log


@pytest.mark.parametrize("waited, left", [(0, 600), (300, 300)])
def test_holdfor_is_less_by_the_time_in_the_queue(queue, sink, waited, left):
    sink.keywords = OFFERED
    queue.configure("hold_for 600")
    put(queue, waited)
    queue.run()
    (message,) = sink.messages
    check_seconds(parameter_of(message, "HOLDFOR"), left)


def test_what_is_left_of_a_hold_counts_for_the_limit_of_the_server(queue,
                                                                   sink):
    sink.keywords = ("FUTURERELEASE 600 2099-01-01T00:00:00Z",)
    queue.configure("hold_for 900")
    put(queue, 600)
    queue.run()
    (message,) = sink.messages
    check_seconds(parameter_of(message, "HOLDFOR"), 300)


@pytest.mark.parametrize("keywords", [OFFERED, ("8BITMIME",)])
def test_a_hold_that_is_over_is_not_asked_for(queue, sink, keywords):
    sink.keywords = keywords
    queue.configure("hold_for 600")
    put(queue, 600)
    queue.run()
    (message,) = sink.messages
    assert parameter_of(message, "HOLDFOR") is None


def test_holduntil_does_not_change_in_the_queue(queue, sink):
    sink.keywords = OFFERED
    queue.configure("hold_until 2098-12-24T18:00:00Z")
    put(queue, 600)
    queue.run()
    (message,) = sink.messages
    assert parameter_of(message, "HOLDUNTIL") == "2098-12-24T18:00:00Z"
