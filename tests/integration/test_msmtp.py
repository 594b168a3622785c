# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and options of msmtp mean the same here."""

import os

import pytest

from dialogue import ACCEPTED, DATA, MESSAGE_ACCEPTED, QUIT, RCPT, greet, lines
from program import account

TWO = lines("""
    account first
    host first.example
    from bob@example.org
    account default
    host second.example
    from alice@example.org
""") + "\n"


@pytest.fixture
def pretend(submit):
    """Runs --pretend and returns the printed values by name."""
    def pretend(config, *argv):
        run = submit("--pretend", *argv, "carol@example.org", config=config)
        assert run.status == 0, run
        return dict(line.split(" = ", 1) for line in run.stdout.splitlines())
    return pretend


@pytest.mark.parametrize("argv", [
    ["-f", "bob@example.org"], ["--from=bob@example.org"],
    ["--from", "bob@example.org"], ["--from=Bob+x@Example.ORG"],
])
def test_the_sender_option_chooses_the_account(pretend, argv):
    shown = pretend(TWO, *argv)
    assert shown["account"].startswith("first ")
    assert shown["sender"] == argv[-1].removeprefix("--from=")


def test_the_letters_of_pretend_and_serverinfo_work(submit):
    run = submit("-P", "carol@example.org", config=TWO)
    assert run.status == 0 and "account = default" in run.stdout
    run = submit("-S", config=account(9, "tls off", "127.0.0.1"))
    assert run.status == os.EX_TEMPFAIL, run


@pytest.mark.parametrize("line, shown", [
    ("set_from_header", "set_from_header = auto ("),
    ("set_date_header", "set_date_header = auto ("),
    ("set_msgid_header", "set_msgid_header = auto ("),
    ("proxy_port", "proxy_port = 1080 ("),
    ("from_full_name", None),
    ("tls", "tls = on ("),
    ("auth", "auth = on ("),
    ("remove_bcc_headers", "remove_bcc_headers = on ("),
])
def test_a_setting_without_an_argument(submit, line, shown):
    run = submit("--pretend", "carol@example.org", config=TWO + line + "\n")
    assert run.status == 0, run
    assert shown is None or shown in run.stdout


@pytest.mark.parametrize("line", [
    "from %F@example.org", "from a@%x.example.org", "domain %u.example.org",
    "qualify_domain %d", "rewrite %u a@example.org"])
def test_a_percent_sign_never_goes_out_as_it_is(submit, program, line):
    run = submit("bob@example.org", config="host a.example\n" * 5 + line)
    assert run.status == os.EX_CONFIG, run
    assert f"{program.config}:6: " in run.stderr
    assert "is unknown; expected %U" in run.stderr


def test_the_names_of_user_and_host_are_replaced(pretend):
    shown = pretend(account(9, "from 100%%%U@%H"))
    assert shown["sender"] == "100%root@client.example"


@pytest.mark.parametrize("argv, parameters", [
    ([], " RET=FULL*"), (["-R", "off"], ""), (["-R", "headers"], " RET=HDRS*"),
])
def test_an_option_for_notifications_overrides_the_account(
        submit, server, argv, parameters):
    server.play(lines(greet("DSN"), f"""
        C: MAIL FROM:<alice@example.org>{parameters}
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    run = submit("-f", "alice@example.org", "-N", "off", *argv,
                 "bob@example.org",
                 settings="tls off\ndsn_notify never\ndsn_return full")
    assert run.status == 0, run


def test_the_time_in_the_log_file_has_any_format(submit, server, tmp_path):
    path = tmp_path / "log"
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run = submit("-f", "alice@example.org", "bob@example.org", settings=(
        f"tls off\nlogfile {path}\nlogfile_time_format none"))
    assert run.status == 0, run
    assert path.read_text().startswith("none host=")


@pytest.mark.parametrize("hostname", ["box", "box.example.org"])
def test_a_login_that_is_an_address_is_the_default_sender(
        submit, server, program, tmp_path, hostname):
    """Also on a host without a domain."""
    (tmp_path / "empty").write_text("")
    server.play(lines(greet("AUTH PLAIN"), "C: AUTH PLAIN *", "S: 235 ok",
                      "C: MAIL FROM:<carol@example.org>*", "S: 250 ok",
                      RCPT, DATA, ACCEPTED, QUIT))
    run = submit("bob@example.org", host="localhost", in_clear=True, settings=(
        "tls off\nauth plain\nuser carol@example.org\npasswordeval echo x"),
        env={"VEREDUS_TEST_HOSTNAME": hostname, "VEREDUS_TEST_FILES":
             f"/etc/mailname={tmp_path}/empty,/etc/hosts={tmp_path}/empty"})
    assert run.status == 0, run


def test_a_login_that_is_an_address_selects_the_account(pretend):
    config = TWO + lines("""
        account third
        host third.example
        auth on
        user Dave@example.org
    """) + "\n"
    assert pretend(config, "-f", "dave@example.org")["account"].startswith(
        "third ")
