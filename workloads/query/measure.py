"""A measure: a figure of a group of requests, with its unit, its formula and the columns that it needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.i18n.text import Text, text


class Unit(StrEnum):
    """Units of figures. A share is a fraction, a time is in milliseconds."""

    USD = "usd"
    USD_PER_REQUEST = "usd_per_request"
    USD_PER_THOUSAND_REQUESTS = "usd_per_thousand_requests"
    USD_PER_MILLION_REQUESTS = "usd_per_million_requests"
    USD_PER_USER = "usd_per_user"
    USD_PER_THOUSAND_TOKENS = "usd_per_thousand_tokens"
    USD_PER_MILLION_TOKENS = "usd_per_million_tokens"
    REQUESTS = "requests"
    TOKENS = "tokens"
    TOKENS_PER_REQUEST = "tokens_per_request"
    SHARE = "share"
    RATIO = "ratio"
    MS = "ms"
    COUNT = "count"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of a group of requests. `sql` is an aggregate over `priced`.

    `is_sum`: the groups' figures add up to the total, so that a share makes sense. `per_request`: unknown where rows
    sum up requests. `columns`: those of the log that have to hold values. `formula` says how it is computed.
    """

    name: str
    title: Text
    unit: Unit
    sql: str
    formula: Text
    columns: tuple[str, ...] = ()
    is_sum: bool = False
    per_request: bool = False


REQUESTS_SQL = "CASE WHEN count(*) = count(requests) THEN sum(requests)::BIGINT END"
"""The number of requests: unknown if a row sums up an unknown number of them."""

INPUT_SQL = "fresh_input + cache_read + cache_write"
FAILED_SQL = "ok IS false"
ANSWERED_SQL = "ok IS NOT false"


def build_tokens(name: str, title: Text, sql: str, formula: Text, columns: tuple[str, ...] = ()) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.TOKENS,
        sql=f"sum({sql})::BIGINT",
        formula=formula,
        columns=columns,
        is_sum=True,
    )


def build_money(name: str, title: Text, sql: str, formula: Text, columns: tuple[str, ...] = ()) -> Measure:
    return Measure(
        name=name, title=title, unit=Unit.USD, sql=f"sum({sql})", formula=formula, columns=columns, is_sum=True
    )


def build_ratio(name: str, title: Text, unit: Unit, sql: str, formula: Text) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=unit,
        sql=f"sum({sql})::DECIMAL(38,12) / nullif({REQUESTS_SQL}, 0)",
        formula=formula,
    )


def build_percentile(name: str, title: Text, column: str, share: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.MS,
        sql=f"quantile_cont({column}, {share}) FILTER (WHERE {ANSWERED_SQL})",
        formula=text("percentile over the requests that did not fail, linear interpolation"),
        columns=(column,),
        per_request=True,
    )


def build_request_percentile(name: str, title: Text, unit: Unit, sql: str, share: str) -> Measure:
    """Return a percentile of what single requests cost, or of their tokens."""
    return Measure(
        name=name,
        title=title,
        unit=unit,
        sql=f"quantile_cont({sql}, {share})",
        formula=text("percentile over single requests, linear interpolation"),
        per_request=True,
    )


def build_count(name: str, title: Text, column: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.COUNT,
        sql=f"count(DISTINCT {column})",
        formula=text("number of different values"),
        columns=(column,),
    )


PERCENTILES = (("p50", "0.5"), ("p90", "0.9"), ("p95", "0.95"), ("p99", "0.99"))

REQUEST_FIGURES = (
    ("cost_per_request", text("Cost of a request"), Unit.USD_PER_REQUEST, "spend"),
    ("tokens_per_request", text("Tokens of a request"), Unit.TOKENS_PER_REQUEST, f"{INPUT_SQL} + output"),
    ("input_per_request", text("Input tokens of a request"), Unit.TOKENS_PER_REQUEST, INPUT_SQL),
    ("output_per_request", text("Output tokens of a request"), Unit.TOKENS_PER_REQUEST, "output"),
)
"""Names of measures that are means, and what each request has of them."""


MINUTES_SQL = '(epoch(max("at") - min("at")) / 60)'

RATES = (
    (
        "requests_per_minute",
        text("Requests per minute"),
        REQUESTS_SQL,
        text("requests ÷ minutes from the first to the last"),
    ),
    (
        "tokens_per_minute",
        text("Tokens per minute"),
        f"sum({INPUT_SQL} + output)",
        text("tokens ÷ minutes from the first request to the last"),
    ),
)


def build_output_speed() -> Measure:
    """Return how fast requests write, as their users see it: the time to the first token is a part of the latency."""
    answered = f"FILTER ({ANSWERED_SQL} AND latency_ms > 0)"
    return Measure(
        name="output_per_second",
        title=text("Output tokens per second"),
        unit=Unit.RATIO,
        sql=f"(sum(output) {answered})::DOUBLE * 1000 / nullif(sum(latency_ms) {answered}, 0)",
        formula=text("output tokens ÷ seconds of latency, of the requests that did not fail"),
        columns=("latency_ms",),
        per_request=True,
    )


def build_request_figures() -> Iterator[Measure]:
    """Yield cost_per_request_p50 and the others, what there is in a minute, and how fast requests write."""
    for stem, what, unit, sql in REQUEST_FIGURES:
        for name, share in PERCENTILES:
            title = text("{what}, median", what=what) if name == "p50" else text("{what}, {name}", what=what, name=name)
            yield build_request_percentile(f"{stem}_{name}", title, unit, sql, share)
    for name, title, sql, formula in RATES:
        yield Measure(
            name=name,
            title=title,
            unit=Unit.RATIO,
            sql=f"({sql})::DOUBLE / nullif({MINUTES_SQL}, 0)",
            formula=formula,
            columns=("at",),
            per_request=True,
        )
    yield build_output_speed()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingMeasure:
    """Why a figure is unknown, and the field of a log that would make it known."""

    measure: str
    why: Text
    field: str


def build_token_prices() -> tuple[Measure, ...]:
    """Return what a million tokens cost: all of them, those of the input, cached ones included, and those written."""
    parts = (
        (
            "tokens",
            text("Cost per million tokens"),
            "spend",
            f"{INPUT_SQL} + output",
            text("spend ÷ tokens × 1,000,000"),
        ),
        (
            "input",
            text("Cost per million input tokens"),
            "cost_input",
            INPUT_SQL,
            text("spend on input, cached input included ÷ input tokens × 1,000,000"),
        ),
        (
            "output",
            text("Cost per million output tokens"),
            "cost_output",
            "output",
            text("spend on output ÷ output tokens × 1,000,000"),
        ),
    )
    return tuple(
        Measure(
            name=f"cost_per_million_{name}",
            title=title,
            unit=Unit.USD_PER_MILLION_TOKENS,
            sql=f"sum({money})::DECIMAL(38,12) * 1000000 / nullif(sum({tokens}), 0)",
            formula=formula,
        )
        for name, title, money, tokens, formula in parts
    )


def build_success_rate() -> Measure:
    return Measure(
        name="success_rate",
        title=text("Success rate"),
        unit=Unit.SHARE,
        sql=f"1 - (count(*) FILTER (WHERE {FAILED_SQL}))::DECIMAL(38,12) / nullif(count(ok), 0)",
        formula=text("1 − failed requests ÷ requests with a known outcome"),
        columns=("ok",),
        per_request=True,
    )
