"""All flows, by name."""

from __future__ import annotations

from typing import Final

from tests.sip.identity import IDENTITY
from tests.sip.incoming import INCOMING
from tests.sip.outgoing import OUTGOING
from tests.sip.refusals import REFUSALS
from tests.sip.registering import REGISTERING
from tests.sip.session import SESSION
from tests.sip.steps import Flow

FLOWS: Final[dict[str, Flow]] = {
    **INCOMING,
    **SESSION,
    **IDENTITY,
    **OUTGOING,
    **REFUSALS,
    **REGISTERING,
}
