"""What a machine may have to do while it keeps time: burnt cores, a busy control plane.

The hogs are programs of ordinary priority, one a core. The questioner asks calld for its status and
its settings as fast as it is answered, and saves a version of the settings every few seconds. Run
as ``python -m tests.bench.burden FOLDER``, it is that questioner, for the box in this folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from firmware.control.link import ANSWERS, Link, LinkError, connect
from firmware.control.messages import AskSettings, AskStatus, Hello, SaveSettings
from firmware.daemons.call_loop import SOCKET_NAME

HOG = "while True: sum(range(1000))"
SAVE_S = 5.0
TRIES = 30  # of getting in again, one a second
NICE = int(os.environ.get("TIPRING_BURDEN_NICE", "0"))  # kinder to others on a shared machine


class Burden:
    """All of it, while the block lasts."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder``: of the box whose call control is asked; without one, cores are burnt only."""
        hogs = [[sys.executable, "-c", HOG]] * (os.cpu_count() or 1)
        asking = [[sys.executable, "-m", __name__, os.fspath(folder)]] if folder else []
        self._commands = [*hogs, *asking]
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        nice = ["nice", "-n", str(NICE)]
        self._running = [subprocess.Popen([*nice, *command]) for command in self._commands]
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.kill()
            process.wait()

    def still_there(self) -> bool:
        """Whether none of it has ended by itself."""
        return all(process.poll() is None for process in self._running)


def question(link: Link) -> None:
    """Ask and save without end; ``LinkError`` when the call control is gone."""
    link.send(Hello(program="bench"))
    saved_s = time.monotonic()
    while True:
        _answer(link, AskStatus())
        settings = _answer(link, AskSettings())
        if time.monotonic() - saved_s > SAVE_S:
            saved_s = time.monotonic()
            document = dict(settings.settings)
            document["lines"] = [dict(row) for row in document["lines"]]
            version = settings.version
            document["lines"][3]["name"] = f"{version}"
            _answer(link, SaveSettings(base=version, who="bench", why="load", settings=document))


def _answer(link: Link, request: object) -> object:
    link.send(request)
    while True:
        for message in link.wait(5000):
            if not isinstance(message, Hello):
                return message


def main(folder: Path) -> None:
    """Ask on; a call control that is slow for a while is asked again, one that is gone is not."""
    refused = 0
    while refused < TRIES:
        try:
            link = connect(folder / "run" / SOCKET_NAME, ANSWERS, name="calld")
        except LinkError as problem:
            refused += 1
            print(f"calld does not let anybody in: {problem}", file=sys.stderr)
            time.sleep(1)  # noqa: TID251 - a shell that waits for a slow program
            continue
        refused = 0
        try:
            question(link)
        except LinkError as problem:
            print(f"calld left a question unanswered: {problem}", file=sys.stderr)
    sys.exit("calld is gone")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
