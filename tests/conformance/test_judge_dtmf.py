"""DTMF judged on the second generator, spandsp's receiver on the same audio beside it.

Limits, 10^4 digits each (ITU-T Q.24 table A-1, ETSI ES 201 235-3; ours where stricter): 0 missed,
doubled or wrong in AT&T uniform, AT&T corners, NTT and ETSI; at most 10 at 15 dB signal to noise.
Of 10^3: 0 accepted at 23 ms, 0 accepted with both frequencies 3.0 % off or more, at most 1 split by
a break of 10 ms; digits 5 dB below dial tone all heard. Lines have cable, channel filters,
reflections at -14 to -24 dB up to 20 ms late, hum, four kinds of noise, and coders in tandem.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.conformance import generator_b, line_model, spandsp_oracle, spandsp_sender
from tests.conformance.generator_b import ENVELOPES, Envelope
from tests.conformance.receivers import heard, score

NOMINAL = Envelope(0.005, 0.0, -15, -5, (-2, 2), 40, 40, 93)  # a telephone in order
STEADY_NOISES = ("white", "red", "mixture")
EACH = 20


def judged(seed, envelope, rows, each=EACH, *, dial_filter=False, **how):
    """Missed, extra, and the same of spandsp, over ``rows`` lines."""
    made = generator_b.digits(seed, envelope, rows, each, **how)
    rival = [spandsp_oracle.hear(row, filter_dial_tone=dial_filter) for row in made.sound]
    return (*score(made.sent, heard(made.sound)), *score(made.sent, rival))


def summed(seed, envelope, digits, **how):
    """In runs of at most 250 lines, to keep memory small."""
    rows = digits // EACH
    parts = [min(250, rows - at) for at in range(0, rows, 250)]
    return np.sum([judged(seed + n, envelope, part, **how) for n, part in enumerate(parts)], axis=0)


def tell(capsys, what, of, found):
    with capsys.disabled():
        print(
            f"\n  {what}, of {of}: ours {found[0]} missed {found[1]} extra;"
            f" spandsp {found[2]} missed {found[3]} extra",
            end="",
        )


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_500_of_every_envelope(envelope):
    seed = 501
    found = summed(seed, envelope, 500)
    assert tuple(found[:2]) == (0, 0), f"{envelope}, seed {seed}"


@pytest.mark.slow
@pytest.mark.parametrize("envelope", ENVELOPES)
def test_10000_of_every_envelope(envelope, capsys):
    seed = 510
    found = summed(seed, envelope, 10_000)
    tell(capsys, envelope, 10_000, found)
    assert tuple(found[:2]) == (0, 0), f"{envelope}, seed {seed}"


@pytest.mark.slow
def test_10000_at_15_db_of_steady_noise(capsys):
    seed = 520
    found = summed(seed, "AT&T", 10_000, snr_db=15.0, noises=STEADY_NOISES)
    tell(capsys, "AT&T at SNR 15", 10_000, found)
    assert found[0] + found[1] <= 10, f"seed {seed}"


def test_clicks_as_loud_as_digits_cost_no_wrong_one(capsys):
    """Eight clicks a second, each as strong as the digit it hits: some are lost, none is made."""
    seed = 521
    found = summed(seed, "AT&T", 500, snr_db=15.0, noises=("impulses",))
    tell(capsys, "AT&T under clicks", 500, found)
    assert found[0] <= 25, f"seed {seed}: more than 5 % lost"
    assert found[1] == 0, f"seed {seed}"


COUNTS = (200, pytest.param(1000, marks=pytest.mark.slow))


@pytest.mark.parametrize("digits", COUNTS)
@pytest.mark.parametrize("echo", [True, False])
def test_23_ms_is_no_digit(digits, echo, capsys):
    seed = 530
    made = generator_b.digits(seed, NOMINAL, digits // EACH, EACH, tone_ms=23.0, echo=echo)
    theirs = sum(len(spandsp_oracle.hear(row)) for row in made.sound)
    accepted = "".join(heard(made.sound))
    if digits == 1000:
        with capsys.disabled():
            print(f"\n  23 ms accepted of 1000: ours {len(accepted)}; spandsp {theirs}", end="")
    assert accepted == "", f"seed {seed}"


@pytest.mark.parametrize("digits", COUNTS)
@pytest.mark.parametrize("offset", [0.03, 0.035, 0.05])
def test_three_per_cent_off_is_no_digit(digits, offset):
    seed = 540
    made = generator_b.digits(seed, NOMINAL, digits // EACH, EACH, tone_ms=70.0, offset=offset)
    assert "".join(heard(made.sound)) == "", f"seed {seed}"


@pytest.mark.parametrize("digits", COUNTS)
def test_a_break_of_10_ms_splits_no_digit(digits, capsys):
    seed = 550
    found = summed(seed, NOMINAL, digits, tone_ms=100.0, break_ms=10.0)
    tell(capsys, "break of 10 ms", digits, found)
    assert found[0] == 0, f"seed {seed}"
    assert found[1] <= 1, f"seed {seed}"


@pytest.mark.parametrize("rows", [25, pytest.param(250, marks=pytest.mark.slow)])
@pytest.mark.parametrize("dial_hz", [(425,), (450,), (400,), (350, 440)])
def test_the_first_digit_5_db_below_dial_tone(dial_hz, rows, capsys):
    seed = 560
    found = judged(seed, NOMINAL, rows, 2, dial_hz=dial_hz, dial_filter=True)
    if rows > 25:
        tell(capsys, f"below {'+'.join(map(str, dial_hz))} Hz", 2 * rows, found)
    assert tuple(found[:2]) == (0, 0), f"seed {seed}"


@pytest.mark.parametrize(("low_dbm0", "twist_db"), [(-10, 2), (-18, -5), (-24, 3)])
def test_spandsp_dials_through_lines(low_dbm0, twist_db):
    """``dtmf_tx`` at 50/50 ms behind lines whose loss and slope are left as they are."""
    seed = 570
    rng = np.random.default_rng(seed)
    sent = ["".join(rng.choice(generator_b.KEYS, 12)) for _ in range(8)]
    rows = [
        spandsp_sender.digits(text, level_dbm0=low_dbm0, twist_db=twist_db, on_ms=50, off_ms=50)
        for text in sent
    ]
    sound = np.zeros((len(rows), max(map(len, rows)) + 1600), np.float32)
    for n, row in enumerate(rows):
        at = rng.integers(100, 900)
        sound[n, at : at + row.size] = row
    path = line_model.Path(rng, len(rows), ("flat", "cable 2 km", "channel", "steep channel"))
    sound = path.through(sound) + line_model.hum(rng, len(rows), sound.shape[1], -48.0)
    assert heard(line_model.coders(rng, sound)) == sent, f"seed {seed}"
