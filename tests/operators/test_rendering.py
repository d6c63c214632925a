"""Every field of an operators' tool's result has a label."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from core.retention import Garbage
from operators.registry import OPERATOR_TOOLS
from operators.rendering import COLUMN_LABELS
from operators.tools import inspect_runs


def names(kind: Any) -> set[str]:
    """Of the fields of a result, also of those within it."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        inner = set().union(*(names(hints[field.name]) for field in fields(kind)))
        return {field.name for field in fields(kind) if not is_list(hints[field.name])} | inner
    return set().union(*(names(each) for each in get_args(kind)))


def is_list(hint: Any) -> bool:
    return getattr(hint, "__origin__", None) in (list, tuple)


@pytest.mark.parametrize("tool", [name for name, tool in OPERATOR_TOOLS.items() if not tool.requires_consent])
def test_each_column_has_a_label(tool: str) -> None:
    fields = names(get_type_hints(OPERATOR_TOOLS[tool].run)["return"])
    assert (fields or set(inspect_runs.RUN_COLUMNS)) - set(COLUMN_LABELS) == set()


def test_no_label_is_unused() -> None:
    fields = [
        names(get_type_hints(tool.run)["return"]) for tool in OPERATOR_TOOLS.values() if not tool.requires_consent
    ]
    assert set(COLUMN_LABELS) == set().union(*fields, inspect_runs.RUN_COLUMNS)
    assert names(tuple[Garbage, ...]) == {"what", "count", "size"}


def test_labels_tell_columns_apart() -> None:
    labels = [str(label) for label in COLUMN_LABELS.values()]
    assert len(set(labels)) == len(labels)
    assert all(label[:1].isupper() for label in labels)
