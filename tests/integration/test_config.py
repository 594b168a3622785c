# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration files, and the errors in them."""

import errno
import os
import re

import pytest

from dialogue import (ACCEPTED, DATA, LOGIN, MESSAGE_ACCEPTED, QUIT, RCPT,
                      SECURED, SEND, STARTTLS, ehlo, greet, lines)
from program import MESSAGE, SECRET, account, short

ACCEPTS = lines(greet(), MESSAGE_ACCEPTED)
VALID = "account default\nhost mx.example\ndomain client.example\ntls off\n"


@pytest.fixture
def invalid(submit, server):
    """Runs with a configuration that must be rejected before connecting."""

    def invalid(config, *argv):
        server.play()
        run = submit(*(argv or SEND), config=config)
        assert run.status == os.EX_CONFIG, run
        return run

    return invalid


@pytest.mark.parametrize("line, number, error", [
    ("hots mx.example", 5, "host"),
    ("tls_trustfile x", 5, "tls_trust_file"),
    ("wibble on", 5, "unknown"),
    ("port 0", 5, "port"),
    ("port 65536", 5, "port"),
    ("port -1", 5, "port"),
    ("port 0x19", 5, "port"),
    ("port 25 # comment", 5, "port"),
    ("timeout -5", 5, "timeout"),
    ("timeout 0x10", 5, "timeout"),
    ("timeout 99999999999999999999", 5, "timeout"),
    ("tls_certcheck maybe", 5, "tls_certcheck"),
    ("tls_starttls yes", 5, "tls_starttls"),
    ("tls_min_version 9", 5, "tls_min_version"),
    ("auth wibble", 5, "auth"),
    ("protocol http", 5, "protocol"),
    ("account default", 5, "default"),
    ("account other : missing", 5, "missing"),
    ("tls_fingerprint 00:11", 5, "tls_fingerprint"),
    ("domain bad domain", 5, "domain"),
    ("domain bad>domain", 5, "domain"),
    ("from a b@example.org", 5, "from"),
    ("from bad@@x", 5, 'from: "bad@@x"'),
    ("from a@x..org", 5, 'from: "a@x..org"'),
    ("bounce_to bad@@x", 5, 'bounce_to: "bad@@x"'),
    ("alert_to bad@@x", 5, 'alert_to: "bad@@x"'),
    ("host %s%n%s%n", 5, "host"),
])
def test_an_error_names_the_file_and_the_line(
        invalid, program, line, number, error):
    run = invalid(VALID + line + "\n")
    assert f"{program.config}:{number}: " in run.stderr
    assert error in run.stderr


def test_all_errors_are_reported_at_once(invalid):
    run = invalid(VALID + "wibble 1\nwobble 2\nport x\n")
    for number in (5, 6, 7):
        assert f":{number}: " in run.stderr


def test_an_invalid_sender_of_the_caller_is_no_error_of_the_configuration(
        submit, server):
    server.play()
    run = submit("-f", "bad@@x", *SEND, config=VALID + "from a@example.org\n")
    assert run.status == os.EX_DATAERR, run


def test_the_right_keyword_is_suggested_for_a_misspelt_one(invalid):
    assert "passwordeval" in invalid(VALID + "paswordeval cat\n").stderr


@pytest.mark.parametrize("config", [
    b"account default\nhost mx.example\0\n",
    b"account default\nhost mx\x01.example\n",
    b"account default\n\xef\xbb\xbfhost mx.example\n",
    b"account default\nhost " + b"x" * 100000 + b"\n",
    b"\xff\xfe" + "host x\n".encode("utf-16-le"),
], ids=short)
def test_invalid_bytes_are_errors(invalid, program, config):
    assert f"{program.config}:" in invalid(config).stderr


@pytest.mark.parametrize("change", [
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.rstrip("\n"),
    lambda text: "\n\n  # comment\n\t\n" + text,
    lambda text: re.sub(r"(?m)^(\w+) (.*)$", r'  \1 \t "\2"  ', text),
    lambda text: "".join(
        line.partition(" ")[0] + "\t\t" + line.partition(" ")[2] + " \n"
        for line in text.splitlines()),
    lambda text: text.replace("account default\n", ""),
    lambda text: "defaults\n" + text,
    lambda text: "\ufeff" + text,
], ids=["crlf", "no final newline", "comments", "quotes", "tabs", "no account",
        "defaults", "byte-order mark"])
def test_the_same_configuration_may_be_written_differently(
        submit, server, change):
    server.play(ACCEPTS)
    config = change(account(server.port, "tls off"))
    run = submit(*SEND, config=config)
    assert run.status == 0, run


def test_an_account_inherits_settings(submit, server):
    server.play(ACCEPTS)
    run = submit("-a", "child", *SEND, config=lines(f"""
        defaults
        tls off
        domain wrong.example
        account base
        host mx.example
        port {server.port}
        account names
        domain client.example
        account child : base, names
    """) + "\n")
    assert run.status == 0, run


@pytest.mark.parametrize("sender", [
    "alice@example.org", "alice@EXAMPLE.ORG", "alice+tag@example.org",
    "bob@pattern.example", "bob@sub.pattern.example",
])
def test_the_sender_selects_the_account(submit, server, sender):
    server.play(lines(greet(), f"C: MAIL FROM:<{sender}>*", "S: 250 ok",
                      RCPT, DATA, ACCEPTED, QUIT))
    run = submit("-f", sender, "bob@example.org", config=lines(f"""
        account other
        host none.example
        from carol@example.net
        account right
        host mx.example
        port {server.port}
        domain client.example
        tls off
        from alice@example.org
        from *@pattern.example
        from *@*.pattern.example
    """) + "\n")
    assert run.status == 0, run


def test_it_is_an_error_if_no_account_matches_the_sender(invalid, program):
    run = invalid("account one\nhost a.example\nfrom a@example.net\n"
                  "account two\nhost b.example\nfrom b@example.net\n")
    for word in ("one", "two", str(program.config)):
        assert word in run.stderr


def test_an_unknown_account_is_an_error(invalid):
    assert "three" in invalid(VALID, "-a", "three", *SEND).stderr


def test_no_configuration_file_is_an_error(program):
    run = program.run(*SEND)
    assert run.status == os.EX_CONFIG, run
    assert str(program.config) in run.stderr


def test_the_file_given_with_c_must_exist(submit):
    run = submit("-C", "/nonexistent/veredus.conf", *SEND)
    assert run.status == os.EX_CONFIG, run
    assert "/nonexistent/veredus.conf" in run.stderr


def test_long_options_override_the_configuration_file(submit, server):
    server.play(ACCEPTS)
    run = submit(f"--port={server.port}", "--domain=client.example", *SEND,
                 config=account(1, "tls off").replace("client", "wrong"))
    assert run.status == 0, run


def test_with_the_host_option_no_configuration_file_is_read(submit, server):
    server.play(ACCEPTS)
    run = submit("--host=mx.example", f"--port={server.port}", "--tls=off",
                 "--domain=client.example", *SEND, config="wibble\n")
    assert run.status == 0, run


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604, 0o660, 0o622])
def test_a_file_with_a_password_must_not_be_accessible_to_others(
        submit, program, server, mode):
    server.play()
    program.write_config(account(server.port, f"user x\npassword {SECRET}"))
    program.config.chmod(mode)
    run = program.run(*SEND)
    assert run.status == os.EX_CONFIG, run
    advice = "chmod go-w" if mode == 0o622 else "chmod 600"
    assert advice in run.stderr
    server.finish()


def test_a_file_without_a_password_may_be_readable_by_others(program, server):
    server.play(ACCEPTS)
    program.write_config(account(server.port, "tls off"))
    program.config.chmod(0o644)
    run = program.run(*SEND)
    server.finish()
    assert run.status == 0, run


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_with_a_password_must_belong_to_the_user(program, server):
    program.write_config(account(server.port, f"user x\npassword {SECRET}"))
    os.chown(program.config, 65534, 65534)
    run = program.run(*SEND)
    assert run.status == os.EX_CONFIG, run


@pytest.mark.parametrize("kind", ["symbolic link", "fifo", "folder"])
def test_the_configuration_must_be_a_regular_file(
        program, server, tmp_path, kind):
    other = tmp_path / "other"
    other.write_text(account(server.port, f"user x\npassword {SECRET}"))
    other.chmod(0o600)
    if kind == "symbolic link":
        if os.geteuid() != 0:
            pytest.skip("only root can make a link of another user")
        program.config.symlink_to(other)
        os.chown(program.config, 65534, 65534, follow_symlinks=False)
    elif kind == "fifo":
        os.mkfifo(program.config, 0o600)
    else:
        program.config.mkdir()
    run = program.run(*SEND, total=10)
    assert run.status == os.EX_CONFIG, run
    assert str(program.config) in run.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("mode, owner", [(0o644, 65534), (0o666, 0),
                                         (0o646, 0)])
@pytest.mark.parametrize("kind", ["configuration", "aliases", "list"])
def test_a_file_that_decides_belongs_to_the_user(
        submit, program, tmp_path, kind, mode, owner):
    """No command of the file runs, and no alias of it counts."""
    mark, listed = tmp_path / "mark", tmp_path / "list"
    aliases = tmp_path / "aliases"
    program.write_config(
        f"eval touch {mark}; echo '# none'\n"
        + account(1, f"auth on\nuser x\npasswordeval touch {mark}; echo x\n"
                     f"aliases {aliases}"))
    listed.write_text("root@example.org\n")
    aliases.write_text(f"root: :include:{listed}\n")
    path = {"configuration": program.config, "aliases": aliases,
            "list": listed}[kind]
    path.chmod(mode)
    os.chown(path, owner, -1)
    run = program.run("-f", "alice@example.org", "root")
    assert run.status == os.EX_CONFIG, run
    assert str(path) in run.stderr
    assert mark.exists() == (kind != "configuration")


@pytest.mark.parametrize("setting", ["aliases", "passwordfile",
                                     "tls_trust_file", "tls_crl_file"])
@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.ESTALE])
def test_a_file_that_cannot_be_read_now_is_a_temporary_failure(
        program, tmp_path, setting, number):
    path = tmp_path / "file"
    path.write_text("x\n")
    program.write_config(account(1, f"auth plain\nuser x\n{setting} {path}"))
    run = program.run(*SEND, env={"VEREDUS_TEST_FILES": f"{path}=!{number}"})
    assert run.status == os.EX_TEMPFAIL, run
    assert str(path) in run.stderr


@pytest.mark.parametrize("number", [errno.ENFILE, errno.ENOMEM, errno.EAGAIN])
def test_a_configuration_that_cannot_be_read_now_is_a_temporary_failure(
        program, number):
    program.write_config(account(1, "tls off"))
    run = program.run(*SEND, env={
        "VEREDUS_TEST_FILES": f"{program.config}=!{number}"})
    assert run.status == os.EX_TEMPFAIL, run
    assert str(program.config) in run.stderr


def test_an_unreadable_file_is_an_error(reachable, server):
    reachable.write_config(account(server.port, "tls off"))
    run = reachable.run("-C", str(reachable.config), *SEND, user="nobody",
                        group="nogroup", extra_groups=[], env={"TMPDIR": None})
    assert run.status == os.EX_CONFIG, run
    assert str(reachable.config) in run.stderr


def test_eval_inserts_the_output_of_a_command(submit, server):
    server.play(ACCEPTS)
    config = account(server.port, "tls off").replace(
        f"port {server.port}", f"eval echo port {server.port}")
    assert submit(*SEND, config=config).status == 0


@pytest.mark.parametrize("command", ["false", "true", "exit 3"])
def test_a_failed_eval_is_an_error(submit, server, command):
    server.play()
    run = submit(*SEND, config=VALID + f"eval {command}\n")
    # The command may be a password manager that is locked at present.
    assert run.status == os.EX_TEMPFAIL, run
    assert ":5: eval: " in run.stderr


def test_the_log_file_has_one_line_for_a_message(submit, server, tmp_path):
    path = tmp_path / "log"
    server.play(ACCEPTS)
    run = submit(*SEND, settings=f"tls off\nlogfile {path}\nsyslog off")
    assert run.status == 0, run
    assert run.log == ""
    line = path.read_text()
    assert line.count("\n") == 1
    for word in ("host=mx.example", "from=alice@example.org",
                 "recipients=bob@example.org", "exit=0"):
        assert word in line
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_alias_is_replaced_by_its_recipients(submit, server, tmp_path):
    path = tmp_path / "aliases"
    path.write_text("# comment\nRoot: bob@example.org,\n  carol@example.org\n")
    server.play(lines(greet(), """
        C: MAIL *
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
        C: RCPT TO:<carol@example.org>
        S: 250 ok
        C: DATA
        S: 354 go on
        BODY
        S: 250 ok
        C: QUIT
    """))
    run = submit("-f", "alice@example.org", "root",
                 settings=f"tls off\naliases {path}")
    assert run.status == 0, run


@pytest.mark.parametrize("text", ["a: b\nb: a\n", "a:\n", "a nothing\n",
                                  "a: :include:/nonexistent/list\n"])
def test_aliases_without_a_recipient_are_an_error(
        submit, server, tmp_path, text):
    path = tmp_path / "aliases"
    path.write_text(text)
    server.play()
    run = submit("-f", "alice@example.org", "a",
                 settings=f"tls off\naliases {path}")
    assert run.status == os.EX_CONFIG, run


def test_a_configuration_for_msmtp_works(submit, server, certificates):
    server.use_certificate(certificates, "good")
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, config=lines(f"""
        # Set default values for all following accounts.
        defaults
        auth           plain
        tls            on
        tls_trust_file {certificates.path("ca.pem")}
        logfile        ~/msmtp.log
        domain         client.example

        account        work
        host           mx.test
        port           {server.port}
        from           alice@example.org
        user           bob@example.org
        password       {SECRET}

        account default : work
    """) + "\n")
    assert run.status == 0, run


def test_tls_is_required_by_default(submit, server):
    server.play(lines(greet(), "C: QUIT"))
    run = submit(*SEND, settings="")
    assert run.status == os.EX_TEMPFAIL, run
    assert b"MAIL" not in server.received


def test_tls_is_off_by_default_on_loopback(submit, server):
    server.play(ACCEPTS)
    assert submit(*SEND, settings="", host="127.0.0.1").status == 0


def test_auth_selects_port_587(submit):
    run = submit("--pretend", *SEND, config="host mx.example\nauth on\n"
                 f"user x\npassword {SECRET}\n", stdin=MESSAGE)
    assert run.status == 0, run
    assert re.search(r"port\W+587", run.stdout)
    assert SECRET not in run.stdout


def test_implicit_tls_selects_port_465(submit):
    run = submit("--pretend", *SEND,
                 config="host mx.example\ntls_starttls off\n")
    assert run.status == 0, run
    assert re.search(r"port\W+465", run.stdout), run


@pytest.mark.parametrize("extra, starttls", [
    ("", "off"), ("tls_starttls on", "on"), ("tls opportunistic", "on"),
    ("auth plain\nuser bob\npassword Kanarienvogel/7+%", "off")])
def test_port_465_selects_implicit_tls(submit, extra, starttls):
    run = submit("--pretend", *SEND,
                 config=f"host mx.example\nport 465\n{extra}\n")
    assert run.status == 0, run
    assert re.search(rf"tls_starttls\W+{starttls}\b", run.stdout), run


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_port_465_of_this_machine_may_have_starttls(submit, host):
    run = submit("--pretend", *SEND, config=f"host {host}\nport 465\ntls on\n")
    assert run.status == 0, run
    assert re.search(r"tls_starttls\W+on\b", run.stdout), run


def test_explain_says_that_the_port_selects_implicit_tls(submit):
    run = submit("--explain", *SEND, config="host 192.0.2.1\nport 465\n")
    assert "required, implicit TLS (port 465)" in run.stdout, run


def test_a_message_is_sent_with_starttls_and_authentication(
        submit, server, trust):
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH LOGIN PLAIN"),
                      LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test", settings=lines(
        trust, "auth on", "user bob@example.org", f"password {SECRET}"))
    assert run.status == 0, run


@pytest.mark.parametrize("setting, text", [
    ("passwordeval false", "the command failed with exit status 1"),
    ("passwordeval true", "the command printed nothing"),
    ("passwordeval /nowhere/x", "the command was not found"),
    ("passwordfile /nowhere/x", "cannot read /nowhere/x: No such file"),
    ("passwordfile /nowhere/x # mine",
     "cannot read /nowhere/x # mine: No such file or directory (a comment has a line of its own)"),
    ("passwordfile /dev/null", "cannot read /dev/null: it is not a regular"),
])
def test_a_password_that_cannot_be_had_names_the_line_of_its_setting(
        submit, program, setting, text):
    run = submit(*SEND, config=account(9, lines(
        "tls on", "auth plain", "user bob", setting)))
    assert run.status in (os.EX_CONFIG, os.EX_TEMPFAIL)
    name = setting.split()[0]
    assert f": {name} ({program.config}:9): {text}" in run.stderr, run


def test_a_script_with_dos_line_ends_is_told_so(submit):
    run = submit("-t\r", name="sendmail")
    assert run.status == os.EX_USAGE
    assert '"-t" ends with a carriage return (CR)' in run.stderr
    assert "DOS line ends" in run.stderr
