"""Usage by kind of token, day, model and the log's dimensions: the rows of the FOCUS export.

The charges are exact, and sum to the report's total. Requests without a price are left out of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from core.i18n.text import Text, text
from core.redaction import redact_text
from workloads.analysis.allocation import DIMENSIONS
from workloads.analysis.priced_log import PricedLog, Row

MAX_GROUPS = 4_000
"""Groups of a period, a model and values of the dimensions; each has a row for every kind of token."""

TAGGED_COLUMNS = ("team", "feature", "end_user", "api_key", "customer", "environment")

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "input": ("fresh_input - audio_input - image_input", "p_fresh"),
        "audio_input": ("audio_input", "p_audio_input"),
        "image_input": ("image_input", "p_image_input"),
        "cache_read": ("cache_read - audio_read", "p_read"),
        "audio_cache_read": ("audio_read", "p_audio_read"),
        "cache_write": ("cache_write - cache_write_1h", "p_write"),
        "cache_write_1h": ("cache_write_1h", "p_write_1h"),
        "output": ("output - audio_output", "p_output"),
        "audio_output": ("audio_output", "p_audio_output"),
        "search": ("CASE WHEN is_sum THEN 0 ELSE searches END", "p_search"),
    }
)
"""SQL for the quantity of each kind, and its price. A sum of requests has no fees for searches."""

_STATED_NAMES = ("CASE WHEN key IS NULL THEN model END", "CASE WHEN key IS NULL THEN provider END")
"""The names of the models without a price, whose cost the log states."""

OTHER = "other"
"""What the cost of a request has beyond its kinds: none, unless the log itself states the price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """`kind` is a key of KINDS, or OTHER."""

    kind: str
    quantity: int
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeGroup:
    """The charges of one period, model and combination of the dimensions' values. `model` is a PricedModel's key; None
    for a model without a price, `stated_model` of `stated_provider`, whose cost the log states."""

    start: datetime
    model: int | None
    values: tuple[str | None, ...]
    charges: tuple[Charge, ...]
    stated_model: str | None = None
    stated_provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusUsage:
    """`period` is "day", or "month" if the log has too many days. `dimensions` name the groups' values; those in
    `left_out` have too many. If `unknown` is set, it says why there is nothing to export."""

    unknown: Text | None = None
    period: str = "day"
    dimensions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    groups: tuple[ChargeGroup, ...] = ()
    total: Decimal = Decimal(0)


def measure_usage(log: PricedLog) -> FocusUsage:
    if log.source.relative_clock or not log.has_times:
        return FocusUsage(unknown=text("The log has no dates, which FOCUS requires. Add time."))
    names = _name_sources(log)
    sources, period = _choose_groups(log, list(names))
    if sources is None:
        return FocusUsage(unknown=text("The log has too many models and months for a FOCUS export."))
    groups = tuple(_to_group(row, len(sources)) for row in log.fetch_all(_build_usage_sql(log, sources, period)))
    (total,) = log.fetch_one("SELECT coalesce(sum(spend), 0) FROM priced")
    return FocusUsage(
        period=period,
        dimensions=tuple(names[source] for source in sources),
        left_out=tuple(name for source, name in names.items() if source not in sources),
        groups=groups,
        total=total,
    )


def _name_sources(log: PricedLog) -> dict[str, str]:
    """Return the columns that divide the log, with their names in the export."""
    ours = {column: DIMENSIONS[column] for column in TAGGED_COLUMNS if log.has_columns(column)}
    return ours | {f"k{number}": name for number, name in enumerate(log.source.kept, start=1)}


def _choose_groups(log: PricedLog, sources: list[str]) -> tuple[list[str] | None, str]:
    """Return the dimensions and the period with which there are few enough groups: those with most values go first."""
    if sources:
        counts = ", ".join(f"approx_count_distinct({source})" for source in sources)
        relation = _get_relation(log).replace("priced", "log.requests")  # without prices, to read less
        values = dict(zip(sources, log.fetch_one(f"SELECT {counts} FROM {relation}"), strict=True))
        sources = [source for source in sources if values[source] <= MAX_GROUPS]
        while sources and _count_groups(log, sources, "day") > MAX_GROUPS:
            sources.remove(max(sources, key=lambda source: values[source]))
    for period in ("day", "month"):
        if sources or _count_groups(log, sources, period) <= MAX_GROUPS:
            return sources, period
    return None, "month"


def _get_relation(log: PricedLog) -> str:
    return "priced JOIN log.kept USING (row)" if log.source.kept else "priced"


def _count_groups(log: PricedLog, sources: Sequence[str], period: str) -> int:
    columns = ", ".join((f"date_trunc('{period}', \"at\")", "key", *_STATED_NAMES, *sources))
    (count,) = log.fetch_one(
        f"SELECT count(*) FROM (SELECT DISTINCT {columns} FROM {_get_relation(log)} WHERE spend IS NOT NULL)"
    )
    return int(count)


def _build_usage_sql(log: PricedLog, sources: Sequence[str], period: str) -> str:
    kinds = ", ".join(
        f"sum({quantity})::BIGINT, sum((({quantity}) * {price})::DECIMAL(24,12))" for quantity, price in KINDS.values()
    )
    columns = "".join(f", {source}" for source in sources)
    model, provider = _STATED_NAMES
    return f"""SELECT date_trunc('{period}', "at")::TIMESTAMP AS start, key, {model} AS s_model,
            {provider} AS s_provider{columns}, sum(spend), {kinds}
        FROM {_get_relation(log)} WHERE spend IS NOT NULL
        GROUP BY start, key, s_model, s_provider{columns} ORDER BY start, key, s_model, s_provider{columns}"""


def _to_group(row: Row, dimensions: int) -> ChargeGroup:
    start, model, stated_model, stated_provider, *rest = row
    values, (cost, *measures) = rest[:dimensions], rest[dimensions:]
    charges = [
        Charge(kind=kind, quantity=quantity, cost=paid)
        for kind, quantity, paid in zip(KINDS, measures[::2], measures[1::2], strict=True)
        if paid is not None and (quantity or paid)  # without a price, no kind has a cost
    ]
    remainder = cost - sum((charge.cost for charge in charges), Decimal(0))
    if remainder:
        charges.append(Charge(kind=OTHER, quantity=1, cost=remainder))
    return ChargeGroup(
        start=start,
        model=model,
        stated_model=stated_model,
        stated_provider=stated_provider,
        values=tuple(value and redact_text(value) for value in values),
        charges=tuple(charges),
    )
