# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How programs call sendmail: one row for each way, in rows_*.py."""

import dataclasses
import shlex
import textwrap


@dataclasses.dataclass
class Row:
    """One way of calling, and what must come of it.

    `{user}` in any text is the name of the user who runs the tests.  Fields
    of the header that are not named here arrive as they were given; Date and
    Message-ID are there once, given or added.
    """

    caller: str
    argv: str  # as a shell reads it; the first word is the caller's argv[0]
    stdin: object = b""  # text, without its common margin, or bytes
    to: str = ""  # the envelope's recipients, in order
    sender: str = "{user}@example.org"
    header: dict = dataclasses.field(default_factory=dict)  # what becomes
    # of fields: the new value, or None for one that goes
    body: object = None  # unless it arrives as it was given
    status: int = 0
    mail: str = ""  # parameters of MAIL but SIZE
    rcpt: str = ""  # parameters of each RCPT but ORCPT
    log: str = ""  # what a note in the log must say
    stdout: str = ""
    crlf: str = ""  # "header" or "all": whose lines end in CRLF
    file: bool = False  # stdin is a file without a name, not a pipe
    cwd: str = None
    relayed: bool = False  # nothing may be added

    @property
    def words(self):
        return shlex.split(self.argv)

    @property
    def input(self):
        data = self.stdin
        if isinstance(data, str):
            data = textwrap.dedent(data.lstrip("\n")).encode()
        if self.crlf:
            head, mark, body = data.partition(b"\n\n")
            head = (head + mark).replace(b"\n", b"\r\n")
            if self.crlf == "all":
                body = body.replace(b"\n", b"\r\n")
            data = head + body
        return data


def all_rows():
    import rows_cron
    import rows_library
    import rows_list
    import rows_mail
    import rows_queue
    import rows_system
    import rows_tool
    import rows_web
    return [row for module in (
        rows_cron, rows_system, rows_tool, rows_web, rows_library, rows_mail,
        rows_list, rows_queue) for row in module.ROWS]
