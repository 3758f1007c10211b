"""Prompts, block by block."""

from __future__ import annotations

import numpy as np

from firmware.media.playout import Playout

BLOCK = 40


def source(shelf: dict[str, int]):
    """Prompts of so many samples, each its own constant."""
    sounds = {
        name: np.full(length, 100 * (at + 1), np.int16)
        for at, (name, length) in enumerate(shelf.items())
    }

    def read(name: str):
        if name not in sounds:
            raise LookupError(f"there is no prompt {name}")
        return sounds[name]

    return read


def blocks(playout: Playout, count: int):
    out, ended = [], []
    for _ in range(count):
        block = np.zeros((2, BLOCK), np.float32)
        ended += playout.add(block)
        out.append(block)
    return np.concatenate(out, axis=1), ended


def test_prompts_follow_each_other_without_a_gap_and_the_end_is_told_once():
    playout = Playout(2, source({"a": 50, "b": 30}))
    playout.start(1, "p1", ("a", "b"), loop=False)
    sound, ended = blocks(playout, 4)
    assert sound[1].tolist() == [100.0] * 50 + [200.0] * 30 + [0.0] * 80
    assert not sound[0].any()
    assert [(e.row, e.play, e.completed) for e in ended] == [(1, "p1", True)]


def test_missing_prompt_is_skipped_and_named():
    playout = Playout(2, source({"a": 10}))
    playout.start(0, "p", ("zh-CN/gone", "a"), loop=False)
    sound, ended = blocks(playout, 2)
    assert sound[0, :10].tolist() == [100.0] * 10
    (end,) = ended
    assert not end.completed
    assert "zh-CN/gone" in end.reason


def test_stop_is_silent_from_the_next_block_on():
    playout = Playout(2, source({"a": 1000}))
    playout.start(0, "p", ("a",), loop=False)
    blocks(playout, 1)
    assert playout.stop(0)
    sound, ended = blocks(playout, 3)
    assert not sound.any()
    assert ended == []


def test_new_play_replaces_the_old_one():
    playout = Playout(2, source({"a": 1000, "b": 20}))
    playout.start(0, "first", ("a",), loop=False)
    blocks(playout, 1)
    playout.start(0, "second", ("b",), loop=False)
    sound, ended = blocks(playout, 1)
    assert sound[0].tolist() == [200.0] * 20 + [0.0] * 20
    assert [e.play for e in ended] == ["second"]


def test_loop_goes_round_without_a_gap():
    playout = Playout(2, source({"a": 25}))
    playout.start(0, "p", ("a",), loop=True)
    sound, ended = blocks(playout, 5)
    assert sound[0].tolist() == [100.0] * 200
    assert ended == []


def test_loop_of_nothing_but_missing_prompts_ends():
    playout = Playout(2, source({}))
    playout.start(0, "p", ("gone",), loop=True)
    _, ended = blocks(playout, 2)
    assert [e.completed for e in ended] == [False]


def test_prompt_still_being_read_is_silence_then_sound():
    ready: list[np.ndarray] = []
    playout = Playout(1, lambda _name: ready[0] if ready else None)
    playout.start(0, "p", ("slow",), loop=False)
    block = np.zeros((1, BLOCK), np.float32)
    assert playout.add(block) == []
    assert not block.any()
    ready.append(np.full(BLOCK, 7, np.int16))
    playout.add(block)
    assert block[0].tolist() == [7.0] * BLOCK
