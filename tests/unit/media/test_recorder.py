"""Recordings: both sides apart, readable by anybody, mended after a power cut."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from firmware.daemons.wires.spool import Spool, SpoolThread
from firmware.media.recorder import Recorder, read_said, repair_header, wav_header
from firmware.storage.vault import Vault

BLOCK = 40


def record(path: Path, blocks: int, *, close: bool = True, sink: Spool | SpoolThread | None = None):
    """A recording in which the port says 1000 + n and hears -n in block n."""
    used = sink or Spool()
    recorder = Recorder(used)
    recorder.start("r", str(path), 1)
    for n in range(blocks):
        said, heard = np.zeros((2, BLOCK), np.float32), np.zeros((2, BLOCK), np.float32)
        said[1], heard[1] = 1000 + n, -n
        recorder.add(said, heard)
    return recorder, recorder.stop("r") if close else None


def read(path: Path) -> tuple[np.ndarray, wave._wave_params]:
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        return data, file.getparams()


def test_left_is_what_the_port_says_and_right_what_it_hears(tmp_path: Path):
    _, done = record(tmp_path / "a" / "r.wav", 450)
    data, params = read(tmp_path / "a" / "r.wav")
    assert (params.nchannels, params.sampwidth, params.framerate) == (2, 2, 8000)
    assert done is not None
    assert done.samples == params.nframes == 450 * BLOCK
    wanted = np.repeat(np.arange(450), BLOCK)
    assert np.array_equal(data[:, 0], 1000 + wanted)
    assert np.array_equal(data[:, 1], -wanted)


def test_recording_through_the_thread_is_the_same(tmp_path: Path):
    thread = SpoolThread()
    record(tmp_path / "r.wav", 450, sink=thread)
    thread.stop()
    data, _ = read(tmp_path / "r.wav")
    assert np.array_equal(data[:, 0], 1000 + np.repeat(np.arange(450), BLOCK))


def test_recording_cut_short_is_playable_after_repair(tmp_path: Path):
    path = tmp_path / "r.wav"
    spool = Spool()
    record(path, 450, close=False, sink=spool)
    # The power fails: whole seconds were handed over, the header still says nothing is there.
    content = path.read_bytes()
    spool.close(str(path))
    path.write_bytes(content[: 44 + 2 * 32_000 + 3])
    assert repair_header(path) == 16_000
    data, params = read(path)
    assert params.nframes == 16_000
    assert data[0].tolist() == [1000, 0]


def test_starting_a_recording_that_runs_changes_nothing(tmp_path: Path):
    recorder = Recorder(Spool())
    recorder.start("r", str(tmp_path / "r.wav"), 0)
    recorder.start("r", str(tmp_path / "other.wav"), 1)
    assert recorder.running() == (("r", str(tmp_path / "r.wav"), 0),)
    assert not (tmp_path / "other.wav").exists()
    assert recorder.stop("unknown") is None
    recorder.stop("r")


def test_what_a_port_said_can_be_played_again(tmp_path: Path) -> None:
    said, heard = np.arange(800, dtype="<i2"), np.full(800, 9000, "<i2")
    body = np.stack((said, heard), axis=1).tobytes()
    path = tmp_path / "message.wav"
    path.write_bytes(wav_header(len(body)) + body)
    assert np.array_equal(read_said(path), said)
    with pytest.raises(LookupError, match=r"nothing\.wav"):
        read_said(tmp_path / "nothing.wav")


def test_a_key_leaves_no_sound_from_just_before_it_until_four_seconds_after(tmp_path: Path):
    recorder = Recorder(Spool())
    path = tmp_path / "r.wav"
    recorder.start("r", str(path), 0, hush_keys=True)
    ones = np.full((1, BLOCK), 1000, np.float32)
    second = 8000 // BLOCK
    for n in range(12 * second):
        if n == 3 * second:
            assert recorder.key(frozenset({0})) == ["r"]
            assert recorder.key(frozenset({0})) == []  # once told
        recorder.add(ones, ones)
    assert recorder.take_sounding() == ["r"]
    recorder.hush("r", hush=True)
    for _ in range(second):
        recorder.add(ones, ones)
    recorder.stop("r")
    data, params = read(path)
    assert params.nframes == 13 * 8000
    silent = np.flatnonzero(data[:, 0] == 0)
    # 240 ms before, 4 s after, and the last second, which was asked for.
    assert silent[0] == 3 * 8000 - 1920
    assert len(silent) == 1920 + 4 * 8000 + 8000
    assert np.array_equal(data[:, 0] == 0, data[:, 1] == 0)


def test_a_sealed_recording_never_lies_on_the_card_in_clear(tmp_path: Path):
    vault = Vault(tmp_path / "keys")
    path = tmp_path / "r.tpr"
    recorder = Recorder(Spool())
    recorder.start("r", str(path), 0, seal_for=vault.public.hex())
    rng = np.random.default_rng(11)
    sound = np.rint(rng.normal(0, 800, (2, 13 * 8000))).astype(np.float32)
    for begin in range(0, sound.shape[1], BLOCK):
        block = sound[:, begin : begin + BLOCK]
        recorder.add(block[:1], block[1:])
    before = path.read_bytes()  # twelve seconds of the thirteen are on the card already
    recorder.stop("r")
    with vault.open(path) as opened:
        assert opened.whole
        assert np.array_equal(np.concatenate(list(opened.sound())), sound.T)
    said = sound[0, :200].astype("<i2").tobytes()
    assert len(before) > 100_000
    for content in (before, path.read_bytes()):
        assert b"fLaC" not in content
        assert said not in content
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["r.tpr"]
