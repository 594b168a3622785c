# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the submission service name the same paths and users as its
manuals."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM = ROOT / "etc/systemd/system"
FOLDERS = {"@bindir@": "/usr/bin", "@localstatedir@": "/var",
           "@sysconfdir@": "/etc"}
SERVICES = ["veredus@.service", "veredus-service-queue.service"]


def read(name):
    """Returns a file of the repository, with the folders of INSTALL.md."""
    text = (ROOT / name).read_text()
    for variable, value in FOLDERS.items():
        text = text.replace(variable, value)
    return text


MANUAL = read("man/veredus-service.8")
RECIPES = read("man/veredus-recipes.7")
EXAMPLE = read("etc/service.conf.example")
SOCKET = read("etc/systemd/system/veredus.socket")
MADE = read("etc/tmpfiles.d/veredus.conf.in")
USER = re.search(r"(?m)^u (\S+) .* (\S+)$",
                 read("etc/sysusers.d/veredus.conf.in"))


def unit(name):
    return read(f"etc/systemd/system/{name}.in")


def files():
    """Returns the paths that the manual lists."""
    section = MANUAL.partition(".Sh FILES")[2].partition(".Sh ")[0]
    return re.findall(r"(?m)^\.It Pa (\S+)", section)


def value(text, name):
    return re.search(rf"(?m)^{name}=(.*)", text)[1]


def test_the_socket_has_one_path():
    path = value(SOCKET, "ListenStream")
    assert path in files()
    assert f"socket {path}" in RECIPES and f"socket {path} >" in MANUAL
    assert f"d {pathlib.Path(path).parent} " in MADE
    assert set(re.findall(r"/run/[\w/]+/\w+", MANUAL)) == {path}
    limit = value(SOCKET, "MaxConnections")
    assert f"-c {limit} " in MANUAL and f"max-children={limit} " in MANUAL
    mode = value(SOCKET, "SocketMode")
    assert f"-a {mode} " in MANUAL and f"mode={mode}," in MANUAL


@pytest.mark.parametrize("name", SERVICES)
def test_the_user_of_the_service_has_one_name(name):
    user, home = USER.groups()
    for field in "User", "Group":
        assert value(unit(name), field) == user
    assert f"/var/lib/{value(unit(name), 'StateDirectory')}" == home
    assert f"d {home} {value(unit(name), 'StateDirectoryMode')} " in MADE
    assert any(path.startswith(f"{home}/") for path in files())
    for words in f"runuser -u {user} ", f"su={user}", f"setuidgid {user} ", (
            f"-o {user} -g {user} "), f"useradd -r -d {home} ":
        assert words in MANUAL


@pytest.mark.parametrize("name", SERVICES)
def test_the_units_name_files_that_exist(name):
    assert value(unit(name), "ExecStart").startswith(
        "/usr/bin/veredus --service")
    for text in unit(name), SOCKET:
        page = re.fullmatch(r"man:([\w-]+)\((\d)\)",
                            value(text, "Documentation"))
        assert (ROOT / f"man/{page[1]}.{page[2]}").exists()


def test_the_units_that_the_manual_enables_exist():
    enabled = re.findall(r"enable --now (\S+)", MANUAL)
    assert enabled
    for name in enabled:
        assert "[Install]" in (SYSTEM / name).read_text()


def test_the_example_has_the_paths_of_the_manual():
    config, = [path for path in files() if path.endswith(".conf")]
    folder, name = config.rsplit("/", 1)
    assert f"cd {folder} && touch {name} password" in MANUAL
    assert f"passwordfile {folder}/password\n" in EXAMPLE
    assert f"z {config} 0640 root {USER[1]}" in MADE
    assert f"d {folder} " in MADE
    assert "/usr/share/doc/veredus/service.conf.example" in MANUAL
    assert "etc/service.conf.example" in (ROOT / "Makefile.am").read_text()


def test_the_profile_for_apparmor_allows_what_the_sandbox_allows():
    profile = pathlib.Path(os.environ["VEREDUS"]).resolve().parent / \
        "etc/apparmor.d/veredus-service"
    if not profile.exists():
        pytest.skip("the program is not in the folder in which it was built")
    text = profile.read_text()
    source = (ROOT / "src/base/sandbox.c").read_text()
    paths = re.findall(r'\{ "(/[^"]*)", LANDLOCK_', source)
    assert "/etc/resolv.conf" in paths
    for path in paths:
        assert re.search(rf"(?m)^  {re.escape(path)}{{,/\*\*}} rm?,$", text), path
    for name in SERVICES:
        assert "AppArmorProfile=-veredus-service\n" in unit(name)
    assert "profile veredus-service " in text and "@sandbox@" not in text
    if shutil.which("apparmor_parser") is None:
        pytest.skip("apparmor_parser is not installed")
    run = subprocess.run(["apparmor_parser", "-Q", "-K", str(profile)],
                         capture_output=True, text=True)
    assert run.returncode == 0, run
