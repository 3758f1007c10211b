"""What fax machines do at telephones and at the far ends of lines; joins ``acts``."""

from __future__ import annotations

from tests.bench.acts import line_acts, telephone_acts
from tests.bench.fax_pages import draw
from tests.bench.phrases import in_ms
from tests.bench.stage import Stage
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.far_end import FarEnd
from tests.bench.world.party import Party

__all__ = ["line_acts", "telephone_acts"]

SEND = "send a fax[ of <pages:N> pages][ by <modem:NAME>][ <plain:PLAIN>]"


@telephone_acts.add(SEND)
@line_acts.add(SEND)
def _send(stage: Stage, who: Party, pages: str = "1", modem: str = "", plain: str = "") -> None:
    room = stage.box.faxes
    name = who.name.replace(" ", "-")
    page = draw(room.pages(f"{name}-out"), pages=int(pages), words=f"{name} {stage.box.now_ms}")
    room.machine(who).begin(calling=True, send=page, ecm=not plain, modem=modem)


@telephone_acts.add("receive a fax")
@line_acts.add("receive a fax")
def _receive(stage: Stage, who: Party) -> None:
    stage.box.faxes.machine(who).begin(calling=False)


@line_acts.add("when <number:NUMBER> is dialled a fax machine answers after <time:T>")
def _answers(stage: Stage, who: ExchangeLine, number: str, time: str) -> None:
    who.when_dialled(FarEnd(number, in_ms(time)))
    stage.box.faxes.machine(who).begin(calling=False)
