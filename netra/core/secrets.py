"""Secrets that got into what is told: taken out before it is stored or sent.

Names and shapes (netra.core.patterns), no entropy: what looks like figures, ids and hashes stays as it is.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from uuid import UUID

from netra.core.patterns import KEY, REMOVED, RULES

_ROUNDS = 3
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)'  # one without an end takes the rest, or each quote in it would try
_PAIR = re.compile(rf"({_STRING})(?:(\s*+:\s*+)({_STRING})?)?", re.DOTALL)


def scrubbed(text: str) -> str:
    """Serialised JSON without the secrets in its strings; all else is, byte for byte, as it was. Idempotent.

    A string that is itself JSON is looked into. Text that is no JSON is taken as words.
    """
    if not _worth_a_look(text):
        return text
    return _PAIR.sub(_pair, text) if text.lstrip()[:1] in ("{", "[", '"') else scrubbed_words(text)


def all_scrubbed(told: Mapping[UUID, Sequence[str]], words: Callable[[str], str]) -> dict[UUID, tuple[str, ...]]:
    """Each user's texts, each as `scrubbed` has it; `words` is the part of a text that may hold a secret.

    All are looked at as one first: seldom is there anything, and many short looks cost more.
    """
    if not _worth_a_look("\n".join(map(words, chain.from_iterable(told.values())))):
        return {user: tuple(texts) for user, texts in told.items()}
    return {user: tuple(scrubbed(text) for text in texts) for user, texts in told.items()}


def scrubbed_words(text: str) -> str:
    """Plain words without secrets. Idempotent."""
    for _ in range(_ROUNDS):  # what a removal leaves may read differently than it did
        before, text = text, _once(text)
        if text == before:
            break
    return text


# Of all rules, each once: every event is looked at, and a call for each rule would cost more than the looking.
_HINTS = tuple(dict.fromkeys((hint.word, hint.then) for rule in RULES for hint in rule.hints))


def _worth_a_look(text: str) -> bool:
    # JSON's escapes may hide a letter or a slash: then its strings are looked at one by one.
    return _suspect(text) or ("\\" in text and ("\\u00" in text or "\\/" in text))


def _suspect(text: str) -> bool:
    lower = text.lower()
    for word, then in _HINTS:  # noqa: SIM110 - a generator costs as much as the looking
        if word in lower and (then is None or then.search(lower) is not None):
            return True
    return False


def _once(text: str) -> str:
    for rule in RULES:
        if rule.may_apply(text.lower()):
            text = rule.pattern.sub(rule.replace, text)
    return text


def _pair(found: re.Match[str]) -> str:
    key, colon, value = found.groups()
    if colon is None:
        return _string(key)
    if value is None:
        return _string(key) + colon
    secret = value not in ('""', f'"{REMOVED}"') and KEY.search(_decoded(key))
    return _string(key) + colon + (f'"{REMOVED}"' if secret else _string(value))


def _string(token: str) -> str:
    """One JSON string; written anew only where something was removed."""
    said = _decoded(token)
    if not _suspect(said):
        return token
    left = scrubbed(said) if _is_json(said) else scrubbed_words(said)
    # In ASCII: a lone surrogate, which JSON may escape, cannot be encoded.
    return token if left == said else json.dumps(left)


def _decoded(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token[1:-1]  # no JSON in the first place


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
