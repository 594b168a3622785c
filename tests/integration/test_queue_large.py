# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large messages, and many recipients; ./dev torture takes a gibibyte."""

import pytest

from large import Large

MIB = 1 << 20


@pytest.mark.parametrize("chunking", [False, True], ids=["DATA", "BDAT"])
def test_a_large_message_needs_little_memory(
        binary, preload, tmp_path, full_speed, chunking):
    large = Large(binary, tmp_path, preload, chunking)
    large.run(64 * MIB, 2)
    assert max(large.memory.values()) < 16 * 1024, large.memory


def test_a_message_may_have_many_recipients(
        binary, preload, tmp_path, full_speed):
    large = Large(binary, tmp_path, preload)
    large.run(1000, 50000)
    # The addresses and results of 50 000 recipients.
    assert max(large.memory.values()) < 128 * 1024, large.memory
