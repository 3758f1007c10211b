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
    "setting.PageSettings.password_length": (
        "密码至少几个字符",
        "Characters of a password, at least",
    ),
    "setting.PageSettings.password_former": (
        "最近几个密码不能再用",
        "Former passwords that may not be used again",
    ),
    "setting.PageSettings.password_days": (
        "几天后须换密码",
        "A password must be changed after (days)",
    ),
    "hint.PageSettings.password_days": (
        "0 表示不按期换。常换的密码往往更弱，除非规定要求，建议不设。",
        "0 is never. Who must change often chooses badly; set it only where a rule asks for it.",
    ),
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
    "setting.Address.url": ("地址，{key} 处填所查内容", "Address, {key} for what is sought"),
    "setting.Address.lan": ("在局域网内（是或否）", "within the office's network (yes or no)"),
    "hours-ahead": ("今后三十天", "The next thirty days"),
    "day-of": ("日期", "Day"),
    "hours-shut": ("全天休息", "closed"),
    "kind.keyed": ("一行一个：名称 = ", "One on each line: name = "),
    "yes-needed": ("“{value}”须写 是 或 否", "“{value}”: write yes or no."),
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

_PAGES: Final[dict[str, tuple[str, str]]] = {
    "the-box": ("本机", "The box"),
    "manual": ("使用手册", "Manual"),
    "help": ("帮助", "Help"),
    "about.setup": ("五步完成基本设置", "The first five pages, whenever you like"),
    "box.security": ("安全检查", "Security check"),
    "about.box.security": ("哪里可以更安全，怎样改", "What could be safer, and how"),
    "box.trust": ("加密访问", "Encrypted access"),
    "about.box.trust": ("让电脑信任本机", "Have computers trust the box"),
    "box.backups": ("备份", "Backup"),
    "about.box.backups": ("备份、下载、查看、恢复", "Make, carry away, look into, bring back"),
    "box.updates": ("更新", "Updates"),
    "about.box.updates": ("版本和支持期限", "The version, and until when it is looked after"),
    "box.journal": ("日志", "Logs"),
    "about.box.journal": ("程序最近说了什么", "What the programs said lately"),
    "box.support": ("支持包", "Support bundle"),
    "about.box.support": (
        "给技术支持的文件，不含密码和号码",
        "For support; no secrets, no numbers",
    ),
    "box.done": ("操作记录", "What was done"),
    "about.box.done": ("谁看过、听过、导出过什么", "Who looked at, played or exported what"),
    "box.programs": ("程序接口", "Programs"),
    "about.box.programs": ("给其他程序的密钥", "Keys for other programs"),
    "security-count": ("共 {n} 项，{good} 项良好。", "{n} points, {good} of them well."),
    "verdict.good": ("良好", "Well"),
    "verdict.advice": ("建议", "Advice"),
    "verdict.bad": ("请处理", "To be mended"),
    "mend": ("去处理", "Mend"),
    "sign-out-elsewhere": ("退出我在其他浏览器的登录", "Sign me out everywhere else"),
    "security.second-owner": ("有第二位负责人", "A second owner"),
    "security.second-owner.fix": (
        "只有一位负责人；忘了密码就无人能改设置。",
        "With one owner, a forgotten password locks everybody out.",
    ),
    "security.installers": ("没有安装人员账户", "No installers left"),
    "security.installers.fix": (
        "装完以后请停用安装人员的账户。",
        "Switch installers off when they are done.",
    ),
    "security.sessions": ("每人登录的浏览器不多", "Few browsers a person"),
    "security.sessions.fix": (
        "登录的浏览器很多；请让本人退出其他登录。",
        "Many browsers are signed in; sign out elsewhere.",
    ),
    "security.unused-programs": ("没有闲置的密钥", "No unused keys"),
    "security.unused-programs.fix": (
        "这些程序的密钥很久没用，请收回。",
        "These programs' keys were not used for long; take them away.",
    ),
    "security.secure": ("本次访问已加密", "This page came encrypted"),
    "security.secure.fix": (
        "密码在网络上可能被看到。",
        "Passwords could be seen on the network.",
    ),
    "security.secure-only": ("只接受加密访问", "Encrypted access only"),
    "security.secure-only.fix": (
        "电脑都信任本机后，关闭不加密的访问。",
        "When all computers trust the box, switch plain access off.",
    ),
    "security.trial": ("外线更改先试用", "Changes of lines are on trial"),
    "security.trial.fix": (
        "改错外线时能自动恢复。",
        "A wrong change of lines is then taken back by itself.",
    ),
    "security.money": ("外拨费用有上限", "The cost of calls is limited"),
    "security.money.fix": (
        "没有费用上限，被盗打时损失没有底。",
        "Without limits nothing stops stolen calls.",
    ),
    "security.minutes": ("外拨时长有上限", "The minutes of calls are limited"),
    "security.minutes.fix": (
        "请限制每天的分钟数和单次时长。",
        "Limit minutes a day and the longest call.",
    ),
    "security.abroad": ("话机不能打国际长途", "No telephone may call abroad"),
    "security.abroad.fix": (
        "这些分机可以打国际长途，确有需要吗？",
        "These may call abroad; do they need to?",
    ),
    "security.forwarding": ("来电不能转到外面", "No forwarding to the outside"),
    "security.forwarding.fix": (
        "这些分机可以把来电转到外面，费用由您付。",
        "These may forward callers outside at your cost.",
    ),
    "security.disa": ("外面的来电不能再拨出", "Nobody calls out from outside"),
    "security.disa.fix": (
        "外面的人凭密码就能拨出；请至少限定号码。",
        "Whoever knows the PIN calls out; name the numbers at least.",
    ),
    "security.emergency": ("紧急电话有线可用", "A line for emergency calls"),
    "security.emergency.fix": (
        "没有可以拨出的外线，打不了 110、119、120。",
        "No line may call out, so emergency calls cannot.",
    ),
    "security.night-watch": ("夜间外拨会告警", "Calls at night raise an alarm"),
    "security.night-watch.fix": (
        "盗打多在夜里，请设值守时间。",
        "Stolen calls come at night; set hours to be watched.",
    ),
    "security.mailboxes": ("语音信箱都有密码", "Mailboxes have PINs"),
    "security.mailboxes.fix": (
        "这些信箱在本机上无需密码就能听。",
        "Anybody at these telephones can hear them.",
    ),
    "security.agent-pins": ("坐席都有密码", "Agents have PINs"),
    "security.agent-pins.fix": (
        "这些坐席登录不需要密码。",
        "These log in without one.",
    ),
    "security.notice": ("录音前会告知", "Recording is announced"),
    "security.notice.fix": (
        "正在录音却没有告知，可能违法。",
        "Calls are recorded without notice; that may be unlawful.",
    ),
    "security.backup": ("最近有备份", "A recent backup"),
    "security.backup.fix": (
        "请做一次备份，并放到别处。",
        "Make one, and keep it elsewhere.",
    ),
    "security.support": ("版本在支持期内", "The version is looked after"),
    "security.support.fix": (
        "支持期已过，请更新。",
        "Its time is over; update.",
    ),
    "security.alarms": ("没有告警", "No alarms"),
    "security.alarms.fix": ("总览页上有告警。", "The overview shows alarms."),
    "file": ("文件", "File"),
    "backup-size": ("大小", "Size"),
    "backup-inside": ("内容", "Inside"),
    "backup-holds": (
        "{files} 个文件，{calls} 通记录，设置第 {version} 版",
        "{files} files, {calls} calls, settings version {version}",
    ),
    "no-backups": ("还没有备份。", "No backup yet."),
    "backup-folder": ("自动备份到 {folder}。", "The box makes backups to {folder}."),
    "backup-no-folder": (
        "还没有设自动备份的位置（U 盘或共享目录）。",
        "No place for automatic backups is set yet (a stick or a share).",
    ),
    "backup-now": ("现在备份", "Back up now"),
    "backup-download": ("下载备份", "Download a backup"),
    "backup-download-about": (
        "一个用口令加密的文件，请存到别处。",
        "One file sealed with a pass-phrase, to be kept elsewhere.",
    ),
    "backup-what": ("内容", "What"),
    "backup-settings": ("只有设置", "Settings alone"),
    "backup-records": ("设置和通话记录", "Settings and call records"),
    "backup-look": ("查看备份", "Look into a backup"),
    "backup-look-about": (
        "先试着打开，看看恢复会改变什么；这时什么都不会动。",
        "It is opened aside to show what it would change; nothing is touched yet.",
    ),
    "backup-file": ("备份文件", "Backup file"),
    "backup-needed": ("请选择备份文件", "Choose a backup file."),
    "backup-unreadable": ("打不开：{why}", "It cannot be opened: {why}"),
    "backup-gone": (
        "请重新上传备份文件",
        "Please upload the backup again.",
    ),
    "backup-why": ("从备份恢复", "from a backup"),
    "backup-bring": ("恢复这些设置", "Bring these settings back"),
    "backup-whole-good": ("备份完好，做于 {at}。", "The backup is whole, made at {at}."),
    "backup-whole": (
        "连同通话记录和录音恢复到新机，用命令：",
        "Records and recordings too are restored on a new box by the command",
    ),
    "backup-protect": ("设自动备份的口令", "Set the pass-phrase of automatic backups"),
    "backup-protected": (
        "自动备份已用口令加密。",
        "Automatic backups are sealed with a pass-phrase.",
    ),
    "backup-unprotected": (
        "自动备份还没有口令。",
        "Automatic backups have no pass-phrase yet.",
    ),
    "passphrase": ("口令", "Pass-phrase"),
    "passphrase-again": ("再输入一次口令", "The pass-phrase once more"),
    "passphrase-hint": (
        "至少 {n} 个字符；丢了口令，备份就打不开",
        "At least {n} characters; without it the backup cannot be opened.",
    ),
    "passphrase-short": ("口令至少 {n} 个字符", "The pass-phrase needs at least {n} characters."),
    "update-version": ("版本", "Version"),
    "update-until": ("支持到", "Looked after until"),
    "update-how": (
        "新版本由安装人员装入，请选没有通话的时候。",
        "Whoever installs the box puts a newer version in, at a time without calls.",
    ),
    "update-leaves": (
        "本机不会自行联网，也不发送任何数据。",
        "The box asks nobody for updates and sends nothing anywhere.",
    ),
    "logs-about": (
        "最新的在上面；密码和电话号码已遮住。",
        "The newest first; secrets and telephone numbers are masked.",
    ),
    "no-logs": ("还没有日志。", "No log yet."),
    "support-about": (
        "下面是支持包的全部内容，点开可看；密码和号码已遮住。",
        "This is all that is in it; open each to read it. Secrets and numbers are masked.",
    ),
    "support-save": ("保存支持包", "Save the bundle"),
    "done-about": ("最近 {n} 条。设置的修改见：", "The newest {n}. Changes of settings:"),
    "done-action": ("操作", "What"),
    "done-what": ("对象", "Of what"),
    "done-from": ("来自", "From"),
    "no-done": ("还没有操作记录。", "Nothing yet."),
    "done.view": ("查看", "looked at"),
    "done.play": ("播放", "played"),
    "done.export": ("导出", "exported"),
    "done.change": ("更改", "changed"),
    "done.erase": ("删除", "erased"),
    "programs-about": (
        "客户系统、看板等程序凭密钥使用话务箱，接口说明：",
        "Programs such as a CRM or a wall board use the box by a key. What they may ask:",
    ),
    "key-once": (
        "这是密钥，只显示这一次，请立即保存：",
        "This is the key. It is shown this once; save it now:",
    ),
    "key-new": ("新密钥", "A new key"),
    "key-name-hint": ("哪个程序用它", "Which program it is for."),
    "key-seen": ("最近使用", "Last used"),
    "key-never": ("从未", "never"),
    "scopes": ("允许", "What it may do"),
    "scopes-needed": ("请至少选一项", "Choose at least one."),
    "scope.status": ("看状态和事件", "see the state and events"),
    "scope.calls": ("看通话记录", "see the call log"),
    "scope.figures": ("看指标", "see figures"),
    "scope.settings": ("看和改设置", "see and change settings"),
    "scope.dial": ("点击拨号", "have telephones called"),
    "no-programs": ("还没有程序密钥。", "No keys yet."),
    "trust-secure": ("这个页面已加密。", "This page came encrypted."),
    "trust-plain": ("这个页面没有加密。", "This page came without encryption."),
    "trust-none": (
        "本机没有开启加密端口。",
        "No encrypted port is open on this box.",
    ),
    "trust-how": ("让电脑信任本机", "Have a computer trust the box"),
    "trust-1": ("下载本机的证书：", "Download the box's certificate:"),
    "trust-2": (
        "打开它，核对 SHA-256 指纹：",
        "Open it and compare its SHA-256 fingerprint:",
    ),
    "trust-3": (
        "Windows：本地计算机 → 受信任的根证书颁发机构。macOS：钥匙串 → 系统 → 始终信任。",
        "Windows: local machine, trusted roots. macOS: Keychain, System, always trust.",
    ),
    "trust-4": ("关闭浏览器，再用加密地址打开。", "Close the browser and open the address anew."),
    "secure-first": (
        "请先用加密地址打开本页，再打开这一项",
        "Open this page by its encrypted address first.",
    ),
    "secure-only": ("只接受加密访问", "Encrypted access only, please."),
    "trust-limits": (
        "这张证书只对 .local 名称和局域网地址有效，不能冒充其他网站。",
        "It counts for names in .local and local addresses only and can stand for no other site.",
    ),
}

ADMIN_WORDS: Final[dict[str, tuple[str, str]]] = _SETTINGS | _API | _PAGES
