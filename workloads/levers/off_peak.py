"""Off-peak: the lower price that some models have at certain hours of the day, for requests that can wait until then.

Only models with price windows in the list, and requests that are standard now. That a request can wait for hours has to
be confirmed."""

from collections.abc import Iterable
from dataclasses import replace

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import PlanStep
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA
from workloads.levers.repricing.offers import Offer, list_offered_rates
from workloads.levers.repricing.waiting import WaitingRule
from workloads.levers.repricing.waiting_estimate import WaitingTexts, build_waiting_lever
from workloads.pricing.purchases import Purchase
from workloads.pricing.rates import Rate

NAME, TITLE = "off_peak", text("Wait for the hours with a lower price")

TEXTS = WaitingTexts(
    title=TITLE,
    formula=join_texts(
        "; ",
        (text("cost of the requests that may wait − their cost at the lowest price of the same day"), COST_FORMULA),
    ),
    assumptions=(
        text("The lowest price of the day comes from the price list's hours, in UTC"),
        text("Prefixes that are cached now are cached then as well, as all requests of a job wait together"),
        text("A request is bought once: what goes into a batch, or is flex, is not counted here"),
    ),
    nothing=text("no model in the log has a lower price at some hours of the day"),
    steps=(
        PlanStep(
            step=text(
                "Start these jobs in the hours with the lower price, or hold their requests in a queue until then"
            ),
            effort=join_texts(" - ", ("low", text("another time in the scheduler, or a queue"))),
            risk=join_texts(" - ", ("low", text("same model, later answers"))),
            undo=text("Start the jobs at the old time"),
        ),
    ),
)


def build_rule(log: PricedLog) -> WaitingRule:
    return WaitingRule(lever=NAME, offers=tuple(_iter_offers(log)), where="p.service_tier IS NULL")


def _iter_offers(log: PricedLog) -> Iterable[Offer]:
    if log.source.relative_clock:
        return
    for model in log.prices.models:
        listed = log.price_list.find(model.model_id, model.provider_id) if model.model_id else None
        if listed is None or model.tier or (log.assumptions.has_given_prices and not model.given_kinds):
            continue
        rates = list_offered_rates(log, listed, Purchase(geography=model.geography))
        if len({rate.from_second for rate in rates}) > 1:
            yield Offer(key=model.key, rates=tuple(_find_cheapest(rate, rates) for rate in rates))


def _find_cheapest(rate: Rate, rates: tuple[Rate, ...]) -> Rate:
    """Return the rate of the hours with the lowest price of the same day and prompt length, at the hours of `rate`."""
    same_day = [
        one
        for one in rates
        if (one.valid_from, one.min_input) == (rate.valid_from, rate.min_input)
        and all(getattr(one, kind) <= getattr(rate, kind) for kind in ("fresh", "cache_read", "output"))
    ]
    cheapest = min(same_day, key=lambda one: (one.fresh + one.output, one.from_second))
    return replace(cheapest, from_second=rate.from_second, to_second=rate.to_second)


LEVER = build_waiting_lever(NAME, build_rule, TEXTS)
