# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and options of msmtp mean the same here."""

import os

import pytest

from dialogue import ACCEPTED, DATA, MESSAGE_ACCEPTED, QUIT, RCPT, greet, lines
from program import ME, account

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
    assert shown["sender"] == f"100%{ME}@client.example"


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


@pytest.mark.parametrize("argv, form", [
    (["--pretend"], "note = {}"), (["-P", "-G"], "note = {}"),
    (["--explain"], "Note: {}"), (["-v"], "note: {}"), (["-d"], "note: {}"),
])
def test_each_view_tells_what_msmtp_would_do_otherwise(
        submit, program, argv, form):
    run = submit(*argv, "carol@example.org", host="localhost", settings=(
        "\ntls off\nhost 127.0.0.1\nkeepbcc\nfrom alice@example.org"))
    output = (run.stdout + run.stderr).splitlines()
    assert form.format(
        f"{program.config}:8: host, repeated: msmtp: uses the last one; "
        "veredus: tries them in this order") in output
    assert form.format(f"{program.config}:9: keepbcc is an old name: use "
                       '"remove_bcc_headers off" instead') in output
    told = [line for line in output if "; veredus: " in line]
    assert len(told) == 1 + ("-G" in argv), run


def test_only_a_view_tells_it(submit, server):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run = submit("-f", "alice@example.org", "bob@example.org",
                 settings="tls off\nfrom a@example.org\nfrom b@example.org")
    assert (run.status, run.stdout, run.stderr) == (0, "", ""), run
    assert "msmtp" not in run.log


def test_defaults_of_msmtp_are_told_of_its_own_file(submit, program):
    path = program.home / ".msmtprc"
    path.write_text("account default\nhost localhost\nfrom a@example.org\n")
    path.chmod(0o600)
    run = program.run("-C", str(path), "--pretend", "bob@example.org")
    assert run.status == 0, run
    assert f"note = {path}: tls, not set: msmtp: is off; " in run.stdout
    assert f"note = {path}: exit status, " in run.stdout


@pytest.mark.parametrize("line, argv, status, error", [
    ("timeout 86401", [], os.EX_CONFIG, ":6: timeout: "),
    ("logfile x", [], os.EX_CONFIG, ":6: logfile: "),
    ("port 26", [], os.EX_CONFIG, ":6: port: set twice"),
    ("tls_fingerprint " + ":".join(["00"] * 20), [], os.EX_CONFIG, ":6: tls"),
    ("tls_min_dh_prime_bits 512", [], os.EX_CONFIG, ":6: tls_min"),
    ("tls_priorities NORMAL:+NULL", [], os.EX_CONFIG, ":6: tls_prio"),
    ("undisclosed_recipients", [], os.EX_CONFIG, ":6: undisclosed_recip"),
    ("auth plain\ntls off\nuser x", [], os.EX_CONFIG, "clear text"),
    ("socket /x\nsource_ip ::1", [], os.EX_CONFIG, "no source address"),
    ("tls_certcheck off\ntls_fingerprint " + "00" * 32, [], os.EX_CONFIG,
     "is not checked"),
    ("", ["a@example.org", "-f", "b@example.org"], os.EX_USAGE, '"-f" is not'),
    ("", ["--", "-x"], os.EX_USAGE, '"-x" is not'),
    ("", ["--tls-start=off"], os.EX_USAGE, "did you mean --tls-starttls?"),
])
def test_what_msmtp_accepts_is_used_or_an_error(
        submit, line, argv, status, error):
    run = submit("--pretend", *argv, *([] if argv else ["bob@example.org"]),
                 config=account(25, line))
    assert run.status == status, run
    assert error in run.stderr
