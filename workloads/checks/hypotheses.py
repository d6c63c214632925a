"""Other ways to compute the cost of a row: what a log's stated cost may be that differs from ours.

Each is SQL over a row `p` of `build_rows`, or over a sum of rows at the same prices, because each is linear in the
columns SUMMED_COLUMNS. It is joined with `other_rates`, which has the prices of the other service tiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n.text import Text, text
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.file_models import FIRST_DAY, LAST_DAY
from workloads.pricing.log_pricing import INSERT_BATCH
from workloads.pricing.pricer import LogModel, Pricer
from workloads.pricing.purchases import Purchase
from workloads.pricing.rates import DAY_SECONDS, MAX_INPUT, Rate

OTHER_TIERS: Mapping[str, Text] = MappingProxyType(
    {
        "batch": text("the price of batch requests, which no column that was read marks as such"),
        "flex": text("the price of the flex tier, which no column that was read marks as such"),
        "priority": text("the price of the priority tier, which no column that was read marks as such"),
        "standard": text("the standard price, although the log names another service tier"),
    }
)
"""Service tiers in the order in which they are tried."""

PRICE_COLUMNS = ("fresh", "cache_read", "cache_write", "cache_write_1h", "output")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A way to compute the stated cost of a row, as SQL, and in words."""

    name: str
    cost: str
    what: Text


_INPUT = "(p.fresh_input + p.cache_read + p.cache_write)"
_HOURS = "p.cache_write_1h * (p.p_write_1h - p.p_write)"
_FEES = f"(p.kinds_input - {_HOURS} + p.kinds_output + p.fees)"

WAYS_OF_COUNTING: tuple[Hypothesis, ...] = (
    Hypothesis(name="none", cost="0", what=text("no cost at all: failed or free calls, or a model without a price")),
    Hypothesis(
        name="cached_as_fresh",
        cost=f"{_INPUT} * p.p_fresh + p.output * p.p_output + {_FEES}",
        what=text("cached tokens at the price of fresh input"),
    ),
    Hypothesis(
        name="cached_twice",
        cost="p.cost + (p.cache_read + p.cache_write) * p.p_fresh",
        what=text("cached tokens counted twice: as fresh input, and again as cached"),
    ),
    Hypothesis(
        name="read_twice",
        cost="p.cost + p.cache_read * p.p_fresh",
        what=text("tokens read from the cache counted twice: as fresh input, and again as cached"),
    ),
    Hypothesis(
        name="cached_inside",
        cost="p.cost - p.overlap * p.p_fresh",
        what=text("cached tokens inside the input, where they were read beside it (map input_tokens)"),
    ),
    Hypothesis(
        name="writes_as_fresh",
        cost="p.cost - p.cache_write * (p.p_write - p.p_fresh) - p.cache_write_1h * (p.p_write_1h - p.p_write)",
        what=text("cache writes at the price of fresh input"),
    ),
    Hypothesis(
        name="writes_left_out",
        cost="p.cost - p.cache_write * p.p_write - p.cache_write_1h * (p.p_write_1h - p.p_write)",
        what=text("cache writes left out"),
    ),
    Hypothesis(
        name="reads_left_out",
        cost="p.cost - p.cache_read * p.p_read",
        what=text("tokens read from the cache left out"),
    ),
    Hypothesis(
        name="writes_for_an_hour",
        cost="p.cost + (p.cache_write - p.cache_write_1h) * (p.p_write_1h - p.p_write)",
        what=text("cache writes at the price of an hour instead of five minutes"),
    ),
    Hypothesis(
        name="writes_for_five_minutes",
        cost="p.cost - p.cache_write_1h * (p.p_write_1h - p.p_write)",
        what=text("cache writes at the price of five minutes instead of an hour"),
    ),
    Hypothesis(
        name="reasoning_beside",
        cost="p.cost + p.reasoning * p.p_output",
        what=text("reasoning tokens beside the output, where they were read inside it"),
    ),
    Hypothesis(
        name="reasoning_inside",
        cost="p.cost - p.reasoning * p.p_output",
        what=text("reasoning tokens inside the output, or left out, where they were read beside it"),
    ),
    Hypothesis(name="without_fees", cost="p.cost - p.fees", what=text("searches and other fees left out")),
    Hypothesis(
        name="with_fees",
        cost="p.cost + p.free_searches * p.p_search",
        what=text("fees for searches, which are not added to sums of requests here"),
    ),
    Hypothesis(
        name="kinds_as_text",
        cost="p.cost - p.kinds_input - p.kinds_output",
        what=text("audio, image and one-hour cache tokens at the price of text"),
    ),
    Hypothesis(
        name="short",
        cost=f"""p.fresh_input * short.fresh + p.cache_read * short.cache_read + p.cache_write * short.cache_write
            + p.output * short.output + {_FEES}""",
        what=text("the price of short prompts also for long ones"),
    ),
    Hypothesis(name="input_only", cost="p.cost_input", what=text("the input only")),
    Hypothesis(name="output_only", cost="p.cost_output", what=text("the output only")),
    Hypothesis(
        name="swapped",
        cost=f"{_INPUT} * p.p_output + p.output * p.p_fresh",
        what=text("input and output exchanged (check their columns)"),
    ),
)
"""Tried after the service tiers, in this order."""


def list_hypotheses() -> tuple[Hypothesis, ...]:
    tiers = tuple(
        Hypothesis(
            name=tier,
            cost=f"""p.fresh_input * {tier}.fresh + p.cache_read * {tier}.cache_read
                + (p.cache_write - p.cache_write_1h) * {tier}.cache_write
                + p.cache_write_1h * {tier}.cache_write_1h + p.output * {tier}.output + p.fees""",
            what=what,
        )
        for tier, what in OTHER_TIERS.items()
    )
    return (*tiers, *WAYS_OF_COUNTING)


_ENDS = (FIRST_DAY, LAST_DAY, 0, DAY_SECONDS, MAX_INPUT + 1)
"""Where rates begin and end that hold for every date, hour and size."""

SUMMED_COLUMNS = (
    *("fresh_input", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning"),
    *("overlap", "free_searches", "kinds_input", "kinds_output", "fees", "cost_input", "cost_output", "cost"),
)
PRICES_OF_ROWS = ("p_fresh", "p_read", "p_write", "p_write_1h", "p_output", "p_search")


def build_rows() -> str:
    """Return SQL for the rows of `priced`, with what else the hypotheses are about.

    `moment`, `second` and `size` decide which rates apply. `overlap` are cached tokens that may be in the fresh input,
    `free_searches` searches of sums of requests.
    """
    return """SELECT *, "at" AS moment, (epoch_us("at") // 1000000) % 86400 AS second,
        CASE WHEN is_sum THEN 0 ELSE input END AS size, least(fresh_input, cache_read + cache_write) AS overlap,
        CASE WHEN is_sum THEN searches ELSE 0 END AS free_searches FROM priced"""


def build_joins() -> str:
    """Return SQL that joins the rates of each other tier, and those of short prompts, to the rows `p`."""
    return "\n".join(_build_join(name) for name in (*OTHER_TIERS, "short"))


def _build_join(name: str) -> str:
    size = "0" if name == "short" else "p.size"
    return f"""LEFT JOIN other_rates {name} ON {name}.name = '{name}' AND {name}.key = p.key
        AND p.moment >= {name}.valid_from AND p.moment < {name}.valid_to
        AND p.second >= {name}.from_second AND p.second < {name}.to_second
        AND {size} BETWEEN {name}.min_input AND {name}.max_input"""


def list_intervals(log: PricedLog) -> tuple[str, ...]:
    """Return SQL that says in which interval of dates, seconds of the day and sizes a row of `build_rows` is.

    Between two rows in the same intervals, no rate of `other_rates` begins or ends.
    """
    edges = (("moment", "valid_from", "valid_to"), ("second", "from_second", "to_second"))
    return tuple(
        _build_interval(column, _list_edges(log, start, end))
        for column, start, end in (*edges, ("size", "min_input", "max_input + 1"))
    )


def _list_edges(log: PricedLog, start: str, end: str) -> list[object]:
    rows = log.fetch_all(f"SELECT {start} AS edge FROM other_rates UNION SELECT {end} FROM other_rates ORDER BY edge")
    return [edge for (edge,) in rows if edge not in _ENDS]


def _build_interval(column: str, edges: Sequence[object]) -> str:
    marks = (f"TIMESTAMP '{edge}'" if column == "moment" else str(edge) for edge in edges)
    return " + ".join(f"({column} >= {mark})::INT" for mark in marks) or "0"


def create_other_rates(log: PricedLog, pricer: Pricer, models: frozenset[str | None]) -> None:
    """Create the TEMP table `other_rates` with the other rates of the models, which are few."""
    rows: list[tuple[object, ...]] = []
    for model in log.prices.models:
        if model.model not in models:
            continue
        name = LogModel(key=model.key, model=model.model, provider=model.provider, requests=None, tokens=0)
        listed = pricer.find_model(name)
        own = pricer.find_own_price(name.model, listed)
        bought = Purchase(tier=model.tier, geography=model.geography)
        known = pricer.list_rates(listed, bought, own)
        for tier in OTHER_TIERS:
            other = Purchase(tier=None if tier == "standard" else tier, geography=model.geography)
            rates = pricer.list_rates(listed, other, own)
            if rates != known:
                rows += [_to_row(model.key, tier, rate) for rate in rates]
        if any(rate.min_input for rate in known):
            rows += [_to_row(model.key, "short", rate) for rate in known if not rate.min_input]
    prices = ", ".join(f"{name} DECIMAL(18,12)" for name in PRICE_COLUMNS)
    log.run(
        f"""CREATE OR REPLACE TEMP TABLE other_rates (key INTEGER, name VARCHAR, valid_from TIMESTAMP,
            valid_to TIMESTAMP, from_second BIGINT, to_second BIGINT, min_input BIGINT, max_input BIGINT, {prices})"""
    )
    for start in range(0, len(rows), INSERT_BATCH):
        batch = rows[start : start + INSERT_BATCH]
        names = [[f"v{line}_{place}" for place in range(len(row))] for line, row in enumerate(batch)]
        marks = ", ".join(f"({', '.join(f'${name}' for name in line)})" for line in names)
        values = {
            name: value for line, row in zip(names, batch, strict=True) for name, value in zip(line, row, strict=True)
        }
        log.run(f"INSERT INTO other_rates VALUES {marks}", values)


def _to_row(key: int, name: str, rate: Rate) -> tuple[object, ...]:
    window = (rate.valid_from, rate.valid_to, rate.from_second, rate.to_second, rate.min_input, rate.max_input)
    return (key, name, *window, *(getattr(rate, column) for column in PRICE_COLUMNS))
