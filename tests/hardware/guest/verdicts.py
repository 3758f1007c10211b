"""One line per check on the console: the host reads the verdict from there."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Verdicts:
    """What was checked so far.

    A check is a function that returns a sentence with its figures, and asserts what must hold.
    """

    failed: list[str] = field(default_factory=list)

    def check(self, name: str, run: Callable[[], str]) -> None:
        """Run one check and print ``CHECK pass`` or ``CHECK fail``; a failure ends nothing."""
        try:
            said = run()
        except Exception as problem:  # noqa: BLE001  # the next check still has to run
            traceback.print_exc()
            self.failed.append(name)
            print(f"CHECK fail {name}: {type(problem).__name__}: {problem}", flush=True)
        else:
            print(f"CHECK pass {name}: {said}", flush=True)
