"""A wrong machine configuration refuses: the thing, its value and the nearest valid one."""

from pathlib import Path

import pytest

import firmware
from firmware.config import (
    Chain,
    ConfigError,
    Folders,
    Machine,
    Pins,
    check,
    check_devices,
    load,
)

EXAMPLE = Path(firmware.__path__[0]) / "machine.example.toml"


def refusal(tmp_path: Path, *changes: tuple[str, str]) -> str:
    """The sentence for the example with these texts replaced."""
    text = EXAMPLE.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "machine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path)
    sentence = str(refused.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    return sentence.removeprefix(f"{path}: ")


def test_the_example_is_the_reference_card() -> None:
    machine = load(EXAMPLE)
    assert machine == Machine(
        country="CN",
        trunk_legs=8,
        fax_ends=2,
        chains=(
            Chain(kind="fxs", chip="si3215", device="/dev/spidev0.0", count=4, slots=(0, 1, 2, 3)),
            Chain(kind="fxo", chip="si3050", device="/dev/spidev0.1", count=4, slots=(4, 5, 6, 7)),
        ),
        pins=Pins(
            reset=25,
            interrupt_fxs=22,
            interrupt_fxo=23,
            relay=24,
            button=27,
            led_ok=5,
            led_fault=6,
        ),
        folders=Folders(data="/var/lib/tipring", run="/run/tipring"),
    )
    check(machine)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("country", "contry", "the file has no key 'contry'; the nearest is 'country'."),
        ("periods", "period", "[sound] has no key 'period'; the nearest is 'periods'."),
        ("relay", "rely", "[pins] has no key 'rely'; the nearest is 'relay'."),
        ("slots", "slot", "[chains 1] has no key 'slot'; the nearest is 'slots'."),
        ("[sound]", "[sounds]", "the file has no key 'sounds'; the nearest is 'sound'."),
        ("count = 4\n", "", "[chains 1] lacks the key 'count'."),
        ('country = "CN"', "", "the file lacks the key 'country'."),
        (
            '"si3215"',
            '"si3211"',
            (
                "chains 1.chip is 'si3211', which is unknown; the nearest is 'si3210' "
                "(there are si3210, si3215, si3050)."
            ),
        ),
        (
            '"fxo"',
            '"fxoo"',
            "chains 2.kind is 'fxoo', which is unknown; the nearest is 'fxo' (there are fxs, fxo).",
        ),
        ("count = 4", 'count = "4"', "chains 1.count is '4'; a whole number is needed."),
        ("count = 4", "count = true", "chains 1.count is True; a whole number is needed."),
        ('data = "/var/lib/tipring"', "data = 5", "folders.data is 5; a text in quotes is needed."),
        ("[0, 1, 2, 3]", "0", "chains 1.slots is 0; a list is needed."),
        (
            "[0, 1, 2, 3]",
            '[0, 1, "2", 3]',
            "chains 1.slots 3 is '2'; a whole number is needed.",
        ),
        ("reset = 25", 'reset = "25"', "pins.reset is '25'; a whole number is needed."),
        (
            '"si3050"',
            '"si3215"',
            "chip si3215 of chain 2 is not for fxo ports; the nearest that is, is si3050.",
        ),
        (
            '"si3215"',
            '"si3050"',
            "chip si3050 of chain 1 is not for fxs ports; the nearest that is, is si3210.",
        ),
        (
            '"/dev/spidev0.1"',
            '"/dev/spidev0.0"',
            (
                "chains 1 and 2 are both on /dev/spidev0.0; the two families cannot share a chip "
                "select, the nearest other is /dev/spidev0.1."
            ),
        ),
        (
            "[4, 5, 6, 7]",
            "[3, 5, 6, 7]",
            "slot 3 is used in chain 2 and in chain 1; the nearest free one is 4.",
        ),
        (
            "[4, 5, 6, 7]",
            "[3, 4, 5, 6]",
            "slot 3 is used in chain 2 and in chain 1; the nearest free one is 7.",
        ),
        (
            "[0, 1, 2, 3]",
            "[0, 1, 2, 2]",
            "slot 2 is used in chain 1 twice; the nearest free one is 3.",
        ),
        (
            "[4, 5, 6, 7]",
            "[4, 5, 6, 8]",
            "slot 8 of chain 2 is not 0 to 7; the nearest free one is 7.",
        ),
        (
            "[0, 1, 2, 3]",
            "[-1, 1, 2, 3]",
            "slot -1 of chain 1 is not 0 to 7; the nearest free one is 0.",
        ),
        (
            "count = 4",
            "count = 3",
            "chain 1 has 3 chips and 4 slots; each chip needs one, so the nearest is count = 4.",
        ),
        ("count = 4", "count = 0", "count 0 of chain 1 is not 1 to 8; the nearest is 1."),
        ("count = 4", "count = 9", "count 9 of chain 1 is not 1 to 8; the nearest is 8."),
        (
            "count = 4",
            "count = 4\nspeed_hz = 20000000",
            "speed_hz 20000000 of chain 1 is not 1000000 to 8000000; the nearest is 8000000.",
        ),
        (
            "relay = 24",
            "relay = 25",
            "GPIO 25 is given to pins.reset and to pins.relay; the nearest free one is 24.",
        ),
        (
            "relay = 24",
            "relay = 8",
            "GPIO 8 for pins.relay belongs to SPI (chip select 0); the nearest free one is 4.",
        ),
        (
            "reset = 25",
            "reset = 40",
            "GPIO 40 for pins.reset is not on the header; the nearest free one is 26.",
        ),
        (
            "periods = 3",
            "periods = 1",
            "sound.periods is 1; two are needed, one to play while the other is filled.",
        ),
        (
            'country = "CN"',
            'country = "CN"\npage_address = "0.0.0.0"',
            (
                "page_address '0.0.0.0' is not HOST:PORT with a port of 1 to 65535; the nearest is "
                "'0.0.0.0:80'."
            ),
        ),
    ],
)
def test_one_thing_wrong_is_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert refusal(tmp_path, (old, new)) == sentence


def test_a_country_without_profile_names_the_nearest(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, ('"CN"', '"UK"'))
    assert sentence.startswith("country 'UK' has no profile; the nearest is GB (there are CN, HK,")


def test_more_than_eight_ports_are_refused(tmp_path: Path) -> None:
    five = ("count = 4\nslots = [0, 1, 2, 3]", "count = 5\nslots = [0, 1, 2, 3, 4]")
    more = ("count = 4\nslots = [4, 5, 6, 7]", "count = 4\nslots = [5, 6, 7, 8]")
    sentence = refusal(tmp_path, five, more)
    assert sentence == ("chain 2 is the ninth port and more: the highway has 8 slots, all taken.")


def test_no_chain_is_no_telephone_system(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('country = "CN"\nchains = []\n[pins]\nreset = 25\n')
    with pytest.raises(ConfigError, match=r"there is no \[\[chains\]\]"):
        load(tmp_path / "m.toml")


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no machine configuration .*machine\.example\.toml"):
        load(tmp_path / "none.toml")
    (tmp_path / "m.toml").write_text("country = CN")
    with pytest.raises(ConfigError, match=r"m\.toml is not TOML: .*line 1"):
        load(tmp_path / "m.toml")
    (tmp_path / "m.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "m.toml")


def test_devices_are_looked_for_apart() -> None:
    machine = load(EXAMPLE)
    check_devices(machine, {"/dev/spidev0.0", "/dev/spidev0.1"}.__contains__)
    with pytest.raises(ConfigError) as refused:
        check_devices(machine, {"/dev/spidev0.0"}.__contains__)
    assert str(refused.value) == (
        "device /dev/spidev0.1 of chain 2 is not there; the nearest that is there is "
        "/dev/spidev0.0."
    )
    with pytest.raises(ConfigError, match="no SPI device is there at all"):
        check_devices(machine, set[str]().__contains__)
