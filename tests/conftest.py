"""What every test run has: one thread of linear algebra per worker, and boards by name only."""

from __future__ import annotations

import gc
import os

import pytest

# Before numpy is imported anywhere: two workers on two cores, not four threads each.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--board", help="machine configuration of the board under test")


def pytest_collection_finish() -> None:
    """What collected tests are made of stays: no later search for garbage goes through it."""
    gc.collect()
    gc.freeze()
