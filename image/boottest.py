"""Boot the image that was built, in an emulated machine, and look at it as its owner would.

Each step waits for its sign, never for a time. Two machines get a fresh copy of the card each: what
a box makes for itself at its first start must be another on the second one.
"""

from __future__ import annotations

import http.cookiejar
import json
import re
import shutil
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Final

from image.check import differences
from image.machine import Machine, a_card, a_disk, free_port, slot_state
from image.stage import IMAGE, listed

GOLDEN: Final = IMAGE / "golden"
PASSWORD: Final = "three rings at most"  # noqa: S105  # of a box that lives for one test
# The first start makes these; no two boxes may share one.
EPHEMERAL: Final = 32_768  # ip_local_port_range of ip-sysctl.rst
OWN: Final = ("keys", "authority", "secret")


def looked(said: str) -> dict[str, list[str]]:
    """What ``image/guest/look`` said, by name."""
    found: dict[str, list[str]] = {}
    for line in said.replace("\r", "").split("\n"):
        if match := re.search(r"look ([a-z0-9]+) (.*)$", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def ports(seen: dict[str, list[str]]) -> list[str]:
    """Where somebody outside may knock: protocol and port, of what listens beyond the loop-back.

    The columns are those of proc_net_tcp(5): state 0A listens; a datagram socket without a peer
    (07) takes from anybody.
    """
    found = set()
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in seen.get(kind, []):
            columns = line.split()
            address, port = columns[1].split(":")
            state = "0A" if kind.startswith("tcp") else "07"
            inside = address == "00000000000000000000000001000000" or (
                len(address) == 8 and address.endswith("7F")
            )
            if columns[3] == state and not inside:
                number = int(port, 16)
                # Ports that the kernel chose for whoever asks others.
                named = "any" if kind.startswith("udp") and number >= EPHEMERAL else str(number)
                found.add(f"{kind.rstrip('6')} {named}")
    return sorted(found)


def problems_of(seen: dict[str, list[str]]) -> list[str]:
    """What a reviewer would object to in a box that has started."""
    problems = [f"{line.split()[0]} failed" for line in seen.get("failed", [])]
    if seen.get("state") != ["running"]:
        problems.append(f"the system is {seen.get('state')} instead of running")
    problems += differences("open to the network", ports(seen), listed(GOLDEN / "ports.txt"))
    users = [name.replace(":", " ") for name in seen.get("user", [])]
    problems += differences("users", users, listed(GOLDEN / "users.txt"))
    problems += differences(
        "special rights", seen.get("special", []), listed(GOLDEN / "special.txt")
    )
    for line in seen.get("up", []):
        unit, *values = line.split()
        value = dict(one.split("=", 1) for one in values)
        if value.get("ActiveEnterTimestampMonotonic", "0") == "0":
            problems.append(f"{unit} is not up")
        if value.get("NRestarts", "0") != "0":
            problems.append(f"{unit} was started anew {value['NRestarts']} times")
    return problems


def claimed(port: int, code: str) -> str:
    """Become the owner through the forwarded port with the digits that the box gave; his page."""
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    page = f"http://127.0.0.1:{port}/"
    with browser.open(f"{page}welcome", timeout=300) as answer:
        key = re.search(r'name="form_key" value="([^"]+)"', answer.read().decode())
    if key is None:
        return "the page of a new box has no form"
    typed = {
        "form_key": key[1], "code": code, "name": "owner", "password": PASSWORD, "again": PASSWORD,
    }  # fmt: skip
    browser.open(f"{page}welcome", urllib.parse.urlencode(typed).encode(), timeout=300).close()
    asked = urllib.request.Request(page, headers={"Accept-Language": "en"})
    with browser.open(asked, timeout=300) as answer:
        return str(answer.read().decode())


def made_alike(first: dict[str, list[str]], second: dict[str, list[str]]) -> list[str]:
    """What two boxes made for themselves and have in common, though nobody may know it."""

    def secrets(seen: dict[str, list[str]]) -> set[str]:
        sums = (line.split(maxsplit=1) for line in seen.get("made", []))
        return {digest for digest, path in sums if any(word in path for word in OWN)}

    problems = (
        [] if secrets(first) and secrets(second) else ["no keys were made at the first start"]
    )
    if secrets(first) & secrets(second):
        problems.append("two boxes made the same key at their first start")
    if code_of(first) == code_of(second):
        problems.append("two boxes have the same claim code")
    return problems


def code_of(seen: dict[str, list[str]]) -> str:
    """The digits that somebody at the box gets."""
    answer = seen.get("claim", [])
    return str(json.loads(answer[0])["code"]) if answer else ""


def a_bench(folder: Path, extra: Path | None = None) -> Path:
    """The disk that the machine is handed: what looks around in it, and what ``extra`` holds."""
    tree = folder / "bench"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in ("begin", "look"):
        shutil.copy(IMAGE / "guest" / name, tree / name)
    if extra is not None:
        shutil.copytree(extra, tree, dirs_exist_ok=True)
    return a_disk(tree, folder / "bench.img")


def one_start(built: Path, folder: Path, firmware: Path) -> tuple[dict[str, list[str]], list[str]]:
    """A fresh card is started and looked at; what was seen, and what was wrong."""
    disk = a_card(built, folder)
    console = folder / "console.txt"
    machine = Machine(disk, console, firmware, free_port(), bench=a_bench(folder))
    problems = []
    machine.start()
    try:
        machine.boot()
        machine.until(r"tipring: slot A, tries left A=2 B=3")
        status, text = machine.page("/welcome")
        if status != 200 or "Welcome to tipring" not in text:
            problems.append(f"a new box's page answered {status} without its welcome")
        machine.until(r"look done")
        seen = looked(machine.said())
        problems += problems_of(seen)
        for line in (*seen.get("time", []), *seen.get("up", []), *seen.get("memory", [])):
            print(f"image: {line}")
        owners = claimed(machine.port, code_of(seen))
        if "No line card" not in owners:
            problems.append("the owner's page does not say that there is no line card")
    finally:
        machine.stop()
    state = slot_state(disk)
    print(f"image: the boot loader's file says {json.dumps(state)}")
    if state.get("BOOT_A_LEFT") != "3":
        problems.append("the slot did not get its tries back")
    return seen, problems


def boot_once(built: Path, folder: Path, firmware: Path) -> int:
    """One first start; 0 when everything was as it should be."""
    _, problems = one_start(built, folder, firmware)
    for problem in problems:
        print(f"image: {problem}", flush=True)
    return 1 if problems else 0


def boot_test(built: Path, folder: Path, firmware: Path) -> int:
    """Two first starts; 0 when everything was as it should be."""
    first, problems = one_start(built, folder, firmware)
    for problem in problems:
        print(f"image: {problem}", flush=True)
    second, more = one_start(built, folder / "second", firmware)
    more += made_alike(first, second)
    for problem in more:
        print(f"image: second start: {problem}")
    return 1 if problems + more else 0
