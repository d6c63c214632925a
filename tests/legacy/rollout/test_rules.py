"""Paths are sticky, percentages hold within bounds, and the most specific rule decides."""

from uuid import UUID, uuid4

import pytest

from legacy.models import AgentPath
from legacy.rollout.roster import PathRule, evaluate_path, hash_to_percentile

LEGACY, SHADOW, MODERN = AgentPath.LEGACY, AgentPath.SHADOW, AgentPath.MODERN
USERS = [UUID(int=(number << 64) | (4 << 76) | (8 << 60) | number) for number in range(1, 10_001)]


def build_percentage_rule(path: AgentPath, percentage: int) -> PathRule:
    return PathRule(agent="data", path=path, percentage=percentage)


def find_users(*rules: PathRule, path: AgentPath = MODERN) -> set[UUID]:
    return {user for user in USERS if evaluate_path("data", user, (), rules) is path}


@pytest.mark.parametrize("percentage", [0, 1, 10, 50, 99, 100])
def test_a_percentage_selects_that_share_of_users(percentage: int) -> None:
    found = len(find_users(build_percentage_rule(MODERN, percentage))) / len(USERS) * 100
    assert abs(found - percentage) <= (1.5 if 0 < percentage < 100 else 0)


@pytest.mark.slow
def test_a_user_keeps_the_path_when_the_percentage_is_raised() -> None:
    few, half = find_users(build_percentage_rule(MODERN, 10)), find_users(build_percentage_rule(MODERN, 50))
    assert few < half < find_users(build_percentage_rule(MODERN, 100)) == set(USERS)
    assert few == find_users(build_percentage_rule(MODERN, 10))


def test_a_percentile_is_constant_and_differs_by_agent() -> None:
    # Literal values: other ones would reassign the users of every installation.
    assert [hash_to_percentile(UUID(int=7), agent) for agent in ("data", "actions", "reporting")] == [15, 72, 32]
    both = sum(hash_to_percentile(user, "data") < 10 and hash_to_percentile(user, "actions") < 10 for user in USERS)
    assert both < 0.02 * len(USERS)


@pytest.mark.slow
def test_modern_takes_precedence_over_shadow() -> None:
    rules = build_percentage_rule(SHADOW, 100), build_percentage_rule(MODERN, 10)
    assert find_users(*rules) == find_users(build_percentage_rule(MODERN, 10))
    assert find_users(*rules, path=SHADOW) == set(USERS) - find_users(*rules)
    assert find_users(*rules, path=LEGACY) == set()


def test_user_rules_precede_group_rules_and_those_percentages() -> None:
    ana = uuid4()
    all_modern, group = build_percentage_rule(MODERN, 100), PathRule(agent="data", path=SHADOW, group_id=1)
    own = PathRule(agent="data", path=LEGACY, user_id=ana)
    assert evaluate_path("data", ana, (), (all_modern, group, own)) is LEGACY
    assert evaluate_path("data", ana, (1,), (all_modern, group)) is SHADOW
    assert evaluate_path("data", ana, (2,), (all_modern, group)) is MODERN
    assert evaluate_path("data", ana, (), ()) is LEGACY


def test_two_groups_get_the_more_cautious_path() -> None:
    rules = PathRule(agent="data", path=MODERN, group_id=1), PathRule(agent="data", path=LEGACY, group_id=2)
    assert evaluate_path("data", uuid4(), (1, 2), rules) is LEGACY


def test_a_rule_applies_to_one_agent() -> None:
    assert evaluate_path("actions", uuid4(), (), (build_percentage_rule(MODERN, 100),)) is LEGACY
