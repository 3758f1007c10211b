"""Words of the pages that look after the box, in both languages."""

from __future__ import annotations

from typing import Final

_SETTINGS: Final[dict[str, tuple[str, str]]] = {
    "area.page": ("本页面", "This page"),
    "about.page": (
        "更改外线后的确认时间、是否只用加密访问",
        "How long a change of lines is on trial, encrypted access",
    ),
    "setting.Settings.page": ("本页面", "This page"),
    "setting.PageSettings.trial_min": (
        "更改外线后等待确认（分钟，0 为不等）",
        "Minutes to confirm a change of lines (0: none)",
    ),
    "hint.PageSettings.trial_min": (
        "到时没有确认，外线设置自动恢复原样",
        "Unless it is confirmed, lines become what they were.",
    ),
    "setting.PageSettings.secure_only": ("只用加密访问", "Encrypted access only"),
    "hint.PageSettings.secure_only": (
        "先在每台电脑上信任本机证书，再打开",
        "Have every computer trust the box's certificate first.",
    ),
    "setting.PageSettings.dialling": ("允许程序点击拨号", "Programs may click to call"),
    "on-trial": (
        "外线设置正在试用，{n} 分钟内不确认就恢复原样。",
        "The change of lines is on trial: in {n} min it is taken back unless you keep it.",
    ),
    "trial-keep": ("保留", "Keep it"),
    "trial-back": ("立即撤回", "Take it back now"),
    "as-of-yesterday": ("恢复到昨天的设置", "As of yesterday"),
    "no-yesterday": (
        "没有保存那么早的设置。",
        "No settings so old are kept.",
    ),
}

_API: Final[dict[str, tuple[str, str]]] = {
    "api-not-json": (
        "内容须为 application/json",
        "What is sent has to be application/json.",
    ),
    "api-too-many": ("实时连接太多，请稍后再试", "Too many live streams; try again in a while."),
    "api-no-call": ("没有这通电话的记录", "There is no record of this call."),
    "token-unknown": ("密钥无效", "This key is worth nothing."),
    "token-scope": (
        "密钥或其账户不允许这样做",
        "The key's scopes or its account's roles do not allow this.",
    ),
}

ADMIN_WORDS: Final[dict[str, tuple[str, str]]] = _SETTINGS | _API
