# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the submission service costs, compared with a direct delivery.

Direct deliveries and the service log in after STARTTLS; the client of the
service speaks to its socket.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import threading
import time

from clients import NAME, RECIPIENT, SENDER, STARTTLS, Veredus
from delay_proxy import DelayProxy
from environment import TOOL_TIMEOUT, BenchError
from table import Limit

SIZE = 1024
AT_ONCE = 100
ROUNDS = 3      # in which both ways take turns
MAX_ROUNDS = 5  # until the limit is met
DELAY = 0.2     # seconds, in each direction, to the distant server
DIRECT, THROUGH = "direct", "service"
SUPER_SERVER = shutil.which("systemd-socket-activate")
# Starts COUNT times the command, whose input is MESSAGE, and waits for all.
START_ALL = """
message=$1 count=$2
shift 2
while [ "$count" -gt 0 ]; do
    "$@" <"$message" &
    count=$((count - 1))
done
wait
"""


class Service:
    def __init__(self, environment, table, quick):
        self.env = environment
        self.table = table
        self.rounds = 1 if quick else ROUNDS
        self.veredus = Veredus(environment.folder)
        self.folder = environment.folder / "service"
        self.folder.mkdir()
        self.path = self.folder / "submit"
        self.use_port(environment.sink.ports[0])

    def use_port(self, port):
        """Sends to the server at that port, in both ways."""
        direct = self.veredus.config_file(STARTTLS, port, self.env.trust)
        me = pwd.getpwuid(os.geteuid()).pw_name
        service = self.write("service.conf", direct.read_text() + (
            f"users {me}, *\nsessions_user {AT_ONCE}\n"
            f"queue_dir {self.folder}/queue\n"))
        client = self.write("client.conf", (
            f"account default\nsocket {self.path}\ndomain {NAME}\n"
            "syslog off\n"))
        self.serve = [self.veredus.program, "--service", "-C", service]
        self.send = {way: [self.veredus.program, "-C", config, "-i", "-f",
                           SENDER, "--", RECIPIENT]
                     for way, config in ((DIRECT, direct), (THROUGH, client))}

    def write(self, name, text):
        path = self.folder / name
        path.touch(0o600)
        path.write_text(text)
        return path

    def run(self):
        self.print_instructions()
        if not SUPER_SERVER:
            self.table.note("service: times skipped: systemd-socket-activate "
                            "is missing")
            return
        sink = self.env.start_sink("fork")
        proxy = DelayProxy(sink.ports[0], DELAY)
        try:
            self.use_port(sink.ports[0])
            self.print_times(f"{AT_ONCE} clients at once", sink)
            self.use_port(proxy.port)
            self.print_times(
                f"{AT_ONCE} at once over {round(2000 * DELAY)} ms", sink,
                Limit(1.1))
        finally:
            proxy.close()
            sink.close()

    # ---- instructions ----

    def count(self, name, command, **streams):
        """Runs a command; returns the number of its instructions."""
        log = self.folder / f"{name}.log"
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
             f"--log-file={log}", *command], timeout=TOOL_TIMEOUT, check=False,
            env=self.veredus.environment(), stderr=subprocess.PIPE, **streams)
        if run.returncode != 0:
            raise BenchError(run.stderr.decode(errors="replace").strip()
                             or f"status {run.returncode}")
        return int(re.search(r"Collected : (\d+)", log.read_text()).group(1))

    def count_client(self, way):
        with open(self.env.message(SIZE), "rb") as message:
            return self.count(way, self.send[way], stdin=message)

    def count_both(self):
        """Returns the instructions of the client, and of the service."""
        counts = []

        def accept(listener):
            with listener.accept()[0] as connection:
                counts.append(self.count("server", self.serve,
                                         stdin=connection, stdout=connection))

        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.path))
            listener.listen()
            thread = threading.Thread(target=accept, args=[listener])
            thread.start()
            client = self.count_client(THROUGH)
            thread.join(TOOL_TIMEOUT)
        self.path.unlink()
        return client, counts[0]

    def print_instructions(self):
        self.env.sink.discard_output()
        direct = self.count_client(DIRECT)
        self.count_both()  # makes the folders of the service
        client, service = self.count_both()
        self.env.sink.accepted(3, SIZE)
        self.table.title("1 KiB through the service", ["veredus"])
        for label, count, limits in (
                ("direct, M instructions", direct, []),
                ("client, M instructions", client, [Limit(0.6)]),
                ("service, M instructions", service, [])):
            self.table.row(label, {"veredus": count / 1e6}, limits)
        self.table.row("both / direct",
                       {"veredus": (client + service) / direct}, [Limit(1.25)],
                       "{:.3f}")

    # ---- times ----

    def time(self, way, sink):
        """Returns the seconds until all clients have ended."""
        sink.discard_output()
        start = time.monotonic()
        run = subprocess.run(
            ["sh", "-c", START_ALL, "sh", self.env.message(SIZE),
             str(AT_ONCE), *self.send[way]], env=self.veredus.environment(),
            stderr=subprocess.PIPE, timeout=TOOL_TIMEOUT, check=False)
        elapsed = time.monotonic() - start
        if run.stderr:
            raise BenchError(run.stderr.decode(errors="replace").strip())
        sink.accepted(AT_ONCE, SIZE)
        return elapsed

    def start(self):
        process = subprocess.Popen(
            [SUPER_SERVER, "--accept", "--inetd", f"--listen={self.path}",
             *self.serve], env=self.veredus.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        limit = time.monotonic() + TOOL_TIMEOUT
        while not self.path.exists() and time.monotonic() < limit:
            time.sleep(0.01)
        return process

    def print_times(self, title, sink, limit=None):
        minimum = {}
        process = self.start()
        try:
            for turn in range(MAX_ROUNDS if limit else self.rounds):
                if (turn >= self.rounds
                        and minimum[THROUGH] <= limit.bound * minimum[DIRECT]):
                    break
                for way in DIRECT, THROUGH:
                    elapsed = self.time(way, sink)
                    minimum[way] = min(elapsed, minimum.get(way, elapsed))
        finally:
            process.terminate()
            process.wait()
            self.path.unlink(missing_ok=True)
        self.table.title(title, ["veredus"])
        for way in DIRECT, THROUGH:
            self.table.row(f"seconds, {way}", {"veredus": minimum[way]}, [])
        self.table.row("service / direct",
                       {"veredus": minimum[THROUGH] / minimum[DIRECT]},
                       [limit] if limit else [], "{:.3f}")
