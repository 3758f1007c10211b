"""Every word a page can show is there in both languages."""

import re
from pathlib import Path

import pytest

import web
from firmware.call.call import Call
from firmware.core.countries import COUNTRIES
from firmware.core.destinations import (
    ToExtension,
    ToFlow,
    ToGroup,
    ToOutside,
    spoken,
)
from firmware.core.log_entries import AnsweredBy, ClearedBy, Direction, Outcome, Side
from firmware.port.fxo_port import FxoPort
from firmware.port.fxs_port import FxsPort
from firmware.port.sip_port import SipPort
from tests.bench import phones
from tests.bench.phones.words import WORDS as PHONE_WORDS
from tests.bench.world.exchange_line import CLEAR_BY
from web.status.present import MOODS
from web.words import LANGUAGES, WORDS

WEB = Path(web.__file__).parent
PHONES = Path(phones.__file__).parent

HAN = re.compile("[\u4e00-\u9fff]")
SAME_IN_BOTH = {"fsk", "dtmf", "language", "title"}


def sources(folder: Path, *endings: str) -> str:
    found = [path for ending in endings for path in sorted(folder.rglob(f"*{ending}"))]
    assert found
    return "\n".join(
        path.read_text(encoding="utf-8") for path in found if "vendor" not in path.parts
    )


@pytest.mark.parametrize("table", [WORDS, PHONE_WORDS], ids=["page", "phones"])
def test_every_word_has_both_languages(table: dict[str, tuple[str, str]]) -> None:
    for key, words in table.items():
        assert len(words) == len(LANGUAGES), key
        assert all(word.strip() for word in words), key
        chinese, english = words
        if key in SAME_IN_BOTH:
            continue
        assert HAN.search(chinese), f"{key}: {chinese!r} is no Chinese"
        assert not HAN.search(english), f"{key}: {english!r} is no English"
        fields = [sorted(re.findall(r"{(\w+)}", word)) for word in words]
        assert fields[0] == fields[1], f"{key}: the languages fill in different things"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("fxs", list(FxsPort.TABLE.states)),
        ("fxo", list(FxoPort.TABLE.states)),
        ("sip", list(SipPort.TABLE.states)),
        ("call", list(Call.TABLE.states)),
        ("outcome", [outcome.value for outcome in Outcome]),
        ("by", [by.value for by in ClearedBy]),
        ("side", [side.value for side in Side]),
        ("direction", [direction.value for direction in Direction]),
        ("answered-by", [by.value for by in AnsweredBy]),
        ("country", list(COUNTRIES)),
    ],
)
def test_whatever_the_box_can_say_has_words(kind: str, names: list[str]) -> None:
    assert names
    missing = [name for name in names if f"{kind}.{name}" not in WORDS]
    assert not missing, f"no words for {kind}: {missing}"


def test_no_word_is_left_of_a_state_that_is_gone() -> None:
    for kind, machine in (("fxs", FxsPort), ("fxo", FxoPort), ("sip", SipPort), ("call", Call)):
        ours = {key.partition(".")[2] for key in WORDS if key.startswith(f"{kind}.")}
        assert ours <= set(machine.TABLE.states), ours - set(machine.TABLE.states)
    assert set(MOODS) <= set(WORDS)


def test_every_destination_has_words() -> None:
    kinds = [
        ToExtension(number="201", port="fxs/1")
        if "port" in ToExtension.__struct_fields__
        else ToExtension(number="201"),
        ToGroup(number="200"),
        ToOutside(number="10086"),
        ToOutside(number="110", emergency=True),
        ToFlow(flow="main"),
    ]
    for kind in kinds:
        assert f"to.{spoken(kind).split()[0]}" in WORDS


def test_templates_and_scripts_use_words_that_exist() -> None:
    used = set(re.findall(r"\bt\('([^']+)'\s*[,)]", sources(WEB / "templates", ".html")))
    assert "overview" in used
    assert used <= set(WORDS), used - set(WORDS)
    used = set(re.findall(r"\bt\('([^']+)'\s*[,)]", sources(PHONES / "templates", ".html")))
    used |= set(re.findall(r"words\.([a-z]+)", sources(PHONES / "static", ".js")))
    used |= set(re.findall(r"told\(card, \"([a-z-]+)\"\)", sources(PHONES / "static", ".js")))
    used |= set(CLEAR_BY)
    assert {"lift", "mic-off", "unknown"} <= used
    assert used <= set(PHONE_WORDS), used - set(PHONE_WORDS)


def test_every_refusal_of_the_town_has_words() -> None:
    control = (PHONES.parent / "control.py").read_text(encoding="utf-8")
    names = set(re.findall(r"NotNow\(\"([a-z-]+)\"", control))
    assert {"handset-down", "line-busy"} <= names
    assert names <= set(PHONE_WORDS)
