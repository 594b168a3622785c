# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for developers and administrators that send mail."""

from cases import Case

TESTER = "Tester <{user}@example.org>"
PATCH = """
    From: Alice <alice@example.org>
    To: bob@example.org
    Cc: carol@example.org
    Subject: [PATCH] dots: keep them
    Date: Sat, 21 Nov 2026 12:00:00 +0000
    Message-Id: <1-alice@example.org>
    X-Mailer: git-send-email 2.39.5
    MIME-Version: 1.0
    Content-Type: text/plain; charset=UTF-8
    Content-Transfer-Encoding: 8bit

    ---
     a | 1 +

    +ü
    .
    ..
    --
    2.39.5
    """

CASES = [
    Case("reportbug",
        "/usr/sbin/sendmail -f alice@example.org -oi -oem"
        " submit@bugs.example.com bob@example.org", """
        From: Alice <alice@example.org>
        To: Submit <submit@bugs.example.com>
        Subject: x: does not work
        Message-ID: <1.reportbug@example.org>
        X-Debbugs-Cc: bob@example.org

        Package: x
        """,
        sender="alice@example.org",
        to="submit@bugs.example.com bob@example.org"),
    Case("bts of devscripts", "/usr/sbin/sendmail -t", """
        From: Alice <alice@example.org>
        To: control@bugs.example.com
        Subject: severity of 1 is normal
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        X-Generator: bts

        severity 1 normal
        thanks
        """,
        to="control@bugs.example.com"),
    Case("dupload, operands that end in commas",
        "/usr/sbin/sendmail -f alice@example.org -F 'Alice A.'"
        " changes@example.com bob@example.org, carol@example.org", """
        X-dupload: 2.9
        To: changes@example.com
        Cc: bob@example.org, carol@example.org
        Subject: Uploaded x 1.0

        Format: 1.8
        """,
        sender="alice@example.org",
        to="changes@example.com bob@example.org carol@example.org",
        header={"From": '"Alice A." <alice@example.org>'}),
    Case("caff, -i and -t in one argument",
        "sendmail -f alice@example.org -it", """
        From: Alice <alice@example.org>
        To: bob@example.org
        Subject: Your signed key
        MIME-Version: 1.0
        Content-Type: multipart/encrypted; boundary="x"
        Bcc: alice@example.org

        --x--
        """,
        sender="alice@example.org", to="bob@example.org alice@example.org",
        header={"Bcc": None}),
    Case("gpg-mailkeys", "/usr/sbin/sendmail -ti", """
        To: bob@example.org
        Subject: Your signed key
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="x"

        --x--
        """,
        to="bob@example.org", file=True, header={"From": TESTER}),
    Case("gpg-wks", "/usr/lib/sendmail -oi -t", """
        From: key-submission@example.org
        To: alice@example.org
        Subject: Confirm your key publication
        MIME-Version: 1.0
        Content-Type: multipart/encrypted; boundary="x"

        --x--
        """,
        to="alice@example.org"),
    Case("mpack", "/usr/sbin/sendmail -oi bob@example.org", """
        Message-ID: <1@example.org>
        Mime-Version: 1.0
        To: bob@example.org
        Subject: a file
        Content-Type: multipart/mixed; boundary="-"

        ---
        Content-Type: application/octet-stream; name="a"
        Content-Transfer-Encoding: base64

        AAAA
        -----
        """,
        to="bob@example.org", header={"From": TESTER}),
    Case("git send-email to a program",
        "/usr/sbin/sendmail -f alice@example.org -i bob@example.org"
        " carol@example.org", PATCH,
        sender="alice@example.org", to="bob@example.org carol@example.org",
        mail="BODY=8BITMIME"),
    Case("git send-email without an envelope sender",
        "/usr/lib/sendmail -i bob@example.org carol@example.org", PATCH,
        to="bob@example.org carol@example.org", mail="BODY=8BITMIME"),
    Case("post-receive-email of git",
        '/usr/sbin/sendmail -t -f "git@example.org"', """
        To: commits@example.org
        Subject: [SCM] project branch, main, updated. v1
        X-Git-Refname: refs/heads/main
        X-Git-Reftype: branch

        This is an automated email from the git hooks/post-receive script.
        """,
        sender="git@example.org", to="commits@example.org",
        header={"From": "Tester <git@example.org>"}),
    Case("Mercurial",
        "/usr/sbin/sendmail -f alice@example.org bob@example.org"
        " carol@example.org", """
        Content-Type: text/plain; charset="us-ascii"
        MIME-Version: 1.0
        Content-Transfer-Encoding: 7bit
        Subject: [PATCH] x
        Message-Id: <2.alice@example.org>
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        From: alice@example.org
        To: bob@example.org
        Cc: carol@example.org

        # HG changeset patch
        """,
        sender="alice@example.org", to="bob@example.org carol@example.org"),
    Case("quilt",
        'sendmail -f "alice@example.org" bob@example.org dave@example.org', """
        Message-Id: <3@example.org>
        User-Agent: quilt/0.66
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        From: alice@example.org
        To: bob@example.org
        Subject: [patch 0/1] x

        text
        """,
        sender="alice@example.org", to="bob@example.org dave@example.org"),
    Case("commit-email.pl of Subversion",
        "/usr/sbin/sendmail -f'alice@example.org' commits@example.org", """
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        To: commits@example.org
        From: alice@example.org
        Subject: r1 - trunk
        Content-Type: text/plain; charset=UTF-8

        Author: alice
        """,
        sender="alice@example.org", to="commits@example.org"),
    Case("darcs", "/usr/lib/sendmail -i -t", """
        To: bob@example.org
        From: alice@example.org
        Subject: darcs patch: x
        X-Mail-Originator: Darcs Version Control System
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="="

        --=--
        """,
        to="bob@example.org"),
]
