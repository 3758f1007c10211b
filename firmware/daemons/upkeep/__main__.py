"""``python -m firmware.daemons.upkeep``: what the service manager runs as root for the box itself.

serve      carry out what call control left in the folder of the sockets: look at what was
           uploaded, write it to the other slot, forget it
stick      look for a bundle on a stick that was put in
start      at every start: which slot, and is the data one that it reads
healthy    at every start: examine the box by a call through itself, then tell the boot loader
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from firmware.daemons.upkeep.examine import examine
from firmware.daemons.upkeep.updater import Updater

DATA = Path("/var/lib/tipring")
RUN = Path("/run/tipring")
WISHES = ("drop", "check", "install")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 if a sentence had to be left behind."""
    parser = argparse.ArgumentParser(prog="tipring-upkeep", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=(*WISHES, "serve", "stick", "start", "healthy"))
    parser.add_argument("folder", nargs="?", type=Path, help="where a stick is mounted")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--run", type=Path, default=RUN)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="upkeep: %(message)s")
    updater = Updater(chosen.data)
    match chosen.command:
        case "serve":
            said = 0
            for wish in WISHES:
                asked = chosen.run / f"update-{wish}"
                if asked.exists():
                    asked.unlink()
                    said = max(said, carry_out(updater, wish))
            return said
        case "stick":
            return updater.take(chosen.folder or Path("/run/tipring-stick"))
        case "start":
            return updater.start()
        case "healthy":
            unwell, detail = examine(chosen.run)
            return updater.examined(unwell, detail)
        case _:
            return carry_out(updater, chosen.command)


def carry_out(updater: Updater, wish: str) -> int:
    """One of ``WISHES``."""
    if wish == "check":
        return updater.check("upload")
    return updater.install() if wish == "install" else updater.drop()


if __name__ == "__main__":
    sys.exit(main())
