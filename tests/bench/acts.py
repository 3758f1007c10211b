"""The sentences that people of a scenario act by: telephones, and the far ends of lines."""

from __future__ import annotations

from tests.bench.clearings import tone_sound
from tests.bench.phrases import Phrasebook, in_ms
from tests.bench.stage import Stage
from tests.bench.voice import speech
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.far_end import FarEnd
from tests.bench.world.party import Party
from tests.bench.world.telephone import Telephone

telephone_acts = Phrasebook("what a telephone does")
line_acts = Phrasebook("what a line does")


@telephone_acts.add("lift[ with bounce <bounce:N> ms]")
def _lift(_stage: Stage, who: Telephone, bounce: str = "0") -> None:
    who.lift(float(bounce))


@telephone_acts.add("replace[ with bounce <bounce:N> ms]", "hang up[ with bounce <bounce:N> ms]")
def _replace(_stage: Stage, who: Telephone, bounce: str = "0") -> None:
    who.replace(float(bounce))


@telephone_acts.add("flash <ms:N> ms")
def _flash(_stage: Stage, who: Telephone, ms: str) -> None:
    who.flash(float(ms))


@telephone_acts.add("dial <digits:NUMBER> by pulse[ at <pps:N> pps][ break <ratio:N>]")
def _pulse(_stage: Stage, who: Telephone, digits: str, pps: str = "10", ratio: str = "0.6") -> None:
    who.dial_pulses(digits, float(pps), float(ratio))


@telephone_acts.add("dial <keys:KEYS>")
def _dial(_stage: Stage, who: Telephone, keys: str) -> None:
    who.press(keys, tone_ms=100.0, pause_ms=100.0)


PRESS = "press <keys:KEYS>[ at <level:L> dBm0][ twist <twist:L> dB][ tone <tone:N> ms]"
PRESS += "[ pause <pause:N> ms][ noise <noise:L>]"


@telephone_acts.add(PRESS)
@line_acts.add(PRESS)
def _press(
    _stage: Stage,
    who: Party,
    keys: str,
    level: str = "-8",
    twist: str = "0",
    tone: str = "90",
    pause: str = "90",
    noise: str | None = None,
) -> None:
    under = None if noise is None else float(noise)
    who.press(keys.upper(), float(level), float(twist), float(tone), float(pause), under)


@telephone_acts.add("say speech for <time:T>[ at <level:L> dBm0]")
@line_acts.add("say speech for <time:T>[ at <level:L> dBm0]")
def _speak(_stage: Stage, who: Party, time: str, level: str = "-16") -> None:
    who.say(speech(in_ms(time), float(level), seed=sum(who.name.encode())))


@telephone_acts.add("say tone <hz:N> for <time:T>[ at <level:L> dBm0]")
@line_acts.add("say tone <hz:N> for <time:T>[ at <level:L> dBm0]")
def _sound(_stage: Stage, who: Party, hz: str, time: str, level: str = "-10") -> None:
    who.say_tone(float(hz), float(level), in_ms(time))


@line_acts.add("say busy tone for <time:T>[ at <level:L> dBm0]")
def _third_party_busy(_stage: Stage, who: ExchangeLine, time: str, level: str = "-18") -> None:
    """The far side has added somebody who is busy: everybody hears it, nobody has cleared."""
    who.say(tone_sound(who.exchange.busy, in_ms(time) / 1000, float(level)))


@telephone_acts.add("say file <name:NAME>")
@line_acts.add("say file <name:NAME>")
def _file(stage: Stage, who: Party, name: str) -> None:
    who.say_wav(stage.folder / name)


@line_acts.add("call from <number:NUMBER>[ name <name:NAME>] at the moment of seizure")
def _glare(_stage: Stage, who: ExchangeLine, number: str, name: str = "") -> None:
    who.call_at_seizure(number, name)


IDENTITY = "[ at <level:L> dBm0][ twist <twist:L> dB][ noise <noise:L>]"


def _shape(level: str | None, twist: str | None, noise: str | None) -> dict[str, float]:
    given = {"level_dbm0": level, "twist_db": twist, "noise_dbm0": noise}
    return {key: float(value) for key, value in given.items() if value is not None}


@line_acts.add("call from <number:NUMBER>[ name <name:NAME>][ by <way:WAY>]" + IDENTITY)
def _call(
    _stage: Stage,
    who: ExchangeLine,
    number: str,
    name: str = "",
    way: str | None = None,
    level: str | None = None,
    twist: str | None = None,
    noise: str | None = None,
) -> None:
    who.call(number, name, way, **_shape(level, twist, noise))


@line_acts.add("call from <number:NUMBER> without caller id")
def _bare_call(_stage: Stage, who: ExchangeLine, number: str) -> None:
    who.call(number, caller_id="none")


@line_acts.add("call withheld[ by <way:WAY>]" + IDENTITY)
def _withheld(
    _stage: Stage,
    who: ExchangeLine,
    way: str | None = None,
    level: str | None = None,
    twist: str | None = None,
    noise: str | None = None,
) -> None:
    who.call("", "", way, "private", **_shape(level, twist, noise))


@line_acts.add("call unavailable[ by <way:WAY>]" + IDENTITY)
def _unavailable(
    _stage: Stage,
    who: ExchangeLine,
    way: str | None = None,
    level: str | None = None,
    twist: str | None = None,
    noise: str | None = None,
) -> None:
    who.call("", "", way, "unavailable", **_shape(level, twist, noise))


@line_acts.add("hang up[ by <way:CLEAR>][ of <ms:N> ms]")
def _hang_up(_stage: Stage, who: ExchangeLine, way: str = "busy tone", ms: str = "400") -> None:
    who.hang_up("reversal" if way == "polarity reversal" else way, float(ms))


DIALLED = ("when <number:NUMBER> is dialled ", "when any number is dialled ")


@line_acts.add(*(first + "answer after <time:T>[ by <by:NAME>]" for first in DIALLED))
def _answers(
    _stage: Stage, who: ExchangeLine, time: str, number: str = "", by: str = "silence"
) -> None:
    if by not in {"reversal", "silence"}:
        raise ValueError(f"an exchange tells an answer by reversal or by silence, not by {by!r}")
    far = FarEnd(number, in_ms(time), reversal=by == "reversal", greeting=speech(1500.0, seed=3))
    who.when_dialled(far)


@line_acts.add(*(first + "sound busy" for first in DIALLED))
def _busy(_stage: Stage, who: ExchangeLine, number: str = "") -> None:
    who.when_dialled(FarEnd(number, busy=True))


@line_acts.add(*(first + "nobody answers" for first in DIALLED))
def _nobody(_stage: Stage, who: ExchangeLine, number: str = "") -> None:
    who.when_dialled(FarEnd(number, answer_after_ms=None))


@line_acts.add("noise <noise:L>[ hum <hum:L>]")
def _disturb(_stage: Stage, who: ExchangeLine, noise: str, hum: str | None = None) -> None:
    who.disturb(float(noise), None if hum is None else float(hum))


@line_acts.add("no noise")
def _quiet(_stage: Stage, who: ExchangeLine) -> None:
    who.disturb()


@line_acts.add("battery returns")
def _battery(_stage: Stage, who: ExchangeLine) -> None:
    who.restore_battery()
