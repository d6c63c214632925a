"""Names in a question: those of the log, errors by their code, models of the price list, and unknown ones."""

from collections.abc import Iterator

from agents.language.lexicon import Concept
from agents.language.phrases.families import find_family, is_family
from agents.language.phrases.other_dimensions import is_of_other_dimension
from agents.language.scan import Scan, UnknownName, get_compound, is_content
from agents.language.vocabulary import Name, NameSpan

MIN_DIGITS = 3
"""Digits of a number that may be a part of a name."""

SUPPOSING = frozenset(
    (
        *(
            "if",
            "would",
            "could",
            "should",
            "can",
            "move",
            "moved",
            "moving",
            "switch",
            "save",
            "saves",
            "saved",
            "worth",
        ),
        *("wenn", "wurde", "wurden", "konnten", "sparen", "si", "economiserait", "coutait", "couterait"),
        *("ahorrariamos", "ahorrar", "costaria", "pasaramos", "api"),
    )
)
"""Words of a question about what could be in batch, not about what is."""

QUESTION_WORDS = frozenset(
    (
        *("which", "what", "how", "many"),
        *("welche", "welchen", "welcher", "welches", "quel", "quelle", "quels", "quelles", "que", "cual", "cuales"),
    )
)


def find_names(scan: Scan, taken: list[bool]) -> None:
    phrases = _find_phrases(scan)
    place = 0
    while place < len(scan.tokens):
        family = find_family(scan, place)
        span = scan.vocabulary.find_exact(scan.tokens, place) if family is None else None
        if family is None and _is_longer_model(scan, place, span):
            place = get_compound(scan.tokens, place)[1]
            continue
        if family is not None:
            span = family
        elif span is not None and not _is_said_otherwise(scan, span) and not _is_part_of_phrase(scan, span, phrases):
            span = choose_dimension(scan, span)
        else:
            span = None if place in phrases else _find_part(scan, place)
        refused = span if span is not None and is_of_other_dimension(scan, span) else None
        if refused is not None:
            span = _find_part(scan, place)  # "the key research" is research-prod, whatever team is called so
        if span is None or is_of_other_dimension(scan, span):
            place = place + 1 if refused is None else refused.end
            continue
        scan.names.append(span)
        taken[span.start : span.end] = [True] * (span.end - span.start)
        place = span.end


def _find_phrases(scan: Scan) -> frozenset[int]:
    """Return the places of the lexicon's phrases of several words: the rate of "error rate" is no "rate_limited"."""
    spans = scan.lexicon.find_spans(scan.tokens, [False] * len(scan.tokens))
    return frozenset(place for span in spans if span.end - span.start > 1 for place in range(span.start, span.end))


def _is_part_of_phrase(scan: Scan, span: NameSpan, phrases: frozenset[int]) -> bool:
    """Whether a name of one word is a part of a phrase, as the error "error" is of "error rate"."""
    return span.end - span.start == 1 and span.start in phrases and not _is_quoted(scan, span)


def _is_longer_model(scan: Scan, place: int, span: NameSpan | None) -> bool:
    """Whether a model of the price list stands here, of whose name a name of the log is only a part."""
    start, end = get_compound(scan.tokens, place)
    words = tuple(token.text for token in scan.tokens[start:end])
    return start == place and words in scan.vocabulary.listed_models and (span is None or span.end < end)


def find_listed_models(scan: Scan, taken: list[bool]) -> None:
    """Find models of the price list that the log does not have, written as one word: "claude-sonnet-5"."""
    place = 0
    while place < len(scan.tokens):
        start, end = get_compound(scan.tokens, place)
        words = tuple(token.text for token in scan.tokens[start:end])
        model = None if words in scan.vocabulary.by_tokens else scan.vocabulary.listed_models.get(words)
        is_name = end - start > 1 or any(letter.isdigit() for letter in scan.tokens[place].text)  # "o3"
        if start == place and is_name and model and not any(taken[start:end]):
            scan.listed_models.append((start, end, model))
            taken[start:end] = [True] * (end - start)
        place = max(end, place + 1)


def _is_said_otherwise(scan: Scan, span: NameSpan) -> bool:
    """Whether a name is also an ordinary word, and nothing says that the name is meant."""
    words = tuple(token.text for token in scan.tokens[span.start : span.end])
    is_ordinary = words in scan.lexicon.phrases or (len(words) == 1 and words[0] in scan.lexicon.stop)
    return (
        is_ordinary
        and not _has_dimension_beside(scan, span)
        and not _is_quoted(scan, span)
        and not _is_tier_in_use(scan, span)
    )


def _is_tier_in_use(scan: Scan, span: NameSpan) -> bool:
    """Whether "batch" is what the log has of it, and nothing is supposed: "how much did we spend on batch?"."""
    is_tier = any(name.dimension == "tier" for name in span.names)
    return is_tier and SUPPOSING.isdisjoint(token.text for token in scan.tokens)


def _has_dimension_before(scan: Scan, place: int) -> bool:
    return place > 0 and any(c.kind == "dimensions" for c in scan.lexicon.get(scan.tokens[place - 1].text))


def _has_dimension_beside(scan: Scan, span: NameSpan) -> bool:
    named = {name.dimension for name in span.names}
    return any(concept.name in named for concept in _iter_dimensions_beside(scan, span))


def _iter_dimensions_beside(scan: Scan, span: NameSpan) -> Iterator[Concept]:
    """Yield the dimensions right before or after a name: "the user total", "the Growth team"."""
    for place in (span.start - 1 - _is_quoted(scan, span), span.end):
        if 0 <= place < len(scan.tokens):
            yield from (c for c in scan.lexicon.get(scan.tokens[place].text) if c.kind == "dimensions")


def _is_quoted(scan: Scan, span: NameSpan) -> bool:
    return span.start > 0 and not scan.tokens[span.start - 1].is_word and scan.tokens[span.start - 1].text in '"“„«'


def choose_dimension(scan: Scan, span: NameSpan) -> NameSpan:
    """Return the span with the names of one dimension: the one that stands beside it, else the first."""
    beside = [concept.name for concept in _iter_dimensions_beside(scan, span)]
    dimensions = [name.dimension for name in span.names]
    chosen = next((each for each in beside if each in dimensions), dimensions[0])
    return NameSpan(span.start, span.end, tuple(n for n in span.names if n.dimension == chosen), span.is_exact)


def _find_part(scan: Scan, place: int) -> NameSpan | None:
    """Return the names of which words are a part, unless the words are ordinary ones or only part of a compound."""
    token = scan.tokens[place]
    if not token.is_word or token.text in scan.lexicon.stop or scan.lexicon.get(token.text):
        return None
    if place and any(c.kind == "times" for c in scan.lexicon.get(scan.tokens[place - 1].text, token.text)):
        return None  # "at night" is no feature called night-report
    if token.text.isdecimal() and (len(token.text) < MIN_DIGITS or not _has_dimension_before(scan, place)):
        return None  # "$250" and "250 requests" are no user-250, but "user 250" is
    span = scan.vocabulary.find_part(scan.tokens, place)
    if span is None:
        return None
    start, end = get_compound(scan.tokens, place)
    # "At this rate" is no error called rate_limited.
    is_ours = span.end - span.start == 1 and token.text in scan.lexicon.words and not _has_dimension_before(scan, place)
    is_ours = is_ours and not is_family(span.names, token.text)  # "GPT", though "are you GPT?" is small talk
    if is_ours or (not (span.start <= start and end <= span.end) and end - start > 1):
        return None
    return choose_dimension(scan, span)


NUMBERED = 2
"""Tokens of a dimension with a number."""


def find_unknown_names(scan: Scan, taken: list[bool]) -> None:
    place = 0
    while place < len(scan.tokens):
        start, end = get_compound(scan.tokens, place)
        if not any(taken[start:end]) and start == place:
            found = _to_unknown_name(scan, start, end)
            if found:
                scan.unknown_names.append(found)
        place = max(end, place + 1)


def _to_unknown_name(scan: Scan, start: int, end: int) -> UnknownName | None:
    """Return the words as an unknown name, if they look like one or a dimension stands before them."""
    tokens = scan.tokens[start:end]
    words = scan.quote(start, end)
    if all(token.text in scan.lexicon.words or token.text in scan.lexicon.stop for token in tokens):
        return None
    before = scan.lexicon.get(scan.tokens[start - 1].text) if start else ()
    dimension = next((c.name for c in before if c.kind == "dimensions"), None)
    if dimension is not None and _is_asked_for(scan, start - 1):
        dimension = None  # "which team sees most errors": a verb follows
    dimension = dimension or _get_dimension_after(scan, start, end) or _get_numbered_dimension(scan, start, end)
    has_parts = end - start > 1 and any(token.text in scan.vocabulary.by_part for token in tokens)
    if dimension is None and not has_parts:
        return None
    if not any(is_content(token, scan.lexicon) for token in tokens):
        return None
    similar = list_similar_names(scan, start, end)
    return UnknownName(start, end, words, dimension, similar)


def _get_dimension_after(scan: Scan, start: int, end: int) -> str | None:
    """Return the dimension after words that are written as a name: "the Marketing team"."""
    token = scan.tokens[start]
    is_ranked = any(c.kind == "operators" for c in scan.lexicon.get(token.text))  # "the top-3 users"
    is_name = start > 0 and not is_ranked and ((token.is_capitalized and not token.raw.isupper()) or end - start > 1)
    after = scan.lexicon.get(scan.tokens[end].text) if end < len(scan.tokens) and is_name else ()
    return next((c.name for c in after if c.kind == "dimensions" and c.name in scan.vocabulary.dimensions), None)


def _get_numbered_dimension(scan: Scan, start: int, end: int) -> str | None:
    """Return the user of "user-009": a dimension and a number as one word."""
    is_numbered = end - start == NUMBERED and scan.tokens[end - 1].text.isdecimal()
    words = scan.lexicon.get(scan.tokens[start].text) if is_numbered else ()
    return next((c.name for c in words if c.kind == "dimensions"), None)


def _is_asked_for(scan: Scan, place: int) -> bool:
    """Whether a question word or a number stands before a dimension."""
    before = scan.tokens[place - 1] if place else None
    if before is None:
        return False
    is_number = before.text[:1].isdecimal() or any(c.kind == "numbers" for c in scan.lexicon.get(before.text))
    return is_number or before.text in QUESTION_WORDS


def list_similar_names(scan: Scan, start: int, end: int) -> tuple[Name, ...]:
    """Return names of the log that share a part with these tokens."""
    tokens = scan.tokens[start:end]
    similar = tuple(
        dict.fromkeys(name for token in tokens for _, name in scan.vocabulary.by_part.get(token.text, ())[:4])
    )
    return similar[:4]
