# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The completions of each shell that is installed, asked as the shell asks them."""

import os
import pathlib
import shutil
import subprocess

import pytest

FOLDER = pathlib.Path(os.environ["VEREDUS"]).resolve().parent / "completions"



def run(shell, *arguments):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    result = subprocess.run([shell, *arguments], capture_output=True, text=True,
                            timeout=30, check=False)
    assert result.stderr == ""
    assert result.returncode == 0
    return result.stdout.splitlines()


def bash(*words):
    script = ('source "$1"; shift; COMP_WORDS=(veredus "$@"); COMP_CWORD=$#; '
              '_veredus; printf "%s\\n" "${COMPREPLY[@]}"')
    return run("bash", "--norc", "-c", script, "bash",
               str(FOLDER / "bash" / "veredus"), *words)


def fish(line):
    script = 'source $argv[1]; complete -C "$argv[2]"'
    lines = run("fish", "--no-config", "-c", script,
                str(FOLDER / "fish" / "veredus.fish"), line)
    return [line.split("\t")[0] for line in lines]


def zsh_specs():
    """The arguments of _arguments, which completes in a terminal only."""
    script = '_arguments() { printf "%s\\n" "$@"; }; source "$1"'
    return run("zsh", "-f", "-c", script, "zsh", str(FOLDER / "zsh" / "_veredus"))


def test_bash_completes_names_and_arguments(tmp_path):
    assert bash("--file") == ["--file="]
    assert bash("--tls-certc") == ["--tls-certcheck"]
    assert set(bash("-b")) == {"-bm", "-bp", "-bi", "-bh", "-bH", "-bs", "-bv"}
    assert bash("--tls-certcheck", "=") == ["on", "off"]
    assert bash("--tls-certcheck", "=", "of") == ["off"]
    assert bash("--tls", "=") == ["on", "off", "opportunistic"]
    assert bash("--address-family", "ip") == ["ipv4", "ipv6"]
    assert bash("--auth", "=") == ["on", "off"]
    assert bash("-R", "") == ["off", "full", "hdrs"]
    assert bash("-od") == ["-odb", "-odi", "-odq"]
    # An optional argument is never a word of its own.
    assert bash("--tls-certcheck", "o") == [""]
    file = tmp_path / "some.conf"
    file.touch()
    assert bash("-C", f"{tmp_path}/so") == [str(file)]
    assert bash("--file", "=", f"{tmp_path}/so") == [str(file)]
    assert bash("--file", f"{tmp_path}/so") == [str(file)]


def test_fish_completes_names_and_arguments():
    # fish 4 adds other names, in which the letters are apart.
    assert "--file" in fish("veredus --file")
    assert fish("veredus --tls-certcheck=of") == ["--tls-certcheck=off"]
    assert fish("veredus --tls=op") == ["--tls=opportunistic"]
    assert fish("veredus --address-family ip") == ["ipv4", "ipv6"]
    assert fish("veredus -R h") == ["hdrs"]
    assert {"-odb", "-odi", "-odq"} <= set(fish("veredus -od"))
    assert "-bp" in fish("veredus -b")


def test_zsh_gets_specs():
    specs = zsh_specs()
    assert "--file=[read FILE instead of the user's configuration]:FILE:_files" \
        in specs
    assert "-bp[list the queue (mailq)]" in specs
    for start, end in (("--tls=-[", "::WORD:(on off opportunistic)"),
                       ("--address-family=[", ":WORD:(any ipv4 ipv6)"),
                       ("-R+[", ":WORD:(off full hdrs)"),
                       ("-od-[", ":MODE:(b i q)")):
        assert any(spec.startswith(start) and spec.endswith(end)
                   for spec in specs), start
    assert any(spec.startswith("--tls-certcheck=-[") and
               spec.endswith("::BOOLEAN:(on off)") for spec in specs)
