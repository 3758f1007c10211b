# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Compares every group of digits with every other: is each digit said as it is said elsewhere?

No recogniser is asked. Sounds are described by their cepstrum; a left-to-right model of each digit
in each place is learned from four fifths of the groups and has to name the digits of the last
fifth. A group that was rendered wrongly (a digit swallowed, slurred or replaced) differs from all
others of its kind and is named. It cannot tell whether the voice says all its sevens badly; a
native ear must.
"""

import argparse
import random
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent)]

from ivr import prompts  # noqa: E402  # the path above makes a plain checkout work

SEED: Final = 20_261_122
WIDTH: Final = 3
FOLDS: Final = 5
STATES: Final = 6
"""Of one digit: enough for an initial, a diphthong and an end (chosen)."""
ROUNDS: Final = 4
BANDS: Final = 20
CEPSTRA: Final = 12
FRAME: Final = 200
STEP: Final = 80

Array = np.ndarray[Any, Any]


def described(samples: Array) -> Array:
    """Mel cepstrum and its slope every 10 ms, (frames, 26), the mean of the prompt taken away."""
    sound = np.pad(samples.astype(np.float64) / 32768.0, (FRAME // 2, FRAME))
    count = (len(sound) - FRAME) // STEP
    frames = np.stack([sound[i * STEP : i * STEP + FRAME] for i in range(count)])
    power = np.abs(np.fft.rfft(frames * np.hamming(FRAME), 256)) ** 2
    energies = np.log(power @ _mel().T + 1e-9)
    turn = np.cos(
        np.pi * np.arange(CEPSTRA + 1)[:, None] * (np.arange(BANDS) + 0.5)[None, :] / BANDS
    )
    cepstrum = energies @ turn.T
    cepstrum -= cepstrum.mean(axis=0)
    padded = np.pad(cepstrum, ((2, 2), (0, 0)), mode="edge")
    slope = (2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]) / 10
    return np.concatenate([cepstrum, slope], axis=1)


def _mel() -> Array:
    edges = 700 * (10 ** (np.linspace(_to_mel(200), _to_mel(3_450), BANDS + 2) / 2595) - 1)
    bins = np.arange(129) * 8_000 / 256
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.clip(np.minimum(rise, fall), 0.0, None)


def _to_mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def path(costs: Array) -> Array:
    """States that frames pass through, left to right, none left out; ``costs`` (frames, states)."""
    frames, states = costs.shape
    total = np.full((frames, states), np.inf)
    came = np.zeros((frames, states), dtype=bool)
    total[0, 0] = costs[0, 0]
    for t in range(1, frames):
        moved = np.concatenate([[np.inf], total[t - 1, :-1]])
        came[t] = moved < total[t - 1]
        total[t] = np.where(came[t], moved, total[t - 1]) + costs[t]
    states_of = np.zeros(frames, dtype=int)
    at = states - 1
    for t in range(frames - 1, -1, -1):
        states_of[t] = at
        at -= int(came[t, at])
    return states_of


class Digits:
    """A model of every digit in every place: means and spreads of its states."""

    def __init__(self, groups: dict[str, Array]) -> None:
        self.spread = np.concatenate(list(groups.values())).var(axis=0)
        cuts = {
            name: np.minimum(
                np.arange(len(sound)) * WIDTH * STATES // len(sound), WIDTH * STATES - 1
            )
            for name, sound in groups.items()
        }
        for _ in range(ROUNDS):
            self._learn(groups, cuts)
            cuts = {name: path(self.costs(sound, name)) for name, sound in groups.items()}
        self._learn(groups, cuts)

    def _learn(self, groups: dict[str, Array], cuts: dict[str, Array]) -> None:
        shape = (WIDTH, 10, STATES, 2 * (CEPSTRA + 1))
        total, count = np.zeros(shape), np.full((*shape[:3], 1), 1e-6)
        for name, sound in groups.items():
            for place, digit in enumerate(name):
                for state in range(STATES):
                    own = sound[cuts[name] == place * STATES + state]
                    total[place, int(digit), state] += own.sum(axis=0)
                    count[place, int(digit), state] += len(own)
        self.mean = total / count

    def costs(self, sound: Array, name: str) -> Array:
        """Distance of every frame from every state of these digits."""
        means = np.concatenate([self.mean[place, int(digit)] for place, digit in enumerate(name)])
        away = (sound[:, None, :] - means[None]) ** 2 / self.spread
        return np.asarray(away.sum(axis=2))

    def named(self, sound: Array) -> str:
        """The digits that fit best: each place takes what it likes, cut where all fit together."""
        best, name = np.inf, ""
        guess = ["0", "0", "0"]
        for _ in range(3):  # place by place, twice round, is as good as all thousand
            for place in range(WIDTH):
                for digit in "0123456789":
                    tried = [*guess[:place], digit, *guess[place + 1 :]]
                    costs = self.costs(sound, "".join(tried))
                    states = path(costs)
                    fit = costs[np.arange(len(states)), states].sum()
                    if fit < best:
                        best, name = fit, "".join(tried)
                guess = list(name)
        return name


def main() -> int:
    """Prints every group that is not like its kind; 0 when there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=("zh-CN", "en"), action="append")
    parser.add_argument("--groups", type=int, default=0, help="only so many of the thousand")
    options = parser.parse_args()
    store, odd = prompts.PromptStore(), 0
    for language in options.language or ("zh-CN", "en"):
        names = [f"{n:03d}" for n in range(1_000)]
        random.Random(SEED).shuffle(names)  # noqa: S311  # a repeatable draw, not a secret
        sounds = {n: described(store.load_system(f"{language}/digits-{n}")) for n in names}
        checked = wrong = 0
        for fold in range(FOLDS):
            model = Digits({n: s for i, (n, s) in enumerate(sounds.items()) if i % FOLDS != fold})
            for name in names[fold::FOLDS][: options.groups // FOLDS or None]:
                found = model.named(sounds[name])
                checked += 1
                if found != name:
                    wrong += 1
                    sys.stdout.write(f"  {language} {name} is more like {found}\n")
                    sys.stdout.flush()
        odd += wrong
        sys.stdout.write(f"{language}: {wrong} of {checked} groups unlike (seed {SEED})\n")
    return 1 if odd else 0


if __name__ == "__main__":
    sys.exit(main())
