"""What an office sets about its page: how long a change of lines is on trial, how it is reached."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

ON_TRIAL: Final = ("lines", "trunks")
"""Settings after which the way to the outside, or to the box, may be gone."""


class PageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The page.

    Attributes:
        trial_min: A change of lines that nobody confirms within so many minutes is taken back;
            0 lets it stand at once.
        secure_only: Browsers that come without encryption are sent to the encrypted address.
        dialling: Programs with a token may have telephones called (click to call).
    """

    trial_min: Annotated[int, msgspec.Meta(ge=0, le=60)] = 3
    secure_only: bool = False
    dialling: bool = True
