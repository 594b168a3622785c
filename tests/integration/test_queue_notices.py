# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices to senders: when there is one, and what it contains."""

import base64
import email
import email.policy
import quopri
import re

import pytest

from program import MESSAGE
from queue_runs import (  # noqa: F401
    SENDER, parts_of, queue, results, sink)
from queued import wait_until

WITHOUT_DSN = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")


def configure(queue, mode, *settings):
    queue.configure(*settings)
    queue.program.write_config("\n".join(queue.settings).replace(
        "queue later", f"queue {mode}") + "\n")


def notices(sink):
    return [message for message in sink.messages if not message.sender]


def statuses(message):
    """Returns {address: action} of a notice."""
    _, (_, status, _) = parts_of(message)
    about, *recipients = status.get_payload()
    return {recipient["Final-Recipient"].partition("; ")[2]:
            recipient["Action"] for recipient in recipients}


# ---- NOTIFY=SUCCESS ----

@pytest.mark.parametrize("words, dsn, wanted", [
    ("success", False, True),
    ("success,failure,delay", False, True),
    ("success", True, False),
    ("failure", False, False),
    ("never", False, False),
    ("off", False, False),
])
@pytest.mark.parametrize("way", ["run", "direct", "background"])
def test_a_delivery_is_told_of_if_the_server_will_not_do_it(
        queue, sink, words, dsn, wanted, way):
    if not dsn:
        sink.keywords = WITHOUT_DSN
    option = {"run": "-odq", "direct": "-odi", "background": "-odb"}[way]
    sent = queue.program.run("-i", option, "-N", words, "bob@example.org",
                             "carol@example.org")
    assert (sent.status, sent.stderr) == (0, ""), sent
    if way == "run":
        queue.run()  # which also delivers the notice
    else:
        wait_until(lambda: sink.messages and len(queue.ids()) == wanted)
    assert sink.messages[0].recipient_parameters[0] == (
        [f"NOTIFY={words.upper()}", "ORCPT=rfc822;bob@example.org"]
        if dsn else [])
    queue.run()
    assert queue.ids() == queue.ids("failed") == []
    assert len(sink.messages) == 1 + wanted
    if wanted:
        assert statuses(sink.messages[1]) == {
            "bob@example.org": "relayed", "carol@example.org": "relayed"}
        _, (text, _, header) = parts_of(sink.messages[1])
        assert "passed on to a server that does not tell" \
            in text.get_content()
        assert header.get_content_type() == "text/rfc822-headers"
        assert "Hello." not in header.get_content()


def test_without_a_queue_nobody_is_told_of_a_delivery(queue, sink):
    sink.keywords = WITHOUT_DSN
    configure(queue, "off")
    assert queue.program.run("-N", "success", "bob@example.org").status == 0
    assert not queue.folder.exists()


def test_a_delivery_succeeds_although_no_notice_can_be_queued(queue, sink):
    sink.keywords = WITHOUT_DSN
    queue.folder.mkdir(mode=0o755)
    sent = queue.program.run("-odi", "-N", "success", "bob@example.org")
    assert (sent.status, sent.stderr) == (0, ""), sent
    assert "no notice of the delivery" in sent.log
    assert "mode 0755" in sent.log
    assert "result=sent" in sent.log


def test_one_notice_tells_of_failures_and_deliveries(queue, sink):
    sink.keywords = WITHOUT_DSN
    sink.rejected["carol@example.org"] = "550 5.1.1 no such user"
    queue.put("bob@example.org", "carol@example.org",
              options=("-N", "success,failure"))
    queue.run()
    queue.run()
    (notice,) = notices(sink)
    assert statuses(notice) == {
        "bob@example.org": "relayed", "carol@example.org": "failed"}
    assert queue.ids() == []


# ---- NOTIFY of each recipient, from a client of -bs ----

def client(*recipients, sender=SENDER, message=MESSAGE):
    envelope = "".join(f"RCPT TO:<{address}> {words}\r\n"
                       for address, words in recipients)
    return (f"EHLO client.example\r\nMAIL FROM:<{sender}>\r\n{envelope}"
            "DATA\r\n").encode() + message.replace(
                b"\n", b"\r\n") + b".\r\nQUIT\r\n"


@pytest.mark.parametrize("mode", ["on", "later"])
def test_each_recipient_has_its_own_notify(queue, sink, mode):
    configure(queue, mode, "dsn_notify delay")
    run = queue.program.run("-bs", stdin=client(
        ("bob@example.org", "NOTIFY=SUCCESS"),
        ("carol@example.org", "NOTIFY=NEVER"), ("dave@example.org", "")))
    assert run.status == 0, run
    queue.run()
    assert [parameters[0] for parameters in
            sink.message.recipient_parameters] == [
                "NOTIFY=SUCCESS", "NOTIFY=NEVER", "NOTIFY=DELAY"]


@pytest.mark.parametrize("mode", ["on", "later"])
def test_only_who_asked_for_it_is_told_of_a_delivery(queue, sink, mode):
    sink.keywords = WITHOUT_DSN
    sink.rejected["erin@example.org"] = "450 4.2.1 try later"
    configure(queue, mode)
    queue.program.run("-bs", stdin=client(
        ("bob@example.org", "NOTIFY=SUCCESS"),
        ("carol@example.org", "NOTIFY=NEVER"), ("dave@example.org", ""),
        ("erin@example.org", "NOTIFY=SUCCESS,DELAY")))
    queue.run()
    queue.run()
    (notice,) = notices(sink)
    assert statuses(notice) == {"bob@example.org": "relayed"}
    assert len(queue.ids()) == 1
    sink.rejected.clear()
    queue.run("-qf")
    queue.run()
    assert statuses(notices(sink)[1]) == {"erin@example.org": "relayed"}


@pytest.mark.parametrize("mode", ["on", "later"])
def test_the_original_recipient_of_a_client_is_named(queue, sink, mode):
    sink.keywords = EAI
    configure(queue, mode)
    original = r"NOTIFY=FAILURE ORCPT=utf-8;j\x{FC}rgen@example.net"
    message = client(("jürgen@example.org", original)).replace(
        b"alice@example.org>\r\n", b"alice@example.org> SMTPUTF8\r\n")
    queue.program.run("-bs", stdin=message)
    queue.run()
    assert sink.message.recipient_parameters == [original.split(" ")]
    sink.messages.clear()
    sink.rejected["jürgen@example.org"] = "550 5.1.1 no such user"
    configure(queue, "later")
    queue.program.run("-bs", stdin=message)
    queue.run()
    assert ("Original-Recipient: utf-8; jürgen@example.net\r\n"
            "Final-Recipient: utf-8; jürgen@example.org\r\n").encode() \
        in sink.message.data


# ---- what is attached ----

BIG = MESSAGE + (b"y" * 70 + b"\n") * 2000


@pytest.mark.parametrize("message, option, whole", [
    (MESSAGE, (), True), (MESSAGE, ("-R", "hdrs"), False),
    (MESSAGE, ("-R", "full"), True), (BIG, (), False),
    (BIG, ("-R", "full"), True), (BIG, ("-R", "hdrs"), False),
])
def test_a_message_is_returned_whole_or_its_header_is(
        queue, sink, message, option, whole):
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    queue.put("bob@example.org", message=message, options=option)
    queue.run()
    queue.run()
    _, (_, _, returned) = parts_of(sink.message)
    head, _, body = message.partition(b"\n\n")
    if whole:
        assert returned.get_content_type() == "message/rfc822"
        inner = returned.get_payload(0).as_bytes().replace(b"\r\n", b"\n")
        assert inner.rstrip(b"\n") == message.rstrip(b"\n")
    else:
        assert returned.get_content_type() == "text/rfc822-headers"
        text = returned.get_content().encode().replace(b"\r\n", b"\n")
        assert text.strip() == head.strip()
    assert body.strip() in sink.message.data.replace(b"\r\n", b"\n") or \
        not whole


EAI = ("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN")


@pytest.mark.parametrize("sender, recipient, international", [
    (SENDER, "jürgen@example.org", True),
    ("élise@example.org", "bob@example.org", True),
    ("élise@example.org", "jürgen@example.org", True),
    (SENDER, "bob@example.org", False),
])
def test_addresses_that_need_it_have_the_types_of_rfc_6533(
        queue, sink, sender, recipient, international):
    sink.keywords = EAI
    sink.rejected[recipient] = "550 5.1.1 Empfänger unbekannt"
    queue.put(recipient, options=("-f", sender))
    queue.run()
    queue.run()
    notice = sink.message
    assert notice.recipients == [sender]
    assert ("SMTPUTF8" in notice.parameters) == (sender != SENDER)
    parsed = email.message_from_bytes(notice.data,
                                      policy=email.policy.SMTPUTF8)
    prefix = "global-" if international else ""
    assert parsed.get_param("report-type") == prefix + "delivery-status"
    text, status, returned = parsed.iter_parts()
    assert "Empfänger unbekannt" in text.get_content()
    assert recipient in text.get_content()
    assert status.get_content_type() == f"message/{prefix}delivery-status"
    assert returned.get_content_type() == (
        "message/global" if international else "message/rfc822")
    kind = "rfc822" if recipient.isascii() else "utf-8"
    block = status.as_bytes().decode()
    assert f"Final-Recipient: {kind}; {recipient}\n" in block.replace(
        "\r\n", "\n")
    said = "Empfänger unbekannt" if international else "Empf?nger unbekannt"
    assert f"Diagnostic-Code: smtp; 550 5.1.1 {said}" in block
    if not international:
        assert notice.data.partition(b"delivery-status\r\n\r\n")[2].partition(
            b"--")[0].isascii()


def test_a_server_for_ascii_gets_the_international_notice_encoded(queue,
                                                                  sink):
    """No 8-bit octet is sent, and none is lost."""
    sink.keywords = ("ENHANCEDSTATUSCODES",)
    queue.put("jürgen@example.org", message="Subject: Grüße\n"
              "Content-Type: text/plain; charset=utf-8\n"
              "MIME-Version: 1.0\n\nSchöne Grüße\n".encode())
    queue.run()
    notice = sink.message
    assert notice.data.isascii()
    parsed = email.message_from_bytes(notice.data)
    assert parsed.get_param("report-type") == "global-delivery-status"
    sections = notice.data.split(
        b"\r\n--" + parsed.get_boundary().encode())[1:-1]
    decoded = []
    for section in sections:
        head, _, body = section.partition(b"\r\n\r\n")
        coding = re.search(rb"(?i)transfer-encoding: *(\S+)", head)
        coding = coding[1].lower() if coding else b"7bit"
        decoded.append({b"base64": base64.b64decode,
                        b"quoted-printable": quopri.decodestring,
                        b"7bit": bytes}[coding](body).decode())
    assert "<jürgen@example.org>" in decoded[0]
    assert "Final-Recipient: utf-8; jürgen@example.org" in decoded[1]
    assert "Status: 5.6.7" in decoded[1]
    assert "message/global" in sections[2].decode()


@pytest.mark.parametrize("rejects", [False, True])
def test_nobody_is_to_be_told_of_a_notice(queue, sink, rejects):
    """RFC 3461 section 6.1: NEVER is the one value of NOTIFY."""
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    if rejects:
        sink.rejected_senders[""] = "550 5.7.1 sender needed"
    for _ in range(2):
        queue.put("bob@example.org")
    queue.run()
    queue.run()
    assert [message.sender for message in sink.messages] == (
        [SENDER, SENDER] if rejects else ["", ""])
    for message in sink.messages:
        assert "NOTIFY=NEVER" in message.recipient_parameters[0]
        assert message.parameters == [
            word for word in message.parameters if "RET=" not in word]


# ---- loops ----

def test_a_message_with_too_many_hops_is_refused(queue, sink):
    looping = b"Received: by a.example\n" * 51 + MESSAGE
    for options in ("-odi", "-odq", "-odb"):
        run = queue.program.run(options, "bob@example.org", stdin=looping)
        assert run.status == 78, run
        assert run.fields["status"] == "5.4.6"
    assert sink.messages == [] and queue.ids() == []
    run = queue.program.run("-bs", stdin=client(
        ("bob@example.org", ""), message=looping))
    assert " 5.4.6 " in run.stdout and queue.ids() == []


def test_a_notice_that_a_script_forwards_is_not_returned_again(queue, sink):
    """Each notice to the sender comes back as a message of the sender."""
    sink.rejected["bob@example.org"] = "550 5.7.1 refused"
    queue.configure("set_from_header on")
    queue.put("bob@example.org")
    queue.run()
    queue.run()
    forwarded = sink.message.data.replace(b"\r\n", b"\n")
    assert b"MAILER-DAEMON@client.example" in forwarded
    name = queue.put("bob@example.org", message=forwarded)
    run = queue.run()
    assert run.fields["result"] == "failed"
    assert queue.ids() == []
    assert queue.ids("failed") == [name]


@pytest.mark.parametrize("sender", [
    "<>", "root@localhost", "alice@client.example", "alice@CLIENT.example"])
@pytest.mark.parametrize("bounce_to", [None, "postmaster@example.net"])
def test_who_cannot_be_answered_gets_no_notice(queue, sink, sender, bounce_to):
    settings = [f"bounce_to {bounce_to}"] if bounce_to else []
    queue.configure("rewrite_local off", *settings)
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    name = queue.put("bob@example.org", options=("-f", sender))
    run = queue.run()
    assert f"from={sender.strip('<>')} " in run.log
    assert results(run) == (["returned", "sent"] if bounce_to else ["failed"])
    assert [message.recipients for message in sink.messages] == (
        [[bounce_to]] if bounce_to else [])
    assert queue.ids("failed") == ([] if bounce_to else [name])


def test_a_local_sender_that_is_rewritten_gets_the_notice(queue, sink):
    sink.rejected["bob@example.org"] = "550 5.1.1 no such user"
    queue.put("bob@example.org", options=("-f", "root@localhost"))
    queue.run()
    queue.run()
    assert sink.message.recipients == [SENDER]
