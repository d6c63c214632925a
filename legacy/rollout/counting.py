"""What the database tells of the migration since a moment: a query each for paths, users, shadows and uses."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Sum

from legacy.models import AgentPath, LegacyUse, RunPath, ShadowResult, Verdict
from legacy.rollout.figures import Shadows, Taken

Key = tuple[str, AgentPath]


def taken(since: datetime) -> Mapping[Key, Taken]:
    """By agent and path."""
    rows = RunPath.objects.filter(at__gte=since).order_by().values("agent", "path")
    found = rows.annotate(runs=Count("run_id"), users=Count("owner_id", distinct=True))
    return {(row["agent"], AgentPath(row["path"])): Taken(runs=row["runs"], users=row["users"]) for row in found}


def shadows(since: datetime) -> Mapping[str, Shadows]:
    there = ShadowResult.objects.filter(at__gte=since).order_by()
    counts: dict[str, Counter[str]] = {}
    for row in there.values("agent", "verdict").annotate(count=Count("id")):
        counts.setdefault(row["agent"], Counter())[row["verdict"]] = row["count"]
    fields: dict[str, Counter[str]] = {}
    for agent, names in there.filter(verdict=Verdict.DIFFERS).values_list("agent", "fields").iterator():
        fields.setdefault(agent, Counter()).update(names)
    return {
        agent: Shadows(
            equal=found[Verdict.EQUAL],
            differs=found[Verdict.DIFFERS],
            failed=found[Verdict.FAILED],
            fields=tuple(fields.get(agent, Counter[str]()).most_common()),
        )
        for agent, found in counts.items()
    }


def uses(since: datetime) -> Mapping[str, int]:
    rows = LegacyUse.objects.filter(day__gte=since.date()).order_by().values("agent").annotate(count=Sum("count"))
    return {row["agent"]: row["count"] for row in rows}
