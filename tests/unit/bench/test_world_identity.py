"""Caller identity on the bench: sender to display over copper, and judged by ears from outside."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.bench.world.copper import Cable, Pair
from tests.bench.world.display import Display, identities_in
from tests.bench.world.ear import Ear
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.exchanges import EXCHANGES
from tests.bench.world.identity import dtmf_keys, mdmf, read_keys, read_message, sdmf
from tests.bench.world.keypad import key_sounds
from tests.bench.world.level import noise, samples_of, sine
from tests.bench.world.modem import BELL202, MODULATIONS, V23, fsk_sound
from tests.bench.world.telephone import Telephone

SEED = 20260101

# The example every Bellcore text prints: 30 September, 12:24, 609 555 1212, checksum 51h.
BELLCORE = bytes.fromhex("04 12 30 39 33 30 31 32 32 34 36 30 39 35 35 35 31 32 31 32 51")


def in_silence(sound: np.ndarray) -> np.ndarray:
    pause = np.zeros(samples_of(120), np.float32)
    return np.concatenate((pause, sound, pause)).astype(np.float32)


def run(pair: Pair, ms: float, block: int = 40) -> None:
    for _ in range(samples_of(ms) // block):
        pair.step(block)


def test_single_message_is_the_printed_example() -> None:
    assert sdmf("6095551212", "09301224") == BELLCORE
    shown = read_message(BELLCORE, "fsk_bell202")
    assert shown is not None
    assert (shown.text, shown.date, shown.form) == ("6095551212", "09301224", "sdmf")


def test_multiple_message_by_hand() -> None:
    # 80h, 13 bytes: 01 08 date, 02 01 '5'; sum 80+0D+01+08+(8 x 30h + 0+1+0+2+0+3+0+4)+02+01+35
    # = 128+13+1+8+394+2+1+53 = 600; 600 mod 256 = 88, 256-88 = 168 = A8h.
    assert mdmf("5", "", "01020304").hex() == "800d" + "0108" + "3031303230333034" + "020135" + "a8"


@pytest.mark.parametrize("kind", ["private", "unavailable"])
def test_reasons_for_no_number_are_kept_apart(kind: str) -> None:
    for message in (sdmf("", "01020304", kind), mdmf("", "", "01020304", kind)):
        shown = read_message(message, "fsk_v23")
        assert shown is not None
        assert (shown.kind, shown.text, shown.number) == (kind, kind, "")
    by_keys = read_keys(dtmf_keys("", kind))
    assert by_keys is not None
    assert by_keys.kind == kind


def test_chinese_name_travels_in_gb2312() -> None:
    message = mdmf("13800138000", "李雷", "01020304")
    assert bytes.fromhex("c0eec0d7") in message
    (shown,) = identities_in(in_silence(fsk_sound(message, BELL202)))
    assert (shown.number, shown.name) == ("13800138000", "李雷")


@pytest.mark.parametrize("modulation", MODULATIONS.values(), ids=MODULATIONS)
@pytest.mark.parametrize(
    ("what", "level_dbm0", "twist_db", "noise_dbm0", "off_by", "baud"),
    [
        ("as sent", -13.5, 0.0, None, 0.0, 1200.0),
        ("weakest of GR-30 and 6 dB weaker space", -30.2, -6.0, None, 0.0, 1200.0),
        ("10 dB stronger space", -30.0, 10.0, None, 0.0, 1200.0),
        ("25 dB over noise", -20.0, 0.0, -45.0, 0.0, 1200.0),
        ("15 dB over noise", -20.0, 0.0, -35.0, 0.0, 1200.0),
        ("1.5 % high, 1 % fast", -13.5, 0.0, -45.0, 0.015, 1212.0),
        ("1.5 % low, 1 % slow", -13.5, 0.0, -45.0, -0.015, 1188.0),
    ],
)
def test_display_reads_fsk_in_the_envelope_of_the_standards(
    modulation, what, level_dbm0, twist_db, noise_dbm0, off_by, baud
) -> None:
    message = mdmf("02079460123", "OFFICE", "12312359")
    sound = in_silence(fsk_sound(message, modulation, level_dbm0, twist_db, off_by, baud))
    if noise_dbm0 is not None:
        sound = sound + noise(noise_dbm0, len(sound), SEED)
    shown = identities_in(sound)
    assert [one.text for one in shown] == ["02079460123"], f"{what}, seed {SEED}"
    assert shown[0].method == f"fsk_{modulation.name}"


def test_display_reads_fsk_under_hum_18_db_stronger() -> None:
    # GR-30: single tone up to 60 Hz, 18 dB above the data.
    sound = in_silence(fsk_sound(sdmf("5551212", "01020304"), BELL202, -25.0))
    hum = sine(60.0, -7.0, len(sound) / 8.0)
    assert [one.text for one in identities_in(sound + hum[: len(sound)])] == ["5551212"]


def test_display_is_deaf_below_the_reject_level_and_to_a_broken_checksum() -> None:
    message = sdmf("5551212", "01020304")
    display = Display()
    weak = in_silence(fsk_sound(message, BELL202, -50.0))
    for start in range(0, len(weak) - 40, 40):
        display.hear(start, weak[start : start + 40], 40)
    display.decide()
    assert display.shown == []
    broken = message[:-1] + bytes(((message[-1] + 1) % 256,))
    assert identities_in(in_silence(fsk_sound(broken, BELL202))) == []


@pytest.mark.parametrize("country", EXCHANGES)
def test_number_reaches_the_display_over_a_noisy_pair_in_every_country(country: str) -> None:
    line = ExchangeLine(1, country, noise_dbm0=-50.0, hum_dbm0=-35.0, seed=SEED)
    telephone = Telephone("201", country)
    pair = Pair(line, telephone, Cable(loss_db=3.0))
    run(pair, 200)
    line.call("13800138000", "LI LEI")
    run(pair, 8000)
    shown = telephone.shown
    assert shown is not None, f"{country}, seed {SEED}: {telephone.display.ignored}"
    assert shown.text == "13800138000"
    exchange = EXCHANGES[country]
    if exchange.caller_id == "fsk":
        assert (shown.name, shown.method) == ("LI LEI", f"fsk_{exchange.modulation}")
    else:
        assert shown.method == "dtmf"
    assert len(telephone.display.shown) == 1


def test_british_set_sleeps_without_the_alert_tone() -> None:
    telephone = Telephone("201", "GB")
    pair = Pair(ExchangeLine(1, "DE"), telephone)
    pair.feed_end.call("5551212", "A")
    run(pair, 4000)
    assert telephone.shown is None
    assert [one.text for one in telephone.display.ignored] == ["5551212"]


def test_alert_tone_is_measured_and_the_reversal_seen() -> None:
    telephone = Telephone("201", "GB")
    pair = Pair(ExchangeLine(1, "GB", noise_dbm0=-50.0, seed=SEED), telephone)
    run(pair, 100)
    pair.feed_end.call("5551212")
    run(pair, 3000)
    assert telephone.reversals == [100]
    ((at_ms, length_ms),) = telephone.display.alerts
    assert abs(at_ms - 400) <= 10  # 300 ms after the reversal
    assert 88 <= length_ms <= 110  # BT SIN 227


@pytest.mark.parametrize("modulation", MODULATIONS.values(), ids=MODULATIONS)
def test_minimodem_reads_what_the_exchange_sends(modulation, tmp_path: Path) -> None:
    ear = Ear()
    ear.hear(0, in_silence(fsk_sound(mdmf("13800138000", "Li Lei", "01020304"), modulation)))
    ear.write_wav(tmp_path / "fsk.wav")
    tones = ["-M", str(modulation.mark_hz), "-S", str(modulation.space_hz)]
    heard = subprocess.run(
        ["minimodem", "--rx", "1200", "-f", tmp_path / "fsk.wav", *tones],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert heard.endswith(mdmf("13800138000", "Li Lei", "01020304"))
    assert heard.count(b"U") >= 29  # 300 bits of seizure are 30 bytes of 55h
    if modulation is V23:
        return
    shown = subprocess.run(
        ["minimodem", "--rx", "callerid", "-f", tmp_path / "fsk.wav"],
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    assert "Phone: 13800138000" in shown
    assert "Name:  Li Lei" in shown


@pytest.mark.parametrize("frame", ["DC", "A#"])
def test_multimon_hears_the_dtmf_identity(frame: str, tmp_path: Path) -> None:
    keys = dtmf_keys("13800138000", frame=frame)
    sound = in_silence(key_sounds(keys, tone_ms=70, pause_ms=70, noise_dbm0=-50, seed=SEED))
    ear = Ear()
    ear.hear(0, sound)
    ear.write_wav(tmp_path / "keys.wav")
    heard = subprocess.run(
        ["multimon-ng", "-q", "-t", "wav", "-a", "DTMF", tmp_path / "keys.wav"],
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    assert "".join(row.removeprefix("DTMF: ") for row in heard.split("\n")) == keys
    (shown,) = identities_in(sound)
    assert shown.text == "13800138000"
