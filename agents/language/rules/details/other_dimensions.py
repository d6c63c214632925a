"""Names that no value of their dimension has: "spend for team search", where only a feature is called so."""

from collections.abc import Iterator
from dataclasses import replace

from agents.language.findings import Findings
from agents.language.phrases.other_dimensions import get_dimension_said
from agents.language.reading import QuestionKind, Reading
from agents.language.scan import Scan, UnknownName
from agents.language.tokens import fold_name
from agents.language.vocabulary import Name
from core.i18n.text import text
from workloads.query.dimensions import get_dimension

MAX_FURTHER = 3
"""Words that a name may have after its first one."""

MAX_OTHERS = 2
MAX_VALUES = 3


def read_name_of_dimension(found: Findings) -> Reading | None:
    """Say that the log has no team of that name, and offer the question for what is called so and for its teams."""
    unknown = next((each for each in found.scan.unknown_names if each.dimension is not None), None)
    unknown = _extend(found.scan, unknown) if unknown is not None else _find_number(found.scan)
    if unknown is None or unknown.dimension not in found.scan.vocabulary.dimensions:
        return None
    message = text(
        "The log has no {dimension} called “{name}”.",
        dimension=get_dimension(unknown.dimension).title,
        name=unknown.words,
    )
    choices = tuple(dict.fromkeys(_iter_choices(found.scan, unknown)))
    return Reading(kind=QuestionKind.CANNOT, topic="name", message=message, choices=choices)


def _extend(scan: Scan, unknown: UnknownName) -> UnknownName:
    """Return "support chat" for "team support chat", where a feature is called so."""
    ends = range(min(unknown.end + MAX_FURTHER, len(scan.tokens)), unknown.end, -1)
    words = [token.text for token in scan.tokens]
    end = next((at for at in ends if tuple(words[unknown.start : at]) in scan.vocabulary.by_tokens), unknown.end)
    return replace(unknown, end=end, words=scan.quote(unknown.start, end))


def _find_number(scan: Scan) -> UnknownName | None:
    """Return the 5 of "what did user 5 cost?", where no user is called so."""
    for number in scan.numbers:
        is_plain = not (number.is_percent or number.is_money or number.unit)
        words = scan.quote(number.start, number.end)
        if is_plain and words.isdecimal() and (dimension := get_dimension_said(scan, number.start)):
            return UnknownName(number.start, number.end, words, dimension, ())
    return None


def _iter_choices(scan: Scan, unknown: UnknownName) -> Iterator[str]:
    """Yield the question with other names: those of other dimensions that share a word, then those of its own."""
    similar = _list_similar(scan, unknown)
    own = [name.value for name in similar if name.dimension == unknown.dimension]
    others = [name.value for name in similar if name.dimension != unknown.dimension]
    all_names = (name for names in scan.vocabulary.by_tokens.values() for name in names)
    own += [name.value for name in all_names if name.dimension == unknown.dimension]
    is_before = unknown.start > 0 and any(s.end == unknown.start for s in scan.iter_spans("dimensions"))
    start, end = (unknown.start - 1, unknown.end) if is_before else (unknown.start, unknown.end + 1)
    if scan.tokens[start].gap.isspace() or start == 0:  # not after an apostrophe, "de l'équipe"
        yield from (_put(scan, start, end, value) for value in others[:MAX_OTHERS])
    yield from (_put(scan, unknown.start, unknown.end, value) for value in list(dict.fromkeys(own))[:MAX_VALUES])


def _list_similar(scan: Scan, unknown: UnknownName) -> tuple[Name, ...]:
    exact = scan.vocabulary.by_tokens.get(fold_name(unknown.words), ())
    return tuple(dict.fromkeys((*exact, *unknown.similar)))


def _put(scan: Scan, start: int, end: int, value: str) -> str:
    """Return the question with a value in the place of some tokens."""
    first, last = scan.tokens[start].start, scan.tokens[end - 1].end
    return f"{scan.question[:first]}{value}{scan.question[last:]}"
