"""Typing errors: words of the lexicon and names of the log that are almost spelled right."""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agents.language.names import choose_dimension
from agents.language.scan import Scan, get_compound, is_content
from agents.language.tokens import Token
from agents.language.vocabulary import MIN_FUZZY_LETTERS, NameSpan

MAX_FUZZY_WORDS = 12
MIN_WORD_SIMILARITY = 0.79


def correct_words(scan: Scan, taken: list[bool]) -> None:
    """Replace words with typing errors by the word of the lexicon, or find the name that is meant."""
    tokens = list(scan.tokens)
    words = scan.lexicon.words
    unknown = [
        i
        for i, token in enumerate(tokens)
        if not taken[i] and is_content(token, scan.lexicon) and token.text not in words
    ]
    if not unknown:
        return
    known = [word for word in words if len(word) >= MIN_FUZZY_LETTERS and not _is_currency(scan, word)]
    for place in unknown[:MAX_FUZZY_WORDS]:
        is_name = taken[place] or _extend_name(scan, tokens, place, taken)
        if not is_name and not take_similar_name(scan, tokens, place, taken):
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


def _is_currency(scan: Scan, word: str) -> bool:
    """Whether a word names a currency: "France" is no typing error of it."""
    concepts = scan.lexicon.get(word)
    return bool(concepts) and all(concept.name == "currency" for concept in concepts)


def take_similar_name(scan: Scan, tokens: list[Token], place: int, taken: list[bool]) -> bool:
    """Take a name with a typing error, alone or with its neighbours: "suport chat"."""
    for start, end in ((place - 1, place + 2), (place, place + 2), (place - 1, place + 1), (place, place + 1)):
        if start < 0 or end > len(tokens) or any(taken[start:end]) or _cuts_compound(tokens, start, end):
            continue
        names = scan.vocabulary.find_similar([token.text for token in tokens[start:end]])
        if names:
            span = choose_dimension(scan, NameSpan(start, end, names, False))
            scan.names.append(span)
            scan.names.sort(key=lambda each: each.start)
            taken[start:end] = [True] * (end - start)
            return True
    return False
