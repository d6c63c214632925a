"""`manage.py check_isolation PATH…`: find code through which one user's data can reach another, without running it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.i18n.text import plural_text
from core.management.errors import EXIT_BAD_INPUT, report_errors
from legacy.analysis import output, suppressions
from legacy.analysis.findings import Confidence, Severity
from legacy.analysis.scan import FileSelection, ScanResult, scan_paths
from legacy.analysis.suppressions import UnusableBaseline

FORMATS: Mapping[str, Callable[[ScanResult, int], str]] = MappingProxyType(
    {
        "text": lambda scan, known: "\n".join(output.format_lines(scan, known)),
        "json": output.format_json,
        "sarif": output.format_sarif,
    }
)


class Command(BaseCommand):
    help = (
        "Find code in any Python tree through which one user's data can reach another. "
        "Exits with 1 if it finds an error or a warning."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folders and files")
        parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="default: text")
        parser.add_argument("--baseline", type=Path, metavar="FILE", help="hide the findings in this file")
        parser.add_argument("--write-baseline", type=Path, metavar="FILE", help="save the findings to this file")
        parser.add_argument(
            "--severity",
            choices=[each.value for each in Severity],
            default="warning",
            help="exit with 1 for findings of this severity or worse; all are shown; default: warning",
        )
        parser.add_argument(
            "--confidence",
            choices=[each.value for each in Confidence],
            default="low",
            help="show findings of this confidence or higher; default: low",
        )
        parser.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help="skip paths that match")
        parser.add_argument("--tests", action="store_true", help="check tests, too")
        parser.add_argument("--exit-zero", action="store_true", help="exit with 0 even if there are findings")

    def handle(self, *args: Any, paths: list[Path], **options: Any) -> None:
        for missing in (each for each in paths if not each.exists()):
            raise CommandError(f"{missing} does not exist.", returncode=EXIT_BAD_INPUT)
        found = scan_paths(paths, FileSelection(tests=options["tests"], exclude=options["exclude"]))
        least = Confidence(options["confidence"]).rank
        found = replace(found, findings=tuple(each for each in found.findings if each.confidence.rank <= least))
        if options["write_baseline"]:
            self._write_baseline(options["write_baseline"], found)
            return
        new = self._apply_baseline(options["baseline"], found)
        self.stdout.write(FORMATS[options["format"]](new, len(found.findings) - len(new.findings)))
        worst = Severity(options["severity"]).rank
        if not options["exit_zero"] and any(each.severity.rank <= worst for each in new.findings):
            raise SystemExit(1)

    def _write_baseline(self, path: Path, found: ScanResult) -> None:
        with report_errors("No baseline was written."):
            suppressions.write_baseline(path, found.findings)
        known = plural_text("{n:,} known finding", "{n:,} known findings", n=len(found.findings))
        self.stdout.write(f"{path}: saved {known}.")

    def _apply_baseline(self, path: Path | None, found: ScanResult) -> ScanResult:
        if path is None:
            return found
        try:
            with report_errors("Nothing was checked."):
                known = suppressions.read_baseline(path)
        except UnusableBaseline as error:
            raise CommandError(str(error), returncode=EXIT_BAD_INPUT) from error
        return replace(found, findings=tuple(suppressions.exclude_known(found.findings, known)))
