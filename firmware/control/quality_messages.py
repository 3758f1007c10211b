"""What people ask of calld about score sheets, incidents and drills."""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.control.office_messages import OfficeRequest
from firmware.quality.drill import Report
from firmware.quality.incident import Incident
from firmware.quality.score import Score


class QualityRequest(OfficeRequest, frozen=True, kw_only=True):
    """Something about quality. ``language`` is the asker's."""

    language: str = "en"


class ScoreCall(QualityRequest, frozen=True, kw_only=True, tag="score_call"):
    """A conversation that is over was listened to.

    ``marks`` are by item; ``agent`` may be left out where only one had a part; an empty ``sheet``
    is the first.
    """

    call: str
    marks: dict[str, str]
    sheet: str = ""
    agent: str = ""


class ScoredAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="scored"):
    """Answer to ``ScoreCall``."""

    score: Score


class OpenIncident(QualityRequest, frozen=True, kw_only=True, tag="open_incident"):
    """Something went wrong."""

    grade: str
    kind: str
    title: str


class ChangeIncident(QualityRequest, frozen=True, kw_only=True, tag="change_incident"):
    """Take it (``handler``, empty for whoever asks), or close it with cause and action."""

    incident: int
    act: Literal["take", "close"]
    handler: str = ""
    cause: str = ""
    action: str = ""


class IncidentAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="incident"):
    """Answer to all about one incident, and to drills."""

    incident: Incident


class StartDrill(QualityRequest, frozen=True, kw_only=True, tag="start_drill"):
    """Take lines, mains or card away for some minutes.

    ``sure`` must be set: callers meet it. Empty ``lines`` are all but one of those that are free.
    """

    kind: str
    minutes: int = 5
    lines: tuple[str, ...] = ()
    sure: bool = False


class EndDrill(QualityRequest, frozen=True, kw_only=True, tag="end_drill"):
    """Give back what was taken away."""


class AskDrill(QualityRequest, frozen=True, kw_only=True, tag="ask_drill"):
    """Whether a drill is on."""


class DrillAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="drill"):
    """Answer to ``AskDrill``: None while no drill is on; ``left_s`` until it ends by itself."""

    report: Report | None = None
    incident: int = 0
    left_s: int = 0


AnyQualityRequest = ScoreCall | OpenIncident | ChangeIncident | StartDrill | EndDrill | AskDrill
AnyQualityAnswer = ScoredAnswer | IncidentAnswer | DrillAnswer
