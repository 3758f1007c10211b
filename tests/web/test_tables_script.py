"""Tables that the server shows whole, as a browser arranges them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

import web

pytestmark = pytest.mark.slow

SCRIPT = Path(web.__file__).parent / "static" / "tables.js"
ROWS = [("Bo", "12 s", "=1+1"), ("anna", "9 s", "x"), ("Cy", "100 s", 'say "hi"')]
WORDS = 'data-find="Find" data-before="Before" data-after="After"'


def html(rows: list[tuple[str, ...]]) -> str:
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    heads = "".join(f"<th>{head}</th>" for head in ("Name", "Talked", "Note"))
    table = f'<table class="stack"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'
    return f"<title>People · box</title><body {WORDS}>{table}</body>"


def test_sorted_searched_paged_and_taken_away(chromium: Browser, tmp_path: Path) -> None:
    page = chromium.new_page(accept_downloads=True)
    page.set_content(html(ROWS))
    page.add_script_tag(path=str(SCRIPT))

    def first() -> list[str]:
        return page.locator("tbody tr td:first-child").all_inner_texts()

    page.click("text=Name")
    assert first() == ["anna", "Bo", "Cy"]
    assert page.locator("th").first.get_attribute("aria-sort") == "ascending"
    page.click("text=Name")
    assert first() == ["Cy", "Bo", "anna"]
    page.click("text=Talked")
    assert first() == ["anna", "Bo", "Cy"], "9, 12 and 100, not 100, 12 and 9"
    with page.expect_download() as taking:
        page.click("text=CSV")
    taking.value.save_as(tmp_path / "people.csv")
    assert taking.value.suggested_filename == "People.csv"
    text = (tmp_path / "people.csv").read_bytes().decode("utf-8-sig")
    assert text.splitlines() == [
        '"Name","Talked","Note"',
        '"anna","9 s","x"',
        '"Bo","12 s","\'=1+1"',
        '"Cy","100 s","say ""hi"""',
    ]
    many = [(f"n{at:03d}", "1 s", "") for at in range(120)]
    page.close()
    page = chromium.new_page()
    page.set_content(html(many))
    page.add_script_tag(path=str(SCRIPT))
    assert len(first()) == 50
    page.click("text=After")
    page.click("text=After")
    assert first()[0] == "n100"
    assert page.locator("text=After").is_hidden()
    page.fill("input[type=search]", "N07")
    assert first() == [f"n07{at}" for at in range(10)]
    page.close()
