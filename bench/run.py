#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares veredus with its peers and prints one table; see README.

Ends with 1 if veredus misses what is expected of it now.
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
from clients import IMPLICIT, PLAIN, STARTTLS, SYSTEM  # noqa: E402
from relay import Relay  # noqa: E402
from world import Failed, World  # noqa: E402

SMALL = 1024
LARGE = 100_000_000
COUNTED = 10_000_000  # enough to count instructions for each octet
WIDTH = 7             # of a column
ROUNDS = 3            # the programs take turns, so that all see all weather


class Goal:
    """A bound for a figure of veredus: a constant, or a share of a peer's."""

    def __init__(self, bound, peers=(), at_least=False):
        self.bound = bound
        self.peers = peers
        self.at_least = at_least

    def __str__(self):
        sign = ">=" if self.at_least else "<="
        bound = "" if self.bound == 1 else f"{self.bound:g} "
        return f"{sign} {bound}{', '.join(self.peers)}".strip()

    def met(self, figures):
        """True or False; None if there is nothing to compare with."""
        if not figures or any(peer not in figures for peer in self.peers):
            return None
        if "veredus" not in figures:
            return False
        ours = figures["veredus"]
        bounds = [self.bound * figures[p] for p in self.peers]
        return all(ours >= bound if self.at_least else ours <= bound
                   for bound in bounds or [self.bound])


BELOW_BOTH = Goal(1, ("msmtp", "curl"))
NO_STALL = Goal(35)
SMALL_MEMORY = Goal(12)


class Bench:
    def __init__(self, world, quick):
        self.world = world
        self.clients = [made for made in (
            kind(world.folder) for kind in clients.CLIENTS) if made.program]
        self.runs = 6 if quick else 30
        self.large_runs = 1 if quick else 3
        self.delay = 0.03 if quick else 0.1
        self.notes = []
        self.missed = []

    # ---- measuring: each function returns {name of client: figure} ----

    def each(self, way, measure, large=False):
        figures = {}
        if way.system and self.world.no_store:
            self.note(f"{way.label}: skipped: {self.world.no_store}")
            return figures
        for client in self.clients:
            if way not in client.ways or (large and not client.large):
                continue
            try:
                figures[client.name] = measure(client)
            except Failed as failure:
                self.note(f"{client.name}, {way.label}: {failure}")
        return figures

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def small_instructions(self, way):
        return self.each(way, lambda client: self.world.instructions(
            client, way, SMALL))

    def instructions_per_octet(self, way, small):
        return self.each(way, lambda client: (
            self.world.instructions(client, way, COUNTED)
            - small.get(client.name, 0)) / (COUNTED - SMALL), large=True)

    def times(self, way, size, runs):
        """Two tables: the least wall time in seconds, the peak in MiB."""
        least, peak = {}, {}

        def measure(client):
            count = max(1, round(runs * client.runs / ROUNDS))
            for run in self.world.run(client, way, size, count):
                took = run[1] - run[0]
                least[client.name] = min(took, least.get(client.name, took))
                peak[client.name] = max(run[3] / 1024,
                                        peak.get(client.name, 0))

        for _ in range(min(ROUNDS, runs)):
            self.each(way, measure, large=size > SMALL)
        return least, peak

    def round_trips(self, way):
        """Two tables: up to the final reply, up to the end."""
        relay = Relay(self.world.sink.ports[way.listener], self.delay)
        replied, ended = {}, {}

        def measure(client):
            run = self.world.run(client, way, SMALL, port=relay.port)[0]
            began = relay.began[-1]
            trip = 2 * self.delay
            # The reply still has to come from the server to the client.
            replied[client.name] = round(
                (run[2] + self.delay - began) / trip)
            ended[client.name] = round((run[1] - began) / trip)

        self.each(way, measure)
        relay.close()
        return replied, ended

    # ---- the table ----

    def title(self, text):
        names = "".join(f"  {client.name:>{WIDTH}}"
                        for client in self.clients)
        print(f"\n{text:<26}{names}  /msmtp   /curl  expected; goal")

    def row(self, label, figures, form="{:.2f}", now=None, goal=None):
        cells = ""
        for client in self.clients:
            cell = "-"
            if client.name in figures:
                cell = form.format(figures[client.name])
            cells += f"  {cell:>{max(WIDTH, len(client.name))}}"
        ratios = "".join(
            f"{figures['veredus'] / figures[peer]:8.3f}"
            if figures.get(peer) and "veredus" in figures else f"{'-':>8}"
            for peer in ("msmtp", "curl"))
        said = []
        for bound, other in ((now, "MISSED"), (goal, "not yet")):
            if bound:
                met = bound.met(figures)
                said.append(f"{bound}: " + (
                    "nothing to compare" if met is None else "ok" if met else other))
                if bound is now and met is False:
                    self.missed.append(label)
        print(f"  {label:<24}{cells}{ratios}  {'; '.join(said)}".rstrip())
        sys.stdout.flush()

    def print_instructions(self):
        self.title("instructions, million")
        small = {}
        for way, goal in ((PLAIN, Goal(0.1, ("msmtp",))), (STARTTLS, None),
                          (IMPLICIT, Goal(0.7, ("msmtp",))),
                          (SYSTEM, Goal(0.15, ("msmtp",)))):
            small[way] = self.small_instructions(way)
            millions = {name: count / 1e6
                        for name, count in small[way].items()}
            self.row("1 KiB " + way.label, millions, now=BELOW_BOTH,
                     goal=goal)
        self.title("instructions for each octet")
        for way, goal in (PLAIN, Goal(1.5)), (IMPLICIT, None):
            self.row("large, " + way.label,
                     self.instructions_per_octet(way, small[way]),
                     now=BELOW_BOTH, goal=goal)

    def print_times(self):
        peaks = []
        self.title("wall time, ms")
        for way, goal in ((PLAIN, Goal(0.5, ("smtp-source",))),
                          (STARTTLS, Goal(0.5, ("curl",))),
                          (IMPLICIT, Goal(0.5, ("curl",))),
                          (SYSTEM, Goal(0.5, ("curl",)))):
            least, peak = self.times(way, SMALL, self.runs)
            peaks.append(("1 KiB " + way.label, peak,
                          Goal(4) if way is PLAIN else None))
            self.row("1 KiB " + way.label,
                     {name: 1000 * took for name, took in least.items()},
                     now=NO_STALL, goal=goal)
        self.title("100 MB, MB/s")
        for way in PLAIN, IMPLICIT:
            least, peak = self.times(way, LARGE, self.large_runs)
            peaks.append(("100 MB " + way.label, peak, None))
            self.row("100 MB " + way.label,
                     {name: LARGE / 1e6 / took
                      for name, took in least.items()}, "{:.0f}",
                     now=Goal(10, ("msmtp",), at_least=True),
                     goal=Goal(1.11, ("curl",), at_least=True))
        self.title("peak memory, MiB")
        for label, peak, goal in peaks:
            self.row(label, peak, "{:.1f}", now=SMALL_MEMORY, goal=goal)

    def print_round_trips(self):
        ends = []
        self.title("round trips from SYN")
        for way, trips in (PLAIN, 4), (STARTTLS, 8), (IMPLICIT, 6):
            replied, ended = self.round_trips(way)
            ends.append((way, ended))
            self.row(f"to the reply, {way.tls or 'plain'}", replied, "{:d}",
                     goal=Goal(trips))
        for way, ended in ends:
            self.row(f"to the end, {way.tls or 'plain'}", ended, "{:d}")

    def print_all(self):
        began = time.monotonic()
        print_machine(self.clients)
        self.print_instructions()
        self.print_times()
        self.print_round_trips()
        print()
        for text in self.notes:
            print(f"note: {text}")
        print(f"{time.monotonic() - began:.0f} seconds.  "
              + ("missed what is expected now: " + ", ".join(self.missed)
                 if self.missed else "All is as expected now."))
        return 1 if self.missed else 0


def library(name):
    """The version of a library, as its package tells it."""
    found = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", name],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=False)
    return f"{name} {found.stdout or '?'}"


def print_machine(present):
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        match = re.search(r"model name\s*: (.*)", info.read())
        if match:
            model = match.group(1)
    print(f"{time.strftime('%Y-%m-%d')}: {os.cpu_count()} x {model}, "
          f"{platform.system()} {platform.release()}, load "
          f"{os.getloadavg()[0]:.1f}")
    print(", ".join(library(name) for name in (
        "libc6", "libgnutls30", "libgsasl18", "libidn2-0")))
    print(", ".join(client.version() for client in present))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true",
                        help="fewer runs, and a shorter way: less exact")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="veredus-bench-") as folder:
        world = World(folder)
        try:
            return Bench(world, asked.quick).print_all()
        finally:
            world.close()


if __name__ == "__main__":
    sys.exit(main())
