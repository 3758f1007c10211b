"""A modem and its SIM card: brought up, watched, and used for short messages, one at a time.

A core: it is told what was asked, what came over the wire and when, and answers with effects. What
came in is kept on the card until whoever stores it has said so; a part that went out counts as sent
when the modem has given its reference. Where that answer is lost, by a bad wire, an unplugged modem
or a killed daemon, the part may have gone out: a report for that number within two minutes proves
it, otherwise it is sent again.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

import msgspec

from firmware.outbox.at import Answer, Command, Dialogue, Unasked
from firmware.outbox.modem_news import (
    Balance,
    Came,
    Condition,
    Effect,
    NotSent,
    PartSent,
    Reported,
    Sent,
    Write,
)
from firmware.outbox.pdu import Report, submits
from firmware.outbox.sim_card import Found, SimCard
from firmware.outbox.text_mode import Piece, pieces
from firmware.outbox.vendors import (
    FOREVER,
    GENERAL,
    MEMORY_FULL,
    SIM_WANTED,
    Vendor,
    vendor_of,
)

RETRY_MS: Final = (
    30_000  # before a modem that does not answer, or is not registered, is tried again
)
WATCH_MS: Final = 60_000  # signal, registration, and what may have come unseen
PROOF_MS: Final = 120_000  # for the report of a message whose answer was lost
SIGNAL_UNKNOWN: Final = 99  # 27.007, 8.5
REGISTERED: Final = frozenset({1, 5})  # 27.007, 7.2: at home, roaming
STEPS: Final = (
    16  # a reference is that of the message before and 1 (23.040, 9.2.3.6); tries count too
)
TRIES: Final = 3  # of a part that the modem took badly, before the item is handed back


class _Outgoing(msgspec.Struct):
    item: int
    number: str
    text: str
    references: list[int]
    tries: int = 0
    refused: int = 0  # the lasting error it was refused with last
    unsure: bool = False  # the next part may have gone out already
    proof_ms: int = 0  # until then a report may prove it
    early: int = -1  # reference of a report that came before the modem's own answer


class Modem:
    """One modem."""

    def __init__(self, *, pin: str = "") -> None:
        """Args: ``pin`` of the SIM card, empty where it wants none."""
        self._pin = pin
        self._pin_tried = False
        self._line = Dialogue()
        self._vendor: Vendor = GENERAL
        self._told = Condition("away")
        self._out: deque[_Outgoing] = deque()
        self._card = SimCard(self._ask)
        self._due = 0
        self._effects: list[Effect] = []
        self._notify = self._memory = 0
        self._text = False  # it knows no PDU mode
        self._behind: Command | None = None  # goes when the kind of its message is told
        self._open = False
        self._last = -1  # reference of the newest message that went out

    @property
    def condition(self) -> Condition:
        """How it is."""
        return self._told

    @property
    def ready(self) -> bool:
        """It would take a message at once."""
        return self._told.state == "ready" and not self._out

    # --- told -------------------------------------------------------------------------------------

    def opened(self, now_ms: int) -> list[Effect]:
        """The device is there."""
        self._open = True
        self._begin(now_ms)
        return self._done(now_ms)

    def closed(self, now_ms: int) -> list[Effect]:
        """The device is gone, in the middle of whatever it was doing."""
        if self._out:
            out = self._out[0]
            out.unsure = out.unsure or self._line.typed or bool(out.proof_ms)
            out.proof_ms = 0
        self._open = False
        self._line = Dialogue()
        self._card.away()
        self._tell(Condition("away"))
        return self._done(now_ms)

    def send(
        self,
        item: int,
        number: str,
        text: str,
        now_ms: int,
        *,
        done: tuple[int, ...] = (),
        unsure: bool = False,
    ) -> list[Effect]:
        """Send a text, or what is left of it. It waits while the modem is away.

        Args:
            item: its number; all parts carry the same reference however often they are tried.
            number: where to.
            text: all of it.
            now_ms: monotonic.
            done: references of the parts that are out.
            unsure: the next part may be out as well.
        """
        try:
            submits(number, text, item % 256)
        except ValueError as problem:
            return [NotSent(item, str(problem), again=False)]
        self._out.append(_Outgoing(item, number, text, list(done), unsure=unsure))
        if self._told.state == "ready" and len(self._out) == 1:
            self._next_part(now_ms)
        return self._done(now_ms)

    def recall(self, item: int) -> bool:
        """Take an item back that has waited too long; False once one of its parts is on its way."""
        for out in self._out:
            if out.item == item and not (out is self._out[0] and self._told.state == "ready"):
                self._out.remove(out)
                return True
        return False

    def kept(self, place: str, now_ms: int) -> list[Effect]:
        """What came is stored: it may leave the card."""
        self._card.kept(place)
        return self._done(now_ms)

    def ask_balance(self, code: str, now_ms: int) -> list[Effect]:
        """Ask the carrier, by a code such as ``*100#``."""
        if self._told.state == "ready" and self._vendor.balance:
            if self._text and self._vendor.text.codes:
                code = code.encode("utf-16-be").hex().upper()
            self._line.ask(Command(self._vendor.balance.format(code=code), 30_000, tag="balance"))
        return self._done(now_ms)

    def heard(self, data: bytes, now_ms: int) -> list[Effect]:
        """Bytes came over the wire."""
        write, found = self._line.hear(data, now_ms)
        if write:
            self._effects.append(Write(write))
        for each in found:
            self._said(each, now_ms)
        return self._done(now_ms)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called, None with no device."""
        if not self._open:
            return None
        answer = self._line.next_deadline()
        dates = [self._due if answer is None else answer]
        if self._out and self._out[0].proof_ms and self._told.state == "ready":
            dates.append(self._out[0].proof_ms)
        return min(dates)

    def advance(self, now_ms: int) -> list[Effect]:
        """Time has passed."""
        if not self._open:
            return []
        write, found = self._line.advance(now_ms)
        if write:
            self._effects.append(Write(write))
        for each in found:
            self._said(each, now_ms)
        if self._out and 0 < self._out[0].proof_ms <= now_ms and self._told.state == "ready":
            self._out[0].proof_ms = 0
            self._again("no answer and no report", now_ms)
        if now_ms >= self._due and not self._line.busy:
            if self._told.state == "ready":
                self._look(now_ms)
            else:
                self._begin(now_ms)
        return self._done(now_ms)

    # --- bringing up ------------------------------------------------------------------------------

    def _begin(self, now_ms: int) -> None:
        self._tell(Condition("starting") if self._told.state == "away" else self._told)
        self._notify = self._memory = 0
        self._due = now_ms + RETRY_MS
        for text in ("AT", "ATE1"):
            self._line.ask(Command(text, 2_000, tag="hello", blind=True))
        self._line.ask(Command("AT+CMEE=1", tag="hello"))
        self._line.ask(Command("AT+CGMI", tag="maker"))
        self._line.ask(Command("AT+CPIN?", 10_000, tag="pin?"))

    def _set_up(self) -> None:
        for text in self._vendor.hush:
            self._line.ask(Command(text))
        self._line.ask(Command("AT+CMGF=0", tag="mode"))

    def _mode(self, said: Answer) -> None:
        """PDU mode, or text mode where the modem says no to it."""
        if not said.final:
            self._tell(Condition("silent", detail=said.command.text))
            return
        self._text = not said.ok
        self._card.form = self._vendor.text if self._text else None
        if self._text:
            for text in ("AT+CMGF=1", *self._vendor.text.ready):
                self._line.ask(Command(text))
        self._line.ask(Command(self._vendor.memory[self._memory], 10_000, tag="memory"))

    def _look(self, now_ms: int) -> None:
        self._due = now_ms + WATCH_MS
        self._line.ask(Command("AT+CSQ", tag="signal"))
        self._line.ask(Command("AT+COPS?", 10_000, tag="operator"))
        self._line.ask(Command("AT+CREG?", tag="network"))
        self._card.look()

    # --- what is said -----------------------------------------------------------------------------

    def _said(self, said: Answer | Unasked, now_ms: int) -> None:
        if isinstance(said, Unasked):
            self._unasked(said, now_ms)
            return
        match said.command.tag:
            case "hello":
                if not said.final:
                    self._tell(Condition("silent", detail=said.command.text))
            case "maker":
                self._vendor = vendor_of(" ".join(said.lines))
            case "pin?":
                self._pin_state(said, now_ms)
            case "pin":
                if said.ok:
                    self._due = now_ms + 5_000  # the card wants a moment
                else:
                    self._tell(Condition("pin_refused", detail=said.final))
            case "mode":
                self._mode(said)
            case "memory":
                self._memory_set(said)
            case "notify":
                if not said.ok and self._notify + 1 < len(self._vendor.notify):
                    self._notify += 1
                    self._ask_notify()
                else:
                    self._look(now_ms)
            case "signal" | "operator":
                self._observed(said)
            case "network":
                self._network(said, now_ms)
            case "list":
                self._card.listed(said)
            case "read":
                self._arrived(self._card.read(said), now_ms)
            case "delete":
                self._card.deleted(said)
            case "kind":
                if said.ok and self._behind is not None:
                    self._line.ask(self._behind)
                elif self._out:
                    self._again(said.final or said.command.text, now_ms)
            case "send":
                self._answered(said, now_ms)

    def _pin_state(self, said: Answer, now_ms: int) -> None:
        words = " ".join(said.lines)
        if "READY" in words:
            self._set_up()
        elif "SIM PIN" in words and self._pin and not self._pin_tried:
            # A wrong PIN is typed once: three lock the card for good.
            self._pin_tried = True
            self._line.ask(Command(f'AT+CPIN="{self._pin}"', 15_000, tag="pin"))
        elif "SIM" in words:
            state = "pin_refused" if self._pin_tried and "PUK" not in words else "pin_wanted"
            self._tell(Condition(state, detail=words))
        elif said.error is not None and said.error in SIM_WANTED:
            self._tell(Condition("no_sim", detail=said.final))
            self._due = min(self._due, now_ms + RETRY_MS)
        else:
            self._tell(Condition("silent", detail=said.final or said.command.text))

    def _memory_set(self, said: Answer) -> None:
        if not said.ok and self._memory + 1 < len(self._vendor.memory):
            self._memory += 1
            self._line.ask(Command(self._vendor.memory[self._memory], 10_000, tag="memory"))
            return
        self._ask_notify()

    def _ask_notify(self) -> None:
        self._line.ask(Command(self._vendor.notify[self._notify], tag="notify"))

    def _observed(self, said: Answer) -> None:
        words = " ".join(said.lines)
        if found := re.search(r"\+CSQ: *(\d+)", words):
            level = int(found[1])
            dbm = None if level == SIGNAL_UNKNOWN else -113 + 2 * level  # 27.007, 8.5
            self._told = msgspec.structs.replace(self._told, signal_dbm=dbm)
        if found := re.search(r'\+COPS: *\d,\d,"([^"]*)"', words):
            name = _ucs2_or(found[1]) if self._text else found[1]
            self._told = msgspec.structs.replace(self._told, operator=name)

    def _network(self, said: Answer, now_ms: int) -> None:
        found = re.search(r"\+CREG: *(?:\d, *)?(\d)", " ".join(said.lines))
        if found and int(found[1]) in REGISTERED:
            was = self._told.state
            self._effects.append(
                told := msgspec.structs.replace(self._told, state="ready", detail="")
            )
            self._told = told
            if was != "ready":
                self._next_part(now_ms)
        elif found:
            detail = f"+CREG {found[1]}"
            self._tell(msgspec.structs.replace(self._told, state="no_network", detail=detail))
            self._due = now_ms + RETRY_MS

    # --- coming in --------------------------------------------------------------------------------

    def _unasked(self, said: Unasked, now_ms: int) -> None:
        if said.line.startswith(("+CMTI:", "+CDSI:")):
            if place := re.search(r",\s*(\d+)", said.line):
                self._card.look_at(place[1])
        elif said.pdu and (size := re.search(r"(\d+)$", said.line)):
            self._arrived(self._card.take("", (said.pdu,), int(size[1])), now_ms)
        elif said.line.startswith("+CDS:"):
            self._arrived(self._card.take("", (said.line,)), now_ms)
        elif text := re.match(r'\+CUSD:.*?"([^"]*)"', said.line):
            self._effects.append(Balance(_ucs2_or(text[1])))

    def _arrived(self, found: Found | None, now_ms: int) -> None:
        """A message is given out until it is kept; a report is told and leaves the card."""
        if found is None:
            return
        place, message = found
        if not isinstance(message, Report):
            self._effects.append(Came(place, message))
            return
        self._effects.append(Reported(message))
        self._proved(message, now_ms)
        if place:
            self._card.delete(place)

    # --- going out --------------------------------------------------------------------------------

    def _next_part(self, now_ms: int) -> None:
        if not self._out or self._out[0].proof_ms or self._told.state != "ready":
            return
        out = self._out[0]
        if out.unsure:
            out.unsure = False
            out.proof_ms = now_ms + PROOF_MS
            return
        parts = self._pieces(out)
        if len(out.references) >= len(parts):
            self._out.popleft()
            self._effects.append(Sent(out.item, tuple(out.references)))
            self._next_part(now_ms)
            return
        part = parts[len(out.references)]
        within_ms = self._vendor.send_s * 1000
        command = Command(part.command, within_ms, part.typed, tag="send", checked=self._text)
        if part.before:
            # The kind of the message before would make another text of this one: OK comes first.
            self._line.ask(Command(part.before, tag="kind"))
            self._behind = command
        else:
            self._line.ask(command)

    def _pieces(self, out: _Outgoing) -> tuple[Piece, ...]:
        """All parts of a text, as this modem wants them."""
        reference = out.item % 256
        if self._text:
            return pieces(out.number, out.text, reference, self._vendor.text)
        return tuple(
            Piece("", f"AT+CMGS={one.length}", one.pdu)
            for one in submits(out.number, out.text, reference)
        )

    def _answered(self, said: Answer, now_ms: int) -> None:
        if not self._out:
            return
        error = said.error
        if said.ok and said.typed:
            found = re.search(r"(\d+)\s*$", " ".join(said.lines))
            self._accepted(int(found[1]) if found else -1, now_ms)
        elif not said.final and said.typed:
            if self._out[0].early >= 0:
                self._accepted(self._out[0].early, now_ms)
            else:
                self._out[0].proof_ms = now_ms + PROOF_MS
        elif error is not None and error in FOREVER and error == self._out[0].refused:
            self._give_back(said.final, now_ms, again=False)
        else:
            # Once may be a lost character: 30 of 304 would be a number that nobody has.
            self._out[0].refused = error or 0
            if error in MEMORY_FULL:
                self._card.look()
            self._again(said.final or "no prompt", now_ms)

    def _accepted(self, reference: int, now_ms: int) -> None:
        out = self._out[0]
        out.proof_ms = out.tries = out.refused = 0
        out.early = -1
        if self._last >= 0 and not self._is_next(reference):
            reference = (self._last + 1) % 256  # a digit of it was lost
        self._last = reference
        out.references.append(reference)
        self._effects.append(PartSent(out.item, reference))
        if len(out.references) >= len(self._pieces(out)):
            self._out.popleft()
            self._effects.append(Sent(out.item, tuple(out.references)))
        self._next_part(now_ms)

    def _proved(self, report: Report, now_ms: int) -> None:
        """A report for a message whose answer was lost says that it did go out."""
        out = self._out[0] if self._out else None
        if out is None or report.reference in out.references:
            return
        late = self._last >= 0 and not self._is_next(report.reference)
        if late or _tail(report.recipient) != _tail(out.number):
            return
        if out.proof_ms or out.unsure:
            out.unsure = False
            self._accepted(report.reference, now_ms)
        elif self._line.typed:
            out.early = report.reference

    def _is_next(self, reference: int) -> bool:
        """It may be of the message that followed the newest one."""
        return reference >= 0 and 1 <= (reference - self._last) % 256 <= STEPS

    def _again(self, why: str, now_ms: int) -> None:
        out = self._out[0]
        out.tries += 1
        if out.tries >= TRIES:
            self._give_back(why, now_ms, again=True)
        else:
            self._next_part(now_ms)

    def _give_back(self, why: str, now_ms: int, *, again: bool) -> None:
        out = self._out.popleft()
        self._effects.append(NotSent(out.item, why, again=again))
        self._next_part(now_ms)

    # --- inside -----------------------------------------------------------------------------------

    def _tell(self, condition: Condition) -> None:
        if condition != self._told:
            self._told = condition
            self._effects.append(condition)

    def _ask(self, command: Command) -> None:
        self._line.ask(command)  # another line with each device

    def _done(self, now_ms: int) -> list[Effect]:
        if self._open and (data := self._line.output(now_ms)):
            self._effects.append(Write(data))
        out, self._effects = self._effects, []
        return out


def _tail(number: str) -> str:
    """What two forms of one number have in common: its last nine digits."""
    return re.sub(r"\D", "", number)[-9:]


def _ucs2_or(text: str) -> str:
    """A carrier's answer, which some modems give as hexadecimal UCS-2."""
    if len(text) % 4 == 0 and len(text) > 3 and re.fullmatch(r"[0-9A-Fa-f]+", text):
        return bytes.fromhex(text).decode("utf-16-be", "replace")
    return text
