"""Shorter answers and shorter prompts: what either costs beyond a target length per feature.

A log shows how long they are, not how long they have to be, so the savings need an evaluation. A trimmed token that was
cached saves only the price of a cache read."""

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import PlanStep
from workloads.levers.repricing.lengths import LengthRule, build_length_lever

OUTPUT_LENGTH = build_length_lever(
    LengthRule(
        name="output_length",
        title=text("Shorten long answers"),
        tokens="output",
        keeps="keep_output",
        formula=text("output tokens above the feature's target × output price"),
        assumptions=(text("Reasoning tokens are output, and count"), text("Input stays the same")),
        unknown=text("the cost of answers that are longer than usual for their feature"),
        ask=lambda feature: text("How many tokens does an answer of {feature} need at most?", feature=feature),
        steps=(
            PlanStep(
                step=text(
                    "Ask for shorter answers, or a fixed structure, and lower the limit on output tokens or the "
                    "reasoning effort; compare the answers"
                ),
                effort=join_texts(" - ", ("low", text("a sentence in the prompt, one parameter"))),
                risk=join_texts(" - ", ("medium", text("answers may be cut off or leave something out"))),
                undo=text("Restore the prompt and the limit"),
            ),
        ),
    )
)

CONTEXT_LENGTH = build_length_lever(
    LengthRule(
        name="context_length",
        title=text("Shorten long prompts"),
        tokens="input",
        keeps="keep_input",
        formula=text(
            "cached input above the feature's target × cache-read price + other input above it × input price; the "
            "whole request at the price for shorter prompts where it gets below a limit"
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
                    "Limit the turns, documents and tool results that go into a prompt, or summarise older turns; "
                    "compare the answers"
                ),
                effort=join_texts(" - ", ("medium", text("a rule for what to drop or summarise"))),
                risk=join_texts(" - ", ("medium", text("answers may miss what was dropped; measure before and after"))),
                undo=text("Send the whole context again"),
            ),
        ),
    )
)
