"""The pages of policies in a real browser: under the pages' policy, and for everyone."""

import pytest

from core.models import User
from core.versions import RuleChange
from tests.browser.conftest import Visit, blockbuster, chromium, visit
from tests.browser.test_accessible import LOOKS, list_violations
from tests.conftest import People
from tools.policy.models import Plan, Policy, Subscription

__all__ = ["blockbuster", "chromium", "visit"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]


@pytest.fixture
def root(people: People) -> User:
    user = User.objects.create(username="root", is_staff=True, is_superuser=True)
    Policy(effect="deny", tool="list_levers").save_version(RuleChange(actor_id=user.pk, actor="root", why="a test"))
    Subscription.objects.create(user=people.owner, plan=Plan.objects.get(slug="pro"))
    return user


@pytest.mark.parametrize("look", ["desktop, light", "phone, dark"])
def test_the_pages_are_accessible(root: User, visit: Visit, look: str) -> None:
    policy, plan, of = Policy.objects.get(), Plan.objects.get(slug="pro"), Subscription.objects.get()
    version = policy.versions.get()
    paths = (
        *("policy/", "policy/add/", f"policy/{policy.pk}/change/", "policy/why/"),
        *("plan/", f"plan/{plan.pk}/change/", "subscription/", f"subscription/{of.pk}/change/"),
        *("policyversion/", f"policyversion/{version.pk}/change/"),
    )
    for bypass in (False, True):  # once under the policy, once for axe, which it would keep out
        with visit(root, "/admin/", bypass_csp=bypass, **LOOKS[look]) as page:
            for path in paths:
                page.goto(page.url.split("/admin/")[0] + f"/admin/policy/{path}")
                assert not bypass or list_violations(page) == [], path
            page.goto(page.url.split("/admin/")[0] + "/admin/policy/policy/why/?user=owner")
            page.get_by_label("Tool").select_option("list_levers")
            page.get_by_role("button", name="Explain").click()
            page.get_by_role("heading", name=f"Deny, decided by policy {policy.pk}, version 1").wait_for()
            assert not bypass or list_violations(page) == []
