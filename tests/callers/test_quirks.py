# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Details of the sendmail interface on which callers depend."""

import os
import pwd

import pytest

USER = pwd.getpwuid(os.getuid()).pw_name
MESSAGE = b"Subject: a test\n\ntext\n"


@pytest.mark.parametrize("operands, to", [
    (["bob@example.org", "carol@example.org"],
     "bob@example.org carol@example.org"),
    (["bob@example.org, carol@example.org"],
     "bob@example.org carol@example.org"),
    (["bob@example.org,", "carol@example.org,"],
     "bob@example.org carol@example.org"),
    (["Bob the Builder <bob@example.org>"], "bob@example.org"),
    (['"Builder, Bob" <bob@example.org>'], "bob@example.org"),
    (["<bob@example.org>"], "bob@example.org"),
    (["bob@example.org (Bob)"], "bob@example.org"),
    (["(Bob) bob@example.org"], "bob@example.org"),
    (["friends: bob@example.org, carol;"],
     "bob@example.org carol@example.org"),
    (["", "bob@example.org", " ", ","], "bob@example.org"),
    (["bob", "root,carol"], "bob@example.org root@example.org "
                            "carol@example.org"),
    (["bob@example.org", "bob@EXAMPLE.ORG"], "bob@example.org"),
    (["bob@example.org", "Bob@example.org"],
     "bob@example.org Bob@example.org"),
    (["bob", "bob@example.org"], "bob@example.org"),
    (["--", "bob@example.org"], "bob@example.org"),
])
def test_an_operand_is_a_list_of_addresses(sendmail, sink, operands, to):
    run = sendmail(*operands, name="sendmail", stdin=MESSAGE)
    assert run.status == 0, run
    assert sink.message.recipients == to.split()


def test_recipients_come_from_operands_and_header_without_duplicates(
        sendmail, sink):
    run = sendmail("-t", "dave@example.org", "bob@EXAMPLE.org",
                   name="sendmail",
                   stdin=b"To: bob@example.org, carol\n" + MESSAGE)
    assert run.status == 0, run
    assert sorted(address.lower() for address in sink.message.recipients) == [
        "bob@example.org", "carol@example.org", "dave@example.org"]


@pytest.mark.parametrize("argv, sender", [
    (["-f", "alice@example.org"], "alice@example.org"),
    (["-falice@example.org"], "alice@example.org"),
    (["-r", "alice@example.org"], "alice@example.org"),
    (["-ralice"], "alice@example.org"),
    (["-f", "Alice <alice@example.org>"], "alice@example.org"),
    (["-f", "alice@example.org (Alice)"], "alice@example.org"),
    (["-f", "<alice@example.org>"], "alice@example.org"),
    (["-f", "dave@example.org", "-f", "alice@example.org"],
     "alice@example.org"),
    (["-f", ""], ""),
    (["-f", "<>"], ""),
    (["-f<>"], ""),
    (["-f", "alice@example.org", "-f", ""], ""),
    ([], f"{USER}@example.org"),
])
def test_the_sender_options(sendmail, sink, argv, sender):
    run = sendmail(*argv, "bob@example.org", name="sendmail", stdin=MESSAGE)
    assert run.status == 0, run
    assert sink.message.sender == sender
    # From has an address even if the envelope sender is null.
    assert (f"<{sender or USER + '@example.org'}>"
            in sink.message.field("From"))


def test_a_full_name_does_not_replace_a_from_field(sendmail, sink):
    run = sendmail("-F", "Alice A", "-f", "alice@example.org",
                   "bob@example.org", name="sendmail",
                   stdin=b"From: carol@example.org\n" + MESSAGE)
    assert run.status == 0, run
    assert sink.message.field("From") == "carol@example.org"


@pytest.mark.parametrize("argv", [
    ["-d", "bob@example.org"], ["-d0-99.1", "bob@example.org"],
    ["-E", "bob@example.org"], ["-J", "bob@example.org"],
    ["-c", "bob@example.org"], ["-n", "bob@example.org"],
    ["-s", "bob@example.org"], ["-T", "bob@example.org"],
    ["-U", "bob@example.org"], ["-x", "bob@example.org"],
    ["-m", "bob@example.org"], ["-G", "bob@example.org"],
])
def test_options_without_an_argument_do_not_consume_the_next_word(
        sendmail, sink, argv):
    run = sendmail(*argv, name="sendmail", stdin=MESSAGE)
    assert run.status == 0, run
    assert sink.message.recipients == ["bob@example.org"]


@pytest.mark.parametrize("letter, value", [
    ("A", "c"), ("B", "8BITMIME"), ("F", "Full Name"), ("h", "3"),
    ("L", "tag"), ("N", "success,delay"), ("N", "never"), ("O", "Timeout=1h"),
    ("o", "i"), ("o", "A/etc/aliases"), ("o", "r0s"), ("o", "8"),
    ("p", "NNTP:host"), ("R", "hdrs"), ("r", "alice@example.org"),
    ("V", "12345678"), ("e", "m"), ("b", "m"), ("f", "alice@example.org"),
])
@pytest.mark.parametrize("separate", [False, True])
def test_an_option_argument_may_be_separate(
        sendmail, sink, letter, value, separate):
    words = [f"-{letter}", value] if separate else [f"-{letter}{value}"]
    run = sendmail(*words, "bob@example.org", name="sendmail", stdin=MESSAGE)
    assert run.status == 0, run
    assert sink.message.recipients == ["bob@example.org"]


@pytest.mark.parametrize("argv", [
    ["-N", "often"], ["-R", "some"], ["-V", "a b"], ["-B", "BINARY"],
    ["-N", "never,success"]])
def test_an_invalid_dsn_or_body_value_is_logged_and_ignored(
        sendmail, sink, argv):
    run = sendmail(*argv, "bob@example.org", name="sendmail", stdin=MESSAGE)
    assert run.status == 0, run
    assert argv[0] in run.log
    assert all(p.startswith("SIZE=") for p in sink.message.parameters)


def test_dsn_options_are_ignored_if_the_server_does_not_support_dsn(
        sendmail, sink):
    sink.keywords = ("8BITMIME",)
    run = sendmail("-N", "success", "-R", "hdrs", "-V", "1", "bob@example.org",
                   name="sendmail", stdin=MESSAGE)
    assert run.status == 0, run
    assert sink.message.parameters == []
    assert sink.message.recipient_parameters == [[]]


def test_the_log_tag_is_sanitized(sendmail):
    run = sendmail("-L", "my/tag\n%s", "bob@example.org", name="sendmail",
                   stdin=MESSAGE)
    assert run.status == 0, run
    assert ": my_tag__s: " not in run.log
    assert " my_tag__s: " in run.log


def test_a_message_over_the_servers_size_limit_is_a_data_error(sendmail, sink):
    sink.keywords = ("SIZE 1000",)
    run = sendmail("-i", "bob@example.org", name="sendmail",
                   stdin=MESSAGE + b"x\n" * 1000)
    assert run.status == os.EX_DATAERR, run
    assert run.fields["status"] == "5.3.4"
    assert not sink.messages


@pytest.mark.parametrize("name", [
    "sendmail", "/usr/sbin/sendmail", "/usr/lib/sendmail", "send-mail",
    "/usr/bin/sendmail", "smtpd", "sendmail.veredus", "-sendmail", ""])
def test_each_name_selects_the_sendmail_interface(sendmail, sink, name):
    run = sendmail("-t", name=name, stdin=b"To: bob\n" + MESSAGE)
    assert run.status == 0, run
    assert sink.message.recipients == ["bob@example.org"]


@pytest.mark.parametrize("argv", [
    ["-bd"], ["-bD"], ["-bl"], ["-ba"], ["-bt"], ["-bP"], ["-bS"], ["-bz"],
    ["-C", "/etc/x"], ["-X", "/tmp/x"], ["-D", "x"], ["-M", "x"], ["-Qx"],
    ["-S"], ["-z", "x"], ["-f"], ["-y"], ["bob@example.org", "-t"],
    ["bob@example.org", "--", "-Xfile"], ["-q", "bob@example.org"],
    ["-q30m", "30m"]])
def test_an_unsupported_option_is_a_usage_error_with_a_message(
        sendmail, sink, argv):
    run = sendmail(*argv, name="sendmail", stdin=None)
    assert run.status == os.EX_USAGE, run
    assert run.stdout == "" and run.stderr.startswith("sendmail: "), run
    assert not sink.messages
