# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter of an account: what it gets, and what becomes of its output."""

import errno
import hashlib
import os
import signal
import subprocess

import pytest

from dialogue import (BEFORE_FINAL_REPLY, ENVELOPE, MESSAGE_ACCEPTED, QUIT, SEND,
                      greet, lines)
from program import MESSAGE, account
from queued import check_queued, wait_until
from service import needs_users, talk

ADD = "filter (echo 'X-Filter: yes'; cat)"
DELIVERY = lines(greet("8BITMIME"), MESSAGE_ACCEPTED)
EIGHT_BIT = ("From: alice@example.org\nTo: bob@example.org\n"
             "Bcc: eve@example.org\nMessage-ID: <1@example.org>\n"
             "Date: Mon, 30 Nov 2026 08:00:00 +0000\n"
             "Subject: Gr\u00fc\u00dfe\nMIME-Version: 1.0\n"
             "Content-Type: text/plain; charset=utf-8\n"
             "Content-Transfer-Encoding: 8bit\n\n.\u00e4\n").encode()
SESSION = ("EHLO client.example\r\nMAIL FROM:<alice@example.org>\r\n"
           "RCPT TO:<bob@example.org>\r\nDATA\r\n"
           + MESSAGE.decode().replace("\n", "\r\n") + ".\r\nQUIT\r\n")


@pytest.fixture
def filtered(submit):
    """Sends through a filter."""
    def filtered(command, *argv, settings="", **options):
        return submit(*argv, *SEND,
                      settings=f"tls off\nfilter {command}\n{settings}",
                      **options)
    return filtered


def test_its_output_is_sent_to_the_recipients_of_the_envelope(
        filtered, server, tmp_path):
    server.play(DELIVERY)
    run = filtered(f"tee {tmp_path}/copy | sed "
                   "'s/^To:.*/To: eve@example.org/; s/^Hello/.Adieu/'; "
                   "printf 'no line end\\r\\n.'")
    assert run.status == 0, run
    header, _, body = server.message.partition(b"\r\n\r\n")
    assert b"To: eve@example.org" in header
    assert body == b".Adieu.\r\nno line end\r\n.\r\n"
    assert (tmp_path / "copy").read_bytes() == MESSAGE


def test_it_gets_the_complete_message_in_ascii_without_bcc(
        filtered, server, tmp_path):
    server.play(DELIVERY)
    run = filtered(f"tee {tmp_path}/copy; printf 'MORE: \\303\\244\\n'",
                   stdin=EIGHT_BIT)
    assert run.status == 0, run
    copy = (tmp_path / "copy").read_bytes()
    assert copy.isascii()
    assert b"\nContent-Transfer-Encoding: base64\n" in copy
    assert b"eve@example.org" not in copy
    assert server.message.endswith("\r\nMORE: \u00e4\r\n".encode())


@pytest.mark.parametrize("extensions, encoding, text", [
    (["8BITMIME"], "8bit", "\u00e4\r\n"), ([], "quoted-printable", "=C3=A4")],
    ids=["8bit", "7bit"])
def test_what_it_adds_in_8_bits_is_declared_unless_it_is_signed(
        filtered, server, extensions, encoding, text):
    server.play(lines(greet(*extensions), MESSAGE_ACCEPTED))
    add = "cat; printf '\\303\\244\\n'"
    assert filtered(add).status == 0
    sent = server.message.decode()
    assert "\nContent-Type: text/plain; charset=utf-8\r\n" in sent
    assert f"\nContent-Transfer-Encoding: {encoding}\r\n" in sent
    assert text in sent
    run = filtered(f"echo 'DKIM-Signature: v=1'; {add}", "--print")
    assert run.status == 0, run
    assert "Content-Type" not in run.stdout


def test_bcc_does_not_come_back(filtered, server):
    server.play(DELIVERY)
    assert filtered("(echo 'Bcc: eve@example.org'; cat)").status == 0
    assert b"eve" not in server.message


def test_nothing_of_the_caller_or_of_the_program_is_passed_on(
        filtered, server, tmp_path):
    server.play(DELIVERY)
    run = filtered(
        f"(env; pwd; ls -l /proc/self/fd) >{tmp_path}/seen; cat",
        env={"CANARY": "1"},
        preexec_fn=lambda: os.dup2(0, 50, inheritable=True))
    assert run.status == 0, run
    seen = (tmp_path / "seen").read_text().splitlines()
    names = {line.partition("=")[0] for line in seen if "=" in line}
    # The shell adds some.
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {
        "HOME", "LANG", "LOGNAME", "PATH", "SHELL", "USER"}
    assert "/" in seen
    numbers = {line.split()[8] for line in seen if " -> " in line}
    assert numbers <= {"0", "1", "2", "3"}, seen


@pytest.mark.parametrize("command, status, words", [
    ("printf 'no\\33 spam\\n here' >&2; cat; exit 65", os.EX_DATAERR,
     "the filter rejected the message: no? spam\n"),
    ("cat; exit 65", os.EX_DATAERR, "the filter rejected the message\n"),
    ("cat; echo no key >&2; exit 3", os.EX_TEMPFAIL,
     "exit status 3: no key\n"),
    ("cat; kill -9 $$", os.EX_TEMPFAIL, "killed by a signal"),
    ("cat; kill -9 $PPID; sleep 9", os.EX_TEMPFAIL, "commands has ended"),
    ("/nonexistent/program", os.EX_TEMPFAIL, "exit status 127"),
    ("cat >/dev/null", os.EX_TEMPFAIL, "printed nothing"),
    ("echo; cat", os.EX_TEMPFAIL, "printed no header section"),
    ("echo 'Error: no key'", os.EX_TEMPFAIL, "without From"),
    ("sed 's/^From:.*/From: /'", os.EX_TEMPFAIL, "From is empty or invalid"),
    ("sed 's/^From:.*/From: not an addr/'", os.EX_TEMPFAIL,
     "From is empty or invalid"),
    ("yes x | head -c 3000000 >&2; exit 2", os.EX_TEMPFAIL,
     "exit status 2: x\n"),
    ("yes From: x", os.EX_TEMPFAIL,
     "the command printed what cannot be sent: the header section has more"),
], ids=["65", "65 without a word", "3", "signal", "second process",
        "not found", "nothing", "no header", "no From", "empty From",
        "invalid From", "many errors", "endless"])
def test_nothing_is_sent_when_it_fails(filtered, command, status, words):
    run = filtered(command)
    assert run.status == status, run
    assert words in run.stderr
    if status == os.EX_TEMPFAIL:
        assert "filter (" in run.stderr


@pytest.mark.parametrize("field", [
    b"From: Alice <alice@example.org", b"From: not an address"])
def test_it_need_not_mend_from(filtered, field):
    run = filtered("cat", "--print", settings="set_from_header off",
                   stdin=field + MESSAGE[MESSAGE.index(b"\n"):])
    assert run.status == 0, run
    assert field.decode() in run.stdout


@pytest.mark.parametrize("option, stdin, times", [
    ("-bs", SESSION.encode(), 0), ("-v", MESSAGE, 1)], ids=["-bs", "-v"])
def test_what_a_successful_one_writes_as_an_error_is_a_warning(
        submit, server, program, option, stdin, times):
    server.play(lines(greet(), MESSAGE_ACCEPTED), optional=True)
    settings = "tls off\nfilter printf 'no\\33 key\\ntrace\\n' >&2; cat"
    operands = SEND if option == "-v" else ()
    run = submit(option, *operands, stdin=stdin, settings=settings)
    warning = "exit status 0, but wrote to standard error: no? key"
    assert server.message and run.stderr.count(warning) == times, run
    assert warning in program.syslog.read_text()


def test_the_deadline_ends_it_and_its_children(filtered, tmp_path):
    run = filtered(f"sleep 1000 & echo $! >{tmp_path}/pid; wait; cat",
                   settings="deadline 2", total=15)
    assert run.status == os.EX_TEMPFAIL, run
    assert "did not finish in time" in run.stderr
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: not os.path.exists(f"/proc/{pid}/cwd"))


def test_output_that_cannot_be_read_to_its_end_is_not_sent(filtered):
    run = filtered("trap '' PIPE; cat; echo more; exit 0", "--print",
                   env={"VEREDUS_TEST_PIPE": str(errno.EIO)})
    assert (run.status, run.stdout) == (os.EX_TEMPFAIL, ""), run
    assert "cannot read the output of the filter: Input/output error" in (
        run.stderr), run


def test_it_ends_with_the_program(program, tmp_path):
    program.write_config(account(9, "tls off\nfilter "
                                 f"echo $$ >{tmp_path}/pid; sleep 1000; :"))
    process = program.start(*SEND)
    process.stdin.write(MESSAGE)
    process.stdin.close()
    process.stdin = None
    wait_until(lambda: (tmp_path / "pid").exists()
               and (tmp_path / "pid").read_text())
    process.send_signal(signal.SIGTERM)
    run = program.end(process)
    assert run.status == os.EX_TEMPFAIL, run
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: not os.path.exists(f"/proc/{pid}/cwd"))


@pytest.mark.parametrize("command", [
    "cat", "python3 -c 'import sys; a = sys.stdin.buffer.read(); "
    "sys.stdout.buffer.write(a)'"])
def test_a_large_message_passes_whole(filtered, command):
    body = (b"0123456789abcdef" * 4 + b"\n") * 310000
    run = filtered(command, "--print", stdin=MESSAGE + body)
    assert run.status == 0, run
    sent = run.stdout.encode().partition(b"\n\n")[2]
    assert (hashlib.sha256(sent).digest()
            == hashlib.sha256(b"Hello.\n" + body).digest())


def test_it_need_not_read_its_input(filtered):
    body = b"0123456789abcdef\n" * 100000
    run = filtered("head -c 10 >/dev/null; printf 'From: a@example.org\\n\\nx'",
                   "--print", stdin=MESSAGE + body)
    assert (run.status, run.stdout) == (0, "From: a@example.org\n\nx\n"), run


def test_a_background_process_may_keep_the_output_open(filtered, server):
    server.play(DELIVERY)
    run = filtered("cat; sleep 25 2>/dev/null &", total=15)
    assert run.status == 0, run
    assert server.message.endswith(b"Hello.\r\n")


def test_print_runs_it_and_modes_that_send_nothing_do_not(submit, tmp_path):
    settings = f"tls off\nfilter touch {tmp_path}/ran; sed s/Hello/Adieu/"
    for mode in "--pretend", "--explain":
        run = submit(mode, *SEND, settings=settings, host="127.0.0.1")
        assert "filter = touch " in run.stdout, run
        assert not (tmp_path / "ran").exists()
    run = submit("--print", *SEND, settings=settings)
    assert run.stdout.endswith("\nAdieu.\n"), run


# ---- DKIM ----

@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A key for DKIM: its file, and the record with its public half."""
    folder = tmp_path_factory.mktemp("dkim")
    subprocess.run(["openssl", "genrsa", "-out", folder / "key.pem", "2048"],
                   check=True, capture_output=True)
    public = subprocess.run(
        ["openssl", "rsa", "-in", folder / "key.pem", "-pubout"], check=True,
        capture_output=True, text=True).stdout
    text = "".join(public.splitlines()[1:-1])
    return folder / "key.pem", f"v=DKIM1; k=rsa; p={text}".encode()


def verifies(message, key):
    dkim = pytest.importorskip("dkim")
    return dkim.verify(message, dnsfunc=lambda name, **_: key[1] if name
                       == b"s1._domainkey.example.org." else None)


@pytest.mark.parametrize("extensions", [("8BITMIME", "SMTPUTF8"), ()],
                         ids=["8bit", "7bit"])
def test_a_signature_is_valid_at_every_server(filtered, server, key,
                                              extensions):
    server.play(lines(greet(*extensions), MESSAGE_ACCEPTED))
    text = EIGHT_BIT + b"\n.\nlong " + 2000 * b"\xc3\xa4" + b"\n  \n\n"
    run = filtered(f"dkimsign s1 example.org {key[0]}", stdin=text)
    assert run.status == 0, run
    assert verifies(server.message, key)
    assert not verifies(server.message.replace(b"alice", b"carol"), key)


# ---- the queue ----

COUNT = ("filter echo x >>{0}/calls; "
         "echo \"X-Count: $(wc -l <{0}/calls)\"; cat")


def test_a_queued_message_was_filtered_once(
        post, program, queue, server, tmp_path):
    check_queued(post(mode="later", settings=COUNT.format(tmp_path)), queue)
    assert b"X-Count: 1\n" in queue.entry()[1]
    server.play(lines(BEFORE_FINAL_REPLY, "S: 451 4.3.0 busy", QUIT), DELIVERY)
    for _ in range(2):
        assert not queue.is_empty()
        program.run("-qf", stdin=None)
    server.finish()
    assert queue.is_empty()
    assert b"X-Count: 1\r\n" in server.message
    assert (tmp_path / "calls").read_text() == "x\n"


def test_a_message_that_it_fails_is_not_queued(post, queue):
    run = post(mode="later", settings="filter exit 75")
    assert run.status == os.EX_TEMPFAIL, run
    assert queue.is_empty()


# ---- sessions ----

def test_each_message_of_a_session_passes_it(submit, server, tmp_path):
    """In the sandbox: a session cannot run a program itself."""
    again = SESSION.replace("EHLO client.example", "RSET").replace(
        "Hello", "SPAM")
    server.play(lines(greet(), ENVELOPE, "C: DATA", "S: 354 go", "BODY",
                      "S: 250 2.0.0 ok", ENVELOPE, "C? RSET", "C? QUIT"),
                optional=True)
    run = submit(
        "-bs", stdin=(SESSION.replace("QUIT\r\n", "") + again).encode(),
        settings="tls off\nsandbox require\nfilter echo 'X-Filter: yes'; cat >"
        f"{tmp_path}/m; cat {tmp_path}/m; ! grep -q SPAM {tmp_path}/m || "
        "{ echo is spam >&2; exit 65; }")
    replies = run.stdout.splitlines()
    assert b"X-Filter: yes\r\n" in server.message
    assert ("554 5.6.0 the filter rejected the message: is spam"
            in replies), run
    assert len([line for line in replies if line.startswith("250 2.0.0")]) == 2


@needs_users
def test_in_the_service_it_runs_as_the_user_of_the_service(
        serve, server, service):
    serve("filter echo \"X-User: $(id -un) $USER\"; cat", plays=[DELIVERY])
    assert "250 2.0.0 accepted" in talk(service, SESSION)
    server.finish()
    user = service.user.encode()
    assert b"X-User: " + user + b" " + user + b"\r\n" in server.message


@needs_users
def test_a_client_of_the_service_hears_only_why_it_rejects(
        serve, server, service):
    play = lines(greet(), ENVELOPE, "C? RSET", "C? QUIT")
    serve("filter cat >/dev/null; echo it is spam >&2; exit 65",
          plays=[play, play])
    heard = talk(service, SESSION)
    assert "554 5.6.0 the filter rejected the message: it is spam" in heard
    service.write_config(service.account(
        server.port, "filter cat >/dev/null; echo CANARY >&2; exit 1"))
    heard = talk(service, SESSION)
    assert "451 4.3.0 this service has a problem of its own" in heard
    assert "CANARY" not in heard and "service.conf" not in heard
    assert "CANARY" in service.wait_for_log("exit=75")
