"""`manage.py optimize FILE`: the main job from the terminal."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from rich.console import Console

from netra.core.exceptions import OperatorError, UserError
from netra.core.models import User
from netra.environment import Environment
from netra.management.plainly import BAD_INPUT, told
from netra.temporary import temporary_installation

if TYPE_CHECKING:
    from netra.terminal import Outcome
    from workloads.confinement import Limits
    from workloads.prices import Assumptions

RUN_FAILED = 1


class Command(BaseCommand):
    help = "Read a log of LLM usage, answer a question about it, print the report as Markdown."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a log in CSV, JSON lines or Parquet")
        parser.add_argument(
            "--ask", default="", metavar="TEXT", help='e.g. "cut my spend by 30 %% without hurting p95"'
        )
        parser.add_argument("--assume-model", metavar="NAME", help="the model of requests that name none")
        parser.add_argument("--price-in", metavar="X", help="your price of a million input tokens in USD")
        parser.add_argument("--price-out", metavar="Y", help="your price of a million output tokens in USD")
        parser.add_argument("--format", metavar="NAME", help="a format of docs/formats.md, instead of a guess")
        parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help="correct the guess")
        parser.add_argument("--user", metavar="USER", help="run as this user of this installation, and keep the log")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the report as JSON too (docs/report.md)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._answer(options)
        except UserError as error:
            raise CommandError(told(error), returncode=BAD_INPUT) from error
        except OperatorError as error:
            raise CommandError(str(error), returncode=RUN_FAILED) from error
        except DatabaseError as error:
            raise CommandError(f"The database could not be used: {error}.", returncode=RUN_FAILED) from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped at your request.", returncode=RUN_FAILED) from error

    def _answer(self, options: Mapping[str, Any]) -> None:
        from workloads.confinement import limits_of
        from workloads.mapping import parse_mapping
        from workloads.prices import Assumptions

        assumptions = Assumptions(
            assume_model=options["assume_model"],
            price_in=_price("--price-in", options["price_in"]),
            price_out=_price("--price-out", options["price_out"]),
        )
        mapping = parse_mapping(options["map"])
        _check_target(options["json"])
        with _installation(options["user"]) as (environment, user_id):
            bring = partial(
                _bring,
                user_id=user_id,
                file=options["file"],
                data_dir=environment.data_dir,
                format_name=options["format"],
                mapping=mapping,
                assumptions=assumptions,
                limits=limits_of(environment),
            )
            outcome = _outcome(environment, user_id, bring, options["ask"], assumptions)
        if not outcome.ok:
            raise CommandError(outcome.text, returncode=RUN_FAILED)
        self.stdout.write(outcome.text)
        for hint in outcome.hints:
            self.stderr.write(hint)
        if options["json"] and outcome.report is not None:
            _write(options["json"], outcome.report)
        if outcome.missing:
            self.stderr.write(f"The report is incomplete; missing: {', '.join(outcome.missing)}.")


def _outcome(
    environment: Environment, user_id: UUID, bring: Callable[[Event], UUID], ask: str, assumptions: "Assumptions"
) -> "Outcome":
    stop = Event()
    with ThreadPoolExecutor(max_workers=1) as reader:
        reading = reader.submit(bring, stop)
        try:
            # The log is read while the agents' libraries are imported: each takes about a second.
            from netra.progress import Progress
            from netra.terminal import Question, answer

            question = Question(user_id=user_id, workload_id=reading.result(), ask=ask, assumptions=assumptions)
        finally:
            stop.set()
    return asyncio.run(answer(environment, question, Progress(Console(stderr=True))))


def _bring(
    stop: Event,
    *,
    user_id: UUID,
    file: Path,
    data_dir: Path,
    format_name: str | None,
    mapping: Mapping[str, str],
    assumptions: "Assumptions",
    limits: "Limits",
) -> UUID:
    from workloads.intake import bring

    try:
        workload = bring(
            user_id,
            file,
            data_dir=data_dir,
            format_name=format_name,
            mapping=mapping,
            assumptions=assumptions,
            limits=limits,
            stop=stop,
        )
    finally:
        connections.close_all()  # this thread's own
    return workload.id


@contextmanager
def _installation(name: str | None) -> Iterator[tuple[Environment, UUID]]:
    from netra.core.usernames import find_user

    if name is not None:
        yield settings.NETRA, find_user(name, active=True).id
        return
    with temporary_installation(settings.NETRA) as environment:
        yield environment, User.objects.create(username="local").id


def _price(option: str, text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation as error:
        raise CommandError(f"{option} {text!r} is not a number.", returncode=BAD_INPUT) from error


def _check_target(target: Path | None) -> None:
    if target is not None and (target.is_dir() or not target.parent.is_dir()):
        raise CommandError(f"--json {target}: that is not a file in an existing folder.", returncode=BAD_INPUT)


def _write(target: Path, report: Mapping[str, Any]) -> None:
    try:
        target.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report is above; {target} could not be written: {error.strerror}.") from error
