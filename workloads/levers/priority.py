"""Priority that nobody needs: requests bought for a fast answer although nobody waits for one.

Providers ask more for the priority tier or a fast mode. Scheduled work bought that way can go back to the standard
price, if the user confirms that nobody waits."""

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import Estimate, PlanStep
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed
from workloads.levers.repricing.offers import list_tier_offers
from workloads.levers.repricing.waiting import WaitingRule
from workloads.levers.repricing.waiting_estimate import (
    WaitingTexts,
    build_waiting_effect,
    build_waiting_question_effect,
    estimate_waiting,
)

NAME, TITLE = "priority", text("Use the standard tier where nobody needs priority")
FAST_TIERS = ("fast", "priority")

TEXTS = WaitingTexts(
    title=TITLE,
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


def build_rule(log: PricedLog) -> WaitingRule:
    tiers = ", ".join(f"'{tier}'" for tier in FAST_TIERS)
    offers = list_tier_offers(log, frozenset(FAST_TIERS), None)
    return WaitingRule(lever=NAME, offers=offers, where=f"p.service_tier IN ({tiers})")


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    return build_waiting_effect(log, state, build_rule(log))


def build_question_effect_sql(log: PricedLog, state: LogState, scope: str) -> str | None:
    return build_waiting_question_effect(log, state, build_rule(log), scope)


def estimate(log: PricedLog) -> Estimate:
    return estimate_waiting(log, build_rule(log), TEXTS)


LEVER = Lever(
    name=NAME,
    title=TITLE,
    speed=Speed.OFFLINE,
    estimate=estimate,
    effect=build_effect_sql,
    question_effect=build_question_effect_sql,
)
