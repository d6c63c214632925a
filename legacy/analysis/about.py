"""How surely a name, and what is written under it, speaks of a user or of what belongs to one."""

import ast
from collections.abc import Sequence

from legacy.analysis.finding import Confidence
from legacy.analysis.names import PERSONAL, VAGUE, mentioned, speaks_of, words
from legacy.analysis.writes import Write

_OF_PROGRAMS = frozenset(
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
_SETTINGS = frozenset({"config", "settings", "processor", "provider", "factory", "handler"})


def about_somebody(name: str, its: Sequence[Write]) -> Confidence | None:
    found = words(name)
    if _OF_PROGRAMS & set(found) or _SETTINGS & set(found[-1:]):
        return None
    if all(isinstance(write.value, ast.Name) and write.value.id in {"cls", "klass"} for write in its):
        return None  # a registry of classes
    names = [name, *(each for write in its for part in (write.key, write.value) if part for each in mentioned(part))]
    if any(speaks_of(each, PERSONAL) for each in names):
        return Confidence.HIGH
    return Confidence.MEDIUM if any(speaks_of(each, VAGUE) for each in names) else None
