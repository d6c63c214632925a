"""Who used how much over the last days: runs, failures, tokens and money."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum
from pydantic import Field

from agents.models import Run, RunState
from netra.core.models import User
from netra.language.text import text
from netra.operating.base import Concern, OperatorTool, Reach
from netra.operating.whom import user_named
from tools.base import SideEffects, ToolInput
from tools.kinds import Kind
from tools.spending.dollars import written
from tools.spending.models import Spend

MOST = 50  # users in one answer


class Wanted(ToolInput):
    user: str | None = Field(default=None, description="a user's name or id; not given: everybody", max_length=150)
    days: int = Field(default=7, ge=1, le=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`dollars` as far as prices are known."""

    user: str
    runs: int
    failed: int
    tokens: int
    dollars: str


def concern(wanted: Wanted) -> Concern | None:
    return None if wanted.user is None else user_named(wanted.user)


def run(wanted: Wanted, reach: Reach) -> list[Usage]:
    """The busiest first."""
    since = datetime.now(UTC) - timedelta(days=wanted.days)
    whose = Q() if reach.concern is None else Q(owner_id=reach.concern.user_id)
    counted = _runs(whose, since)
    names = dict(User.objects.filter(id__in=[row[0] for row in counted]).values_list("id", "username"))
    spent = _spent(list(names), since)
    return [
        Usage(user=names[user], runs=runs, failed=failed, tokens=spent[user][0], dollars=spent[user][1])
        for user, runs, failed in counted
        if user in names
    ]


def _runs(whose: Q, since: datetime) -> list[tuple[UUID, int, int]]:
    failed = Count("id", filter=Q(state=RunState.FAILED))
    counted = Run.objects.filter(whose, created_at__gte=since).values("owner_id").annotate(all=Count("id"), bad=failed)
    return [(row["owner_id"], row["all"], row["bad"]) for row in counted.order_by("-all", "owner_id")[:MOST]]


def _spent(users: list[UUID], since: datetime) -> dict[UUID, tuple[int, str]]:
    rows = Spend.objects.filter(owner_id__in=users, at__gte=since).values("owner_id")
    sums = rows.annotate(tokens=Sum("input_tokens") + Sum("output_tokens"), cost=Sum("cost"))
    found = {row["owner_id"]: (row["tokens"] or 0, written(row["cost"] or Decimal(0))) for row in sums}
    return {user: found.get(user, (0, written(Decimal(0)))) for user in users}


TOOL: OperatorTool[Wanted] = OperatorTool(
    name="usage_by_user",
    title=text("Usage by user"),
    description="Tells how many runs users had over the last days, how many failed, and what they spent.",
    input=Wanted,
    run=run,
    permission="operating.usage_by_user",
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS, Kind.USER_NAMES}),
    concerns=concern,
)
