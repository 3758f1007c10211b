"""Threads that read the same class for the first time do not end the process."""

import subprocess
import sys
from pathlib import Path

# In a process of its own, because an end by SIGSEGV takes everything with it. Without the first
# call seven of seven such processes ended so within a second.
READERS = """
import sys, threading
import msgspec
from firmware.core.settings import Settings
from firmware.core.shapes import work_out

assert work_out() > 100
assert work_out() > 100  # a second time changes nothing
sys.setswitchinterval(1e-6)
plain = msgspec.to_builtins(Settings())
begin = threading.Barrier(4)


def read() -> None:
    begin.wait()
    assert msgspec.convert(plain, Settings) == Settings()


threads = [threading.Thread(target=read) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_four_threads_read_the_settings_at_once() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", READERS],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
