"""The table of stories in the README: ``python -m tests.scenario.ivr.table`` writes it anew."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.scenario.ivr.story import stories

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- begin table -->\n", "<!-- end table -->"


def table() -> str:
    """One line per story and per scenario."""
    lines = ["| node | case | what happens | rows |", "| --- | --- | --- | --- |"]
    for file in sorted(README.parent.glob("*.yaml")):
        head = yaml.safe_load(file.read_text("utf-8"))
        lines.append(f"| by sound | `{file.stem}` | {head['title']} | {head.get('proves', '')} |")
    lines += [f"| {s.kind} | {s.case} | {s.title} | {' '.join(s.proves)} |" for s in stories()]
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """The README's text with the table put between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
