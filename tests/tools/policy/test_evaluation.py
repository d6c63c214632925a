"""The semantics of docs/policies.md, case by case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.policy.questions import FREE, ME, NOW, OTHER, OTHERS, PRO, TEAM, TOP, decide, rule
from tools.base import Category, PolicyEffect
from tools.policy.rules import NO_QUOTA, PolicyRule, Quota

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("rules", "decider"),
    [
        ([], "default of count"),
        # A deny wins, whatever priority, person or order says.
        ([rule(1, "deny", priority=-5), rule(2, "allow", priority=99, user_id=ME)], "policy 1"),
        ([rule(1, "ask", priority=9), rule(2, "deny")], "policy 2"),
        ([rule(1, "deny"), rule(2, "deny", priority=1)], "policy 2"),
        # Among allow and ask the higher, ask before allow, then the older.
        ([rule(1, "allow", priority=2), rule(2, "ask", priority=1)], "policy 1"),
        ([rule(1, "allow", priority=1), rule(2, "ask", priority=2)], "policy 2"),
        ([rule(1, "allow"), rule(2, "ask")], "policy 2"),
        ([rule(2, "allow"), rule(1, "allow")], "policy 1"),
        # For whom and what.
        ([rule(1, "deny", user_id=OTHER)], "default of count"),
        ([rule(1, "deny", user_id=ME)], "policy 1"),
        ([rule(1, "deny", group_id=TEAM)], "policy 1"),
        ([rule(1, "deny", group_id=OTHERS)], "default of count"),
        ([rule(1, "deny", plan_id=PRO.id)], "policy 1"),
        ([rule(1, "deny", plan_id=TOP.id)], "default of count"),
        ([rule(1, "deny", tool="count")], "policy 1"),
        ([rule(1, "deny", tool="other")], "default of count"),
        ([rule(1, "deny", category=Category.ADVANCED.value)], "policy 1"),
        ([rule(1, "deny", category=Category.BASIC.value)], "default of count"),
        # When.
        ([rule(1, "deny", enabled=False)], "default of count"),
        ([rule(1, "deny", valid_from=NOW)], "policy 1"),
        ([rule(1, "deny", valid_from=NOW + SECOND)], "default of count"),
        ([rule(1, "deny", valid_until=NOW + SECOND)], "policy 1"),
        ([rule(1, "deny", valid_until=NOW)], "default of count"),
    ],
)
def test_which_rule_decides(rules: list[PolicyRule], decider: str) -> None:
    found = decide(*rules)
    assert found.rule == decider
    assert found == decide(*reversed(rules))
    effects = {each.name: each.effect for each in rules}
    assert found.effect is effects.get(decider, PolicyEffect.ALLOW)


@pytest.mark.parametrize(
    ("rules", "decider", "effect"),
    [
        ([], "plan free", "deny"),
        ([rule(1, "allow")], "plan free", "deny"),
        ([rule(1, "allow", plan_id=FREE.id)], "plan free", "deny"),
        ([rule(1, "ask", user_id=ME)], "plan free", "deny"),
        ([rule(1, "allow", user_id=OTHER)], "plan free", "deny"),
        ([rule(1, "allow", user_id=ME)], "policy 1", "allow"),
        ([rule(1, "allow", group_id=TEAM)], "policy 1", "allow"),
        ([rule(1, "allow", group_id=OTHERS)], "plan free", "deny"),
        ([rule(1, "allow", user_id=ME), rule(2, "ask", priority=1)], "policy 2", "ask"),
        ([rule(1, "allow", user_id=ME), rule(2, "deny")], "policy 2", "deny"),
    ],
)
def test_the_plans_categories_and_their_exceptions(rules: list[PolicyRule], decider: str, effect: str) -> None:
    found = decide(*rules, plan=FREE)
    assert (found.rule, found.effect) == (decider, PolicyEffect(effect))
    assert found.hint == ("Upgrade to Pro." if decider == "plan free" else None)


def test_only_existing_upgrades_are_offered() -> None:
    assert decide(plan=replace(TOP, quota=None)).hint is None


@pytest.mark.parametrize("default", list(PolicyEffect))
def test_the_tools_default_applies_without_a_rule(default: PolicyEffect) -> None:
    assert decide(default=default).effect is default
    assert decide(rule(1, "allow"), default=default).effect is PolicyEffect.ALLOW
    assert decide(plan=FREE, default=default).rule == "plan free"


def test_the_quota_is_that_of_the_plan_with_the_category() -> None:
    assert decide().quota == Quota(per_minute=600, at_once=16)
    assert decide(rule(1, "allow", user_id=ME), plan=FREE).quota == Quota(per_minute=600, at_once=16)
    assert decide(rule(1, "allow", user_id=ME), plan=replace(TOP, quota=None)).quota == TOP.quota
    assert decide(rule(1, "deny")).quota == decide(plan=FREE).quota == NO_QUOTA


def test_a_rules_message_is_shown() -> None:
    assert decide(rule(1, "deny", reason="Not before the audit.", version=4)).reason == "Not before the audit."
    assert decide(rule(1, "deny", version=4)).version == 4
    assert decide(rule(1, "deny")).reason == ("Your administrator has turned off “Count” for you (policy 1).")
    assert decide(rule(1, "ask")).reason == "“Count” requires approval (policy 1)."


def test_all_matching_limits_must_be_satisfied() -> None:
    wide = rule(1, "allow", priority=9, limits={"rows": {"max": 100}})
    narrow = rule(2, "ask", limits={"rows": {"max": 10}})
    off = rule(3, "allow", limits={"rows": {"max": 1}}, enabled=False)
    assert decide(wide, narrow, off, arguments={"rows": 10}).rule == "policy 1"
    found = decide(wide, narrow, off, arguments={"rows": 11})
    assert (found.effect, found.rule) == (PolicyEffect.DENY, "policy 2")
    assert found.reason == "“Count” is limited for you: rows must be 10 or less (policy 2)."
    assert decide(wide, narrow, arguments={"rows": 101}).rule == "policy 1"
    assert decide(wide, narrow, arguments=None).effect is PolicyEffect.ALLOW


def test_a_limit_for_many_tools_applies_to_those_with_the_argument() -> None:
    limits = {"sql": {"max_length": 1}}
    assert decide(rule(1, "allow", limits=limits), arguments={"rows": 1}).effect is PolicyEffect.ALLOW
    assert decide(rule(1, "allow", tool="count", limits={"sql": {"max": 1}}), arguments={}).effect is PolicyEffect.DENY


@pytest.mark.parametrize("limits", [{"rows": {"most": 1}}, {"rows": 1}, {"rows": {"max": "ten"}}, ["rows"], "rows"])
def test_unknown_limits_refuse_every_call(limits: Any) -> None:
    assert decide(rule(1, "allow", limits=limits), arguments={"rows": 1}).effect is PolicyEffect.DENY


RULES = st.builds(
    PolicyRule,
    id=st.integers(1, 50),
    version=st.just(1),
    effect=st.sampled_from(PolicyEffect),
    tool=st.sampled_from(["", "count", "other"]),
    category=st.sampled_from(["", Category.ADVANCED.value, Category.BASIC.value]),
    group_id=st.sampled_from([None, TEAM, OTHERS]),
    plan_id=st.sampled_from([None, FREE.id, PRO.id]),
    user_id=st.sampled_from([None, ME, OTHER]),
    limits=st.sampled_from([None, {"rows": {"max": 5}}, {"rows": {"min": 5}}, {"names": {"in": ["a"]}}]),
    valid_from=st.sampled_from([None, NOW, NOW + SECOND]),
    valid_until=st.sampled_from([None, NOW, NOW + SECOND]),
    priority=st.integers(-2, 2),
    enabled=st.booleans(),
)
GIVEN = st.sampled_from([None, {"rows": 3, "names": ["a"]}, {"rows": 9, "names": ["b"]}, {}])
LESS = (PolicyEffect.DENY, PolicyEffect.ASK, PolicyEffect.ALLOW)
MANY = st.lists(RULES, max_size=6, unique_by=lambda each: each.id)


@pytest.mark.slow
@settings(deadline=None)
@given(
    rules=MANY, more=RULES, plan=st.sampled_from([FREE, PRO]), arguments=GIVEN, default=st.sampled_from(PolicyEffect)
)
def test_another_deny_never_allows_more(
    rules: list[PolicyRule], more: PolicyRule, plan: Any, arguments: Any, default: Any
) -> None:
    before = decide(*rules, plan=plan, arguments=arguments, default=default)
    after = decide(*rules, replace(more, effect=PolicyEffect.DENY), plan=plan, arguments=arguments, default=default)
    assert LESS.index(after.effect) <= LESS.index(before.effect)


@pytest.mark.slow
@settings(deadline=None)
@given(rules=MANY, more=RULES, plan=st.sampled_from([FREE, PRO]), arguments=GIVEN)
def test_a_rule_that_does_not_apply_changes_nothing(
    rules: list[PolicyRule], more: PolicyRule, plan: Any, arguments: Any
) -> None:
    before = decide(*rules, plan=plan, arguments=arguments)
    for elsewhere in (
        {"enabled": False},
        {"tool": "other"},
        {"user_id": OTHER},
        {"group_id": OTHERS},
        {"valid_until": NOW},
    ):
        values: dict[str, Any] = elsewhere
        assert decide(*rules, replace(more, **values), plan=plan, arguments=arguments) == before


@pytest.mark.slow
@settings(deadline=None)
@given(rules=MANY, plan=st.sampled_from([FREE, PRO]))
def test_arguments_never_allow_what_is_denied_without_them(rules: list[PolicyRule], plan: Any) -> None:
    before = decide(*rules, plan=plan)
    after = decide(*rules, plan=plan, arguments={"rows": 9, "names": ["b"]})
    assert LESS.index(after.effect) <= LESS.index(before.effect)
