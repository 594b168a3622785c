# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands and settings of README work, as they are and in their order.

Commands that install packages or change the system are replaced by a script
that records them; make installs below DESTDIR.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README").read_text()
RECORDED = ("apt", "autoreconf", "alternatives", "dpkg-divert")
# make needs the true ln.
SUDO = """#!/bin/sh
[ "$1" != ln ] || { echo "$*" >>"$RECORD"; exit; }
exec "$@"
"""
RECORDER = """#!/bin/sh
echo "$(basename "$0") $*" >>"$RECORD"
"""
# Runs the Makefile of the build in place of the one that configure makes.
MAKEFILE = """
all:
\t$(MAKE) -C {build} veredus
install install-sendmail:
\t$(MAKE) -C {build} $@ DESTDIR={made} prefix=/usr sysconfdir=/etc \\
\t    localstatedir=/var
"""


def blocks(section):
    """Returns the indented blocks of a section, without their indentation."""
    text = re.search(rf"^{section}\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", README,
                     re.M | re.S)[1]
    return [re.sub(r"(?m)^    ", "", block)
            for block in re.findall(r"((?:^(?:    .*)?\n)*^    .*\n)", text,
                                    re.M)]


def commands(section):
    return [block.strip("\n") for block in blocks(section)]


@pytest.fixture
def build(binary):
    makefile = binary.parent / "Makefile"
    if not makefile.exists():
        pytest.skip("the program is not in the folder in which it was built")
    return binary.parent


@pytest.fixture
def shell(program, tmp_path):
    """Runs a block of README with sh; returns the process."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in RECORDED:
        (tools / name).write_text(RECORDER)
    (tools / "sudo").write_text(SUDO)
    (tools / "veredus").symlink_to(program.binary)
    for tool in tools.iterdir():
        if not tool.is_symlink():
            tool.chmod(0o755)
    record = tmp_path / "record"
    record.write_text("")

    def shell(block, cwd=None, **env):
        variables = program.environment({
            "PATH": f"{tools}:/usr/sbin:/usr/bin:/sbin:/bin",
            "XDG_CONFIG_HOME": None, "RECORD": str(record), **env})
        if "make" in block:
            variables.pop("LD_PRELOAD", None)
        shell.record = record
        return subprocess.run(["sh", "-ec", block], cwd=cwd or tmp_path,
                              env=variables, capture_output=True, text=True,
                              timeout=120)
    return shell


def test_the_commands_of_dev_exist():
    usage = subprocess.run([ROOT / "dev"], capture_output=True, text=True)
    known = re.findall(r"^  (\w+)", usage.stdout + usage.stderr, re.M)
    used = [name for name in re.findall(r"\./dev (\w+)", README)]
    assert used and set(used) <= set(known), usage


def test_the_packages_are_those_that_the_build_needs():
    listed = re.search(r"sudo apt install ((?:.*\\\n)*.*)\n", README)
    packages = set(listed[1].replace("\\\n", " ").split())
    needed = re.search(r"^packages_build='(.*?)'", (ROOT / "dev").read_text(),
                       re.M | re.S)[1].split()
    assert packages == set(needed)


def test_the_commands_to_install_work(shell, build, tmp_path):
    """The first block is ./dev build; make installs what is built already."""
    tree, made = tmp_path / "tree", tmp_path / "made"
    tree.mkdir()
    (tree / "dev").write_text("#!/bin/sh\nmkdir -p build/default\n"
                              f"cp {tmp_path}/Makefile build/default\n")
    (tree / "configure").write_text(
        '#!/bin/sh\necho "configure $*" >>"$RECORD"\n'
        f"cp {tmp_path}/Makefile .\n")
    for script in tree.iterdir():
        script.chmod(0o755)
    (tmp_path / "Makefile").write_text(MAKEFILE.format(build=build,
                                                        made=made))
    ran = [block for block in commands("Install")
           if "./dev" in block or "configure" in block
           or "sendmail" in block]
    assert len(ran) == len(commands("Install")) == 6
    for block in ran:
        done = shell(block, cwd=tree)
        assert done.returncode == 0, done
    for link in ("usr/sbin/sendmail", "usr/bin/mailq", "usr/bin/newaliases",
                 "usr/bin/hoststat", "usr/bin/purgestat"):
        assert os.readlink(made / link) == "/usr/bin/veredus"
    assert (made / "usr/bin/veredus").is_file()
    assert (made / "var/cache/veredus").is_dir()
    record = shell.record.read_text()
    for line in (
            "apt install autoconf automake", "autoreconf -fi",
            "configure --prefix=/usr --sysconfdir=/etc --localstatedir=/var",
            "dpkg-divert --local --rename --add /usr/sbin/sendmail",
            "alternatives --install /usr/sbin/sendmail mta /usr/bin/veredus",
            "ln -s ../sbin/sendmail /usr/lib/sendmail",
            "apt install ./build/package/veredus_*.deb"):
        assert line in record


def is_configuration(block):
    return block.split()[0] not in ("veredus", "mkdir", "touch", "chmod")


@pytest.fixture
def home(program, shell):
    """Does what the section about the configuration says."""
    shutil.rmtree(program.home / ".config")
    first = commands("Configure")[0]
    done = shell(first)
    assert done.returncode == 0, done
    password = program.home / ".config" / "veredus.password"
    password.write_text("secret\nnotes\n")
    assert password.stat().st_mode & 0o777 == 0o600
    settings = [block for block in commands("Configure")
                if is_configuration(block)]
    assert len(settings) == 3
    program.config.write_text(settings[0] + "\n")
    program.hosts["smtp.example.org"] = "127.0.0.1"
    return settings


@pytest.fixture
def no_domain(tmp_path):
    """A host without a domain, whose name server never replies."""
    (tmp_path / "empty").write_text("")
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    return {"VEREDUS_TEST_HOSTNAME": "box", "VEREDUS_TEST_FILES": ",".join([
        f"/etc/mailname={tmp_path}/empty", f"/etc/hosts={tmp_path}/empty",
        f"/etc/resolv.conf={tmp_path}/resolv.conf"])}


def test_the_settings_work_on_a_host_without_a_domain(
        program, shell, home, no_domain):
    for number, config in enumerate([home[0], re.sub(
            r"(?m)^passwordfile.*", home[1].replace("\\", ""), home[0])]):
        program.config.write_text(config + "\n")
        done = shell("veredus --pretend bob@example.org", **no_domain)
        assert done.returncode == 0, done
        assert "\nsender = alice@example.org\n" in done.stdout
        assert "port = 587 (default)" in done.stdout
        assert ("passwordeval" in done.stdout) == (number == 1)


def test_the_line_for_the_service_is_a_configuration(program, shell, home):
    program.config.write_text(home[2] + "\n")
    done = shell("veredus --pretend bob@example.org")
    assert done.returncode == 0, done
    assert "socket = /run/veredus/submit" in done.stdout


def test_the_commands_to_configure_work(program, shell, home, no_domain):
    (program.home / ".msmtprc").write_text(
        "account default\nhost smtp.example.org\nfrom alice@example.org\n")
    rest = [block for block in commands("Configure")[1:]
            if not is_configuration(block)]
    assert [block.split()[:2] for block in rest] == [
        ["veredus", "--configure"], ["veredus", "-C"]]
    done = shell(rest[0], **no_domain)
    assert done.returncode in (0, os.EX_NOHOST, os.EX_TEMPFAIL), done
    done = shell(rest[1], **no_domain)
    assert done.returncode == 0, done
    assert ".msmtprc: tls, not set: msmtp: is off" in done.stdout


@pytest.mark.parametrize("line", commands("Test")[0].splitlines())
def test_the_commands_to_test_work(shell, home, no_domain, line):
    """Nothing listens on port 587, or a server that is not this one."""
    done = shell(line, **no_domain)
    assert done.returncode in (0, os.EX_TEMPFAIL), done
    if "--pretend" in line or "--explain" in line or line == "echo $?":
        assert done.returncode == 0, done


def test_the_exit_statuses_are_those_of_the_manual():
    listed = set(re.findall(r"(?m)^ +(\d+)  \w", README))
    manual = (ROOT / "man/veredus.1").read_text()
    section = manual.partition(".Sh EXIT STATUS")[2].partition(".Sh ")[0]
    assert listed == set(re.findall(r"(?m)^\.It (\d+)$", section))
