"""Look up the rates of a log's models in the price list, under the user's assumptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.pricing.price_list import ListedModel, PriceList, get_geography_factor
from workloads.pricing.prices import Assumptions, PriceHistory
from workloads.pricing.purchases import STANDARD, Purchase
from workloads.pricing.rates import Rate, build_given_rate, has_history, list_rates


@dataclass(frozen=True, slots=True, kw_only=True)
class LogModel:
    """A distinct model, provider and purchase of the log, with its requests (None: unknown) and tokens."""

    key: int
    model: str | None
    provider: str | None
    purchase: Purchase = STANDARD
    requests: int | None
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricer:
    """Looks up the rates of a log's models under the user's assumptions."""

    price_list: PriceList
    assumptions: Assumptions
    fixed_date: date | None

    def check_assumed_model(self) -> None:
        model = self.assumptions.assume_model
        if model is None or self.assumptions.has_given_prices or self.price_list.find(model):
            return
        raise BadInput(_describe_unlisted(repr(model), ", ".join(self.price_list.find_similar(model))))

    def find_model(self, name: LogModel) -> ListedModel | None:
        if name.model is not None:
            return self.price_list.find(name.model, name.provider)
        assumed = self.assumptions.assume_model
        return self.price_list.find(assumed) if assumed else None

    def list_rates(self, listed: ListedModel | None, purchase: Purchase) -> tuple[Rate, ...]:
        rates = list_rates(listed[1], fixed_date=self.fixed_date, purchase=purchase) if listed else ()
        if listed and (factor := get_geography_factor(listed, purchase.geography)) != 1:
            rates = tuple(rate.scale(fresh=factor, output=factor) for rate in rates)
        if self.assumptions.has_given_prices:
            rates = (build_given_rate(self.assumptions, find_latest_short_rate(rates)),)
        return tuple(rate.apply_discount(self.assumptions.discount_percent) for rate in rates)

    def explain_unpriced(self, name: LogModel, listed: ListedModel | None) -> Text:
        if name.model is None:
            return text("the log names no model; choose a model to assume, or enter prices")
        return text("not priced by input tokens") if listed else text("not in the price list; enter your own prices")

    def get_history(self, listed: ListedModel | None) -> PriceHistory:
        if self.assumptions.has_given_prices:
            return PriceHistory.GIVEN
        return (
            PriceHistory.DATED if listed and self.fixed_date is None and has_history(listed[1]) else PriceHistory.TODAY
        )


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


def find_latest_short_rate(rates: Sequence[Rate]) -> Rate | None:
    """Return the latest rate for short prompts."""
    return max((r for r in rates if not r.min_input), key=lambda r: (r.valid_from, -r.from_second), default=None)
