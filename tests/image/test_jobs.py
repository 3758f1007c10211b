"""What CI's jobs and the make targets of the card call is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_jobs_of_ci_make_targets_that_there_are() -> None:
    job = ROOT / ".ci/boot"
    assert job.stat().st_mode & 0o111
    text = job.read_text(encoding="utf-8")
    assert subprocess.run(["bash", "-n", job], check=False).returncode == 0
    (asked,) = re.findall(r"^for target in (.+); do$", text, re.MULTILINE)
    assert asked.split() == ["image", "image-check", "image-boot"]
    for target in asked.split():
        assert re.search(rf"^{target}: .*## ", MAKEFILE, re.MULTILINE), target


def test_each_target_of_the_card_is_a_command() -> None:
    commands = set(re.findall(r"-m image ([a-z-]+)", MAKEFILE))
    assert {"build", "check", "boot", "test", "bundle"} <= commands
    for command in sorted(commands):
        said = subprocess.run(
            [sys.executable, "-m", "image", command, "--help"],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
