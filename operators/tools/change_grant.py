"""Allow or deny one tool to one user: creates or changes a policy, with its history."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from pydantic import Field

from core.exceptions import NotFound
from core.i18n.text import text
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_user_target
from tools.base import DataKind, PolicyEffect, SideEffects, ToolInput
from tools.policy import changes
from tools.policy.decisions import evaluate_call
from tools.policy.models import Policy
from tools.registry import TOOLS


class ChangeGrantInput(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    tool: str = Field(max_length=80)
    effect: PolicyEffect
    why: str = Field(description="why, for the policy's history", min_length=3, max_length=500)
    hours: int | None = Field(default=None, ge=1, le=8_760, description="for how long; not given: until changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGrantResult:
    """`now` is what holds for this user and tool with it: another rule may be stronger."""

    policy: str
    version: int
    user: str
    tool: str
    effect: str
    until: datetime | None
    now: str
    decided_by: str


def find_target(wanted: ChangeGrantInput) -> OperatorTarget:
    return find_user_target(wanted.user)


def list_required_words(wanted: ChangeGrantInput) -> tuple[str, ...]:
    return (wanted.user, wanted.tool, wanted.effect.value)


def run(wanted: ChangeGrantInput, reach: OperatorToolContext) -> ChangeGrantResult:
    """Raises NotFound for a tool that there is not."""
    if wanted.tool not in TOOLS:
        there = ", ".join(sorted(TOOLS))
        raise NotFound(text("There is no tool {name}. There are: {there}.", name=repr(wanted.tool), there=there))
    policy = _save_policy(wanted, reach)
    decision = evaluate_call(reach.required_target.user_id, TOOLS[wanted.tool], None)
    return ChangeGrantResult(
        policy=f"policy {policy.pk}",
        version=policy.version,
        user=reach.required_target.username,
        tool=wanted.tool,
        effect=policy.effect,
        until=policy.valid_until,
        now=decision.effect.value,
        decided_by=decision.rule,
    )


def _save_policy(wanted: ChangeGrantInput, reach: OperatorToolContext) -> Policy:
    who = changes.PolicyChange(actor_id=reach.context.user_id, actor=reach.operator, why=wanted.why)
    until = None if wanted.hours is None else datetime.now(UTC) + timedelta(hours=wanted.hours)
    with transaction.atomic():
        policy = _find_policy(reach.required_target.user_id, wanted.tool)
        if policy is None:
            policy = Policy(user_id=reach.required_target.user_id, tool=wanted.tool)
        elif (policy.effect, policy.valid_until) == (wanted.effect.value, until) and policy.enabled:
            return policy  # it says so already: no version that changes nothing
        policy.effect, policy.valid_from, policy.valid_until, policy.enabled = wanted.effect.value, None, until, True
        if wanted.effect is PolicyEffect.DENY:
            policy.limits = {}  # a deny has none
        changes.save_policy(policy, who)
    return policy


def _find_policy(user_id: UUID, tool: str) -> Policy | None:
    """The one that was made last for just this user and tool."""
    return Policy.objects.select_for_update().filter(user_id=user_id, tool=tool).order_by("-pk").first()


TOOL: OperatorTool[ChangeGrantInput] = OperatorTool(
    name="change_grant",
    title=text("Change what a user may use"),
    description="Allows, denies or puts under approval one tool for one user, with a reason, from the next call on.",
    input=ChangeGrantInput,
    run=run,
    permission="operating.change_grant",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.USER_NAMES}),
    find_target=find_target,
    list_required_words=list_required_words,
)
