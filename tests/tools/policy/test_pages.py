"""The operators' pages of policies and plans."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.roles import ADMINISTRATORS, OPERATORS
from core.exceptions import Defect
from core.models import User
from tests.conftest import People
from tools.base import PolicyEffect
from tools.policy.decisions import evaluate_call
from tools.policy.models import Plan, PlanAllowance, Policy, PolicyVersion, Subscription
from tools.registry import TOOLS

pytestmark = pytest.mark.django_db

POLICIES, WHY = "/admin/policy/policy/", "/admin/policy/policy/why/"


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


def build_form(**values: Any) -> dict[str, Any]:
    return {"effect": "deny", "priority": "0", "enabled": "on", "limits": "{}", "why": "a test", **values}


def errors(client: Client, address: str = f"{POLICIES}add/", **values: Any) -> dict[str, list[str]]:
    answer = client.post(address, build_form(**values))
    assert answer.status_code == 200, "it was taken"
    found: dict[str, list[str]] = answer.context["adminform"].form.errors
    return found


def test_adding_changing_and_disabling_a_policy_are_versions(administrator: Client, people: People) -> None:
    lever, ada = TOOLS["estimate_lever"], User.objects.get(username="ada")
    administrator.post(f"{POLICIES}add/", build_form(tool="estimate_lever", why="too dear"))
    policy = Policy.objects.get()
    assert evaluate_call(people.owner.id, lever, None).rule == f"policy {policy.pk}"
    administrator.post(
        f"{POLICIES}{policy.pk}/change/", build_form(tool="estimate_lever", effect="ask", why="cheaper now")
    )
    assert (
        evaluate_call(people.owner.id, lever, None).effect,
        evaluate_call(people.owner.id, lever, None).version,
    ) == (
        PolicyEffect.ASK,
        2,
    )
    act = {"action": "switch_off", "_selected_action": str(policy.pk)}
    administrator.post(POLICIES, act)
    assert evaluate_call(people.owner.id, lever, None).effect is PolicyEffect.ASK, "nobody said why"
    administrator.post(POLICIES, act | {"why": "not needed"})
    assert evaluate_call(people.owner.id, lever, None).effect is PolicyEffect.ALLOW
    told = PolicyVersion.objects.order_by("version").values_list("version", "why", "changed_by", "actor_id")
    assert list(told) == [
        (1, "too dear", "ada", ada.pk),
        (2, "cheaper now", "ada", ada.pk),
        (3, "not needed", "ada", ada.pk),
    ]
    said = [(row.said["effect"], row.said["enabled"]) for row in PolicyVersion.objects.order_by("version")]
    assert said == [("deny", True), ("ask", True), ("ask", False)]


def test_a_change_whose_version_fails_is_not_stored(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(PolicyVersion, "save", broken)
    with pytest.raises(RuntimeError):
        administrator.post(f"{POLICIES}add/", build_form())
    assert not Policy.objects.exists()


def test_a_version_cannot_be_changed(administrator: Client) -> None:
    administrator.post(f"{POLICIES}add/", build_form())
    row = PolicyVersion.objects.get()
    address = f"/admin/policy/policyversion/{row.pk}/"
    assert administrator.get(f"{address}change/").status_code == 200
    assert administrator.post(f"{address}change/", {"why": "x"}).status_code == 403
    assert administrator.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    with pytest.raises(Defect):
        row.save()


def test_a_policy_cannot_be_deleted(administrator: Client) -> None:
    administrator.post(f"{POLICIES}add/", build_form())
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    administrator.force_login(root)
    Policy.objects.create(effect="deny")  # written past the admin: it has no version that would be in the way
    for policy in Policy.objects.all():
        assert administrator.post(f"{POLICIES}{policy.pk}/delete/", {"post": "yes"}).status_code == 403
        administrator.post(POLICIES, {"action": "delete_selected", "_selected_action": str(policy.pk), "post": "yes"})
    assert Policy.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"why": ""}, "why", "required"),
        ({"limits": '{"name": {"max": 1}}', "tool": "estimate_lever"}, "limits", "A deny policy can't have limits"),
        ({"limits": "{", "effect": "allow"}, "limits", "Enter valid JSON"),
        ({"limits": '{"name": {"most": 1}}', "effect": "allow"}, "limits", "unknown limit 'most'"),
        (
            {"limits": '{"nam": {"max": 1}}', "effect": "allow", "tool": "estimate_lever"},
            "limits",
            "estimate_lever has no argument nam. Its arguments: name.",
        ),
        ({"tool": "drop_tables"}, "tool", "not one of the available choices"),
        ({"tool": "list_levers", "category": "basic"}, "category", "to one tool or one category"),
        (
            {"valid_from": "2026-05-02 00:00", "valid_until": "2026-05-01 00:00"},
            "valid_until",
            "must be after the start",
        ),
    ],
)
def test_an_invalid_policy_is_refused_with_a_reason(
    administrator: Client, values: dict[str, str], field: str, said: str
) -> None:
    assert said in " ".join(errors(administrator, **values)[field])
    assert not Policy.objects.exists() and not PolicyVersion.objects.exists()


def test_a_policys_user_cannot_be_changed(administrator: Client, people: People) -> None:
    plan, owner = Plan.objects.get(slug="free").pk, str(people.owner.pk)
    assert "applies to one group, one plan or one user" in str(errors(administrator, plan=plan, user=owner))
    administrator.post(f"{POLICIES}add/", build_form(user=owner))
    mine = f"{POLICIES}{Policy.objects.get().pk}/change/"
    assert administrator.post(mine, build_form(user=owner, priority="4")).status_code == 302
    for other in ("", str(people.neighbour.pk)):
        assert "Disable it and add a new one" in str(errors(administrator, mine, user=other))


def test_limits_are_accepted(administrator: Client, people: People) -> None:
    limits = '{"name": {"in": ["prompt_caching"]}}'
    administrator.post(f"{POLICIES}add/", build_form(effect="allow", tool="estimate_lever", limits=limits))
    lever = TOOLS["estimate_lever"]
    assert evaluate_call(people.owner.id, lever, {"name": "batch"}).effect is PolicyEffect.DENY
    assert evaluate_call(people.owner.id, lever, {"name": "prompt_caching"}).effect is PolicyEffect.ALLOW


def test_operators_view_and_explain_but_do_not_change(operator: Client, people: People) -> None:
    policy = Policy.objects.create(effect="deny", user=people.owner)
    for address in (POLICIES, f"{POLICIES}{policy.pk}/change/", "/admin/policy/plan/", "/admin/policy/subscription/"):
        assert operator.get(address).status_code == 200
    assert b"Reason for this change" not in operator.get(f"{POLICIES}{policy.pk}/change/").content
    assert operator.post(f"{POLICIES}{policy.pk}/change/", build_form()).status_code == 403
    assert operator.post(f"{POLICIES}add/", build_form()).status_code == 403
    operator.post(POLICIES, {"action": "switch_off", "_selected_action": str(policy.pk), "why": "x"})
    operator.post("/admin/policy/plan/", {"action": "make_default", "_selected_action": str(Plan.objects.first())})
    policy.refresh_from_db()
    assert policy.enabled and not PolicyVersion.objects.exists()
    assert operator.get(WHY).status_code == 200


def test_the_page_explains_a_decision(operator: Client, people: People) -> None:
    policy = Policy.objects.create(effect="deny", tool="estimate_lever", reason="Not this month.")
    off = Policy.objects.create(effect="deny", enabled=False)
    asked = {"user": "owner", "tool": "estimate_lever", "arguments": '{"name": "x"}'}
    page = operator.post(WHY, asked).content.decode()
    for said in (
        f"Deny, decided by policy {policy.pk}, version 1",
        "Not this month.",
        "It is disabled.",
        f"policy {off.pk}",
    ):
        assert said in page
    for wrong, said in (({"user": "nobody"}, "not found"), ({"arguments": "{"}, "not valid JSON")):
        assert said in operator.post(WHY, asked | wrong).content.decode()
    assert f'value="{people.owner.pk}"' in operator.get(WHY, {"user": str(people.owner.pk)}).content.decode()
    assert WHY in operator.get(POLICIES).content.decode()


def test_the_page_follows_the_content_security_policy(operator: Client, people: People) -> None:
    page = operator.post(WHY, {"user": "owner", "tool": "list_levers", "arguments": ""}).content.decode()
    assert "<style" not in page and " style=" not in page and " onclick" not in page
    for field in ("user", "tool", "arguments"):
        assert f'<label for="id_{field}">' in page


@pytest.mark.parametrize("allowed", [False, True])
def test_a_user_without_permission_gets_no_explanation(people: People, allowed: bool) -> None:
    client = Client()
    staff = User.objects.create(username="staff", is_staff=True)
    client.force_login(staff)
    if allowed:
        staff.groups.add(Group.objects.get(name=OPERATORS))
    assert client.get(WHY).status_code == (200 if allowed else 403)
    assert client.post(WHY, {"user": "owner", "tool": "list_levers"}).status_code == (200 if allowed else 403)


def test_one_plan_is_always_the_default(administrator: Client) -> None:
    plans = "/admin/policy/plan/"
    free, top = Plan.objects.get(slug="free"), Plan.objects.get(slug="enterprise")
    assert administrator.post(f"{plans}{top.pk}/delete/", {"post": "yes"}).status_code == 403
    administrator.post(plans, {"action": "make_default", "_selected_action": [str(free.pk), str(top.pk)]})
    assert Plan.objects.get(is_default=True) == top
    administrator.post(plans, {"action": "make_default", "_selected_action": str(free.pk)})
    assert Plan.objects.get(is_default=True) == free
    assert administrator.post(f"{plans}{top.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Plan.objects.filter(slug="enterprise").exists()


def test_a_plan_is_changed_with_its_categories(administrator: Client, people: People) -> None:
    Subscription.objects.create(user=people.owner, plan=Plan.objects.get(slug="free"))
    free = Plan.objects.get(slug="free")
    rows = list(PlanAllowance.objects.filter(plan=free))
    form: dict[str, Any] = {"name": "Free", "slug": "free", "rank": "10"}
    form |= {"allowances-TOTAL_FORMS": len(rows) + 1, "allowances-INITIAL_FORMS": len(rows)}
    for number, row in enumerate(rows):
        form |= {f"allowances-{number}-{name}": str(getattr(row, name)) for name in ("id", "category", "per_minute")}
        form |= {f"allowances-{number}-plan": free.pk, f"allowances-{number}-at_once": ""}
    form |= {f"allowances-{len(rows)}-plan": free.pk, f"allowances-{len(rows)}-category": "advanced optimisation"}
    assert evaluate_call(people.owner.id, TOOLS["estimate_lever"], None).rule == "plan free"
    assert administrator.post(f"/admin/policy/plan/{free.pk}/change/", form).status_code == 302
    assert evaluate_call(people.owner.id, TOOLS["estimate_lever"], None).effect is PolicyEffect.ALLOW
