# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments, program names, environments and descriptors of callers."""

import os
import re
import resource
import signal
import subprocess

import pytest

from dialogue import (ACCEPTED, DATA, MAIL, MESSAGE_ACCEPTED, QUIT, RCPT, SEND,
                      greet, lines)
from program import MESSAGE

ACCEPTS = lines(greet("8BITMIME", "DSN", "SIZE"), MESSAGE_ACCEPTED)
INJECT = "x\r\nRCPT TO:<evil@example.org>"


@pytest.mark.parametrize("argv", [
    ["-t", "-i"],
    ["-oi", "-t"],
    ["-t", "-i", "-oi", "-t"],
    ["-ti"],
    ["-toi"],
    ["-FCronDaemon", "-i", "-odi", "-oem", "-t"],
    ["-FCronDaemon", "-i", "-B8BITMIME", "-oem", "bob@example.org"],
    ["-i", "--", "bob@example.org"],
    ["-B8BITMIME", "-t"],
    ["-B", "8BITMIME", "-t"],
    ["-bm", "-t"],
    ["-G", "-i", "bob@example.org"],
    ["-N", "never", "-t"],
    ["-R", "hdrs", "-t"],
    ["-V", "12345678", "-t"],
    ["-oem", "-oi", "bob@example.org"],
    ["-o", "i", "bob@example.org"],
    ["-odb", "-oep", "bob@example.org"],
    ["-O", "DeliveryMode=b", "-O", "ErrorMode=m", "bob@example.org"],
    ["-ODeliveryMode=b", "-OErrorMode=m", "bob@example.org"],
    ["-m", "-n", "-i", "bob@example.org"],
    ["-om", "bob@example.org"],
    ["-L", "tag", "bob@example.org"],
    ["-h", "3", "bob@example.org"],
    ["-p", "SMTP:host", "bob@example.org"],
    ["-pNNTP:host", "bob@example.org"],
    ["-Am", "bob@example.org"],
    ["-Ac", "bob@example.org"],
    ["-U", "bob@example.org"],
    ["-or0s", "-o7", "bob@example.org"],
    ["<bob@example.org>"],
    ["Bob <bob@example.org>"],
    ["bob@example.org,"],
    ["", "bob@example.org"],
    ["bob@example.org", "bob@EXAMPLE.ORG"],
], ids=" ".join)
@pytest.mark.parametrize("name", ["sendmail", "veredus"])
def test_arguments_that_callers_use_are_accepted(submit, server, name, argv):
    server.play(ACCEPTS)
    run = submit("-f", "alice@example.org", *argv, name=name)
    assert run.status == 0, run


@pytest.mark.parametrize("name", ["sendmail", "send-mail", "msmtp", "x" * 200,
                                  "/usr/lib/sendmail", "-sendmail"])
def test_any_program_name_but_its_own_makes_it_sendmail(submit, server, name):
    server.play(ACCEPTS)
    assert submit(*SEND, name=name).status == 0
    run = submit("-C", "/etc/passwd", *SEND, name=name)
    assert run.status == os.EX_USAGE, run


@pytest.mark.parametrize("option", [
    "-be", "-bd", "-bD", "-bl", "-bS", "-bt", "-bV", "-bP", "-bpx",
    "-bz", "-Q", "-S", "-M x", "-D x", "-z x", "-C x", "-Cx", "-X x", "-Xx",
    "--host=evil.example", "--passwordeval=id", "--filter=id", "--tls=off",
    "--aliases=x", "--logfile=x", "-a default", "--account=default", "-Z", "-f", "-F",
])
def test_as_sendmail_dangerous_and_unknown_options_are_rejected(
        submit, server, option):
    server.play()
    run = submit(*option.split(" "), name="sendmail")
    assert run.status == os.EX_USAGE, run
    assert run.stderr


@pytest.mark.parametrize("form", [
    "-X{}/x", "-X {}/x", "-OQueueDirectory={}/x", "-oQ{}/x", "-d99",
    "-OLogFile={}/x", "-oA{}/x", "-C{}/x", "-oX{}/x", "-D{}/x", "-D {}/x",
    "--logfile={}/x", "-OAliasFile={}/x", "-OTempFileMode={}/x",
])
def test_as_sendmail_no_option_creates_a_file(program, server, tmp_path, form):
    ignored = form[:2] in ("-O", "-o", "-d")
    transcript = lines(greet(), MESSAGE_ACCEPTED)
    server.play(*([transcript] if ignored else []))
    folder = tmp_path / "created"
    folder.mkdir()
    program.write_config(f"host mx.example\nport {server.port}\n"
                         "domain client.example\ntls off\n")
    run = program.run(*form.format(folder).split(" "), *SEND,
                      name="sendmail")
    server.finish()
    assert run.status == (0 if ignored else os.EX_USAGE), run
    assert not list(folder.iterdir())


@pytest.mark.parametrize("argv", [
    ["bob@example.org", "-Xfile"], ["bob@example.org", "-t"],
    ["bob@example.org", "--", "-f"],
])
def test_an_operand_that_looks_like_an_option_is_rejected(
        submit, server, argv):
    server.play()
    run = submit("-f", "alice@example.org", *argv)
    assert run.status == os.EX_USAGE, run


@pytest.mark.parametrize("recipient", [
    "|/bin/id", "/tmp/file", ":include:/etc/passwd", "\\root",
    '"|/bin/id"@', "bob@exam ple.org", "a@b@c", "<bob@example.org",
    "bob@example.org\r\nDATA", "bob@example.org>\r\nRCPT TO:<x",
    "bob@example.org\nx", "bob\x01@example.org", "@example.org",
    "bob@", "bob@exam_ple..org", "b" * 70000 + "@x.org",
])
def test_operands_that_are_not_addresses_are_rejected(
        submit, server, recipient):
    server.play()
    run = submit("-f", "alice@example.org", recipient)
    assert run.status == os.EX_DATAERR, run


@pytest.mark.parametrize("option", ["-f", "-r", "-F", "-N", "-R", "-V", "-L",
                                    "-B", "-p", "-h"])
@pytest.mark.parametrize("value", [INJECT, "x\nQUIT", "x> y", "x\x7f\x1b[2J"],
                         ids=["crlf", "lf", "bracket", "escape"])
def test_an_argument_cannot_inject_commands_or_header_fields(
        submit, server, option, value):
    rejected = option in ("-f", "-r")
    transcript = lines(greet("DSN", "8BITMIME"), MESSAGE_ACCEPTED)
    server.play(*([] if rejected else [transcript]))
    run = submit("-f", "alice@example.org", option, value, "bob@example.org")
    assert run.status == (os.EX_DATAERR if rejected else 0), run
    for line in server.received.split(b"\r\n"):
        assert b"evil" not in line or line.startswith(b"From:")
    assert b"\x1b" not in server.received


def test_the_last_f_option_is_the_sender(submit, server):
    server.play(ACCEPTS)
    assert submit("-f", "x@example.org", *SEND).status == 0


def test_an_operand_may_list_several_recipients(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 250 ok
        C: RCPT TO:<b@example.org>
        S: 250 ok
        C: RCPT TO:<c@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    assert submit("-f", "alice@example.org",
                  "a@example.org, B <b@example.org>", "c@example.org,").status == 0


@pytest.mark.parametrize("name, argv, out", [
    ("mailq", [], "Mail queue is empty\n"),
    ("mailq", ["-Ac"], "Mail queue is empty\n"),
    ("sendmail", ["-bp"], "Mail queue is empty\n"),
    ("veredus", ["-bp"], "Mail queue is empty\n"),
    ("newaliases", [], ""),
    ("sendmail", ["-bi"], ""),
    ("sendmail", ["-q"], ""),
    ("sendmail", ["-q30m"], ""),
    ("sendmail", ["-q", "-Ac"], ""),
])
def test_queue_and_alias_modes_succeed(submit, name, argv, out):
    run = submit(*argv, name=name, stdin=b"")
    assert (run.status, run.stdout, run.stderr) == (0, out, ""), run


@pytest.mark.parametrize("argv", [
    ["-t", "-q"], ["-q", "-t"], ["-t", "-q30m"], ["-t", "-bi"], ["-bi", "-t"],
    ["-t", "-bp"], ["-tI"], ["-It"], ["-t", "-bh"], ["-t", "-bH"]])
@pytest.mark.parametrize("name", ["sendmail", "veredus"])
def test_a_mode_that_sends_nothing_rejects_a_message(submit, name, argv):
    run = submit(*argv, name=name)
    assert run.status == os.EX_USAGE, run
    assert re.search("-(q|bi|bp|b[hH]) and -t cannot be combined", run.stderr)


@pytest.mark.parametrize("name, argv", [
    ("mailq", ["-t"]), ("newaliases", ["-t"]), ("hoststat", ["-t"]),
    ("veredus", ["-t", "--serverinfo"]), ("veredus", ["--rmqs=x", "-t"]),
    ("veredus", ["-t", "--list-options"]),
    ("veredus", ["-t", "--configure=bob@example.org"])])
def test_other_modes_reject_a_message(submit, name, argv):
    run = submit(*argv, name=name)
    assert run.status == os.EX_USAGE, run
    assert "-t" in run.stderr


@pytest.mark.parametrize("argv", [["--version"], ["--help"],
                                  ["--list-options"]])
def test_version_help_and_options_are_printed(submit, argv):
    run = submit(*argv, stdin=b"")
    assert run.status == 0, run
    assert len(run.stdout.splitlines()) > 2
    assert not run.stderr


@pytest.mark.parametrize("name", ["password", "proxy-password",
                                  "oauth-client-secret"])
def test_no_secret_is_an_option(submit, name):
    run = submit(f"--{name}=x", *SEND)
    assert run.status == os.EX_USAGE, run
    assert f"--{name} would expose the " in run.stderr, run


def test_the_help_shows_what_must_be_attached(submit):
    help_text = submit("--help", stdin=b"").stdout
    assert "  -q[WHAT] " in help_text and "  -O NAME=VALUE " in help_text


def test_pretend_sends_nothing_and_hides_secrets(submit, server):
    server.play()
    run = submit("--pretend", *SEND, settings="auth plain\nuser bob\n"
                 "password Kanarienvogel/7+%")
    assert run.status == 0, run
    assert "bob@example.org" in run.stdout
    assert "mx.example" in run.stdout


def test_serverinfo_shows_the_ehlo_keywords(submit, server, trust):
    server.play(lines(
        "S: 220 mx.test ESMTP", "C: EHLO *", "S: 250-mx.test",
        "S: 250 STARTTLS", "C: STARTTLS", "S: 220 go", "TLS", "C: EHLO *",
        "S: 250-mx.test", "S: 250 X-SPECIAL one two", "C: QUIT"))
    run = submit("--serverinfo", settings=trust, host="mx.test", stdin=b"")
    assert run.status == 0, run
    assert "X-SPECIAL one two" in run.stdout
    assert "TLS1.3" in run.stdout.replace(" ", "")


TO_TLS = """
    S: 220 mx.test ESMTP
    C: EHLO *
    S: 250-mx.test
    S: 250 STARTTLS
    C: STARTTLS
    S: 220 go
    TLS
"""
SHOWN = lines("C: EHLO *", "S: 250-mx.test", "S: 250 X-SPECIAL", "C: QUIT")


@pytest.mark.parametrize("certificate, problem", [
    ("self-signed", "self-signed"), ("expired", "expired"),
    ("wrong-name", "not for mx.test")])
def test_serverinfo_shows_a_certificate_and_what_is_wrong_with_it(
        submit, server, certificates, certificate, problem):
    server.use_certificate(certificates, certificate)
    server.play(TO_TLS.replace("    TLS\n", "    TLS REJECTED\n"),
                lines(TO_TLS, SHOWN))
    run = submit("--serverinfo", host="mx.test", stdin=b"", settings=
                 f"tls on\ntls_trust_file {certificates.path('ca.pem')}")
    assert run.status != 0, run
    assert problem in run.stderr
    for text in ("Server: mx.test at ", "Certificate:", "SHA-256: ",
                 "X-SPECIAL"):
        assert text in run.stdout, run


def test_an_error_names_a_long_option_as_it_is_written(submit):
    run = submit("--host=x.example", "--dsn-return=foo", *SEND)
    assert run.status == os.EX_USAGE
    assert run.stderr == ('veredus: --dsn-return: "foo" is not one of off, '
                          "headers, hdrs, full\n")


def test_an_unknown_mechanism_is_answered_by_the_list_of_all(submit):
    run = submit("--host=x.example", "--auth=foo", *SEND)
    assert run.status == os.EX_USAGE
    listed = run.stderr.partition("one of ")[2].strip().split(", ")
    assert listed[:2] == ["on", "off"]
    assert len(set(listed)) == len(listed) > 10


HOSTILE_ENVIRONMENTS = {
    "all unset": {"HOME": None, "USER": None, "LOGNAME": None,
                  "PATH": None, "TMPDIR": None},
    "empty": {"USER": "", "LOGNAME": "", "EMAIL": "", "HOSTNAME": ""},
    "injection": {"USER": INJECT, "LOGNAME": INJECT, "EMAIL": INJECT,
                  "HOSTNAME": INJECT, "NAME": INJECT, "MAILNAME": INJECT},
    "long": {"USER": "u" * 100000, "LOGNAME": "../" * 30000,
             "NAME": "n" * 100000},
    "resolver": {"HOSTALIASES": "/etc/passwd", "LOCALDOMAIN": "evil.example",
                 "RES_OPTIONS": "debug"},
    "locale": {"LANG": "xx_XX.evil", "LC_ALL": "tr_TR.UTF-8",
               "TZ": ":/etc/shadow", "NLSPATH": "/tmp/%N"},
    "malloc": {"MALLOC_PERTURB_": "165", "MALLOC_CHECK_": "3",
               "GLIBC_TUNABLES": "glibc.malloc.perturb=165"},
    "gnutls": {"GNUTLS_DEBUG_LEVEL": "99",
               "GNUTLS_SYSTEM_PRIORITY_FILE": "/etc/passwd"},
}


@pytest.mark.parametrize("environment", HOSTILE_ENVIRONMENTS)
@pytest.mark.parametrize("name", ["sendmail", "veredus"])
def test_a_hostile_environment_has_no_effect(
        submit, server, environment, name):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    run = submit(*SEND, name=name, env=HOSTILE_ENVIRONMENTS[environment],
                 stdin=b"Subject: x\n\ntext\n")
    assert run.status == 0, run
    assert b"evil" not in server.received


@pytest.mark.parametrize("name", ["sendmail", "veredus"])
def test_sslkeylogfile_writes_no_key_log(
        submit, server, trust, tmp_path, name):
    path = tmp_path / "keys"
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go", "TLS",
                      "C: EHLO *", "S: 250 mx.test", MESSAGE_ACCEPTED))
    run = submit(*SEND, settings=trust, host="mx.test", name=name,
                 env={"SSLKEYLOGFILE": str(path)})
    assert run.status == 0, run
    assert not path.exists()


def in_shell(program, server, script, *argv, **popen):
    """Starts the program from a shell script that changes its environment."""
    program.write_config(f"host mx.example\nport {server.port}\n"
                         "domain client.example\ntls off\n")
    return subprocess.Popen(
        ["sh", "-c", script, str(program.binary), *argv],
        env=program.environment({}), cwd=program.work,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, **popen)


@pytest.mark.parametrize("script", [
    'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"',
    'trap "" PIPE TERM INT HUP CHLD ALRM; exec "$0" "$@"',
    'umask 777; exec "$0" "$@"',
    'umask 0; exec "$0" "$@"',
    'nice -n 19 "$0" "$@"',
    '"$0" "$@" >&-',
    '"$0" "$@" 2>&-',
    '"$0" "$@" >/dev/full 2>/dev/full',
], ids=["deleted folder", "ignored signals", "umask 777", "umask 0", "nice",
        "no stdout", "no stderr", "full"])
def test_an_unusual_process_environment_has_no_effect(program, server, script):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    process = in_shell(program, server, script, *SEND)
    run = program.end(process, MESSAGE)
    server.finish()
    assert run.status == 0, run


@pytest.mark.parametrize("redirection", [
    ">&-", "2>&-", ">/dev/full 2>/dev/full", "2>&1 | :"])
def test_the_exit_status_does_not_depend_on_stderr(
        program, server, redirection):
    server.play(lines(greet(), "C: MAIL *", "S: 550 5.7.1 no", QUIT))
    script = f'("$0" "$@"; echo $? >status) {redirection}'
    process = in_shell(program, server, script, *SEND)
    program.end(process, MESSAGE)
    server.finish()
    assert (program.work / "status").read_text() == f"{os.EX_NOPERM}\n"


def test_blocked_signals_and_a_running_timer_have_no_effect(submit, server):
    def prepare():
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)

    server.play(lines(greet(), "WAIT 0.5", MESSAGE_ACCEPTED))
    assert submit(*SEND, preexec_fn=prepare).status == 0


def test_a_thousand_open_descriptors_have_no_effect(submit, server):
    def prepare():
        for _ in range(1000):
            os.dup2(0, os.open("/dev/null", os.O_RDONLY), inheritable=True)

    server.play(lines(greet(), MESSAGE_ACCEPTED))
    assert submit(*SEND, preexec_fn=prepare).status == 0


@pytest.mark.parametrize("limit", [4, 5, 6, 8])
def test_too_few_descriptors_are_reported_as_an_error(submit, program, limit):
    def prepare():
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    # The dynamic loader needs a descriptor, so that a limit below 4 fails.
    run = submit(*SEND, preexec_fn=prepare)
    assert run.status == os.EX_TEMPFAIL, run
    assert run.stderr


def test_a_set_group_id_program_does_not_run(reachable):
    path = reachable.binary
    os.chown(path, 0, 8)
    os.chmod(path, 0o2755)
    process = subprocess.Popen(
        [str(path), *SEND], user="nobody", group="nogroup",
        extra_groups=[], cwd="/", stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"PATH": "/bin"})
    _, stderr = process.communicate(MESSAGE, timeout=20)
    assert b"refusing to run set-uid or set-gid" in stderr
    if b"LeakSanitizer does not work" in stderr:
        pytest.skip("LeakSanitizer does not work in a set-group-id program")
    assert process.returncode == os.EX_CONFIG, stderr


@pytest.mark.parametrize("argv", [
    ["--pretend", "-bm"], ["-bm", "--pretend"], ["--explain", "-bm"],
    ["--probe", "-bm"], ["-bv", "-bm"], ["-d0.1"], ["-d0", "-bm"],
    ["-d0", "-bs"]])
def test_a_mode_that_shows_sends_nothing_whatever_else_is_given(
        submit, server, argv):
    if "--probe" in argv:
        server.play(lines(greet(), MAIL, RCPT, "C: RSET", "S: 250 ok", QUIT))
    run = submit(*argv, *SEND)
    assert run.status == 0, run
    assert run.stdout
    assert not server.accepted


@pytest.mark.parametrize("argv", [
    ["--pretend", "--explain"], ["-bs", "-bv"], ["-bs", "--probe"],
    ["-bm", "-bs"], ["-bp", "-bi"], ["-bm", "-q"]])
def test_modes_that_contradict_each_other_are_named(submit, server, argv):
    server.play()
    run = submit(*argv)
    assert run.status == os.EX_USAGE, run
    assert f"{argv[0]} and {argv[1]} cannot be combined" in run.stderr


def test_without_recipients_nothing_is_read_from_a_terminal(
        submit, server):
    server.play()
    leader, follower = os.openpty()
    try:
        with os.fdopen(follower) as terminal:
            run = submit(stdin=terminal, total=10)
    finally:
        os.close(leader)
    assert run.status == os.EX_USAGE, run
    assert "no recipients: name them as operands" in run.stderr


def test_pretend_shows_the_account_without_recipients(submit, server):
    server.play()
    run = submit("--pretend")
    assert run.status == 0, run
    assert "host = mx.example (" in run.stdout
    assert "recipient = " not in run.stdout


def test_verifying_reads_the_recipients_of_the_message(submit, server):
    server.play()
    run = submit("-bv", "-t", "carol@example.org")
    assert run.status == 0, run
    assert [line.split(":")[0] for line in run.stdout.splitlines()] == [
        "<carol@example.org>", "<bob@example.org>"]


def test_verifying_shows_each_operand(submit, server, tmp_path):
    """Aliases lead several operands to the same address."""
    server.play()
    aliases = tmp_path / "aliases"
    aliases.write_text("root: admin@example.org\npostmaster: root\n"
                       "default: root\n")
    run = submit("-bv", f"--aliases={aliases}", "postmaster", "root",
                 "admin@example.org, nobody", "root")
    assert run.status == 0, run
    assert [line.split(":")[0] for line in run.stdout.splitlines()] == [
        "postmaster is <admin@example.org>", "root is <admin@example.org>",
        "<admin@example.org>", "nobody is <admin@example.org>",
        "root is <admin@example.org>"]


def test_category_0_of_the_debug_option_prints_the_version(submit):
    run = submit("-d0.1", name="sendmail", stdin=b"")
    assert run.status == 0 and run.stdout.startswith("veredus "), run
