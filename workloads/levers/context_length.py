"""Context length: what prompts cost beyond a target length per feature.

A trimmed token that was cached saves only the price of a cache read. A log shows how long prompts are, not how much of
them the answers need, so the saving needs an evaluation."""

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import PlanStep
from workloads.levers.repricing.lengths import LengthRule, build_length_lever

RULE = LengthRule(
    name="context_length",
    title=text("Shorten long prompts"),
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
)

LEVER = build_length_lever(RULE)
