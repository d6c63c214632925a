"""The cost of the requests of a state of the log at other rates: of another model, service tier or hour.

Rates are those of the request's own time and prompt length, so today's price is never held against last year's."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from decimal import Decimal

from workloads.analysis.log_state import COST_SQL, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.ingest.database import quote_literal
from workloads.pricing.file_models import FileModel
from workloads.pricing.price_list import ListedModel
from workloads.pricing.pricer import find_latest_short_rate
from workloads.pricing.purchases import Purchase
from workloads.pricing.rates import Rate

INSERT_BATCH = 100

OFFER_COLUMNS = """key INTEGER, for_batches BOOLEAN, cache_minimum BIGINT, valid_from TIMESTAMP, valid_to TIMESTAMP,
    from_second BIGINT, to_second BIGINT, min_input BIGINT, max_input BIGINT, fresh DECIMAL(18,12), read DECIMAL(18,12),
    write DECIMAL(18,12), write_1h DECIMAL(18,12), output DECIMAL(18,12), audio_input DECIMAL(18,12),
    audio_read DECIMAL(18,12), audio_output DECIMAL(18,12), image_input DECIMAL(18,12),
    image_output DECIMAL(18,12), reasoning DECIMAL(18,12), search DECIMAL(18,12), request DECIMAL(18,12)"""

EFFECT_PRICES = "t_fresh, t_read, t_write, t_write_1h, t_output, t_surcharge, less_read, less_write"
"""The columns of a table of offered costs that an effect needs (log_state.EFFECT_COLUMNS)."""

OFFERED_SQL = """
    NOT p.is_sum AND s.cache_read + s.cache_write < o.cache_minimum AS is_short,
    CASE WHEN is_short THEN s.cache_read ELSE 0 END AS less_read,
    CASE WHEN is_short THEN s.cache_write ELSE 0 END AS less_write,
    o.fresh AS t_fresh, o.read AS t_read, o.write AS t_write, o.write_1h AS t_write_1h, o.output AS t_output,
    (p.audio_input * (o.audio_input - o.fresh) + p.image_input * (o.image_input - o.fresh)
        + p.audio_read * (o.audio_read - o.read) + p.audio_output * (o.audio_output - o.output)
        + p.image_output * (o.image_output - o.output) + least(p.reasoning, p.output) * (o.reasoning - o.output)
        + CASE WHEN is_short THEN 0 ELSE p.cache_write_1h * (o.write_1h - o.write) END
        + CASE WHEN p.is_sum THEN 0 ELSE p.searches * o.search + o.request END)::DECIMAL(24,12) AS t_surcharge,
    CAST((s.fresh_input + less_read + less_write) * t_fresh + (s.cache_read - less_read) * t_read
        + (s.cache_write - less_write) * t_write + s.written_1h * t_write_1h + s.output * t_output + t_surcharge
        AS DECIMAL(24,12)) * s.price_share AS t_cost"""
"""A request `s` of a state, `p` as priced, at the offer `o`. A cached prefix that is shorter than what is cached there
costs what fresh input costs; of a sum of requests, that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Rates at which the requests of one entry of Prices.models, named by its `key`, could be bought instead.

    `batch_rates` are those for requests that are in a batch; without any, such requests stay as they are.
    `cache_minimum`: shorter prefixes are not cached there, in tokens.
    """

    key: int
    rates: tuple[Rate, ...]
    batch_rates: tuple[Rate, ...] = ()
    cache_minimum: int = 0


def list_offered_rates(log: PricedLog, listed: ListedModel, purchase: Purchase) -> tuple[Rate, ...]:
    """Return the rates of a model as bought: the user's own for that model, or else the price list's, with discounts.
    Empty without a price. One price for all requests, if the user gave it, is that of the log's models only."""
    assumptions = replace(log.assumptions, assume_model=None, price_in=None, price_out=None)
    pricer = replace(log.build_pricer(), assumptions=assumptions)
    return pricer.list_rates(listed, purchase, pricer.find_own_price(listed[1].id, listed))


def list_tier_offers(log: PricedLog, now: frozenset[str | None], then: str | None) -> tuple[Offer, ...]:
    """Return offers of the service tier `then` for those models of the log that are bought at one of the tiers `now`.

    The list has the other tiers' prices of today only; for a time when the model had another price, they change in
    proportion. The user's own price for all requests holds at every tier, so there is no offer.
    """
    return tuple(_iter_tier_offers(log, now, then))


def _iter_tier_offers(log: PricedLog, now: frozenset[str | None], then: str | None) -> Iterable[Offer]:
    for model in log.prices.models:
        listed = log.price_list.find(model.model_id, model.provider_id) if model.model_id else None
        if listed is None or model.tier not in now or (log.assumptions.has_given_prices and not model.given_kinds):
            continue
        current, offered = (
            list_offered_rates(log, listed, Purchase(tier=tier, geography=model.geography))
            for tier in (model.tier, then)
        )
        if isinstance(listed[1], FileModel):  # whose prices of tiers are those of their own days
            rates = offered
        else:
            rates = tuple(_date_rate(rate, current, offered) for rate in offered)
        if rates != current:
            yield Offer(key=model.key, rates=rates)


def _date_rate(rate: Rate, current: Sequence[Rate], offered: Sequence[Rate]) -> Rate:
    """Return an offered rate, in proportion to the current one of its time."""
    then = next((one for one in current if _contains(one, rate)), None)
    latest, latest_offered = find_latest_short_rate(current), find_latest_short_rate(offered)
    if then is None or latest is None or latest_offered is None or not (latest.fresh and latest.output):
        return rate
    if (then.fresh, then.output) == (latest.fresh, latest.output) or then.min_input:
        return rate
    scaled = then.scale(fresh=latest_offered.fresh / latest.fresh, output=latest_offered.output / latest.output)
    return replace(scaled, min_input=rate.min_input, max_input=rate.max_input)


def _contains(one: Rate, other: Rate) -> bool:
    starts = (one.valid_from, one.from_second) == (other.valid_from, other.from_second)
    return starts and one.min_input <= other.min_input <= one.max_input


def build_offered_costs(
    log: PricedLog, state: LogState, name: str, offers: Iterable[Offer], *, where: str = "true"
) -> str:
    """Create a TEMP table of the requests of `state` that are made and for which `where` holds: about `s`, the state's
    columns, and `p`, those of `priced`. Returns its name.

    It has row, key, feature, now_cost, the columns of OFFERED_SQL, and `saved`, which may be negative.
    """
    table = state.name_table(name)
    return log.create_table(
        table,
        *_list_rate_statements(f"{table}_rates", offers),
        f"""CREATE TEMP TABLE {table} AS
        SELECT s.row, p.key, p.feature, s.now_cost, {OFFERED_SQL}, s.now_cost - t_cost AS saved
        FROM (SELECT *, {COST_SQL} AS now_cost FROM {state.relation} WHERE is_made AND p_fresh IS NOT NULL) s
        JOIN priced p ON p.row = s.row
        JOIN {table}_rates o ON p.key = o.key AND s.is_batched = o.for_batches AND {build_window_sql("p", "o")}
            AND CASE WHEN p.is_sum THEN 0 ELSE s.fresh_input + s.cache_read + s.cache_write + s.written_1h END
                BETWEEN o.min_input AND o.max_input
        WHERE {where}""",
        f"DROP TABLE {table}_rates",
    )


def build_window_sql(request: str, rate: str) -> str:
    """Return SQL for whether a rate applies at a request's time."""
    second = f"""(epoch_us({request}."at") // 1000000) % 86400"""
    return (
        f"""{request}."at" >= {rate}.valid_from AND {request}."at" < {rate}.valid_to """
        f"AND {second} >= {rate}.from_second AND {second} < {rate}.to_second"
    )


def is_unchanged_sql(state: str, priced: str) -> str:
    """Return SQL for whether no lever has changed the prices of a request: it is bought at one tier, from one model."""
    return (
        f"{state}.p_fresh = {priced}.p_fresh AND {state}.p_output = {priced}.p_output AND {state}.price_share = 1 "
        f"AND {state}.is_batched = ({priced}.service_tier IS NOT DISTINCT FROM 'batch')"
    )


def select_features(column: str, features: Iterable[str]) -> str:
    """Return SQL for whether a feature is one of the names; "" stands for none."""
    names = ", ".join(quote_literal(name) for name in features if "\0" not in name)
    return f"coalesce({column}, '') IN ({names})" if names else "false"


def _list_rate_statements(table: str, offers: Iterable[Offer]) -> list[str]:
    rows = [
        (offer.key, for_batches, offer.cache_minimum, *astuple(rate))
        for offer in offers
        for for_batches, rates in ((False, offer.rates), (True, offer.batch_rates))
        for rate in rates
    ]
    return [
        f"CREATE OR REPLACE TEMP TABLE {table} ({OFFER_COLUMNS})",
        *(
            f"INSERT INTO {table} VALUES {', '.join(map(_format_row, rows[start : start + INSERT_BATCH]))}"
            for start in range(0, len(rows), INSERT_BATCH)
        ),
    ]


def _format_row(row: tuple[object, ...]) -> str:
    return f"({', '.join(map(_format_value, row))})"


def _format_value(value: object) -> str:
    """Return a number or a time as SQL; all of them are the price list's, never the log's."""
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return f"TIMESTAMP '{value.isoformat()}'"
    return str(value)
