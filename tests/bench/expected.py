"""The sentences that a scenario expects something by."""

from __future__ import annotations

from tests.bench import hearing
from tests.bench.phrases import Phrasebook
from tests.bench.stage import HEARING_STEP_MS, Expectation, Finding, Stage
from tests.bench.through import TONE_DBM0, passage
from tests.bench.world.level import samples_of
from tests.bench.world.measure import locate

expectations = Phrasebook("what is expected")


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


@expectations.add("telephone <ext:NUMBER> has its lamp <state:NAME>")
def _lamp(stage: Stage, ext: str, state: str) -> Expectation:
    who = stage.box.telephone(ext)
    if state not in {"on", "off"}:
        raise ValueError(f"a lamp is on or off, not {state!r}")

    def check() -> Finding:
        return who.display.lamp is (state == "on"), "on" if who.display.lamp else "off"

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


@expectations.add("<party:PARTY> hears speech at <level:L> dBm0[ within <db:N> dB]")
def _hears_speech_so_loud(stage: Stage, party: str, level: str, db: str = "1.5") -> Expectation:
    who = stage.party(party)

    def check() -> Finding:
        found = hearing.speech_level(who)
        return abs(found - float(level)) <= float(db), f"{found:.1f} dBm0"

    return Expectation(check, 2 * HEARING_STEP_MS)


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


@expectations.add("port <port:PORT> says <text:TEXT>")
def _port_says(stage: Stage, port: str, text: str) -> Expectation:
    def check() -> Finding:
        found = str(stage.box.ports()[port]["detail"])
        return text in found, found or "nothing"

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("the office is in mode <mode:NAME>")
def _mode(stage: Stage, mode: str) -> Expectation:
    def check() -> Finding:
        return stage.box.mode() == mode, stage.box.mode()

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
