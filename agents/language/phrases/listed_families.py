"""Families of models of the price list that the log lacks: "would haiku have been cheaper?" means the newest one."""

from agents.language.scan import Scan
from agents.language.tokens import fold_name

MAX_VERSION_DIGITS = 2
"""Digits of a part of a version; with more of them, it is a date."""

ENDINGS = frozenset({"latest"})
MAX_WORDS = 12
"""Unknown words that are looked up in the price list, so that a long text costs no more."""

MIN_LETTERS = 4
LINE_WORDS = 2
"""Words of a line, "claude haiku"; with more of them it has several kinds of models."""


def find_listed_families(scan: Scan, taken: list[bool]) -> None:
    """Find the newest model of a family that is named by one word."""
    if scan.listed_models:
        return
    looked_at = 0
    for place, token in enumerate(scan.tokens):
        is_word = token.is_word and len(token.text) >= MIN_LETTERS and not scan.lexicon.is_word(token.text)
        if not is_word or taken[place] or token.text in scan.lexicon.stop or token.text in scan.vocabulary.by_part:
            continue
        looked_at += 1
        if looked_at > MAX_WORDS:
            return
        model = _find_newest(scan, token.text)
        if model is not None:
            scan.listed_models.append((place, place + 1, model))
            taken[place] = True
            return


def _find_newest(scan: Scan, word: str) -> str | None:
    """Return the model with the highest version of the only line that has this word: claude-haiku."""
    listed = {model: tokens for tokens, model in scan.vocabulary.listed_models.items() if word in tokens}
    lines = {model: _get_line(tokens) for model, tokens in listed.items()}
    if len(set(lines.values())) != 1 or len(next(iter(lines.values()))) > LINE_WORDS:
        return None
    return max(listed, key=lambda model: (_get_version(model), -len(model), model))


def _get_line(tokens: tuple[str, ...]) -> frozenset[str]:
    return frozenset(token for token in tokens if not token.isdecimal() and token not in ENDINGS)


def _get_version(model: str) -> tuple[int, ...]:
    parts = fold_name(model)
    return tuple(int(part) for part in parts if part.isdecimal() and len(part) <= MAX_VERSION_DIGITS)
