# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs veredus for each connection to a Unix socket, like a super-server."""

import contextlib
import socket
import subprocess
import threading

from program import ME


class SuperServer:
    """Listens on a socket; the configuration is that of the service."""

    def __init__(self, program, folder, mode="-bs"):
        self.program = program
        self.mode = mode
        self.path = folder / "submit"
        self.config = folder / "service.conf"
        self.runs = []
        self.lock = threading.Lock()  # held while a process runs
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def write_config(self, text):
        if self.mode == "--service":
            # The client is the user of the service, too.
            text += f"users {ME}, *\nreceived off\n"
        self.config.write_text(text)
        self.config.chmod(0o600)

    def account(self, *settings):
        """Returns the configuration of a client of the service."""
        return "\n".join(["account default", f"socket {self.path}",
                          "domain client.example", *settings]) + "\n"

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                with self.listener.accept()[0] as connection, self.lock:
                    self.run(connection)

    def run(self, connection):
        process = subprocess.Popen(
            ["veredus", "-C", str(self.config), self.mode],
            executable=self.program.binary, stdin=connection,
            stdout=connection, stderr=subprocess.PIPE,
            env=self.program.environment({"VEREDUS_TEST_SYSLOG": None}))
        connection.close()
        stderr = process.communicate(timeout=60)[1]
        self.runs.append((process.returncode, stderr.decode()))

    def results(self):
        """Returns (exit status, stderr) of each process, when it has ended.

        The client must have had a reply of the last one.
        """
        with self.lock:
            results, self.runs = self.runs, []
        return results

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(70)
