"""Errors in a question, by their status code or as people call them: "429s", "timeouts", "rate limited"."""

from agents.language.scan import Scan
from agents.language.vocabulary import Name, NameSpan


def find_error_codes(scan: Scan, taken: list[bool]) -> None:
    """Take "429s" for the errors of the log that are written so or have that status code."""
    known: dict[tuple[str, ...], tuple[Name, ...]] = {(): ()}
    for place, token in enumerate(scan.tokens):
        code = token.text.removesuffix("s")
        if not taken[place] and code in scan.lexicon.errors and "error" in scan.vocabulary.dimensions:
            after = scan.tokens[place + 1].text if place + 1 < len(scan.tokens) else ""
            names = _look_up_errors(scan, (code, *scan.lexicon.errors[code]), known)
            if names and (token.text != code or any(c.name in ("failures", "error") for c in scan.lexicon.get(after))):
                scan.names.append(NameSpan(place, place + 1, names, False))
                taken[place] = True
    _find_error_phrases(scan, taken, known)
    scan.names.sort(key=lambda each: each.start)


def _look_up_errors(
    scan: Scan, words: tuple[str, ...], known: dict[tuple[str, ...], tuple[Name, ...]]
) -> tuple[Name, ...]:
    if words not in known:  # each is looked for among all errors of the log, and a question may repeat it
        known[words] = scan.vocabulary.find_errors(words)
    return known[words]


def _find_error_phrases(scan: Scan, taken: list[bool], known: dict[tuple[str, ...], tuple[Name, ...]]) -> None:
    """Take "rate limit errors" and "timeouts" for the errors of the log that are called so."""
    phrases = scan.lexicon.error_phrases
    for place in range(len(scan.tokens)):
        for length in (2, 1):
            words = [token.text for token in scan.tokens[place : place + length]]
            if len(words) < length or any(taken[place : place + length]):
                continue
            *first, last = words
            forms = ((*first, form) for form in (last, last.removesuffix("s"), last.removesuffix("ed")))
            phrase = next((phrases[form] for form in forms if form in phrases), "")
            alike = (listed for listed in scan.lexicon.errors.values() if phrase in listed)  # "throttled": rate limits
            names = _look_up_errors(scan, (phrase, phrase.replace(" ", "")), known) if phrase else ()
            names = names or _look_up_errors(scan, next(alike, ()), known)
            if names:
                scan.names.append(NameSpan(place, place + length, names, False))
                taken[place : place + length] = [True] * length
                break
