"""A modem that knows text mode alone: what it makes of parameters and words, and shows of PDUs.

Written for the bench from 3GPP TS 27.005, 3; it shares nothing with the box's own codec.
"""

from __future__ import annotations

import re

from tests.bench.cellular.codec import Bits, Submitted, gsm_codes, letters


class WordsFace:
    """``kind`` is ``standard`` or ``unicode``: the second has no parameters, headers or reports."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._first, self._coding = 17, 0
        self._number, self._length = "", -1
        self._charset = "GSM"

    def reply(self, line: str) -> list[str] | None:
        """Answers to what it sets up; None for other commands."""
        if line == "AT+CMGF=1":
            return ["OK"]
        if self.kind == "unicode":
            return ["OK"] if line == "AT+WSCL=6,4" else None
        if line.startswith("AT+CSCS="):
            self._charset = line.split('"')[1]
            return ["OK"]
        if line == "AT+CSDH=1":
            return ["OK"]
        if found := re.fullmatch(r"AT\+CSMP=(\d+),(\d+),(\d+),(\d+)", line):
            self._first, self._coding = int(found[1]), int(found[4])
            return ["OK"]
        return None

    def addressed(self, line: str) -> bool:
        """It is a command to send, to a number that can be one."""
        pattern = r'AT\+CMGS="([0-9A-F+]+)",(\d+)' if self.kind == "unicode" else r'AT\+CMGS="(.+)"'
        found = re.fullmatch(pattern, line)
        if found is None:
            return False
        self._number = found[1]
        if self.kind == "unicode":
            self._length = int(found[2])
        else:
            assert self._charset == "UCS2"
            self._number = bytes.fromhex(found[1]).decode("utf-16-be")
        return re.fullmatch(r"\+?\d+", self._number) is not None

    def submitted(self, typed: str) -> Submitted:
        """What the network gets; ``ValueError`` where it is no message."""
        data = bytes.fromhex(typed)
        if self.kind == "unicode":
            if len(data) != self._length or len(data) > 140:
                raise ValueError(f"{len(data)} octets, {self._length} announced")
            return Submitted(self._number, data.decode("utf-16-be"), False, len(data))
        reports = bool(self._first & 32)
        if not self._first & 64 and self._coding == 0:
            text = data.decode("utf-16-be")
            if len(gsm_codes(text) or ()) not in range(1, 161):
                raise ValueError("no text in GSM letters")
            return Submitted(self._number, text, reports, len(data))
        if len(data) > 140:
            raise ValueError("too long")
        header = data[0] + 1 if self._first & 64 else 0
        if header and data[1:3] != b"\x00\x03":
            raise ValueError("an unknown header")
        place = (data[3], data[4], data[5]) if header else (0, 1, 1)
        if self._coding != 8:
            raise ValueError("how many septets these octets hold is told nowhere")
        text = data[header:].decode("utf-16-be")
        return Submitted(self._number, text, reports, len(data), *place)

    def shown(self, pdu: str) -> list[str]:
        """A message of the store as ``+CMGR`` tells it."""
        data = bytes.fromhex(pdu)[1 + bytes.fromhex(pdu)[0] :]
        if data[0] & 3 == 2:
            number, at = _address(data, 2)
            stamps = [_stamp(data[at + 7 * n : at + 7 * n + 7]) for n in (0, 1)]
            status = data[at + 14]
            line = f'"REC UNREAD",{data[0]},{data[1]},"{self._words(number)}",129'
            return [f'+CMGR: {line},"{stamps[0]}","{stamps[1]}",{status}']
        number, at = _address(data, 1)
        kind = 145 if number.startswith("+") else 129
        coding, stamp, length = data[at + 1], _stamp(data[at + 2 : at + 9]), data[at + 9]
        body = data[at + 10 :]
        header = data[0] & 64
        if coding == 0 and not header:
            bits = Bits.of(body)
            text = letters([bits.septet(n, 0) for n in range(length)])
            shown = text.encode("utf-16-be").hex().upper()
        else:
            shown = body.hex().upper()
        if self.kind == "unicode":
            return [f'+CMGR: "REC UNREAD","{number}",,"{stamp}"', shown]
        line = f'"REC UNREAD","{self._words(number)}","","{stamp}",{kind},{data[0]},0'
        return [f'+CMGR: {line},{coding},"",145,{length}', shown]

    def _words(self, text: str) -> str:
        return text.encode("utf-16-be").hex().upper() if self._charset == "UCS2" else text


def _address(data: bytes, at: int) -> tuple[str, int]:
    digits = data[at]
    end = at + 2 + (digits + 1) // 2
    packed = data[at + 2 : end]
    number = "".join(f"{o & 15:X}{o >> 4:X}" for o in packed)[:digits]
    return ("+" if data[at + 1] == 0x91 else "") + number, end


def _stamp(data: bytes) -> str:
    s = [f"{o & 15}{o >> 4}" for o in data]
    return f"{s[0]}/{s[1]}/{s[2]},{s[3]}:{s[4]}:{s[5]}+{s[6]}"
