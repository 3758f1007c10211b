"""The prompts in the tree: complete, fresh, level, unclipped; and the store that finds them."""

import hashlib
import json
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.flac import STEP, read_flac
from ivr.numerals import LANGUAGES, vocabulary
from ivr.owner import OwnPrompts
from ivr.polish import polish
from ivr.prompts import (
    PACKS,
    RATE_HZ,
    SYSTEM_FOLDER,
    PromptMissing,
    PromptStore,
    PromptUnreadable,
    prompt_texts,
)
from ivr.wav import Samples, alaw_wav

RENDERED = ("zh-CN", "en")
LANGUAGE_LIMIT_BYTES = 10_000_000
"""The size a language may have in the tree."""


def _texts(language: str, pack: str) -> dict[str, str]:
    numbers = dict(vocabulary(language))
    if pack == "numbers":
        return numbers
    return {key: text for key, text in prompt_texts(language).items() if key not in numbers}


def _sounds(language: str, pack: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(SYSTEM_FOLDER / f"{language}-{pack}.zip") as opened:
        for name in opened.namelist():
            yield name.removesuffix(".flac"), opened.read(name)


def _active_level_dbfs(samples: Samples) -> float:
    """Level while speaking: blocks of 16 ms not more than 20 dB under the 95th percentile block."""
    blocks = samples[: len(samples) // 128 * 128].reshape(-1, 128).astype(np.float64)
    power_db = 10 * np.log10((blocks**2).mean(axis=1) / 32768.0**2 + 1e-12)
    spoken = power_db[power_db > np.percentile(power_db, 95) - 20]
    return float(10 * np.log10((10 ** (spoken / 10)).mean()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_written_in_every_language(language: str) -> None:
    table = tomllib.loads((SYSTEM_FOLDER / "texts.toml").read_text("utf-8"))
    for key, row in table.items():
        assert row.get(language, "").strip(), f"{key} has no words in {language}"
        assert set(row) <= {*LANGUAGES, "say-zh-CN", "say-en"}, key
        assert key not in vocabulary(language), f"{key} is a sentence and a number piece"


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("language", RENDERED)
def test_pack_manifest_and_texts_agree(language: str, pack: str) -> None:
    texts = _texts(language, pack)
    manifest = json.loads((SYSTEM_FOLDER / f"{language}-{pack}.json").read_text("utf-8"))
    lines = {line["key"]: line for line in manifest}
    assert set(lines) <= set(texts), "render again: the manifest has what the texts lack"
    stale = [
        key
        for key, line in lines.items()
        if line["text"] != hashlib.sha256(texts[key].encode()).hexdigest()[:16]
    ]
    assert not stale, f"render again: the words of {stale} have changed"
    takes = json.loads((SYSTEM_FOLDER / "takes.json").read_text("utf-8")).get(language, {})
    other = [key for key, line in lines.items() if line.get("take", 0) != takes.get(key, 0)]
    assert not other, f"render again: another take of {other} was chosen"
    sounds = dict(_sounds(language, pack))
    assert sorted(sounds) == sorted(lines)
    for key, data in sounds.items():
        assert hashlib.sha256(data).hexdigest() == lines[key]["sha256"], key


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("language", RENDERED)
def test_prompts_are_level_unclipped_and_begin_at_once(language: str, pack: str) -> None:
    wrong = []
    for key, data in _sounds(language, pack):
        samples = read_flac(data)
        loud = np.abs(samples.astype(np.int32))
        level = _active_level_dbfs(samples)
        lead_ms = int(np.argmax(loud > loud.max() / 50)) * 1000 // RATE_HZ
        # -20 dBFS, within 1.5 dB; peaks below -3 dBFS (23198) plus a step of rounding.
        if abs(level + 20) > 1.5 or loud.max() > 23_198 + STEP or lead_ms > 100:
            wrong.append(f"{key}: {level:.1f} dBFS, peak {loud.max()}, lead {lead_ms} ms")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", RENDERED)
def test_a_language_fits_in_its_space(language: str) -> None:
    sizes = {pack: (SYSTEM_FOLDER / f"{language}-{pack}.zip").stat().st_size for pack in PACKS}
    told = ", ".join(f"{pack} {size:,}" for pack, size in sizes.items())
    spare = LANGUAGE_LIMIT_BYTES - sum(sizes.values())
    assert spare >= 0, f"{language} has {told} bytes, {-spare:,} more than {LANGUAGE_LIMIT_BYTES:,}"


def test_a_prompt_is_found_by_language_and_key() -> None:
    store = PromptStore()
    welcome = store.load("zh-CN/welcome")
    assert welcome.dtype == np.int16
    assert 1 < len(welcome) / RATE_HZ < 4
    assert store.load("zh-CN/welcome") is welcome
    assert store.has("en/menu-main")
    assert not np.array_equal(store.load("en/welcome"), welcome)


def test_a_missing_prompt_is_named_with_its_language() -> None:
    store = PromptStore()
    for name in ("zh-CN/no-such-thing", "zh-HK/welcome", "fr/welcome"):
        assert not store.has(name)
        with pytest.raises(PromptMissing) as missing:
            store.load(name)
        assert f"{missing.value.language}/{missing.value.key}" == name
        assert missing.value.key in str(missing.value)
        assert missing.value.language in str(missing.value)


@pytest.mark.parametrize(
    "name",
    ["welcome", "zh-CN/../../etc/passwd", "zh-CN/", "/welcome", "zh-CN/a/b", "zh-CN/we lcome", ""],
)
def test_a_name_cannot_leave_its_folder(name: str) -> None:
    with pytest.raises(ValueError, match="language/key"):
        PromptStore().load(name)


def test_the_owners_recording_comes_first_and_can_be_taken_back(tmp_path: Path) -> None:
    beep = np.full(800, 1000, dtype=np.int16)
    mine = tmp_path / "zh-CN" / "welcome.wav"
    mine.parent.mkdir()
    store = PromptStore(owner_folder=tmp_path)
    system = store.load("zh-CN/welcome")
    mine.write_bytes(alaw_wav(beep, RATE_HZ))
    store.forget("zh-CN/welcome")
    assert len(store.load("zh-CN/welcome")) == 800
    assert np.array_equal(store.load_system("zh-CN/welcome"), system)
    mine.unlink()
    store.forget("zh-CN/welcome")
    assert np.array_equal(store.load("zh-CN/welcome"), system)


def test_a_key_of_the_owner_alone_is_found(tmp_path: Path) -> None:
    (tmp_path / "zh-HK").mkdir()
    (tmp_path / "zh-HK" / "spring-sale.wav").write_bytes(alaw_wav(np.ones(80, np.int16), RATE_HZ))
    store = PromptStore(owner_folder=tmp_path)
    assert store.has("zh-HK/spring-sale")
    assert len(store.load("zh-HK/spring-sale")) == 80


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"RIFF", "does not begin"), (alaw_wav(np.ones(80, np.int16), 16_000), "16000 samples")],
)
def test_an_owners_broken_file_is_named_and_not_passed_over(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "welcome.wav").write_bytes(data)
    store = PromptStore(owner_folder=tmp_path)
    with pytest.raises(PromptUnreadable, match=reason) as broken:
        store.load("en/welcome")
    assert broken.value.path == tmp_path / "en" / "welcome.wav"
    assert len(store.load_system("en/welcome")) > 1000


def test_the_store_keeps_no_more_sound_than_it_may() -> None:
    store = PromptStore(cache_bytes=50_000)
    first = store.load("en/welcome")
    for key in ("menu-main", "goodbye", "please-wait"):
        store.load(f"en/{key}")
    again = store.load("en/welcome")
    assert again is not first
    assert np.array_equal(again, first)


def test_what_the_owner_replaces_is_heard_next_time(tmp_path: Path) -> None:
    store = PromptStore(owner_folder=tmp_path)
    assert store.changed() == frozenset()
    system = store.load("en/welcome")
    own = OwnPrompts(tmp_path)
    tone = (6_000 * np.sin(np.arange(8_000) / 3)).astype(np.int16)
    own.keep("en", "welcome", polish(tone, RATE_HZ), source="upload", who="x", at="")
    assert store.changed() == {"en/welcome"}
    assert len(store.load("en/welcome")) == 8_000
    assert store.changed() == frozenset()
    own.keep("en", "welcome", polish(tone[:4_000], RATE_HZ), source="upload", who="x", at="")
    assert store.changed() == {"en/welcome"}
    assert len(store.load("en/welcome")) == 4_000
    own.remove("en", "welcome")
    assert store.changed() == {"en/welcome"}
    assert np.array_equal(store.load("en/welcome"), system)
