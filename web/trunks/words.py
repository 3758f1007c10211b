"""Words of the pages about trunks and their sound, in both languages."""

from __future__ import annotations

TRUNK_WORDS: dict[str, tuple[str, str]] = {
    "leg-sound": ("中继语音", "Sound on trunk call"),
    "leg-codec": ("编码", "Codec"),
    "leg-secured": ("已加密", "encrypted"),
    "leg-here": ("本端听到", "Heard here"),
    "leg-far": ("对端听到", "Heard by the far side"),
    "leg-figures": (
        "丢包 {loss}%，抖动 {jitter} 毫秒，MOS {mos}",
        "{loss} % lost, jitter {jitter} ms, MOS {mos}",
    ),
    "leg-no-reports": ("对端不发送报告", "It sends no reports."),
    "leg-trip": ("往返时延", "Round trip"),
    "leg-ms": ("{ms} 毫秒", "{ms} ms"),
    "leg-source": (
        (
            "MOS 为估计值：按 ITU-T G.107 的 E 模型由丢包、抖动和时延算出"
            "（G.113 附录一的 G.711 参数），不是听出来的。"
        ),
        (
            "MOS is an estimate: the E-model of ITU-T G.107 from loss, jitter and delay, with the "
            "figures of G.711 from G.113, appendix I. Nobody listened."
        ),
    ),
}
