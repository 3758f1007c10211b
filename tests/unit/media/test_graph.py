"""Who hears whom."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.core.commands import Party, SetBridge
from firmware.media.graph import Graph

PORTS = ("fxs/1", "fxs/2", "fxo/1", "fxo/2")


def bridge(name: str, *parties: Party | str) -> SetBridge:
    members = tuple(p if isinstance(p, Party) else Party(port=p) for p in parties)
    return SetBridge(bridge=name, call="7", parties=members)


def heard(graph: Graph, said: dict[str, float]) -> dict[str, float]:
    """What each port hears when these ports say a constant."""
    voices = np.array([said.get(port, 0.0) for port in PORTS], np.float32)
    return dict(zip(PORTS, (graph.gains @ voices).tolist(), strict=True))


def test_everyone_hears_everyone_but_himself():
    graph = Graph(PORTS)
    graph.set_bridge(bridge("b", "fxs/1", "fxs/2", "fxo/1"))
    assert heard(graph, {"fxs/1": 1, "fxs/2": 10, "fxo/1": 100, "fxo/2": 1000}) == {
        "fxs/1": 110,
        "fxs/2": 101,
        "fxo/1": 11,
        "fxo/2": 0,
    }


def test_muted_party_is_not_heard_and_a_deaf_one_hears_nothing():
    graph = Graph(PORTS)
    silent, deaf = Party(port="fxs/1", talks=False), Party(port="fxs/2", hears=False)
    graph.set_bridge(bridge("b", silent, deaf))
    assert heard(graph, {"fxs/1": 1, "fxs/2": 10})["fxs/1"] == 10
    assert heard(graph, {"fxs/1": 1, "fxs/2": 10})["fxs/2"] == 0


def test_gain_is_applied_to_what_a_party_says():
    graph = Graph(PORTS)
    graph.set_bridge(bridge("b", Party(port="fxs/1", gain_db=-6.0), "fxo/1"))
    assert heard(graph, {"fxs/1": 1000})["fxo/1"] == pytest.approx(501.19, abs=0.01)
    assert heard(graph, {"fxo/1": 1000})["fxs/1"] == 1000


def test_bridge_is_set_whole_and_two_bridges_do_not_meet():
    graph = Graph(PORTS)
    graph.set_bridge(bridge("a", "fxs/1", "fxo/1"))
    graph.set_bridge(bridge("b", "fxs/2", "fxo/2"))
    assert heard(graph, {"fxs/1": 5})["fxo/2"] == 0
    graph.set_bridge(bridge("a", "fxo/1"))
    assert heard(graph, {"fxs/1": 5})["fxo/1"] == 0
    graph.set_bridge(bridge("a"))
    assert [b.bridge for b in graph.bridges()] == ["b"]


def test_port_in_two_bridges_is_refused_and_nothing_changes():
    graph = Graph(PORTS)
    graph.set_bridge(bridge("a", "fxs/1", "fxo/1"))
    with pytest.raises(ValueError, match="fxs/1 is in bridge a"):
        graph.set_bridge(bridge("b", "fxs/1", "fxs/2"))
    assert heard(graph, {"fxo/1": 3})["fxs/1"] == 3


def test_unknown_port_is_named():
    with pytest.raises(ValueError, match="fxs/9 is no port"):
        Graph(PORTS).set_bridge(bridge("a", "fxs/9"))


@pytest.mark.parametrize("seed", range(5))
def test_mix_of_many_is_exact(seed: int):
    """Whole numbers below 2**24 add without rounding in float32, in any order."""
    dice = np.random.default_rng(seed)
    graph = Graph(PORTS)
    graph.set_bridge(bridge("all", *PORTS))
    said = dice.integers(-8000, 8000, (4, 40)).astype(np.float32)
    wanted = said.sum(axis=0)[np.newaxis, :] - said
    assert np.array_equal(graph.gains @ said, wanted), f"seed {seed}"
