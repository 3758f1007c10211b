"""Every way in which a fax can end has a sentence in both languages."""

import re

import pytest

from firmware.fax.job import STATION_ID_LONGEST, station_id
from firmware.fax.outcome import LOST, MEANINGS, RESULTS, Result, may_retry, result_of, sentence

LAST_CODE = 62  # spandsp 0.0.6 t30.h: T30_ERR_CSA_UNACCEPTABLE


@pytest.mark.parametrize("result", Result)
def test_every_result_is_said_in_both_languages(result):
    zh, en = sentence(result, "zh-CN"), sentence(result, "en")
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert re.search(r"[A-Za-z]{3}", en)
    assert not re.search(r"[\u4e00-\u9fff]", en)


def test_every_code_of_the_library_means_something():
    assert set(range(LAST_CODE + 1)) <= set(RESULTS)
    assert set(RESULTS.values()) == set(Result) == set(MEANINGS)


def test_some_codes_by_hand():
    assert result_of(0) is Result.COMPLETE
    assert result_of(2) is Result.NO_FAX  # T0: nobody spoke
    assert result_of(6) is Result.NO_TRAINING
    assert result_of(41) is Result.BAD_FILE
    assert result_of(49) is Result.CALL_DROPPED
    assert result_of(LOST) is Result.FAULT
    assert result_of(999) is Result.FAULT


def test_what_another_try_may_help():
    assert may_retry(Result.CALL_DROPPED)
    assert not may_retry(Result.COMPLETE)
    assert not may_retry(Result.BAD_FILE)


def test_a_station_id_has_what_t30_allows():
    assert station_id("+86 (10) 6255-0100 ext") == "+86 10 62550100"
    assert len(station_id("1" * 40)) == STATION_ID_LONGEST
