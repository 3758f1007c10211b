"""Safe mode: what starts it, what is left in it, what ends it."""

from datetime import UTC, datetime

import msgspec
import pytest

from firmware.core.acd_settings import Acd
from firmware.core.settings import Settings, Trunk
from firmware.daemons.desks.claim import ClaimWindow
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.upkeep.starts import SERVED_MS, SafeMode, StartBook, reduced
from firmware.storage.settings import SettingsStore, mark_new


def test_four_starts_that_failed_in_one_boot_make_the_next_one_safe(tmp_path):
    assert [StartBook(tmp_path, "boot").safe for _ in range(6)] == [False] * 4 + [True] * 2


def test_power_cuts_alone_take_six(tmp_path):
    seen = [StartBook(tmp_path, f"boot-{n}").safe for n in range(8)]
    assert seen == [False] * 6 + [True] * 2


def test_a_start_that_serves_is_good_and_counts_anew(tmp_path):
    for _ in range(4):
        StartBook(tmp_path, "boot")
    book = StartBook(tmp_path, "boot")
    assert book.safe
    book.serves(1_000)
    book.look(7, 1_000 + SERVED_MS - 1)
    assert StartBook(tmp_path, "boot").safe
    book.look(7, 1_000 + SERVED_MS)
    again = StartBook(tmp_path, "boot")
    assert not again.safe
    # What served in safe mode are not the settings that failed.
    assert again.good == 0


def test_the_version_that_served_is_remembered(tmp_path):
    book = StartBook(tmp_path, "boot")
    book.serves(0)
    book.look(7, SERVED_MS)
    assert StartBook(tmp_path, "boot").good == 7


def test_an_end_in_order_is_no_failure(tmp_path):
    for _ in range(9):
        StartBook(tmp_path, "boot").ended()
    assert not StartBook(tmp_path, "boot").safe


def test_a_file_that_cannot_be_read_counts_from_none(tmp_path):
    (tmp_path / "starts.json").write_bytes(b"\x00\x00")
    assert not StartBook(tmp_path, "boot").safe


def test_telephones_and_lines_stay_and_what_may_fail_goes():
    full = Settings(
        record="all",
        flows={"main": {"nodes": {}}},
        trunks=(Trunk(name="t", lines=("fxo/1",)),),
        inbound="flow:main",
        account_codes={"1": "house"},
    )
    left = reduced(full)
    assert left.extensions == full.extensions
    assert [line.port for line in left.lines] == [line.port for line in full.lines]
    assert left.emergency_mode
    assert (left.record, left.flows, left.trunks, left.acd) == ("none", {}, (), Acd())
    assert left.account_codes == full.account_codes


@pytest.mark.parametrize("good", [1, 0, 99])
def test_the_last_good_settings_are_in_force_and_the_newest_stay_kept(tmp_path, good):
    mark_new(tmp_path)
    store = SettingsStore(tmp_path)
    wall = datetime(2026, 11, 22, tzinfo=UTC)
    for n, language in enumerate(("en", "zh-CN")):
        document = msgspec.to_builtins(Settings(language=language))
        store.save(document, base=n, who="ann", why="", now=wall)
    desk = SettingsDesk(store, "CN", ClaimWindow(lambda: ""), safe=SafeMode(good, 4))
    # Version 1 is English; where it is not known, the newest is taken.
    assert desk.settings.language == ("en" if good == 1 else "zh-CN")
    assert desk.settings.emergency_mode
    assert desk.version == 2
    assert desk.document["language"] == "zh-CN"
    assert not desk.document["emergency_mode"]
    said = desk.alarms_in("en")[-1]
    assert "4" in said
    assert "Safe mode" in said
    assert f"version {1 if good == 1 else 2} is in force" in said
    assert "安全模式" in desk.alarms_in("zh-CN")[-1]
    store.close()
