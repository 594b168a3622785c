# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlay mounts in which callers are installed and veredus is sendmail.

Each command runs in a mount namespace of its own.  Overlays on /usr and /etc
add the programs that fetch-callers unpacked, and links to the binary under
test.  The mounts are invisible outside and end with the command.
"""

import functools
import os
import pathlib
import subprocess

LINKS = {
    "usr/sbin/sendmail": None,  # the binary under test
    "usr/lib/sendmail": "../sbin/sendmail",
    "usr/bin/mailq": "../sbin/sendmail",
    "usr/bin/newaliases": "../sbin/sendmail",
    # A link that the maintainer scripts of the package make.
    "usr/bin/mail": "bsd-mailx",
}
MOUNT_AND_RUN = """
mount -t overlay -o ro,lowerdir="$1/usr:$2/usr:/usr" overlay /usr &&
mount -t overlay -o ro,lowerdir="$1/etc:$2/etc:/etc" overlay /etc &&
shift 2 && exec "$@"
"""


def find_callers():
    """Returns the folder that fetch-callers filled, or None."""
    configured = os.environ.get("VEREDUS_TEST_CALLERS")
    candidates = [configured] if configured else [
        "/var/cache/veredus-test-callers",
        os.path.expanduser("~/.cache/veredus-test-callers")]
    for folder in candidates:
        if os.path.exists(os.path.join(folder, "complete")):
            return pathlib.Path(folder).resolve()
    return None


@functools.lru_cache
def unshare_command():
    """Returns the unshare command that allows overlays here, and None; or
    None, and why there is no such command."""
    problems = []
    for options in (["-m"], ["-r", "-m"]):
        command = ["unshare", *options]
        probe = subprocess.run(
            [*command, "sh", "-c",
             "mount -t overlay -o ro,lowerdir=/etc:/usr overlay /usr"],
            capture_output=True, text=True)
        if probe.returncode == 0:
            return command, None
        problems.append(f"{' '.join(command)}: {probe.stderr.strip()}")
    return None, "; ".join(problems)


def skip_reason():
    """Returns why callers cannot run here, or None."""
    if not find_callers():
        return "the callers are missing: run tests/callers/fetch-callers"
    return unshare_command()[1]


class Overlay:
    """The folder with the upper layer, and commands that use the overlay."""

    def __init__(self, folder, binary):
        self.layer = pathlib.Path(folder) / "layer"
        self.callers = find_callers()
        (self.layer / "etc").mkdir(parents=True)
        for path, target in LINKS.items():
            self.link(path, target or binary)

    def link(self, path, target):
        path = self.layer / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def write(self, path, text, mode=0o644):
        """Adds a file below /etc or /usr to the overlay."""
        path = self.layer / path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def command(self, *argv):
        """Returns the command that runs argv in the overlay."""
        return [*unshare_command()[0], "sh", "-c", MOUNT_AND_RUN, "sh",
                str(self.layer), str(self.callers), *argv]
