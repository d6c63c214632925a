"""What the keys of containers are made of."""

import ast

from legacy.analysis.module import NamedFunction
from legacy.analysis.names import mentioned, mentions_user, names_user, words
from legacy.analysis.scopes import parameters

_UNIQUE = frozenset({("id",), ("uuid",), ("guid",), ("state",)})
_SECRETS = frozenset({"token", "nonce", "secret", "jti"})
_OF_SOMEBODY = frozenset({"state", "context", "ctx"})


def takes_user(function: NamedFunction) -> bool:
    return any(names_user(each.arg) for each in parameters(function))


def takes_state(function: NamedFunction) -> bool:
    """A legacy agent's way to be told whose turn it is."""
    return any(_OF_SOMEBODY & set(words(each.arg)[-1:]) for each in parameters(function))


def spelled_out(key: ast.expr, function: NamedFunction) -> list[ast.expr]:
    """The key and, where it is a local name, what that name was made of in this function (two steps)."""
    known, wanted = [key], _names(key)
    for _ in range(2):
        more = [
            each.value
            for each in ast.walk(function)
            if isinstance(each, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id in wanted for target in each.targets)
        ]
        known += more
        wanted = {name for each in more for name in _names(each)}
    return known


def has_user(key: ast.expr, function: NamedFunction) -> bool:
    return any(mentions_user(each) or _whole(each) for each in spelled_out(key, function))


def names_thing(key: ast.expr, function: NamedFunction) -> bool:
    """Whether the key has the id of one thing: others would have to know it."""
    names = (name for each in spelled_out(key, function) for name in mentioned(each))
    return any(words(name)[-1:] in _UNIQUE or words(name)[:1] in _UNIQUE for name in names)


def is_secret(key: ast.expr, function: NamedFunction) -> bool:
    """Whether the key is a token or the like, which only its owner has."""
    names = (name for each in spelled_out(key, function) for name in mentioned(each))
    return any(_SECRETS & set(words(name)) for name in names)


def _whole(expr: ast.expr) -> bool:
    """A state or context as a whole in a key stands for whose it is: `hash(context)`, `str(state)`."""
    return any(
        isinstance(each, ast.Call)
        and any(isinstance(given, ast.Name) and _OF_SOMEBODY & set(words(given.id)[-1:]) for given in each.args)
        for each in ast.walk(expr)
    )


def _names(expr: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(expr) if isinstance(each, ast.Name)}
