"""What can be wrong with something that is to be put on paper, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "nothing": ("没有要发送的内容", "There is nothing to send."),
    "unknown": (
        "文件 {value} 不是 PDF、文本、PNG、JPEG 或 TIFF",
        "{value} is neither PDF, text, PNG, JPEG nor TIFF.",
    ),
    "broken": ("文件 {value} 已损坏，读不出来", "{value} is damaged and cannot be read."),
    "locked": ("文件 {value} 有密码保护", "{value} is protected by a password."),
    "pages": ("共 {value} 页，最多可发 {limit} 页", "{value} pages; at most {limit} can be sent."),
    "size": ("文件有 {value} MB，最多 {limit} MB", "{value} MB; at most {limit} MB can be sent."),
    "pixels": (
        "图片 {value} 太大，最多 {limit} 百万像素",
        "Picture {value} is too large: at most {limit} megapixels.",
    ),
    "long": ("文件 {value} 处理时间超过 {limit} 秒", "{value} takes longer than {limit} s."),
    "font": (
        "本机没有中文字体（软件包 fonts-wqy-microhei）",
        "No font with Chinese letters is installed (package fonts-wqy-microhei).",
    ),
    "no-pages": ("文件里没有完整的传真页", "There is no whole fax page in the file."),
    "no-guard": (
        "本机无法隔离处理文件的程序（{value}），为安全起见没有处理",
        "This machine cannot shut in the program that reads files ({value}); nothing was read.",
    ),
}


class PaperError(Exception):
    """Something cannot be put on paper; ``key`` is of :data:`SENTENCES`."""

    def __init__(self, key: str, value: object = "", limit: object = "") -> None:
        super().__init__(SENTENCES[key][1].format(value=value, limit=limit))
        self.key, self.value, self.limit = key, str(value), str(limit)

    def sentence(self, language: str) -> str:
        """For a person."""
        chinese, english = SENTENCES[self.key]
        text = chinese if language.startswith("zh") else english
        return text.format(value=self.value, limit=self.limit)
