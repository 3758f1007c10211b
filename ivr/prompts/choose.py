# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Chooses, for prompts that the recogniser misheard, the take that it hears best.

It runs after `listen.py`, where `render.py` and `listen.py` both can, and begins with the worst. A
sentence is heard alone; an English group of digits alone, before another group and behind one; a
Mandarin one at the end of two numbers (`groups.py`), of which the first is the one that counts.
The first take of `takes.py` without an error, or else the one with fewest, is written into
`takes.json`; `render.py` then packs it. What is best as it stands is not touched.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
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
import takes  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise

from ivr import flac, prompts, speech  # noqa: E402  # as above

MORE: Final = 5
"""Takes that are still tried when one is right in the first number, but not in both."""
RATE: Final = 1.25
"""How much longer or shorter than the mean of its width a group may be: or it stands out."""
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

    def errors(self, samples: Any, job: render.Job) -> tuple[float, float]:
        """Syllables, words or digits that are not heard as written, and nothing.

        Of a Mandarin group by how much (natural logarithm) another one is likelier, at the end of
        the number that counts, and at the end of the other one.
        """
        if job.group == "sentences":
            hints = listen.HINT[self._language][:1]
            return listen.judged(self._model, samples, self._language, job.text, hints)[1], 0.0
        gap, other, digits = self._gap, self._neighbour, job.key.removeprefix("digits-")
        if self._groups:
            leads = [
                float(self._groups.hear(digits, samples, before).lead)
                for before in groups.beginnings(digits)
            ]
            lost = [0.0 if lead > 0 else round(-lead, 2) + 0.01 for lead in leads]
            return lost[0], lost[-1]
        errors = sum(
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
        return errors, 0.0


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


def tried(
    job: render.Job, voice: render.Voice, ear: Ear, sound: Any, ways: Sequence[str], usual: float
) -> dict[str, tuple[float, float]]:
    """Takes of a prompt and their errors, until one has none; ``sound`` is the one as packed."""
    found = {job.take: ear.errors(sound, job)}
    spare = MORE
    for take in ways:
        if not any(min(found.values())) or not spare:
            break
        if take in found:
            continue
        made = flac.rounded(render.finish(voice.say(replace(job, take=take))))
        if usual and not usual / RATE <= len(made) <= usual * RATE:
            continue
        found[take] = ear.errors(made, job)
        spare -= not min(found.values())[0]
    return found


def usual_samples(language: str, key: str) -> float:
    """Mean length of the groups of as many digits; 0 for a sentence."""
    if not key.startswith("digits-"):
        return 0.0
    lines = json.loads((HERE / f"{language}-numbers.json").read_text("utf-8"))
    alike = [one["ms"] for one in lines if "digits-" in one["key"] and len(one["key"]) == len(key)]
    return sum(alike) / len(alike) * prompts.RATE_HZ / 1_000


def main() -> None:
    """Looks for better takes of what was misheard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="as of render.py")
    parser.add_argument("--language", choices=sorted(render.VOICES), default="zh-CN")
    parser.add_argument("--only", choices=listen.KINDS, default="sentence")
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no prompt after these")
    parser.add_argument("--skip", type=int, default=0, help="so many takes of the list")
    parser.add_argument("--most", type=int, default=20, help="takes that are tried of a prompt")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    language, until = options.language, time.monotonic() + 60 * options.minutes
    voice, ear = render.Voice(options.work), Ear(options.language, options.threads)
    path, store = HERE / "takes.json", prompts.PromptStore()
    packed = {
        line["key"]: line.get("take", "")
        for group in prompts.PACKS
        for line in json.loads((HERE / f"{language}-{group}.json").read_text("utf-8"))
    }
    jobs = {job.key: job for job in render.jobs(language)}
    helped: Counter[str] = Counter()
    for key in dict.fromkeys(misheard(language, options.only)):
        if time.monotonic() > until:
            sys.stdout.write(f"time is over before {key}\n")
            break
        job = jobs[key]
        if key in packed and packed[key] != job.take:
            continue  # chosen, and not rendered yet
        of_groups = job.key.startswith("digits-") and language == groups.LANGUAGE
        ways = takes.GROUPS if of_groups else ("", *takes.SENTENCES)
        ways = ways[options.skip : options.skip + options.most]
        ways = tuple(sorted(ways, key=lambda take: -helped[take]))  # what helped others, first
        sound = store.load_system(f"{language}/{key}")
        found = tried(job, voice, ear, sound, ways, usual_samples(language, key))
        best = min(found, key=lambda take: (found[take], take != job.take, take))
        if of_groups and found[best][0]:
            best = job.take  # another group that is misheard is no better
        helped[best] += not found[best][0]
        chosen = json.loads(path.read_text("utf-8"))
        of_language = chosen.setdefault(language, {})
        of_language.pop(key, None)
        if best:
            of_language[key] = best
        chosen[language] = dict(sorted(of_language.items()))
        path.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{key}: errors by take {found}, take {best or 'as usual'}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
