# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""--explain --json and --probe --json: what the text says, for programs."""

import os
import re

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MAIL, QUIT, RCPT, SECURED, SEND,
                      lines)
from dns_stub import DnsStub
from json_output import objects
from service import needs_users

TRANSACTION = lines(MAIL, RCPT, """
    C: RCPT TO:<gone@example.org>
    S: 550 5.1.1 no such user
    C: RSET
    S: 250 2.0.0 ok
""", QUIT)


def one(kind, run):
    (found,) = objects(kind, run.stdout)
    assert found["exit"] == run.status, run
    return found


def some(found, *names):
    return tuple(found[name] for name in names)


def test_a_probe_tells_of_each_step(submit, server, trust):
    server.play(lines(SECURED, LOGIN, TRANSACTION))
    run = submit("--probe", "--json", *SEND, "gone@example.org", stdin=None,
                 host="mx.test", settings=f"{trust}\n{LOGIN_SETTINGS}")
    assert run.status == os.EX_NOUSER, run
    found = one("probe", run)
    assert some(found, "account", "code", "said", "error") == (
        "default", 550, "550 5.1.1 no such user", None)
    (destination,) = found["destinations"]
    (host,) = destination["hosts"]
    assert some(host, "socket", "host", "port", "exit") == (
        None, "mx.test", server.port, os.EX_NOUSER)
    (session,) = host["sessions"]
    assert some(session, "address", "opened", "auth", "extensions") == (
        f"127.0.0.1:{server.port}", True, "PLAIN", ["AUTH PLAIN LOGIN"])
    assert some(session["tls"], "version", "verified") == ("TLS1.3", True)
    own = session["certificates"][0]
    assert own["valid_from"] < found["time"] < own["valid_until"]
    assert re.fullmatch("[0-9a-f]{64}", own["sha256_of_key"])
    assert [some(step, "phase", "result") for step in session["steps"]] == [
        (phase, "ok") for phase in
        ("dns", "connect", "greeting", "tls", "ehlo", "auth", "mail",
         "rcpt")] + [("rcpt", "failed"), ("rset", "ok")]
    assert some(session["steps"][-2], "name", "code", "said") == (
        "RCPT <gone@example.org>", 550, "550 5.1.1 no such user")


@pytest.mark.parametrize("kind", ["explain", "probe"])
def test_an_error_is_in_the_object(submit, kind):
    run = submit(f"--{kind}", "--json", "bob@example.org", stdin=None,
                 config="account default\nhots x\nprot y\n")
    found = one(kind, run)
    assert run.status == os.EX_CONFIG
    assert 'did you mean "host"' in found["error"]
    run = submit(f"--{kind}", "--json", "bob@example.org", stdin=None,
                 config="account default\nhost nowhere.invalid\n")
    assert one(kind, run)["error"] in run.stderr


def test_the_explanation_has_the_values_of_the_text(submit, program):
    dns = DnsStub()
    dns.add("example.org", "MX", 10, "mx.test")
    dns.add("mx.test", "A", "192.0.2.1")
    config = lines("account default", "host mx", "domain client.example",
                   "from me@example.org", dns.setting,
                   "rewrite me@example.org you@example.org",
                   "password secret",
                   "queue later", f"queue_dir {program.folder}/queue") + "\n"
    options = ["bob@example.org", "carol@nowhere.invalid"]
    try:
        text = submit("--explain", *options, config=config, stdin=None)
        run = submit("--explain", "--json", *options, config=config,
                     stdin=None)
    finally:
        dns.stop()
    found = one("explain", run)
    assert text.status == run.status != 0
    assert some(found["account"], "name", "written_in") == (
        "default", f"{program.config}:1")
    assert some(found["sender"], "address", "before") == (
        "you@example.org", "me@example.org")
    assert [r["address"] for r in found["recipients"]] == options
    assert [some(d, "domain")[0] for d in found["domains"]] == [
        "example.org", "nowhere.invalid"]
    (host,) = found["hosts"]
    assert some(host, "domain", "host", "port", "addresses") == (
        "example.org", "mx.test", 25, ["192.0.2.1"])
    assert found["queue"]["mode"] == "later"
    assert found["session"]["deadline"] == 900
    settings = {s["name"]: s["value"] for s in found["settings"]}
    assert settings["host"] == "mx" and "secret" not in run.stdout
    for value in (host["tls"], host["tls_by"], found["queue"]["effect"],
                  found["login"]["by"], found["domains"][1]["no_host"],
                  *found["notes"]):
        assert value in text.stdout, value


@needs_users
def test_the_service_explains_a_client(service, server):
    service.write_config(service.account(server.port))
    run = service.program.run(
        "--service", "--explain", "--json", "-C", str(service.config), "--as",
        "www-data", "-f", "x@example.org", "bob@example.org", stdin=None)
    found = one("explain", run)
    assert found["client"].startswith("www-data (uid ")
    assert found["usable_accounts"] == "default"
