"""What an office sets about its page: how long a change is on trial, how it is reached."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

ON_TRIAL: Final = ("lines", "trunks", "network")
"""Settings after which the way to the outside, or to the box, may be gone."""


class PageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The page.

    Attributes:
        trial_min: A change of lines or network that nobody confirms within so many minutes is
            taken back; 0 lets it stand at once.
        secure_only: Browsers that come without encryption are sent to the encrypted address.
        dialling: Programs with a token may have telephones called (click to call).
        password_length: Characters of a new password, at least.
        password_former: So many former passwords may not be used again, the present one included.
        password_days: After so many days another must be chosen; 0 for never, since who must change
            often chooses badly (NIST SP 800-63B, 5.1.1.2) and an office may have to all the same.
    """

    trial_min: Annotated[int, msgspec.Meta(ge=0, le=60)] = 3
    secure_only: bool = False
    dialling: bool = True
    password_length: Annotated[int, msgspec.Meta(ge=8, le=64)] = 8
    password_former: Annotated[int, msgspec.Meta(ge=0, le=12)] = 3
    password_days: Annotated[int, msgspec.Meta(ge=0, le=730)] = 0
