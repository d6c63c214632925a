"""Verbs that leave something out, where a question begins with one: "drop October", "and hide the failed ones". They
mean what "without" means; elsewhere, "drop" may be a fall or an end."""

from agents.language.lexicon import Concept, Span
from agents.language.scan import Scan

PLACING = frozenset({"in", "of", "from", "since", "between", "to", "by"})
"""Words after "drop" where it is a fall: "drop in spend"."""

LEADING = frozenset(
    (
        *("and", "now", "then", "but", "please", "ok", "can", "could", "you", "let", "s", "lets", "us"),
        *("und", "jetzt", "dann", "aber", "bitte", "kannst", "du"),
        *("et", "puis", "maintenant", "alors", "y", "ahora", "luego", "por", "favor", "¿"),
    )
)
"""Words before such a verb where it still begins the question."""


def take_leaving_out(scan: Scan) -> None:
    """Replace what else such a verb may be by "except"."""
    verb = next((span for span in scan.iter_spans("operators", "leave_out") if _begins(scan, span)), None)
    if verb is None:
        return
    others = [span for span in scan.spans if span.end <= verb.start or span.start >= verb.end]
    excluding = Span(verb.start, verb.end, Concept("operators", "except"))
    scan.spans = sorted((*others, excluding, verb), key=lambda span: span.start)


def _begins(scan: Scan, verb: Span) -> bool:
    also = {at for span in scan.iter_spans("operators", "also") for at in range(span.start, span.end)}
    is_first = all(at in also or scan.tokens[at].text in LEADING for at in range(verb.start))
    after = scan.tokens[verb.end].text if verb.end < len(scan.tokens) else ""
    return is_first and after not in PLACING
