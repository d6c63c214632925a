"""Families of models by the beginning of their names: "the gpt-4 models", "alle Claude-Modelle", "la famille gpt"."""

from collections.abc import Sequence

from agents.language.scan import Scan, get_compound
from agents.language.tokens import Token, fold_name
from agents.language.vocabulary import Name, NameSpan

FAMILY_WORDS = frozenset(
    (
        *("models", "family", "series", "line", "llms", "modelle", "modellen", "familie", "reihe", "serie"),
        *("modeles", "famille", "gamme", "modelos", "familia", "gama"),
    )
)
"""Words that stand beside the beginning of several models' names."""

ONE_MODEL = frozenset(("model", "modell"))
WHICH = frozenset(("which", "what", "welches"))
"""Words of "which gpt-4o model", which asks for one of several."""

BETWEEN = frozenset(("of", "from", "de", "d", "des", "von", "vom", "der"))
MAX_BETWEEN = 2


def find_family(scan: Scan, place: int) -> NameSpan | None:
    """Return the models whose names begin as the word at `place` does, if it is said that several are meant."""
    start, end = get_compound(scan.tokens, place)
    first = scan.tokens[place]
    if start != place or not first.is_word or first.text in scan.lexicon.stop or scan.lexicon.get(first.text):
        return None
    word_end = end
    while word_end > start + 1 and scan.tokens[word_end - 1].text in FAMILY_WORDS:
        word_end -= 1
    beginning = "-".join(token.text for token in scan.tokens[start:word_end])
    if not _is_said_of_several(scan.tokens, start, word_end) or not beginning[:1].isalpha():
        return None
    names = tuple(name for name in _list_models(scan, first.text) if _begins(name.value, beginning))
    return NameSpan(start, end, names, False) if names else None


def is_family(names: Sequence[Name], word: str) -> bool:
    """Whether names are those of models that begin with a word, "GPT" of gpt-4o and gpt-4.1."""
    return all(name.dimension == "model" and fold_name(name.value)[:1] == (word,) for name in names)


def _is_said_of_several(tokens: Sequence[Token], start: int, end: int) -> bool:
    after = tokens[end].text if end < len(tokens) else ""
    if after in FAMILY_WORDS or (start and after in ONE_MODEL and tokens[start - 1].text in WHICH):
        return True
    before = start - 1
    while before > max(start - 1 - MAX_BETWEEN, 0) and tokens[before].text in BETWEEN:
        before -= 1
    return before >= 0 and tokens[before].text in FAMILY_WORDS


def _list_models(scan: Scan, word: str) -> tuple[Name, ...]:
    """Return the models of the log that have a word in their names."""
    found = (name for _, name in scan.vocabulary.by_part.get(word, ()))
    return tuple(dict.fromkeys(name for name in found if name.dimension == "model"))


def _begins(model: str, beginning: str) -> bool:
    """Whether a model's name begins so, with or without its path: "gpt-4" of openai/gpt-4o."""
    words = fold_name(model)
    return any("-".join(words[at:]).startswith(beginning) for at in range(len(words)))
