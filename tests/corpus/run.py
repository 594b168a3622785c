# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends every message file below a folder, and compares what arrives.

usage: run.py FOLDER [EXAMPLES]

Each message is sent to three servers with different extensions, with its
recipient as an operand (-i) and with the recipients of its header (-t -i).  The
report lists every deviation by class, with the number of runs and EXAMPLES
messages (3); changes that QUIRKS.md describes follow, with one example.
"""

import collections
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import compare
import messages
import sink

PROFILES = {
    "all": ("PIPELINING", "8BITMIME", "SIZE", "DSN", "ENHANCEDSTATUSCODES",
            "SMTPUTF8", "CHUNKING", "BINARYMIME"),
    "common": ("PIPELINING", "8BITMIME", "SIZE"),
    "none": (),
}
RECIPIENT = "recipient@corpus.example"
TIMEOUT = 60  # seconds, for a run


def settings(port):
    return ["--host=127.0.0.1", f"--port={port}", "--tls=off", "--auth=off",
            "--syslog=off", f"--qualify-domain={compare.DOMAIN}",
            "--domain=corpus.example", "-f", "sender@corpus.example"]


def general(text):
    """Leaves out what differs between messages of one class."""
    text = re.sub(r'"[^"]*"|<[^>]*>|\S+@\S+', "...", text.splitlines()[0])
    return re.sub(r"\d+", "N", text)[:160]


def send(server, options, data):
    """Runs the program; returns its deviations."""
    server.messages.clear()
    try:
        run = subprocess.run(
            [os.environ["VEREDUS"], *settings(server.port), *options],
            input=data, capture_output=True, check=False, timeout=TIMEOUT,
            env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"})
    except subprocess.TimeoutExpired:
        return [("time-out", "")]
    if run.returncode == 64 and not compare.recipients_of(data):
        return []  # nobody to send it to, as it must be
    if run.returncode == 65 and b"needs SMTPUTF8" in run.stderr:
        return [(compare.INTENDED + "rejected: an address needs SMTPUTF8",
                 run.stderr.decode("utf-8", "replace"))]
    if run.returncode:
        text = run.stderr.decode("utf-8", "replace")
        return [(f"exit {run.returncode}: {general(text or '-')}", text)]
    if len(server.messages) != 1:
        return [("exit 0 without one message", str(len(server.messages)))]
    return compare.compare(data, server.messages[0].data)


def envelope(server, data, from_header):
    """Returns the deviations of the recipients of the message that arrived."""
    if not server.messages:
        return []
    wanted = compare.recipients_of(data) if from_header else [RECIPIENT]
    arrived = sorted(map(compare.qualified, server.messages[0].recipients))
    if {name.lower() for name in wanted} != {name.lower() for name in arrived}:
        return [("recipients differ", f"{wanted} -> {arrived}")]
    return []


servers = {}


def check(item):
    """Sends one message to each server; returns its deviations."""
    name, data = item
    if not servers:
        for profile, keywords in PROFILES.items():
            servers[profile] = sink.Sink()
            servers[profile].keywords = keywords or ("HELP",)
    found = []
    for profile, server in servers.items():
        for options in (["-i", RECIPIENT], ["-t", "-i"]):
            deviations = send(server, options, data)
            deviations += envelope(server, data, "-t" in options)
            found += [(kind, f"{name} ({profile}, {options[0]}): {detail}")
                      for kind, detail in deviations]
    return found


def print_class(kind, details, examples):
    print(f"\n{len(details):6} {kind}")
    for detail in sorted(details)[:examples]:
        print(f"       {ascii(detail)[1:-1][:400]}")


def main(folder, examples="3"):
    kinds = collections.defaultdict(list)
    items = list(messages.find(folder))
    with multiprocessing.Pool() as pool:
        for found in pool.imap_unordered(check, items, 8):
            for kind, detail in found:
                kinds[kind].append(detail)
    print(f"{len(items)} messages, {len(items) * 2 * len(PROFILES)} runs")
    by_size = sorted(kinds.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    for kind, details in by_size:
        if not kind.startswith(compare.INTENDED):
            print_class(kind, details, int(examples))
    for kind, details in by_size:
        if kind.startswith(compare.INTENDED):
            print_class(kind, details, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
