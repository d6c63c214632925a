"""Context length: what prompts cost beyond a target length per feature.

A trimmed token that was cached saves only the price of a cache read. A log shows how long prompts are, not how much of
them the answers need, so the saving needs an evaluation."""

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import Estimate, PlanStep
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import Lever, Speed
from workloads.levers.repricing.lengths import LENGTH_HEADINGS, LengthRule, build_length_effect, estimate_lengths
from workloads.pricing.constraints import ExcludedChange

NAME, TITLE = "context_length", text("Shorten long prompts")

RULE = LengthRule(
    name=NAME,
    title=TITLE,
    tokens="input",
    keeps="keep_input",
    formula=text(
        "cached input above the feature's target × cache-read price + other input above it × input price; the whole "
        "request at the price for shorter prompts where it gets below a limit"
    ),
    assumptions=(
        text("Cached input is cut first, which saves only its read price; the rest of the prompt stays as cached"),
        text("Input that was written to the cache is not cut, and the output stays the same"),
    ),
    unknown=text("the cost of prompts that are longer than usual for their feature"),
    ask=lambda feature: text("How many tokens does a prompt of {feature} need at most?", feature=feature),
    steps=(
        PlanStep(
            step=text(
                "Limit the turns, documents and tool results that go into a prompt, or summarise older turns; compare "
                "the answers"
            ),
            effort=join_texts(" - ", ("medium", text("a rule for what to drop or summarise"))),
            risk=join_texts(" - ", ("medium", text("answers may miss what was dropped; measure before and after"))),
            undo=text("Send the whole context again"),
        ),
    ),
    headings=LENGTH_HEADINGS,
)


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    return build_length_effect(log, RULE, state)


def estimate(log: PricedLog) -> Estimate:
    return estimate_lengths(log, RULE, LEVER)


LEVER = Lever(
    name=NAME,
    title=TITLE,
    speed=Speed.FASTER,
    estimate=estimate,
    effect=build_effect_sql,
    change=ExcludedChange.LENGTHS,
)
