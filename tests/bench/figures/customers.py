"""Customers of a small and of a large office: who calls, found while the telephone rings; words."""

from __future__ import annotations

import functools
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from firmware.customers.customer import Customer
from firmware.storage.records import Records
from tests.bench.figures.figure import Figure, of

SEED = 11
SIZES = (1_000, 10_000)
LOOKS = 200
LOOK_UP_MS = 5.0
FAMILY = "王李张刘陈杨黄赵周吴"
GIVEN = "伟芳娜敏静丽强磊军洋"
NOTES = ("上次要求退款", "发票寄到公司", "喜欢下午接听", "投诉过物流", "只说英语")


def filled(path: Path, size: int) -> tuple[Records, list[str]]:
    """Records with so many customers, two numbers each."""
    chance = random.Random(SEED)
    records, numbers = Records.open(path), []
    with records.changing():
        for at in range(size):
            mine = (f"+86138{at:08d}", f"+8610{60_000_000 + at:08d}")
            numbers += mine
            card = Customer(
                name=chance.choice(FAMILY) + chance.choice(GIVEN) + chance.choice(GIVEN),
                numbers=mine,
                grade=chance.choice(("vip", "regular", "")),
                note=chance.choice(NOTES),
            )
            records.cases.keep_customer(card, 0)
    return records, numbers


def _took_ms(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1_000


def figures() -> Iterator[Figure]:
    """Look-up by number and by two characters."""
    with tempfile.TemporaryDirectory(prefix="tipring-") as folder:
        for size in SIZES:
            records, numbers = filled(Path(folder) / f"{size}.sqlite", size)
            chance = random.Random(SEED)
            asked = [chance.choice(numbers) for _ in range(LOOKS)]
            found = [_took_ms(functools.partial(records.cases.customer_of, n)) for n in asked]
            name = f"customer of a number, {size} customers, worst of {LOOKS}"
            yield of(name, "ms", [max(found)], f"limit {LOOK_UP_MS:g} ms", LOOK_UP_MS)
            find = functools.partial(records.cases.found, "退款", "customer")
            words = [_took_ms(find) for _ in range(20)]
            yield of(f"two characters among {size} customers", "ms", words)
            records.close()
