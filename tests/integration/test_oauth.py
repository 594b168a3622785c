# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending with OAuth2 tokens: what the main program does with veredus-oauth."""

import os
import signal
import socket
import time

import pytest

from dialogue import (MESSAGE_ACCEPTED, SEND, STARTTLS, ehlo, greet, lines)
from fake_oauth import URL, OAuthHelper, bearer
from program import MESSAGE, account

TOKEN = "Kanarienvogel-token"


@pytest.fixture
def oauth(program):
    program.secrets.append(TOKEN)
    return OAuthHelper(program)


@pytest.fixture
def send(submit, oauth, trust, server):
    """Sends one message with the account of the fake helper."""
    def send(*options, settings=""):
        return submit(*options, *SEND, env=oauth.env, host="mx.test",
                      settings=lines(trust, oauth.settings, settings))
    return send


def secured(mechanisms="XOAUTH2"):
    return lines(greet("STARTTLS"), STARTTLS, ehlo(f"AUTH {mechanisms}"))


def accepts(token=TOKEN):
    return lines(secured(), f"C: AUTH XOAUTH2 {bearer(token)}",
                 "S: 235 2.7.0 welcome", MESSAGE_ACCEPTED)


def test_a_fresh_token_is_used_without_the_helper(send, oauth, server):
    oauth.write_access(TOKEN)
    server.play(accepts())
    run = send()
    assert run.status == 0, run
    assert oauth.requests == []


@pytest.mark.parametrize("age", [3600, 3599, -60], ids=[
    "expired", "in_the_margin", "from_the_future"])
def test_a_token_that_is_not_fresh_is_renewed(send, oauth, server, age):
    oauth.write_access("old", age)
    oauth.gives(TOKEN)
    server.play(accepts())
    run = send()
    assert run.status == 0, run
    assert oauth.requests[0][0] == "refresh"
    assert f"token_url {URL}" in oauth.requests[0]


def test_a_token_in_the_margin_is_used_if_it_cannot_be_renewed(
        send, oauth, server):
    oauth.write_access(TOKEN, age=3500)
    oauth.answers(status=75, stderr="the provider cannot renew now (503)\n")
    server.play(accepts())
    assert send().status == 0
    assert len(oauth.requests) == 1


@pytest.mark.parametrize("status, result", [
    (75, os.EX_TEMPFAIL), (77, os.EX_NOPERM), (78, os.EX_CONFIG),
    (1, os.EX_TEMPFAIL)])
def test_a_failure_has_the_exit_status_of_its_class(
        send, oauth, status, result):
    oauth.answers(status=status, stderr="the login has \x1b[1mended\nmore\n")
    run = send()
    assert run.status == result, run
    assert "account default: the login has ?[1mended\n" in run.stderr, run


def test_a_failure_without_a_text_is_told(send, oauth):
    oauth.answers(status=77)
    run = send()
    assert run.status == os.EX_NOPERM
    assert "account default: veredus-oauth failed with exit status 77" in (
        run.stderr)


def test_an_answer_without_a_token_is_temporary(send, oauth):
    oauth.answers(stdout="end\n")
    run = send()
    assert run.status == os.EX_TEMPFAIL, run
    assert "veredus-oauth printed no token" in run.stderr


def test_a_build_without_the_helper_says_so(send, oauth):
    oauth.env["VEREDUS_TEST_FILES"] = (
        oauth.env["VEREDUS_TEST_FILES"].partition("=")[0] + "=/nowhere")
    run = send()
    assert run.status == os.EX_CONFIG, run
    assert "this build has no OAuth2 (veredus-oauth)" in run.stderr


def test_a_warning_beside_a_token_is_told(send, oauth, server):
    now = int(time.time())
    oauth.answers(stdout=f"access {TOKEN}\nobtained {now}\nend\n",
                  stderr="cannot keep the next token\n")
    server.play(accepts())
    run = send()
    assert run.status == 0, run
    assert "2.4 veredus: account default: cannot keep the next token" in (
        run.log)
    assert run.stderr == ""


def test_the_helper_goes_on_when_nobody_waits(send, oauth):
    oauth.answers(held=True, stdout="")
    run = send("--deadline=2")
    assert run.status == os.EX_TEMPFAIL, run
    assert "cannot renew the token: no result came in time" in run.stderr
    assert not (oauth.folder / "done").exists()
    oauth.release()
    wait_for(oauth.folder / "done")


def test_the_helper_survives_its_caller(program, oauth, server, trust):
    oauth.answers(held=True, stdout="")
    program.write_config(lines("account default", "host mx.test",
                               "port 9", trust, oauth.settings) + "\n")
    process = program.start(*SEND, env=oauth.env, start_new_session=True)
    process.stdin.close()
    process.stdin = None
    wait_for(oauth.folder / "request0")
    os.killpg(process.pid, signal.SIGINT)
    run = program.end(process)
    assert run.status == os.EX_TEMPFAIL, run
    oauth.release()
    wait_for(oauth.folder / "done")


def wait_for(path):
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.05)


def test_any_token_mechanism_that_is_offered_is_used(send, oauth, server):
    oauth.write_access(TOKEN)
    server.play(lines(secured("PLAIN LOGIN XOAUTH2 OAUTHBEARER"),
                      "C: AUTH OAUTHBEARER *", "S: 235 2.7.0 welcome",
                      MESSAGE_ACCEPTED))
    assert send().status == 0


def test_a_token_is_no_password(send, oauth, server):
    oauth.write_access(TOKEN)
    server.play(lines(secured("PLAIN LOGIN"), "C? QUIT\nEOF"))
    run = send()
    assert run.status == os.EX_CONFIG, run
    assert "this account has an access token" in run.stderr


def test_the_secret_of_a_command_goes_to_the_helper(send, oauth, server):
    oauth.gives(TOKEN)
    server.play(accepts())
    run = send(settings="oauth_client_secret_eval echo geheim; echo note")
    assert run.status == 0, run
    assert "client_secret geheim" in oauth.requests[0]


def test_a_file_with_a_client_secret_is_a_secret(program, oauth):
    program.write_config(lines(
        "account default\nhost mx.test", oauth.settings,
        "oauth_client_secret geheim") + "\n").chmod(0o644)
    run = program.run("--pretend")
    assert run.status == os.EX_CONFIG
    assert "geheim" not in run.stderr + run.stdout


@pytest.mark.parametrize("mode", ["--pretend", "--explain"])
def test_nothing_is_renewed_to_show_settings(program, oauth, mode, trust):
    program.write_config(lines(
        "account default\nhost mx.test\nport 9", trust, oauth.settings,
        "oauth_client_secret geheim") + "\n")
    run = program.run(mode, env=oauth.env)
    assert run.status == 0, run
    assert "geheim" not in run.stdout
    assert oauth.requests == []
    if mode == "--explain":
        assert "password from: the OAuth2 token of oauth_provider (" in (
            run.stdout)
    else:
        assert "oauth_client_secret = (hidden)" in run.stdout
        assert "auth = on (preset other)" in run.stdout


# ---- logins ----

CONSENTED = {"stdout": f"token {TOKEN}\n", "reads": True, "then": "stored\n"}


def test_a_login_makes_no_folder_for_the_queue(
        program, oauth, server, trust, tmp_path):
    """If root made it for the service, the service could not use it."""
    queue = tmp_path / "queue"
    oauth.answers(login=CONSENTED)
    server.play(lines(secured(), f"C: AUTH XOAUTH2 {bearer(TOKEN)}",
                      "S: 235 2.7.0 welcome", "C: QUIT", "S: 221 bye"))
    program.write_config(account(server.port, lines(
        trust, oauth.settings, f"queue on\nqueue_dir {queue}"), "mx.test"))
    run = program.run("--login", "--oauth-flow=browser", env=oauth.env)
    assert run.status == 0, run
    server.finish()
    assert not queue.exists()


@pytest.mark.parametrize("text", [None, "", "no PEM"])
def test_what_is_wrong_with_tls_is_told_before_a_person_consents(
        program, oauth, tmp_path, text):
    path = tmp_path / "trust.pem"
    if text is not None:
        path.write_text(text)
    program.write_config(account(
        9, lines(f"tls_trust_file {path}", oauth.settings), "mx.test"))
    run = program.run("--login", "--oauth-flow=browser", env=oauth.env)
    assert run.status == os.EX_CONFIG, run
    assert str(path) in run.stderr
    assert oauth.requests == []


def test_a_test_that_is_not_possible_says_so(program, oauth, trust):
    oauth.answers(login=CONSENTED)
    with socket.socket() as silent:  # it accepts no connection
        silent.bind(("127.0.0.1", 0))
        program.write_config(account(
            silent.getsockname()[1], lines(trust, oauth.settings), "mx.test"))
        run = program.run("--login", "--oauth-flow=browser", env=oauth.env)
    assert run.status == os.EX_TEMPFAIL, run
    assert "not possible" in run.stdout and "--oauth-no-test" in run.stdout
    assert "does not accept the token" not in run.stdout
    assert (oauth.folder / "said").read_text() == "drop\n"


@pytest.mark.parametrize("given", [[], ["-C", "CONFIG"]], ids=["own", "-C"])
@pytest.mark.parametrize("option", [[], ["--oauth-no-test"]])
def test_a_login_ends_the_pause_of_waiting_mail(
        program, oauth, server, trust, queue, given, option):
    """A pause ends if the messages name the file as the login does."""
    given = [str(program.config) if word == "CONFIG" else word
             for word in given]
    program.write_config(account(server.port, lines(
        trust, oauth.settings, "queue on", queue.settings,
        "oauth_flow browser"), "mx.test"))
    oauth.answers(status=os.EX_NOPERM, stderr="the login has ended\n")
    assert program.run(*given, *SEND, env=oauth.env).status == 0
    paused = program.run("-bh", stdin=None).stdout
    assert "default" in paused and "until" in paused
    oauth.answers(login=CONSENTED)
    server.play(*([] if option else [lines(
        secured(), f"C: AUTH XOAUTH2 {bearer(TOKEN)}", "S: 235 welcome",
        "C: QUIT", "S: 221 bye")]), accepts())
    run = program.run(*given, "--login", *option, stdin=None, env=oauth.env)
    assert run.status == 0, run
    assert "waits for this account goes out" in run.stdout
    assert (", not tested." in run.stdout) == bool(option)
    assert program.run("-bh", stdin=None).stdout == ""
    oauth.write_access(TOKEN)
    run = program.run("-q", stdin=None, env=oauth.env)
    server.finish()
    assert queue.is_empty(), run


@pytest.mark.parametrize("times, words", [
    ("", "renewed never | age=U;5;9\n"),
    ("renewed 1", " days ago | age=")])
def test_a_status_for_a_monitoring_system(program, oauth, times, words):
    oauth.answers(status={"stdout": lines(times, "end") + "\n"})
    program.write_config(account(9, oauth.settings))
    run = program.run("--login-status", "5", "9", env=oauth.env)
    assert words in run.stdout, run
    assert run.status == (2 if times else 0), run


# ---- sessions ----

def test_a_session_of_bs_gets_tokens_from_its_second_process(
        program, oauth, server, trust):
    """The sandbox allows neither the store nor the helper."""
    oauth.write_access("old", 3600)
    oauth.gives(TOKEN)
    server.play(accepts(), accepts())
    program.write_config(account(
        server.port, lines(trust, oauth.settings), "mx.test"))
    text = (b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.org>\r\n"
            b"DATA\r\n" + MESSAGE.replace(b"\n", b"\r\n") + b".\r\n")
    run = program.run("-bs", env=oauth.env,
                      stdin=b"EHLO c.example\r\n" + text + b"QUIT\r\n")
    assert run.status == 0 and "250 2.0.0 accepted" in run.stdout, run
    run = program.run("-bs", env=oauth.env,
                      stdin=b"EHLO c.example\r\n" + text + b"QUIT\r\n")
    assert "250 2.0.0 accepted" in run.stdout, run
    server.finish()
    assert oauth.requests[0][0] == "refresh"


def test_a_session_of_bs_hears_why_there_is_no_token(
        program, oauth, server, trust):
    oauth.answers(status=77, stderr="log in again\n")
    server.play(optional=True)
    program.write_config(account(
        server.port, lines(trust, oauth.settings), "mx.test"))
    run = program.run("-bs", env=oauth.env, stdin=(
        b"EHLO c.example\r\nMAIL FROM:<alice@example.org>\r\nQUIT\r\n"))
    assert "\n550 5.7.0 " in run.stdout and "log in again" in run.stdout, run


def said_by_bs(program, oauth, server, trust, messages):
    """Returns what a client of -bs hears that sends so many messages."""
    program.write_config(account(
        server.port, lines(trust, oauth.settings), "mx.test"))
    text = (b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.org>\r\n"
            b"DATA\r\n" + MESSAGE.replace(b"\n", b"\r\n") + b".\r\n")
    run = program.run("-bs", env=oauth.env,
                      stdin=b"EHLO c.example\r\n" + messages * text + b"QUIT\r\n")
    assert run.status == 0, run
    server.finish()
    return run.stdout


def test_each_login_of_a_session_of_bs_looks_for_the_token(
        program, oauth, server, trust):
    """The server leaves after a message; the next login is a new one."""
    oauth.gives("early", TOKEN)
    leaves = lines(accepts("early").rpartition("C: QUIT")[0].strip(), "CLOSE")
    server.play(leaves, accepts())
    said = said_by_bs(program, oauth, server, trust, 2)
    assert said.count("250 2.0.0 accepted") == 2, said


REJECTED = "S: 535 5.7.8 bad token"


def rejects(token, reply=REJECTED):
    return lines(secured(), f"C: AUTH XOAUTH2 {bearer(token)}", reply,
                 "C? QUIT\nEOF")


def test_a_rejected_token_is_replaced_once(send, oauth, server):
    path = oauth.write_access("old", age=600)
    obtained = [line for line in path.read_text().splitlines()
                if line.startswith("obtained ")][0].split()[1]
    oauth.gives(TOKEN)
    server.play(rejects("old"), accepts())
    run = send()
    assert run.status == 0, run
    assert len(oauth.requests) == 1
    assert f"rejected {obtained}" in oauth.requests[0]


def test_a_session_of_bs_replaces_a_rejected_token_once(
        program, oauth, server, trust):
    path = oauth.write_access("old", age=600)
    obtained = [line for line in path.read_text().splitlines()
                if line.startswith("obtained ")][0].split()[1]
    oauth.gives(TOKEN)
    server.play(rejects("old"), accepts())
    said = said_by_bs(program, oauth, server, trust, 1)
    assert "250 2.0.0 accepted" in said, said
    assert len(oauth.requests) == 1
    assert f"rejected {obtained}" in oauth.requests[0]


def test_a_second_rejection_stands(send, oauth, server):
    oauth.write_access("old", age=600)
    oauth.gives(TOKEN)
    server.play(rejects("old"), rejects(TOKEN))
    run = send()
    assert run.status == os.EX_NOPERM, run
    assert len(oauth.requests) == 1


@pytest.mark.parametrize("reply", [
    "S: 535 5.7.139 SmtpClientAuthentication is disabled",
    "S: 550 5.7.30 Basic authentication is not supported",
    "S: 534 5.7.9 use another mechanism",
    "S: 454 4.7.0 later"])
def test_no_token_helps_against_other_rejections(send, oauth, server, reply):
    oauth.write_access("old", age=600)
    server.play(rejects("old", reply))
    run = send()
    assert run.status in (os.EX_CONFIG, os.EX_TEMPFAIL, os.EX_NOPERM), run
    assert oauth.requests == []


def test_a_token_that_is_new_is_not_replaced(send, oauth, server):
    oauth.write_access("old", age=30)
    server.play(rejects("old"))
    run = send()
    assert run.status == os.EX_NOPERM, run
    assert oauth.requests == []


def test_the_failure_to_replace_a_token_is_told(send, oauth, server):
    oauth.write_access("old", age=600)
    oauth.answers(status=77, stderr="the login has ended\n")
    server.play(rejects("old"))
    run = send()
    assert run.status == os.EX_NOPERM, run
    assert "account default: the login has ended" in run.stderr
