# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the manual pages, as a reader copies them."""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGES = sorted((ROOT / "man").glob("*.[1-8]"))
ESCAPES = {r"\e": "\\", r"\&": "", r"\-": "-", r"\ ": " ", r"\(aq": "'",
           r"\(dq": '"', r"\(ha": "^", r"\(ti": "~", r"\(ga": "`"}
ESCAPE = re.compile(r"\\(?:\(..|.)")
# The macros that an inline command may contain; their names are not printed.
INLINE = re.compile(r"^\.(?:[A-Z][a-z] )*?Ql (.*)$", re.M)


@dataclasses.dataclass
class Example:
    page: str
    line: int
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}"

    @property
    def first(self):
        """The first line that is no comment."""
        for line in self.text.splitlines():
            if line.strip() and not line.startswith("#"):
                return line
        return ""

    @property
    def word(self):
        return self.first.split()[0] if self.first else ""


def plain(text):
    """Returns the text that roff prints for a literal line."""
    return ESCAPE.sub(lambda escape: ESCAPES[escape[0]], text)


def examples_of(path):
    """Yields the displays of a page; lines of .Dl that follow each other are one."""
    lines = path.read_text().split("\n")
    collected, kind = [], None
    for number, line in enumerate(lines, 1):
        if kind == "Bd":
            if line == ".Ed":
                yield Example(path.name, began, "\n".join(collected) + "\n")
                collected, kind = [], None
                continue
            assert not line.startswith("."), f"{path.name}:{number}: {line}"
            collected.append(plain(line))
            continue
        if line.startswith(".Dl "):
            began = began if kind == "Dl" else number
            kind = "Dl"
            collected.append(plain(line[4:]))
            continue
        if kind == "Dl":
            yield Example(path.name, began, "\n".join(collected) + "\n")
            collected, kind = [], None
        if line.startswith(".Bd "):
            assert "-literal" in line, f"{path.name}:{number}: {line}"
            began, kind = number, "Bd"
    assert kind is None, f"{path.name}: a display has no end"


def examples():
    return [example for path in PAGES for example in examples_of(path)]


def inline_commands(path, names):
    """Yields the commands in the sentences of a page that begin with one of the
    names, also behind a pipe."""
    for match in INLINE.finditer(path.read_text()):
        text = re.sub(r" [.,;:)]$", "", plain(match[1]))
        for command in text.split(" | "):
            words = command.split()
            if len(words) > 1 and words[0] in names:
                yield command
