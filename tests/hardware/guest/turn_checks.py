"""The turn loop of the box on the genuine highway, with chips of the bench on its SPI."""

from __future__ import annotations

from tests.hardware.guest.verdicts import Verdicts


def run(verdicts: Verdicts) -> None:
    """Not yet."""
