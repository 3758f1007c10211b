"""Trunks on the page: how a call's sound travelled, what a test of the network says."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from drivers.line import PortReady
from firmware.control.trunk_messages import ProbeTrunk, TrunkProbed, TrunkSeen, TrunksSeen
from firmware.core.events import IdentityKind
from firmware.core.settings import Line, Settings, validate
from firmware.core.sip_events import SipAnswered, SipEnded, SipOffered, SipQuality
from firmware.core.sip_settings import Sip, SipTrunk
from firmware.daemons.trunk.own_certificate import certificate_at
from firmware.sip.network import NetworkFound
from firmware.storage.export import calls_csv
from firmware.storage.record_reader import ReadRecords
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(box: OfficeBox, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


TRUNK = {
    "name": "carrier",
    "lines": ["sip/1"],
    "host": "192.0.2.1",
    "register": False,
    "user": "021",
}


def talked(box: OfficeBox, **counted: object) -> str:
    """A call came by the trunk, was answered, and its leg was counted: the call's id."""
    box.set(lines=[{"port": "sip/1", "inbound": "201"}], sip={"trunks": [TRUNK]})
    box.tell(PortReady(port="sip/1", at_ms=box.now_ms))
    box.tell(
        SipOffered(port="sip/1", at_ms=box.now_ms, kind=IdentityKind.NUMBER, number="13800138000")
    )
    box.lift()
    box.tell(SipAnswered(port="sip/1", at_ms=box.now_ms, codec="PCMA"))
    box.pass_ms(20_000)
    box.tell(SipQuality(port="sip/1", at_ms=box.now_ms, over=True, **counted))  # type: ignore[arg-type]  # by name
    box.tell(SipEnded(port="sip/1", at_ms=box.now_ms, code=200))
    box.hang_up()
    box.pass_ms(10_000)
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        return records.calls()[-1].call


COUNTED = {
    "codec": "PCMA",
    "transport": "udp",
    "packets": 950,
    "lost": 30,
    "late": 19,  # 49 of 980: 5.0 %
    "jitter_ms": 12.5,
    "round_trip_ms": 80.0,
    "mos": 3.4,
    "sent": 1_000,
    "far_lost": 20,
    "far_jitter_ms": 4.0,
    "far_mos": 3.9,
}


def test_the_page_of_a_call_shows_how_its_sound_travelled(app: Flask, box: OfficeBox) -> None:
    call = talked(box, **COUNTED)
    page = signed_in(app).get(f"/calls/{call}", headers=ENGLISH).text
    for words in ("PCMA, UDP", "5.0 % lost, jitter 12.5 ms, MOS 3.4", "2.0 % lost", "80.0 ms"):
        assert words in page, words
    assert "estimate" in page
    page = signed_in(app).get(f"/calls/{call}", headers={"Accept-Language": "zh-CN"}).text
    assert "丢包 5.0%，抖动 12.5 毫秒，MOS 3.4" in page


def test_a_far_side_without_reports_is_not_said_to_hear_well(app: Flask, box: OfficeBox) -> None:
    call = talked(box, **dict(COUNTED, far_mos=0.0, far_lost=0))
    assert "It sends no reports." in signed_in(app).get(f"/calls/{call}", headers=ENGLISH).text


def test_what_is_taken_out_has_the_figures_of_trunk_calls(box: OfficeBox) -> None:
    talked(box, **COUNTED)
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        head, row = "".join(calls_csv(records.stream())).removeprefix("\ufeff").splitlines()[:2]
    cells = dict(zip(head.split(","), row.split(","), strict=True))
    assert cells["trunk_codec"] == "PCMA"
    assert (cells["trunk_loss_percent"], cells["trunk_mos"]) == ("5.0", "3.4")
    assert (cells["trunk_jitter_ms"], cells["trunk_far_loss_percent"]) == ("12.5", "2.0")


class ProbedBox(OfficeBox):
    """An office whose sipd finds what a test says."""

    found = NetworkFound(
        trunk="carrier", host="192.0.2.1", addresses=("192.0.2.1",), sent=20, trips_ms=(30.0,) * 20
    )

    def do(self, commands: Any) -> None:
        """What sipd does of it: it tests."""
        rest = []
        for command in commands:
            if isinstance(command, ProbeTrunk):
                self.calld.trunks.hear(TrunkProbed(ask=command.ask, found=self.found))
            else:
                rest.append(command)
        super().do(rest)


def test_a_trunk_is_tested_at_a_button_and_the_verdict_is_in_words(tmp_path: Path) -> None:
    box = ProbedBox(tmp_path)
    box.set(lines=[{"port": "sip/1"}], sip={"trunks": [TRUNK]})
    app = create_app(box, tmp_path)
    owner = signed_in(app)
    page = owner.get("/trunks/", headers=ENGLISH).text
    assert "Test the network" in page
    assert "The SIP program does not run." in page
    # --- nobody there to test it: a sentence, in both languages
    refused = owner.post("/trunks/test", data={"name": "carrier"}, headers=ENGLISH)
    assert refused.status_code == 409
    assert "The SIP program does not run" in refused.text
    # --- and with somebody
    box.calld.trunks.here = True
    seen = (TrunkSeen(name="carrier", state="up", up=True),)
    box.calld.trunks.hear(TrunksSeen(at_ms=0, library="2.17", trunks=seen))
    page = owner.post("/trunks/test", data={"name": "carrier"}, headers=ENGLISH).text
    for words in ("The network is good for speech", "round trip 30.0 ms", "fixed peer"):
        assert words in page, words
    chinese = {"Accept-Language": "zh-CN"}
    assert "网络良好" in owner.post("/trunks/test", data={"name": "carrier"}, headers=chinese).text
    gone = owner.post("/trunks/test", data={"name": "<nobody>"}, headers=ENGLISH)
    assert gone.status_code == 409
    assert "There is no SIP trunk named &lt;nobody&gt;" in gone.text
    assert signed_in(app, "boss").post("/trunks/test", data={"name": "carrier"}).status_code == 403
    box.close()


def test_the_boxs_own_certificate_goes_to_the_office_that_calls_here(
    app: Flask, box: OfficeBox, tmp_path: Path
) -> None:
    owner, boss = signed_in(app), signed_in(app, "boss")
    assert "This box&#39;s certificate" not in owner.get("/trunks/", headers=ENGLISH).text
    assert owner.get("/trunks/certificate").status_code == 404
    shown = certificate_at(tmp_path / "own.pem", ["192.168.1.20"])
    box.calld.trunks.hear(TrunksSeen(at_ms=0, library="2.17", certificate=shown))
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest().upper()
    spelled = ":".join(re.findall("..", digest))
    for language, words in (
        ("en", "Certificate of an own authority"),
        ("zh-CN", "自有签发机构的证书"),
    ):
        page = owner.get("/trunks/", headers={"Accept-Language": language}).text
        assert words in page
        assert spelled in page
    file = owner.get("/trunks/certificate")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "PRIVATE" not in file.text
    # The other office's settings take it as it is.
    settings = Settings(sip=Sip(authority=tuple(file.text.splitlines())))
    assert not [path for path in validate(settings, "en") if path.startswith("sip")]
    page = boss.get("/trunks/", headers=ENGLISH).text
    assert spelled in page
    assert "tipring-sip.pem" not in page
    assert boss.get("/trunks/certificate").status_code == 403


def test_how_offices_meet_and_the_sample_for_it_in_both_languages(app: Flask) -> None:
    owner = signed_in(app)
    for language, words in (("en", "sample configuration of Kamailio"), ("zh-CN", "示例配置")):
        page = owner.get("/trunks/", headers={"Accept-Language": language}).text
        assert words in page
        for engine in ("Kamailio", "Asterisk", "FreeSWITCH"):
            assert engine in page
        for name in re.findall(r'href="(/trunks/meeting-point/[^"]+)"', page):
            file = owner.get(name)
            assert file.status_code == 200
            assert file.headers["Content-Disposition"].startswith("attachment")
    assert "ds_is_from_list" in owner.get("/trunks/meeting-point/kamailio.cfg").text
    assert "offices.list" in page
    assert owner.get("/trunks/meeting-point/README.md").status_code == 404


def test_what_the_sample_tells_a_person_to_set_is_there_to_be_set() -> None:
    sample = Path(__file__).parents[2] / "web" / "trunks" / "kamailio"
    text = (sample / "kamailio.cfg").read_text(encoding="utf-8")
    here = [line for line in text.splitlines() if "# HERE" in line]
    assert len(here) == 2
    assert text.count("192.0.2.5") == 2 == sum("192.0.2.5" in line for line in here)
    listed = (sample / "offices.list").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in listed if line and not line.startswith("#")]
    prefixes = tuple(row[0] for row in rows)
    trunk = SipTrunk(name="m", lines=("sip/1",), host="192.0.2.5", register=False, offices=prefixes)
    settings = Settings(lines=(Line(port="sip/1"),), sip=Sip(trunks=(trunk,)))
    assert not [path for path in validate(settings, "en") if path.startswith("sip")]
