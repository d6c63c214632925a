"""Flex: the lower price of some models for requests that may take minutes or be turned away at busy times.

Only models with a flex price in the list, and requests that are standard now: batch and flex exclude each other. That a
request can wait has to be confirmed."""

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import PlanStep
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA
from workloads.levers.repricing.offers import list_tier_offers
from workloads.levers.repricing.waiting import WaitingRule
from workloads.levers.repricing.waiting_estimate import WaitingTexts, build_waiting_lever

NAME, TITLE = "flex", text("Use the flex tier where nobody waits")

TEXTS = WaitingTexts(
    title=TITLE,
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


def build_rule(log: PricedLog) -> WaitingRule:
    offers = list_tier_offers(log, frozenset({None}), "flex")
    return WaitingRule(lever=NAME, offers=offers, where="p.service_tier IS NULL")


LEVER = build_waiting_lever(NAME, build_rule, TEXTS)
