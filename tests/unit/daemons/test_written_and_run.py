"""What the daemons do, where no memory may be both written and run.

The units say MemoryDenyWriteExecute; the kernel's PR_SET_MDWE (prctl(2), Linux 6.3) is the same
for one process, so what would die under the unit dies here. An older kernel refuses the call, and
then the program runs without it.
"""

import subprocess
import sys

import pytest

DENY = "import ctypes; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)\n"  # PR_MDWE_REFUSE_EXEC_GAIN

LINED = """
from datetime import UTC, datetime
from firmware.core.countries import country
from firmware.daemons.wires.rehearsal import rehearse
rehearse(country("CN"), datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
"""

PROMPT = """
from pathlib import Path
from ivr.prompts import PromptStore
store = PromptStore(owner_folder=Path("/nowhere"))
key = sorted(store.keys("en"))[0]
assert len(store.load("en/" + key)) > 800
"""

FAX = """
import numpy as np
from firmware.media.t30 import T30End
end = T30End(calling=True, station="1", send="/nowhere.tif")
for _ in range(2000):  # 20 s: until it gives up or has said who it is
    end.feed(np.zeros(80, np.int16))
"""


@pytest.mark.slow
@pytest.mark.parametrize("work", [LINED, PROMPT, FAX], ids=["lined", "prompt", "fax"])
def test_it_works_where_no_memory_is_both_written_and_run(work: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DENY + work], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
