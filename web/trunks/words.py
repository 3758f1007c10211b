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
    "sip-trunks": ("SIP 中继", "SIP trunks"),
    "sip-trunk": ("中继", "Trunk"),
    "sip-calls": ("通话", "Calls"),
    "sip-none": (
        "没有设置 SIP 中继。在“设置”的呼出页添加。",
        "No SIP trunk is set. Add one in the settings, among calls going out.",
    ),
    "sip-away": ("SIP 程序没有运行。", "The SIP program does not run."),
    "sip-no-library": ("此设备没有 SIP 库。", "There is no SIP library on this machine."),
    "sip-library": ("SIP 库 pjproject {version}。", "SIP library: pjproject {version}."),
    "sip-test": ("测试网络", "Test the network"),
    "sip-test-hint": (
        "询问对端 20 次，量丢包、往返时延和抖动，几秒钟后给出结论",
        "Asks the far side 20 times: loss, round trip, jitter, and a verdict some seconds later",
    ),
    "sip-state.closed": ("未启用", "not begun"),
    "sip-state.up": ("可用", "up"),
    "sip-state.asking": ("正在注册", "registering"),
    "sip-state.registered": ("已注册", "registered"),
    "sip-state.waiting": ("等待重试", "waiting to try again"),
    "sip-strangers": ("不明来源", "Strangers"),
    "sip-strangers-what": (
        "这些地址不属于任何中继，请求已全部拒绝；没有响铃，也没有占用线路。",
        "These addresses belong to no trunk. They were refused: nothing rang, no line was taken.",
    ),
    "sip-address": ("地址", "Address"),
    "sip-asked": ("请求", "Asked for"),
    "sip-times": ("次数", "Times"),
    "sip-ago": ("多久以前", "Ago"),
    "sip-own": ("本机的证书", "This box's certificate"),
    "sip-own-how": (
        (
            "本机用 TLS 接入时出示此证书。对方办公室若用 TLS 连接本机，请把它下载后交给对方，"
            "粘贴到对方设置里的“{field}”；双方在电话里核对指纹。"
        ),
        (
            "The box shows it to whoever calls in over TLS. Another office whose trunk leads here "
            "over TLS needs it: hand it over, have its text pasted into that office's settings "
            "under “{field}”, and compare the fingerprint by telephone."
        ),
    ),
    "sip-offices": ("连接其他办公室", "Linking offices"),
    "sip-offices-how": (
        (
            "两个办公室各设一条不注册的中继，对端地址填对方，"
            "“对方分机的前缀”填如 8：本处拨 8201 即接通对方的 201，"
            "不经市话，也不需出局字冠。对方来电的分机在“被叫号码去向”里写明。"
        ),
        (
            "Each of two offices sets a trunk to the other's address, without registering, and a "
            "prefix for the other's extensions, such as 8: 8201 dialled here rings 201 there, with "
            "no exchange line and no outside prefix. Which extensions the other may reach stands "
            "in the table of dialled numbers."
        ),
    ),
    "sip-offices-beyond": (
        (
            "三个以上办公室，或要登记 SIP 话机时，请用专门的软件作汇接点："
            "Kamailio（只转信令，语音在各机之间直接传送）、Asterisk 或 FreeSWITCH。"
            "每个办公室以一条中继接到它，并填写“汇接的各办公室前缀”：填 7，则拨 7201 接通"
            " 7 号办公室的 201。"
        ),
        (
            "For three offices or more, or for SIP telephones that register, use an engine made "
            "for it as the meeting point: Kamailio (signalling only, sound goes from box to box), "
            "Asterisk or FreeSWITCH. Each office has one trunk to it and lists the prefixes of the "
            "offices that meet there: with 7, 7201 rings 201 of office 7."
        ),
    ),
    "sip-offices-sample": (
        "Kamailio 的示例配置，已用三台本机试过；使用手册“SIP 中继”一节说明怎样安装：",
        (
            "A sample configuration of Kamailio, tried with three of these boxes; the manual "
            "says under SIP trunks how to install it:"
        ),
    ),
}
