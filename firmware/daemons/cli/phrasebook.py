"""Words and sentences of a module of commands, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firmware.core.settings import Language


class Phrasebook:
    """Called with a key and a language, it gives the words.

    Args:
        words: Each key with its words in zh-CN and in en; they may have places for values.
        unknown: What is said for a key that is not among them; without it such a key is a defect.
    """

    def __init__(
        self,
        words: Mapping[str, tuple[str, str]],
        unknown: Callable[[str], str] | None = None,
    ) -> None:
        self._words = words
        self._unknown = unknown

    def __call__(self, key: str, language: Language, **values: object) -> str:
        """A word or sentence in the reader's language.

        Raises:
            KeyError: The key is not known, and nothing is said for unknown ones.
        """
        pair = self._words.get(key)
        if pair is None:
            if self._unknown is None:
                raise KeyError(key)
            return self._unknown(key)
        text = pair[0] if language == "zh-CN" else pair[1]
        return text.format(**values) if values else text
