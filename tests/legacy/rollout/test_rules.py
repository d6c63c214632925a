"""Who gets which path: sticky, within bounds, and the nearest rule decides."""

from uuid import UUID, uuid4

import pytest

from legacy.models import AgentPath
from legacy.rollout.roster import PathRule, evaluate_path, hash_to_percentile

LEGACY, SHADOW, MODERN = AgentPath.LEGACY, AgentPath.SHADOW, AgentPath.MODERN
USERS = [UUID(int=(number << 64) | (4 << 76) | (8 << 60) | number) for number in range(1, 10_001)]


def everybody(path: AgentPath, percentage: int) -> PathRule:
    return PathRule(agent="data", path=path, percentage=percentage)


def reached(*rules: PathRule, path: AgentPath = MODERN) -> set[UUID]:
    return {user for user in USERS if evaluate_path("data", user, (), rules) is path}


@pytest.mark.parametrize("percentage", [0, 1, 10, 50, 99, 100])
def test_a_percentage_is_of_the_users(percentage: int) -> None:
    found = len(reached(everybody(MODERN, percentage))) / len(USERS) * 100
    assert abs(found - percentage) <= (1.5 if 0 < percentage < 100 else 0)


def test_who_has_it_keeps_it_as_it_is_raised() -> None:
    few, half = reached(everybody(MODERN, 10)), reached(everybody(MODERN, 50))
    assert few < half < reached(everybody(MODERN, 100)) == set(USERS)
    assert few == reached(everybody(MODERN, 10))


def test_a_place_is_for_good_and_another_one_for_each_agent() -> None:
    # Written down: another number would move every user of every installation.
    assert [hash_to_percentile(UUID(int=7), agent) for agent in ("data", "actions", "reporting")] == [15, 72, 32]
    both = sum(hash_to_percentile(user, "data") < 10 and hash_to_percentile(user, "actions") < 10 for user in USERS)
    assert both < 0.02 * len(USERS)


def test_the_modern_percentage_goes_before_the_shadows() -> None:
    rules = everybody(SHADOW, 100), everybody(MODERN, 10)
    assert reached(*rules) == reached(everybody(MODERN, 10))
    assert reached(*rules, path=SHADOW) == set(USERS) - reached(*rules)
    assert reached(*rules, path=LEGACY) == set()


def test_a_users_rule_goes_before_their_groups_and_that_before_percentages() -> None:
    ana = uuid4()
    all_modern, group = everybody(MODERN, 100), PathRule(agent="data", path=SHADOW, group_id=1)
    own = PathRule(agent="data", path=LEGACY, user_id=ana)
    assert evaluate_path("data", ana, (), (all_modern, group, own)) is LEGACY
    assert evaluate_path("data", ana, (1,), (all_modern, group)) is SHADOW
    assert evaluate_path("data", ana, (2,), (all_modern, group)) is MODERN
    assert evaluate_path("data", ana, (), ()) is LEGACY


def test_of_two_groups_the_more_careful_path() -> None:
    rules = PathRule(agent="data", path=MODERN, group_id=1), PathRule(agent="data", path=LEGACY, group_id=2)
    assert evaluate_path("data", uuid4(), (1, 2), rules) is LEGACY


def test_rules_are_of_one_agent() -> None:
    assert evaluate_path("actions", uuid4(), (), (everybody(MODERN, 100),)) is LEGACY
