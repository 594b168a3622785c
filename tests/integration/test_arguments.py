# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments, names, environments and descriptors as callers give them."""

import os
import resource
import shutil
import signal
import subprocess

import pytest

from dialogue import DATA, MAIL, MESSAGE_TAKEN, QUIT, SEND, TAKEN, greet, lines
from program import MESSAGE

TAKES = lines(greet("8BITMIME", "DSN", "SIZE"), MESSAGE_TAKEN)
EVIL = "x\r\nRCPT TO:<evil@example.org>"


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
def test_known_callers_forms_are_accepted(submit, server, name, argv):
    server.play(TAKES)
    run = submit("-f", "alice@example.org", *argv, name=name)
    assert run.status == 0, run


@pytest.mark.parametrize("name", ["sendmail", "send-mail", "msmtp", "x" * 200,
                                  "/usr/lib/sendmail", "-sendmail"])
def test_every_unknown_name_is_sendmail(submit, server, name):
    server.play(TAKES)
    assert submit(*SEND, name=name).status == 0
    run = submit("-C", "/etc/passwd", *SEND, name=name)
    assert run.status == os.EX_USAGE, run


@pytest.mark.parametrize("option", [
    "-be", "-bd", "-bD", "-bl", "-bS", "-bt", "-bV", "-bP", "-bpx",
    "-bz", "-Q", "-S", "-M x", "-D x", "-z x", "-C x", "-Cx", "-X x", "-Xx",
    "--host=evil.example", "--passwordeval=id", "--tls=off", "--aliases=x",
    "--logfile=x", "-a default", "--account=default", "-Z", "-f", "-F",
])
def test_as_sendmail_what_is_dangerous_or_unknown_is_refused(
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
def test_as_sendmail_no_option_makes_a_file(
        program, server, tmp_path, form):
    server.play(lines(greet(), MESSAGE_TAKEN))
    folder = tmp_path / "made"
    folder.mkdir()
    program.write_config(f"host mx.example\nport {server.port}\n"
                         "domain client.example\ntls off\n")
    run = program.run(*form.format(folder).split(" "), *SEND,
                      name="sendmail")
    assert run.status in (0, os.EX_USAGE), run
    assert not list(folder.iterdir())


@pytest.mark.parametrize("argv", [
    ["bob@example.org", "-Xfile"], ["bob@example.org", "-t"],
    ["bob@example.org", "--", "-f"],
])
def test_an_operand_that_looks_like_an_option_is_refused(
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
def test_operands_that_are_no_addresses_are_refused(
        submit, server, recipient):
    server.play()
    run = submit("-f", "alice@example.org", recipient)
    assert run.status in (os.EX_DATAERR, os.EX_USAGE), run


@pytest.mark.parametrize("option", ["-f", "-r", "-F", "-N", "-R", "-V", "-L",
                                    "-B", "-p", "-h"])
@pytest.mark.parametrize("value", [EVIL, "x\nQUIT", "x> y", "x\x7f\x1b[2J"],
                         ids=["crlf", "lf", "bracket", "escape"])
def test_nothing_gets_out_of_an_argument(submit, server, option, value):
    server.play(lines(greet("DSN", "8BITMIME"), MESSAGE_TAKEN), optional=True)
    run = submit("-f", "alice@example.org", option, value, "bob@example.org")
    assert run.status in (0, os.EX_DATAERR, os.EX_USAGE), run
    for line in server.received.split(b"\r\n"):
        assert b"evil" not in line or line.startswith(b"From:")
    assert b"\x1b" not in server.received


def test_the_last_sender_wins(submit, server):
    server.play(TAKES)
    assert submit("-f", "x@example.org", *SEND).status == 0


def test_recipients_in_one_operand(submit, server):
    server.play(lines(greet(), MAIL, """
        C: RCPT TO:<a@example.org>
        S: 250 ok
        C: RCPT TO:<b@example.org>
        S: 250 ok
        C: RCPT TO:<c@example.org>
        S: 250 ok
    """, DATA, TAKEN, QUIT))
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
def test_other_modes(submit, name, argv, out):
    run = submit(*argv, name=name, stdin=b"")
    assert (run.status, run.stdout, run.stderr) == (0, out, ""), run


@pytest.mark.parametrize("argv", [["--version"], ["--help"],
                                  ["--list-options"]])
def test_information_is_printed(submit, argv):
    run = submit(*argv, stdin=b"")
    assert run.status == 0, run
    assert len(run.stdout.splitlines()) > 2
    assert not run.stderr


def test_pretend_sends_nothing_and_masks_secrets(submit, server):
    server.play()
    run = submit("--pretend", *SEND, settings="auth plain\nuser bob\n"
                 "password Kanarienvogel/7+%")
    assert run.status == 0, run
    assert "bob@example.org" in run.stdout
    assert "mx.example" in run.stdout


def test_serverinfo_shows_what_is_offered(submit, server, trust):
    server.play(lines(
        "S: 220 mx.test ESMTP", "C: EHLO *", "S: 250-mx.test",
        "S: 250 STARTTLS", "C: STARTTLS", "S: 220 go", "TLS", "C: EHLO *",
        "S: 250-mx.test", "S: 250 X-SPECIAL one two", "C: QUIT"))
    run = submit("--serverinfo", settings=trust, host="mx.test", stdin=b"")
    assert run.status == 0, run
    assert "X-SPECIAL one two" in run.stdout
    assert "TLS1.3" in run.stdout.replace(" ", "")


HOSTILE_ENVIRONMENTS = {
    "nothing at all": {"HOME": None, "USER": None, "LOGNAME": None,
                       "PATH": None, "TMPDIR": None},
    "empty": {"USER": "", "LOGNAME": "", "EMAIL": "", "HOSTNAME": ""},
    "injection": {"USER": EVIL, "LOGNAME": EVIL, "EMAIL": EVIL,
                  "HOSTNAME": EVIL, "NAME": EVIL, "MAILNAME": EVIL},
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


@pytest.mark.parametrize("kind", HOSTILE_ENVIRONMENTS)
@pytest.mark.parametrize("name", ["sendmail", "veredus"])
def test_hostile_environments_change_nothing(submit, server, kind, name):
    server.play(lines(greet(), MESSAGE_TAKEN))
    run = submit(*SEND, name=name, env=HOSTILE_ENVIRONMENTS[kind],
                 stdin=b"Subject: x\n\ntext\n")
    assert run.status == 0, run
    assert b"evil" not in server.received


@pytest.mark.parametrize("name", ["sendmail", "veredus"])
def test_no_key_log_is_written(submit, server, trust, tmp_path, name):
    place = tmp_path / "keys"
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", "S: 220 go", "TLS",
                      "C: EHLO *", "S: 250 mx.test", MESSAGE_TAKEN))
    run = submit(*SEND, settings=trust, host="mx.test", name=name,
                 env={"SSLKEYLOGFILE": str(place)})
    assert run.status == 0, run
    assert not place.exists()


def in_shell(program, server, script, *argv, **popen):
    """Runs the program by a shell that prepares its surroundings."""
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
], ids=["no folder", "ignored signals", "umask 777", "umask 0", "nice",
        "no stdout", "no stderr", "full"])
def test_odd_surroundings_change_nothing(program, server, script):
    server.play(lines(greet(), MESSAGE_TAKEN))
    process = in_shell(program, server, script, *SEND)
    run = program.end(process, MESSAGE)
    server.finish()
    assert run.status == 0, run


@pytest.mark.parametrize("redirection", [
    ">&-", "2>&-", ">/dev/full 2>/dev/full", "2>&1 | :"])
def test_the_exit_code_does_not_depend_on_stderr(
        program, server, redirection):
    server.play(lines(greet(), "C: MAIL *", "S: 550 5.7.1 no", QUIT))
    script = f'("$0" "$@"; echo $? >status) {redirection}'
    process = in_shell(program, server, script, *SEND)
    program.end(process, MESSAGE)
    server.finish()
    assert (program.work / "status").read_text() == f"{os.EX_NOPERM}\n"


def test_blocked_signals_and_a_timer_that_runs(submit, server):
    def prepare():
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)

    server.play(lines(greet(), "WAIT 0.5", MESSAGE_TAKEN))
    assert submit(*SEND, preexec_fn=prepare).status == 0


def test_a_thousand_open_descriptors(submit, server):
    def prepare():
        for _ in range(1000):
            os.dup2(0, os.open("/dev/null", os.O_RDONLY), inheritable=True)

    server.play(lines(greet(), MESSAGE_TAKEN))
    assert submit(*SEND, preexec_fn=prepare).status == 0


@pytest.mark.parametrize("limit", [4, 5, 6, 8])
def test_few_descriptors_are_a_clean_failure(submit, program, limit):
    def prepare():
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    # The dynamic loader needs one itself, so less than 4 never starts.
    run = submit(*SEND, preexec_fn=prepare)
    assert run.status in (os.EX_TEMPFAIL, os.EX_OSERR, os.EX_CONFIG), run
    assert run.stderr


def test_a_set_group_id_binary_refuses_to_run(program, binary, preload):
    if os.geteuid() != 0:
        pytest.skip("only root can make a program set-group-id for another")
    place = program.folder / "veredus"
    shutil.copy(binary, place)
    os.chown(place, 0, 8)
    place.chmod(0o2755)
    for folder in [program.folder, *program.folder.parents]:
        if folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(folder.stat().st_mode | 0o055)
    process = subprocess.Popen(
        [str(place), *SEND], user="nobody", group="nogroup",
        extra_groups=[], cwd="/", stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"PATH": "/bin"})
    _, stderr = process.communicate(MESSAGE, timeout=20)
    assert b"refusing to run set-uid or set-gid" in stderr
    if b"LeakSanitizer does not work" in stderr:
        pytest.skip("leaks cannot be looked for in a set-group-id program")
    assert process.returncode == os.EX_CONFIG, stderr
