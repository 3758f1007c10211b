# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""The recogniser's decoder written out, so that the probability of any given text can be asked.

CTranslate2 runs the recogniser and gives the texts that it finds likeliest; how likely another
text is, it does not say at a price that allows to ask a thousand times. This is the same network
(Whisper base, 6 layers of 512, 8 heads) with the same weights, read from the same file; its encoder
stays with CTranslate2. Where both can be asked they agree within 0.1 of a logarithm.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import erf  # type: ignore[import-untyped, unused-ignore]  # as render.py

Array = np.ndarray[Any, Any]
LAYERS: Final = 6
HEADS: Final = 8
WIDTH: Final = 512
DEPTH: Final = WIDTH // HEADS
PARTS: Final = {"self_attention": 2, "attention": 3, "ffn": 2}
"""Of a layer, with the number of matrices of each."""
TYPES: Final = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""Of the numbers in CTranslate2's model file, by their mark."""
NEVER: Final = np.float32(-1e9)


def weights(model: bytes) -> dict[str, Array]:
    """Every variable of a CTranslate2 model file (version 6) by its name."""
    at = 0

    def number(form: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(f"<{form}", model, at)
        at += struct.calcsize(form)
        return int(value)

    def name() -> str:
        nonlocal at
        size = number("H")
        at += size
        return model[at - size : at - 1].decode()

    number("I"), name(), number("I")
    found: dict[str, Array] = {}
    for _ in range(number("I")):
        key, rank = name(), number("B")
        shape = [number("I") for _ in range(rank)]
        kind, size = TYPES[number("B")], number("I")
        count = size // np.dtype(kind).itemsize
        found[key] = np.frombuffer(model, kind, count, at).reshape(shape)
        at += size
    return found


@dataclass(frozen=True)
class Heard:
    """What the decoder keeps of a sound, and of the text with which every way begins."""

    sound: list[tuple[Array, Array]]
    begun: list[tuple[Array, Array]]
    length: int
    following: Array
    """Logarithm of the probability of each token that may come next."""


@dataclass(frozen=True)
class Ways:
    """Ways to go on, side by side: what the decoder keeps of each, and which of it is real."""

    kept: list[tuple[Array, Array]]
    real: Array
    at: Array
    following: Array

    def taken(self, these: Sequence[int]) -> "Ways":
        """Some of them, in this order, once or more."""
        rows = list(these)
        kept = [(keys[rows], values[rows]) for keys, values in self.kept]
        return Ways(kept, self.real[rows], self.at[rows], self.following[rows])


class Decoder:
    """The network, in single precision."""

    def __init__(self, model: bytes) -> None:
        table = weights(model)

        def of(name: str) -> Array:
            return np.ascontiguousarray(table[f"decoder/{name}"].astype(np.float32))

        def linear(name: str) -> tuple[Array, Array]:
            return of(f"{name}/weight").T, of(f"{name}/bias")

        def norm(name: str) -> tuple[Array, Array]:
            return of(f"{name}/layer_norm/gamma"), of(f"{name}/layer_norm/beta")

        self._tokens, self._places = of("embeddings/weight"), of("position_encodings/encodings")
        self._last = of("layer_norm/gamma"), of("layer_norm/beta")
        self._layers = [
            {f"{part} norm": norm(f"layer_{n}/{part}") for part in PARTS}
            | {
                f"{part} {i}": linear(f"layer_{n}/{part}/linear_{i}")
                for part, count in PARTS.items()
                for i in range(count)
            }
            for n in range(LAYERS)
        ]  # fmt: skip

    def hear(self, encoded: Array, begin: Sequence[int]) -> Heard:
        """Begin a text about a sound, (frames, 512) of the encoder."""
        sound = []
        for layer in self._layers:
            both = _times(encoded, layer["attention 1"])
            keys, values = (half.reshape(-1, HEADS, DEPTH) for half in np.split(both, 2, axis=1))
            sound.append(
                (np.ascontiguousarray(keys.transpose(1, 2, 0)),
                 np.ascontiguousarray(values.transpose(1, 0, 2)))
            )  # fmt: skip
        nothing = np.zeros((HEADS, DEPTH, 0), np.float32), np.zeros((HEADS, 0, DEPTH), np.float32)
        empty = Heard(sound, [nothing] * LAYERS, 0, np.zeros(0))
        texts = np.array([list(begin)])
        ways = self._run(
            empty, None, texts, np.ones(texts.shape, bool), np.arange(len(begin))[None]
        )
        begun = [
            (np.ascontiguousarray(keys[0].transpose(0, 2, 1)), np.ascontiguousarray(values[0]))
            for keys, values in ways.kept
        ]
        return Heard(sound, begun, len(begin), ways.following[0])

    def on(self, heard: Heard, ways: Ways | None, texts: Sequence[Sequence[int]]) -> Ways:
        """Every way goes on by its own one or more tokens."""
        longest = max(len(text) for text in texts)
        tokens = np.array([[0] * (longest - len(text)) + list(text) for text in texts])
        real = np.array([[i >= longest - len(text) for i in range(longest)] for text in texts])
        start = np.full(len(texts), heard.length) if ways is None else ways.at
        return self._run(
            heard, ways, tokens, real, np.maximum(start[:, None] + np.cumsum(real, 1) - 1, 0)
        )

    def _run(self, heard: Heard, ways: Ways | None, tokens: Array, real: Array, at: Array) -> Ways:
        count, new = tokens.shape
        x = self._tokens[tokens] + self._places[at]
        seen = real if ways is None else np.concatenate([ways.real, real], axis=1)
        wall = np.where(seen, np.float32(0), NEVER)[:, None, None, :].repeat(new, axis=2)
        wall[:, :, :, seen.shape[1] - new :] += np.triu(np.full((new, new), NEVER), 1)
        kept = []
        for n, layer in enumerate(self._layers):
            three = np.split(
                _times(_normed(x, layer["self_attention norm"]), layer["self_attention 0"]),
                3,
                axis=2,
            )
            asked, keys, values = (
                part.reshape(count, new, HEADS, DEPTH).transpose(0, 2, 1, 3) for part in three
            )
            if ways is not None:
                keys = np.concatenate([ways.kept[n][0], keys], axis=2)
                values = np.concatenate([ways.kept[n][1], values], axis=2)
            kept.append((keys, values))
            x = x + _times(
                self._looked_back(heard.begun[n], asked, keys, values, wall),
                layer["self_attention 1"],
            )
            about = _times(_normed(x, layer["attention norm"]), layer["attention 0"])
            about = about.reshape(count * new, HEADS, DEPTH).transpose(1, 0, 2)
            weight = _shares(about @ heard.sound[n][0] / np.float32(DEPTH**0.5))
            found = (weight @ heard.sound[n][1]).transpose(1, 0, 2).reshape(count, new, WIDTH)
            x = x + _times(found, layer["attention 2"])
            inner = _times(_normed(x, layer["ffn norm"]), layer["ffn 0"])
            inner = np.float32(0.5) * inner * (1 + erf(inner * np.float32(0.5**0.5)))
            x = x + _times(inner, layer["ffn 1"])
        chance = _normed(x[:, -1], self._last) @ self._tokens.T
        chance -= chance.max(axis=1, keepdims=True)
        chance -= np.log(np.exp(chance).sum(axis=1, keepdims=True))
        return Ways(kept, seen, at[:, -1] + 1, chance)

    @staticmethod
    def _looked_back(
        begun: tuple[Array, Array], asked: Array, keys: Array, values: Array, wall: Array
    ) -> Array:
        """Attention to the text so far: its beginning, which all ways share, and each its own."""
        count, _, new, _ = asked.shape
        flat = np.ascontiguousarray(asked.transpose(1, 0, 2, 3)).reshape(HEADS, count * new, DEPTH)
        shared = (flat @ begun[0]).reshape(HEADS, count, new, -1).transpose(1, 0, 2, 3)
        size = shared.shape[3]
        own = asked @ keys.transpose(0, 1, 3, 2)
        scale = np.float32(DEPTH**0.5)
        weight = _shares(np.concatenate([shared / scale, own / scale + wall], axis=3))
        first = np.ascontiguousarray(weight[..., :size].transpose(1, 0, 2, 3))
        found = (first.reshape(HEADS, count * new, size) @ begun[1]).reshape(
            HEADS, count, new, DEPTH
        )
        both = found.transpose(1, 2, 0, 3) + (weight[..., size:] @ values).transpose(0, 2, 1, 3)
        return np.asarray(both.reshape(count, new, WIDTH))


def _times(x: Array, linear: tuple[Array, Array]) -> Array:
    flat = x.reshape(-1, x.shape[-1]) @ linear[0] + linear[1]
    return np.asarray(flat.reshape(*x.shape[:-1], -1))


def _normed(x: Array, norm: tuple[Array, Array]) -> Array:
    mean, spread = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return np.asarray((x - mean) / np.sqrt(spread + 1e-5) * norm[0] + norm[1])


def _shares(x: Array) -> Array:
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(x / x.sum(axis=-1, keepdims=True))
