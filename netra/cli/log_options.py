"""Common parts of the commands that read a log: their options, the import, and the installation to use, which without a
user is a temporary database and data folder."""

import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connections

from core.files import private_dir
from core.models import User
from netra.config import Environment

if TYPE_CHECKING:  # they take a moment, in which a log can already be imported
    from workloads.child_process import ProcessLimits
    from workloads.pricing.assumptions import Assumptions, LeverAnswer


def add_log_arguments(parser: ArgumentParser) -> None:
    """Add the options that say how to read a log, at which prices, and as whom."""
    parser.add_argument("--assume-model", metavar="NAME", help="model to assume for requests that name none")
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
    parser.add_argument("--time-zone", default="UTC", metavar="ZONE", help="in which your jobs are scheduled")
    parser.add_argument("--user", metavar="USER", help="run as this user of this installation, and save the log")


def build_assumptions(
    options: Mapping[str, Any], *, answers: "tuple[LeverAnswer, ...]" = (), target: str | None = None
) -> "Assumptions":
    """Return what the options say about the log. Raises BadInput for models that the price list does not have."""
    from netra.cli.price_options import add_prices
    from workloads.pricing.assumptions import Assumptions
    from workloads.pricing.price_file import load_price_file
    from workloads.pricing.price_list import PriceList
    from workloads.pricing.pricer import check_models, find_target

    said = Assumptions(
        assume_model=options["assume_model"], answers=answers, time_zone=options["time_zone"], target_model=target
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


def import_log(
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
    invoice: Path | None = None,
    precompute: bool = True,
) -> UUID:
    """Import a file as the user's log, and with it the invoice, and return the log's id."""
    from workloads.direct_import import import_file
    from workloads.invoices.storage import read_invoice_in_child, store_invoice

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
            precompute=precompute,
        )
        if read is not None:
            store_invoice(user_id, workload.id, read, data_dir=data_dir, quota=None)
    finally:
        connections.close_all()  # this thread's own
    return workload.id


@contextmanager
def select_installation(name: str | None) -> Iterator[tuple[Environment, UUID]]:
    """Yield the environment and the id of the user to run as; without a name, a temporary installation's only one."""
    from core.users import find_user

    if name is not None:
        yield settings.NETRA, find_user(name, active=True).id
        return
    with temporary_installation(settings.NETRA) as environment:
        yield environment, User.objects.create(username="local").id


@contextmanager
def temporary_installation(environment: Environment) -> Iterator[Environment]:
    """Yield the environment with a temporary data folder and an empty, migrated database; both are removed after it.

    Only for a process that has not opened the database yet.
    """
    with tempfile.TemporaryDirectory(prefix="netra-") as folder:
        before, store = connections.settings[DEFAULT_DB_ALIAS], settings.OBJECT_STORE
        connections.close_all()
        _set_database(before | {"NAME": str(Path(folder) / "netra.sqlite3")})
        settings.OBJECT_STORE = None  # its files are temporary, too
        try:
            create_schema()
            yield environment.model_copy(update={"data_dir": Path(folder)})
        finally:
            settings.OBJECT_STORE = store
            connections.close_all()
            _set_database(before)


def create_schema() -> None:
    """Create in an empty database the schema that `migrate` ends with, without its own records.

    Running each migration takes ten times as long, and is needed only if there are rows.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS)


def _set_database(settings: dict[str, Any]) -> None:
    connections.settings[DEFAULT_DB_ALIAS] = settings
    with suppress(AttributeError):  # this thread has not opened a connection yet
        del connections[DEFAULT_DB_ALIAS]
