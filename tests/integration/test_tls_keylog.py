# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS keys are logged only to the file that --tls-keylog names."""

import os
import re
import ssl

import pytest

from dialogue import MESSAGE_ACCEPTED, SEND, STARTTLS, ehlo, greet, lines
from program import MESSAGE, account

WHOLE = lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED)


@pytest.mark.parametrize("version", [
    ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_key_log_has_the_keys_of_the_session(
        submit, server, trust, tmp_path, version):
    client_log, server_log = tmp_path / "client", tmp_path / "server"
    server.tls.maximum_version = version
    server.tls.keylog_filename = str(server_log)
    server.play(WHOLE)
    run = submit(f"--tls-keylog={client_log}", *SEND, host="mx.test",
                 settings=trust)
    assert run.status == 0, run
    assert client_log.stat().st_mode & 0o777 == 0o600

    def keys(path):
        return {line for line in path.read_text().splitlines()
                if re.match(r"CLIENT_RANDOM|CLIENT_TRAFFIC", line)}

    assert keys(client_log)
    assert keys(client_log) == keys(server_log)


def test_no_environment_variable_enables_the_key_log(
        submit, server, trust, tmp_path):
    server.play(WHOLE)
    run = submit(*SEND, host="mx.test", settings=trust,
                 env={"SSLKEYLOGFILE": str(tmp_path / "keys")})
    assert run.status == 0, run
    assert not (tmp_path / "keys").exists()


def test_no_setting_enables_the_key_log(submit, server, trust, tmp_path):
    server.play()
    run = submit(*SEND, host="mx.test",
                 settings=f"{trust}\ntls_keylog {tmp_path}/keys")
    assert run.status == os.EX_CONFIG, run


def test_the_key_log_does_not_follow_a_symbolic_link(
        submit, server, trust, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    server.play()
    run = submit(f"--tls-keylog={tmp_path}/link", *SEND, host="mx.test",
                 settings=trust)
    assert run.status == os.EX_CANTCREAT, run
    assert not (tmp_path / "target").exists()


def test_a_key_log_without_tls_is_told(program, server, tmp_path):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    program.write_config(account(server.port, "tls off"))
    process = program.start(f"--tls-keylog={tmp_path}/keys", *SEND)
    stderr = process.communicate(MESSAGE, timeout=30)[1].decode()
    server.finish()
    assert process.returncode == 0, stderr
    assert stderr == (f"veredus: warning: --tls-keylog: {tmp_path}/keys gets "
                      "no keys, because TLS is off\n")
