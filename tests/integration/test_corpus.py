# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The corpus tools find messages, send them and see what changed."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "corpus"
MULTIPART = (b"From: Alice <alice@example.org>\n"
             b"To: bob@example.org, Carol <carol@b\xc3\xbccher.example>\n"
             b"Subject: =?utf-8?q?J=C3=BCrgen?= Meier\n"
             b"MIME-Version: 1.0\n"
             b"Content-Type: multipart/mixed; boundary=b\n"
             b"\n"
             b"--b\nContent-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3"
             b"\x9fe\n"
             b"--b\nContent-Disposition: attachment; filename=a.bin\n"
             b"Content-Transfer-Encoding: base64\n\nAAEC\n--b--\n")
PLAIN = b"From: a@example.org\nTo: b@example.org\nSubject: one\n\nHello.\n"


def load(name):
    spec = importlib.util.spec_from_file_location("corpus_" + name,
                                                  FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


compare = load("compare")
messages = load("messages")


def run_corpus(binary, folder):
    env = dict(os.environ, VEREDUS=str(binary))
    return subprocess.run(
        [sys.executable, "-B", FOLDER / "run.py", folder], env=env,
        capture_output=True, text=True, check=True, timeout=120).stdout


def test_messages_in_files_and_mailboxes_are_found(tmp_path):
    (tmp_path / "source.c").write_bytes(b"#include <stdio.h>\n\nint x;\n")
    (tmp_path / "one.eml").write_bytes(PLAIN)
    (tmp_path / "two.mbox").write_bytes(
        b"From a Sat Nov 21 12:00:00 2026\n" + PLAIN.replace(b"one", b"two") +
        b"\nFrom b Sat Nov 21 12:00:00 2026\n" + MULTIPART)
    assert [name for name, _ in messages.find(tmp_path)] == [
        "one.eml", "two.mbox:1", "two.mbox:2"]


def test_messages_arrive_unchanged_with_each_set_of_extensions(
        binary, tmp_path):
    (tmp_path / "one").write_bytes(PLAIN)
    (tmp_path / "two").write_bytes(MULTIPART.replace(
        b"b\xc3\xbccher", b"books").replace(b"\n", b"\r\n"))
    assert run_corpus(binary, tmp_path).splitlines() == [
        "2 messages, 12 runs"]


def test_a_rejected_message_is_reported_by_its_error(binary, tmp_path):
    (tmp_path / "bad").write_bytes(PLAIN.replace(b"To: b@", b"To: b c@"))
    report = run_corpus(binary, tmp_path)
    assert "     3 exit 65: " in report
    assert "bad (none, -t): " in report


@pytest.mark.parametrize("old, new, kind", [
    (b"Gr\xc3\xbc\xc3\x9fe", b"Gr????e", "content changed"),
    (b"AAEC", b"AAED", "content changed"),
    (b"a.bin", b"b.bin", "file name changed"),
    (b"Subject: =?utf-8?q?J=C3=BCrgen?= Meier\n", b"",
     "field lost: subject"),
    (b"?= Meier", b"?=Meier", "field changed: subject"),
    (b"carol@", b"karol@", "field changed: to"),
    (b"MIME-Version", b"X-Other: 1\nMIME-Version", "field added: x-other"),
    (b"text/plain", b"text/html", "content type changed"),
    (b"Content-Disposition", b"\n--b\nX: y\nContent-Disposition",
     "number of parts changed"),
])
def test_each_change_is_a_deviation(old, new, kind):
    changed = MULTIPART.replace(old, new)
    assert changed != MULTIPART
    assert kind in [name for name, _ in compare.compare(MULTIPART, changed)]


def test_another_form_of_the_same_message_is_no_deviation():
    same = MULTIPART.replace(b"=?utf-8?q?J=C3=BCrgen?=",
                             b"=?utf-8?b?SsO8cmdlbg==?=").replace(
        b"b\xc3\xbccher", b"xn--bcher-kva").replace(
        b"charset=utf-8\n\nGr\xc3\xbc\xc3\x9fe", b"charset=utf-8\n"
        b"Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe")
    assert compare.compare(MULTIPART, same.replace(b"\n", b"\r\n")) == []


HEADER = (b"From: Alice <alice@example.org>\n"
          b"To: bob@example.org\n"
          b"Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
          b"Message-ID: <1@example.org>\n")
BODY = b"\nHello.\n"
INTENDED = compare.INTENDED


def kinds(before, after):
    return [name for name, _ in compare.compare(before + BODY, after + BODY)]


@pytest.mark.parametrize("before, after, kind", [
    (HEADER.replace(b"Alice <alice@example.org>", b"<>"),
     HEADER.replace(b"From: Alice <alice@example.org>\n", b"")
     + b"From: root <root@example.org>\n", "replaced, invalid: from"),
    (HEADER.replace(b"<1@example.org>", b"MID-1"),
     HEADER.replace(b"<1@", b"<new@"), "replaced, invalid: message-id"),
    (HEADER.replace(b"Sat, 21 Nov", b"Sa, 21. Nov im Jahr"),
     HEADER, "replaced, invalid: date"),
    (HEADER + b"Sender:\n", HEADER, "removed, invalid: sender"),
    (HEADER + b"Reply-To: <>\n", HEADER, "removed, invalid: reply-to"),
    (HEADER + b"Content-Length: 7\n", HEADER, "removed: content-length"),
    (HEADER + b"Subject: x\nSubject: x\n", HEADER + b"Subject: x\n",
     "removed, equal copy: subject"),
    (HEADER + b"To: c@example.org\n",
     HEADER.replace(b"To: bob@example.org",
                    b"To: bob@example.org,\n c@example.org"), "joined: to"),
    (HEADER.replace(b"Alice", b"[Team] Alice"),
     HEADER.replace(b"Alice", b'"[Team] Alice"'),
     "display name quoted: from"),
])
def test_an_intended_change_has_its_own_class(before, after, kind):
    assert kinds(before, after) == [INTENDED + kind]


@pytest.mark.parametrize("before, after, kind", [
    (HEADER, HEADER.replace(b"Alice <alice@", b"root <root@"),
     "field changed: from"),
    (HEADER, HEADER.replace(b"Message-ID: <1@example.org>\n", b""),
     "field lost: message-id"),
    (HEADER + b"Sender: a@example.org\n", HEADER, "field lost: sender"),
    (HEADER + b"Subject: x\nSubject: y\n", HEADER + b"Subject: x\n",
     "field moved: subject"),
    (HEADER + b"To: c@example.org\n", HEADER, "field changed: to"),
    (HEADER, HEADER.replace(b"Alice", b"Carol"),
     "display name changed: from"),
    (HEADER + b"X-A: 1\nX-B: 2\n", HEADER + b"X-B: 2\nX-A: 1\n",
     "field moved: x-b"),
    (HEADER, HEADER + b"Date: Sat, 21 Nov 2026 13:00:00 +0000\n",
     "field repeated: date"),
])
def test_a_loss_is_never_an_intended_change(before, after, kind):
    assert kind in kinds(before, after)


def test_the_report_ends_with_the_intended_changes(binary, tmp_path):
    (tmp_path / "bad").write_bytes(
        PLAIN.replace(b"To: b@", b"Content-Length: 1\nTo: b c@"))
    (tmp_path / "good").write_bytes(b"Content-Length: 1\n" + PLAIN)
    classes = [line for line in run_corpus(binary, tmp_path).splitlines()
               if re.match(r" {1,5}\d+ ", line)]
    assert classes[0].startswith("     3 exit 65: ")
    assert classes[1] == "     9 intended: removed: content-length"
