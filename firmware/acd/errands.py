"""Calls that are owed, as visits: they stand in line when due and go back when nobody took them."""

from __future__ import annotations

from firmware.acd.agent import Agent
from firmware.acd.effects import Alarm, Refused, TaskChanged
from firmware.acd.events import CallbackAsked, TaskAttempted, TaskEnded, TaskOpened, TaskPutOff
from firmware.acd.hall import Hall
from firmware.acd.staff import Staff
from firmware.acd.tasks import Task, TaskRefused
from firmware.acd.visit import Visit
from firmware.acd.waiting import Waiting


class Errands:
    """Hands out what the office owes."""

    __slots__ = ("hall", "staff", "waiting")

    def __init__(self, hall: Hall, staff: Staff, waiting: Waiting) -> None:
        self.hall = hall
        self.staff = staff
        self.waiting = waiting

    def open(self, event: TaskOpened, now_ms: int) -> None:
        """A call is owed."""
        wall_ms = self.hall.wall_ms(now_ms)
        try:
            task = self.hall.book.open(
                event.kind,
                event.number,
                wall_ms,
                due_ms=wall_ms + event.in_ms,
                queue=event.queue,
                owner=event.owner,
                name=event.name,
                note=event.note,
                about=event.about,
                language=event.language,
                topic=event.topic,
            )
        except TaskRefused as refused:
            self.hall.say(
                Refused(agent=event.owner, what="task", why=refused.why, about=event.number)
            )
            return
        self._say(task, "opened")
        self.look(now_ms)

    def callback(self, visit: Visit, event: CallbackAsked, now_ms: int) -> None:
        """He leaves the line and keeps his place."""
        hall = self.hall
        wall_ms = hall.wall_ms(now_ms)
        try:
            task = hall.book.open(
                "callback",
                event.number,
                wall_ms,
                queue=visit.queue,
                name=visit.name,
                language=visit.language,
                about=visit.id,
                order_ms=visit.order_ms,
            )
        except TaskRefused as refused:
            why, number = refused.why, event.number
            hall.say(Refused(agent="", what="callback", why=why, about=f"{visit.id} {number}"))
            return
        self.waiting.out(visit, "callback", now_ms)
        self._say(task, "opened")
        self._stand(task, now_ms, visit)

    def ended(self, event: TaskEnded, now_ms: int) -> None:
        """A person says that nothing is owed any more; whoever talks about it just now goes on."""
        hall = self.hall
        task = hall.book.tasks.get(event.task)
        standing = hall.visits.get(_visit_of(task)) if task is not None else None
        talking = standing is not None and standing.state == "talking"
        if task is None or event.task not in hall.book.live or talking:
            why = "in_hand" if talking else "no_task"
            hall.say(Refused(agent="", what="task", why=why, about=event.task))
            return
        if standing is not None:
            self.waiting.out(standing, "callback", now_ms)
        hall.book.settled(task, event.how, hall.wall_ms(now_ms))
        self._say(task, event.how)
        self.look(now_ms)

    def put_off(self, event: TaskPutOff, now_ms: int) -> None:
        """Not now; an agent who has it in hand is free again, and nothing was attempted."""
        hall = self.hall
        task = hall.book.live.get(event.task)
        if task is None:
            hall.say(Refused(agent="", what="task", why="no_task", about=event.task))
            return
        standing = hall.visits.get(_visit_of(task))
        if standing is not None and standing.state == "talking":
            agent = hall.agents.get(standing.agent)
            if agent is not None:
                self.staff.end_talk(agent, now_ms, work=False)
            del hall.visits[standing.id]
        elif standing is not None:
            self.waiting.out(standing, "callback", now_ms)
        hall.book.back(task, hall.wall_ms(now_ms), event.in_ms)
        self._say(task, "put_off")
        self.look(now_ms)

    def missed(self, visit: Visit, now_ms: int) -> None:
        """He gave up: somebody calls him back, once."""
        if not visit.number:
            return
        try:
            task = self.hall.book.open(
                "missed_call",
                visit.number,
                self.hall.wall_ms(now_ms),
                queue=visit.queue,
                owner=visit.wants,
                name=visit.name,
                language=visit.language,
                about=visit.id,
            )
        except TaskRefused:
            return
        self._say(task, "opened")
        self.look(now_ms)

    def interrupted(self, visit: Visit, now_ms: int) -> None:
        """The box lost him, waiting or talking: somebody calls him back at once."""
        try:
            task = self.hall.book.open(
                "power_cut",
                visit.number,
                self.hall.wall_ms(now_ms),
                queue=visit.queue,
                name=visit.name,
                language=visit.language,
                about=visit.id,
            )
        except TaskRefused:
            return
        self._say(task, "opened")
        self.look(now_ms)

    def spoken_with(self, visit: Visit, now_ms: int) -> None:
        """A caller was answered: what was owed to him is done."""
        task = self.hall.book.reached_meanwhile(visit.number, self.hall.wall_ms(now_ms))
        if task is None:
            return
        standing = self.hall.visits.get(_visit_of(task))
        if standing is not None and standing.state != "talking":
            self.waiting.out(standing, "callback", now_ms)
        self._say(task, "called_again")
        self.look(now_ms)

    def attempted(self, agent: Agent, event: TaskAttempted, now_ms: int) -> None:
        """The far end was reached, or the agent is free again."""
        hall = self.hall
        visit = hall.visits.get(agent.record.visit)
        if visit is None or not visit.task:
            return
        task = hall.book.tasks.get(visit.task)
        if task is None or task.state != "offered":
            if not hall.book.spoken_all_the_same(task, event.result, hall.wall_ms(now_ms)):
                self.staff.end_talk(agent, now_ms, work=False)
                del hall.visits[visit.id]
            return
        goes_on = hall.book.attempted(task, event.result, hall.wall_ms(now_ms))
        self._say(task, event.result)
        if not goes_on:
            hall.say(Alarm(what="task_failed", about=task.id, value=task.attempts))
        if event.result != "reached":
            self.staff.end_talk(agent, now_ms, work=False)
            del hall.visits[visit.id]
        self.look(now_ms)

    def dropped(self, visit: Visit, now_ms: int) -> None:
        """The agent hung up before anybody was reached: the task is due again."""
        task = self.hall.book.tasks.get(visit.task)
        if task is not None and task.state == "offered":
            self.hall.book.back(task, self.hall.wall_ms(now_ms))
            self._say(task, "not_taken")
            self.look(now_ms)

    def close(self, now_ms: int) -> None:
        """The office closed: what stands in line waits for the next opening."""
        for visit in tuple(self.hall.visits.values()):
            if visit.task and visit.state != "talking":
                self.waiting.out(visit, "overflow", now_ms)
                self.dropped(visit, now_ms)

    def look(self, now_ms: int) -> None:
        """Put due tasks into their lines, and see which are late."""
        hall = self.hall
        wall_ms = hall.wall_ms(now_ms)
        for task in hall.book.escalate(wall_ms):
            self._say(task, f"level_{task.level}")
            if task.level == 2:
                hall.say(Alarm(what="task_late", about=task.id, value=wall_ms - task.due_ms))
            standing = hall.visits.get(_visit_of(task))
            if standing is not None:
                self.staff.release_wish(standing.id)
        if hall.memo.open:
            for task in hall.book.due(wall_ms):
                self._stand(task, now_ms)
        next_ms = hall.book.next_wall_ms(wall_ms, handed_out=hall.memo.open)
        if next_ms is not None:
            hall.wheel.set("tasks", "", max(next_ms - hall.memo.offset_ms, now_ms + 1_000))

    def _stand(self, task: Task, now_ms: int, before: Visit | None = None) -> None:
        hall = self.hall
        wall_ms = hall.wall_ms(now_ms)
        owner = hall.agents.get(task.owner) if task.level == 0 else None
        queue = task.queue or next(iter(self._queues_of(task.owner)), "")
        if queue not in hall.queues:
            hall.book.back(task, wall_ms, 600_000)
            hall.say(Alarm(what="task_without_queue", about=task.id))
            return
        if task.owner and task.level == 0 and (owner is None or owner.state == "logged_out"):
            hall.book.back(task, wall_ms)
            return
        hall.book.offered(task, wall_ms)
        hall.memo.seq += 1
        kept = task.kind == "callback" and task.attempts == 0 and task.order_ms
        visit = Visit(
            id=_visit_of(task),
            queue=queue,
            kind="callback" if kept else "task",
            caller_class=before.caller_class if before is not None else "medium",
            number=task.number,
            name=task.name,
            language=task.language,
            skills=before.skills if before is not None else (),
            entered_ms=now_ms,
            since_ms=before.since_ms if before is not None else now_ms,
            order_ms=task.order_ms if kept else now_ms,
            seq=before.seq if before is not None else hall.memo.seq,
            wants=task.owner if owner is not None else "",
            last_said_ms=now_ms,
            hops=(task.note,) if task.note else (),
            task=task.id,
        )
        self.waiting.add(visit, now_ms)
        self._say(task, "due")

    def _queues_of(self, number: str) -> dict[str, int]:
        return self.hall.memberships(number) if number in self.hall.people else {}

    def _say(self, task: Task, what: str) -> None:
        self.hall.say(
            TaskChanged(
                task=task.id,
                kind=task.kind,
                number=task.number,
                owner=task.owner,
                what=what,
                queue=task.queue,
            )
        )


def _visit_of(task: Task) -> str:
    return f"{task.id}.{task.attempts}"
