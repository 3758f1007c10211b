"""Recordings opened for a telephone: at once, minute by minute, and never for nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.core.commands import Play, StartRecording, StopPlay
from firmware.daemons.desks.archive import Archive, mended
from firmware.daemons.desks.lending import PlayOpener
from firmware.daemons.wires.spool import Spool
from firmware.media.recorder import read_said

SECONDS = 130


class Later:
    """Jobs that wait until somebody does them."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Any, Any]] = []

    def __call__(self, job: Any, done: Any) -> None:
        self.jobs.append((job, done))

    def work(self) -> None:
        job, done = self.jobs.pop(0)
        done(job())


class Desk:
    """An archive with one message of 130 s in a mailbox."""

    def __init__(self, data: Path) -> None:
        self.archive = Archive(data / "recordings", data / "keys", data / "lent", aside=False)
        self.opener = PlayOpener(self.archive.lending, self.archive.played)
        self.later = Later()
        command = self.archive.sealed(
            StartRecording(port="fxo/1", recording="m1", path=str(data / "voicemail" / "m1.wav"))
        )
        self.path = command.path
        self.said = np.arange(SECONDS * 8_000, dtype="<i2")
        spool = Spool()
        spool.open(command.path, command.seal_for)
        spool.write(command.path, np.stack((self.said, self.said), axis=1).tobytes())
        spool.close(command.path)
        self.play = Play(port="fxs/1", play="p1", prompts=("en/from", self.path, "en/menu"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_message_lies_sealed_and_is_played_minute_by_minute(desk: Desk) -> None:
    assert b"RIFF" not in Path(desk.path).read_bytes()
    assert mended(Path(desk.path)) == SECONDS * 8_000
    desk.opener.aside = desk.later
    assert desk.opener.begun(desk.play) is None
    assert desk.opener.take_late() == []
    desk.later.work()
    (play,) = desk.opener.take_late()
    assert (play.prompts[0], play.prompts[-1]) == ("en/from", "en/menu")
    minutes = [Path(name) for name in play.prompts[1:-1]]
    assert [path.exists() for path in minutes] == [True, False, False]
    desk.later.work()
    heard = np.concatenate([read_said(path) for path in minutes])
    assert np.array_equal(heard, desk.said)
    # The second time it is there already, and nothing waits.
    assert desk.opener.begun(desk.play) == play
    assert desk.later.jobs == []


@pytest.mark.parametrize(
    "later", [StopPlay(port="fxs/1"), Play(port="fxs/1", play="p2", prompts=("en/menu",))]
)
def test_nobody_is_played_what_he_did_not_wait_for(desk: Desk, later: Any) -> None:
    desk.opener.aside = desk.later
    desk.opener.begun(desk.play)
    desk.opener.told(later)
    desk.later.work()
    assert desk.opener.take_late() == []
    assert desk.later.jobs == []


def test_here_and_now_the_play_out_is_the_answer(desk: Desk) -> None:
    play = desk.opener.begun(desk.play)
    assert play is not None
    assert len(play.prompts) == 5
    assert all(Path(name).exists() for name in play.prompts[1:-1])
    other = Play(port="fxs/1", play="p3", prompts=("en/menu", "/data/prompts/en/own.wav"))
    assert desk.opener.begun(other) == other


def test_a_pass_phrase_for_recordings_locks_nobody_s_mailbox(desk: Desk, tmp_path: Path) -> None:
    desk.archive.vault.protect("correct horse battery")
    again = Archive(tmp_path / "recordings", tmp_path / "keys", tmp_path / "lent", aside=False)
    assert again.vault.locked
    play = PlayOpener(again.lending, again.played).begun(desk.play)
    assert play is not None
    assert Path(play.prompts[1]).exists()


def test_at_a_start_nothing_opened_is_left_and_at_most_eight_lie_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.opener.begun(desk.play) is not None
    lent = tmp_path / "lent"
    assert len(list(lent.glob("*/*.wav"))) == 3
    archive = Archive(tmp_path / "recordings", tmp_path / "keys", lent, aside=False)
    assert list(lent.iterdir()) == []
    kept = Path(desk.path)
    for number in range(12):
        other = kept.with_name(f"m{number}0.tpr")
        other.write_bytes(kept.read_bytes())
        play = Play(port="fxs/1", play="p", prompts=(str(other),))
        PlayOpener(archive.lending, archive.played).begun(play)
    assert len(list(lent.iterdir())) == 8
