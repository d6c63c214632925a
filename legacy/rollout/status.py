"""Migration status by agent: counted from the database, for the command and the admin page, as text and JSON."""

import inspect
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, Sum

from agents.framework.agent import BaseAgent
from agents.framework.validation import AgentPattern, validate_agent
from core.db import as_all_users
from core.i18n.text import plural_text
from legacy.analysis.findings import Severity
from legacy.analysis.scan import FileSelection, scan_paths
from legacy.bridges.agent import BridgedAgent
from legacy.bridges.deprecation import to_relative_path
from legacy.models import AgentPath, LegacyUse, RunPath, ShadowResult, ShadowVerdict
from legacy.rollout.roster import Rollout, rollout

AgentAndPath = tuple[str, AgentPath]
MAX_DAYS = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class PathUsage:
    """The number of runs on a path, and of their users."""

    runs: int = 0
    users: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowTotals:
    """How often the shadow's output was equal to the legacy agent's. `fields` counts the differing fields,
    the most frequent first."""

    equal: int = 0
    differs: int = 0
    failed: int = 0
    fields: tuple[tuple[str, int], ...] = ()

    @property
    def agreement(self) -> int | None:
        """The share of equal outputs in per cent, rounded down; None without any shadow."""
        total = self.equal + self.differs + self.failed
        return self.equal * 100 // total if total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMigrationStatus:
    """The migration of one agent. `pattern` is the legacy one as long as the agent has a legacy form.

    `file` and `findings` (of check_isolation, without notes) belong to the class of that form. `uses` counts the
    legacy API's uses within the days. `errors` are the reasons why the modern form is not compliant.
    """

    agent: str
    pattern: AgentPattern
    file: str
    findings: int
    errors: tuple[str, ...]
    uses: int
    legacy: PathUsage = field(default_factory=PathUsage)
    shadow: PathUsage = field(default_factory=PathUsage)
    modern: PathUsage = field(default_factory=PathUsage)
    shadows: ShadowTotals = field(default_factory=ShadowTotals)

    @property
    def runs(self) -> int:
        return self.legacy.runs + self.shadow.runs + self.modern.runs

    @property
    def migrated_percent(self) -> int:
        """The share of modern runs in per cent, rounded down; 0 for an agent with a legacy form and no runs."""
        if self.pattern == "modern":
            return 100
        return self.modern.runs * 100 // self.runs if self.runs else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStatus:
    """The migration of all agents. `tree_findings` counts findings in the team's tree; None without a tree."""

    days: int
    agents: tuple[AgentMigrationStatus, ...]
    tree_findings: int | None = None

    @property
    def migrated_percent(self) -> int:
        """The mean of all agents in per cent, rounded down: at 100 no agent runs in a legacy form."""
        return sum(each.migrated_percent for each in self.agents) // len(self.agents) if self.agents else 100


@as_all_users()
def count_runs_by_path(since: datetime) -> Mapping[AgentAndPath, PathUsage]:
    rows = RunPath.objects.filter(at__gte=since).order_by().values("agent", "path")
    found = rows.annotate(runs=Count("run_id"), users=Count("owner_id", distinct=True))
    return {(row["agent"], AgentPath(row["path"])): PathUsage(runs=row["runs"], users=row["users"]) for row in found}


@as_all_users()
def count_shadows(since: datetime) -> Mapping[str, ShadowTotals]:
    results = ShadowResult.objects.filter(at__gte=since).order_by()
    counts: dict[str, Counter[str]] = {}
    for row in results.values("agent", "verdict").annotate(count=Count("id")):
        counts.setdefault(row["agent"], Counter())[row["verdict"]] = row["count"]
    fields: dict[str, Counter[str]] = {}
    for agent, names in results.filter(verdict=ShadowVerdict.DIFFERS).values_list("agent", "fields").iterator():
        fields.setdefault(agent, Counter()).update(names)
    return {
        agent: ShadowTotals(
            equal=found[ShadowVerdict.EQUAL],
            differs=found[ShadowVerdict.DIFFERS],
            failed=found[ShadowVerdict.FAILED],
            fields=tuple(fields.get(agent, Counter[str]()).most_common()),
        )
        for agent, found in counts.items()
    }


def count_api_uses(since: datetime) -> Mapping[str, int]:
    rows = LegacyUse.objects.filter(day__gte=since.date()).order_by().values("agent").annotate(count=Sum("count"))
    return {row["agent"]: row["count"] for row in rows}


def build_status(roster: object, days: int, tree: Path | None = None) -> MigrationStatus:
    """Return the status over the last `days`. Only a Rollout has legacy agents.

    Reads the agents' files, and the team's tree if one is given.
    """
    known = roster if isinstance(roster, Rollout) else rollout({})
    since = datetime.now(UTC) - timedelta(days=days)
    paths, shadows, uses = count_runs_by_path(since), count_shadows(since), count_api_uses(since)
    agents = [
        _build_agent_status(
            known,
            name,
            uses.get(name, 0),
            {path: paths.get((name, path), PathUsage()) for path in AgentPath},
            shadows.get(name, ShadowTotals()),
        )
        for name in known.modern
    ]
    return MigrationStatus(
        days=days, agents=tuple(agents), tree_findings=None if tree is None else count_findings([tree])
    )


def count_findings(paths: Iterable[Path]) -> int:
    """Count the errors and warnings of check_isolation. Notes are not counted, because they are uncertain."""
    found = scan_paths(paths, FileSelection()).findings
    return sum(each.severity is not Severity.NOTE for each in found)


def _build_agent_status(
    known: Rollout, name: str, uses: int, paths: dict[AgentPath, PathUsage], shadows: ShadowTotals
) -> AgentMigrationStatus:
    modern, legacy = validate_agent(known.modern[name]), known.legacy.get(name)
    file = find_source_file(legacy or known.modern[name])
    return AgentMigrationStatus(
        agent=name,
        pattern=modern.pattern if legacy is None else "legacy_bridge",
        file="" if file is None else to_relative_path(str(file)),
        findings=0 if file is None else count_findings([file]),
        errors=modern.errors,
        uses=uses,
        legacy=paths[AgentPath.LEGACY],
        shadow=paths[AgentPath.SHADOW],
        modern=paths[AgentPath.MODERN],
        shadows=shadows,
    )


def find_source_file(kind: type[BaseAgent[Any]]) -> Path | None:
    """Return the file of the team's class, or None if it is unknown."""
    team_class = kind.instance_factory.agent_class if issubclass(kind, BridgedAgent) else kind
    found = [each for each in team_class.__mro__ if not each.__module__.startswith("legacy.bridges.")]
    module = sys.modules.get(found[0].__module__)
    file = inspect.getsourcefile(module) if module is not None and hasattr(module, "__file__") else None
    return Path(file) if file else None


def format_lines(status: MigrationStatus) -> Iterator[str]:
    head = "agent", "pattern", "findings", "API uses", "legacy", "shadow", "modern", "agreement", "migrated"
    rows = [head, *[_format_row(each) for each in status.agents]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for each in status.agents:
        for error in each.errors:
            yield f"{each.agent}: not compliant: {error}"
        if each.shadows.fields:
            yield f"{each.agent}: differs in {', '.join(f'{name} ({count}×)' for name, count in each.shadows.fields)}"
    if status.tree_findings is not None:
        yield f"Findings in the tree: {status.tree_findings:,} (listed by manage.py check_isolation)."
    days = plural_text("the last day", "the last {n} days", n=status.days)
    yield f"Migrated: {status.migrated_percent} % (runs in {days}; the path columns show runs/users)."


def to_json(status: MigrationStatus) -> dict[str, Any]:
    """Return the status as JSON data. Programs read it: the names must not change."""
    agents = [
        {
            **asdict(each),
            "shadows": asdict(each.shadows)
            | {"agreement": each.shadows.agreement, "fields": dict(each.shadows.fields)},
            "migrated": each.migrated_percent,
        }
        for each in status.agents
    ]
    return {
        "days": status.days,
        "migrated": status.migrated_percent,
        "tree_findings": status.tree_findings,
        "agents": agents,
    }


def _format_row(each: AgentMigrationStatus) -> tuple[str, ...]:
    agreement = each.shadows.agreement
    return (
        each.agent,
        each.pattern,
        f"{each.findings:,}",
        f"{each.uses:,}",
        *(f"{taken.runs:,}/{taken.users:,}" for taken in (each.legacy, each.shadow, each.modern)),
        "-" if agreement is None else f"{agreement} %",
        f"{each.migrated_percent} %",
    )
