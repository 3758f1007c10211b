"""The box rings telephones of its own accord: callbacks, wake-up calls, reminders, a ringer's test.

Times of day stand in the settings; what waits here besides is kept as a document
(``firmware.daemons.handset.bell_book``), so that a restart forgets nobody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from firmware.call.callbacks import Bell, Callbacks, bells, last_daily
from firmware.call.hours import zone_of
from firmware.call.orders import ChangeSettings, Summon
from firmware.call.services import with_services
from firmware.core.fsm import earliest
from firmware.core.settings import Extension, Settings
from firmware.core.timers import Times
from firmware.daemons.handset.bell_book import Awaited, BellBook, Daily, Wish
from firmware.daemons.handset.front import Front

MOST_RINGS = 3
"""A wake-up call rings so often before it is reported as unheard."""

SELF_TEST = "self_test"

RING_TEST_MS = 3_000
"""Chosen: the handset of a self-test lies on its hook before it rings."""


class Pending(msgspec.Struct, kw_only=True):
    """One ringing that is due at ``due_ms``; ``tries`` are those before it."""

    extension: str
    purpose: str
    flow: str
    due_ms: int
    tries: int = 0
    number: str = ""


class Bells:
    """What is to ring, and when."""

    def __init__(self, office: Front) -> None:
        self._office = office
        self._callbacks = Callbacks()
        self._pending: list[Pending] = []
        self._running: dict[str, Pending] = {}  # by call
        self._daily: dict[str, Daily] = {}  # by extension
        self._begun_ms = 0  # nothing rings before call control began
        self.changed = False  # what is to be kept

    # --- keeping ----------------------------------------------------------------------------------

    def know(self, book: BellBook, now_ms: int) -> None:
        """What was to ring as call control ended; said once, at the beginning."""
        self._begun_ms = now_ms
        self._daily = dict(book.daily)
        for awaited in book.callbacks:
            since_ms = min(self._mono(awaited.since, now_ms), now_ms)
            self._callbacks.wait_for(awaited.caller, awaited.target, since_ms)
        for wish in book.wishes:
            self._pending.append(
                Pending(
                    extension=wish.extension,
                    purpose=wish.purpose,
                    flow=wish.flow,
                    due_ms=self._mono(wish.due, now_ms),
                    tries=wish.tries,
                    number=wish.number,
                )
            )

    def book(self, now_ms: int) -> BellBook:
        """What is to be kept. What rings this moment would ring again."""
        return BellBook(
            daily=dict(self._daily),
            wishes=tuple(
                Wish(
                    extension=p.extension,
                    purpose=p.purpose,
                    flow=p.flow,
                    due=self._wall(p.due_ms, now_ms),
                    tries=p.tries,
                    number=p.number,
                )
                for p in (*self._running.values(), *self._pending)
                if p.purpose != SELF_TEST
            ),
            callbacks=tuple(
                Awaited(caller=w.caller, target=w.target, since=self._wall(w.since_ms, now_ms))
                for w in self._callbacks.waiting
            ),
        )

    def _wall(self, at_ms: int, now_ms: int) -> str:
        now = self._office.wall(now_ms)
        return "" if now is None else (now + timedelta(milliseconds=at_ms - now_ms)).isoformat()

    def _mono(self, moment: str, now_ms: int) -> int:
        now = self._office.wall(now_ms)
        if now is None or not moment:
            return now_ms
        return now_ms + (datetime.fromisoformat(moment) - now) // timedelta(milliseconds=1)

    # --- wishes -----------------------------------------------------------------------------------

    def wait_for(self, caller: str, target: str, now_ms: int) -> None:
        """Ring ``caller`` when it and ``target`` are free."""
        self._callbacks.wait_for(caller, target, now_ms)
        self.changed = True

    def no_callbacks(self, caller: str) -> None:
        """The caller waits for nobody any more."""
        self._callbacks.cancel(caller)
        self.changed = True

    def ring_test(self, extension: str, now_ms: int) -> None:
        """Ring the telephone whose ringer is being tested."""
        self._pending.append(
            Pending(
                extension=extension,
                purpose=SELF_TEST,
                flow=f"ringtest:{extension}",
                due_ms=now_ms + RING_TEST_MS,
            )
        )

    def call_from(self, extension: str, number: str, now_ms: int) -> None:
        """Ring the telephone; when it is lifted it dials the number."""
        self._pending.append(
            Pending(extension=extension, purpose="callback", flow="", due_ms=now_ms, number=number)
        )

    def snooze(self, extension: str, kind: str, now_ms: int, times: Times) -> None:
        """Who was woken wants to be woken again."""
        due_ms = now_ms + times["wake_snooze"]
        flow = f"{kind}:{extension}"
        self._pending.append(Pending(extension=extension, purpose=kind, flow=flow, due_ms=due_ms))
        self.changed = True

    # --- time -------------------------------------------------------------------------------------

    def next_deadline(self, settings: Settings, times: Times) -> int | None:
        """When :meth:`advance` wants to be called."""
        idle = self._office.idle_phones()
        rings = [p.due_ms for p in self._pending if self._port(p, settings) in idle]
        return earliest(
            self._callbacks.next_deadline(times["callback_pause"]),
            *rings,
            *(self._at_ms(bell, settings) for bell in self._bells(settings)),
        )

    def advance(self, now_ms: int, settings: Settings, times: Times, out: list[Any]) -> None:
        """Ring what is due."""
        now = self._clock(now_ms, settings)
        for bell in list(self._bells(settings)):
            if now is not None and bell.moment <= now:
                self._strike(bell, now_ms, settings, out)
        idle = self._office.idle_phones()
        for pending in list(self._pending):
            port = self._port(pending, settings)
            if pending.due_ms <= now_ms and port in idle:
                self._pending.remove(pending)
                self._summon(pending, port, now_ms, out)
                return
        due = self._callbacks.take_due(now_ms, times["callback_pause"])
        if due is not None:
            port = _port_of(due.caller, settings)
            pending = Pending(
                extension=due.caller,
                purpose="callback",
                flow="",
                due_ms=now_ms,
                number=due.target,
            )
            self._summon(pending, port, now_ms, out)

    def settle(self, now_ms: int, settings: Settings, times: Times) -> None:
        """Who is free now, and which of our calls are over."""
        self._follow_daily(now_ms, settings)
        idle = self._office.idle_phones()
        for pending in self._pending:
            if self._port(pending, settings) in idle:
                pending.due_ms = max(pending.due_ms, now_ms)
        free = {e.number for e in settings.extensions if e.port in idle}
        self._callbacks.look(free, now_ms, times["callback_expires"])
        for call_id in [c for c in self._running if c not in self._office.calls_by_id]:
            pending = self._running.pop(call_id)
            self.changed = True
            if pending.purpose in {"wake_up", "reminder"}:
                self._unheard(pending, now_ms, times)

    def heard(self, call: str) -> None:
        """The telephone that rang was lifted."""
        if self._running.pop(call, None) is not None:
            self.changed = True

    # --- within -----------------------------------------------------------------------------------

    def _follow_daily(self, now_ms: int, settings: Settings) -> None:
        """A daily bell counts from the moment it is set."""
        now = self._clock(now_ms, settings)
        if now is None:
            return
        wanted = {e.number: e.services.wake_daily for e in settings.extensions}
        for number in [n for n, daily in self._daily.items() if wanted.get(n) != daily.at]:
            del self._daily[number]
            self.changed = True
        for number, at in wanted.items():
            if at and number not in self._daily:
                self._daily[number] = Daily(at=at, done=last_daily(at, now).isoformat())
                self.changed = True

    def _unheard(self, pending: Pending, now_ms: int, times: Times) -> None:
        pending.tries += 1
        if pending.tries >= MOST_RINGS:
            self._office.outside.fraud.alarm("wake_up_unheard", pending.extension)
            return
        pending.due_ms = now_ms + times["wake_again"]
        self._pending.append(pending)

    def _strike(self, bell: Bell, now_ms: int, settings: Settings, out: list[Any]) -> None:
        extension = next(e for e in settings.extensions if e.number == bell.extension)
        flow = f"{bell.kind}:{bell.extension}"
        now = self._clock(now_ms, settings) or bell.moment
        if bell.stale(now):
            self._office.outside.fraud.alarm(f"{bell.kind}_missed", bell.extension)
        else:
            self._pending.append(
                Pending(extension=bell.extension, purpose=bell.kind, flow=flow, due_ms=now_ms)
            )
        self.changed = True
        if bell.once:
            self._forget(extension, bell, now_ms, settings, out)
        else:
            at = extension.services.wake_daily
            self._daily[bell.extension] = Daily(at=at, done=last_daily(at, now).isoformat())

    def _forget(
        self, extension: Extension, bell: Bell, now_ms: int, settings: Settings, out: list[Any]
    ) -> None:
        """A wish for one time is fulfilled."""
        services = msgspec.structs.replace(extension.services, **{bell.kind: ""})
        wanted = with_services(settings, extension.number, services)
        self._office.put_in_force(wanted, now_ms)
        out.append(ChangeSettings(settings=wanted, who="clock", why=f"{bell.kind} rings"))

    def _summon(self, pending: Pending, port: str, now_ms: int, out: list[Any]) -> None:
        call = self._office.open_call(now_ms)
        self.changed = True
        self._running[call.call] = pending
        order = Summon(
            port=port,
            at_ms=now_ms,
            purpose=pending.purpose,
            number=pending.number,
            flow=pending.flow,
        )
        self._office.carry_out(call.handle(order, now_ms), now_ms, out)

    def _clock(self, now_ms: int, settings: Settings) -> datetime | None:
        wall = self._office.wall(now_ms)
        return None if wall is None else wall.astimezone(zone_of(settings)).replace(tzinfo=None)

    def _bells(self, settings: Settings) -> list[Bell]:
        if not any(_has_bell(e) for e in settings.extensions):
            return []
        done = {number: datetime.fromisoformat(d.done) for number, d in self._daily.items()}
        return list(bells(settings, done))

    def _at_ms(self, bell: Bell, settings: Settings) -> int | None:
        start = self._clock(0, settings)
        if start is None:
            return None
        # Rounded up: a clock between two milliseconds would not have come to the moment yet.
        return max(self._begun_ms, -((start - bell.moment) // timedelta(milliseconds=1)))

    @staticmethod
    def _port(pending: Pending, settings: Settings) -> str:
        return _port_of(pending.extension, settings)


def _port_of(number: str, settings: Settings) -> str:
    return next((e.port for e in settings.extensions if e.number == number), "")


def _has_bell(extension: Extension) -> bool:
    services = extension.services
    return bool(services.wake_up or services.wake_daily or services.reminder)
