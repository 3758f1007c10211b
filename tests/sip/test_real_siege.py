"""The cheap part of the siege: RFC 4475 and forged sound while a conversation goes on.

Condition: where no pjsua2 fits the machine there is no SIP, and nothing to besiege.
"""

from __future__ import annotations

import importlib.util
import os

import pytest

from tests.sip.siege import HEARD_DBM0, NOT_HEARD_DBM0, PEER, Siege
from tests.sip.torture import send_all, wrong

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(120)]

HERE = importlib.util.find_spec("pjsua2") is not None or "TIPRING_PJSUA2" in os.environ


def test_a_conversation_survives_odd_messages_and_forged_sound() -> None:
    if not HERE:
        return
    with Siege(seed=5) as siege:
        heard: dict[str, set[int]] = {}

        def odd_messages() -> int:
            heard.update(send_all(PEER, siege.at))
            return 0

        had = siege.suffer(odd_messages)
        # The wheel for development takes four calls and drops what comes beyond: silence is right.
        assert {name: codes for name, codes in wrong(heard).items() if codes != {0}} == {}
        assert had.level_dbm0 > HEARD_DBM0
        had = siege.suffer(lambda: siege.forge_sound(500, 1.5))
        assert had.answers == 0, "sound of the box went to a stranger"
        assert had.forged_dbm0 < NOT_HEARD_DBM0
        assert had.level_dbm0 > HEARD_DBM0
        # Nothing rang, nothing ended: the box noticed one call and nobody else's.
        assert [word for word in siege.box.words if not word.startswith("stranger")] == [
            "rings 100 from 13800138000 to flow:main",
            "talks",
        ]
