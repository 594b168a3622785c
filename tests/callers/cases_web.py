# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web applications, and libraries of PHP, Ruby, JavaScript and Go."""

from cases import Case

TESTER = "Tester <{user}@example.org>"
COMPLETE = """
    Date: Sat, 21 Nov 2026 12:00:00 +0000
    From: Shop <shop@example.org>
    To: Alice <alice@example.org>
    Subject: Your order
    Message-ID: <4@example.org>
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    Thank you=2E
    """
WITH_BCC = COMPLETE.replace("Subject:", "Bcc: bob@example.org\n    Subject:")
STUFFED = COMPLETE.replace("Thank", "..dot\n    Thank")

CASES = [
    Case("PHP mail()", "/usr/sbin/sendmail -t -i", """
        To: alice@example.org
        Subject: Hello

        line one
        line two
        """,
        to="alice@example.org", crlf="header", header={"From": TESTER}),
    Case("PHP mail(), header lines end in LF and CRLF",
        "/usr/sbin/sendmail -t -i",
        b"To: alice@example.org\r\nSubject: Hello\r\n"
        b"From: shop@example.org\nX-Mailer: PHP\r\n\r\none\r\ntwo\nthree\r",
        to="alice@example.org", body=b"one\ntwo\nthree\n"),
    Case("PHPMailer through mail()",
        "/usr/sbin/sendmail -t -i -fshop@example.org", WITH_BCC,
        sender="shop@example.org", to="alice@example.org bob@example.org",
        crlf="all", header={"Bcc": None}),
    Case("PHPMailer isSendmail()",
        "/usr/sbin/sendmail -oi -fshop@example.org -t", WITH_BCC,
        sender="shop@example.org", to="alice@example.org bob@example.org",
        crlf="all", header={"Bcc": None}),
    Case("PHPMailer without a sender", "/usr/sbin/sendmail -oi -t", WITH_BCC,
        to="alice@example.org bob@example.org",
        crlf="all", header={"Bcc": None}),
    Case("PHPMailer with sendmail_path of php.ini",
        "/usr/sbin/sendmail -t -i -oi -fshop@example.org -t", WITH_BCC,
        sender="shop@example.org", to="alice@example.org bob@example.org",
        crlf="all", header={"Bcc": None}),
    Case("WordPress", "/usr/sbin/sendmail -t -i -fwordpress@example.org", """
        To: alice@example.org
        Subject: [Blog] New comment
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        From: WordPress <wordpress@example.org>
        Message-ID: <5@example.org>
        X-Mailer: PHPMailer
        MIME-Version: 1.0
        Content-Type: text/plain; charset=UTF-8

        text
        """,
        sender="wordpress@example.org", to="alice@example.org",
        crlf="header"),
    Case("Drupal", "/usr/sbin/sendmail -t -i -fsite@example.org", """
        To: alice@example.org
        Subject: Welcome
        MIME-Version: 1.0
        Content-Type: text/plain; charset=UTF-8; format=flowed; delsp=yes
        Content-Transfer-Encoding: 8Bit
        X-Mailer: Drupal
        Return-Path: site@example.org
        Sender: site@example.org
        From: Site <site@example.org>

        Welcome, J\u00fcrgen
        """,
        sender="site@example.org", to="alice@example.org",
        mail="BODY=8BITMIME", header={"Return-Path": None}),
    Case("Symfony, native://",
        "/usr/sbin/sendmail -i -fshop@example.org -- alice@example.org"
        " bob@example.org", COMPLETE,
        sender="shop@example.org", to="alice@example.org bob@example.org"),
    Case("Symfony without -i stuffs dots",
        "/usr/sbin/sendmail -fshop@example.org -- alice@example.org", STUFFED,
        sender="shop@example.org", to="alice@example.org",
        body=b".dot\nThank you=2E\n"),
    Case("SwiftMailer -t stuffs dots",
        "/usr/sbin/sendmail -t -fshop@example.org",
        STUFFED.replace("Subject:", "Bcc: bob@example.org\n    Subject:"),
        sender="shop@example.org", to="alice@example.org bob@example.org",
        header={"Bcc": None}, body=b".dot\nThank you=2E\n"),
    Case("Nextcloud, pipe", "/usr/sbin/sendmail -t -i", COMPLETE,
        to="alice@example.org"),
    Case("PEAR Mail",
        "/usr/sbin/sendmail -i -fbounce@example.org -- alice@example.org", """
        From: shop@example.org
        Return-Path: bounce@example.org
        To: alice@example.org
        Subject: Hello

        .
        text
        """,
        sender="bounce@example.org", to="alice@example.org",
        header={"Return-Path": None}),
    Case("Horde",
        "/usr/sbin/sendmail -i -f horde@example.org -- alice@example.org"
        " bob@example.org", COMPLETE,
        sender="horde@example.org", to="alice@example.org bob@example.org"),
    Case("mail of Ruby, ActionMailer",
        '/usr/sbin/sendmail -i -f "shop@example.org" -- "alice@example.org"'
        ' "bob+x@example.org"', COMPLETE,
        sender="shop@example.org", to="alice@example.org bob+x@example.org"),
    Case("GitLab", "/usr/sbin/sendmail -i -t", COMPLETE,
        to="alice@example.org"),
    Case("nodemailer",
        "sendmail -i -f shop@example.org alice@example.org bob@example.org",
        WITH_BCC,
        sender="shop@example.org", to="alice@example.org bob@example.org",
        crlf="all", header={"Bcc": None}),
    Case("nodemailer without a sender", "sendmail -i alice@example.org",
        WITH_BCC, to="alice@example.org", crlf="all", header={"Bcc": None}),
    Case("Gitea",
        "sendmail -f gitea@example.org -i alice@example.org", COMPLETE,
        sender="gitea@example.org", to="alice@example.org", crlf="all"),
    Case("Gitea, lines end in LF",
        "sendmail -f gitea@example.org -i -- alice@example.org", COMPLETE,
        sender="gitea@example.org", to="alice@example.org"),
    Case("aerc", "/usr/sbin/sendmail alice@example.org", COMPLETE,
        to="alice@example.org", crlf="all"),
    Case("Trac", "sendmail -i -f trac@example.org alice@example.org",
        COMPLETE, sender="trac@example.org", to="alice@example.org"),
    Case("a backend of Django",
        "/usr/sbin/sendmail alice@example.org bob@example.org", COMPLETE,
        to="alice@example.org bob@example.org"),
]
