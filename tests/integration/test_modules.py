# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries are loaded only when they are needed, and from one folder.

The dynamic linker logs what it loads (LD_DEBUG).
"""

import os
import pathlib
import re

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MESSAGE_ACCEPTED, QUIT, SEND,
                      STARTTLS, ehlo, greet, lines)
from program import Program, SECRET, account
from scram import ScramServer

LIBRARIES = {"gnutls", "gsasl", "idn2"}


@pytest.fixture
def folder(binary):
    """The folder of the program's modules."""
    folder = binary.parent / "modules"
    if not folder.is_dir():
        pytest.skip("this program is linked with its libraries")
    return folder


@pytest.fixture
def loaded(folder, submit, tmp_path):
    """Runs the program; returns the modules and libraries that were loaded."""
    def loaded(*argv, status=0, env=None, **options):
        log = tmp_path / "linker"
        run = submit(*argv, **options, env={
            "LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(log), **(env or {})})
        assert run.status == status, run
        text = "".join(path.read_text() for path in
                       tmp_path.glob("linker.*"))
        paths = set(re.findall(r"calling init: (\S+)", text))
        modules = {path for path in paths
                   if pathlib.Path(path).parent == folder}
        return ({pathlib.Path(path).stem for path in modules}
                | {name for name in LIBRARIES
                   if any(f"/lib{name}.so" in path for path in paths)})
    return loaded


def test_a_plain_message_loads_nothing(loaded, server):
    server.play(lines(greet("PIPELINING", "8BITMIME"), MESSAGE_ACCEPTED))
    assert loaded(*SEND) == set()


def test_auth_plain_loads_no_sasl_library(loaded, server):
    server.play(lines(greet("AUTH PLAIN GSSAPI NTLM"), LOGIN,
                      MESSAGE_ACCEPTED))
    assert loaded(*SEND, settings=f"tls off\n{LOGIN_SETTINGS}",
                  host="127.0.0.1", in_clear=True) == set()


def test_auth_on_does_not_load_sasl_if_plain_is_offered(loaded, server, trust):
    settings = LOGIN_SETTINGS.replace("auth plain", "auth on")
    server.play(lines(greet("STARTTLS"), STARTTLS,
                      ehlo("AUTH GSSAPI NTLM CRAM-MD5 PLAIN"), LOGIN,
                      MESSAGE_ACCEPTED))
    found = loaded(*SEND, host="mx.test", settings=f"{trust}\n{settings}")
    assert "tls" in found
    assert "sasl" not in found


def test_scram_loads_only_the_sasl_library(loaded, server):
    scram = ScramServer(server, "SCRAM-SHA-256", SECRET)
    server.play(lines(greet("AUTH SCRAM-SHA-256"), scram.transcript(),
                      "S: 235 2.7.0 welcome", MESSAGE_ACCEPTED))
    found = loaded(*SEND, settings="tls off\n" + LOGIN_SETTINGS.replace(
        "auth plain", "auth scram-sha-256"))
    assert {"sasl", "gsasl"} <= found
    assert "tls" not in found


@pytest.mark.parametrize("mechanism, early", [
    ("scram-sha-256", True), ("cram-md5", True), ("plain", False),
    ("on", False)])
def test_a_configured_sasl_mechanism_is_loaded_before_the_greeting(
        loaded, server, mechanism, early):
    server.play("CLOSE")
    found = loaded(*SEND, host="127.0.0.1", status=os.EX_TEMPFAIL,
                   settings="tls off\n" + LOGIN_SETTINGS.replace(
                       "auth plain", f"auth {mechanism}"))
    assert ("sasl" in found) == early


def test_without_authentication_no_sasl_library_is_loaded(loaded, server):
    server.play(lines(greet("AUTH SCRAM-SHA-256"), "C? QUIT"))
    assert "sasl" not in loaded(
        "--serverinfo", host="127.0.0.1", settings="tls off\n"
        + LOGIN_SETTINGS.replace("auth plain", "auth scram-sha-256"))


def test_a_host_name_beyond_ascii_loads_only_the_idna_library(loaded):
    assert loaded(*SEND, host="b\u00fccher.invalid",
                  status=os.EX_CONFIG) == {"idna", "idn2"}


@pytest.mark.parametrize("header, modules", [
    ("Subject: ü\nTo: Jörg <x@y.example>\nMessage-ID: <ü@y.example>", set()),
    ("To: Jörg <x@bücher.example>", {"idna", "idn2"})])
def test_only_a_domain_beyond_ascii_in_the_header_loads_the_idna_library(
        loaded, server, header, modules):
    server.play(lines(greet("8BITMIME", "SMTPUTF8"), MESSAGE_ACCEPTED))
    assert loaded(*SEND, stdin=f"{header}\n\nx\n".encode()) == modules


def test_no_environment_variable_names_the_folder_of_the_modules(
        loaded, server, trust, tmp_path):
    (tmp_path / "tls.so").write_text("nonsense")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED))
    found = loaded(*SEND, host="mx.test", settings=trust, cwd=tmp_path, env={
        "LD_LIBRARY_PATH": str(tmp_path), "VEREDUS_MODULES": str(tmp_path)})
    assert "tls" in found


def test_a_missing_module_is_reported_and_nothing_is_sent(
        folder, preload, server, certificates, tmp_path):
    binary = folder.parent / "installed/veredus"
    program = Program(binary, tmp_path / "installed", preload)
    version = program.run("--version").stdout
    if "TLS: cannot load /" not in version:
        pytest.skip("modules are installed on this system")
    server.play("EOF")
    program.write_config(account(
        server.port, "tls on\ntls_trust_file "
        f"{certificates.path('ca.pem')}"))
    run = program.run(*SEND)
    server.finish()
    assert run.status == os.EX_CONFIG
    assert re.search(r"cannot load /\S+/tls\.so ", run.stderr)


def test_without_its_module_a_domain_in_the_header_is_not_lost(
        folder, preload, server, tmp_path):
    binary = folder.parent / "installed/veredus"
    program = Program(binary, tmp_path / "installed", preload)
    if "TLS: cannot load /" not in program.run("--version").stdout:
        pytest.skip("modules are installed on this system")
    server.play(lines(greet("8BITMIME"), QUIT))
    program.write_config(account(server.port, "tls off"))
    run = program.run(*SEND, stdin="To: x@bücher.example\n\nx\n".encode())
    server.finish()
    assert run.status == os.EX_CONFIG, run
    assert re.search(r"the field To: .*cannot load /\S+/idna\.so ", run.stderr)
