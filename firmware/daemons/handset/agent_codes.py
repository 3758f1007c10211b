"""Codes of agents at their handsets: log in and out, pause, ready, results, and what they may hear.

Every code answers with a sentence; a wrong one says what is wrong and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.call.orders import GoOn
from firmware.core.acd_settings import agent_named
from firmware.core.pin import pin_fits
from firmware.core.report_settings import Target, target_of
from firmware.daemons.floor.queues import QueueDesk
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.day_figures import target_prompts
from firmware.dialogs.after_call import RESULTS
from firmware.dialogs.cockpit import View
from ivr.speech import say_duration, say_number

PIN_TRIES: Final = 3
PIN_BLOCK_MS: Final = 900_000
"""After so many wrong PINs at one telephone nobody logs in there for 15 min; the outside lines'
PINs are guarded alike (``firmware.call.fraud``)."""

HOUR_MS: Final = 3_600_000
MOST_HOURS: Final = 168

WHY: Final[Mapping[str, str]] = {
    "longest_idle": "why-longest-idle",
    "longest_wait": "why-longest-idle",
    "fewest_calls": "why-fewest-calls",
    "least_talk": "why-least-talk",
    "skill_first": "why-skill",
    "round_robin": "why-turn",
    "linear": "why-turn",
    "weighted_random": "why-turn",
    "ring_all": "why-all-ring",
    "last_served": "why-same-agent",
    "wish": "why-named",
    "second_choice": "why-only-one",
    "vip": "why-only-one",
}

MARKED: Final[Mapping[str, str]] = {
    "wrong_number": "wrong-number-marked",
    "not_business": "not-business-marked",
}
"""Results that say what the call was not; any other is a result that is saved."""

REFUSED: Final[Mapping[str, str]] = {
    "unknown_agent": "agent-login-failed",
    "set_busy": "agent-phone-taken",
    "busy_elsewhere": "agent-phone-taken",
    "last_agent": "agent-last-one",
    "logged_out": "agent-not-logged-in",
    "unknown_reason": "pause-reason-unknown",
    "no_wrap_up": "code-not-now",
    "do_not_call": "task-do-not-call",
}


class AgentCodes:
    """Each method carries out one code.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._failed: dict[str, tuple[int, int]] = {}  # port to failures, and blocked until

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {
            "agent_login": self._log_in,
            "agent_login_open": self._log_in,
            "agent_logout": self._log_out,
            "agent_pause": self._pause,
            "agent_ready": self._ready,
            "agent_result": self._result,
            "agent_more_time": self._more_time,
            "queue_status": self._status,
            "agent_day": self._day,
            "agent_why": self._why,
            "agent_cockpit": self._cockpit,
            "agent_promise": self._promise,
        }

    # --- logging in and out -------------------------------------------------------------------

    def _log_in(self, ask: Ask) -> None:
        number, pin = (*ask.order.arguments, "")[:2]
        failures, until_ms = self._failed.get(ask.port, (0, 0))
        if ask.now_ms < until_ms:
            ask.refuse("agent-login-failed")
            return
        person = agent_named(ask.settings.acd, number)
        if person is None or not pin_fits(pin, person.pin_hash):
            blocked = ask.now_ms + PIN_BLOCK_MS if failures + 1 >= PIN_TRIES else 0
            self._failed[ask.port] = (0 if blocked else failures + 1, blocked)
            ask.refuse("agent-login-failed")
            return
        self._failed.pop(ask.port, None)
        if self._told(ask, told.LoggedIn(agent=number, port=ask.port)):
            return
        queues = self._desk.acd.hall.memberships(number)
        spoken = ["agent-logged-in"]
        for queue in queues:
            spoken += ["agent-joined-before", *ask.digits(queue)]
        spoken += [] if queues else ["agent-no-queue"]
        if not self._desk.bulletins.told_at_login(ask, number, tuple(spoken)):
            ask.say(*spoken)

    def _log_out(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if agent and not self._told(ask, told.LoggedOut(agent=agent)):
            ask.say("agent-logged-out")

    # --- states -------------------------------------------------------------------------------

    def _pause(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if not agent:
            return
        key = ask.order.arguments[0]
        pause = next((p for p in ask.settings.acd.pauses if p.key == key), None)
        if pause is None:
            ask.refuse("pause-reason-unknown")
            return
        if self._told(ask, told.PauseAsked(agent=agent, reason=pause.reason)):
            return
        spoken = ["agent-paused"]
        if pause.budget_s:
            used_ms = self._desk.acd.hall.agents[agent].record.day.pauses_ms.get(pause.reason, 0)
            left_s = max(pause.budget_s - used_ms // 1_000, 0)
            minutes_s = left_s // 60 * 60
            left = ["pause-left-before", *say_duration(minutes_s, ask.language)]
            spoken += left if minutes_s else ["pause-used-up"]
        ask.say(*spoken)

    def _ready(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if agent and not self._told(ask, told.ReadyAsked(agent=agent)):
            ask.say("agent-ready")

    def _result(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if not agent:
            return
        keys = ask.order.arguments[0]
        result, topic = RESULTS.get(keys[:1], ""), keys[1:]
        if not result or len(topic) not in {0, 2}:
            ask.refuse("number-wrong")
            return
        if not self._told(ask, told.WrapUpDone(agent=agent, result=result, topic=topic)):
            ask.say(MARKED.get(result, "result-saved"))

    def _more_time(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if agent and not self._told(ask, told.WrapUpExtended(agent=agent, seconds=180)):
            ask.say("wrap-up-extended")

    # --- hearing ------------------------------------------------------------------------------

    def _cockpit(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if not agent:
            return
        live = self._desk.acd.hall.book.live.values()
        mine = [task for task in live if task.owner in {agent, ""}]
        tasks = self._counted("cockpit-tasks-before", len(mine), ask.language) or ("task-none",)
        promised = sum(task.kind == "promise" for task in mine)
        messages = self._desk.office.waiting_messages(ask.extension.number)
        more = (
            *self._counted("cockpit-promises-before", promised, ask.language),
            *self._counted("cockpit-messages-before", messages, ask.language),
            *self._counted("cockpit-tickets-before", self._desk.tickets_of(agent), ask.language),
        )
        waiting, day = tuple(self._waiting(ask)), tuple(self._day_of(agent, ask))
        self._desk.room.views[agent] = View(
            summary=(*waiting, *tasks, *more, *day),
            tasks=tasks,
            day=day,
            mailbox=ask.extension.number,
            owes=bool(mine),
        )
        ask.tell(ask.call, GoOn(number="", flow=f"cockpit:{agent}"))

    @staticmethod
    def _counted(before: str, count: int, language: str) -> tuple[str, ...]:
        return (before, *say_number(count, language)) if count else ()

    def _status(self, ask: Ask) -> None:
        ask.say(*self._waiting(ask))

    def _waiting(self, ask: Ask) -> list[str]:
        hall = self._desk.acd.hall
        agent = self._desk.agent_at(ask.port)
        queues = hall.memberships(agent) if agent else hall.queues
        lines = [hall.queues[queue] for queue in queues]
        waiting = sum(line.waiting for line in lines)
        if not waiting:
            return ["waiting-nobody"]
        longest_s = max(line.longest_ms(ask.now_ms) for line in lines) // 1_000
        return [
            "agent-waiting-before",
            *say_number(waiting, ask.language),
            "agent-longest-before",
            *say_duration(longest_s, ask.language),
        ]

    def _day(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if agent:
            ask.say(*self._day_of(agent, ask))

    def _day_of(self, agent: str, ask: Ask) -> list[str]:
        """His day, each figure that has a target of his own or of everybody beside it."""
        language, goals = ask.language, ask.settings.desk.targets
        today, targets = self._desk.today(ask.now_ms), ask.settings.reports.targets
        own = {code: target_of(targets, code, today, agent) for code in ("a", "aht")}
        if own["a"] is None and goals.calls:
            own["a"] = Target(figure="a", value=goals.calls)
        day = self._desk.acd.hall.agents[agent].record.day
        if not day.calls:
            return ["day-nothing"]
        spoken = ["day-calls-before", *say_number(day.calls, language)]
        spoken += target_prompts(own["a"], language)
        if day.missed:
            spoken += ["day-missed-before", *say_number(day.missed, language)]
        spoken += ["day-talk-before", *say_duration(day.talking_ms // 1_000, language)]
        handled_s = (day.talking_ms + day.hold_ms + day.wrap_up_ms) // 1_000
        spoken += ["day-average-before", *say_duration(handled_s // day.calls, language)]
        spoken += target_prompts(own["aht"], language)
        if solved := day.results.get("solved", 0):
            spoken += ["day-solved-before", *say_number(solved, language)]
        return spoken

    def _why(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if agent:
            ask.say(WHY.get(self._desk.sets.why.get(agent, ""), "why-none"))

    def _promise(self, ask: Ask) -> None:
        agent = self._agent(ask)
        if not agent:
            return
        hours, number = ask.order.arguments
        if not 1 <= int(hours) <= MOST_HOURS:
            ask.refuse("number-wrong")
            return
        last = self._desk.after.last.get(agent)
        same = last is not None and last.number == number
        event = told.TaskOpened(
            kind="promise",
            number=number,
            in_ms=int(hours) * HOUR_MS,
            owner=agent,
            name=last.name if last is not None and same else "",
            topic=last.topic if last is not None and same else "",
            about=self._desk.acd.hall.agents[agent].record.last_visit,
        )
        if not self._told(ask, event):
            ask.say("callback-booked")

    # --- within -------------------------------------------------------------------------------

    def _agent(self, ask: Ask) -> str:
        """Who is logged in at this telephone; nobody hears that."""
        agent = self._desk.agent_at(ask.port)
        if not agent:
            ask.refuse("agent-not-logged-in")
        return agent

    def _told(self, ask: Ask, event: Any) -> bool:
        """Tell the queues; whether they refused, and why was said."""
        for effect in self._desk.tell(event, ask.now_ms, ask.out):
            if isinstance(effect, said.Refused):
                ask.refuse(REFUSED.get(effect.why, "feature-unknown"))
                return True
        return False
