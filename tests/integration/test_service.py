# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--service: who may use which account and sender."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from dialogue import (ACCEPTED, DATA, MESSAGE_ACCEPTED, QUIT, RCPT, SEND, greet,
                      lines)
from program import ME, MESSAGE, SECRET, short
from service import ids, needs_users, talk

pytestmark = needs_users
SENT = lines(greet(), MESSAGE_ACCEPTED)
REST = lines(RCPT, DATA, ACCEPTED, QUIT)



def test_a_user_sends_who_cannot_read_the_file_of_the_service(
        serve, server, service):
    serve(plays=[SENT])
    run = service.send(*SEND, user="www-data")
    assert run.status == 0, (run, service.lines())
    server.finish()
    assert server.message.startswith(b"From: ") or b"\nFrom: " in server.message
    shown = service.program.start(
        "-C", str(service.config), "--pretend", **ids("www-data"))
    assert b"cannot read" in shown.communicate()[1]


def test_the_log_line_says_whose_message_it_is(serve, server, service):
    serve(plays=[SENT])
    assert service.send(*SEND, user="www-data").status == 0
    server.finish()
    service.wait_for_log("exit=0")
    fields = service.fields()
    assert (fields["uid"], fields["login"], fields["account"]) == (
        "33", "www-data", "default")
    assert fields["from"] == "alice@example.org"


@pytest.mark.parametrize("users, user, allowed", [
    ("*", "www-data", True),
    ("www-data", "www-data", True),
    ("www-data", "daemon", False),
    ("daemon, www-data", "www-data", True),
    ("daemon www-data", "www-data", True),
    ("@www-data", "www-data", True),
    ("@www-data", "daemon", False),
    ("@www-data", (1, 1, [33]), True),
    ("uid:33", "www-data", True),
    ("uid:34", "www-data", False),
    ("uid:30-40", "www-data", True),
    ("uid:34-40", "www-data", False),
    ("root", "root", True),
    ("*", "nobody", True),
    ("uid:65534", "nobody", True),
    ("nobody", "nobody", False),
    ("@nogroup", "nobody", False),
    ("uid:0-100000", "nobody", False),
    ("*", (54321, 54321, []), True),
    ("uid:54321", (54321, 54321, []), True),
], ids=repr)
def test_users_says_who_may_use_the_account(
        serve, server, service, users, user, allowed):
    serve(f"users {users}", plays=[SENT] if allowed else [])
    run = service.send(*SEND, user=user)
    if allowed:
        server.finish()
        assert run.status == 0, (run, service.lines())
        return
    assert run.status == os.EX_NOPERM, run
    assert "may use no account of this service" in run.stderr
    assert run.fields["code"] == "550" and run.fields["status"] == "5.7.1"
    assert service.fields()["result"] == "failed"


def two_accounts(port):
    return (f"defaults\ntls off\nhost mx.example\nport {port}\n"
            "domain service.example\n"
            "account web\nfrom *@web.example\nusers www-data\n"
            "account staff\nfrom *@staff.example\nusers daemon\n"
            "account default\nfrom *@example.org\n")


@pytest.mark.parametrize("user, sender, account", [
    ("www-data", "a@web.example", "web"),
    ("daemon", "a@staff.example", "staff"),
    ("www-data", "a@staff.example", "default"),
    ("daemon", "a@web.example", "default"),
    ("www-data", "a@example.org", "default"),
])
def test_the_account_is_chosen_among_those_of_the_user(
        serve, server, service, user, sender, account):
    mail = f"C: MAIL FROM:<{sender}>*\nS: 250 ok"
    serve(config=two_accounts(server.port), plays=[
        lines("S: 220 mx.example ESMTP", "C: EHLO service.example",
              "S: 250 mx.example", mail, "C: RCPT TO:<b@example.org>",
              "S: 250 ok", "C: DATA", "S: 354 go on", "BODY", "S: 250 ok",
              "C: QUIT", "S: 221 bye")])
    run = service.send("-f", sender, "b@example.org", user=user)
    server.finish()
    assert run.status == 0, (run, service.lines())
    service.wait_for_log("exit=0")
    assert service.fields()["account"] == account


def test_without_a_default_account_another_sender_is_refused(
        serve, server, service):
    config = two_accounts(server.port).replace("account default",
                                               "account other")
    serve(config=config)
    run = service.send("-f", "a@staff.example", "b@example.org")
    assert run.status == os.EX_NOPERM
    assert "may use no account for the sender <a@staff.example>" in run.stderr


def test_another_account_is_not_logged_with_the_login_of_the_last_one(
        serve, server, service):
    config = two_accounts(server.port).replace("mx.example", "127.0.0.1")
    config = config.replace("users www-data\n", "users www-data\nauth plain\n"
                            "user bob\npassword secret\n")
    serve(config=config + "sender_login boss@example.org daemon\n", plays=[
        lines(greet("AUTH PLAIN").replace("client.example", "service.example"),
              "C: AUTH PLAIN *", "S: 235 2.7.0 ok", "C: MAIL *", "S: 250 ok",
              "C? RSET", "DRAIN")])
    text = talk(service, "MAIL FROM:<a@web.example>\r\nRSET\r\n"
                "MAIL FROM:<boss@example.org>\r\nQUIT\r\n")
    assert "\r\n550 5.7.1 " in text, text
    fields = service.fields()
    assert fields["account"] == "default" and fields["user"] == "", fields
    server.finish()


BROKEN = {
    "unknown": "no_such_setting on",
    "user": "users nobody-of-this-name",
    "group": "users @no-such-group",
    "rule": "sender_login *@example.org no-such-user",
    "syntax": "users uid:9-3",
    "file": "sender_login_file /nonexistent",
}


@pytest.mark.parametrize("setting", BROKEN)
def test_of_a_broken_file_the_client_learns_nothing_but_to_come_again(
        serve, service, setting):
    serve(BROKEN[setting])
    run = service.send(*SEND)
    assert run.status == os.EX_TEMPFAIL
    assert (run.fields["code"], run.fields["status"]) == ("451", "4.3.5")
    keyword, argument = BROKEN[setting].split(" ", 1)
    assert keyword not in run.stderr and (
        setting == "unknown" or argument not in run.stderr)
    assert str(service.config) not in run.stderr
    line = service.wait_for_log("unknown keyword" if setting == "unknown" else
                                argument.split()[-1].lstrip("@"))
    assert setting == "file" or f"{service.config}:7" in line


@pytest.mark.parametrize("owner, group, mode", [
    ("root", None, 0o644), ("root", None, 0o660), ("root", 1, 0o640),
    ("daemon", None, 0o640), ("root", None, 0o641)])
def test_a_file_that_others_may_read_or_change_is_refused(
        serve, server, service, owner, group, mode):
    serve()
    service.write_config(service.account(server.port), owner, group, mode)
    run = service.send(*SEND)
    assert (run.status, run.fields["status"]) == (os.EX_TEMPFAIL, "4.3.5")
    service.wait_for_log(str(service.config))


@pytest.mark.parametrize("mode, group, good", [
    (0o640, "uucp", True), (0o440, "uucp", True), (0o640, "daemon", False),
    (0o644, "uucp", False)])
def test_a_secret_of_root_has_the_group_of_the_service(
        serve, server, service, mode, group, good):
    secret = service.config.parent / "secret"
    secret.write_text(SECRET + "\n")
    shutil.chown(secret, "root", group)
    secret.chmod(mode)
    serve("auth plain", "user bob", f"passwordfile {secret}",
          config=service.account(server.port, "auth plain", "user bob",
                                 f"passwordfile {secret}").replace(
              "host mx.example", "host 127.0.0.1"))
    run = service.send(*SEND)
    said = "\n".join(service.lines())
    if good:
        assert str(secret) not in said, said
    else:
        assert str(secret) in said, (run, said)
        assert run.status in (os.EX_CONFIG, os.EX_TEMPFAIL)


@pytest.mark.parametrize("mode, group, good", [
    (0o640, "uucp", True), (0o640, "daemon", False), (0o644, "uucp", False)])
def test_a_key_is_a_secret(
        serve, server, service, certificates, mode, group, good):
    for name in "client.pem", "client.key":
        shutil.copy(certificates.path(name), service.config.parent)
    key = service.config.parent / "client.key"
    shutil.chown(key, "root", group)
    key.chmod(mode)
    (service.config.parent / "client.pem").chmod(0o644)
    serve(config=service.account(server.port).replace("tls off", "tls on")
          + f"tls_key_file {key}\ntls_cert_file {key.with_suffix('.pem')}\n")
    run = service.send(*SEND)
    said = "\n".join(service.lines())
    assert (str(key) in said) != good, said
    assert (run.fields["status"] == "4.3.5") != good, run


def test_neither_home_nor_netrc_nor_other_files_count(
        serve, server, service):
    """The service of a user whose home has settings that would break it."""
    serve(config=service.account(server.port, "auth plain", "user bob")
          .replace("mx.example", "127.0.0.1"))
    run = service.send(*SEND)
    assert run.status == os.EX_TEMPFAIL
    assert "no password for bob" in service.wait_for_log("no password")


LOGIN = ["sender_login boss@example.org daemon",
         "sender_login *@example.org www-data, @daemon",
         "sender_login %U@users.example *"]


@pytest.mark.parametrize("user, sender, allowed", [
    ("www-data", "web@example.org", True),
    ("daemon", "web@example.org", True),
    ("bin", "web@example.org", False),
    ("root", "web@example.org", False),
    ("www-data", "boss@example.org", False),
    ("www-data", "Boss@EXAMPLE.org", False),
    ("www-data", '"boss"@example.org', False),
    ("daemon", "boss@example.org", True),
    ("bin", "bin@users.example", True),
    ("bin", "www-data@users.example", False),
    ("www-data", "a@other.example", False),
    ("www-data", "<>", False),
])
def test_sender_login_says_who_may_use_a_sender(
        serve, server, service, user, sender, allowed):
    argument = "" if sender == "<>" else sender
    message = MESSAGE.replace(b"Alice <alice@example.org>", sender.encode())
    if sender == "<>":
        message = MESSAGE.replace(b"alice@", b"web@")
    plays = [lines(greet(), f"C: MAIL FROM:<{argument}>*", "S: 250 ok", REST)]
    serve(*LOGIN, plays=plays if allowed else [])
    run = service.send("-f", sender, "bob@example.org", user=user,
                       stdin=message)
    if allowed:
        server.finish()
        assert run.status == 0, (run, service.lines())
        return
    assert run.status == os.EX_NOPERM, run
    assert run.fields["status"] == "5.7.1"
    assert f"the user {user} (uid" in run.stderr
    assert f"<{argument}>".replace('"', "") in run.stderr


def line_of(service, line):
    return service.config.read_text().splitlines().index(line) + 1


def test_a_refusal_names_the_rule_and_only_the_log_its_place(serve, service):
    serve(*LOGIN)
    run = service.send("-f", "boss@example.org", "bob@example.org")
    place = f"{service.config}:{line_of(service, LOGIN[0])}"
    assert "rule boss@example.org of sender_login is for others" in run.stderr
    assert str(service.config) not in run.stderr
    service.wait_for_log(f"rule boss@example.org of sender_login ({place})")
    run = service.send("-f", "a@other.example", "bob@example.org")
    assert "no sender_login of the account default fits it" in run.stderr


@pytest.mark.parametrize("field", [
    "From: boss@example.org", "From: Me <web@example.org>, boss@example.org",
    "From: boss@example.org (web@example.org)",
    "Sender: boss@example.org\nFrom: web@example.org",
    "Resent-From: boss@example.org\nFrom: web@example.org",
    "Resent-Sender: boss@example.org\nFrom: web@example.org",
    "From : boss@example.org", "FROM:\n boss@example.org",
    "From: web@example.org\nFrom: boss@example.org",
    "From: web@example.org\nFrom: web@example.org",
    "From: web@example.org boss@example.org", "From: <", "From: x:;",
    "From: =?utf-8?q?boss=40example.org?=",
    'From: "boss"@example.org', "From: boss@[192.0.2.1]",
    'From: "boss@bank.example"@example.org', "From: boss @ example . org.",
    'From: "=?utf-8?q?boss=40bank.example?="@example.org',
    "From: boss@example.org:web@example.org;",
    'From: "boss@example.org": web@example.org;',
    "From: web@example.org (x) <boss@example.org>",
    "From: <@example.org,@web@example.org:boss@example.org>",
    "From: <@example.org:boss@example.org>",
    "From: <@boss.example:web@example.org>",
    "Sender: X <@a.example,@b.example:web@example.org>\nFrom: web@example.org",
    "From: b(x)oss@example.org", "From: BOSS@\uff45xample.org",
    "From: boss@example\u3002org", "Fr\0om: boss@example.org",
    "From: (boss@example.org)", "From: ceo\u0301@other.example",
    "Sender: web@example.org,\n\tboss@example.org\nFrom: web@example.org",
    "Subject: x\n \nFrom: boss@example.org\nFrom: web@example.org",
    "From: " + ",\n ".join(["web@example.org"] * 101)], ids=short)
def test_sender_login_holds_for_the_fields_of_the_header(
        serve, server, service, field):
    serve(*LOGIN, plays=[lines(greet(), "C: MAIL *", "S: 250 ok",
                               "C: RCPT *", "S: 250 ok", "C: QUIT",
                               "S: 221 bye")])
    header = field.replace("\n", "\r\n")
    text = talk(service, "MAIL FROM:<web@example.org>\r\n"
                "RCPT TO:<bob@example.org>\r\nDATA\r\n"
                f"{header}\r\nTo: bob@example.org\r\n\r\nHello\r\n.\r\nQUIT\r\n")
    assert "\r\n550 5.7.1 the user www-data (uid 33) may not" in text, text


def test_rewriting_comes_before_the_check(serve, server, service):
    mail = "C: MAIL FROM:<web@example.org>*\nS: 250 ok"
    serve(*LOGIN, "rewrite root@* web@example.org",
          plays=[lines(greet(), mail, REST)])
    run = service.send(
        "-f", "root@localhost", "bob@example.org",
        stdin=MESSAGE.replace(b"alice@example.org", b"root@host.example"))
    server.finish()
    assert run.status == 0, (run, service.lines())
    assert b"From: Alice <web@example.org>" in server.message


@pytest.mark.parametrize("rule, allowed", [
    ("sender_login <> *", True), ("sender_login * *", False)])
def test_the_null_sender_needs_a_rule_of_its_own(
        serve, server, service, rule, allowed):
    mail = "C: MAIL FROM:<>*\nS: 250 ok"
    play = lines(greet(), mail, REST)
    serve(rule, "sender_login *@example.org *", plays=[play] if allowed else [])
    run = service.send("-f", "<>", "bob@example.org")
    assert run.status == (0 if allowed else os.EX_NOPERM), run


def test_the_file_has_more_rules(serve, server, service):
    rules = service.config.parent / "senders"
    rules.write_text("# who\n\nalice@example.org\twww-data\n"
                     "%U@example.org *\n")
    serve(f"sender_login_file {rules}", plays=[SENT])
    assert service.send(*SEND).status == 0
    server.finish()
    run = service.send(*SEND, user="daemon")
    assert run.status == os.EX_NOPERM
    assert "rule alice@example.org of sender_login is for" in run.stderr
    assert str(rules) not in run.stderr
    service.wait_for_log(f"rule alice@example.org of {rules}:3")
    rules.write_text("alice@example.org\n")
    run = service.send(*SEND)
    assert run.fields["status"] == "4.3.5"
    service.wait_for_log(f"{rules}:1")


@pytest.mark.parametrize("user, sender, status, says", [
    ("www-data", "web@example.org", 0,
     ["Client:", "www-data (uid 33), groups 33", "which allows the client",
      "rule", "*@example.org of sender_login ("]),
    ("daemon", "boss@example.org", 0, ["boss@example.org of sender_login ("]),
    ("www-data", "boss@example.org", os.EX_NOPERM, ["without the client"]),
    ("bin", "x@other.example", os.EX_NOPERM, ["none fits the sender"]),
    ("65534", "x@other.example", os.EX_NOPERM, ["uid-65534 (uid 65534)"]),
    ("no-such-user", "x@example.org", os.EX_USAGE, []),
])
def test_explain_tells_which_account_and_rule_decide(
        service, user, sender, status, says):
    service.write_config(service.account(9, *LOGIN).replace(
        "mx.example", "127.0.0.1") + "account other\nusers root\n")
    for caller in service.user, "root":
        run = service.program.run(
            "--service", "--explain", "-C", str(service.config), "--as", user,
            "-f", sender, "bob@example.org", **ids(caller))
        assert run.status == status, run
        for text in says:
            assert text in run.stdout, run
        for rule in LOGIN[:2]:
            start = f"{rule.split()[1]} of sender_login ("
            line = f"{service.config}:{line_of(service, rule)})"
            assert start not in run.stdout or start + line in run.stdout, run
        if status != os.EX_USAGE:
            assert "default (1 for other users only)" in run.stdout


def test_explain_does_not_compare_the_service_with_msmtp(service):
    service.write_config(service.account(9, "from %U@example.org").replace(
        "mx.example", "127.0.0.1"))
    run = service.program.run("--service", "--explain", "-C",
                              str(service.config), "--as", "root",
                              "bob@example.org")
    assert run.status == 0, run
    assert "msmtp" not in run.stdout, run


@pytest.mark.parametrize("queue", ["exists", "is missing"])
@pytest.mark.parametrize("user, status", [("root", 0), ("uucp", os.EX_CONFIG)])
def test_root_is_not_the_user_of_the_service(service, queue, user, status):
    folder = service.state / "queue"
    if queue == "exists":
        folder.mkdir(mode=0o700)
        shutil.chown(folder, service.user)
    service.write_config(service.account(9, f"queue_dir {folder}").replace(
        "mx.example", "127.0.0.1"))
    for argv in [("--as", user)] + [()] * (user == "root"):
        run = service.program.run("--service", "--explain", "-C",
                                  str(service.config), *argv, "b@example.org")
        assert run.status == status, run
        assert ("the user of this service" in run.stderr) == (status != 0)
    if status == 0:
        assert "the login name of the client" in run.stdout
        assert "given by: -f" not in run.stdout


# The service and its socket

def test_its_own_user_would_send_to_itself_without_end(serve, service):
    serve()
    run = service.send(*SEND, user=service.user)
    assert run.status == os.EX_CONFIG
    assert run.fields["status"] == "5.4.6"
    assert "mail loop" in run.stderr and "users" not in run.stderr, run
    service.wait_for_log("the user of this service")


@pytest.mark.parametrize("users, allowed", [
    ("uucp", True), ("uid:10", True), ("*", False), ("@uucp", False),
    ("@uucp, uucp", True)])
def test_users_may_name_its_own_user(serve, server, service, users, allowed):
    serve(f"users {users}", plays=[SENT] if allowed else [])
    run = service.send(*SEND, user=service.user)
    assert run.status == (0 if allowed else os.EX_CONFIG), run


def test_an_account_that_leads_back_is_an_error_of_the_file(
        serve, server, service):
    link = service.config.parent / "other"
    link.symlink_to(service.path)
    serve(config=service.account(server.port)
          + f"account unused\nsocket {link}\n")
    run = service.send(*SEND)
    assert run.fields["status"] == "4.3.5"
    assert "is that of this service" in service.wait_for_log("socket (")


@pytest.mark.parametrize("kind", ["pair", "tcp", "pipe", "closed", "null"])
def test_it_refuses_whatever_is_no_named_unix_socket(program, kind):
    if kind == "pair":
        stdin = socket.socketpair()[0]
    elif kind == "tcp":
        stdin = socket.socket()
    else:
        stdin = {"pipe": subprocess.PIPE, "null": subprocess.DEVNULL,
                 "closed": subprocess.PIPE}[kind]
    prepare = (lambda: os.close(0)) if kind == "closed" else None
    process = program.start("--service", "-C", "/nonexistent", stdin=stdin,
                            preexec_fn=prepare)
    stdout, stderr = process.communicate()
    assert process.returncode == os.EX_USAGE
    assert stdout == b"" and b"standard input" in stderr


# Limits

def test_ehlo_tells_the_limits_of_the_accounts_of_the_user(
        serve, server, service):
    serve(config="defaults\nhost mx.example\ntls off\n"
          "account a\nusers www-data\nsize_max 1m\nrecipients_max 7\n"
          "account b\nusers www-data\nsize_max 20k\nrecipients_max 3\n"
          "account c\nusers daemon\nsize_max 5k\n"
          "account d\nusers bin\n")
    text = talk(service, "EHLO x\r\nQUIT\r\n")
    assert "SIZE 1048576\r\n" in text and "LIMITS RCPTMAX=3\r\n" in text
    text = talk(service, "EHLO x\r\nQUIT\r\n", "daemon")
    assert "SIZE 5120\r\n" in text and "LIMITS" not in text
    text = talk(service, "EHLO x\r\nQUIT\r\n", "bin")
    assert f"SIZE {4 << 30}\r\n" in text


def test_a_message_over_size_max_is_rejected(serve, server, service):
    serve("size_max 1k", plays=[lines(
        greet(), "C: MAIL *", "S: 250 ok", "C: RCPT *", "S: 250 ok",
        "C? QUIT", "EOF")])
    run = service.send(*SEND, stdin=MESSAGE + b"x" * 2000)
    assert run.status == os.EX_DATAERR
    text = talk(service, "EHLO x\r\nMAIL FROM:<a@example.org> SIZE=2000\r\n")
    assert "552 5.3.4" in text
    text = talk(service, "MAIL FROM:<a@example.org>\r\n"
                "RCPT TO:<bob@example.org>\r\nDATA\r\n" + "x" * 2000
                + "\r\n.\r\nQUIT\r\n")
    assert "552 5.3.4" in text


def test_a_client_sends_to_many_in_several_transactions(
        serve, server, service):
    def play(*recipients):
        return lines(greet(), "C: MAIL *", "S: 250 ok",
                     *["C: RCPT *\nS: 250 ok" for _ in recipients],
                     DATA, ACCEPTED, QUIT)

    three = lines(greet(), "C: MAIL *", "S: 250 ok", "C: RCPT *",
                  "S: 550 no", "C: RCPT *", "S: 250 ok", "C: RCPT *",
                  "S: 250 ok", "C: QUIT", "S: 221 bye")
    serve("recipients_max 2", plays=[play("a", "b"), play("c"), three])
    run = service.send("-f", "alice@example.org", "a@example.org",
                       "b@example.org", "c@example.org")
    assert run.status == 0, (run, service.lines())
    text = talk(service, "MAIL FROM:<alice@example.org>\r\n" + "".join(
        f"RCPT TO:<{name}@example.org>\r\n" for name in "abcd") + "QUIT\r\n")
    assert [line[:9] for line in text.splitlines()][2:6] == [
        "550 5.1.1", "250 2.0.0", "250 2.0.0", "452 4.5.3"], text
    server.finish()


def test_recipients_max_counts_what_the_client_sends(
        serve, server, service):
    aliases = service.config.parent / "aliases"
    aliases.write_text("team: a@example.org, b@example.org, c@example.org\n")
    serve("recipients_max 2", f"aliases {aliases}", plays=[lines(
        greet(), "C: MAIL *", "S: 250 ok",
        *["C: RCPT *\nS: 250 ok" for _ in "abcd"], "C: QUIT", "S: 221 bye")])
    text = talk(service, "MAIL FROM:<alice@example.org>\r\n" + "".join(
        f"RCPT TO:<{name}>\r\n" for name in (
            "team", "d@example.org", "e@example.org")) + "QUIT\r\n")
    assert [line[:9] for line in text.splitlines()][2:5] == [
        "250 2.0.0", "250 2.0.0", "452 4.5.3"], text
    server.finish()


def test_a_client_of_the_service_cannot_claim_to_be_somebody_else(
        serve, service):
    serve("users daemon")
    text = talk(service, "EHLO daemon\r\nXCLIENT NAME=daemon LOGIN=daemon\r\n"
                "AUTH PLAIN AGRhZW1vbgB4\r\nXFORWARD NAME=x\r\n"
                "MAIL FROM:<daemon@example.org> AUTH=daemon\r\nQUIT\r\n")
    codes = [line[:9] for line in text.splitlines() if line[3] == " "]
    assert codes[0][:3] == "220" and codes[2][:3] == "500"
    assert codes[3] == "502 5.5.1" and codes[4][:3] == "500"
    assert "550 5.7.1" in text or "555" in text
    text = talk(service, "MAIL FROM:<daemon@example.org>\r\nQUIT\r\n")
    assert "550 5.7.1 the user www-data (uid 33)" in text


# The client

def test_bare_names_are_qualified_by_the_service(serve, server, service):
    aliases = service.config.parent / "aliases"
    aliases.write_text("root: admin@example.org, ops\n")
    serve("qualify_domain example.net", f"aliases {aliases}", plays=[lines(
        greet(), "C: MAIL FROM:<www-data@example.net>*", "S: 250 ok",
        "C: RCPT TO:<admin@example.org>*", "S: 250 ok",
        "C: RCPT TO:<ops@example.net>*", "S: 250 ok", DATA, ACCEPTED, QUIT)])
    run = service.send("root", stdin=b"Subject: x\nTo: root\n\nHello\n")
    assert run.status == 0, (run, service.lines())
    server.finish()
    assert run.fields["from"] == "www-data"
    assert run.fields["recipients"] == "root"
    header = server.message.split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert "From: www-data <www-data@example.net>" in header, header
    assert "To: root@example.net" in header


def test_the_client_qualifies_names_itself_if_it_is_told_to(
        serve, server, service):
    serve("qualify_domain example.net", plays=[lines(
        greet(), "C: MAIL FROM:<www-data@client.example>*", "S: 250 ok",
        "C: RCPT TO:<root@client.example>*", "S: 250 ok",
        DATA, ACCEPTED, QUIT)])
    run = service.send("--qualify-domain", "client.example", "root")
    assert run.status == 0, (run, service.lines())
    server.finish()


def test_user_names_of_the_client_are_those_of_the_settings(
        serve, server, service):
    serve("from %U@users.example", "allow_from_override off", plays=[lines(
        greet(), "C: MAIL FROM:<www-data@users.example>*", "S: 250 ok",
        RCPT, DATA, ACCEPTED, QUIT)])
    run = service.send("-f", "boss@example.org", "bob@example.org",
                       env={"LOGNAME": "root", "USER": "root"})
    assert run.status == 0, (run, service.lines())
    server.finish()


# The trace

TRACE = re.compile(
    rb"Received: by client\.example \(veredus(.*?)\)\r\n"
    rb"\tid ([0-9a-zA-Z]{13}); [A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d{4} "
    rb"[\d:]{8} [+-]\d{4}\r\n")


@pytest.mark.parametrize("setting, who", [
    ("syslog on", b", login www-data, uid 33"),
    ("received on", b", login www-data, uid 33"),
    ("received anonymous", b"")])
def test_a_received_field_names_the_user(
        serve, server, service, setting, who):
    serve(setting, plays=[SENT])
    assert service.send(*SEND).status == 0
    server.finish()
    match = TRACE.match(server.message)
    assert match and match[1] == who, server.message
    assert b"alice@" not in match[0] and b"bob@" not in match[0]
    service.wait_for_log("exit=0")
    assert service.fields()["id"] == match[2].decode()


def test_without_a_received_field_the_message_is_that_of_the_client(
        serve, server, service):
    serve("received off", plays=[SENT])
    assert service.send(*SEND).status == 0
    server.finish()
    assert server.message == MESSAGE.replace(b"\n", b"\r\n")
    service.wait_for_log("exit=0")
    assert "id" not in service.fields()


def test_without_a_service_the_field_is_added_on_request(submit, server):
    server.play(SENT)
    assert submit(*SEND, settings="tls off\nreceived on").status == 0
    match = TRACE.match(server.message)
    assert match[1] == f", login {ME}, uid {os.getuid()}".encode()


def test_a_message_with_too_many_received_fields_is_a_loop(
        serve, server, service):
    serve(plays=[lines(greet(), "C: MAIL *", "S: 250 ok", "C: RCPT *",
                       "S: 250 ok", "C? QUIT", "EOF")])
    text = talk(service, "MAIL FROM:<alice@example.org>\r\n"
                "RCPT TO:<bob@example.org>\r\nDATA\r\n"
                + "Received: by x; now\r\n" * 51 + "\r\nx\r\n.\r\nQUIT\r\n")
    assert "554 5.4.6 mail loop" in text
