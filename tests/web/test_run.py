"""`make run` itself: what it refuses, and how it ends."""

import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.run import programs

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.bench", "run", "--ports", "0", "0"]

GOOD = """\
country = "GB"
[[chains]]
kind = "fxs"
chip = "si3210"
device = "/dev/spidev0.0"
count = 2
slots = [0, 1]
[[chains]]
kind = "fxo"
chip = "si3050"
device = "/dev/spidev0.1"
count = 1
slots = [4]
[pins]
reset = 5
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--folder", str(folder), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('chip = "si3050"', 'chip = "si3051"'), "si3050"),
        (("slots = [4]", "slots = [1]"), "slot 1"),
        (('country = "GB"', 'country = "UK"'), "UK"),
    ],
    ids=["unknown chip", "overlapping slots", "unknown country"],
)
def test_a_wrong_machine_is_refused_with_one_sentence(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(GOOD.replace(*change), encoding="utf-8")
    done = run(tmp_path / "box", "--config", str(wrong))
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_an_unknown_country_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "--country", "XX")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert "XX" in done.stderr


@pytest.mark.slow
def test_another_machine_comes_up_says_one_line_and_ends_cleanly(tmp_path: Path) -> None:
    given = tmp_path / "machine.toml"
    given.write_text(GOOD, encoding="utf-8")
    folder = tmp_path / "box"
    process = subprocess.Popen(
        [*COMMAND, "--folder", str(folder), "--config", str(given)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        assert re.fullmatch(
            r"tipring is up: page http://\S+  telephones http://\S+  \(.*\)\n", told
        )
        children = (
            Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        )
        assert len(children) == len(programs(folder, 0))
        second = run(folder)
        assert second.returncode == 2
        assert f"pid {process.pid}" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.terminate()  # its programs end with it, whatever was found
    assert process.stdout.read() == ""
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    for log in (folder / "logs").glob("*.log"):
        assert "Traceback" not in log.read_text(encoding="utf-8"), log.name


@pytest.mark.slow
def test_nobody_is_left_behind_when_the_run_itself_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--folder", str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    waiting = [os.pidfd_open(int(child)) for child in children]
    process.kill()
    process.wait()
    for child in waiting:
        assert select.select([child], [], [], 10)[0], "a program outlived its run"
        os.close(child)
