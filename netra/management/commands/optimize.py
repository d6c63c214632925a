"""`manage.py optimize FILE`: answer a question about a log from the terminal."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from core.management.errors import EXIT_FAILED, report_errors
from netra.cli.log_options import (
    add_log_arguments,
    build_assumptions,
    import_log,
    select_installation,
)
from netra.config import Environment

if TYPE_CHECKING:
    from netra.cli.run_once import CliResult
    from workloads.pricing.assumptions import Assumptions


class Command(BaseCommand):
    help = "Answer a question about a log of LLM usage, and print the report as Markdown."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a log: CSV, JSON, Parquet or a workbook")
        parser.add_argument(
            "--ask", default="", metavar="TEXT", help='e.g. "cut my spend by 30 %% without hurting p95"'
        )
        add_log_arguments(parser)
        parser.add_argument(
            "--target", metavar="MODEL", help="what would the log cost with this model of the price list?"
        )
        parser.add_argument(
            "--confirm", action="append", default=[], metavar="KEY", help='yes to a question, as in "batch:nightly-job"'
        )
        parser.add_argument("--deny", action="append", default=[], metavar="KEY", help="no to a question of the report")
        parser.add_argument(
            "--answer", action="append", default=[], metavar="KEY=NUMBER", help='such as "output_length:chat=300"'
        )
        parser.add_argument(
            "--invoice", type=Path, metavar="INVOICE", help="compare the log with this cost export of your provider"
        )
        parser.add_argument("--json", type=Path, metavar="OUT", help="also write the report as JSON (docs/report.md)")
        parser.add_argument("--csv", type=Path, metavar="DIR", help="also write each table as CSV into this folder")
        parser.add_argument("--focus", type=Path, metavar="OUT", help="also write the spend as FOCUS 1.3 (CSV)")

    def handle(self, *args: Any, **options: Any) -> None:
        with report_errors():
            self._run(options)

    def _run(self, options: Mapping[str, Any]) -> None:
        from netra.cli.output import check_target
        from netra.cli.report_files import check_csv_folder, write_csv_files, write_focus_file
        from workloads.child_process import limits_from_settings
        from workloads.ingest.given_mapping import parse_mapping

        assumptions = _build_assumptions(options)
        mapping = parse_mapping(options["map"])
        check_target("--json", options["json"])
        check_csv_folder(options["csv"])
        check_target("--focus", options["focus"])
        with select_installation(options["user"]) as (environment, user_id):
            read_log = partial(
                import_log,
                user_id=user_id,
                file=options["file"],
                data_dir=environment.data_dir,
                format_name=options["format"],
                mapping=mapping,
                assumptions=assumptions,
                limits=limits_from_settings(environment),
                price_file=environment.price_file,
                invoice=options["invoice"],
            )
            result = _import_and_ask(environment, user_id, read_log, options["ask"])
            if options["focus"] and result.run_id and result.report is not None:
                write_focus_file(options["focus"], user_id, result.run_id, environment)
        if not result.ok:
            raise CommandError(result.text, returncode=EXIT_FAILED)
        self.stdout.write(result.text)
        for hint in result.hints:
            self.stderr.write(hint)
        if options["json"] and result.report is not None:
            _write_report(options["json"], result.report)
        if options["csv"] and result.report is not None:
            write_csv_files(options["csv"], result.report["source"]["name"], result.tables)
        if result.missing:
            self.stderr.write(f"The report is incomplete; missing: {', '.join(result.missing)}.")


def _build_assumptions(options: Mapping[str, Any]) -> "Assumptions":
    from workloads.levers.registry import LEVERS
    from workloads.pricing.lever_answers import parse_answers

    answers = parse_answers(options["confirm"], options["deny"], LEVERS, numbers=options["answer"])
    return build_assumptions(options, answers=answers, target=options["target"])


def _import_and_ask(
    environment: Environment, user_id: UUID, read_log: Callable[[Event], UUID], ask: str
) -> "CliResult":
    stop = Event()
    with ThreadPoolExecutor(max_workers=1) as importer:
        imported = importer.submit(read_log, stop)
        try:
            # The log is imported while the agents' libraries are loaded: each takes about a second.
            from netra.cli.output import ProgressPrinter
            from netra.cli.run_once import CliQuestions, answer_questions

            questions = CliQuestions(user_id=user_id, workload_id=imported.result(), asks=(ask,), report_only=True)
        finally:
            stop.set()
    return asyncio.run(answer_questions(environment, questions, ProgressPrinter(Console(stderr=True))))[0]


def _write_report(target: Path, report: Mapping[str, Any]) -> None:
    try:
        target.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report is above; {target} could not be written: {error.strerror}.") from error
