# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How programs call sendmail: the tables of cases are in cases_*.py."""

import dataclasses
import shlex
import textwrap


@dataclasses.dataclass
class Case:
    """One call, and the expected result.

    `{user}` in any text is the name of the user who runs the tests.  Header
    fields that `header` does not name must be unchanged.  The message must
    have one Date and one Message-ID, from the caller or added.
    """

    caller: str
    argv: str  # in shell syntax; the first word is argv[0]
    stdin: object = b""  # bytes, or text with a common indentation
    to: str = ""  # envelope recipients, in order
    sender: str = "{user}@example.org"
    # Changed or added fields: the new value, or None if the field is removed.
    header: dict = dataclasses.field(default_factory=dict)
    body: object = None  # None: unchanged
    status: int = 0
    mail: str = ""  # MAIL parameters except SIZE
    rcpt: str = ""  # RCPT parameters except ORCPT
    log: str = ""  # text that a warning in the log must contain
    stdout: str = ""
    crlf: str = ""  # "header" or "all": the lines that end in CRLF
    file: bool = False  # stdin is an unlinked file, not a pipe
    cwd: str = None
    relayed: bool = False  # no field may be added

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


def all_cases():
    import cases_cron
    import cases_library
    import cases_list
    import cases_mail
    import cases_queue
    import cases_system
    import cases_tool
    import cases_web
    return [case for module in (
        cases_cron, cases_system, cases_tool, cases_web, cases_library,
        cases_mail, cases_list, cases_queue) for case in module.CASES]
