"""What would change for what the answer before was about: "which feature costs most?", "what if we used gpt-4o-mini for
it?". After a table that no answer chose from, which of its groups is meant is asked back."""

from dataclasses import replace

from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import Filter, Period

IT = frozenset(
    ("it", "that", "this", "es", "sie", "ihn", "das", "ca", "cela", "lui", "elle", "eso", "esto", "ello", "ella")
)
BEFORE_IT = frozenset(("for", "on", "with", "move", "moved", "switch", "switched", "fur", "bei", "pour", "para", "con"))
IF = frozenset(("if", "wenn", "si"))
DONE_BY_IT = frozenset(("used", "ran", "moved", "switched", "went", "were", "was", "had"))
"""What follows "if it" where it is no "it" of "what would it cost"."""

FOR_IT = "dafur"
CHOICES = 3


def read_supposed_of_it(scan: Scan, reading: Reading, last: Turn, _: LogDays) -> Reading | None:
    place, previous, supposed = _find_it(scan), last.reading, reading.query
    is_alone = reading.kind is QuestionKind.WHAT_IF and not supposed.where and supposed.period == Period()
    if place is None or not is_alone or previous.kind is not QuestionKind.MEASURE or previous.query.statistics:
        return None
    about = replace(supposed, where=previous.query.where, period=previous.query.period)
    groups = [name for name in previous.query.by if not get_dimension(name).is_time]
    if not groups:
        return replace(reading, query=about) if previous.query.where else None
    if previous.singular and last.subject is not None and last.subject[0] == groups[0]:
        dimension, value = last.subject
        others = tuple(each for each in about.where if each.field != dimension)
        return replace(reading, query=replace(about, where=(*others, Filter(field=dimension, values=(value,)))))
    return _ask_which(scan, place, groups[0], last)


def _find_it(scan: Scan) -> int | None:
    """Return the place of "it" where something is supposed of it; not in "what would it cost if prices rose?"."""
    groups = {span.start for span in scan.iter_spans("dimensions")}
    for place, token in enumerate(scan.tokens):
        before = scan.tokens[place - 1].text if place else ""
        after = scan.tokens[place + 1].text if place + 1 < len(scan.tokens) else ""
        is_it = token.text in IT and (before in BEFORE_IT or (before in IF and after in DONE_BY_IT))
        if token.text == FOR_IT or (is_it and place + 1 not in groups):  # not in "for that feature"
            return place
    return None


def _ask_which(scan: Scan, place: int, dimension: str, last: Turn) -> Reading:
    """Ask which feature is meant, with the question for each of the first ones."""
    names = (
        name.value for names in scan.vocabulary.by_tokens.values() for name in names if name.dimension == dimension
    )
    first = (last.subject[1],) if last.subject is not None and last.subject[0] == dimension else ()
    token = scan.tokens[place]
    start, lead = scan.question[: token.start], "für " if token.text == FOR_IT else ""
    choices = tuple(
        f'{start}{lead}{dimension.replace("_", " ")} "{name}"{scan.question[token.end :]}'
        for name in tuple(dict.fromkeys((*first, *names)))[:CHOICES]
    )
    message = text("Which {dimension} do you mean? Name one.", dimension=get_dimension(dimension).title)
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)
