"""The cost of each request of a log in a batch, at the price list's batch prices for each token bucket.

Models without a batch price, and requests that are batch or flex already, are left out."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.file_models import FileModel
from workloads.pricing.pricer import LogModel, Pricer, find_latest_short_rate
from workloads.pricing.prices import PricedModel, PriceHistory
from workloads.pricing.purchases import Purchase, has_batch_price
from workloads.pricing.rates import RATE_PRECISION, Rate, list_rates

HALF = Decimal("0.5")
DISCOUNTED_TIERS = ("batch", "flex")
"""Service tiers that cost no more than a batch."""

PRICE_COLUMNS = (
    *("fresh", "cache_read", "cache_write", "cache_write_1h", "output"),
    *("audio_input", "audio_read", "audio_output", "image_input", "image_output", "reasoning"),
)
INSERT_BATCH = 200

CREATE_BATCH_RATES = f"""CREATE TEMP TABLE batch_rates (key INTEGER, valid_from TIMESTAMP, valid_to TIMESTAMP,
    from_second BIGINT, to_second BIGINT, min_input BIGINT, max_input BIGINT,
    {", ".join(f"b_{name} DECIMAL(18,12)" for name in PRICE_COLUMNS)})"""

CREATE_BATCHABLE = f"""CREATE TEMP VIEW batchable AS
SELECT row, cost, p_fresh, p_read, p_write, p_write_1h, p_output, b_fresh, b_cache_read AS b_read,
    b_cache_write AS b_write, b_cache_write_1h AS b_write_1h, b_output,
    (audio_input * (b_audio_input - b_fresh) + image_input * (b_image_input - b_fresh)
        + audio_read * (b_audio_read - b_cache_read) + cache_write_1h * (b_cache_write_1h - b_cache_write)
        + audio_output * (b_audio_output - b_output) + image_output * (b_image_output - b_output)
        + least(reasoning, output) * (b_reasoning - b_output) + fees)::DECIMAL(24,12) AS b_surcharge,
    (fresh_input * b_fresh + cache_read * b_cache_read + cache_write * b_cache_write + output * b_output
        + b_surcharge)::DECIMAL(24,12) AS batch_cost,
    ((fresh_input + cache_read + cache_write) * b_fresh + output * b_output)::DECIMAL(24,12) AS uncached_cost
FROM scoped p JOIN batch_rates b ON p.key = b.key AND p."at" >= b.valid_from AND p."at" < b.valid_to
    AND (epoch_us(p."at") // 1000000) % 86400 >= b.from_second
    AND (epoch_us(p."at") // 1000000) % 86400 < b.to_second
    AND CASE WHEN p.is_sum THEN 0 ELSE p.input END BETWEEN b.min_input AND b.max_input
WHERE (service_tier IS NULL OR service_tier NOT IN ({", ".join(f"'{tier}'" for tier in DISCOUNTED_TIERS)}))
    AND batch_cost < cost"""
"""The requests that are cheaper in a batch, with its prices. `uncached_cost`: if it reads nothing from a cache."""


def build_batchable(log: PricedLog) -> str:
    """Create the TEMP view `batchable`. Returns its name."""
    lines = [_format_rate(model.key, rate) for model in _list_immediate(log) for rate in _list_batch_rates(log, model)]
    inserts = [
        f"INSERT INTO batch_rates VALUES {', '.join(lines[start : start + INSERT_BATCH])}"
        for start in range(0, len(lines), INSERT_BATCH)
    ]
    log.create_table("batch_rates", CREATE_BATCH_RATES, *inserts)
    return log.create_table("batchable", CREATE_BATCHABLE)


def select_effect(log: PricedLog, state: LogState, where: str = "true") -> str:
    """Return a SELECT of the effect on the batchable requests of a state; `where` may use their columns.

    If the state has another model's price for a request, the batch discount is taken to be that of the logged model.
    """
    names = ("fresh", "read", "write", "write_1h", "output")
    prices = ", ".join(
        f"CASE WHEN s.p_{name} = b.p_{name} OR b.p_{name} = 0 THEN b_{name} "
        f"ELSE s.p_{name} * b_{name} / b.p_{name} END AS t_{name}"
        for name in names
    )
    return f"""SELECT row, {prices}, least(b_surcharge, s.surcharge) AS t_surcharge, true AS leaves, true AS is_batched
        FROM {build_batchable(log)} b JOIN {state.relation} s USING (row)
        WHERE is_made AND NOT is_batched AND ({where})"""


def list_models_without_batch_price(log: PricedLog) -> tuple[str, ...]:
    """Return the names of priced models that the list has no batch price for, those with the most tokens first."""
    models = (model for model in _list_immediate(log) if not _list_batch_rates(log, model))
    return tuple(dict.fromkeys(model.model or model.model_id or "" for model in models))


def assumes_half_price(log: PricedLog) -> bool:
    """Whether a model has only the user's own prices, of which half is assumed for a batch."""
    return any(model.history is PriceHistory.GIVEN and model.model_id is None for model in _list_immediate(log))


def _list_immediate(log: PricedLog) -> tuple[PricedModel, ...]:
    return tuple(model for model in log.prices.models if model.tier not in DISCOUNTED_TIERS)


def _list_batch_rates(log: PricedLog, model: PricedModel) -> tuple[Rate, ...]:
    pricer = Pricer(price_list=log.price_list, assumptions=log.assumptions, fixed_date=log.fixed_date)
    standard, batch = Purchase(geography=model.geography), Purchase(tier="batch", geography=model.geography)
    listed = pricer.find_model(
        LogModel(key=model.key, model=model.model, provider=model.provider, requests=None, tokens=0)
    )
    own = pricer.find_own_price(model.model, listed)
    actual = pricer.list_rates(listed, standard, own)
    if listed is None:
        return tuple(rate.scale(fresh=HALF, output=HALF) for rate in actual)
    if not has_batch_price(listed[1]):
        return ()
    listed_rates = list_rates(listed[1], fixed_date=log.fixed_date)
    latest, latest_batch = (
        find_latest_short_rate(rates)
        for rates in (listed_rates, list_rates(listed[1], fixed_date=log.fixed_date, purchase=batch))
    )
    if latest is None or latest_batch is None:
        return ()
    if log.assumptions.has_given_prices and not (own and own.prices):
        return tuple(_scale_like(rate, latest, latest_batch) for rate in actual)
    batch_rates = pricer.list_rates(listed, batch, own)
    if isinstance(listed[1], FileModel):  # whose batch prices are those of their own days
        return batch_rates
    return tuple(_date_batch_rate(rate, actual, latest, latest_batch) for rate in batch_rates)


def _date_batch_rate(rate: Rate, actual: Sequence[Rate], latest: Rate, latest_batch: Rate) -> Rate:
    """Return a batch rate of a time when the model had another price: the list has only the batch prices of today."""
    same_time = (
        known
        for known in actual
        if (known.valid_from, known.from_second) == (rate.valid_from, rate.from_second)
        and known.min_input <= rate.min_input <= known.max_input
    )
    then = next(same_time, None)
    if then is None or rate.fresh * latest.fresh >= then.fresh * latest_batch.fresh:
        return rate
    return replace(_scale_like(then, latest, latest_batch), min_input=rate.min_input, max_input=rate.max_input)


def _scale_like(rate: Rate, standard: Rate, batch: Rate) -> Rate:
    """Return the rate with each price changed in the ratio of `batch` to `standard`."""
    ratios = {name: getattr(batch, name) / getattr(standard, name) for name in PRICE_COLUMNS if getattr(standard, name)}
    prices = {name: (getattr(rate, name) * ratio).quantize(RATE_PRECISION) for name, ratio in ratios.items()}
    return replace(rate, **prices)


def _format_rate(key: int, rate: Rate) -> str:
    prices = ", ".join(f"{getattr(rate, name):f}" for name in PRICE_COLUMNS)
    return (
        f"({key}, TIMESTAMP '{rate.valid_from}', TIMESTAMP '{rate.valid_to}', {rate.from_second}, {rate.to_second}, "
        f"{rate.min_input}, {rate.max_input}, {prices})"
    )
