"""The flows are XML that says what the table says."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from tests.sip.flows import FLOWS, Hear, Say, xml


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_is_well_formed_and_complete(name: str) -> None:
    tree = ET.fromstring(xml(name, FLOWS[name]))  # noqa: S314 - made here
    said = [send.text.split()[0] for send in tree.findall("send")]
    assert said == [step.method for step in FLOWS[name] if isinstance(step, Say)]
    heard = [int(recv.get("response")) for recv in tree.findall("recv")]
    assert heard == [step.code for step in FLOWS[name] if isinstance(step, Hear)]
    assert tree.get("name") == name


def test_an_acknowledgement_repeats_the_number_of_what_it_acknowledges() -> None:
    text = xml("x", FLOWS["held and taken back"])
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
