"""Verbs of a change over time: "is growing", "fell". A comparative such as "cheaper" is none: it may be of two
names."""

from collections.abc import Iterator

from agents.language.lexicon import Span
from agents.language.names import QUESTION_WORDS
from agents.language.scan import Scan
from agents.language.scope import NOT

CHANGES = ("rise", "fall", "growth")
COMPARATIVES = frozenset(
    (
        *("more", "less", "higher", "lower", "cheaper", "dearer", "expensive", "high", "costs", "cost", "double"),
        *("mehr", "weniger", "teurer", "billiger", "gunstiger", "hoher", "niedriger"),
        *("plus", "moins", "mas", "menos"),
    )
)
"""Words of what is only said to be more or less than something."""


MAX_ASKED = 3
"""Tokens among which "which" stands: "and which models …"."""


def iter_changes(scan: Scan) -> Iterator[Span]:
    """Yield the verbs and nouns of a change over time, also "getting more expensive"."""
    becoming = {span.end for span in scan.iter_spans("operators", "change")}
    for span in scan.iter_spans("operators"):
        words = {token.text for token in scan.tokens[span.start : span.end]}
        is_becoming = span.start in becoming and span.concept.name in (*CHANGES, "most")
        if is_becoming or (span.concept.name in CHANGES and COMPARATIVES.isdisjoint(words)):
            yield span


def asks_which_change(scan: Scan) -> bool:
    """Whether groups are asked for by their change alone: "which features are shrinking?"; not by two changes."""
    asked = {place + 1 for place, token in enumerate(scan.tokens[:MAX_ASKED]) if token.text in QUESTION_WORDS}
    asked |= {span.start for span in scan.iter_spans("operators", "asks_who")}
    groups = [span.end for span in scan.iter_spans("dimensions") if span.start in asked]
    changes = {span.concept.name for span in iter_changes(scan) if any(span.start >= end for end in groups)}
    return len(changes) == 1 and not any(token.text in NOT for token in scan.tokens)
