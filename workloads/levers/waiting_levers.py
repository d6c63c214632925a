"""Cheaper prices for requests that nobody waits for: flex, the standard tier in place of priority, and off-peak hours.

- Flex: some models cost less if requests may take minutes or be turned away at busy times.
- Priority: providers ask more for the priority tier or a fast mode. Scheduled work can go back to the standard price.
- Off-peak: some models cost less at certain hours of the day, for requests that can wait for hours.

Flex and off-peak are for requests that are standard now; batch and flex exclude each other. That a request can wait has
to be confirmed."""

from collections.abc import Iterable
from dataclasses import replace

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import PlanStep
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA
from workloads.levers.repricing.offers import Offer, list_offered_rates, list_tier_offers
from workloads.levers.repricing.waiting import WaitingRule
from workloads.levers.repricing.waiting_estimate import WaitingTexts, build_waiting_lever
from workloads.pricing.purchases import Purchase
from workloads.pricing.rates import Rate

_FLEX_TEXTS = WaitingTexts(
    title=text("Use the flex tier when nobody is waiting"),
    formula=join_texts(
        "; ", (text("cost of the requests that may wait − their cost at the model's flex prices"), COST_FORMULA)
    ),
    assumptions=(
        text("Flex prices come from the price list, for each kind of token; most models have none"),
        text("Flex requests may take minutes, and are turned away when the provider is busy; retries are not counted"),
        text("A request is bought once: what goes into a batch is not counted here"),
    ),
    nothing=text("no model in the log that is bought at the standard price has a flex price"),
    steps=(
        PlanStep(
            step=text(
                "Ask for the flex tier in jobs that can take minutes, with a long time-out and the standard tier after"
            ),
            effort=join_texts(" - ", ("low", text("one parameter, a longer time-out"))),
            risk=join_texts(" - ", ("low", text("same model, slower; some calls are turned away"))),
            undo=text("Remove the parameter"),
        ),
    ),
)


def _build_flex_rule(log: PricedLog) -> WaitingRule:
    offers = list_tier_offers(log, frozenset({None}), "flex")
    return WaitingRule(lever="flex", offers=offers, where="p.service_tier IS NULL")


FLEX = build_waiting_lever("flex", _build_flex_rule, _FLEX_TEXTS)

FAST_TIERS = ("fast", "priority")

_PRIORITY_TEXTS = WaitingTexts(
    title=text("Use the standard tier where priority isn't needed"),
    formula=join_texts(
        "; ",
        (text("cost of priority requests that nobody waits for − their cost at the standard prices"), COST_FORMULA),
    ),
    assumptions=(text("Standard prices come from the price list, for each kind of token, on the day of the request"),),
    nothing=text("no request in the log is bought at a priority price"),
    steps=(
        PlanStep(
            step=text("Ask for the priority tier only in features where somebody waits for the answer"),
            effort=join_texts(" - ", ("low", text("one parameter per feature"))),
            risk=join_texts(" - ", ("low", text("same model, slower at busy times"))),
            undo=text("Ask for the priority tier again"),
        ),
    ),
)


def _build_priority_rule(log: PricedLog) -> WaitingRule:
    tiers = ", ".join(f"'{tier}'" for tier in FAST_TIERS)
    offers = list_tier_offers(log, frozenset(FAST_TIERS), None)
    return WaitingRule(lever="priority", offers=offers, where=f"p.service_tier IN ({tiers})")


PRIORITY = build_waiting_lever("priority", _build_priority_rule, _PRIORITY_TEXTS)

_OFF_PEAK_TEXTS = WaitingTexts(
    title=text("Move requests to cheaper hours"),
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


def _build_off_peak_rule(log: PricedLog) -> WaitingRule:
    return WaitingRule(lever="off_peak", offers=tuple(_iter_offers(log)), where="p.service_tier IS NULL")


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


OFF_PEAK = build_waiting_lever("off_peak", _build_off_peak_rule, _OFF_PEAK_TEXTS)
