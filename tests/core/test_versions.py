"""Each change of a rule is a version of its own, with its author and the reason, for good."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from core.exceptions import Defect
from core.versions import RuleChange, VersionedRule
from legacy.models import RolloutRule
from tools.policy.models import Policy

pytestmark = pytest.mark.django_db

CHANGE = RuleChange(actor_id=uuid4(), actor="ada", why="ticket 7")

each_kind_of_rule = pytest.mark.parametrize(
    "make", [lambda: Policy(effect="deny"), lambda: RolloutRule(agent="data", path="modern")], ids=["policy", "rollout"]
)


@each_kind_of_rule
def test_each_change_is_a_version_with_author_and_reason(make: Callable[[], VersionedRule]) -> None:
    rule = make()
    first = rule.save_version(CHANGE)
    stale = type(rule)._default_manager.get(pk=rule.pk)
    second, third = rule.save_version(CHANGE), stale.save_version(CHANGE)
    assert [row.version for row in (first, second, third)] == [1, 2, 3]
    assert type(rule)._default_manager.get(pk=rule.pk).version == 3
    assert (first.said, first.actor_id, first.changed_by, first.why) == (
        rule.to_version_content(),
        CHANGE.actor_id,
        "ada",
        "ticket 7",
    )


@each_kind_of_rule
def test_a_version_cannot_be_changed(make: Callable[[], VersionedRule]) -> None:
    row = make().save_version(CHANGE)
    row.why = "another reason"
    with pytest.raises(Defect):
        row.save()
    row.refresh_from_db()
    assert row.why == "ticket 7"
