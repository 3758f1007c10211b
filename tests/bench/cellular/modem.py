"""Modems of five makers on one cable each, and the network behind them. Told the time, seeded.

What is written to it is taken byte by byte as a genuine modem does: echo, prompt, one command at a
time. Characters may get lost both ways, words of its own may come anywhere between lines, and
messages may be refused.
"""

from __future__ import annotations

import heapq
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.cellular.codec import Submitted, delivery, gsm_codes, report, submitted
from tests.bench.cellular.words_face import WordsFace

STAMP = "261121093000"


@dataclass
class Network:
    """A message centre: what it was given, part by part, in order."""

    parts: list[Submitted] = field(default_factory=list)

    def texts(self) -> list[tuple[str, str]]:
        """Whole messages as the other telephones show them; what is incomplete is left out.

        A part that arrives twice shows twice: as a second message.
        """
        out: list[tuple[str, str]] = []
        open_: dict[tuple[str, int, int], dict[int, str]] = {}
        for p in self.parts:
            if p.total == 1:
                out.append((p.number, p.text))
                continue
            key = (p.number, p.reference, p.total)
            parts = open_.setdefault(key, {})
            if p.part in parts:
                out.append((p.number, f"twice: {p.text}"))
                continue
            parts[p.part] = p.text
            if len(parts) == p.total:
                out.append((p.number, "".join(parts[n] for n in sorted(parts))))
                del open_[key]
        return out


@dataclass
class Faults:
    """How badly things go: chances from 0 to 1."""

    lost_to_modem: float = 0.0  # of each character
    lost_from_modem: float = 0.0
    refused: float = 0.0  # of each message
    chatter: float = 0.0  # words of its own between two lines
    answer_lost: float = 0.0  # the whole answer to a message that was sent


@dataclass(frozen=True)
class Maker:
    """What differs."""

    name: str
    cgmi: str
    boot: tuple[str, ...] = ()
    chatter: tuple[str, ...] = ()
    stored_reports: bool = True
    memories: tuple[str, ...] = ("SM",)
    refuses: tuple[str, ...] = ()  # commands it does not know
    places: int = 20
    text: str = ""  # it has no PDU mode: "standard" as 27.005 says, or "unicode" words alone


MAKERS = {
    "huawei": Maker("huawei", "huawei", chatter=("^RSSI:18", '^HCSQ:"LTE",50'), places=10),
    "simcom": Maker(
        "simcom", "SIMCOM_Ltd", boot=("RDY", "+CFUN: 1", "Call Ready", "SMS Ready"),
        stored_reports=False, refuses=("AT+CNMI=2,1,0,2,0",), chatter=("*PSUTTZ: 26,11,21",),
    ),
    "quectel": Maker(
        "quectel", "Quectel", boot=("RDY",), memories=("ME", "SM"), places=255,
        chatter=('+QIND: "csq",20,99',),
    ),
    "telit": Maker("telit", "Telit", refuses=("AT+CMGF=0",), text="standard", places=100),
    "wavecom": Maker(
        "wavecom", "WAVECOM MODEM", refuses=("AT+CMGF=0", "AT+CNMI=2,1,0,2,0"), text="unicode",
        stored_reports=False, places=40,
    ),
}  # fmt: skip


class CellularModem:
    """One modem with its card."""

    def __init__(
        self,
        maker: str,
        network: Network,
        *,
        seed: int = 1,
        faults: Faults | None = None,
        pin: str = "",
        card: bool = True,
        registered: bool = True,
    ) -> None:
        self.maker = MAKERS[maker]
        self.network = network
        self.chance = random.Random(seed)
        self.faults = faults or Faults()
        self.pin, self.card, self.registered = pin, card, registered
        self.pin_tries = 3
        self.store: dict[int, str] = {}  # place to PDU
        self.held: list[str] = []  # by the network, while the store is full
        self.notified = False
        self.reference = 0
        self._unlocked = not pin
        self._echo = True
        self._line = bytearray()
        self._pdu_length = -1  # what the prompt waits for
        self._words = WordsFace(self.maker.text)
        self._out: list[tuple[int, int, bytes]] = []
        self._count = 0
        self.verbose = False

    def plug(self, now_ms: int) -> None:
        """Power comes."""
        self._line.clear()
        self._out.clear()
        self._pdu_length, self._echo, self.notified = -1, True, False
        self._unlocked = not self.pin
        for n, word in enumerate(self.maker.boot):
            self._say(now_ms + 500 * (n + 1), word)

    def write(self, data: bytes, now_ms: int) -> None:
        """Bytes from the box."""
        for octet in data:
            if self.chance.random() < self.faults.lost_to_modem:
                continue
            self._octet(octet, now_ms)

    def read(self, now_ms: int) -> bytes:
        """Bytes that have arrived at the box by now."""
        out = bytearray()
        while self._out and self._out[0][0] <= now_ms:
            out += heapq.heappop(self._out)[2]
        return bytes(o for o in out if self.chance.random() >= self.faults.lost_from_modem)

    def next_ms(self) -> int | None:
        """When it will say something."""
        return self._out[0][0] if self._out else None

    def arrive(self, sender: str, text: str, now_ms: int) -> None:
        """Somebody sends a text to the office."""
        coding = 153 if gsm_codes(text) is not None else 67
        whole = 160 if coding == 153 else 70
        units = len(gsm_codes(text) or text.encode("utf-16-be")[::2])
        if units <= whole:
            pdus = [delivery(sender, text, STAMP)]
        else:
            step = coding - 2  # no character is longer than two
            parts = [text[n : n + step // 2] for n in range(0, len(text), step // 2)]
            ref = self.chance.randrange(256)
            pdus = [
                delivery(sender, part, STAMP, part=(ref, len(parts), n))
                for n, part in enumerate(parts, 1)
            ]
        for pdu in pdus:
            self._deliver(pdu, now_ms)

    # --- inside ---

    def _say(self, at_ms: int, line: str) -> None:
        self._put(at_ms, f"\r\n{line}\r\n".encode("ascii"))

    def _put(self, at_ms: int, data: bytes) -> None:
        self._count += 1
        heapq.heappush(self._out, (at_ms, self._count, data))

    def _octet(self, octet: int, now_ms: int) -> None:
        if self._pdu_length >= 0:
            if octet == 0x1B:
                self._pdu_length = -1
                self._line.clear()
                self._say(now_ms + 5, "OK")
            elif octet == 0x1A:
                self._message(now_ms)
            else:
                self._line.append(octet)
                if self.maker.text and self._echo:
                    self._put(now_ms, bytes((octet,)))
            return
        if self._echo:
            self._put(now_ms, bytes((octet,)))
        if octet == 0x0D:
            line = bytes(self._line).decode("ascii", "replace").strip()
            self._line.clear()
            if line:
                self._command(line, now_ms)
        elif octet == 0x08:
            del self._line[-1:]
        elif octet not in {0x0A, 0x1B}:
            self._line.append(octet)

    def _message(self, now_ms: int) -> None:
        pdu = bytes(self._line).decode("ascii", "replace").strip()
        length, self._pdu_length = self._pdu_length, -1
        self._line.clear()
        at = now_ms + 1500
        if not self.registered:
            self._say(at, "+CMS ERROR: 331")
            return
        if self.chance.random() < self.faults.refused:
            self._say(at, f"+CMS ERROR: {self.chance.choice((38, 41, 42, 500))}")
            return
        try:
            part = self._words.submitted(pdu) if self.maker.text else submitted(pdu, length)
        except (ValueError, IndexError, KeyError):
            self._say(at, "+CMS ERROR: 304")
            return
        self.network.parts.append(part)
        self.reference = (self.reference + 1) % 256
        if part.wants_report:
            self._deliver(report(self.reference, part.number, STAMP, 0), at + 3000)
        if self.chance.random() >= self.faults.answer_lost:
            self._put(at, f"\r\n+CMGS: {self.reference}\r\n\r\nOK\r\n".encode())

    def _deliver(self, pdu: str, at_ms: int) -> None:
        is_report = bytes.fromhex(pdu)[1 + bytes.fromhex(pdu)[0]] & 3 == 2
        if is_report and not self.maker.stored_reports:
            if self.notified and not self.maker.text:
                self._put(at_ms, f"\r\n+CDS: {_octets(pdu)}\r\n{pdu}\r\n".encode())
            return
        if len(self.store) >= self.maker.places:
            self.held.append(pdu)
            return
        place = next(n for n in range(self.maker.places) if n not in self.store)
        self.store[place] = pdu
        if self.notified:
            word = "+CDSI" if is_report else "+CMTI"
            self._say(at_ms, f'{word}: "{self.maker.memories[0]}",{place}')

    def _command(self, line: str, now_ms: int) -> None:
        upper = line.upper()
        at = now_ms + 20
        if self.maker.chatter and self.chance.random() < self.faults.chatter:
            self._say(at - 1, self.chance.choice(self.maker.chatter))
        answer = self._reply(upper, at)
        if answer is not None:
            for said in (*answer[:-1], answer[-1]):
                self._say(at, said)

    def _reply(self, line: str, at_ms: int) -> list[str] | None:
        """Lines of the answer, the final one last; None where a prompt follows."""
        if line in self.maker.refuses or not line.startswith("AT"):
            return ["ERROR"]
        plain: dict[str, Callable[[], list[str]]] = {
            "AT": lambda: ["OK"],
            "AT+CMEE=1": lambda: ["OK"],
            "AT+CGMI": lambda: [self.maker.cgmi, "OK"],
            "AT+CPIN?": self._pin_state,
            "AT+CSQ": lambda: ["+CSQ: 18,99", "OK"],
            "AT+COPS?": lambda: ['+COPS: 0,0,"CHINA MOBILE",7', "OK"],
            "AT+CREG?": lambda: [f"+CREG: 0,{1 if self.registered else 2}", "OK"],
            "AT+CMGF=0": lambda: ["OK"],
            "AT+CMGL=4": self._list,
        }
        if line in plain:
            return plain[line]()
        if line in {"ATE0", "ATE1"}:
            self._echo = line == "ATE1"
            return ["OK"]
        if found := re.fullmatch(r'AT\+CPIN="(\d+)"', line):
            return self._type_pin(found[1])
        if found := re.fullmatch(r'AT\+CPMS="(\w\w)".*', line):
            known = found[1] in self.maker.memories
            return [f"+CPMS: {len(self.store)},{self.maker.places}", "OK"] if known else ["ERROR"]
        if line.startswith("AT+CNMI="):
            self.notified = True
            return ["OK"]
        if found := re.fullmatch(r"AT\+CMGR=(\d+)", line):
            pdu = self.store.get(int(found[1]))
            if pdu is not None and self.maker.text:
                return [*self._words.shown(pdu), "OK"]
            return ["+CMS ERROR: 321"] if pdu is None else [f"+CMGR: 0,,{_octets(pdu)}", pdu, "OK"]
        if found := re.fullmatch(r"AT\+CMGD=(\d+)", line):
            self.store.pop(int(found[1]), None)
            held, self.held = self.held, []
            for pdu in held:
                self._deliver(pdu, at_ms + 100)
            return ["OK"]
        if self.maker.text and (answer := self._words.reply(line)) is not None:
            return answer
        if line == 'AT+CMGL="ALL"' and self.maker.text:
            return [f'+CMGL: {place},"REC UNREAD"' for place in sorted(self.store)] + ["OK"]
        if self.maker.text and self._words.addressed(line):
            self._pdu_length = 0
            self._put(at_ms, b"\r\n> ")
            return None
        if found := re.fullmatch(r"AT\+CMGS=(\d+)", line):
            if self.maker.text or not self._unlocked:
                return ["+CMS ERROR: 311"]
            self._pdu_length = int(found[1])
            self._put(at_ms, b"\r\n> ")
            return None
        if line.startswith("AT+CUSD=1"):
            hexed = "余额 12.50 元".encode("utf-16-be").hex().upper()
            self._say(at_ms + 2000, f'+CUSD: 0,"{hexed}",72')
            return ["OK"]
        known = {"huawei": "AT^CURC", "quectel": "AT+QURCCFG"}.get(self.maker.name, "-")
        return ["OK"] if line.startswith(known) else ["ERROR"]

    def _pin_state(self) -> list[str]:
        if not self.card:
            return ["+CME ERROR: 10"]
        if self._unlocked:
            return ["+CPIN: READY", "OK"]
        return ["+CPIN: SIM PUK" if self.pin_tries <= 0 else "+CPIN: SIM PIN", "OK"]

    def _type_pin(self, typed: str) -> list[str]:
        if typed != self.pin:
            self.pin_tries -= 1
            return ["+CME ERROR: 16"]
        self._unlocked = True
        return ["OK"]

    def _list(self) -> list[str]:
        lines = []
        for place, pdu in sorted(self.store.items()):
            lines += [f"+CMGL: {place},0,,{_octets(pdu)}", pdu]
        return [*lines, "OK"]


def _octets(pdu: str) -> int:
    """Length without the centre's address, as a modem tells it."""
    return len(pdu) // 2 - 1 - int(pdu[:2], 16)
