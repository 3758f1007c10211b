"""The receiver of one line: whole identities, whatever the blocks; nothing out of anything else."""

from datetime import datetime

import numpy as np
import pytest

from firmware.core.commands import Caller
from firmware.core.events import IdentityKind
from firmware.media.caller_id import CallerIdReceiver
from firmware.media.caller_id_sound import FSK_DBM0, caller_id_sound, frame, fsk
from tests.conformance.echo_paths import rms, talker

WHEN = datetime(2026, 3, 4, 5, 6)  # noqa: DTZ001  # local wall-clock time is what a set shows
CALLER = Caller(number="02087654321", name="J SMITH")


def on_line(*parts: np.ndarray) -> np.ndarray:
    return np.concatenate((np.zeros(2000), *parts, np.zeros(2000))).astype(np.float32)


def feed(sound, block=40, **options):
    receiver = CallerIdReceiver(**options)
    found = []
    for at in range(0, len(sound), block):
        found += receiver.feed(sound[at : at + block])
    return found


@pytest.mark.parametrize(
    ("scheme", "method", "name"),
    [
        ("fsk_bell202_between_rings", "fsk_bell202", "J SMITH"),
        ("fsk_v23_between_rings", "fsk_v23", "J SMITH"),
        ("fsk_v23_before_ring", "fsk_v23", "J SMITH"),
        ("dtmf_before_ring", "dtmf", ""),
    ],
)
@pytest.mark.parametrize("block", [40, 16, 333])
def test_every_scheme_is_heard_once_and_named(scheme, method, name, block):
    (heard,) = feed(on_line(caller_id_sound(scheme, CALLER, WHEN)), block)
    assert (heard.kind, heard.number, heard.name) == (IdentityKind.NUMBER, CALLER.number, name)
    assert heard.method == method


@pytest.mark.parametrize("single", [False, True])
def test_withheld_number_is_private(single):
    sound = caller_id_sound("fsk_bell202_between_rings", Caller(withheld=True), WHEN, single=single)
    (heard,) = feed(on_line(sound))
    assert heard.kind is IdentityKind.PRIVATE


def test_only_the_standards_asked_for_are_heard():
    sound = on_line(caller_id_sound("dtmf_before_ring", CALLER, WHEN))
    assert feed(sound, standards=("bell202", "v23")) == []
    assert len(feed(sound, standards=("dtmf",))) == 1


def test_unknown_standard_is_refused_by_name():
    with pytest.raises(ValueError, match="bell103"):
        CallerIdReceiver(("bell103",))


def test_two_calls_give_two_identities():
    first = caller_id_sound("fsk_bell202_between_rings", CALLER, WHEN)
    second = caller_id_sound("fsk_bell202_between_rings", Caller(number="5551234"), WHEN)
    found = feed(on_line(first, np.zeros(16000), second))
    assert [h.number for h in found] == [CALLER.number, "5551234"]


def test_a_repeated_message_is_one_identity():
    sound = caller_id_sound("fsk_bell202_between_rings", CALLER, WHEN)
    assert len(feed(on_line(sound, np.zeros(800), sound))) == 1


def message_bits():
    return frame(b"\x04\x0d0304050655512" + bytes((-sum(b"\x04\x0d0304050655512") & 255,)))


def heard_bits(bits):
    return feed(on_line(fsk(bits, 1200, 2200, FSK_DBM0)))


def test_the_undamaged_message_of_the_next_tests_is_heard():
    (heard,) = heard_bits(message_bits())
    assert heard.number == "55512"


@pytest.mark.parametrize("place", range(480, 480 + 160, 7))
def test_one_wrong_bit_anywhere_gives_nothing(place):
    bits = message_bits()
    bits[place] ^= 1
    assert heard_bits(bits) == []


def test_two_wrong_bits_that_keep_the_checksum_but_break_a_frame_give_nothing():
    # The stop bit of the eleventh byte is lost; sum and length are still right.
    bits = message_bits()
    bits[480 + 10 * 10 + 9] = 0
    assert heard_bits(bits) == []


def test_ringing_that_reaches_the_line_just_before_does_not_disturb():
    at = np.arange(8000) / 8000
    ringing = np.clip(3 * rms(3.0) * np.sin(2 * np.pi * 25 * at), -32000, 32000)
    sound = fsk(message_bits(), 1200, 2200, -30.0)
    (heard,) = feed(on_line(ringing, np.zeros(800), sound))
    assert heard.number == "55512"


def test_speech_is_no_identity():
    sound = talker(30.0, -15.0, np.random.default_rng(11)).astype(np.float32)
    assert feed(sound, 160) == [], "seed 11"


@pytest.mark.parametrize("scheme", ["fsk_bell202_between_rings", "dtmf_before_ring"])
@pytest.mark.parametrize("late", [0, 7, 39])
def test_the_weakest_identity_is_heard_behind_seconds_of_idle_noise(scheme, late):
    seed = 901 + late
    print(f"seed {seed}")
    sent = caller_id_sound(scheme, CALLER, WHEN)
    weakest_dbm0 = -37.0 if scheme.startswith("fsk") else -28.0  # TIA-777, -36.2; Denmark
    sent = sent * rms(weakest_dbm0) / np.sqrt(np.mean(sent[:4000] ** 2))
    sound = np.concatenate((np.zeros(8 * 3000 + late), sent, np.zeros(2000)))
    # Idle noise of G.712, -65 dBm0.
    noise = np.random.default_rng(seed).standard_normal(len(sound)) * rms(-65)
    (heard,) = feed((sound + noise).astype(np.float32))
    assert heard.number == CALLER.number


@pytest.mark.parametrize("noise_dbm0", [None, -50.0])
@pytest.mark.parametrize("message_dbm0", [FSK_DBM0, -34.0])
def test_keys_heard_on_the_line_before_do_not_hide_the_caller(noise_dbm0, message_dbm0) -> None:
    """The box tries its own lines with keys of -8 dBm0; the next call comes five seconds later."""
    keys = [key_sound(low, high) for low, high in ((697, 1209), (770, 1336), (852, 1477))]
    message = caller_id_sound("fsk_bell202_between_rings", CALLER, WHEN)
    message = message * 10 ** ((message_dbm0 - FSK_DBM0) / 20)
    sound = on_line(*keys, np.zeros(40_000), message)
    if noise_dbm0 is not None:
        rng = np.random.default_rng(11)
        sound = sound + (rng.standard_normal(len(sound)) * rms(noise_dbm0)).astype(np.float32)
    (heard,) = feed(sound)
    assert heard.number == CALLER.number, "seed 11"


def key_sound(low_hz: int, high_hz: int) -> np.ndarray:
    """One key at -8 dBm0 for 100 ms, each tone at -11, and a pause of 100 ms."""
    at = np.arange(800) / 8000
    tones = np.sin(2 * np.pi * low_hz * at) + np.sin(2 * np.pi * high_hz * at)
    return np.concatenate((tones * rms(-11.0) * np.sqrt(2), np.zeros(800)))
