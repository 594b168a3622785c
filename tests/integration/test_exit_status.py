# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exit codes, row by row: by enhanced code, by reply code, by phase."""

import csv
import os
import pathlib

import pytest

from dialogue import AFTER_DOT, MAIL, MESSAGE_TAKEN, SEND, greet, lines
from program import MESSAGE

TABLE = pathlib.Path(__file__).parent.parent / "data" / "exit-status.tsv"
PHASES = {
    "mail": lines(greet(), "C: MAIL *"),
    "rcpt": lines(greet(), MAIL, "C: RCPT *"),
    "data": lines(greet(), MAIL, "C: RCPT *", "S: 250 ok", "C: DATA"),
    "dot": AFTER_DOT,
}
# Where each word of the table's second column is heard.
WHERE = {
    "any": ["mail", "rcpt", "data", "dot"],
    "mail": ["mail"],
    "rcpt": ["rcpt"],
    "mail-rcpt": ["mail", "rcpt"],
    "given-sender": ["mail"],
    "derived-sender": ["derived"],
}


def rows():
    """(code, phase, exit status), a row of the table at a time."""
    with open(TABLE, newline="") as table:
        table = [row for row in csv.DictReader(table, delimiter="\t")]
    special = {(row["status"], phase) for row in table
               if row["where"] != "any" for phase in WHERE[row["where"]]}
    for row in table:
        status = row["status"].replace("*.*", "1.9")
        for phase in WHERE[row["where"]]:
            if row["where"] == "any" and (row["status"], phase) in special:
                continue
            yield status, phase, int(row["exit"])


def refuse(submit, server, phase, reply, *argv):
    if phase == "derived":
        argv = ("-t",)
        phase = "mail"
    server.play(lines(PHASES[phase], f"S: {reply}", "C? QUIT", "GONE"))
    return submit(*(argv or SEND))


@pytest.mark.parametrize(
    "status, phase, exit_status",
    [row for row in rows() if row[0][0] != "2"])
def test_an_enhanced_code_decides(submit, server, status, phase, exit_status):
    code = {"4": "450", "5": "550"}[status[0]]
    run = refuse(submit, server, phase, f"{code} {status} because")
    assert run.status == exit_status, run
    assert run.fields["status"] == status


@pytest.mark.parametrize("reply", ["250 2.1.9 ok", "250 2.0.0 ok"])
def test_class_2_is_success(submit, server, reply):
    server.play(lines(greet(), MESSAGE_TAKEN.replace("250 2.0.0", reply)))
    assert submit(*SEND).status == 0


@pytest.mark.parametrize("phase, code, exit_status", [
    ("mail", 500, os.EX_DATAERR), ("mail", 501, os.EX_DATAERR),
    ("mail", 502, os.EX_PROTOCOL), ("mail", 503, os.EX_PROTOCOL),
    ("mail", 504, os.EX_DATAERR), ("mail", 550, os.EX_UNAVAILABLE),
    ("mail", 552, os.EX_DATAERR), ("mail", 553, os.EX_DATAERR),
    ("mail", 554, os.EX_UNAVAILABLE), ("mail", 521, os.EX_UNAVAILABLE),
    ("mail", 599, os.EX_UNAVAILABLE),
    ("rcpt", 501, os.EX_DATAERR), ("rcpt", 550, os.EX_NOUSER),
    ("rcpt", 551, os.EX_NOUSER), ("rcpt", 552, os.EX_UNAVAILABLE),
    ("rcpt", 553, os.EX_DATAERR), ("rcpt", 554, os.EX_UNAVAILABLE),
    ("rcpt", 556, os.EX_NOHOST),
    ("data", 503, os.EX_PROTOCOL), ("data", 554, os.EX_UNAVAILABLE),
    ("dot", 550, os.EX_UNAVAILABLE), ("dot", 552, os.EX_DATAERR),
    ("dot", 554, os.EX_UNAVAILABLE), ("dot", 571, os.EX_UNAVAILABLE),
] + [(phase, code, os.EX_TEMPFAIL) for phase in PHASES
     for code in (400, 421, 450, 451, 452, 454, 499)])
def test_without_an_enhanced_code_the_reply_code_decides(
        submit, server, phase, code, exit_status):
    run = refuse(submit, server, phase, f"{code} because")
    assert run.status == exit_status, run
    assert run.fields["code"] == str(code)


@pytest.mark.parametrize("status", [
    "5.1", "5.1.1.1", "5..1", "5.a.1", "5.1.1000", "5.1000.1", "5.1.1x",
    "x5.1.2"])
def test_what_only_looks_like_an_enhanced_code_is_text(
        submit, server, status):
    run = refuse(submit, server, "rcpt", f"552 {status} because")
    # As without one: 5.2.2.
    assert run.status == os.EX_UNAVAILABLE, run


@pytest.mark.parametrize("status, exit_status", [
    ("5.9.9", os.EX_UNAVAILABLE),    # unknown subject
    ("5.1.99", os.EX_NOUSER),        # unknown detail: as 5.1.0
    ("5.6.10", os.EX_DATAERR),
    ("5.7.26", os.EX_NOPERM),
    ("5.7.99", os.EX_NOPERM),
])
def test_unknown_enhanced_codes_have_an_exit_code(
        submit, server, status, exit_status):
    run = refuse(submit, server, "rcpt", f"550 {status} because")
    assert run.status == exit_status, run


@pytest.mark.parametrize("outcomes, exit_status", [
    (["450 4.2.0", "550 5.1.1"], os.EX_NOUSER),
    (["550 5.7.1", "550 5.1.1"], os.EX_NOPERM),
    (["550 5.1.1", "550 5.7.1"], os.EX_NOUSER),
    (["450 4.2.0", "250 2.1.5"], os.EX_TEMPFAIL),
    (["250 2.1.5", "550 5.2.2"], os.EX_UNAVAILABLE),
    (["250 2.1.5", "250 2.1.5"], 0),
    (["450 4.2.0", "451 4.3.0"], os.EX_TEMPFAIL),
])
def test_of_several_recipients_the_first_permanent_failure_decides(
        submit, server, outcomes, exit_status):
    replies = "\n".join(
        f"C: RCPT TO:<{name}@example.org>\nS: {outcome} because"
        for name, outcome in zip("ab", outcomes))
    rest = ("C: DATA\nS: 354 go on\nBODY\nS: 250 ok\nC: QUIT"
            if any(o[0] == "2" for o in outcomes) else "C: QUIT")
    server.play(lines(greet(), MAIL, replies, rest))
    run = submit("-f", "alice@example.org", "a@example.org", "b@example.org")
    assert run.status == exit_status, run


@pytest.mark.parametrize("reply, exit_status", [
    ("554 no service here", os.EX_UNAVAILABLE),
    ("554 5.3.2 no service", os.EX_UNAVAILABLE),
    ("521 never", os.EX_UNAVAILABLE),
    ("421 4.3.2 later", os.EX_TEMPFAIL),
    ("450 later", os.EX_TEMPFAIL),
])
def test_a_greeting_that_refuses(submit, server, reply, exit_status):
    server.play(lines(f"S: {reply}", "C? QUIT", "GONE"))
    run = submit(*SEND)
    assert run.status == exit_status, run
    assert f"mx.example said: {reply}" in run.stderr


@pytest.mark.parametrize("sender, exit_status", [
    (["-f", "alice@example.org"], os.EX_DATAERR),
    ([], os.EX_CONFIG),
])
def test_whose_fault_a_bad_sender_is(submit, server, sender, exit_status):
    server.play(lines(greet(), "C: MAIL *", "S: 550 5.1.8 no such domain",
                      "C: QUIT"))
    run = submit(*sender, "bob@example.org", stdin=MESSAGE)
    assert run.status == exit_status, run
