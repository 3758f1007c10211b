"""Recordings at rest: nothing is lost, nothing can be read without the key, any place can."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from firmware.storage.folder import overwrite
from firmware.storage.sealed import SealedError
from firmware.storage.sealed_sound import HEAD_BYTES, SoundSealing, samples_of
from firmware.storage.vault import LockedError, Vault

PHRASE = "correct horse battery"


def recorded(path: Path, seconds: int = 30) -> np.ndarray:
    """Noise that changes its loudness, a different one on each side; seed 7."""
    rng = np.random.default_rng(7)
    sound = rng.normal(0, 300, (8000 * seconds, 2)) * np.array([1, 4])
    samples = sound.astype("<i2")
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return samples


def heard(vault: Vault, kept: Path) -> np.ndarray:
    with vault.open(kept) as sound:
        return np.concatenate(list(sound.sound()))


def test_what_is_put_away_comes_back_sample_by_sample_and_the_wav_is_gone(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")
    wav = tmp_path / "recordings" / "00000001-rec1.wav"
    samples = recorded(wav)
    size = wav.stat().st_size
    kept = vault.keep(wav)
    assert [p.name for p in wav.parent.iterdir()] == ["00000001-rec1.tpr"]
    assert kept.stat().st_size < 0.8 * size
    assert b"fLaC" not in kept.read_bytes()
    assert np.array_equal(heard(vault, kept), samples)


def test_any_place_is_read_alone(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")
    samples = recorded(tmp_path / "r" / "a.wav")
    kept = vault.keep(tmp_path / "r" / "a.wav")
    with vault.open(kept) as sound:
        assert (sound.samples, sound.whole) == (240_000, True)
        # Pieces end at 96,000 samples: within one, across two, and the end.
        for first, count in ((160_000, 800), (95_900, 200), (239_000, 5_000)):
            found = np.concatenate(list(sound.sound(first, count)))
            assert np.array_equal(found, samples[first : first + count])


def test_what_a_power_cut_leaves_is_heard_up_to_its_last_piece(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")
    samples = recorded(tmp_path / "r" / "a.wav")
    path = tmp_path / "r" / "a.tpr"
    with path.open("wb") as file:
        sealing = SoundSealing(file, vault.public)
        for second in range(30):
            sealing.write(samples[second * 8000 : (second + 1) * 8000].tobytes())
    # Two pieces of 12 s are there, the six seconds behind them were in memory.
    assert samples_of(path) == 192_000
    whole = path.read_bytes()
    for torn in (whole, whole + bytes(4096), whole + whole[HEAD_BYTES : HEAD_BYTES + 900]):
        path.write_bytes(torn)
        with vault.open(path) as sound:
            assert (sound.samples, sound.whole) == (192_000, False)
            assert np.array_equal(np.concatenate(list(sound.sound())), samples[:192_000])


def test_without_the_key_in_its_head_nobody_opens_what_was_removed(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")
    recorded(tmp_path / "r" / "a.wav", 2)
    kept = vault.keep(tmp_path / "r" / "a.wav")
    (tmp_path / "undeleted").hardlink_to(kept)
    size = kept.stat().st_size
    assert (overwrite(kept, HEAD_BYTES) or (0,))[0] == size
    assert not kept.exists()
    found = (tmp_path / "undeleted").read_bytes()
    assert (len(found), found[:HEAD_BYTES]) == (size, bytes(HEAD_BYTES))
    with pytest.raises(SealedError, match="no recording"):
        vault.open(tmp_path / "undeleted")


def test_another_box_and_an_altered_byte_are_told(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")
    recorded(tmp_path / "r" / "a.wav", 2)
    kept = vault.keep(tmp_path / "r" / "a.wav")
    with pytest.raises(SealedError, match="another box"):
        Vault(tmp_path / "others").open(kept)
    whole = bytearray(kept.read_bytes())
    whole[-100] ^= 1
    kept.write_bytes(bytes(whole))
    with pytest.raises(SealedError, match="altered"):
        heard(vault, kept)


def test_with_a_pass_phrase_the_box_seals_on_and_only_the_phrase_opens(tmp_path: Path) -> None:
    first = Vault(tmp_path / "keys")
    first.protect(PHRASE)
    vault = Vault(tmp_path / "keys")  # after a restart
    assert vault.locked
    assert sorted(p.name for p in (tmp_path / "keys").iterdir()) == [
        "recordings.locked",
        "recordings.pub",
    ]
    samples = recorded(tmp_path / "r" / "a.wav", 2)
    kept = vault.keep(tmp_path / "r" / "a.wav")
    with pytest.raises(LockedError, match="pass-phrase"):
        vault.open(kept)
    with pytest.raises(LockedError, match="not the pass-phrase"):
        vault.unlock("another horse battery")
    vault.unlock(PHRASE)
    assert np.array_equal(heard(vault, kept), samples)
    with pytest.raises(ValueError, match="at least 12"):
        vault.protect("short")
