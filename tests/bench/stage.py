"""Where a scenario plays: a box with its people, and the sentences that move and judge them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.bench import hearing
from tests.bench.phrases import Phrasebook, in_ms
from tests.bench.through import TONE_DBM0, passage
from tests.bench.voice import speech
from tests.bench.world.copper import Samples
from tests.bench.world.exchange_line import ExchangeLine, FarEnd
from tests.bench.world.level import samples_of
from tests.bench.world.measure import locate
from tests.bench.world.party import Party
from tests.bench.world.telephone import Telephone

HEARING_STEP_MS = 50  # judging sound costs more than a block; people do not hear faster either


class Box(Protocol):
    """The appliance with its people around it, as a scenario sees it."""

    @property
    def now_ms(self) -> int:
        """Time since the box was ready, in milliseconds of the bench's clock."""
        ...

    def run_until(self, predicate: Callable[[], bool], timeout_ms: int) -> bool:
        """Let time pass until ``predicate`` holds, asked after every block.

        False if it did not within ``timeout_ms``.
        """
        ...

    def telephone(self, extension: str) -> Telephone:
        """The telephone of an extension; ``KeyError`` if there is none."""
        ...

    def line(self, number: int) -> ExchangeLine:
        """The line on ``fxo/number``; ``KeyError`` if there is none."""
        ...

    def loss_db(self, party: Party) -> float:
        """Loss of the cable to this party, one way."""
        ...

    def records(self) -> Sequence[dict[str, Any]]:
        """Closed call records, oldest first, as plain values."""
        ...

    def ports(self) -> dict[str, dict[str, Any]]:
        """What the box says about its ports: name to ``{"state": ...}``."""
        ...

    def prompt(self, name: str) -> Samples:
        """A prompt of the box's store at 8 kHz, as it should be heard; ``KeyError`` if none."""
        ...

    def act(self, what: str) -> None:
        """Do something to the box itself (``kill calld``); ``ValueError`` names what there is."""
        ...


@dataclass(slots=True)
class Stage:
    """A box, and the country whose tones are meant when none is named.

    ``since_ms`` is when the present step began to listen, by the box's clock: what was heard
    before does not count for it. A step that judges this very moment looks back freely (0).
    """

    box: Box
    country: str
    folder: Path
    since_ms: int = 0

    def since(self, party: Party) -> int:
        """``since_ms`` by the clock of a party."""
        return max(0, self.since_ms + party.now_ms - self.box.now_ms) if self.since_ms else 0

    def party(self, name: str) -> Party:
        """``telephone 201`` or ``line 1``."""
        kind, number = name.split(" ")
        return self.box.telephone(number) if kind == "telephone" else self.box.line(int(number))

    def run_ms(self, ms: float) -> None:
        """Let time pass."""
        end = self.box.now_ms + ms
        self.box.run_until(lambda: self.box.now_ms >= end, int(ms) + 1000)


Finding = tuple[bool, str]
Check = Callable[[], Finding]


@dataclass(slots=True)
class Expectation:
    """Something that holds or not.

    ``check`` is asked every ``every_ms``; ``settle`` is asked for a final word once it held and
    may let time pass (to see a whole ring cadence). ``throughout`` takes the place of ``check``
    where something must hold for a time. An ``experiment`` lets time pass by itself and is made
    once.
    """

    check: Check
    every_ms: int = 0
    settle: Check | None = None
    experiment: bool = False
    throughout: Check | None = None


telephone_acts = Phrasebook("what a telephone does")
line_acts = Phrasebook("what a line does")
expectations = Phrasebook("what is expected")


# --- what people do ---------------------------------------------------------------------------


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


# --- what is expected ---------------------------------------------------------------------------


@expectations.add("telephone <ext:NUMBER> rings[ with cadence <cadence:CADENCE>]")
def _rings(stage: Stage, ext: str, cadence: str | None = None) -> Expectation:
    who = stage.box.telephone(ext)
    begun = who.now_ms

    def check() -> Finding:
        return who.ringing, "rings" if who.ringing else "does not ring"

    if cadence is None:
        return Expectation(check)
    wanted = tuple(int(part) for part in cadence.split("/"))

    def settle() -> Finding:
        bursts = [start for start, end in who.bursts if end < 0 or end >= begun]
        since = bursts[0] if bursts else begun
        need = len(wanted)
        stage.box.run_until(
            lambda: len(who.ring_cadence_ms(since)) >= need or not who.ringing,
            sum(wanted) + 2000,
        )
        heard = [float(time) for time in who.ring_cadence_ms(since)[:need]]
        fits = len(heard) >= need and hearing.cadence_fits(wanted, heard, starts_on=True)
        return fits, "cadence " + "/".join(f"{time:.0f}" for time in heard)

    return Expectation(check, settle=settle)


@expectations.add("telephone <ext:NUMBER> does not ring")
def _does_not_ring(stage: Stage, ext: str) -> Expectation:
    who = stage.box.telephone(ext)

    def check() -> Finding:
        return not who.ringing, "rings" if who.ringing else "silent"

    def bell() -> Finding:
        return not who.in_burst, "the bell sounds" if who.in_burst else "silent"

    # At one moment the pause between two bursts is ringing too; over a time the bell is enough.
    return Expectation(check, throughout=bell)


@expectations.add("telephone <ext:NUMBER> shows <text:NAME>[ name <name:NAME>]")
def _shows(stage: Stage, ext: str, text: str, name: str | None = None) -> Expectation:
    who = stage.box.telephone(ext)
    since = len(who.display.shown) if text == "nothing" else 0

    def check() -> Finding:
        if text == "nothing":
            return len(who.display.shown) == since, str(who.shown)
        shown = who.shown
        if shown is None:
            ignored = who.display.ignored
            return False, f"shows nothing{f'; was not awake for {ignored}' if ignored else ''}"
        fits = shown.text == text and (name is None or shown.name == name)
        return fits, f"shows {shown.text!r} {shown.name!r} by {shown.method} {shown.form}"

    return Expectation(check)


@expectations.add(
    "<party:PARTY> hears <tone:CALLTONE>[ of <country:COUNTRY>]"
    "[ at <level:L> dBm0[ within <db:N> dB]]"
)
def _hears_call_tone(
    stage: Stage,
    party: str,
    tone: str,
    country: str | None = None,
    level: str | None = None,
    db: str = "3",
) -> Expectation:
    who = stage.party(party)
    asked = None if level is None else float(level)
    where = country or stage.country

    def check() -> Finding:
        return hearing.hears_tone(who, where, tone, asked, float(db), stage.since(who))

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("<party:PARTY> hears speech", "<party:PARTY> hears greeting")
def _hears_speech(stage: Stage, party: str) -> Expectation:
    who = stage.party(party)
    return Expectation(lambda: hearing.hears_speech(who, stage.since(who)), 2 * HEARING_STEP_MS)


@expectations.add("<party:PARTY> hears no speech")
def _hears_no_speech(stage: Stage, party: str) -> Expectation:
    who = stage.party(party)

    def check() -> Finding:
        heard, words = hearing.hears_speech(who, stage.since(who))
        return not heard, words

    return Expectation(check, 2 * HEARING_STEP_MS)


@expectations.add("<party:PARTY> hears prompt <name:NAME>")
def _hears_prompt(stage: Stage, party: str, name: str) -> Expectation:
    who = stage.party(party)
    begun = who.now_ms
    marker = stage.box.prompt(name)[: samples_of(2000)]

    def check() -> Finding:
        end = who.timeline.sample
        first = max(samples_of(begun) - 2 * len(marker), end - 3 * len(marker), 0)
        _, alike = locate(marker, who.ear.span(first, end))
        return alike >= 0.8, f"likeness {alike:.2f}"

    return Expectation(check, 4 * HEARING_STEP_MS)


@expectations.add("<party:PARTY> hears silence")
def _hears_silence(stage: Stage, party: str) -> Expectation:
    who = stage.party(party)
    return Expectation(lambda: hearing.hears_silence(who), HEARING_STEP_MS)


@expectations.add("<party:PARTY> hears tone <hz:N>[ at <level:L> dBm0[ within <db:N> dB]]")
def _hears_hz(
    stage: Stage, party: str, hz: str, level: str | None = None, db: str = "3"
) -> Expectation:
    who = stage.party(party)
    asked = None if level is None else float(level)
    return Expectation(lambda: hearing.hears_hz(who, float(hz), asked, float(db)), HEARING_STEP_MS)


@expectations.add("<party:PARTY> hears no tone <hz:N>[ above <level:L> dBm0]")
def _hears_no_hz(stage: Stage, party: str, hz: str, level: str = "-45") -> Expectation:
    who = stage.party(party)

    def check() -> Finding:
        found = hearing.level_of(who, float(hz))
        return found <= float(level), f"{hz} Hz at {found:.1f} dBm0"

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("line <line:NUMBER> is answered[ after <bursts:N> bursts]")
def _answered(stage: Stage, line: str, bursts: str | None = None) -> Expectation:
    who = stage.box.line(int(line))

    def check() -> Finding:
        fits = who.state == "talking" and bool(who.answers)
        if bursts is not None:
            fits = fits and who.bursts_sent == int(bursts)
        return fits, f"{who.state}, {who.bursts_sent} bursts rung"

    return Expectation(check)


@expectations.add("line <line:NUMBER> is not answered")
def _not_answered(stage: Stage, line: str) -> Expectation:
    who = stage.box.line(int(line))
    return Expectation(lambda: (who.state != "talking", who.state))


@expectations.add("line <line:NUMBER> is seized")
def _seized(stage: Stage, line: str) -> Expectation:
    who = stage.box.line(int(line))
    return Expectation(lambda: (who.seized, f"{who.state}"))


@expectations.add("line <line:NUMBER> is released", "line <line:NUMBER> is idle")
def _released(stage: Stage, line: str) -> Expectation:
    who = stage.box.line(int(line))
    return Expectation(lambda: (not who.seized, f"{who.state}"))


@expectations.add("line <line:NUMBER> is free")
def _free(stage: Stage, line: str) -> Expectation:
    who = stage.box.line(int(line))
    return Expectation(lambda: (who.state == "idle", f"{who.state}"))


@expectations.add("line <line:NUMBER> receives <digits:KEYS>[ by <way:DIAL>]")
def _receives(stage: Stage, line: str, digits: str, way: str | None = None) -> Expectation:
    who = stage.box.line(int(line))

    def check() -> Finding:
        fits = who.digits == digits and way in {None, who.dialled_by}
        return fits, f"received {who.digits or 'nothing'} by {who.dialled_by or 'nothing'}"

    return Expectation(check)


@expectations.add("line <line:NUMBER> receives nothing")
def _receives_nothing(stage: Stage, line: str) -> Expectation:
    who = stage.box.line(int(line))
    begun = who.now_ms

    def check() -> Finding:
        later = "".join(digit for digit, _, at in who.dialled if at >= begun)
        return not later, f"received {later or 'nothing'}"

    return Expectation(check)


@expectations.add("line <line:NUMBER> reaches its far end")
def _reaches(stage: Stage, line: str) -> Expectation:
    who = stage.box.line(int(line))
    return Expectation(lambda: (bool(who.far_answers) and who.state == "talking", who.state))


@expectations.add("port <port:PORT> is <state:NAME>")
def _port(stage: Stage, port: str, state: str) -> Expectation:
    def check() -> Finding:
        found = stage.box.ports()[port]["state"]
        return found == state, str(found)

    return Expectation(check, HEARING_STEP_MS)


THROUGH = "speech passes both ways between <one:PARTY> and <other:PARTY>[ within <db:N> dB]"


@expectations.add(THROUGH, THROUGH + ", delay at most <delay:N> ms")
def _passes(
    stage: Stage, one: str, other: str, db: str = "1", delay: str | None = None
) -> Expectation:
    first, second = stage.party(one), stage.party(other)
    loss = stage.box.loss_db(first) + stage.box.loss_db(second)

    def check() -> Finding:
        good, words = True, []
        for source, sink in ((first, second), (second, first)):
            found = passage(source, sink, stage.run_ms)
            wanted = TONE_DBM0 - loss
            fits = found.heard and abs(found.level_dbm0 - wanted) <= float(db)
            if delay is not None:
                fits = fits and found.delay_ms <= float(delay)
            good = good and fits
            words.append(
                f"{source.name} to {sink.name}: {found.level_dbm0:.2f} dBm0 (plan {wanted:.2f}), "
                f"delay {found.delay_ms:.2f} ms, likeness {found.likeness:.2f}"
            )
        return good, "; ".join(words)

    return Expectation(check, experiment=True)


@expectations.add("no speech passes between <one:PARTY> and <other:PARTY>")
def _does_not_pass(stage: Stage, one: str, other: str) -> Expectation:
    first, second = stage.party(one), stage.party(other)

    def check() -> Finding:
        for source, sink in ((first, second), (second, first)):
            if passage(source, sink, stage.run_ms).heard:
                return False, f"{sink.name} hears {source.name}"
        return True, "neither hears the other"

    return Expectation(check, experiment=True)
