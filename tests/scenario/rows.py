"""What owners of small offices expect of a box and its lines, by row; each needs a scenario.

Numbers and names are those of the product's list of capabilities and of the pains people wrote
about. ``services_table`` says which scenario shows each; what nothing shows yet stands in
``MISSING`` with the reason, and a test lets that list only shrink.
"""

from __future__ import annotations

from typing import Final

NUMBERED: Final = {
    "S-34": "hold, with a reason and a time",
    "S-35": "nobody waits on a line for more than a minute",
    "S-36": "a cue to thank whoever has waited",
    "S-37": "somebody who waits hears from time to time that he is not forgotten",
    "S-38": "told the minutes, the customer waits or is called back",
    "S-39": "long silences are noticed",
    "S-40": "talk time is reminded of and never cut",
    "S-41": "handling time is compared by kind of call",
    "S-42": "a silent call is greeted twice, told so, and cleared after 5 s",
    "S-43": "a faint caller is made louder, then asked to speak up",
    "S-49": "fast dialling, and hearing one's own recordings",
    "S-52": "the customer hears where he is transferred",
    "S-53": "the receiver hears who comes",
    "S-54": "a transfer that nobody answers comes back",
    "S-55": "the receiver is told who is on the line",
    "S-56": "the customer hears who takes over",
    "S-57": "nobody is passed on and on",
    "S-58": "blind transfer can be forbidden",
    "S-59": "where somebody is absent, callback or message by a key",
    "S-60": "a group is a transfer target, and the record goes along",
    "S-61": "three-way call",
    "S-62": "questions go up to a superior",
    "S-66": "which side cleared first",
    "S-86": "trunk groups, reserved lines, all lines busy",
    "S-87": "Cantonese and Mandarin",
    "S-148": "line quality is watched",
    "S-171": "redundancy of power and lines",
    "S-172": "lines are tested before opening",
    "S-177": "emergency mode by one code",
    "P-01": "lines stay engaged after the caller has hung up",
    "P-02": "live calls are cut by a false busy tone",
    "P-03": "tuning a line demands an expert",
    "P-04": "caller identity missing or wrong",
    "P-05": "keyed digits lost",
    "P-06": "echo and level",
    "P-14": "somebody is stuck in a state",
    "P-15": "telephones ring after the caller has gone, or start again",
    "P-16": "an unreachable telephone counts as available",
    "P-23": "opening hours in the wrong zone or wrong on special days",
}

NAMED: Final = (
    # telephony
    "Analog lines (FXO) as standard equipment",
    "Ordinary telephones (FXS) as the normal extension",
    "SIP trunks and SIP phones",
    "Call forward: all, busy, no answer",
    "Do not disturb by code",
    "Blind and attended transfer",
    "Three-way call from the handset itself",
    "Conference bridge for several parties",
    "Call park and retrieve, ring-back on time-out",
    "Group and directed pickup",
    "Hunt / ring groups",
    "Paging and intercom",
    "DISA with PIN",
    "Follow-me / external number as extension",
    "Day / lunch / night mode, switchable from a phone",
    "Route choice by number, time and cost (LCR)",
    "Toll restriction / class of service per extension",
    "Account codes or PIN before dialling out",
    "System and personal speed dial",
    "Wake-up / timed reminder call",
    "Automatic callback when a busy extension becomes free",
    "Executive override / barge-in by code",
    "Door phone port and door opener",
    "Call log printed to a serial port (SMDR)",
    "Number block and allow lists",
    "Call time limit per extension or route",
    # analog
    "FSK caller ID received on lines",
    "DTMF caller ID received, before or after ring",
    "Caller ID sent to analog phones (Type I)",
    "Caller ID on call waiting (Type II)",
    "Caller ID enriched with queue, wait, VIP mark",
    "Message waiting on analog sets: stutter, FSK, lamp voltage",
    "Hook-flash services with adjustable timing",
    "Clear detection: loop break / polarity / busy tone selectable per line",
    "Automatic learning of clear signal",
    "Guard against false clear during speech or conference",
    "Answer detection on outgoing analog calls",
    "Gain per port",
    "Echo canceller self-tuning and score per line",
    "Country tone tables incl. China 450 Hz 350/350",
    "Pulse dialling phones accepted",
    "Hot line / warm line on a port",
    "Line unplugged / no loop current alarm",
    "Several lines as one group with hunting order",
    "One line reserved for outbound / emergency",
    "Fax tone detection and fax to mail",
    "Line-to-phone relay on power loss",
    "Works with batteries on mains loss",
)

MISSING: Final = {
    "S-41": "a figure of reports: handling times by kind of call are compared "
    "by tests/unit/reports; no party of a call hears of it",
    "SIP trunks and SIP phones": "trunks hold in tests/unit/daemons/test_trunk_calls.py "
    "and tests/scenario/test_real_trunk.py, without a scenario file",
    "Call log printed to a serial port (SMDR)": "printed by outboxd, byte by byte in "
    "tests/unit/daemons/test_printer.py; no party of a call hears of it",
}
