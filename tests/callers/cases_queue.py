# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that list or run a queue, or rebuild the aliases database."""

from cases import Case

EMPTY = "Mail queue is empty\n"

CASES = [
    Case("check_mailq", "/usr/bin/mailq", stdout=EMPTY),
    Case("check_mailq, Postfix with a folder", "mailq -C /etc/postfix",
        stdout=EMPTY),
    Case("440.status-mailq of FreeBSD", "mailq", stdout=EMPTY),
    Case("440.status-mailq of FreeBSD, the submission queue", "mailq -Ac",
        stdout=EMPTY),
    Case("node_exporter, scripts for SNMP, logwatch", "/usr/bin/mailq",
        stdout=EMPTY),
    Case("a user", "mailq -v", stdout=EMPTY),
    Case("a script that avoids mailq", "/usr/sbin/sendmail -bp",
        stdout=EMPTY),
    Case("500.queuerun of FreeBSD", "/usr/sbin/sendmail -q"),
    Case("500.queuerun of FreeBSD, the submission queue",
        "/usr/sbin/sendmail -q -Ac"),
    Case("fetchmail's contributed script, ip-up", "sendmail -q"),
    Case("a queue run with an interval", "/usr/sbin/sendmail -q30m"),
    Case("maintainer scripts of Debian", "newaliases"),
    Case("newaliases by its other name", "/usr/sbin/sendmail -bi"),
    Case("newaliases by its old name", "/usr/lib/sendmail -I"),
    Case("hoststat", "/usr/bin/hoststat"),
    Case("purgestat", "/usr/bin/purgestat"),
    Case("a boot script that starts a daemon", "/usr/sbin/sendmail -bd -q30m",
        status=64),
]
