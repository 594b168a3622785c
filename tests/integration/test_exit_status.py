# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exit status for each enhanced code, reply code and stage of SMTP."""

import csv
import os
import pathlib

import pytest

from dialogue import (BEFORE_FINAL_REPLY, LOGIN_SETTINGS, MAIL,
                      MESSAGE_ACCEPTED, SECURED, SEND, greet, lines)
from program import MESSAGE

TABLE = pathlib.Path(__file__).parent.parent / "data" / "exit-status.tsv"
STAGES = {
    "mail": lines(greet(), "C: MAIL *"),
    "rcpt": lines(greet(), MAIL, "C: RCPT *"),
    "data": lines(greet(), MAIL, "C: RCPT *", "S: 250 ok", "C: DATA"),
    "end of data": BEFORE_FINAL_REPLY,
    "auth": lines(SECURED, "C: AUTH PLAIN *"),
}
# The stages that each word of the table's second column stands for.
WHERE = {
    "any": ["mail", "rcpt", "data", "end of data"],
    "mail": ["mail"],
    "rcpt": ["rcpt"],
    "mail-rcpt": ["mail", "rcpt"],
    "given-sender": ["mail"],
    "default-sender": ["default sender"],
    "auth": ["auth"],
}


def rows():
    """Yields (enhanced code, stage, exit status) for each row of the table."""
    with open(TABLE, newline="") as table:
        table = [row for row in csv.DictReader(table, delimiter="\t")]
    special = {(row["status"], stage) for row in table
               if row["where"] != "any" for stage in WHERE[row["where"]]}
    for row in table:
        status = row["status"].replace("*.*", "1.9")
        for stage in WHERE[row["where"]]:
            if row["where"] == "any" and (row["status"], stage) in special:
                continue
            yield status, stage, int(row["exit"])


@pytest.fixture
def reject(submit, server, trust):
    """Runs the program with a server that rejects a stage."""
    def run(stage, reply):
        argv = ("-t",) if stage == "default sender" else SEND
        transcript = STAGES["mail" if stage == "default sender" else stage]
        server.play(lines(transcript, f"S: {reply}", "C? QUIT", "EOF"))
        if stage == "auth":
            return submit(*argv, host="mx.test",
                          settings=lines(trust, LOGIN_SETTINGS))
        return submit(*argv)

    return run


@pytest.mark.table
@pytest.mark.parametrize(
    "status, stage, exit_status",
    [row for row in rows() if row[0][0] != "2"])
def test_the_enhanced_code_decides_the_exit_status(
        reject, status, stage, exit_status):
    code = {"4": "450", "5": "550"}[status[0]]
    run = reject(stage, f"{code} {status} because")
    assert run.status == exit_status, run
    assert run.fields["status"] == status


@pytest.mark.parametrize("reply", ["250 2.1.9 ok", "250 2.0.0 ok"])
def test_class_2_is_success(submit, server, reply):
    server.play(lines(greet(), MESSAGE_ACCEPTED.replace("250 2.0.0", reply)))
    assert submit(*SEND).status == 0


@pytest.mark.table
@pytest.mark.parametrize("stage, code, exit_status", [
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
    ("end of data", 550, os.EX_UNAVAILABLE),
    ("end of data", 552, os.EX_DATAERR),
    ("end of data", 554, os.EX_UNAVAILABLE),
    ("end of data", 571, os.EX_UNAVAILABLE),
    ("auth", 500, os.EX_CONFIG), ("auth", 501, os.EX_CONFIG),
    ("auth", 502, os.EX_CONFIG), ("auth", 503, os.EX_CONFIG),
    ("auth", 504, os.EX_CONFIG), ("auth", 530, os.EX_NOPERM),
    ("auth", 534, os.EX_CONFIG), ("auth", 535, os.EX_NOPERM),
    ("auth", 538, os.EX_CONFIG), ("auth", 550, os.EX_NOPERM),
    ("auth", 552, os.EX_NOPERM), ("auth", 553, os.EX_NOPERM),
    ("auth", 554, os.EX_NOPERM), ("auth", 571, os.EX_NOPERM),
] + [(stage, code, os.EX_TEMPFAIL) for stage in STAGES
     for code in (400, 421, 450, 451, 452, 454, 499)])
def test_without_an_enhanced_code_the_reply_code_decides_the_exit_status(
        reject, stage, code, exit_status):
    run = reject(stage, f"{code} because")
    assert run.status == exit_status, run
    assert run.fields["code"] == str(code)


@pytest.mark.parametrize("status", [
    "5.1", "5.1.1.1", "5..1", "5.a.1", "5.1.1000", "5.1000.1", "5.1.1x",
    "x5.1.2"])
def test_an_invalid_enhanced_code_is_ignored(reject, status):
    run = reject("rcpt", f"552 {status} because")
    # 552 alone stands for 5.2.2.
    assert run.status == os.EX_UNAVAILABLE, run


@pytest.mark.parametrize("status, exit_status", [
    ("5.9.9", os.EX_UNAVAILABLE),    # unknown subject
    ("5.1.99", os.EX_NOUSER),        # unknown detail: as 5.1.0
    ("5.6.10", os.EX_DATAERR),
    ("5.7.26", os.EX_NOPERM),
    ("5.7.99", os.EX_NOPERM),
])
def test_an_unknown_enhanced_code_is_treated_by_its_subject(
        reject, status, exit_status):
    run = reject("rcpt", f"550 {status} because")
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
def test_the_first_permanent_failure_decides_among_recipients(
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
def test_a_rejection_in_the_greeting_is_reported(
        submit, server, reply, exit_status):
    server.play(lines(f"S: {reply}", "C? QUIT", "EOF"))
    run = submit(*SEND)
    assert run.status == exit_status, run
    assert f"mx.example said: {reply}" in run.stderr


@pytest.mark.parametrize("sender, exit_status", [
    (["-f", "alice@example.org"], os.EX_DATAERR),
    ([], os.EX_CONFIG),
])
def test_a_rejected_default_sender_is_a_configuration_error(
        submit, server, sender, exit_status):
    server.play(lines(greet(), "C: MAIL *", "S: 550 5.1.8 no such domain",
                      "C: QUIT"))
    run = submit(*sender, "bob@example.org", stdin=MESSAGE)
    assert run.status == exit_status, run
