"""Removal of secrets from JSON and plain text, before it is stored, sent or logged.

Secrets are found by names and shapes, not by entropy, so numbers, ids and hashes stay as they are. No rule takes more
than linear time: the patterns use possessive quantifiers, so no part of a text is read again from each position."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

REMOVED = "[removed]"
_WORD_START = r"(?<![A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class RedactionHint:
    """A substring of lower-case text, and what it must be part of. Searching for substrings first is cheap."""

    word: str
    part_of: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class RedactionRule:
    """A pattern and its replacement, tried only on texts with one of the hints."""

    hints: tuple[RedactionHint, ...]
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]


def _make_hints(*words: str, suffix: str = "") -> tuple[RedactionHint, ...]:
    return tuple(RedactionHint(word, re.compile(re.escape(word) + suffix) if suffix else None) for word in words)


def _remove(_: re.Match[str]) -> str:
    return REMOVED


def _remove_if_random(found: re.Match[str]) -> str:
    """Remove a key, which has a long part with digits or capitals; similar file names (sk-learn-results) have none."""
    parts = re.split("[-_]", found[0])
    return REMOVED if any(len(part) >= 8 and not (part.isalpha() and part.islower()) for part in parts) else found[0]


def _remove_if_jwt(found: re.Match[str]) -> str:
    parts = found[0].split(".")
    return REMOVED if len(parts) >= 3 or (len(parts) == 2 and parts[1].startswith("eyJ")) else found[0]


def _remove_if_credential(found: re.Match[str]) -> str:
    """Remove what follows "bearer", unless it is a plain word."""
    value = found["value"]
    return found["scheme"] + (value if len(value) < 24 and value.isalpha() else REMOVED)


def _remove_password(found: re.Match[str]) -> str:
    user, colon, _ = found["info"].partition(":")
    return f"://{user}:{REMOVED}@" if colon else found[0]


def _remove_value(found: re.Match[str]) -> str:
    value = found["value"]
    secret = value.rstrip("\\")  # without the escape of a closing quote in JSON within a string
    return found[0].removesuffix(value) + REMOVED + value[len(secret) :] if secret else found[0]


_KEYS, _TOKENS = ("api", "access", "private", "account"), ("access", "auth", "refresh", "id", "session", "bearer")
_KEY_NAMES = f"(?:{'|'.join(_KEYS)})[_-]?key"
_TOKEN_NAMES = f"(?:{'|'.join(_TOKENS)})[_-]?token"
_SENSITIVE_NAMES = rf"(?:pass(?:word|wd|phrase|code)|(?<![a-z])pwd|secret|authorization|{_KEY_NAMES}|{_TOKEN_NAMES})"
"""The ends of names of secrets: DB_PASSWORD, aws_secret_access_key."""

SECRET_NAME = re.compile(rf"{_SENSITIVE_NAMES}\Z", re.ASCII | re.IGNORECASE)

_ASSIGNMENT_SIGN = r"""\\*+["']?[ \t]{0,4}[=:]"""
_FLAGS = re.ASCII | re.IGNORECASE


def _make_named_hint(word: str, names: tuple[str, ...]) -> RedactionHint:
    # Not each key and token: every report has fields of these names. It begins with the word and looks back for the
    # names, as what begins with a choice is tried at each character.
    before = "|".join(f"(?<={name}{between}{word})" for name in names for between in ("", "[_-]"))
    return RedactionHint(word, re.compile(f"{word}(?:{before}){_ASSIGNMENT_SIGN}"))


_PEM = RedactionRule(
    _make_hints("-----", suffix="begin"),
    # Up to the end line, or to the end of a text that was cut off.
    re.compile(
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*+(?:-(?!----)[^-]*+)*+"
        r"(?:-----END [A-Z0-9 ]{0,60}-----)?"
    ),
    _remove,
)
_DASHED_TOKEN = RedactionRule(
    _make_hints("sk-", "xai-"), re.compile(rf"{_WORD_START}(?:sk|xai)-[A-Za-z0-9_-]{{14,}}+"), _remove_if_random
)
_UNDERSCORED_TOKEN = RedactionRule(
    (*_make_hints("gh", suffix="[pousr]_"), *_make_hints("hf_", "gsk_")),
    re.compile(rf"{_WORD_START}(?:gh[pousr]|hf|gsk)_[A-Za-z0-9]{{16,}}+"),
    _remove_if_random,
)
_VENDOR_TOKEN = RedactionRule(
    _make_hints("akia", "asia", "github_pat_", "glpat-", "xox", "xapp-", "aiza"),
    re.compile(
        rf"{_WORD_START}(?:(?:AKIA|ASIA)[A-Z0-9]{{16,}}+|github_pat_[A-Za-z0-9_]{{16,}}+|glpat-[A-Za-z0-9_-]{{16,}}+"
        r"|(?:xox[a-z]|xapp)-[A-Za-z0-9-]{8,}+|AIza[A-Za-z0-9_-]{30,}+)"
    ),
    _remove,
)
_JWT = RedactionRule(
    _make_hints("eyj"),
    re.compile(rf"{_WORD_START}eyJ[A-Za-z0-9_-]{{5,}}+(?:\.[A-Za-z0-9_-]++){{0,4}}+"),
    _remove_if_jwt,
)
_BEARER = RedactionRule(
    _make_hints("bearer"),
    re.compile(rf"(?P<scheme>{_WORD_START}bearer[ \t]{{1,4}})(?P<value>[A-Za-z0-9._~+/=-]{{6,}}+)", _FLAGS),
    _remove_if_credential,
)
_BASIC = RedactionRule(
    _make_hints("basic "),
    re.compile(rf"(?P<scheme>{_WORD_START}basic[ \t]{{1,4}})[A-Za-z0-9+/]{{8,}}+={{1,2}}", _FLAGS),
    lambda found: found["scheme"] + REMOVED,
)
_ASSIGNMENT = RedactionRule(
    (
        *_make_hints("pass", suffix=rf"[a-z]{{2,6}}{_ASSIGNMENT_SIGN}"),
        *_make_hints("pwd", "secret", "authorization", suffix=_ASSIGNMENT_SIGN),
        _make_named_hint("key", _KEYS),
        _make_named_hint("token", _TOKENS),
    ),
    re.compile(
        rf"""{_SENSITIVE_NAMES}{_ASSIGNMENT_SIGN}[=>]?[ \t]{{0,4}}(?:\\*+(?:(?P<double>")|(?P<single>')))?"""
        r"""(?P<value>(?(double)[^"\r\n]*+|(?(single)[^'\r\n]*+"""
        r"""|(?:(?:bearer|basic|token|digest|negotiate)[ \t]++)?[^\s"'&;,<>\\]++)))""",
        _FLAGS,
    ),
    _remove_value,
)
_URL = RedactionRule(_make_hints("://"), re.compile(r"""://(?P<info>[^\s/?#"'<>\\]*)@"""), _remove_password)

RULES = (_PEM, _DASHED_TOKEN, _UNDERSCORED_TOKEN, _VENDOR_TOKEN, _JWT, _BEARER, _BASIC, _ASSIGNMENT, _URL)
"""Applied in this order: a later rule sees what an earlier one has left."""

_MAX_ROUNDS = 3
# An unterminated string takes the rest, or each quote in it would be tried as a beginning.
_JSON_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)'
_JSON_PAIR = re.compile(rf"({_JSON_STRING})(?:(\s*+:\s*+)({_JSON_STRING})?)?", re.DOTALL)


def redact(text: str) -> str:
    """Remove the secrets from the strings of serialised JSON; all else stays byte for byte. Idempotent.

    Strings that are JSON themselves are searched too. Other text than JSON is treated as plain text.
    """
    if not _may_hold_secret(text):
        return text
    return _JSON_PAIR.sub(_redact_pair, text) if text.lstrip()[:1] in ("{", "[", '"') else redact_text(text)


def redact_all(
    texts: Mapping[UUID, Sequence[str]], redactable_part: Callable[[str], str]
) -> dict[UUID, tuple[str, ...]]:
    """Redact each user's texts; `redactable_part` returns the part of a text that may contain a secret.

    All texts are searched as one first: there is seldom a secret, and many short searches cost more.
    """
    if not _may_hold_secret("\n".join(map(redactable_part, chain.from_iterable(texts.values())))):
        return {user: tuple(own) for user, own in texts.items()}
    return {user: tuple(redact(text) for text in own) for user, own in texts.items()}


def redact_text(text: str) -> str:
    """Remove the secrets from plain text. Idempotent."""
    for _ in range(_MAX_ROUNDS):  # a removal may make another rule match
        before, text = text, _apply_rules(text)
        if text == before:
            break
    return text


# The hints of all rules, each once: every event is searched, and a call for each rule would cost more than the search.
_ALL_HINTS = tuple(dict.fromkeys(hint for rule in RULES for hint in rule.hints))


def _may_hold_secret(text: str) -> bool:
    if _has_hint(text):
        return True
    # JSON's escapes may hide a letter, a slash or a tab: then its strings are searched one by one.
    unescaped = text.replace("\\\\", "")  # an escaped backslash escapes nothing
    return "\\u00" in unescaped or "\\/" in unescaped or "\\t" in unescaped


def _has_hint(text: str) -> bool:
    return _has_any(text.lower(), _ALL_HINTS)


def _has_any(lower: str, hints: tuple[RedactionHint, ...]) -> bool:
    for hint in hints:
        if hint.word in lower and (hint.part_of is None or hint.part_of.search(lower) is not None):
            return True
    return False


def _apply_rules(text: str) -> str:
    for rule in RULES:
        if _has_any(text.lower(), rule.hints):
            text = rule.pattern.sub(rule.replace, text)
    return text


def _redact_pair(found: re.Match[str]) -> str:
    key, colon, value = found.groups()
    if value is None:
        return _redact_string(key) + (colon or "")
    is_secret = value not in ('""', f'"{REMOVED}"') and SECRET_NAME.search(_decode_string(key))
    return _redact_string(key) + colon + (f'"{REMOVED}"' if is_secret else _redact_string(value))


def _redact_string(token: str) -> str:
    """Redact one JSON string; it is serialised again only if something was removed."""
    text = _decode_string(token)
    if not _has_hint(text):
        return token
    redacted = redact(text) if _is_json(text) else redact_text(text)
    # Serialised as ASCII: a lone surrogate, which JSON may escape, cannot be encoded.
    return token if redacted == text else json.dumps(redacted)


def _decode_string(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token[1:-1]  # it is not JSON


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
