"""A message left and heard, word by word."""

from __future__ import annotations

from firmware.core.destinations import FlowGoto, FlowHangsUp, ToOutside
from firmware.voicemail.leaving import Leaving
from firmware.voicemail.listening import Listening
from firmware.voicemail.mailbox import Erase, Keep, Mailboxes, Mark, Message
from firmware.voicemail.session import Quiet, Record, Recorded, StopRecord, Talk


def _recorded(ms: int, name: str = "c1-vm1") -> Recorded:
    return Recorded(name=name, path=f"/v/{name}.wav", duration_ms=ms, left_at="2026-03-02T01:00")


def _message(name: str, *, at: str = "2026-03-02T01:00", heard: bool = False) -> Message:
    return Message(
        message=name,
        mailbox="201",
        path=f"/v/{name}.wav",
        left_at=at,
        duration_ms=4000,
        caller="13800138000",
        heard=heard,
    )


def _kept(effects: list[object]) -> list[Message]:
    return [effect.message for effect in effects if isinstance(effect, Keep)]


def test_a_message_is_recorded_after_the_beep_and_kept_with_who_called() -> None:
    visit = Leaving("201", "en", caller="13800138000", longest_ms=60_000)
    (said,) = visit.start(0)
    assert said == Talk(prompts=("en/voicemail-person-away", "en/voicemail-leave", "music/beep"))
    assert visit.played(5_000) == [Record()]
    assert visit.next_deadline() == 65_000
    assert visit.key("5", 6_000) == [], "digits of a talker are no commands"
    assert visit.key("#", 9_000) == [StopRecord()]
    done = visit.recorded(_recorded(4_000), 9_000)
    assert [(m.caller, m.mailbox, m.duration_ms) for m in _kept(done)] == [
        ("13800138000", "201", 4_000)
    ]
    assert done[-1] == Talk(prompts=("en/voicemail-sent",))
    assert visit.played(11_000) == [FlowHangsUp(at_ms=11_000)]


def test_a_caller_who_hangs_up_has_left_his_message() -> None:
    visit = Leaving("201", "en")
    visit.start(0)
    visit.played(5_000)
    assert visit.left(9_000) == [StopRecord()]
    assert len(_kept(visit.recorded(_recorded(4_000), 9_010))) == 1


def test_a_click_is_no_message() -> None:
    gone = Leaving("201", "en")
    gone.start(0)
    gone.played(5_000)
    gone.left(5_500)
    assert [type(done) for done in gone.recorded(_recorded(500), 5_500)] == [Erase]
    there = Leaving("201", "en")
    there.start(0)
    there.played(5_000)
    there.key("#", 5_400)
    (dropped,) = there.begun(_recorded(0))
    erased, said = there.recorded(_recorded(400), 5_400)
    assert isinstance(erased, Erase)
    assert erased.message.message == dropped.message.message
    assert said == Talk(prompts=("en/voicemail-too-short", "music/beep"))
    assert there.played(7_000) == [Record()]


def test_the_limit_ends_a_message_and_a_full_box_takes_none() -> None:
    visit = Leaving("201", "en", longest_ms=60_000)
    visit.start(0)
    visit.played(5_000)
    assert visit.advance(65_000) == [StopRecord()]
    full = Leaving("201", "en", full=True)
    assert full.start(0) == [Talk(prompts=("en/voicemail-full", "en/goodbye"))]
    assert full.played(3_000) == [FlowHangsUp(at_ms=3_000)]


def test_the_owners_greeting_is_played_and_pound_skips_it() -> None:
    visit = Leaving("201", "en", greeting="/v/hello.wav")
    assert visit.start(0)[0].prompts[0] == "/v/hello.wav"
    assert visit.key("#", 1_000) == [Quiet(), Record()]


def test_new_messages_come_first_and_each_key_does_what_the_menu_says() -> None:
    boxes = Mailboxes(
        [_message("old", heard=True), _message("b", at="2026-03-02T03:00"), _message("a")]
    )
    outside = ToOutside(number="13800138000")
    visit = Listening("201", "en", boxes, destination={"13800138000": outside})

    def apply(effects: list[object]) -> list[object]:
        for effect in effects:
            if isinstance(effect, Keep | Mark | Erase):
                boxes.apply(effect)
        return effects

    (said,) = apply(visit.start(0))
    assert said.prompts[:2] == ("en/voicemail-count-before", "en/q-2")
    assert "/v/a.wav" in said.prompts
    apply(visit.played(9_000))
    assert boxes.waiting("201") == 1, "played to its end is heard"
    again = apply(visit.key("1", 10_000))
    assert "/v/a.wav" in again[-1].prompts
    following = apply(visit.key("2", 11_000))
    assert "/v/b.wav" in following[-1].prompts
    apply(visit.key("3", 12_000))
    assert [m.message for m in boxes.messages("201")] == ["a", "old"], "b is deleted"
    called = apply(visit.key("4", 13_000))
    assert called[-1] == FlowGoto(at_ms=13_000, destination=outside, choice="4")
    assert visit.ended


def test_the_pin_opens_the_box_and_three_wrong_ones_close_it() -> None:
    def enter(visit: Listening, keys: str) -> list[object]:
        done: list[object] = []
        for key in keys:
            done = visit.key(key, 1_000)
        return done

    visit = Listening("201", "en", Mailboxes(), pin="4711")
    assert visit.start(0) == [Talk(prompts=("en/password-ask",))]
    assert enter(visit, "0815#")[0] == Talk(prompts=("en/password-wrong", "en/password-ask"))
    assert enter(visit, "4711#") == [Talk(prompts=("en/voicemail-none",))]
    other = Listening("201", "en", Mailboxes([_message("a")]), pin="4711")
    other.start(0)
    enter(other, "1#2#")
    assert enter(other, "3#") == [Talk(prompts=("en/password-locked", "en/goodbye"))]
    assert enter(other, "4711#") == []


def test_wrong_pins_are_counted_by_the_office_and_a_blocked_box_does_not_even_ask() -> None:
    entries: list[bool] = []

    def counted(good: bool) -> bool:
        entries.append(good)
        return good

    blocked = [False]
    visit = Listening(
        "201", "en", Mailboxes(), pin="4711", counted=counted, locked=lambda: blocked[0]
    )
    visit.start(0)
    for key in "1111#2222#":
        visit.key(key, 1_000)
    assert entries == [False, False]
    blocked[0] = True
    for key in "3333":
        visit.key(key, 1_000)
    assert visit.key("#", 1_000) == [Talk(prompts=("en/password-locked", "en/goodbye"))]
    again = Listening("201", "en", Mailboxes(), pin="4711", counted=counted, locked=lambda: True)
    assert again.start(0) == [Talk(prompts=("en/password-locked", "en/goodbye"))]
    assert again.key("4", 500) == []
    assert again.played(3_000) == [FlowHangsUp(at_ms=3_000)]


def test_a_message_being_spoken_is_kept_from_its_first_word_and_heard_when_it_is_closed() -> None:
    visit = Leaving("201", "en", caller="13800138000")
    boxes = Mailboxes()
    (begun,) = visit.begun(_recorded(0))
    boxes.apply(begun)
    assert boxes.waiting("201") == 0
    assert boxes.messages("201") == ()
    assert [m.message for m in boxes.being_spoken()] == ["c1-vm1"]
    (kept, _) = visit.recorded(_recorded(4_000), 9_000)
    boxes.apply(kept)
    assert boxes.waiting("201") == 1
    assert boxes.being_spoken() == ()


def test_silence_ends_the_visit() -> None:
    visit = Listening("201", "en", Mailboxes([_message("a")]))
    visit.start(0)
    visit.played(9_000)
    assert visit.advance(17_000) == [Talk(prompts=("en/goodbye",))]
    assert visit.played(18_000) == [FlowHangsUp(at_ms=18_000)]


def test_a_new_greeting_replaces_the_old_one() -> None:
    boxes = Mailboxes([_message("a")])
    visit = Listening("201", "en", boxes)
    visit.start(0)
    visit.key("9", 1_000)
    assert visit.played(4_000) == [Record()]
    assert visit.key("#", 8_000) == [StopRecord()]
    for effect in visit.recorded(_recorded(4_000, "g1"), 8_000):
        if isinstance(effect, Keep | Erase):
            boxes.apply(effect)
    greeting = boxes.greeting("201")
    assert greeting is not None
    assert greeting.path == "/v/g1.wav"
    assert boxes.waiting("201") == 1, "a greeting is no message"
