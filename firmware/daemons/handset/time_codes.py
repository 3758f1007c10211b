"""Codes that tell or take times, and codes that only ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import msgspec

from firmware.call.hours import zone_of
from firmware.call.orders import GoOn
from firmware.call.services import with_services
from firmware.core.settings import Notice, Services
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.dialogs import comfort_key
from firmware.dialogs.told import DropPrompt, StudioOrder
from ivr.speech import say_time

CLOCK_DIGITS = 4


class TimeCodes:
    """Each method carries out one code."""

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {
            "wake_up_on": self._once,
            "reminder_on": self._once,
            "wake_daily_on": self._daily,
            "wake_up_off": self._off,
            "reminder_off": self._off,
            "wake_up_say": self._wake_up_say,
            "say_time": self._say_time,
            "say_address": self._say_address,
            "say_forward": self._say_forward,
            "self_test": self._self_test,
            "record_prompts": self._record_prompts,
            "greeting": self._greeting,
            "comfort_on": self._comfort_on,
            "comfort_off": self._comfort_off,
            "notice_on": self._notice_on,
            "notice_off": self._notice_off,
        }

    def _now(self, ask: Ask) -> datetime | None:
        wall = ask.office.wall(ask.now_ms)
        return None if wall is None else wall.astimezone(zone_of(ask.settings))

    def _set(self, ask: Ask, **fields: str) -> None:
        services: Services = msgspec.structs.replace(ask.extension.services, **fields)
        ask.change(with_services(ask.settings, ask.extension.number, services))

    def _once(self, ask: Ask) -> None:
        at, now = _clock(ask.order.arguments[0]), self._now(ask)
        if at is None or now is None:
            ask.refuse("number-wrong" if at is None else "system-error")
            return
        due = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        if due <= now:
            due += timedelta(days=1)
        moment = due.replace(tzinfo=None).isoformat(timespec="minutes")
        if ask.order.service == "reminder_on":
            self._set(ask, reminder=moment)
            ask.say("reminder-set-before", *say_time(at, ask.language))
            return
        self._set(ask, wake_up=moment)
        ask.say("wake-up-set-before", *say_time(at, ask.language))

    def _daily(self, ask: Ask) -> None:
        at = _clock(ask.order.arguments[0])
        if at is None:
            ask.refuse("number-wrong")
            return
        self._set(ask, wake_daily=f"{at:%H:%M}")
        ask.say("wake-up-set-before", *say_time(at, ask.language))

    def _off(self, ask: Ask) -> None:
        if ask.order.service == "reminder_off":
            self._set(ask, reminder="")
            ask.say("reminder-off")
            return
        self._set(ask, wake_up="", wake_daily="")
        ask.say("wake-up-off")

    def _wake_up_say(self, ask: Ask) -> None:
        services = ask.extension.services
        times = [datetime.fromisoformat(services.wake_up).time()] if services.wake_up else []
        times += [time.fromisoformat(services.wake_daily)] if services.wake_daily else []
        if not times:
            ask.say("wake-up-none")
            return
        said = [key for at in times for key in say_time(at, ask.language)]
        ask.say("wake-up-set-before", *said)

    def _say_time(self, ask: Ask) -> None:
        now = self._now(ask)
        if now is None:
            ask.refuse("system-error")
            return
        ask.say("time-now-before", *say_time(now.time(), ask.language))

    def _say_address(self, ask: Ask) -> None:
        address = ask.office.address
        if not address:
            ask.say("address-none")
            return
        said: list[str] = []
        for part in address.split("."):
            said += [*(["address-dot"] if said else []), *ask.digits(part)]
        ask.say("address-before", *said)

    def _say_forward(self, ask: Ask) -> None:
        services = ask.extension.services
        said: list[str] = []
        for field in ("forward_all", "forward_busy", "forward_no_answer"):
            if number := getattr(services, field):
                said += [f"{field.replace('_', '-')}-on-before", *ask.digits(number)]
        if services.do_not_disturb:
            said.append("do-not-disturb-on")
        ask.say(*(said or ["forward-off"]))

    def _self_test(self, ask: Ask) -> None:
        ask.tell(ask.call, GoOn(number="", flow=f"selftest:{ask.extension.number}"))

    def _record_prompts(self, ask: Ask) -> None:
        ask.tell(ask.call, GoOn(number="", flow=f"studio:{ask.extension.number}"))

    def _notice_on(self, ask: Ask) -> None:
        ask.tell(ask.call, GoOn(number="", flow=f"notice:{ask.extension.number}"))

    def _notice_off(self, ask: Ask) -> None:
        hours = msgspec.structs.replace(ask.settings.hours, notice=Notice())
        ask.change(msgspec.structs.replace(ask.settings, hours=hours))
        ask.say("notice-off")

    def _greeting(self, ask: Ask) -> None:
        ask.tell(ask.call, GoOn(number="", flow=f"greeting:{ask.extension.number}"))

    def _comfort_on(self, ask: Ask) -> None:
        ask.tell(ask.call, GoOn(number="", flow=f"comfort:{ask.extension.number}"))

    def _comfort_off(self, ask: Ask) -> None:
        key = comfort_key(ask.extension.number)
        order = DropPrompt(language=ask.settings.language, key=key)
        ask.out.append(StudioOrder(call=ask.call.call, extension=ask.extension.number, order=order))
        ask.say("feature-off")


def _clock(digits: str) -> time | None:
    """``0730`` as a time of day, None for what is none."""
    if len(digits) != CLOCK_DIGITS:
        return None
    hour, minute = int(digits[:2]), int(digits[2:])
    return time(hour, minute) if hour < 24 and minute < 60 else None
