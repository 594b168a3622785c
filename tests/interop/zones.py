# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the name servers of routes.py know, and the certificates that fit.

ONE, TWO and THREE are the addresses of three Postfix instances, known as
one.plain.test, one.signed.test and so on.  Behind the DOORS of a fourth one
are certificates for DANE; see doors.py.
"""

import doors
from names import Zone
from network import SERVERS, SILENT6

TRIO = ["one", "two", "three"]
ONE, TWO, THREE = SERVERS[11:14]
ADDRESSES = dict(zip(TRIO, (ONE, TWO, THREE)))
POLICIES = SERVERS[30]
SINKS = dict(zip(TRIO, SERVERS[14:17]))  # for test_load.py
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

# Forty names of 63 octets, whose answer does not fit into UDP.
CROWD = [f"{'a-host-that-is-not-there':a<60}-{number:02}"
         for number in range(40)]

MX_PLAIN = """
@ MX 10 one
@ MX 10 two
@ MX 10 three
ordered MX 10 one
ordered MX 20 two
ordered MX 30 three
to-signed MX 10 wrong-mx.signed.test.
first MX 10 one
also-first MX 10 one
second MX 10 two
alias CNAME first
twice CNAME alias
circle CNAME circuit
circuit CNAME circle
lost CNAME gone
behind-alias MX 10 one-alias
one-alias CNAME one
implicit A {one}
null MX 0 .
text TXT "no mail here"
stranger MX 10 one.elsewhere.test.
no-address MX 10 gone
literal MX 10 {one}.
loopback MX 10 lo
lo A 127.0.0.1
lo A 127.1.2.3
mapped MX 10 lo6
lo6 AAAA ::1
lo6 AAAA ::ffff:127.0.0.1
zero MX 10 nowhere
nowhere A 0.0.0.0
nowhere AAAA ::
*.wild MX 10 one
*.wild MX 20 two
here MX 10 client
client A 192.0.2.1
here6 MX 10 client6
client6 AAAA 2001:db8::1
backup MX 10 one
backup MX 20 client
backup MX 30 two
broadcast MX 10 all
all A 255.255.255.255
all A 224.0.0.1
dead6 MX 10 both
both AAAA {silent6}
both A {one}
only6 MX 10 six
only6 MX 20 one
six AAAA 2001:db8:ffff::1
bogus-host MX 10 one.expired.test.
bogus-first MX 10 one.expired.test.
bogus-first MX 20 two
crowd MX 10 one
""".format(one=ONE, silent6=SILENT6) + "".join(
    f"crowd MX 20 {name}\n" for name in CROWD) + "".join(
    f"thousand MX 20 h{number}\n" for number in range(999)) + """
thousand MX 10 one
""" + "".join(
    f"void MX 10 void{number}\nvoid{number} A 198.51.100.{number}\n"
    for number in range(1, 11))


# Domains with a policy, and where their mail goes.
STS = {"strict": "one", "unnamed": "two", "stranger": "stranger",
       "stripped": "stripped"}
STS_HOSTS = f"""
strict MX 20 two
stranger A {doors.ADDRESSES["stranger"]}
stripped A {doors.ADDRESSES["plain"]}
"""


def sts_records(hosts):
    return "".join(f"{name} MX 10 {host}\n"
                   f"_mta-sts.{name} TXT \"v=STSv1; id=1;\"\n"
                   f"mta-sts.{name} A {POLICIES}\n"
                   for name, host in hosts.items())


def issue(certificates):
    """One for each of the three; those of plain.test are all its servers."""
    for name in TRIO:
        certificates.issue(f"exchange-{name}", dns=[
            "plain.test", f"{name}.plain.test", f"{name}.signed.test",
            "ordered.plain.test", "load.plain.test"])
    doors.issue(certificates)
    policies = ["mta-sts.proven.signed.test",
                *(f"mta-sts.{name}.plain.test" for name in STS)]
    certificates.issue("policies", dns=policies)
    certificates.issue("policies-expired", dns=policies, since=-9, until=-1)
    certificates.issue("policies-of-ca2", dns=policies, by="ca2")


def make(certificates):
    """The zones."""
    return [
        Zone("plain.test", HOSTS + SRV_PLAIN + MX_PLAIN + LOAD
             + STS_HOSTS + sts_records(STS)
             + doors.insecure_records(certificates)),
        Zone("signed.test", HOSTS + SRV_SIGNED.format(one=ONE)
             + doors.records(certificates)
             + sts_records({"proven": "key-mx"}), signed=True,
             forged=doors.FORGED),
        Zone("expired.test", HOSTS + SRV_PLAIN + "@ MX 10 one\n",
             signed=True, expired=True),
    ]
