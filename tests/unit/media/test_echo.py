"""The canceller as a caller and an office worker meet it: echo goes, nothing else is touched."""

import numpy as np
import pytest

from firmware.media.echo import EchoCanceller
from tests.conformance.echo_paths import MODELS, path, rms, talker


def run(canceller, received, sent, block=40):
    received, sent = received.astype(np.float32), sent.astype(np.float32)
    parts = [
        canceller.cancel(received[at : at + block], sent[at : at + block])
        for at in range(0, len(sent), block)
    ]
    return np.concatenate(parts)


def loss_db(echo, left):
    return 10 * np.log10(np.mean(echo**2) / np.mean(left**2))


def conversation(seed, seconds=4.0, model="D.2"):
    rng = np.random.default_rng(seed)
    sent = np.rint(talker(seconds, -15.0, rng))
    echo = np.convolve(sent, path(model))[: len(sent)]
    return sent, np.rint(echo + rng.normal(size=len(sent)) * rms(-65.0))


def test_with_nothing_sent_the_line_is_heard_bit_for_bit():
    rng = np.random.default_rng(1)
    line = np.rint(rng.normal(size=8000) * 5000).astype(np.float32)
    assert np.array_equal(run(EchoCanceller(), line, np.zeros(8000)), line), "seed 1"


def test_after_learning_the_near_talker_alone_is_heard_bit_for_bit():
    sent, received = conversation(2)
    canceller = EchoCanceller()
    run(canceller, received, sent)
    run(canceller, np.zeros(400), np.zeros(400))
    near = np.rint(talker(1.0, -15.0, np.random.default_rng(3)))
    assert np.array_equal(run(canceller, near, np.zeros(len(near))), near), "seeds 2, 3"


def test_no_delay_is_added():
    rng = np.random.default_rng(4)
    click = np.zeros(400, np.float32)
    click[57] = 20000
    sent = np.rint(rng.normal(size=400) * 100)
    assert int(np.argmax(run(EchoCanceller(), click, sent))) == 57, "seed 4"


@pytest.mark.parametrize("block", [16, 40, 80, 333])
def test_blocks_of_any_length_give_the_same_sound(block):
    sent, received = conversation(5, 1.5)
    whole = run(EchoCanceller(), received, sent, 40)
    parts = run(EchoCanceller(), received, sent, block)
    assert np.abs(parts - whole).max() < 0.01, "seed 5"


def test_echo_is_gone_within_seconds_and_the_score_says_so():
    sent, received = conversation(6, 6.0)
    canceller = EchoCanceller()
    left = run(canceller, received, sent)
    assert loss_db(received[32000:], left[32000:]) > 33, "seed 6"
    assert canceller.erle_db > 15


def test_reset_forgets_the_path():
    sent, received = conversation(7, 3.0)
    canceller = EchoCanceller()
    run(canceller, received, sent)
    canceller.reset()
    assert canceller.erle_db == 0.0
    again = run(canceller, received[:160], sent[:160])
    assert np.array_equal(again, received[:160].astype(np.float32)), "seed 7"


def test_a_new_path_is_found():
    sent, first = conversation(8, 6.0, "D.2")
    _, second = conversation(8, 6.0, MODELS[3])
    canceller = EchoCanceller()
    run(canceller, first, sent)
    left = run(canceller, second, sent)
    assert loss_db(second[32000:], left[32000:]) > 25, "seed 8"


def test_a_tone_does_not_spoil_what_was_learnt():
    rng = np.random.default_rng(9)
    sent = np.rint(talker(10.0, -15.0, rng))
    at = np.arange(24000) / 8000
    sent[40000:64000] = np.rint(rms(-10.0) * np.sqrt(2) * np.sin(2 * np.pi * 425 * at))
    received = np.rint(np.convolve(sent, path("D.5"))[: len(sent)])
    left = run(EchoCanceller(), received, sent)
    assert loss_db(received[64000:], left[64000:]) > 30, "seed 9"


def test_a_line_without_echo_gets_none():
    rng = np.random.default_rng(10)
    sent = np.rint(talker(4.0, -15.0, rng))
    near = np.rint(rng.normal(size=len(sent)) * rms(-50.0))
    left = run(EchoCanceller(), near, sent)
    assert 10 * np.log10(np.mean(left**2) / np.mean(near**2)) < 0.3, "seed 10"


def test_a_tone_of_the_exchange_is_not_taken_for_its_own_echo():
    """Busy tone comes back faintly through the telephone: it must go on being heard."""
    rng = np.random.default_rng(12)
    at = np.arange(8 * 8000) / 8000
    tone = rms(-15.0) * np.sqrt(2) * np.sin(2 * np.pi * 450 * at) * (at % 0.7 < 0.35)
    sent = np.rint(0.2 * np.concatenate((np.zeros(16), tone[:-16])))
    echo = np.convolve(sent, path("D.5"))[: len(sent)]
    left = run(EchoCanceller(), np.rint(tone + echo + rng.normal(size=len(sent))), sent)
    kept = 10 * np.log10(np.mean(left[32000:] ** 2) / np.mean(tone[32000:] ** 2))
    assert kept > -1.0, "seed 12"


def test_the_next_call_on_a_line_begins_where_the_last_one_ended():
    canceller = EchoCanceller()
    sent, received = conversation(13, 5.0)
    run(canceller, received, sent)
    canceller.renew()
    sent, received = conversation(14, 1.0)
    left = run(canceller, received, sent)
    assert loss_db(received[:4000], left[:4000]) > 25, "seed 14"


@pytest.mark.parametrize("model", ["D.5", "D.9"])
def test_a_line_that_was_changed_between_two_calls_is_learnt_anew(model):
    canceller = EchoCanceller()
    sent, received = conversation(15, 5.0)
    run(canceller, received, sent)
    canceller.renew()
    sent, received = conversation(16, 3.0, model)
    left = run(canceller, received, sent)
    assert loss_db(received[8000:16000], left[8000:16000]) > 20, "seed 16"


def test_a_busy_tone_under_a_person_who_talks_spoils_nothing():
    """The tone comes back through his telephone, so it can be cancelled by a wrong path."""
    rng = np.random.default_rng(17)
    near = talker(12.0, -16.0, rng)
    at = np.arange(len(near)) / 8000
    tone = rms(-18.0) * np.sqrt(2) * np.sin(2 * np.pi * 450 * at) * (at % 0.7 < 0.35)
    tone[:32000] = 0.0
    sent = np.rint(near + 0.13 * np.concatenate((np.zeros(16), tone[:-16])))
    echo = np.convolve(sent, path("D.5"))[: len(sent)]
    left = run(EchoCanceller(), np.rint(echo + tone + rng.normal(size=len(sent))), sent) - tone
    assert loss_db(echo[40000:], left[40000:]) > 20, "seed 17"


def after(canceller, sent, echo, seconds):
    """Loss of echo over the last ``seconds``."""
    left = run(canceller, np.rint(echo), sent)
    part = slice(len(sent) - int(seconds * 8000), None)
    return loss_db(echo[part], left[part])


def test_another_exchange_behind_the_same_line_is_learnt_within_two_seconds():
    """An exchange that hands a call on, or a second telephone lifted on the pair, is a new path."""
    canceller = EchoCanceller()
    sent = np.rint(talker(10.0, -15.0, np.random.default_rng(8)))
    before, then = (np.convolve(sent, path(model))[: len(sent)] for model in ("D.2", "D.5"))
    half = 6 * 8000
    assert after(canceller, sent[:half], before[:half], 2.0) >= 33, "seed 8"
    assert after(canceller, sent[half:], then[half:], 1.5) >= 33, "seed 8"


def test_a_voice_that_returns_through_the_telephone_is_not_predicted_from_itself():
    """His vowels look like an echo of what was sent, and a path that predicted them would ring."""
    far = np.rint(talker(10.0, -14.0, np.random.default_rng(804)))
    sent = np.zeros(len(far) + 120)
    canceller, heard = EchoCanceller(), np.zeros(len(far), np.float32)
    for at in range(0, len(far) - 39, 40):
        part = slice(at, at + 40)
        heard[part] = run(canceller, far[part], sent[part])
        sent[at + 120 : at + 160] = np.rint(heard[part] * 0.25)
    level = 20 * np.log10(np.std(heard[8000:]) / np.std(far[8000:]))
    assert abs(level) <= 0.2, "seed 804"
