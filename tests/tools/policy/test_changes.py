"""A policy and its version are stored together, or not at all."""

from typing import Any
from uuid import uuid4

import pytest

from core.versions import RuleChange
from tools.policy.models import Policy, PolicyVersion, disable_policy

pytestmark = pytest.mark.django_db

CHANGE = RuleChange(actor_id=uuid4(), actor="ada", why="a test")


def broken(*_: Any, **__: Any) -> None:
    raise RuntimeError("no room")


def test_a_change_without_a_version_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Policy(effect="deny")
    policy.save_version(CHANGE)
    with monkeypatch.context() as patched:
        patched.setattr(PolicyVersion, "save", broken)
        policy.effect = "allow"
        for change in (lambda: policy.save_version(CHANGE), lambda: disable_policy(policy, CHANGE)):
            with pytest.raises(RuntimeError):
                change()
    row = Policy.objects.get()
    assert (row.effect, row.enabled, row.version) == ("deny", True, 1)


def test_a_change_from_a_stale_page_is_a_new_version() -> None:
    policy = Policy(effect="deny")
    policy.save_version(CHANGE)
    old = Policy.objects.get()
    for each in (policy, old):
        each.priority += 1
        each.save_version(CHANGE)
    assert list(PolicyVersion.objects.order_by("version").values_list("version", flat=True)) == [1, 2, 3]


def test_a_disabled_policy_is_not_disabled_again() -> None:
    policy = Policy(effect="deny")
    policy.save_version(CHANGE)
    for _ in range(2):
        disable_policy(policy, CHANGE)
    assert PolicyVersion.objects.count() == 2
