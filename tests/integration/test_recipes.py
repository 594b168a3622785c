# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What veredus-recipes(7) says agrees with the table of providers, the settings and
the messages of the program.  test_examples.py runs its examples."""

import base64
import contextlib
import os
import pwd
import re
import shlex
import shutil
import ssl
import subprocess

import pytest

import sink as sinks
from dialogue import DATA, MESSAGE_ACCEPTED, QUIT, SEND, greet, lines
from manuals import ROOT, examples_of, plain
from program import MESSAGE
from service import needs_users

PAGE = ROOT / "man/veredus-recipes.7"
PROVIDERS = (ROOT / "etc/providers").read_text()
SERVER = re.compile(r"(?m)^provider (\S+).*\n(?:.*\n)*?server (\S+) (\d+) (\w+)$")
# In place of the words in capitals in the tables of settings.
VALUES = {
    "HOST": "mail.example.org", "PORT": "587", "N": "2", "NAME": "host.example.org",
    "DOMAIN": "example.org", "@DOMAIN": "@example.org", "@HOST": "@example.org",
    "*@*.DOMAIN": "*@*.example.org", "%U@HOST": "%U@example.org",
    "%U@NAME": "%U@example.org", "ADDRESS": "alice@example.org",
    "IP": "192.0.2.1", "USER": "alice", "HEX": "ab" * 32, "PATTERN": "root", "USERS": "*",
    "FILE": "/etc/example", "DIRECTORY": "/var/spool/example",
    "maildir:FOLDER": "maildir:/var/archive", "OCTETS": "10m",
    "--queue-show=ID": "--queue-show=6H2EMEA2M06PK"}
# What is said beside the settings.
REST = re.compile(
    r"not needed|without .*|for .*|in the log|in the file .*|with default .*|from a timer"
    r"|no aliases|port 25|an account .*|with the line .*|before \"rewrite \*\"|in ~.*|-|-v|exit=0"
    r"|the same|\w+=( is not empty)?")


def section(title):
    text = PAGE.read_text().partition(f".Sh {title}\n")[2]
    return text.partition("\n.Sh ")[0]


# ---- providers ----

def recipes():
    """Yields host, port and text of each account in the section of providers."""
    page = PAGE.read_text()
    start = page[:page.index(".Sh PROVIDERS")].count("\n")
    end = page[:page.index(".Sh OAUTH2")].count("\n")
    for example in examples_of(PAGE):
        if start < example.line < end:
            words = dict(line.partition(" ")[::2]
                         for line in example.text.splitlines())
            yield words["host"], words.get("port", "587"), example.text


def test_each_recipe_has_a_server_of_the_table():
    servers = {host.replace("*", "eu-west-1"): (name, port, tls)
               for name, host, port, tls in SERVER.findall(PROVIDERS)}
    for host, port, text in recipes():
        name, wanted, tls = servers[host]
        assert port == wanted, f"{name}: {text}"
        implicit = "tls_starttls off" in text or port == "465"
        assert implicit == (tls == "tls"), f"{name}: {text}"
        only = re.search(rf"provider {re.escape(name)} [^#]*oauth (\w+) only",
                         PROVIDERS)
        assert not only or f"oauth_provider {only[1]}" in text, name


def test_each_server_of_the_table_has_a_recipe_or_is_named_beside_one():
    page = section("PROVIDERS")
    for name, host, _, _ in SERVER.findall(PROVIDERS):
        assert host.replace("*", "eu-west-1") in page, name


# ---- tables of settings ----

def rows():
    for line in section("FROM OTHER PROGRAMS").splitlines():
        if line.startswith(".It ") and " Ta " in line:
            yield plain(line[4:].replace('"', "")).split(" Ta ")


def replaced(words):
    return [VALUES.get(word, word) for word in words]


@pytest.fixture(scope="module")
def settings(binary):
    run = subprocess.run([binary, "--list-options"], check=True,
                         capture_output=True, text=True)
    return {line.split("\t")[0] for line in run.stdout.splitlines()}


def read_cell(cell, settings):
    """Returns the settings with their values, and the commands.  Of two values, of
    which the reader chooses one, the second counts."""
    values, commands = {}, []
    for part in re.split(r"; |, or |, | and | or (?=port)", cell):
        word = part.split()[0]
        if word in settings:
            known = re.sub(r" (for|without|with|from|in place of) .*", "",
                           part).split()
            values[word] = " ".join(replaced(known[1:]))
        elif word in ("veredus", "mailq"):
            commands.append(replaced(re.sub(" from .*", "", part).split()))
        elif word.startswith("--"):
            commands.append(["veredus", word])
        else:
            assert REST.fullmatch(part), f"{cell}: what is {part!r}?"
    return values, commands


def complete(word):
    """An option of which the table has only the name gets an argument."""
    argument = {"--configure": "alice@example.org"}.get(word, "6H2EMEA2M06PK")
    return f"{word}={argument}" if re.match(
        r"--(configure|queue-(delete|hold|release|requeue))$", word) else word


def test_every_setting_in_the_tables_is_one(program, settings):
    cells = [cell for _, cell in rows()]
    assert len(cells) > 80
    for cell in cells:
        values, commands = read_cell(cell, settings)
        if values:
            values.setdefault("host", "mail.example.org")
            program.write_config("".join(
                f"{name} {value}\n" for name, value in values.items()))
            run = program.run("--pretend", "bob@example.org", stdin=None)
            assert run.status == 0, f"{cell}: {run}"
        for name, *words in commands:
            run = program.run("--help", *map(complete, words), stdin=None,
                              name=name)
            assert run.status == 0, f"{cell}: {run}"


# ---- messages ----

def test_every_message_of_the_symptoms_is_one_of_the_program():
    strings = []
    for path in (ROOT / "src").rglob("*.c"):
        text = re.sub(r'"\s*\n\s*"', "", path.read_text())
        strings += re.findall(r'"((?:[^"\\\n]|\\.)+)"', text)
    source = "\n".join(re.sub(r'\\"', '"', re.sub(r"%[a-z]+", "%", string))
                       for string in strings)
    found = 0
    for line in section("IT DOES NOT WORK").splitlines():
        for message in re.findall(r"Qo (.*?) Qc", line):
            if re.match(r"\d{3}|relaying|veredus ", message):
                continue  # what a server says, or a command
            message = re.sub(r"\bHOST\b", "%", message)
            assert message in source or message.split(": ")[-1] in source, message
            found += 1
    assert found > 15


MAIL = "from alice@example.org\nconnect_timeout 5\n"
LOGIN = f"{MAIL}auth on\nuser alice\n"
# A message of the page, and what leads to it: the server with its certificate and
# what it offers or rejects, the configuration, and other things.
SYMPTOMS = [
    ("there is no account", None, "", {}),
    ("unknown keyword", None, "colour red\n", {}),
    ("contains a secret but others may access it", None,
     f"host mx.test\n{LOGIN}password x\n", {"mode": 0o644}),
    ("decides about mail but others may change it", None, f"host mx.test\n{MAIL}",
     {"mode": 0o666}),
    ("cannot read", None, f"host mx.test\n{LOGIN}passwordfile ~/none\n", {}),
    ("the command failed with exit status", None,
     f"host mx.test\n{LOGIN}passwordeval false\n", {}),
    ("no password for", None, f"host mx.test\n{LOGIN}", {"name": "sendmail"}),
    ("is not accepted under this name", None, f"host mx.test\n{MAIL}",
     {"name": "sendmail", "argv": ["--host=mx.test"]}),
    ("no recipients", None, f"host mx.test\n{MAIL}",
     {"argv": ["-t"], "stdin": b"Subject: x\n\nhello\n"}),
    ("has no domain", None, "host mx.test\n", {"env": {
        "VEREDUS_TEST_HOSTNAME": "box", "VEREDUS_TEST_FILES":
        "/etc/mailname=/dev/null,/etc/hosts=/dev/null"}}),
    ("connection refused", None, f"host mx.test\nport 9\n{MAIL}", {}),
    ("the server does not offer STARTTLS", {}, MAIL, {}),
    ("does not use implicit TLS on this port", {}, f"{MAIL}tls_starttls off\n", {}),
    ("the certificate of HOST was rejected", {"tls": "other"}, MAIL, {}),
    ("it is self-signed", {"tls": "self-signed"}, MAIL, {}),
    ("not for", {"tls": "wrong-name"}, MAIL, {}),
    ("expired on", {"tls": "expired"}, MAIL, {}),
    ("535", {"tls": "good", "keywords": ["AUTH PLAIN"]}, f"{LOGIN}password x\n", {}),
    ("no usable authentication mechanism", {"tls": "good", "keywords": [
        "AUTH XOAUTH2"]}, f"{LOGIN}password x\n", {}),
    ("the server does not offer AUTH", {"tls": "good"}, f"{LOGIN}password x\n", {}),
    ("this account does not log in", {"tls": "good", "rejected": {
        "bob@example.org": "530 5.7.0 log in first"}}, MAIL, {}),
    ("relaying denied", {"tls": "good", "rejected": {
        "bob@example.org": "550 5.7.1 relaying denied"}}, MAIL, {}),
    ("553", {"tls": "good", "rejected_senders": {
        "alice@example.org": "553 5.7.1 not your address"}}, MAIL, {}),
    ("450 4.7.1", {"tls": "good", "rejected": {
        "bob@example.org": "450 4.7.1 come back later"}}, MAIL, {}),
]
# What needs another host, a service, a clock or a provider.
ELSEWHERE = {
    "does not exist or has no address", "timed out", "trusted by the system",
    "the system has no CA certificates", "veredus --login", "550 5.7.1",
    "may have been delivered", "socket /run/veredus/submit: cannot connect",
    "451 4.3.5"}


class Strict(sinks.Handler):
    def do_auth(self, line):
        return "535 5.7.8 wrong password"


class StrictSink(sinks.Sink):
    handler = Strict


def statuses():
    """Returns the exit status of each message of the page; one in a list below
    another message has its status."""
    found, status = {}, None
    for line in section("IT DOES NOT WORK").splitlines():
        messages = re.findall(r"Qo (.*?) Qc", line)
        number = re.search(r" Pq (\d+)$", line)
        status = int(number[1]) if number else status
        for message in messages:
            found.setdefault(message, status)
    return found


def make_server(stack, certificates, wanted):
    tls = None
    if "tls" in wanted:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificates.path(wanted["tls"] + ".pem"),
                            certificates.path(wanted["tls"] + ".key"))
    server = StrictSink(tls=tls)
    stack.callback(server.stop)
    server.keywords = wanted.get("keywords", ["PIPELINING"])
    server.rejected = wanted.get("rejected", {})
    server.rejected_senders = wanted.get("rejected_senders", {})
    return server


def test_each_symptom_has_its_message_and_its_status(program, certificates):
    listed = statuses()
    assert set(listed) == ELSEWHERE | {row[0] for row in SYMPTOMS}
    for message, wanted, config, other in SYMPTOMS:
        with contextlib.ExitStack() as stack:
            if wanted is not None:
                server = make_server(stack, certificates, wanted)
                config += (f"host mx.test\nport {server.port}\n"
                           f"tls_trust_file {certificates.path('ca.pem')}\n")
                if "tls" in wanted:
                    config += "tls_starttls off\n"
            program.write_config(config).chmod(other.get("mode", 0o600))
            run = program.run(
                *other.get("argv", []), *(
                    [] if "stdin" in other else ["bob@example.org"]),
                name=other.get("name", "veredus"), env=other.get("env"),
                stdin=other.get("stdin", MESSAGE))
        assert message.replace("HOST", "mx.test") in run.stderr, run
        assert run.status == listed[message], f"{message}: {run}"


def test_the_commands_beside_the_messages_are_accepted(program):
    for command in re.findall(r"(?m)^\.Ql (veredus .*?)(?: [.,])?$",
                              section("IT DOES NOT WORK")):
        run = program.run("--help", *shlex.split(command)[1:], stdin=None)
        assert run.status == 0, f"{command}: {run}"


# ---- credentials of systemd ----

@needs_users
def test_the_service_reads_the_password_where_systemd_put_it(service, server):
    command = re.search(r"(?m)^passwordeval (cat .*)$", section("SECRETS"))[1]
    (service.state / "password").write_text("x\n")
    shutil.chown(service.state / "password", service.user)
    login = base64.b64encode(b"\0alice\0x").decode()
    server.play(lines(greet("AUTH PLAIN"), f"C: AUTH PLAIN {login}",
                      "S: 235 2.7.0 ok", MESSAGE_ACCEPTED))
    service.write_config(
        f"host 127.0.0.1\nport {server.port}\ntls off\ndomain client.example\n"
        f"auth plain\nuser alice\npasswordeval {command}\n")
    service.start(env={"CREDENTIALS_DIRECTORY": str(service.state)})
    run = service.send(*SEND)
    server.finish()
    assert run.status == 0, run


# ---- root and other local names ----

@pytest.mark.parametrize("argv, name, sender", [
    (["bob@example.org"], "root", "host1+root@example.org"),
    (["bob@example.org"], "www-data", "shop@example.org"),
    (["bob@example.org"], "alice", "host1@example.org"),
    (["-f", "", "bob@example.org"], "root", None)])
def test_the_name_of_the_user_chooses_the_sender(submit, server, argv, name, sender):
    """The user of the tests stands for the one with the name."""
    (example,) = (found.text for found in examples_of(PAGE)
                  if "from %U@localhost" in found.text)
    user = pwd.getpwuid(os.getuid()).pw_name
    rules = re.findall(r"(?m)^(?:from|rewrite) .*", example)
    rules = [rule.replace(f"rewrite {name} ", f"rewrite {user} ") for rule in rules
             if name in rule or "rewrite root" not in rule]
    server.play(lines(greet(), f"C: MAIL FROM:<{sender or ''}>*", "S: 250 ok",
                      "C: RCPT *", "S: 250 ok", DATA, "S: 250 ok", QUIT))
    run = submit(*argv, stdin=b"Subject: x\n\nx\n",
                 settings=lines("tls off", *rules))
    assert run.status == 0, run
    assert f"<{sender or 'host1+root@example.org'}>".encode() in server.message
