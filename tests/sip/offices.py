"""Whole offices beside each other: each a box with its bench at an address of its own on loopback.

A step asks people: who lifts a handset, whose rings, what is heard. A tone tells who hears whom.
"""

from __future__ import annotations

import select
import threading
import time
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from firmware.control.recording_messages import OpenRecording, RecordingDone
from tests.bench.real_box import RealBox
from tests.bench.remote import SOCKET_NAME, RemoteEar
from tests.bench.sip_peer import level_of

PORT = 5_060
LEGS = 4
UP_S = 60.0
LOOK_S = 0.1
RATE_HZ = 8_000
DAEMONS = ("world", "lined", "calld", "sipd")
SAID_DBM0, HEARD_DBM0, SILENT_DBM0 = -15.0, -20.0, -45.0
SPEECH_DBM0 = -32.0  # a spoken sentence is louder, taken over a second
TONE_MS = 2_500.0
HZ = (1_004.0, 1_400.0)
HEAR_S = 15.0
ON_HOOK_S = 1.5
KEY_S = 0.2  # a key and the pause behind it
RINGS_S, OVER_S = 40.0, 30.0  # of a busy machine


class Handset:
    """A telephone of an office, and what its earpiece gave since it was watched."""

    def __init__(self, office: Office, number: str) -> None:
        self.office = office
        self.number = number
        self.name = f"telephone {number}"
        self._ear = RemoteEar(office.box.folder / "run" / SOCKET_NAME, self.name)
        self._heard: list[np.ndarray] = []
        self._free_s = 0.0  # when it has been down long enough
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            readable, _, _ = select.select([self._ear], [], [], 0.2)
            if readable:
                sound = self._ear.read()
                if not sound:
                    return
                self._heard.append(np.frombuffer(sound, np.int16).astype(np.float32))

    def close(self) -> None:
        """Nobody listens any more."""
        self._stop.set()
        self._thread.join(2)
        self._ear.close()

    # --- what a person does -----------------------------------------------------------------------

    def dial(self, keys: str) -> None:
        """Lift the handset, wait for dial tone as one does, press keys."""
        # A handset that is up again at once has pressed recall.
        self.office.let_pass(max(0.0, self._free_s - self.office.town_s()))
        self.office.box.act("lift", self.name)
        self.office.let_pass(0.8)
        self.press(keys)
        self.office.let_pass(KEY_S * len(keys))

    def press(self, keys: str) -> None:
        """Press keys."""
        self.office.box.act("press", self.name, keys=keys)

    def recall(self, keys: str) -> None:
        """Press the recall key, hear dial tone, press keys."""
        self.office.box.act("flash", self.name)
        self.office.let_pass(1.2)
        self.press(keys)
        self.office.let_pass(KEY_S * len(keys))

    def answer(self) -> str:
        """Let it ring until the number is shown, and lift; who was shown, empty for nobody."""
        office = self.office
        office.wait(lambda: self._state()["ringing"], RINGS_S)
        rung = self._state()["bursts"]

        def told() -> bool:
            now = self._state()
            return now["shown"] is not None or now["bursts"] > rung + 2

        office.wait(told, RINGS_S)
        shown = self._state()["shown"] or {"number": ""}
        office.box.act("lift", self.name)
        return str(shown["number"])

    def hang_up(self) -> None:
        """Put the handset down."""
        self.office.box.act("replace", self.name)
        self._free_s = self.office.town_s() + ON_HOOK_S

    def say(self, hz: float) -> None:
        """A tone into the mouthpiece."""
        self.office.box.act("tone", self.name, hz=hz, ms=TONE_MS, dbm0=SAID_DBM0)

    def _state(self) -> dict[str, Any]:
        return self.office.box.party(self.name)

    # --- what a person hears ----------------------------------------------------------------------

    def heard(self, seconds: float) -> np.ndarray:
        """The last of what was heard."""
        pieces = self._heard[-max(1, round(seconds * 10)) :]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def hears(self, hz: float) -> float:
        """Level of a frequency in the last 300 ms, dBm0."""
        return level_of(self.heard(0.3), hz)

    def loudness(self) -> float:
        """Level of everything in the last second, dBm0."""
        sound = self.heard(1.0)
        power = float(np.mean(sound**2)) if sound.size else 1.0
        return 10 * np.log10(max(power, 1.0) * 2) - 20 * np.log10(32_124) + 3.14

    def keep(self, file: Path) -> None:
        """All that was heard, as WAV."""
        sound = np.concatenate(self._heard) if self._heard else np.zeros(1, np.float32)
        with wave.open(str(file), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(sound.astype("<i2").tobytes())


class Office:
    """One box.

    Args:
        name: Of the office.
        address: Its own on loopback.
        trunk: Fields of its trunk to the others.
    """

    def __init__(self, name: str, address: str, trunk: Mapping[str, Any]) -> None:
        self.name = name
        self.address = address
        self._trunk = dict(trunk)
        self.box = RealBox(wanted=DAEMONS, patient=True)
        self.handsets: dict[str, Handset] = {}

    def __enter__(self) -> Self:
        self.box.__enter__()
        self.wait(self._set, UP_S)
        self.wait(self._trunk_up, UP_S)
        return self

    def __exit__(self, *_: object) -> None:
        for handset in self.handsets.values():
            handset.close()
        self.box.__exit__()

    def __getitem__(self, number: str) -> Handset:
        """Its telephone of that number."""
        if number not in self.handsets:
            self.handsets[number] = Handset(self, number)
        return self.handsets[number]

    def _settings(self, document: dict[str, Any]) -> dict[str, Any]:
        wired = [line for line in document["lines"] if not line["port"].startswith("sip/")]
        ports = [f"sip/{n}" for n in range(1, LEGS + 1)]
        legs = [dict(wired[0], port=port, name=f"trunk {port}") for port in ports]
        trunk = {
            "name": "offices",
            "lines": ports,
            "register": False,
            "port": PORT,
            "codecs": ["PCMA"],
            **self._trunk,
        }
        return dict(
            document,
            lines=[*wired, *legs],
            sip={"trunks": [trunk], "port": PORT, "address": self.address},
            record="all",
            record_notice="none",
        )

    def _set(self) -> bool:
        """Save the settings; a busy box may be too late with its answer, and is asked again."""
        try:
            self.box.change_settings(self._settings)
        except (AssertionError, AttributeError):
            return False
        return True

    def _trunk_up(self) -> bool:
        status = self.box.status()
        legs = [p for p in status.ports if p.port.startswith("sip/")] if status else []
        return len(legs) == LEGS and all(p.state == "idle" for p in legs)

    def town_s(self) -> float:
        """Time of its town, which waits for a busy machine."""
        return float(self.box.act("state")["now_ms"]) / 1_000

    def let_pass(self, seconds: float) -> None:
        """Let the town's time pass."""
        until = self.town_s() + seconds
        self.wait(lambda: self.town_s() >= until, 20 * seconds + 10)

    def wait(self, true: Callable[[], bool], seconds: float) -> float:
        """Wait until something holds, looking so seldom that nobody is kept from work; how long."""
        begin = time.monotonic()
        while not true():
            if time.monotonic() - begin > seconds:
                raise TimeoutError(f"{self.name}: not within {seconds} s\n{self.box.logs()}")
            self.box.supervisor.tend()
            time.sleep(LOOK_S)  # noqa: TID251  # other processes work meanwhile
        return time.monotonic() - begin

    def records(self, least: int) -> list[dict[str, Any]]:
        """Records of calls that are over; awaited until there are so many."""
        self.wait(lambda: len(self.box.records()) >= least, OVER_S)
        return self.box.records()

    def recorded(self, hz: float) -> float:
        """Loudest half second of a frequency in the newest recording of a call here, dBm0."""
        calls = [r for r in self.box.records() if r["recordings"] and r["direction"] == "inbound"]
        call = calls[-1]
        done = None

        def opened() -> bool:
            nonlocal done
            done = self.box.ask(OpenRecording(recording=recording_of(call)))
            return isinstance(done, RecordingDone)

        self.wait(opened, 10)
        with wave.open(done.path, "rb") as file:
            channels = file.getnchannels()
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        sides = sound.reshape(-1, channels).T.astype(np.float32)
        pieces = [
            side[n : n + RATE_HZ // 2]
            for side in sides
            for n in range(0, side.size - RATE_HZ // 2, RATE_HZ // 4)
        ]
        return max(level_of(piece, hz) for piece in pieces)


def recording_of(call: dict[str, Any]) -> str:
    """Its last recording."""
    last = call["recordings"][-1]
    return str(last["recording"] if isinstance(last, dict) else last)


def hear_each_other(one: Handset, other: Handset) -> str:
    """A tone of each arrives at the other; the levels in words, ``AssertionError`` if not."""
    again_s = 0.0

    def both() -> bool:
        nonlocal again_s
        if one.office.town_s() >= again_s:  # what was said before both were there is lost
            one.say(HZ[0])
            other.say(HZ[1])
            again_s = one.office.town_s() + TONE_MS / 1_000
        return one.hears(HZ[1]) > HEARD_DBM0 and other.hears(HZ[0]) > HEARD_DBM0

    try:
        one.office.wait(both, HEAR_S)
    except TimeoutError:
        levels = f"{one.hears(HZ[1]):.1f} and {other.hears(HZ[0]):.1f} dBm0"
        raise AssertionError(f"heard each other at {levels} only") from None
    levels = f"{one.hears(HZ[1]):.1f} and {other.hears(HZ[0]):.1f} dBm0"
    one.office.wait(lambda: one.hears(HZ[1]) < SILENT_DBM0 > other.hears(HZ[0]), HEAR_S)
    return levels
