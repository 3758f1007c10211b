"""The pjsua2 that runs here: version, TLS and codecs, asked of the library itself.

Condition: where no build fits the machine there is no SIP, and the box says so in a sentence.
"""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from firmware.daemons.trunk.library import Build
from firmware.sip.why import told


@pytest.mark.slow
def test_the_build_that_runs_here_is_fit() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "firmware.daemons.trunk.library"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if asked.returncode == 3:
        assert "SIP stays out" in asked.stderr
        return
    assert asked.returncode == 0, asked.stderr
    build = msgspec.json.decode(asked.stdout.splitlines()[-1], type=Build)
    print(build)
    assert build.tls, "a build without TLS says nothing and sends passwords in the clear"
    assert {"PCMA", "PCMU", "G722"} <= set(build.codecs)
    number = tuple(int(part) for part in build.version.split(".")[:2])
    assert number >= ((2, 17) if build.own else (2, 15))
    if build.own:
        assert "opus" in build.codecs
        assert not {"GSM", "iLBC", "speex", "L16"} & set(build.codecs), "a parser too many"
        assert build.problems() == []


def test_what_is_missing_is_said_in_sentences() -> None:
    poor = Build(version="2.12", own=False, tls=False, codecs=("PCMA", "PCMU"))
    assert [told(one, "en") for one in poor.problems()] == [
        "pjproject 2.12 was built without TLS.",
        "pjproject 2.12 lacks the codecs G722.",
        "pjproject 2.12 is older than 2.17, for development only.",
    ]
