# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses without a domain, local senders, rewriting and aliases."""

import os
import re

import pytest

from dialogue import ACCEPTED, DATA, QUIT, greet, lines
from program import account

CRON = b'From: "(Cron Daemon)" <root>\nTo: root, "Bob, B." <bob>\n\nx\n'


def envelope(sender, *recipients):
    text = [f"C: MAIL FROM:<{sender}>", "S: 250 ok"]
    for recipient in recipients:
        text += [f"C: RCPT TO:<{recipient}>", "S: 250 ok"]
    return lines(greet(), "\n".join(text), DATA, ACCEPTED, QUIT)


def field(server, name):
    found = [line.partition(b": ")[2] for line in server.message.split(b"\r\n")
             if line.lower().startswith(name.lower().encode() + b":")]
    return found[0].decode() if found else None


def test_addresses_without_a_domain_get_qualify_domain(submit, server):
    server.play(envelope("root@example.org", "root@example.org",
                         "bob@example.org"))
    run = submit("-f", "root", "-t", stdin=CRON,
                 settings="tls off\nqualify_domain example.org")
    assert run.status == os.EX_OK
    assert field(server, "From") == '"(Cron Daemon)" <root@example.org>'
    assert field(server, "To") == ('root@example.org, '
                                   '"Bob, B." <bob@example.org>')


def test_dash_g_leaves_the_header_unchanged(submit, server):
    server.play(envelope("root@example.org", "bob@example.org"))
    run = submit("-G", "-f", "root", "bob", stdin=CRON,
                 settings="tls off\nqualify_domain example.org")
    assert run.status == os.EX_OK
    assert server.message == CRON.replace(b"\n", b"\r\n")


def test_a_local_sender_is_rewritten_to_the_sender_of_the_account(
        submit, server):
    server.play(envelope("alerts@p.example", "bob@x.example"))
    run = submit("-f", "root@localhost", "bob@x.example",
                 stdin=b"From: Root <root@localhost>\nSender: daemon\n"
                 b"Reply-To: carol@x.example\n\nx\n",
                 settings="tls off\nfrom alerts@p.example")
    assert run.status == os.EX_OK
    assert field(server, "From") == "Root <alerts@p.example>"
    assert field(server, "Sender") == "alerts@p.example"
    assert field(server, "Reply-To") == "carol@x.example"


@pytest.mark.parametrize("setting", ["rewrite_local off",
                                     "from *@localhost"])
def test_a_local_sender_is_kept_if_the_settings_allow_it(
        submit, server, setting):
    server.play(envelope("root@localhost", "bob@x.example"))
    run = submit("-f", "root@localhost", "bob@x.example", stdin=b"\nx\n",
                 settings=f"tls off\nfrom alerts@p.example\n{setting}")
    assert run.status == os.EX_OK


@pytest.mark.parametrize("stdin", [b"From: WWW <www-data>\n\nx\n",
                                   b"Subject: x\n\nx\n"])
def test_a_rewrite_rule_with_reply_to_adds_the_old_sender_as_reply_to(
        submit, server, stdin):
    server.play(envelope("shop@p.example", "bob@x.example"))
    run = submit("-F", "WWW", "-f", "www-data", "bob@x.example", stdin=stdin,
                 settings="""
                     tls off
                     qualify_domain example.org
                     rewrite root never@p.example
                     rewrite www-* shop@p.example reply-to
                 """)
    assert run.status == os.EX_OK
    assert field(server, "From") == "WWW <shop@p.example>"
    assert field(server, "Reply-To").endswith("www-data@example.org"
                                              + ">" * (b"From" in stdin))


LONG = ("srs0=" + "x" * 245 + "@x.example").encode()


@pytest.mark.parametrize("argv, stdin, settings", [
    (["-f", LONG, LONG], b"\nx\n", ""),
    (["-f", LONG, "-t"], b"To: bob <" + LONG + b">\n\nx\n", ""),
    (["--read-envelope-from", "-t"],
     b"From: " + LONG + b"\nBcc: " + LONG + b"\n\nx\n", ""),
    (["-f", "root", "bob"], b"\nx\n",
     "aliases {}/aliases\nrewrite root " + LONG.decode()),
    (["bob"], b"\nx\n", "aliases {}/aliases\nfrom " + LONG.decode()),
])
def test_the_server_decides_about_the_length_of_a_local_part(
        submit, server, tmp_path, argv, stdin, settings):
    (tmp_path / "aliases").write_text("bob: " + LONG.decode())
    server.play(envelope(LONG.decode(), LONG.decode()))
    run = submit(*[os.fsdecode(a) for a in argv], stdin=stdin,
                 settings="tls off\n" + settings.format(tmp_path))
    assert run.status == os.EX_OK, run


NO_DOMAIN = {"VEREDUS_TEST_HOSTNAME": "client",
             "VEREDUS_TEST_FILES":
                 "/etc/mailname=/nonexistent,/etc/hosts=/nonexistent"}


@pytest.mark.parametrize("argv", [
    ["-f", "nobody", "bob@x.example"],
    ["-f", '"a b"', "bob@x.example"],
    ["bob@x.example"],
    ["--from=nobody", "bob@x.example"],
    ["--read-envelope-from", "-t"],
])
def test_a_sender_without_a_domain_is_not_sent_if_no_domain_is_known(
        submit, server, argv):
    run = submit(*argv, env=NO_DOMAIN, settings="tls off\nqualify_domain",
                 stdin=b"From: nobody\nTo: bob@x.example\n\nx\n")
    assert run.status == os.EX_CONFIG
    assert "has no domain; set from or qualify_domain" in run.stderr
    assert not server.connections


def test_a_client_gets_5yz_for_a_sender_without_a_domain(program, server):
    program.write_config(account(server.port, "tls off\nqualify_domain"))
    run = program.run("-bs", env=NO_DOMAIN,
                      stdin=b"EHLO x\r\nMAIL FROM:<nobody>\r\nQUIT\r\n")
    assert re.search(r"(?m)^5.*has no domain", run.stdout), run
    assert not server.connections


@pytest.mark.parametrize("sender, host, path", [
    ("", "mx.example", "<>"), ("nobody", "localhost", "<nobody>")])
def test_the_null_sender_and_a_server_on_this_host_need_no_domain(
        submit, server, sender, host, path):
    server.play(lines(greet(), f"C: MAIL FROM:{path}", "S: 250 ok",
                      "C: RCPT *", "S: 250 ok", DATA, ACCEPTED, QUIT))
    run = submit("-f", sender, "bob@x.example", env=NO_DOMAIN, host=host,
                 settings="tls off\nqualify_domain")
    assert run.status == os.EX_OK, run


@pytest.mark.parametrize("argv", [
    ["-f", "a@x.example,b@x.example", "bob@x.example"],
])
def test_of_several_senders_the_first_one_is_used_with_a_note(
        submit, server, argv):
    server.play(envelope("a@x.example", "bob@x.example"))
    run = submit(*argv)
    assert run.status == os.EX_OK, run
    assert "except for the first address" in run.log


def test_an_alias_may_have_a_display_name_with_any_characters(
        submit, server, tmp_path):
    (tmp_path / "aliases").write_text(
        "staff: [Team] Bob <bob@x.example>, a@b <carol@x.example>\n")
    server.play(envelope("a@x.example", "bob@x.example", "carol@x.example"))
    run = submit("-f", "a@x.example", "staff",
                 settings=f"tls off\naliases {tmp_path}/aliases")
    assert run.status == os.EX_OK, run


def test_a_missing_alias_file_is_empty_and_noted_in_the_log(
        submit, server, tmp_path):
    server.play(envelope("alice@example.org", "bob@x.example"))
    path = tmp_path / "none" / "aliases"
    run = submit("-f", "alice@example.org", "bob",
                 settings=f"tls off\naliases {path}\nqualify_domain x.example")
    assert run.status == 0, run
    assert run.log.count(f"there are no aliases: {path} does not exist") == 1


def test_newaliases_accepts_a_missing_alias_file(submit, tmp_path):
    run = submit("-bi", settings=f"tls off\naliases {tmp_path}/none")
    assert (run.status, run.stderr) == (0, ""), run


def test_aliases_are_expanded_before_addresses_get_a_domain(
        submit, server, program, tmp_path):
    (tmp_path / "list").write_text("carol@x.example\ndave\n")
    (tmp_path / "aliases").write_text(
        f"root: staff, erin\nstaff: :include:{tmp_path}/list\n")
    server.play(envelope("alice@example.org", "carol@x.example",
                         "dave@example.org", "erin@example.org"))
    run = submit("-f", "alice@example.org", "root", settings=f"""
        tls off
        qualify_domain example.org
        aliases {tmp_path}/aliases
    """)
    assert run.status == os.EX_OK


def test_newaliases_reads_included_files(submit, tmp_path):
    (tmp_path / "aliases").write_text(f"a: :include:{tmp_path}/list\n")
    settings = f"tls off\naliases {tmp_path}/aliases"
    run = submit("-bi", stdin=b"", settings=settings)
    assert run.status == os.EX_DATAERR
    assert f"{tmp_path}/list" in run.stderr
    (tmp_path / "list").write_text("bob@example.org\n")
    run = submit("-bi", stdin=b"", settings=settings)
    assert (run.status, run.stdout, run.stderr) == (os.EX_OK, "", "")


INVALID = "root: a@example.org\nops bob@example.org\n\nweb: |cmd\n"


@pytest.fixture
def invalid(tmp_path):
    path = tmp_path / "aliases"
    path.write_text(INVALID)
    return path


def test_an_invalid_line_of_the_aliases_stops_no_other_mail(
        submit, server, invalid):
    server.play(envelope("a@x.example", "a@example.org"))
    run = submit("-f", "a@x.example", "root",
                 settings=f"tls off\naliases {invalid}")
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert f"2.4 veredus: {invalid}:2: expected" in run.log
    assert f"2.4 veredus: {invalid}:4: " in run.log


def test_with_v_an_invalid_line_of_the_aliases_is_printed(
        submit, server, invalid):
    server.play(envelope("a@x.example", "a@example.org"))
    run = submit("-v", "-f", "a@x.example", "root",
                 settings=f"tls off\naliases {invalid}")
    assert run.status == os.EX_OK, run
    assert [line.split(": ")[:3] for line in run.stderr.splitlines()
            if "warning" in line] == [
        ["veredus", "warning", f"{invalid}:{number}"] for number in (2, 4)]


def test_with_quiet_errors_an_invalid_line_is_only_in_the_log(
        submit, server, invalid):
    server.play(envelope("a@x.example", "a@example.org"))
    run = submit("-oeq", "-f", "a@x.example", "root",
                 settings=f"tls off\naliases {invalid}")
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert f"{invalid}:2: expected" in run.log


@pytest.mark.parametrize("name, number", [("ops", 2), ("web", 4)])
def test_a_recipient_who_needs_an_invalid_line_fails(
        submit, server, invalid, name, number):
    server.play()
    run = submit("-f", "a@x.example", name, "root",
                 settings=f"tls off\naliases {invalid}")
    assert run.status == os.EX_CONFIG, run
    assert (f"veredus: {invalid}:{number}: the alias {name} cannot be used"
            in run.stderr)
    assert f"veredus: warning: {invalid}:2: expected" in run.stderr


def test_many_invalid_lines_are_counted(submit, server, invalid):
    invalid.write_text("x\n" * 100)
    server.play(envelope("a@x.example", "a@example.org"))
    run = submit("-f", "a@x.example", "a@example.org",
                 settings=f"tls off\naliases {invalid}")
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    assert run.log.count(f"2.4 veredus: {invalid}:") == 6
    assert "more than 5 lines are invalid; -bi lists them" in run.log


@pytest.mark.parametrize("argv", [
    ["--host=mx.example"], ["--socket=/nonexistent"], []],
    ids=["host", "socket", "no account"])
def test_newaliases_checks_the_file_of_the_command_line(
        submit, program, invalid, argv):
    run = submit("-bi", *argv, f"--aliases={invalid}", config="")
    assert run.status == os.EX_DATAERR, run
    assert [line.split(": ")[1] for line in run.stderr.splitlines()] == [
        f"{invalid}:2", f"{invalid}:4"]
    invalid.write_text("root: a@example.org\n")
    run = submit("-bi", *argv, f"--aliases={invalid}", config="")
    assert (run.status, run.stdout, run.stderr) == (os.EX_OK, "", "")


@pytest.mark.parametrize("argv, names", [
    ([], {"one", "two"}), (["-a", "one"], {"one"}),
    (["-f", "b@example.org"], {"two"})], ids=["all", "name", "sender"])
def test_newaliases_checks_the_files_of_all_accounts_or_of_one(
        submit, tmp_path, argv, names):
    for name in "one", "two":
        (tmp_path / name).write_text(f"a: {name} bad\n")
    run = submit("-bi", *argv, config=lines(f"""
        account one
        host mx.example
        from a@example.org
        aliases {tmp_path}/one
        account two
        host mx.example
        from b@example.org
        aliases {tmp_path}/two
        account three : two
    """))
    assert run.status == os.EX_DATAERR, run
    assert [line.split(":")[1] for line in run.stderr.splitlines()] == [
        f" {tmp_path}/{name}" for name in sorted(names)]


def test_newaliases_finds_loops(submit, invalid):
    invalid.write_text("a: b\nb: a\n")
    run = submit("-bi", settings=f"tls off\naliases {invalid}")
    assert run.status == os.EX_DATAERR, run
    assert "refers back to itself" in run.stderr
