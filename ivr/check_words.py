"""What an owner is told about a flow that is refused: per problem a sentence in zh-CN and en."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "leads-nowhere": (
        "“{node}”的出口“{value}”没有接到任何步骤，来电者走到这里就没有下文了",
        "The way “{value}” out of “{node}” leads nowhere: a caller who takes it would be lost.",
    ),
    "no-such-node": (
        "“{node}”的出口“{limit}”通向“{value}”，但没有这个步骤",
        "The way “{limit}” out of “{node}” leads to “{value}”, and there is no such step.",
    ),
    "unreachable": (
        "没有任何来电者能走到“{node}”；请把它接上，或者删除",
        "No caller can ever come to “{node}”; connect it or remove it.",
    ),
    "endless": (
        "来电者如果一直不按键，会在“{node}”这里无休止地循环（{value}）",
        "A caller who presses nothing goes round for ever at “{node}” ({value}).",
    ),
    "no-person": (
        "来电者到了“{node}”以后，再也找不到人，也不能留言或要求回电",
        "From “{node}” on a caller can reach no person, no mailbox and no call back.",
    ),
    "no-operator": (
        "请设定按 0 转到哪里：来电者在“{node}”要能随时找到人",
        "Say where 0 leads: at “{node}” a caller must be able to ask for a person.",
    ),
    "key-form": (
        "“{node}”的按键“{value}”在电话机上没有；可用的是 {limit}",
        "The key “{value}” of “{node}” is on no telephone; there are {limit}.",
    ),
    "no-choice": (
        "“{node}”没有任何可选的按键",
        "“{node}” offers nothing to choose.",
    ),
    "not-a-direct": (
        "“{node}”的直拨分机要接到“询问分机号”的步骤，“{value}”不是",
        "Extensions dialled at “{node}” must lead to a step that asks for one; “{value}” is not.",
    ),
    "shares": (
        "“{node}”的分配比例写错了：{value}",
        "The shares of “{node}” are wrong: {value}.",
    ),
    "never": (
        "“{node}”的时间“{value}”永远不会到：{limit}",
        "The time “{value}” of “{node}” never comes: {limit}.",
    ),
    "time-form": (
        "“{node}”的时间“{value}”看不懂；请写成 {limit}",
        "The time “{value}” of “{node}” cannot be read; write it as {limit}.",
    ),
    "entry-lengths": (
        "“{node}”要输入 {value} 位，但{limit}，来电者怎么输入都不对",
        "“{node}” takes {value} keys but {limit}: no entry could ever be right.",
    ),
    "secret-read": (
        "“{node}”输入的是保密内容，不能再读出来确认",
        "What is entered at “{node}” is secret and cannot be read back.",
    ),
    "unknown-extension": (
        "“{node}”通向分机 {value}，但没有这个分机",
        "“{node}” leads to extension {value}, which does not exist.",
    ),
    "unknown-group": (
        "“{node}”通向振铃组 {value}，但没有这个组",
        "“{node}” leads to ring group {value}, which does not exist.",
    ),
    "unknown-queue": (
        "“{node}”通向队列 {value}，但没有这个队列，也没有代替的振铃组",
        "“{node}” leads to queue {value}, which does not exist, and names no ring group instead.",
    ),
    "unknown-flow": (
        "“{node}”通向流程 {value}，但没有这个流程",
        "“{node}” leads to flow {value}, which does not exist.",
    ),
    "unknown-table": (
        "“{node}”要查表 {value}，但没有这张表",
        "“{node}” looks into table {value}, which does not exist.",
    ),
    "unknown-address": (
        "“{node}”要查网址 {value}，但设置里没有",
        "“{node}” asks the address {value}, which the settings do not have.",
    ),
    "outside-number": (
        "“{node}”的外线号码“{value}”不是可以拨打的号码",
        "The number outside “{value}” of “{node}” cannot be dialled.",
    ),
    "recursion": (
        "流程 {value} 绕回到自己，来电者出不去",
        "Flow {value} comes back to itself through its own sub-flows.",
    ),
    "too-deep": (
        "流程里面套流程超过了 {limit} 层",
        "Flows are nested deeper than {limit}.",
    ),
    "too-many": (
        "流程有 {value} 个步骤，最多 {limit} 个",
        "The flow has {value} steps; the limit is {limit}.",
    ),
    "prompt-missing": (
        "“{node}”要播放“{value}”，但没有{limit}录音",
        "“{node}” says “{value}”, of which there is no recording in {limit}.",
    ),
    "text-missing": (
        "“{node}”要读出文字“{value}”，但还没有{limit}录音；装有语音包时，保存即生成",
        (
            "“{node}” reads out “{value}”, of which there is no sound in {limit} yet; where a voice"
            " is installed, saving makes it."
        ),
    ),
    "no-instants": (
        "“{node}”以及后面的步骤会不停地跳转，既不说话也不等按键（{value}）",
        "“{node}” and the steps behind it lead to each other without a word or a wait ({value}).",
    ),
    "shape": (
        "流程 {node} 的写法不对：{value}",
        "Flow {node} is not written as a flow: {value}.",
    ),
}

LANGUAGES: Final[Mapping[str, tuple[str, str]]] = {
    "zh-CN": ("普通话", "Mandarin"),
    "zh-HK": ("粤语", "Cantonese"),
    "en": ("英语", "English"),
}
