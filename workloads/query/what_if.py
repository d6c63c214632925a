"""The cost of a log under a supposition: another model, batch, more traffic, other prices, shorter outputs.

Tokens stay as they are, unless the supposition changes them; quality is never part of the figure. Prices are those of
the request's day, where the list has them, and the user's own (levers.repricing.offers, levers.batch_prices)."""

from dataclasses import dataclass, replace
from decimal import Decimal

from core.exceptions import BadInput
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.analysis.estimate import Basis
from workloads.analysis.log_state import INITIAL_STATE
from workloads.analysis.priced_log import PricedLog
from workloads.levers.batch_prices import build_batchable, list_models_without_batch_price
from workloads.levers.repricing.offers import Offer, build_offered_costs, list_offered_rates
from workloads.pricing.price_list import ListedModel
from workloads.pricing.pricer import find_target
from workloads.pricing.prices import PricedModel
from workloads.pricing.purchases import Purchase
from workloads.query.measuring import measure, prepare_query
from workloads.query.query import Query, SuppositionKind, WhatIfArguments
from workloads.query.result import Cell, Derivation, to_cell, to_decimal
from workloads.query.sql import build_source, start_statement

MAX_NAMED = 5
TABLE = "query_what_if"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfResult:
    """Spend in USD of the requests in question and of the whole log, as it was and as it would have been.

    `unchanged` is how many rows of the log among them the supposition leaves as they are: they have no price in it.
    """

    before: Decimal
    after: Decimal
    whole_before: Decimal
    requests: int | None
    unchanged: int = 0
    basis: Basis
    assumptions: tuple[Text, ...]
    derivations: tuple[Derivation, ...] = ()

    @property
    def saving(self) -> Decimal:
        return self.before - self.after

    @property
    def whole_after(self) -> Decimal:
        return self.whole_before - self.saving


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saving:
    """How much less the requests would cost, and how that was computed."""

    amount: Decimal
    formula: Text
    assumptions: tuple[Text, ...]
    unchanged: int = 0
    sql: str = ""
    values: tuple[Cell, ...] = ()


def suppose(log: PricedLog, asked: WhatIfArguments) -> WhatIfResult:
    """Return what the requests of a query would have cost. Raises BadInput for a model that the price list lacks."""
    query = prepare_query(log, Query(where=asked.query.where, period=asked.query.period, zone=asked.query.zone))
    before = measure(log, query)
    if before.missing:
        raise BadInput(before.missing[0].why)
    spend, whole = to_decimal(before.total[0]), to_decimal(measure(log, Query()).total[0])
    saving = _compute_saving(log, query, asked, spend)
    if asked.share != 1:
        saving = _take_share(saving, asked.share)
    formula = join_texts(" ", (before.formulas[0], saving.formula))
    return WhatIfResult(
        before=spend,
        after=spend - saving.amount,
        whole_before=whole,
        requests=before.requests,
        unchanged=saving.unchanged,
        basis=Basis.MODELLED,
        assumptions=saving.assumptions,
        derivations=(
            *before.derivations,
            Derivation(
                formula=formula,
                sql=saving.sql or before.sql,
                values=saving.values if saving.sql else before.values,
                query=query,
                private_filters=before.private_filters,
            ),
        ),
    )


def _take_share(saving: _Saving, share: Decimal) -> _Saving:
    """Return the saving of a share of the requests, of which nothing is known but that they are like all of them."""
    percent = FormattedNumber(f"{share:.1%}".replace(".0%", "%"))
    return replace(
        saving,
        amount=saving.amount * share,
        formula=join_texts(" ", (saving.formula, text("× {share}", share=percent))),
        assumptions=(
            text("Only a part changes, of the same mix as all: {share}.", share=percent),
            *saving.assumptions,
        ),
    )


def _compute_saving(log: PricedLog, query: Query, asked: WhatIfArguments, spend: Decimal) -> _Saving:
    factor = FormattedNumber(f"{asked.factor:.4f}".rstrip("0").rstrip("."))
    match asked.change:
        case SuppositionKind.MODEL:
            if asked.model is None:
                raise BadInput(text("Name the model to compare with."))
            return _suppose_model(log, query, asked.model)
        case SuppositionKind.BATCH:
            return _suppose_batch(log, query)
        case SuppositionKind.TRAFFIC | SuppositionKind.PRICE:
            assumption = (
                text("Supposed that none of these requests are made.")
                if asked.change is SuppositionKind.TRAFFIC and not asked.factor
                else text("{factor} times as many requests, each as it was.", factor=factor)
                if asked.change is SuppositionKind.TRAFFIC
                else text("All prices are {factor} times as high.", factor=factor)
            )
            formula = text("× {factor}", factor=factor)
            return _Saving(amount=spend * (1 - asked.factor), formula=formula, assumptions=(assumption,))
        case SuppositionKind.OUTPUT:
            output = _measure(log, query, "output_spend")
            assumption = text("Outputs are {factor} times as long; everything else stays.", factor=factor)
            formula = text("− spend on output × (1 − {factor})", factor=factor)
            return _Saving(amount=output * (1 - asked.factor), formula=formula, assumptions=(assumption,))
        case SuppositionKind.NO_CACHE:
            saved = _measure(log, query, "cache_saving")
            assumption = text("Cached tokens at the price of fresh input.")
            return _Saving(amount=-saved, formula=text("+ what caching saved"), assumptions=(assumption,))
    return _Saving(amount=Decimal(0), formula=text("unchanged"), assumptions=(text("Nothing changes."),))


def _measure(log: PricedLog, query: Query, name: str) -> Decimal:
    result = measure(log, replace(query, measures=(name,)))
    if result.missing:
        raise BadInput(result.missing[0].why)
    return to_decimal(result.total[0])


def _suppose_model(log: PricedLog, query: Query, model: str) -> _Saving:
    """Return the saving with the same tokens at another model's prices, in the same service tier."""
    listed = find_target(model, log.price_list)
    log.drop_tables({INITIAL_STATE.name_table(TABLE)} & log.built_tables)
    offers = (_build_offer(log, priced, listed) for priced in log.prices.models)
    table = build_offered_costs(log, INITIAL_STATE, TABLE, offers)
    assumptions = (
        text(
            "Same tokens, at the price of {model}; cached tokens at its price for cached input.",
            model=listed[1].id,
        ),
        text(
            "Another model may count tokens differently, answer at another length, and answer worse: evaluate it first."
        ),
    )
    return _sum_saved(
        log, query, f"SELECT row, saved FROM {table}", text("− cost now + tokens × its price"), assumptions
    )


def _build_offer(log: PricedLog, model: PricedModel, listed: ListedModel) -> Offer:
    standard, batch = (
        list_offered_rates(log, listed, Purchase(tier=tier, geography=model.geography))
        for tier in (model.tier, "batch")
    )
    return Offer(key=model.key, rates=standard, batch_rates=batch)


def _suppose_batch(log: PricedLog, query: Query) -> _Saving:
    """Return the saving at the list's batch prices, for the requests that are cheaper there."""
    assumptions = [text("Batch prices of the list, for the models that have them. Answers may take up to a day.")]
    if lacking := list_models_without_batch_price(log):
        assumptions.append(text("Without a batch price: {models}.", models=", ".join(lacking[:MAX_NAMED])))
    offered = f"SELECT row, cost - batch_cost AS saved FROM {build_batchable(log)}"
    return _sum_saved(log, query, offered, text("− cost now + tokens × batch price"), tuple(assumptions))


def _sum_saved(log: PricedLog, query: Query, offered: str, formula: Text, assumptions: tuple[Text, ...]) -> _Saving:
    """Return what those of the requests save that `offered` has, rows of `row` and `saved`."""
    statement = start_statement(log)
    sql = f"""SELECT coalesce(sum(o.saved), 0)::DECIMAL(38,12), count(*) FILTER (o.row IS NULL)
        FROM ({build_source(query, statement)}) r LEFT JOIN ({offered}) o ON r.row = o.row"""
    amount, unchanged = log.fetch_all(sql, statement.values)[0]
    return _Saving(
        amount=amount,
        formula=formula,
        assumptions=assumptions,
        unchanged=unchanged,
        sql=sql,
        values=tuple(map(to_cell, statement.values.values())),
    )
