#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends a message with veredus to a temporary server, and shows each step.

The server listens on loopback and offers STARTTLS and AUTH.  A temporary CA
issues its certificate.  At the end the server is stopped for a while, and the
message waits in a queue.
"""

import asyncio
import logging
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from aiosmtpd.smtp import SMTP, AuthResult  # noqa: E402

import certs  # noqa: E402
from program import find_binary  # noqa: E402

USER, PASSWORD = "alice@example.org", "correct horse"
MESSAGE = """\
From: Alice <alice@example.org>
To: Bob <bob@example.org>
Subject: The post horse

Dear Bob,

this message was sent with veredus.
.
The line above has only a dot.
"""


class Mailbox:
    """Stores the messages that the server receives."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(envelope.content.decode())
        return "250 2.0.0 Message stored"


def authenticate(server, session, envelope, mechanism, data):
    valid = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=valid, handled=False)


class Server:
    """The server, in a thread; it can be stopped and started again."""

    def __init__(self, mailbox, context):
        self.mailbox = mailbox
        self.context = context
        self.port = 0  # the kernel chooses one
        self.loop = None

    def start(self):
        ready = threading.Event()
        self.thread = threading.Thread(
            target=asyncio.run, args=(self.serve(ready),), daemon=True)
        self.thread.start()
        ready.wait()

    async def serve(self, ready):
        self.loop = asyncio.get_running_loop()
        self.end = asyncio.Event()
        server = await self.loop.create_server(
            lambda: SMTP(self.mailbox, hostname="mx.example",
                         tls_context=self.context, require_starttls=True,
                         auth_required=True, authenticator=authenticate,
                         ident="ESMTP"),
            "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self.end.wait()
        server.close()
        await server.wait_closed()

    def stop(self):
        self.loop.call_soon_threadsafe(self.end.set)
        self.thread.join()


def print_line(text=""):
    print(text, flush=True)


def print_indented(text, mark="  | "):
    for line in text.splitlines():
        print_line(mark + line)


def print_heading(text):
    print_line()
    print_line(text)
    print_line("-" * len(text))


def write_private(path, text):
    path.touch(mode=0o600)
    path.write_text(text)


def run_command(binary, folder, argv, shown, stdin=b""):
    """Runs the program and shows its output; returns status and output."""
    print_line(f"$ {shown}")
    run = subprocess.run(
        argv, executable=binary, cwd=folder, input=stdin,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        env={"HOME": str(folder), "PATH": os.environ.get("PATH", "")})
    output = run.stdout.decode(errors="replace")
    print_indented(output)
    names = {value: name for name, value in vars(os).items()
             if name.startswith("EX_")}
    print_line(f"exit status {run.returncode} "
               f"({names.get(run.returncode, 'unknown')})")
    return run.returncode, output


def submit(binary, folder, expected, options=("-v",)):
    """Submits the message; checks the exit status."""
    argv = ["veredus", *options, "-i", "-C", "demo.conf", "-f", USER,
            "bob@example.org"]
    status, _ = run_command(binary, folder, argv,
                            f"{' '.join(argv)} < message", MESSAGE.encode())
    return status == expected


def run_queue_command(binary, folder, *options):
    """mailq is another name for veredus -bp, and reads no other file."""
    argv = ["veredus", "-C", "demo.conf", *options]
    return run_command(binary, folder, argv, " ".join(argv))


def show_configuration(made, folder, port):
    print_heading("The configuration, demo.conf")
    config = (f"account default\nhost localhost\nport {port}\n"
              "domain client.example\ntls on\n"
              f"tls_trust_file {made.path('ca.pem')}\n"
              f"auth on\nuser {USER}\n"
              f"passwordfile {folder}/password\nsyslog off\n")
    write_private(folder / "demo.conf", config)
    write_private(folder / "password", PASSWORD + "\n")
    print_indented(config)


def show_delivery(binary, folder, mailbox):
    print_heading("A message to Bob")
    ok = submit(binary, folder, os.EX_OK) and len(mailbox.messages) == 1
    print_line()
    print_line(f"{len(mailbox.messages)} message arrived:")
    print_indented("".join(mailbox.messages).replace("\r\n", "\n"))
    return ok


def show_wrong_password(binary, folder, mailbox):
    print_heading("The same with a wrong password")
    before = len(mailbox.messages)
    (folder / "password").write_text("battery staple\n")
    ok = submit(binary, folder, os.EX_NOPERM)
    (folder / "password").write_text(PASSWORD + "\n")
    more = len(mailbox.messages) - before
    print_line(f"{more or 'no'} more message arrived")
    return ok and more == 0


def show_queue(binary, folder, mailbox, server):
    print_heading("The server is stopped, and the account has a queue")
    before = len(mailbox.messages)
    lines = f"queue on\nqueue_dir {folder}/queue\n"
    with open(folder / "demo.conf", "a") as config:
        config.write(lines)
    print_indented(lines)
    server.stop()
    ok = submit(binary, folder, os.EX_OK)
    status, listing = run_queue_command(binary, folder, "-bp")
    ok = ok and status == 0 and "bob@example.org" in listing
    print_line()
    print_line("The server is started again.")
    server.start()
    status, _ = run_queue_command(binary, folder, "-qf", "-v")
    _, listing = run_queue_command(binary, folder, "-bp")
    more = len(mailbox.messages) - before
    print_line(f"{more or 'no'} more message arrived")
    return (ok and status == 0 and more == 1
            and "Mail queue is empty" in listing)


def demonstrate(binary, folder):
    made = certs.write(folder / "certificates")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.path("good.pem"), made.path("good.key"))
    mailbox = Mailbox()
    server = Server(mailbox, context)
    server.start()
    show_configuration(made, folder, server.port)
    results = [show_delivery(binary, folder, mailbox),
               show_wrong_password(binary, folder, mailbox),
               show_queue(binary, folder, mailbox, server)]
    return all(results)


def main():
    logging.disable(logging.WARNING)  # messages of aiosmtpd itself
    binary = find_binary()
    if not binary:
        sys.exit("demo: build the program first, or name it in $VEREDUS")
    with tempfile.TemporaryDirectory(prefix="veredus-demo-") as folder:
        ok = demonstrate(binary, pathlib.Path(folder))
    print_line()
    print_line("All results are as expected." if ok
               else "A result is not as expected.")
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
