"""The rules for what is asked in words of their own ("asked" in words/*.toml), which mean nothing to other rules."""

from collections.abc import Callable
from dataclasses import replace

from agents.language.findings import Findings
from agents.language.lexicon import Span
from agents.language.reading import Reading
from agents.language.rules.absent import PURPOSES
from agents.language.rules.spending.budgets import read_budget
from agents.language.rules.spending.longest import read_longest
from agents.language.rules.spending.owners import read_cause, read_concentration, read_responsible
from agents.language.rules.spending.pace import read_pace, read_reach
from agents.language.rules.spending.single_items import read_single_item
from agents.language.rules.spending.summaries import read_summary
from agents.language.rules.spending.users_of import read_users_of
from agents.language.scan import Scan

ASKED_RULES: tuple[Callable[[Findings], Reading | None], ...] = (
    read_budget,
    read_reach,
    read_pace,
    read_summary,
    read_longest,
    read_users_of,
    read_concentration,
    read_responsible,
    read_cause,
    read_single_item,
)

OR = frozenset(("or", "oder", "ou", "o", "u"))

OWN_TOPICS = frozenset({"alert", "reach"})
"""Topics that no log can answer, but for the questions of these rules."""


def leave_out_asked(found: Findings) -> Findings | None:
    """Return the findings without the words of these rules among the unknown ones; None if the question has other words
    that are not understood, or names something that the log lacks."""
    scan = found.scan
    asked = {place for span in scan.iter_spans("asked") for place in range(span.start, span.end)}
    who = {span.start for span in scan.iter_spans("operators", "asks_who")}
    named = [span for span in scan.iter_spans("dimensions") if span.start not in who]
    lacking = [span for span in named if span.concept.name not in scan.vocabulary.dimensions]
    lacks = len(lacking) == len(named) > 0 or not all(_is_alternative(scan, span) for span in lacking)
    asked |= {at for at in scan.unknown_words if scan.tokens[at].text in PURPOSES}
    unknown = {*scan.unknown_words, *(at for name in scan.unknown_names for at in range(name.start, name.end))}
    is_other = not asked.issuperset(unknown) or not OWN_TOPICS.issuperset(scan.list_names("cannot"))
    if not any(True for _ in scan.iter_spans("asked")) or is_other or lacks or scan.listed_models:
        return None
    return replace(found, scan=replace(scan, unknown_words=[], unknown_names=[]))


def _is_alternative(scan: Scan, span: Span) -> bool:
    """Whether another one that the log has will do: "which team or feature"."""
    beside = {scan.tokens[at].text for at in (span.start - 1, span.end) if 0 <= at < len(scan.tokens)}
    return bool(OR & beside)


def read_asked(found: Findings) -> Reading | None:
    """Return what the first of these rules reads; None for another question."""
    return next((each for rule in ASKED_RULES if (each := rule(found)) is not None), None)
