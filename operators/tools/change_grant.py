"""Allowing or denying one tool to one user: a policy like any other, with its history, made or changed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from pydantic import Field

from netra.core.exceptions import NotFound
from netra.language.text import text
from netra.operating.base import Concern, OperatorTool, Reach
from netra.operating.whom import user_named
from tools.base import Effect, SideEffects, ToolInput
from tools.catalog import TOOLS
from tools.kinds import Kind
from tools.policy import changing
from tools.policy.deciding import decide
from tools.policy.models import Policy


class Wanted(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    tool: str = Field(max_length=80)
    effect: Effect
    why: str = Field(description="why, for the policy's history", min_length=3, max_length=500)
    hours: int | None = Field(default=None, ge=1, le=8_760, description="for how long; not given: until changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """`now` is what holds for this user and tool with it: another rule may be stronger."""

    policy: str
    version: int
    user: str
    tool: str
    effect: str
    until: datetime | None
    now: str
    decided_by: str


def concern(wanted: Wanted) -> Concern:
    return user_named(wanted.user)


def named(wanted: Wanted) -> tuple[str, ...]:
    return (wanted.user, wanted.tool, wanted.effect.value)


def run(wanted: Wanted, reach: Reach) -> Granted:
    """Raises NotFound for a tool that there is not."""
    if wanted.tool not in TOOLS:
        there = ", ".join(sorted(TOOLS))
        raise NotFound(text("There is no tool {name}. There are: {there}.", name=repr(wanted.tool), there=there))
    policy = _changed(wanted, reach)
    decision = decide(reach.about.user_id, TOOLS[wanted.tool], None)
    return Granted(
        policy=f"policy {policy.pk}",
        version=policy.version,
        user=reach.about.username,
        tool=wanted.tool,
        effect=policy.effect,
        until=policy.valid_until,
        now=decision.effect.value,
        decided_by=decision.rule,
    )


def _changed(wanted: Wanted, reach: Reach) -> Policy:
    who = changing.Change(actor_id=reach.context.user_id, actor=reach.operator, why=wanted.why)
    until = None if wanted.hours is None else datetime.now(UTC) + timedelta(hours=wanted.hours)
    with transaction.atomic():
        policy = _known(reach.about.user_id, wanted.tool)
        if policy is None:
            policy = Policy(user_id=reach.about.user_id, tool=wanted.tool)
        elif (policy.effect, policy.valid_until) == (wanted.effect.value, until) and policy.enabled:
            return policy  # it says so already: no version that changes nothing
        policy.effect, policy.valid_from, policy.valid_until, policy.enabled = wanted.effect.value, None, until, True
        if wanted.effect is Effect.DENY:
            policy.limits = {}  # a deny has none
        changing.save(policy, who)
    return policy


def _known(user_id: UUID, tool: str) -> Policy | None:
    """The one that was made last for just this user and tool."""
    return Policy.objects.select_for_update().filter(user_id=user_id, tool=tool).order_by("-pk").first()


TOOL: OperatorTool[Wanted] = OperatorTool(
    name="change_grant",
    title=text("Change what a user may use"),
    description="Allows, denies or puts under approval one tool for one user, with a reason, from the next call on.",
    input=Wanted,
    run=run,
    permission="operating.change_grant",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS, Kind.USER_NAMES}),
    concerns=concern,
    named=named,
)
