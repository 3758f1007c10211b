"""How fast a menu follows its caller: from a key to the next word, and how soon a prompt is cut.

On the whole bench, by sound: a caller presses a key while the menu speaks. Counted is from the
beginning of the digit on the line to the last sample of the old prompt and to the first of the
new one, at the caller's ear. A digit itself needs 40 ms to be one (ITU-T Q.24).
"""

from __future__ import annotations

import numpy as np

from firmware.core.clock import BLOCK_SAMPLES
from tests.bench.box import Box
from tests.bench.figures.figure import Figure, of

LIMIT_MS = 150.0 + BLOCK_SAMPLES / 8
CALLS = 3
KEY = "1"


def figures() -> list[Figure]:
    """Digit to next word, and digit to silence of the old prompt, in virtual time."""
    words: list[float] = []
    cuts: list[float] = []
    blocks: list[float] = []
    with Box() as box:
        for call in range(CALLS):
            line = box.line(1)
            line.call("13800138000")
            box.run_until(lambda line=line: line.state == "talking", 20_000)
            box.run_for(4_500 + 300 * call)  # welcome is over, the menu speaks
            plays, at_ms = _watch(box)
            pressed = box.now_ms
            line.press(KEY, tone_ms=90.0)
            box.run_until(lambda plays=plays: len(plays) >= 2, 2_000)
            heard = next(at for what, at in at_ms if what == "digit")
            stopped = next(at for what, at in at_ms if what == "stop")
            spoke = next(at for what, at in at_ms if what == "play")
            begins = int(np.argmax(np.abs(box.prompt("zh-CN/connecting")) > 200.0)) / 8
            words.append(spoke - pressed + begins)
            cuts.append(float(stopped - pressed))
            blocks.append(float(stopped - heard))
            box.run_for(500)
            line.hang_up("loop break")
            box.run_for(8_000)
    block_ms = BLOCK_SAMPLES / 8
    return [
        of("key pressed to next word", "ms", words, f"limit {LIMIT_MS:.0f} ms", LIMIT_MS),
        of("key pressed to old prompt cut", "ms", cuts, "a digit needs 40 ms (Q.24)"),
        of("key heard to old prompt cut", "ms", blocks, "limit one block", block_ms),
    ]


def _watch(box: Box) -> tuple[list[str], list[tuple[str, int]]]:
    """What lined is told from now on, with its time."""
    assert box.lined is not None
    plays: list[str] = []
    at_ms: list[tuple[str, int]] = []
    command, take = box.lined.command, box.lined.take_messages

    def seen(message: object, now_ms: int) -> None:
        kind = type(message).__name__
        if kind in {"Play", "StopPlay"} and getattr(message, "port", "") == "fxo/1":
            at_ms.append(("stop" if kind == "StopPlay" else "play", box.now_ms))
            plays.append(kind)
        command(message, now_ms)

    def told() -> list[object]:
        messages = take()
        at_ms.extend(("digit", box.now_ms) for m in messages if type(m).__name__ == "DigitHeard")
        return messages

    box.lined.command = seen  # type: ignore[method-assign]  # an ear at the seam
    box.lined.take_messages = told
    return plays, at_ms
