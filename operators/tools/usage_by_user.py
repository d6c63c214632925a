"""Usage by user over the last days: runs, failures, tokens and cost."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum
from pydantic import Field

from agents.models import Run, RunState
from core.db import as_all_users
from core.i18n.text import text
from core.models import User
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_user_target
from tools.base import DataKind, SideEffects, ToolInput
from tools.spending.dollars import format_usd
from tools.spending.models import Spend

MAX_USERS = 50


class UsageByUserInput(ToolInput):
    user: str | None = Field(default=None, description="a user's name or id; omit for all users", max_length=150)
    days: int = Field(default=7, ge=1, le=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUsage:
    """`dollars` includes only requests with a known price."""

    user: str
    runs: int
    failed: int
    tokens: int
    dollars: str


def find_target(arguments: UsageByUserInput) -> OperatorTarget | None:
    return None if arguments.user is None else find_user_target(arguments.user)


@as_all_users()
def run(arguments: UsageByUserInput, tool_context: OperatorToolContext) -> list[UserUsage]:
    """Return the usage by user, most runs first."""
    since = datetime.now(UTC) - timedelta(days=arguments.days)
    owner_filter = Q() if tool_context.target is None else Q(owner_id=tool_context.target.user_id)
    run_counts = _count_runs(owner_filter, since)
    names = dict(User.objects.filter(id__in=[row[0] for row in run_counts]).values_list("id", "username"))
    spend_by_user = _sum_spend(list(names), since)
    return [
        UserUsage(
            user=names[user], runs=runs, failed=failed, tokens=spend_by_user[user][0], dollars=spend_by_user[user][1]
        )
        for user, runs, failed in run_counts
        if user in names
    ]


def _count_runs(owner_filter: Q, since: datetime) -> list[tuple[UUID, int, int]]:
    failed = Count("id", filter=Q(state=RunState.FAILED))
    run_counts = (
        Run.objects.filter(owner_filter, created_at__gte=since).values("owner_id").annotate(all=Count("id"), bad=failed)
    )
    return [(row["owner_id"], row["all"], row["bad"]) for row in run_counts.order_by("-all", "owner_id")[:MAX_USERS]]


def _sum_spend(users: list[UUID], since: datetime) -> dict[UUID, tuple[int, str]]:
    rows = Spend.objects.filter(owner_id__in=users, at__gte=since).values("owner_id")
    sums = rows.annotate(tokens=Sum("input_tokens") + Sum("output_tokens"), cost=Sum("cost"))
    known = {row["owner_id"]: (row["tokens"] or 0, format_usd(row["cost"] or Decimal(0))) for row in sums}
    return {user: known.get(user, (0, format_usd(Decimal(0)))) for user in users}


TOOL: OperatorTool[UsageByUserInput] = OperatorTool(
    name="usage_by_user",
    title=text("Usage by user"),
    description="Reports each user's runs, failed runs, tokens and cost over the last days.",
    input=UsageByUserInput,
    run=run,
    permission="operating.usage_by_user",
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.USER_NAMES}),
    find_target=find_target,
)
