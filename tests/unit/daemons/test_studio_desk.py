"""Own prompts in calld: takes of handsets, and Cantonese that is not recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from firmware.core.commands import Play
from firmware.daemons.desks.studio_desk import StudioDesk
from firmware.dialogs.studio import Studio
from firmware.dialogs.told import DropPrompt, JudgeTake, KeepTake, StudioOrder
from firmware.media.recorder import wav_header
from firmware.voicemail.session import Recorded, Talk
from ivr.kit import Item
from ivr.prompts import PromptStore

WALL = datetime(2026, 11, 22, 9, tzinfo=UTC)
SCRIPT = (Item(1, "welcome", "你好，多謝你嘅來電。"),)


class Office:
    """One studio of extension 201, in a call of its own."""

    def __init__(self) -> None:
        self.own: Callable[[str, str], bool] = lambda _language, _key: False
        self.studio_of_201 = Studio("201", "zh-CN", lambda _: SCRIPT, lambda *_: False)
        self.said: list[Any] = []

    def studio(self, call_id: str, answer: Callable[[Studio], list[Any]], now_ms: int) -> list[Any]:
        assert call_id == "00000001"
        assert now_ms > 0
        done = answer(self.studio_of_201)
        self.said += [name for e in done if isinstance(e, Talk) for name in e.prompts]
        return done

    def know_own_prompts(self, own: Callable[[str, str], bool]) -> None:
        self.own = own


def _desk(folder: Path) -> tuple[StudioDesk, Office]:
    office = Office()
    store = PromptStore(owner_folder=folder)
    desk = StudioDesk(folder, office, store.has, lambda effects, _now, _wall: list(effects))
    return desk, office


def _record(path: Path, seconds: float) -> None:
    """As the recorder leaves it: on the left 201, ended by ``#``; on the right what it hears."""
    at = np.arange(int(seconds * 8_000)) / 8_000
    said = 6_000 * ((at % 0.25) < 0.18) * np.sin(2 * np.pi * 500 * at)
    pause, key = np.zeros(4_000), np.arange(960) / 8_000
    tone = 4_000 * (np.sin(2 * np.pi * 941 * key) + np.sin(2 * np.pi * 1477 * key))
    left = np.concatenate([said, pause, tone]).astype("<i2")
    both = np.stack([left, np.zeros_like(left)], axis=1).tobytes()
    path.write_bytes(wav_header(len(both)) + both)


def _order(order: JudgeTake | KeepTake | DropPrompt) -> StudioOrder:
    return StudioOrder(call="00000001", extension="201", order=order)


def test_a_take_is_judged_heard_kept_and_given_back(tmp_path: Path) -> None:
    desk, office = _desk(tmp_path / "prompts")
    raw = tmp_path / "t1.wav"
    _record(raw, 2.0)
    studio = office.studio_of_201
    studio.start(1_000)
    for key in "31":
        studio.key(key, 2_000)
    studio.played(3_000)
    studio.key("#", 6_000)
    (judge,) = studio.recorded(Recorded(name="t1", path=str(raw), duration_ms=2_620, left_at=""), 0)
    desk.order(_order(judge), 6_100, WALL)
    heard = tmp_path / "prompts" / "takes" / "t1.wav"
    assert office.said == [str(heard), "zh-CN/kit-review"]
    assert heard.is_file()
    assert not raw.exists()  # the recording as it came is no longer needed
    assert desk.take_late() != []
    _quiet, keep = studio.key("1", 7_000)
    desk.order(_order(keep), 7_100, WALL)
    assert office.said[2:] == ["zh-CN/saved", "zh-CN/kit-done", "zh-CN/goodbye"]
    assert office.own("zh-HK", "welcome")
    assert not heard.exists()
    # Two seconds; neither the pause nor the key at the end is heard.
    kept = PromptStore(owner_folder=tmp_path / "prompts").load("zh-HK/welcome")
    assert 1_900 < len(kept) / 8 < 2_010
    desk.order(_order(DropPrompt(language="zh-HK", key="welcome")), 8_000, WALL)
    assert not office.own("zh-HK", "welcome")


def test_an_empty_take_is_asked_for_again(tmp_path: Path) -> None:
    desk, office = _desk(tmp_path / "prompts")
    studio = office.studio_of_201
    studio.start(1_000)
    for key in "31":
        studio.key(key, 2_000)
    studio.played(3_000)
    studio.key("#", 6_000)
    gone = Recorded(name="t1", path=str(tmp_path / "no.wav"), duration_ms=0, left_at="")
    (judge,) = studio.recorded(gone, 0)
    desk.order(_order(judge), 6_100, WALL)
    assert office.said[:2] == ["zh-CN/kit-too-quiet", "zh-CN/kit-number-before"]


def test_nothing_stays_of_a_take_whose_speaker_hung_up(tmp_path: Path) -> None:
    desk, office = _desk(tmp_path / "prompts")
    raw = tmp_path / "t1.wav"
    _record(raw, 2.0)
    office.studio_of_201.left(6_000)
    desk.order(_order(JudgeTake(take="t1", path=str(raw))), 6_100, WALL)
    assert office.said == []
    assert not raw.exists()
    assert list((tmp_path / "prompts").rglob("*.wav")) == []


def test_takes_of_before_a_restart_are_cleared_away(tmp_path: Path) -> None:
    old = tmp_path / "prompts" / "takes" / "t1.wav"
    kept = tmp_path / "prompts" / "zh-HK" / "welcome.wav"
    for path in (old, kept):
        path.parent.mkdir(parents=True)
        _record(path, 1.0)
    _desk(tmp_path / "prompts")
    assert not old.exists()
    assert kept.exists()


def test_the_notice_is_heard_once_a_call(tmp_path: Path) -> None:
    desk, _office = _desk(tmp_path)

    def spoken(play: str, *prompts: str) -> tuple[str, ...]:
        return desk.spoken(Play(port="fxo/1", play=play, prompts=prompts)).prompts

    # 15 in Mandarin, with the notice before it; the second time of this call without it.
    first = spoken("00000007-1", "zh-HK/agent-waiting-before", "zh-HK/q-15")
    assert first == ("zh-CN/mandarin-instead", "zh-CN/agent-waiting-before", "zh-CN/q-15")
    assert spoken("00000007-2", "zh-HK/goodbye") == ("zh-CN/goodbye",)
    assert spoken("00000008-1", "zh-HK/goodbye")[0] == "zh-CN/mandarin-instead"
    untouched = ("en/goodbye", "/data/v.wav", "music/beep")
    assert spoken("00000009-1", *untouched) == untouched


def test_a_menu_that_told_it_already_is_not_repeated(tmp_path: Path) -> None:
    desk, _office = _desk(tmp_path)
    play = Play(
        port="fxo/1", play="00000003-1", prompts=("zh-CN/mandarin-instead", "zh-HK/goodbye")
    )
    assert desk.spoken(play).prompts == ("zh-CN/mandarin-instead", "zh-CN/goodbye")
