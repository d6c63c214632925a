"""Words in identifiers: which of them speak of a user, or of what belongs to one."""

import ast
import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

PEOPLE = frozenset({"user", "users", "owner", "tenant", "account", "customer", "principal", "member"})
PEOPLE_IDS = frozenset({"uid", "userid", "username", "email", "sub"})
AUTHORITY = PEOPLE | frozenset(
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
PERSONAL = AUTHORITY | frozenset(
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
# Words that may speak of somebody, and as often speak of the program.
VAGUE = frozenset({"context", "contexts"})
# Words after "user" that make it speak of a program or of a type, not of a person.
_QUESTIONS = frozenset({("has",), ("is",), ("any",), ("supports",)})
_NOT_A_PERSON = frozenset(
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


def words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


def speaks_of(name: str, vocabulary: frozenset[str]) -> bool:
    found = words(name)
    if found[:1] in _QUESTIONS:
        return False
    return any(
        word in vocabulary and not (word in PEOPLE and index + 1 < len(found) and found[index + 1] in _NOT_A_PERSON)
        for index, word in enumerate(found)
    )


def names_user(name: str) -> bool:
    """Whether this name is a user or a user's id: `user`, `current_user`, `owner_id`; not `user_request`."""
    found = words(name)
    if not found:
        return False
    if found[-1] in PEOPLE | PEOPLE_IDS:
        return True
    return len(found) > 1 and found[-1] in {"id", "ids", "pk", "uuid", "key"} and found[-2] in PEOPLE


def mentioned(expr: ast.AST) -> list[str]:
    """Every identifier in an expression."""
    return [
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(expr)
        if isinstance(each, ast.Name | ast.Attribute)
    ]


def mentions_user(expr: ast.AST) -> bool:
    return any(names_user(name) for name in mentioned(expr))


def dotted(expr: ast.AST) -> str:
    """`a.b.c`, or nothing where it is not made of names only."""
    parts: list[str] = []
    while isinstance(expr, ast.Attribute):
        parts.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, ast.Name):
        return ""
    return ".".join([expr.id, *reversed(parts)])


def last(expr: ast.AST) -> str:
    """The last identifier of what is called or named: `send` of `self.layer.send`."""
    if isinstance(expr, ast.Attribute):
        return expr.attr
    return expr.id if isinstance(expr, ast.Name) else ""
