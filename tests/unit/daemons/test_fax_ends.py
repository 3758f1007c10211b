"""Fax ends beside each other: what is wrong with one fax's file is its own affair."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from firmware.control.fax_messages import FaxEnded, StartFax, StopFax
from firmware.daemons.fax.ends import FaxEnds
from firmware.fax.job import FaxJob
from firmware.fax.outcome import Result
from firmware.media import g711

BLOCK = 40


def receiving(name: str, folder: Path) -> FaxJob:
    return FaxJob(
        fax=name, direction="receive", tiff=str(folder / f"{name}.tif"), calling=False, station="1"
    )


def test_a_file_that_cannot_be_put_in_order_ends_its_fax_as_a_fault_and_no_other(
    tmp_path: Path,
) -> None:
    ends = FaxEnds(2, tmp_path, "a", lambda: 7)
    for end, name in ((1, "one"), (2, "two")):
        ends.order(StartFax(port=f"fax/{end}", job=receiving(name, tmp_path)))
    silence = np.full((2, BLOCK), g711.IDLE["a"], np.uint8)
    ends.work(0b11, silence)
    (tmp_path / "one.tif").unlink(missing_ok=True)
    (tmp_path / "one.tif").mkdir()  # where its pages were there is something that nobody can read

    ends.order(StopFax(port="fax/1"))

    (ended,) = ends.take()
    assert isinstance(ended, FaxEnded)
    assert (ended.outcome.fax, ended.outcome.result, ended.outcome.tiff) == (
        "one",
        Result.FAULT,
        "",
    )
    assert ends.up == 0b10, "the other goes on"
    assert ends.work(0b10, silence[:1]).shape == (1, BLOCK)
    ends.fail()
