#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares veredus with its peers and prints one table; see README.

Ends with 1 if veredus misses a limit.
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
from clients import (BY_DATA, FROM_PIPE, IMPLICIT, PLAIN,  # noqa: E402
                     STARTTLS, SYSTEM, WITH_DOTS)
from relay import Relay  # noqa: E402
from world import Failed, World  # noqa: E402

SMALL = 1024
LARGE = 100_000_000
WIDTH = 7   # of a column
TURN = 3    # runs of a small message before the next program has its turn
TRIES = 5   # how often a wall time that missed its limit is measured


class Limit:
    """A bound from above for a figure of veredus: a constant, or a share of
    a peer's."""

    def __init__(self, bound, peer=None):
        self.bound = bound
        self.peer = peer

    def judge(self, figures):
        """In words, and whether it is met; None: nothing to compare with."""
        if "veredus" not in figures:
            return "no figure", False
        if self.peer is None:
            return f"<= {self.bound:g}", figures["veredus"] <= self.bound
        if not figures.get(self.peer):
            return f"no {self.peer} to compare with", None
        share = figures["veredus"] / figures[self.peer]
        return (f"{share:.3f} of {self.peer}, <= {self.bound:g}",
                share <= self.bound)


class Bench:
    def __init__(self, world, quick):
        self.world = world
        self.quick = quick
        made = [kind(world.folder) for kind in clients.CLIENTS]
        self.clients = [client for client in made if client.program]
        self.turns = 2 if quick else 10
        self.large_turns = 2 if quick else 5
        self.delay = 0.03 if quick else 0.1
        self.notes = [f"{client.name} is missing: ./dev deps gets it"
                      for client in made if not client.program]
        self.missed = []

    # ---- measuring: each function returns {name of client: figure} ----

    def each(self, way, measure, turn=0, large=False):
        figures = {}
        if way.system and self.world.no_store:
            self.note(f"{way.label}: skipped: {self.world.no_store}")
            return figures
        for client in self.clients:
            every = client.every_large if large else client.every
            if way not in client.ways or not every or turn % every:
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
        # A quick run leaves out those that do not always have their turn.
        return self.each(way, lambda client: self.world.instructions(
            client, way, SMALL), turn=1 if self.quick else 0)

    def instructions_per_octet(self, way, small):
        def measure(client):
            size = client.counted // (5 if self.quick else 1)
            if client.name == "veredus":
                size = LARGE
            return (self.world.instructions(client, way, size)
                    - small.get(client.name, 0)) / (size - SMALL)

        return self.each(way, measure, large=True)

    def times(self, way, size, limit):
        """Two tables: the least wall time in ms, the peak in MiB.

        On a busy machine the least of a few runs is not what it would be of
        many, so there are more for all if the limit is missed.
        """
        least, peak = {}, {}
        large = size > SMALL

        def measure(client):
            for run in self.world.run(client, way, size, 1 if large else TURN):
                took = 1000 * (run[1] - run[0])
                least[client.name] = min(took, least.get(client.name, took))
                peak[client.name] = max(run[3] / 1024,
                                        peak.get(client.name, 0))

        turns = self.large_turns if large else self.turns
        for turn in range(TRIES * turns):
            enough = turn > 0 and turn % turns == 0
            if enough and limit.judge(least)[1] is not False:
                break
            self.each(way, measure, turn, large)
        return least, peak

    def way_times(self, way):
        """Two tables of seconds: to the final reply, and to the end."""
        relay = Relay(self.world.sink.ports[way.listener], self.delay)
        replied, ended = {}, {}

        def measure(client):
            run = self.world.run(client, way, SMALL, port=relay.port)[0]
            began = relay.began[-1]
            # The reply still has to come from the server to the client.
            replied[client.name] = run[2] + self.delay - began
            ended[client.name] = run[1] - began

        self.each(way, measure)
        relay.close()
        return replied, ended

    # ---- the table ----

    def title(self, text):
        names = "".join(f"  {client.name:>{WIDTH}}"
                        for client in self.clients)
        print(f"\n{text:<28}{names}  limit")

    def row(self, label, figures, limits, form="{:.2f}"):
        cells = ""
        for client in self.clients:
            cell = "-"
            if client.name in figures:
                cell = form.format(figures[client.name])
            cells += f"  {cell:>{max(WIDTH, len(client.name))}}"
        said = []
        for limit in limits:
            words, met = limit.judge(figures)
            said.append(words + {True: ": met", False: ": MISSED",
                                 None: ""}[met])
            if met is False:
                self.missed.append(label)
        print(f"  {label:<26}{cells}  {'; '.join(said)}".rstrip())
        sys.stdout.flush()

    def print_instructions(self):
        self.title("instructions, million")
        small = {}
        for way, limits in (
                (PLAIN, [Limit(0.1, "msmtp")]),
                (STARTTLS, [Limit(1, "msmtp")]),
                (IMPLICIT, [Limit(0.7, "msmtp")]),
                (SYSTEM, [Limit(0.15, "msmtp")])):
            small[way] = self.small_instructions(way)
            self.row("1 KiB " + way.label,
                     {name: count / 1e6 for name, count in small[way].items()},
                     limits)
        self.title("instructions for each octet")
        for way, limits in (
                (PLAIN, [Limit(1.5)]),
                (IMPLICIT, [Limit(1, "curl")]),
                *(() if self.quick else ((way, [Limit(1.5)]) for way in (
                    BY_DATA, FROM_PIPE, WITH_DOTS)))):
            known = small[IMPLICIT if way is IMPLICIT else PLAIN]
            self.row("100 MB " + way.label,
                     self.instructions_per_octet(way, known), limits)

    def print_times(self):
        peaks = []
        self.title("wall time, ms")
        for way, size, limit in (
                (PLAIN, SMALL, Limit(0.5, "smtp-source")),
                (STARTTLS, SMALL, Limit(0.5, "curl")),
                (IMPLICIT, SMALL, Limit(0.5, "curl")),
                (SYSTEM, SMALL, Limit(0.5, "curl")),
                (PLAIN, LARGE, Limit(0.9, "curl")),
                (IMPLICIT, LARGE, Limit(0.9, "curl"))):
            least, peak = self.times(way, size, limit)
            label = ("1 KiB " if size == SMALL else "100 MB ") + way.label
            self.row(label, least, [limit],
                     "{:.2f}" if size == SMALL else "{:.0f}")
            small = size == SMALL and way is PLAIN
            peaks.append((label, peak, Limit(4 if small else 12)))
        self.title("peak memory, MiB")
        for label, peak, limit in peaks:
            self.row(label, peak, [limit], "{:.1f}")

    def print_round_trips(self):
        trip = 2 * self.delay
        rows = []
        self.title(f"ms, {1000 * self.delay:.0f} ms each way")
        for way, trips in (PLAIN, 4), (STARTTLS, 8), (IMPLICIT, 6):
            for goal, took in zip(("reply", "end"), self.way_times(way)):
                label = f"to the {goal}, {way.label}"
                self.row(label, {name: 1000 * seconds for name, seconds
                                 in took.items()}, [], "{:.0f}")
                rows.append((label, {name: round(seconds / trip) for
                                     name, seconds in took.items()}, trips))
        self.title("the same in round trips")
        for label, figures, trips in rows:
            self.row(label, figures, [Limit(trips)], "{:d}")

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
              + ("MISSED: " + ", ".join(self.missed)
                 if self.missed else "No limit was missed."))
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
          f"{platform.system()} {platform.release().split('-')[0]}, load "
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
