"""The attacks on trunks, each with its pass mark: ``python -m tests.sip.hostile [SECONDS]``.

Tools that others wrote do what they are for, where they are installed (``packages.txt``); the same
traffic is made here as well, from addresses that no tool can have. Everything stays on loopback.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable

from tests.sip.siege import HERE, PEER, Siege
from tests.sip.torture import send_all, wrong

Attack = Callable[[Siege, float], int]
TOOL_LIMIT_S = 60
STRANGERS = [f"127.1.{n // 250}.{1 + n % 250}" for n in range(500)]
NOTHING = "found nothing"
SEED = 20261122
MUTANTS, MUTANTS_A_SECOND = 50_000, 1_000


def tool(*command: str) -> Attack:
    """A scanner of others; it must find nothing."""

    def attack(siege: Siege, _seconds: float) -> int:
        words = [word.format(port=siege.box.port) for word in command]
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=TOOL_LIMIT_S
        )
        said = done.stdout + done.stderr
        found = [line for line in said.splitlines() if line.startswith("|") and ":" in line]
        return 0 if NOTHING in said else max(1, len(found))

    return attack


def probe(siege: Siege, _seconds: float) -> int:
    """One question by sipsak, which ends with 0 when somebody answers."""
    command = ["sipsak", "-D", "1", "-s", f"sip:100@{HERE}:{siege.box.port}"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=TOOL_LIMIT_S)
    return int(done.returncode == 0)


def from_strangers(method: str, rate: int) -> Attack:
    """A flood from 500 addresses."""
    return lambda siege, seconds: siege.flood(method, rate, seconds, STRANGERS, "100")


def from_the_peer(to: str) -> Attack:
    """A flood of calls from the address of the peer itself, which gets its refusals."""

    def attack(siege: Siege, seconds: float) -> int:
        siege.flood("INVITE", 200, seconds, [PEER], to)
        return 0

    return attack


def torture(host: str) -> Attack:
    """The 49 messages; from the peer with the right answers, from a stranger with none."""

    def attack(siege: Siege, _seconds: float) -> int:
        heard = send_all(host, siege.at)
        if host == PEER:
            return len(wrong(heard))
        return sum(codes != {0} for codes in heard.values())

    return attack


def mutants(host: str) -> Attack:
    """Mutated messages, half of a night's number; what they are follows from the siege's seed."""

    def attack(siege: Siege, _seconds: float) -> int:
        got = siege.mutated(MUTANTS, host, MUTANTS_A_SECOND)
        return 0 if host == PEER else got

    return attack


def giant(siege: Siege, _seconds: float) -> int:
    """Datagrams as long as there can be."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((PEER, 0))
        for filling in (b"A", b"\0", b"\r\n", "€".encode(), b"INVITE sip:100@x SIP/2.0\r\nVia: "):
            one.sendto((filling * 65_000)[:65_000], siege.at)
    return 0


def hijack(siege: Siege, _seconds: float) -> int:
    """Requests within the conversation: a stranger who knows it, a peer's neighbour who guesses."""
    known = siege.peer.seen[-1]
    answers = 0
    for host, tags in (("127.0.0.8", True), (PEER, False)):
        for method in ("BYE", "CANCEL", "INVITE", "UPDATE", "REFER"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.bind((host, 0))
                one.settimeout(0.15)
                text = siege.request(method, one.getsockname(), "100", 0).decode()
                dialog = siege.peer._dialog
                text = text.replace(text.partition("Call-ID: ")[2].split()[0], dialog["id"])
                if tags:
                    lines = [
                        f"From: {dialog['local']}"
                        if line.startswith("From:")
                        else f"To: {dialog['remote']}"
                        if line.startswith("To:")
                        else line
                        for line in text.split("\r\n")
                    ]
                    text = "\r\n".join(lines)
                one.sendto(text.encode(), siege.at)
                try:
                    code = int(one.recv(65_535)[8:11])
                except TimeoutError:
                    continue
                answers += host != PEER or code < 300
    return answers if known else 1


ATTACKS: dict[str, tuple[str, Attack]] = {
    "scan by OPTIONS (svmap)": ("svmap", tool("svmap", "-p{port}", HERE)),
    "scan by INVITE (svmap)": ("svmap", tool("svmap", "-p{port}", "-mINVITE", HERE)),
    "extensions by REGISTER (svwar)": (
        "svwar",
        tool("svwar", "-p{port}", "-e100-399", "--force", HERE),
    ),
    "extensions by INVITE (svwar)": (
        "svwar",
        tool("svwar", "-p{port}", "-e100-399", "-mINVITE", "--force", HERE),
    ),
    "passwords (svcrack)": ("svcrack", tool("svcrack", "-p{port}", "-u100", "-r1000-1400", HERE)),
    "one question (sipsak)": ("sipsak", probe),
    "200 INVITE a second from 500 strangers": ("", from_strangers("INVITE", 200)),
    "500 OPTIONS a second from 500 strangers": ("", from_strangers("OPTIONS", 500)),
    "500 REGISTER a second from 500 strangers": ("", from_strangers("REGISTER", 500)),
    "200 calls a second from the peer, numbers it does not have": ("", from_the_peer("999")),
    "200 calls a second from the peer, the number it has": ("", from_the_peer("100")),
    "RFC 4475 from the peer": ("", torture(PEER)),
    "RFC 4475 from a stranger": ("", torture("127.0.0.8")),
    "50,000 mutated messages from the peer": ("", mutants(PEER)),
    "50,000 mutated messages from a stranger": ("", mutants("127.0.0.8")),
    "datagrams of 65 kB from the peer": ("", giant),
    "requests within the conversation": ("", hijack),
    "1,000 forged packets of sound a second": (
        "",
        lambda siege, seconds: siege.forge_sound(1_000, seconds),
    ),
    "forged reports about the sound": ("", lambda siege, _seconds: siege.forge_reports(500)),
}


def main(words: list[str]) -> int:
    """Every attack in turn; status 1 if a pass mark is missed."""
    seconds = float(words[0]) if words else 10.0
    chosen = words[1:]
    failed = 0
    print(f"seed {SEED}")
    with Siege(SEED) as siege:
        for name, (needs, attack) in ATTACKS.items():
            if chosen and not any(word in name for word in chosen):
                continue
            if needs and shutil.which(needs) is None:
                print(f"left out  {name}: {needs} is not installed", flush=True)
                continue
            had = siege.suffer(lambda attack=attack: attack(siege, seconds))
            missed = had.wrong()
            failed += bool(missed)
            print(
                f"{'FAILED  ' if missed else 'held    '}  {name}: sound {had.share:.1%} at "
                f"{had.level_dbm0:.0f} dBm0, memory {had.growth_mb:+.1f} MB {missed}",
                flush=True,
            )
        told = [word for word in siege.box.words if word.startswith("stranger")]
        print(f"{len(told)} security events; sipd ran from the first to the last attack")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
