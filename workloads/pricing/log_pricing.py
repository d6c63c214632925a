"""Price a log: one TEMP table `rates`, one TEMP view `priced`, and the list of applied prices.

Each distinct (model, provider) is looked up once, never each row. All money is exact: DECIMAL, USD."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields, replace
from datetime import date
from typing import Any

import duckdb

from core.i18n.text import text
from workloads.ingest.log_names import select_names
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_prices import OwnPrice
from workloads.pricing.own_rates import list_more_prices
from workloads.pricing.price_list import LIST_DATE, LIST_VERSION, ListedModel, PriceList, get_cache_terms
from workloads.pricing.price_notes import list_fee_notes, list_price_notes
from workloads.pricing.priced_view import CREATE_USED_RATES, PricedShape, build_priced_sql, measure_shape
from workloads.pricing.pricer import LogModel, Pricer, UsageRange, check_models, list_used_rates
from workloads.pricing.prices import (
    MILLION,
    OTHERS,
    PricedModel,
    PriceFileInfo,
    PriceHistory,
    Prices,
    UnpricedModel,
)
from workloads.pricing.pricing_sql import (
    CREATE_NAMES,
    CREATE_RATES,
    CREATE_STATED,
    MAX_NAMES,
    SELECT_NAMES,
    SELECT_OTHERS,
    SELECT_UNPRICED_DAYS,
)
from workloads.pricing.purchases import STANDARD, Purchase
from workloads.pricing.rates import Rate

INSERT_BATCH = 100
"""Rows of `rates` per statement, because single inserts would take most of the time for pricing a log."""
MAX_STORED_ROWS = 10_000
"""Of a log whose `priced` is a table."""


def price_log(
    con: duckdb.DuckDBPyConnection,
    *,
    assumptions: Assumptions,
    price_list: PriceList,
    today: date,
    dated: bool,
    columns: frozenset[str] = frozenset(),
    stored: bool = False,
) -> tuple[Prices, PricedShape]:
    """Price `log.requests` on `con`: the TEMP view `priced`. If the log has no dates (`dated` is False), today's prices
    apply. Returns the applied prices, and what makes a difference to the log's costs.

    `columns` are those with at least one value. `stored`: `priced` is a table. Planning the view again for each of the
    hundred statements of a report takes half of a small log's time.

    Raises BadInput if the assumed model is not in the price list and no prices are given for it.
    """
    con.execute(CREATE_NAMES.format(names=select_names(con)))
    names = [_to_log_model(row, dated) for row in con.execute(SELECT_NAMES).fetchall()]
    pricer = Pricer(price_list=price_list, assumptions=assumptions, fixed_date=None if dated else today)
    check_models(assumptions, assumptions.model_names, price_list)
    con.execute(CREATE_RATES)
    models, unpriced = _price_models(con, pricer, names)
    if len(names) == MAX_NAMES:
        more, without = _price_others(con, pricer)
        models, unpriced = (*models, *more), (*unpriced, *without)
    con.execute(CREATE_STATED)
    con.execute(CREATE_USED_RATES)
    shape = measure_shape(con)
    con.execute("DROP TABLE names")
    con.execute(f"CREATE TEMP {'TABLE' if stored else 'VIEW'} priced AS {build_priced_sql(shape)}")
    file = describe_price_file(price_list)
    notes = (*list_price_notes(models, assumptions, today, dated, file), *list_fee_notes(con, columns))
    prices = Prices(
        models=models,
        unpriced=(*unpriced, *(_list_unpriced_days(con) if _may_lack_days(con, shape, stored=stored) else ())),
        notes=notes,
        list_version=LIST_VERSION,
        list_date=LIST_DATE.isoformat(),
        file=file,
    )
    return prices, shape


def describe_price_file(price_list: PriceList) -> PriceFileInfo | None:
    """Return what a report says about the operator's price file; None without one."""
    file = price_list.price_file
    return None if file is None else PriceFileInfo(title=file.title, date=file.as_of.isoformat())


def _may_lack_days(con: duckdb.DuckDBPyConnection, shape: PricedShape, *, stored: bool) -> bool:
    """Whether a request of a priced model may have no price, in a tenth of the time that it takes to say which."""
    if stored:
        (count,) = con.execute("SELECT count(*) FROM priced WHERE cost IS NULL").fetchall()[0]
        return bool(count)
    (unused,) = con.execute("SELECT count(*) FROM rates ANTI JOIN used_rates USING (key)").fetchall()[0]
    return bool(shape.windows or unused)


def _list_unpriced_days(con: duckdb.DuckDBPyConnection) -> Iterable[UnpricedModel]:
    """Yield the priced models with requests on days without a price: those outside the dates of the operator's file."""
    for model, provider, requests, tokens in con.execute(SELECT_UNPRICED_DAYS).fetchall():
        why = text("no price on the days of these requests")
        yield UnpricedModel(model=model, provider=provider, requests=requests, tokens=tokens, why=why)


def _to_log_model(row: tuple[Any, ...], dated: bool) -> LogModel:
    key, model, provider, tier, area, requests, tokens, *usage = row
    names = [field.name for field in fields(UsageRange)]
    return LogModel(
        key=key,
        model=model,
        provider=provider,
        purchase=Purchase(tier=tier, geography=area),
        requests=requests,
        tokens=tokens,
        usage=UsageRange(**dict(zip(names, usage, strict=True))) if dated else None,
    )


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
    return [name.key, name.model, name.provider, terms.minimum, terms.step, terms.ttl, terms.is_automatic]


def _to_priced_model(
    pricer: Pricer, name: LogModel, listed: ListedModel | None, rates: Sequence[Rate], own: OwnPrice | None
) -> PricedModel:
    used = list_used_rates(rates, name.usage) or tuple(rates)
    latest = used[0]
    return PricedModel(
        key=name.key,
        model=name.model,
        provider=name.provider,
        tier=name.purchase.tier,
        geography=name.purchase.geography,
        provider_id=listed[0].id if listed else None,
        model_id=listed[1].id if listed else None,
        assumed=name.model is None,
        history=(history := pricer.get_history(listed, own, name.usage)),
        is_listed_in_part=history is PriceHistory.FILE and True in pricer.list_sources(listed, name.usage),
        given_kinds=tuple(own.prices) if own else (),
        discount_percent=pricer.get_discount(own),
        fresh_input=latest.fresh * MILLION,
        cache_read=latest.cache_read * MILLION,
        cache_write=latest.cache_write * MILLION,
        output=latest.output * MILLION,
        more_prices=list_more_prices(latest),
        rates=len(used),
        lacks_tier=pricer.lacks_tier(listed, name.purchase),
        requests=name.requests,
        tokens=name.tokens,
    )


def _insert_rates(con: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[object]]) -> None:
    for start in range(0, len(rows), INSERT_BATCH):
        batch = rows[start : start + INSERT_BATCH]
        places = f"({', '.join('?' * len(batch[0]))})"
        values = [value for row in batch for value in row]
        con.execute(f"INSERT INTO rates VALUES {', '.join([places] * len(batch))}", values)
