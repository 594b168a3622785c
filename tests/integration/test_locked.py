# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that the system's file locks.

Nothing that belongs to the user changes or replaces them.
"""

import os
import shutil
import subprocess

import pytest

from dialogue import ACCEPTED, DATA, MESSAGE_ACCEPTED, QUIT, RCPT, greet, lines
from program import SECRET, account, make_folder

ACCEPTS = lines(greet(), MESSAGE_ACCEPTED)
SEND = ("-f", "alice@example.org", "bob@example.org")
OTHER = "host other.example\nport 9\ndeadline 5\n"


@pytest.fixture(scope="module")
def system_file(binary):
    run = subprocess.run([binary, "--version"], check=True,
                         capture_output=True, text=True)
    return run.stdout.partition("System configuration: ")[2].split("\n")[0]


@pytest.fixture
def system(system_file):
    """Returns what makes the program read a text as the system's file."""
    if os.geteuid() != 0:
        pytest.skip("only root can own the system's file")
    folder = make_folder()

    def write(text, **others):
        path = folder / "veredus.conf"
        path.write_text(text)
        path.chmod(0o644)
        return {"VEREDUS_TEST_FILES": f"{system_file}={path}", **others}
    yield write
    shutil.rmtree(folder)


def locked(port, settings="tls off", name="default"):
    return account(port, settings).replace("account default",
                                           f"account {name} locked")


@pytest.mark.parametrize("name", ["sendmail", "other"])
@pytest.mark.parametrize("config", [OTHER, f"account default\n{OTHER}",
                                    "nonsense\n",
                                    f"account x\nfrom *@example.org\n{OTHER}"])
def test_sendmail_does_not_read_the_users_file(
        program, server, system, name, config):
    server.play(ACCEPTS)
    program.write_config(config)
    run = program.run(*SEND, name=name, env=system(locked(server.port)))
    server.finish()
    assert run.status == 0, run


def test_another_user_cannot_redirect_a_notice(reachable, server, system):
    """As sudo of Debian sends one: by the user whom it is about."""
    server.play(lines(greet(), "C: MAIL FROM:<sudo@example.org>*", "S: 250 ok",
                      RCPT, DATA, ACCEPTED, QUIT))
    path = reachable.write_config(OTHER)
    (reachable.home / ".netrc").write_text("nonsense\n")
    for folder in [path, reachable.home / ".netrc", reachable.home,
                   reachable.folder, reachable.temporary]:
        shutil.chown(folder, "nobody", "nogroup")
    shutil.chown(path.parent, "nobody", "nogroup")
    run = reachable.run(
        "-t", "-i", name="sendmail", user="nobody", group="nogroup",
        extra_groups=[], stdin=b"To: bob@example.org\n\nroot : alert\n",
        env=system(locked(server.port, "tls off\nfrom sudo@example.org")))
    server.finish()
    assert run.status == 0, run


def test_mailq_and_newaliases_do_not_read_the_users_file(program, system):
    program.write_config("nonsense\n")
    for name in ("mailq", "newaliases"):
        run = program.run(name=name, env=system(locked(9)), stdin=None)
        assert run.status == 0, run


def test_smtp_on_standard_input_does_not_read_the_users_file(
        program, server, system):
    server.play(ACCEPTS)
    program.write_config("nonsense\n")
    run = program.run("-bs", name="sendmail", stdin=lines(
        "EHLO x", "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.org>",
        "DATA", "Subject: x", "", "text", ".", "QUIT\n"
    ).replace("\n", "\r\n").encode(), env=system(locked(server.port)))
    server.finish()
    assert run.status == 0, run


@pytest.mark.parametrize("config, number", [
    (OTHER, 1), (f"account default\n{OTHER}", 1),
    (f"account x\n{OTHER}account default\n{OTHER}", 5),
])
@pytest.mark.parametrize("argv", [[], ["-C"], ["-a", "default"]])
def test_a_file_of_the_user_cannot_define_the_account(
        program, system, system_file, config, number, argv):
    path = program.write_config(config)
    argv = [*argv, str(path)] if argv == ["-C"] else argv
    run = program.run(*argv, *SEND, env=system(locked(9)))
    assert run.status == os.EX_CONFIG, run
    assert (f'{path}:{number}: account "default" is locked by {system_file}:1'
            in run.stderr)


def test_an_account_of_the_user_cannot_take_the_senders_of_a_locked_one(
        program, server, system):
    server.play(ACCEPTS)
    program.write_config(f"account x\nfrom *@example.org\n{OTHER}")
    run = program.run(*SEND, env=system(locked(
        server.port, "tls off\nfrom alice@example.org", "work")))
    server.finish()
    assert run.status == 0, run


def test_another_account_of_the_user_can_be_named(program, server, system):
    server.play(ACCEPTS)
    program.write_config(account(server.port, "tls off").replace(
        "account default", "account mine"))
    run = program.run("-a", "mine", *SEND, env=system(locked(9)))
    server.finish()
    assert run.status == 0, run


@pytest.mark.parametrize("option", [
    "--host=127.0.0.1", "--socket=/x", "--port=26", "--tls=off", "-4",
    "-X/dev/null", "--aliases=/x", "--from-full-name=x", "--deadline=1",
    "--auth=off", "--user=x", "--keepbcc", "--require-tls=off"])
@pytest.mark.parametrize("name", ["default", "work"])
def test_no_option_changes_the_account(
        program, system, system_file, option, name):
    argv = [] if name == "default" else ["-a", name]
    host = option.startswith(("--host", "--socket"))
    run = program.run(*argv, option, *SEND, env=system(
        locked(9, name=name)))
    assert run.status == (os.EX_TEMPFAIL if host and not argv
                          and name != "default" else os.EX_USAGE), run
    if not (host and argv):
        assert (f'account "{name}" is locked by {system_file}:1: no option '
                "changes or replaces it" in run.stderr)


def test_an_option_about_the_message_is_accepted(program, server, system):
    server.play(lines(
        greet("DSN"), "C: MAIL FROM:<alice@example.org>*RET=HDRS", "S: 250 ok",
        RCPT, DATA, ACCEPTED, QUIT))
    run = program.run("-R", "hdrs", *SEND, name="sendmail",
                      env=system(locked(server.port)))
    server.finish()
    assert run.status == 0, run
    run = program.run("-ORequireTLS=true", *SEND, name="sendmail",
                      env=system(locked(9, "tls off\ndeadline 5")))
    assert run.status == os.EX_TEMPFAIL, run


def test_other_accounts_may_be_changed(program, server, system):
    server.play(ACCEPTS)
    run = program.run("-a", "free", f"--port={server.port}", *SEND, env=system(
        locked(9) + account(9, "tls off").replace("default", "free")))
    server.finish()
    assert run.status == 0, run


def test_the_netrc_of_the_user_gives_no_password(program, system):
    netrc = program.home / ".netrc"
    netrc.write_text(f"machine mx.example login x password {SECRET}\n")
    netrc.chmod(0o600)
    settings = "auth plain\nuser x"
    run = program.run("--explain", env=system(account(9, settings)))
    assert "password from: ~/.netrc" in run.stdout
    run = program.run("--explain", env=system(locked(9, settings)))
    assert "password from: none" in run.stdout


def test_pretend_and_explain_show_the_lock(program, system, system_file):
    env = system(locked(9))
    run = program.run("--pretend", *SEND, env=env)
    assert f"locked = on ({system_file}:1)" in run.stdout
    run = program.run("--explain", env=env)
    assert f"written in: {system_file}:1, locked" in run.stdout


def test_the_users_file_cannot_lock(program, server):
    path = program.write_config(locked(9, name="work"))
    run = program.run(*SEND)
    assert run.status == os.EX_CONFIG, run
    assert (f"{path}:1: only the system file can lock an account"
            in run.stderr)
