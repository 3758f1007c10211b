"""Page, telephones and reports tell the office's time, whatever zone the machine keeps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TELL = (
    "import sys, pathlib; from datetime import datetime, UTC;"
    "from firmware.daemons.office_clock import OfficeClock;"
    "clock = OfficeClock(pathlib.Path(sys.argv[1]), sys.argv[2]);"
    "[clock.leave(zone) for zone in sys.argv[3:]]; clock.look();"
    "print(datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone().strftime('%H:%M %Z'))"
)


def told(folder: Path, country: str = "", *left: str) -> str:
    """What a process of its own says at noon of UTC, on a machine that keeps UTC."""
    done = subprocess.run(
        [sys.executable, "-c", TELL, folder, country, *left],
        env={**os.environ, "TZ": "UTC"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_a_machine_that_keeps_utc_tells_the_time_of_its_country(tmp_path: Path) -> None:
    assert told(tmp_path, "CN") == "20:00 CST"
    assert told(tmp_path, "GB") == "13:00 BST"
    # A country without a zone of its own in the table, and none at all: the machine's.
    assert told(tmp_path, "XX") == told(tmp_path) == "12:00 UTC"


def test_what_call_control_leaves_is_followed_by_the_others(tmp_path: Path) -> None:
    assert told(tmp_path, "US", "America/Los_Angeles") == "05:00 PDT"
    assert told(tmp_path, "US") == "05:00 PDT"
    assert told(tmp_path, "CN", "Asia/Urumqi", "Asia/Shanghai") == "20:00 CST"
    assert told(tmp_path) == "20:00 CST"
    # The others are of the folder's group; nobody else reads it.
    assert (tmp_path / "zone").stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["zone"]
