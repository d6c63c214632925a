"""Superlatives that don't say of what: "which is the cheapest?"."""

from agents.language.reading import QuestionKind, Reading
from agents.language.scan import Scan
from core.i18n.text import text

WHICH = frozenset(("which", "welche", "welcher", "welches", "quel", "quelle", "lequel", "laquelle", "cual"))
RANKING = frozenset({"spend", "cost_per_request"})
"""Measures that "expensive" and "cheap" name."""

ASKED_OF = ("model", "feature", "team", "customer", "user", "day")
MAX_CHOICES = 4


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
