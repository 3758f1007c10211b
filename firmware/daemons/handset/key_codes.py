"""Codes with a PIN or an account: locks, another's telephone, one more transfer; claiming."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

import msgspec

from firmware.call.orders import GoOn
from firmware.core.settings import Extension, Settings, validate
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.handsets import Handsets

TRANSFERS = "transfers"
"""The name by which wrong PINs for another transfer are counted."""


class KeyCodes:
    """Each method carries out one code; wrong PINs are counted by the office's fraud limits."""

    def __init__(self, handsets: Handsets) -> None:
        self._handsets = handsets

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {
            "claim": self._claim,
            "lock": self._lock,
            "unlock": self._unlock,
            "pin_set": self._pin_set,
            "walk": self._walk,
            "account": self._account,
            "transfer_allow": self._transfer_allow,
        }

    def _right(self, ask: Ask, whose: str, wanted: str, entered: str) -> bool:
        """Whether the PIN is right and counts; otherwise the handset has heard why not."""
        fraud = ask.office.outside.fraud
        if fraud.pin_blocked(whose):
            ask.refuse("password-locked")
            return False
        good = bool(wanted) and hmac.compare_digest(wanted, entered)
        if fraud.pin_tried(whose, good=good):
            return True
        ask.refuse("password-locked" if fraud.pin_blocked(whose) else "password-wrong")
        return False

    def _claim(self, ask: Ask) -> None:
        digits = ask.office.open_claim(ask.now_ms)
        if not digits:
            ask.refuse("claim-done")
            return
        ask.say("claim-code-before", *ask.digits(digits))

    def _lock(self, ask: Ask) -> None:
        if not ask.extension.pin:
            ask.refuse("code-not-now")  # nobody could unlock it again
            return
        ask.change(_with(ask.settings, ask.extension, locked=True))
        ask.say("set-locked")

    def _unlock(self, ask: Ask) -> None:
        (entered,) = ask.order.arguments
        if self._right(ask, ask.extension.number, ask.extension.pin, entered):
            ask.change(_with(ask.settings, ask.extension, locked=False))
            ask.say("set-unlocked")

    def _pin_set(self, ask: Ask) -> None:
        old, new = ask.order.arguments
        mine = ask.extension
        if mine.pin and not self._right(ask, mine.number, mine.pin, old):
            return
        wanted = _with(ask.settings, mine, pin=new)
        if set(validate(wanted)) - set(validate(ask.settings)):
            ask.refuse("number-wrong")
            return
        ask.change(wanted)
        ask.say("password-changed")

    def _walk(self, ask: Ask) -> None:
        whose, entered, number = ask.order.arguments
        other = ask.extension_named(whose)
        wanted = other.pin if other is not None else ""
        if self._right(ask, whose, wanted, entered):
            ask.tell(ask.call, GoOn(number=number, payer=whose))

    def _account(self, ask: Ask) -> None:
        account, number = ask.order.arguments
        if account not in ask.settings.account_codes:
            ask.refuse("account-wrong")
            return
        ask.tell(ask.call, GoOn(number=number, account=account))

    def _transfer_allow(self, ask: Ask) -> None:
        session = self._handsets.sessions.get(ask.port)
        if session is None or session.held is None:
            ask.refuse("hold-none")
            return
        (entered,) = ask.order.arguments
        if self._right(ask, TRANSFERS, ask.settings.transfers.pin, entered):
            session.held.transfer_allowed = True
            ask.say("done")


def _with(settings: Settings, extension: Extension, **fields: object) -> Settings:
    return msgspec.structs.replace(
        settings,
        extensions=tuple(
            msgspec.structs.replace(e, **fields) if e.number == extension.number else e
            for e in settings.extensions
        ),
    )
