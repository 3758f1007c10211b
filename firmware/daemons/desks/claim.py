"""Taking possession of a new box: somebody who stands in front of it opens a window of minutes.

There is no first password anywhere. A code that a telephone of the box speaks, or the command line
prints, is asked for by the page; who can hear it is in the office. The first who brings it becomes
the owner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

OPEN_MS: Final = 10 * 60 * 1000
"""How long the window stands open: long enough to walk back to one's desk."""

CODE_DIGITS: Final = 6
MOST_WRONG: Final = 5
"""Wrong codes until the window closes: 5 guesses of a million."""

Verdict = Literal["claimed", "claim-closed", "claim-code"]


class ClaimWindow:
    """The window; closed at first and after every restart.

    Args:
        draw: A new code of six digits, unpredictable.
    """

    def __init__(self, draw: Callable[[], str]) -> None:
        self._draw = draw
        self._code = ""
        self._until_ms = 0
        self._wrong = 0

    def open(self, now_ms: int) -> tuple[str, int]:
        """Open it, or keep it open: the code, and how long it counts from now, in ms.

        Asked again within its time the code stays, so that two telephones say the same.
        """
        if not self.is_open(now_ms):
            self._code = self._draw()
            self._wrong = 0
        self._until_ms = now_ms + OPEN_MS
        return self._code, OPEN_MS

    def is_open(self, now_ms: int) -> bool:
        """Whether a code counts now."""
        return bool(self._code) and now_ms < self._until_ms

    def close(self) -> None:
        """Nobody gets in by a code any more."""
        self._code = ""

    def check(self, code: str, now_ms: int) -> Verdict:
        """What a code brought at ``now_ms`` is worth.

        ``claimed`` leaves the window open until the new owner is written; whoever writes him
        closes it.
        """
        if not self.is_open(now_ms):
            return "claim-closed"
        if code != self._code:
            self._wrong += 1
            if self._wrong >= MOST_WRONG:
                self.close()
            return "claim-code"
        return "claimed"


# Per verdict and refusal the sentence in zh-CN and in en.
SENTENCES: Final = {
    "claim-closed": (
        "认领窗口没有打开。请在本机的任一话机上拨认领代码，听取六位数字。",
        "The box is not open: dial the claim code on one of its telephones, then listen.",
    ),
    "claim-code": (
        "六位数字不对。请再听一次。",
        "These are not the six digits. Please listen again.",
    ),
    "already-claimed": (
        "这台话务箱已有负责人，请用他的用户名登录。",
        "This box has an owner already; please sign in.",
    ),
}
