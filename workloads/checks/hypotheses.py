"""Other ways to compute the cost of a row: what a log's stated cost may be that differs from ours.

Each is SQL over a row of `priced` joined with `other_rates`, which has the prices of the other service tiers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n.text import Text, text
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.log_pricing import INSERT_BATCH
from workloads.pricing.pricer import LogModel, Pricer
from workloads.pricing.purchases import Purchase
from workloads.pricing.rates import Rate

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
        cost="p.cost - least(p.fresh_input, p.cache_read + p.cache_write) * p.p_fresh",
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
        cost="p.cost + CASE WHEN p.is_sum THEN p.searches * p.p_search ELSE 0 END",
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


def build_joins() -> str:
    """Return SQL that joins the rates of each other tier, and those of short prompts, to the rows `p` of `priced`."""
    return "\n".join(_build_join(name) for name in (*OTHER_TIERS, "short"))


def _build_join(name: str) -> str:
    size = "0" if name == "short" else "CASE WHEN p.is_sum THEN 0 ELSE p.input END"
    return f"""LEFT JOIN other_rates {name} ON {name}.name = '{name}' AND {name}.key = p.key
        AND p."at" >= {name}.valid_from AND p."at" < {name}.valid_to
        AND (epoch_us(p."at") // 1000000) % 86400 >= {name}.from_second
        AND (epoch_us(p."at") // 1000000) % 86400 < {name}.to_second
        AND {size} BETWEEN {name}.min_input AND {name}.max_input"""


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
