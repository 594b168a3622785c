# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Header fields keep their meaning, whatever the server supports.

What a server got is decoded with Python's email package and compared with the
text that was submitted.
"""

import base64
import email
import email.policy
import email.utils
import os
import quopri
import random
import re
from email.header import decode_header, make_header

import pytest

from dialogue import (ACCEPTED, DATA, ENVELOPE, QUIT, SEND, greet, lines,
                      receive_last_chunk)

PROFILES = {
    "everything": ("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING",
                   "BINARYMIME", "SIZE", "DSN"),
    "8bitmime": ("8BITMIME",),
    "nothing": (),
}
FILLER = {"From": "alice@example.org", "To": "bob@example.org",
          "Date": "Sat, 21 Nov 2026 12:00:00 +0000",
          "Message-ID": "<1@example.org>"}
DOMAIN = "xn--bcher-kva.example"


@pytest.fixture(params=PROFILES)
def profile(request):
    return request.param


@pytest.fixture
def transmit(submit, server, profile):
    """Sends header lines; returns what the server got and as bytes."""
    def transmit(header, *argv, fill=True, **options):
        if isinstance(header, str):
            header = header.encode()
        names = {line.split(b":")[0].lower() for line in header.split(b"\n")}
        for name, value in FILLER.items() if fill else ():
            if name.lower().encode() not in names:
                header += f"\n{name}: {value}".encode()
        if profile == "everything":
            server.replies["chunk"] = receive_last_chunk(server)
            data = "C: BDAT * LAST\nREPLY chunk\nC: QUIT\nS: 221 2.0.0 bye"
        else:
            data = lines(DATA, ACCEPTED, QUIT)
        server.play(lines(greet(*PROFILES[profile]), ENVELOPE, data))
        run = submit("-i", *(argv or SEND), stdin=header + b"\n\nx\n",
                     **options)
        assert (run.status, run.stderr) == (os.EX_OK, ""), run
        assert b"SMTPUTF8\r\n" not in server.clear.split(b"MAIL ")[1]
        check_lines(server.message)
        return email.message_from_bytes(
            server.message, policy=email.policy.default), server.message
    return transmit


def check_lines(message):
    """The header is ASCII, and folded as RFC 2047 and RFC 5322 say.

    A line of more than 76 octets with an encoded word has no blank.
    """
    header = message.split(b"\r\n\r\n")[0]
    assert header.isascii(), header
    for field in re.split(rb"\r\n(?![ \t])", header):
        encoded = re.search(rb"=\?.*\?[BQ]\?", field)
        for line in field.split(b"\r\n"):
            assert len(line) <= 998
            if encoded and len(line) > 76:
                assert b"=?" not in line or b" " not in line.strip(), field


def addresses(message, name):
    """The names and addresses.

    Python 3.11 keeps the blanks between the encoded words of a name.
    """
    raw = dict(message.raw_items())[name]
    pairs = email.utils.getaddresses([re.sub(r"\r?\n", "", str(raw))])
    return [(str(make_header(decode_header(display))), address)
            for display, address in pairs]


def encoded_words(text):
    """The octets of each encoded word."""
    return [base64.b64decode(data) if encoding == b"B"
            else quopri.decodestring(data, header=True)
            for encoding, data in re.findall(
                rb"=\?[^?]+\?([BQ])\?([^?]*)\?=", text)]


TEXTS = {
    "Grüße aus Köln": "Grüße aus Köln",
    "plain": "plain",
    "ein  ü  und   ö  ende": "ein  ü  und   ö  ende",
    "=?utf-8?Q?J=C3=BCrgen?= Müller": "Jürgen Müller",
    "Müller =?utf-8?Q?J=C3=BCrgen?= und ß": "Müller Jürgen und ß",
    "=?utf-8?Q?J=C3=BC?= =?utf-8?Q?rgen?= ß": "Jürgen ß",
    "=?utf-8?Q?Jürgen?= x": "Jürgen x",
    "100 % = _fertig_ ä?": "100 % = _fertig_ ä?",
    "привет мир " * 30 + ".": "привет мир " * 30 + ".",
    "😀" * 300: "😀" * 300,
    "日本語" * 700: "日本語" * 700,
    "a" * 60 + " ü " + "b" * 60 + " ü": "a" * 60 + " ü " + "b" * 60 + " ü",
}


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_text_arrives_as_it_was_written(transmit, text):
    message, _ = transmit(f"Subject: {text}\nX-Note: {text}")
    assert message["Subject"] == TEXTS[text]
    assert message["X-Note"] == TEXTS[text]


def random_text(generator):
    """Returns text with encoded words in it, and what a reader shows."""
    written, shown, encoded, blank = "", "", False, ""
    for _ in range(generator.randrange(1, 14)):
        word = "".join(generator.choice("abc.,?=_\"()<>@:;äßжя漢😀")
                       for _ in range(generator.randrange(1, 6)))
        word = word.replace("=?", "x")
        is_encoded = generator.random() < 0.3
        source = word
        if is_encoded and generator.random() < 0.5:
            data = base64.b64encode(word.encode()).decode()
            source = f"=?utf-8?B?{data}?="
        elif is_encoded:
            data = "".join(f"={octet:02X}" for octet in word.encode())
            source = f"=?utf-8?q?{data}?="
        if written:
            blank = generator.choice([" ", " ", "  ", "\n "])
            written += blank
            if not (encoded and is_encoded):
                shown += blank.replace("\n", "")
        written, shown, encoded = written + source, shown + word, is_encoded
    return written, shown


def test_random_text_arrives_as_it_was_written(transmit):
    generator = random.Random(2047)
    texts = [random_text(generator) for _ in range(300)]
    message, _ = transmit("\n".join(
        f"X-{n}: {written}" for n, (written, _) in enumerate(texts)))
    for n, (written, shown) in enumerate(texts):
        assert message[f"X-{n}"] == shown, written


def test_random_names_arrive_as_they_were_written(transmit):
    generator = random.Random(5322)
    names = []
    for _ in range(200):
        name = "".join(generator.choice("ab .,()<>@:;äßжя漢😀")
                       for _ in range(generator.randrange(1, 60)))
        names.append(" ".join(("ä" + name).split()))
    value = ",\n ".join(f'"{name}"<{n}@bücher.example>'
                        for n, name in enumerate(names))
    message, _ = transmit(f"To: {value}")
    assert addresses(message, "To") == [
        (name, f"{n}@{DOMAIN}") for n, name in enumerate(names)]


ADDRESSES = {
    "Jörg Maier <j@x.example>": [("Jörg Maier", "j@x.example")],
    '"Jörg, M." <j@x.example>': [("Jörg, M.", "j@x.example")],
    "x@bücher.example": [("", f"x@{DOMAIN}")],
    "Jörg <x@bücher.example>, y@BÜCHER.example":
        [("Jörg", f"x@{DOMAIN}"), ("", f"y@{DOMAIN}")],
    "=?utf-8?Q?J=C3=BCrgen?= Müller <j@x.example>":
        [("Jürgen Müller", "j@x.example")],
    "[Team] Jörg <j@x.example>": [("[Team] Jörg", "j@x.example")],
    "j@x.example <j@bücher.example>": [("j@x.example", f"j@{DOMAIN}")],
    "j@x.example (Jörg (M)), k@x.example":
        [("Jörg (M)", "j@x.example"), ("", "k@x.example")],
    ", ".join(f"Jürgen Müßiggänger {n} <user{n}@x.example>"
              for n in range(90)):
        [(f"Jürgen Müßiggänger {n}", f"user{n}@x.example")
         for n in range(90)],
    ",".join(f"Jürgen<user{n}@x.example>" for n in range(90)):
        [("Jürgen", f"user{n}@x.example") for n in range(90)],
}
ADDRESS_FIELDS = ["From", "Sender", "Reply-To", "To", "Cc", "Resent-From",
                  "Resent-Sender", "Resent-To", "Resent-Cc"]


@pytest.mark.parametrize("value", ADDRESSES, ids=range(len(ADDRESSES)))
def test_addresses_arrive_as_they_were_written(transmit, value):
    message, _ = transmit(f"To: {value}\nReply-To: {value}")
    assert addresses(message, "To") == ADDRESSES[value]
    assert addresses(message, "Reply-To") == ADDRESSES[value]


@pytest.mark.parametrize("name", ADDRESS_FIELDS)
def test_domains_become_a_labels_in_every_field_with_addresses(
        transmit, name):
    message, _ = transmit(f"{name}: Jörg <x@bücher.example>")
    field = message[name]
    assert [(a.display_name, a.addr_spec) for a in field.addresses] == [
        ("Jörg", f"x@{DOMAIN}")]


@pytest.mark.parametrize("name", [
    "Disposition-Notification-To", "Return-Receipt-To", "Errors-To",
    "Mail-Followup-To", "Resent-Reply-To"])
def test_domains_become_a_labels_in_other_fields_with_addresses(
        transmit, name):
    message, _ = transmit(f"{name}: Jörg <x@bücher.example>")
    assert message[name] == f"Jörg <x@{DOMAIN}>"


def test_the_domain_of_our_own_from_becomes_an_a_label(
        submit, server, profile):
    server.play(lines(
        greet(*[word for word in PROFILES[profile] if word != "CHUNKING"]),
        f"""
        C: MAIL FROM:<me@{DOMAIN}>*
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    run = submit("bob@example.org", stdin=b"Subject: x\n\nx\n",
                 settings="tls off\nfrom me@bücher.example\n"
                          "from_full_name Jörg")
    assert (run.status, run.stderr) == (os.EX_OK, ""), run
    message = email.message_from_bytes(
        server.message, policy=email.policy.default)
    check_lines(server.message)
    assert b"SMTPUTF8\r\n" not in server.clear.split(b"MAIL ")[1]
    assert addresses(message, "From") == [("Jörg", f"me@{DOMAIN}")]
    assert message["Message-ID"].endswith(f"@{DOMAIN}>")
    assert message["Message-ID"] in run.log


DOUBTFUL = {
    "To: Bücher, GmbH <a@x.example>": "Bücher, GmbH <a@x.example>",
    "From: Weiß foo@x.example": "Weiß foo@x.example",
    'Cc: "Jörg <a@x.example>': '"Jörg <a@x.example>',
    "Cc: (Jörg a@x.example": "(Jörg a@x.example",
    "Reply-To: a@x.example Jörg": "a@x.example Jörg",
    "Errors-To: a@💩.example": "a@💩.example",
}


@pytest.mark.parametrize("field", DOUBTFUL, ids=range(len(DOUBTFUL)))
def test_a_field_that_cannot_be_parsed_does_not_stop_a_message(
        transmit, field):
    name = field.split(":")[0]
    _, raw = transmit(field)
    value = re.search(rb"(?m)^%s: ([^\r]*(?:\r\n[ \t][^\r]*)*)"
                      % name.encode(), raw)[1]
    decoded = email.message_from_bytes(b"Subject: " + value + b"\r\n\r\n",
                                       policy=email.policy.default)
    assert decoded["Subject"] == DOUBTFUL[field]


def test_a_from_of_one_word_is_the_name_of_the_sender(transmit):
    message, _ = transmit("From: Jürgen")
    assert addresses(message, "From") == [("Jürgen", "alice@example.org")]


def test_with_t_a_field_that_cannot_be_parsed_is_rejected(submit):
    run = submit("-t", "-i", stdin="To: Weiß foo@x.example\n\nx\n".encode())
    assert run.status == os.EX_DATAERR


NAMES = {
    'filename="größe.txt"': "größe.txt",
    "filename=größe.txt": "größe.txt",
    "filename=größe (1).txt": "größe (1).txt",
    "filename*=utf-8''größe": "größe",
    "filename*=utf-8''gr%C3%B6ße": "größe",
    "filename*0*=utf-8''grö; filename*1*=ße": "größe",
    'filename*0="grö"; filename*1="ße"': "größe",
    'filename*0="gr"; filename*1="öße"': "größe",
    f'filename="{"größe" * 40}"': "größe" * 40,
    f'filename="{"größe" * 400}"': "größe" * 400,
    f'filename="{"word " * 400}x"': "word " * 400 + "x",
    "filename*=utf-8''" + "gr%C3%B6%C3%9Fe" * 200: "größe" * 200,
    'filename="größe" (ü); size=3': "größe",
}


@pytest.mark.parametrize("parameter", NAMES, ids=range(len(NAMES)))
def test_file_names_arrive_as_they_were_written(transmit, parameter):
    message, raw = transmit(
        f"Content-Disposition: attachment; {parameter}; x=y\n"
        "Content-Type: text/plain; charset=utf-8; "
        + parameter.replace("filename", "name"))
    assert message.get_filename() == NAMES[parameter]
    assert message["Content-Type"].params["name"] == NAMES[parameter]
    assert message["Content-Disposition"].params["x"] == "y"
    # No octet in hexadecimal is folded.
    assert not re.search(rb"%[0-9A-F]?\r\n", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 78


IDENTIFIERS = {
    "Message-ID: <größe@bücher.example>": f"<gr%C3%B6%C3%9Fe@{DOMAIN}>",
    "In-Reply-To: <a@b> <ö@x>": "<a@b> <%C3%B6@x>",
    "References: <a@b>\n <ö@x>": "<a@b> <%C3%B6@x>",
    "Resent-Message-ID: <ö@x>": "<%C3%B6@x>",
    "Content-ID: <ö@x>": "<%C3%B6@x>",
    "Received: from müller by x; y": "from m%C3%BCller by x; y",
    "List-Archive: <https://x.example/ö>": "<https://x.example/%C3%B6>",
    "Content-Language: ö": "%C3%B6",
}


@pytest.mark.parametrize("field", IDENTIFIERS, ids=range(len(IDENTIFIERS)))
def test_identifiers_and_tokens_have_no_encoded_words(transmit, field):
    name = field.split(":")[0]
    message, raw = transmit(field)
    assert b"=?" not in raw
    assert str(message[name]) == IDENTIFIERS[field]


CHARSETS = {
    "iso-8859-1": "Grüße aus Köln " * 20,
    "windows-1251": "привет мир " * 20,
    "euc-jp": "日本語の件名" * 30,
    "shift_jis": "件名の日本語" * 30,
    "gb18030": "汉字𠀀标题" * 30,
    "euc-kr": "한국어 제목 " * 30,
    "big5": "漢字標題" * 30,
}


@pytest.mark.parametrize("charset", CHARSETS)
def test_the_declared_charset_is_used(transmit, charset):
    text = CHARSETS[charset].strip()
    head = (b"Subject: " + text.encode(charset) + b"\nTo: \""
            + text[:20].encode(charset) + b"\" <bob@example.org>\n")
    message, raw = transmit(
        head + f"Content-Type: text/plain; charset={charset}".encode())
    assert message["Subject"] == text
    assert addresses(message, "To")[0][0] == text[:20].strip()
    assert b"unknown-8bit" not in raw
    # Each encoded word has whole characters.
    for octets in encoded_words(raw):
        octets.decode(charset)


def test_octets_of_no_known_charset_are_declared_as_such(transmit):
    _, raw = transmit(b"Subject: Gr\xfc\xdfe")
    assert b"Subject: =?unknown-8bit?Q?Gr=FC=DFe?=\r\n" in raw


def test_a_header_of_a_mebibyte_is_encoded(transmit):
    """Python's email package needs many seconds for such a field."""
    text = ("äöü " * 74000).strip()
    _, raw = transmit(f"Subject: {text}\nTo: {text[:50000]}<b@x.example>")
    field = re.search(rb"^Subject:.*?\r\n(?![ \t])", raw, re.S | re.M)[0]
    assert b"".join(encoded_words(field)).decode() == text


HOSTILE = ['"ä', "(ä" * 100000, "<" * 100000 + "ä", "ä" + '"\\' * 100000,
           "ä" + "," * 300000, "((((ä))))" * 20000 + "a@x.example",
           "(" * 100000 + "ä" + ")" * 100000 + "a@x.example",
           "[ä <a@x.example>, " * 50000, "ä" + "\n \0" * 300000]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_address_field_is_encoded(transmit, value):
    transmit(f"To: {value}")


def test_parts_keep_their_names_on_a_server_without_8bitmime(submit, server):
    server.play(lines(greet(), ENVELOPE, DATA, ACCEPTED, QUIT))
    run = submit("-i", *SEND, stdin="""\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; name="größe.txt"
Content-Disposition: attachment; filename="größe.txt"

ö
--b
Content-Type: message/rfc822

From: Jörg <jörg@bücher.example>
Subject: größe

ö
--b--
""".encode())
    assert (run.status, run.stderr) == (os.EX_OK, "")
    check_lines(server.message)
    assert server.message.isascii()
    first, second = email.message_from_bytes(
        server.message, policy=email.policy.default).iter_parts()
    assert first.get_filename() == "größe.txt"
    assert second.get_payload(0)["Subject"] == "größe"
    # The address has no form in ASCII, and nobody sends to it.
    inner = re.findall(rb"\r\nFrom: ([^\r]*(?:\r\n [^\r]*)*)",
                       server.message)[-1]
    assert (str(make_header(decode_header(inner.decode())))
            == "Jörg <jörg@bücher.example>")


# SMTPUTF8

LOCAL_PARTS = {
    "To: bob@example.org, jörg@bücher.example": "To",
    "Errors-To: Jörg <jörg@bücher.example>": "Errors-To",
}


@pytest.mark.parametrize("field", LOCAL_PARTS, ids=LOCAL_PARTS.values())
@pytest.mark.parametrize("keywords", [(), ("8BITMIME",)])
def test_a_local_part_that_needs_smtputf8_is_named(
        submit, server, field, keywords):
    server.play(lines(greet(*keywords), QUIT))
    run = submit("-i", *SEND, stdin=f"{field}\n\nx\n".encode())
    assert run.status == os.EX_DATAERR
    assert run.fields["status"] == "5.6.7"
    assert (f"the address <jörg@bücher.example> in the field "
            f"{LOCAL_PARTS[field]} needs SMTPUTF8, which the server does not "
            "offer") in run.stderr
    assert "8BITMIME" not in run.stderr


def test_smtputf8_implies_8bitmime(submit, server):
    server.play(lines(greet("SMTPUTF8"), """
        C: MAIL FROM:<alice@example.org> SMTPUTF8
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    run = submit("-i", *SEND, stdin="Cc: jörg@x.example\n\nö\n".encode())
    assert run.status == 0, run
    assert "Cc: jörg@x.example\r\n".encode() in server.message
    assert server.message.endswith("\r\n\r\nö\r\n".encode())


def test_with_smtputf8_a_field_that_is_not_utf8_is_encoded(submit, server):
    server.play(lines(greet("8BITMIME", "SMTPUTF8"), """
        C: MAIL FROM:<alice@example.org>* SMTPUTF8
        S: 250 ok
        C: RCPT TO:<bob@example.org>
        S: 250 ok
    """, DATA, ACCEPTED, QUIT))
    run = submit("-i", *SEND, stdin="Cc: jörg@bücher.example\nX: ö\n".encode()
                 + b"Subject: \xfc\nContent-Type: text/plain; "
                 b"charset=iso-8859-1\n\nx\n")
    assert run.status == 0, run
    assert "Cc: jörg@bücher.example\r\nX: ö\r\n".encode() in server.message
    assert b"Subject: =?iso-8859-1?B?/A==?=\r\n" in server.message
