"""Price a log: one TEMP table `rates`, one TEMP view `priced`, and the list of applied prices.

Each distinct (model, provider) is looked up once, never each row. All money is exact: DECIMAL, USD."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from datetime import date
from decimal import Decimal

import duckdb

from core.i18n.text import Figure, Text, text
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_prices import OwnPrice
from workloads.pricing.price_list import ListedModel, PriceList, get_cache_terms
from workloads.pricing.pricer import LogModel, Pricer, check_models, find_latest_short_rate
from workloads.pricing.prices import MILLION, OTHERS, PricedModel, PriceHistory, Prices, UnpricedModel
from workloads.pricing.purchases import STANDARD, Purchase
from workloads.pricing.rates import Rate

MAX_NAMES = 1000
"""Number of distinct (model, provider) that are looked up, those with the most tokens first; a log usually has tens of
them. All others are one entry, never rows in Python."""

INSERT_BATCH = 100
"""Rows of `rates` per statement, because single inserts would take most of the time for pricing a log."""

MAX_NAMED = 10
"""Models named in a note."""

UNNAMED = "-"
"""The requests without a model, in a note."""

CREATE_RATES = """CREATE TEMP TABLE rates (
    key INTEGER, model VARCHAR, provider VARCHAR, cache_minimum BIGINT, cache_step BIGINT, cache_ttl BIGINT,
    valid_from TIMESTAMP, valid_to TIMESTAMP, from_second BIGINT, to_second BIGINT, min_input BIGINT, max_input BIGINT,
    p_fresh DECIMAL(18,12), p_read DECIMAL(18,12), p_write DECIMAL(18,12), p_write_1h DECIMAL(18,12),
    p_output DECIMAL(18,12), p_audio_input DECIMAL(18,12), p_audio_read DECIMAL(18,12), p_audio_output DECIMAL(18,12),
    p_image_input DECIMAL(18,12), p_search DECIMAL(18,12), tier VARCHAR, area VARCHAR)"""

CREATE_PRICED = """CREATE TEMP VIEW priced AS
SELECT *, (fresh_input * p_fresh + cache_read * p_read + cache_write * p_write)::DECIMAL(24,12) AS plain_input,
    (audio_input * (p_audio_input - p_fresh) + image_input * (p_image_input - p_fresh) + audio_read
        * (p_audio_read - p_read) + cache_write_1h * (p_write_1h - p_write))::DECIMAL(24,12) AS kinds_input,
    (audio_output * (p_audio_output - p_output))::DECIMAL(24,12) AS kinds_output,
    (CASE WHEN is_sum THEN 0 ELSE searches * p_search END)::DECIMAL(24,12) AS fees,
    (kinds_input + kinds_output + fees)::DECIMAL(24,12) AS surcharge,
    (plain_input + kinds_input)::DECIMAL(24,12) AS cost_input,
    (output * p_output + kinds_output)::DECIMAL(24,12) AS cost_output,
    (cost_input + cost_output + fees)::DECIMAL(24,12) AS cost
FROM (
    SELECT r.*, r.fresh_input + r.cache_read + r.cache_write AS input, p.* EXCLUDE (model, provider, tier, area)
    FROM log.requests r LEFT JOIN rates p ON r.model IS NOT DISTINCT FROM p.model
        AND r.provider IS NOT DISTINCT FROM p.provider
        AND r.service_tier IS NOT DISTINCT FROM p.tier AND r.geography IS NOT DISTINCT FROM p.area
        AND r."at" >= p.valid_from AND r."at" < p.valid_to
        AND (epoch_us(r."at") // 1000000) % 86400 >= p.from_second
        AND (epoch_us(r."at") // 1000000) % 86400 < p.to_second
        AND CASE WHEN r.is_sum THEN 0 ELSE r.fresh_input + r.cache_read + r.cache_write END
            BETWEEN p.min_input AND p.max_input
)"""
"""Every row with its rates and its cost, NULL without a price. `key` is that of PricedModel.

`surcharge` is what fees, and kinds of tokens with prices of their own, cost beyond the prices of the four buckets. A
sum of requests has the price of short prompts, and no fees."""

CREATE_NAMES = """CREATE TEMP TABLE names AS
SELECT *, row_number() OVER (ORDER BY tokens DESC, model, provider, tier, area) - 1 AS key
FROM (
    SELECT model, provider, service_tier AS tier, geography AS area,
        CASE WHEN count(*) = count(requests) THEN sum(requests)::BIGINT END AS requests,
        sum(fresh_input + cache_read + cache_write + output)::BIGINT AS tokens
    FROM log.requests GROUP BY ALL
)"""

SELECT_NAMES = (
    f"SELECT key, model, provider, tier, area, requests, tokens FROM names WHERE key < {MAX_NAMES} ORDER BY key"
)
SELECT_OTHERS = f"""SELECT count(*), CASE WHEN count(*) = count(requests) THEN sum(requests)::BIGINT END,
        sum(tokens)::BIGINT
    FROM names WHERE key >= {MAX_NAMES}"""


def price_log(
    con: duckdb.DuckDBPyConnection, *, assumptions: Assumptions, price_list: PriceList, today: date, dated: bool
) -> Prices:
    """Price `log.requests` on `con`. If the log has no dates (`dated` is False), today's prices apply.

    Raises BadInput if the assumed model is not in the price list and no prices are given for it.
    """
    con.execute(CREATE_NAMES)
    names = [
        LogModel(
            key=key,
            model=model,
            provider=provider,
            purchase=Purchase(tier=tier, geography=area),
            requests=requests,
            tokens=tokens,
        )
        for key, model, provider, tier, area, requests, tokens in con.execute(SELECT_NAMES).fetchall()
    ]
    pricer = Pricer(price_list=price_list, assumptions=assumptions, fixed_date=None if dated else today)
    check_models(assumptions, assumptions.model_names, price_list)
    con.execute(CREATE_RATES)
    models, unpriced = _price_models(con, pricer, names)
    more, without = _price_others(con, pricer)
    models, unpriced = (*models, *more), (*unpriced, *without)
    con.execute("DROP TABLE names")
    con.execute(CREATE_PRICED)
    return Prices(models=models, unpriced=unpriced, notes=tuple(_list_notes(models, assumptions, today, dated)))


def _price_models(
    con: duckdb.DuckDBPyConnection, pricer: Pricer, names: Sequence[LogModel]
) -> tuple[tuple[PricedModel, ...], tuple[UnpricedModel, ...]]:
    models: list[PricedModel] = []
    unpriced: list[UnpricedModel] = []
    rows: list[list[object]] = []
    for name in names:
        listed = pricer.find_model(name)
        own = pricer.find_own_price(name.model, listed)
        rates = pricer.list_rates(listed, name.purchase, own)
        if rates:
            models.append(_to_priced_model(pricer, name, listed, rates, own))
            bought = [name.purchase.tier, name.purchase.geography]
            rows += [[*_build_row_head(name, models[-1]), *astuple(rate), *bought] for rate in rates]
        else:
            unpriced.append(
                UnpricedModel(
                    model=name.model,
                    provider=name.provider,
                    requests=name.requests,
                    tokens=name.tokens,
                    why=pricer.explain_unpriced(name, listed),
                )
            )
    _insert_rates(con, rows)
    return tuple(models), tuple(unpriced)


def _price_others(
    con: duckdb.DuckDBPyConnection, pricer: Pricer
) -> tuple[tuple[PricedModel, ...], tuple[UnpricedModel, ...]]:
    """Price the names beyond MAX_NAMES together: at the user's prices, which apply to every request, or at none."""
    count, requests, tokens = con.execute(SELECT_OTHERS).fetchall()[0]
    if not count:
        return (), ()
    if not pricer.assumptions.has_given_prices:
        why = text("only the {most:,} models with the most tokens are looked up", most=MAX_NAMES)
        other = UnpricedModel(model=OTHERS, provider=None, requests=requests, tokens=tokens, why=why, names=count)
        return (), (other,)
    name, rates = (
        LogModel(key=MAX_NAMES, model=OTHERS, provider=None, requests=requests, tokens=tokens),
        pricer.list_rates(None, STANDARD),
    )
    model = replace(_to_priced_model(pricer, name, None, rates, None), names=count)
    rest = [*_build_row_head(name, model)[3:], *astuple(rates[0])]  # without key, model and provider
    values = ", ".join("?" * len(rest))
    con.execute(
        f"INSERT INTO rates SELECT ?, model, provider, {values}, tier, area FROM names WHERE key >= {MAX_NAMES}",
        [name.key, *rest],
    )
    return (model,), ()


def _build_row_head(name: LogModel, model: PricedModel) -> list[object]:
    """Return the first columns of a row of `rates`: the model and its cache terms."""
    terms = get_cache_terms(model.provider_id, model.model_id)
    return [name.key, name.model, name.provider, terms.minimum, terms.step, terms.ttl]


def _to_priced_model(
    pricer: Pricer, name: LogModel, listed: ListedModel | None, rates: Sequence[Rate], own: OwnPrice | None
) -> PricedModel:
    latest = find_latest_short_rate(rates) or rates[0]
    return PricedModel(
        key=name.key,
        model=name.model,
        provider=name.provider,
        tier=name.purchase.tier,
        geography=name.purchase.geography,
        provider_id=listed[0].id if listed else None,
        model_id=listed[1].id if listed else None,
        assumed=name.model is None,
        history=pricer.get_history(listed, own),
        given_kinds=tuple(own.prices) if own else (),
        discount_percent=pricer.get_discount(own),
        fresh_input=latest.fresh * MILLION,
        cache_read=latest.cache_read * MILLION,
        cache_write=latest.cache_write * MILLION,
        output=latest.output * MILLION,
        rates=len(rates),
        requests=name.requests,
        tokens=name.tokens,
    )


def _insert_rates(con: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[object]]) -> None:
    for start in range(0, len(rows), INSERT_BATCH):
        batch = rows[start : start + INSERT_BATCH]
        places = f"({', '.join('?' * len(batch[0]))})"
        values = [value for row in batch for value in row]
        con.execute(f"INSERT INTO rates VALUES {', '.join([places] * len(batch))}", values)


def _list_notes(models: Sequence[PricedModel], assumptions: Assumptions, today: date, dated: bool) -> Iterable[Text]:
    if assumptions.has_given_prices:
        yield _describe_given_prices(models, assumptions)
        yield _describe_cached_prices(models)
    elif not dated:
        yield text("The log has no dates, so list prices as of {today} apply throughout.", today=str(today))
    elif any(model.history is PriceHistory.TODAY for model in models):
        yield text(
            "Where the price list has no history, current prices are used for the log's dates (marked in the prices)."
        )
    yield from _list_own_price_notes(models)
    yield from _list_discount_notes(models, assumptions)
    if assumptions.assume_model and not any(model.assumed for model in models):
        yield text(
            "Every request names its model, so the assumed model {model} was not needed.",
            model=repr(assumptions.assume_model),
        )
    if any(model.provider_id == "perplexity" for model in models):
        yield text("Perplexity's per-request and search fees are not included, only tokens.")


def _describe_given_prices(models: Sequence[PricedModel], assumptions: Assumptions) -> Text:
    figures = {
        "price_in": Figure(f"${assumptions.price_in}"),
        "price_out": Figure(f"${assumptions.price_out}"),
    }
    if any(model.given_kinds for model in models):
        return text(
            "Your prices apply to every model without its own price: {price_in} input, {price_out} output per million "
            "tokens.",
            **figures,
        )
    return text(
        "Your prices apply to every request: {price_in} input, {price_out} output per million tokens.", **figures
    )


def _list_own_price_notes(models: Sequence[PricedModel]) -> Iterable[Text]:
    own = dict.fromkeys(model.model or UNNAMED for model in models if model.given_kinds)
    if own:
        yield text(
            "Your own prices apply to {models}. Kinds of tokens without one have the list's price; batches, tiers and "
            "long prompts keep the list's ratio to the standard price.",
            models=_join_names(own),
        )


def _list_discount_notes(models: Sequence[PricedModel], assumptions: Assumptions) -> Iterable[Text]:
    percent = assumptions.discount_percent
    others = [model for model in models if model.discount_percent != percent]
    if percent and not others:
        yield text("A discount of {percent}% was applied to every price.", percent=percent)
    elif percent:
        yield text("A discount of {percent}% was applied to every model without its own discount.", percent=percent)
    by_percent: dict[Decimal, dict[str, None]] = {}
    for model in others:
        by_percent.setdefault(model.discount_percent, {})[model.model or UNNAMED] = None
    for own, names in by_percent.items():
        yield text("A discount of {percent}% was applied to {models}.", percent=own, models=_join_names(names))


def _join_names(names: Iterable[str]) -> str:
    """Return the first few names, and dots for the others."""
    listed = list(names)
    return ", ".join(listed[:MAX_NAMED] + (["…"] if len(listed) > MAX_NAMED else []))


def _describe_cached_prices(models: Sequence[PricedModel]) -> Text:
    if any(model.model_id for model in models):
        return text(
            "Cached input is priced in the same ratio to fresh input as in the price list; where the model is unknown, "
            "it costs the same as fresh input."
        )
    return text("The model is unknown, so cached input costs the same as fresh input.")
