"""Recordings at rest: nothing is lost, nothing can be read without the key, any place can."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.storage.sealed import SealedError
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


def heard(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


def test_what_is_put_away_comes_back_sample_by_sample_and_the_wav_is_gone(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")
    wav = tmp_path / "recordings" / "00000001-rec1.wav"
    samples = recorded(wav)
    size = wav.stat().st_size
    kept = vault.keep(wav, tmp_path / "run")
    assert [p.name for p in wav.parent.iterdir()] == ["00000001-rec1.tpr"]
    assert kept.stat().st_size < 0.8 * size
    assert b"fLaC" not in kept.read_bytes()
    vault.unpack(kept, tmp_path / "out.wav")
    assert np.array_equal(heard(tmp_path / "out.wav"), samples)
    assert not list((tmp_path / "run").iterdir())


def test_any_place_is_read_alone(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")
    samples = recorded(tmp_path / "r" / "a.wav")
    kept = vault.keep(tmp_path / "r" / "a.wav", tmp_path / "run")
    with vault.open(kept) as sound, soundfile.SoundFile(io.BufferedReader(sound)) as packed:
        packed.seek(8000 * 20)
        assert np.array_equal(packed.read(800, dtype="int16"), samples[160_000:160_800])


def test_another_box_and_an_altered_byte_are_told(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys")
    recorded(tmp_path / "r" / "a.wav", 2)
    kept = vault.keep(tmp_path / "r" / "a.wav", tmp_path / "run")
    with pytest.raises(SealedError, match="another box"):
        Vault(tmp_path / "others").open(kept)
    whole = bytearray(kept.read_bytes())
    whole[-100] ^= 1
    kept.write_bytes(bytes(whole))
    with pytest.raises(SealedError, match="altered"):
        vault.unpack(kept, tmp_path / "out.wav")


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
    kept = vault.keep(tmp_path / "r" / "a.wav", tmp_path / "run")
    with pytest.raises(LockedError, match="pass-phrase"):
        vault.open(kept)
    with pytest.raises(LockedError, match="not the pass-phrase"):
        vault.unlock("another horse battery")
    vault.unlock(PHRASE)
    vault.unpack(kept, tmp_path / "out.wav")
    assert np.array_equal(heard(tmp_path / "out.wav"), samples)
    with pytest.raises(ValueError, match="at least 12"):
        vault.protect("short")
