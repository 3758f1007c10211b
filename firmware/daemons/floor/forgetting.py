"""A person who was erased is forgotten by queues and agents too, which keep some numbers in memory.

Who is on the line at this moment is served to the end; what is owed to him is owed no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firmware.acd import events as told
from firmware.storage.erasure import NumberError, core_digits

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk


def forget(desk: QueueDesk, number: str, now_ms: int, out: list[Any]) -> None:
    """Take a number out of what queues remember.

    Args:
        desk: Queues and agents.
        number: As it was erased, in any form.
        now_ms: Monotonic.
        out: Effects go here.
    """
    try:
        core = core_digits(number)
    except NumberError:
        return
    hall = desk.acd.hall
    for task in [task for task in hall.book.live.values() if _is(task.number, core)]:
        desk.tell(told.TaskEnded(task=task.id, how="withdrawn"), now_ms, out)
    for task in list(hall.book.tasks.values()):
        if _is(task.number, core) and task.id not in hall.book.live:
            del hall.book.tasks[task.id]
    for key in [key for key in hall.places.kept if _is(key[0], core)]:
        del hall.places.kept[key]
    for kept in (hall.memo.served, desk.texts.sent, desk.surveys.unasked):
        for known in [known for known in kept if _is(known, core)]:
            del kept[known]
    for agent in [a for a, last in desk.after.last.items() if _is(last.number, core)]:
        del desk.after.last[agent]
    desk.changed = True


def _is(number: str, core: str) -> bool:
    return core in "".join(c for c in number if c.isdigit())
