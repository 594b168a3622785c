# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS that fails: neither credentials nor mail are sent."""

import os
import ssl

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MESSAGE_ACCEPTED, SECURED, SEND,
                      STARTTLS, ehlo, greet, lines)

BEFORE_TLS = {
    "starttls": lines(greet("STARTTLS", "AUTH PLAIN"),
                      "C: STARTTLS\nS: 220 2.0.0 go ahead"),
    "implicit": "",
}
# The setting for each way to start TLS.
SETTINGS = {"starttls": "tls_starttls on", "implicit": "tls_starttls off"}


@pytest.fixture(params=BEFORE_TLS)
def tls_start(request):
    return request.param


@pytest.fixture
def reject(submit, server, certificates, tls_start):
    """Runs against a server whose certificate must be rejected."""

    def reject(certificate, settings="", trusted="ca.pem", **limits):
        server.use_certificate(certificates, certificate, **limits)
        server.play(lines(BEFORE_TLS[tls_start], "TLS REJECTED"))
        run = submit(*SEND, host="mx.test", settings=lines(
            "tls on", SETTINGS[tls_start], LOGIN_SETTINGS,
            f"tls_trust_file {certificates.path(trusted)}", settings))
        assert run.status == os.EX_TEMPFAIL, run
        assert "mx.test" in run.stderr
        assert_nothing_was_sent(server)
        return run

    return reject


def assert_nothing_was_sent(server):
    """Checks that no AUTH and no envelope was sent, in clear or inside TLS."""
    assert not server.inside
    for verb in (b"AUTH", b"MAIL", b"RCPT", b"DATA"):
        assert verb not in server.clear


@pytest.mark.parametrize("certificate, cause", [
    ("other", "issuer"),
    ("wrong-name", "elsewhere.test"),
    ("expired", "expired"),
    ("not-yet", "UTC, but the clock of this host says 20"),
    ("client-only", "extended key usage"),
    ("cn-only", "subjectAltName"),
    ("self-signed", "self-signed"),
    ("odd-star", "for"),
    ("odd-star-tld", "for"),
    ("odd-nul", "certificate"),
])
def test_an_invalid_certificate_is_rejected_with_its_cause(
        reject, certificate, cause):
    run = reject(certificate)
    assert cause in run.stderr, run


def test_a_revoked_certificate_is_rejected(reject, certificates):
    run = reject("revoked", f"tls_crl_file {certificates.path('crl.pem')}")
    assert "revoked" in run.stderr


def test_a_fingerprint_that_does_not_match_is_rejected(reject, certificates):
    run = reject("good",
                 f"tls_fingerprint {certificates.fingerprint('other')}")
    assert certificates.fingerprint("good") in run.stderr


def test_with_tls_certcheck_on_a_fingerprint_does_not_replace_the_check(
        reject, certificates):
    run = reject("other", "tls_certcheck on\n"
                 f"tls_fingerprint {certificates.fingerprint('other')}")
    assert "issuer" in run.stderr


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_1_0_and_1_1_are_rejected(reject, server):
    versions = {"minimum_version": ssl.TLSVersion.TLSv1,
                "maximum_version": ssl.TLSVersion.TLSv1_1}
    server_ciphers = ssl.SSLContext.set_ciphers
    original = server.use_certificate

    def use(certificates, name, **limits):
        original(certificates, name, **limits)
        server_ciphers(server.tls, "ALL:@SECLEVEL=0")

    server.use_certificate = use
    run = reject("good", **versions)
    assert "version" in run.stderr


@pytest.mark.parametrize("trust_file", ["empty.pem", "garbage.pem", "text.pem",
                                        "missing.pem", ""])
def test_an_unusable_trust_file_is_a_configuration_error(
        submit, server, certificates, tls_start, trust_file):
    # The contents are parsed by the library while the client connects.
    server.play(*(["EOF"] if trust_file == "garbage.pem" else []))
    run = submit(*SEND, host="mx.test", settings=lines(
        "tls on", SETTINGS[tls_start],
        f"tls_trust_file {certificates.path(trust_file)}"))
    assert run.status == os.EX_CONFIG, run
    assert "tls_trust_file" in run.stderr


@pytest.mark.parametrize("kind", ["certificate", "spki"])
def test_a_fingerprint_replaces_the_check_of_chain_and_name(
        submit, server, certificates, kind, tls_start):
    value = ("spki:" + certificates.key_fingerprint("wrong-name")
             if kind == "spki" else certificates.fingerprint("wrong-name"))
    server.use_certificate(certificates, "wrong-name")
    server.play(lines(BEFORE_TLS[tls_start], "TLS",
                      ehlo() if tls_start == "starttls" else greet(),
                      MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test", settings=lines(
        "tls on", SETTINGS[tls_start], f"tls_fingerprint {'0' * 64}",
        f"tls_fingerprint {value}"))
    assert run.status == 0, run


@pytest.mark.parametrize("certificate, settings", [
    ("good", ""),
    ("chained", ""),
    ("rsa", ""),
    ("odd-upper", ""),
    ("wrong-name", "tls_host_override elsewhere.test"),
])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_a_valid_certificate_is_accepted(
        submit, server, certificates, certificate, settings, version):
    server.use_certificate(certificates, certificate, maximum_version=version)
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test", settings=lines(
        "tls on", f"tls_trust_file {certificates.path('ca.pem')}",
        LOGIN_SETTINGS, settings))
    assert run.status == 0, run


def default_tls(certificates, settings=""):
    return lines(LOGIN_SETTINGS, settings,
                 f"tls_trust_file {certificates.path('ca.pem')}")


@pytest.mark.parametrize("offer", [["AUTH PLAIN"], ["XSTARTTLS"], ["START"]])
def test_a_server_without_starttls_is_a_temporary_failure(
        submit, server, certificates, offer):
    server.play(lines(greet(*offer), "C: QUIT"))
    run = submit(*SEND, settings=default_tls(certificates))
    assert run.status == os.EX_TEMPFAIL, run
    assert "STARTTLS" in run.stderr
    assert_nothing_was_sent(server)


@pytest.mark.parametrize("reply", [
    "454 4.7.0 not now", "502 5.5.1 no", "501 5.5.4 no", "354 go on",
    "250 ok", "554 5.7.3 no",
])
def test_a_rejected_starttls_is_a_temporary_failure(
        submit, server, certificates, reply):
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", f"S: {reply}",
                      "C? QUIT", "EOF"))
    run = submit(*SEND, settings=default_tls(certificates))
    assert run.status == os.EX_TEMPFAIL, run
    assert_nothing_was_sent(server)


@pytest.mark.parametrize("reply, status, exit_status, hint", [
    ("454 4.7.0 not now", "4.7.0", os.EX_TEMPFAIL, ""),
    ("454 not now", "4.0.0", os.EX_TEMPFAIL, ""),
    ("502 5.5.1 what?", "4.7.4", os.EX_TEMPFAIL, '"tls_starttls off"'),
    ("550 5.1.1 who?", "4.7.4", os.EX_TEMPFAIL, '"tls_starttls off"'),
    ("530 5.7.0 log in", "5.7.0", os.EX_CONFIG, '"tls_starttls off"'),
])
def test_a_rejected_starttls_names_the_setting_that_may_help(
        submit, server, certificates, reply, status, exit_status, hint):
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", f"S: {reply}",
                      "C? QUIT", "EOF"))
    run = submit(*SEND, settings=default_tls(certificates))
    assert run.status == exit_status, run
    assert run.fields["status"] == status, run
    assert f"said: {reply} (in reply to STARTTLS)" in run.stderr
    assert hint in run.stderr and bool(hint) == ("tls_" in run.stderr), run


@pytest.mark.parametrize("injected", [
    "250-mx.example\\r\\n250 AUTH PLAIN\\r\\n", "x", "\\r\\n",
    "220 2.0.0 go ahead\\r\\n",
])
def test_plain_text_after_the_reply_to_starttls_is_a_temporary_failure(
        submit, server, certificates, injected):
    server.use_certificate(certificates, "good")
    server.play(lines(greet("STARTTLS", "AUTH PLAIN"), "C: STARTTLS",
                      f"RAW 220 2.0.0 go ahead\\r\\n{injected}",
                      "TLS REJECTED"))
    run = submit(*SEND, settings=default_tls(certificates),
                 host="mx.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "STARTTLS" in run.stderr
    assert_nothing_was_sent(server)


@pytest.mark.parametrize("bytes_sent", [
    "250 go on\\r\\n", "HTTP/1.0 400 Bad Request\\r\\n\\r\\n", "\\x00" * 200,
    "\\x16\\x03\\x01\\xff\\xff" + "A" * 200, "\\x15\\x03\\x03\\x00\\x02\\x02\\x28",
])
def test_an_invalid_handshake_is_a_temporary_failure(
        submit, server, certificates, tls_start, bytes_sent):
    server.play(lines(BEFORE_TLS[tls_start], "READ 50", f"RAW {bytes_sent}",
                      "WAIT 0.2", "CLOSE"))
    run = submit(*SEND, host="mx.test", settings=default_tls(
        certificates, SETTINGS[tls_start]))
    assert run.status == os.EX_TEMPFAIL, run
    assert b"EHLO" not in server.clear.partition(b"STARTTLS")[2]


def test_a_greeting_in_place_of_implicit_tls_is_a_temporary_failure(
        submit, server, certificates):
    server.play("S: 220 mx.test ESMTP\nREAD 50\nWAIT 0.2\nCLOSE")
    run = submit(*SEND, host="mx.test", settings=default_tls(
        certificates, "tls_starttls off"))
    assert run.status == os.EX_TEMPFAIL, run
    assert "tls_starttls" in run.stderr


def test_a_connection_lost_in_the_handshake_is_a_temporary_failure(
        submit, server, certificates, tls_start):
    server.play(lines(BEFORE_TLS[tls_start], "READ 50", "RST"))
    run = submit(*SEND, host="mx.test", settings=default_tls(
        certificates, SETTINGS[tls_start]))
    assert run.status == os.EX_TEMPFAIL, run


def test_a_chain_of_50_certificates_is_rejected(
        submit, server, certificates, tls_start):
    certificates.issue("deep-0", by="ca", authority=True)
    for depth in range(50):
        certificates.issue(f"deep-{depth + 1}", by=f"deep-{depth}",
                           authority=True)
    certificates.issue("deep", by="deep-50", dns=["mx.test"])
    server.use_certificate(certificates, "deep")
    server.play(lines(BEFORE_TLS[tls_start], "TLS REJECTED"))
    run = submit(*SEND, host="mx.test", settings=default_tls(
        certificates, SETTINGS[tls_start]))
    assert run.status == os.EX_TEMPFAIL, run
    assert_nothing_was_sent(server)


def test_a_client_certificate_is_sent_on_request(
        submit, server, certificates, trust):
    server.tls.verify_mode = ssl.CERT_REQUIRED
    server.tls.load_verify_locations(certificates.path("ca.pem"))
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo("AUTH EXTERNAL"), """
        C: AUTH EXTERNAL =
        S: 235 2.7.0 welcome
    """, MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test", settings=lines(
        trust, f"tls_cert_file {certificates.path('client.pem')}",
        f"tls_key_file {certificates.path('client.key')}", "auth external"))
    assert run.status == 0, run


def test_opportunistic_tls_sends_in_clear_without_starttls(submit, server):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    assert submit(*SEND, settings="tls opportunistic").status == 0


def test_opportunistic_tls_accepts_any_certificate(
        submit, server, certificates):
    server.use_certificate(certificates, "self-signed")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED))
    run = submit(*SEND, settings="tls opportunistic", host="mx.test")
    assert run.status == 0, run


HANDSHAKE_FAILURE = r"RAW \x15\x03\x03\x00\x02\x02\x28"


@pytest.mark.parametrize("failure", [
    HANDSHAKE_FAILURE, "RAW 454 4.7.0 out of entropy\\r\\n", "CLOSE"])
def test_opportunistic_tls_retries_in_clear_after_a_failed_handshake(
        submit, server, failure):
    server.play(
        lines(greet("STARTTLS"), "C: STARTTLS\nS: 220 go\nREAD 5", failure,
              "" if failure == "CLOSE" else "DRAIN"),
        lines(greet("STARTTLS"), MESSAGE_ACCEPTED))
    run = submit("-v", *SEND, settings="tls opportunistic")
    assert run.status == 0, run
    assert "trying again without TLS" in run.stderr


def ends_after_starttls(pause):
    """The end of the connection arrives together with the reply, or later."""
    return lines(greet("STARTTLS"), f"""
        C: STARTTLS
        S: 220 2.0.0 go ahead
        {pause}
        CLOSE
    """)


@pytest.mark.parametrize("pause", ["", "WAIT 0.2"])
def test_opportunistic_tls_retries_in_clear_after_the_end_of_the_session(
        submit, server, pause):
    server.play(ends_after_starttls(pause),
                lines(greet("STARTTLS"), MESSAGE_ACCEPTED))
    assert submit(*SEND, settings="tls opportunistic").status == 0


@pytest.mark.parametrize("pause", ["", "WAIT 0.2"])
def test_a_server_that_ends_after_its_reply_to_starttls_is_no_attacker(
        submit, server, pause):
    server.play(ends_after_starttls(pause))
    run = submit(*SEND, settings="tls on")
    assert run.status == os.EX_TEMPFAIL, run
    assert "attacker" not in run.stderr


def test_opportunistic_tls_retries_in_clear_only_once(submit, server):
    failing = lines(greet("STARTTLS"), "C: STARTTLS\nS: 220 go\nREAD 5\nCLOSE")
    server.play(failing, lines("S: 421 4.3.2 busy", "C? QUIT"))
    run = submit(*SEND, settings="tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run


def test_opportunistic_tls_does_not_retry_after_injected_plain_text(
        submit, server):
    server.play(lines(greet("STARTTLS"),
                      "C: STARTTLS\nS: 220 go\nS: 250 injected"))
    run = submit(*SEND, settings="tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    assert_nothing_was_sent(server)


def test_required_tls_is_not_retried_in_clear(submit, server, trust):
    server.play(lines(greet("STARTTLS"), """
        C: STARTTLS
        S: 220 2.0.0 go ahead
        READ 100
        RST
    """))
    run = submit(*SEND, settings=trust, host="mx.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert_nothing_was_sent(server)


@pytest.mark.parametrize("where", ["configuration file", "command line"])
def test_tls_cache_has_no_effect(submit, server, trust, tmp_path, where):
    folder = tmp_path / "cache"
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED))
    if where == "configuration file":
        run = submit(*SEND, settings=lines(trust, f"tls_cache {folder}"),
                     host="mx.test")
    else:
        run = submit("--tls-cache", str(folder), *SEND, settings=trust,
                     host="mx.test")
    assert run.status == 0, run
    assert run.log.count("tls_cache has no effect: TLS sessions are no "
                         "longer resumed") == 1
    assert not folder.exists()


def test_tls_certcheck_off_is_noted_in_the_log(submit, server, certificates):
    server.use_certificate(certificates, "self-signed")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED))
    run = submit(*SEND, settings="tls on\ntls_certcheck off", host="mx.test")
    assert run.status == 0, run
    assert "tls_certcheck" in run.log
