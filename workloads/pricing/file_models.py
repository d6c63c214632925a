"""The models of an operator's price file, in the form that the price list has for its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType

from genai_prices.types import ClauseEquals, ModelInfo, ModelPrice, PriceVariant, Provider, TieredPrices
from genai_prices.types import Tier as ListTier

from workloads.pricing.own_prices import to_name_key
from workloads.pricing.price_file import FilePrice, LongPromptPrices, PartialPrices, PriceFile

ANY_PROVIDER = "-"
"""Shown for a model of the file without a provider that the list lacks."""

FIRST_DAY, LAST_DAY = datetime(1900, 1, 1), datetime(9999, 1, 1)  # noqa: DTZ001 - the log's clock is naive UTC

PRICE_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "fresh_input": "input_mtok",
        "cache_read": "cache_read_mtok",
        "cache_write": "cache_write_mtok",
        "cache_write_1h": "cache_write_1h_mtok",
        "output": "output_mtok",
        "audio_input": "input_audio_mtok",
        "audio_read": "cache_audio_read_mtok",
        "audio_output": "output_audio_mtok",
        "image_input": "input_image_mtok",
        "image_output": "output_image_mtok",
        "reasoning": "output_reasoning_mtok",
        "search": "web_searches_kcount",
        "request": "requests_kcount",
    }
)
"""The price list's names of our kinds of tokens."""


PROVIDER_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "azure_ai": "azure",
        "azure_openai": "azure",
        "azure-openai": "azure",
        "bedrock": "aws",
        "bedrock_converse": "aws",
        "fireworks_ai": "fireworks",
        "google-gla": "google",
        "google-vertex": "google",
        "meta_llama": "meta",
        "text-completion-openai": "openai",
        "together_ai": "together",
    }
)
"""Provider names of gateways and SDKs that the price list does not have or would take for another provider."""


def to_provider_key(provider: str) -> str:
    """Return what two spellings of a provider have in common."""
    key = to_name_key(provider)
    return PROVIDER_ALIASES.get(key, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePeriod:
    """The prices of a model while start <= time < end, in naive UTC; `is_listed`: they are the price list's."""

    start: datetime
    end: datetime
    model: ModelInfo
    is_listed: bool


@dataclass
class FileModel(ModelInfo):
    """A model with prices from an operator's file. Between and beyond the file's periods, the list's prices hold, if it
    has the model; its `periods` include those and don't overlap."""

    periods: tuple[PricePeriod, ...] = ()


class FileModels:
    """The models of a price file, by their names. Never changed after it is built."""

    def __init__(self, file: PriceFile) -> None:
        by_key: dict[tuple[str, str], list[FilePrice]] = {}
        for price in file.models:
            by_key.setdefault(price.key, []).append(price)
        self._by_name: Mapping[tuple[str, str], Sequence[FilePrice]] = {
            (to_provider_key(key[0]), to_name_key(name)): tuple(prices)
            for key, prices in by_key.items()
            for price in prices
            for name in (price.model, *price.names)
        }

    def find(self, name: str, provider: str | None) -> Sequence[FilePrice]:
        """Return the prices of the model with this name: those of the provider, or else those of any."""
        key = to_name_key(name)
        return self._by_name.get((to_provider_key(provider or ""), key)) or self._by_name.get(("", key), ())


def build_file_model(
    prices: Sequence[FilePrice], listed: tuple[Provider, ModelInfo] | None
) -> tuple[Provider, FileModel]:
    """Return a model with the file's prices, and `listed` its entry in the price list, in the list's form."""
    first = prices[0]
    ordered = sorted(prices, key=lambda price: price.valid_from or date.min)
    known = None if listed is None else listed[1]
    periods = tuple(_iter_periods(ordered, known))
    stated = next((price.context_window for price in reversed(ordered) if price.context_window), None)
    window = stated or (None if known is None else known.context_window)
    model = FileModel(
        id=first.model,
        match=ClauseEquals(first.model),
        context_window=window,
        price_variants=[variant for period in periods for variant in period.model.price_variants or ()] or None,
        periods=periods,
    )
    owner = to_provider_key(first.provider or "")
    if listed is not None and owner in ("", listed[0].id):
        return listed[0], model
    return Provider(id=owner or ANY_PROVIDER, name=first.provider or ANY_PROVIDER, api_pattern=""), model


def list_left_out_kinds(price: FilePrice, listed: tuple[Provider, ModelInfo] | None) -> tuple[str, ...]:
    """Return the kinds of tokens and fees that the price list prices apart for this model and the file does not."""
    if listed is None:
        return ()
    known = vars(listed[1].get_prices(datetime.now(UTC)))
    return tuple(
        kind for kind, key in PRICE_KEYS.items() if known.get(key) is not None and getattr(price.prices, kind) is None
    )


def _iter_periods(ordered: Sequence[FilePrice], listed: ModelInfo | None) -> Iterable[PricePeriod]:
    until = FIRST_DAY
    for price in ordered:
        start = FIRST_DAY if price.valid_from is None else datetime.combine(price.valid_from, time())
        end = LAST_DAY if price.valid_until is None else datetime.combine(price.valid_until, time()) + timedelta(days=1)
        if listed is not None and until < start:
            yield PricePeriod(start=until, end=start, model=listed, is_listed=True)
        yield PricePeriod(start=start, end=end, model=_build_period_model(price), is_listed=False)
        until = end
    if listed is not None and until < LAST_DAY:
        yield PricePeriod(start=until, end=LAST_DAY, model=listed, is_listed=True)


def _build_period_model(price: FilePrice) -> ModelInfo:
    variants = [
        PriceVariant(
            when={"processing" if tier == "batch" else "service_tier": tier}, prices=_build_prices(changed, ())
        )
        for tier, changed in price.tiers.items()
    ]
    return ModelInfo(
        id=price.model,
        match=ClauseEquals(price.model),
        prices=_build_prices(price.prices, price.long_prompts),
        price_variants=variants or None,
    )


def _build_prices(prices: PartialPrices, long_prompts: Sequence[LongPromptPrices]) -> ModelPrice:
    return ModelPrice(
        **{
            key: _build_price(kind, prices, long_prompts)
            for kind, key in PRICE_KEYS.items()
            if getattr(prices, kind) is not None
        }
    )


def _build_price(kind: str, prices: PartialPrices, long_prompts: Sequence[LongPromptPrices]) -> Decimal | TieredPrices:
    base: Decimal = getattr(prices, kind)
    tiers = [
        ListTier(start=longer.above, price=price)
        for longer in long_prompts
        if (price := getattr(longer, kind)) is not None
    ]
    return TieredPrices(base=base, tiers=tiers) if tiers else base
