# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens in the system's folder: of the service, for which root logs in, and of a
user without a home."""

import re
import shutil
import subprocess

import pytest

pytest.importorskip("authlib")
pytest.importorskip("flask")

import overlay  # noqa: E402
from new_host import NewHost  # noqa: E402
from oauth_account import URL, Console  # noqa: E402
from service import needs_users  # noqa: E402
from test_service_set_up import install, steps  # noqa: E402

pytestmark = needs_users
CONFIG = "/etc/veredus/service.conf"
STORE = "/var/lib/veredus/oauth"


@pytest.fixture(scope="module")
def new_host(binary, tmp_path_factory):
    reason = overlay.skip_reason()
    if reason:
        pytest.skip(reason)
    if not (binary.parent / "Makefile").exists():
        pytest.skip("the program is not in the folder in which it was built")
    host = NewHost()
    try:
        install(host, binary, tmp_path_factory)
        host.must(steps()[0])
        with open(host.path("etc/hosts"), "a") as hosts:
            hosts.write("127.0.0.1 mx.test\n")
        yield host
    finally:
        host.close()


@pytest.fixture
def host(new_host, oauth, certificates):
    """A host whose file of the service has the account of alice."""
    trust = new_host.path("etc/ssl/tests.pem")
    shutil.copy(certificates.path("ca.pem"), trust)
    trust.chmod(0o644)
    oauth.configure(oauth_store=None, tls_trust_file="/etc/ssl/tests.pem",
                    oauth_trust_file="/etc/ssl/tests.pem",
                    **{"from": "alice@example.org"})
    text = oauth.program.config.read_text()
    new_host.path(CONFIG).write_text(
        text + "users *\nsender_login alice@example.org *\n")
    new_host.must(f"chgrp veredus {CONFIG}; chmod 640 {CONFIG}")
    return new_host


def log_in(host, person, *argv, user=None):
    process = subprocess.Popen(
        host.command("veredus", "--login", "--oauth-flow=browser", *argv,
                     user=user),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    console = Console(process.stdout.fileno())
    person.request(person.browse(console.wait_for(URL)[0]))
    rest = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 0, console.text + rest
    return rest


def files(host, folder):
    """Returns mode, owner and group of the folder and what is in it."""
    lines = host.must(f"stat -c '%a %U %G %n' {folder} {folder}/*")
    return [line.split(" ")[:3] for line in lines.splitlines()]


def test_root_logs_in_for_the_service(host, person, token_postfix):
    log_in(host, person(), "-C", CONFIG)
    uid = host.must("id -u veredus").strip()
    folder, *stored = files(host, f"{STORE}/{uid}")
    assert folder == ["700", "veredus", "veredus"]
    assert stored == 3 * [["600", "veredus", "veredus"]]
    assert files(host, "/var/lib/veredus")[0] == ["711", "veredus", "veredus"]
    host.start_socket()
    host.must("printf 'socket /run/veredus/submit\\n' >/etc/veredus.conf")
    host.must("sendmail bob@example.org", user="www-data", text="Hello.\n")
    message, = token_postfix.wait_for("bob")
    assert b"Hello." in message
    host.must("rm /etc/veredus.conf")
    for user in "www-data", "daemon":
        run = host.run(f"ls {STORE}; ls {STORE}/{uid}; cat {STORE}/{uid}/*",
                       user=user)
        assert not re.search("token|alice", run.stdout), run.stdout


def test_nothing_is_stored_for_root_in_place_of_the_service(host):
    host.must("mv /var/lib/veredus /var/lib/away")
    run = host.run(f"veredus --login --oauth-flow=device -C {CONFIG}")
    host.must("mv /var/lib/away /var/lib/veredus")
    assert run.returncode == 78
    assert "/var/lib/veredus, which belongs to the user" in run.stdout, run


def test_a_login_of_root_ends_the_pause_of_the_service(
        host, person, token_postfix):
    host.run(f"veredus --logout -C {CONFIG}")
    with open(host.path(CONFIG), "a") as file:
        file.write("queue on\n")
    host.start_socket()
    host.must("printf 'socket /run/veredus/submit\\n' >/etc/veredus.conf")
    host.must("sendmail bob@example.org", user="www-data", text="Hello.\n")
    host.must("rm /etc/veredus.conf")
    assert "until" in host.must("veredus --service -bh", user="veredus")
    assert "goes out" in log_in(host, person(), "-C", CONFIG)
    assert host.must("veredus --service -bh", user="veredus") == ""
    host.must("veredus --service -q", user="veredus")
    message, = token_postfix.wait_for("bob")
    assert b"Hello." in message


def test_a_user_without_a_home_has_a_folder_from_root(
        host, person, token_postfix):
    host.must(f"cp {CONFIG} /tmp/www.conf; chown www-data /tmp/www.conf; "
              "chmod 600 /tmp/www.conf")
    host.path("tmp/www.conf").write_text(
        "".join(line for line in host.path(CONFIG).read_text().splitlines(True)
                if not line.startswith(("users", "sender_login"))))
    host.must(f"install -d -o www-data -m 700 {STORE}/33")
    log_in(host, person(), "-C", "/tmp/www.conf", user="www-data")
    host.must("veredus -C /tmp/www.conf bob@example.org", user="www-data",
              text="Hello.\n")
    message, = token_postfix.wait_for("bob")
    assert b"Hello." in message
    assert {tuple(of[:2]) for of in files(host, f"{STORE}/33")} == {
        ("700", "www-data"), ("600", "www-data")}
    for user in "veredus", "daemon":
        run = host.run(f"cat {STORE}/33/*", user=user)
        assert run.returncode != 0 and "token" not in run.stdout
