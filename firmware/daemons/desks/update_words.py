"""Sentences about updates, for page, alarms and log, in both languages."""

from __future__ import annotations

from typing import Final

from firmware.control.update_messages import UpdateState

WORDS: Final[dict[str, tuple[str, str]]] = {
    "step.none": ("没有等待安装的更新。", "No update waits."),
    "step.checking": ("正在检查更新文件。", "The update is being checked."),
    "step.refused": ("更新文件未被接受：{why}", "The update was refused: {why}"),
    "step.offered": (
        "版本 {version} 已通过检查，可以安装。",
        "Version {version} passed its check and can be installed.",
    ),
    "step.installing": (
        "正在写入版本 {version}：{percent}%。电话照常可用。",
        "Version {version} is being written: {percent} %. Telephones work on.",
    ),
    "step.installed": (
        "版本 {version} 已写好，没有通话时重新启动。",
        "Version {version} is written; the box restarts when no call is up.",
    ),
    "step.trying": (
        "版本 {version} 正在试运行，检查通过后才算数。",
        "Version {version} is on trial; it stays when the box has passed its check.",
    ),
    "step.done": ("版本 {version} 已安装。", "Version {version} is installed."),
    "step.returned": (
        "版本 {version} 没有通过检查，已自动回到 {ran}：{why}",
        "Version {version} did not pass; the box went back to {ran} by itself: {why}",
    ),
    "step.failed": (
        "版本 {version} 没有装上，{ran} 继续运行：{why}",
        "Version {version} was not installed, {ran} runs on: {why}",
    ),
    "wait.now": (
        "有 {calls} 路通话，全部结束后开始。",
        "{calls} calls are up; it begins when they are over.",
    ),
    "wait.restart": (
        "没有通话时重新启动（现有 {calls} 路）。",
        "The box restarts when no call is up ({calls} now).",
    ),
    "wait.tonight": (
        "今晚 02:00 以后、没有通话时开始。",
        "It begins tonight after 02:00, when no call is up.",
    ),
    "older": (
        "它比正在运行的版本旧，已修好的缺陷会再出现。",
        "It is older than what runs: faults that were mended come back.",
    ),
    "update-signature": (
        "签名不是这台话务箱认可的。请只用发行方的文件。",
        "It is not signed by whom this box trusts. Take the publisher's file.",
    ),
    "update-damaged": (
        "文件不完整或已损坏，请重新下载。",
        "The file is incomplete or damaged; fetch it again.",
    ),
    "update-unreadable": (
        "文件不是更新包（{detail}）。",
        "The file is no update ({detail}).",
    ),
    "update-other": (
        "它属于别的机型（{detail}）。",
        "It is for another kind of box ({detail}).",
    ),
    "update-unknown": (
        "它没有说明版本和数据格式（{detail}）。",
        "It does not say its version and the shape of its data ({detail}).",
    ),
    "update-newer-data": (
        "它读不了本机现有的数据（{detail}）。要退回旧版，请先从旧备份恢复。",
        "It cannot read this box's data ({detail}). To go back so far, restore a backup of then.",
    ),
    "update-no-room": (
        "存储卡空间不够（需要与可用：{detail}）。",
        "The card has no room for it (needed, free: {detail}).",
    ),
    "update-not-written": ("写入失败（{detail}）。", "It could not be written ({detail})."),
    "update-cut": (
        "写入时断电。请再装一次。",
        "The power failed while it was written; install it again.",
    ),
    "update-cut-check": (
        "检查时断电。请再上传一次。",
        "The power failed while it was checked; upload it again.",
    ),
    "update-start": ("它三次都没有启动起来。", "It did not start in three tries."),
    "unwell-calls": ("呼叫控制没有应答。", "Call control did not answer."),
    "unwell-card": ("没有找到线路卡。", "No line card was found."),
    "unwell-lines": ("线路程序没有运行。", "The lines were not served."),
    "unwell-loop": (
        "本机环回通话不通（{detail}）。",
        "The call through the box's own loop-back failed ({detail}).",
    ),
    "unwell-page": ("网页打不开。", "The page did not answer."),
    "no-slots": (
        "这台机器不是用存储卡映像安装的，没有两个系统分区。请在机器上更新（sudo make install）。",
        "This machine was not made from the card's image: update it by sudo make install.",
    ),
    "no-restart": (
        "这台机器不是用存储卡映像安装的。请在机器上恢复（tipring backup restore）。",
        "This machine was not made from the card's image: use tipring backup restore on it.",
    ),
    "not-offered": (
        "没有通过检查的更新文件。请先上传。",
        "There is no update that passed its check; upload one first.",
    ),
    "sure-older": (
        "版本 {version} 比正在运行的旧。确实要装，请勾选。",
        "Version {version} is older than what runs. Tick the box if you mean it.",
    ),
    "under-way": (
        "版本 {version} 正在安装，现在不能取消。",
        "Version {version} is being installed and cannot be stopped now.",
    ),
}


def said(key: str, language: str, **values: object) -> str:
    """A sentence."""
    return WORDS[key][0 if language.startswith("zh") else 1].format(**values)


def sentence(state: UpdateState, wanted: str, calls: int, language: str) -> str:
    """How an update stands."""
    known = state.problem in WORDS
    why = said(state.problem, language, detail=state.detail) if known else state.detail
    parts = [
        said(
            f"step.{state.step}",
            language,
            version=state.version,
            ran=state.ran,
            percent=state.percent,
            why=why,
        )
    ]
    if state.step == "offered" and state.older:
        parts.append(said("older", language))
    if wanted == "restart":
        parts.append(said("wait.restart", language, calls=calls))
    waits = state.step in {"offered", "installed"}
    if waits and wanted == "tonight":
        parts.append(said("wait.tonight", language))
    elif waits and wanted == "now" and calls:
        parts.append(said("wait.now", language, calls=calls))
    return " ".join(parts)
