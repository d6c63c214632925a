"""Whether a name, a container key or a function's parameters refer to a user."""

import ast
from collections.abc import Sequence

from legacy.analysis.findings import Confidence
from legacy.analysis.identifiers import (
    AMBIGUOUS_WORDS,
    PERSONAL_WORDS,
    has_user_identifier,
    has_word_from,
    is_user_name,
    list_identifiers,
    split_words,
)
from legacy.analysis.parsing import NamedFunction, Write
from legacy.analysis.scopes import list_parameters

_PROGRAM_WORDS = frozenset(
    {
        "ssl",
        "tls",
        "http",
        "model",
        "models",
        "tokenizer",
        "tokenizers",
        "plugin",
        "plugins",
        "regex",
        "loader",
        "logger",
        "pool",
        "pools",
        "bot",
    }
)
_CONFIGURATION_WORDS = frozenset({"config", "settings", "processor", "provider", "factory", "handler"})
_UNIQUE_ID_WORDS = frozenset({("id",), ("uuid",), ("guid",), ("state",)})
_SECRET_WORDS = frozenset({"token", "nonce", "secret", "jti"})
_STATE_WORDS = frozenset({"state", "context", "ctx"})


def rate_user_reference(name: str, writes: Sequence[Write]) -> Confidence | None:
    found = split_words(name)
    if _PROGRAM_WORDS & set(found) or _CONFIGURATION_WORDS & set(found[-1:]):
        return None
    if all(isinstance(write.value, ast.Name) and write.value.id in {"cls", "klass"} for write in writes):
        return None  # a registry of classes
    names = [
        name,
        *(each for write in writes for part in (write.key, write.value) if part for each in list_identifiers(part)),
    ]
    if any(has_word_from(each, PERSONAL_WORDS) for each in names):
        return Confidence.HIGH
    return Confidence.MEDIUM if any(has_word_from(each, AMBIGUOUS_WORDS) for each in names) else None


def has_user_parameter(function: NamedFunction) -> bool:
    return any(is_user_name(each.arg) for each in list_parameters(function))


def has_state_parameter(function: NamedFunction) -> bool:
    """Whether it takes a state or a context, through which a legacy agent knows its user."""
    return any(_STATE_WORDS & set(split_words(each.arg)[-1:]) for each in list_parameters(function))


def expand_key(key: ast.expr, function: NamedFunction) -> list[ast.expr]:
    """Return the key and, for local names, the values assigned to them in this function, two levels deep."""
    expressions, names = [key], _find_variable_names(key)
    for _ in range(2):
        values = [
            each.value
            for each in ast.walk(function)
            if isinstance(each, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id in names for target in each.targets)
        ]
        expressions += values
        names = {name for each in values for name in _find_variable_names(each)}
    return expressions


def is_user_key(key: ast.expr, function: NamedFunction) -> bool:
    return any(has_user_identifier(each) or _has_whole_state(each) for each in expand_key(key, function))


def is_unique_id_key(key: ast.expr, function: NamedFunction) -> bool:
    """Whether the key has the id of a single object, which other users do not know."""
    names = (name for each in expand_key(key, function) for name in list_identifiers(each))
    return any(
        split_words(name)[-1:] in _UNIQUE_ID_WORDS or split_words(name)[:1] in _UNIQUE_ID_WORDS for name in names
    )


def is_secret_key(key: ast.expr, function: NamedFunction) -> bool:
    """Whether the key is a token or the like, which only its owner has."""
    names = (name for each in expand_key(key, function) for name in list_identifiers(each))
    return any(_SECRET_WORDS & set(split_words(name)) for name in names)


def _has_whole_state(expr: ast.expr) -> bool:
    """Whether a whole state or context is in the key, and with it the user: `hash(context)`, `str(state)`."""
    return any(
        isinstance(each, ast.Call)
        and any(
            isinstance(argument, ast.Name) and _STATE_WORDS & set(split_words(argument.id)[-1:])
            for argument in each.args
        )
        for each in ast.walk(expr)
    )


def _find_variable_names(expr: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(expr) if isinstance(each, ast.Name)}
