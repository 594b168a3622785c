# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twice the input costs twice the instructions.

Each list that a user, a message or a server can make long is given three sizes,
of which each is twice the one before.  In the second doubling the instructions
that are added may grow by 2.3 at most: an order of n log n has about 2.2, a
square 4.  `pytest -s` of this file prints the instructions of each list.
"""

import concurrent.futures
import re
import shutil
import socket
import subprocess
import threading

import pytest

from program import Program
from queue_files import MESSAGE as QUEUED, Queue

GROWTH_MAX = 2.3
ATTEMPTS = 3
NOTHING = 20000  # instructions: less is noise
PARALLEL = 2  # runs at a time
MIB = 1 << 20
MESSAGE = b"Subject: test\n\nHello.\n"
SENDER = ("-f", "alice@example.org")
TO = ("bob@example.org",)

needs_valgrind = pytest.mark.skipif(
    not shutil.which("valgrind"),
    reason="valgrind, which counts instructions, is missing")


class Server:
    """Accepts every command, except for the replies of the list."""

    def __init__(self, keywords=(), replies=None):
        self.keywords = keywords
        self.replies = replies or {}  # by verb
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            with connection:
                try:
                    self.talk(connection)
                except OSError:
                    pass

    def talk(self, connection):
        """Replies to a group of commands at once, as far as it has arrived, so
        that the number of writes depends on chance as little as possible."""
        connection.sendall(b"220 mx.example\r\n")
        rest, in_message = b"", False
        while data := connection.recv(1 << 20):
            *lines, rest = (rest + data).split(b"\r\n")
            output = []
            for line in lines:
                if in_message:
                    in_message = line != b"."
                    output += [] if in_message else ["250 ok"]
                    continue
                verb = line[:4].decode().upper()
                output.append(self.reply(verb))
                in_message = verb == "DATA"
            connection.sendall("".join(
                f"{reply}\r\n" for reply in output).encode())

    def reply(self, verb):
        if verb in self.replies:
            return self.replies[verb]
        if verb == "EHLO":
            words = ["mx.example", "PIPELINING", *self.keywords]
            return "\r\n".join([f"250-{word}" for word in words[:-1]]
                               + [f"250 {words[-1]}"])
        return {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Case:
    """One run: what the user, the message and the server contribute."""

    def __init__(self, argv=TO, settings="", config=None, message=MESSAGE,
                 files=None, server=None, status=0, options=SENDER):
        self.argv = argv
        self.settings = settings
        self.config = config
        self.message = message
        self.files = files or {}  # in the home folder: name, text
        self.server = server or {}
        self.status = status
        self.options = options

    def configuration(self, port):
        if self.config is not None:
            return self.config.replace("@PORT@", str(port))
        return (f"account default\nhost 127.0.0.1\nport {port}\ntls off\n"
                f"domain client.example\n{self.settings}\n")


LISTS = {"recipients": {}, "configuration": {}, "message": {}, "server": {},
         "client": {}}


def of(size, kind):
    """Registers a function that makes the case of a size; `size` is the
    smallest one."""
    def register(make):
        LISTS[kind][make.__name__] = (make, size)
        return make
    return register


def numbered(text, n):
    """Repeats the text with numbers in place of #."""
    return "".join(text.replace("#", str(i)) for i in range(n))


@of(500, "recipients")
def recipients_of_the_command_line(n):
    return Case(argv=[f"user{i}@example.org" for i in range(n)])


@of(500, "recipients")
def recipients_in_one_field(n):
    field = ",\n ".join(f"user{i}@example.org" for i in range(n))
    return Case(argv=["-t"], message=f"To: {field}\n\nHello.\n".encode())


@of(500, "recipients")
def fields_with_recipients(n):
    fields = numbered("Cc: user#@example.org\n", n)
    return Case(argv=["-t"], message=f"{fields}\nHello.\n".encode())


@of(500, "recipients")
def recipients_in_domains_of_their_own(n):
    return Case(argv=[f"user@d{i}.example.org" for i in range(n)],
                server={"keywords": ["LIMITS RCPTDOMAINMAX=1000000"]})


@of(500, "recipients")
def recipients_that_the_server_rejects(n):
    return Case(argv=[f"user{i}@example.org" for i in range(n)],
                server={"replies": {"RCPT": "550 5.1.1 unknown"}}, status=67)


@of(500, "configuration")
def accounts(n):
    return Case(config=numbered(
        "account a#\nhost 127.0.0.1\nport @PORT@\ntls off\n", n)
        + "account default : a0\n")


@of(500, "configuration")
def accounts_and_their_senders(n):
    return Case(config=numbered(
        "account a#\nhost 127.0.0.1\nport @PORT@\ntls off\n"
        "from u#@example.org\n", n), options=["-f", f"u{n - 1}@example.org"])


@of(500, "configuration")
def senders_of_an_account(n):
    return Case(settings=numbered("from u#@example.org\n", n))


@of(500, "configuration")
def rewrite_rules(n):
    return Case(settings=numbered(
        "rewrite u#@example.org v#@example.net\n", n))


@of(500, "configuration")
def fingerprints(n):
    return Case(settings="".join(
        f"tls_fingerprint {i:064x}\n" for i in range(n)))


@of(100, "configuration")
def hosts_that_refuse(n):
    return Case(config="account default\ntls off\nport 1\n"
                + "".join(f"host 127.0.{i // 250}.{i % 250 + 1}\n"
                          for i in range(n)), status=75)


@of(500, "configuration")
def aliases(n):
    return Case(argv=["a0@localhost", "a1"], settings="aliases ~/aliases",
                files={"aliases": numbered("a#: user#@example.org\n", n)})


@of(500, "configuration")
def aliases_with_the_same_name(n):
    return Case(argv=["a"], settings="aliases ~/aliases",
                files={"aliases": numbered("a: user#@example.org\n", n)},
                status=0)


@of(500, "recipients")
def targets_of_an_alias(n):
    return Case(argv=["a"], settings="aliases ~/aliases",
                files={"aliases": "a: " + ", ".join(
                    f"user{i}@example.org" for i in range(n))})


@of(500, "configuration")
def entries_of_a_list(n):
    return Case(argv=["a"], settings="aliases ~/aliases",
                files={"aliases": "a: :include:@HOME@/list\n",
                       "list": numbered("user#@example.org\n", n)})


@of(250, "configuration")
def lists(n):
    return Case(argv=["a"], settings="aliases ~/aliases",
                files={"aliases": "a: " + ", ".join(
                    f":include:@HOME@/list{i}" for i in range(n)),
                    **{f"list{i}": f"user{i}@example.org\n"
                       for i in range(n)}})


@of(500, "configuration")
def netrc_entries(n):
    return Case(settings="auth plain\nuser bob", files={".netrc": numbered(
        "machine m#.example login bob password x\n", n)
        + "machine 127.0.0.1 login bob password y\n"},
        server={"keywords": ["AUTH PLAIN"], "replies": {"AUTH": "235 ok"}})


@of(500, "message")
def subject_fields(n):
    return Case(message=(numbered("Subject: #\n", n) + "\nHello.\n").encode())


@of(500, "message")
def unknown_fields(n):
    return Case(message=(numbered("X-#: #\n", n) + "\nHello.\n").encode())


@of(500, "message")
def message_ids_in_references(n):
    ids = numbered(" <#@example.org>\n", n)
    return Case(message=f"References:\n{ids}\nHello.\n".encode())


@of(300, "recipients")
def resent_blocks(n):
    blocks = numbered("Resent-From: a@example.org\n"
                      "Resent-To: user#@example.org\n", n)
    return Case(argv=["-t"], message=f"{blocks}\nHello.\n".encode())


@of(1000, "message")
def encoded_words(n):
    words = numbered(" wört#", n)
    return Case(message=f"Subject:{words}\n\nHello.\n".encode())


@of(500, "recipients")
def names_beyond_ascii(n):
    names = ",\n ".join(f"Bücher {i} <user{i}@example.org>" for i in range(n))
    return Case(argv=["-t"], message=f"To: {names}\n\nHello.\n".encode())


@of(20000, "message")
def lines_of_the_body(n):
    return Case(message=MESSAGE + b"Hello.\n" * n)


@of(2000, "message")
def lines_beyond_ascii(n):
    return Case(message=MESSAGE + "Grüße\n".encode() * n)


@of(15000, "message")
def nuls_after_a_dot(n):
    return Case(message=b"Content-Transfer-Encoding: binary\n\n."
                + b"\0" * n + b"x\n")


@of(300, "message")
def parts(n):
    part = "--b\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n"
    return Case(message=(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        + part * n + "--b--\n").encode())


@of(500, "message")
def nested_parts(n):
    heads = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"
                    for i in range(n))
    return Case(message=(f"MIME-Version: 1.0\n{heads}\nGrüße\n").encode(),
                status=None)


@of(500, "message")
def parameters(n):
    return Case(message=("MIME-Version: 1.0\nContent-Type: text/plain"
                         + numbered(";\n a#=ü#", n)
                         + "\n\nHello.\n").encode())


@of(500, "recipients")
def comments(n):
    return Case(argv=["-t"], message=(
        f"To: {'(' * n}{')' * n} bob@example.org\n\nHello.\n").encode(),
        status=None)


@of(500, "recipients")
def words_of_a_name(n):
    words = " ".join(["word"] * n)
    return Case(argv=["-t"], message=(
        f"To: {words} <bob@example.org>\n\nHello.\n").encode())


@of(500, "recipients")
def groups(n):
    return Case(argv=["-t"], message=(
        "To: " + ",\n ".join(f"g{i}: u{i}@example.org;" for i in range(n))
        + "\n\nHello.\n").encode())


@of(500, "message")
def from_addresses(n):
    return Case(message=("From: " + ",\n ".join(
        f"u{i}@example.org" for i in range(n)) + "\n\nHello.\n").encode())


@of(500, "recipients")
def hidden_recipients(n):
    return Case(message=("To: x@example.org\n" + numbered(
        "Bcc: u#@example.org\n", n) + "\nHello.\n").encode())


@of(500, "recipients")
def repeated_fields_with_recipients(n):
    return Case(message=("From: a@example.org\n" + numbered(
        "To: u#@example.org\n", n) + "\nHello.\n").encode())


@of(100, "configuration")
def invalid_lines_of_a_configuration(n):
    return Case(config=numbered("unknown# x\n", n), status=78)


@of(500, "configuration")
def repeated_accounts(n):
    return Case(config=numbered("account a\nhost x\n", n), status=78)


@of(500, "configuration")
def inherited_accounts(n):
    return Case(config="account a\nhost 127.0.0.1\nport @PORT@\ntls off\n"
                + numbered("account a# : a\n", n) + "account default : a\n")


@of(250, "configuration")
def errors_of_aliases(n):
    return Case(argv=["-bi"], options=[], settings="aliases ~/aliases",
                files={"aliases": numbered("a b # c\n", n)}, status=65)


@of(500, "client")
def rejected_recipients_of_a_client(n):
    commands = ("HELO x\r\nMAIL FROM:<alice@example.org>\r\n" + "".join(
        f"RCPT TO:<u{i}@example.org>\r\n" for i in range(n))
        + "RSET\r\nQUIT\r\n")
    return Case(options=["-bs"], argv=[], message=commands.encode(), server={
        "replies": {"RCPT": "550 5.1.1 unknown"}}, status=None)


@of(500, "server")
def keywords_of_ehlo(n):
    return Case(server={"keywords": [f"X-{i}" for i in range(n)]})


@of(4000, "server")
def mechanisms(n):
    names = [f"X{i:05}" for i in range(n)]  # of one length, for the hash
    return Case(settings="auth plain\nuser bob\npassword x", server={
        "keywords": ["AUTH " + " ".join(names[i:i + 500])
                     for i in range(0, n, 500)] + ["AUTH PLAIN"],
        "replies": {"AUTH": "235 ok"}})


@of(2000, "server")
def lines_of_a_reply(n):
    return Case(server={"replies": {"MAIL": "250-x\r\n" * n + "250 ok"}})


@of(2000, "server")
def lines_of_a_rejection(n):
    return Case(server={"replies": {
        "MAIL": "550-x\r\n" * n + "550 5.7.1 no"}}, status=None)


# More of them without a message end the session.
@of(20, "client")
def commands_of_a_client(n):
    commands = "HELO x\r\n" + "".join(
        f"MAIL FROM:<alice@example.org>\r\nRCPT TO:<u{i}@example.org>\r\n"
        "RSET\r\n" for i in range(n)) + "QUIT\r\n"
    return Case(options=["-bs"], argv=[], message=commands.encode())


@of(500, "client")
def recipients_of_a_client(n):
    commands = ("HELO x\r\nMAIL FROM:<alice@example.org>\r\n" + "".join(
        f"RCPT TO:<u@d{i}.example.org>\r\n" for i in range(n))
        + "RSET\r\nQUIT\r\n")
    return Case(options=["-bs"], argv=[], message=commands.encode())


def count_instructions(program, argv, message=None, status=0):
    log = program.folder / "instructions"
    done = subprocess.run(
        ["valgrind", "--tool=cachegrind", "--cache-sim=no",
         "--cachegrind-out-file=/dev/null", f"--log-file={log}",
         program.binary, *argv], input=message,
        env=program.environment({}), cwd=program.work,
        capture_output=True, timeout=100)
    assert status in (None, done.returncode), done
    return int(re.search(r"I +refs: +([\d,]+)",
                         log.read_text()).group(1).replace(",", ""))


def measure(binary, preload, folder, case):
    """Returns the instructions of one run."""
    program = Program(binary, folder, preload)
    server = Server(**case.server)
    try:
        program.write_config(case.configuration(server.port))
        for name, text in case.files.items():
            path = program.home / name
            path.write_text(text.replace("@HOME@", str(program.home)))
            path.chmod(0o600)
        return count_instructions(program, [*case.options, *case.argv],
                                  case.message, case.status)
    finally:
        server.close()


def growth(costs):
    first, second, third = costs
    if third - second < NOTHING:
        return 0
    return (third - second) / max(second - first, 1)


def measure_growth(binary, preload, folder, make, size):
    """Returns the instructions for three sizes.

    How the output of the server is cut into reads is left to chance, so that a
    high result is measured again.
    """
    for attempt in range(ATTEMPTS):
        costs = [measure(binary, preload, folder / f"{attempt}-{n}", make(n))
                 for n in (size, 2 * size, 4 * size)]
        if growth(costs) <= GROWTH_MAX:
            break
    return costs


@needs_valgrind
@pytest.mark.usefixtures("ordinary_memory")
@pytest.mark.parametrize("kind", LISTS)
def test_costs_are_linear_in_each_list(binary, preload, tmp_path, kind):
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        jobs = {name: pool.submit(measure_growth, binary, preload,
                                  tmp_path / name, make, size)
                for name, (make, size) in LISTS[kind].items()}
    print(f"\n{kind:38}{'size':>6}" + f"{'instructions':>13}" * 3
          + f"{'growth':>8}")
    costs = {name: job.result() for name, job in jobs.items()}
    for name, three in costs.items():
        print(f"{name.replace('_', ' '):38}{LISTS[kind][name][1]:6}"
              + "".join(f"{cost:13}" for cost in three)
              + f"{growth(three):8.2f}")
    assert not [name for name, three in costs.items()
                if growth(three) > GROWTH_MAX]


@needs_valgrind
@pytest.mark.usefixtures("ordinary_memory")
@pytest.mark.parametrize("argv", [["-bp"], ["--queue-list", "--json"]],
                         ids=["text", "json"])
def test_a_listing_costs_the_same_whatever_has_failed(
        binary, preload, tmp_path, argv):
    """It reads the head and the journal, and not the text."""
    costs = []
    for size in (1, MIB):
        program = Program(binary, tmp_path / str(size), preload)
        spool = Queue(program.folder / "spool")
        program.write_config("account default\nhost mx.example\n"
                             f"queue_dir {spool.path}\n")
        spool.add(journal=["1 failed 1 550 5.1.1 mx.example 550 no"],
                  place="failed", message=(QUEUED[0], b"x" * size))
        costs.append(count_instructions(program, argv))
    assert costs[1] - costs[0] < NOTHING, costs
