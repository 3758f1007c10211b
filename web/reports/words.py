"""Words of the pages that compare: pairs, groups, topics, weeks, trials."""

from __future__ import annotations

REPORT_WORDS: dict[str, tuple[str, str]] = {
    "compare": ("对比", "Compare"),
    "compare.pairs": ("成对指标", "Pairs of figures"),
    "compare.groups": ("各组对比", "Groups"),
    "compare.topics": ("来电主题", "Topics"),
    "compare.weeks": ("逐周走势", "Weeks"),
    "compare.trials": ("菜单试验", "Trials of menus"),
    "compare-before": ("此前", "Before"),
    "compare-now": ("现在", "Now"),
    "compare-change": ("变化", "Change"),
    "way.better": ("变好", "better"),
    "way.worse": ("变差", "worse"),
    "way.same": ("未变", "unchanged"),
    "way.unknown": ("无法比较", "nothing to compare"),
    "pair.both": ("两项都变好", "Both improved."),
    "pair.none": ("两项都没有变好", "Neither improved."),
    "pair.unknown": ("还没有可比的上一期", "There is no span before to compare with yet."),
    "pair-warning": (
        "注意：只有“{name}”变好了，另一项没有。请一起看，不要只追一个数。",
        "Careful: only “{name}” improved and its partner did not. Look at both; do not chase one.",
    ),
    "few-calls": ("电话太少，仅供参考", "few calls: a guess"),
    "compare-none": ("这段时间没有可比的数据。", "Nothing to compare in this time."),
    "compare-figure": ("比较哪项", "Which figure"),
    "group": ("组", "Group"),
    "group-count": ("通数", "Calls"),
    "group-sure": ("把握（95%）", "Sure within (95 %)"),
    "group-verdict": ("判断", "Verdict"),
    "mark.above": ("高于其他组", "above the others"),
    "mark.below": ("低于其他组", "below the others"),
    "mark.same": ("看不出差别", "no difference to be seen"),
    "mark.few": ("电话太少，不下结论", "too few calls for a verdict"),
    "mark.alone": ("没有别的组可比", "no other group to compare with"),
    "group-how": (
        "区间按 Wilson（1927）计算；与其他各组之和的差按 Newcombe（1998）。少于 {n} 通不下结论。",
        (
            "Intervals after Wilson (1927); the difference from all others together after Newcombe "
            "(1998). Below {n} calls there is no verdict."
        ),
    ),
    "topic": ("主题", "Topic"),
    "topic-share": ("占已录主题", "Of those keyed"),
    "topic-up-to": ("累计", "Up to here"),
    "topic-others": ("其余主题", "All other topics"),
    "topic-blank": ("没有录主题", "No topic keyed"),
    "topic-blank-share": (
        "{n} 通里 {blank} 通没有录主题（{share}）。这个比例高时，上面的顺序不可靠。",
        (
            "{blank} of {n} calls have no topic ({share}). Where that is much, the order above "
            "means little."
        ),
    ),
    "week": ("周", "Week"),
    "week-changed": ("这一周的变动", "Changed in it"),
    "week-chart": ("“{name}”逐周走势", "{name}, week by week"),
    "week-next": (
        "照此下去，下一周约为 {value}（最近四周平均）。",
        "If it goes on like this, next week will be about {value} (mean of the last four).",
    ),
    "week-version": ("设置第 {n} 版", "settings, version {n}"),
    "trial-way": ("走法", "Way"),
    "trial.answered": ("有人接听", "Answered"),
    "trial.solved": ("一次解决", "Solved"),
    "trial.satisfied": ("满意", "Satisfied"),
    "trial-of": ("菜单“{flow}”的“{node}”", "“{node}” of the menu “{flow}”"),
    "trial.wait": (
        "{what}：电话还不够，每种至少要 {need} 通，目前最少的一种有 {have} 通。",
        "{what}: not enough calls yet. Each way needs {need}; the one with fewest has {have}.",
    ),
    "trial.same": (
        "{what}：看不出十个百分点以内的差别，可任选一种。",
        "{what}: no difference of ten points to be seen. Take either.",
    ),
    "trial.differs": ("{what}：“{way}”更好。", "{what}: “{way}” is better."),
    "peaks": ("等候高峰", "Peak waits"),
    "peaks-queue": ("队列", "Queue"),
    "peaks-all": ("全部队列", "All queues"),
    "peaks-chart": (
        "每半小时最长等候时间，最高 {most}；下表内容相同",
        "Longest wait of every half-hour, at most {most}; the table below says the same",
    ),
    "peaks-half-hour": (
        "{at}：{n} 位来电，最长等候 {wait}",
        "{at}: {n} callers, longest wait {wait}",
    ),
    "peaks-time": ("半小时", "Half-hour"),
    "peaks-callers": ("来电", "Callers"),
    "peaks-longest": ("最长等候", "Longest wait"),
    "peaks-mean": ("平均等候", "Mean wait"),
    "peaks-changed": ("设置变动", "Settings changed"),
    "peaks-none": ("这段时间没有人等候。", "Nobody waited in this time."),
    "no-trials": (
        "没有正在进行的试验。在菜单里放一个“随机分流”节点，就会在这里计数。",
        "No trial is running. A node of chance in a menu is counted here.",
    ),
}
