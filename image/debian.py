"""Debian packages of the box: chosen once, locked by version and SHA-256, fetched and indexed.

``packages.lock`` has one line a package: name, version, SHA-256, file in the archive, and how it
comes into the image: ``installed`` by dpkg, or ``unpacked`` (kernel, firmware, boot loader,
headers: what must not run scripts of its own).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from image.stage import IMAGE, BuildError, Cache, listed, run

LOCK = IMAGE / "packages.lock"
INSTALLED = IMAGE / "packages.txt"
UNPACKED = IMAGE / "unpacked.txt"
SUITE = "trixie"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Locked(NamedTuple):
    """One package."""

    how: str
    name: str
    version: str
    sha256: str
    file: str  # in the archive, behind its address

    @property
    def deb(self) -> str:
        """The file's own name."""
        return self.file.rpartition("/")[2]


def read_lock(text: str) -> list[Locked]:
    """The lock file's packages."""
    return [Locked(*line.split("\t")) for line in text.splitlines() if line and line[0] != "#"]


def apt_env(folder: Path) -> dict[str, str]:
    """A private apt for arm64 over this machine's own mirrors: what ``APT_CONFIG`` is to name."""
    for part in ("lists/partial", "archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for empty in ("status", "preferences"):
        (folder / empty).touch()
    targets = run(
        "apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"
    ).split()
    debian = [uri for uri in targets if uri.rstrip("/").endswith("debian")]
    security = [uri for uri in targets if "security" in uri]
    if not debian or not security:
        raise BuildError("apt names no mirror of Debian and of its security updates.")
    sources = [(debian[0], f"{SUITE} {SUITE}-updates"), (security[0], f"{SUITE}-security")]
    (folder / "box.sources").write_text(
        "\n".join(
            f"Types: deb\nURIs: {uri}\nSuites: {suites}\n"
            f"Components: main non-free-firmware\nSigned-By: {KEYS}\n"
            for uri, suites in sources
        ),
        encoding="utf-8",
    )
    config = {
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder,
        "Dir::Cache::Archives": folder / "archives",
        "Dir::Etc::SourceList": folder / "box.sources",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": folder / "preferences",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
    }
    (folder / "apt.conf").write_text(
        "".join(f'{key} "{value}";\n' for key, value in config.items()), encoding="utf-8"
    )
    env = {"APT_CONFIG": str(folder / "apt.conf")}
    run("apt-get", "update", "-qq", env=env)
    return env


def _details(names: list[str], env: dict[str, str]) -> dict[str, tuple[str, str]]:
    """SHA-256 and file by ``name=version``, in one question: apt reads its lists for each."""
    found = {}
    for shown in run("apt-cache", "show", *names, env=env).split("\n\n"):
        field = dict(re.findall(r"^(Package|Version|SHA256|Filename): (\S+)$", shown, re.MULTILINE))
        if len(field) == 4:
            found[f"{field['Package']}={field['Version']}"] = (field["SHA256"], field["Filename"])
    return found


def make_lock(cache: Cache) -> str:
    """Choose versions anew: the text of the lock file."""
    env = apt_env(cache.folder / "apt")
    plan = run("apt-get", "install", "-s", "-y", "?essential", *listed(INSTALLED), env=env)
    found = [("installed", *m) for m in re.findall(r"^Inst (\S+) \((\S+) ", plan, re.MULTILINE)]
    kernel = re.findall(
        r"Depends: (linux-image-\d\S+)", run("apt-cache", "depends", "linux-image-arm64", env=env)
    )
    names = [kernel[0] if n == "linux-image-arm64" else n for n in listed(UNPACKED)]
    policy = run("apt-cache", "policy", *names, env=env)
    chosen = dict(re.findall(r"^(\S+):\n.*\n  Candidate: (\S+)", policy, re.MULTILINE))
    found += [("unpacked", name, chosen[name]) for name in names]
    details = _details([f"{name}={version}" for _, name, version in found], env)
    lines = ["# how\tpackage\tversion\tSHA-256\tfile; written by `python -m image lock`"]
    lines += sorted(
        "\t".join((how, name, version, *details[f"{name}={version}"]))
        for how, name, version in found
    )
    return "\n".join(lines) + "\n"


def fetch(locked: list[Locked], cache: Cache) -> Path:
    """Every locked package in one folder, each compared with its SHA-256.

    Raises:
        BuildError: the archive has moved on, or what came is not what was locked.
    """
    folder = cache.folder / "debs"
    folder.mkdir(exist_ok=True)
    missing = [one for one in locked if not _right(folder / one.deb, one.sha256)]
    if missing:
        env = apt_env(cache.folder / "apt")
        names = [f"{one.name}={one.version}" for one in missing]
        try:
            run("apt-get", "download", "-qq", *names, cwd=folder, env=env)
        except BuildError as moved:
            raise BuildError(
                f"{moved}\nThe archive may have moved on: `python -m image lock` chooses anew."
            ) from moved
    for one in missing:
        for came in folder.glob(f"{one.name}_*.deb"):
            if came.name != one.deb and _right(came, one.sha256):
                came.rename(folder / one.deb)  # apt writes a version's colon as %3a
        if not _right(folder / one.deb, one.sha256):
            raise BuildError(f"what came for {one.name} {one.version} has another SHA-256.")
    return folder


def _right(file: Path, sha256: str) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == sha256


def repository(locked: list[Locked], debs: Path, to: Path) -> None:
    """A folder that apt takes for an archive: the locked packages that are to be installed."""
    index = []
    for one in locked:
        if one.how != "installed":
            continue
        (to / one.deb).hardlink_to(debs / one.deb)
        control = run("dpkg-deb", "-f", debs / one.deb).strip()
        size = (debs / one.deb).stat().st_size
        index.append(f"{control}\nFilename: ./{one.deb}\nSize: {size}\nSHA256: {one.sha256}\n")
    (to / "Packages").write_text("\n".join(index), encoding="utf-8")


def unpack(one: Locked, debs: Path, to: Path) -> None:
    """The files of one package, and nothing run."""
    to.mkdir(parents=True, exist_ok=True)
    run("dpkg-deb", "-x", debs / one.deb, to)


def listed_names(locked: list[Locked]) -> list[str]:
    """Every package that is installed, each with its version: apt has nothing to choose."""
    return sorted(f"{one.name}={one.version}" for one in locked if one.how == "installed")


def loader_of_machine(cache: Cache) -> Path:
    """The boot loader of the emulated machine."""
    locked = read_lock(LOCK.read_text(encoding="utf-8"))
    only = next(one for one in locked if one.name == "u-boot-qemu")

    def unpacked(to: Path) -> None:
        unpack(only, fetch([only], cache), to)

    return next(cache.stage("loader", [str(only)], unpacked).rglob("qemu_arm64/u-boot.bin"))
