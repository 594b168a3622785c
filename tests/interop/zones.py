# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the name servers of routes.py know, and the certificates that fit.

ONE, TWO and THREE are the addresses of three Postfix instances, known as
one.plain.test, one.signed.test and so on.
"""

from names import Zone
from network import SERVERS

TRIO = ["one", "two", "three"]
ONE, TWO, THREE = SERVERS[11:14]
ADDRESSES = dict(zip(TRIO, (ONE, TWO, THREE)))
SINKS = dict(zip(TRIO, SERVERS[14:17]))  # for test_load.py
WEIGHTS = {"one": 60, "two": 30, "three": 10}
HOSTS = "".join(f"{name} A {address}\n"
                for name, address in ADDRESSES.items())
LOAD = "".join(f"{name}.load A {address}\n"
               f"_submissions._tcp.load SRV 0 {WEIGHTS[name]} 465 {name}.load\n"
               for name, address in SINKS.items())

SRV_PLAIN = """
_submissions._tcp SRV 0 1 465 one
_submissions._tcp SRV 0 1 465 two
_submissions._tcp SRV 0 1 465 three
_submission._tcp.starttls SRV 0 0 587 one
_submission._tcp.ordered SRV 10 0 587 one
_submission._tcp.ordered SRV 20 0 587 two
_submission._tcp.ordered SRV 30 0 587 three
_submissions._tcp.pointed SRV 0 0 465 one.signed.test.
_submissions._tcp.none SRV 0 0 0 .
_submission._tcp.none SRV 0 0 0 .
"""

SRV_SIGNED = """
_submissions._tcp SRV 0 0 465 one
_submission._tcp.starttls SRV 0 0 587 two
_submissions._tcp.one SRV 0 0 465 nameless
_submissions._tcp.away SRV 0 0 465 one.plain.test.
nameless A {one}
"""


def issue(certificates):
    """One for each of the three; those of plain.test are all its servers."""
    for name in TRIO:
        certificates.issue(f"exchange-{name}", dns=[
            "plain.test", f"{name}.plain.test", f"{name}.signed.test",
            "ordered.plain.test", "load.plain.test"])


def make(certificates):
    """The zones."""
    return [
        Zone("plain.test", HOSTS + SRV_PLAIN + LOAD),
        Zone("signed.test", HOSTS + SRV_SIGNED.format(one=ONE), signed=True),
        Zone("expired.test", HOSTS + SRV_PLAIN, signed=True, expired=True),
    ]
