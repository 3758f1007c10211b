# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Chooses takes for the pieces of read-outs: 两, 小时, 秒, 星期五, which are said for themselves.

It runs after `listen.py --only read-out`, where `render.py` and `listen.py` both can. A piece is
judged in the read-outs that it is part of, those that were misheard worst, with the other pieces as
they are; the take with fewest errors in them goes into `takes.json`, and `render.py` packs it. What
was chosen on one draw of read-outs is worth what `listen.py --draw N` hears of another one.
"""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]

import listen  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # found by the path above
import readouts  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise
import render  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise

from ivr import flac, prompts, speech  # noqa: E402  # as above

TAKES: Final = (
    *("0.9", "0.8", "0.9 +20", "0.8 +20", "1.0 +20", "0.9 +60"),
    *("0.8 +60", "0.7", "0.7 +20", "1.0 +60", "0.9 +120", "1.1"),
)
IN_SO_MANY: Final = 4
"""Read-outs in which a piece is judged; with four, what helped there helped in others (draw 7)."""


class Pieces:
    """The pieces of a language, and how often the recogniser errs with them."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._model = listen.recogniser(1)
        self._store = prompts.PromptStore()
        self._drawn = readouts.drawn(language)
        self.other: dict[str, Any] = {}
        ledger = listen.Ledger(language)
        self._wrong = {
            one.key: one.wrong for one in ledger.lines.values() if one.what == "read-out"
        }

    def worst(self) -> list[str]:
        """Pieces of what was misheard, those with the most errors around them first."""
        errors: Counter[str] = Counter()
        for name, wrong in self._wrong.items():
            errors.update(dict.fromkeys(self._drawn.get(name, ()), wrong))
        return [piece for piece, wrong in errors.most_common() if wrong]

    def errors(self, piece: str) -> int:
        """Of the read-outs that are judged for the piece, with the sounds of ``other``."""
        names = [name for name, keys in self._drawn.items() if piece in keys]
        names.sort(key=lambda name: -self._wrong.get(name, 0))
        return sum(self._heard(self._drawn[name]) for name in names[:IN_SO_MANY])

    def _heard(self, keys: list[str]) -> int:
        sounds = [
            self.other[key]
            if key in self.other
            else self._store.load_system(f"{self._language}/{key}")
            for key in keys
        ]
        sound = listen.joined(sounds, keys)
        said, hint = speech.words(keys, self._language), listen.READ_OUT_HINT[self._language]
        return int(listen.judged(self._model, sound, self._language, said, [hint])[1])


def main() -> None:
    """Looks for better takes of the worst pieces."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="as of render.py")
    parser.add_argument("--language", choices=sorted(render.VOICES), default="zh-CN")
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no piece after these")
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    voice, pieces, path = render.Voice(options.work), Pieces(options.language), HERE / "takes.json"
    jobs = {job.key: job for job in render.jobs(options.language)}
    for piece in pieces.worst():
        if time.monotonic() > until:
            break
        found, made = {jobs[piece].take: pieces.errors(piece)}, {}
        for take in TAKES:
            if not min(found.values()):
                break
            made[take] = flac.rounded(render.finish(voice.say(replace(jobs[piece], take=take))))
            pieces.other[piece] = made[take]
            found[take] = pieces.errors(piece)
        best = min(found, key=lambda take: (found[take], take != jobs[piece].take))
        pieces.other.pop(piece, None)
        if best in made:
            pieces.other[piece] = made[best]
            chosen = json.loads(path.read_text("utf-8"))
            chosen.setdefault(options.language, {})[piece] = best
            chosen[options.language] = dict(sorted(chosen[options.language].items()))
            path.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{piece}: errors by take {found}, take {best or 'as usual'}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
