# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail user agents, filters and vacation programs."""

from cases import Case

TESTER = "Tester <{user}@example.org>"
COMPLETE = """
    Date: Sat, 21 Nov 2026 12:00:00 +0000
    From: Alice <alice@example.org>
    To: Bob <bob@example.org>
    Bcc: carol@example.org
    Subject: a test
    Message-ID: <6@example.org>
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Disposition: inline
    Content-Transfer-Encoding: 8bit

    gr\u00fc\u00dfe
    .
    """
STORED = """
    From alice@example.org Sat Nov 21 12:00:00 2026
    Return-Path: <alice@example.org>
    Received: from a.example.org by b.example.org; Sat, 21 Nov 2026 12:00 +0000
    Date: Sat, 21 Nov 2026 12:00:00 +0000
    From: alice@example.org
    To: list@example.org
    Subject: a test
    Message-ID: <7@example.org>
    Content-Length: 5

    text
    """
NOT_SENT = {"Return-Path": None, "Content-Length": None}
REPLY = """
    To: alice@example.org
    Subject: Re: a test
    Auto-Submitted: auto-replied
    From: bob@example.org

    I am away.
    """

CASES = [
    Case("Mutt",
        "/usr/sbin/sendmail -oem -oi -f alice@example.org --"
        " bob@example.org carol@example.org", COMPLETE,
        sender="alice@example.org", to="bob@example.org carol@example.org",
        mail="BODY=8BITMIME", file=True, header={"Bcc": None}),
    Case("Mutt with all its settings",
        "sendmail -oem -oi -B8BITMIME -f alice@example.org"
        " -N failure,delay -R hdrs -- bob@example.org", """
        From: alice@example.org
        To: bob@example.org
        Subject: a test

        text
        """,
        sender="alice@example.org", to="bob@example.org", file=True,
        mail="BODY=8BITMIME RET=HDRS", rcpt="NOTIFY=FAILURE,DELAY"),
    Case("NeoMutt",
        "sendmail -oem -oi -N never -R full -- bob@example.org", """
        From: alice@example.org
        To: bob@example.org
        Subject: a test

        text
        """,
        to="bob@example.org", file=True, mail="RET=FULL",
        rcpt="NOTIFY=NEVER"),
    Case("Alpine with sendmail-path", "/usr/sbin/sendmail -oem -t -oi",
        COMPLETE, to="bob@example.org carol@example.org",
        mail="BODY=8BITMIME", header={"Bcc": None}),
    Case("nmh", "/usr/sbin/sendmail -t -i", """
        From: alice@example.org
        To: bob@example.org
        Bcc: carol@example.org
        Subject: a test

        text
        """,
        to="bob@example.org carol@example.org", header={"Bcc": None}),
    Case("s-nail",
        "/usr/sbin/sendmail -i -m -f alice@example.org -F 'Alice A.' --"
        " bob@example.org", """
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        To: bob@example.org
        Subject: a test
        User-Agent: s-nail
        MIME-Version: 1.0
        Content-Type: text/plain; charset=us-ascii

        text
        """,
        sender="alice@example.org", to="bob@example.org",
        header={"From": '"Alice A." <alice@example.org>'}),
    Case("bsd-mailx", "/usr/sbin/sendmail -i -m root", """
        To: root
        Subject: a test
        MIME-Version: 1.0
        Content-Type: text/plain; charset="UTF-8"
        Content-Transfer-Encoding: 8bit

        text
        .
        """,
        to="root@example.org",
        header={"From": TESTER, "To": "root@example.org"}),
    Case("bsd-mailx -t", "/usr/sbin/sendmail -i -t -f alice@example.org", """
        To: bob@example.org
        Subject: a test

        text
        """,
        sender="alice@example.org", to="bob@example.org",
        header={"From": "Tester <alice@example.org>"}),
    Case("mailutils", "/usr/sbin/sendmail -oi -f alice@example.org"
        " bob@example.org", """
        From: alice@example.org
        To: bob@example.org
        Subject: a test
        User-Agent: mail (GNU Mailutils 3.15)
        Date: Sat, 21 Nov 2026 12:00:00 +0000

        text
        """,
        sender="alice@example.org", to="bob@example.org"),
    Case("mailutils, recipients in the header",
        "/usr/sbin/sendmail -oi -t", REPLY, to="alice@example.org"),
    Case("sendmail.el of Emacs",
        "sendmail -oi -f alice@example.org -oA/home/alice/.aliases"
        " -oem -odb -t -N success,failure", """
        From: Alice <alice@example.org>
        To: bob@example.org
        Fcc: ~/sent
        Subject: a test

        text
        """,
        sender="alice@example.org", to="bob@example.org",
        rcpt="NOTIFY=SUCCESS,FAILURE"),
    Case("sendmail.el with mail-interactive",
        "sendmail -oi -f alice@example.org -oep -odi -t", REPLY,
        sender="alice@example.org", to="alice@example.org"),
    Case("message.el, a message that is resent",
        "sendmail -oi -f alice@example.org -oem -odb"
        " 'bob@example.org, Carol <carol@example.org>'", """
        Resent-From: alice@example.org
        Resent-To: bob@example.org, Carol <carol@example.org>
        Resent-Date: Sat, 21 Nov 2026 13:00:00 +0000
        Resent-Message-ID: <8@example.org>
        From: dave@example.com
        To: alice@example.org
        Subject: a test
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        Message-ID: <9@example.com>

        text
        """,
        sender="alice@example.org", to="bob@example.org carol@example.org"),
    Case("procmail, a forwarded message",
        '/usr/sbin/sendmail -oi bob@example.org carol@example.org', STORED,
        to="bob@example.org carol@example.org", header=NOT_SENT),
    Case("procmailex, -t", "/usr/sbin/sendmail -oi -t", REPLY,
        to="alice@example.org"),
    Case("procmailex, -t without -oi", "/usr/sbin/sendmail -t", REPLY,
        to="alice@example.org"),
    Case("maildrop", "/usr/sbin/sendmail -oi bob@example.org", STORED,
        to="bob@example.org", header=NOT_SENT),
    Case("mailbot, which needs the sendmail of Courier", "sendmail -f ''",
        REPLY, status=64),
    Case("sqwebmail, which needs the sendmail of Courier",
        "/usr/sbin/sendmail -Nsuccess,delay,failure -f alice@example.org",
        REPLY, status=64),
    Case("sqwebmail with the options of its comment",
        "/usr/sbin/sendmail -oi -t -f alice@example.org", REPLY,
        sender="alice@example.org", to="alice@example.org"),
    Case("fetchmail --mda",
        "/usr/sbin/sendmail -i -f alice@example.org -- bob", STORED,
        sender="alice@example.org", to="bob@example.org", header=NOT_SENT),
    Case("vacation of Sendmail", "sendmail -oi -f bob -- alice@example.org",
        REPLY, sender="bob@example.org", to="alice@example.org"),
    Case("vacation of Sendmail -z",
        "sendmail -oi -f '<>' -- alice@example.org", REPLY,
        sender="", to="alice@example.org"),
    Case("an old vacation",
        "/usr/lib/sendmail -eq -f bob alice@example.org", REPLY,
        sender="bob@example.org", to="alice@example.org"),
    Case("vacation 3.3", "/usr/sbin/sendmail -f bob -- alice@example.org",
        REPLY, sender="bob@example.org", to="alice@example.org"),
    Case("Sieve of Dovecot, redirect",
        "/usr/sbin/sendmail -i -f alice@example.org -- bob@example.org",
        STORED[STORED.index("    Received"):],
        sender="alice@example.org", to="bob@example.org", crlf="all",
        header={"Content-Length": None}),
    Case("Sieve of Dovecot, vacation",
        "/usr/sbin/sendmail -i -f '<>' -- alice@example.org", REPLY,
        sender="", to="alice@example.org", crlf="all"),
    Case("amavisd-new",
        "/usr/sbin/sendmail -i -odd -f alice@example.org --"
        " bob@example.org", STORED,
        sender="alice@example.org", to="bob@example.org", header=NOT_SENT),
    Case("mail(1) in monitoring, from bsd-mailx",
        "/usr/sbin/sendmail -i -m alice@example.org", """
        To: alice@example.org
        Subject: ** PROBLEM Host Alert: router is DOWN **
        MIME-Version: 1.0
        Content-Type: text/plain; charset="UTF-8"
        Content-Transfer-Encoding: 8bit

        ***** Nagios *****
        """,
        to="alice@example.org", header={"From": TESTER}),
]
