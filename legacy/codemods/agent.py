"""One legacy agent under work: its class so far, what is known of it, what was left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import libcst as cst

from legacy.codemods.left import Left
from legacy.codemods.places import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """`entry` names the method that its turn began with; `opening` returns the thought that it begins with."""

    node: cst.ClassDef
    entry: str
    places: Places
    name: str = ""
    title: str = ""
    tools: tuple[str, ...] = ()
    opening: cst.SimpleStatementLine | None = None
    left: tuple[Left, ...] = ()

    def leaving(self, *left: Left) -> Self:
        return replace(self, left=(*self.left, *left))

    @property
    def methods(self) -> tuple[cst.FunctionDef, ...]:
        return tuple(each for each in self.node.body.body if isinstance(each, cst.FunctionDef))

    def method(self, name: str) -> cst.FunctionDef | None:
        return next((each for each in self.methods if each.name.value == name), None)

    def with_method(self, old: cst.FunctionDef, new: cst.FunctionDef) -> Self:
        return self.with_members([new if each is old else each for each in self.node.body.body])

    def with_members(self, members: Sequence[cst.CSTNode]) -> Self:
        return replace(self, node=self.node.with_changes(body=self.node.body.with_changes(body=members)))
