# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands and settings of README and INSTALL.md work, as they are and in their
order.

Commands that install packages or change the system are replaced by a script
that records them; make installs below DESTDIR.
"""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README").read_text()
INSTALL = (ROOT / "INSTALL.md").read_text().partition("# Install\n")[2]
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


def commands(text):
    """Returns the indented blocks, without their indentation."""
    return [re.sub(r"(?m)^    ", "", block).strip("\n") for block in
            re.findall(r"((?:^(?:    .*)?\n)*^    .*\n)", text, re.M)]


def section(title):
    return re.search(rf"^{re.escape(title)}\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)",
                     README, re.M | re.S)[1]


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
    used = [name for name in re.findall(r"\./dev (\w+)", README + INSTALL)]
    assert used and set(used) <= set(known), usage


def test_the_packages_are_those_that_the_build_needs():
    listed = re.search(r"sudo apt install (autoconf (?:.*\\\n)*.*)\n", INSTALL)
    packages = set(listed[1].replace("\\\n", " ").split())
    needed = re.search(r"^packages_build='(.*?)'", (ROOT / "dev").read_text(),
                       re.M | re.S)[1].split()
    assert packages == set(needed)


def test_the_commands_to_install_work(shell, build, tmp_path):
    """make installs what is built already."""
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
    blocks = commands(INSTALL)
    assert len(blocks) == 6
    for block in [*commands(section("Install")), *blocks]:
        done = shell(block, cwd=tree)
        assert done.returncode == 0, done
    for link in ("usr/sbin/sendmail", "usr/bin/mailq", "usr/bin/newaliases",
                 "usr/bin/hoststat", "usr/bin/purgestat"):
        assert os.readlink(made / link) == "/usr/bin/veredus"
    for page in ("man1/mailq.1", "man1/newaliases.1", "man1/hoststat.1",
                 "man1/purgestat.1", "man8/sendmail.8"):
        link = made / "usr/share/man" / page
        assert os.path.samefile(link, made / "usr/share/man/man1/veredus.1")
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


@pytest.fixture
def home(program):
    """Has the account of README, whose server does not listen."""
    password = program.home / ".config" / "veredus.password"
    password.write_text("secret\nnotes\n")
    password.chmod(0o600)
    _, settings = commands(section("The first message"))
    program.write_config(settings + "\n")
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
    line = re.search(r"`(passwordeval .*?)`", README)[1]
    for settings in home, re.sub(r"(?m)^passwordfile.*", line, home):
        program.write_config(settings + "\n")
        done = shell("veredus --pretend bob@example.org", **no_domain)
        assert done.returncode == 0, done
        assert "\nsender = alice@example.org\n" in done.stdout
        assert "port = 587 (default)" in done.stdout
        assert ("passwordeval" in done.stdout) == (settings != home)


def test_the_command_to_configure_works(program, shell, no_domain):
    configure, _ = commands(section("The first message"))
    done = shell(configure, **no_domain)
    assert done.returncode in (0, os.EX_NOHOST, os.EX_TEMPFAIL), done


def test_the_commands_in_sentences_work(program, shell, home):
    (program.home / ".msmtprc").write_text(
        "account default\nhost smtp.example.org\nfrom alice@example.org\n")
    used = re.findall(r"`(veredus [^`]*)`", README)
    assert len(used) == 2
    for command in used:
        done = shell(command)
        assert done.returncode == (
            os.EX_CONFIG if "--login" in command else 0), done
    assert ".msmtprc: tls, not set: msmtp: is off" in done.stdout


def test_every_command_is_in_a_section_that_is_tested():
    tested = [commands(section(title)) for title in
              ("Install", "The first message", "Does it work?")]
    assert sum(map(len, tested)) == len(commands(README))


@pytest.mark.parametrize("line",
                         commands(section("Does it work?"))[0].splitlines())
def test_the_commands_to_test_work(shell, home, no_domain, line):
    """Nothing listens on port 587, or a server that is not this one."""
    done = shell(line, **no_domain)
    assert done.returncode in (0, os.EX_TEMPFAIL), done
    if "--explain" in line or line == "echo $?":
        assert done.returncode == 0, done
