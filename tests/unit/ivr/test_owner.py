"""An owner's own prompts: kept whole or not at all, never outside their folder."""

from __future__ import annotations

import random
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from ivr.owner import MOST_BYTES, OwnPrompts, PromptRefused, read_upload
from ivr.polish import polish
from ivr.prompts import PromptStore
from ivr.wav import alaw_wav, pcm_wav, read_wav

SEED = 20_261_122
AT = "2026-11-22T09:00:00+08:00"


def _voice(ms: int = 400, rate_hz: int = 8_000, amplitude: int = 6_000) -> np.ndarray:
    at = np.arange(ms * rate_hz // 1000) / rate_hz
    gate = (at % 0.2) < 0.15
    return (amplitude * gate * np.sin(2 * np.pi * 500 * at)).astype(np.int16)


def test_an_upload_is_heard_instead_of_the_systems_and_can_be_taken_back(tmp_path: Path) -> None:
    own, store = OwnPrompts(tmp_path), PromptStore(owner_folder=tmp_path)
    system = store.load("zh-CN/welcome")
    polished = read_upload(pcm_wav(_voice(2_000, 44_100), 44_100))
    kept = own.keep(
        "zh-CN", "welcome", polished, source="upload", who="lin", at=AT, text="您好，欢迎致电。"
    )
    # Two seconds, the last pause of 50 ms cut to its tail of 30 ms; 6 characters in that time.
    assert kept.duration_ms == pytest.approx(1_980, abs=15)
    assert kept.pace == pytest.approx(6 * 60_000 / 1_980, abs=2)
    assert kept.faults == ()
    store.forget("zh-CN/welcome")
    assert len(store.load("zh-CN/welcome")) == kept.duration_ms * 8
    assert list(own) == [kept]
    assert own.get("zh-CN", "welcome") == kept
    assert own.remove("zh-CN", "welcome") == kept
    store.forget("zh-CN/welcome")
    assert np.array_equal(store.load("zh-CN/welcome"), system)
    assert not any(tmp_path.rglob("*.*"))


@pytest.mark.parametrize(
    ("language", "key"),
    [
        ("zh-CN", "../../etc/passwd"),
        ("zh-CN", "/etc/passwd"),
        ("zh-CN", "a/b"),
        ("zh-CN", ""),
        ("zh-CN", "."),
        ("zh-CN", "x" * 61),
        ("zh-CN", "a\x00b"),
        ("zh-CN", "问候"),
        ("..", "welcome"),
        ("fr", "welcome"),
        ("", "welcome"),
    ],
)
def test_a_name_never_leaves_the_folder(tmp_path: Path, language: str, key: str) -> None:
    own = OwnPrompts(tmp_path / "prompts")
    good = polish(_voice(), 8_000)
    with pytest.raises(PromptRefused) as refused:
        own.keep(language, key, good, source="upload", who="x", at=AT)
    assert refused.value.what in {"name", "language"}
    assert refused.value.sentence("zh-CN") != refused.value.sentence("en")
    for ask in (own.get, own.remove):
        with pytest.raises(PromptRefused):
            ask(language, key)
    assert not any(tmp_path.rglob("*"))


def test_removing_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(PromptRefused, match="no own prompt 'en/welcome'"):
        OwnPrompts(tmp_path).remove("en", "welcome")


def test_a_card_that_takes_nothing_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "en").write_text("a file stands where the folder would be")
    with pytest.raises(PromptRefused) as refused:
        OwnPrompts(tmp_path).keep(
            "en", "welcome", polish(_voice(), 8_000), source="kit", who="x", at=AT
        )
    assert refused.value.what == "storage"
    assert [path.name for path in tmp_path.iterdir()] == ["en"]


@pytest.mark.parametrize(
    ("data", "what", "english"),
    [
        (b"", "wav", "does not begin as a WAV file"),
        (b"ID3\x04" + bytes(500), "wav", "does not begin as a WAV file"),
        (pcm_wav(np.zeros(8_000, np.int16), 8_000), "silent", "no sound"),
        (pcm_wav(_voice(100), 8_000), "too-short", "0.25 seconds"),
        (alaw_wav(np.zeros(8_000 * 121, np.int16), 8_000), "too-long", "120 seconds"),
        (bytes(MOST_BYTES + 1), "large", "the limit is 24000000"),
    ],
)
def test_what_cannot_be_played_is_refused_with_a_sentence(
    data: bytes, what: str, english: str
) -> None:
    with pytest.raises(PromptRefused, match=english) as refused:
        read_upload(data)
    assert refused.value.what == what
    assert any("\u4e00" <= c <= "\u9fff" for c in refused.value.sentence("zh-CN"))


def test_a_faint_recording_is_kept_and_told(tmp_path: Path) -> None:
    faint = read_upload(pcm_wav(_voice(1_000, amplitude=120), 8_000))
    assert faint.faults == ("too-quiet",)
    kept = OwnPrompts(tmp_path).keep("en", "welcome", faint, source="upload", who="x", at=AT)
    assert kept.faults == ("too-quiet",)


def test_a_file_that_somebody_put_there_is_listed_by_its_sound(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "spring-sale.wav").write_bytes(alaw_wav(_voice(1_000), 8_000))
    (tmp_path / "en" / "welcome.wav").write_bytes(b"no sound at all")
    found = {prompt.key: prompt for prompt in OwnPrompts(tmp_path)}
    assert found["spring-sale"].duration_ms == 1_000
    assert found["welcome"].duration_ms == 0


def _mutated(dice: random.Random, whole: bytes) -> bytes:
    """A WAV with one to eight things wrong: bytes, lengths, order, ends."""
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 2, 4, 8))):
        at = dice.randrange(len(data)) if data else 0
        match dice.choice((0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6)):
            case 0 if data:
                data[at] = dice.randrange(256)
            case 1:
                head = dice.randrange(min(len(data), 60) or 1)
                data[head : head + 1] = bytes([dice.randrange(256)])
            case 2:
                del data[at:]
            case 3:
                data[at:at] = dice.randbytes(dice.randrange(1, 40))
            case 4 if len(data) > 8:
                place = dice.choice((4, 16, 24, 28, 40))
                value = dice.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, len(data), dice.getrandbits(32)))
                if place + 4 <= len(data):
                    struct.pack_into("<I", data, place, value)
            case 5:
                del data[at : at + dice.randrange(1, 20)]
            case 6:
                start = dice.randrange(len(data) or 1)
                data += data[start : start + dice.randrange(1, 200)]
    return bytes(data)


def _fuzz(count: int, folder: Path) -> tuple[int, float]:
    """How many of the mutations were kept, and the longest time one took, in seconds."""
    dice = random.Random(SEED)
    own = OwnPrompts(folder / "prompts")
    wholes = [
        pcm_wav(_voice(300), 8_000),
        pcm_wav(_voice(300, 48_000), 48_000),
        alaw_wav(_voice(300), 8_000),
    ]
    names = ["welcome", "menu-main", "../up", "/abs", "a/b", "x" * 200, "\x00", "..", "问"]
    kept, longest, sentences = 0, 0.0, {""}
    for _ in range(count):
        data = _mutated(dice, dice.choice(wholes))
        began = time.perf_counter()
        try:
            polished = read_upload(data)
            language = dice.choice(("zh-CN", "en", "..", "zh-HK", "../../tmp"))
            if kept < 200:
                key = dice.choice(names)
                own.keep(language, key, polished, source="upload", who="f", at=AT)
            kept += 1
        except PromptRefused as refused:
            sentences.add(refused.sentence(dice.choice(("zh-CN", "en"))))
        longest = max(longest, time.perf_counter() - began)
    assert len(sentences) > 8
    return kept, longest


def _check_fuzz(count: int, folder: Path) -> None:
    kept, longest = _fuzz(count, folder)
    print(f"seed {SEED}: {count} mutations, {kept} could be played, longest {longest * 1e3:.0f} ms")
    assert 0 < kept < count
    inside = folder / "prompts"
    strays = [p for p in folder.rglob("*") if p != inside and not p.is_relative_to(inside)]
    assert not strays
    for path in inside.rglob("*.wav"):
        assert path.parent.parent == inside
        assert read_wav(path.read_bytes()).rate_hz == 8_000


def test_mutated_uploads_are_played_or_refused(tmp_path: Path) -> None:
    _check_fuzz(1_000, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_hundred_thousand_mutated_uploads(tmp_path: Path) -> None:
    _check_fuzz(100_000, tmp_path)
