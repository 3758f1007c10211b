"""Saves the settings twice, a long version and a short one; tries once more what was refused.

python settings_save.py FOLDER
"""

import sys
from datetime import UTC, datetime

from acknowledge import acknowledge, ready

from firmware.storage.settings import SettingsStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def content(version: int) -> dict[str, object]:
    """Settings of one version: every value says which, so that a mixture shows."""
    length = 40 if version % 2 else 4
    return {"version": version, "parts": [f"part of version {version}"] * length}


def main(folder: str) -> None:
    try:
        store = SettingsStore(folder)
        for _ in range(2):
            base, _ = store.current()
            data = content(base + 1)
            try:
                version = store.save(data, base=base, who="kill", why="bench", now=NOW)
            except OSError:
                base, _ = store.current()
                acknowledge(f"refused {base + 1}")
                data = content(base + 1)
                version = store.save(data, base=base, who="kill", why="again", now=NOW)
            acknowledge(f"saved {version}")
        store.close()
    except OSError as error:
        sys.exit(f"gave up: {error}")


if __name__ == "__main__":
    ready()
    main(sys.argv[1])
