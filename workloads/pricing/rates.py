"""A model's rates as rows for a join: by date, hour of the day and size of the prompt.

Above the start of a long-context tier, the tier's price applies to the whole request. Rows start and end at the price
list's own dates and hours, so that no price change between two requests is missed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)

from workloads.pricing.file_models import FIRST_DAY, LAST_DAY, FileModel
from workloads.pricing.prices import MILLION
from workloads.pricing.purchases import STANDARD, Purchase, get_prices

DAY_SECONDS = 86_400
RATE_PRECISION = Decimal("1e-12")
FREE = Decimal(0)
MAX_INPUT = 2**62
_DELISTED = re.compile("No longer listed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """USD per token while valid_from <= time < valid_to, from_second <= second of the UTC day < to_second and
    min_input <= all input tokens <= max_input."""

    valid_from: datetime = FIRST_DAY
    valid_to: datetime = LAST_DAY
    from_second: int = 0
    to_second: int = DAY_SECONDS
    min_input: int = 0
    max_input: int = MAX_INPUT
    fresh: Decimal = FREE
    cache_read: Decimal = FREE
    cache_write: Decimal = FREE
    cache_write_1h: Decimal = FREE
    output: Decimal = FREE
    audio_input: Decimal = FREE
    audio_read: Decimal = FREE
    audio_output: Decimal = FREE
    image_input: Decimal = FREE
    image_output: Decimal = FREE
    reasoning: Decimal = FREE
    search: Decimal = FREE  # for one web search
    request: Decimal = FREE  # for one request

    def apply_discount(self, percent: Decimal) -> "Rate":
        share = 1 - percent / 100
        scaled = self.scale(fresh=share, output=share)
        return replace(scaled, search=round_rate(self.search * share), request=round_rate(self.request * share))

    def scale(self, *, fresh: Decimal, output: Decimal) -> "Rate":
        """Return the rate with its input prices times `fresh` and its output price times `output`."""
        return replace(
            self,
            fresh=round_rate(self.fresh * fresh),
            cache_read=round_rate(self.cache_read * fresh),
            cache_write=round_rate(self.cache_write * fresh),
            cache_write_1h=round_rate(self.cache_write_1h * fresh),
            output=round_rate(self.output * output),
            audio_input=round_rate(self.audio_input * fresh),
            audio_read=round_rate(self.audio_read * fresh),
            audio_output=round_rate(self.audio_output * output),
            image_input=round_rate(self.image_input * fresh),
            image_output=round_rate(self.image_output * output),
            reasoning=round_rate(self.reasoning * output),
        )


PRICES_START = [field.name for field in fields(Rate)].index("fresh")
"""Where the prices begin among the fields of a Rate."""


def list_rates(model: ModelInfo, *, fixed_date: date | None = None, purchase: Purchase = STANDARD) -> tuple[Rate, ...]:
    """Return all rates of a listed model, disjoint and complete; or only those of `fixed_date`, for clocks without a
    date.

    A model for which the list states no price at all is free. Empty for a model that is priced, but not by input
    tokens, and for one that the list keeps only as a name.
    """
    if isinstance(model, FileModel):
        return tuple(_list_period_rates(model, fixed_date, purchase))
    if _DELISTED.match(model.price_comments or ""):
        return ()
    if fixed_date is not None:
        return _split_by_size(get_prices(model, datetime.combine(fixed_date, time(), UTC), purchase), Rate())
    rates: list[Rate] = []
    for start, end in pairwise(_list_price_days(model)):
        for first, last in pairwise(_list_price_seconds(model)):
            window = Rate(valid_from=start, valid_to=end, from_second=first, to_second=last)
            rates += _split_by_size(get_prices(model, _to_instant(start, first), purchase), window)
    return tuple(rates)


def _list_period_rates(model: FileModel, fixed_date: date | None, purchase: Purchase) -> Iterable[Rate]:
    """Yield the rates of a model of an operator's price file, each within its period."""
    for period in model.periods:
        rates = list_rates(period.model, fixed_date=fixed_date, purchase=purchase)
        if fixed_date is not None:
            if period.start <= datetime.combine(fixed_date, time()) < period.end:
                yield from rates
            continue
        for rate in rates:
            start, end = max(rate.valid_from, period.start), min(rate.valid_to, period.end)
            if start < end:
                yield replace(rate, valid_from=start, valid_to=end)


def has_history(model: ModelInfo) -> bool:
    if isinstance(model, FileModel):
        return len(model.periods) > 1
    return any(isinstance(price.constraint, StartDateConstraint) for price in _list_conditions(model))


def _list_conditions(model: ModelInfo) -> list[ConditionalPrice]:
    return model.prices if isinstance(model.prices, list) else []


def _list_price_days(model: ModelInfo) -> list[datetime]:
    """Return the midnights at which a price starts, between the first and the last day."""
    constraints = [c.constraint for c in (*_list_conditions(model), *(model.price_variants or ()))]
    starts = {constraint.start_date for constraint in constraints if isinstance(constraint, StartDateConstraint)}
    return [FIRST_DAY, *(datetime.combine(day, time()) for day in sorted(starts)), LAST_DAY]


def _list_price_seconds(model: ModelInfo) -> list[int]:
    """Return the seconds of the UTC day at which a price may change, with both ends of the day."""
    windows = [c.constraint for c in _list_conditions(model) if isinstance(c.constraint, TimeOfDateConstraint)]
    edges = {_to_second_of_day(edge) for window in windows for edge in (window.start_time, window.end_time)}
    return sorted({0, DAY_SECONDS, *edges})


def _to_second_of_day(edge: time) -> int:
    moment = datetime.combine(date(2000, 1, 2), edge, edge.tzinfo or UTC).astimezone(UTC)
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _to_instant(start: datetime, second: int) -> datetime:
    return (start + timedelta(seconds=second)).replace(tzinfo=UTC)


def _split_by_size(price: ModelPrice, window: Rate) -> tuple[Rate, ...]:
    if price.input_mtok is None:
        return () if any(value is not None for value in vars(price).values()) else (window,)
    starts = sorted({tier.start for value in vars(price).values() for tier in _list_tiers(value)})
    lows, highs = [0, *(start + 1 for start in starts)], [*starts, MAX_INPUT]
    return tuple(
        _fill_prices(replace(window, min_input=low, max_input=high), price)
        for low, high in zip(lows, highs, strict=True)
    )


def _list_tiers(value: object) -> list[Tier]:
    return list(value.tiers) if isinstance(value, TieredPrices) else []


def _fill_prices(window: Rate, price: ModelPrice) -> Rate:
    """Return `window` with its prices. A bucket without its own price costs what its parent costs."""
    tokens = window.min_input
    fresh = _value_or(_get_price_at(price.input_mtok, tokens), FREE)
    read = _get_price_at(price.cache_read_mtok, tokens)
    write = _value_or(_get_price_at(price.cache_write_mtok, tokens), fresh)
    output = _value_or(_get_price_at(price.output_mtok, tokens), FREE)
    audio = _value_or(_get_price_at(price.input_audio_mtok, tokens), fresh)
    return replace(
        window,
        fresh=fresh,
        cache_read=_value_or(read, fresh),
        cache_write=write,
        cache_write_1h=_value_or(_get_price_at(price.cache_write_1h_mtok, tokens), write),
        output=output,
        audio_input=audio,
        audio_read=_value_or(_get_price_at(price.cache_audio_read_mtok, tokens), _value_or(read, audio)),
        audio_output=_value_or(_get_price_at(price.output_audio_mtok, tokens), output),
        image_input=_value_or(_get_price_at(price.input_image_mtok, tokens), fresh),
        image_output=_value_or(_get_price_at(price.output_image_mtok, tokens), output),
        reasoning=_value_or(_get_price_at(price.output_reasoning_mtok, tokens), output),
        search=_value_or(_get_price_at(price.web_searches_kcount, 0), FREE) * 1_000,  # listed per 1,000
        request=_value_or(_get_price_at(price.requests_kcount, 0), FREE) * 1_000,
    )


def _value_or(value: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else value


def _get_price_at(price: Decimal | TieredPrices | None, tokens: int) -> Decimal | None:
    if isinstance(price, TieredPrices):
        above = [tier.price for tier in price.tiers if tokens > tier.start]
        price = above[-1] if above else price.base
    return None if price is None else round_rate(price / MILLION)


def round_rate(price: Decimal) -> Decimal:
    """Round to 12 decimal places of a dollar per token: a millionth of a dollar per million tokens."""
    return price.quantize(RATE_PRECISION)
