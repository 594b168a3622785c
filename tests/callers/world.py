# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""This machine as it would be with the callers, and us as its sendmail.

fetch-callers has unpacked the programs.  In a mount namespace of its own each
test sees them, and links to our binary, laid over /usr and /etc.  Nothing of
that is seen outside, and nothing is left of it.
"""

import functools
import os
import pathlib
import subprocess

LINKS = {
    "usr/sbin/sendmail": None,  # the binary
    "usr/lib/sendmail": "../sbin/sendmail",
    "usr/bin/mailq": "../sbin/sendmail",
    "usr/bin/newaliases": "../sbin/sendmail",
    # What the maintainer scripts of the packages would have made.
    "usr/bin/mail": "bsd-mailx",
    "usr/bin/php": "php8.2",
}
# Where /bin is no link to usr/bin, as in packages.
MOVED = {"bin/busybox": "usr/bin/busybox"}
ENTER = """
mount -t overlay -o ro,lowerdir="$1/usr:$2/usr:/usr" overlay /usr &&
mount -t overlay -o ro,lowerdir="$1/etc:$2/etc:/etc" overlay /etc &&
shift 2 && exec "$@"
"""


def find_callers():
    """Where fetch-callers put them, or None."""
    place = os.environ.get("VEREDUS_TEST_CALLERS")
    places = [place] if place else [
        "/var/cache/veredus-test-callers",
        os.path.expanduser("~/.cache/veredus-test-callers")]
    for place in places:
        if os.path.exists(os.path.join(place, "complete")):
            return pathlib.Path(place).resolve()
    return None


@functools.lru_cache
def unshare():
    """The words that give a command mounts of its own; None: not here."""
    for options in (["-m"], ["-r", "-m"]):
        words = ["unshare", *options]
        probe = [*words, "sh", "-c",
                 "mount -t overlay -o ro,lowerdir=/etc:/usr overlay /usr"]
        if subprocess.run(probe, capture_output=True).returncode == 0:
            return words
    return None


def why_not():
    """The reason why callers cannot be run here, or None."""
    if not find_callers():
        return "no callers: run tests/callers/fetch-callers"
    if not unshare():
        return "overlays cannot be mounted here, not even in a namespace"
    return None


class World:
    def __init__(self, folder, binary):
        self.layer = pathlib.Path(folder) / "layer"
        self.callers = find_callers()
        (self.layer / "etc").mkdir(parents=True)
        for place, target in LINKS.items():
            self.link(place, target or binary)
        for source, place in MOVED.items():
            self.link(place, self.callers / source)

    def link(self, place, target):
        place = self.layer / place
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    def write(self, place, text, mode=0o644):
        """Lays a file over those of the machine; below /etc or /usr."""
        place = self.layer / place.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(mode)

    def words(self, *argv):
        """The command that runs argv in it."""
        return [*unshare(), "sh", "-c", ENTER, "sh", str(self.layer),
                str(self.callers), *argv]
