"""What the doctor of a line has to say, as sentences in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firmware.port.line_doctor import LineDoctor
from firmware.port.line_measure import Measure, troubles
from firmware.port.line_profile import Sign
from firmware.port.line_watch import Finding

# Each with its sentence in Chinese and in English.
SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "unplugged": (
        "{line}没有馈电：请检查插头，插好后仍无馈电请致电运营商",
        "{line} has no battery: check its plug, then call the phone company",
    ),
    "dips": (
        "{line}一天内断电 {more} 次，每次约 {value} 秒：请致电运营商",
        (
            "{line} loses battery for {value} s several times a day"
            " ({more} times in the last 24 h): call the phone company"
        ),
    ),
    "in_use": (
        "{line}上并接的另一部电话已摘机",
        "another telephone on {line} is off its hook",
    ),
    "reversed": (
        "{line}的极性与接通时相反：两根线可能接反了",
        "{line} is reversed against how it was plugged in: its two wires may have been swapped",
    ),
    "dial_tone": (
        "{line}的拨号音为 {value} Hz，不是所设国家的；可能是 {more}：请检查国家设置",
        (
            "{line} gives a dial tone of {value} Hz, which is not the country's;"
            " it may be {more}: check the country that is set"
        ),
    ),
    "strange_dial_tone": (
        "{line}的拨号音为 {value} Hz，不属于任何已知国家",
        "{line} gives a dial tone of {value} Hz, which no country known here has",
    ),
    "dead": (
        "{line}没有馈电：请检查插头",
        "{line} has no battery: check its plug",
    ),
    "no_loop": (
        "{line}占线时没有电流（{value} mA）：请检查接线",
        "{line} draws no current when seized ({value} mA): check its wires",
    ),
    "no_dial_tone": (
        "{line}没有拨号音：请致电运营商",
        "{line} gives no dial tone: call the phone company",
    ),
    "low_loop": (
        "{line}电流只有 {value} mA：线路太长或接触不良，请致电运营商",
        "{line} draws only {value} mA: too long, or a bad joint; call the phone company",
    ),
    "high_loop": (
        "{line}电流达 {value} mA：请致电运营商",
        "{line} draws {value} mA, too much: call the phone company",
    ),
    "noisy": (
        "{line}噪声为 {value} dBm0，偏大：请致电运营商",
        "{line} is noisy ({value} dBm0): call the phone company",
    ),
    "noise_risen": (
        "{line}的噪声比以往大 {value} dB",
        "the noise of {line} has risen by {value} dB",
    ),
    "echo": (
        "{line}的回波损耗只有 {value} dB：有回声",
        "{line} echoes: only {value} dB return loss",
    ),
    "faint": (
        "{line}声音小（拨号音 {value} dBm0）：请致电运营商",
        "{line} is faint (dial tone {value} dBm0): call the phone company",
    ),
    "measured": (
        (
            "挂机 {idle} V，摘机 {seized} V、{loop} mA，噪声 {noise} dBm0，"
            "回波损耗 {before} → {echo} dB"
        ),
        (
            "idle {idle} V, seized {seized} V and {loop} mA, noise {noise} dBm0,"
            " echo return loss {before} → {echo} dB"
        ),
    ),
    "new": (
        "新线路：对方挂机的信号尚未学会（已见 {value} 次通话结束）",
        "new line: how it clears is not learned yet ({value} ends of calls seen)",
    ),
    "loop_break": (
        "以断开环路（{value} 毫秒起）表示挂机",
        "clears by a loop break of {value} ms or more",
    ),
    "reversal": ("以极性反转表示挂机", "clears by reversal"),
    "tone": ("以 {value} 的信号音表示挂机", "clears by a tone of {value}"),
    "silence": (
        "对方挂机时没有任何信号，只能靠看守时间释放",
        "gives no sign when the far side clears: only the watchdog frees it",
    ),
    "sure": ("（见过 {value} 次，把握 {more}%）", " (seen {value} times, {more} % sure)"),
}


def _say(which: str, language: str, **values: object) -> str:
    chinese, english = SENTENCES[which]
    return (chinese if language.startswith("zh") else english).format(**values)


def complaint(doctor: LineDoctor, line: str, language: str, now_ms: int) -> str:
    """What is wrong with the line, one sentence per finding; empty when nothing is.

    Args:
        doctor: the line's.
        line: what people call it.
        language: ``zh-CN`` or ``en``.
        now_ms: monotonic time now.
    """
    return _joined(_wrong(doctor, line, language, now_ms), language)


def verdict(doctor: LineDoctor, line: str, language: str, now_ms: int) -> str:
    """All there is to say: what is wrong, and how the line clears."""
    said = _wrong(doctor, line, language, now_ms)
    if doctor.profile.measures:
        said.append(figures(doctor.profile.measures[-1], language))
    signs = doctor.signs
    if signs:
        said += [_sign(sign, language) for sign in signs]
    else:
        said.append(_say("new", language, value=doctor.profile.calls))
    return _joined(said, language)


def _wrong(doctor: LineDoctor, line: str, language: str, now_ms: int) -> list[str]:
    said = [_finding(f, line, language) for f in doctor.watch.findings(now_ms)]
    return said + wrong_by(doctor.profile.measures, line, language)


def wrong_by(measures: Sequence[Measure], line: str, language: str) -> list[str]:
    """What the newest measurement says is wrong, a sentence each."""
    return [_say(what, language, line=line, value=value) for what, value in troubles(measures)]


def figures(measure: Measure, language: str) -> str:
    """What was measured, in one line."""

    def one(value: float | None) -> str:
        return "?" if value is None else f"{value:.0f}"

    return _say(
        "measured",
        language,
        idle=one(measure.idle_v),
        seized=one(measure.seized_v),
        loop=one(measure.loop_ma),
        noise=one(measure.noise_dbm0),
        before=one(measure.echo_before_db),
        echo=one(measure.echo_db),
    )


def _finding(finding: Finding, line: str, language: str) -> str:
    return _say(finding.what, language, line=line, value=finding.value, more=finding.more)


def _sign(sign: Sign, language: str) -> str:
    example = sign.example
    value = ""
    if example.kind == "tone":
        hertz = "+".join(f"{hz:.0f}" for hz in example.frequency_hz)
        cadence = "/".join(str(ms) for ms in example.cadence_ms)
        value = " ".join(part for part in (f"{hertz} Hz" if hertz else "", cadence) if part)
        value = value or example.tone
    elif example.kind == "loop_break":
        value = str(example.gap_ms)
    sure = _say("sure", language, value=sign.seen, more=round(100 * sign.confidence))
    return _say(example.kind, language, value=value) + sure


def _joined(said: list[str], language: str) -> str:
    return ("；" if language.startswith("zh") else "; ").join(said)
