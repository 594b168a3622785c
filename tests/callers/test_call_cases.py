# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs each case of cases_*.py and compares the message field by field."""

import email.utils
import os
import pwd
import quopri
import re

import pytest

import cases

USER = pwd.getpwuid(os.getuid()).pw_name
CASES = cases.all_cases()
ADDED_FIELDS = ("date", "message-id")


def insert_user(text):
    return text.replace("{user}", USER)


def unfold(data):
    """Returns name and value of each field."""
    pairs = [line.partition(":")[::2] for line in
             re.sub(r"\n(?=[ \t])", "", data).splitlines()]
    return [(name, value.strip()) for name, value in pairs]


def parse_input(case):
    """Returns the fields and the body of the caller's message."""
    data = re.sub(rb"\r*\n", b"\n", case.input)
    data = re.sub(rb"^From .*\n", b"", data)
    head, _, body = data.partition(b"\n\n")
    fields = [(name, value) for name, value in unfold(head.decode())
              if value or ":" in head.decode()]
    return [pair for pair in fields if not re.search(r"\s", pair[0])], body


def expected_fields(case, fields):
    """Returns the caller's fields as they must be sent, and the added ones."""
    changed = {name.lower(): value for name, value in case.header.items()}
    result = []
    for name, value in fields:
        value = changed.pop(name.lower(), value)
        if value is not None:
            result.append((name, insert_user(value)))
    return result, {name: insert_user(value) for name, value in changed.items()
                    if value is not None}


def check_header(case, message):
    from_caller, added = expected_fields(case, parse_input(case)[0])
    names = [name for name, _ in from_caller]
    old = [pair for pair in message.fields if pair[0] in names]
    assert old == from_caller
    new = {name.lower(): value for name, value in message.fields
           if name not in names}
    assert len(new) + len(old) == len(message.fields)
    for name in ADDED_FIELDS:
        if not case.relayed and name not in [n.lower() for n in names]:
            check_added(name, new.pop(name))
    assert new == added


def check_added(name, value):
    if name == "date":
        assert email.utils.parsedate_to_datetime(value)
        assert re.fullmatch(r"[A-Z][a-z]{2}, .* [+-]\d{4}", value)
    else:
        assert re.fullmatch(r"<[^<>@ ]+@[^<>@ ]+>", value)


def check_body(case, message):
    body = case.body if case.body is not None else parse_input(case)[1]
    sent = message.body
    if "quoted-printable" in case.header.values():
        assert max(map(len, sent.splitlines())) <= 76
        sent = quopri.decodestring(sent)
    assert sent == body.replace(b"\n", b"\r\n")


def check_lines(message):
    for line in message.data.split(b"\r\n"):
        assert b"\r" not in line and b"\n" not in line
        assert len(line) <= 998
        assert b"\0" not in line


def check_envelope(case, message, through_service):
    assert message.sender == insert_user(case.sender)
    assert message.recipients == case.to.split()
    # The service does not know the message when it sends MAIL.
    ignored = ("SIZE=", "BODY=8BITMIME" if through_service else "SIZE=")
    assert ({p for p in message.parameters if not p.startswith(ignored)}
            == {p for p in case.mail.split() if not p.startswith(ignored)})
    for parameters in message.recipient_parameters:
        assert ({p for p in parameters if not p.startswith("ORCPT=")}
                == set(case.rcpt.split()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.caller)
def test_a_call_sends_the_expected_message(sendmail, configure, sink, case):
    if configure.through_service and case.relayed:
        pytest.skip("the service completes the message, whatever -G says")
    words = case.words
    run = sendmail(*words[1:], name=words[0], stdin=case.input, file=case.file,
                   cwd=case.cwd)
    assert run.status == case.status, run
    assert run.stdout == case.stdout, run
    assert bool(run.stderr) == bool(case.status), run
    if not case.to:
        assert not sink.messages
        return
    message = sink.message
    check_lines(message)
    check_envelope(case, message, configure.through_service)
    check_header(case, message)
    check_body(case, message)
    notes = [line for line in run.log.splitlines() if "exit=" not in line]
    assert not case.log or any(case.log in line for line in notes), run
    assert run.fields["exit"] == "0"


def test_the_names_of_the_cases_are_unique():
    names = [case.caller for case in CASES]
    assert len(names) == len(set(names)) >= 100
