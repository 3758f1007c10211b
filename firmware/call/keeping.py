"""Recording a conversation: whether, only after everybody has heard so, and with pauses."""

from __future__ import annotations

from typing import Final

from firmware.call.dialling import Dialling
from firmware.call.orders import PauseRecording, RecordNow
from firmware.core.commands import HushRecording, Play, StartRecording
from firmware.core.desk_entries import ConsentNoted, RecordingPaused, RecordingResumed
from firmware.core.destinations import ToFlow
from firmware.core.events import PlayFinished
from firmware.core.fsm import STAY
from firmware.core.ids import notice_id, recording_id
from firmware.core.recording_settings import Talk, by_rule
from firmware.core.settings import Settings, line_at

NOTICES: Final = {"prompt": "recorded-notice", "tone": "music/beep"}


def notice_of(settings: Settings) -> tuple[str, ...]:
    """What is heard before a recording; nothing where the office says so."""
    notice = NOTICES.get(settings.record_notice, "")
    if not notice:
        return ()
    return (notice if "/" in notice else f"{settings.language}/{notice}",)


def hushed_entry(recording: str, at_ms: int, *, hush: bool) -> RecordingPaused | RecordingResumed:
    """What the log says when keys silence a recording, and when they are over."""
    call = recording.rpartition("-")[0]
    if hush:
        return RecordingPaused(call=call, at_ms=at_ms, recording=recording, why="keys")
    return RecordingResumed(call=call, at_ms=at_ms, recording=recording)


class Keeping(Dialling):
    """What of a conversation is recorded."""

    __slots__ = ()

    def _keep_if_wanted(self, now_ms: int) -> None:
        """Voices were joined: begin, or say first that it will be recorded."""
        if self.journal.recording:
            if self._hushed:
                self._hushed = False
                self.do(HushRecording(recording=self.journal.recording, hush=self._paused))
            return
        if not self._wanted():
            return
        notice = notice_of(self.settings)
        if self._noticed or self._consent == "given" or not notice:
            self._start_recording(now_ms)
        else:
            self._say_notice(notice, now_ms)

    def _wanted(self) -> bool:
        if self._consent == "refused":
            return False
        if self._record_anyway:
            return True
        line = self.parties.line()
        port = line.port if line else self.origin
        queue = self._flow.partition("queue:")[2]
        talk = Talk(
            kind=str(self.journal.direction),
            line=line.port if line else "",
            queue=queue,
            agents=self.agents[-1:],
            extensions=tuple(leg.extension for leg in self.parties.legs.values() if leg.extension),
        )
        setting = line_at(self.settings, port)
        chosen = by_rule(self.settings.recordings.rules, talk)
        return (chosen or (setting.record if setting else "") or self.settings.record) == "all"

    def _say_notice(self, notice: tuple[str, ...], now_ms: int) -> None:
        self._notices = {}
        for port in self.parties.here():
            self._plays += 1
            play = notice_id(self.call, self._plays)
            self._notices[play] = (port, now_ms)
            self.do(Play(port=port, play=play, prompts=notice))

    def _notice_heard(self, event: PlayFinished, now_ms: int) -> str:
        """Whoever heard all of it agrees by staying on; one who did not will hear it again."""
        heard = self._notices.pop(event.play, None)
        if heard is None:
            return STAY
        if not event.completed:
            self._notices = {}
            return STAY
        port, since_ms = heard
        length_ms = event.at_ms - since_ms
        self.do(
            ConsentNoted(
                call=self.call,
                at_ms=event.at_ms,
                party=port,
                notice=" ".join(notice_of(self.settings)),
                language=self.settings.language,
                heard_ms=length_ms,
                of_ms=length_ms,
                agreed=True,
            )
        )
        if not self._notices:
            self._noticed = True
            if self.state == "talking":
                self._keep_if_wanted(now_ms)
        return STAY

    def _start_flow(self, destination: ToFlow) -> None:
        """What a menu asks for may be a secret: nothing of it is kept."""
        super()._start_flow(destination)
        if self.journal.recording:
            self._hushed = True
            self.do(HushRecording(recording=self.journal.recording, hush=True))

    def _start_recording(self, now_ms: int) -> None:
        line = self.parties.line()
        port = line.port if line else self.origin
        recording = recording_id(self.call, self.journal.recordings + 1)
        path = f"{self._folder}/{recording}.wav"
        self._paused = False
        self.do(
            self.journal.recording_started(recording, port, path, now_ms),
            StartRecording(
                port=port,
                recording=recording,
                path=path,
                hush_keys=self.settings.recordings.pause_on_keys,
            ),
        )

    def _record_now(self, order: RecordNow, now_ms: int) -> str:
        """A user wants this conversation kept; who is on hold hears the notice at once.

        Without prompts it is evidence against a caller, who is not told.
        """
        self._record_anyway = True
        if not order.prompts:
            self._noticed = True
        if self.state == "talking":
            self._keep_if_wanted(now_ms)
        elif order.prompts and not self._noticed:
            self._say_notice(order.prompts, now_ms)
        return STAY

    def _pause_recording(self, order: PauseRecording, now_ms: int) -> str:
        recording = self.journal.recording
        if recording and order.pause is not self._paused:
            self._paused = order.pause
            self.do(
                RecordingPaused(call=self.call, at_ms=now_ms, recording=recording, why="code")
                if order.pause
                else RecordingResumed(call=self.call, at_ms=now_ms, recording=recording),
                HushRecording(recording=recording, hush=order.pause),
            )
        return STAY

    @property
    def recording_paused(self) -> bool | None:
        """Whether a pause was asked for; None while nothing is recorded."""
        return self._paused if self.journal.recording else None
