# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the manual pages works.

The first line of an example says what it is: a file or commands, or what is in the
tables below.  An example that fits nothing fails the test.
"""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import ssl
import subprocess
import textwrap

import pytest

import sink as sinks
from json_output import validator
from manuals import PAGES, ROOT, examples, inline_commands
from program import MESSAGE

EXAMPLES = examples()
NAMES = ("veredus", "sendmail", "mailq", "newaliases", "hoststat", "purgestat")
# Words that a reader replaces.
PLACEHOLDERS = {"ACCOUNT": "work", "ID": "6H2EMEA2M06PK",
                "RECIPIENT": "bob@example.org", "ADDRESS": "bob@example.org"}
# The programs of the system that commands run.
TOOLS = ("sh awk cat cd chmod cp cut date echo env grep head id ln ls mkdir mv openssl printf rm "
         "sed sleep sort tail tee test touch tr true umask wc").split()
# In place of programs that change the system, or are not everywhere.
RECORD = "#!/bin/sh\nexit 0\n"
STAND_INS = {
    **{name: RECORD for name in (
        "apk apt alternatives chgrp chown crontab docker dpkg-divert loginctl "
        "journalctl jq s6-ipcserver s6-setuidgid socat systemctl systemd-sysusers "
        "systemd-tmpfiles useradd").split()},
    **{name: "#!/bin/sh\necho secret\n" for name in (
        "pass", "secret-tool", "systemd-ask-password", "systemd-creds",
        "vault")},
    "install": "#!/bin/sh\nmkdir -p \"$(eval echo \\${$#})\"\n",
    "runuser": "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\n"
               "shift\nexec \"$@\"\n",
    "sudo": "#!/bin/sh\nexec \"$@\"\n",
}
FOLDERS = re.compile(r"(?<![\w./~$}-])/(etc|run|var)(?=/)")
CRONTAB = re.compile(r"(@(daily|hourly|monthly|reboot|weekly)|([*\d/,-]+\s+){4}[*\d/,-]+)"
                     r"\s+(?P<rest>.*)")
# Where a file calls the program: up to the end of the command or of the quotes.
CALL = re.compile(
    r"(?:/usr/s?bin/|(?<=[ ('])|^)((?:veredus|sendmail)(?= --?\w|[\"'\n])"
    r"[^|;&)>\"'\n]*)", re.M)
ALIAS = re.compile(r"[\w.-]+:\s+\S")
COMMAND = re.compile(r"(\$ |[A-Z_]+=\S+ )?([a-z][\w.-]*)( |$)")


class EtrnHandler(sinks.Handler):
    def do_etrn(self, line):
        return "250 2.0.0 started"

    def do_auth(self, line):
        return self.server.sink.login


class Server(sinks.Sink):
    handler = EtrnHandler
    login = "235 2.7.0 welcome"


@pytest.fixture
def start():
    """Starts a server that stores messages; with certificates, it speaks TLS."""
    with contextlib.ExitStack() as stack:
        def start(certificates=None):
            tls = None
            if certificates:
                tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                tls.load_cert_chain(certificates.path("good.pem"),
                                    certificates.path("good.key"))
            server = Server(tls=tls)
            stack.callback(server.stop)
            return server
        yield start


@pytest.fixture(scope="module")
def settings(binary):
    run = subprocess.run([binary, "--list-options"], check=True,
                         capture_output=True, text=True)
    return {line.split("\t")[0] for line in run.stdout.splitlines()}


class Reader:
    """Somebody who copies an example to a host of their own, and runs it."""

    def __init__(self, program, folder):
        self.program = program
        self.root = folder / "root"
        for name in ("etc/veredus", "etc/cron.d", "run/veredus", "var/lib"):
            (self.root / name).mkdir(parents=True)
        self.tools = folder / "tools"
        self.tools.mkdir()
        for name in NAMES:
            (self.tools / name).symlink_to(program.binary)
        for name in TOOLS:
            if shutil.which(name):
                (self.tools / name).symlink_to(shutil.which(name))
        for name, script in STAND_INS.items():
            (self.tools / name).write_text(script)
            (self.tools / name).chmod(0o755)

    def at_home(self, text):
        """Returns the text with paths of the reader's host."""
        for word, value in PLACEHOLDERS.items():
            text = re.sub(rf"\b{word}\b", value, text)
        return FOLDERS.sub(lambda path: f"{self.root}/{path[1]}", text)

    def write(self, name, text):
        path = self.program.work / name
        path.write_text(self.at_home(text))
        path.chmod(0o600)
        return path

    def sh(self, command):
        return subprocess.run(
            [shutil.which("sh"), "-c", self.at_home(command)],
            cwd=self.program.work, stdin=subprocess.DEVNULL,
            env=self.program.environment({"PATH": str(self.tools)}),
            capture_output=True, text=True, timeout=30)

    def accepts(self, words):
        """Asks the program whether the command line is one."""
        name, *words = [self.at_home(word) for word in words]
        run = self.program.run("--help", *words, stdin=None,
                               name=pathlib.Path(name).name)
        assert run.status == 0, f"{words}: {run.stderr}"


@pytest.fixture
def reader(program, tmp_path):
    return Reader(program, tmp_path)


@pytest.fixture
def host(reader, start, certificates):
    """The reader's host has two accounts, for a server that is there."""
    server = start(certificates)
    server.keywords = (*server.keywords, "ETRN", "AUTH PLAIN")
    program = reader.program
    program.hosts["mail.example.org"] = "127.0.0.1"
    program.write_config(
        "defaults\nhost mx.test\ntls_starttls off\n"
        f"port {server.port}\ntls_trust_file {certificates.path('ca.pem')}\n"
        f"domain client.example\nqueue_dir {program.folder}/queue\n"
        "auth plain\nuser alice\npassword secret\n"
        "account default\nfrom reader@example.net\n"
        "account work\nfrom *@work.example\n")
    (program.home / ".msmtprc").write_text(
        "account default\nhost mail.example.org\nfrom alice@example.org\n")
    (program.home / ".msmtprc").chmod(0o600)
    (program.work / "message.eml").write_bytes(MESSAGE)
    shutil.copy(certificates.path("rsa.key"), reader.root / "etc/veredus/dkim.pem")
    return reader


# ---- files ----

def check_configuration(reader, text):
    path = reader.write("veredus.conf", text)
    lines = [line.split() for line in text.splitlines() if line.strip()]
    accounts = [words[1] for words in lines
                if words[0] == "account" and "locked" not in words]
    if len(accounts) < text.count("account "):
        check_system_file(reader, path)
        return
    if not accounts and not re.search(r"(?m)^(host|socket) ", text):
        path.write_text("host mail.example.org\nauth on\n"
                        f"user alice@example.org\n{path.read_text()}")
    # Else no message uses an account.
    assert (not accounts or "default" in accounts
            or re.search(r"(?m)^(from|user) \S+@", text)), text
    for account in accounts or ["default"]:
        run = reader.program.run("-C", str(path), "--pretend", "-a", account,
                                 "bob@example.org", stdin=None)
        assert run.status == 0, run
        check_filter(reader, path, account, text)
        # What msmtp does otherwise needs no word in an example.
        notes = re.findall(r"(?m)^note = .*", run.stdout)
        assert not [note for note in notes if ": msmtp: " not in note], run


def check_filter(reader, path, account, text):
    """The command of a filter gets a message, which passes."""
    command = re.search(r"(?m)^filter (?:test -r \S+ && )?(\S+)", text)
    if not command:
        return
    if not shutil.which(command[1]) and command[1] not in ("echo", "cat"):
        pytest.skip(f"{command[1]} is not installed")
    run = reader.program.run("-C", str(path), "--print", "-a", account,
                             "bob@example.org")
    assert run.status == 0 and run.stdout.endswith("\nHello.\n"), run
    if command[1] == "dkimsign":
        check_signature(reader, path, account, run)


def check_signature(reader, path, account, run):
    """Without the key, which dkimsign takes for a success, nothing is sent."""
    assert "DKIM-Signature:" in run.stdout and not run.stderr, run
    (reader.root / "etc/veredus/dkim.pem").unlink()
    run = reader.program.run("-C", str(path), "--print", "-a", account,
                             "bob@example.org")
    assert (run.status, run.stdout) == (os.EX_TEMPFAIL, ""), run


def check_system_file(reader, path):
    """Only the system's file may lock an account, and only root has one."""
    if os.geteuid() != 0:
        pytest.skip("only root can own the system's file")
    if "host " not in path.read_text():
        path.write_text(f"{path.read_text()}host mail.example.org\n")
    version = reader.program.run("--version", stdin=None).stdout
    name = version.partition("System configuration: ")[2].split("\n")[0]
    run = reader.program.run("-bv", "bob@example.org", name="sendmail",
                             stdin=None,
                             env={"VEREDUS_TEST_FILES": f"{name}={path}"})
    assert run.status == 0, run


def check_aliases(reader, text):
    path = reader.write("aliases", text)
    run = reader.program.run("-bi", f"--aliases={path}", stdin=None)
    assert run.status == 0, run


def check_calls(reader, text):
    """A file that calls the program: crontab, php.ini, muttrc and others."""
    calls = CALL.findall(text)
    assert calls, text
    for call in calls:
        reader.accepts(shlex.split(call))


def check_crontab(reader, text):
    for line in text.splitlines():
        assert re.match(r"#|[A-Z]+=|$", line) or CRONTAB.fullmatch(line), line
    if CALL.search(text):
        check_calls(reader, text)


def check_units(reader, text):
    """systemd says what is wrong with each unit; a program need not be there."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    names = {"[Timer]": "example.timer", "[Socket]": "example.socket"}
    kind = next((line for line in text.splitlines() if line in names), None)
    unit = re.sub(r"(?m)^Exec(\w+)=\S+", r"Exec\1=/bin/true", text)
    path = reader.program.work / names.get(kind, "example.service")
    if "ExecStart=" not in unit and not kind:
        unit += "\n[Service]\nExecStart=/bin/true\n"
    path.write_text(unit)
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", str(path)],
                         capture_output=True, text=True)
    own = [line for line in run.stderr.splitlines() if path.name in line]
    assert not own, run.stderr
    for command in re.findall(r"(?m)^ExecStart=\S*/(veredus.*)", text):
        reader.accepts(shlex.split(command))


def check_logrotate(reader, text):
    if not shutil.which("logrotate"):
        pytest.skip("logrotate is not installed")
    path = reader.write("logrotate", text)
    run = subprocess.run(
        ["logrotate", "-d", "-s", str(reader.program.work / "state"), str(path)],
        capture_output=True, text=True)
    assert run.returncode == 0 and "error:" not in run.stderr, run


def log_line(reader):
    """The line of a message that was sent, as the system log has it."""
    run = reader.program.run("bob@example.org")
    assert run.status == 0, run
    text = run.log.partition(": ")[2].strip()
    return f"Nov 30 12:00:00 host veredus[123]: {text}\n"


def check_pattern(reader, text):
    """A line for logcheck, which finds lines that need nobody."""
    line = log_line(reader)
    for sent, found in ((line, 0), (line.replace("exit=0", "exit=75"), 1)):
        run = subprocess.run(["grep", "-E", text.strip()], input=sent, text=True,
                             capture_output=True)
        assert run.returncode == found, (sent, run)


def check_script(reader, text):
    """A script that reads lines of the log."""
    run = subprocess.run(["sh", str(reader.write("script", text))],
                         input=log_line(reader), capture_output=True, text=True)
    assert run.stdout.split() == ["1", "sent"], run


def check_image(reader, text):
    """Names of packages; nothing here can build an image."""
    control = (ROOT / "packaging/debian/control").read_text()
    built = re.findall(r"(?m)^Package: (\S+)", control)
    for line in text.splitlines():
        assert re.match(r"(FROM|COPY|RUN|ENV|USER) \S", line), line
        for name in re.findall(r"([\w-]+)_\*\.deb", line):
            assert name in built, line


def check_words(reader, text):
    """A file of which only another program knows whether it is right."""


def check_json(reader, text):
    while text := text.lstrip():
        found, end = json.JSONDecoder().raw_decode(text)
        validator(found.get("type", "queued")).validate(found)
        text = text[end:]


# ---- commands ----

# A command of which the status is not 0, because a part of the host is not there.
STATUS = {
    r"veredus --configure=alice@example.org": (os.EX_NOHOST, os.EX_TEMPFAIL, 0),
    r"veredus --host=": (os.EX_TEMPFAIL,),
    # The accounts of this host log in with passwords.
    r"veredus --login|veredus --logout": (os.EX_CONFIG,),
}


def commands_of(text):
    """Yields each command; only lines that begin with "$" if there are any."""
    lines = re.sub(r"(?:\\|(?<=\|))\n", "", text).splitlines()
    marked = [line[2:] for line in lines if line.startswith("$ ")]
    for line in marked or lines:
        if line.strip() and not line.startswith("#"):
            yield line


def check_commands(reader, text):
    for command in commands_of(text):
        if "--service" in command:  # which has no socket and no file here
            check_calls(reader, command)
            continue
        run = reader.sh(command)
        wanted = next((status for pattern, status in STATUS.items()
                       if re.match(pattern, command)), (0,))
        assert run.returncode in wanted, f"{command}: {run}"


# ---- output ----

def shape(text):
    """Replaces what differs from run to run."""
    for pattern, name in (
            (r"\b[0-9A-HJKMNP-TV-Z]{13}\b", "ID"),
            (r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d", "DATE"),
            (r"\d\d:\d\d:\d\d", "TIME"),
            (r"oldest \d+[smhd]", "oldest AGE"), (r"oldest=\d+s", "oldest=AGE"),
            (r" +\d+ DATE", " SIZE DATE"), (r"-- \d+ Kbytes", "-- N Kbytes"),
            (r"\bmx\.test\b", "mx.example")):
        text = re.sub(pattern, name, text)
    return text


def configure(program, server, *settings, account="default"):
    program.write_config("\n".join([
        f"account {account}", f"port {server.port}", "domain client.example",
        "from alice@example.org", f"queue_dir {program.folder}/queue",
        *(settings or ["host mx.example", "tls off"]), ""]))


def greylisting(start):
    server = start()
    server.rejected["bob@example.com"] = "450 4.2.0 greylisted"
    return server


def a_queued_message(program, start, _):
    configure(program, greylisting(start), "host mx.example", "tls off",
              "queue on")
    run = program.run("bob@example.com")
    assert run.status == 0
    return program


def print_queue(program, start, _):
    return a_queued_message(program, start, None).run(name="mailq", stdin=None).stdout


def print_check(program, start, _):
    a_queued_message(program, start, None)
    for _ in range(2):
        program.run("bob@example.com")
    return program.run("--queue-check", "100", "1000", stdin=None).stdout


def print_queued(program, start, _):
    configure(program, greylisting(start), "host mx.example", "tls off",
              "queue on")
    return program.run("-v", "bob@example.com").stderr.splitlines()[-1] + "\n"


def print_rejection(program, start, _):
    server = start()
    server.rejected["bob@example.org"] = "550 5.1.1 no such user"
    configure(program, server)
    return program.run("bob@example.org", "carol@example.org",
                       "dave@example.org").stderr


def print_hosts(program, start, certificates):
    server = start(certificates)
    server.keywords = ("AUTH PLAIN",)
    server.login = "535 5.7.8 wrong password"
    configure(program, server, "host mx.test", "tls_starttls off",
              f"tls_trust_file {certificates.path('ca.pem')}", "queue later",
              "user alice", "password secret", "auth plain", account="work")
    assert program.run("-a", "work", "bob@example.org").status == 0
    program.run("-q", stdin=None)
    return program.run(name="hoststat", stdin=None).stdout


def print_findings(program, start, _):
    """Wraps the long lines as the manual does, which has other names of files."""
    configure(program, start(), "host mx.example", "user alice@example.org",
              "auth on", "tls on", "passwordfile ~/veredus.password")
    run = program.run("--check", "--offline", stdin=None)
    text = run.stdout.replace(str(program.config), "/etc/veredus.conf")
    text = text.replace(str(program.home), "/etc")
    return "".join(
        textwrap.fill(line, 70, subsequent_indent="    ") + "\n"
        for line in text.splitlines() if re.match(r"\w+ +(sender|password) ", line))


OUTPUT = {
    "ok   sender": print_findings,
    "----Queue ID-----": print_queue,
    "QUEUE OK": print_check,
    "veredus: queued as": print_queued,
    "veredus: <bob@example.org>": print_rejection,
    " -------------- Hostname": print_hosts,
}


# The first line of a file of another program.
FILES = {
    r"/var/log/.*\{": check_logrotate,
    r"\^": check_pattern,
    r"#!/bin/sh": check_script,
    r"FROM ": check_image,
    r"sendmail_path = |set sendmail|command\[|\[sendemail\]": check_calls,
    r"Title = ": check_words,
}


def function_for(example, settings):
    """Returns what tests an example, or None."""
    for first, function in FILES.items():
        if re.match(first, example.text):
            return function
    if example.word in settings | {"account", "defaults", "eval"}:
        return check_configuration
    for first, function in ((r"\[\w+\]$", check_units), (r"\{", check_json),
                            (r"[A-Z]+=", check_crontab), (CRONTAB, check_crontab),
                            (ALIAS, check_aliases)):
        if re.match(first, example.first):
            return function
    command = COMMAND.match(example.first)
    if command and command[2] in (*NAMES, *TOOLS, *STAND_INS):
        return check_commands
    return None


@pytest.mark.table
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_works(
        example, request, start, program, settings, certificates):
    for beginning, output in OUTPUT.items():
        if example.text.startswith(beginning):
            printed = output(program, start, certificates)
            assert shape(printed) == shape(example.text)
            return
    function = function_for(example, settings)
    assert function, f"{example}: nothing here can run {example.first!r}"
    function(request.getfixturevalue("host"), example.text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_in_sentences_are_accepted(reader, page):
    for command in inline_commands(page, NAMES):
        reader.accepts(shlex.split(command))


def test_the_pages_have_examples():
    assert len(EXAMPLES) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_units_that_a_page_names_exist(page):
    units = ROOT / "etc/systemd"
    known = {path.name.removesuffix(".in") for path in units.glob("*/*")}
    named = set(re.findall(r"\bveredus[\w@-]*\.(?:timer|service|socket|path)\b",
                           page.read_text()))
    assert named <= known
