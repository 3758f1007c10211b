"""What a process holds: memory, descriptors, threads; and how memory grows with work done.

Resident memory is read as anonymous memory (``RssAnon`` of proc(5)): pages of files that come and
go with the cache are nobody's leak.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Health(NamedTuple):
    """One look at a process; ``done`` is how much work it had done by then."""

    done: int
    resident_kb: int
    anonymous_kb: int
    descriptors: int
    threads: int


def look(pid: int, done: int) -> Health:
    """Look at a process of this machine.

    Raises:
        FileNotFoundError: there is no such process.
    """
    fields: dict[str, str] = {}
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        fields[name] = value
    return Health(
        done=done,
        resident_kb=int(fields["VmRSS"].split()[0]),
        anonymous_kb=int(fields["RssAnon"].split()[0]),
        descriptors=sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
        threads=int(fields["Threads"]),
    )


def slope_kb(seen: Sequence[Health], per: int, warm: int = 0) -> float:
    """How much anonymous memory grows in ``per`` pieces of work: least squares, after ``warm``."""
    points = [(one.done, one.anonymous_kb) for one in seen if one.done >= warm]
    if len({x for x, _ in points}) < 2:
        raise ValueError(f"{len(points)} looks after {warm} pieces of work; two at least.")
    x_mean = sum(x for x, _ in points) / len(points)
    y_mean = sum(y for _, y in points) / len(points)
    over = sum((x - x_mean) * (y - y_mean) for x, y in points)
    return per * over / sum((x - x_mean) ** 2 for x, _ in points)


def table(seen: Mapping[str, Sequence[Health]], per: int, warm: int) -> str:
    """A line a process: first and last look after ``warm``, and the slope."""
    lines = []
    for name, looks in seen.items():
        kept = [one for one in looks if one.done >= warm]
        first, last = kept[0], kept[-1]
        lines.append(
            f"{name:6} memory {first.anonymous_kb / 1024:.1f} -> "
            f"{last.anonymous_kb / 1024:.1f} MB, "
            f"{slope_kb(looks, per, warm) / 1024:+.2f} MB in {per} calls; "
            f"descriptors {first.descriptors} -> {last.descriptors} "
            f"(most {max(one.descriptors for one in kept)}); "
            f"threads {first.threads} -> {last.threads}"
        )
    return "\n".join(lines)
