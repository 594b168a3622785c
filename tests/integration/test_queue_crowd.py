# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many callers and queue runs at once; ./dev torture takes longer."""

import pytest

from crowd import Crowd

SECONDS = 8


@pytest.mark.parametrize("kills", [False, True], ids=["signals", "kills"])
def test_each_recipient_gets_each_message_once(binary, preload, tmp_path,
                                               kills):
    crowd = Crowd(binary, tmp_path, preload, kills=kills)
    assert crowd.run(SECONDS / 2 if kills else SECONDS) > 20
    assert not crowd.failures, "\n".join(
        [*crowd.failures[:5], crowd.describe()])
