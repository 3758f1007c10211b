"""Opens the settings, as a start does, and notes that the box came up.

python settings_open.py FOLDER
"""

import sys

from acknowledge import acknowledge, ready

from firmware.storage.settings import SettingsStore


def main(folder: str) -> None:
    try:
        store = SettingsStore(folder)
        acknowledge(f"opened {store.current()[0]}")
        store.mark_booted()
        acknowledge("booted")
        store.close()
    except OSError as error:
        sys.exit(f"gave up: {error}")


if __name__ == "__main__":
    ready()
    main(sys.argv[1])
