"""`manage.py ask FILE [FILE]`: ask questions about one log, or about two, from the terminal."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, TextIO, cast
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from core.management.errors import EXIT_BAD_INPUT, EXIT_FAILED, report_errors
from netra.cli.log_options import (
    add_log_arguments,
    build_assumptions,
    import_log,
    select_installation,
)
from netra.config import Environment

if TYPE_CHECKING:
    from netra.cli.run_once import CliResult

EXIT_UNANSWERED = 3
"""The exit status if a question can't be answered, or has to be asked back."""

UNANSWERED = frozenset({"cannot", "clarify"})
MAX_FILES = 2


class Command(BaseCommand):
    help = "Answer questions about a log of LLM usage; each --ask after the first may refer to those before it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            type=Path,
            nargs="+",
            metavar="FILE",
            help="a log: CSV, JSON, Parquet or a workbook; or two, to compare",
        )
        parser.add_argument(
            "--ask", action="append", required=True, metavar="TEXT", help='e.g. "what does each team cost?"; repeatable'
        )
        add_log_arguments(parser)
        parser.add_argument("--json", type=Path, metavar="OUT", help="also write the answers as JSON (docs/answers.md)")
        parser.add_argument("--progress", action="store_true", help="show the agents' steps")

    def handle(self, *args: Any, **options: Any) -> None:
        with report_errors():
            self._run(options)

    def _run(self, options: Mapping[str, Any]) -> None:
        from netra.cli.output import check_target

        if len(options["files"]) > MAX_FILES:
            raise CommandError(f"At most {MAX_FILES} logs can be asked about.", returncode=EXIT_BAD_INPUT)
        check_target("--json", options["json"])
        with select_installation(options["user"]) as (environment, user_id):
            results = _import_and_ask(environment, user_id, options)
        self._print(options["ask"], results)
        answers = [result.answer for result in results if result.answer is not None]
        if options["json"]:
            _write_answers(options["json"], answers)
        if not results[-1].ok:
            raise CommandError(results[-1].text, returncode=EXIT_FAILED)
        if any(answer["kind"] in UNANSWERED for answer in answers):
            raise SystemExit(EXIT_UNANSWERED)

    def _print(self, asks: Sequence[str], results: Sequence["CliResult"]) -> None:
        from netra.cli.output import print_answer

        console = Console(file=cast("TextIO", self.stdout), highlight=False)
        for ask, result in zip(asks, results, strict=False):
            if result.ok and result.answer is not None:
                print_answer(console, result.answer, ask if len(asks) > 1 else None)
            for hint in result.hints:
                self.stderr.write(hint)


def _import_and_ask(environment: Environment, user_id: UUID, options: Mapping[str, Any]) -> "Sequence[CliResult]":
    from workloads.child_process import limits_from_settings
    from workloads.ingest.given_mapping import parse_mapping

    assumptions, mapping = build_assumptions(options), parse_mapping(options["map"])
    stop = Event()
    with ThreadPoolExecutor(max_workers=len(options["files"])) as importer:
        # In this order, so that the second file is the newer log.
        imported = [
            importer.submit(
                import_log,
                stop,
                user_id=user_id,
                file=file,
                data_dir=environment.data_dir,
                format_name=options["format"],
                mapping=mapping,
                assumptions=assumptions,
                limits=limits_from_settings(environment),
                price_file=environment.price_file,
                precompute=False,
            )
            for file in options["files"]
        ]
        try:
            # The logs are imported while the agents' libraries are loaded.
            from netra.cli.output import ProgressPrinter
            from netra.cli.run_once import CliQuestions, answer_questions

            logs = [each.result() for each in imported]
        finally:
            stop.set()
    questions = CliQuestions(user_id=user_id, workload_id=logs[0], asks=tuple(options["ask"]))
    progress = ProgressPrinter(Console(stderr=True, quiet=not options["progress"]))
    return asyncio.run(answer_questions(environment, questions, progress))


def _write_answers(target: Path, answers: Sequence[Mapping[str, Any]]) -> None:
    # What was done, or where to do it, holds no figures: programs read it as talk.
    told = [{**answer, "kind": "talk"} if answer["kind"] == "operate" else answer for answer in answers]
    try:
        target.write_text(
            json.dumps({"answers": told}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline=""
        )
    except OSError as error:
        raise CommandError(f"The answers are above; {target} could not be written: {error.strerror}.") from error
