"""A transformer under which what does not change stays the same node, so that it can still be told where it stood."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import libcst as cst


class Keeping(cst.CSTTransformer):
    """libcst makes every node anew on its way; this gives the old one back where nothing about it is new."""

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> Any:
        left = super().on_leave(original_node, updated_node)
        same = left is updated_node and all(
            _same(getattr(original_node, each.name), getattr(updated_node, each.name)) for each in fields(original_node)
        )
        return original_node if same else left


def _same(before: object, after: object) -> bool:
    if isinstance(before, str) or not isinstance(before, Sequence):
        return before is after or (isinstance(before, str | bool) and before == after)
    return (
        isinstance(after, Sequence)
        and len(before) == len(after)
        and all(_same(a, b) for a, b in zip(before, after, strict=True))
    )
