"""Country profiles: what an exchange or a telephone of that country would notice."""

import msgspec
import pytest

from firmware.core.countries import COUNTRIES, country, problems

TWELVE = ("CN", "HK", "TW", "SG", "US", "GB", "DE", "FR", "JP", "AU", "IN", "BR")


def test_the_twelve_are_there():
    assert tuple(COUNTRIES) == TWELVE


@pytest.mark.parametrize("code", TWELVE)
def test_an_open_loop_never_means_two_things(code):
    hook = COUNTRIES[code].hook
    meanings = {
        length_ms: [
            hook.pulse_break_ms[0] <= length_ms <= hook.pulse_break_ms[1],
            hook.flash_ms[0] <= length_ms <= hook.flash_ms[1],
            length_ms >= hook.hang_up_ms,
        ]
        for length_ms in range(3000)
    }
    assert {n: m for n, m in meanings.items() if sum(m) > 1} == {}
    assert meanings[60][0], "a 10 pps break of 60 % dials"
    assert meanings[67][0], "a 10 pps break of 67 % dials"
    assert meanings[hook.flash_out_ms][1], "what we send as a recall, we would take as one"
    assert meanings[2999][2], "three seconds open is a hang-up"


@pytest.mark.parametrize("code", TWELVE)
def test_a_profile_survives_the_wire_and_stays_valid(code):
    profile = COUNTRIES[code]
    again = msgspec.json.decode(msgspec.json.encode(profile), type=type(profile))
    assert again == profile
    assert problems(again) == ()


@pytest.mark.parametrize(
    ("code", "tone", "frequencies_hz", "cadence_ms"),
    [  # the standards' own numbers, typed anew: GB 3380, precise tone plan, SIN 350, E.180
        ("CN", "busy", (450,), (350, 350)),
        ("CN", "congestion", (450,), (700, 700)),
        ("CN", "ringback", (450,), (1000, 4000)),
        ("US", "dial", (350, 440), ()),
        ("US", "busy", (480, 620), (500, 500)),
        ("US", "congestion", (480, 620), (250, 250)),
        ("US", "ringback", (440, 480), (2000, 4000)),
        ("GB", "ringback", (400, 450), (400, 200, 400, 2000)),
        ("GB", "busy", (400,), (375, 375)),
        ("GB", "congestion", (400,), (400, 350, 225, 525)),
        ("DE", "busy", (425,), (480, 480)),
        ("FR", "dial", (440,), ()),
        ("JP", "ringback", (400,), (1000, 2000)),
        ("BR", "congestion", (425,), (250, 250, 750, 250)),
        ("IN", "busy", (400,), (750, 750)),
    ],
)
def test_tones_are_the_published_ones(code, tone, frequencies_hz, cadence_ms):
    entry = COUNTRIES[code].tones[tone]
    assert entry.frequencies_hz == frequencies_hz
    assert entry.cadence_ms == cadence_ms


@pytest.mark.parametrize(
    ("typed", "nearest"), [("UK", "GB"), ("USA", "US"), ("germny", "DE"), ("XX", "")]
)
def test_an_unknown_country_is_refused_with_the_nearest_one(typed, nearest):
    with pytest.raises(ValueError, match=f"{typed!r} has no profile; the nearest is {nearest}"):
        country(typed)


def test_lower_case_is_understood():
    assert country("cn").name_en == "China"


def test_a_flash_window_that_swallows_pulses_is_named():
    profile = COUNTRIES["GB"]
    bad = msgspec.structs.replace(
        profile, hook=msgspec.structs.replace(profile.hook, flash_ms=(70, 250))
    )
    assert any("longest pulse break 74 ms" in sentence for sentence in problems(bad))


def test_tones_that_would_clip_are_named():
    profile = COUNTRIES["US"]
    dial = msgspec.structs.replace(profile.tones["dial"], level_dbm0=0.0)
    bad = msgspec.structs.replace(profile, tones=profile.tones | {"dial": dial})
    assert any("clip" in sentence for sentence in problems(bad))
