# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units, the line for cron and the script for NetworkManager."""

import pathlib
import shutil
import subprocess

import pytest

ETC = pathlib.Path(__file__).resolve().parents[2] / "etc"
FOLDERS = {"@bindir@": "/usr/bin", "@localstatedir@": "/var"}


def write_units(folder, kind):
    """Writes the units as they are installed, with a program that exists."""
    for source in (ETC / "systemd" / kind).iterdir():
        text = source.read_text()
        for name, value in FOLDERS.items():
            text = text.replace(name, value)
        assert "@" not in text
        text = text.replace("/usr/bin/veredus", "/bin/true")
        (folder / source.name.removesuffix(".in")).write_text(text)
    return sorted(str(path) for path in folder.iterdir())


@pytest.mark.parametrize("kind", ["system", "user"])
def test_systemd_finds_no_fault_in_the_units(tmp_path, kind):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    units = write_units(tmp_path, kind)
    assert len(units) == 3
    run = subprocess.run(
        ["systemd-analyze", f"--{kind}", "--man=no", "verify", *units],
        capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path),
             "HOME": str(tmp_path)})
    complaints = [line for line in run.stderr.splitlines()
                  if str(tmp_path) in line or "veredus" in line]
    assert run.returncode == 0 and not complaints, run.stderr


def test_the_line_for_cron_runs_the_queue():
    lines = [line for line in
             (ETC / "cron.d" / "veredus-queue").read_text().splitlines()
             if not line.startswith("#")]
    assert len(lines) == 1
    assert lines[0].startswith("* * * * * root ")
    assert lines[0].endswith(" /usr/bin/veredus -q")


@pytest.mark.parametrize("event, runs", [
    ("up", True), ("vpn-up", True), ("down", False), ("hostname", False),
])
def test_the_script_for_networkmanager_runs_the_queue_once_it_is_up(
        tmp_path, event, runs):
    text = (ETC / "NetworkManager" / "50-veredus-queue").read_text()
    script = tmp_path / "script"
    script.write_text(text.replace("/usr/bin/veredus", "echo"))
    run = subprocess.run(["sh", str(script), "eth0", event],
                         capture_output=True, text=True)
    assert run.returncode == 0 and run.stderr == ""
    assert run.stdout == ("-qf\n" if runs else "")
