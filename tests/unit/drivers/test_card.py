"""The card as a whole: configuration, restart, shutdown, dumps, bytes per poll."""

from __future__ import annotations

import pytest

from drivers.bus import RecordingBus, SpiBus
from drivers.errors import CardError
from drivers.line import LineState, PortReady, Release, Seize, SetLineState
from tests.unit.drivers.rig import Rig, only


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"slots": {"fxs/1": 0, "fxs/2": 0, "fxo/1": 2, "fxo/2": 3}}, "fxs/2 and fxs/1 both have"),
        ({"slots": {"fxs/1": 0}}, "fxs/2 has no PCM slot"),
        ({"slots": {"fxs/1": 0, "fxs/2": 8, "fxo/1": 2, "fxo/2": 3}}, "PCM slot 8, allowed 0 to 7"),
        ({"country": "XX"}, "country 'XX'"),
        ({"fxs_count": 9}, "11 ports; the voice highway carries 1 to 8"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_limit(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(CardError, match=message):
        Rig(**settings)


def test_an_unknown_port_names_those_there_are() -> None:
    rig = Rig()
    with pytest.raises(CardError, match="fxo/9 is no port of this card; it has fxs/1, fxs/2, fxo"):
        rig.command(Release(port="fxo/9"))


def test_start_again_resets_and_comes_back() -> None:
    rig = Rig().up()
    rig.command(Seize(port="fxo/1"))
    rig.run(100)
    rig.card.start(rig.now_ms)
    rig.run(10)
    assert rig.pairs["fxo/1"].state.current_ma == 0
    assert not rig.card.ready
    rig.events.clear()
    rig.up()
    assert {event.port for event in only(rig.events, PortReady)} == set(rig.card.ports)


def test_make_safe_releases_lines_and_stops_ringing_at_once() -> None:
    rig = Rig().up()
    rig.command(Seize(port="fxo/1"))
    rig.command(SetLineState(port="fxs/1", state=LineState.RINGING))
    rig.run(500)
    rig.card.make_safe()
    rig.run(20, poll=False)
    assert rig.pairs["fxo/1"].state.current_ma == 0
    assert rig.pairs["fxs/1"].state.ring_vrms == 0
    assert abs(rig.pairs["fxs/1"].state.voltage_v) == pytest.approx(48, abs=2)


def test_a_quiet_poll_is_one_exchange_per_chain() -> None:
    taps: list[RecordingBus] = []

    def wrap(bus: SpiBus) -> SpiBus:
        taps.append(RecordingBus(bus))
        return taps[-1]

    rig = Rig(("si3215",) * 4, 4, wrap=wrap).up()
    for tap in taps:
        tap.exchanges.clear()
    rig.run(2000)
    assert [len(tap.exchanges) for tap in taps] == [200, 200]
    assert max(len(sent) for tap in taps for sent, _ in tap.exchanges) <= 60


def test_no_exchange_of_a_bring_up_is_longer_than_one_ioctl_can_carry() -> None:
    taps: list[RecordingBus] = []

    def wrap(bus: SpiBus) -> SpiBus:
        taps.append(RecordingBus(bus))
        return taps[-1]

    rig = Rig(("si3210",) * 8, 0, wrap=wrap).up()
    for port in rig.card.ports:
        rig.card.dump(port)
    assert max(len(sent) for tap in taps for sent, _ in tap.exchanges) <= 511


def test_dump_shows_differences_first_and_decodes() -> None:
    rig = Rig().up()
    lines = rig.card.dump("fxs/1")
    assert len(lines) == 88
    differs = [line.differs for line in lines]
    assert differs == sorted(differs, reverse=True)
    by_name = {line.name: line for line in lines}
    assert by_name["linefeed"].fields["linefeed_status"] == "1 forward_active"
    assert by_name["impedance"].value == 0x0F
    daa = {line.name: line for line in rig.card.dump("fxo/1")}
    assert daa["ac_termination"].fields["termination"] == "10 r200_680_c100n"


def test_commands_to_a_port_that_is_not_up_fall() -> None:
    rig = Rig()
    rig.command(Seize(port="fxo/1"))
    rig.up()
    assert rig.pairs["fxo/1"].state.current_ma == 0
