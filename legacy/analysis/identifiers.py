"""Words in identifiers, and which of them refer to a user or to a user's data."""

import ast
import re

_WORD_PATTERN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

USER_WORDS = frozenset({"user", "users", "owner", "tenant", "account", "customer", "principal", "member"})
USER_ID_WORDS = frozenset({"uid", "userid", "username", "email", "sub"})
AUTHORITY_WORDS = USER_WORDS | frozenset(
    {
        "auth",
        "identity",
        "credential",
        "credentials",
        "permission",
        "permissions",
        "role",
        "roles",
        "jwt",
        "impersonate",
    }
)
PERSONAL_WORDS = AUTHORITY_WORDS | frozenset(
    {
        *("session", "sessions", "conversation", "conversations", "chat", "chats", "message", "messages", "history"),
        *("histories", "websocket", "websockets", "socket", "sockets", "thread", "threads", "run", "runs", "memory"),
        *(
            "memories",
            "emitter",
            "emitters",
            "answer",
            "answers",
            "prompt",
            "prompts",
            "state",
            "question",
            "questions",
        ),
    }
)
# Words that may refer to a user, and as often to the program.
AMBIGUOUS_WORDS = frozenset({"context", "contexts"})
# Words before or after "user" with which it refers to the program or a type, not to a person.
_PREDICATE_PREFIXES = frozenset({("has",), ("is",), ("any",), ("supports",)})
_NON_USER_SUFFIXES = frozenset(
    {
        "agent",
        "agents",
        "model",
        "models",
        "class",
        "dir",
        "defined",
        "guide",
        "warning",
        "config",
        "timezone",
        "locale",
        "language",
    }
)


def split_words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD_PATTERN.findall(name))


def has_word_from(name: str, vocabulary: frozenset[str]) -> bool:
    found = split_words(name)
    if found[:1] in _PREDICATE_PREFIXES:
        return False
    return any(
        word in vocabulary
        and not (word in USER_WORDS and index + 1 < len(found) and found[index + 1] in _NON_USER_SUFFIXES)
        for index, word in enumerate(found)
    )


def is_user_name(name: str) -> bool:
    """Whether the name stands for a user or a user's id: `user`, `current_user`, `owner_id`; not `user_request`."""
    found = split_words(name)
    if not found:
        return False
    if found[-1] in USER_WORDS | USER_ID_WORDS:
        return True
    return len(found) > 1 and found[-1] in {"id", "ids", "pk", "uuid", "key"} and found[-2] in USER_WORDS


def list_identifiers(expr: ast.AST) -> list[str]:
    """Return all identifiers in an expression."""
    return [
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(expr)
        if isinstance(each, ast.Name | ast.Attribute)
    ]


def has_user_identifier(expr: ast.AST) -> bool:
    return any(is_user_name(name) for name in list_identifiers(expr))


def to_dotted_name(expr: ast.AST) -> str:
    """Return `a.b.c`, or "" if it consists of more than names."""
    parts: list[str] = []
    while isinstance(expr, ast.Attribute):
        parts.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, ast.Name):
        return ""
    return ".".join([expr.id, *reversed(parts)])


def get_last_identifier(expr: ast.AST) -> str:
    """Return the last identifier of a name: `send` of `self.layer.send`."""
    if isinstance(expr, ast.Attribute):
        return expr.attr
    return expr.id if isinstance(expr, ast.Name) else ""
