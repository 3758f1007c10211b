"""Documents tell the truth: names exist, every folder explains itself, nothing of ours leaks."""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"`([a-z_0-9.]+):([A-Za-z_0-9.]+)`")
DOCUMENTS = sorted(p for p in ROOT.glob("*.md"))


def tracked() -> list[Path]:
    """Every file of the tree that git knows, or would know."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_names_in_documents_exist(document: Path):
    wrong = []
    for module, path in NAME.findall(document.read_text(encoding="utf-8")):
        try:
            thing = importlib.import_module(module)
            for part in path.split("."):
                thing = getattr(thing, part)
        except (ImportError, AttributeError) as problem:
            wrong.append(f"{module}:{path} ({problem})")
    assert not wrong


def test_architecture_follows_the_call():
    found = NAME.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    assert len(found) >= 30, "the walk through one call has lost its steps"


def test_every_folder_with_code_has_a_readme():
    folders = {p.parent for p in tracked() if p.suffix == ".py"}
    missing = sorted(
        str(f.relative_to(ROOT))
        for f in folders
        if f != ROOT and not (f / "README.md").exists() and f.name not in INSIDE
    )
    assert not missing, f"folders without a README: {missing}"


# Parts of a folder whose README speaks for them.
INSIDE = {"status", "guest", "kernel", "kill", "docs", "__pycache__"} | {
    p.name for p in (ROOT / "tests" / "unit").rglob("*") if p.is_dir()
}

FORBIDDEN = {
    "a path of one machine": re.compile(r"/work/|/home/\w+/|/root/\."),
    "the host of a package registry": re.compile(
        r"pypi\.org|files\.pythonhosted|deb\.debian\.org|registry\.npmjs|snapshot\.debian"
    ),
}


def test_the_tree_speaks_of_the_product_alone():
    found = []
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".zip", ".wav", ".png", ".flac"}:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for what, pattern in FORBIDDEN.items():
            found += [f"{path.relative_to(ROOT)}: {what}: {m}" for m in pattern.findall(text)]
    assert not found


def test_words_of_make_help_are_real_targets():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    mentioned = set(re.findall(r"`make ([a-z-]+)`", (ROOT / "README.md").read_text()))
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    assert mentioned <= targets, mentioned - targets
