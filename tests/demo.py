#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends a message with veredus to a temporary server, and shows each step.

The server listens on loopback and offers STARTTLS and AUTH.  A temporary CA
issues its certificate.
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


def start_server(mailbox, context):
    """Starts the server in a daemon thread; returns the port."""
    ready = threading.Event()
    ports = []

    async def serve():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(mailbox, hostname="mx.example", tls_context=context,
                         require_starttls=True, auth_required=True,
                         authenticator=authenticate, ident="ESMTP"),
            "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    threading.Thread(target=asyncio.run, args=(serve(),), daemon=True).start()
    ready.wait()
    return ports[0]


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


def submit(binary, folder, expected):
    """Submits the message and shows the output; checks the exit status."""
    argv = ["veredus", "-v", "-i", "-C", "demo.conf", "-f", USER,
            "bob@example.org"]
    print_line(f"$ {' '.join(argv)} < message")
    run = subprocess.run(
        argv, executable=binary, cwd=folder, input=MESSAGE.encode(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        env={"HOME": str(folder), "PATH": os.environ.get("PATH", "")})
    print_indented(run.stdout.decode(errors="replace"))
    names = {value: name for name, value in vars(os).items()
             if name.startswith("EX_")}
    print_line(f"exit status {run.returncode} "
               f"({names.get(run.returncode, 'unknown')})")
    return run.returncode == expected


def demonstrate(binary, folder):
    made = certs.write(folder / "certificates")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.path("good.pem"), made.path("good.key"))
    mailbox = Mailbox()
    port = start_server(mailbox, context)

    print_heading("The configuration, demo.conf")
    config = (f"account default\nhost localhost\nport {port}\n"
              "domain client.example\ntls on\n"
              f"tls_trust_file {made.path('ca.pem')}\n"
              f"auth on\nuser {USER}\n"
              f"passwordfile {folder}/password\nsyslog off\n")
    write_private(folder / "demo.conf", config)
    write_private(folder / "password", PASSWORD + "\n")
    print_indented(config)

    print_heading("A message to Bob")
    ok = submit(binary, folder, os.EX_OK) and len(mailbox.messages) == 1
    print_line()
    print_line(f"{len(mailbox.messages)} message arrived:")
    print_indented("".join(mailbox.messages).replace("\r\n", "\n"))

    print_heading("The same with a wrong password")
    (folder / "password").write_text("battery staple\n")
    ok = submit(binary, folder, os.EX_NOPERM) and ok
    more = len(mailbox.messages) - 1
    print_line(f"{more or 'no'} more message arrived")
    return ok and more == 0


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
