"""The page's way to the town: acts with answers, and the state for everybody who watches."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path
from typing import Any

from tests.bench.remote import RemoteMouth, WorldControl

STATE_S = 0.1  # a person sees a change within this time
RETRY_S = 0.5


class TownLink:
    """Connections to the town, made again when the town was. For many request threads."""

    def __init__(self, world: Path) -> None:
        self.world = world
        self._asking = threading.Lock()
        self._control: WorldControl | None = None
        self._speaking = threading.Lock()
        self._mouths: dict[str, RemoteMouth] = {}
        self._changed = threading.Condition()
        self._watchers = 0
        self._number = 0
        self._state = ""
        self._ended = False

    # --- acts -------------------------------------------------------------------------------------

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """One act; ``refused`` with the id ``town-away`` when the town does not answer."""
        with self._asking:
            try:
                if self._control is None:
                    self._control = WorldControl(self.world)
                return self._control.request(request)
            except (OSError, ValueError) as problem:
                if self._control is not None:
                    self._control.close()
                self._control = None
                return {"refused": f"the town does not answer: {problem}", "id": "town-away"}

    def say(self, party: str, chunk: bytes) -> bool:
        """Speak as a party; False when that is impossible now."""
        with self._speaking:
            try:
                if party not in self._mouths:
                    self._mouths[party] = RemoteMouth(self.world, party)
                self._mouths[party].say(chunk)
            except OSError:
                mouth = self._mouths.pop(party, None)
                if mouth is not None:
                    mouth.close()
                return False
            return True

    # --- state ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Follow the town on a thread of its own, while anybody watches."""
        threading.Thread(target=self._follow, name="town", daemon=True).start()

    def stop(self) -> None:
        """Let everybody go who waits."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """The page is closing."""
        return self._ended

    @contextlib.contextmanager
    def watching(self) -> Any:
        """Somebody watches as long as this lasts."""
        with self._changed:
            self._watchers += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._watchers -= 1

    def wait(self, seen: int, timeout_s: float) -> tuple[int, str]:
        """Wait for something newer than ``seen``; its number and the state as JSON."""
        with self._changed:
            self._changed.wait_for(lambda: self._number != seen or self._ended, timeout_s)
            return self._number, self._state

    def _follow(self) -> None:
        while not self._ended:
            with self._changed:
                self._changed.wait_for(lambda: self._watchers > 0 or self._ended)
            state = self.ask({"do": "state"})
            away = "refused" in state
            state.pop("now_ms", None)
            text = json.dumps({"away": True} if away else state)
            with self._changed:
                if text != self._state:
                    self._state = text
                    self._number += 1
                    self._changed.notify_all()
                self._changed.wait_for(lambda: self._ended, RETRY_S if away else STATE_S)
