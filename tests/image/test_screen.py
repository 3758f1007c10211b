"""What a screen on the box shows: where the page is, and the digits that claim a new box."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from firmware.control.messages import ClaimAnswer
from image.stage import IMAGE

SCREEN = IMAGE / "rootfs/usr/lib/tipring/screen"


def shown(tmp_path: Path, *, screen: str, said: bytes) -> str:
    """One turn of the screen of a box whose command line answers ``said``."""
    for folder in ("proc/sys/kernel", "sys/class/drm/card0-HDMI-A-1", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/hostname").write_text("shop-2\n")
    (tmp_path / "sys/class/drm/card0-HDMI-A-1/status").write_text(f"{screen}\n")
    (tmp_path / "answer").write_bytes(said)
    for name, answer in (
        ("tipring", f'echo "$*" > {tmp_path}/asked; cat {tmp_path}/answer'),
        ("hostname", "echo 192.168.1.5 fe80::1 fd00::5"),
    ):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return subprocess.run(
        ["sh", SCREEN],
        env={"TIPRING_ROOT": str(tmp_path), "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.partition("\033[H")[2].splitlines() if line.strip()]


def test_a_new_box_shows_its_addresses_and_its_code(tmp_path: Path) -> None:
    opened = msgspec.json.format(msgspec.json.encode(ClaimAnswer(code="791663", open_ms=600_000)))
    assert lines(shown(tmp_path, screen="connected", said=opened)) == [
        "tipring",
        "http://shop-2.local",
        "http://192.168.1.5",
        "http://[fd00::5]",
        "A new box: its code is 791663. It is typed on the page.",
    ]
    assert (tmp_path / "asked").read_text() == "claim --json\n"


@pytest.mark.parametrize("screen", ["connected", "disconnected"])
def test_a_box_that_is_claimed_or_without_a_screen_shows_no_code(
    tmp_path: Path, screen: str
) -> None:
    refused = b'{"type": "refused", "id": "claimed"}' if screen == "connected" else b'"code": "1"'
    assert "code" not in shown(tmp_path, screen=screen, said=refused)
    # Each question opens a box to guesses: without a screen nobody asks.
    assert (tmp_path / "asked").exists() == (screen == "connected")
