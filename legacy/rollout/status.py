"""The migration's figures, for the command and the page alike."""

import inspect
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agents.base import BaseAgent
from agents.compliance import validate
from legacy.analysis.finding import Severity
from legacy.analysis.scan import scan
from legacy.analysis.tree import Selection
from legacy.bridges.agent import BridgedAgent
from legacy.deprecations.place import relative
from legacy.models import AgentPath
from legacy.rollout import counting
from legacy.rollout.figures import AgentStatus, Shadows, Status, Taken
from legacy.rollout.roster import Rollout, rollout

MOST_DAYS = 3_650


def status(roster: object, days: int, tree: Path | None = None) -> Status:
    """Of the last so many days. A roster that is no Rollout has no legacy agents that we know of.

    Reads the agents' files, and the team's tree where one is given.
    """
    known = roster if isinstance(roster, Rollout) else rollout({})
    since = datetime.now(UTC) - timedelta(days=days)
    paths, shadows, uses = counting.taken(since), counting.shadows(since), counting.uses(since)
    agents = [
        _agent(
            known,
            name,
            uses.get(name, 0),
            {path: paths.get((name, path), Taken()) for path in AgentPath},
            shadows.get(name, Shadows()),
        )
        for name in known.modern
    ]
    return Status(days=days, agents=tuple(agents), tree=None if tree is None else findings([tree]))


def findings(paths: Iterable[Path]) -> int:
    """Of check_isolation: errors and warnings; what is not sure is a note, and not counted."""
    found = scan(paths, Selection()).findings
    return sum(each.severity is not Severity.NOTE for each in found)


def _agent(known: Rollout, name: str, uses: int, paths: dict[AgentPath, Taken], shadows: Shadows) -> AgentStatus:
    modern, legacy = validate(known.modern[name]), known.legacy.get(name)
    file = file_of(legacy or known.modern[name])
    return AgentStatus(
        agent=name,
        pattern=modern.pattern if legacy is None else "legacy_bridge",
        file="" if file is None else relative(str(file)),
        findings=0 if file is None else findings([file]),
        errors=modern.errors,
        uses=uses,
        legacy=paths[AgentPath.LEGACY],
        shadow=paths[AgentPath.SHADOW],
        modern=paths[AgentPath.MODERN],
        shadows=shadows,
    )


def file_of(kind: type[BaseAgent[Any]]) -> Path | None:
    """Where the team wrote it; None where Python does not know."""
    written = kind.recipe.kind if issubclass(kind, BridgedAgent) else kind
    found = [each for each in written.__mro__ if not each.__module__.startswith("legacy.bridges.")]
    module = sys.modules.get(found[0].__module__)
    file = inspect.getsourcefile(module) if module is not None and hasattr(module, "__file__") else None
    return Path(file) if file else None
