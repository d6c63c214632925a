"""Look up the rates of a log's models in the price list, under the user's assumptions."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, time
from decimal import Decimal

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.file_models import FIRST_DAY, LAST_DAY, FileModel
from workloads.pricing.own_prices import ModelAlias, OwnPrice
from workloads.pricing.own_rates import apply_own_price, build_given_rate, build_own_rate
from workloads.pricing.price_list import ListedModel, PriceList, get_geography_factor
from workloads.pricing.prices import PriceHistory
from workloads.pricing.purchases import STANDARD, Purchase, has_price
from workloads.pricing.rates import PRICES_START, Rate, has_history, list_rates


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRange:
    """Between which times, seconds of the UTC day and input tokens all requests of a model are."""

    first: datetime
    last: datetime
    first_second: int
    last_second: int
    least_input: int
    most_input: int

    def overlaps(self, rate: Rate) -> bool:
        """Whether requests may have had that rate."""
        return (
            rate.valid_from <= self.last
            and self.first < rate.valid_to
            and rate.from_second <= self.last_second
            and self.first_second < rate.to_second
            and rate.min_input <= self.most_input
            and self.least_input <= rate.max_input
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogModel:
    """A distinct model, provider and purchase of the log, with its requests (None: unknown) and tokens."""

    key: int
    model: str | None
    provider: str | None
    purchase: Purchase = STANDARD
    requests: int | None
    tokens: int
    usage: UsageRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricer:
    """Looks up the rates of a log's models under the user's assumptions."""

    price_list: PriceList
    assumptions: Assumptions
    fixed_date: date | None

    def find_model(self, name: LogModel) -> ListedModel | None:
        if name.model is None:
            assumed = self.assumptions.assume_model
            return self.price_list.find(assumed) if assumed else None
        meant = self.assumptions.find_model_name(name.model)
        return self.price_list.find(meant) if meant else self.price_list.find(name.model, name.provider)

    def find_own_price(self, model: str | None, listed: ListedModel | None) -> OwnPrice | None:
        """Return the user's price for a name of the log: by that name, by what it means, or by the list's name."""
        name = self.assumptions.assume_model if model is None else model
        meant = self.assumptions.find_model_name(name) if name else None
        names = (name, meant, listed[1].id if listed else None)
        return next((own for one in names if (own := self.assumptions.find_price(one)) is not None), None)

    def list_rates(
        self, listed: ListedModel | None, purchase: Purchase, own: OwnPrice | None = None
    ) -> tuple[Rate, ...]:
        """Return the rates of a model of the list or of the user's own, empty without a price.

        `own`: what `find_own_price` returned.
        """
        rates = self._list_listed_rates(listed, purchase)
        if own is not None and own.prices:
            rates = self._apply_own_price(listed, rates, own)
        elif self.assumptions.has_given_prices:
            rates = (build_given_rate(self.assumptions, find_latest_short_rate(rates)),)
        return tuple(rate.apply_discount(self.get_discount(own)) for rate in rates)

    def get_discount(self, own: OwnPrice | None) -> Decimal:
        """Return the discount in percent: the model's own, or else that of all models."""
        if own is None or own.discount_percent is None:
            return self.assumptions.discount_percent
        return own.discount_percent

    def lacks_tier(self, listed: ListedModel | None, purchase: Purchase) -> bool:
        """Whether the list knows the model but has no price for what was bought: its standard price is used."""
        return listed is not None and not has_price(listed[1], purchase)

    def explain_unpriced(self, name: LogModel, listed: ListedModel | None) -> Text:
        if self.find_own_price(name.model, listed) is not None:
            return text("your price for it lacks an input or output price")
        if name.model is None:
            return text("the log names no model; choose a model to assume, or enter prices")
        if listed is not None and isinstance(listed[1], FileModel):
            return text("this installation's price file has no price for it on the log's dates")
        return text("not priced by input tokens") if listed else text("not in the price list; enter your own prices")

    def get_history(
        self, listed: ListedModel | None, own: OwnPrice | None = None, usage: UsageRange | None = None
    ) -> PriceHistory:
        """Return the source of a model's prices; of several, that of the operator's file."""
        if self.assumptions.has_given_prices or (own is not None and own.prices):
            return PriceHistory.GIVEN
        if self.list_sources(listed, usage) - {True}:
            return PriceHistory.FILE
        return (
            PriceHistory.DATED if listed and self.fixed_date is None and has_history(listed[1]) else PriceHistory.TODAY
        )

    def list_sources(self, listed: ListedModel | None, usage: UsageRange | None) -> frozenset[bool]:
        """Return where a model's prices come from in the log's time: True for the price list, False for the file."""
        if listed is None or not isinstance(listed[1], FileModel):
            return frozenset({True})
        first, last = FIRST_DAY, LAST_DAY
        if self.fixed_date is not None:
            first = last = datetime.combine(self.fixed_date, time())
        elif usage is not None:
            first, last = usage.first, usage.last
        return frozenset(p.is_listed for p in listed[1].periods if p.start <= last and first < p.end)

    def _list_listed_rates(self, listed: ListedModel | None, purchase: Purchase) -> tuple[Rate, ...]:
        rates = list_rates(listed[1], fixed_date=self.fixed_date, purchase=purchase) if listed else ()
        if listed and (factor := get_geography_factor(listed, purchase.geography)) != 1:
            rates = tuple(rate.scale(fresh=factor, output=factor) for rate in rates)
        return rates

    def _apply_own_price(self, listed: ListedModel | None, rates: Sequence[Rate], own: OwnPrice) -> tuple[Rate, ...]:
        if not rates:
            built = build_own_rate(own)
            return () if built is None else (built,)
        usual = {
            (rate.valid_from, rate.from_second): rate
            for rate in self._list_listed_rates(listed, STANDARD)
            if rate.min_input == 0
        }
        return tuple(apply_own_price(rate, usual[rate.valid_from, rate.from_second], own) for rate in rates)


def check_models(assumptions: Assumptions, aliases: Iterable[ModelAlias], price_list: PriceList) -> None:
    """Raise BadInput if the assumed model, or what one of `aliases` means, is neither listed nor priced by the user, or
    if the target model is not listed."""
    assumed = assumptions.assume_model
    if assumed and not (assumptions.has_given_prices or _is_priced(assumed, assumptions, price_list)):
        raise BadInput(_describe_unlisted(repr(assumed), ", ".join(price_list.find_similar(assumed))))
    if assumptions.target_model is not None:
        find_target(assumptions.target_model, price_list)
    for alias in aliases:
        if alias.model is not None and not _is_priced(alias.model, assumptions, price_list):
            similar = ", ".join(price_list.find_similar(alias.model)) or "-"
            raise BadInput(
                text(
                    "{model} is not in the price list, so {name} can't mean it. Similar names: {similar}.",
                    model=repr(alias.model),
                    name=repr(alias.name),
                    similar=similar,
                )
            )


def find_target(name: str, price_list: PriceList) -> ListedModel:
    """Return the model that the log's are compared with. Raises BadInput if the price list lacks it."""
    listed = price_list.find(name)
    if listed is None or not list_rates(listed[1]):
        similar = ", ".join(price_list.find_similar(name)) or "-"
        raise BadInput(
            text(
                "The target model {name} is not in the price list. Similar names: {similar}.",
                name=repr(name),
                similar=similar,
            )
        )
    return listed


def _is_priced(model: str, assumptions: Assumptions, price_list: PriceList) -> bool:
    return assumptions.find_price(model) is not None or price_list.find(model) is not None


def _describe_unlisted(model: str, similar: str) -> Text:
    if not similar:
        return text(
            "The assumed model {model} is not in the price list. Choose another, or enter its input and output prices.",
            model=model,
        )
    return text(
        "The assumed model {model} is not in the price list. Similar names: {similar}. Choose one of them, or enter "
        "the model's input and output prices.",
        model=model,
        similar=similar,
    )


def list_used_rates(rates: Sequence[Rate], usage: UsageRange | None) -> tuple[Rate, ...]:
    """Return the rates that requests may have had, one for each set of prices: the latest, for the shortest prompts,
    first."""
    used = [rate for rate in rates if usage is None or usage.overlaps(rate)]
    used.sort(key=lambda rate: (rate.valid_from, -rate.min_input, -rate.from_second))
    by_prices = {astuple(rate)[PRICES_START:]: rate for rate in used}
    return tuple(sorted(by_prices.values(), key=used.index, reverse=True))


def find_latest_short_rate(rates: Sequence[Rate]) -> Rate | None:
    """Return the latest rate for short prompts."""
    return max((r for r in rates if not r.min_input), key=lambda r: (r.valid_from, -r.from_second), default=None)
