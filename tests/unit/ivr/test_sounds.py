"""Music on hold and the beep, as they are played."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from ivr.prompts import SYSTEM_FOLDER, PromptStore
from ivr.wav import ALAW_VALUES, alaw_octets, alaw_wav


def _compose() -> object:
    spec = importlib.util.spec_from_file_location("compose", SYSTEM_FOLDER / "compose.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_music_is_what_the_script_makes_and_lasts_forty_seconds() -> None:
    stored = PromptStore().load("music/default")
    made = _compose().music()
    assert len(stored) == 40 * 8000
    decoded = ALAW_VALUES[alaw_octets(made)]
    # Another processor may round a sample the other way: one step of G.711 at most, and rarely.
    assert np.mean(decoded != stored) < 1e-3


def test_the_music_has_no_seam() -> None:
    music = PromptStore().load("music/default").astype(float)
    joined = np.concatenate((music[-4000:], music[:4000]))
    steps = np.abs(np.diff(music))
    assert abs(joined[4000] - joined[3999]) <= steps.max()
    before, after = np.sqrt(np.mean(music[-800:] ** 2)), np.sqrt(np.mean(music[:800] ** 2))
    assert 0.2 < before / after < 5


def test_the_owners_music_comes_first(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    own = np.full(800, 1000, np.int16)
    (tmp_path / "music" / "default.wav").write_bytes(alaw_wav(own, 8000))
    played = PromptStore(owner_folder=tmp_path).load("music/default")
    assert len(played) == 800
