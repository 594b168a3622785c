# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--check finds what is wrong, and says what to do."""

import os
import re
import time

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MAIL, QUIT, RCPT, SECURED,
                      STARTTLS, ehlo, greet, lines)
from dns_stub import DnsStub
from fake_oauth import OAuthHelper, bearer
from findings import (check, closed_port, file, find, findings,  # noqa: F401
                      first_failure, login, one, system_file)
from json_output import objects
from program import SECRET, account
from queue_files import Queue

RSET = lines("C: RSET", "S: 250 2.0.0 ok")


def old_message(program):
    """Puts a message that waits since two days into the queue."""
    now = int(time.time() * 1000)
    Queue(program.home / "queue").add(age=2 * 86400, journal=[
        f"{now} attempt",
        f"{now} deferred 1 450 4.2.0 mx.example 450 4.2.0 later"])


def failed_message(program):
    Queue(program.home / "queue").add(place="failed")


def folder(name, mode):
    def prepare(program):
        (program.home / name).mkdir(mode=mode)
    return prepare


def swapped(program):
    file("key", "-----BEGIN CERTIFICATE-----\n")(program)
    file("cert", "-----BEGIN PRIVATE KEY-----\n")(program)


def two_names(program):
    file(".pw", SECRET)(program)
    (program.home / ".pw2").hardlink_to(program.home / ".pw")


def readable_config(program):
    program.config.chmod(0o644)


def nothing(program):
    pass


# What is wrong: the configuration, what is done before, the level, the item,
# and parts of the text and of the remedy.
OFFLINE = {
    "unknown keyword": (
        one("tls_fingerprintt x"), nothing, "fail", "config",
        "did you mean \"tls_fingerprint\"", "edit {config}"),
    "contradiction": (
        one("auth plain", "tls off"), nothing, "fail", "account",
        "conflict", "change the setting"),
    "no account": ("# empty\n", nothing, "fail", "config",
                   "no account in", "--configure ADDRESS --write"),
    "password missing": (
        login(), nothing, "fail", "password", "no password for alice",
        "write passwordeval or passwordfile below {config}:1, then: "
        "veredus --check -a default"),
    "user missing": (
        one("auth on"), nothing, "fail", "password", "set user",
        "write user, and passwordeval or passwordfile, below {config}:1"),
    "user missing, but no password": (
        one("auth on", "passwordeval echo x"), nothing, "fail", "password",
        "set user", "write user below {config}:1"),
    "password file missing": (
        login("passwordfile ~/.pw"), nothing, "fail", "password",
        "passwordfile ({config}:6): cannot read", "create {home}/.pw"),
    "password file readable for all": (
        login("passwordfile ~/.pw"), file(".pw", SECRET, 0o644), "fail",
        "password", "others may access it", "chmod 600 {home}/.pw"),
    "password in a file for all": (
        login(f"password {SECRET}"), readable_config, "fail", "config",
        "others may access it", "chmod 600 {config}"),
    "command for the password fails": (
        login("passwordeval exit 3"), nothing, "fail", "password",
        "status 3", "run the command of passwordeval ({config}:6)"),
    "trust file missing": (
        one("tls_trust_file ~/ca.pem"), nothing, "fail", "tls",
        "tls_trust_file ({config}:4)", "change the line"),
    "no key in the file of the key": (
        one("tls_key_file ~/key", "tls_cert_file ~/key"),
        file("key", "no key"), "fail", "tls",
        "tls_key_file ({config}:4)", "change the line of tls_key_file"),
    "key and certificate swapped": (
        one("tls_key_file ~/key", "tls_cert_file ~/cert"), swapped, "fail",
        "tls", "tls_key_file ({config}:4): it is swapped with tls_cert_file",
        "change the line of tls_key_file"),
    "unknown priorities": (
        one("tls_priorities NONSENSE"), nothing, "fail", "tls",
        "tls_priorities ({config}:4)",
        "change or remove the line of tls_priorities"),
    "no version of TLS is left": (
        one("tls_min_version 1.3", "tls_priorities NORMAL:-VERS-TLS1.3"),
        nothing, "fail", "tls", "tls_priorities ({config}:5): "
        "\"NORMAL:-VERS-TLS1.3\" does not leave a TLS version of at least "
        "tls_min_version", "change or remove the line of tls_priorities"),
    "certificate not checked": (
        one("tls_certcheck off"), nothing, "warn", "tls",
        "the server may be anybody", "tls_fingerprint"),
    "certificate of this host not checked": (
        one("tls on", "tls_certcheck off", host="localhost"), nothing, "note",
        "tls", "tls_certcheck ({config}:5): the server may be any user of",
        "tls_fingerprint"),
    "dead letter in no folder": (
        one("dead_letter ~/none/letter"), nothing, "warn", "letter",
        "dead_letter ({config}:4): cannot save the message in "
        "{home}/none/letter: No such file", "set dead_letter to a file"),
    "dead letter is a folder": (
        one("dead_letter ~/letter"), folder("letter", 0o700), "warn",
        "letter", "{home}/letter", "set dead_letter to a file"),
    "dead letter with two names": (
        one("dead_letter ~/.pw"), two_names, "warn", "letter",
        "second name", "set dead_letter to a file"),
    "no TLS": (one("tls off", host="mx.elsewhere.example"), nothing, "warn",
               "tls", "tls ({config}:4)", "set \"tls on\""),
    "from of another user": (
        login("from bob@example.com"), nothing, "note", "sender",
        "logs in as alice@example.org", "set from to alice@example.org"),
    "no from": (one(), nothing, "warn", "sender", "sends as ", "set from"),
    "aliases missing": (
        one("aliases ~/aliases"), nothing, "warn", "aliases",
        "aliases ({config}:4): {home}/aliases does not exist", "create"),
    "aliases broken": (
        one("aliases ~/aliases"), file("aliases", "root: |/bin/sh\n"), "fail",
        "aliases", "{home}/aliases:1", "edit {home}/aliases"),
    "logfile in no folder": (
        one("logfile ~/none/log"), nothing, "warn", "log",
        "logfile ({config}:4)", "set another logfile"),
    "log nowhere": (one("syslog off"), nothing, "note", "log",
                    "nothing is logged", "syslog on"),
    "queue with permissions for others": (
        one("queue on", "queue_dir ~/queue"), folder("queue", 0o755), "fail",
        "queue", "{home}/queue", "chmod -R u+rwX,go= {home}/queue"),
    "queue that is a file": (
        one("queue on", "queue_dir ~/queue"), file("queue", ""), "fail",
        "queue", "queue_dir ({config}:5): {home}/queue", "set queue_dir to a "
        "folder: {home}/queue is none"),
    "queue below a file": (
        one("queue on", "queue_dir ~/file/queue"), file("file", ""), "fail",
        "queue", "queue_dir ({config}:5): ", "set queue_dir to a folder: "),
    "queue where nothing can be created": (
        one("queue on", "queue_dir /proc/none"), nothing, "fail", "queue",
        "queue_dir ({config}:5): ",
        f"as root: install -d -o {os.geteuid()} -m 700 /proc/none"),
    "old message in the queue": (
        one("queue on", "queue_dir ~/queue"), old_message, "fail", "queue",
        "1 message in {home}/queue, the oldest since 2d, its last error: "
        "host mx.example said: 450 4.2.0 later", "veredus -qf"),
    "failed message in the queue": (
        one("queue on", "queue_dir ~/queue"), failed_message, "warn", "queue",
        "0 messages in {home}/queue, 1 failed",
        "veredus --queue-requeue=ID or --queue-delete=ID"),
    "nobody runs the queue": (
        one("queue on", "queue_dir ~/queue"), nothing, "warn", "timer",
        "no timer of systemd and no line of cron", "veredus-queue.timer"),
    "service socket missing": (
        lines("account default", "socket /run/veredus/none"), nothing, "fail",
        "socket", "socket ({config}:2): cannot connect to /run/veredus/none",
        "start the server"),
    "token missing": (
        login("oauth_provider google", "oauth_client_id x",
              "oauth_store ~/store").replace("auth on\n", ""),
        nothing, "fail", "token", "", "veredus --login -a default"),
    "key readable for all": (
        one("tls_key_file ~/key", "tls_cert_file ~/key"),
        file("key", SECRET, 0o644), "warn", "tls",
        "tls_key_file ({config}:4): ", "chmod 600 {home}/key"),
    "client secret readable for all": (
        login("oauth_provider google", "oauth_client_id x",
              "oauth_client_secret_file ~/s").replace("auth on\n", ""),
        file("s", SECRET, 0o644), "fail", "token",
        "oauth_client_secret_file ({config}:7): ", "chmod 600 {home}/s"),
    "copies readable for all": (
        one("archive maildir:~/copies"), folder("copies", 0o755), "warn",
        "archive", "others may enter {home}/copies", "chmod 700"),
    "filter missing": (
        one("filter /no/such/program -x"), nothing, "fail", "filter",
        "filter ({config}:4): cannot run /no/such/program", "install"),
    "filter with an error": (
        one("filter if then"), nothing, "fail", "filter",
        "filter ({config}:4): sh: ", "correct the command"),
    "filter with an open quote": (
        one("filter cat | sed \"s/a/b/"), nothing, "fail", "filter",
        "filter ({config}:4): sh: ", "correct the command"),
    "filter with a missing program": (
        one("filter cat 2>/dev/null | LANG=C /no/prog -x"), nothing, "warn",
        "filter", "there is no program /no/prog", "install the program"),
    "filter with an unknown program": (
        one("filter if test -r /nokey; then cat; fi && nosuchprog 'x;y'"),
        nothing, "warn", "filter", "there is no program nosuchprog",
        "install the program"),
    "filter that looks for its program": (
        one("filter test -x /no/prog && /no/prog || cat <&0"), nothing,
        "note", "filter", "it was not run", "--print"),
    "filter that only a shell can read": (
        one("filter { $NONE cat; }"), nothing, "note", "filter",
        "it was not run", "--print"),
    "filter that would leave a file": (
        one("filter touch /no/file; cat > {home}/copy 2>&1"), nothing, "note",
        "filter", "it was not run", "--print"),
    "filter not run": (one("filter cat"), nothing, "note", "filter",
                       "filter ({config}:4): it was not run",
                       "veredus --print -a default <MESSAGE"),
    "archive where nothing can be created": (
        one("archive maildir:/proc/none", "archive_required on"), nothing,
        "fail", "archive", "archive ({config}:4): ", "name another folder"),
    "archive that is not required": (
        one("archive maildir:/proc/none"), nothing, "warn", "archive",
        "messages go out without a copy", "name another folder"),
    "password file is a device": (
        login("passwordfile /dev/null"), nothing, "fail", "password",
        "regular file", "name a regular file in place of /dev/null"),
    "password file with two names": (
        login("passwordfile ~/.pw"), two_names, "fail", "password",
        "second name", "cp -p {home}/.pw "),
    "password file empty": (
        login("passwordfile ~/.pw"), file(".pw", ""), "fail", "password",
        "is empty", "write the secret to the first line of {home}/.pw"),
    "aliases are a folder": (
        one("aliases ~/aliases"), folder("aliases", 0o700), "fail",
        "aliases", "is a directory",
        "name a regular file"),
    "line without effect": (
        one("queue_wait 9"), nothing, "note", "unused",
        "queue_wait ({config}:4) has no effect: queue is off",
        "remove the line"),
    "password without login": (
        one("passwordfile ~/.pw"), nothing, "warn", "unused",
        "passwordfile ({config}:4) has no effect: auth is off, so there is no "
        "login", "add the line \"auth on\""),
    "hold that is over": (
        one("hold_until 2020-01-01T00:00:00Z"), nothing, "warn", "unused",
        "hold_until ({config}:4) has no effect: the time has passed",
        "remove the line"),
    "hold of all accounts that is over": (
        "defaults\nhold_until 2020-01-01T00:00:00Z\n" + one(), nothing,
        "warn", "unused", "hold_until ({config}:2) has no effect",
        "remove the line"),
    "address of two accounts": (
        one("from *@example.org") + one("from bob@example.org", name="bob"),
        nothing, "warn", "from",
        "a message from bob@example.org uses account default",
        "put account bob first"),
    "account for nobody": (
        one() + one(name="bob"), nothing, "note", "from",
        "only -a can choose this account", "set from in account bob, or remove"),
    "no default": (
        one("from alice@example.org", name="alice"), nothing, "warn", "from",
        "no account \"default\"", "account default : alice"),
    "no sandbox wanted": (one("sandbox off"), nothing, "note", "sandbox",
                          "sandbox ({config}:4)", "remove the line"),
}


@pytest.mark.table
@pytest.mark.parametrize("what", OFFLINE)
def test_a_mistake_has_a_line_with_its_remedy(program, check, what):
    config, prepare, level, item, text, remedy = OFFLINE[what]
    program.write_config(config)
    prepare(program)

    def fill(pattern):
        return pattern.replace("{home}", str(program.home)).replace(
            "{config}", str(program.config))

    run = check(None, "--offline")
    find(run, level, item, fill(text), fill(remedy))
    if item == "filter" and level == "fail":
        assert run.status == os.EX_TEMPFAIL, run
    elif level == "fail":
        assert run.status in (os.EX_CONFIG, os.EX_TEMPFAIL, os.EX_NOPERM), run


def test_a_host_without_a_full_name_is_told(check):
    run = check(one().replace("domain client.example\n", ""), "--offline",
                env={"VEREDUS_TEST_HOSTNAME": "client",
                     "VEREDUS_TEST_FILES":
                     "/etc/mailname=/dev/null,/etc/hosts=/dev/null"})
    find(run, "warn", "ehlo", "no fully qualified name", "set domain")


@pytest.mark.parametrize("mode, settings, level, text", [
    (0o644, "", "ok", "root and all users, with "),
    (0o600, "", "note", "(mode 0600), but no other user"),
    (0o644, "auth on\nuser a@example.org\npasswordfile {home}/.pw\n", "note",
     "may read {home}/.pw, the password of account default")])
def test_who_can_send_is_told(program, check, mode, settings, level, text):
    if os.geteuid() != 0:
        pytest.skip("only root can write a file that belongs to root")
    system = system_file(program)
    file(".pw", SECRET)(program)
    file("system.conf", one(settings.format(home=program.home)), mode)(program)
    program.config.unlink(missing_ok=True)
    run = check(None, "--offline", env={
        "VEREDUS_TEST_FILES": f"{system}={program.home}/system.conf"})
    find(run, level, "users", text.format(home=program.home))


def test_a_timer_or_a_line_of_cron_is_found(program, check):
    wants = program.config.parent / "systemd" / "user" / "timers.target.wants"
    wants.mkdir(parents=True)
    (wants / "veredus-queue.timer").symlink_to("/dev/null")
    run = check(one("queue on", "queue_dir {home}/queue"), "--offline")
    find(run, "ok", "timer", str(wants))


def test_what_works_is_no_warning(program, check):
    """A default account of another one, and a queue that is not used."""
    (program.home / "queue").mkdir(mode=0o700)
    run = check(one("from alice@example.org", "queue_dir {home}/queue",
                    name="private") + "account default : private\n",
                "--offline")
    assert not [f for f in findings(run) if f.item in ("from", "timer")], run


def test_a_key_that_is_missing_is_told_once(program, check, certificates):
    run = check(one("tls_key_file ~/key",
                    f"tls_cert_file {certificates.path('good.pem')}"),
                "--offline")
    about = [(f.level, f.remedy) for f in findings(run) if "/key" in f.text]
    assert len(about) == 1 and about[0][0] == "fail", run


def test_a_key_of_another_certificate_is_told(check, certificates):
    run = check(one(f"tls_key_file {certificates.path('expired.key')}",
                    f"tls_cert_file {certificates.path('good.pem')}"),
                "--offline")
    find(run, "fail", "tls", "tls_key_file (", "change the line of "
         "tls_key_file")


def test_a_dead_letter_that_can_be_saved(program, check):
    run = check(one("dead_letter {home}/letter"), "--offline",
                "--dead-letter=/no/folder/letter")
    find(run, "warn", "letter", "dead_letter (command line): cannot save")
    run = check(None, "--offline")
    find(run, "ok", "letter", f"{program.home}/letter")
    assert not (program.home / "letter").exists()
    run = check(one("dead_letter on"), "--offline")
    if os.geteuid() < 1000:
        find(run, "note", "letter", "does not count for root", "set")
    else:
        find(run, "ok", "letter")


def test_without_a_configuration_configure_is_the_remedy(check):
    run = check(None, "--offline")
    assert run.status == os.EX_CONFIG
    assert first_failure(run).remedy == "veredus --configure ADDRESS --write"


def test_a_new_account_is_told_the_next_steps(program, check):
    """What --configure --write leaves, and what follows."""
    written = program.run("--configure", "alice@gmail.com", "--write",
                          stdin=None, env={"PATH": "/usr/bin:/bin"})
    if written.status != 0:
        pytest.skip("--configure has no table of providers here")
    run = check(None, "--offline")
    failure = first_failure(run)
    assert failure.item == "password" and str(program.config) in failure.remedy
    with program.config.open("a") as config:
        config.write("passwordfile ~/.veredus-password\n")
    assert "create" in first_failure(check(None, "--offline")).remedy
    file(".veredus-password", SECRET)(program)
    assert check(None, "--offline").status == 0


def test_a_broken_account_does_not_hide_the_others(check):
    run = check(one("auth plain", "tls off") + login("passwordeval exit 1")
                .replace("default", "second")
                + one("from x@example.org", name="third"), "--offline")
    assert {f.account for f in findings(run) if f.level == "fail"} == {
        "default", "second"}
    assert any(f.account == "third" for f in findings(run))
    assert run.status == os.EX_CONFIG
    # Only the account of -a.
    run = check(None, "-a", "third", "--offline")
    assert run.status == 0
    assert {f.account for f in findings(run)} <= {None, "third"}


def test_the_result_as_json_and_for_a_monitor(program, check):
    config = login("passwordfile ~/.pw", "syslog off")
    program.write_config(config)
    run = program.run("--check", "--offline", "--json", stdin=None)
    result, = objects("check", run.stdout)
    assert result["exit"] == run.status == os.EX_CONFIG
    failures = [f for f in result["findings"] if f["level"] == "fail"]
    assert [(f["item"], f["account"], f["exit"]) for f in failures] == [
        ("password", "default", os.EX_CONFIG)]
    assert failures[0]["remedy"].startswith("create ")

    run = program.run("--check", "--offline", "--monitor", stdin=None)
    assert run.status == 2
    assert re.fullmatch(
        r"VEREDUS CRITICAL - \d+ ok, \d+ note(, \d+ warn)?, 1 fail; "
        r"password \(default\): [^|]* \| ok=\d+ note=\d+ warn=\d+ fail=1\n",
        run.stdout), run
    file(".pw", SECRET)(program)
    run = program.run("--check", "--offline", "--monitor", stdin=None)
    assert run.status == 0 and run.stdout.startswith("VEREDUS OK - "), run


@pytest.mark.parametrize("mode", ["check", "explain", "probe"])
def test_a_wrong_sender_has_an_object(program, mode):
    run = program.run("-f", "bad@@x", f"--{mode}", "--json", stdin=None)
    result, = objects(mode, run.stdout)
    assert result["exit"] == run.status == os.EX_DATAERR, run
    assert "bad@@x" in run.stdout and "bad@@x" in run.stderr, run


@pytest.mark.parametrize("argv, error", [
    (["--offline"], "--offline belongs to --check"),
    (["--monitor"], "--monitor belongs to --check"),
    (["--check", "-t"], "reads no message"),
    (["--check", "--offline", "bob@example.org"], "remove one of them"),
    (["--check", "--json", "--monitor"], "cannot be combined"),
    (["--service", "--check", "bob@example.org"], "reads files only")])
def test_contradicting_options_are_rejected(program, argv, error):
    run = program.run(*argv, stdin=None)
    assert run.status == os.EX_USAGE and error in run.stderr, run


# ---- with the network ----

def test_everything_that_works_is_ok(submit, server, trust):
    server.play(lines(SECURED, LOGIN, MAIL, RCPT, RSET, QUIT))
    run = submit("--check", "bob@example.org", stdin=None, host="mx.test",
                 settings=lines(trust, LOGIN_SETTINGS,
                                "from alice@example.org"))
    assert (run.status, run.stderr) == (0, ""), run
    for item, text in {
            "dns": "mx.test in 0.", "server": f"127.0.0.1:{server.port}",
            "tls": "TLS1.3", "certificate": " days left",
            "login": "PLAIN as ", "mail": "MAIL <alice@example.org>: 250",
            "rcpt": "RCPT <bob@example.org>: 250"}.items():
        find(run, "ok", item, text)
    assert not server.messages


def test_nothing_is_created(check, program, server):
    server.play(lines(greet(), QUIT))
    check(one(f"port {server.port}", "tls off", "queue on", "dead_letter on",
              "queue_dir {home}/queue", "logfile {home}/log",
              "archive maildir:{home}/sent"))
    server.finish()
    assert [path.name for path in program.home.rglob("*")] == [
        ".config", "veredus.conf"]


REFUSED = lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go", "TLS REJECTED")
LOOKED_AT = lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH PLAIN"), QUIT)


def test_host_mx_needs_recipients(check):
    run = check(one("dns_server 127.0.0.1:9", host="mx"))
    find(run, "note", "server", "the recipients decide", "--check RECIPIENT")


def test_the_account_of_a_must_exist(check):
    run = check(one(), "-a", "other", "--offline")
    find(run, "fail", "account", "there is no account \"other\"", "with -a")


def test_the_server_may_be_on_the_command_line(check, server):
    server.play(lines(greet(), MAIL, RCPT, RSET, QUIT))
    run = check(None, "--host=127.0.0.1", f"--port={server.port}",
                "--tls=off", "--domain=client.example", "-f",
                "alice@example.org", "bob@example.org")
    server.finish()
    find(run, "ok", "account", "by the command line")
    find(run, "ok", "rcpt")


# The certificate, the transcripts, the settings; the item, parts of the text
# and of the remedy, and the exit status.
ONLINE = {
    "expired certificate": (
        "expired", [REFUSED, LOOKED_AT], "tls on", "certificate", "expired",
        "ask the administrator of the server to renew its certificate",
        os.EX_TEMPFAIL),
    "certificate for another name": (
        "wrong-name", [REFUSED, LOOKED_AT], "tls on", "certificate", "",
        "the certificate is for elsewhere.test", os.EX_TEMPFAIL),
    "no STARTTLS": (
        "good", [lines(greet("PIPELINING"), "C? QUIT")], "tls on", "tls", "",
        "use the port of the server that has TLS", None),
    "wrong password": (
        "good", [lines(SECURED, "C: AUTH PLAIN *", "S: 535 5.7.8 no",
                       "C? QUIT")],
        LOGIN_SETTINGS, "login", "535 5.7.8 no",
        "OAuth2; this shows which: veredus --configure ADDRESS", None),
    "wrong from": (
        "good", [lines(SECURED, LOGIN, "C: MAIL *", "S: 550 5.7.60 not you",
                       "C? RSET", "S: 250 ok", "C? QUIT")],
        LOGIN_SETTINGS, "mail", "550 5.7.60 not you",
        "use an address that belongs to this login", None),
    "login needed": (
        "good", [lines(greet("STARTTLS"), STARTTLS, ehlo(), "C: MAIL *",
                       "S: 530 5.7.0 log in", "C? RSET", "S: 250 ok",
                       "C? QUIT")],
        "tls on", "mail", "530 5.7.0", "\"auth on\"", None),
    "busy login": (
        "good", [lines(SECURED, "C: AUTH PLAIN *", "S: 454 4.7.0 busy",
                       "C? QUIT")],
        LOGIN_SETTINGS, "login", "454 4.7.0", "try again later",
        os.EX_TEMPFAIL),
    "greylisted recipient": (
        "good", [lines(SECURED, LOGIN, MAIL, "C: RCPT *",
                       "S: 450 4.2.0 greylisted", RSET, QUIT)],
        LOGIN_SETTINGS, "rcpt", "greylisted", "\"queue on\"",
        os.EX_TEMPFAIL),
    "missing extension": (
        "good", [lines(SECURED, LOGIN, "C? RSET", "S: 250 ok", "C? QUIT")],
        LOGIN_SETTINGS + "\npriority 3", "mail", "MT-PRIORITY",
        "remove the line of the setting", None),
    "another certificate than that of the pin": (
        "good", [REFUSED, LOOKED_AT], f"tls_fingerprint {'00' * 32}",
        "certificate", "", "check tls_fingerprint (", os.EX_TEMPFAIL),
    "login by OAuth2 only": (
        "good", [lines(greet("STARTTLS"), STARTTLS,
                       ehlo("AUTH XOAUTH2 OAUTHBEARER"), "C? QUIT")],
        LOGIN_SETTINGS.replace("auth plain", "auth on"), "login", "XOAUTH2",
        "set oauth_provider, then: veredus --login -a default", None),
    "another login than OAuth2": (
        "good", [lines(greet("STARTTLS"), STARTTLS,
                       ehlo("AUTH XOAUTH2 OAUTHBEARER"), "C? QUIT")],
        LOGIN_SETTINGS, "login", "XOAUTH2", "set oauth_provider", None),
    "another login": (
        "good", [lines(greet("STARTTLS"), STARTTLS,
                       ehlo("AUTH XOAUTH2 LOGIN"), "C? QUIT")],
        LOGIN_SETTINGS, "login", "XOAUTH2", "check auth (", None),
    "closed at RCPT": (
        "good", [lines(SECURED, LOGIN, MAIL, "C: RCPT *", "CLOSE")],
        LOGIN_SETTINGS, "rcpt", "", "closed the connection", os.EX_TEMPFAIL),
    "rejected recipient": (
        "good", [lines(SECURED, LOGIN, MAIL, "C: RCPT *",
                       "S: 550 5.1.1 no such user", RSET, QUIT)],
        LOGIN_SETTINGS, "rcpt", "550 5.1.1 no such user",
        "check the address", os.EX_NOUSER),
}


@pytest.mark.parametrize("what", ONLINE)
def test_what_a_server_says_has_a_remedy(submit, server, certificates, what):
    (certificate, plays, settings, item, text, remedy,
     status) = ONLINE[what]
    server.use_certificate(certificates, certificate)
    server.play(*plays)
    run = submit("--check", "bob@example.org", stdin=None, host="mx.test",
                 settings=lines(
                     f"tls on\ntls_trust_file {certificates.path('ca.pem')}",
                     "from alice@example.org",
                     settings if settings != "tls on" else ""))
    find(run, "fail", item, text, remedy)
    assert first_failure(run).item == item, run
    assert run.status != 0 and status in (None, run.status), run
    assert run.stderr == ""


def test_servers_are_tested_without_a_password_as_well(submit, server, trust):
    server.play(lines(SECURED, QUIT))
    run = submit("--check", "bob@example.org", stdin=None, host="mx.test",
                 settings=lines(trust, "auth on", "user alice@example.org"))
    assert run.status == os.EX_CONFIG, run
    assert first_failure(run).item == "password"
    find(run, "ok", "certificate")


def test_pins_are_compared(submit, server, trust, certificates):
    right = certificates.fingerprint("good")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), QUIT))
    run = submit("--check", host="mx.test", stdin=None, settings=lines(
        trust, f"tls_fingerprint {'00' * 32}", f"tls_fingerprint {right}"))
    assert run.status == 0, run
    find(run, "note", "pin", "0000 does not match", "remove it")
    find(run, "ok", "pin", f"{right} matches")


def test_a_certificate_for_one_day_is_told(submit, server, trust,
                                           certificates):
    server.use_certificate(certificates, "one-day")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), QUIT))
    run = submit("--check", host="mx.test", stdin=None, settings=trust)
    find(run, "warn", "certificate", ", 1 day left, ", "to renew it")


def test_a_token_is_looked_at_and_used(program, check, server, trust):
    oauth = OAuthHelper(program)
    program.secrets.append("Kanarienvogel-token")
    config = account(server.port, lines(trust, oauth.settings), "mx.test")
    offers = lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH XOAUTH2"))
    sent = f"C: AUTH XOAUTH2 {bearer('Kanarienvogel-token')}"
    server.play(lines(offers, QUIT), lines(offers, sent, "S: 235 ok", QUIT),
                lines(offers, sent, "S: 535 5.7.8 no", QUIT))
    renewed = f"renewed {int(time.time()) - 90000}\nend\n"
    oauth.answers(status={"stdout": renewed})
    run = check(config, "--offline", env=oauth.env)
    find(run, "ok", "token", "renewed 1 day ago")
    oauth.answers(status=77, stderr="the login has ended\n")
    run = check(None, env=oauth.env)
    assert run.status == os.EX_NOPERM, run
    find(run, "fail", "token", "the login has ended",
         "veredus --login -a default")
    find(run, "ok", "certificate")
    oauth.write_access("Kanarienvogel-token")
    find(check(None, env=oauth.env), "ok", "login", "XOAUTH2 as ")
    find(check(None, env=oauth.env), "fail", "login", "535 5.7.8 no",
         "log in anew: veredus --login -a default")
    server.finish()


def test_a_closed_port_and_a_wrong_host_are_told(check):
    run = check(one(f"port {closed_port()}", "tls off", "connect_timeout 5")
                + one("tls off", name="b", host="no.such.host.invalid"))
    refused, unknown = [f for f in findings(run) if f.level == "fail"]
    assert (refused.item, refused.account) == ("server", "default")
    assert "firewall" in refused.remedy
    assert (unknown.item, unknown.account) == ("dns", "b")
    assert "check host" in unknown.remedy
    assert run.status == os.EX_TEMPFAIL


@pytest.mark.parametrize("settings, item, remedy", [
    ("proxy_host 127.0.0.1\nproxy_port {closed}", "server",
     "check proxy_host"),
    ("proxy_host 127.0.0.1\nproxy_port {closed}", "server",
     "and proxy_type"),
    ("proxy_host no.such.host.invalid\nproxy_port 1080", "dns",
     "check proxy_host"),
    ("source_ip 192.0.2.1", "server", "check source_ip")])
def test_what_is_in_between_has_its_settings(check, settings, item, remedy):
    port = closed_port()
    run = check(one(f"port {port}", "tls off", settings.format(closed=port),
                    host="127.0.0.1"))
    find(run, "fail", item, "", remedy)


def test_all_hosts_together_have_the_status_of_sending(check):
    """A host that does not exist (78), and one that is down (75)."""
    config = one("host 127.0.0.1", f"port {closed_port()}", "tls off",
                 host="nosuch.test")
    run = check(config, "-f", "a@example.org", "bob@example.org",
                env={"VEREDUS_TEST_HOSTS": "nosuch.test=none"})
    assert run.status == os.EX_TEMPFAIL, run
    find(run, "fail", "dns", "nosuch.test", "check host nosuch.test and")
    find(run, "fail", "server", "127.0.0.1", "check host 127.0.0.1 and")


def test_what_the_server_lacks_has_its_setting(check, server):
    """Without TLS; an address needs SMTPUTF8."""
    server.play(lines(greet(), MAIL, "C? RSET", "S: 250 ok", "C? QUIT"),
                lines(greet(), "C? QUIT"))
    config = one(f"port {server.port}", "tls off", "from alice@example.org",
                 host="127.0.0.1")
    find(check(config, "b\u00f6b@example.org"), "fail", "rcpt", "SMTPUTF8",
         "an address in ASCII")
    find(check(config + lines("auth on", "user a", "passwordeval echo x")
               + "\n"), "fail", "login", "", "set \"tls on\"")


def test_a_silent_name_server_is_told(check):
    stub = DnsStub("127.0.0.1")
    stub.silent = True
    try:
        run = check(lines(
            "account default", "host srv", "domain_of example.org",
            "domain client.example", f"dns_server 127.0.0.1:{stub.port}",
            "dns_timeout 1") + "\n")
    finally:
        stub.stop()
    find(run, "fail", "dns", "", "check host")
    assert run.status == os.EX_TEMPFAIL


@pytest.mark.parametrize("setting, extension", [
    ("require_tls on", "REQUIRETLS"), ("priority 3", "MT-PRIORITY"),
    ("hold_for 10", "FUTURERELEASE"),
    ("hold_until 2020-01-01T00:00:00Z", "FUTURERELEASE"),
    ("deliver_by 0;N", "DELIVERBY"), ("deliver_by 1000", "DELIVERBY")])
def test_what_the_server_lacks_is_told_without_recipients(
        check, server, setting, extension):
    server.play(lines(greet("PIPELINING"), "C? QUIT"))
    run = check(one(f"port {server.port}", "tls off", setting,
                    host="127.0.0.1"))
    find(run, "fail", "mail", f"does not offer {extension}, which "
         f"{setting.split()[0]} requires", "remove the line of the setting")
    assert run.status == os.EX_UNAVAILABLE


def test_what_the_server_offers_is_no_failure_without_recipients(
        submit, server, trust):
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(
        "REQUIRETLS", "MT-PRIORITY", "FUTURERELEASE 100 2030-01-01T00:00:00Z",
        "DELIVERBY 60"), QUIT))
    run = submit("--check", stdin=None, host="mx.test", settings=lines(
        trust, "require_tls on", "priority 3", "hold_for 10",
        "deliver_by 1000"))
    assert first_failure(run) is None, run


def test_the_address_that_decides_is_told(submit, server):
    """As with a host whose IPv6 address nobody serves."""
    server.play(lines(greet("PIPELINING"), "C? QUIT"))
    run = submit("--check", host="mx.test", stdin=None, settings="tls on",
                 env={"VEREDUS_TEST_HOSTS":
                      "mx.test=127.0.0.1+127.0.0.2"})
    failure = first_failure(run)
    assert failure.item == "tls", run
    assert "STARTTLS" in failure.text and "127.0.0.2" in failure.text, run
    assert "has TLS" in failure.remedy, run


def test_a_fallback_that_is_lost_is_a_warning(check, server):
    server.play(lines(greet(), MAIL, RCPT, RSET, QUIT))
    run = check(one("host 127.0.0.1", f"port {server.port}", "tls off",
                    "from alice@example.org", host="nosuch.test"),
                "bob@example.org",
                env={"VEREDUS_TEST_HOSTS": "nosuch.test=none"})
    assert run.status == 0, run
    find(run, "warn", "dns", "another server works", "host")
    find(run, "ok", "rcpt")


def test_an_address_that_is_lost_is_a_warning(check, server):
    server.play("S: 421 4.3.2 busy", lines(greet(), QUIT))
    run = check(one(f"port {server.port}", "tls off", host="mx.test"),
                env={"VEREDUS_TEST_HOSTS": "mx.test=127.0.0.1+127.0.0.1"})
    assert run.status == 0, run
    find(run, "warn", "server", f"busy: this was at 127.0.0.1:{server.port}",
         "try again later")


def test_an_invalid_recipient_does_not_hide_the_others(check, server):
    server.play(lines(greet(), MAIL, RCPT, RSET, QUIT))
    run = check(one(f"port {server.port}", "tls off", host="127.0.0.1")
                + lines("from alice@example.org") + "\n",
                "bad@@x", "bob@example.org")
    find(run, "fail", "rcpt", "bad@@x", "check the address")
    find(run, "ok", "rcpt", "bob@example.org")
    assert run.status == os.EX_DATAERR


def test_recipients_need_an_account(check):
    config = one("from a@example.org", name="a") + one(
        "from b@example.org", name="b")
    run = check(config, "--offline", "-f", "c@example.org", "-a", "a")
    assert run.status == 0
    port = closed_port()
    run = check(config.replace("host mx.example",
                               f"host 127.0.0.1\nport {port}\ntls off"),
                "-f", "c@example.org", "bob@example.org")
    find(run, "fail", "rcpt", "there is no account \"default\"", "-f")
    assert first_failure(run).item == "rcpt" and run.status == os.EX_CONFIG
