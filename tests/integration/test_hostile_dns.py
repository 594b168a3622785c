# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Malformed DNS responses, and domain names that must not be queried."""

import os

import pytest

from dialogue import MESSAGE_ACCEPTED, SEND, greet, lines
from dns_stub import DnsStub, decode_name
from network import SERVERS

DELIVERY = lines(greet(), MESSAGE_ACCEPTED)
HEADER = 12
TC = 0x02  # in the third octet of the header


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


def end_of_question(response):
    return decode_name(response, HEADER)[1] + 4


def overwrite(response, offset, data):
    return response[:offset] + data + response[offset + len(data):]


def wrong_question(response):
    return overwrite(response, HEADER + 1, b"x")


def wrong_type(response):
    return overwrite(response, end_of_question(response) - 3, b"\x10")


def rdlength_too_small(response):
    # In the first record RDLENGTH follows a pointer and 8 octets.
    return overwrite(response, end_of_question(response) + 10, b"\0\1")


def rdlength_too_large(response):
    return overwrite(response, end_of_question(response) + 10, b"\xff\xff")


def pointer_to_itself(response):
    end = end_of_question(response)
    return overwrite(response, end, (0xc000 | end).to_bytes(2, "big"))


def pointer_loop(response):
    end = end_of_question(response)
    record = response[end:end + 10]
    target = (end + 14).to_bytes(2, "big")
    return (response[:end] + record + b"\0\4" + b"\0\x0a"
            + bytes([0xc0 | target[0], target[1]]))


def pointer_past_the_end(response):
    return overwrite(response, end_of_question(response), b"\xff\xff")


def name_of_300_octets(response):
    end = end_of_question(response)
    name = (b"\x3b" + b"a" * 59) * 5 + b"\0"
    return (response[:end + 10] + (len(name) + 2).to_bytes(2, "big")
            + b"\0\x0a" + name)


def record_count_too_large(response):
    return overwrite(response, 6, b"\xff\xff")


def truncated_without_tc(response):
    return response[:end_of_question(response) + 7]


def truncated_with_tc(response):
    return overwrite(response, 2, bytes([response[2] | TC]))


def wrong_id(response):
    return overwrite(response, 0, bytes([response[0] ^ 0xff]))


def query_in_place_of_response(response):
    return overwrite(response, 2, b"\x01")


def half_a_header(response):
    return response[:HEADER - 1]


def empty(response):
    return b""


MALFORMED = [
    wrong_id, wrong_question, wrong_type, rdlength_too_small,
    rdlength_too_large, pointer_to_itself, pointer_loop, pointer_past_the_end,
    name_of_300_octets, record_count_too_large, truncated_without_tc,
    truncated_with_tc, query_in_place_of_response, half_a_header, empty]


@pytest.mark.parametrize("malform", MALFORMED)
def test_a_malformed_response_is_a_temporary_failure(send, dns, malform):
    dns.alter = lambda response: [malform(response)]
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert run.fields["status"] == "4.4.3"
    assert run.seconds < 20


@pytest.mark.parametrize("forge", [wrong_id, wrong_question])
def test_a_right_response_is_accepted_after_a_forged_one(
        send, network, dns, forge):
    dns.alter = lambda response: [forge(response), response]
    network.listen(SERVERS[0]).play(DELIVERY)
    run = send(seconds=20)
    assert run.status == 0, run


@pytest.mark.parametrize("domain", [
    "has space.test", "a>b.test", "a\r\nQUIT.test", f"{'a' * 64}.test",
    "1.2.3.4", f"{'a.' * 127}test", "a..test", "[192.0.2.1.5]", "[::1"])
def test_an_invalid_domain_name_is_not_queried(send, dns, domain):
    run = send("-f", "alice@example.org", f"bob@{domain}")
    assert run.status == os.EX_DATAERR, run
    assert not dns.queries
