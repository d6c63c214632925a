"""Output length: what answers cost beyond a target length per feature.

A log shows how long answers are, not how long they have to be, so the saving needs an evaluation."""

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import PlanStep
from workloads.levers.repricing.lengths import LengthRule, build_length_lever

RULE = LengthRule(
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
                "Ask for shorter answers, or a fixed structure, and lower the limit on output tokens or the reasoning "
                "effort; compare the answers"
            ),
            effort=join_texts(" - ", ("low", text("a sentence in the prompt, one parameter"))),
            risk=join_texts(" - ", ("medium", text("answers may be cut off or leave something out"))),
            undo=text("Restore the prompt and the limit"),
        ),
    ),
)

LEVER = build_length_lever(RULE)
