#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares veredus with other programs and prints one table; see README.

Exits with 1 if veredus misses a limit.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import clients  # noqa: E402
from clients import (FROM_PIPE, IMPLICIT, NAMELESS, PLAIN,  # noqa: E402
                     STARTTLS, SYSTEM, WITH_DATA, WITH_DOTS)
from delay_proxy import DelayProxy  # noqa: E402
from enqueue import Enqueue  # noqa: E402
from environment import BenchError, Environment  # noqa: E402
from flush import Flush  # noqa: E402
from long_queue import LongQueue  # noqa: E402
from through_service import Service  # noqa: E402
import silent_dns  # noqa: E402
from table import Limit, Table  # noqa: E402
from token_cost import TokenCost  # noqa: E402

SMALL = 1024
LARGE = 100_000_000
FAR = 10_000_000   # octets of the message to a distant server
FAR_DELAY = 0.05   # seconds each way to that server
RUNS_PER_TURN = 3  # with a small message, before the next program runs
SCENES = ("instructions", "times", "round-trips", "far", "silent-dns",
          "enqueue", "flush", "queued", "service", "token")
MAX_ROUNDS = 5     # rounds of turns until the wall time reaches its limit


class Bench:
    def __init__(self, environment, quick):
        self.env = environment
        self.quick = quick
        known = [kind(environment.folder) for kind in clients.CLIENTS]
        self.clients = [client for client in known if client.program]
        self.turns = 2 if quick else 10
        self.large_turns = 2 if quick else 5
        self.delay = 0.03 if quick else 0.1
        self.table = Table()
        for client in known:
            if not client.program:
                self.table.note(
                    f"{client.name} is missing: ./dev deps installs it")

    # ---- measurements: each function returns {client name: figure} ----

    def measure_each(self, config, measure, turn=0, large=False):
        figures = {}
        if config.system and self.env.store_skip_reason:
            self.table.note(
                f"{config.label}: skipped: {self.env.store_skip_reason}")
            return figures
        for client in self.clients:
            interval = (client.large_interval if large
                        else client.interval)
            if (config not in client.configs or not interval
                or turn % interval):
                continue
            try:
                figures[client.name] = measure(client)
            except BenchError as error:
                self.table.note(f"{client.name}, {config.label}: {error}")
        return figures

    def small_instructions(self, config):
        # A quick run leaves out the programs that skip turns.
        return self.measure_each(
            config,
            lambda client: self.env.instructions(client, config, SMALL),
            turn=1 if self.quick else 0)

    def instructions_per_octet(self, config, small):
        def measure(client):
            size = client.large_size // (5 if self.quick else 1)
            if client.name == "veredus":
                size = LARGE
            return (self.env.instructions(client, config, size)
                    - small.get(client.name, 0)) / (size - SMALL)

        return self.measure_each(config, measure, large=True)

    def times(self, config, size, limit):
        """Returns the minimum wall times in ms and the peak memory in MiB.

        On a busy machine the minimum of a few runs is too high, so all
        programs run more often if the limit is missed.
        """
        minimum, peak = {}, {}
        large = size > SMALL

        def measure(client):
            for run in self.env.run(client, config, size,
                                    1 if large else RUNS_PER_TURN):
                elapsed = 1000 * (run[1] - run[0])
                minimum[client.name] = min(
                    elapsed, minimum.get(client.name, elapsed))
                peak[client.name] = max(run[3] / 1024,
                                        peak.get(client.name, 0))

        turns = self.large_turns if large else self.turns
        for turn in range(MAX_ROUNDS * turns):
            round_is_over = turn > 0 and turn % turns == 0
            if round_is_over and limit.evaluate(minimum)[1] is not False:
                break
            self.measure_each(config, measure, turn, large)
        return minimum, peak

    def delayed_times(self, config):
        """Returns the seconds to the final reply, and to the exit."""
        proxy = DelayProxy(self.env.sink.ports[config.listener], self.delay)
        reply_times, exit_times = {}, {}

        def measure(client):
            run = self.env.run(client, config, SMALL, port=proxy.port)[0]
            start = proxy.start_times[-1]
            # The server sends the reply one delay before it arrives.
            reply_times[client.name] = run[2] + self.delay - start
            exit_times[client.name] = run[1] - start

        self.measure_each(config, measure)
        proxy.close()
        return reply_times, exit_times

    def far_times(self, limits):
        """Returns {config: {client name: minimum time to the exit in ms}}.

        The programs run more often if a limit is missed: see times().
        """
        proxy = DelayProxy(self.env.sink.ports[PLAIN.listener], FAR_DELAY)
        minimum = {PLAIN: {}, WITH_DATA: {}}

        def measure(client, config):
            run = self.env.run(client, config, FAR, port=proxy.port)[0]
            elapsed = 1000 * (run[1] - proxy.start_times[-1])
            figures = minimum[config]
            figures[client.name] = min(
                elapsed, figures.get(client.name, elapsed))

        for turn in range(MAX_ROUNDS * self.large_turns):
            round_is_over = turn > 0 and turn % self.large_turns == 0
            if round_is_over and all(
                    limit.evaluate(figures)[1] is not False
                    for limit, figures in limits(minimum)):
                break
            for config in minimum:
                self.measure_each(
                    config, lambda client, config=config: measure(
                        client, config), turn, large=True)
        proxy.close()
        return minimum

    def silent_dns_times(self, limit):
        """Returns the minimum seconds of the runs, and the DNS packets of one.

        Only programs that read our configuration file take part.
        """
        try:
            scene = silent_dns.SilentDns(self.env)
        except OSError as error:
            self.table.note(f"silent DNS: skipped: {error}")
            return {}, {}
        minimum, packets = {}, {}
        for turn in range(MAX_ROUNDS):
            if turn > 0 and limit.evaluate(minimum)[1] is not False:
                break
            for client in self.clients:
                if client.name not in ("veredus", "msmtp"):
                    continue
                try:
                    elapsed, count = scene.run(client, NAMELESS, SMALL)
                except BenchError as error:
                    self.table.note(f"{client.name}, silent DNS: {error}")
                    continue
                minimum[client.name] = min(
                    elapsed, minimum.get(client.name, elapsed))
                packets[client.name] = count / silent_dns.AT_ONCE
        scene.close()
        return minimum, packets

    # ---- the table ----

    def title(self, text):
        self.table.title(text, [client.name for client in self.clients])

    def print_instructions(self):
        self.title("instructions, million")
        small = {}
        for config, limits in (
                (PLAIN, [Limit(0.1, "msmtp")]),
                (STARTTLS, [Limit(1, "msmtp")]),
                (IMPLICIT, [Limit(0.7, "msmtp")]),
                (SYSTEM, [Limit(0.15, "msmtp")])):
            small[config] = self.small_instructions(config)
            self.table.row("1 KiB " + config.label,
                     {name: count / 1e6
                      for name, count in small[config].items()},
                     limits)
        self.title("instructions for each octet")
        for config, limits in (
                (PLAIN, [Limit(1.5)]),
                (IMPLICIT, [Limit(1, "curl")]),
                *(() if self.quick else ((config, [Limit(1.5)]) for config in (
                    WITH_DATA, FROM_PIPE, WITH_DOTS)))):
            subtract = small[IMPLICIT if config is IMPLICIT else PLAIN]
            self.table.row("100 MB " + config.label,
                     self.instructions_per_octet(config, subtract), limits)

    def print_times(self):
        peaks = []
        self.title("wall time, ms")
        for config, size, limit in (
                (PLAIN, SMALL, Limit(0.5, "smtp-source")),
                (STARTTLS, SMALL, Limit(0.5, "curl")),
                (IMPLICIT, SMALL, Limit(0.5, "curl")),
                (SYSTEM, SMALL, Limit(0.5, "curl")),
                (PLAIN, LARGE, Limit(0.85, "curl")),
                (IMPLICIT, LARGE, Limit(0.85, "curl"))):
            minimum, peak = self.times(config, size, limit)
            label = ("1 KiB " if size == SMALL else "100 MB ") + config.label
            self.table.row(label, minimum, [limit],
                     "{:.2f}" if size == SMALL else "{:.0f}")
            small = size == SMALL and config is PLAIN
            peaks.append((label, peak, Limit(4 if small else 12)))
        self.title("peak memory, MiB")
        for label, peak, limit in peaks:
            self.table.row(label, peak, [limit], "{:.1f}")

    def print_round_trips(self):
        trip = 2 * self.delay
        rows = []
        self.title(f"ms, {1000 * self.delay:.0f} ms each way")
        for config, trips in (PLAIN, 4), (STARTTLS, 8), (IMPLICIT, 6):
            for goal, times in zip(("reply", "end"),
                                   self.delayed_times(config)):
                label = f"to the {goal}, {config.label}"
                self.table.row(label, {name: 1000 * seconds for name, seconds
                                 in times.items()}, [], "{:.0f}")
                rows.append((label, {name: round(seconds / trip) for
                                     name, seconds in times.items()}, trips))
        self.title("the same in round trips")
        for label, figures, trips in rows:
            self.table.row(label, figures, [Limit(trips)], "{:d}")

    def print_far_times(self):
        def share(minimum):
            by_data = minimum[WITH_DATA].get("veredus")
            by_bdat = minimum[PLAIN].get("veredus")
            return ({"veredus": by_bdat / by_data}
                    if by_data and by_bdat else {})

        def limits(minimum):
            return [(Limit(0.75, "curl"), minimum[PLAIN]),
                    (Limit(1.02), share(minimum))]

        minimum = self.far_times(limits)
        (curl, plain), (one, ratio) = limits(minimum)
        self.title(f"ms, {1000 * FAR_DELAY:.0f} ms each way")
        self.table.row("10 MB plain", plain, [curl], "{:.0f}")
        self.table.row("10 MB plain, by DATA", minimum[WITH_DATA], [], "{:.0f}")
        self.table.row("10 MB, BDAT / DATA", ratio, [one], "{:.3f}")

    def print_silent_dns(self):
        reason = silent_dns.skip_reason()
        if reason:
            self.table.note(f"silent DNS: skipped: {reason}")
            return
        limit = Limit(1, "msmtp")
        minimum, packets = self.silent_dns_times(limit)
        self.title(f"{silent_dns.AT_ONCE} at once, silent DNS")
        self.table.row("seconds", minimum, [limit])
        self.table.row("DNS packets of each run", packets, [Limit(0)], "{:.0f}")

    def print_all(self, only):
        start = time.monotonic()
        print_machine(self.clients)
        scenes = dict(zip(SCENES, (
            self.print_instructions, self.print_times,
            self.print_round_trips, self.print_far_times,
            self.print_silent_dns,
            *(lambda part=part: part(self.env, self.table, self.quick).run()
              for part in (Enqueue, Flush, LongQueue, Service, TokenCost)))))
        for name in only or SCENES:
            scenes[name]()
        print()
        for text in self.table.notes:
            print(f"note: {text}")
        print(f"{time.monotonic() - start:.0f} seconds.  "
              + ("MISSED: " + ", ".join(self.table.missed)
                 if self.table.missed else "No limit was missed."))
        return 1 if self.table.missed else 0


def library(name):
    """Returns the name and package version of a library."""
    package = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", name],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=False)
    return f"{name} {package.stdout or '?'}"


def print_machine(programs):
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        match = re.search(r"model name\s*: (.*)", info.read())
        if match:
            model = match.group(1)
    print(f"{time.strftime('%Y-%m-%d')}: {os.cpu_count()} x {model}, "
          f"{platform.system()} {platform.release().split('-')[0]}, load "
          f"{os.getloadavg()[0]:.1f}")
    print(", ".join(library(name) for name in (
        "libc6", "libgnutls30", "libgsasl18", "libidn2-0")))
    print(", ".join(client.version() for client in programs))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true",
                        help="fewer runs and a shorter delay: less exact")
    parser.add_argument("--only", action="append", choices=SCENES,
                        help="print only this part of the table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="veredus-bench-") as folder:
        environment = Environment(folder)
        try:
            return Bench(environment, arguments.quick).print_all(arguments.only)
        finally:
            environment.close()


if __name__ == "__main__":
    sys.exit(main())
