# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callers that are configured with the path of sendmail.

They run from the folder of fetch-callers and need no mount, so these tests
also run where the tests with overlays are skipped.
"""

import os
import subprocess
import sysconfig

import pytest

import overlay
from program import account

LIBRARIES = f"usr/lib/{sysconfig.get_config_var('MULTIARCH')}"
MESSAGE = b"""\
From: alice@example.org
To: bob@example.org
Subject: a test

one
.
two
"""
PATCH = MESSAGE.replace(b"To: bob@example.org\n", b"")
COMMANDS = {
    "cron": ("sh", "-c", "{sendmail} -FCronDaemon -i -B8BITMIME -oem"
             "  bob@example.org"),
    "PATH": ("sh", "-c", "sendmail -t -i"),
    "BusyBox": ("{root}/usr/bin/busybox", "sh", "-c", "exec sendmail -ti"),
    "mutt": ("{root}/usr/bin/mutt", "-F", "/dev/null", "-e",
             "set sendmail='{sendmail} -oem -oi'", "-e", "set copy=no",
             "-H", "-"),
    "s-nail": ("{root}/usr/bin/s-nail", "-:/", "-S", "sendwait", "-S",
               "mta={sendmail}", "-t"),
    "PHP": ("{root}/usr/bin/php", "-n", "-d",
            "sendmail_path={sendmail} -t -i", "-r",
            'exit(mail("bob@example.org", "a test", "one\\n.\\ntwo",'
            ' "From: alice@example.org") ? 0 : 1);'),
    "Email::Sender": (
        "perl", "-MEmail::Sender::Simple=sendmail", "-MEmail::Simple",
        "-MEmail::Sender::Transport::Sendmail", "-e",
        "local $/; sendmail(Email::Simple->new(<STDIN>), {{ transport =>"
        " Email::Sender::Transport::Sendmail->new("
        "{{ sendmail => '{sendmail}' }}) }})"),
    "MIME::Lite": (
        "perl", "-MMIME::Lite", "-e",
        "MIME::Lite->new(From => 'alice@example.org',"
        " To => 'bob@example.org', Subject => 'a test',"
        ' Data => "one\\n.\\ntwo\\n")->send('
        "'sendmail', '{sendmail} -t -oi -oem')"),
    "mime-construct": (
        "sh", "-c", "perl {root}/usr/bin/mime-construct --to bob@example.org"
        " --header 'From: alice@example.org' --subject 'a test' --file -"),
    "procmail": (
        "{root}/usr/bin/procmail", "-p", "-m", "{work}/rules"),
    "git": (
        "git", "-c", "user.name=A", "-c", "user.email=alice@example.org",
        "--exec-path={root}/usr/lib/git-core", "send-email", "--quiet",
        "--confirm=never", "--from=alice@example.org",
        "--to=bob@example.org", "--suppress-cc=all",
        "--sendmail-cmd={sendmail}", "{work}/a.patch"),
    "Python": (
        "/usr/bin/python3", "-c",
        "import subprocess, sys; subprocess.run(['{sendmail}', '-t', '-oi'],"
        " stdin=sys.stdin, check=True)"),
}


@pytest.fixture
def paths(program, binary, sink, tmp_path):
    """The paths of sendmail, of the callers and of the working folder."""
    root = overlay.find_callers()
    if not root:
        pytest.skip("the callers are missing: run tests/callers/fetch-callers")
    folder = tmp_path / "sbin"
    folder.mkdir()
    (folder / "sendmail").symlink_to(binary)
    program.write_config(account(
        sink.port, "tls off\nqualify_domain example.org\nsyslog off",
        host="127.0.0.1"))
    return {"root": root, "sendmail": folder / "sendmail",
            "work": program.work}


def environment(program, paths):
    root = paths["root"]
    libraries = [str(root / LIBRARIES / name) for name in ("", "mutt")]
    perl = [str(root / "usr/share/perl5"),
            *map(str, (root / LIBRARIES / "perl5").glob("5.*"))]
    return program.environment({
        "LD_PRELOAD": None, "TMPDIR": None, "LC_ALL": "C.UTF-8",
        "PATH": f"{paths['sendmail'].parent}:/usr/bin:/bin",
        "LD_LIBRARY_PATH": ":".join(libraries),
        "PERL5LIB": ":".join(perl)})


@pytest.mark.parametrize("caller", COMMANDS)
def test_a_caller_uses_the_configured_sendmail(program, paths, sink, caller):
    (program.work / "rules").write_text(
        f"SENDMAIL={paths['sendmail']}\n:0 w\n"
        "| $SENDMAIL -oi -f alice@example.org bob@example.org\n")
    (program.work / "a.patch").write_bytes(
        b"From 0000000 Mon Sep 17 00:00:00 2001\n" + PATCH)
    command = [word.format(**paths) for word in COMMANDS[caller]]
    result = subprocess.run(
        command, input=MESSAGE, cwd=program.work, timeout=30,
        env=environment(program, paths), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True)
    assert result.returncode == 0, result
    assert sink.message.recipients == ["bob@example.org"]
    assert sink.message.field("Subject") == "a test"
    assert "alice@example.org" in sink.message.field("From")
    assert b"one\r\n.\r\ntwo\r\n" in sink.message.body
