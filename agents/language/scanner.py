"""Scan a question: find its names, times, numbers and words, also those with typing errors, which are almost spelled
like a word of the lexicon or a name of the log. Linear in the question's length."""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agents.language.columns import find_columns
from agents.language.lexicon import ASKED, Lexicon, Span
from agents.language.limits import take_limits
from agents.language.names import choose_dimension, find_listed_models, find_names, find_unknown_names
from agents.language.numbers import find_numbers
from agents.language.phrases.error_names import find_error_codes
from agents.language.phrases.leaving_out import take_leaving_out
from agents.language.phrases.listed_families import find_listed_families
from agents.language.phrases.marks import take_free_names
from agents.language.phrases.negations import exclude_others, negate_outcomes
from agents.language.phrases.other_dimensions import is_of_other_dimension
from agents.language.scan import Scan, get_compound, is_content
from agents.language.times.calendar import LogDays
from agents.language.times.finder import find_times
from agents.language.times.time_words import build_time_words
from agents.language.tokens import Token, tokenize
from agents.language.vocabulary import MIN_FUZZY_LETTERS, NameSpan, Vocabulary

MAX_FUZZY_WORDS = 12
MIN_WORD_SIMILARITY = 0.79


def scan_question(question: str, lexicon: Lexicon, vocabulary: Vocabulary, extent: LogDays) -> Scan:
    """Return what was found in `question`, of which tokens.MAX_CHARACTERS characters are read."""
    scan = Scan(question=question, tokens=tokenize(question), lexicon=lexicon, vocabulary=vocabulary)
    taken = [False] * len(scan.tokens)
    find_names(scan, taken)
    find_error_codes(scan, taken)
    find_listed_models(scan, taken)
    find_listed_families(scan, taken)
    scan.times = list(find_times(build_time_words(scan.tokens, lexicon, extent, taken)))
    scan.names = [name for name in scan.names if not _is_in_time(scan, name)]
    for time in scan.times:
        taken[time.first : time.last] = [True] * (time.last - time.first)
    find_numbers(scan, taken)
    _correct_words(scan, taken)
    columns = list(find_columns(scan, taken))
    scan.spans = sorted((*lexicon.find_spans(scan.tokens, taken), *columns), key=lambda span: span.start)
    find_unknown_names(scan, taken)
    scan.spans = [span for span in scan.spans if not _is_in_unknown_name(scan, span)]
    covered = list(taken)
    for span in (each for each in scan.spans if each.concept.kind != ASKED):
        covered[span.start : span.end] = [True] * (span.end - span.start)
    scan.unknown_words = [i for i, token in enumerate(scan.tokens) if not covered[i] and is_content(token, lexicon)]
    take_free_names(scan)
    take_leaving_out(scan)
    negate_outcomes(scan)
    exclude_others(scan)
    take_limits(scan)
    return scan


def _is_in_unknown_name(scan: Scan, span: Span) -> bool:
    """Whether a topic is only a part of a name: "the invoice-reader feature" is about no invoice."""
    is_topic = span.concept.kind in ("cannot", "talk")
    return is_topic and any(name.start <= span.start and span.end <= name.end for name in scan.unknown_names)


def _is_in_time(scan: Scan, name: NameSpan) -> bool:
    """Whether a name only tells what happened then: "since we launched mail-writer on 3 May"."""
    return any(time.first <= name.start and name.end <= time.last for time in scan.times)


def _correct_words(scan: Scan, taken: list[bool]) -> None:
    """Replace words with typing errors by the word of the lexicon, or find the name that is meant."""
    tokens = list(scan.tokens)
    words = scan.lexicon.words
    unknown = [
        i
        for i, token in enumerate(tokens)
        if not taken[i] and is_content(token, scan.lexicon) and not scan.lexicon.is_word(token.text)
    ]
    if not unknown:
        return
    known = [word for word in words if len(word) >= MIN_FUZZY_LETTERS and not _is_like_names(scan, word)]
    for place in unknown[:MAX_FUZZY_WORDS]:
        is_name = taken[place] or _extend_name(scan, tokens, place, taken)
        if not is_name and not _take_similar_name(scan, tokens, place, taken):
            word = tokens[place].text
            if len(word) < MIN_FUZZY_LETTERS or any(letter.isdigit() for letter in word):
                continue
            found = process.extractOne(word, known, scorer=OSA.normalized_similarity, score_cutoff=MIN_WORD_SIMILARITY)
            if found:
                token = tokens[place]
                tokens[place] = replace(token, text=found[0])
    scan.tokens = tuple(tokens)


def _extend_name(scan: Scan, tokens: list[Token], place: int, taken: list[bool]) -> bool:
    """Take a word with a typing error into the name beside it: "invioce reader"."""
    for index, span in enumerate(scan.names):
        if span.is_exact or place not in (span.start - 1, span.end):
            continue
        start, end = min(place, span.start), max(place + 1, span.end)
        names = scan.vocabulary.find_similar([token.text for token in tokens[start:end]])
        if names and set(names) <= set(span.names):
            scan.names[index] = NameSpan(start, end, names, False)
            taken[place] = True
            return True
    return False


def _cuts_compound(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether only a part of a word such as gpt-5 would be looked at."""
    return get_compound(tokens, start)[0] < start or get_compound(tokens, end - 1)[1] > end


def _is_like_names(scan: Scan, word: str) -> bool:
    """Whether names are written much like a word: "France" is no typing error of a currency, "chat" none of a chart."""
    concepts = scan.lexicon.get(word)
    return bool(concepts) and all(concept.name in ("currency", "as_chart", "as_table") for concept in concepts)


def _take_similar_name(scan: Scan, tokens: list[Token], place: int, taken: list[bool]) -> bool:
    """Take a name with a typing error, alone or with its neighbours: "suport chat"."""
    for start, end in ((place - 1, place + 2), (place, place + 2), (place - 1, place + 1), (place, place + 1)):
        if start < 0 or end > len(tokens) or any(taken[start:end]) or _cuts_compound(tokens, start, end):
            continue
        names = scan.vocabulary.find_similar([token.text for token in tokens[start:end]])
        if names:
            span = choose_dimension(scan, NameSpan(start, end, names, False))
            if is_of_other_dimension(scan, span):
                return False
            scan.names.append(span)
            scan.names.sort(key=lambda each: each.start)
            taken[start:end] = [True] * (end - start)
            return True
    return False
