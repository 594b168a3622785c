# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--explain: shows what is decided before the first connection, and why."""

import os
import re

import pytest

from dialogue import LOGIN_SETTINGS, SEND, lines
from dns_stub import DnsStub
from program import ME, MESSAGE

# No server listens at these hosts: --explain does not connect.
CONFIG = """
defaults
port 587
tls on
domain client.example
rewrite www-data web@example.org
account work
host mx.example
from *@work.example
auth plain
user alice
passwordeval echo Kanarienvogel/7+%; touch evaluated
account default
host mx.test
host localhost
from me@example.org
"""


@pytest.fixture
def dns():
    stub = DnsStub()
    yield stub
    stub.stop()


def values(run, label):
    return re.findall(rf"(?m)^ *{re.escape(label)}: (.*)$", run.stdout)


def value(run, label):
    found = values(run, label)
    assert len(found) == 1, (label, run)
    return found[0]


def test_the_configuration_files_are_shown(submit, program):
    run = submit("--explain", *SEND, config=CONFIG, stdin=None)
    assert (run.status, run.stderr) == (0, ""), run
    assert value(run, "read") == str(program.config)
    assert value(run, "not found").endswith("/veredus.conf")


def test_with_the_host_option_no_file_is_read(submit):
    run = submit("--explain", "--host=localhost", *SEND, config=CONFIG,
                 stdin=None)
    assert run.status == 0, run
    assert value(run, "read") == "none: the command line gives the server"
    assert value(run, "chosen by") == \
        "the command line, which gives the server"


@pytest.mark.parametrize("argv, name, why", [
    (["-a", "work"], "work", "its name (-a)"),
    (["-f", "a+b@work.example"], "work",
     "from *@work.example, which matches the sender <a+b@work.example>"),
    (["-f", "me+x@example.org"], "default",
     "from me@example.org, which matches the sender <me+x@example.org> "
     "without its +detail"),
    (["-f", "who@else.example"], "default",
     "default: no account has a matching from for <who@else.example>"),
    (["-f", "<>"], "default", "default: no sender was given"),
    ([], "default", "default: no sender was given"),
])
def test_the_account_and_the_reason_for_it_are_shown(submit, argv, name, why):
    run = submit("--explain", *argv, "bob@example.org", config=CONFIG,
                 stdin=None)
    assert run.status == 0, run
    assert value(run, "Account") == name
    assert value(run, "chosen by") == why
    assert re.search(r"veredus\.conf:\d+$", value(run, "written in"))


def test_the_from_field_of_the_message_may_select_the_account(submit):
    run = submit("--explain", "--read-envelope-from", "-t", config=CONFIG,
                 stdin=MESSAGE.replace(b"alice@example.org",
                                       b"al@work.example"))
    assert run.status == 0, run
    assert value(run, "Account") == "work"
    assert value(run, "given by") == "the From field of the message"
    assert values(run, "Recipient") == ["bob@example.org"]


def test_a_rewritten_sender_is_still_shown_as_that_of_the_message(submit):
    run = submit("--explain", "--read-envelope-from", "-t", stdin=MESSAGE,
                 settings=lines("tls off",
                                "rewrite alice@example.org web@example.org"))
    assert run.status == 0, run
    assert value(run, "Sender") == "web@example.org"
    assert value(run, "given by") == "the From field of the message"
    assert value(run, "before") == "alice@example.org"


@pytest.mark.parametrize("settings, argv, sender, source, change", [
    ("", ["-f", "www-data"], "web@example.org", "-f",
     "rewrite www-data web@example.org"),
    ("from me@example.org", ["-f", "root"], "me@example.org", "-f",
     "rewrite_local (default)"),
    ("qualify_domain q.example", ["-f", "root"], "root@q.example", "-f",
     r"qualify_domain (.*veredus.conf:\d+)"),
    ("from me@example.org", [], "me@example.org",
     r"from (.*veredus.conf:\d+)", None),
    ("", [], f"{ME}@client.example",
     "default: the user name and the name of this host",
     "qualify_domain (default)"),
    ("from me@example.org\nallow_from_override off", ["-f", "x@y.example"],
     "me@example.org", r"from (.*veredus.conf:\d+)", None),
    ("", ["-f", "<>"], "<>", "-f", None),
])
def test_the_source_of_the_sender_is_shown(
        submit, settings, argv, sender, source, change):
    run = submit("--explain", *argv, "bob@example.org", stdin=None,
                 settings=lines("tls off", settings,
                                "rewrite www-data web@example.org"))
    assert run.status == 0, run
    assert value(run, "Sender") == sender

    def as_pattern(text):
        return text.replace("(", r"\(").replace(")", r"\)")

    assert re.fullmatch(as_pattern(source), value(run, "given by")), run
    if change is None:
        assert not values(run, "changed by"), run
    else:
        assert re.fullmatch(as_pattern(change), value(run, "changed by")), run
    assert ("-f forbidden by" in run.stdout) == ("override off" in settings)


def test_recipients_are_shown_after_aliases(submit, program):
    aliases = program.folder / "aliases"
    aliases.write_text("root: admin@example.org\n")
    run = submit("--explain", "-f", "alice@example.org", "root",
                 "bob@example.org", stdin=None,
                 settings=f"tls off\naliases {aliases}")
    assert run.status == 0, run
    assert values(run, "Recipient") == ["admin@example.org",
                                        "bob@example.org"]
    assert value(run, "in place of") == "root"


def test_hosts_are_shown_in_order_with_their_addresses(submit):
    run = submit("--explain", *SEND, config=CONFIG, stdin=None)
    assert run.status == 0, run
    assert values(run, "Host") == ["mx.test port 587", "localhost port 587"]
    first, second = values(run, "addresses")
    assert first == "127.0.0.1" and "127.0.0.1" in second
    assert values(run, "TLS") == [
        "required, STARTTLS, a certificate for mx.test",
        "required, STARTTLS, a certificate for localhost"]
    assert all(re.fullmatch(r"tls \(.*veredus\.conf:\d+\)", by)
               for by in values(run, "TLS by"))


def test_one_host_without_an_address_is_not_a_failure(submit):
    run = submit("--explain", *SEND, stdin=None, config=CONFIG.replace(
        "host localhost", "host gone.invalid"))
    assert run.status == 0, run
    assert "addresses: none: " in run.stdout


def test_it_is_a_failure_if_no_host_has_an_address(submit, program):
    program.hosts["gone.invalid"] = "none"
    run = submit("--explain", *SEND, stdin=None, host="gone.invalid")
    assert run.status == os.EX_CONFIG, run
    assert "gone.invalid" in run.stderr
    # The other parts are shown anyway.
    assert value(run, "Account") == "default"
    assert "Settings:" in run.stdout


def test_a_temporary_lookup_failure_of_one_host_is_a_temporary_failure(
        submit, program):
    program.hosts.update({"gone.example": "none", "slow.example": "hang"})
    run = submit("--explain", *SEND, stdin=None, settings="deadline 1",
                 host="gone.example\nhost slow.example")
    assert run.status == os.EX_TEMPFAIL, run


def test_the_login_is_shown_and_passwordeval_is_not_run(submit, program):
    run = submit("--explain", "-a", "work", *SEND, config=CONFIG, stdin=None)
    assert run.status == 0, run
    assert value(run, "Login") == "PLAIN"
    assert value(run, "user") == "alice"
    assert re.fullmatch(r"passwordeval \(.*veredus\.conf:\d+\)",
                        value(run, "password from"))
    assert not (program.work / "evaluated").exists()


def test_the_order_of_mechanisms_is_shown(submit):
    run = submit("--explain", *SEND, stdin=None, settings=lines(
        "tls on", LOGIN_SETTINGS.replace("plain", "on")))
    assert run.status == 0, run
    assert value(run, "Login").endswith("PLAIN, LOGIN")
    assert re.fullmatch(r"password \(.*:\d+\)", value(run, "password from"))


def test_a_missing_login_and_a_missing_password_are_shown(submit):
    run = submit("--explain", *SEND, config=CONFIG, stdin=None)
    assert value(run, "Login") == "none"
    run = submit("--explain", *SEND, stdin=None,
                 settings="tls on\nauth plain\nuser x")
    assert run.status == 0, run
    assert value(run, "password from").startswith("none: set passwordeval")


def test_the_dsn_parameters_are_shown(submit):
    run = submit("--explain", "-N", "failure,delay", "-R", "hdrs", "-V", "id7",
                 *SEND, config=CONFIG, stdin=None)
    assert value(run, "notifications") == "failure, delay; return the header"
    assert value(run, "envelope id") == "id7"


@pytest.mark.parametrize("settings, label, shown", [
    ("host mx.test\nproxy_host 127.0.0.1", "addresses",
     "resolved by the proxy 127.0.0.1 port 1080"),
    ("socket /run/mail", "Socket", "/run/mail"),
])
def test_a_proxy_and_a_socket_are_shown(submit, settings, label, shown):
    run = submit("--explain", *SEND, config=f"{settings}\ntls off\n",
                 stdin=None)
    assert run.status == 0, run
    assert value(run, label) == shown
    assert value(run, "TLS") == "off"


def test_the_mx_hosts_of_each_domain_are_shown(submit, dns):
    dns.add("one.test", "MX", 20, "b.one.test")
    dns.add("one.test", "MX", 10, "a.one.test")
    dns.add("a.one.test", "A", "198.51.100.1")
    dns.add("b.one.test", "A", "198.51.100.2")
    config = f"host mx\n{dns.setting}\ndomain client.example\n"
    run = submit("--explain", *SEND[:2], "x@one.test", "y@gone.test",
                 config=config, stdin=None)
    assert run.status == os.EX_NOHOST, run
    assert "gone.test does not exist" in run.stderr
    assert values(run, "Domain") == ["gone.test", "one.test"]
    assert "gone.test does not exist" in value(run, "no host")
    assert values(run, "Host") == ["a.one.test port 25", "b.one.test port 25"]
    assert values(run, "addresses") == ["198.51.100.1", "198.51.100.2"]
    assert set(values(run, "TLS")) == {"tried, STARTTLS, any certificate"}
    assert set(values(run, "TLS by")) == {"default for host mx"}
    assert set(values(run, "DNSSEC")) == {"secures nothing"}
    run = submit("--explain", *SEND[:2], config=config, stdin=None)
    assert run.status == 0, run
    assert value(run, "Hosts") == \
        "the MX hosts of each recipient's domain (host mx)"


def test_the_srv_hosts_are_shown(submit, dns):
    dns.authentic = True
    dns.add("_submissions._tcp.mx.test", "SRV", 0, 0, 465, "a.mx.test")
    dns.add("_submission._tcp.mx.test", "SRV", 0, 0, 587, "b.mx.test")
    dns.add("a.mx.test", "A", "198.51.100.1")
    dns.rcodes["b.mx.test"] = 2
    run = submit("--explain", *SEND, stdin=None, config=lines(
        "account default", "host srv", "domain_of mx.test", dns.setting)
        + "\n")
    assert run.status == 0, run
    assert values(run, "Host") == ["a.mx.test port 465", "b.mx.test port 587"]
    assert value(run, "TLS") == \
        "required, implicit TLS, a certificate for a.mx.test"
    assert value(run, "DNSSEC") == \
        "secures the host name and its addresses"
    assert "SERVFAIL" in value(run, "not tried")


def test_a_failed_dns_lookup_is_a_temporary_failure(submit, dns):
    dns.rcodes["one.test"] = 2
    run = submit("--explain", *SEND[:2], "x@one.test", stdin=None,
                 config=f"host mx\n{dns.setting}\n")
    assert run.status == os.EX_TEMPFAIL, run


@pytest.mark.parametrize("argv, config, status, shown", [
    (["-a", "gone"], CONFIG, os.EX_CONFIG, "read: "),
    ([], "", os.EX_CONFIG, "not found: "),
    ([], "hots x\n", os.EX_CONFIG, "read: "),
    (["-f", "a@b", "a b@c@d"], CONFIG, os.EX_DATAERR, "Account: default"),
    ([], "host x.test\ntls_key_file /x\n", os.EX_CONFIG, "Account: default"),
])
def test_an_error_is_reported_after_the_valid_part(
        submit, argv, config, status, shown):
    run = submit("--explain", *argv, config=config, stdin=None)
    assert run.status == status, run
    assert shown in run.stdout
    assert len(run.stderr.splitlines()) == 1


def test_log_notes_are_shown(submit):
    run = submit("--explain", *SEND, stdin=None,
                 settings="tls on\ntls_certcheck off")
    assert run.status == 0, run
    assert "the server's identity is not verified" in value(run, "Note")


def test_as_sendmail_explain_is_rejected(submit):
    run = submit("--explain", name="sendmail", stdin=b"")
    assert run.status == os.EX_USAGE, run
