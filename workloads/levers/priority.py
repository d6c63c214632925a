"""Priority that nobody needs: requests bought for a fast answer although nobody waits for one.

Providers ask more for the priority tier or a fast mode. Scheduled work bought that way can go back to the standard
price, if the user confirms that nobody waits."""

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import PlanStep
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA
from workloads.levers.repricing.offers import list_tier_offers
from workloads.levers.repricing.waiting import WaitingRule
from workloads.levers.repricing.waiting_estimate import WaitingTexts, build_waiting_lever

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


LEVER = build_waiting_lever(NAME, build_rule, TEXTS)
