"""An explanation agrees with the decision, and the command and the page explain alike."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from tests.conftest import People
from tools.base import PolicyEffect
from tools.policy.decisions import evaluate_call
from tools.policy.explanation import explain_call
from tools.policy.models import Plan, Policy, Subscription
from tools.registry import TOOLS

pytestmark = pytest.mark.django_db

LEVER = TOOLS["estimate_lever"]


@pytest.fixture
def rules(people: People) -> list[Policy]:
    """In every state that a rule can be in for the owner."""
    group = Group.objects.get(name="the same team")
    many: tuple[dict[str, Any], ...] = (
        {"effect": "allow", "user": people.owner, "limits": {"name": {"max_length": 5}}},
        {"effect": "allow", "priority": 1, "group": group},
        {"effect": "ask", "tool": "list_levers", "priority": 5},
        {"effect": "deny", "user": people.neighbour},
        {"effect": "deny", "enabled": False},
        {"effect": "ask", "plan": Plan.objects.get(slug="free")},
    )
    return [Policy.objects.create(**each) for each in many]


def test_the_explanation_equals_the_decision(people: People, rules: list[Policy]) -> None:
    Subscription.objects.create(user=people.stranger, plan=Plan.objects.get(slug="free"))
    seen = set()
    for user in (people.owner, people.neighbour, people.stranger):
        for tool in TOOLS.values():
            for arguments in (None, {"name": "short"}, {"name": "much too long"}):
                told = explain_call(user.id, tool, arguments)
                assert told.decision == evaluate_call(user.id, tool, arguments)
                assert [part.rule.name for part in told.parts if part.decides] in ([], [told.decision.rule])
                assert not told.decision.rule.startswith("policy") or any(part.decides for part in told.parts)
                seen.add((told.decision.effect, told.decision.rule.split()[0]))
    assert len(seen) >= 4, seen


def test_each_rule_is_explained(people: People, rules: list[Policy]) -> None:
    mine, team, other_tool, neighbours, off, plan = (f"policy {rule.pk}" for rule in rules)
    why = {part.rule.name: part.why for part in explain_call(people.owner.id, LEVER, {"name": "much too long"}).parts}
    assert why[mine] == "It applies, and the call exceeds its limits: name must be no longer than 5."
    assert why[team] == f"It applies and overrides the plan; {mine} decides."
    assert why[other_tool] == "It applies only to the tool list_levers."
    assert why[neighbours] == "It applies to another user."
    assert why[off] == "It is disabled."
    assert why[plan] == "It applies to a plan that the user is not on."


def test_the_command_prints_text_and_json(people: People, rules: list[Policy]) -> None:
    text = run_explain_permission("owner", "estimate_lever", "--arguments", '{"name": "much too long"}')
    assert text.startswith(
        f"deny by policy {rules[0].pk}, version 1: “Estimate savings” is limited for you: name must be"
    )
    assert f"- policy {rules[4].pk} v1 (deny): It is disabled." in text
    told = json.loads(run_explain_permission(str(people.owner.id), "estimate_lever", "--json"))
    assert (told["effect"], told["rule"], told["plan"]) == ("allow", f"policy {rules[1].pk}", "Enterprise")
    assert told["quota"] == {"per_minute": None, "at_once": None}
    assert {each["policy"]: each["applies"] for each in told["policies"]} == {
        rule.pk: number < 2 for number, rule in enumerate(rules)
    }


def test_the_command_explains_an_inactive_user(people: People) -> None:
    people.owner.is_active = False
    people.owner.save()
    assert run_explain_permission("owner", "list_levers").startswith("deny by account: This account is deactivated")


def run_explain_permission(*arguments: str) -> str:
    out = StringIO()
    call_command("explain_permission", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody", "list_levers"), "User 'nobody' not found"),
        (("owner", "drop"), "Tool 'drop' not found. Available tools: allocate_spend, combine_levers, "),
        (("owner", "estimate_lever", "--arguments", "{"), "The arguments are not valid JSON"),
        (("owner", "estimate_lever", "--arguments", "[]"), "The arguments must be a JSON object"),
        (("owner", "estimate_lever", "--arguments", '{"nam": 1}'), "Invalid arguments for estimate_lever: name"),
    ],
)
def test_the_command_reports_bad_input(people: People, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        run_explain_permission(*arguments)
    assert refused.value.returncode == 2


def test_an_explanation_writes_nothing(people: People, rules: list[Policy]) -> None:
    assert explain_call(people.owner.id, LEVER, None).decision.effect is PolicyEffect.ALLOW
    assert {(rule.version, rule.effect) for rule in Policy.objects.all()} == {
        (rule.version, rule.effect) for rule in rules
    }
