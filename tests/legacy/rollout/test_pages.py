"""The operators' pages: flags are changed with a reason, rolled back in one step, and looked at."""

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
from tests.legacy.rollout.flags import CHANGE, ruled

pytestmark = pytest.mark.django_db

RULES = "/admin/legacy/rolloutrule/"


def somebody(name: str, role: str) -> Client:
    user = User.objects.create(username=name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator(db: None) -> Client:
    return somebody("ada", ADMINISTRATORS)


@pytest.fixture
def operator(db: None) -> Client:
    return somebody("olga", OPERATORS)


def written(**values: Any) -> dict[str, Any]:
    return {"agent": "data", "path": "modern", "enabled": "on", "why": "a test", **values}


def errors(client: Client, address: str = f"{RULES}add/", **values: Any) -> str:
    answer = client.post(address, written(**values))
    assert answer.status_code == 200, "it was taken"
    return str(answer.context["adminform"].form.errors)


def test_a_flag_is_changed_with_a_reason_each_time_as_a_version(administrator: Client) -> None:
    assert administrator.post(f"{RULES}add/", written(percentage="10", why="first users")).status_code == 302
    rule = RolloutRule.objects.get()
    administrator.post(f"{RULES}{rule.pk}/change/", written(percentage="50", why="went well"))
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


def test_rolled_back_in_one_step(administrator: Client, people: People) -> None:
    modern, other = ruled(AgentPath.MODERN, percentage=100), ruled(AgentPath.MODERN, agent="actions", percentage=100)
    shadow, kept = ruled(AgentPath.SHADOW, user=people.owner), ruled(AgentPath.LEGACY, user=people.neighbour)
    act = {"action": "roll_back", "_selected_action": str(modern.pk), "why": ""}
    assert administrator.post(RULES, act, follow=True).status_code == 200
    enabled = set(RolloutRule.objects.filter(enabled=True).values_list("pk", flat=True))
    assert enabled == {other.pk, kept.pk}
    assert RolloutVersion.objects.get(rule=shadow, version=2).why == "Rolled back."
    assert roll_back_agent("data", CHANGE) == 0


def test_operators_look_and_change_nothing(operator: Client) -> None:
    rule = ruled(AgentPath.MODERN, percentage=100)
    for address in (RULES, f"{RULES}{rule.pk}/change/", f"{RULES}status/"):
        assert operator.get(address).status_code == 200
    assert operator.post(f"{RULES}{rule.pk}/change/", written(percentage="0")).status_code == 403
    operator.post(RULES, {"action": "roll_back", "_selected_action": str(rule.pk)})
    assert operator.post(f"{RULES}add/", written(percentage="1")).status_code == 403
    assert RolloutRule.objects.get() == rule and RolloutRule.objects.get().enabled
    assert RolloutVersion.objects.count() == 1


def test_what_is_no_rule_is_refused_in_plain_words(administrator: Client, people: People) -> None:
    group = Group.objects.create(name="pilots")
    assert "one of the three" in errors(administrator)
    assert "one of the three" in errors(administrator, percentage="1", group=str(group.pk))
    assert "100 at most" in errors(administrator, percentage="101")
    rule = ruled(AgentPath.MODERN, percentage=10)
    assert f"Rule {rule.pk} says so" in errors(administrator, percentage="20")
    address = f"{RULES}{rule.pk}/change/"
    assert "switch it off" in errors(administrator, address, user=str(people.owner.pk))
    assert "is not one of" in errors(administrator, agent="nobody", percentage="1")
    assert RolloutVersion.objects.count() == 1


def test_no_rule_is_deleted_but_with_its_user(administrator: Client, people: People) -> None:
    mine, other = ruled(AgentPath.MODERN, user=people.owner), ruled(AgentPath.MODERN, percentage=1)
    RolloutVersion.objects.filter(rule=other).update(why="as for owner")
    assert administrator.post(f"{RULES}{mine.pk}/delete/", {"post": "yes"}).status_code == 403
    people.owner.delete()
    assert list(RolloutRule.objects.all()) == [other]
    assert RolloutVersion.objects.get().why == "as for (somebody who is gone)"


def test_the_page_tells_what_the_command_tells(operator: Client) -> None:
    page = operator.get(f"{RULES}status/", {"days": "7"})
    assert [each.agent for each in page.context["status"].agents] == [
        *("triage", "data", "optimization", "actions", "reporting")
    ]
    assert page.context["status"].days == 7
    assert operator.get(f"{RULES}status/", {"days": "0"}).context["status"].days == 30
    assert "<script" not in page.content.decode().split('id="content-main"')[1].split("</main>")[0]
