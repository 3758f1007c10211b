"""``drivers.alsa_pcm`` through the genuine pyalsaaudio on a kernel sound card (snd-aloop).

The far end is aplay and arecord on the other side of the cable, and their raw files: what bytes
they must hold is written down here by hand.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drivers.alsa_pcm import AlsaPcm
from drivers.errors import BusError
from drivers.pcm import IDLE_A_LAW, SLOTS
from tests.hardware.guest.pattern import Codes, pieces, talk
from tests.hardware.guest.verdicts import Verdicts

BLOCK = 40  # 5 ms
BLOCKS_A_SECOND = 200
PERIODS = 3  # as the box has it
NEAR, FAR = "hw:Loopback,0,0", "hw:Loopback,1,0"
RAW = ("-q", "-t", "raw", "-f", "S32_LE", "-r", "8000", "-c", "2")

# Slot n carries 0x10 + n. The first bit on the wire is the most significant of the left word, so
# the left word is 0x10111213 and the right one 0x14151617; S32_LE puts the lowest byte first.
FRAME = bytes([0x13, 0x12, 0x11, 0x10, 0x17, 0x16, 0x15, 0x14])


def run(verdicts: Verdicts) -> None:
    """Refusals, bytes on the wire, twenty seconds both ways, delay, stalls."""
    verdicts.check("alsa: a card that is not there", _missing)
    verdicts.check("alsa: a card that is no highway", _studio)
    verdicts.check("alsa: bytes on the wire", _bytes_out)
    verdicts.check("alsa: bytes from the wire", _bytes_in)
    verdicts.check("alsa: 20 s both ways", _both_ways)
    verdicts.check("alsa: delay, and after stalls", _stalls)
    verdicts.check("alsa: no under-run before the first block", _late_start)


@dataclass
class Turns:
    """What came of some turns: captured codes by (slot, sample), and what went wrong when."""

    heard: Codes
    lost: list[tuple[int, int]]
    missed: list[tuple[int, int]]


@contextmanager
def _highway(device: str = NEAR, periods: int = PERIODS) -> Iterator[AlsaPcm]:
    pcm = AlsaPcm(device, block_samples=BLOCK, periods=periods, idle_code=IDLE_A_LAW)
    try:
        yield pcm
    finally:
        pcm.close()


def _turn(pcm: AlsaPcm, said: Codes, stalls: dict[int, float] | None = None) -> Turns:
    """Read and write, as the turn loop does; ``stalls`` are pauses in seconds before a turn."""
    count = said.shape[1] // BLOCK
    heard = np.zeros((SLOTS, count * BLOCK), np.uint8)
    block = np.zeros((SLOTS, BLOCK), np.uint8)
    turns = Turns(heard, [], [])
    for turn in range(count):
        if stalls and turn in stalls:
            time.sleep(stalls[turn])  # noqa: TID251  # the deliberate stall
        span = slice(turn * BLOCK, (turn + 1) * BLOCK)
        lost = pcm.read(block)
        heard[:, span] = block
        missed = pcm.write(np.ascontiguousarray(said[:, span]))
        if lost:
            turns.lost.append((turn, lost))
        if missed:
            turns.missed.append((turn, missed))
    return turns


def _refused(device: str) -> str:
    try:
        AlsaPcm(device, block_samples=BLOCK, periods=PERIODS, idle_code=IDLE_A_LAW).close()
    except BusError as problem:
        said = str(problem)
    else:
        said = "it was taken"
    assert said.startswith(f"sound card {device}"), said
    return said


def _missing() -> str:
    return _refused("hw:Nowhere")


def _studio() -> str:
    return _refused("hw:Studio")


@contextmanager
def _arecord(path: Path) -> Iterator[None]:
    with subprocess.Popen(["arecord", "-D", FAR, *RAW, str(path)]) as ear:
        try:
            _await_running("pcm1c/sub0")
            yield
        finally:
            ear.terminate()


@contextmanager
def _aplay(path: Path) -> Iterator[None]:
    with subprocess.Popen(["aplay", "-D", FAR, *RAW, str(path)]) as mouth:
        try:
            _await_running("pcm1p/sub0")
            yield
        finally:
            mouth.terminate()


def _await_running(stream: str) -> None:
    status = Path("/proc/asound/Loopback") / stream / "status"
    for _ in range(2000):
        if "RUNNING" in status.read_text(encoding="ascii"):
            return
        time.sleep(0.005)  # noqa: TID251  # waits for another program
    raise AssertionError(f"{stream} did not start")


def _bytes_out() -> str:
    path = Path("/tmp/heard.raw")  # noqa: S108  # the guest's own
    said = np.repeat(np.arange(0x10, 0x18, dtype=np.uint8)[:, None], BLOCKS_A_SECOND * BLOCK, 1)
    with _arecord(path), _highway() as pcm:
        _turn(pcm, said)
    raw = path.read_bytes()
    frames = [raw[at : at + 8] for at in range(0, len(raw) - 7, 8)]
    right = sum(frame == FRAME for frame in frames)
    idle = bytes([IDLE_A_LAW]) * 8
    others = {frame.hex() for frame in frames if frame not in (FRAME, idle, bytes(8))}
    assert not others, f"arecord heard frames {sorted(others)[:4]}, expected {FRAME.hex()}"
    assert right > 7000, f"arecord heard {right} right frames of 8000"
    return f"slots 0 to 7 arrive at arecord as {FRAME.hex(' ')}, {right} frames"


def _bytes_in() -> str:
    path = Path("/tmp/said.raw")  # noqa: S108
    path.write_bytes(FRAME * 16000)
    quiet = np.full((SLOTS, BLOCKS_A_SECOND * BLOCK), IDLE_A_LAW, np.uint8)
    with _highway() as pcm, _aplay(path):
        heard = _turn(pcm, quiet).heard
    expected = np.arange(0x10, 0x18, dtype=np.uint8)[:, None]
    right = int((heard == expected).all(axis=0).sum())
    silent = int((heard == 0).all(axis=0).sum())
    assert right > 4000, f"{right} right samples of 8000"
    assert right + silent == heard.shape[1], f"{heard.shape[1] - right - silent} wrong samples"
    return f"{FRAME.hex(' ')} from aplay is slots 0 to 7, {right} samples"


def _both_ways() -> str:
    seconds = 20
    samples = seconds * BLOCKS_A_SECOND * BLOCK
    said, said_there = talk(samples, 1), talk(samples + 4 * 8000, 100_003)
    path, ear = Path("/tmp/said.raw"), Path("/tmp/heard.raw")  # noqa: S108
    path.write_bytes(_frames(said_there))
    with _arecord(ear), _aplay(path), _highway() as pcm:
        turns = _turn(pcm, said)
    heard_here = pieces(turns.heard, said_there)
    heard_there = pieces(_slots(ear.read_bytes()), said)
    counts = f"over-runs {_sum(turns.lost)}, under-runs {_sum(turns.missed)}"
    for where, found in (("here", heard_here), ("there", heard_there)):
        total = sum(length for _, _, length in found)
        assert len(found) == 1 + len(turns.lost) + len(turns.missed), f"{where}: {found}; {counts}"
        assert total > 0.98 * samples, f"{where}: {total} of {samples} samples; {counts}"
    return (
        f"eight slots, {heard_here[0][2]} samples in and {heard_there[0][2]} out of {samples} "
        f"in one piece; {counts}"
    )


def _sum(events: list[tuple[int, int]]) -> int:
    return sum(count for _, count in events)


def _frames(codes: Codes) -> bytes:
    """Raw S32_LE stereo frames, through numbers: two big words, most significant slot first."""
    words = codes.T.copy().view(">u4").astype("<u4")
    return words.tobytes()


def _slots(raw: bytes) -> Codes:
    words = np.frombuffer(raw[: len(raw) // 8 * 8], "<u4").reshape(-1, 2)
    return np.ascontiguousarray(words.astype(">u4").view(np.uint8).reshape(-1, 8).T)


def _stalls() -> str:
    said = talk(6 * BLOCKS_A_SECOND * BLOCK, 17)
    # In blocks of 5 ms: 12 ms (playback may run dry, capture not), 60 ms and 500 ms (both).
    stalls = {300: 0.012, 500: 0.060, 800: 0.500}
    with _highway("joined") as pcm:
        turns = _turn(pcm, said, stalls)
        lead = pcm.lead
    found = pieces(turns.heard, said)
    delays = [(heard - at) / BLOCK for heard, at, _ in found]
    story = (
        f"delay in blocks {[round(delay, 2) for delay in delays]} in {len(found)} pieces beginning "
        f"at blocks {[round(heard / BLOCK, 1) for heard, _, _ in found]}, lead {lead}; "
        f"over-runs {turns.lost}, under-runs {turns.missed}"
    )
    for stalled in (500, 800):
        assert any(turn == stalled for turn, _ in turns.lost), f"stall at {stalled}: {story}"
        assert any(stalled <= turn <= stalled + 2 for turn, _ in turns.missed), story
    last_heard, _, last_length = found[-1]
    assert last_heard + last_length == turns.heard.shape[1], f"the stream does not go on: {story}"
    assert last_length > 390 * BLOCK, story
    assert max(delays) - min(delays) <= 0.5, f"the delay changed: {story}"
    return story


def _late_start() -> str:
    said = talk(BLOCKS_A_SECOND * BLOCK, 23)
    with _highway("joined") as pcm:
        time.sleep(0.3)  # noqa: TID251  # chips are brought up, prompts are loaded
        turns = _turn(pcm, said)
        begin = time.monotonic()
    closed_ms = 1000 * (time.monotonic() - begin)
    assert not turns.lost, turns.lost
    assert not turns.missed, turns.missed
    return f"opened, 300 ms later the first block: nothing lost; closed in {closed_ms:.0f} ms"
