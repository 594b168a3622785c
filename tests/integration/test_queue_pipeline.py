# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue runs that send several messages in one session."""

import pytest

from dialogue import QUIT, greet, lines
from kernel import signal_run
from queue_files import MESSAGE
from round_trips import RoundTripCounter
from scripted import ScriptedServer
from sink import Sink

SENDER = "alice@example.org"
WHOLE = (MESSAGE[0] + b"\n" + MESSAGE[1]).replace(b"\n", b"\r\n")


def mail(number, reply="250 2.1.0 ok", sender=SENDER):
    """MAIL and RCPT of a message to u<number>@example.org."""
    return lines(f"""
        C: MAIL FROM:<{sender}>*
        S: {reply}
    """)


def rcpt(number, reply="250 2.1.5 ok"):
    return lines(f"""
        C: RCPT TO:<u{number}@example.org>*
        S: {reply}
    """)


def data(number, reply="250 2.0.0 accepted"):
    """A whole message with DATA."""
    return lines(mail(number), rcpt(number), f"""
        C: DATA
        S: 354 go on
        BODY
        S: {reply}
    """)


class Run:
    """A queue with messages to u0, u1 and so on, for the scripted server."""

    def __init__(self, program, spool, server):
        self.program = program
        self.spool = spool
        self.server = server
        self.ids = []
        self.configure()

    def configure(self, *settings, port=None, timeout=10):
        text = "\n".join([
            "account default", "host 127.0.0.1",
            f"port {port or self.server.port}", "tls off",
            "domain client.example", f"from {SENDER}", f"timeout {timeout}",
            "queue later", f"queue_dir {self.spool.path}",
            "queue_sessions 1", *settings])
        self.program.write_config(text + "\n")

    def add(self, count, **changes):
        for _ in range(count):
            self.ids.append(self.spool.add(
                [f"u{len(self.ids)}@example.org"], age=600, **changes))

    def play(self, *transcripts):
        """Runs the queue; returns the result of each message, in order."""
        self.server.play(*transcripts)
        run = self.program.run("-q", "-v", stdin=None)
        self.server.finish()
        assert run.status == 0, run
        results = {}
        for line in run.stdout.splitlines():
            name, _, result = line.partition(" ")
            if name in self.ids:
                assert name not in results, run
                results[name] = result.partition(":")[0]
        self.output = run.stdout
        return [results.get(name) for name in self.ids]

    def left(self):
        """Returns the numbers of the messages that are still queued."""
        names = self.spool.names()
        return [number for number, name in enumerate(self.ids)
                if name in names]


@pytest.fixture
def queue(program, spool, server):
    return Run(program, spool, server)


def test_a_null_sender_that_is_rejected_in_the_middle_is_replaced(queue):
    queue.add(1)
    queue.add(2, sender="", notice="")
    queue.add(1)
    rejected = lines(mail(1, "550 5.7.1 sender needed", sender=""), """
        C: RSET
        S: 250 2.0.0 ok
    """)
    assert queue.play(lines(greet(), data(0), rejected, data(2), data(3),
                            data(1), QUIT)) == ["sent"] * 4
    assert queue.spool.names() == []


def chunk(number, reply="250 2.6.0 accepted"):
    return lines(f"""
        C: BDAT {len(WHOLE)} LAST
        CHUNK {len(WHOLE)}
        S: {reply}
    """)


RSET = lines("""
    C: RSET
    S: 250 2.0.0 reset
""")
ALL = greet("PIPELINING", "CHUNKING")


def bdat(number):
    """A whole message with BDAT, in a pipeline."""
    return lines(mail(number), rcpt(number), chunk(number), RSET)


def begin(number, reply="354 go on"):
    """A message up to the reply to DATA."""
    return lines(mail(number), rcpt(number), f"""
        C: DATA
        S: {reply}
    """)


def end(reply="250 2.0.0 accepted"):
    """The data of a message and the final reply."""
    return lines("BODY", f"S: {reply}")


def test_messages_are_sent_in_groups_with_bdat(queue):
    """The groups grow: one message with BDAT, two, four."""
    queue.add(12)
    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), bdat(3), bdat(4), begin(5),
        end(), *map(bdat, range(6, 10)), begin(10), end(), bdat(11),
        QUIT)) == ["sent"] * 12
    assert queue.left() == []
    assert queue.server.messages == [WHOLE] * 12


def test_without_chunking_data_ends_each_group(queue):
    queue.add(4)
    assert queue.play(lines(
        greet("PIPELINING"), data(0), begin(1), end(), begin(2), end(),
        begin(3), end(), QUIT)) == ["sent"] * 4


@pytest.mark.parametrize("keywords, settings", [
    (("CHUNKING",), []),
    (("PIPELINING", "CHUNKING"), ["queue_pipeline 1"]),
    (("PIPELINING", "CHUNKING"), ["pipelining off"]),
    ((), []),
])
def test_messages_are_sent_one_after_the_other(queue, keywords, settings):
    queue.configure(*settings)
    queue.add(3)
    assert queue.play(lines(greet(*keywords), data(0), data(1), data(2),
                            QUIT)) == ["sent"] * 3


def rejected_mail(number, reply):
    """A message with BDAT whose MAIL is rejected."""
    return lines(mail(number, reply), rcpt(number, "503 5.5.1 MAIL first"),
                 chunk(number, "503 5.5.1 MAIL first"), RSET)


def rejected_rcpt(number, reply):
    return lines(mail(number), rcpt(number, reply),
                 chunk(number, "554 5.5.1 no valid recipients"), RSET)


def rejected_message(number, reply):
    return lines(mail(number), rcpt(number), chunk(number, reply), RSET)


@pytest.mark.parametrize("reject, reply, result", [
    (rejected_mail, "550 5.7.1 no", "returned"),
    (rejected_mail, "451 4.3.0 later", "deferred"),
    (rejected_rcpt, "550 5.1.1 no such user", "returned"),
    (rejected_rcpt, "450 4.2.1 later", "deferred"),
    (rejected_rcpt, "452 4.5.3 too many", "deferred"),
    (rejected_message, "554 5.7.1 spam", "returned"),
    (rejected_message, "452 4.3.1 no space", "deferred"),
])
def test_a_rejection_is_that_of_its_message_alone(
        queue, reject, reply, result):
    queue.add(6, notify="NEVER")
    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), reject(3, reply), bdat(4),
        begin(5), end(), QUIT)) == ["sent"] * 3 + [result] + ["sent"] * 2
    assert queue.left() == ([3] if result == "deferred" else [])


@pytest.mark.parametrize("reply, result", [
    ("550 5.1.1 no such user", "returned"), ("450 4.2.1 later", "deferred")])
def test_a_rejection_at_the_end_of_a_group_leaves_the_proof_to_the_next(
        queue, reply, result):
    queue.add(5, notify="NEVER")
    rejected = lines(mail(2), rcpt(2, reply), """
        C: DATA
        S: 554 5.5.1 no valid recipients
    """)
    assert queue.play(lines(
        ALL, data(0), bdat(1), rejected, RSET, bdat(3), bdat(4), QUIT)) == [
            "sent", "sent", result, "sent", "sent"]


def test_recipients_that_were_too_many_have_another_transaction(queue):
    queue.add(3)
    queue.ids.append(queue.spool.add(
        ["u3@example.org", "v3@example.org"], age=500))
    queue.ids.append(queue.spool.add(["u4@example.org"], age=400))
    queue.ids.append(queue.spool.add(["u5@example.org"], age=300))
    second = """
        C: RCPT TO:<v3@example.org>*
        S: 452 4.5.3 too many
    """
    rest = """
        C: RCPT TO:<v3@example.org>*
        S: 250 2.1.5 ok
        C: DATA
        S: 354 go on
        BODY
        S: 250 2.0.0 accepted
    """
    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), mail(3), rcpt(3), second,
        chunk(3), RSET, bdat(4), begin(5), end(), mail(3), rest, QUIT)) == [
            "sent"] * 6
    assert queue.left() == []


@pytest.mark.parametrize("at", ["mail", "rset"])
def test_messages_behind_421_are_sent_in_another_session(queue, at):
    queue.add(6)
    closing = "421 4.3.2 too many messages"
    closed = lines(bdat(3), mail(4, closing)) if at == "mail" else lines(
        bdat(3), mail(4), rcpt(4), chunk(4), "C: RSET", f"S: {closing}")
    again = [data(4), data(5)] if at == "mail" else [data(5)]
    results = queue.play(
        lines(ALL, data(0), bdat(1), begin(2), end(), closed, "DRAIN"),
        lines(greet(), *again, QUIT))
    # 421 may be the true reply to BDAT.
    assert results == ["sent"] * 4 + [
        "sent" if at == "mail" else "deferred", "sent"]


def test_a_message_that_is_rejected_with_421_waits(queue):
    queue.add(6)
    assert queue.play(
        lines(ALL, data(0), bdat(1), begin(2), end(), bdat(3), mail(4),
              rcpt(4), chunk(4, "421 4.3.0 sorry"), "DRAIN"),
        lines(greet(), data(5), QUIT)) == ["sent"] * 4 + ["deferred", "sent"]


@pytest.mark.parametrize("replies", [0, 1, 2, 3, 4])
def test_after_a_cut_only_what_was_not_answered_waits(queue, replies):
    queue.add(6)
    sent = [data(0), bdat(1), begin(2)]
    second = [end(), bdat(3), bdat(4), begin(5)]
    if replies == 4:
        cut = lines(*second[:3], mail(5), "CLOSE")
    elif replies == 0:
        cut = lines("BODY", "CLOSE")
    else:
        cut = lines(*second[:replies], "CLOSE")
    results = queue.play(lines(ALL, *sent, cut),
                         lines(greet(), data(5), QUIT))
    assert results == (["sent"] * 2 + ["sent"] * min(replies, 3)
                       + ["deferred"] * (3 - min(replies, 3)) + ["sent"])
    assert "may have been delivered" in queue.output or replies >= 3


@pytest.mark.parametrize("ending, result", [
    ("SHUTDOWN\nDRAIN", "sent"), ("RAW 25\nSHUTDOWN\nDRAIN", "deferred"),
    ("DRAIN", "deferred")], ids=["closed", "in a reply", "silent"])
def test_a_success_without_a_reply_to_rset_stands_if_the_server_closes(
        queue, ending, result):
    queue.configure(timeout=2)
    queue.add(6)
    assert queue.play(
        lines(ALL, data(0), bdat(1), begin(2), end(), mail(3), rcpt(3),
              chunk(3), ending),
        lines(greet(), data(5), QUIT)) == [
            "sent"] * 3 + [result, "deferred", "sent"]


def test_after_a_cut_messages_are_sent_one_after_the_other(queue):
    queue.add(6)
    assert queue.play(
        lines(ALL, data(0), mail(1), "CLOSE"),
        lines(ALL, data(3), data(4), data(5), data(2), QUIT)) == [
            "sent", "deferred", "sent", "sent", "sent", "sent"]
    assert queue.left() == [1]


EXTRA = "S: 250 2.0.0 unsolicited"
DEFERRED = "deferred"


@pytest.mark.parametrize("group", [
    # In front of the reply to DATA.
    lines(bdat(3), bdat(4), mail(5), rcpt(5), EXTRA, "C: DATA",
          "S: 354 go on"),
    # The message is rejected.
    lines(mail(3), rcpt(3), EXTRA, chunk(3, "554 5.7.1 spam"), RSET, bdat(4),
          begin(5)),
    lines(bdat(3), mail(4), EXTRA, rcpt(4), chunk(4, "554 5.7.1 spam"), RSET,
          begin(5)),
    # Two of them.
    lines(mail(3), rcpt(3), EXTRA, EXTRA, chunk(3, "554 5.7.1 spam"), RSET,
          bdat(4), begin(5)),
    lines(bdat(3), mail(4), rcpt(4), EXTRA, EXTRA,
          chunk(4, "554 5.7.1 spam"), RSET, begin(5)),
], ids=["354", "next to RSET", "next to RSET, the last", "two", "two, last"])
def test_an_extra_reply_makes_a_group_uncertain(queue, group):
    queue.add(7)
    assert queue.play(
        lines(ALL, data(0), bdat(1), begin(2), end(), group, "DRAIN"),
        lines(ALL, data(6), data(5), QUIT)) == [
            "sent", "sent", DEFERRED, DEFERRED, DEFERRED, "sent", "sent"]
    assert queue.left() == [2, 3, 4]
    assert "may have been delivered" in queue.output


@pytest.mark.parametrize("missing", ["mail", "rcpt", "chunk", "rset"])
def test_a_missing_reply_makes_a_group_uncertain(queue, missing):
    queue.configure(timeout=2)
    queue.add(6)
    parts = {"mail": mail(3), "rcpt": rcpt(3), "chunk": chunk(3),
             "rset": RSET}
    parts[missing] = "\n".join(line for line in parts[missing].split("\n")
                               if not line.startswith("S:"))
    assert queue.play(
        lines(ALL, data(0), bdat(1), begin(2), end(), *parts.values(),
              bdat(4), begin(5), "DRAIN"),
        lines(ALL, data(5), QUIT)) == [
            "sent", "sent", DEFERRED, DEFERRED, DEFERRED, "sent"]
    assert queue.left() == [2, 3, 4]


def test_an_extra_reply_in_front_of_that_to_quit_is_noticed(queue):
    queue.add(2)
    assert queue.play(
        lines(ALL, data(0), mail(1), rcpt(1), EXTRA,
              chunk(1, "554 5.7.1 spam"), RSET, QUIT)) == ["sent", DEFERRED]


def test_a_reply_before_its_command_ends_the_session(queue):
    queue.add(4)
    rejected = lines(mail(2), rcpt(2, "450 4.2.1 later"), """
        C: DATA
        S: 554 5.5.1 no valid recipients
        S: 250 2.0.0 unsolicited
    """)
    results = queue.play(
        lines(ALL, data(0), bdat(1), rejected, "DRAIN"),
        lines(ALL, data(2), data(3), QUIT))
    assert results == ["sent", DEFERRED, "sent", "sent"]


def test_an_early_reply_to_bdat_belongs_to_it(queue):
    queue.add(6, notify="NEVER")
    early = lines(mail(3), rcpt(3), f"""
        C: BDAT {len(WHOLE)} LAST
        S: 552 5.3.4 too big
        READ {len(WHOLE)}
    """)
    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), early, RSET, bdat(4),
        begin(5), end(), QUIT)) == ["sent"] * 3 + ["returned"] + ["sent"] * 2


def test_a_server_that_does_not_know_bdat_gets_data(queue):
    """Nobody has a message that follows, either."""
    queue.add(5)
    unknown = lines(mail(1), rcpt(1), """
        C: BDAT *
        S: 500 5.5.1 what?
    """)
    assert queue.play(
        lines(ALL, data(0), unknown, "DRAIN"),
        lines(ALL, data(3), begin(4), end(), begin(1), end(), begin(2), end(),
              QUIT)) == ["sent"] * 5


@pytest.mark.parametrize("keywords", [
    ("PIPELINING", "CHUNKING"), ("PIPELINING",)])
def test_no_session_gets_more_messages_than_it_may(queue, keywords):
    queue.add(8)
    offer = greet(*keywords, "LIMITS MAILMAX=3")
    if len(keywords) == 2:
        sessions = [lines(offer, data(n), bdat(n + 1), begin(n + 2), end(),
                          QUIT) for n in (0, 3)]
        last = lines(offer, data(6), bdat(7), QUIT)
    else:
        sessions = [lines(offer, data(n), begin(n + 1), end(), begin(n + 2),
                          end(), QUIT) for n in (0, 3)]
        last = lines(offer, data(6), begin(7), end(), QUIT)
    assert queue.play(*sessions, last) == ["sent"] * 8


def test_null_senders_that_are_rejected_in_a_group_are_replaced(queue):
    queue.add(3)
    queue.add(1, sender="", notice="")
    queue.add(2)
    rejected = lines(mail(3, "550 5.7.1 sender needed", sender=""),
                     rcpt(3, "503 5.5.1 MAIL first"),
                     chunk(3, "503 5.5.1 MAIL first"), RSET)
    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), rejected, bdat(4), begin(5),
        end(), bdat(3), QUIT)) == ["sent"] * 6
    assert queue.spool.names() == []


def test_a_large_message_ends_its_group_with_data(queue):
    queue.add(3)
    large = (MESSAGE[0], (b"x" * 70 + b"\n") * 1500)
    queue.add(1, message=large)
    queue.add(2)
    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), begin(3), end(), bdat(4),
        bdat(5), QUIT)) == ["sent"] * 6


def test_a_group_has_a_limited_size(queue):
    queue.add(3)
    medium = (MESSAGE[0], (b"x" * 70 + b"\n") * 500)
    size = len((medium[0] + b"\n" + medium[1]).replace(b"\n", b"\r\n"))
    queue.add(3, message=medium)

    def big(number):
        return lines(mail(number), rcpt(number), f"""
            C: BDAT {size} LAST
            CHUNK {size}
            S: 250 2.6.0 accepted
        """, RSET)

    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), big(3), begin(4), end(),
        big(5), QUIT)) == ["sent"] * 6


def test_a_message_with_lines_like_commands_is_sent_with_data(queue):
    queue.add(2)
    queue.add(1, message=(MESSAGE[0], b"MAIL FROM:<x@example.org>\n"))
    queue.add(1)
    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), bdat(3), QUIT)) == [
            "sent"] * 4


def test_a_message_for_all_or_nobody_is_sent_alone(queue):
    queue.configure("partial off")
    queue.add(3)
    queue.ids.append(queue.spool.add(
        ["u3@example.org", "v3@example.org"], age=500))
    queue.ids.append(queue.spool.add(["u4@example.org"], age=400))
    second = """
        C: RCPT TO:<v3@example.org>*
        S: 250 2.1.5 ok
    """
    alone = lines(mail(3), rcpt(3), second, """
        C: DATA
        S: 354 go on
    """)
    assert queue.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), alone, end(), bdat(4),
        QUIT)) == ["sent"] * 5


def test_no_transaction_has_more_recipients_than_it_may(queue):
    queue.add(3)
    queue.ids.append(queue.spool.add(
        ["u3@example.org", "v3@example.org"], age=500))
    queue.ids.append(queue.spool.add(["u4@example.org"], age=400))
    second = lines(mail(3), """
        C: RCPT TO:<v3@example.org>*
        S: 250 2.1.5 ok
        C: DATA
        S: 354 go on
    """, end())
    assert queue.play(lines(
        greet("PIPELINING", "CHUNKING", "LIMITS RCPTMAX=1"), data(0), bdat(1),
        begin(2), end(), data(3), second, bdat(4), QUIT)) == ["sent"] * 5


def test_a_run_ends_its_group_after_a_signal(queue):
    queue.add(8)
    queue.server.play(lines(
        ALL, data(0), bdat(1), begin(2), end(), mail(3), "EVENT", "HOLD",
        rcpt(3), chunk(3), RSET, bdat(4), begin(5), end(), QUIT))
    process = queue.program.start("-q")
    assert queue.server.reached.wait(60)
    signal_run(process)
    queue.server.release()
    run = queue.program.end(process)
    queue.server.finish()
    assert run.status == 75
    assert queue.left() == [6, 7]


def test_a_server_that_stalls_ends_the_session(queue):
    queue.configure(timeout=2)
    queue.add(6)
    results = queue.play(
        lines(ALL, data(0), bdat(1), begin(2), end(), bdat(3), mail(4),
              "DRAIN"),
        lines(ALL, data(5), QUIT))
    assert results == ["sent"] * 4 + [DEFERRED, "sent"]


@pytest.mark.parametrize("keywords, most", [
    (("PIPELINING", "CHUNKING"), 15), (("PIPELINING",), 45)])
def test_messages_cost_few_round_trips(queue, keywords, most):
    """40 of them, the session included."""
    sink = Sink()
    sink.keywords = keywords
    counter = RoundTripCounter(sink.port)
    queue.configure(port=counter.port)
    queue.add(40)
    run = queue.program.run("-q", stdin=None)
    assert run.status == 0, run
    assert counter.finish() <= most
    sink.stop()
    assert len(sink.messages) == 40
    assert queue.left() == []


def test_dovecot_gets_one_message_after_the_other(queue):
    """It crashes otherwise."""
    queue.add(3)
    hello = ALL.replace("S: 220 mx.example ESMTP", "S: 220 Dovecot ready.")
    assert queue.play(lines(hello, data(0), data(1), data(2), QUIT)) == [
        "sent"] * 3


def test_a_server_that_fails_in_a_pipeline_is_remembered(queue):
    queue.add(3)
    assert queue.play(
        lines(ALL, data(0), mail(1), "CLOSE"),
        lines(ALL, data(2), QUIT)) == ["sent", DEFERRED, "sent"]
    queue.ids = []
    queue.spool.file(queue.spool.names()[0]).unlink()
    queue.add(3)
    queue.server = ScriptedServer(port=queue.server.port)
    assert queue.play(lines(ALL, data(0), data(1), data(2), QUIT)) == [
        "sent"] * 3


def test_a_connection_that_is_lost_later_is_not_the_fault_of_the_server(
        queue):
    queue.add(11)
    assert queue.play(
        lines(ALL, data(0), bdat(1), begin(2), end(), bdat(3), bdat(4),
              begin(5), end(), bdat(6), "CLOSE"),
        lines(ALL, data(10), QUIT)) == [
            "sent"] * 7 + [DEFERRED] * 3 + ["sent"]
    assert not (queue.spool.path / "faults").exists()
