"""Where a piece of code stood in the file as it was read, however much around it has changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import CodeRange

from legacy.codemods.left import Left
from legacy.codemods.shapes import children


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`ranges` is libcst's, by node: what a codemod did not touch is still the same node."""

    ranges: Mapping[cst.CSTNode, CodeRange] = field(default_factory=dict)
    lines: tuple[str, ...] = ()

    def line(self, node: cst.CSTNode) -> int | None:
        known = self.ranges.get(node)
        if known is not None:
            return known.start.line
        return next((line for child in children(node) if (line := self.line(child)) is not None), None)

    def left(self, node: cst.CSTNode, reason: str, *, blocks: bool = True) -> Left:
        line = self.line(node) or 1
        code = self.lines[line - 1].strip() if line <= len(self.lines) else ""
        return Left(line=line, code=code, reason=reason, blocks=blocks)
