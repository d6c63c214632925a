"""A policy and its version are stored together, or not at all."""

from typing import Any
from uuid import uuid4

import pytest

from tools.policy.changes import PolicyChange, disable_policy, save_policy
from tools.policy.models import Policy, PolicyVersion

pytestmark = pytest.mark.django_db

CHANGE = PolicyChange(actor_id=uuid4(), actor="ada", why="a test")


def broken(**_: Any) -> None:
    raise RuntimeError("no room")


def test_what_cannot_be_told_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Policy(effect="deny")
    save_policy(policy, CHANGE)
    with monkeypatch.context() as patched:
        patched.setattr(PolicyVersion.objects, "create", broken)
        policy.effect = "allow"
        for change in (lambda: save_policy(policy, CHANGE), lambda: disable_policy(policy, CHANGE)):
            with pytest.raises(RuntimeError):
                change()
    row = Policy.objects.get()
    assert (row.effect, row.enabled, row.version) == ("deny", True, 1)


def test_a_change_from_an_old_page_is_a_version_of_its_own() -> None:
    policy = Policy(effect="deny")
    save_policy(policy, CHANGE)
    old = Policy.objects.get()
    for each in (policy, old):
        each.priority += 1
        save_policy(each, CHANGE)
    assert list(PolicyVersion.objects.order_by("version").values_list("version", flat=True)) == [1, 2, 3]


def test_what_is_off_is_not_switched_off_again() -> None:
    policy = Policy(effect="deny")
    save_policy(policy, CHANGE)
    for _ in range(2):
        disable_policy(policy, CHANGE)
    assert PolicyVersion.objects.count() == 2
