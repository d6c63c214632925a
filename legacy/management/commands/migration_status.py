"""`manage.py migration_status`: migration progress by agent."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.framework.registry import AgentSelector, load_agent_selector
from core.exceptions import OperatorError
from core.management.errors import EXIT_BAD_INPUT, EXIT_FAILED, report_errors
from legacy.rollout import status
from legacy.rollout.status import MAX_DAYS, MigrationStatus, build_status


class Command(BaseCommand):
    help = "Show the migration's progress by agent. Exits with 1 below the threshold."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--days", type=int, default=30, metavar="N", help="count the runs of the last N days; default: 30"
        )
        parser.add_argument(
            "--threshold", type=int, default=0, metavar="PERCENT", help="exit with 1 below this share; default: 0"
        )
        parser.add_argument("--agent", metavar="NAME", help="show only this agent, also for the threshold")
        parser.add_argument(
            "--path", type=Path, metavar="TREE", help="also count the findings of check_isolation in TREE"
        )

    def handle(self, *args: Any, days: int, threshold: int, path: Path | None, **options: Any) -> None:
        if not 0 < days <= MAX_DAYS:
            raise CommandError(f"--days {days}: must be 1 to {MAX_DAYS:,}.", returncode=EXIT_BAD_INPUT)
        if not 0 <= threshold <= 100:
            raise CommandError(f"--threshold {threshold}: must be 0 to 100.", returncode=EXIT_BAD_INPUT)
        if path is not None and not path.exists():
            raise CommandError(f"{path} does not exist.", returncode=EXIT_BAD_INPUT)
        with report_errors("Nothing was changed."):
            found = _select_agent(options["agent"], build_status(_load_roster(), days, path))
        if options["json"]:
            self.stdout.write(json.dumps(status.to_json(found), indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(status.format_lines(found)))
        if found.migrated_percent < threshold:
            raise CommandError(
                f"{found.migrated_percent} % migrated, below the threshold of {threshold} %.", returncode=EXIT_FAILED
            )


def _select_agent(agent: str | None, found: MigrationStatus) -> MigrationStatus:
    if agent is None:
        return found
    selected = tuple(each for each in found.agents if each.agent == agent)
    if not selected:
        names = ", ".join(each.agent for each in found.agents)
        raise CommandError(f"No agent is named {agent!r}. The agents are {names}.", returncode=EXIT_BAD_INPUT)
    return replace(found, agents=selected)


def _load_roster() -> AgentSelector:
    try:
        return load_agent_selector(settings.NETRA.roster)
    except OperatorError as error:
        raise CommandError(str(error), returncode=EXIT_BAD_INPUT) from error
