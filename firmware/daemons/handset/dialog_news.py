"""What a dialog with a handset found out, and what the office makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from firmware.call.hours import with_notice
from firmware.call.orders import ChangeSettings
from firmware.core.acd_entries import TaskKind, TaskOpened
from firmware.core.log_entries import ServiceUsed
from firmware.core.settings import extension_at
from firmware.dialogs.told import (
    AlarmsKnown,
    CallBackWanted,
    DropPrompt,
    Heard,
    JudgeTake,
    KeepTake,
    NoticeRecorded,
    RingTest,
    SelfTested,
    Snoozed,
    StudioOrder,
    Told,
)

if TYPE_CHECKING:
    from firmware.daemons.office import Office

CALL_BACK_WITHIN: Final = timedelta(hours=1)
"""Chosen: a caller who was passed to somebody absent is called back within the hour."""


class DialogNews:
    """Hears what is nobody else's.

    Args:
        office: That carries it out.
    """

    def __init__(self, office: Office) -> None:
        self._office = office

    def told(self, call_id: str, told: Told, now_ms: int, out: list[Any]) -> None:
        """A dialog of this call has found out something."""
        office = self._office
        match told:
            case CallBackWanted():
                wall = office.wall(now_ms)
                due = (
                    "" if wall is None else (wall + CALL_BACK_WITHIN).isoformat(timespec="seconds")
                )
                task = TaskOpened(
                    call=call_id,
                    at_ms=now_ms,
                    task=f"{call_id}-back",
                    kind=TaskKind.CALLBACK,
                    number=told.number,
                    agent=told.extension,
                    due_wall=due,
                )
                office.carry_out([task], now_ms, out)
            case Heard():
                office.bells.heard(call_id)
            case Snoozed():
                office.bells.snooze(told.extension, told.kind, now_ms, office.settings.times())
            case AlarmsKnown():
                office.watch.known()
            case RingTest():
                office.bells.ring_test(told.extension, now_ms)
            case SelfTested():
                tested = ServiceUsed(
                    call=call_id,
                    at_ms=now_ms,
                    service="self_test",
                    argument=told.found,
                    done=told.good,
                )
                office.carry_out([tested], now_ms, out)
            case NoticeRecorded():
                if (now := office.wall(now_ms)) is not None:
                    wanted = with_notice(office.settings, told.key, told.hours, now)
                    office.put_in_force(wanted, now_ms)
                    who = f"handset {told.extension}"
                    out.append(ChangeSettings(settings=wanted, who=who, why="notice"))
            case JudgeTake() | KeepTake() | DropPrompt():
                call = office.calls_by_id.get(call_id)
                extension = extension_at(office.settings, call.origin) if call else None
                number = extension.number if extension else ""
                out.append(StudioOrder(call=call_id, extension=number, order=told))
