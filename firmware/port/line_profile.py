"""What is known of one exchange line: how its calls ended, newest last. Plain, so it can be kept.

The signature of a line is not stored: it is derived from the notes each time, so that a line whose
exchange changes its ways is learned anew as old notes fall out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from firmware.port.line_measure import Measure

NOTES_KEPT: Final = 20
"""Chosen: a busy line forgets an old signature within a day or two."""

ENOUGH: Final = 2
"""Calls that must have ended by a sign before it is trusted: from the third call on."""

TRUSTED: Final = 0.5
"""Least confidence of a sign that counts."""

FREQUENCY_FIT: Final = 0.04  # an exchange keeps its own tone to 1 %, the measure adds as much
CADENCE_FIT: Final = 0.10
CADENCE_FIT_MS: Final = 20
GAP_FIT: Final = 0.6  # of the shortest loop break seen: polling and debouncing shorten it

Kind = Literal["loop_break", "reversal", "tone", "silence"]


class ClearNote(msgspec.Struct, frozen=True, kw_only=True):
    """One sign that a call was over, or (``false``) that only looked like it.

    Attributes:
        kind: What it was.
        tone: The country's name of a tone, or ``unknown``.
        frequency_hz: Measured.
        cadence_ms: Measured; empty for a continuous tone.
        gap_ms: Length of a loop break.
        after_ms: From the last sound of a person to the sign.
        false: The conversation went on behind it.
    """

    kind: Kind
    tone: str = ""
    frequency_hz: tuple[float, ...] = ()
    cadence_ms: tuple[int, ...] = ()
    gap_ms: int = 0
    after_ms: int = 0
    false: bool = False


class LineProfile(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of one line.

    Attributes:
        notes: Ends of calls, newest last.
        calls: Ends that were seen, ever.
        measures: What was measured, newest last.
        proved: What has been seen to work (``seize``, ``dial``, ``caller_id``), and how.
        flash_ms: Of a telephone, the recall that its key sends; 0 is not known.
    """

    notes: tuple[ClearNote, ...] = ()
    calls: int = 0
    measures: tuple[Measure, ...] = ()
    proved: dict[str, str] = {}
    flash_ms: int = 0


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a line clears, learned. ``example`` is its newest note."""

    example: ClearNote
    seen: int
    confidence: float  # share of the notes of this sign that were true, one doubt added


def same_sign(one: ClearNote, other: ClearNote) -> bool:
    """Whether two notes are the same sign, as far as it was measured."""
    if one.kind != other.kind:
        return False
    return one.kind != "tone" or _same_tone(one, other)


def _same_tone(one: ClearNote, other: ClearNote) -> bool:
    if len(one.frequency_hz) != len(other.frequency_hz):
        return False
    if not one.frequency_hz:
        return one.tone == other.tone
    if len(one.cadence_ms) != len(other.cadence_ms):
        return False
    near = all(
        abs(a - b) <= FREQUENCY_FIT * b
        for a, b in zip(one.frequency_hz, other.frequency_hz, strict=True)
    )
    return near and any(
        all(
            abs(a - b) <= CADENCE_FIT * b + CADENCE_FIT_MS
            for a, b in zip(turned, other.cadence_ms, strict=True)
        )
        for turned in _turns(one.cadence_ms)
    )


def _turns(cadence_ms: tuple[int, ...]) -> list[tuple[int, ...]]:
    """A cadence of several bursts may have been met at any of them."""
    if not cadence_ms:
        return [()]
    return [cadence_ms[at:] + cadence_ms[:at] for at in range(0, len(cadence_ms), 2)]


def added(profile: LineProfile, notes: Sequence[ClearNote], *, call: bool) -> LineProfile:
    """The profile with more notes; ``call`` counts one more end of a call."""
    kept = (*profile.notes, *notes)[-NOTES_KEPT:]
    return msgspec.structs.replace(profile, notes=kept, calls=profile.calls + int(call))


def signature(profile: LineProfile) -> tuple[Sign, ...]:
    """The signs that this line has shown at least :data:`ENOUGH` times, surest first."""
    groups: list[list[ClearNote]] = []
    for note in profile.notes:
        if note.false:
            continue
        for group in groups:
            if same_sign(note, group[-1]):
                group.append(note)
                break
        else:
            groups.append([note])
    found = []
    for group in groups:
        against = sum(note.false and same_sign(note, group[-1]) for note in profile.notes)
        confidence = len(group) / (len(group) + against + 1)
        if len(group) >= ENOUGH and confidence >= TRUSTED:
            found.append(Sign(example=group[-1], seen=len(group), confidence=confidence))
    return tuple(sorted(found, key=lambda sign: (-sign.confidence, -sign.seen)))


def gaps(profile: LineProfile, *, false: bool) -> list[int]:
    """Lengths of the loop breaks noted, true or false ones."""
    return [n.gap_ms for n in profile.notes if n.kind == "loop_break" and n.false is false]
