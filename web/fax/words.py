"""Words of faxes in both languages: their settings, their pages."""

from __future__ import annotations

from typing import Final

_SETTINGS: Final[dict[str, tuple[str, str]]] = {
    "area.fax": ("传真", "Fax"),
    "about.fax": (
        "是否开通、哪些线路、收到后怎样办理",
        "Whether there is fax, on which lines, what follows from one",
    ),
    "setting.Settings.fax": ("传真", "Fax"),
    "setting.Fax.on": ("开通电子传真", "Electronic fax"),
    "hint.Fax.on": (
        "关闭时不接收也不发送，来电照常接听",
        "Without it nothing is received or sent; calls are answered as usual",
    ),
    "setting.Fax.take": ("外线怎样接收传真", "How lines take faxes"),
    "hint.Fax.take": (
        "话机和传真机共用的线路选“听到传真音时接收”",
        "Lines for people and machines: when a machine is heard",
    ),
    "choice.no_fax": ("不接收", "not at all"),
    "choice.listen": ("听到传真音时接收", "when a machine is heard"),
    "choice.only_fax": ("只作传真线", "every call is a fax"),
    "setting.Fax.lines": ("与众不同的线路", "Lines that differ"),
    "setting.FaxLine.port": ("线路", "Line"),
    "hint.FaxLine.port": ("例如 fxo/2", "Such as fxo/2"),
    "setting.FaxLine.take": ("怎样接收", "How it takes faxes"),
    "setting.FaxLine.ticket": ("收到后开的工单", "Ticket of a fax"),
    "hint.FaxLine.ticket": (
        "空着与全局相同；none 不开工单；complaint 按投诉办理",
        "Empty: as for all; none: no ticket; complaint: as a complaint",
    ),
    "setting.FaxLine.mail": ("同时发给", "Mailed to"),
    "setting.Fax.ticket": ("收到传真时开的工单", "Ticket of a received fax"),
    "hint.Fax.ticket": (
        "工单类型的名称，例如 request、complaint；空着不开",
        "Name of a kind of ticket such as request or complaint; empty opens none",
    ),
    "setting.Fax.mail": ("收到的传真以 PDF 发给", "Received faxes are mailed as PDF to"),
    "setting.Fax.station": ("本机传真号码", "Our fax number"),
    "hint.Fax.station": (
        "显示在对方传真机上；空着用外线号码",
        "The other machine shows it; empty: the number of the line",
    ),
    "setting.Fax.header": ("页眉里的名称", "Name in the header line"),
    "hint.Fax.header": ("只能用英文字母和数字", "Latin letters and digits only"),
    "setting.Fax.correction": ("纠错（ECM）", "Error correction (ECM)"),
    "setting.Fax.tries": ("一份传真最多拨几次", "Most tries for one fax"),
    "setting.Fax.keep_days": ("传真保留天数", "Days that a fax stays"),
    "setting.Fax.budget_mb": ("全部传真最多占 MB", "All faxes together, MB"),
    "hint.Fax.budget_mb": ("超过时先删最早的", "Beyond it the oldest go first"),
    "setting.Fax.cover": ("默认加封面页", "Propose a cover sheet"),
}

FAX_WORDS: Final = _SETTINGS
