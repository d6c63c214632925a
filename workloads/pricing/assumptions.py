"""A user's assumptions about a log: the model to assume, own prices and discounts, what names mean, and answers to
the report's questions. It is kept with the log (`Workload.assumptions`), and every question on that log reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.pricing.constraints import NO_CONSTRAINTS, Constraints
from workloads.pricing.own_prices import (
    MAX_PRICE,
    ModelAlias,
    OwnPrice,
    check_name,
    is_possible_discount,
    is_possible_price,
    is_writable,
    to_name_key,
)

MAX_ENTRIES = 500
"""Own prices, names or answers of one log."""

MAX_SCOPE_LENGTH = 300
MAX_LEVER_LENGTH = 60
MAX_ZONE_LENGTH = 64
UTC_ZONE = "UTC"
"""The time zone where none was chosen."""
MACHINES_ZONES = frozenset({"localtime", "posixrules", "posix", "right", "Factory"})
"""Files and folders beside the time zones: the machine's own zone, the same ones again, and with leap seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverAnswer:
    """The user's answer to a question of the report: what a lever may do within a scope.

    `value` is yes, no or a number, such as an accepted delay; None: no answer, the entry is empty. The lever that asks
    chooses the scope's name. Raises BadInput for an oversized or missing name, or an impossible number.
    """

    lever: str
    scope: str = ""
    value: Decimal | bool | None
    at: datetime | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.lever) <= MAX_LEVER_LENGTH or len(self.scope) > MAX_SCOPE_LENGTH:
            raise BadInput(text("The answer's lever or scope is missing or too long."))
        if isinstance(self.value, Decimal) and not self.value.is_finite():
            raise BadInput(text("The answer is neither yes, no nor a number."))

    @property
    def key(self) -> str:
        return f"{self.lever}\n{self.scope}"

    @property
    def is_empty(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """The user's assumptions about one log.

    `price_in` and `price_out`, in USD per million tokens, apply to every request whose model has no price in
    `model_prices`. `discount_percent` applies to every model without a discount of its own. `model_names` says which
    model a name in the log means. Schedules are judged in `time_zone`, an IANA name. `target_model`: what would the log
    cost with this model of the price list? `constraints` are those of one question; they are not kept with a log.

    Raises BadInput for one price without the other, for impossible prices and
    discounts, and for more than MAX_ENTRIES entries or two for one name.
    """

    assume_model: str | None = None
    price_in: Decimal | None = None
    price_out: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    model_prices: tuple[OwnPrice, ...] = ()
    model_names: tuple[ModelAlias, ...] = ()
    answers: tuple[LeverAnswer, ...] = ()
    time_zone: str = UTC_ZONE
    target_model: str | None = None
    constraints: Constraints = NO_CONSTRAINTS

    def __post_init__(self) -> None:
        if self.price_in is not None and self.price_out is None:
            raise BadInput(text("The output price is missing. Enter both an input and an output price."))
        if self.price_out is not None and self.price_in is None:
            raise BadInput(text("The input price is missing. Enter both an input and an output price."))
        if self.price_in is not None and not is_possible_price(self.price_in):
            raise BadInput(
                text(
                    "{price} is not a valid input price. Enter USD per million tokens, from 0 to {highest}.",
                    price=self.price_in,
                    highest=MAX_PRICE,
                )
            )
        if self.price_out is not None and not is_possible_price(self.price_out):
            raise BadInput(
                text(
                    "{price} is not a valid output price. Enter USD per million tokens, from 0 to {highest}.",
                    price=self.price_out,
                    highest=MAX_PRICE,
                )
            )
        if not is_possible_discount(self.discount_percent):
            raise BadInput(
                text(
                    "{percent} is not a valid discount. Enter a percentage from 0 to 100.",
                    percent=self.discount_percent,
                )
            )
        if self.target_model is not None:
            check_name(self.target_model)
        _check_entries(self)
        if not _is_readable_zone(self.time_zone):  # a stored one may be older than the rules of check_time_zone
            raise build_zone_error(self.time_zone)

    @property
    def has_given_prices(self) -> bool:
        return self.price_in is not None

    def find_price(self, model: str | None) -> OwnPrice | None:
        """Return the user's own price for a model by its name in the log or in the price list."""
        if model is None or not self.model_prices:
            return None
        key = to_name_key(model)
        return next((price for price in self.model_prices if to_name_key(price.model) == key), None)

    def find_model_name(self, name: str) -> str | None:
        """Return the model that a name in the log means, if the user said so."""
        key = to_name_key(name)
        return next((alias.model for alias in self.model_names if to_name_key(alias.name) == key), None)

    def get_answer(self, lever: str, scope: str = "") -> Decimal | bool | None:
        """Return the user's answer, None if there is none."""
        return next((one.value for one in self.answers if (one.lever, one.scope) == (lever, scope)), None)


AssumptionsChange = Mapping[str, Any]
"""New values by the names of fields of Assumptions. None resets a field. An entry of a list replaces the one with the
same key; an empty one removes it."""

Entry = OwnPrice | ModelAlias | LeverAnswer
LIST_FIELDS = ("model_prices", "model_names", "answers")


def _check_entries(assumptions: Assumptions) -> None:
    for name in LIST_FIELDS:
        entries: tuple[Entry, ...] = getattr(assumptions, name)
        if len(entries) > MAX_ENTRIES:
            raise BadInput(text("{name}: at most {most} entries are kept with a log.", name=name, most=MAX_ENTRIES))
        if len({entry.key for entry in entries}) < len(entries):
            raise BadInput(text("{name}: two entries have the same name.", name=name))


def check_time_zone(name: str) -> None:
    """Raise BadInput if `name` is not a time zone's IANA name."""
    if not is_time_zone(name):
        raise build_zone_error(name)


def build_zone_error(name: str) -> BadInput:
    return BadInput(
        text("{name} is not a time zone. Enter one such as Europe/Berlin.", name=repr(name[:MAX_ZONE_LENGTH]))
    )


def is_time_zone(name: str) -> bool:
    """Whether `name` is a time zone's IANA name, which means the same on every machine."""
    return _is_readable_zone(name) and name.partition("/")[0] not in MACHINES_ZONES


def _is_readable_zone(name: str) -> bool:
    if name == UTC_ZONE:
        return True
    try:
        ZoneInfo(name[:MAX_ZONE_LENGTH])
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


NO_ASSUMPTIONS = Assumptions()
NO_CHANGE: AssumptionsChange = MappingProxyType({})
_ADAPTER = TypeAdapter(Assumptions)


def read_assumptions(stored: Any) -> Assumptions:
    """Return the assumptions from their JSON. Raises BadInput if they cannot be read: defaults would change figures."""
    try:
        return _ADAPTER.validate_python(stored or {})
    except ValidationError as error:
        raise BadInput(text("The saved prices and answers of this log can't be read. Enter them again.")) from error


def to_assumptions_json(assumptions: Assumptions) -> dict[str, Any]:
    """Return the JSON that `read_assumptions` reads. Numbers are decimal strings."""
    data: dict[str, Any] = _ADAPTER.dump_python(assumptions, mode="json")
    del data["constraints"]  # those of one question, which are read in it again
    return data


def apply_change(known: Assumptions, change: AssumptionsChange) -> Assumptions:
    """Return `known` with the change. Raises BadInput if the result is impossible."""
    if not change:
        return known
    _check_new_values(change)
    values: dict[str, Any] = {}
    for name, value in change.items():
        if value is None:
            values[name] = getattr(NO_ASSUMPTIONS, name)
        elif name in LIST_FIELDS:
            values[name] = _merge_entries(getattr(known, name), value)
        else:
            values[name] = value
    return replace(known, **values)


def _check_new_values(change: AssumptionsChange) -> None:
    """Raise BadInput for what must not be kept; earlier versions may have kept it, and the log is readable still."""
    if change.get("time_zone") is not None:
        check_time_zone(change["time_zone"])
    for answer in change.get("answers") or ():
        if isinstance(answer.value, Decimal) and not is_writable(answer.value):
            raise BadInput(text("The answer is neither yes, no nor a number."))


def override_for_run(known: Assumptions, change: AssumptionsChange) -> Assumptions:
    """Return what one run assumes: the log's assumptions with what its question says.

    A question's price for every request goes before the log's own prices for models.
    """
    overrides_prices = change.get("price_in") is not None and not change.get("model_prices")
    return apply_change(replace(known, model_prices=()) if overrides_prices else known, change)


def _merge_entries(known: Iterable[Entry], new: Iterable[Entry]) -> tuple[Entry, ...]:
    merged = {entry.key: entry for entry in (*known, *new)}
    return tuple(entry for entry in merged.values() if not entry.is_empty)
