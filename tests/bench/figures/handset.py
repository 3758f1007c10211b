"""What a hand waits for: dial tone after the lift, and the line after the last key is pressed.

Measured on the whole bench, from the copper to the sound in the ear. Limits: dial tone within
600 ms (ITU-T Q.543 table 30: 95 % within 600 ms), the line within 500 ms (chosen: nobody hears
more than the click; a pause for further digits does not belong to it, so the number ends with #).
"""

from __future__ import annotations

from tests.bench.box import Box
from tests.bench.figures.figure import Figure, of
from tests.bench.hearing import hears_hz

LIFTS = 12
DIAL_TONE_HZ = 450.0
DIAL_TONE_LIMIT_MS = 600.0
SEIZURE_LIMIT_MS = 500.0
STEP_MS = 10


def figures() -> list[Figure]:
    """Two figures, in some 10 s."""
    tone_ms, seized_ms = [], []
    with Box("CN", seed=3) as box:
        telephone, line = box.telephone("201"), box.line(1)
        for lift in range(LIFTS):
            box.run_for(2_000 + 7 * lift)  # not in step with the card's polls
            begin = box.now_ms
            telephone.lift(0.0)
            box.run_until(lambda: hears_hz(telephone, DIAL_TONE_HZ, None, 3.0)[0], 2_000)
            tone_ms.append(float(box.now_ms - begin))
            telephone.press("9123#", -8.0, 0.0, 90.0, 90.0, None)
            # Five keys: the last one begins after 4 tones and 4 gaps of 90 ms.
            end = box.now_ms + 8 * 90
            box.run_until(lambda: line.seized, 5_000)
            seized_ms.append(float(box.now_ms - end))
            telephone.replace(0.0)
            box.run_for(2_500)
    return [
        of(
            "hook to dial tone",
            "ms",
            tone_ms,
            "Q.543: 600 ms",
            DIAL_TONE_LIMIT_MS,
        ),
        of("last digit to seizure", "ms", seized_ms, "chosen: 500 ms", SEIZURE_LIMIT_MS),
    ]
