"""The root file system of a slot: our program in Debian's tree, and nothing that a box writes.

Whatever carries a time or a random number is set or removed at the end, so the same inputs give the
same tree.
"""

from __future__ import annotations

import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from image.bootstrap import EMULATED_CPU
from image.stage import IMAGE, TREE, BuildError, run

# What packages leave that differs from build to build, or that a box makes for itself.
REMOVED: Final = (
    "etc/apt/sources.list", "etc/hostname", "var/lib/dbus/machine-id",
    "var/log/*", "var/cache/*", "var/lib/apt/lists/*", "etc/*-", "var/lib/dpkg/*-old",
    "run/*", "tmp/*", "etc/.pwd.lock", "var/lib/systemd/random-seed", "boot/*",
    "etc/apt/apt.conf.d/99*",
)  # fmt: skip

ENABLED: Final = (
    "systemd-networkd.service", "systemd-resolved.service", "systemd-timesyncd.service",
    "avahi-daemon.service", "nftables.service", "tipring-healthy.service",
    "tipring-grow.service", "tipring-first-boot.service", "tipring-screen.service",
    "tipring.target", "tipring-lined.service", "tipring-calld.service", "tipring-outboxd.service",
    "tipring-webd.service", "tipring-webd.socket", "tipring-power-off.path",
    "tipring-update.path", "tipring-restart.path", "tipring-started.service",
    "tipring-reset.service", "tipring-reset-wish.path",
    "tipring-network.path", "tipring-sipd.service", "tipring-faxd.service",
)  # fmt: skip
MASKED: Final = (
    "getty@tty1.service", "serial-getty@.service", "console-getty.service", "apt-daily.timer",
    "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
    "fstrim.timer", "systemd-firstboot.service", "debug-shell.service", "rescue.service",
    "emergency.service", "ctrl-alt-del.target", "systemd-networkd-wait-online.service",
    # Done when the slot is built, in which nothing can be written later.
    "systemd-journal-catalog-update.service", "systemd-update-done.service", "ldconfig.service",
    "systemd-hwdb-update.service", "systemd-sysusers.service",
    # Nobody logs in.
    "systemd-logind.service", "getty-static.service",
    # No other machine's programs are run.
    "systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount",
)  # fmt: skip

BYTECODE: Final = ("/opt/tipring", "/usr/lib/python3.13")
SPECIAL: Final = stat.S_ISUID | stat.S_ISGID


def add_program(root: Path, site: Path) -> None:
    """Our part: program, units, the overlay tree, users; what starts at boot."""
    run("bash", TREE / "systemd/install.sh", "--firewall", "--root", root)
    venv = root / "opt/tipring/.venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").symlink_to("/usr/bin/python3")
    (venv / "pyvenv.cfg").write_text(
        "home = /usr/bin\ninclude-system-site-packages = false\n", "utf-8"
    )
    shutil.copytree(site, venv / "lib/python3.13/site-packages", symlinks=True)
    shutil.copytree(IMAGE / "rootfs", root, symlinks=True, dirs_exist_ok=True)
    example = root / "usr/lib/tipring/machine.toml"
    card = (TREE / "firmware/machine.example.toml").read_text(encoding="utf-8")
    # The card plays on one device and records on another; asound.conf joins them under this name.
    example.write_text(card.replace('"hw:tipring"', '"tipring"'), encoding="utf-8")
    run("systemd-sysusers", f"--root={root}")
    # Where a stick is mounted: a started box could give this folder to nobody.
    run("systemd-tmpfiles", f"--root={root}", "--create", "--prefix=/media", "tipring.conf")
    run("systemctl", f"--root={root}", "-q", "enable", *ENABLED)
    run("systemctl", f"--root={root}", "-q", "mask", *MASKED)
    run("systemctl", f"--root={root}", "-q", "set-default", "multi-user.target")


def add_kernel(root: Path, package: Path, version: str, names: list[str]) -> None:
    """The kernel's modules that are wanted, and what they need.

    Args:
        root: gets ``/usr/lib/modules/VERSION``.
        package: the kernel's package, unpacked.
        version: the kernel's.
        names: of ``image/modules.txt``: modules, or patterns below ``kernel/``.

    Raises:
        BuildError: this kernel has nothing of that name.
    """
    modules = package / "usr/lib/modules" / version
    run("depmod", "-b", package / "usr", version)
    needs: dict[Path, list[str]] = {}
    for line in (modules / "modules.dep").read_text(encoding="utf-8").splitlines():
        file, _, others = line.partition(":")
        needs[Path(file)] = others.split()
    built_in = {Path(line) for line in (modules / "modules.builtin").read_text("utf-8").split()}
    wanted: set[Path] = set()
    for name in names:
        pattern = f"kernel/{name}.ko*" if "/" in name else f"{name}.ko*"
        found = {module for module in needs if module.match(pattern)}
        if not found and not any(module.match(pattern) for module in built_in):
            raise BuildError(f"modules.txt names {name}, of which kernel {version} has nothing.")
        wanted |= found
    to = root / "usr/lib/modules" / version
    for module in sorted(wanted | {Path(m) for one in wanted for m in needs[one]}):
        (to / module).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(modules / module, to / module)
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copy2(modules / name, to / name)
    run("depmod", "-b", root, version)


def compile_bytecode(root: Path) -> None:
    """Every Python file is compiled once here: the box can write nothing beside them.

    One process for each folder, none of which hands work to others: what a compiler wrote before
    is seen in its next file's bytes, and a pool of emulated processes was seen to wait for ever.
    """

    def compiled(folder: str) -> None:
        run(
            "chroot", root, "/usr/bin/python3", "-m", "compileall", "-q",
            "--invalidation-mode=unchecked-hash", folder,
            env={"QEMU_CPU": EMULATED_CPU, "PYTHONHASHSEED": "0"},
        )  # fmt: skip

    with ThreadPoolExecutor(len(BYTECODE)) as both:
        list(both.map(compiled, BYTECODE))


def settle(root: Path, epoch: int) -> None:
    """Remove what differs from build to build; every time becomes ``epoch`` at the latest."""
    take_rights(root)
    for pattern in REMOVED:
        for found in sorted(root.glob(pattern)):
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found)
            else:
                found.unlink()
    (root / "etc/machine-id").write_text("", encoding="utf-8")
    (root / "etc/hostname").write_text("tipring\n", encoding="utf-8")
    (root / "etc/resolv.conf").unlink(missing_ok=True)  # a link to nowhere, which no glob finds
    (root / "etc/resolv.conf").symlink_to("/run/systemd/resolve/stub-resolv.conf")
    for shadow in ("etc/shadow", "etc/gshadow"):
        _same_day(root / shadow, epoch)
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files]:
            path = Path(folder, name)
            if path.lstat().st_mtime > epoch:
                os.utime(path, (epoch, epoch), follow_symlinks=False)
    os.utime(root, (epoch, epoch))


def take_rights(root: Path) -> None:
    """Nobody logs in, so no program gives rights to whoever runs it; one is the bus's own."""
    for folder, _, files in os.walk(root):
        for name in files:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and mode & SPECIAL and name != "dbus-daemon-launch-helper":
                path.chmod(stat.S_IMODE(mode) & ~SPECIAL)


def _same_day(file: Path, epoch: int) -> None:
    """The day of the last change of a password is the build's, not today."""
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        parts = line.split(":")
        if len(parts) == 9:
            parts[2] = str(epoch // 86400)
        lines.append(":".join(parts))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
