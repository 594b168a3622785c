# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name servers that lie, and names that no name server should hear of.

D4 and D7 of the catalogue of faults.
"""

import os

import pytest

from dialogue import MESSAGE_ACCEPTED, SEND, greet, lines
from dns_stub import DnsStub, decode_name
from network import SERVERS

DELIVERY = lines(greet(), MESSAGE_ACCEPTED)
HEADER = 12
TRUNCATED = 0x02  # in the third octet


@pytest.fixture
def dns(network):
    with network.client:
        stub = DnsStub("127.0.0.1", 53)
    stub.add("example.org", "MX", 10, "mx.test")
    stub.add("mx.test", "A", SERVERS[0])
    yield stub
    stub.stop()


@pytest.fixture
def send(submit, network, dns):
    def send(*argv, seconds=2):
        run = submit(f"--deadline={seconds}", *(argv or SEND),
                     config=lines("account default", "host mx", "mta_sts off",
                                  "domain client.example", dns.setting)
                     + "\n")
        network.finish()
        return run
    return send


def end_of_question(answer):
    return decode_name(answer, HEADER)[1] + 4


def put(answer, place, data):
    return answer[:place] + data + answer[place + len(data):]


def wrong_question(answer):
    return put(answer, HEADER + 1, b"x")


def other_type(answer):
    return put(answer, end_of_question(answer) - 3, b"\x10")


def short_length(answer):
    # Of the first record: two octets of owner, eight of type to TTL.
    return put(answer, end_of_question(answer) + 10, b"\0\1")


def long_length(answer):
    return put(answer, end_of_question(answer) + 10, b"\xff\xff")


def pointer_to_itself(answer):
    end = end_of_question(answer)
    return put(answer, end, (0xc000 | end).to_bytes(2, "big"))


def pointers_in_a_circle(answer):
    end = end_of_question(answer)
    record = answer[end:end + 10]
    target = (end + 14).to_bytes(2, "big")
    return (answer[:end] + record + b"\0\4" + b"\0\x0a"
            + bytes([0xc0 | target[0], target[1]]))


def pointer_to_the_end(answer):
    return put(answer, end_of_question(answer), b"\xff\xff")


def name_of_300_octets(answer):
    end = end_of_question(answer)
    name = (b"\x3b" + b"a" * 59) * 5 + b"\0"
    return (answer[:end + 10] + (len(name) + 2).to_bytes(2, "big")
            + b"\0\x0a" + name)


def more_records_than_there_are(answer):
    return put(answer, 6, b"\xff\xff")


def cut_without_a_word(answer):
    return answer[:end_of_question(answer) + 7]


def cut_for_tcp(answer):
    return put(answer, 2, bytes([answer[2] | TRUNCATED]))


def wrong_id(answer):
    return put(answer, 0, bytes([answer[0] ^ 0xff]))


def question(answer):
    return put(answer, 2, b"\x01")


def half_a_header(answer):
    return answer[:HEADER - 1]


def nothing(answer):
    return b""


LIES = [wrong_id, wrong_question, other_type, short_length, long_length,
        pointer_to_itself, pointers_in_a_circle, pointer_to_the_end,
        name_of_300_octets, more_records_than_there_are, cut_without_a_word,
        cut_for_tcp, question, half_a_header, nothing]


@pytest.mark.parametrize("lie", LIES)
def test_d4_what_is_no_answer_is_temporary(send, dns, lie):
    dns.alter = lambda answer: [lie(answer)]
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert run.fields["status"] == "4.4.3"
    assert run.seconds < 5


@pytest.mark.parametrize("lie", [wrong_id, wrong_question])
def test_d4_the_truth_behind_a_lie_is_heard(send, network, dns, lie):
    dns.alter = lambda answer: [lie(answer), answer]
    network.listen(SERVERS[0]).play(DELIVERY)
    run = send(seconds=20)
    assert run.status == 0, run


@pytest.mark.parametrize("domain", [
    "has space.test", "a>b.test", "a\r\nQUIT.test", f"{'a' * 64}.test",
    "1.2.3.4", f"{'a.' * 127}test", "a..test", "[192.0.2.1.5]", "[::1"])
def test_d7_nobody_is_asked_for_what_is_no_name(send, dns, domain):
    run = send("-f", "alice@example.org", f"bob@{domain}")
    assert run.status == os.EX_DATAERR, run
    assert not dns.queries
