# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedulers that mail the output of their jobs."""

from cases import Case

CASES = [
    Case("Debian cron",
        "/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem  root", """
        From: root (Cron Daemon)
        To: root
        Subject: Cron <root@host> /usr/local/bin/backup
        MIME-Version: 1.0
        Content-Type: text/plain; charset=UTF-8
        Content-Transfer-Encoding: 8bit
        X-Cron-Env: <SHELL=/bin/sh>
        X-Cron-Env: <LOGNAME=root>

        grüße
        .
        ready
        """,
        to="root@example.org", mail="BODY=8BITMIME",
        header={"From": "root@example.org (Cron Daemon)",
                "To": "root@example.org"}),
    Case("Debian cron, MAILTO is a list",
        "/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem"
        "  alice@example.org,root", """
        From: root (Cron Daemon)
        To: alice@example.org,root
        Subject: Cron <root@host> job
        Content-Type: text/plain; charset=UTF-8
        Content-Transfer-Encoding: 8bit

        output
        """,
        to="alice@example.org root@example.org", mail="BODY=8BITMIME",
        header={"From": "root@example.org (Cron Daemon)",
                "To": "alice@example.org,root@example.org"}),
    Case("Debian cron, a job with binary output",
        "/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem root",
        b"From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@h> x\n"
        b"MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
        b"Content-Transfer-Encoding: 8bit\n\n"
        b"a\0b\n" + b"0123456789" * 300 + b"\n10%\r50%\r100%\nlast",
        to="root@example.org", mail="BODY=8BITMIME", log="NUL",
        header={"From": "root@example.org (Cron Daemon)",
                "To": "root@example.org",
                "Content-Transfer-Encoding": "quoted-printable"},
        body=b"ab\n" + b"0123456789" * 300 + b"\n10%\n50%\n100%\nlast\n"),
    Case("cronie",
        "/usr/sbin/sendmail -FCronDaemon -i -odi -oem -oi -t -f root", """
        From: "(Cron Daemon)" <root>
        To: alice
        Subject: Cron <root@host> job
        MIME-Version: 1.0
        Content-Type: text/plain; charset=UTF-8
        Content-Transfer-Encoding: 8bit
        Auto-Submitted: auto-generated
        Precedence: bulk
        X-Cron-Env: <MAILTO=alice>

        output
        """,
        sender="root@example.org", to="alice@example.org",
        header={"From": '"(Cron Daemon)" <root@example.org>',
                "To": "alice@example.org"}),
    Case("cronie 1.7.0, the null sender",
        "/usr/sbin/sendmail -FCronDaemon -i -odi -oem -oi -t -f '<>'", """
        From: "(Cron Daemon)" <root>
        To: alice@example.org
        Subject: Cron <root@host> job

        output
        """,
        sender="", to="alice@example.org",
        header={"From": '"(Cron Daemon)" <root@example.org>'}),
    Case("ISC cron 4",
        "/usr/sbin/sendmail -FCronDaemon -odi -oem -oi -t", """
        From: root (Cron Daemon)
        To: root
        Subject: Cron <root@host> job

        output
        """,
        to="root@example.org",
        header={"From": "root@example.org (Cron Daemon)",
                "To": "root@example.org"}),
    Case("Red Hat's vixie-cron",
        "/usr/sbin/sendmail -FCronDaemon -odi -oem -or0s root", """
        From: root (Cron Daemon)
        To: root
        Subject: Cron <root@host> job

        output
        """,
        to="root@example.org",
        header={"From": "root@example.org (Cron Daemon)",
                "To": "root@example.org"}),
    Case("bcron",
        "/usr/sbin/sendmail -FCronDaemon -i -odi -oem -t", """
        From: Cron Daemon <root@host.example.org>
        To: <alice@example.org>
        Subject: Cron <alice@host> job

        output
        """,
        to="alice@example.org"),
    Case("fcron", "sendmail -Ffcron -odi alice@example.org", """
        To: alice@host.example.org
        Subject: fcron <alice@host> job
        Content-Type: text/plain; charset=UTF-8
        Auto-Submitted: auto-generated
        X-Cron-Env: <LOGNAME=alice>

        output
        """,
        to="alice@example.org", file=True, cwd="/",
        header={"From": "fcron <{user}@example.org>"}),
    Case("BusyBox crond", "sendmail -ti", """
        To: root
        Subject: cron: /usr/local/bin/job

        output
        .
        more
        """,
        to="root@example.org", file=True,
        header={"From": "Tester <{user}@example.org>",
                "To": "root@example.org"}),
    Case("systemd-cron, separate argument and a list",
        "/usr/sbin/sendmail -i -B 8BITMIME 'alice@example.org, root'", """
        Content-Type: text/plain; charset="utf-8"
        MIME-Version: 1.0
        Content-Transfer-Encoding: binary
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        From: root (systemd-cron)
        To: alice@example.org, root
        Subject: [host] Job failed
        X-Mailer: systemd-cron 2
        Auto-Submitted: auto-generated

        ● cron-job.service - job
        """,
        to="alice@example.org root@example.org", mail="BODY=8BITMIME",
        # The server does not offer BINARYMIME, and the text has lines.
        header={"Content-Transfer-Encoding": "8bit",
                "From": "root@example.org (systemd-cron)",
                "To": "alice@example.org, root@example.org"}),
    Case("systemd-cron 1.15", "sendmail -i -B8BITMIME root", """
        Content-Type: text/plain; charset="utf-8"
        MIME-Version: 1.0
        Content-Transfer-Encoding: 8bit
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        From: root (systemd-cron)
        To: root
        Subject: [host] job cron-job failed
        Auto-Submitted: auto-generated

        ● cron-job.service - job
        """,
        to="root@example.org", mail="BODY=8BITMIME",
        header={"From": "root@example.org (systemd-cron)",
                "To": "root@example.org"}),
    Case("anacron", "/usr/sbin/sendmail -FAnacron -odi root", """
        From: Anacron <root>
        To: root
        Subject: Anacron job 'cron.daily' on host
        Content-Type: text/plain; charset="UTF-8"

        /etc/cron.daily/job:
        output
        """,
        to="root@example.org", file=True,
        header={"From": "Anacron <root@example.org>",
                "To": "root@example.org"}),
    Case("anacron, a lone dot ends the message",
        "/usr/sbin/sendmail -FAnacron -odi root", """
        From: Anacron <root>
        To: root
        Subject: Anacron job 'cron.daily' on host

        before
        .
        after
        """,
        to="root@example.org", file=True, body=b"before\n", log="lone dot",
        header={"From": "Anacron <root@example.org>",
                "To": "root@example.org"}),
    Case("atd", "/usr/sbin/sendmail -i alice", """
        Subject: Output from your job       14
        To: alice

        output
        """,
        to="alice@example.org",
        header={"From": "Tester <{user}@example.org>",
                "To": "alice@example.org"}),
    Case("mcron",
        "/usr/sbin/sendmail -FCronDaemon -odi -oem alice", """
        To: alice
        Subject: alice@host

        output
        """,
        to="alice@example.org",
        header={"From": "CronDaemon <{user}@example.org>",
                "To": "alice@example.org"}),
    Case("recipe for OnFailure= of systemd", "/usr/bin/sendmail -t", """
        To: alice@example.org
        From: systemd <root@host.example.org>
        Subject: job.service
        Content-Transfer-Encoding: 8bit
        Content-Type: text/plain; charset=UTF-8

        × job.service - failed
        """,
        to="alice@example.org", mail="BODY=8BITMIME"),
    Case("onfailure.sh of systemd-utils",
        "sendmail -i alice@example.org", """
        Subject: [host] Service job failed

        ```
        ● job.service
        ```
        """,
        to="alice@example.org", mail="BODY=8BITMIME",
        header={"From": "Tester <{user}@example.org>",
                "To": "undisclosed-recipients:;",
                "MIME-Version": "1.0",
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Transfer-Encoding": "8bit"}),
    Case("cron-apt", "sendmail -t -oi", """
        To: root
        Subject: CRON-APT completed on host [/etc/cron-apt/config]
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8

        CRON-APT ACTION: 3-download
        Inst libc6
        """,
        to="root@example.org",
        header={"From": "Tester <{user}@example.org>",
                "To": "root@example.org"}),
]
