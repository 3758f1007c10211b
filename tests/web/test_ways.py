"""Where the head of a page leads, by who looks and where he is."""

from web.gate import PAGES
from web.ways import GROUPS, ways


def test_the_head_is_one_row_and_every_page_is_in_it_once() -> None:
    found = ways(PAGES, "status.overview")
    assert len(found) <= 9
    led = sorted(page for way in found for page in way.pages)
    assert led == sorted(PAGES)
    assert [way.word for way in found if way.here] == ["overview"]
    grouped = [word for words in GROUPS.values() for word in words]
    assert len(grouped) == len(set(grouped))


def test_who_may_open_one_page_of_a_group_gets_the_page() -> None:
    found = ways([("status.overview", "overview"), ("status.calls", "call-log")], "status.calls")
    assert [(way.word, way.alone, way.here) for way in found] == [
        ("overview", True, False),
        ("call-log", True, True),
    ]


def test_what_lies_below_a_page_lights_its_entry() -> None:
    def lit(endpoint: str) -> list[str]:
        return [way.word for way in ways(PAGES, endpoint) if way.here]

    assert lit("stories.show") == ["way.calls"]
    assert lit("customers.edit") == ["way.care"]
    assert lit("settings.show") == lit("setup.show") == lit("admin.logs") == ["way.set-up"]
    assert lit("comparing.pairs") == ["reports"]
    assert lit("signin.me") == lit("") == []
