"""A daemon that is looked for: found late, heard after its greeting only, found again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from firmware.control.fax_messages import FROM_FAXD, FaxEndsSeen, FromFaxd
from firmware.control.link import Link, LinkClosed
from firmware.control.listener import Listener
from firmware.control.messages import Hello
from firmware.daemons.neighbour import Neighbour

HELLOS = msgspec.json.Decoder(Hello)
PATIENCE_S = 60  # nothing here waits for time; this only ends a test that would hang


class Street:
    """Where a neighbour is looked for, with what was heard of it and why it was lost."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "faxd.sock"
        self.loop = asyncio.get_running_loop()
        self.heard: list[FromFaxd] = []
        self.lost: list[str] = []
        self.greeted = 0
        self._news = asyncio.Event()
        self.neighbour = Neighbour(
            self.path,
            FROM_FAXD,
            name="faxd",
            own="calld",
            greeted=self._greeted,
            heard=self._heard,
            lost=self._lost,
            again_s=0,
        )

    def _greeted(self) -> None:
        self.greeted += 1

    def _heard(self, messages: Sequence[FromFaxd]) -> None:
        self.heard += messages
        self._news.set()

    def _lost(self, end: LinkClosed) -> None:
        self.lost.append(str(end))
        self._news.set()

    async def news(self) -> None:
        """Something was heard, or the neighbour was lost."""
        await self._news.wait()
        self._news.clear()

    async def visitor(self, listener: Listener[Hello]) -> tuple[Link[Hello], Hello]:
        """Whoever comes to the neighbour's door, and its first word."""
        came: asyncio.Future[Link[Hello]] = self.loop.create_future()

        def accept() -> None:
            self.loop.remove_reader(listener)
            came.set_result(listener.accept()[0])

        self.loop.add_reader(listener, accept)
        link = await came
        said: asyncio.Future[Hello] = self.loop.create_future()
        link.watch(self.loop, lambda words: said.set_result(words[0]), lambda _end: None)
        return link, await said


def test_a_neighbour_that_comes_late_is_found_and_heard_after_its_greeting(tmp_path: Path) -> None:
    async def story() -> None:
        street = Street(tmp_path)
        street.neighbour.seek(street.loop)
        assert street.neighbour.sought
        assert not street.neighbour.found
        street.neighbour.send(Hello(program="nobody"))  # there is nobody to be told, nor any harm
        listener = Listener(street.path, HELLOS, name="calld")
        link, word = await street.visitor(listener)
        assert word == Hello(program="calld")
        link.send(Hello(program="faxd"))
        link.send(FaxEndsSeen(ends=2))
        while not street.heard:
            await street.news()
        assert street.heard == [FaxEndsSeen(ends=2)]
        assert street.greeted == 1
        street.neighbour.stop()
        link.close()
        listener.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_a_neighbour_that_went_away_is_looked_for_and_greeted_again(tmp_path: Path) -> None:
    async def story() -> None:
        street = Street(tmp_path)
        listener = Listener(street.path, HELLOS, name="calld")
        street.neighbour.seek(street.loop)
        link, _ = await street.visitor(listener)
        link.send(Hello(program="faxd"))
        await street.news()
        link.close()
        while not street.lost:
            await street.news()
        assert street.lost == ["faxd closed the link."]
        link, word = await street.visitor(listener)
        assert word == Hello(program="calld")
        street.neighbour.stop()
        link.close()
        listener.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_a_neighbour_of_another_protocol_is_not_heard(tmp_path: Path) -> None:
    async def story() -> None:
        street = Street(tmp_path)
        listener = Listener(street.path, HELLOS, name="calld")
        street.neighbour.seek(street.loop)
        link, _ = await street.visitor(listener)
        link.send(Hello(program="faxd", protocol=Hello(program="").protocol + 1))
        link.send(FaxEndsSeen(ends=2))
        await street.news()
        assert "must be restarted or updated" in street.lost[0]
        assert street.heard == []
        assert street.greeted == 0
        street.neighbour.stop()
        link.close()
        listener.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))
