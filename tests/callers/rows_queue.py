# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that look at a queue, run it, or have aliases read."""

from rows import Row

EMPTY = "Mail queue is empty\n"

ROWS = [
    Row("check_mailq", "/usr/bin/mailq", stdout=EMPTY),
    Row("check_mailq, Postfix with a folder", "mailq -C /etc/postfix",
        stdout=EMPTY),
    Row("440.status-mailq of FreeBSD", "mailq", stdout=EMPTY),
    Row("440.status-mailq of FreeBSD, the other queue", "mailq -Ac",
        stdout=EMPTY),
    Row("node_exporter, scripts for SNMP, logwatch", "/usr/bin/mailq",
        stdout=EMPTY),
    Row("a person", "mailq -v", stdout=EMPTY),
    Row("a script that avoids mailq", "/usr/sbin/sendmail -bp",
        stdout=EMPTY),
    Row("500.queuerun of FreeBSD", "/usr/sbin/sendmail -q"),
    Row("500.queuerun of FreeBSD, the other queue",
        "/usr/sbin/sendmail -q -Ac"),
    Row("fetchmail's contributed script, ip-up", "sendmail -q"),
    Row("a queue run with an interval", "/usr/sbin/sendmail -q30m"),
    Row("maintainer scripts of Debian", "newaliases"),
    Row("newaliases by its other name", "/usr/sbin/sendmail -bi"),
    Row("newaliases by its old name", "/usr/lib/sendmail -I"),
    Row("hoststat", "/usr/bin/hoststat"),
    Row("purgestat", "/usr/bin/purgestat"),
    Row("a boot script that wants a daemon", "/usr/sbin/sendmail -bd -q30m",
        status=64),
]
