"""An emulated machine that starts the built card: its switch, its serial line, its page.

The machine is QEMU's ``virt`` with U-Boot from Debian: the card's own boot script chooses the slot,
the card's own kernel starts. Its time is counted in instructions (``-icount``), a nanosecond each,
as a Pi 3 would need for them: how much else the building machine does changes how long one waits
outside, and nothing that happens inside.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from image.stage import BuildError, run

LIMIT_S: Final = 3600
"""Far above what a busy machine needs (10 minutes); a machine that hangs is ended all the same."""
CARD_BYTES: Final = 4 << 30
PROGRAMS: Final = ("qemu-system-aarch64", "mcopy", "mke2fs")

BEGIN: Final = """[Unit]
DefaultDependencies=no
After=systemd-tmpfiles-setup.service
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mkdir -p /run/bench; mount -r /dev/vdb /run/bench; sh /run/bench/begin'
"""
"""A unit that is handed in from outside: it runs what lies on a disk of the bench."""


@dataclass
class Machine:
    """One emulated machine and what it says on its serial line.

    Attributes:
        disk: the card, written to.
        console: file with everything the serial line said.
        firmware: the boot loader of this kind of machine.
        port: of this machine, forwarded to the page.
        bench: what the test hands in: a file system with a script ``begin``; None for nothing.
        restarts: the machine may start anew by itself; else that ends it.
        peripherals: more of the emulator's arguments: a screen, a USB socket.
    """

    disk: Path
    console: Path
    firmware: Path
    port: int
    bench: Path | None = None
    restarts: bool = False
    peripherals: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    began_s: float = 0.0
    signs: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        """Switch it on."""
        for name in PROGRAMS:
            if shutil.which(name) is None:
                raise BuildError(f"{name} is not installed.")
        self.console.write_bytes(b"")
        self.began_s = time.monotonic()
        second = []
        if self.bench is not None:
            second = [
                "-drive", f"file={self.bench},if=none,id=bench,format=raw,readonly=on",
                "-device", "virtio-blk-pci,drive=bench",
            ]  # fmt: skip
        self.process = subprocess.Popen(
            [
                "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "1",
                "-icount", "shift=0,sleep=on",
                "-m", "1024", "-nographic", "-monitor", "none",
                "-qmp", f"unix:{self.control},server=on,wait=off",
                *([] if self.restarts else ["-no-reboot"]),
                "-serial", "chardev:tty", "-chardev",
                f"socket,id=tty,path={self.line},server=on,wait=off,logfile={self.console}",
                "-bios", str(self.firmware),
                "-drive", f"file={self.disk},if=none,id=card,format=raw,cache=unsafe",
                "-device", "virtio-blk-pci,drive=card", *second,
                "-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self.port}-:80",
                "-device", "virtio-net-pci,netdev=net", "-device", "virtio-rng-pci",
                *self.peripherals,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the test, which pulls the plug
        )  # fmt: skip

    @property
    def line(self) -> Path:
        """The serial line, as a socket that can be typed into."""
        return self.console.with_suffix(".line")

    @property
    def control(self) -> Path:
        """Where the emulator takes orders about what is plugged into the machine (QMP)."""
        return self.console.with_suffix(".control")

    def order(self, command: str, **arguments: object) -> None:
        """One order to the emulator: plug something in, photograph the screen.

        Raises:
            BuildError: it refused, in its words.
        """
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.control))
            answers = link.makefile("r", encoding="utf-8")
            answers.readline()  # its greeting
            wanted = {"execute": command, "arguments": arguments}
            for one in ({"execute": "qmp_capabilities"}, wanted):
                link.sendall(json.dumps(one).encode())
                answer: dict[str, object] = {}
                while not answer.keys() & {"return", "error"}:  # events come in between
                    answer = json.loads(answers.readline())
                if "error" in answer:
                    raise BuildError(f"{command} {arguments}: {answer['error']}")

    def on(self) -> bool:
        """Whether it has power."""
        return self.process is not None and self.process.poll() is None

    def ended(self) -> None:
        """Wait until it has switched itself off, or would have started anew.

        Raises:
            BuildError: it did not within the limit.
        """
        try:
            if self.process is not None:
                self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            raise BuildError(f"the machine was still on after {LIMIT_S} s.") from None

    def type(self, text: str) -> None:
        """Type at the serial line, as somebody who sits in front of it and reads what he typed.

        The boot loader reads one character at a time and forgets what comes faster, so the next one
        is typed when the one before is on the line.
        """
        with socket.socket(socket.AF_UNIX) as keys:
            keys.connect(str(self.line))
            for character in text:
                before = self.console.stat().st_size
                keys.sendall(character.encode())
                while self.console.stat().st_size == before:
                    self._check(f"{character!r} of {text!r} was not taken", LIMIT_S, 0.002)

    def boot(self) -> None:
        """Stop at the boot loader, name the bench's unit to the system's manager, go on."""
        self.until("Hit any key to stop autoboot")
        self.type(" ")
        self.until("=> ")
        lines = ["setenv tipring_extra systemd.journald.forward_to_console=1"]
        if self.bench is not None:
            word = base64.b64encode(BEGIN.encode()).decode()
            # A line of the boot loader holds 256 characters.
            parts = [word[at : at + 160] for at in range(0, len(word), 160)]
            lines += [f"setenv unit ${{unit}}{part}" for part in parts]
            name = "systemd.set_credential_binary=systemd.extra-unit.bench.service"
            lines.append("setenv tipring_extra ${tipring_extra} systemd.wants=bench.service")
            lines.append(f"setenv tipring_extra ${{tipring_extra}} {name}:${{unit}}")
        for number, line in enumerate(lines, start=1):
            self.type(f"{line}\n")
            self.until(rf"(?s)(?:.*?=> ){{{number + 1}}}")
        self.type("boot\n")

    def said(self) -> str:
        """Everything so far."""
        return self.console.read_text(encoding="utf-8", errors="replace")

    def until(self, sign: str, limit_s: float = LIMIT_S) -> re.Match[str]:
        """Wait until the serial line matches ``sign`` (a pattern, lines by themselves).

        Raises:
            BuildError: it did not within the limit, or the machine ended; with its last lines.
        """
        while True:
            if found := re.search(sign, self.said(), re.MULTILINE):
                self.signs[sign] = time.monotonic() - self.began_s
                return found
            self._check(f"{sign!r} was not seen", limit_s)

    def until_said(self, characters: int, limit_s: float = LIMIT_S) -> None:
        """Wait until the serial line has said so much."""
        while len(self.said()) < characters:
            self._check(f"character {characters} was not said", limit_s)

    def page(self, path: str = "/", limit_s: float = LIMIT_S) -> tuple[int, str]:
        """Wait until the page answers; its status and text, in English."""
        url = f"http://127.0.0.1:{self.port}{path}"
        asked = urllib.request.Request(url, headers={"Accept-Language": "en"})
        while True:
            try:
                with urllib.request.build_opener().open(asked, timeout=120) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as refused:
                return refused.code, refused.read().decode(errors="replace")
            except (OSError, http.client.HTTPException):
                self._check("the page did not answer", limit_s)

    def _check(self, what: str, limit_s: float, pause_s: float = 0.5) -> None:
        passed_s = time.monotonic() - self.began_s
        if not self.on() or passed_s > limit_s:
            last = "\n".join(self.said().splitlines()[-25:])
            why = "the machine ended" if not self.on() else f"{limit_s:.0f} s were over"
            raise BuildError(f"{what} when {why}; it said last:\n{last}")
        time.sleep(pause_s)  # noqa: TID251  # another machine's serial line has no event to wait for

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


def a_disk(folder: Path, to: Path) -> Path:
    """A disk with what lies in ``folder``."""
    to.unlink(missing_ok=True)
    run("mke2fs", "-q", "-t", "ext4", "-d", folder, to, "64M")
    return to


def slot_state(disk: Path) -> dict[str, str]:
    """What the boot loader keeps on the card."""
    start = 4 << 20
    copied = disk.with_suffix(".env")
    run("mcopy", "-n", "-o", "-i", f"{disk}@@{start}", "::slot.env", copied)
    words = copied.read_bytes()[4:].split(b"\0\0")[0].split(b"\0")
    return dict(word.decode().split("=", 1) for word in words if b"=" in word)


def data_files(disk: Path) -> dict[str, str]:
    """SHA-256 by path of what is on the data partition, after the machine is off.

    The partition is named by its first sector in the card's own table.
    """
    listed = run("sfdisk", "--json", disk)
    start = json.loads(listed)["partitiontable"]["partitions"][3]["start"] * 512
    return file_sums(disk, start)


def file_sums(disk: Path, start: int) -> dict[str, str]:
    """SHA-256 by path of every file of the ext4 at byte ``start``."""
    with tempfile.TemporaryDirectory() as folder:
        run("debugfs", "-R", f"rdump / {folder}", f"{disk}?offset={start}")
        root = Path(folder)
        return {
            str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(root.rglob("*"))
            if file.is_file() and not file.is_symlink()
        }
