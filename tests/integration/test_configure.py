# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--configure: prints an account that is made from the DNS or from a table."""

import os
import pathlib
import re
import subprocess

import pytest

from dialogue import (
    LOGIN, MESSAGE_ACCEPTED, SECURED, greet, lines, plain)
from dns_stub import DnsStub
from program import SECRET

TABLE = pathlib.Path(__file__).resolve().parents[2] / "etc" / "providers"


@pytest.fixture
def dns():
    stub = DnsStub()
    stub.add("mx.test", "A", "127.0.0.1")
    yield stub
    stub.stop()


@pytest.fixture
def configure(program, dns):
    """Runs --configure; the configuration file must not be read."""
    def configure(address, *argv):
        program.write_config("this is not read\n")
        return program.run("--configure", address,
                           f"--dns-server=127.0.0.1:{dns.port}", *argv,
                           stdin=None)
    return configure


@pytest.fixture
def append(program, dns):
    """Appends the output of --configure to the configuration file."""
    dns.add("_submissions._tcp.mx.test", "SRV", 0, 0, 465, "mx.test")

    def append(address, *argv, **options):
        with program.config.open("ab") as file:
            return program.run("--configure", address,
                               f"--dns-server=127.0.0.1:{dns.port}", *argv,
                               stdin=None, stdout=file, **options)
    return append


def settings(run):
    return [line for line in run.stdout.splitlines()
            if line and not line.startswith("#")]


def test_a_tilde_in_an_option_is_the_home_folder(configure):
    run = configure("bob@mx.test", "--tls-trust-file=~/authorities.pem")
    assert "no home" not in run.stderr
    assert run.status == os.EX_NOHOST, run


def test_the_printed_account_sends_a_message(
        configure, dns, server, trust, submit):
    dns.add("_submission._tcp.mx.test", "SRV", 0, 0, server.port, "mx.test")
    printed = configure("bob@mx.test")
    assert (printed.status, printed.stderr) == (0, ""), printed
    assert settings(printed) == [
        "account default", "host mx.test", f"port {server.port}", "tls on",
        "tls_starttls on", "auth on", "user bob@mx.test", "from bob@mx.test"]
    login = LOGIN.replace(LOGIN.split()[3], "*")
    server.play(lines(SECURED, login, MESSAGE_ACCEPTED.replace(
        "alice@example.org", "bob@mx.test")))
    run = submit("bob@example.org", config=printed.stdout + lines(
        "domain client.example", f"password {SECRET}", trust.replace(
            "tls on\n", "")) + "\n")
    assert run.status == 0, run


def test_without_dnssec_the_certificate_must_name_the_domain(
        configure, dns, server, trust, submit, program):
    program.hosts["local.test"] = "127.0.0.1"
    dns.add("local.test", "A", "127.0.0.1")
    dns.add("_submissions._tcp.mx.test", "SRV", 0, 0, server.port,
            "local.test")
    printed = configure("bob@mx.test", "-a", "work", "--user=bob")
    assert printed.status == 0, printed
    assert settings(printed) == [
        "account work", "host local.test", f"port {server.port}", "tls on",
        "tls_starttls off", "tls_host_override mx.test", "auth on",
        "user bob", "from bob@mx.test"]
    assert "not secured by DNSSEC" in printed.stdout
    server.play(lines("TLS", greet(), "C? QUIT"))
    run = submit("--serverinfo", "-a", "work", config=printed.stdout + lines(
        "domain client.example", trust.replace("tls on\n", "")) + "\n")
    assert run.status == 0, run


def test_with_dnssec_the_certificate_must_name_the_host(configure, dns):
    dns.authentic = True
    dns.add("_submissions._tcp.other.test", "SRV", 0, 0, 465, "mx.test")
    run = configure("bob@other.test")
    assert run.status == 0, run
    assert "secured by DNSSEC" in run.stdout
    assert not any("override" in line for line in settings(run))


def test_other_servers_are_printed_as_comments(configure, dns):
    dns.add("_submissions._tcp.mx.test", "SRV", 0, 0, 465, "mx.test")
    dns.add("_submissions._tcp.mx.test", "SRV", 1, 0, 465, "second.test")
    dns.add("_submission._tcp.mx.test", "SRV", 0, 0, 587, "mx.test")
    dns.add("_submission._tcp.mx.test", "SRV", 1, 0, 587, "broken.test")
    dns.add("second.test", "A", "127.0.0.2")
    dns.rcodes["broken.test"] = 2
    run = configure("bob@mx.test")
    assert run.status == 0, run
    assert settings(run)[1:4] == ["host mx.test", "host second.test",
                                  "port 465"]
    assert "# Also found: mx.test port 587, tls_starttls on\n" in run.stdout
    assert ("# Also found: broken.test port 587, tls_starttls on ("
            in run.stdout)
    assert run.stdout.count("\n# Also found: ") == 2


@pytest.mark.parametrize("hosts", [
    ("mx.test", "mx.test"), ("mx", "srv")], ids=["twice", "words"])
def test_the_account_can_be_used_whatever_names_the_dns_has(
        append, program, dns, hosts):
    for priority, host in enumerate(hosts):
        dns.add("_submissions._tcp.other.test", "SRV", priority, 0, 465, host)
        dns.add(host, "A", f"127.0.0.{priority + 1}")
    assert append("bob@other.test").status == 0
    run = program.run("--pretend", "a@example.org", stdin=None)
    assert run.status == 0, run


def test_domain_of_names_another_domain(configure, dns):
    dns.add("_submissions._tcp.mx.test", "SRV", 0, 0, 465, "mx.test")
    run = configure("bob@example.org", "--domain-of=mx.test")
    assert run.status == 0, run
    assert "user bob@example.org" in settings(run)
    assert "host mx.test" in settings(run)


@pytest.mark.parametrize("address, status, error", [
    ("bob@absent.test", os.EX_NOHOST, "names no submission server"),
    ("bob@absent.test", os.EX_NOHOST, "the table of providers does not have"),
    ("bob@broken.test", os.EX_TEMPFAIL, "broken.test"),
    ("bob", os.EX_DATAERR, "has no domain"),
    ("bob@[192.0.2.1]", os.EX_DATAERR, "192.0.2.1"),
    ("bob@\x1b[31m", os.EX_DATAERR, "--configure"),
])
def test_a_failure_prints_its_reason_and_no_account(
        configure, dns, address, status, error):
    dns.rcodes["broken.test"] = 2
    run = configure(address)
    assert (run.status, run.stdout) == (status, ""), run
    assert error in run.stderr and len(run.stderr.splitlines()) == 1


def test_a_silent_name_server_is_a_temporary_failure(configure, dns):
    dns.silent = True
    run = configure("bob@mx.test", "--deadline=2")
    assert run.status == os.EX_TEMPFAIL, run


@pytest.mark.parametrize("argv, error", [
    (["--host=mx.test"], "remove --host"),
    (["-C", "x"], "remove -C"),
    (["-a", "a:b"], "must not contain a colon"),
    (["--port=25"], "conflict: "),
    (["--tls=off"], "conflict: "),
    (["alice@example.org"], "--configure takes no recipients"),
])
def test_options_that_conflict_with_configure_are_rejected(
        configure, argv, error):
    run = configure("bob@mx.test", *argv)
    assert run.status == (
        os.EX_CONFIG if error.startswith("conflict") else os.EX_USAGE), run
    assert error in run.stderr


def names(text):
    return [line for line in text.splitlines() if line.startswith("account ")]


def test_each_account_that_is_appended_has_its_own_name(append, program):
    program.write_config("# no line end")
    for user in ("bob", "carol"):
        run = append(f"{user}@mx.test")
        assert (run.status, run.stderr) == (0, ""), run
    text = program.config.read_text()
    assert names(text) == ["account default", "account carol@mx.test"]
    assert f'# The account "default" is in {program.config}:' in text
    assert "# Mail from " not in text
    assert re.findall("#passwordfile (.*)", text) == [
        "~/.config/veredus.password",
        "~/.config/veredus-carol@mx.test.password"]
    run = append("dora@mx.test", "-a", "carol@mx.test", "--provider=none")
    assert 'does not have "none"' in run.stderr, run
    program.write_config(text.replace("#passwordeval", "passwordeval"))
    run = program.run("--pretend", "-f", "carol@mx.test", "a@example.org")
    assert "\nsender = carol@mx.test\n" in run.stdout
    run = program.run("--pretend", "a@example.org")
    assert "\nsender = bob@mx.test\n" in run.stdout
    run = append("carol@mx.test")
    assert run.status == os.EX_USAGE, run
    assert program.config.read_text().count("account carol@mx.test") == 1


@pytest.mark.parametrize("text", [
    "host a.example\n", "account default\nhost a.example\n",
    "defaults\n\naccount x\nhost a\naccount  default : x\n"])
def test_the_default_of_the_user_is_not_defined_again(
        program, dns, append, text):
    """Also if the output goes to a terminal or a pipe, to be copied."""
    program.write_config(text)
    run = program.run("--configure", "bob@mx.test",
                      f"--dns-server=127.0.0.1:{dns.port}", stdin=None)
    assert names(run.stdout) == ["account bob@mx.test"], run


def test_a_new_file_gets_a_default(program, dns, append, tmp_path):
    program.write_config("account default\nhost a.example\n")
    with open(tmp_path / "new", "wb") as file:
        run = program.run("--configure", "bob@mx.test",
                          f"--dns-server=127.0.0.1:{dns.port}", stdin=None,
                          stdout=file)
    assert run.status == 0, run
    assert names((tmp_path / "new").read_text()) == ["account default"]


def test_a_name_that_is_in_use_is_an_error(program, append):
    program.write_config("account work\nhost a.example\n")
    run = append("bob@mx.test", "-a", "work")
    assert run.status == os.EX_USAGE, run
    assert (f'the account "work" is already defined in {program.config}:1: '
            "choose another name with -a" in run.stderr)
    assert names(program.config.read_text()) == ["account work"]


def hosted(dns, name="hosted-test.mail.protection.outlook.com"):
    dns.add("hosted.test", "MX", 20, "other.test")
    dns.add("hosted.test", "MX", 10, name)


def test_a_hosted_domain_is_found_by_its_mx(configure, dns):
    hosted(dns)
    run = configure("bob@hosted.test")
    assert (run.status, run.stderr) == (0, ""), run
    assert settings(run) == [
        "account default", "host smtp.office365.com", "port 587", "tls on",
        "tls_starttls on", "user bob@hosted.test", "oauth_provider microsoft",
        "from bob@hosted.test"]
    assert ("# The MX host of the domain is "
            "hosted-test.mail.protection.outlook.com.\n"
            "# DNSSEC does not secure that" in run.stdout)
    assert "SMTP" in run.stdout and "administrator" in run.stdout


def test_a_signed_mx_needs_no_confirmation(configure, dns):
    hosted(dns)
    dns.authentic = True
    run = configure("bob@hosted.test", "--dns-trust-ad")
    assert run.status == 0, run
    assert "make sure" not in run.stdout


def test_the_table_knows_domains(configure, dns):
    run = configure("bob@web.de")
    assert (run.status, run.stderr) == (0, ""), run
    assert settings(run) == [
        "account default", "host smtp.web.de", "port 465", "tls on",
        "tls_starttls off", "auth on", "user bob", "from bob@web.de"]
    assert {kind for _, kind in dns.queries} == {33}  # only SRV


def test_srv_records_come_before_the_table(configure, dns):
    dns.add("_submissions._tcp.web.de", "SRV", 0, 0, 465, "mx.test")
    run = configure("bob@web.de")
    assert run.status == 0, run
    assert "host mx.test" in settings(run)
    assert "tls_host_override web.de" in settings(run)


def test_a_provider_that_is_named_needs_no_dns(configure, dns):
    run = configure("bob@mx.test", "--provider=sendgrid")
    assert (run.status, run.stderr) == (0, ""), run
    assert "host smtp.sendgrid.net" in settings(run)
    assert "user apikey" in settings(run)
    assert dns.queries == []


def test_a_name_from_the_dns_that_is_no_host_is_not_printed(configure, dns):
    hosted(dns, "a\x1b[31m.google.com")
    run = configure("bob@hosted.test")
    assert (run.status, run.stdout) == (os.EX_NOHOST, ""), run
    assert "\x1b" not in run.stderr


@pytest.fixture
def write(program, dns):
    """Runs --configure --write with a provider that needs no DNS."""
    def write(address, *argv, provider="gmail"):
        return program.run("--configure", address, "--write",
                           f"--provider={provider}", *argv, stdin=None)
    return write


def test_the_account_is_written_to_a_new_file(program, write):
    program.config.unlink(missing_ok=True)
    program.config.parent.rmdir()
    run = write("bob@example.org")
    assert (run.status, run.stderr) == (0, ""), run
    assert program.config.stat().st_mode & 0o7777 == 0o600
    assert program.config.parent.stat().st_mode & 0o7777 == 0o700
    text = program.config.read_text()
    assert run.stdout == text + (
        f"\nThis account is now in {program.config}.\n"
        "Set passwordeval or passwordfile there.\n"
        "Then test it:\n    veredus --check -a default\n")
    assert names(text) == ["account default"]
    run = program.run("--pretend", "a@example.org")
    assert "\nhost = smtp.gmail.com" in run.stdout, run


def test_the_account_is_added_to_a_file(program, write):
    program.write_config("account default\nhost a.example\nfrom a@a.example")
    run = write("bob@example.org", provider="outlook")
    assert run.status == 0, run
    assert "    veredus --login -a bob@example.org\n" in run.stdout
    assert names(program.config.read_text()) == [
        "account default", "account bob@example.org"]
    run = program.run("--pretend", "a@example.org")  # still works
    assert "\nsender = a@a.example\n" in run.stdout, run
    run = program.run("--pretend", "-a", "bob@example.org", "a@example.org")
    assert run.status == os.EX_CONFIG and "oauth_client_id" in run.stderr, run


def test_an_account_that_exists_is_not_touched(program, write):
    program.write_config("account default\nhost a.example\n"
                         "account bob@example.org\nhost b.example\n")
    before = program.config.read_text()
    for argv in ([], ["-a", "default"]):
        run = write("bob@example.org", *argv)
        assert (run.status, run.stdout) == (os.EX_USAGE, ""), run
        assert "already defined" in run.stderr
    assert program.config.read_text() == before


@pytest.mark.parametrize("name", [
    "work locked", "", " x", "x ", '"q"', "a:b", "a,b", "a\nhost b"])
def test_a_name_that_no_file_can_contain_is_not_written(
        program, write, name):
    program.write_config("account default\nhost a.example\n")
    before = program.config.read_text()
    run = write("bob@example.org", "-a", name)
    assert (run.status, run.stdout) == (os.EX_USAGE, ""), run
    assert program.config.read_text() == before


@pytest.mark.parametrize("address", [
    '"a b"@gmail.com', '*@gmail.com', 'a?b@gmail.com'])
def test_an_address_that_no_from_can_contain_is_not_written(
        program, write, address):
    program.config.unlink(missing_ok=True)
    run = write(address, "-a", "x")
    assert (run.status, run.stdout) == (os.EX_DATAERR, ""), run
    assert "cannot contain the address" in run.stderr
    assert not program.config.exists()


@pytest.mark.parametrize("address", ["a%b@gmail.com", "a%U@gmail.com"])
def test_a_percent_sign_of_an_address_is_no_letter(program, write, address):
    program.config.unlink(missing_ok=True)
    run = write(address)
    assert run.status == 0, run
    text = program.config.read_text()
    assert f"\nuser {address}\n" in text
    assert f"\nfrom {address.replace('%', '%%')}\n" in text
    run = program.run("--pretend", "-f", address, "a@example.org")
    assert f"\nsender = {address}\n" in run.stdout, run


def test_a_user_that_no_file_can_contain_is_not_written(program, write):
    program.config.unlink(missing_ok=True)
    run = write("bob@example.org", '--user="q"')
    assert (run.status, run.stdout) == (os.EX_USAGE, ""), run
    assert not program.config.exists()


def test_a_file_that_has_an_error_is_not_written_to(program, write, tmp_path):
    program.write_config(f"eval touch {tmp_path}/ran\naccount a\nhots b\n")
    before = program.config.read_text()
    run = write("bob@example.org")
    assert (run.status, run.stdout) == (os.EX_CONFIG, ""), run
    assert f"{program.config}:3: unknown keyword" in run.stderr
    assert "nothing was written" in run.stderr
    assert program.config.read_text() == before
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("value", ["bob@example.org", "*@example.org"])
def test_an_address_that_an_account_has_is_not_written_again(
        program, write, value):
    program.write_config(f"account default\nhost a.example\nfrom {value}\n")
    before = program.config.read_text()
    run = write("bob@example.org")
    assert (run.status, run.stdout) == (os.EX_USAGE, ""), run
    first = f'the account "default" in {program.config}:1'
    assert first in run.stderr
    assert program.config.read_text() == before
    run = write("bob@example.org", "-a", "work")
    assert run.status == 0, run
    assert f"# Mail from bob@example.org uses {first};\n" in run.stdout
    run = program.run("--pretend", "-f", "bob@example.org", "a@example.org")
    assert "\nhost = a.example" in run.stdout, run


def test_a_file_that_is_a_link_is_not_written_to(program, write, tmp_path):
    other = tmp_path / "other"
    other.write_text("")
    program.config.unlink(missing_ok=True)
    program.config.symlink_to(other)
    run = write("bob@example.org")
    assert (run.status, run.stdout) == (os.EX_CANTCREAT, ""), run
    assert "symbolic link" in run.stderr
    assert other.read_text() == ""


@pytest.mark.parametrize("argv, error", [
    (["--write"], "--write belongs to --configure"),
    (["--provider=gmail"], "--provider belongs to --configure"),
    (["--configure=bob@mx.test", "--provider=none"], 'does not have "none"'),
])
def test_options_of_configure_that_are_wrong(program, argv, error):
    run = program.run(*argv, stdin=None)
    assert (run.status, run.stdout) == (os.EX_USAGE, ""), run
    assert error in run.stderr


def test_each_entry_of_the_table_makes_an_account(program):
    entries = re.findall(r"(?m)^provider (\S+)", TABLE.read_text())
    for number, name in enumerate(entries):
        run = program.run("--configure=bob@example.org", f"-aa{number}",
                          f"--provider={name.replace('*', 'eu-west-1')}",
                          stdin=None)
        assert (run.status, run.stderr) == (0, ""), run
        text = run.stdout.replace("#oauth_client_id", "oauth_client_id")
        if "\noauth_provider" not in text:
            text = run.stdout
        program.write_config(text.replace("#user", "user"))
        run = program.run("--pretend", f"-aa{number}", "a@example.org")
        assert run.status == 0, run
        assert "\nuser = " in run.stdout
        assert "\ntls = on " in run.stdout
    assert len(entries) > 30


def test_a_result_that_nobody_can_read_is_written_and_said(program, write):
    program.config.unlink(missing_ok=True)
    with open("/dev/full", "w") as full:
        run = program.run("--configure", "bob@example.org", "--write",
                          "--provider=gmail", stdin=None, stdout=full)
    assert run.status == os.EX_IOERR, run
    assert (f"the account is now in {program.config}: cannot write to "
            "standard output" in run.stderr)
    assert names(program.config.read_text()) == ["account default"]


def test_google_wants_the_secret_of_the_client(program, write):
    run = write("bob@example.org")
    text = run.stdout.replace("#oauth", "oauth").replace("#password", "# ")
    settings = [line for line in text.splitlines() if line.startswith("oauth")]
    assert settings == [
        "oauth_provider google", "oauth_client_id ID",
        "oauth_client_secret_file ~/.config/veredus.client"]
    program.write_config(text.partition("\n\nThis account")[0] + "\n")
    run = program.run("--pretend", "a@example.org")
    assert run.status == 0 and "oauth_client_id = ID" in run.stdout, run


KEYRING = """#!/bin/sh
verb=$1
shift
case $verb in
store) shift; cat >"{folder}/$*" ;;
lookup) cat "{folder}/$*" ;;
esac
"""


@pytest.fixture
def keyring(program, tmp_path):
    """A secret-tool that keeps secrets in files; returns the PATH to it."""
    folder = tmp_path / "keyring's"
    folder.mkdir()
    tool = folder / "secret-tool"
    tool.write_text(KEYRING.format(folder=folder))
    tool.chmod(0o755)
    return f"/usr/bin:{folder}:/bin"


def test_the_password_comes_from_the_keyring(
        program, dns, server, trust, submit, keyring):
    address = "o'br%n$HOME@mx.test"
    program.config.unlink(missing_ok=True)
    dns.add("_submission._tcp.mx.test", "SRV", 0, 0, server.port, "mx.test")
    run = program.run("--configure", address, "--write", "--keyring",
                      f"--dns-server=127.0.0.1:{dns.port}", stdin=None,
                      env={"PATH": keyring})
    assert (run.status, run.stderr) == (0, ""), run
    assert "#password" not in run.stdout
    command = re.search(r"^    (secret-tool store .*)$", run.stdout, re.M)[1]
    assert "Set " not in run.stdout.partition("This account")[2]
    subprocess.run(["sh", "-c", command], check=True, input=SECRET, text=True,
                   env={"PATH": keyring})
    server.play(lines(SECURED, plain(address), "S: 235 2.7.0 welcome",
                      MESSAGE_ACCEPTED.replace("alice@example.org", address)))
    run = submit("-f", address, "bob@example.org", env={"PATH": keyring},
                 config=program.config.read_text() + lines(
                     "domain client.example",
                     trust.replace("tls on\n", "")) + "\n")
    assert run.status == 0, run


@pytest.mark.parametrize("argv, path, status, error", [
    (["--write", "--keyring"], "/usr/bin:/bin:", os.EX_CONFIG,
     "secret-tool is not on PATH: install it"),
    (["--keyring"], None, os.EX_USAGE, "--keyring belongs to"),
    (["--write", "--keyring", "--provider=outlook"], None, os.EX_USAGE,
     "smtp-mail.outlook.com takes no password"),
])
def test_the_keyring_is_not_used_where_it_cannot_help(
        program, dns, keyring, argv, path, status, error):
    program.config.unlink(missing_ok=True)
    run = program.run("--configure", "bob@mx.test", *argv, stdin=None,
                      env={"PATH": path or keyring})
    assert (run.status, run.stdout) == (status, ""), run
    assert error in run.stderr and len(run.stderr.splitlines()) == 1
    assert not program.config.exists() and dns.queries == []


def test_the_command_in_a_comment_is_quoted_for_the_shell(program, write):
    run = write("o'br@example.org")
    assert "\n#passwordeval pass show 'o'\\''br@example.org'\n" in run.stdout


@pytest.mark.parametrize("option", ["--online", "--keyring", "--write"])
def test_options_of_configure_need_it(program, option):
    run = program.run(option, "a@example.org", stdin=None)
    assert run.status == os.EX_USAGE and "belongs to" in run.stderr, run
