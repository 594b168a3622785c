# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""-bs: what a client cannot use up."""

import resource

import pytest

from dialogue import ACCEPTED, DATA, ENVELOPE, QUIT, greet, lines
from program import MESSAGE, account
from service import skip_reason, talk

CRLF_MESSAGE = MESSAGE.replace(b"\n", b"\r\n")
OPEN = (b"MAIL FROM:<alice@example.org>\r\n"
        b"RCPT TO:<bob@example.org>\r\n")


@pytest.mark.parametrize("bdat", [False, True])
def test_a_message_that_cannot_be_stored_is_logged_once(
        program, server, ordinary_memory, bdat):
    small = 4 << 20  # of a file; 64 MiB of the message may be in memory
    body = (b"x" * 998 + b"\r\n") * 70_000
    data = (b"BDAT %d LAST\r\n%s" % (len(body), body) if bdat
            else b"DATA\r\n" + body + b".\r\n")
    server.play(lines(greet(), ENVELOPE, "C: RSET", "S: 250 ok", ENVELOPE,
                      DATA, ACCEPTED, QUIT))
    program.write_config(account(server.port, "tls off"))
    run = program.run(
        "-bs", stdin=OPEN + data + OPEN + b"DATA\r\n" + CRLF_MESSAGE
        + b".\r\nQUIT\r\n", preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (small, small)))
    server.finish()
    assert "452 4.3.1 cannot store the message in" in run.stdout, run
    failed, sent = [line for line in run.log.splitlines() if "exit=" in line]
    assert "cannot store the message in" in failed, run
    assert "recipients=bob@example.org" in failed and "exit=75" in failed, run
    assert "result=sent" in sent, run


@pytest.mark.skipif(skip_reason() is not None, reason=str(skip_reason()))
def test_the_service_logs_a_message_that_it_cannot_store(
        service, ordinary_memory):
    """The client does not learn the name of the folder."""
    small = 4 << 20
    service.write_config(service.account(1, service.queue, "queue later"))
    service.start()
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE,
                     (small, small))
    said = talk(service, OPEN + b"DATA\r\n"
                + (b"x" * 998 + b"\r\n") * 70_000 + b".\r\nQUIT\r\n")
    assert "452 4.3.1" in said and str(service.state) not in said, said
    line = service.wait_for_log("cannot store the message in")
    assert "recipients=bob@example.org" in line, line
