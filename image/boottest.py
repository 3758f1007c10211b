"""Boot the image that was built, in an emulated machine, and look at it as its owner would.

The machine is QEMU's ``virt`` with U-Boot from Debian: the card's own boot script chooses the slot,
the card's own kernel starts. Each step waits for its sign, never for a time, with a limit far above
what a quiet machine needs.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from image.stage import BuildError, run

LIMIT_S: Final = 900
CARD_BYTES: Final = 4 << 30
FIRMWARE: Final = Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")

LOOK: Final = """[Unit]
After=tipring-webd.service
[Service]
Type=oneshot
StandardOutput=tty
TTYPath=/dev/console
ExecStart=/bin/sh -c 'sleep 20; systemctl --failed --plain --no-legend; \
  sed 1d /proc/net/tcp; echo all looked at'
"""
"""A unit that the test lays in from outside: what failed and which ports are open."""


@dataclass
class Machine:
    """One emulated machine and what it says on its serial line.

    Attributes:
        disk: the card, written to.
        console: file with everything the serial line said.
        port: of this machine, forwarded to the page.
    """

    disk: Path
    console: Path
    firmware: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    began_s: float = 0.0
    signs: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        """Switch it on."""
        self.console.write_bytes(b"")
        self.began_s = time.monotonic()
        self.process = subprocess.Popen(
            [
                "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "2",
                "-m", "1024", "-nographic", "-no-reboot", "-monitor", "none",
                "-serial", "chardev:tty", "-chardev",
                f"socket,id=tty,path={self.line},server=on,wait=off,logfile={self.console}",
                "-bios", str(self.firmware),
                "-drive", f"file={self.disk},if=none,id=card,format=raw,cache=unsafe",
                "-device", "virtio-blk-pci,drive=card",
                "-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self.port}-:80",
                "-device", "virtio-net-pci,netdev=net", "-device", "virtio-rng-pci",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    @property
    def line(self) -> Path:
        """The serial line, as a socket that can be typed into."""
        return self.console.with_suffix(".line")

    def type(self, text: str) -> None:
        """Type at the serial line, as somebody who sits in front of it."""
        with socket.socket(socket.AF_UNIX) as keys:
            keys.connect(str(self.line))
            # The boot loader reads one character at a time and forgets what comes faster.
            for character in text:
                keys.sendall(character.encode())
                time.sleep(0.005)  # noqa: TID251  # another machine's keyboard

    def with_credentials(self, handed: dict[str, str]) -> None:
        """Stop at the boot loader and hand texts to the system's manager, then go on.

        Args:
            handed: text by the manager's name of it (systemd's system credentials).
        """
        self.until("Hit any key to stop autoboot")
        self.type(" ")
        self.until("=> ")
        self.type("setenv tipring_extra systemd.journald.forward_to_console=1\n")
        for name, text in handed.items():
            word = base64.b64encode(text.encode()).decode()
            self.type("setenv tipring_extra ${tipring_extra} ")
            self.type(f"systemd.set_credential_binary={name}:{word}\n")
        self.type("boot\n")

    def said(self) -> str:
        """Everything so far."""
        return self.console.read_text(encoding="utf-8", errors="replace")

    def until(self, sign: str, limit_s: float = LIMIT_S) -> float:
        """Seconds from the start until the serial line matches ``sign``.

        Raises:
            BuildError: it did not within the limit, or the machine ended; with its last lines.
        """
        while True:
            passed_s = time.monotonic() - self.began_s
            if re.search(sign, self.said()):
                self.signs[sign] = passed_s
                return passed_s
            self._check(f"{sign!r} was not seen", passed_s, limit_s)

    def page(self, path: str = "/", limit_s: float = LIMIT_S) -> tuple[float, int, str]:
        """Seconds until the page answers; its status and text."""
        while True:
            passed_s = time.monotonic() - self.began_s
            try:
                url = f"http://127.0.0.1:{self.port}{path}"
                with urllib.request.urlopen(url, timeout=20) as answer:
                    return passed_s, answer.status, answer.read().decode()
            except urllib.error.HTTPError as refused:
                return passed_s, refused.code, refused.read().decode(errors="replace")
            except OSError:
                self._check("the page did not answer", passed_s, limit_s)

    def _check(self, what: str, passed_s: float, limit_s: float) -> None:
        ended = self.process is None or self.process.poll() is not None
        if ended or passed_s > limit_s:
            last = "\n".join(self.said().splitlines()[-25:])
            why = "the machine ended" if ended else f"{limit_s:.0f} s were over"
            raise BuildError(f"{what} when {why}; it said last:\n{last}")
        time.sleep(0.5)  # noqa: TID251  # another machine's serial line has no event to wait for

    def stop(self) -> None:
        """Pull the plug."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_card(built: Path, folder: Path) -> Path:
    """A copy of the image as large as a card is, written to by one machine."""
    folder.mkdir(parents=True, exist_ok=True)
    disk = folder / "card.img"
    disk.unlink(missing_ok=True)
    run("cp", "--sparse=always", built / "tipring.img", disk)
    with disk.open("r+b") as file:
        file.truncate(CARD_BYTES)
    return disk


def slot_state(disk: Path) -> dict[str, str]:
    """What the boot loader keeps on the card."""
    start = 4 << 20
    copied = disk.with_suffix(".env")
    run("mcopy", "-n", "-o", "-i", f"{disk}@@{start}", "::slot.env", copied)
    words = copied.read_bytes()[4:].split(b"\0\0")[0].split(b"\0")
    return dict(word.decode().split("=", 1) for word in words if b"=" in word)


def boot_test(built: Path, folder: Path, firmware: Path = FIRMWARE) -> int:
    """One boot, as a person would see it; 0 when everything was as it should be."""
    problems = []
    for name in ("qemu-system-aarch64", "mcopy"):
        if shutil.which(name) is None:
            raise BuildError(f"{name} is not installed.")
    machine = Machine(a_card(built, folder), folder / "console.txt", firmware, free_port())
    machine.start()
    try:
        machine.with_credentials(
            {
                # There is no line card here: the daemon of the lines goes on trying.
                "systemd.unit-dropin.tipring-lined.service": "[Unit]\nStartLimitAction=none\n",
                "systemd.unit-dropin.tipring-calld.service": "[Unit]\nStartLimitAction=none\n",
                "systemd.extra-unit.look.service": LOOK,
                "systemd.unit-dropin.tipring-webd.service": "[Unit]\nWants=look.service\n",
            }
        )
        machine.until(r"tipring: slot A, tries left A=2 B=3")
        page_s, status, text = machine.page()
        print(f"image: the page answers after {page_s:.0f} s")
        if status != 200 or "tipring" not in text:
            problems.append(f"the page answered {status}")
        machine.until("all looked at")
        seen = machine.said().split("\n")
        # The daemon of the lines has no card in this machine, and with it nothing is healthy.
        expected = ("tipring-lined", "tipring-healthy")
        failed = [line.split()[0] for line in seen if re.match(r"\S+\.\w+ +loaded +failed", line)]
        problems += [f"{unit} failed" for unit in failed if not unit.startswith(expected)]
        hexes = re.findall(
            r"^ *\d+: ([0-9A-F]{8}):([0-9A-F]{4}) \S+ 0A ", machine.said(), re.MULTILINE
        )
        open_ports = sorted({int(port, 16) for address, port in hexes if address != "0100007F"})
        print(f"image: open to the network: {open_ports}")
    finally:
        machine.stop()
    state = slot_state(machine.disk)
    print(f"image: the boot loader's file says {json.dumps(state)}")
    for problem in problems:
        print(f"image: {problem}")
    return 1 if problems else 0
