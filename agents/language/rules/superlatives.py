"""Superlatives that don't say of what, "which is the cheapest?", or in what, "which model is best?"."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figure_queries import BEST, WORST
from agents.language.scan import Scan
from core.i18n.text import text

WHICH = frozenset(("which", "welche", "welcher", "welches", "quel", "quelle", "lequel", "laquelle", "cual"))
RANKING = frozenset({"spend", "cost_per_request"})
"""Measures that "expensive" and "cheap" name."""

ASKED_OF = ("model", "feature", "team", "customer", "user", "day")
MAX_CHOICES = 4
BEST_IN = "best in what"
"""The topic of a superlative that does not say in what."""

BETTER = frozenset(("better", "besser", "mieux"))
BEST_CHOICES = (
    "Which {thing} has the lowest cost per request?",
    "Which {thing} has the lowest p95 latency?",
    "Which {thing} has the lowest error rate?",
)
WORST_CHOICES = (
    "Which {thing} has the highest spend?",
    "Which {thing} has the highest p95 latency?",
    "Which {thing} has the highest error rate?",
)


def is_bare_superlative(scan: Scan) -> bool:
    """Whether "which is the cheapest?" does not say of what."""
    is_rank = scan.has("most", "least") and bool(scan.tokens) and scan.tokens[0].text in WHICH
    is_named = bool(scan.names or scan.times) or any(
        True for kind in ("dimensions", "grains", "statistics") for _ in scan.iter_spans(kind)
    )
    return is_rank and not is_named and set(scan.list_names("measures")) <= RANKING


def ask_of_what(scan: Scan) -> Reading:
    """Return the choices for "which is the most expensive?"."""
    known = [name for name in ASKED_OF if name in scan.vocabulary.dimensions or name == "day"]
    rank = "lowest" if scan.has("least") else "highest"
    choices = tuple(f"Which {name} has the {rank} spend?" for name in known[:MAX_CHOICES])
    message = text("Which of what: models, features, users or days?")
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)


def read_unclear_best(found: Findings) -> Reading | None:
    """Which model is best? Best in what."""
    scan = found.scan
    is_worst = bool(found.words & WORST)
    is_best = (is_worst or bool(found.words & (BEST | BETTER))) and not found.measures and not scan.names
    if not is_best or not found.groups or scan.has("why", "what_if"):
        return None
    thing = found.groups[0].replace("_", " ")
    message = text("Best in what: cost, speed or errors? A usage log doesn't show how good the answers are.")
    if is_worst:
        message = text("Worst in what: cost, speed or errors? A usage log doesn't show how good the answers are.")
    choices = tuple(each.format(thing=thing) for each in (WORST_CHOICES if is_worst else BEST_CHOICES))
    return Reading(kind=QuestionKind.CLARIFY, topic=BEST_IN, message=message, choices=choices, is_fragment=True)


def ask_for_cause(reading: Reading) -> Reading | None:
    """Return the choices of a superlative that does not say in what, each with "and why?"; None for anything else."""
    choices = tuple(f"{each.removesuffix('?')}, and why?" for each in reading.choices)
    return replace(reading, choices=choices) if reading.topic == BEST_IN else None
