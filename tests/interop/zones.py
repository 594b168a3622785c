# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones of mail_network.py, and the certificates of the hosts in them.

ONE, TWO and THREE are the addresses of three Postfix instances, named
one.plain.test, one.signed.test and so on.  A fourth instance is for DANE: see
dane_servers.py.
"""

import dane_servers
from dns_servers import Zone
from network import SERVERS, SILENT6

MX_NAMES = ["one", "two", "three"]
ONE, TWO, THREE = SERVERS[11:14]
ADDRESSES = dict(zip(MX_NAMES, (ONE, TWO, THREE)))
POLICY_HOST = SERVERS[30]
SINKS = dict(zip(MX_NAMES, SERVERS[14:17]))  # for test_load.py
WEIGHTS = {"one": 60, "two": 30, "three": 10}
HOSTS = "".join(f"{name} A {address}\n"
                for name, address in ADDRESSES.items())
LOAD = "".join(f"{name}.load A {address}\n"
               f"_submissions._tcp.load SRV 0 {WEIGHTS[name]} 465 "
               f"{name}.load\n"
               for name, address in SINKS.items())

SRV_PLAIN = """
_submissions._tcp SRV 0 1 465 one
_submissions._tcp SRV 0 1 465 two
_submissions._tcp SRV 0 1 465 three
_submission._tcp.starttls SRV 0 0 587 one
_submission._tcp.ordered SRV 10 0 587 one
_submission._tcp.ordered SRV 20 0 587 two
_submission._tcp.ordered SRV 30 0 587 three
_submissions._tcp.srv-to-signed SRV 0 0 465 one.signed.test.
_submissions._tcp.none SRV 0 0 0 .
_submission._tcp.none SRV 0 0 0 .
"""

SRV_SIGNED = """
_submissions._tcp SRV 0 0 465 one
_submission._tcp.starttls SRV 0 0 587 two
_submissions._tcp.one SRV 0 0 465 other-name
_submissions._tcp.srv-to-plain SRV 0 0 465 one.plain.test.
other-name A {one}
"""

# Forty names of 63 octets: the response does not fit into a UDP packet.
LONG_NAMES = [f"{'nonexistent-host-':a<60}-{number:02}"
              for number in range(40)]

MX_PLAIN = """
@ MX 10 one
@ MX 10 two
@ MX 10 three
ordered MX 10 one
ordered MX 20 two
ordered MX 30 three
to-signed MX 10 ee-mismatch-mx.signed.test.
first MX 10 one
also-first MX 10 one
second MX 10 two
alias CNAME first
alias-of-alias CNAME alias
cname-loop CNAME cname-loop-2
cname-loop-2 CNAME cname-loop
dangling-alias CNAME nxdomain
mx-is-alias MX 10 one-alias
one-alias CNAME one
implicit A {one}
null MX 0 .
text TXT "no mail here"
wrong-name MX 10 one.elsewhere.test.
no-address MX 10 nxdomain
literal MX 10 {one}.
loopback MX 10 lo
lo A 127.0.0.1
lo A 127.1.2.3
loopback6 MX 10 lo6
lo6 AAAA ::1
lo6 AAAA ::ffff:127.0.0.1
unspecified MX 10 unspecified-host
unspecified-host A 0.0.0.0
unspecified-host AAAA ::
*.wildcard MX 10 one
*.wildcard MX 20 two
local-mx MX 10 client
client A 192.0.2.1
local-mx6 MX 10 client6
client6 AAAA 2001:db8::1
backup MX 10 one
backup MX 20 client
backup MX 30 two
broadcast MX 10 all
all A 255.255.255.255
all A 224.0.0.1
silent6 MX 10 silent6-host
silent6-host AAAA {silent6}
silent6-host A {one}
unreachable6 MX 10 unreachable6-host
unreachable6 MX 20 one
unreachable6-host AAAA 2001:db8:ffff::1
bogus-host MX 10 one.expired.test.
bogus-first MX 10 one.expired.test.
bogus-first MX 20 two
long-names MX 10 one
""".format(one=ONE, silent6=SILENT6) + "".join(
    f"long-names MX 20 {name}\n" for name in LONG_NAMES) + "".join(
    f"thousand MX 20 h{number}\n" for number in range(999)) + """
thousand MX 10 one
""" + "".join(
    f"silent MX 10 silent-mx{number}\n"
    f"silent-mx{number} A 198.51.100.{number}\n"
    for number in range(1, 11))


# Domains with an MTA-STS policy, and their most preferred MX host.
STS_DOMAINS = {"listed": "one", "unlisted": "two", "wrong-name": "wrong-name",
               "no-starttls": "no-starttls"}
STS_HOSTS = f"""
listed MX 20 two
wrong-name A {dane_servers.ADDRESSES["wrong-name"]}
no-starttls A {dane_servers.ADDRESSES["no-starttls"]}
"""


def sts_records(hosts):
    return "".join(f"{name} MX 10 {host}\n"
                   f"_mta-sts.{name} TXT \"v=STSv1; id=1;\"\n"
                   f"mta-sts.{name} A {POLICY_HOST}\n"
                   for name, host in hosts.items())


def issue(certificates):
    """Issues one certificate for each server; all are valid for plain.test."""
    for name in MX_NAMES:
        certificates.issue(f"mx-{name}", dns=[
            "plain.test", f"{name}.plain.test", f"{name}.signed.test",
            "ordered.plain.test", "load.plain.test"])
    dane_servers.issue(certificates)
    names = ["mta-sts.with-dane.signed.test",
             *(f"mta-sts.{name}.plain.test" for name in STS_DOMAINS)]
    certificates.issue("policy-host", dns=names)
    certificates.issue("policy-host-expired", dns=names, since=-9, until=-1)
    certificates.issue("policy-host-of-ca2", dns=names, by="ca2")


def make(certificates):
    """Returns the zones."""
    return [
        Zone("plain.test", HOSTS + SRV_PLAIN + MX_PLAIN + LOAD
             + STS_HOSTS + sts_records(STS_DOMAINS)
             + dane_servers.insecure_records(certificates)),
        Zone("signed.test", HOSTS + SRV_SIGNED.format(one=ONE)
             + dane_servers.signed_records(certificates)
             + sts_records({"with-dane": "ee-key-mx"}), signed=True,
             bogus=dane_servers.BOGUS_OWNERS),
        Zone("expired.test", HOSTS + SRV_PLAIN + "@ MX 10 one\n",
             signed=True, expired=True),
    ]
