"""Allow or deny one tool to one user: creates or changes a policy, with its history."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from pydantic import Field

from core.exceptions import NotFound
from core.i18n.text import text
from core.versions import RuleChange
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_user_target
from tools.base import DataKind, PolicyEffect, SideEffects, ToolInput
from tools.policy.decisions import evaluate_call
from tools.policy.models import Policy
from tools.registry import TOOLS


class ChangeGrantInput(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    tool: str = Field(max_length=80)
    effect: PolicyEffect
    why: str = Field(description="the reason, for the policy's history", min_length=3, max_length=500)
    hours: int | None = Field(default=None, ge=1, le=8_760, description="duration in hours; omit for no expiry")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGrantResult:
    """`now` is the resulting effect for this user and tool: another rule may take precedence."""

    policy: str
    version: int
    user: str
    tool: str
    effect: str
    until: datetime | None
    now: str
    decided_by: str


def find_target(arguments: ChangeGrantInput) -> OperatorTarget:
    return find_user_target(arguments.user)


def list_required_words(arguments: ChangeGrantInput) -> tuple[str, ...]:
    return (arguments.user, arguments.tool, arguments.effect.value)


def run(arguments: ChangeGrantInput, tool_context: OperatorToolContext) -> ChangeGrantResult:
    """Raises NotFound for an unknown tool."""
    if arguments.tool not in TOOLS:
        available = ", ".join(sorted(TOOLS))
        raise NotFound(
            text("Unknown tool {name}. Available tools: {available}.", name=repr(arguments.tool), available=available)
        )
    policy = _save_policy(arguments, tool_context)
    decision = evaluate_call(tool_context.required_target.user_id, TOOLS[arguments.tool], None)
    return ChangeGrantResult(
        policy=f"policy {policy.pk}",
        version=policy.version,
        user=tool_context.required_target.username,
        tool=arguments.tool,
        effect=policy.effect,
        until=policy.valid_until,
        now=decision.effect.value,
        decided_by=decision.rule,
    )


def _save_policy(arguments: ChangeGrantInput, tool_context: OperatorToolContext) -> Policy:
    change = RuleChange(actor_id=tool_context.context.user_id, actor=tool_context.operator, why=arguments.why)
    until = None if arguments.hours is None else datetime.now(UTC) + timedelta(hours=arguments.hours)
    with transaction.atomic():
        policy = _find_policy(tool_context.required_target.user_id, arguments.tool)
        if policy is None:
            policy = Policy(user_id=tool_context.required_target.user_id, tool=arguments.tool)
        elif (policy.effect, policy.valid_until) == (arguments.effect.value, until) and policy.enabled:
            return policy  # unchanged: no new version
        policy.effect, policy.valid_from, policy.valid_until, policy.enabled = arguments.effect.value, None, until, True
        if arguments.effect is PolicyEffect.DENY:
            policy.limits = {}  # only an allow has limits
        policy.save_version(change)
    return policy


def _find_policy(user_id: UUID, tool: str) -> Policy | None:
    """Return the newest policy for exactly this user and tool."""
    return Policy.objects.select_for_update().filter(user_id=user_id, tool=tool).order_by("-pk").first()


TOOL: OperatorTool[ChangeGrantInput] = OperatorTool(
    name="change_grant",
    title=text("Change a user's access to a tool"),
    description="Allows or denies one tool for one user, or requires approval for it, with a reason. It "
    "applies from the next call.",
    input=ChangeGrantInput,
    run=run,
    permission="operating.change_grant",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.USER_NAMES}),
    find_target=find_target,
    list_required_words=list_required_words,
)
