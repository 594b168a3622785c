# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small habits of callers, and of the sendmails that they were written for."""

import os
import pwd

import pytest

USER = pwd.getpwuid(os.getuid()).pw_name
LETTER = b"Subject: a test\n\ntext\n"


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
def test_operands_are_lists(call, sink, operands, to):
    run = call(*operands, name="sendmail", stdin=LETTER)
    assert run.status == 0, run
    assert sink.message.recipients == to.split()


def test_operands_and_header_are_one_list(call, sink):
    run = call("-t", "dave@example.org", "bob@EXAMPLE.org", name="sendmail",
               stdin=b"To: bob@example.org, carol\n" + LETTER)
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
def test_senders(call, sink, argv, sender):
    run = call(*argv, "bob@example.org", name="sendmail", stdin=LETTER)
    assert run.status == 0, run
    assert sink.message.sender == sender
    # A reader must see somebody, also when the sender is null.
    assert (f"<{sender or USER + '@example.org'}>"
            in sink.message.field("From"))


def test_a_full_name_does_not_replace_a_from(call, sink):
    run = call("-F", "Alice A", "-f", "alice@example.org", "bob@example.org",
               name="sendmail", stdin=b"From: carol@example.org\n" + LETTER)
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
def test_switches_that_never_take_the_next_word(call, sink, argv):
    run = call(*argv, name="sendmail", stdin=LETTER)
    assert run.status == 0, run
    assert sink.message.recipients == ["bob@example.org"]


@pytest.mark.parametrize("letter, value", [
    ("A", "c"), ("B", "8BITMIME"), ("F", "Full Name"), ("h", "3"),
    ("L", "tag"), ("N", "success,delay"), ("N", "never"), ("O", "Timeout=1h"),
    ("o", "i"), ("o", "A/etc/aliases"), ("o", "r0s"), ("o", "8"),
    ("p", "NNTP:host"), ("R", "hdrs"), ("r", "alice@example.org"),
    ("V", "12345678"), ("e", "m"), ("b", "m"), ("f", "alice@example.org"),
])
@pytest.mark.parametrize("detached", [False, True])
def test_arguments_stand_apart_or_not(call, sink, letter, value, detached):
    words = [f"-{letter}", value] if detached else [f"-{letter}{value}"]
    run = call(*words, "bob@example.org", name="sendmail", stdin=LETTER)
    assert run.status == 0, run
    assert sink.message.recipients == ["bob@example.org"]


@pytest.mark.parametrize("argv", [
    ["-N", "often"], ["-R", "some"], ["-V", "a b"], ["-B", "BINARY"],
    ["-N", "never,success"]])
def test_a_value_that_is_none_is_noted_and_ignored(call, sink, argv):
    run = call(*argv, "bob@example.org", name="sendmail", stdin=LETTER)
    assert run.status == 0, run
    assert argv[0] in run.log
    assert all(p.startswith("SIZE=") for p in sink.message.parameters)


def test_dsn_where_the_server_knows_none(call, sink):
    sink.keywords = ("8BITMIME",)
    run = call("-N", "success", "-R", "hdrs", "-V", "1", "bob@example.org",
               name="sendmail", stdin=LETTER)
    assert run.status == 0, run
    assert sink.message.parameters == []
    assert sink.message.recipient_parameters == [[]]


def test_a_tag_for_the_log(call):
    run = call("-L", "my/tag\n%s", "bob@example.org", name="sendmail",
               stdin=LETTER)
    assert run.status == 0, run
    assert ": my_tag__s: " not in run.log
    assert " my_tag__s: " in run.log


def test_a_message_that_is_too_big_for_the_server(call, sink):
    sink.keywords = ("SIZE 1000",)
    run = call("-i", "bob@example.org", name="sendmail",
               stdin=LETTER + b"x\n" * 1000)
    assert run.status == os.EX_DATAERR, run
    assert run.fields["status"] == "5.3.4"
    assert not sink.messages


@pytest.mark.parametrize("name", [
    "sendmail", "/usr/sbin/sendmail", "/usr/lib/sendmail", "send-mail",
    "/usr/bin/sendmail", "smtpd", "sendmail.veredus", "-sendmail", ""])
def test_names(call, sink, name):
    run = call("-t", name=name, stdin=b"To: bob\n" + LETTER)
    assert run.status == 0, run
    assert sink.message.recipients == ["bob@example.org"]


@pytest.mark.parametrize("argv", [
    ["-bd"], ["-bD"], ["-bl"], ["-ba"], ["-bt"], ["-bP"], ["-bS"], ["-bz"],
    ["-C", "/etc/x"], ["-X", "/tmp/x"], ["-D", "x"], ["-M", "x"], ["-Qx"],
    ["-S"], ["-z", "x"], ["-f"], ["-y"], ["bob@example.org", "-t"],
    ["bob@example.org", "--", "-Xfile"], ["-q", "bob@example.org"],
    ["-q30m", "30m"]])
def test_what_is_refused_is_refused_with_words(call, sink, argv):
    run = call(*argv, name="sendmail", stdin=None)
    assert run.status == os.EX_USAGE, run
    assert run.stdout == "" and run.stderr.startswith("sendmail: "), run
    assert not sink.messages
