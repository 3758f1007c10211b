"""RAUC and the boot loader, asked by their own programs. A shell; root alone runs it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

SLOT: Final = re.compile(r"rauc\.slot=([AB])\b")
PERCENT: Final = re.compile(r"^\s*(\d+)%")
TRIES: Final = 3
"""As in ``image/boot/boot.cmd``."""

LIMIT_S: Final = 1_800
"""A slot of 1 GiB on the slowest card that is sold as such (class 2: 2 MB/s) takes 540 s."""

# RAUC's service is started for one installation and speaks on a bus of its own, to nobody else.
ALONE: Final = (
    'export DBUS_STARTER_BUS_TYPE=session; rauc service >/dev/null 2>&1 & service=$!; n=0; '
    'until rauc status >/dev/null 2>&1 || [ $n -ge 50 ]; do n=$((n + 1)); sleep 0.2; done; '
    'rauc install --progress "$1"; said=$?; kill $service 2>/dev/null; exit $said'
)  # fmt: skip


def booted_slot(command_line: Path = Path("/proc/cmdline")) -> str:
    """The slot that runs; empty on a machine without slots."""
    try:
        found = SLOT.search(command_line.read_text(encoding="ascii"))
    except OSError:
        return ""
    return found[1] if found else ""


def info(bundle: Path) -> tuple[str, str]:
    """What RAUC says of a bundle whose signature it has verified, as JSON; or why it refuses it."""
    done = _run("rauc", "info", "--output-format=json", str(bundle))
    if done.returncode:
        return "", _last(done.stderr + done.stdout)
    begin = done.stdout.find("{")
    return done.stdout[begin:], "" if begin >= 0 else "rauc said nothing"


def install(bundle: Path, percent: Callable[[int], None]) -> str:
    """Write it to the slot that does not run; why it could not, empty if it could."""
    command = ["dbus-run-session", "--", "sh", "-c", ALONE, "sh", str(bundle)]
    try:
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except OSError as problem:
        return str(problem)
    lines: list[str] = []
    with running:
        for line in running.stdout or ():
            lines.append(line.strip())
            if found := PERCENT.match(line):
                percent(int(found[1]))
    if running.returncode == 0:
        return ""
    wanted = [line for line in lines if "LastError" in line or "rror" in line]
    return (wanted or lines or ["rauc ended without a word"])[-1]


def mark(slot: str, *, good: bool) -> str:
    """Give a slot its three tries back, or none; why it could not be told, empty if it was.

    The same variables that RAUC sets, without its service, which nobody has started here.
    """
    done = _run("fw_setenv", f"BOOT_{slot}_LEFT", str(TRIES) if good else "0")
    return _last(done.stderr + done.stdout) if done.returncode else ""


def restart() -> None:
    """Start the machine anew, in order; this returns before it does."""
    _run("systemctl", "--no-block", "reboot")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    except (OSError, subprocess.TimeoutExpired) as problem:
        return subprocess.CompletedProcess(command, 1, "", str(problem))


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
