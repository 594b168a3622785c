# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Perl and Python libraries, and applications that use them."""

from cases import Case

TESTER = "Tester <{user}@example.org>"
MESSAGE = """
    From: Alice <alice@example.org>
    To: Bob <bob@example.org>
    Subject: a test

    text
    .
    more
    """
TICKET = """
    Subject: [example.org #1] AutoReply: x
    From: "Help" <help@example.org>
    Reply-To: help@example.org
    To: bob@example.org
    Bcc: carol@example.org
    Message-ID: <rt-1@example.org>
    Precedence: bulk
    X-RT-Loop-Prevention: example.org
    MIME-Version: 1.0
    Content-Type: text/plain; charset="utf-8"
    Date: Sat, 21 Nov 2026 12:00:00 +0000

    Greetings,
    .
    """
TICKET_TO = "bob@example.org carol@example.org"

CASES = [
    Case("MIME::Lite", "/usr/lib/sendmail -t -oi -oem", """
        MIME-Version: 1.0
        Content-Transfer-Encoding: 8bit
        Content-Type: text/plain
        X-Mailer: MIME::Lite
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        From: alice@example.org
        To: bob@example.org
        Subject: a test

        text
        .
        """,
        to="bob@example.org"),
    Case("MIME::Lite with a sender",
        "/usr/lib/sendmail -t -oi -oem -falice@example.org", MESSAGE,
        sender="alice@example.org", to="bob@example.org"),
    Case("Mail::Mailer", "/usr/sbin/sendmail -t", """
        To: bob@example.org
        Cc: carol@example.org
        Bcc: dave@example.org
        Subject: a test

        text
        """,
        to="bob@example.org carol@example.org dave@example.org",
        header={"From": TESTER, "Bcc": None}),
    Case("Email::Sender",
        "sendmail -i -f alice@example.org -- bob@example.org"
        " carol@example.org", MESSAGE,
        sender="alice@example.org", to="bob@example.org carol@example.org"),
    Case("Mail::Transport::Sendmail", "sendmail -i bob@example.org", """
        From: alice@example.org
        Subject: a test
        To: undisclosed-recipients:;

        text
        """,
        to="bob@example.org"),
    Case("Bugzilla",
        "/usr/sbin/sendmail -i -f bugs@example.org -- bob@example.org", """
        From: bugs@example.org
        To: bob@example.org
        Subject: [Bug 1] New
        Message-ID: <bug-1@example.org>
        Auto-Submitted: auto-generated
        Content-Type: text/plain; charset="UTF-8"
        MIME-Version: 1.0

        text
        """,
        sender="bugs@example.org", to="bob@example.org"),
    Case("Request Tracker", "/usr/sbin/sendmail -oi -t", TICKET,
        to=TICKET_TO, header={"Bcc": None}),
    Case("Request Tracker, two senders",
        "/usr/sbin/sendmail -oi -t -f help@example.org"
        " -f help+bob=example.org@example.org", TICKET,
        sender="help+bob=example.org@example.org", to=TICKET_TO,
        header={"Bcc": None}),
    Case("Request Tracker with the options of its manual",
        "/usr/sbin/sendmail -oi -ODeliveryMode=b -OErrorMode=m -t", TICKET,
        to=TICKET_TO, header={"Bcc": None}),
    Case("Request Tracker, a bounce",
        '/usr/sbin/sendmail -oi -t -f "<>"', TICKET,
        sender="", to=TICKET_TO, header={"Bcc": None}),
    Case("sample in Python's FAQ", "/usr/sbin/sendmail -t -i", """
        To: bob@example.org
        Subject: test

        Some text
        will be here
        """,
        to="bob@example.org", header={"From": TESTER}),
    Case("subprocess with an EmailMessage",
        "/usr/sbin/sendmail -t -oi -oeq", """
        Subject: a test
        From: =?utf-8?q?J=C3=BCrgen?= <alice@example.org>
        To: bob@example.org
        Content-Type: text/plain; charset="utf-8"
        Content-Transfer-Encoding: 8bit
        MIME-Version: 1.0

        gr\u00fc\u00dfe
        """,
        to="bob@example.org", mail="BODY=8BITMIME"),
]
