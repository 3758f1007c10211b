"""Words and sentences about customers, tickets, reviews and articles, in Chinese and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # --- mistakes ---------------------------------------------------------------------------------
    "unknown-request": ("此处不支持该请求", "This request is not known here."),
    "no-customer": ("没有客户 {value}", "There is no customer {value}."),
    "customer-wrong": ("客户资料有误", "The customer's card is not right."),
    "number-taken": (
        "号码 {value} 属于客户 {customer}；可合并两位客户",
        "Number {value} is customer {customer}'s; the two can be merged.",
    ),
    "merge-itself": (
        "客户 {value} 不能与自己合并",
        "Customer {value} cannot be merged with itself.",
    ),
    "import-clash": (
        "导入的号码分属多位客户；请先合并这些客户",
        "A line has numbers of several customers; merge these first. Nothing was imported.",
    ),
    "no-ticket": (
        "没有工单 {value}（四至六位编号，或 # 加序号）",
        "There is no ticket {value}; a reference has four to six digits, or # and a number.",
    ),
    "no-kind": (
        "没有工单类型 {value}；可选：{limit}",
        "There is no kind {value}; there are {limit}.",
    ),
    "no-call": ("没有电话 {value}", "There is no call {value}."),
    "no-owner": ("没有座席或分机 {value}", "There is no agent or extension {value}."),
    "ticket-summary": ("请写明事由", "Say what the ticket is about."),
    "ticket-hours": (
        "期限 {value} 小时；须为 1 至 {limit}",
        "{value} hours: 1 to {limit} are possible.",
    ),
    "ticket-number": (
        "号码 {value} 须为 5 至 20 位数字",
        "Number {value}: 5 to 20 digits are needed.",
    ),
    "ticket-nothing": ("请写明内容", "Say what is to be written."),
    "ticket-state": (
        "工单 {value} 的状态为“{limit}”，不能这样做",
        "Ticket {value} is {limit}; this cannot be done with it now.",
    ),
    "ticket-lacks": ("工单 {value} 还不能标为已解决", "Ticket {value} cannot be solved yet."),
    "ticket-solution": ("缺少解决办法", "The solution is missing."),
    "ticket-verify": ("来电人身份尚未核实", "The caller has not proved who he is."),
    "ticket-note": ("投诉须有文字或语音记录", "A complaint needs a note, written or spoken."),
    "no-review": ("没有复核 {value}", "There is no review {value}."),
    "review-lacks": ("复核 {value} 不能关闭", "Review {value} cannot be closed."),
    "review-closed": ("复核已关闭", "It is closed already."),
    "review-cause": (
        "原因“{value}”不在列表中：{limit}",
        "Cause {value} is none of {limit}.",
    ),
    "review-action": ("缺少改进措施", "The action is missing: what is done about it?"),
    "no-article": ("没有文章 {value}", "There is no article {value}."),
    "article-wrong": ("文章有误", "The article is not right."),
    "csv-columns": (
        "首行须有姓名或单位、以及号码的列名；现为：{value}",
        "The first line must name a column of names and one of numbers; it has {value}.",
    ),
    "csv-broken": ("CSV 文件有误：{value}", "The CSV file is broken: {value}"),
    "vcard-open": (
        "第 {value} 行的名片没有结束",
        "The card that begins in line {value} does not end.",
    ),
    "vcard-none": ("文件中没有名片", "There is no card in the file."),
    "not-text": ("{value} 不是 UTF-8 或 GB18030 文本", "{value} is no text in UTF-8 or GB 18030."),
    # --- states -----------------------------------------------------------------------------------
    "open": ("待处理", "open"),
    "working": ("处理中", "working"),
    "waiting": ("等待中", "waiting"),
    "solved": ("已解决", "solved"),
    "closed": ("已关闭", "closed"),
    # --- shown ------------------------------------------------------------------------------------
    "customer": ("客户", "customer"),
    "name": ("姓名", "name"),
    "company": ("单位", "company"),
    "numbers": ("号码", "numbers"),
    "grade": ("等级", "grade"),
    "dates": (
        "重要日期（名称 2026-05-01 每年；……）",
        "key dates (name 2026-05-01 yearly; name 2027-03-01 once)",
    ),
    "channel": ("首选联系方式", "preferred way to be reached"),
    "tags": ("标签", "tags"),
    "note": ("备注", "note"),
    "reference": ("编号", "reference"),
    "kind": ("类型", "kind"),
    "state": ("状态", "state"),
    "owner": ("负责人", "owner"),
    "due": ("期限", "due"),
    "summary": ("事由", "about"),
    "review": ("复核", "review"),
    "call": ("电话", "call"),
    "mark": ("评分", "mark"),
    "agent": ("座席", "agent"),
    "cause": ("原因", "cause"),
    "action": ("措施", "action"),
    "share": ("占比", "share"),
    "up_to": ("累计", "up to here"),
    "code": ("编号", "code"),
    "title": ("标题", "title"),
    "uses": ("使用次数", "uses"),
    "nothing_found": ("没有找到。", "Nothing was found."),
    "imported": (
        "新增 {new}，补充 {changed}，不变 {same}，文件内重复 {doubles}，有误 {wrong}。",
        (
            "{new} new, {changed} added to, {same} as they were, {doubles} twice in the file, "
            "{wrong} wrong."
        ),
    ),
    "would_import": ("仅检查，未写入。", "Only looked at; nothing was kept."),
    "wrong_line": ("第 {line} 行 {field}：{sentence}", "Line {line}, {field}: {sentence}"),
    "marks": (
        (
            "{scale} 键：{answered}/{offered} 人评分，满意 {share}，若未评分者全不满意或全满意："
            "{lowest} 至 {highest}"
        ),
        (
            "{scale} keys: {answered} of {offered} answered, {share} satisfied; were all who "
            "kept silent not, or all: {lowest} to {highest}"
        ),
    ),
    "history": ("往来", "history"),
    # --- help -------------------------------------------------------------------------------------
    "help_customers": ("客户资料", "customers"),
    "help_tickets": ("工单", "tickets: what is owed to customers"),
    "help_reviews": ("差评复核与满意度", "bad marks looked into, and satisfaction"),
    "help_articles": ("知识库", "what the office knows"),
    "help_find": ("按号码或文字查找", "find by number or words"),
    "help_show": ("显示全部", "everything about one"),
    "help_save": ("新增或修改", "make or change one"),
    "help_import": ("从 CSV 或 vCard 导入", "take from CSV or vCard"),
    "help_export": ("导出为 CSV 或 vCard", "write as CSV or vCard"),
    "help_merge": ("合并两位客户", "two cards are one person"),
    "help_erase": ("从本机删除一位客户", "take a customer out of everything the box keeps"),
    "help_open": ("新建工单", "open a ticket"),
    "help_change": ("处理工单", "do something with a ticket"),
    "help_close": ("关闭复核", "close a review"),
    "help_use": ("记录文章用于某个电话", "an article answered a call"),
    "help_remove": ("删除", "remove"),
    "help_text": ("文字或号码", "words or a number"),
    "help_id": ("序号", "its number"),
    "help_value": ("内容", "its text"),
    "help_dry_run": ("只检查，不写入", "look only, keep nothing"),
    "help_file": ("文件（.csv 或 .vcf）", "file, .csv or .vcf"),
    "help_all": ("包括已结束的", "those that are done too"),
    "help_act": ("做什么", "what is done"),
    "help_hours": ("期限（小时）", "hours until it is due"),
}


def word(key: str, language: str, **values: object) -> str:
    """A word or sentence in the reader's language."""
    text = WORDS[key][0 if language.startswith("zh") else 1]
    return text.format(**values) if values else text


class CaseError(Exception):
    """A mistake of whoever asks, as one sentence in his language; ``fields`` by path."""

    def __init__(
        self, key: str, language: str, fields: dict[str, str] | None = None, **values: object
    ) -> None:
        super().__init__(word(key, language, **values))
        self.key = key
        self.fields = fields or {}
