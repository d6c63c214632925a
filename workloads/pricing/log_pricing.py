"""Prices a log: one TEMP table `rates`, one TEMP view `priced`, and the list of what was priced how.

Each distinct (model, provider) is looked up once, never each row. All money is exact: DECIMAL, USD.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date

import duckdb

from netra.core.exceptions import BadInput
from netra.language.text import Figure, Text, text
from workloads.cacheterms import terms_of
from workloads.modelnames import Catalogue, Found
from workloads.prices import MILLION, OTHERS, Assumptions, History, PricedModel, Prices, UnpricedModel
from workloads.rates import Rate, given_rate, has_history, rates_of

MOST_NAMES = 1000
"""Distinct (model, provider) that are looked up, those with most tokens first: a log has tens of them. What is
beyond is one entry, and never a row in Python for each."""

MOST_INSERTED = 100
"""Rows of `rates` in one statement: one by one they would take most of a log's time."""

RATES = """CREATE TEMP TABLE rates (
    key INTEGER, model VARCHAR, provider VARCHAR, cache_minimum BIGINT, cache_step BIGINT, cache_ttl BIGINT,
    valid_from TIMESTAMP, valid_to TIMESTAMP, from_second BIGINT, to_second BIGINT, min_input BIGINT, max_input BIGINT,
    p_fresh DECIMAL(18,12), p_read DECIMAL(18,12), p_write DECIMAL(18,12), p_write_1h DECIMAL(18,12),
    p_output DECIMAL(18,12))"""

PRICED = """CREATE TEMP VIEW priced AS
SELECT *, (fresh_input * p_fresh + cache_read * p_read + cache_write * p_write)::DECIMAL(24,12) AS cost_input,
    (output * p_output)::DECIMAL(24,12) AS cost_output, (cost_input + cost_output)::DECIMAL(24,12) AS cost
FROM (
    SELECT r.*, r.fresh_input + r.cache_read + r.cache_write AS input, p.* EXCLUDE (model, provider)
    FROM log.requests r LEFT JOIN rates p ON r.model IS NOT DISTINCT FROM p.model
        AND r.provider IS NOT DISTINCT FROM p.provider
        AND r."at" >= p.valid_from AND r."at" < p.valid_to
        AND (epoch_us(r."at") // 1000000) % 86400 >= p.from_second
        AND (epoch_us(r."at") // 1000000) % 86400 < p.to_second
        AND r.fresh_input + r.cache_read + r.cache_write BETWEEN p.min_input AND p.max_input
)"""
"""Every request with its rates and its cost, NULL where it has no price. `key` tells priced models apart."""

NAMES = """CREATE TEMP TABLE names AS
SELECT *, row_number() OVER (ORDER BY tokens DESC, model, provider) - 1 AS key
FROM (
    SELECT model, provider, count(*) AS requests, sum(fresh_input + cache_read + cache_write + output)::BIGINT AS tokens
    FROM log.requests GROUP BY ALL
)"""

LISTED = f"SELECT key, model, provider, requests, tokens FROM names WHERE key < {MOST_NAMES} ORDER BY key"
REST = f"SELECT count(*), sum(requests)::BIGINT, sum(tokens)::BIGINT FROM names WHERE key >= {MOST_NAMES}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A distinct (model, provider) of the log, and how much of the log it is."""

    key: int
    model: str | None
    provider: str | None
    requests: int
    tokens: int


def price_log(
    con: duckdb.DuckDBPyConnection, *, assumptions: Assumptions, catalogue: Catalogue, today: date, dated: bool
) -> Prices:
    """Price `log.requests` on `con`. `dated` is False where the log's clock knows no date: today's prices hold then.

    Raises BadInput for an assumed model that the price list does not have and no prices are given for.
    """
    con.execute(NAMES)
    names = [
        Name(key=key, model=model, provider=provider, requests=requests, tokens=tokens)
        for key, model, provider, requests, tokens in con.execute(LISTED).fetchall()
    ]
    pricer = Pricer(catalogue=catalogue, assumptions=assumptions, on=None if dated else today)
    pricer.check_assumed_model()
    con.execute(RATES)
    models, unpriced = _priced(con, pricer, names)
    more, without = _others(con, pricer)
    models, unpriced = (*models, *more), (*unpriced, *without)
    con.execute("DROP TABLE names")
    con.execute(PRICED)
    return Prices(models=models, unpriced=unpriced, notes=tuple(_notes(models, assumptions, today, dated)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricer:
    catalogue: Catalogue
    assumptions: Assumptions
    on: date | None

    def check_assumed_model(self) -> None:
        model = self.assumptions.assume_model
        if model is None or self.assumptions.prices_given or self.catalogue.find(model):
            return
        raise BadInput(_not_listed(repr(model), ", ".join(self.catalogue.similar(model))))

    def find(self, name: Name) -> Found | None:
        if name.model is not None:
            return self.catalogue.find(name.model, name.provider)
        assumed = self.assumptions.assume_model
        return self.catalogue.find(assumed) if assumed else None

    def rates(self, found: Found | None) -> tuple[Rate, ...]:
        listed = rates_of(found[1], on=self.on) if found else ()
        if self.assumptions.prices_given:
            listed = (given_rate(self.assumptions, _short_and_late(listed)),)
        return tuple(rate.discounted(self.assumptions.discount_percent) for rate in listed)

    def why_not(self, name: Name, found: Found | None) -> Text:
        if name.model is None:
            return text("the log names no model: name one to assume, or give prices")
        return text("not priced by input tokens") if found else text("not in the price list: give prices for it")

    def history(self, found: Found | None) -> History:
        if self.assumptions.prices_given:
            return History.GIVEN
        return History.DATED if found and self.on is None and has_history(found[1]) else History.TODAY


def _not_listed(model: str, similar: str) -> Text:
    if not similar:
        return text("The assumed model {model} is not in the price list. Or give its prices, in and out.", model=model)
    return text(
        "The assumed model {model} is not in the price list. Similar names: {similar}. Or give its prices, in and out.",
        model=model,
        similar=similar,
    )


def _priced(
    con: duckdb.DuckDBPyConnection, pricer: Pricer, names: Sequence[Name]
) -> tuple[tuple[PricedModel, ...], tuple[UnpricedModel, ...]]:
    models: list[PricedModel] = []
    unpriced: list[UnpricedModel] = []
    rows: list[list[object]] = []
    for name in names:
        found = pricer.find(name)
        rates = pricer.rates(found)
        if rates:
            models.append(_model(pricer, name, found, rates))
            rows += [[*_told(name, models[-1]), *astuple(rate)] for rate in rates]
        else:
            unpriced.append(
                UnpricedModel(
                    model=name.model,
                    provider=name.provider,
                    requests=name.requests,
                    tokens=name.tokens,
                    why=pricer.why_not(name, found),
                )
            )
    _insert(con, rows)
    return tuple(models), tuple(unpriced)


def _others(
    con: duckdb.DuckDBPyConnection, pricer: Pricer
) -> tuple[tuple[PricedModel, ...], tuple[UnpricedModel, ...]]:
    """The names beyond MOST_NAMES, together: at the given prices, which hold for every request, or without any."""
    count, requests, tokens = con.execute(REST).fetchall()[0]
    if not count:
        return (), ()
    if not pricer.assumptions.prices_given:
        why = text("only the {most:,} names with most tokens are looked up", most=MOST_NAMES)
        other = UnpricedModel(model=OTHERS, provider=None, requests=requests, tokens=tokens, why=why, names=count)
        return (), (other,)
    name, rates = (
        Name(key=MOST_NAMES, model=OTHERS, provider=None, requests=requests, tokens=tokens),
        pricer.rates(None),
    )
    model = replace(_model(pricer, name, None, rates), names=count)
    rest = [*_told(name, model)[3:], *astuple(rates[0])]  # behind the key and the name
    values = ", ".join("?" * len(rest))
    con.execute(
        f"INSERT INTO rates SELECT ?, model, provider, {values} FROM names WHERE key >= {MOST_NAMES}", [name.key, *rest]
    )
    return (model,), ()


def _told(name: Name, model: PricedModel) -> list[object]:
    """The beginning of a row of `rates`: whose the rate is."""
    terms = terms_of(model.provider_id, model.model_id)
    return [name.key, name.model, name.provider, terms.minimum, terms.step, terms.ttl]


def _model(pricer: Pricer, name: Name, found: Found | None, rates: Sequence[Rate]) -> PricedModel:
    shown = _short_and_late(rates) or rates[0]
    return PricedModel(
        key=name.key,
        model=name.model,
        provider=name.provider,
        provider_id=found[0].id if found else None,
        model_id=found[1].id if found else None,
        assumed=name.model is None,
        history=pricer.history(found),
        fresh_input=shown.fresh * MILLION,
        cache_read=shown.cache_read * MILLION,
        cache_write=shown.cache_write * MILLION,
        output=shown.output * MILLION,
        rates=len(rates),
        requests=name.requests,
        tokens=name.tokens,
    )


def _short_and_late(rates: Sequence[Rate]) -> Rate | None:
    """The latest rate for short prompts."""
    return max((r for r in rates if not r.min_input), key=lambda r: (r.valid_from, -r.from_second), default=None)


def _insert(con: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[object]]) -> None:
    for start in range(0, len(rows), MOST_INSERTED):
        some = rows[start : start + MOST_INSERTED]
        places = f"({', '.join('?' * len(some[0]))})"
        con.execute(
            f"INSERT INTO rates VALUES {', '.join([places] * len(some))}", [each for row in some for each in row]
        )


def _notes(models: Sequence[PricedModel], given: Assumptions, today: date, dated: bool) -> Iterable[Text]:
    if given.prices_given:
        yield text(
            "Your prices hold for every request: {price_in} in, {price_out} out per million tokens.",
            price_in=Figure(f"${given.price_in}"),
            price_out=Figure(f"${given.price_out}"),
        )
        yield _cached_note(models)
    elif not dated:
        yield text(
            "The log's clock has no date: prices of the price list on {today} hold for all of it.", today=str(today)
        )
    elif any(model.history is History.TODAY for model in models):
        yield text(
            "Where the price list has no history, today's price stands for the log's dates (marked in the prices)."
        )
    if given.discount_percent:
        yield text("A discount of {percent} % was taken off every price.", percent=given.discount_percent)
    if given.assume_model and not any(model.assumed for model in models):
        yield text(
            "Every request names its model, so the assumed model {model} was not needed.",
            model=repr(given.assume_model),
        )
    if any(model.provider_id == "perplexity" for model in models):
        yield text("Perplexity's fees per request and search are not in the figures, only tokens.")


def _cached_note(models: Sequence[PricedModel]) -> Text:
    if any(model.model_id for model in models):
        return text(
            "Cached input keeps its model's proportion to fresh input; where no model is known it costs the same."
        )
    return text("No model is known, so cached input costs the same as fresh input.")
