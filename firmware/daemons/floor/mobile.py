"""Which numbers are of mobile telephones: a text reaches those alone."""

from __future__ import annotations

from typing import Final

import phonenumbers

MOBILE: Final = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


def is_mobile(number: str, country: str) -> bool:
    """Whether a text can reach it, as far as its digits tell in this country."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) in MOBILE
