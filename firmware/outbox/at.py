"""The line protocol of a modem: commands and their answers, and what it says by itself.

Bytes in, answers out; 3GPP TS 27.007, 4 and ITU-T V.250, 5. One command is out at a time.
Characters may be lost, and words of its own may come at any moment, inside of an answer too. A lost
character can make another command of one (``AT+CMGD=1`` of ``AT+CMGD=12`` deletes a stranger), so
the modem's echo is waited for before a command is let go, and what it echoes wrong is rubbed out.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

FINAL_OK: Final = "OK"
OWN_WORDS: Final = (
    "+CMTI:", "+CDSI:", "+CDS:", "+CMT:", "+CUSD:", "RING", "+CRING", "+CLIP:", "^RSSI", "^MODE",
    "^BOOT", "^SIMST", "^SRVST", "^HCSQ", "+CPIN: NOT", "NORMAL POWER DOWN", "RDY", "Call Ready",
    "SMS Ready", "+CFUN:", "*PSUTTZ", "+CTZV", "DST:", "+QIND:", "NO CARRIER",
)  # fmt: skip
"""What a modem says unasked; a line that begins so is never part of an answer."""

WITH_PDU: Final = ("+CDS:", "+CMT:")
"""Words of its own that a second line follows; a report in text mode is one line, with commas."""

PROMPT: Final = b"> "
ESCAPE: Final = b"\x1b"
SEND: Final = b"\x1a"
RUB_OUT: Final = b"\x08"  # S5 of V.250, 6.2.3
MOST_BYTES: Final = 65_536
ECHO_MS: Final = 1_000
QUIET_MS: Final = 500  # after a command was given up: what comes late is nobody's answer
TYPINGS: Final = 5  # of one command, before it is given up


class Command(msgspec.Struct, frozen=True):
    """One command.

    Attributes:
        text: Without the carriage return.
        within_ms: When the answer is given up.
        then: Typed once the prompt has come, ended by Ctrl-Z; for messages.
        tag: Whatever the asker wants to know it by.
        blind: Let go without an echo: nothing can come of it, or the echo is not on yet.
        checked: What is typed behind the prompt is ended once its echo says that it is whole, since
            nothing in it would tell the modem that a character was lost.
    """

    text: str
    within_ms: int = 5_000
    then: str = ""
    tag: str = ""
    blind: bool = False
    checked: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What came of a command.

    Attributes:
        command: Which.
        lines: Before the final one.
        final: ``OK``, ``ERROR``, ``+CMS ERROR: 500`` ...; empty where none came in time.
        typed: The message behind the prompt was typed to its end, so it may be on its way.
    """

    command: Command
    lines: tuple[str, ...]
    final: str
    typed: bool = False

    @property
    def ok(self) -> bool:
        """It was carried out."""
        return self.final == FINAL_OK

    @property
    def error(self) -> int | None:
        """Number of a ``+CMS ERROR`` or ``+CME ERROR``; None without one."""
        head, _, number = self.final.rpartition(": ")
        return int(number) if head.endswith("ERROR") and number.strip().isdigit() else None


class Unasked(msgspec.Struct, frozen=True):
    """Something it said by itself; ``pdu`` is the line that belongs to it."""

    line: str
    pdu: str = ""


class Dialogue:
    """One modem's line."""

    def __init__(self) -> None:
        self._wait: deque[Command] = deque()
        self._now: Command | None = None
        self._let_go = False  # its carriage return is out
        self._typings = 0
        self._typed = False
        self._body = False  # what stands behind the prompt is typed, its end is not
        self._lines: list[str] = []
        self._deadline = 0
        self._quiet_ms = 0  # nothing is typed before
        self._heard = bytearray()
        self._head = ""  # words of its own whose second line has not come

    @property
    def busy(self) -> bool:
        """A command is out or waits."""
        return self._now is not None or bool(self._wait)

    @property
    def typed(self) -> bool:
        """The command that is out has had its message typed to the end."""
        return self._typed

    def ask(self, command: Command) -> None:
        """Put a command behind the others; :meth:`output` gives what is to be written."""
        self._wait.append(command)

    def output(self, now_ms: int) -> bytes:
        """What is to be written now."""
        if self._now is not None or not self._wait or now_ms < self._quiet_ms:
            return b""
        self._now = self._wait.popleft()
        self._typed, self._body, self._lines = False, False, []
        return self._type(self._now, now_ms)

    def _type(self, command: Command, now_ms: int) -> bytes:
        text = command.text.encode("ascii", "replace")
        self._let_go = command.blind
        if command.blind:
            self._deadline = now_ms + command.within_ms
            return text + b"\r"
        self._deadline = now_ms + ECHO_MS
        self._typings += 1
        return text

    def next_deadline(self) -> int | None:
        """When the answer that is waited for will be given up."""
        if self._now is not None:
            return self._deadline
        return self._quiet_ms if self._wait else None

    def advance(self, now_ms: int) -> tuple[bytes, list[Answer | Unasked]]:
        """Give up what is overdue: what to write so that it listens again, and the answer."""
        command = self._now
        if command is None or now_ms < self._deadline:
            return b"", []
        # It may wait for a message still, or for the end of the line.
        wrong = ESCAPE + RUB_OUT * (len(command.text) + 4)
        self._quiet_ms = now_ms + QUIET_MS
        if not self._let_go and self._typings < TYPINGS:
            self._wait.appendleft(command)
            self._now = None
            return wrong, []
        return wrong, [self._answered(command, "")]

    def hear(self, data: bytes, now_ms: int) -> tuple[bytes, list[Answer | Unasked]]:
        """Bytes came: what is to be written behind a prompt, and what was said."""
        self._heard += data
        del self._heard[:-MOST_BYTES]
        write = b""
        found: list[Answer | Unasked] = []
        while True:
            behind = self._prompted()
            if behind:
                write += behind.encode("ascii")
                if self._now is not None and self._now.checked:
                    self._body = True
                    self._deadline = now_ms + ECHO_MS + len(behind)
                else:
                    self._typed = True
                    write += SEND
                continue
            end = min(
                (n for n in (self._heard.find(b"\r"), self._heard.find(b"\n")) if n >= 0),
                default=-1,
            )
            if end < 0:
                return write + self._checked(now_ms), found
            line = bytes(self._heard[:end]).decode("ascii", "replace").strip("\x00 ")
            del self._heard[: end + 1]
            if line:
                self._line(line, found)

    def _checked(self, now_ms: int) -> bytes:
        """The carriage return, once the echo says that the command stands there as it was typed."""
        command = self._now
        if command is not None and self._body:
            if not self._heard.endswith(command.then.encode("ascii")):
                return b""
            self._body, self._typed = False, True
            self._heard.clear()
            self._deadline = now_ms + command.within_ms
            return SEND
        if command is None or self._let_go:
            return b""
        if not self._heard.endswith(command.text.encode("ascii", "replace")):
            return b""
        self._let_go = True
        self._deadline = now_ms + command.within_ms
        return b"\r"

    def _prompted(self) -> str:
        """What is to be typed now that the prompt is there; empty where it is not."""
        if self._now is None or not self._let_go or not self._now.then:
            return ""
        if self._typed or self._body:
            return ""
        begin = bytes(self._heard).lstrip(b"\r\n")
        if not begin.startswith(PROMPT):
            return ""
        del self._heard[: len(self._heard) - len(begin) + len(PROMPT)]
        return self._now.then

    def _line(self, line: str, found: list[Answer | Unasked]) -> None:
        if self._head:
            found.append(Unasked(self._head, line))
            self._head = ""
            return
        if line.startswith(WITH_PDU) and not (line.startswith("+CDS:") and "," in line):
            self._head = line
            return
        if line.startswith(OWN_WORDS):
            found.append(Unasked(line))
            return
        if self._now is None or not self._let_go or line.endswith(self._now.text):
            return  # an echo, or the end of an answer that was given up
        if line in {FINAL_OK, "ERROR"} or line.startswith(("+CMS ERROR", "+CME ERROR")):
            found.append(self._answered(self._now, line))
            return
        self._lines.append(line)

    def _answered(self, command: Command, final: str) -> Answer:
        answer = Answer(command, tuple(self._lines), final, self._typed)
        self._now, self._typed, self._lines, self._typings = None, False, [], 0
        self._body = False
        return answer
