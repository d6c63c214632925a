"""`manage.py migrate_legacy PATH…`: brings agents of the old pattern over to BaseAgent, where that is mechanical."""

import json
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legacy.codemods import report
from legacy.codemods.survey import Survey, Trouble, surveyed
from legacy.codemods.writing import put

NOT_DONE = 2


class Command(BaseCommand):
    help = (
        "Show as a diff how agents of the old pattern become Netra's, and list what has to be done by hand and why. "
        "With --write it is done. A file is brought over whole or left as it was; a second run changes nothing. "
        "Exit status: 0, or 2 if a path or file could not be read or written."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a Python file, or a folder of them")
        parser.add_argument("--write", action="store_true", help="change the files")
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        survey, write = surveyed(options["paths"]), options["write"]
        if write:
            survey = _written(survey)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(survey, written=write), indent=2))
        else:
            self._tell(survey, written=write)
        if survey.troubles:
            raise CommandError("Some of it could not be done; the rest was.", returncode=NOT_DONE)

    def _tell(self, survey: Survey, *, written: bool) -> None:
        coloured = self.stdout.isatty() and not self.style_is_off()
        for path, change in survey.changes.items():
            if change.changed and not written:
                text = report.diff(path, change)
                self.stdout.write(report.coloured(text) if coloured else text, ending="")
            elif change.changed:
                self.stdout.write(f"{path}: {', '.join(change.agents)}")
        for line in report.listed(survey):
            self.stdout.write(line)
        self.stdout.write(report.summed(survey, written=written))

    def style_is_off(self) -> bool:
        """--no-color, or an environment that wants none."""
        return self.style.SUCCESS("x") == "x"


def _written(survey: Survey) -> Survey:
    """The survey of what was in truth written: a file that could not be is a trouble, and stays."""
    changes, troubles = dict(survey.changes), list(survey.troubles)
    for path, change in survey.changes.items():
        if not change.changed:
            continue
        try:
            put(path, change)
        except OSError as error:
            del changes[path]
            troubles.append(Trouble(path=str(path), said=f"was not written: {error.strerror}"))
    return replace(survey, changes=changes, troubles=tuple(troubles))
