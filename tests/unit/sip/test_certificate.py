"""Whom a certificate names."""

from __future__ import annotations

import pytest

from firmware.sip.certificate import names


@pytest.mark.parametrize(
    ("host", "named", "wanted"),
    [
        ("sip.carrier.example", ["sip.carrier.example"], True),
        ("SIP.Carrier.Example.", ["sip.carrier.example"], True),
        ("sip.carrier.example", ["*.carrier.example"], True),
        ("a.sip.carrier.example", ["*.carrier.example"], False),  # one label alone
        ("carrier.example", ["*.carrier.example"], False),
        ("sip.example", ["*.example", "*"], False),  # a whole top level
        ("sip.carrier.example", ["other.example", "carrier.example"], False),
        ("sip.carrier.example", [], False),
        ("192.0.2.9", ["192.0.2.9"], True),
        ("192.0.2.9", ["*.0.2.9"], False),
        ("[2001:db8::9]", ["2001:db8:0:0::9"], True),
        ("", [""], False),
    ],
)
def test_a_certificate_names_the_host(host: str, named: list[str], wanted: bool) -> None:
    assert names(host, named) is wanted
