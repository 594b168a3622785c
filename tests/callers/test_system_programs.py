# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of a Debian system, with veredus as sendmail.

`mdadm --monitor` mails only events of an array, which a test does not have:
its call is a case in cases_system.py.
"""

import pytest

from queue_files import Queue

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


def test_cron_sends(execute, sink):
    """The shell command of Debian's cron, in the environment of cron."""
    run = execute("env", "-u", "NAME", "-u", "USER", "SHELL=/bin/sh",
                  "PATH=/usr/bin:/bin", "LOGNAME=root", "sh", "-c",
                  "/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem  root",
                  stdin=JOB)
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["root@example.org"]
    assert sink.message.field("From") == "root@example.org (Cron Daemon)"
    assert sink.message.body == "grüße\r\n.\r\nmore\r\n".encode()


def test_anacron_sends(execute, sink, tmp_path):
    table = tmp_path / "anacrontab"
    table.write_text("MAILTO=root\nSHELL=/bin/sh\n"
                     "1 0 job echo printed by a job\n")
    (tmp_path / "spool").mkdir()
    run = execute("anacron", "-d", "-f", "-n", "-t", str(table),
                  "-S", str(tmp_path / "spool"))
    assert run.status == 0, run
    assert sink.message.recipients == ["root@example.org"]
    assert "Anacron" in sink.message.field("From")
    assert sink.message.body == b"printed by a job\r\n"


def test_busybox_crond_sends(execute, sink, tmp_path):
    """crond finds sendmail in PATH and reads the message from a file."""
    job = tmp_path / "job"
    job.write_bytes(b"To: root\nSubject: cron: job\n\nprinted\n.\nmore\n")
    run = execute("busybox", "sh", "-c", 'exec sendmail -ti <"$0"', str(job),
                  env={"NAME": None})
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["root@example.org"]
    assert sink.message.body == b"printed\r\n.\r\nmore\r\n"


def test_example_7_of_smartmontools_sends(execute, sink):
    run = execute("sh", "/usr/share/doc/smartmontools/examples/Example7",
                  "-s", "SMART error", "alice@example.org", "bob@example.org",
                  stdin=SMART)
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["alice@example.org",
                                       "bob@example.org"]
    assert b"Device: /dev/x\r\n" in sink.message.body


def test_example_8_of_smartmontools_sends(execute, sink):
    """The script prefers mail(1)."""
    run = execute("sh", "/usr/share/doc/smartmontools/examples/Example8", env={
        "SMARTD_ADDRESS": "alice@example.org bob@example.org",
        "SMARTD_SUBJECT": "SMART error", "SMARTD_FULLMESSAGE": SMART})
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["alice@example.org",
                                       "bob@example.org"]
    assert b"Device: /dev/x\r\n" in sink.message.body


def test_smartd_sends_a_warning(execute, sink):
    """smartd_warning.sh runs 10mail, which runs mail(1)."""
    run = execute("sh", "/usr/share/smartmontools/smartd_warning.sh", env={
        "SMARTD_MAILER": "/usr/share/smartmontools/smartd-runner",
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


def test_mime_construct_sends(execute, sink):
    """The command of logcheck."""
    run = execute("mime-construct", "--to", "root",
                  "--subject", "System Events",
                  "--encoding", "quoted-printable", "--file", "-",
                  stdin=b"kernel: x=y\n.\n")
    assert (run.status, run.stdout) == (0, ""), run
    assert sink.message.recipients == ["root@example.org"]
    assert b"x=3Dy" in sink.message.body


@pytest.mark.parametrize("mta", [
    None, "postfix", "sendmail", "exim", "nullmailer"])
def test_check_mailq_finds_an_empty_queue(execute, mta):
    options = ["-M", mta] if mta else []
    run = execute("/usr/lib/nagios/plugins/check_mailq", "-w", "1", "-c", "2",
                  *options)
    assert run.status == 0, run
    assert run.stdout.startswith("OK: "), run


@pytest.mark.parametrize("limits, status, said", [
    (("3", "4"), 0, "OK: "), (("2", "3"), 1, "WARNING: "),
    (("1", "2"), 2, "CRITICAL: ")])
def test_check_mailq_counts_messages(
        execute, program, tmp_path, limits, status, said):
    queue = Queue(tmp_path / "queue")
    queue.add(journal=["1 attempt", "1 deferred 1 450 4.2.0 mx.test 450 no"])
    queue.add(place="hold", sender="")
    queue.add(place="failed")
    program.write_config(f"host mx.test\nqueue_dir {queue.path}\n")
    run = execute("/usr/lib/nagios/plugins/check_mailq", "-M", "postfix",
                  "-w", limits[0], "-c", limits[1])
    assert run.status == status, run
    assert run.stdout.startswith(f"{said}postfix mailq "), run
    assert "|unsent=2;" in run.stdout.replace(" ", ""), run


def test_newaliases_succeeds_in_maintainer_scripts(execute):
    run = execute("sh", "-e", "-c", "newaliases; echo configured")
    assert (run.status, run.stdout) == (0, "configured\n"), run


PERIODIC = """
mailq | grep -E -v '(Mail |m)queue is empty|Total requests' | wc -l
mailq -Ac | grep -E -v 'mqueue is empty|Mail queue is empty' | wc -l
mailq | grep -c '^[A-F0-9]'
mailq | grep -c '<'
mailq | tail -n 1
"""


def test_pipelines_of_monitoring_scripts_count_no_message(execute):
    run = execute("sh", "-c", PERIODIC)
    assert run.stdout.split("\n")[:5] == [
        "0", "0", "0", "0", "Mail queue is empty"], run


def test_cron_gets_the_exit_status_and_the_error(execute, sink):
    sink.rejected["root@example.org"] = "450 4.2.0 greylisted"
    run = execute("sh", "-c",
                  "/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem  root",
                  stdin=JOB)
    assert run.status == 75, run
    assert "450 4.2.0 greylisted" in run.stdout
