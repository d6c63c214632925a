"""`manage.py migrate_legacy PATH…`: rewrite legacy agents as BaseAgent classes where that is mechanical."""

import json
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legacy.codemods.survey import (
    FileError,
    MigrationSurvey,
    colour_diff,
    format_diff,
    format_issues,
    format_summary,
    survey_paths,
    to_json,
    write_migration,
)

EXIT_INCOMPLETE = 2


class Command(BaseCommand):
    help = (
        "Show as a diff how legacy agents become BaseAgent classes, and list the places to change by hand with the "
        "reasons. --write changes the files. A file is migrated completely or not at all. "
        "Exits with 2 if a path or file could not be read or written."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a Python file, or a folder of them")
        parser.add_argument("--write", action="store_true", help="change the files")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        survey, write = survey_paths(options["paths"]), options["write"]
        if write:
            survey = _write_changes(survey)
        if options["json"]:
            self.stdout.write(json.dumps(to_json(survey, written=write), indent=2))
        else:
            self._print_survey(survey, written=write)
        if survey.errors:
            raise CommandError(
                "Some files could not be read or written; the others were processed.", returncode=EXIT_INCOMPLETE
            )

    def _print_survey(self, survey: MigrationSurvey, *, written: bool) -> None:
        coloured = self.stdout.isatty() and not self.is_style_off()
        for path, change in survey.changes.items():
            if change.is_changed and not written:
                text = format_diff(path, change)
                self.stdout.write(colour_diff(text) if coloured else text, ending="")
            elif change.is_changed:
                self.stdout.write(f"{path}: {', '.join(change.agents)}")
        for line in format_issues(survey):
            self.stdout.write(line)
        self.stdout.write(format_summary(survey, written=written))

    def is_style_off(self) -> bool:
        """Whether --no-color or the environment switches colours off."""
        return self.style.SUCCESS("x") == "x"


def _write_changes(survey: MigrationSurvey) -> MigrationSurvey:
    """Write the files and return the survey without those that could not be written, which become errors."""
    changes, errors = dict(survey.changes), list(survey.errors)
    for path, change in survey.changes.items():
        if not change.is_changed:
            continue
        try:
            write_migration(path, change)
        except OSError as error:
            del changes[path]
            errors.append(FileError(path=str(path), reason=f"was not written: {error.strerror}"))
    return replace(survey, changes=changes, errors=tuple(errors))
