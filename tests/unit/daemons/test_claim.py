"""A new box gets its first owner by a code that only somebody in the office can hear."""

from datetime import UTC, datetime

import pytest

from firmware.control.messages import (
    AskSettings,
    Claim,
    ClaimAnswer,
    Refused,
    RestoreSettings,
    SaveSettings,
)
from firmware.daemons.desks.claim import MOST_WRONG, OPEN_MS, ClaimWindow
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.storage.settings import SettingsStore, mark_new

WALL = datetime(2026, 3, 2, 9, tzinfo=UTC)
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$aGFzaGhhc2hoYXNo"


@pytest.fixture
def folder(tmp_path):
    mark_new(tmp_path)
    return tmp_path


def desk_in(folder, codes=("123456", "654321")):
    drawn = iter(codes)
    return SettingsDesk(SettingsStore(folder), "CN", ClaimWindow(lambda: next(drawn)))


def claim(code="123456", name="陈 Chen", language="en"):
    return Claim(code=code, name=name, password=HASH, language=language)


def test_whoever_brings_the_code_owns_the_box_and_a_second_one_does_not(folder):
    desk = desk_in(folder)
    assert desk.open_claim("en", 0) == ClaimAnswer(code="123456", open_ms=OPEN_MS)
    assert desk.claim_box(claim(), 60_000, WALL) is None
    assert desk.claimed
    late = desk.claim_box(claim(name="thief"), 60_001, WALL)
    assert isinstance(late, Refused)
    assert late.message == "This box has an owner already; please sign in."
    assert [a.name for a in desk.settings.accounts] == ["陈 Chen"]


def test_it_is_owned_after_a_restart(folder):
    desk = desk_in(folder)
    desk.open_claim("en", 0)
    desk.claim_box(claim(), 1, WALL)
    desk._store.close()
    again = desk_in(folder)
    assert again.claimed
    assert isinstance(again.open_claim("zh-CN", 0), Refused)


def test_nobody_claims_a_box_that_was_not_opened(folder):
    refused = desk_in(folder).claim_box(claim(language="zh-CN"), 0, WALL)
    assert refused.id == "claim-closed"
    assert "认领代码" in refused.message


def test_the_code_is_worth_nothing_after_ten_minutes(folder):
    desk = desk_in(folder)
    desk.open_claim("en", 0)
    assert desk.claim_box(claim(), 600_000, WALL).id == "claim-closed"
    assert not desk.claimed


def test_guessing_closes_the_window(folder):
    desk = desk_in(folder)
    desk.open_claim("en", 0)
    for guess in range(MOST_WRONG):
        assert desk.claim_box(claim(code=f"{guess:06d}"), guess, WALL).id == "claim-code"
    assert desk.claim_box(claim(), 100, WALL).id == "claim-closed"
    assert desk.open_claim("en", 200) == ClaimAnswer(code="654321", open_ms=OPEN_MS)


def test_a_name_that_cannot_be_is_refused_and_the_window_stays_open(folder):
    desk = desk_in(folder)
    desk.open_claim("en", 0)
    refused = desk.claim_box(claim(name="<b>"), 1, WALL)
    assert "letters and digits" in refused.fields["accounts.0.name"]
    assert desk.claim_box(claim(), 2, WALL) is None


def test_an_earlier_version_does_not_bring_back_earlier_passwords(folder):
    desk = desk_in(folder)
    desk.open_claim("en", 0)
    desk.claim_box(claim(), 1, WALL)
    first = desk.version
    changed = dict(desk.document, record="all")
    changed["accounts"] = [dict(changed["accounts"][0], password=HASH.replace("aGFz", "bmV1"))]
    save = SaveSettings(base=first, who="Chen", why="new password", settings=changed)
    assert desk.save(save, WALL) is None
    assert desk.restore(RestoreSettings(version=first, who="Chen", why=""), WALL) is None
    assert desk.settings.record == "none"
    assert "bmV1" in desk.settings.accounts[0].password


def test_the_last_owner_cannot_be_removed(folder):
    desk = desk_in(folder)
    desk.open_claim("en", 0)
    desk.claim_box(claim(), 1, WALL)
    changed = dict(desk.document)
    changed["accounts"] = [dict(changed["accounts"][0], roles=["agent"])]
    save = SaveSettings(base=desk.version, who="x", why="", settings=changed, language="en")
    refused = desk.save(save, WALL)
    assert "owner who can sign in has to remain" in refused.fields["accounts"]


def test_an_earlier_version_can_be_looked_at(folder):
    desk = desk_in(folder)
    desk.open_claim("en", 0)
    desk.claim_box(claim(), 1, WALL)
    first = desk.version
    save = SaveSettings(base=first, who="x", why="", settings=dict(desk.document, record="all"))
    desk.save(save, WALL)
    assert desk.shown(AskSettings(version=first)).settings["record"] == "none"
    assert desk.shown(AskSettings()).settings["record"] == "all"
    assert desk.shown(AskSettings(version=99)).id == "settings-unknown-version"
