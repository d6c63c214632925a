"""What a log would have cost under a supposition: another model, batch, more traffic, other prices, shorter outputs.

Tokens stay as they are, unless the supposition changes them; quality is never part of the figure. Prices are those of
the request's day, where the list has them."""

from dataclasses import dataclass, replace
from decimal import Decimal

from core.exceptions import BadInput
from core.i18n.text import Figure, Text, text
from workloads.analysis.estimate import Basis
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.purchases import Purchase
from workloads.pricing.rates import Rate, list_rates
from workloads.query.measuring import measure
from workloads.query.query import Query, check_query
from workloads.query.result import to_decimal
from workloads.query.sql import Statement, build_source

PLAIN_COST = "(fresh_input * t.fresh + cache_read * t.read + cache_write * t.write + r.output * t.out)"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfResult:
    """Spend in USD of the requests in question and of the whole log, as it was and as it would have been."""

    before: Decimal
    after: Decimal
    whole_before: Decimal
    requests: int | None
    basis: Basis
    assumptions: tuple[Text, ...]

    @property
    def saving(self) -> Decimal:
        return self.before - self.after

    @property
    def whole_after(self) -> Decimal:
        return self.whole_before - self.saving


def suppose_model(log: PricedLog, query: Query, model: str) -> WhatIfResult:
    """Return the cost of the requests of `query` with the same tokens at another model's list prices.

    Raises BadInput for a model that the price list does not have.
    """
    listed = log.price_list.find(model)
    if listed is None:
        raise BadInput(text("The price list has no model called {name}.", name=repr(model)))
    rates = list_rates(listed[1])
    assumptions = (
        text(
            "Same tokens, at the list price of {model}; cached tokens at its price for cached input.",
            model=listed[1].id,
        ),
        text(
            "Another model may count tokens differently, answer at another length, and answer worse: evaluate it first."
        ),
    )
    return _reprice(log, query, rates, assumptions)


def suppose_batch(log: PricedLog, query: Query) -> WhatIfResult:
    """Return the cost of the requests of `query` at the list's batch prices, for models that have one."""
    query = replace(query, measures=("spend",), by=())
    before = measure(log, query)
    statement = Statement()
    source = build_source(query, statement)
    models = log.fetch_all(
        f"SELECT DISTINCT model, provider FROM ({source}) WHERE cost IS NOT NULL AND service_tier IS NULL",
        statement.values,
    )
    rows: list[tuple[str | None, str | None, Rate]] = []
    for model, provider in models:
        listed = None if model is None else log.price_list.find(model, provider)
        if listed is None:
            continue
        standard, batch = list_rates(listed[1]), list_rates(listed[1], purchase=Purchase(tier="batch"))
        if batch != standard:
            rows += [(model, provider, rate) for rate in batch]
    after = to_decimal(before.total[0]) - _sum_difference(log, query, rows)
    assumption = text("Batch prices of the list, for the models that have them. Answers may take up to a day.")
    return _build_result(log, before.total[0], after, before.requests, assumption)


def suppose_factor(log: PricedLog, query: Query, factor: Decimal, assumption: Text) -> WhatIfResult:
    """Return the cost if the spend of the requests of `query` were multiplied: more traffic, other prices."""
    before = measure(log, replace(query, measures=("spend",), by=()))
    spend = to_decimal(before.total[0])
    return _build_result(log, spend, spend * factor, before.requests, assumption)


def suppose_output(log: PricedLog, query: Query, factor: Decimal) -> WhatIfResult:
    """Return the cost if outputs were `factor` times as long."""
    before = measure(log, replace(query, measures=("spend", "output_spend"), by=()))
    spend, output = (to_decimal(value) for value in before.total)
    assumption = text("Outputs are {factor} times as long; everything else stays.", factor=Figure(f"{factor:g}"))
    return _build_result(log, spend, spend - output * (1 - factor), before.requests, assumption)


def suppose_no_cache(log: PricedLog, query: Query) -> WhatIfResult:
    """Return the cost if no token had been read from or written to the providers' caches."""
    before = measure(log, replace(query, measures=("spend", "cache_saving"), by=()))
    if len(before.total) < 2:
        raise BadInput(before.missing[0].why)
    spend, saving = (to_decimal(value) for value in before.total)
    assumption = text("Cached tokens at the price of fresh input.")
    return _build_result(log, spend, spend + saving, before.requests, assumption)


def _reprice(log: PricedLog, query: Query, rates: tuple[Rate, ...], assumptions: tuple[Text, ...]) -> WhatIfResult:
    query = replace(query, measures=("spend",), by=())
    check_query(query)
    before = measure(log, query)
    statement = Statement()
    table = _build_rates(rates, statement)
    sql = f"""SELECT sum({PLAIN_COST})::DECIMAL(38,12) FROM ({build_source(query, statement)}) r JOIN {table}
        ON r."at" >= t.valid_from AND r."at" < t.valid_to
            AND (epoch_us(r."at") // 1000000) % 86400 >= t.from_second
            AND (epoch_us(r."at") // 1000000) % 86400 < t.to_second
            AND r.input BETWEEN t.min_input AND t.max_input
        WHERE cost IS NOT NULL"""
    (after,) = log.fetch_all(sql, statement.values)[0]
    return _build_result(log, before.total[0], Decimal(after or 0), before.requests, *assumptions)


def _sum_difference(log: PricedLog, query: Query, rows: list[tuple[str | None, str | None, Rate]]) -> Decimal:
    """Return what the requests cost now minus what they would at these rates of their own model."""
    if not rows:
        return Decimal(0)
    statement = Statement()
    table = _build_rates(
        tuple(rate for *_, rate in rows), statement, [(model, provider) for model, provider, _ in rows]
    )
    sql = f"""SELECT sum(cost - {PLAIN_COST})::DECIMAL(38,12) FROM ({build_source(query, statement)}) r JOIN {table}
        ON r.model = t.model AND r.provider IS NOT DISTINCT FROM t.provider
            AND r."at" >= t.valid_from AND r."at" < t.valid_to
            AND r.input BETWEEN t.min_input AND t.max_input
        WHERE cost IS NOT NULL AND service_tier IS NULL"""
    (difference,) = log.fetch_all(sql, statement.values)[0]
    return Decimal(difference or 0)


def _build_rates(
    rates: tuple[Rate, ...], statement: Statement, names: list[tuple[str | None, str | None]] | None = None
) -> str:
    """Return a table `t` of rates as a subquery of bound values."""
    columns = ("valid_from", "valid_to", "from_second", "to_second", "min_input", "max_input")
    prices = ("fresh", "cache_read", "cache_write", "output")
    rows = []
    for place, rate in enumerate(rates):
        values = [statement.bind(getattr(rate, name)) for name in columns]
        values += [f"{statement.bind(str(getattr(rate, name)))}::DECIMAL(18,12)" for name in prices]
        values += [statement.bind(name) for name in (names[place] if names else (None, None))]
        rows.append(f"({', '.join(values)})")
    shown = (
        "valid_from, valid_to, from_second, to_second, min_input, max_input, fresh, read, write, out, model, provider"
    )
    return f"(VALUES {', '.join(rows)}) t({shown})"


def _build_result(
    log: PricedLog,
    before: object,
    after: Decimal,
    requests: int | None,
    *assumptions: Text,
) -> WhatIfResult:
    whole = measure(log, Query())
    return WhatIfResult(
        before=Decimal(str(before or 0)),
        after=after,
        whole_before=to_decimal(whole.total[0]),
        requests=requests,
        basis=Basis.MODELLED,
        assumptions=assumptions,
    )
