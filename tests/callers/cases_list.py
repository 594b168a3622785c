# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailing list managers, news gateways, and relayed mail."""

from cases import Case

POSTED = """
    From: alice@example.org
    To: list@example.org
    Subject: [list] a test
    Date: Sat, 21 Nov 2026 12:00:00 +0000
    Message-ID: <10@example.org>
    Precedence: list

    text
    .
    """
SUBSCRIBERS = "bob@example.org carol@example.com"

CASES = [
    Case("Sympa",
        "/usr/sbin/sendmail -oi -odi -oem -f list-owner@example.org -- "
        + SUBSCRIBERS, POSTED,
        sender="list-owner@example.org", to=SUBSCRIBERS),
    Case("Sympa with DSN",
        "/usr/sbin/sendmail -oi -odi -oem -N success,delay,failure"
        " -V20261121abcd -f list-owner@example.org -- " + SUBSCRIBERS,
        POSTED, sender="list-owner@example.org", to=SUBSCRIBERS,
        mail="ENVID=20261121abcd", rcpt="NOTIFY=SUCCESS,FAILURE,DELAY"),
    Case("Sympa, the null sender as an empty argument",
        "/usr/sbin/sendmail -oi -odi -oem -f '' -- " + SUBSCRIBERS, POSTED,
        sender="", to=SUBSCRIBERS),
    Case("SmartList",
        "/usr/sbin/sendmail -oem -odb -oi -om -flist-request@example.org -t",
        POSTED, sender="list-request@example.org", to="list@example.org"),
    Case("SmartList to its maintainers", "/usr/sbin/sendmail -oep bob carol",
        """
        Subject: list: trouble
        From: list-request@example.org

        text
        """,
        to="bob@example.org carol@example.org",
        header={"To": "undisclosed-recipients:;"}),
    Case("SmartList, delivery queued", "/usr/sbin/sendmail -odq bob", """
        To: bob
        From: list-request@example.org
        Subject: x

        text
        """,
        to="bob@example.org", header={"To": "bob@example.org"}),
    Case("mailagent", "sendmail -odq bob@example.org", """
        To: bob@example.org
        From: alice@example.org
        Subject: Re: your request

        text
        """,
        to="bob@example.org"),
    Case("news2mail of INN",
        "/usr/sbin/sendmail -oi -oee -odq -fnews@example.org"
        " -pNNTP:news.example.org bob@example.org", """
        From: alice@example.org
        Newsgroups: local.test
        Subject: a test
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        Message-ID: <11@example.org>

        text
        """,
        sender="news@example.org", to="bob@example.org",
        header={"To": "undisclosed-recipients:;"}),
    Case("rmail",
        "sendmail -G -oee -odq -oi -pUUCP:host -falice@example.org"
        " '<bob@example.org>' '<carol@example.com>'", """
        Received: by host.example.org; Sat, 21 Nov 2026 12:00:00 +0000
        From: alice@example.org
        Subject: a test

        text
        """,
        sender="alice@example.org", to=SUBSCRIBERS, relayed=True),
]
