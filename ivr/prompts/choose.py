# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Chooses, for groups of digits that the recogniser mishears, the take that it hears rightly.

It runs where `render.py` and `listen.py` both can. A group is heard alone, before another group and
behind one; a take is good when it is heard rightly in two of the three. The first good take of
`render.TAKES` is written into `takes.json`; a group without a good one keeps the first take, and
is printed for a native ear. Groups that are good as they stand are not touched.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]

import json  # noqa: E402  # after the path, with the others

import listen  # noqa: E402  # type: ignore[import-not-found, unused-ignore]
import render  # noqa: E402  # type: ignore[import-not-found, unused-ignore]

from ivr import flac, prompts, speech  # noqa: E402  # as above

LANGUAGE: Final = "zh-CN"
NEIGHBOUR: Final = "604"
"""A group that is heard rightly everywhere; before or behind the one in question."""
GOOD: Final = 2
"""Contexts out of three."""


class Ear:
    """The recogniser, restricted to numerals and to as much time as the digits take."""

    def __init__(self, threads: int) -> None:
        self._model = listen.recogniser(threads)
        self._never = listen.others(self._model, listen.NUMERALS[LANGUAGE])
        self._gap = np.zeros(speech.GROUP_GAP_MS * prompts.RATE_HZ // 1000)
        self._neighbour = prompts.PromptStore().load_system(f"{LANGUAGE}/digits-{NEIGHBOUR}")

    def rights(self, samples: Any, digits: str) -> int:
        """In how many of the three contexts these digits are heard."""
        gap, other = self._gap, self._neighbour
        return sum(
            said
            == listen.hear_digits(
                self._model, np.concatenate(parts), LANGUAGE, len(said), self._never
            )[1]
            for said, parts in (
                (digits, (samples,)),
                (digits + NEIGHBOUR, (samples, gap, other)),
                (NEIGHBOUR + digits, (other, gap, samples)),
            )
        )


def main() -> None:
    """Hears the groups of the test strings, and looks for better takes of those misheard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="as of render.py")
    parser.add_argument("--strings", type=int, default=40, help="telephone numbers, as listen.py")
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no group after these")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    voice, ear = render.Voice(options.work), Ear(options.threads)
    wanted = {
        key
        for digits in listen.numbers(options.strings)
        for key in speech.say_digits(digits, LANGUAGE)
    }
    path = HERE / "takes.json"
    chosen = json.loads(path.read_text("utf-8"))
    store = prompts.PromptStore()
    for job in [j for j in render.jobs(LANGUAGE) if j.key in wanted]:
        if time.monotonic() > until:
            sys.stdout.write(f"time is over before {job.key}\n")
            break
        digits = job.key.removeprefix("digits-")
        rights = [ear.rights(store.load_system(f"{LANGUAGE}/{job.key}"), digits)]
        take = job.take
        for other in range(len(render.TAKES)):
            if rights[-1] >= GOOD:
                break
            if other != job.take:
                made = render.finish(voice.say(replace(job, take=other)))
                rights.append(ear.rights(flac.rounded(made), digits))
                take = other
        if rights[-1] < GOOD:
            take = 0
        chosen[LANGUAGE].pop(job.key, None)
        if take:
            chosen[LANGUAGE][job.key] = take
        found = f"take {take}" if rights[-1] >= GOOD else "none is good"
        sys.stdout.write(f"{digits}: right in {rights} of 3 contexts, {found}\n")
        sys.stdout.flush()
    chosen[LANGUAGE] = dict(sorted(chosen[LANGUAGE].items()))
    path.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
