# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that is printed, and its limits."""

import sys

COLUMN_WIDTH = 7
BEST = "best"  # as the peer of a limit: the lowest figure of the others


class Limit:
    """An upper bound: a number, or a fraction of another program's figure."""

    def __init__(self, bound, peer=None):
        self.bound = bound
        self.peer = peer

    def find_peer(self, figures):
        """Returns the name of the program to compare with, or None."""
        if self.peer != BEST:
            return self.peer if figures.get(self.peer) else None
        others = [name for name in figures if name != "veredus"]
        return min(others, key=figures.get, default=None)

    def evaluate(self, figures):
        """Returns a text, and whether the limit is met (None: unknown)."""
        if "veredus" not in figures:
            return "no figure", False
        if self.peer is None:
            return f"<= {self.bound:g}", figures["veredus"] <= self.bound
        peer = self.find_peer(figures)
        if not peer:
            return f"no {self.peer} to compare with", None
        share = figures["veredus"] / figures[peer]
        return (f"{share:.3f} of {peer}, <= {self.bound:g}",
                share <= self.bound)


class Table:
    """Parts with a column for each program, whose figures are dictionaries."""

    def __init__(self):
        self.columns = []
        self.notes = []
        self.missed = []

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def title(self, text, columns):
        self.columns = columns
        names = "".join(f"  {name:>{COLUMN_WIDTH}}" for name in columns)
        print(f"\n{text:<28}{names}  limit")

    def row(self, label, figures, limits, form="{:.2f}"):
        cells = ""
        for name in self.columns:
            cell = form.format(figures[name]) if name in figures else "-"
            cells += f"  {cell:>{max(COLUMN_WIDTH, len(name))}}"
        results = []
        for limit in limits:
            result, met = limit.evaluate(figures)
            results.append(result + {True: ": met", False: ": MISSED",
                                     None: ""}[met])
            if met is False:
                self.missed.append(label)
        print(f"  {label:<26}{cells}  {'; '.join(results)}".rstrip())
        sys.stdout.flush()
