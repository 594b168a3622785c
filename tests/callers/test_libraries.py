# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries of PHP, Perl and Python, and git, with veredus as sendmail."""

import inspect
import re

import pytest

UNKNOWN_USER = "550 5.1.1 no such user"


def dedent(text):
    return inspect.cleandoc(text)


def check(sink, *recipients, sender=None):
    message = sink.message
    assert message.recipients == list(recipients)
    assert sender is None or message.sender == sender
    assert message.field("Subject") == "a test"
    assert not message.field("Bcc")
    for name in ("From", "Date", "Message-ID"):
        assert message.field(name)
    return message


@pytest.fixture
def php(execute):
    def php(script):
        return execute("php", "-n", "-d", "log_errors=0",
                       "-d", "display_errors=stderr", "-d", "extension=ctype",
                       "-d", "extension=mbstring", "-d", "extension=intl",
                       "-r", dedent(script))

    return php


SIMPLE = 'var_dump(mail("%s", "a test", "one\\n.\\ntwo", "%s"%s));'


def test_php_mail_sends(php, sink):
    run = php(SIMPLE % ("bob@example.org",
                        "From: alice@example.org\\r\\n"
                        "Bcc: carol@example.org", ""))
    assert run.stdout == "bool(true)\n", run
    message = check(sink, "bob@example.org", "carol@example.org")
    assert message.body == b"one\r\n.\r\ntwo\r\n"


def test_php_mail_sets_the_envelope_sender(php, sink):
    run = php(SIMPLE % ("bob@example.org", "From: alice@example.org",
                        ', "-fbounce@example.org"'))
    assert run.stdout == "bool(true)\n", run
    check(sink, "bob@example.org", sender="bounce@example.org")


@pytest.mark.parametrize("reply", [UNKNOWN_USER, "450 4.2.0 later"])
def test_php_mail_fails_if_the_recipient_is_rejected(php, sink, reply):
    sink.rejected["gone@example.org"] = reply
    run = php(SIMPLE % ("gone@example.org", "From: alice@example.org", ""))
    assert run.stdout.endswith("bool(false)\n"), run
    assert reply in run.stdout  # it includes stderr


@pytest.mark.parametrize("arguments", [
    "-X/tmp/veredus-must-not-be", "-OQueueDirectory=/tmp -X/tmp/x.php",
    "-C/etc/passwd", "-be ${run{/bin/id}}", "-t -Mrm x", "-D/etc/passwd"])
def test_dangerous_arguments_added_to_php_mail_are_rejected(
        php, sink, arguments):
    run = php(SIMPLE % ("bob@example.org", "From: alice@example.org",
                        f", '{arguments}'"))
    assert "bool(false)" in run.stdout, run
    assert not sink.messages


PHPMAILER = """
    require "/usr/share/php/libphp-phpmailer/autoload.php";
    $mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
    $mail->%s();
    $mail->setFrom("alice@example.org", "Alice");
    $mail->addAddress("bob@example.org");
    $mail->addBCC("carol@example.org");
    $mail->Subject = "a test";
    $mail->Body = "one\\n.\\ntwo\\n";
    try {
        $mail->send();
        echo "sent";
    } catch (Exception $e) {
        echo "failed: ", $e->getMessage();
    }
"""


@pytest.mark.parametrize("transport", ["isSendmail", "isMail"])
def test_phpmailer_sends(php, sink, transport):
    run = php(PHPMAILER % transport)
    assert run.stdout == "sent", run
    message = check(sink, "bob@example.org", "carol@example.org",
                    sender="alice@example.org")
    assert message.body.startswith(b"one\r\n.\r\ntwo\r\n")
    assert b"carol" not in message.data


@pytest.mark.parametrize("transport", ["isSendmail", "isMail"])
def test_phpmailer_fails_if_the_recipients_are_rejected(php, sink, transport):
    sink.rejected["bob@example.org"] = UNKNOWN_USER
    sink.rejected["carol@example.org"] = UNKNOWN_USER
    assert "failed: " in php(PHPMAILER % transport).stdout


SYMFONY = """
    foreach (["EventDispatcher", "Mime", "Mailer"] as $name)
        require "/usr/share/php/Symfony/Component/$name/autoload.php";
    use Symfony\\Component\\Mailer\\Transport\\SendmailTransport;
    use Symfony\\Component\\Mailer\\Mailer;
    use Symfony\\Component\\Mime\\Email;
    $mail = (new Email())->from("alice@example.org")->to("bob@example.org")
        ->bcc("carol@example.org")->subject("a test")
        ->text("gr\\u{fc}\\u{df}e\\n.\\n..two\\n");
    try {
        (new Mailer(new SendmailTransport("/usr/sbin/sendmail %s")))
            ->send($mail);
        echo "sent";
    } catch (Exception $e) {
        echo "failed: ", $e->getMessage();
    }
"""


@pytest.mark.parametrize("options", ["-bs", "-t", "-t -i", "-oi -t"])
def test_symfony_sends(php, sink, options):
    run = php(SYMFONY % options)
    assert run.stdout == "sent", run
    message = check(sink, "bob@example.org", "carol@example.org",
                    sender="alice@example.org")
    assert message.body.startswith(b"gr=C3=BC=C3=9Fe\r\n.\r\n..two\r\n")
    assert b"carol" not in message.data


@pytest.mark.parametrize("options", ["-bs", "-t -i"])
def test_symfony_fails_if_the_recipient_is_rejected(php, sink, options):
    sink.rejected["bob@example.org"] = UNKNOWN_USER
    run = php(SYMFONY % options)
    assert run.stdout.startswith("failed: "), run
    assert "550 5.1.1 " in run.stdout and "no such user" in run.stdout


EMAIL_SENDER = """
    use Email::Sender::Simple qw(sendmail);
    use Email::Sender::Transport::Sendmail;
    use Email::Simple;
    my $mail = Email::Simple->create(
        header => [From => 'alice@example.org', To => 'bob@example.org',
                   Subject => 'a test'],
        body => "one\\n.\\ntwo\\n");
    sendmail($mail, { to => ['bob@example.org', 'carol@example.org'],
                      from => 'bounce@example.org',
                      transport => Email::Sender::Transport::Sendmail->new });
"""


def test_email_sender_sends(execute, sink):
    run = execute("perl", "-e", dedent(EMAIL_SENDER))
    assert (run.status, run.stdout) == (0, ""), run
    message = check(sink, "bob@example.org", "carol@example.org",
                    sender="bounce@example.org")
    assert message.body == b"one\r\n.\r\ntwo\r\n"


def test_email_sender_fails_if_a_recipient_is_rejected(execute, sink):
    sink.rejected["carol@example.org"] = UNKNOWN_USER
    run = execute("perl", "-e", dedent(EMAIL_SENDER))
    assert run.status != 0 and UNKNOWN_USER in run.stdout, run


MIME_LITE = """
    use MIME::Lite;
    MIME::Lite->new(From => 'alice@example.org', To => 'bob@example.org',
                    Cc => 'carol@example.org', Subject => 'a test',
                    Data => "one\\n.\\ntwo\\n")->send;
"""


def test_mime_lite_sends(execute, sink):
    run = execute("perl", "-e", dedent(MIME_LITE))
    assert (run.status, run.stdout) == (0, ""), run
    message = check(sink, "bob@example.org", "carol@example.org")
    assert message.body.startswith(b"one\r\n.\r\ntwo\r\n")


def test_mime_lite_fails_if_a_recipient_is_rejected(execute, sink):
    sink.rejected["bob@example.org"] = UNKNOWN_USER
    run = execute("perl", "-e", dedent(MIME_LITE))
    assert run.status != 0 and UNKNOWN_USER in run.stdout, run


PYTHON = {
    "subprocess": """
        subprocess.run(["/usr/sbin/sendmail", "-t", "-oi"], check=True,
                       input=mail.as_bytes())
    """,
    "subprocess with text": """
        subprocess.run(["sendmail", "-t", "-i"], check=True,
                       input=mail.as_string(), text=True)
    """,
    "popen": """
        pipe = os.popen("/usr/sbin/sendmail -t -i", "w")
        pipe.write(mail.as_string())
        assert pipe.close() is None
    """,
    "communicate": """
        process = subprocess.Popen(
            ["sendmail", "-i", "-f", "alice@example.org", "bob@example.org",
             "carol@example.org"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.communicate(mail.as_bytes()) == (b"", b"")
        assert process.returncode == 0
    """,
}


@pytest.mark.parametrize("method", PYTHON)
def test_python_sends(execute, sink, method):
    mail = dedent("""
        import email.message, os, subprocess
        mail = email.message.EmailMessage()
        mail["From"] = "alice@example.org"
        mail["To"] = "bob@example.org, carol@example.org"
        mail["Subject"] = "a test"
        mail.set_content("one\\n.\\ntwo\\n")
    """)
    run = execute("/usr/bin/python3", "-c",
                  mail + "\n" + dedent(PYTHON[method]))
    assert (run.status, run.stdout) == (0, ""), run
    message = check(sink, "bob@example.org", "carol@example.org")
    assert message.body == b"one\r\n.\r\ntwo\r\n"


PATCH = """\
From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: Alice <alice@example.org>
Date: Sat, 21 Nov 2026 12:00:00 +0000
Subject: a test

---
 a | 2 ++

+.
+grüße
--
2.39.5
"""
GIT = ("git", "-c", "user.name=Alice", "-c", "user.email=alice@example.org",
       "send-email",
       "--quiet", "--confirm=never", "--no-thread",
       "--from=Alice <alice@example.org>", "--to=bob@example.org",
       "--cc=carol@example.org", "--suppress-cc=all",
       "--8bit-encoding=UTF-8")


@pytest.mark.parametrize("options", [
    [], ["--smtp-server=/usr/sbin/sendmail"],
    ["--sendmail-cmd=/usr/lib/sendmail -oi"]])
@pytest.mark.parametrize("sender", [[], ["--envelope-sender=auto"]])
def test_git_send_email_sends(execute, sink, tmp_path, options, sender):
    patch = tmp_path / "0001-a-test.patch"
    patch.write_text(PATCH)
    run = execute(*GIT, *options, *sender, str(patch))
    assert run.status == 0, run
    message = check(sink, "bob@example.org", "carol@example.org",
                    sender="alice@example.org" if sender else None)
    assert "+.\r\n+grüße\r\n".encode() in message.body
    assert re.search(r"git-send-email", message.field("X-Mailer"))


def test_git_send_email_fails_if_a_recipient_is_rejected(
        execute, sink, tmp_path):
    sink.rejected["bob@example.org"] = UNKNOWN_USER
    patch = tmp_path / "0001-a-test.patch"
    patch.write_text(PATCH)
    run = execute(*GIT, str(patch))
    assert run.status != 0 and UNKNOWN_USER in run.stdout, run
