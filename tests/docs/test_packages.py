"""What a plain installation takes along is what the tree has."""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePath

ROOT = Path(__file__).parents[2]
SHIPPED = ("drivers", "firmware", "ivr", "web")
WRITTEN_BY_PYTHON = {".py", ".pyc"}
OF_WHO_RENDERS_PROMPTS = {".lock", ".jsonl"}


def setuptools() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "setuptools"
    ]


def test_every_package_is_named() -> None:
    there = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for top in SHIPPED
        for file in (ROOT / top).rglob("__init__.py")
    }
    assert set(setuptools()["packages"]) == there


def test_every_file_that_is_no_program_is_taken_along() -> None:
    patterns = setuptools()["package-data"]
    packages = sorted(setuptools()["packages"], key=len, reverse=True)
    left = []
    for top in SHIPPED:
        for file in (ROOT / top).rglob("*"):
            if file.suffix in WRITTEN_BY_PYTHON | OF_WHO_RENDERS_PROMPTS or not file.is_file():
                continue
            inside = file.relative_to(ROOT)
            package = next(p for p in packages if inside.is_relative_to(p.replace(".", "/")))
            name = inside.relative_to(package.replace(".", "/"))
            wanted = [*patterns["*"], *patterns.get(package, [])]
            if not any(_fits(name, pattern) for pattern in wanted):
                left.append(str(inside))
    assert not left


def _fits(name: PurePath, pattern: str) -> bool:
    """As setuptools globs: ``**`` is any number of folders."""
    if "**" not in pattern:
        return len(name.parts) == pattern.count("/") + 1 and name.match(pattern)
    before, after = pattern.split("**/")
    return name.is_relative_to(before.rstrip("/")) and name.match(after)
