"""The negative control: the same two saves with TinyDB's own JSON storage.

python stock_tinydb.py FOLDER
"""

import sys
from pathlib import Path

import tinydb
from acknowledge import acknowledge, ready
from settings_save import content


def main(folder: str) -> None:
    database = tinydb.TinyDB(Path(folder) / "stock.json")
    table = database.table("settings")
    for _ in range(2):
        before = table.get(doc_id=1)
        version = before["version"] + 1 if isinstance(before, dict) else 1
        table.upsert(tinydb.table.Document(content(version), doc_id=1))
        acknowledge(f"saved {version}")
    database.close()


if __name__ == "__main__":
    ready()
    main(sys.argv[1])
