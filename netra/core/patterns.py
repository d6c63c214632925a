"""What a secret looks like in plain words.

No rule takes more than linear time: what a rule has begun to read it takes whole (possessive quantifiers), whether it
turns out to be a secret or not, so no part of a text is read again from each of its positions.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

REMOVED = "[removed]"
_AT = r"(?<![A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class Hint:
    """A substring of lower-case text, and what must follow it. Looking for substrings first makes clean text cheap."""

    word: str
    then: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """It applies to no text that has none of the hints."""

    hints: tuple[Hint, ...]
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]

    def may_apply(self, lower: str) -> bool:
        # A loop: a generator costs as much as what it would look for.
        for hint in self.hints:
            if hint.word in lower and (hint.then is None or hint.then.search(lower) is not None):
                return True
        return False


def _hints(*words: str, then: str = "") -> tuple[Hint, ...]:
    return tuple(Hint(word, re.compile(re.escape(word) + then) if then else None) for word in words)


def _gone(_: re.Match[str]) -> str:
    return REMOVED


def _if_random(found: re.Match[str]) -> str:
    """Keys have a long part with digits or capitals; file names that begin alike (sk-learn-results) have none."""
    parts = re.split("[-_]", found[0])
    return REMOVED if any(len(part) >= 8 and not (part.isalpha() and part.islower()) for part in parts) else found[0]


def _if_jwt(found: re.Match[str]) -> str:
    parts = found[0].split(".")
    return REMOVED if len(parts) >= 3 or (len(parts) == 2 and parts[1].startswith("eyJ")) else found[0]


def _if_credential(found: re.Match[str]) -> str:
    """A word after "bearer" that is no word."""
    value = found["value"]
    return found["scheme"] + (value if len(value) < 24 and value.isalpha() else REMOVED)


def _without_password(found: re.Match[str]) -> str:
    user, colon, _ = found["info"].partition(":")
    return f"://{user}:{REMOVED}@" if colon else found[0]


def _without_value(found: re.Match[str]) -> str:
    value = found["value"]
    kept = value.rstrip("\\")  # the escape of a closing quote in JSON within a string
    return found[0].removesuffix(value) + REMOVED + value[len(kept) :] if kept else found[0]


_NAMES = (
    r"(?:pass(?:word|wd|phrase|code)|(?<![a-z])pwd|secret|authorization|api[_-]?key|(?:access|private|account)[_-]?key"
    r"|(?:access|auth|refresh|id|session|bearer)[_-]?token)"
)
"""What is secret, as the end of a name: DB_PASSWORD, aws_secret_access_key."""

KEY = re.compile(rf"{_NAMES}\Z", re.ASCII | re.IGNORECASE)

_SAYS = r"""\\*+["']?[ \t]{0,4}[=:]"""
_FREE = re.ASCII | re.IGNORECASE

_PEM = Rule(
    _hints("-----", then="begin"),
    # To the next dashes, or to the end where it was cut off.
    re.compile(
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*+(?:-(?!----)[^-]*+)*+"
        r"(?:-----END [A-Z0-9 ]{0,60}-----)?"
    ),
    _gone,
)
_DASHED = Rule(_hints("sk-", "xai-"), re.compile(rf"{_AT}(?:sk|xai)-[A-Za-z0-9_-]{{14,}}+"), _if_random)
_UNDERSCORED = Rule(
    (*_hints("gh", then="[pousr]_"), *_hints("hf_", "gsk_")),
    re.compile(rf"{_AT}(?:gh[pousr]|hf|gsk)_[A-Za-z0-9]{{16,}}+"),
    _if_random,
)
_UNMISTAKABLE = Rule(
    _hints("akia", "asia", "github_pat_", "glpat-", "xox", "xapp-", "aiza"),
    re.compile(
        rf"{_AT}(?:(?:AKIA|ASIA)[A-Z0-9]{{16,}}+|github_pat_[A-Za-z0-9_]{{16,}}+|glpat-[A-Za-z0-9_-]{{16,}}+"
        r"|(?:xox[a-z]|xapp)-[A-Za-z0-9-]{8,}+|AIza[A-Za-z0-9_-]{30,}+)"
    ),
    _gone,
)
_JWT = Rule(_hints("eyj"), re.compile(rf"{_AT}eyJ[A-Za-z0-9_-]{{5,}}+(?:\.[A-Za-z0-9_-]++){{0,4}}+"), _if_jwt)
_BEARER = Rule(
    _hints("bearer"),
    re.compile(rf"(?P<scheme>{_AT}bearer[ \t]{{1,4}})(?P<value>[A-Za-z0-9._~+/=-]{{6,}}+)", _FREE),
    _if_credential,
)
_BASIC = Rule(
    _hints("basic "),
    re.compile(rf"(?P<scheme>{_AT}basic[ \t]{{1,4}})[A-Za-z0-9+/]{{8,}}+={{1,2}}", _FREE),
    lambda found: found["scheme"] + REMOVED,
)
_PAIR = Rule(
    (
        *_hints("pass", then=rf"[a-z]{{2,6}}{_SAYS}"),
        *_hints("pwd", "secret", "authorization", "key", "token", then=_SAYS),
    ),
    re.compile(
        rf"""{_NAMES}{_SAYS}[=>]?[ \t]{{0,4}}(?:\\*+(?:(?P<double>")|(?P<single>')))?"""
        r"""(?P<value>(?(double)[^"\r\n]*+|(?(single)[^'\r\n]*+"""
        r"""|(?:(?:bearer|basic|token|digest|negotiate)[ \t]++)?[^\s"'&;,<>\\]++)))""",
        _FREE,
    ),
    _without_value,
)
_URL = Rule(_hints("://"), re.compile(r"""://(?P<info>[^\s/?#"'<>\\]*)@"""), _without_password)

RULES = (_PEM, _DASHED, _UNDERSCORED, _UNMISTAKABLE, _JWT, _BEARER, _BASIC, _PAIR, _URL)
"""In this order: a later one sees what an earlier one has left."""
