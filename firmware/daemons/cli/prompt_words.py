"""What the command line says about prompts, in Chinese and English."""

from __future__ import annotations

from typing import Final

# Each key with its words in Chinese and in English.
PROMPT_WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_prompts": ("提示音：自录、导入、录音稿", "prompts: own ones, imports, the script"),
    "help_prompts_list": ("列出自录的提示音", "the owner's own prompts"),
    "help_prompts_import": (
        "导入一个 WAV 文件作为提示音",
        "put a WAV file into force as a prompt",
    ),
    "help_prompts_remove": (
        "删除自录的提示音，恢复系统的",
        "remove an own prompt; the system's is heard again",
    ),
    "help_prompts_speak": (
        "由文字生成提示音（须安装语音包）",
        "make a prompt from text (needs the voice pack)",
    ),
    "help_prompts_kit": (
        "录音稿：进度；--text 或 --html 输出全文；--import 导入一个文件夹",
        "recording script: progress; --text or --html prints it; --import takes a folder",
    ),
    "help_prompts_preview": (
        "用机器声试听一句粤语稿（须安装 espeak-ng），存为 WAV",
        "hear a Cantonese line in a robot's voice (needs espeak-ng), as a WAV file",
    ),
    "help_prompt_language": ("语言：zh-CN、en 或 zh-HK", "language: zh-CN, en or zh-HK"),
    "help_prompt_key": ("提示音名称，如 welcome", "name of the prompt, such as welcome"),
    "help_wav": ("WAV 文件，单声道", "WAV file of one channel"),
    "help_prompt_text": ("所说的文字", "the words it says"),
    "help_kit_text": ("输出文字稿", "print the script as text"),
    "help_kit_html": ("输出可打印的网页", "print the script as a page"),
    "help_kit_import": (
        "导入文件夹中按编号或名称命名的 WAV 文件",
        "import the WAV files of a folder, named by number or key",
    ),
    "help_out": ("输出文件", "file to write"),
    "own_origin": (
        "系统提示音由语音合成生成（Kokoro-82M，Apache-2.0 许可），不是真人录音。",
        "The system's prompts are synthetic speech (Kokoro-82M, Apache License 2.0), not a person.",
    ),
    "own_none": ("没有自录的提示音", "There are no own prompts."),
    "own_pace_zh": ("每分钟 {n} 字", "{n} characters a minute"),
    "own_pace_en": ("每分钟 {n} 词", "{n} words a minute"),
    "own_line": (
        "{name}  {seconds} 秒  录入电平 {level} dBFS  {pace}  {source}  {who}  {at}  {text}",
        "{name}  {seconds} s  came in at {level} dBFS  {pace}  {source}  {who}  {at}  {text}",
    ),
    "own_note": ("  注意：{note}", "  note: {note}"),
    "own_gone": (
        "已删除 {name}，现在播放系统的提示音",
        "{name} is removed; the system's own is heard.",
    ),
    "own_kept": ("已启用：", "In force:"),
    "source_upload": ("上传", "upload"),
    "source_handset": ("话机录音", "handset"),
    "source_text": ("文字生成", "from text"),
    "source_kit": ("录音稿", "script"),
    "kit_nothing": ("文件夹 {folder} 里没有 WAV 文件", "There is no WAV file in {folder}."),
    "kit_took": ("{file} → {name}", "{file} -> {name}"),
    "kit_unmatched": (
        "{name}：不是录音稿中的编号或名称",
        "{name}: neither a number nor a name of the script",
    ),
    "kit_refused": ("{name}：{why}", "{name}: {why}"),
    "kit_gap": ("缺 {label}  {text}", "missing {label}  {text}"),
    "preview_at": ("试听已存到 {path}", "The preview is in {path}."),
    "key_unknown": ("没有提示音 {name}", "There is no prompt {name}."),
}
