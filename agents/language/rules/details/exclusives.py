"""Groups that are asked for by what they use alone, use all of, or don't use, "which users only use gpt-4o?": asked
back, and never ignored."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.scan import Scan
from core.i18n.text import text

ASKING = frozenset(
    (
        *("which", "what", "who", "whose", "how", "are", "is", "do", "does", "welche", "welcher", "welches", "wer"),
        *("quel", "quels", "quelle", "quelles", "qui", "que", "quien", "quienes"),
    )
)
USES = frozenset(
    (
        *("use", "uses", "used", "using", "call", "calls", "called", "nutzen", "nutzt", "verwenden", "verwendet"),
        *("utilise", "utilisent", "usa", "usan", "utiliza", "utilizan"),
    )
)
NOT = frozenset(("never", "not", "nicht", "nie", "kein", "pas", "jamais", "no", "nunca", "t"))
BOTH = frozenset(("both", "beide", "beiden", "sowohl", "deux", "ambos", "ambas"))


def read_exclusive(found: Findings) -> Reading | None:
    """Which users only use gpt-4o? Which don't use it, or use two of them? A query can't say that."""
    scan = found.scan
    is_listed = bool(found.groups and scan.names and scan.tokens) and _asks(scan)
    if not is_listed or not any(token.text in USES for token in scan.tokens) or scan.times:
        return None
    words, names = {token.text for token in scan.tokens}, {each for span in scan.names for each in span.names}
    is_both = not BOTH.isdisjoint(words) and len(names) > 1
    if not (scan.get_place("only") or _says_not(scan) or is_both):
        return None
    group, other = found.groups[0].replace("_", " "), scan.names[0].names[0]
    if group == other.dimension:
        return None
    message = text("I can't tell who uses nothing else, all of these, or none of them. These come close:")
    choices = (f"Spend by {group} and {other.dimension.replace('_', ' ')}", f"Spend of {other.value} by {group}")
    return Reading(kind=QuestionKind.CLARIFY, topic="exclusive", message=message, choices=choices, is_fragment=True)


def _asks(scan: Scan) -> bool:
    return any(token.text in ASKING for token in scan.tokens[:2])


def _says_not(scan: Scan) -> bool:
    """Whether "not" stands right before or after a word for use: "don't use", "n'utilisent pas", "nutzen nicht"."""
    uses = [place for place, token in enumerate(scan.tokens) if token.text in USES]
    return any(
        scan.tokens[at].text in NOT for place in uses for at in (place - 1, place + 1) if 0 <= at < len(scan.tokens)
    )
