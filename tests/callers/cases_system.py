# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""System monitors that mail their reports."""

from cases import Case

TESTER = "Tester <{user}@example.org>"

CASES = [
    Case("sudo", "sendmail -t", """
        To: root
        From: alice
        Auto-Submitted: auto-generated
        Subject: *** SECURITY information for host ***
        Content-Type: text/plain; charset=UTF-8
        Content-Transfer-Encoding: 8bit

        host : Nov 21 12:00:00 : alice : user NOT in sudoers ; PWD=/tmp
        """,
        to="root@example.org", cwd="/",
        header={"To": "root@example.org", "From": "alice@example.org"}),
    Case("mdadm --monitor", "/usr/sbin/sendmail -t", """
        From: mdadm monitoring <root>
        To: root
        Subject: DegradedArray event on /dev/md0:host

        This is an automatically generated mail message from mdadm
        running on host
        """,
        to="root@example.org",
        header={"From": "mdadm monitoring <root@example.org>",
                "To": "root@example.org"}),
    Case("example scripts of smartmontools",
        "/usr/sbin/sendmail alice@example.org bob@example.org", """
        Subject: SMART error detected
        To: alice@example.org, bob@example.org

        The following warning was logged by smartd
        """,
        to="alice@example.org bob@example.org",
        header={"From": TESTER}),
    Case("zed, text directly after the header", "sendmail root", """
        Subject: ZFS device fault for pool tank
        The number of I/O errors exceeded acceptable levels.
        """,
        to="root@example.org",
        body=b"The number of I/O errors exceeded acceptable levels.\n",
        header={"From": TESTER, "To": "undisclosed-recipients:;"}),
    Case("arpwatch", "/usr/lib/sendmail -odi root", """
        From: arpwatch (Arpwatch host)
        To: root
        Subject: new station (box)

                    hostname: box
        """,
        to="root@example.org",
        header={"From": "arpwatch@example.org (Arpwatch host)",
                "To": "root@example.org"}),
    Case("logwatch", "/usr/sbin/sendmail -t", """
        To: root
        From: Logwatch <root>
        Subject: Logwatch for host (Linux)
        Auto-Submitted: auto-generated
        Precedence: bulk
        MIME-Version: 1.0
        Content-Transfer-Encoding: 7bit
        Content-Type: text/plain; charset="iso-8859-1"

        ### Logwatch 7.7
        """,
        to="root@example.org",
        header={"From": "Logwatch <root@example.org>",
                "To": "root@example.org"}),
    Case("logwatch, a lone dot in the logs", "/usr/sbin/sendmail -t",
        b"To: root@example.org\nFrom: Logwatch <root@example.org>\n"
        b"Subject: x\n\nbefore\n.\nafter\n",
        to="root@example.org", body=b"before\n", log="lone dot"),
    Case("fail2ban",
        '/usr/sbin/sendmail -f "fail2ban" "root"', """
        Subject: [Fail2Ban] sshd: banned 192.0.2.1 from host
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        From: Fail2Ban <fail2ban>
        To: root

        Hi,
        The IP 192.0.2.1 has just been banned.
        """,
        sender="fail2ban@example.org", to="root@example.org",
        header={"From": "Fail2Ban <fail2ban@example.org>",
                "To": "root@example.org"}),
    Case("fail2ban, an abuse report",
        "/usr/sbin/sendmail -f fail2ban@example.org abuse@example.com", """
        Subject: abuse report about 192.0.2.1
        Date: Sat, 21 Nov 2026 12:00:00 +0000
        From: fail2ban@example.org
        To: abuse@example.com
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=abuse; boundary="b1"

        --b1
        Content-Type: text/plain

        See below.
        --b1
        Content-Type: message/feedback-report

        Feedback-Type: abuse
        --b1--
        """,
        sender="fail2ban@example.org", to="abuse@example.com"),
    Case("unattended-upgrades", "/usr/sbin/sendmail -oi -t", """
        MIME-Version: 1.0
        Content-Type: text/plain; charset="utf-8"
        Content-Transfer-Encoding: quoted-printable
        Subject: unattended-upgrades result for host: SUCCESS
        From: root
        To: root
        Auto-Submitted: auto-generated

        Unattended upgrade result: All upgrades installed=2E
        """,
        to="root@example.org",
        header={"From": "root@example.org", "To": "root@example.org"}),
    Case("apt-listchanges", "/usr/sbin/sendmail -oi -t", """
        Auto-Submitted: auto-generated
        Subject: apt-listchanges: news for host
        To: root
        Content-Type: text/plain; charset="utf-8"
        Content-Transfer-Encoding: 7bit
        MIME-Version: 1.0

        libc6 (2.37-1) unstable; urgency=medium
        """,
        to="root@example.org",
        header={"From": TESTER, "To": "root@example.org"}),
    Case("debsecan", "/usr/sbin/sendmail -t", """
        Subject: Debian security status of host
        To: root

        Security report based on the bookworm release
        """,
        to="root@example.org",
        header={"From": TESTER, "To": "root@example.org"}),
    Case("rkhunter", "/usr/sbin/sendmail root", """
        Subject: [rkhunter] host - Daily report
        To: root

        Warning: The file properties have changed
        """,
        to="root@example.org",
        header={"From": TESTER, "To": "root@example.org"}),
    Case("popularity-contest",
        "sendmail -oi -f root survey@popcon.example.com", """
        From: Popcon <root>
        To: survey@popcon.example.com
        Subject: popularity-contest submission
        MIME-Version: 1.0
        Content-Type: text/plain

        POPULARITY-CONTEST-0 TIME:1 ID:2
        """,
        sender="root@example.org", to="survey@popcon.example.com",
        header={"From": "Popcon <root@example.org>"}),
    Case("logcheck by mime-construct", "sendmail -oi root", """
        To: root
        Subject: host 2026-11-21 12:02 System Events
        MIME-Version: 1.0
        Content-Type: text/plain; charset=UTF-8
        Content-Transfer-Encoding: quoted-printable
        From: logcheck

        Nov 21 12:00:00 host kernel: x=3Dy
        """,
        to="root@example.org",
        header={"To": "root@example.org", "From": "logcheck@example.org"}),
    Case("swatchdog", "/usr/sbin/sendmail -oi -t", """
        To: root,alice@example.org
        Subject: Message from Swatchdog

        FAILED su for root
        """,
        to="root@example.org alice@example.org",
        header={"From": TESTER, "To": "root@example.org,alice@example.org"}),
    Case("mon", "/usr/lib/sendmail -oi -t -f mon@example.org -F Mon", """
        To: alice@example.org, bob@example.org
        Subject: ALERT ping/router: host (12:00)
        X-Mailer: mail.alert

        Summary output: host
        """,
        sender="mon@example.org", to="alice@example.org bob@example.org",
        header={"From": "Mon <mon@example.org>"}),
    Case("tripwire", "/usr/lib/sendmail -oi -t", """
        To: root@example.org
        From: "Tripwire(R)" <tripwire@example.org>
        Subject: TWReport host 20261121 V:1

        Added:
        .
        Removed:
        """,
        to="root@example.org"),
    Case("crashmail, no final line end", "/usr/sbin/sendmail -t -i",
        b"To: alice@example.org\nSubject: job crashed at 12:00\n\n"
        b"Process job in group job exited unexpectedly",
        to="alice@example.org",
        header={"From": TESTER},
        body=b"Process job in group job exited unexpectedly\n"),
    Case("report of bacula", "/usr/sbin/sendmail -t", """
        To: alice@example.org
        From: Bacula <bacula@example.org>
        Subject: 3 jobs in the last 24 hours
        Content-Type: text/plain; charset=utf-8
        MIME-Version: 1.0

        JobId  Status
        """,
        to="alice@example.org"),
    Case("example report of bacula",
        "/usr/lib/sendmail -fbacula@example.org -t", """
        From: bacula@example.org
        To: alice@example.org
        Subject: report

        text
        """,
        sender="bacula@example.org", to="alice@example.org"),
    Case("BackupPC", "/usr/sbin/sendmail -t -f backuppc", """
        From: backuppc
        To: alice
        cc:
        Subject: BackupPC: no recent backups on laptop
        MIME-Version: 1.0
        Content-Type: text/plain; charset="utf-8"

        Dear alice, your PC has not been backed up.
        """,
        sender="backuppc@example.org", to="alice@example.org",
        header={"From": "backuppc@example.org", "To": "alice@example.org",
                "cc": None}),
    Case("rsnaptar", "/usr/lib/sendmail -t -oi", """
        From: rsnapshot <root@example.org>
        To: alice@example.org
        Subject: backup done

        text
        """,
        to="alice@example.org"),
]
