"""`manage.py optimize FILE`: answer a question about a log from the terminal."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from rich.console import Console

from core.exceptions import OperatorError, UserError
from core.files import private_dir
from core.management.errors import EXIT_BAD_INPUT, EXIT_FAILED, format_user_error
from core.models import User
from netra.cli.temporary_installation import temporary_installation
from netra.config import Environment

if TYPE_CHECKING:
    from netra.cli.run_once import CliResult
    from workloads.child_process import ProcessLimits
    from workloads.pricing.assumptions import Assumptions


class Command(BaseCommand):
    help = "Answer a question about a log of LLM usage, and print the report as Markdown."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a log in CSV, JSON lines or Parquet")
        parser.add_argument(
            "--ask", default="", metavar="TEXT", help='e.g. "cut my spend by 30 %% without hurting p95"'
        )
        parser.add_argument("--assume-model", metavar="NAME", help="model to assume for requests that name none")
        parser.add_argument(
            "--target", metavar="MODEL", help="what would the log cost with this model of the price list?"
        )
        parser.add_argument("--price-in", metavar="X", help="your price per million input tokens, in USD")
        parser.add_argument("--price-out", metavar="Y", help="your price per million output tokens, in USD")
        parser.add_argument(
            "--price",
            action="append",
            default=[],
            metavar="MODEL=IN/OUT",
            help="your price for one model, in USD per million tokens: MODEL=IN/OUT[/READ[/WRITE]], or "
            "MODEL:KIND=PRICE such as gpt-4o:cache_read=0.3; may be repeated",
        )
        parser.add_argument(
            "--discount",
            action="append",
            default=[],
            metavar="[MODEL=]PERCENT",
            help="your discount on every price, or on one model's; may be repeated",
        )
        parser.add_argument(
            "--model-name",
            action="append",
            default=[],
            metavar="NAME=MODEL",
            help="read NAME in the log as MODEL of the price list, or of --price; may be repeated",
        )
        parser.add_argument("--format", metavar="NAME", help="a format from docs/formats.md; default: detected")
        parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help="read FIELD from COLUMN")
        parser.add_argument(
            "--confirm", action="append", default=[], metavar="KEY", help='yes to a question, as in "batch:nightly-job"'
        )
        parser.add_argument("--deny", action="append", default=[], metavar="KEY", help="no to a question of the report")
        parser.add_argument(
            "--answer", action="append", default=[], metavar="KEY=NUMBER", help='such as "output_length:chat=300"'
        )
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE", help="in which your jobs are scheduled")
        parser.add_argument("--user", metavar="USER", help="run as this user of this installation, and save the log")
        parser.add_argument(
            "--invoice", type=Path, metavar="INVOICE", help="compare the log with this cost export of your provider"
        )
        parser.add_argument("--json", type=Path, metavar="OUT", help="also write the report as JSON (docs/report.md)")
        parser.add_argument("--csv", type=Path, metavar="DIR", help="also write each table as CSV into this folder")
        parser.add_argument("--focus", type=Path, metavar="OUT", help="also write the spend as FOCUS 1.3 (CSV)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(options)
        except UserError as error:
            raise CommandError(format_user_error(error), returncode=EXIT_BAD_INPUT) from error
        except OperatorError as error:
            raise CommandError(str(error), returncode=EXIT_FAILED) from error
        except DatabaseError as error:
            raise CommandError(f"Database error: {error}.", returncode=EXIT_FAILED) from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped at your request.", returncode=EXIT_FAILED) from error

    def _run(self, options: Mapping[str, Any]) -> None:
        from netra.cli.report_files import check_csv_folder, check_target, write_csv_files, write_focus_file
        from workloads.child_process import limits_from_settings
        from workloads.ingest.mapping import parse_mapping

        assumptions = _build_assumptions(options)
        mapping = parse_mapping(options["map"])
        _check_json_path(options["json"])
        check_csv_folder(options["csv"])
        check_target("--focus", options["focus"])
        with _select_installation(options["user"]) as (environment, user_id):
            import_log = partial(
                _import_log,
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
            result = _import_and_ask(environment, user_id, import_log, options["ask"])
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
    """Return what the options say about the log. Raises BadInput for models that the price list does not have."""
    from netra.cli.price_options import add_prices
    from workloads.levers.registry import LEVERS
    from workloads.pricing.answer_keys import parse_answers
    from workloads.pricing.assumptions import Assumptions
    from workloads.pricing.price_file import load_price_file
    from workloads.pricing.price_list import PriceList
    from workloads.pricing.pricer import check_models, find_target

    said = Assumptions(
        assume_model=options["assume_model"],
        answers=parse_answers(options["confirm"], options["deny"], LEVERS, numbers=options["answer"]),
        time_zone=options["time_zone"],
        target_model=options["target"],
    )
    assumptions = add_prices(
        said,
        price_in=options["price_in"],
        price_out=options["price_out"],
        prices=options["price"],
        discounts=options["discount"],
        names=options["model_name"],
    )
    price_list = PriceList(load_price_file(settings.NETRA.price_file))
    if assumptions.model_names:
        check_models(assumptions, assumptions.model_names, price_list)
    if assumptions.target_model is not None:
        find_target(assumptions.target_model, price_list)
    return assumptions


def _import_and_ask(
    environment: Environment, user_id: UUID, import_log: Callable[[Event], UUID], ask: str
) -> "CliResult":
    stop = Event()
    with ThreadPoolExecutor(max_workers=1) as importer:
        imported = importer.submit(import_log, stop)
        try:
            # The log is imported while the agents' libraries are loaded: each takes about a second.
            from netra.cli.run_once import CliQuestion, ProgressPrinter, answer_question

            question = CliQuestion(user_id=user_id, workload_id=imported.result(), ask=ask)
        finally:
            stop.set()
    return asyncio.run(answer_question(environment, question, ProgressPrinter(Console(stderr=True))))


def _import_log(
    stop: Event,
    *,
    user_id: UUID,
    file: Path,
    data_dir: Path,
    format_name: str | None,
    mapping: Mapping[str, str],
    assumptions: "Assumptions",
    limits: "ProcessLimits",
    price_file: Path | None,
    invoice: Path | None,
) -> UUID:
    from workloads.direct_import import import_file
    from workloads.invoices.sandbox import read_invoice_in_child
    from workloads.invoices.storage import store_invoice

    read = (
        None
        if invoice is None
        else read_invoice_in_child(invoice, name=invoice.name, folder=private_dir(data_dir), limits=limits)
    )
    try:
        workload = import_file(
            user_id,
            file,
            data_dir=data_dir,
            format_name=format_name,
            mapping=mapping,
            assumptions=assumptions,
            limits=limits,
            price_file=price_file,
            stop=stop,
        )
        if read is not None:
            store_invoice(user_id, workload.id, read, data_dir=data_dir, quota=None)
    finally:
        connections.close_all()  # this thread's own
    return workload.id


@contextmanager
def _select_installation(name: str | None) -> Iterator[tuple[Environment, UUID]]:
    from core.users import find_user

    if name is not None:
        yield settings.NETRA, find_user(name, active=True).id
        return
    with temporary_installation(settings.NETRA) as environment:
        yield environment, User.objects.create(username="local").id


def _check_json_path(target: Path | None) -> None:
    if target is not None and (target.is_dir() or not target.parent.is_dir()):
        raise CommandError(f"--json {target}: not a file in an existing folder.", returncode=EXIT_BAD_INPUT)


def _write_report(target: Path, report: Mapping[str, Any]) -> None:
    try:
        target.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report is above; {target} could not be written: {error.strerror}.") from error
