# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of TLS in a folder, to be resumed by the next run."""

import os

import pytest

from dialogue import MESSAGE_TAKEN, SEND, STARTTLS, ehlo, greet, lines
from program import account

WHOLE = lines(greet("STARTTLS"), STARTTLS, ehlo(), MESSAGE_TAKEN)
REFUSED = lines(greet("STARTTLS"), STARTTLS + " REFUSED")
RESET = lines(greet("STARTTLS"), """
    C: STARTTLS
    S: 220 2.0.0 go ahead
    READ 100
    RST
""")


@pytest.fixture
def cache(program):
    return program.home / "cache"


@pytest.fixture
def settings(trust, cache):
    return f"{trust}\ntls_cache {cache}"


@pytest.fixture
def runs(program, server):
    """Runs it with each of the settings against one server."""
    def runs(transcripts, *settings):
        server.play(*transcripts)
        done = []
        for text in settings:
            program.write_config(account(server.port, text, "mx.test"))
            done.append(program.run(*SEND))
        server.finish()
        return done
    return runs


def test_a_session_is_kept_for_one_use(runs, settings, cache, program):
    seen = []
    program_run = program.run

    def run(*argv):
        result = program_run(*argv)
        (entry,) = cache.iterdir()
        assert entry.stat().st_mode & 0o777 == 0o600
        seen.append(entry.read_bytes())
        return result

    program.run = run
    done = runs([WHOLE] * 3, *[settings] * 3)
    assert [run.status for run in done] == [0, 0, 0], done
    assert len(set(seen)) == 3
    assert cache.stat().st_mode & 0o777 == 0o700


def test_a_failure_with_a_session_is_tried_again_without(runs, settings):
    done = runs([WHOLE, RESET, WHOLE], settings, settings)
    assert [run.status for run in done] == [0, 0], done


def test_without_a_session_it_is_tried_once(runs, settings):
    (run,) = runs([RESET], settings)
    assert run.status == os.EX_TEMPFAIL, run


def test_another_trust_resumes_nothing(runs, settings, certificates):
    run = runs([WHOLE, REFUSED], settings, settings.replace(
        certificates.path("ca.pem"), certificates.path("ca2.pem")))[1]
    assert run.status == os.EX_TEMPFAIL, run
    assert "is not in tls_trust_file" in run.stderr


def test_a_folder_that_others_may_write_to_is_refused(runs, settings, cache):
    cache.mkdir()
    cache.chmod(0o777)
    (run,) = runs(["GONE"], settings)
    assert run.status == os.EX_CONFIG, run
    assert f"tls_cache: others may write to {cache}" in run.stderr
