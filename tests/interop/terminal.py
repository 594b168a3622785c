# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program at a terminal of its own."""

import fcntl
import os
import pty
import termios

from oauth_account import Console


class Terminal:
    """With it, the program runs at a terminal that a test reads and types."""

    def __init__(self, oauth, *argv, **options):
        self.oauth = oauth
        self.main, self.side = pty.openpty()
        self.before = termios.tcgetattr(self.side)
        self.process, _ = oauth.start(
            *argv, stdin=self.side, stdout=self.side, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), **options)
        self.console = Console(self.main)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.main)
        os.close(self.side)

    def end(self):
        """Reads to the end of the program; returns its Run."""
        while self.process.poll() is None:
            self.console.read(0.1)
        while self.console.read(0):
            pass
        self.after = termios.tcgetattr(self.side)
        return self.oauth.end(self.process, self.console)

    def restored(self):
        """Whether the terminal is in the mode in which it was."""
        return self.after == self.before
