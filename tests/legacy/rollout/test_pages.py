"""Admin pages: rules are changed with a reason and rolled back in one step; the status is shown."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from accounts.roles import ADMINISTRATORS, OPERATORS
from core.exceptions import Defect
from core.models import User
from legacy.models import AgentPath, RolloutRule, RolloutVersion
from legacy.rollout.roster import roll_back_agent
from tests.conftest import People
from tests.legacy.rollout.flags import CHANGE, add_rule

pytestmark = pytest.mark.django_db

RULES = "/admin/legacy/rolloutrule/"


def sign_in(name: str, role: str) -> Client:
    user = User.objects.create(username=name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator(db: None) -> Client:
    return sign_in("ada", ADMINISTRATORS)


@pytest.fixture
def operator(db: None) -> Client:
    return sign_in("olga", OPERATORS)


def build_form_data(**values: Any) -> dict[str, Any]:
    return {"agent": "data", "path": "modern", "enabled": "on", "why": "a test", **values}


def errors(client: Client, address: str = f"{RULES}add/", **values: Any) -> str:
    response = client.post(address, build_form_data(**values))
    assert response.status_code == 200, "the form was accepted"
    return str(response.context["adminform"].form.errors)


def test_each_change_of_a_rule_is_a_version_with_a_reason(administrator: Client) -> None:
    assert administrator.post(f"{RULES}add/", build_form_data(percentage="10", why="first users")).status_code == 302
    rule = RolloutRule.objects.get()
    administrator.post(f"{RULES}{rule.pk}/change/", build_form_data(percentage="50", why="went well"))
    versions = RolloutVersion.objects.order_by("version")
    assert [(row.version, row.said["percentage"], row.changed_by, row.why) for row in versions] == [
        (1, 10, "ada", "first users"),
        (2, 50, "ada", "went well"),
    ]
    assert "required" in errors(administrator, f"{RULES}{rule.pk}/change/", percentage="60", why="")
    with pytest.raises(Defect):
        versions[0].save()
    assert administrator.get(f"/admin/legacy/rolloutversion/{versions[0].pk}/change/").status_code == 200
    assert LogEntry.objects.count() == 2


def test_rollback_disables_all_rules_of_the_agent(administrator: Client, people: People) -> None:
    modern, other = (
        add_rule(AgentPath.MODERN, percentage=100),
        add_rule(AgentPath.MODERN, agent="actions", percentage=100),
    )
    shadow, legacy = add_rule(AgentPath.SHADOW, user=people.owner), add_rule(AgentPath.LEGACY, user=people.neighbour)
    form_data = {"action": "roll_back", "_selected_action": str(modern.pk), "why": ""}
    assert administrator.post(RULES, form_data, follow=True).status_code == 200
    enabled = set(RolloutRule.objects.filter(enabled=True).values_list("pk", flat=True))
    assert enabled == {other.pk, legacy.pk}
    assert RolloutVersion.objects.get(rule=shadow, version=2).why == "Rolled back."
    assert roll_back_agent("data", CHANGE) == 0


def test_operators_can_view_but_not_change_rules(operator: Client) -> None:
    rule = add_rule(AgentPath.MODERN, percentage=100)
    for address in (RULES, f"{RULES}{rule.pk}/change/", f"{RULES}status/"):
        assert operator.get(address).status_code == 200
    assert operator.post(f"{RULES}{rule.pk}/change/", build_form_data(percentage="0")).status_code == 403
    operator.post(RULES, {"action": "roll_back", "_selected_action": str(rule.pk)})
    assert operator.post(f"{RULES}add/", build_form_data(percentage="1")).status_code == 403
    assert RolloutRule.objects.get() == rule and RolloutRule.objects.get().enabled
    assert RolloutVersion.objects.count() == 1


def test_an_invalid_rule_is_refused_with_a_reason(administrator: Client, people: People) -> None:
    group = Group.objects.create(name="pilots")
    assert "exactly one" in errors(administrator)
    assert "exactly one" in errors(administrator, percentage="1", group=str(group.pk))
    assert "at most 100" in errors(administrator, percentage="101")
    rule = add_rule(AgentPath.MODERN, percentage=10)
    assert f"Rule {rule.pk} already applies" in errors(administrator, percentage="20")
    address = f"{RULES}{rule.pk}/change/"
    assert "Disable it" in errors(administrator, address, user=str(people.owner.pk))
    assert "is not one of" in errors(administrator, agent="nobody", percentage="1")
    assert RolloutVersion.objects.count() == 1


def test_a_rule_is_only_deleted_with_its_user(administrator: Client, people: People) -> None:
    own, other = add_rule(AgentPath.MODERN, user=people.owner), add_rule(AgentPath.MODERN, percentage=1)
    RolloutVersion.objects.filter(rule=other).update(why="as for owner")
    assert administrator.post(f"{RULES}{own.pk}/delete/", {"post": "yes"}).status_code == 403
    people.owner.delete()
    assert list(RolloutRule.objects.all()) == [other]
    assert RolloutVersion.objects.get().why == "as for (somebody who is gone)"


def test_the_status_page_shows_all_agents(operator: Client) -> None:
    page = operator.get(f"{RULES}status/", {"days": "7"})
    assert [each.agent for each in page.context["status"].agents] == [
        *("triage", "data", "reconciliation", "optimization", "actions", "reporting", "analyst")
    ]
    assert page.context["status"].days == 7
    assert operator.get(f"{RULES}status/", {"days": "0"}).context["status"].days == 30
    assert "<script" not in page.content.decode().split('id="content-main"')[1].split("</main>")[0]
