# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares a message as it was given with the message as it arrived.

Both are read by Python's email package, which shares no code with veredus.
Each function returns a list of deviations; a deviation is (class, detail).  A
class that begins with INTENDED is a change that QUIRKS.md describes, and was
checked to be no other; every other class may be a loss.
"""

import email
import email.header
import email.message
import email.utils
import re

INTENDED = "intended: "
# Fields that are added if the message lacks them.
ADDED = {"from", "date", "message-id", "to", "mime-version", "content-type",
         "content-transfer-encoding"}
REMOVED = {"bcc", "resent-bcc", "return-path"}
REQUIRED = {"from", "date", "message-id"}  # replaced if they are invalid
JOINED = {"to", "cc"}
# Fields of which a message has one (RFC 5322 section 3.6, RFC 2045).
SINGLE = {"from", "sender", "reply-to", "to", "cc", "date", "message-id",
          "in-reply-to", "references", "subject", "mime-version",
          "content-type", "content-transfer-encoding", "content-id",
          "content-description", "content-disposition"}
ADDRESS_FIELDS = {"from", "sender", "reply-to", "to", "cc", "bcc",
                  "resent-from", "resent-sender", "resent-to", "resent-cc",
                  "resent-bcc", "resent-reply-to"}
ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")
DOMAIN = "corpus.example"  # of addresses without a domain


def normal(data):
    """Returns the octets of a message with LF line ends.

    The byte order mark, the From line of an mbox file and NULs, which are not
    part of the message, are left out.
    """
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    data = data.replace(b"\0", b"")
    return data if data.endswith(b"\n") else data + b"\n"


def text_of(octets, charset="utf-8"):
    """Decodes octets that may be in no known charset."""
    for name in (charset, "utf-8", "latin-1"):
        try:
            return octets.decode(name)
        except (LookupError, UnicodeDecodeError):
            pass
    return ""


def raw(value):
    """Returns the octets of a value of the email package."""
    return str(value).encode("utf-8", "surrogateescape")


def decoded(octets, charset):
    """Decodes encoded words and 8-bit text; white space becomes one blank."""
    text = re.sub(r"\s*\n\s*", " ", text_of(octets, charset))
    text = re.sub(r"(\?=)\s+(?==\?)", r"\1", text)

    def one(word):
        try:
            part, name = email.header.decode_header(word[0])[0]
        except (email.errors.HeaderParseError, ValueError):
            return word[0]
        return text_of(part, "latin-1" if name == "unknown-8bit" else
                       name or "ascii") if name else word[0]

    return " ".join(ENCODED_WORD.sub(one, text).split())


def qualified(address):
    """Adds the domain and returns its A-labels, in lower case."""
    local, at, domain = address.rpartition("@")
    if not at:
        local, domain = address, DOMAIN
    try:
        domain = domain.encode("idna").decode() if domain else domain
    except UnicodeError:
        pass
    return f"{local}@{domain.lower()}"


def mailboxes(octets, charset):
    """Returns (name, address) of each address, as Python's parser sees them."""
    unfolded = re.sub(r"\s*\n\s*", " ", text_of(octets, charset))
    try:
        # Some versions return nothing if they doubt a single address.
        return email.utils.getaddresses([unfolded], strict=False)
    except TypeError:
        return email.utils.getaddresses([unfolded])


def addresses(octets, charset):
    """Returns the addresses of a field."""
    return [qualified(address) for _, address in mailboxes(octets, charset)
            if address]


def loose(text):
    """Leaves out white space, quotes and backslashes."""
    return re.sub(r'[\s"\\]', "", text)


ELEMENT = re.compile(r'(?:"(?:\\.|[^"\\])*"|\((?:\\.|[^)\\])*\)|[^,;"(])+')


def elements(octets, charset):
    """Returns (name, address) of each address; the names may need quotes.

    Python's parser finds other addresses in names such as "[Team] Alice".
    """
    found = []
    for element in ELEMENT.findall(text_of(octets, charset)):
        in_brackets = re.search(r"<([^<>]*)>[^<>]*$", element)
        comments = "".join(re.findall(r"\(.*?\)", element))
        if in_brackets:
            name = element[:in_brackets.start()] + comments
            address = in_brackets[1].strip()
        else:
            name = comments
            address = re.sub(r"\(.*?\)", "", element).split(":")[-1].strip()
        if address or name.strip():
            found.append((decoded(name.encode(), charset), address))
    return found


def compare_field(name, before, after, charset):
    """Compares the meaning of a field."""
    old, new = decoded(before, charset), decoded(after, charset)
    detail = f"{before[:160]!r} -> {after[:160]!r}"
    if old == new or text_of(before, charset) == text_of(after, charset):
        return []
    arrived = addresses(after, charset)
    if name not in ADDRESS_FIELDS or arrived not in (
            addresses(before, charset),
            [qualified(address) for _, address in elements(before, charset)
             if address]):
        return [(f"field changed: {name}", detail)]
    return compare_names(name, before, after, charset)


def compare_names(name, before, after, charset):
    """Compares the display names of fields with the same addresses."""
    old = " ".join(text for text, _ in elements(before, charset))
    new = " ".join(text for text, _ in elements(after, charset))
    if loose(old).lower() != loose(new).lower():
        return [(f"display name changed: {name}",
                 f"{before[:160]!r} -> {after[:160]!r}")]
    if re.sub(r"\s", "", old) != re.sub(r"\s", "", new):
        return [(INTENDED + f"display name quoted: {name}",
                 f"{before[:160]!r} -> {after[:160]!r}")]
    return []


def fields(part):
    """Returns (name in lower case, octets of the value) of each field."""
    return [(name.lower(), raw(value)) for name, value in part.raw_items()]


def is_valid(name, value, charset):
    """Whether a field can be one of that name."""
    text = text_of(value, charset).strip()
    if name == "date":
        return email.utils.parsedate_tz(text) is not None
    if name == "message-id":
        return re.search(r"<[^<>\s]+>", text) is not None
    if name in ("from", "sender", "reply-to"):
        return any("@" in address or len(text.split()) == 1 for address in
                   addresses(value, charset)) and "<>" not in text
    return bool(text) and text != "<>"


CHECKED = {"from", "sender", "reply-to", "to", "cc", "date", "message-id"}


def expected_fields(old, charset):
    """Returns the fields that must arrive, and the intended changes.

    Fields that are invalid are left out, equal copies are dropped, and several
    To or Cc are joined.
    """
    fields_left, found, seen = [], [], {}
    for name, value in old:
        if name == "content-length":
            found.append((INTENDED + "removed: content-length", value[:80]))
        elif name in CHECKED and not is_valid(name, value, charset):
            found.append((INTENDED + ("replaced" if name in REQUIRED else
                                      "removed") + f", invalid: {name}",
                          value[:80]))
        elif name in SINGLE and value in seen.get(name, []):
            found.append((INTENDED + f"removed, equal copy: {name}",
                          value[:80]))
        elif name in JOINED and name in seen:
            place = next(place for place, field in enumerate(fields_left)
                         if field[0] == name)
            fields_left[place] = (name,
                                  fields_left[place][1] + b", " + value)
            found.append((INTENDED + f"joined: {name}", value[:80]))
        else:
            fields_left.append((name, value))
        seen.setdefault(name, []).append(value)
    return fields_left, found


def compare_header(before, after, path):
    """Compares order and meaning of the fields of a message or part."""
    charset = before.get_content_charset("utf-8")
    old, new = fields(before), fields(after)
    found = []
    if path == "1":
        old = [field for field in old if field[0] not in REMOVED]
        old, found = expected_fields(old, charset)
    position = 0
    for name, value in old:
        places = [index for index in range(position, len(new))
                  if new[index][0] == name]
        if not places:
            found.append((f"field lost: {name}" if not any(
                name == other for other, _ in new) else
                f"field moved: {name}", value[:80]))
            continue
        position = places[0] + 1
        if name not in ("content-transfer-encoding", "content-type",
                        "content-disposition"):
            found += compare_field(name, value, new[places[0]][1], charset)
    count = {name for name, _ in old}
    for name, value in new:
        if name not in count and (name not in ADDED or path != "1"):
            if name not in ("content-transfer-encoding", "content-type",
                            "mime-version"):
                found.append((f"field added: {name}", value[:80]))
    return found + count_fields(old, new)


def count_fields(old, new):
    """Finds fields that arrived more often than they were sent."""
    def number(all_fields, wanted):
        return sum(name == wanted for name, _ in all_fields)
    return [(f"field repeated: {name}", str(number(new, name)))
            for name in sorted({name for name, _ in new})
            if number(new, name) > max(number(old, name), 1)]


def file_name(part):
    """Returns the file name of a part, whose fields may contain 8-bit text."""
    copy = email.message.Message()
    for name, value in part.raw_items():
        if name.lower() in ("content-disposition", "content-type"):
            copy[name] = text_of(raw(value))
    name = copy.get_filename()
    return None if name is None else loose(decoded(raw(name), "utf-8"))


def compare_parameters(before, after):
    """Compares the types, disposition and file names of a part."""
    found = []
    if before.get_content_type() != after.get_content_type():
        found.append(("content type changed", f"{before.get_content_type()} "
                      f"-> {after.get_content_type()}"))
    old, new = file_name(before), file_name(after)
    if old != new:
        found.append(("file name changed", f"{old!r} -> {new!r}"))
    return found


def content(part):
    """Returns the decoded octets of a part, with LF line ends."""
    data = part.get_payload(decode=True)
    if data is None:
        return None
    return data.replace(b"\r\n", b"\n").rstrip(b"\n")


def compare_parts(before, after, path="1"):
    """Compares a part with the part that arrived, and the parts below it."""
    found = compare_header(before, after, path)
    found += compare_parameters(before, after)
    if before.is_multipart() != after.is_multipart():
        return found + [("structure changed", path)]
    if not before.is_multipart():
        if content(before) != content(after):
            found.append(("content changed", f"part {path}: "
                          f"{content(before)[:100]!r} -> "
                          f"{content(after)[:100]!r}"))
        return found
    for name in ("preamble", "epilogue"):
        old, new = getattr(before, name) or "", getattr(after, name) or ""
        if old.strip() != new.strip():
            found.append((f"{name} changed", f"{old[:80]!r} -> {new[:80]!r}"))
    old, new = before.get_payload(), after.get_payload()
    if len(old) != len(new):
        return found + [("number of parts changed",
                         f"{len(old)} -> {len(new)}")]
    for number, pair in enumerate(zip(old, new), 1):
        found += compare_parts(*pair, f"{path}.{number}")
    return found


def recipients_of(data):
    """Returns the recipients that -t takes from the header, sorted."""
    message = email.message_from_bytes(normal(data))
    names = ("to", "cc", "bcc", "apparently-to")
    if any(name.startswith("resent-") for name, _ in fields(message)):
        names = ("resent-to", "resent-cc", "resent-bcc")
    charset = message.get_content_charset("utf-8")
    return sorted({address for name, value in fields(message)
                   if name in names
                   for address in addresses(value, charset)})


def compare(given, arrived):
    """Returns the deviations of a message that arrived."""
    before, after = normal(given), arrived.replace(b"\r\n", b"\n")
    found = []
    if any(len(line) > 998 for line in arrived.split(b"\r\n")):
        if not any(len(line) > 998 for line in before.split(b"\n")):
            found.append(("a line became longer than 998 octets", ""))
    if before.partition(b"\n\n")[2] == after.partition(b"\n\n")[2]:
        return found + compare_header(email.message_from_bytes(before),
                                      email.message_from_bytes(after), "1")
    return found + compare_parts(email.message_from_bytes(before),
                                 email.message_from_bytes(after))
