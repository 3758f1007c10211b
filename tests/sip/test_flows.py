"""The flows are XML that says what the table says."""

from __future__ import annotations

import tarfile
import xml.etree.ElementTree as ET

import pytest

from tests.sip import torture
from tests.sip.flows import FLOWS
from tests.sip.sheet import sheet
from tests.sip.steps import Get, Give, Hear, Say


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_is_well_formed_and_complete(name: str) -> None:
    flow = FLOWS[name]
    tree = ET.fromstring(sheet(name, flow))  # noqa: S314 - made here
    said = [send.text.split()[0] for send in tree.findall("send")]
    expected = [s.method if isinstance(s, Say) else "SIP/2.0" for s in flow.steps if said_by(s)]
    assert said == expected
    heard = [recv.get("response") or recv.get("request") for recv in tree.findall("recv")]
    wanted = [s.method if isinstance(s, Get) else str(s.code) for s in flow.steps if heard_by(s)]
    assert heard == wanted
    assert tree.get("name") == name
    assert flow.steps
    assert flow.over


def said_by(step: object) -> bool:
    return isinstance(step, (Say, Give))


def heard_by(step: object) -> bool:
    return isinstance(step, (Hear, Get))


def test_there_are_sixty_flows_and_more() -> None:
    assert len(FLOWS) >= 60


def test_an_acknowledgement_repeats_the_number_of_what_it_acknowledges() -> None:
    text = sheet("x", FLOWS["held and taken back"])
    numbers = [line for line in text.splitlines() if line.startswith("CSeq")]
    assert numbers == [
        "CSeq: 1 INVITE",
        "CSeq: 1 ACK",
        "CSeq: 2 INVITE",
        "CSeq: 2 ACK",
        "CSeq: 3 INVITE",
        "CSeq: 3 ACK",
        "CSeq: 4 BYE",
    ]


def test_each_message_of_the_rfc_has_its_answers() -> None:
    assert set(torture.messages()) == set(torture.ANSWERS)
    assert len(torture.ANSWERS) == 49
    with tarfile.open(torture.ARCHIVE) as archive:
        assert all(member.name.endswith(".dat") for member in archive if member.isfile())
