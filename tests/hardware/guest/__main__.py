"""Everything the guest proves, in order. Exit status 1 if anything failed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.hardware.guest import alsa_checks, gpio_checks
from tests.hardware.guest.verdicts import Verdicts


def main() -> int:
    """Header lines, highway, turn loop."""
    verdicts = Verdicts()
    print(f"GUEST kernel {os.uname().release}, Python {sys.version.split()[0]}", flush=True)
    # lgpio keeps a pipe in the folder the program was started in.
    os.chdir("/tmp")  # noqa: S108  # the guest's own
    gpio_checks.run(verdicts)
    alsa_checks.run(verdicts)
    verdicts.check("turns: 10 s of the whole turn loop", _turns)
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()[:3]:
        print(f"GUEST {line}", flush=True)
    return 1 if verdicts.failed else 0


def _turns() -> str:
    # Imported here: what is wrong above the drivers must not hide what is right in them.
    from tests.hardware.guest.turn_checks import ten_seconds

    return ten_seconds()


if __name__ == "__main__":
    sys.exit(main())
