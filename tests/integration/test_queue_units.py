# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units, the files for sysusers and tmpfiles, the line for cron and the script
for NetworkManager."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ETC = pathlib.Path(__file__).resolve().parents[2] / "etc"
FOLDERS = {"@bindir@": "/usr/bin", "@localstatedir@": "/var",
           "@sysconfdir@": "/etc"}
COUNTS = {"system": 7, "user": 3}


def write_units(folder, kind):
    """Writes the units as they are installed, with a program that exists."""
    for source in (ETC / "systemd" / kind).iterdir():
        text = source.read_text()
        for name, value in FOLDERS.items():
            text = text.replace(name, value)
        assert not re.search("@[a-z]+dir@", text)
        text = text.replace("/usr/bin/veredus", "/bin/true")
        (folder / source.name.removesuffix(".in")).write_text(text)
    return sorted(str(path) for path in folder.iterdir())


@pytest.mark.parametrize("kind", ["system", "user"])
def test_systemd_finds_no_fault_in_the_units(tmp_path, kind):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    units = write_units(tmp_path, kind)
    assert len(units) == COUNTS[kind]
    run = subprocess.run(
        ["systemd-analyze", f"--{kind}", "--man=no", "verify", *units],
        capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path),
             "HOME": str(tmp_path)})
    complaints = [line for line in run.stderr.splitlines()
                  if str(tmp_path) in line or "veredus" in line]
    assert run.returncode == 0 and not complaints, run.stderr


@pytest.mark.parametrize("name", ["veredus@.service",
                                  "veredus-service-queue.service"])
def test_the_service_is_exposed_to_little(tmp_path, name):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    write_units(tmp_path, "system")
    run = subprocess.run(
        ["systemd-analyze", "--no-pager", "--offline=true", "--threshold=15",
         "security", name], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"Overall exposure level for .*: (0|1\.[0-5]) OK",
                     run.stdout)


@pytest.mark.parametrize("tool, folder", [
    ("systemd-sysusers", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.d")])
def test_user_and_folders_of_the_service_can_be_made(tmp_path, tool, folder):
    if not shutil.which(tool) or os.geteuid() != 0:
        pytest.skip(f"{tool} is not installed, or this is not root")
    root = tmp_path / "root"
    (root / "etc/veredus").mkdir(parents=True)
    (root / "etc/veredus/service.conf").write_text("")
    (root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n"
                                     "veredus:x:999:999::/:/bin/false\n")
    (root / "etc/group").write_text("root:x:0:\nveredus:x:999:\n")
    if tool == "systemd-sysusers":
        for name in "passwd", "group":
            (root / "etc" / name).unlink()
    text = (ETC / folder / "veredus.conf.in").read_text()
    for name, value in FOLDERS.items():
        text = text.replace(name, value)
    options = ["--create"] if tool == "systemd-tmpfiles" else []
    run = subprocess.run([tool, *options, f"--root={root}", "-"], input=text,
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    if tool == "systemd-sysusers":
        assert re.search("^veredus:", (root / "etc/passwd").read_text(), re.M)
        return
    # Users without a home pass to their tokens, and list nothing.
    for name in "var/lib/veredus", "var/lib/veredus/oauth":
        state = (root / name).stat()
        assert (state.st_uid, state.st_mode & 0o7777) == (999, 0o711)
    config = (root / "etc/veredus/service.conf").stat()
    assert (config.st_uid, config.st_gid, config.st_mode & 0o7777) == (
        0, 999, 0o640)


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
