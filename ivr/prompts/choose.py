# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Chooses, for prompts that the recogniser misheard, the take that it hears best.

It runs after `listen.py`, where `render.py` and `listen.py` both can, and begins with the worst. A
sentence is heard alone; an English group of digits alone, before another group and behind one; a
Mandarin one at the end of a number (`groups.py`). The first take of `render.TAKES` without an
error, or else the one with fewest, is written into `takes.json`; `render.py` then packs it. What is
best as it stands is not touched.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]

import compared  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # found by the path above
import groups  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise
import listen  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise
import render  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise

from ivr import flac, prompts, speech  # noqa: E402  # as above

ORDER: Final = (3, 1)
"""Takes that helped most: of 120 errors in 22 sentences 44 were left, with all six takes 41."""
GROUP_ORDER: Final = (0, 5, 3, 1, 2, 6, 4)
"""Of Mandarin groups: the usual pace and the slowest one stand farthest apart."""
NEIGHBOUR: Final = "604"
"""A group that is heard rightly everywhere; before or behind the one in question."""


class Ear:
    """The recogniser, and how many errors it makes of a take."""

    def __init__(self, language: str, threads: int) -> None:
        self._language = language
        self._model = listen.recogniser(threads)
        self._never = listen.others(self._model, listen.NUMERALS)
        self._groups = (
            groups.Ear(self._model, listen.model_file(), listen.at_16_khz)
            if language == groups.LANGUAGE
            else None
        )
        self._gap = np.zeros(speech.GROUP_GAP_MS * prompts.RATE_HZ // 1000)
        self._neighbour = prompts.PromptStore().load_system(f"{language}/digits-{NEIGHBOUR}")

    def errors(self, samples: Any, job: render.Job) -> float:
        """Syllables, words or digits that are not heard as written.

        Of a Mandarin group by how much (natural logarithm) another one is likelier.
        """
        if job.group == "sentences":
            hints = listen.HINT[self._language][:1]
            return int(listen.judged(self._model, samples, self._language, job.text, hints)[1])
        gap, other, digits = self._gap, self._neighbour, job.key.removeprefix("digits-")
        if self._groups:
            lead = float(self._groups.hear(digits, samples).lead)
            return 0.0 if lead > 0 else round(-lead, 2) + 0.01
        return float(
            sum(
                compared.distance(
                    said,
                    listen.hear_digits(
                        self._model, np.concatenate(parts), self._language, len(said), self._never
                    )[1],
                )
                for said, parts in (
                    (digits, (samples,)),
                    (digits + NEIGHBOUR, (samples, gap, other)),
                    (NEIGHBOUR + digits, (other, gap, samples)),
                )
            )
        )


def misheard(language: str, kind: str) -> Iterator[str]:
    """Prompts in which something was wrong, the worst first."""
    ledger = listen.Ledger(language)
    wrong = [one for one in ledger.lines.values() if one.what == kind and one.wrong]
    for one in sorted(wrong, key=lambda one: (-one.wrong, one.key)):
        if kind == "sentence":
            yield one.key
        elif language == groups.LANGUAGE:
            yield f"digits-{groups.last(one.key)}"
        else:
            yield from speech.say_digits(one.key, language)


def main() -> None:
    """Looks for better takes of what was misheard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="as of render.py")
    parser.add_argument("--language", choices=sorted(render.VOICES), default="zh-CN")
    parser.add_argument("--only", choices=listen.KINDS, default="sentence")
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no prompt after these")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    language, until = options.language, time.monotonic() + 60 * options.minutes
    voice, ear = render.Voice(options.work), Ear(options.language, options.threads)
    path, store = HERE / "takes.json", prompts.PromptStore()
    packed = {
        line["key"]: line.get("take", 0)
        for group in prompts.PACKS
        for line in json.loads((HERE / f"{language}-{group}.json").read_text("utf-8"))
    }
    jobs = {job.key: job for job in render.jobs(language)}
    for key in dict.fromkeys(misheard(language, options.only)):
        if time.monotonic() > until:
            sys.stdout.write(f"time is over before {key}\n")
            break
        job = jobs[key]
        if key in packed and packed[key] != job.take:
            continue  # chosen, and not rendered yet
        found = {job.take: ear.errors(store.load_system(f"{language}/{key}"), job)}
        for take in (
            GROUP_ORDER if job.group == "numbers" and language == groups.LANGUAGE else ORDER
        ):
            if not min(found.values()):
                break
            if take not in found:
                made = render.finish(voice.say(replace(job, take=take)))
                found[take] = ear.errors(flac.rounded(made), job)
        best = min(found, key=lambda take: (found[take], take != job.take, take))
        chosen = json.loads(path.read_text("utf-8"))
        takes = chosen.setdefault(language, {})
        takes.pop(key, None)
        if best:
            takes[key] = best
        chosen[language] = dict(sorted(takes.items()))
        path.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{key}: errors by take {found}, take {best}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
