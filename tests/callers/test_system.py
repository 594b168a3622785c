# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of a Debian system, run as they are, with us as its sendmail.

`mdadm --monitor` is not among them: it mails only what happens to an array,
and makes none for a test.  Its words are a row in rows_system.py.
"""

import pytest

SMART = b"The following warning was logged by smartd:\n\nDevice: /dev/x\n"
JOB = b"""\
From: root (Cron Daemon)
To: root
Subject: Cron <root@host> job
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
X-Cron-Env: <SHELL=/bin/sh>

gr\xc3\xbc\xc3\x9fe
.
more
"""


def test_cron(do, sink):
    """The line that Debian's cron gives to a shell, in its environment."""
    run = do("env", "-u", "NAME", "-u", "USER", "SHELL=/bin/sh",
             "PATH=/usr/bin:/bin", "LOGNAME=root", "sh", "-c",
             "/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem  root",
             stdin=JOB)
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["root@example.org"]
    assert sink.message.field("From") == "root@example.org (Cron Daemon)"
    assert sink.message.body == "grüße\r\n.\r\nmore\r\n".encode()


def test_anacron(do, sink, tmp_path):
    table = tmp_path / "anacrontab"
    table.write_text("MAILTO=root\nSHELL=/bin/sh\n"
                     "1 0 job echo printed by a job\n")
    (tmp_path / "spool").mkdir()
    run = do("anacron", "-d", "-f", "-n", "-t", str(table),
             "-S", str(tmp_path / "spool"))
    assert run.status == 0, run
    assert sink.message.recipients == ["root@example.org"]
    assert "Anacron" in sink.message.field("From")
    assert sink.message.body == b"printed by a job\r\n"


def test_busybox(do, sink, tmp_path):
    """As its crond does: found on PATH, the message in a file."""
    job = tmp_path / "job"
    job.write_bytes(b"To: root\nSubject: cron: job\n\nprinted\n.\nmore\n")
    run = do("busybox", "sh", "-c", 'exec sendmail -ti <"$0"', str(job),
             env={"NAME": None})
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["root@example.org"]
    assert sink.message.body == b"printed\r\n.\r\nmore\r\n"


def test_example_7_of_smartmontools(do, sink):
    run = do("sh", "/usr/share/doc/smartmontools/examples/Example7",
             "-s", "SMART error", "alice@example.org", "bob@example.org",
             stdin=SMART)
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["alice@example.org",
                                       "bob@example.org"]
    assert b"Device: /dev/x\r\n" in sink.message.body


def test_example_8_of_smartmontools(do, sink):
    """It prefers mail(1)."""
    run = do("sh", "/usr/share/doc/smartmontools/examples/Example8", env={
        "SMARTD_ADDRESS": "alice@example.org bob@example.org",
        "SMARTD_SUBJECT": "SMART error", "SMARTD_FULLMESSAGE": SMART})
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["alice@example.org",
                                       "bob@example.org"]
    assert b"Device: /dev/x\r\n" in sink.message.body


def test_script_of_smartd(do, sink):
    """smartd_warning.sh, which runs 10mail, which runs mail(1)."""
    run = do("sh", "/usr/share/smartmontools/smartd_warning.sh", env={
        "SMARTD_MAILER": "/usr/share/smartmontools/smartd-runner",
        "SMARTD_SUBJECT": "SMART error (Health) detected",
        "SMARTD_ADDRESS": "root",
        "SMARTD_MESSAGE": "Device: /dev/x, FAILED SMART self-check",
        "SMARTD_DEVICESTRING": "/dev/x", "SMARTD_DEVICE": "/dev/x",
        "SMARTD_DEVICETYPE": "auto", "SMARTD_DEVICEINFO": "X",
        "SMARTD_FAILTYPE": "Health", "SMARTD_PREVCNT": "0",
        "SMARTD_NEXTDAYS": "", "SMARTD_TFIRST": "now",
        "SMARTD_TFIRSTEPOCH": "1"})
    assert run.status == 0, run
    assert sink.message.recipients == ["root@example.org"]
    assert b"FAILED SMART self-check\r\n" in sink.message.body


def test_mime_construct(do, sink):
    """The way of logcheck."""
    run = do("mime-construct", "--to", "root", "--subject", "System Events",
             "--encoding", "quoted-printable", "--file", "-",
             stdin=b"kernel: x=y\n.\n")
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["root@example.org"]
    assert b"x=3Dy" in sink.message.body


@pytest.mark.parametrize("mta", [
    None, "postfix", "sendmail", "exim", "nullmailer"])
def test_check_mailq(do, mta):
    words = ["-M", mta] if mta else []
    run = do("/usr/lib/nagios/plugins/check_mailq", "-w", "1", "-c", "2",
             *words)
    assert run.status == 0, run
    assert run.stdout.startswith("OK: "), run


def test_maintainer_scripts(do):
    run = do("sh", "-e", "-c", "newaliases; echo configured")
    assert (run.status, run.stdout) == (0, "configured\n"), run


PERIODIC = """
mailq | grep -E -v '(Mail |m)queue is empty|Total requests' | wc -l
mailq -Ac | grep -E -v 'mqueue is empty|Mail queue is empty' | wc -l
mailq | grep -c '^[A-F0-9]'
mailq | grep -c '<'
mailq | tail -n 1
"""


def test_pipes_of_periodic_and_of_exporters(do):
    run = do("sh", "-c", PERIODIC)
    assert run.stdout.split("\n")[:5] == [
        "0", "0", "0", "0", "Mail queue is empty"], run


def test_an_exit_status_that_cron_can_log(do, sink):
    sink.refused["root@example.org"] = "450 4.2.0 greylisted"
    run = do("sh", "-c",
             "/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem  root",
             stdin=JOB)
    assert run.status == 75, run
    assert "450 4.2.0 greylisted" in run.stdout
