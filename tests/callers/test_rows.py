# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way of calling, run for real; what arrives is compared field by field.
"""

import email.utils
import os
import pwd
import quopri
import re

import pytest

import rows

USER = pwd.getpwuid(os.getuid()).pw_name
ROWS = rows.all_rows()
ADDED = ("date", "message-id")


def here(text):
    return text.replace("{user}", USER)


def unfold(data):
    """Name and value of each field."""
    pairs = [line.partition(":")[::2] for line in
             re.sub(r"\n(?=[ \t])", "", data).splitlines()]
    return [(name, value.strip()) for name, value in pairs]


def given(row):
    """The fields and the body of what the caller writes."""
    data = re.sub(rb"\r*\n", b"\n", row.input)
    data = re.sub(rb"^From .*\n", b"", data)
    head, _, body = data.partition(b"\n\n")
    fields = [(name, value) for name, value in unfold(head.decode())
              if value or ":" in head.decode()]
    return [pair for pair in fields if not re.search(r"\s", pair[0])], body


def expected_fields(row, fields):
    """Those of the input as they must arrive, then those added."""
    changed = {name.lower(): value for name, value in row.header.items()}
    result = []
    for name, value in fields:
        value = changed.pop(name.lower(), value)
        if value is not None:
            result.append((name, here(value)))
    return result, {name: here(value) for name, value in changed.items()
                    if value is not None}


def check_header(row, message):
    kept, added = expected_fields(row, given(row)[0])
    names = [name for name, _ in kept]
    old = [pair for pair in message.fields if pair[0] in names]
    assert old == kept
    new = {name.lower(): value for name, value in message.fields
           if name not in names}
    assert len(new) + len(old) == len(message.fields)
    for name in ADDED:
        if not row.relayed and name not in [n.lower() for n in names]:
            check_added(name, new.pop(name))
    assert new == added


def check_added(name, value):
    if name == "date":
        assert email.utils.parsedate_to_datetime(value)
        assert re.fullmatch(r"[A-Z][a-z]{2}, .* [+-]\d{4}", value)
    else:
        assert re.fullmatch(r"<[^<>@ ]+@[^<>@ ]+>", value)


def check_body(row, message):
    body = row.body if row.body is not None else given(row)[1]
    got = message.body
    if "quoted-printable" in row.header.values():
        assert max(map(len, got.splitlines())) <= 76
        got = quopri.decodestring(got)
    assert got == body.replace(b"\n", b"\r\n")


def check_wire(message):
    for line in message.data.split(b"\r\n"):
        assert b"\r" not in line and b"\n" not in line
        assert len(line) <= 998
        assert b"\0" not in line


def check_envelope(row, message):
    assert message.sender == here(row.sender)
    assert message.recipients == row.to.split()
    assert ({p for p in message.parameters if not p.startswith("SIZE=")}
            == set(row.mail.split()))
    for parameters in message.recipient_parameters:
        assert ({p for p in parameters if not p.startswith("ORCPT=")}
                == set(row.rcpt.split()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.caller)
def test_caller(call, sink, row):
    words = row.words
    run = call(*words[1:], name=words[0], stdin=row.input, file=row.file,
               cwd=row.cwd)
    assert run.status == row.status, run
    assert run.stdout == row.stdout, run
    assert bool(run.stderr) == bool(row.status), run
    if not row.to:
        assert not sink.messages
        return
    message = sink.message
    check_wire(message)
    check_envelope(row, message)
    check_header(row, message)
    check_body(row, message)
    notes = [line for line in run.log.splitlines() if "exit=" not in line]
    assert not row.log or any(row.log in line for line in notes), run
    assert run.fields["exit"] == "0"


def test_there_is_a_row_for_each_way_of_calling():
    names = [row.caller for row in ROWS]
    assert len(names) == len(set(names)) >= 100
