"""Words of the page of updates and of beginning anew, in both languages."""

from __future__ import annotations

from typing import Final

UPDATE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "update-progress": ("写入进度", "How far it is written"),
    "update-offered": ("可以安装版本 {version}", "Version {version} can be installed"),
    "update-now": ("没有通话时立即安装", "Install as soon as no call is up"),
    "update-tonight": ("今晚安装", "Install tonight"),
    "update-cancel": ("取消安装", "Do not install"),
    "update-drop": ("删除这个更新", "Remove this update"),
    "update-put-away": ("知道了", "Put this away"),
    "update-restart": ("没有通话时重新启动", "Restart as soon as no call is up"),
    "update-older": ("我知道它比正在运行的版本旧", "I know that it is older than what runs"),
    "update-interrupts": (
        "写入时电话照常可用；随后重新启动约一分钟，其间电话不通。新版本通不过检查时，自动回到现在的版本。",
        (
            "Telephones work while it is written, and rest for a minute as the box restarts. "
            "A version that does not pass its check is left again by itself."
        ),
    ),
    "update-upload": ("上传更新", "Upload an update"),
    "update-upload-about": (
        "更新文件以 .raucb 结尾，须有发行方的签名。也可把它放在 U 盘上插入本机。",
        "An update ends in .raucb and is signed by its publisher. A USB stick with it will do.",
    ),
    "update-file": ("更新文件", "The update's file"),
    "update-needed": ("请选择更新文件。", "Choose the update's file."),
    "update-no-room": (
        "存储卡只剩 {free} MB，请先删除旧录音。",
        "The card has {free} MB left; remove old recordings first.",
    ),
    "update-act": (
        "请从页面上的按钮中选择。",
        "Choose one of the buttons on the page.",
    ),
    "restore-whole": ("从 U 盘恢复整机", "Bring a backup back whole"),
    "restore-about": (
        "设置、记录、录音和用户都变成备份时的样子；现有的数据放在一旁。没有通话时重新启动后生效。",
        (
            "Settings, records, recordings and accounts become those of the backup; what is there "
            "now is set aside. It is done as the box restarts, when no call is up."
        ),
    ),
    "restore-sure": ("我知道现在的数据会被替换", "I know that today's data is replaced"),
    "restore-tick": (
        "现在的数据会被替换，确实要恢复，请勾选。",
        "Today's data is replaced. Tick the box if you mean it.",
    ),
    "restore-put-in": (
        "要把备份整个恢复到这台机，请插入存有备份的 U 盘，这里就会列出备份。",
        "To bring a whole backup back, put the stick with it into the box: it is listed here then.",
    ),
    "stick-unreadable": (
        "插着的 U 盘是 {kind} 格式，本机读不了。请在电脑上格式化为 FAT32 或 exFAT（会清空 U 盘）。",
        (
            "The stick in the box has the file system {kind}, which the box cannot read. Format it "
            "as FAT32 or exFAT on a computer; that empties it."
        ),
    ),
    "restore-no-stick": (
        "U 盘上没有备份“{name}”。",
        "There is no backup {name} on the stick.",
    ),
    "restore-cannot": ("恢复失败：{why}", "It cannot be brought back: {why}"),
    "update-past": ("以前的更新", "Updates so far"),
    "update-did": ("经过", "What happened"),
    "update-who": ("谁", "Who"),
    "done.update_check": ("上传了更新", "uploaded an update"),
    "done.update_now": ("要求立即安装", "ordered it now"),
    "done.update_tonight": ("要求今晚安装", "ordered it for the night"),
    "done.update_cancel": ("取消了安装", "cancelled it"),
    "done.update_restart": ("要求重新启动", "ordered a restart"),
    "done.update_drop": ("删除了更新", "put the update away"),
    "done.update_refused": ("更新被拒绝", "update refused"),
    "done.update_done": ("更新完成", "update installed"),
    "done.update_returned": ("自动回到原版本", "went back to the old version"),
    "done.update_failed": ("更新没有装上", "update not installed"),
}
