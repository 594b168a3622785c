# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue and Postfix: stopped and started, with greylisting, and refusing."""

import email
import email.policy
import os
import re
import shutil
import socketserver
import stat
import threading

import pytest

import servers
from program import MESSAGE, account, make_folder

SENDER = "alice@example.org"
SEND = ("-f", SENDER, "bob@example.org")
DOMAIN_SETTINGS = """
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{folder}/mailboxes
inet_interfaces = 127.0.0.1
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/recipients,
  check_policy_service inet:127.0.0.1:{policy}
"""
USERS = ("alice", "bob", "carol")


class PolicyHandler(socketserver.StreamRequestHandler):
    """Rejects each triplet of client, sender and recipient the first time."""

    def handle(self):
        request = {}
        for line in self.rfile:
            name, separator, value = line.decode().strip().partition("=")
            if separator:
                request[name] = value
                continue
            action = self.server.decide(request)
            self.wfile.write(f"action={action}\n\n".encode())
            request = {}


class PolicyServer(socketserver.ThreadingTCPServer):
    """Greylisting as a policy server of Postfix does it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), PolicyHandler)
        self.is_on = False
        self.seen = set()
        threading.Thread(target=self.serve_forever, args=(0.05,),
                         daemon=True).start()

    def decide(self, request):
        triplet = tuple(request.get(name) for name in
                        ("client_address", "sender", "recipient"))
        if not self.is_on or triplet in self.seen:
            return "DUNNO"
        self.seen.add(triplet)
        return "DEFER_IF_PERMIT 4.7.1 greylisted"


class Mailer(servers.PostfixBase):
    """Postfix with one port, and mailboxes for some users."""

    name = "mailer"

    def __init__(self, folder, root, policy):
        self.port = servers.free_port()
        super().__init__(folder, root, [self.port])
        self.write("recipients",
                   servers.access_map(servers.REJECTED_RECIPIENTS))
        self.write("mailboxes", servers.access_map(
            {f"{user}@{servers.DOMAIN}": f"{user}/" for user in USERS}))
        self.configure(
            DOMAIN_SETTINGS.format(domain=servers.DOMAIN, folder=self.folder,
                                   policy=policy.server_address[1]),
            f"127.0.0.1:{self.port} inet n - n - - smtpd\n")

    def stop(self):
        """Removes what was received in part, too; Postfix takes a day."""
        super().stop()
        for path in (self.folder / "queue/incoming").rglob("*"):
            if path.is_file() and not path.stat().st_mode & stat.S_IXUSR:
                path.unlink()


@pytest.fixture(scope="module")
def policy():
    reason = servers.skip_reason()
    if reason:
        pytest.skip(reason)
    server = PolicyServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def mailer(policy):
    folder = make_folder()
    mailer = Mailer(folder, servers.find_servers(), policy)
    try:
        mailer.start()
        yield mailer
    finally:
        mailer.stop()
        shutil.rmtree(folder)


@pytest.fixture
def post(program, mailer, policy, queue):
    """Sends with a queue to Postfix, which runs again after the test."""
    mailer.empty()
    policy.is_on = False
    policy.seen.clear()

    def post(*argv, mode="on", status=0, stdin=MESSAGE):
        program.write_config(account(
            mailer.port, f"tls off\nqueue {mode}\n{queue.settings}\n"
                         "queue_retry 1s 1s\nqueue_pipeline 2"))
        run = program.run(*argv, stdin=stdin)
        assert run.status == status, run
        return run

    yield post
    if mailer.process.poll() is not None:
        mailer.start()


def test_what_was_queued_while_postfix_was_stopped_is_delivered_later(
        post, mailer, queue):
    mailer.stop()
    run = post(*SEND)
    assert run.fields["result"] == "queued", run
    run = post("-qf")
    assert run.fields["result"] == "deferred", run
    assert len(queue.files()) == 1
    mailer.start()
    run = post("-qf")
    assert run.fields["result"] == "sent", run
    (message,) = mailer.wait_for("bob")
    assert b"\n\nHello.\n" in message
    assert queue.is_empty()


def test_postfix_that_ends_during_a_run_gets_each_message_once(
        post, mailer, queue):
    for number in range(20):
        post("-odq", *SEND, stdin=MESSAGE.replace(
            b"Hello.", b"Hello %d." % number))
    stopper = threading.Timer(0.02, mailer.stop)
    stopper.start()
    post("-qf")
    stopper.join()
    mailer.start()
    post("-qf")
    assert queue.is_empty()
    bodies = [re.search(rb"Hello \d+", message)[0]
              for message in mailer.wait_for("bob", 20)]
    assert len(set(bodies)) == 20
    # Each of two sessions may repeat what was under way when it ended.
    assert len(bodies) <= 20 + 2 * 2


def test_greylisting_does_not_reach_the_caller(post, mailer, policy, queue):
    policy.is_on = True
    run = post(*SEND)
    assert run.fields["result"] == "queued", run
    assert run.fields["status"] == "4.7.1", run
    assert mailer.mailbox("bob") == []
    run = post("-qf")
    assert run.fields["result"] == "sent", run
    assert len(mailer.wait_for("bob")) == 1
    assert queue.is_empty()


def test_greylisting_of_one_recipient_keeps_the_message_for_that_one(
        post, mailer, policy, queue):
    policy.is_on = True
    policy.seen.add(("127.0.0.1", SENDER, "carol@example.org"))
    post(*SEND, "carol@example.org")
    assert len(mailer.wait_for("carol")) == 1
    assert queue.recipients() == ["bob@example.org"]
    post("-qf")
    assert len(mailer.wait_for("bob")) == 1
    assert len(mailer.mailbox("carol")) == 1


def test_the_sender_gets_a_notice_when_postfix_rejects_a_recipient(
        post, mailer, queue):
    post("-odq", "-f", SENDER, "policy@example.org", "bob@example.org")
    assert "result=returned" in post("-qf").log
    post("-qf")
    assert queue.is_empty() and not queue.files("failed")
    assert len(mailer.wait_for("bob")) == 1
    (stored,) = mailer.wait_for("alice")
    notice = email.message_from_bytes(stored, policy=email.policy.default)
    assert not notice.defects
    assert notice["Return-Path"] == "<>"
    assert notice["Auto-Submitted"] == "auto-replied"
    text, status, original = notice.iter_parts()
    assert "550 5.7.1" in text.get_content()
    assert "not from you" in text.get_content()
    _, recipient = status.get_payload()
    assert recipient["Final-Recipient"] == "rfc822; policy@example.org"
    assert recipient["Action"] == "failed"
    assert recipient["Status"] == "5.7.1"
    assert original.get_content()["Message-ID"] == "<1@example.org>"


def test_a_caller_that_waits_is_told_what_postfix_rejects(post, queue):
    run = post("-f", SENDER, "policy@example.org", status=os.EX_NOPERM)
    assert "not from you" in run.stderr
    assert queue.is_empty()
