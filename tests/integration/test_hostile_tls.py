# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS that fails: no login and no message ever goes out."""

import os
import ssl

import pytest

from dialogue import (LOGIN, LOGIN_SETTINGS, MESSAGE_ACCEPTED, SECURED, SEND,
                      STARTTLS, ehlo, greet, lines)

OPENINGS = {
    "starttls": lines(greet("STARTTLS", "AUTH PLAIN"),
                      "C: STARTTLS\nS: 220 2.0.0 go ahead"),
    "immediate": "",
}
# How STARTTLS is set for each.
SETTINGS = {"starttls": "tls_starttls on", "immediate": "tls_starttls off"}


@pytest.fixture(params=OPENINGS)
def way(request):
    return request.param


@pytest.fixture
def refuse(submit, server, certificates, way):
    """Runs against a certificate that must not be accepted."""

    def refuse(certificate, settings="", trusted="ca.pem", **limits):
        server.use_certificate(certificates, certificate, **limits)
        server.play(lines(OPENINGS[way], "TLS REFUSED"))
        run = submit(*SEND, host="mx.test", settings=lines(
            "tls on", SETTINGS[way], LOGIN_SETTINGS,
            f"tls_trust_file {certificates.path(trusted)}", settings))
        assert run.status == os.EX_TEMPFAIL, run
        assert "mx.test" in run.stderr
        nothing_sent(server)
        return run

    return refuse


def nothing_sent(server):
    """No login, no envelope, neither in clear nor inside TLS."""
    assert not server.inside
    for verb in (b"AUTH", b"MAIL", b"RCPT", b"DATA"):
        assert verb not in server.clear


@pytest.mark.parametrize("certificate, cause", [
    ("other", "issuer"),
    ("wrong-name", "elsewhere.test"),
    ("expired", "expired"),
    ("not-yet", "not valid before"),
    ("client-only", "extended key usage"),
    ("cn-only", "subjectAltName"),
    ("self-signed", "self-signed"),
    ("odd-star", "for"),
    ("odd-star-tld", "for"),
    ("odd-nul", "certificate"),
])
def test_a_wrong_certificate_is_refused_and_the_cause_named(
        refuse, certificate, cause):
    run = refuse(certificate)
    assert cause in run.stderr, run


def test_a_revoked_certificate_is_refused(refuse, certificates):
    run = refuse("revoked", f"tls_crl_file {certificates.path('crl.pem')}")
    assert "revoked" in run.stderr


def test_a_pin_that_does_not_match_is_refused(refuse, certificates):
    run = refuse("good",
                 f"tls_fingerprint {certificates.fingerprint('other')}")
    assert certificates.fingerprint("good") in run.stderr


def test_a_pin_does_not_replace_the_check_that_is_asked_for(
        refuse, certificates):
    run = refuse("other", "tls_certcheck on\n"
                 f"tls_fingerprint {certificates.fingerprint('other')}")
    assert "issuer" in run.stderr


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_are_refused(refuse, server):
    versions = {"minimum_version": ssl.TLSVersion.TLSv1,
                "maximum_version": ssl.TLSVersion.TLSv1_1}
    server_ciphers = ssl.SSLContext.set_ciphers
    original = server.use_certificate

    def use(certificates, name, **limits):
        original(certificates, name, **limits)
        server_ciphers(server.tls, "ALL:@SECLEVEL=0")

    server.use_certificate = use
    run = refuse("good", **versions)
    assert "version" in run.stderr


@pytest.mark.parametrize("place", ["empty.pem", "garbage.pem", "text.pem",
                                   "missing.pem", ""])
def test_a_useless_trust_file_ends_it_before_anything_is_sent(
        submit, server, certificates, way, place):
    # What only the library can tell is found while a connection is made.
    server.play(*(["EOF"] if place == "garbage.pem" else []))
    run = submit(*SEND, host="mx.test", settings=lines(
        "tls on", SETTINGS[way],
        f"tls_trust_file {certificates.path(place)}"))
    assert run.status == os.EX_CONFIG, run
    assert "tls_trust_file" in run.stderr


@pytest.mark.parametrize("pin", ["good", "spki"])
def test_a_pin_replaces_chain_and_name(submit, server, certificates, pin, way):
    value = (certificates.fingerprint("wrong-name") if pin == "good" else
             "spki:" + certificates.key_fingerprint("wrong-name"))
    server.use_certificate(certificates, "wrong-name")
    server.play(lines(OPENINGS[way], "TLS",
                      ehlo() if way == "starttls" else greet(),
                      MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test", settings=lines(
        "tls on", SETTINGS[way], f"tls_fingerprint {'0' * 64}",
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
def test_good_certificates_are_accepted(
        submit, server, certificates, certificate, settings, version):
    server.use_certificate(certificates, certificate, maximum_version=version)
    server.play(lines(SECURED, LOGIN, MESSAGE_ACCEPTED))
    run = submit(*SEND, host="mx.test", settings=lines(
        "tls on", f"tls_trust_file {certificates.path('ca.pem')}",
        LOGIN_SETTINGS, settings))
    assert run.status == 0, run


def secured_by_default(certificates, settings=""):
    return lines(LOGIN_SETTINGS, settings,
                 f"tls_trust_file {certificates.path('ca.pem')}")


@pytest.mark.parametrize("offer", [["AUTH PLAIN"], ["XSTARTTLS"], ["START"]])
def test_starttls_that_is_not_offered_ends_it(
        submit, server, certificates, offer):
    server.play(lines(greet(*offer), "C: QUIT"))
    run = submit(*SEND, settings=secured_by_default(certificates))
    assert run.status == os.EX_TEMPFAIL, run
    assert "STARTTLS" in run.stderr
    nothing_sent(server)


@pytest.mark.parametrize("reply", [
    "454 4.7.0 not now", "502 5.5.1 no", "501 5.5.4 no", "354 go on",
    "250 ok", "554 5.7.3 no",
])
def test_a_refused_starttls_ends_it(submit, server, certificates, reply):
    server.play(lines(greet("STARTTLS"), "C: STARTTLS", f"S: {reply}",
                      "C? QUIT", "EOF"))
    run = submit(*SEND, settings=secured_by_default(certificates))
    assert run.status == os.EX_TEMPFAIL, run
    nothing_sent(server)


@pytest.mark.parametrize("injected", [
    "250-mx.example\\r\\n250 AUTH PLAIN\\r\\n", "x", "\\r\\n",
    "220 2.0.0 go ahead\\r\\n",
])
def test_plain_text_behind_the_reply_to_starttls_ends_it(
        submit, server, certificates, injected):
    server.use_certificate(certificates, "good")
    server.play(lines(greet("STARTTLS", "AUTH PLAIN"), "C: STARTTLS",
                      f"RAW 220 2.0.0 go ahead\\r\\n{injected}",
                      "TLS REFUSED"))
    run = submit(*SEND, settings=secured_by_default(certificates),
                 host="mx.test")
    assert run.status == os.EX_TEMPFAIL, run
    assert "STARTTLS" in run.stderr
    nothing_sent(server)


@pytest.mark.parametrize("noise", [
    "250 go on\\r\\n", "HTTP/1.0 400 Bad Request\\r\\n\\r\\n", "\\x00" * 200,
    "\\x16\\x03\\x01\\xff\\xff" + "A" * 200, "\\x15\\x03\\x03\\x00\\x02\\x02\\x28",
])
def test_something_else_than_tls_ends_it(
        submit, server, certificates, way, noise):
    server.play(lines(OPENINGS[way], "READ 50", f"RAW {noise}", "WAIT 0.2",
                      "CLOSE"))
    run = submit(*SEND, host="mx.test", settings=secured_by_default(
        certificates, SETTINGS[way]))
    assert run.status == os.EX_TEMPFAIL, run
    assert b"EHLO" not in server.clear.partition(b"STARTTLS")[2]


def test_a_server_that_speaks_before_tls_ends_it(
        submit, server, certificates):
    server.play("S: 220 mx.test ESMTP\nREAD 50\nWAIT 0.2\nCLOSE")
    run = submit(*SEND, host="mx.test", settings=secured_by_default(
        certificates, "tls_starttls off"))
    assert run.status == os.EX_TEMPFAIL, run
    assert "tls_starttls" in run.stderr


def test_a_connection_that_is_lost_in_the_handshake(
        submit, server, certificates, way):
    server.play(lines(OPENINGS[way], "READ 50", "RST"))
    run = submit(*SEND, host="mx.test", settings=secured_by_default(
        certificates, SETTINGS[way]))
    assert run.status == os.EX_TEMPFAIL, run


def test_a_chain_that_is_absurdly_long(submit, server, certificates, way):
    certificates.issue("deep-0", by="ca", authority=True)
    for depth in range(50):
        certificates.issue(f"deep-{depth + 1}", by=f"deep-{depth}",
                           authority=True)
    certificates.issue("deep", by="deep-50", dns=["mx.test"])
    server.use_certificate(certificates, "deep")
    server.play(lines(OPENINGS[way], "TLS REFUSED"))
    run = submit(*SEND, host="mx.test", settings=secured_by_default(
        certificates, SETTINGS[way]))
    assert run.status == os.EX_TEMPFAIL, run
    nothing_sent(server)


def test_a_client_certificate_is_shown_when_asked_for(
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


def test_opportunistic_tls_goes_on_without(submit, server):
    server.play(lines(greet(), MESSAGE_ACCEPTED))
    assert submit(*SEND, settings="tls opportunistic").status == 0


def test_opportunistic_tls_takes_any_certificate(
        submit, server, certificates):
    server.use_certificate(certificates, "self-signed")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED))
    run = submit(*SEND, settings="tls opportunistic", host="mx.test")
    assert run.status == 0, run


HANDSHAKE_FAILURE = r"RAW \x15\x03\x03\x00\x02\x02\x28"


@pytest.mark.parametrize("failure", [
    HANDSHAKE_FAILURE, "RAW 454 4.7.0 out of entropy\\r\\n", "CLOSE"])
def test_opportunistic_tls_that_fails_is_done_without(
        submit, server, failure):
    server.play(
        lines(greet("STARTTLS"), "C: STARTTLS\nS: 220 go\nREAD 5", failure,
              "" if failure == "CLOSE" else "DRAIN"),
        lines(greet("STARTTLS"), MESSAGE_ACCEPTED))
    run = submit("-v", *SEND, settings="tls opportunistic")
    assert run.status == 0, run
    assert "trying again without TLS" in run.stderr


def test_opportunistic_tls_is_not_left_out_twice(submit, server):
    failing = lines(greet("STARTTLS"), "C: STARTTLS\nS: 220 go\nREAD 5\nCLOSE")
    server.play(failing, lines("S: 421 4.3.2 busy", "C? QUIT"))
    run = submit(*SEND, settings="tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run


def test_text_behind_the_reply_to_starttls_is_never_followed_by_plain_text(
        submit, server):
    server.play(lines(greet("STARTTLS"),
                      "C: STARTTLS\nS: 220 go\nS: 250 injected"))
    run = submit(*SEND, settings="tls opportunistic")
    assert run.status == os.EX_TEMPFAIL, run
    nothing_sent(server)


def test_required_tls_that_fails_is_not_tried_again(submit, server, trust):
    server.play(lines(greet("STARTTLS"), """
        C: STARTTLS
        S: 220 2.0.0 go ahead
        READ 100
        RST
    """))
    run = submit(*SEND, settings=trust, host="mx.test")
    assert run.status == os.EX_TEMPFAIL, run
    nothing_sent(server)


@pytest.mark.parametrize("where", ["in the file", "as an argument"])
def test_a_folder_for_sessions_is_ignored(
        submit, server, trust, tmp_path, where):
    folder = tmp_path / "cache"
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED))
    if where == "in the file":
        run = submit(*SEND, settings=lines(trust, f"tls_cache {folder}"),
                     host="mx.test")
    else:
        run = submit("--tls-cache", str(folder), *SEND, settings=trust,
                     host="mx.test")
    assert run.status == 0, run
    assert run.log.count("tls_cache has no effect: TLS sessions are no "
                         "longer resumed") == 1
    assert not folder.exists()


def test_certcheck_off_is_said_in_the_log(submit, server, certificates):
    server.use_certificate(certificates, "self-signed")
    server.play(lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_ACCEPTED))
    run = submit(*SEND, settings="tls on\ntls_certcheck off", host="mx.test")
    assert run.status == 0, run
    assert "tls_certcheck" in run.log
