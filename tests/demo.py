#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows veredus at its main job, against a server that lives for a moment.

The server listens on loopback, offers STARTTLS and AUTH, and has a
certificate of an authority that is made here and forgotten at the end.
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

this came by veredus.
.
A line with a lone dot came, too.
"""


class Mailbox:
    """What the server does with a message: it keeps it."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(envelope.content.decode())
        return "250 2.0.0 Message stored"


def may_log_in(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def start_server(mailbox, context):
    """Runs in a thread that ends with this process; returns the port."""
    ready = threading.Event()
    ports = []

    async def serve():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(mailbox, hostname="mx.example", tls_context=context,
                         require_starttls=True, auth_required=True,
                         authenticator=may_log_in, ident="ESMTP"),
            "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    threading.Thread(target=asyncio.run, args=(serve(),), daemon=True).start()
    ready.wait()
    return ports[0]


def say(text=""):
    print(text, flush=True)


def show(text, mark="  | "):
    for line in text.splitlines():
        say(mark + line)


def heading(text):
    say()
    say(text)
    say("-" * len(text))


def write_private(place, text):
    place.touch(mode=0o600)
    place.write_text(text)


def submit(binary, folder, expected):
    """Pipes the message through the program, shows all; True if it fits."""
    argv = ["veredus", "-v", "-i", "-C", "demo.conf", "-f", USER,
            "bob@example.org"]
    say(f"$ {' '.join(argv)} < message")
    run = subprocess.run(
        argv, executable=binary, cwd=folder, input=MESSAGE.encode(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        env={"HOME": str(folder), "PATH": os.environ.get("PATH", "")})
    show(run.stdout.decode(errors="replace"))
    names = {value: name for name, value in vars(os).items()
             if name.startswith("EX_")}
    say(f"exit status {run.returncode} "
        f"({names.get(run.returncode, 'unknown')})")
    return run.returncode == expected


def demonstrate(binary, folder):
    made = certs.write(folder / "certificates")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.path("good.pem"), made.path("good.key"))
    mailbox = Mailbox()
    port = start_server(mailbox, context)

    heading("The configuration, demo.conf")
    config = (f"account default\nhost localhost\nport {port}\n"
              "domain client.example\ntls on\n"
              f"tls_trust_file {made.path('ca.pem')}\n"
              f"auth on\nuser {USER}\n"
              f"passwordfile {folder}/password\nsyslog off\n")
    write_private(folder / "demo.conf", config)
    write_private(folder / "password", PASSWORD + "\n")
    show(config)

    heading("A message to Bob")
    well = submit(binary, folder, os.EX_OK) and len(mailbox.messages) == 1
    say()
    say(f"{len(mailbox.messages)} message arrived:")
    show("".join(mailbox.messages).replace("\r\n", "\n"))

    heading("The same with a wrong password")
    (folder / "password").write_text("battery staple\n")
    well = submit(binary, folder, os.EX_NOPERM) and well
    more = len(mailbox.messages) - 1
    say(f"{more or 'no'} more message arrived")
    return well and more == 0


def main():
    logging.disable(logging.WARNING)  # what aiosmtpd says about itself
    binary = find_binary()
    if not binary:
        sys.exit("demo: build the program first, or name it in $VEREDUS")
    with tempfile.TemporaryDirectory(prefix="veredus-demo-") as folder:
        well = demonstrate(binary, pathlib.Path(folder))
    say()
    say("All as it should be." if well else "That is not as it should be!")
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
