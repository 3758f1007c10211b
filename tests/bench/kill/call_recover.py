"""Opens the records in another boot and closes what was left open, as a start does.

python call_recover.py FOLDER
"""

import sys

from acknowledge import acknowledge, ready
from call_life import wall

from firmware.storage.records import Records


def main(folder: str) -> None:
    try:
        records = Records.open(f"{folder}/records.sqlite")
        records.close_interrupted(boot="boot-b", wall=wall(0), now_ms=0)
        acknowledge("recovered")
        records.close()
    except OSError as error:
        sys.exit(f"gave up: {error}")


if __name__ == "__main__":
    ready()
    main(sys.argv[1])
