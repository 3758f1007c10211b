"""What is set for agents' desks, and whose desk it is: what cannot be is said at its place."""

import pytest

from firmware.core.accounts import Account
from firmware.core.acd_settings import Acd, Agent
from firmware.core.desk_settings import Desk, script_of
from firmware.core.settings import Settings, validate


@pytest.mark.parametrize(
    ("scripts", "path", "sentence"),
    [
        ({"vip": "101", "*": "11"}, "", ""),
        ({"gold": "101"}, "desk.scripts.gold", "There is no grade gold; there are vip, regular"),
        ({"vip": "1"}, "desk.scripts.vip", "Article 1: its code must be 2 to 4 digits."),
    ],
)
def test_scripts_name_grades_and_articles(scripts, path, sentence):
    found = validate(Settings(desk=Desk(scripts=scripts)), "en")
    assert found.get(path, "").startswith(sentence)
    assert bool(found) == bool(path)
    if path:
        chinese = validate(Settings(desk=Desk(scripts=scripts)), "zh-CN")
        assert chinese[path] != found[path]


def test_a_script_is_the_grade_s_or_everybody_s():
    desk = Desk(scripts={"vip": "101", "*": "11"})
    assert [script_of(desk, grade) for grade in ("vip", "new", "")] == ["101", "11", "11"]
    assert script_of(Desk(), "vip") == ""


def test_an_account_is_one_agent_s_who_exists():
    acd = Acd(agents=(Agent(number="1001"),))
    hashed = "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA"

    def wrong(*agents: str) -> dict[str, str]:
        accounts = [Account(name="o", roles=("owner",), password=hashed)]
        accounts += [Account(name=f"a{at}", agent=agent) for at, agent in enumerate(agents)]
        return validate(Settings(acd=acd, accounts=tuple(accounts)), "en")

    assert wrong("1001") == {}
    assert wrong("9") == {"accounts.1.agent": "There is no agent 9."}
    twice = wrong("1001", "1001")
    assert twice == {"accounts.2.agent": "Agent 1001 belongs to another account already."}
