"""Answers to the report's questions as users write them.

In a terminal they are keys: LEVER:NAME, as in batch:nightly-summaries, or with a number after "=". In a conversation
they are sentences: "nightly-summaries can wait", "support-chat is interactive", "triage may use a smaller model",
"forget what I said about triage". The rules for sentences are in English; those with
numbers are in number_sentences. A name in quotation marks is taken as it is.
A question ("Can it wait?") is no answer."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.pricing.assumptions import MAX_SCOPE_LENGTH, LeverAnswer
from workloads.pricing.number_sentences import list_forgotten, parse_number

MAX_NUMBER_LENGTH = 30
MAX_ANSWERS = 20
MAX_NAME = 100  # characters of a name without quotation marks
MAX_WORDS = 5
MAX_WHOLE = 400  # characters of a message that is one answer with a name in quotation marks, or takes one back
_APOSTROPHE = "['\u2019]"
_NO = rf"(?:not|n{_APOSTROPHE}t|\s{{1,9}}not)"

VERBS: tuple[tuple[str, str, bool], ...] = (
    (
        "batch",
        rf"(?:can|must|may|should){_NO}\s{{1,9}}wait|can{_APOSTROPHE}t\s{{1,9}}wait|"
        r"(?:is|are)\s{1,9}(?:urgent|interactive)",
        False,
    ),
    (
        "batch",
        rf"(?:can|may|could)\s{{1,9}}wait|(?:is|are)(?:\s{{1,9}}not|n{_APOSTROPHE}t)\s{{1,9}}(?:urgent|interactive)",
        True,
    ),
    (
        "right_size",
        rf"(?:(?:can|must|may|should){_NO}|can{_APOSTROPHE}t)\s{{1,9}}use\s{{1,9}}(?:a\s{{1,9}}|the\s{{1,9}})?"
        r"(?:smaller|cheaper)\s{1,9}models?",
        False,
    ),
    (
        "right_size",
        r"(?:can|may|could)\s{1,9}use\s{1,9}(?:a\s{1,9}|the\s{1,9})?(?:smaller|cheaper)\s{1,9}models?",
        True,
    ),
    ("flex", r"may\s{1,9}not\s{1,9}use\s{1,9}flex(?:\s{1,9}processing)?", False),
    ("flex", r"(?:can|may)\s{1,9}use\s{1,9}flex(?:\s{1,9}processing)?", True),
    ("off_peak", r"may\s{1,9}not\s{1,9}run\s{1,9}off-peak", False),
    ("off_peak", r"(?:can|may)\s{1,9}run\s{1,9}off-peak", True),
    ("priority", r"needs?\s{1,9}priority(?:\s{1,9}processing)?", False),
    ("priority", r"(?:can|may)\s{1,9}do\s{1,9}without\s{1,9}priority(?:\s{1,9}processing)?", True),
)
"""Levers, what is said about a name, and whether that allows the lever. The first match counts."""

REPLY_VERBS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "batch": ("can wait", "can't wait"),
        "right_size": ("may use a smaller model", "may not use a smaller model"),
        "flex": ("may use flex processing", "may not use flex processing"),
        "off_peak": ("may run off-peak", "may not run off-peak"),
        "priority": ("may do without priority", "needs priority"),
    }
)

_SENTENCES = [
    (lever, re.compile(rf"(?<=\S)\s{{1,9}}(?:{verb})\b", re.IGNORECASE), value) for lever, verb, value in VERBS
]
_QUOTED = [
    (
        lever,
        re.compile(rf'^\s*"(.{{1,{MAX_SCOPE_LENGTH}}})"\s+(?:{verb})\s*[.!]?\s*$', re.IGNORECASE | re.DOTALL),
        value,
    )
    for lever, verb, value in VERBS
]
_FORGET_QUOTED = re.compile(
    rf'^\s*forget what I said about "(.{{1,{MAX_SCOPE_LENGTH}}})"\s*\.?\s*$', re.IGNORECASE | re.DOTALL
)

_FORGET = re.compile(
    rf"^\s*(?:forget|take back)\s+(?:what I said about|my answer (?:about|for|on))\s+(.{{1,{MAX_NAME}}}?)\s*[.!]?\s*$",
    re.IGNORECASE,
)

_CLAUSE_START = re.compile(r"[.;:!?,\n]\s|\n")
_CLAUSE_END = re.compile(r"[.;!\n]|\?|$")

_FIRST_WORDS = re.compile(
    r"^(?:(?:and|but|yes|no|so|ok|okay|also|the|my|our|feature|features|team|key|user|requests of|jobs?)\s+)+",
    re.IGNORECASE,
)

_EVERYTHING = re.compile(r"everything|all (?:of )?(?:the |my |our )?(?:traffic|requests)|all", re.IGNORECASE)

_NOT_A_NAME = re.compile(
    r"(?:what|which|who|whatever|it|this|that|they|these|those|i|we|you|he|she|nothing|nobody|can|does|do|is|are|if|"
    r"how|when|where|why)(?:\s.*)?",
    re.IGNORECASE,
)


def parse_answers(
    confirmed: Iterable[str], denied: Iterable[str], levers: Collection[str], *, numbers: Iterable[str] = ()
) -> tuple[LeverAnswer, ...]:
    """Return the answers, yes for each of `confirmed`, no for `denied`, and those of `numbers` (LEVER:NAME=NUMBER), the
    last one for a key.

    Raises BadInput for a key whose lever is not one of `levers`, and for what is no number.
    """
    answers = (
        *(_parse_key(key, True, levers) for key in confirmed),
        *(_parse_key(key, False, levers) for key in denied),
        *(_parse_number(entry, levers) for entry in numbers),
    )
    return tuple({answer.key: answer for answer in answers}.values())


def _parse_number(entry: str, levers: Collection[str]) -> LeverAnswer:
    key, _, number = entry.rpartition("=")
    try:
        return _parse_key(key, Decimal(number if len(number) <= MAX_NUMBER_LENGTH else ""), levers)
    except InvalidOperation as error:
        raise BadInput(
            text("{number} is not a number. Write LEVER:NAME=NUMBER.", number=repr(number[:MAX_NUMBER_LENGTH]))
        ) from error


def _parse_key(key: str, value: Decimal | bool, levers: Collection[str]) -> LeverAnswer:
    lever, _, scope = key.partition(":")
    if lever.strip() not in levers:
        raise BadInput(
            text(
                "{key} is not a question of the report. Write LEVER:NAME, such as batch:nightly-report. Levers: "
                "{levers}.",
                key=repr(key[:200]),
                levers=", ".join(levers),
            )
        )
    return LeverAnswer(lever=lever.strip(), scope=scope.strip(), value=value)


def parse_sentences(question: str, *, now: datetime | None = None) -> tuple[LeverAnswer, ...]:
    """Return the answers in a message, at most MAX_ANSWERS. An answer without a value takes an earlier one back."""
    found = {answer.key: answer for answer in _iter_answers(question, now)}
    return tuple(found.values())[:MAX_ANSWERS]


def build_replies(lever: str, scope: str) -> dict[str, str]:
    """Return the sentences that answer a question with yes and no, and that take the answer back."""
    if lever not in REPLY_VERBS:
        return {}
    name = f'"{scope}"' if scope else "all traffic"
    yes, no = REPLY_VERBS[lever]
    return {"yes": f"{name} {yes}", "no": f"{name} {no}", "forget": f"forget what I said about {name}"}


def _iter_answers(question: str, now: datetime | None) -> Iterable[LeverAnswer]:
    short = question.strip()
    is_whole = len(short) <= MAX_WHOLE
    forgotten = (_FORGET_QUOTED.match(short) or _FORGET.match(short)) if is_whole else None
    if forgotten:
        scope = _to_scope(forgotten[1])
        yield from (LeverAnswer(lever=lever, scope=scope, value=None) for lever in dict.fromkeys(v[0] for v in VERBS))
        yield from (LeverAnswer(lever=lever, scope=name, value=None) for lever, name in list_forgotten(scope))
        return
    if is_whole and (number := parse_number(short, now=now)) is not None:
        yield number
        return
    for lever, pattern, value in _QUOTED if is_whole else ():
        if found := pattern.match(short):
            yield LeverAnswer(lever=lever, scope=found[1], value=value, at=now)
            return
    for lever, pattern, value in _SENTENCES:
        for match in pattern.finditer(question):
            for scope in _list_scopes(question, match):
                yield LeverAnswer(lever=lever, scope=scope, value=value, at=now)


def _list_scopes(question: str, verb: re.Match[str]) -> Iterable[str]:
    """Yield the names before a verb in its clause; none if the sentence is a question."""
    end = _CLAUSE_END.search(question, verb.end(), verb.end() + MAX_NAME)
    if end and end.group() == "?":
        return
    before = question[max(0, verb.start() - MAX_NAME) : verb.start()]
    starts = [match.end() for match in _CLAUSE_START.finditer(before)]
    clause = before[starts[-1] if starts else 0 :]
    for name in re.split(r"\s+and\s+", clause.strip()):
        plain = _FIRST_WORDS.sub("", name.strip()).strip(" \t'\"`*\u201c\u201d\u2018\u2019")
        if plain and not _NOT_A_NAME.fullmatch(plain) and len(plain.split()) <= MAX_WORDS:
            yield _to_scope(plain)


def _to_scope(name: str) -> str:
    plain = name.strip(" '\"`*\u201c\u201d\u2018\u2019")
    return "" if _EVERYTHING.fullmatch(plain) else plain
