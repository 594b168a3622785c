# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--report: an object for each message, whatever becomes of it."""

import os
import resource
import time

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, LOGIN, LOGIN_SETTINGS, MAIL,
                      QUIT, RCPT, SECURED, SEND, greet, lines)
from dns_stub import DnsStub
from json_output import objects
from network import SERVERS
from program import MESSAGE, SECRET, account
from queue_runs import queue as run_queue, sink  # noqa: F401
from queued import wait_until
from service import begin, needs_users

SENT = lines(greet(), ENVELOPE, DATA, "S: 250 2.6.0 queued as 4711", QUIT)
CRLF_MESSAGE = MESSAGE.replace(b"\n", b"\r\n")
WHOLE = (b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.org>\r\n"
         b"DATA\r\n" + CRLF_MESSAGE + b".\r\n")


@pytest.fixture
def report(tmp_path):
    """A file, and its objects so far."""
    class Report:
        path = tmp_path / "report"
        option = f"--report={path}"

        def read(self):
            return objects("report", self.path.read_text())

        def one(self):
            (found,) = self.read()
            return found
    return Report()


def some(found, *names):
    return tuple(found[name] for name in names)


def test_an_accepted_message_has_all_that_is_known(submit, server, trust,
                                                   report):
    server.play(lines(SECURED, LOGIN, ENVELOPE, DATA,
                      "S: 250 2.6.0 queued as \x1b[2J4711", QUIT))
    began = int(time.time())
    run = submit(report.option, "-V", "id-1", "-N", "failure,delay", *SEND,
                 host="mx.test", settings=f"{trust}\n{LOGIN_SETTINGS}")
    assert run.status == 0, run
    assert report.path.stat().st_mode & 0o777 == 0o600
    found = report.one()
    assert began <= found["time"] <= time.time()
    assert some(found, "message_id", "queue_id", "account", "client") == (
        "<1@example.org>", None, "default", None)
    assert some(found["envelope"], "from", "from_is_default", "notify",
                "envelope_id", "require_tls") == (
        "alice@example.org", False, ["failure", "delay"], "id-1", False)
    assert some(found, "result", "code", "status", "error", "phase",
                "details", "exit") == ("sent", 250, "2.6.0", None, None, [], 0)
    assert found["said"] == "250 2.6.0 queued as ?[2J4711"
    assert some(found, "host", "address", "auth", "user") == (
        "mx.test", f"127.0.0.1:{server.port}", "PLAIN",
        "bob@example.org")
    assert some(found["tls"], "version", "verified", "how", "policy") == (
        "TLS1.3", True, "verified", None)
    assert found["size"] == len(server.message)
    assert 0 < found["times_ms"]["total"] <= found["delay_ms"] + 1
    (bob,) = found["recipients"]
    assert some(bob, "address", "result", "host", "code", "said", "exit") == (
        "bob@example.org", "sent", "mx.test", 250, found["said"], 0)
    assert SECRET not in report.path.read_text()


# IDNA has no place for the invisible character.
INVALID_DOMAIN = "eve@bü\u200dcher.example"


def test_each_recipient_has_a_result_and_the_file_all_messages(
        program, server, report):
    server.play(lines(greet(), MAIL, RCPT, """
        C: RCPT TO:<gone@example.org>
        S: 550 5.1.1 no such user
        C: RCPT TO:<grey@example.org>
        S: 450 4.2.0 come again
    """, DATA, ACCEPTED, QUIT), SENT)
    program.write_config(account(server.port, "tls off"))
    run = program.run(report.option, *SEND, "gone@example.org",
                      "grey@example.org", "é@example.org",
                      INVALID_DOMAIN)
    assert run.status == os.EX_NOUSER, run
    assert run.stderr.count("<é@example.org>") == 1, run
    assert run.stderr.count("<eve@bü?cher.example>") == 1, run
    assert program.run(report.option, *SEND).status == 0
    server.finish()
    first, second = report.read()
    assert some(first, "result", "code", "status", "phase", "exit", "tls") == (
        "partial", 550, "5.1.1", "rcpt", os.EX_NOUSER, None)
    assert [some(r, "result", "code", "said", "phase", "exit", "host")
            for r in first["recipients"]] == [
        ("sent", 250, "250 2.0.0 accepted", None, 0, "mx.example"),
        ("failed", 550, "550 5.1.1 no such user", "rcpt", os.EX_NOUSER,
         "mx.example"),
        ("deferred", 450, "450 4.2.0 come again", "rcpt", os.EX_TEMPFAIL,
         "mx.example"),
        ("failed", None, None, "rcpt", os.EX_DATAERR, None),
        ("failed", None, None, "rcpt", os.EX_DATAERR, None)]
    assert some(second, "result", "exit") == ("sent", 0)


@pytest.mark.parametrize("argv, config, stdin, status, recipients", [
    (["--unknown", "bob@example.org"], None, MESSAGE, os.EX_USAGE, 0),
    (["--explain"], None, MESSAGE, os.EX_USAGE, 0),
    ([], None, MESSAGE, os.EX_USAGE, 0),
    (["bob@"], None, MESSAGE, os.EX_DATAERR, 0),
    (["bob@example.org"], "hots x\nprot y\n", MESSAGE, os.EX_CONFIG, 0),
    (["bob@example.org"], None, MESSAGE + b"a" * 2000 + b"\0", None, 1),
    (["bob@example.org"], None, MESSAGE, os.EX_TEMPFAIL, 1),
    (["-qf"], "hots x\n", None, os.EX_CONFIG, 0),
    (["-bs", "--port=x"], None, b"", os.EX_USAGE, 0),
    (["--filter=exit 65", *SEND], None, MESSAGE, os.EX_DATAERR, 1),
])
def test_an_error_before_a_session_has_an_object(
        submit, report, argv, config, stdin, status, recipients):
    run = submit(report.option, *argv, config=config, stdin=stdin)
    assert run.status == status or status is None, run
    found = report.one()
    assert found["exit"] == run.status != 0
    assert found["result"] in ("failed", "deferred")
    assert found["error"] in run.stderr or len(found["details"]) > 0, run
    assert all(line in run.stderr for line in found["details"])
    assert len(found["recipients"]) == recipients
    assert all(r["result"] == found["result"] for r in found["recipients"])
    tried = run.status == os.EX_TEMPFAIL
    assert (found["host"] is not None) == tried, found


def test_a_usage_error_before_it_has_an_object_and_a_late_option_has_none(
        submit):
    run = submit("--nosuch", "-Z", "--report=-", "-oi", *SEND)
    (found,) = objects("report", run.stdout)
    assert (found["exit"], run.status) == (os.EX_USAGE, os.EX_USAGE), run
    assert found["error"].startswith("unknown option --nosuch")
    for argv in (("bob@example.org", "--report=-"), ("--nosuch", "--", "--report=-"),
                 ("--nosuch", "-f", "--report=-"), ("-bp", "--x", "--report=-")):
        assert submit(*argv).stdout == ""


def test_the_report_can_be_a_descriptor_of_the_caller(program, server):
    program.write_config(account(server.port, "tls off\nlogfile -"))
    server.play(SENT, SENT)
    for option in ("--report=-", "--report=fd:{}"):
        reader, writer = os.pipe()
        process = program.start(
            option.format(writer), *SEND, pass_fds=[writer],
            stdout=writer if option == "--report=-" else None)
        os.close(writer)
        process.communicate(MESSAGE)
        with open(reader) as pipe:
            (found,) = objects("report", pipe.read())
        assert (process.returncode, found["result"]) == (0, "sent")
    server.finish()


@pytest.mark.parametrize("argv, name, status, said", [
    (["--report=/nowhere/x"], "veredus", os.EX_CANTCREAT, "/nowhere/x"),
    (["--report=fd:99"], "veredus", os.EX_USAGE, "not open for writing"),
    (["--report=fd:0"], "veredus", os.EX_USAGE, "input"),
    (["--report=fd:x"], "veredus", os.EX_USAGE, "no number"),
    (["--report=fd:"], "veredus", os.EX_USAGE, "fd: has no number"),
    (["--report="], "veredus", os.EX_USAGE, "neither a file"),
    (["--report=-", "-bs"], "veredus", os.EX_USAGE, "SMTP client"),
    (["--report=fd:1", "-bs"], "veredus", os.EX_USAGE, "SMTP client"),
    (["--report=x"], "sendmail", os.EX_USAGE, "use veredus"),
])
def test_a_report_that_cannot_be_opened_is_an_error(
        submit, server, program, argv, name, status, said):
    """Nothing is sent: the server expects no connection."""
    server.play()
    run = submit(*argv, *SEND, name=name, cwd=program.work)
    assert run.status == status and said in run.stderr, run
    assert run.stdout == "" and os.listdir(program.work) == []


def test_a_report_that_cannot_be_written_is_a_warning(submit, server):
    server.play(SENT)
    run = submit("--report=/dev/full", *SEND)
    assert run.status == 0, run
    assert "cannot write the report to /dev/full: No space" in run.stderr
    assert "cannot write the report" in run.log


def limit(size):
    """A full disk, for what the program writes to a file."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_report_that_was_cut_does_not_spoil_the_next_one(
        program, server, report):
    """Half of an object and the next one would be one line."""
    server.play(SENT, SENT, SENT)
    program.write_config(account(server.port, "tls off"))
    assert program.run(report.option, *SEND).status == 0
    size = report.path.stat().st_size
    run = program.run(report.option, *SEND, preexec_fn=limit(size + 100))
    assert run.status == 0 and "File too large" in run.stderr, run
    assert report.path.stat().st_size == size
    # Another program, or a crash, has left this.
    with report.path.open("a") as file:
        file.write('{"partial')
    assert program.run(report.option, *SEND).status == 0
    server.finish()
    first, torn, second = report.path.read_text().splitlines()
    assert torn == '{"partial'
    for line in first, second:
        (found,) = objects("report", line + "\n")
        assert found["result"] == "sent"


@pytest.mark.parametrize("flags", [os.O_WRONLY, os.O_RDWR,
                                   os.O_WRONLY | os.O_APPEND])
def test_a_report_to_a_descriptor_of_a_file_is_whole(
        program, server, report, flags):
    server.play(SENT, SENT)
    program.write_config(account(server.port, "tls off"))
    file = os.open(report.path, flags | os.O_CREAT, 0o600)
    for size in (100, resource.RLIM_INFINITY):
        run = program.run(f"--report=fd:{file}", *SEND, pass_fds=[file],
                          preexec_fn=limit(size))
        assert run.status == 0, run
    os.close(file)
    server.finish()
    assert report.one()["result"] == "sent"


def test_processes_append_whole_lines_to_one_file(
        run_queue, sink, report):  # noqa: F811
    run_queue.configure(sessions=4)
    many = [f"recipient-{i}@example.org" for i in range(60)]
    names = {run_queue.put(*many) for _ in range(8)}
    report.path.write_text('{"partial')
    assert run_queue.program.run("-q", report.option, stdin=None).status == 0
    torn, *rest = report.path.read_text().splitlines(keepends=True)
    assert torn == '{"partial\n'
    assert {item["queue_id"] for item in objects("report", "".join(rest))
            } == names


def test_bs_has_an_object_for_each_message(program, server, report):
    rejected = lines("""
        C: MAIL FROM:<eve@example.org>*
        S: 550 5.7.1 not you
    """)
    server.play(lines(greet(), ENVELOPE, DATA, ACCEPTED, rejected,
                      QUIT))
    program.write_config(account(server.port, "tls off"))
    run = program.run(report.option, "-bs", stdin=(
        b"EHLO client.example\r\n" + WHOLE
        + b"MAIL FROM:<eve@example.org>\r\nRCPT TO:<bob@example.org>\r\n"
        + b"QUIT\r\n"))
    server.finish()
    assert run.status == 0, run
    first, second = report.read()
    assert some(first, "result", "said", "phase") == (
        "sent", "250 2.0.0 accepted", None)
    assert first["message_id"] == "<1@example.org>"
    assert some(second, "result", "code", "phase", "message_id") == (
        "failed", 550, "mail", None)
    assert second["envelope"]["from"] == "eve@example.org"


def test_a_queue_run_has_an_object_for_each_attempt(
        run_queue, sink, report):  # noqa: F811
    run_queue.configure(sessions=2)
    names = [run_queue.put(address, options=[report.option]) for address in
             ("bob@example.org", "carol@example.org", "dave@example.org")]
    assert [some(found, "result", "queue_id", "exit", "host")
            for found in report.read()] == [("queued", name, 0, None)
                                            for name in names]
    report.path.unlink()
    sink.rejected["bob@example.org"] = "450 4.2.1 try later"
    sink.rejected["carol@example.org"] = "550 5.1.1 unknown"
    run = run_queue.program.run("-qf", report.option, stdin=None)
    assert run.status == 0, run
    found = {item["queue_id"]: item for item in report.read()}
    assert [some(found[name], "result", "code", "phase") for name in names] == [
        ("deferred", 450, "rcpt"), ("returned", 550, "rcpt"),
        ("sent", 250, None)]
    assert [found[name]["recipients"][0]["result"] for name in names] == [
        "deferred", "failed", "sent"]


def test_the_processes_of_a_run_take_turns_at_a_pipe(
        run_queue, sink):  # noqa: F811
    run_queue.configure(sessions=4)
    many = [f"recipient-{i}@example.org" for i in range(60)]
    names = {run_queue.put(*many) for _ in range(8)}
    reader, writer = os.pipe()
    process = run_queue.program.start(
        "-q", f"--report=fd:{writer}", stdin=None, pass_fds=[writer])
    os.close(writer)
    with open(reader) as pipe:
        found = objects("report", pipe.read())
    process.communicate()
    assert process.returncode == 0
    assert {item["queue_id"] for item in found} == names
    assert [len(item["recipients"]) for item in found] == [60] * 8


def test_an_attempt_in_the_background_tells_only_a_file(
        post, queue, report, server):
    """The caller's pipe ends with the program that it has called."""
    reader, writer = os.pipe()
    server.play(SENT, SENT)
    post(argv=(f"--report=fd:{writer}", *SEND), mode="always",
         pass_fds=[writer])
    os.close(writer)
    with open(reader) as pipe:
        (found,) = objects("report", pipe.read())
    assert found["result"] == "queued"
    wait_until(queue.is_empty)
    post(argv=(report.option, *SEND), mode="always")
    wait_until(lambda: len(report.read()) == 2)
    server.finish()
    first, second = report.read()
    assert (first["result"], second["result"]) == ("queued", "sent")
    assert first["queue_id"] == second["queue_id"]


def test_recipients_of_several_hosts_have_their_own(submit, network, report):
    with network.client:
        dns = DnsStub("127.0.0.1", 53)
    try:
        for name, address in zip(("one", "two"), SERVERS):
            dns.add(f"mx.{name}.test", "A", address)
            dns.add(f"{name}.test", "MX", 10, f"mx.{name}.test")
            network.listen(address).play(lines(
                greet(), MAIL, f"C: RCPT TO:<bob@{name}.test>", "S: 250 ok",
                DATA, f"S: 250 2.0.0 {name}", QUIT))
        run = submit(report.option, "-f", "alice@example.org", "bob@one.test",
                     "bob@two.test", config=lines(
                         "account default", "host mx", "domain client.example",
                         dns.setting) + "\n")
        network.finish()
    finally:
        dns.stop()
    assert run.status == 0, run
    found = report.one()
    assert sorted(some(r, "host", "said") for r in found["recipients"]) == [
        ("mx.one.test", "250 2.0.0 one"), ("mx.two.test", "250 2.0.0 two")]


@needs_users
def test_the_service_names_its_client(service, server):
    server.play(SENT)
    service.write_config(service.account(server.port))
    path = service.state / "report"
    service.start(f"--report={path}")
    begin(service, b"EHLO client.example\r\n" + WHOLE + b"QUIT\r\n",
          user="www-data").communicate(timeout=30)
    service.wait_for_log("exit=")
    wait_until(lambda: path.exists() and path.read_text())
    (found,) = objects("report", path.read_text())
    assert found["client"]["login"] == "www-data"
    assert found["client"]["label"] in (None, "unconfined")
