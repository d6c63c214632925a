"""Find everything in a question that has a meaning. Linear in the question's length."""

from agents.language.corrections import correct_words
from agents.language.lexicon import Lexicon
from agents.language.names import find_error_codes, find_listed_models, find_names, find_unknown_names
from agents.language.numbers import find_numbers
from agents.language.scan import Scan, is_content
from agents.language.times.calendar import LogDays
from agents.language.times.finder import find_times
from agents.language.times.time_words import TimeWords
from agents.language.tokens import tokenize
from agents.language.vocabulary import NameSpan, Vocabulary


def scan_question(question: str, lexicon: Lexicon, vocabulary: Vocabulary, extent: LogDays) -> Scan:
    """Return what was found in `question`, of which tokens.MAX_CHARACTERS characters are read."""
    scan = Scan(question=question, tokens=tokenize(question), lexicon=lexicon, vocabulary=vocabulary)
    taken = [False] * len(scan.tokens)
    find_names(scan, taken)
    find_error_codes(scan, taken)
    find_listed_models(scan, taken)
    scan.times = list(find_times(TimeWords(scan.tokens, lexicon, extent, taken)))
    scan.names = [name for name in scan.names if not _is_in_time(scan, name)]
    for time in scan.times:
        taken[time.first : time.last] = [True] * (time.last - time.first)
    find_numbers(scan, taken)
    correct_words(scan, taken)
    scan.spans = list(lexicon.find_spans(scan.tokens, taken))
    find_unknown_names(scan, taken)
    covered = list(taken)
    for span in scan.spans:
        covered[span.start : span.end] = [True] * (span.end - span.start)
    scan.unknown_words = [i for i, token in enumerate(scan.tokens) if not covered[i] and is_content(token, lexicon)]
    return scan


def _is_in_time(scan: Scan, name: NameSpan) -> bool:
    """Whether a name only tells what happened then: "since we launched mail-writer on 3 May"."""
    return any(time.first <= name.start and name.end <= time.last for time in scan.times)
