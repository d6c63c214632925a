"""Small questions about code, and small pieces of it."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import libcst as cst
from libcst import matchers as m

BLANK = frozenset(
    {cst.SimpleWhitespace, cst.ParenthesizedWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Newline}
)
TARGETED = (cst.AssignTarget, cst.AugAssign, cst.AnnAssign)
CHANGING = frozenset({*TARGETED, cst.Del, cst.For, cst.CompFor, cst.NamedExpr})
Kind = TypeVar("Kind", bound=cst.CSTNode)
PURE = frozenset({"len", "str", "int", "float", "bool", "round", "dict", "list", "tuple", "sum", "min", "max", "type"})
PURE_METHODS = frozenset({"get", "items", "keys", "values", "model_dump", "to_dict", "isoformat", "total_seconds"})


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What a node is made of, but for white space. libcst's own `children` walks by a visitor, which takes ten times
    as long; to ask whether something is a node, whose class is abstract, takes twice as long as to look at it."""
    for field in node.__dataclass_fields__:
        value = None if field.startswith("whitespace") else getattr(node, field)
        if value is None or isinstance(value, str):
            continue
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if type(each) not in BLANK and hasattr(each, "__dataclass_fields__"):
                yield each


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and everything within."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += reversed(list(children(each)))


def found(node: cst.CSTNode, kind: type[Kind]) -> list[Kind]:
    """Every node of a kind within."""
    return [each for each in walk(node) if kind in type(each).__mro__]  # type: ignore[misc]


def targets(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Whatever is assigned to, in whichever way."""
    return [each.target for each in walk(node) if type(each) in TARGETED]  # type: ignore[attr-defined]


def changed(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Whatever is assigned to or deleted, wherever: also in loops, with-blocks and tuples."""
    holders: list[cst.BaseExpression] = []
    for each in walk(node):
        if type(each) in CHANGING:
            holders.append(each.target)  # type: ignore[attr-defined]
        elif type(each) is cst.WithItem and each.asname is not None:
            holders.append(each.asname.name)
    return [part for each in holders for part in _parts(each)]


def _parts(target: cst.BaseExpression) -> list[cst.BaseExpression]:
    if isinstance(target, cst.Tuple | cst.List):
        return [part for each in target.elements for part in _parts(each.value)]
    return [target]


def bound(method: cst.FunctionDef) -> frozenset[str]:
    """Names that mean something of the method's own: its parameters, and what it assigns to or imports."""
    mine = {each.name.value for each in found(method.params, cst.Param)}
    mine |= {each.value for each in changed(method) if isinstance(each, cst.Name)}
    return frozenset(mine | {name.value for each in found(method, cst.ImportAlias) for name in found(each, cst.Name)})


def class_names(node: cst.ClassDef) -> list[cst.Name]:
    """What the class itself assigns to."""
    lines = [each for each in node.body.body if isinstance(each, cst.SimpleStatementLine)]
    return [each for line in lines for each in targets(line) if isinstance(each, cst.Name)]


def names(node: cst.CSTNode) -> set[str]:
    return {each.value for each in found(node, cst.Name)}


def uses(node: cst.CSTNode) -> list[cst.Name]:
    """Names that stand for a variable: no attribute's, keyword's or parameter's name."""
    if isinstance(node, cst.Name):
        return [node]
    skipped: cst.CSTNode | None = None
    if isinstance(node, cst.Attribute):
        skipped = node.attr
    elif isinstance(node, cst.Arg):
        skipped = node.keyword
    return [each for child in children(node) if child is not skipped for each in uses(child)]


def awaited_call(statement: cst.CSTNode) -> cst.Call | None:
    """The call of a line that is nothing but `await call(...)`, or `call(...)`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    alone = statement.body[0]
    if not isinstance(alone, cst.Expr):
        return None
    value = alone.value.expression if isinstance(alone.value, cst.Await) else alone.value
    return value if isinstance(value, cst.Call) else None


def of_self(node: cst.CSTNode) -> str | None:
    """`x` of `self.x`."""
    if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == "self":
        return node.attr.value
    return None


def argument(call: cst.Call, position: int | None, *keywords: str) -> cst.BaseExpression | None:
    """An argument by its position or one of its keywords; None where it is not there or may be starred."""
    if any(each.star == "*" for each in call.args):
        return None
    for each in call.args:
        if each.keyword is not None and each.keyword.value in keywords:
            return each.value
    plain = [each.value for each in call.args if each.keyword is None and not each.star]
    return plain[position] if position is not None and position < len(plain) else None


def text(node: cst.CSTNode | None) -> str | None:
    """What a plain string literal says."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        said = node.evaluated_value
        return said if isinstance(said, str) else None
    return None


def effectless(nodes: Sequence[cst.CSTNode]) -> bool:
    """Whether leaving these expressions out changes nothing else."""
    return all(_effectless(each) for each in nodes)


def _effectless(node: cst.CSTNode) -> bool:
    if any(found(node, kind) for kind in (cst.Await, cst.NamedExpr, cst.Yield)):
        return False
    return all(
        m.matches(call.func, m.Name(value=m.MatchIfTrue(PURE.__contains__)))
        or m.matches(call.func, m.Attribute(attr=m.Name(value=m.MatchIfTrue(PURE_METHODS.__contains__))))
        for call in found(node, cst.Call)
    )


def docstring(statement: cst.CSTNode) -> bool:
    return m.matches(statement, m.SimpleStatementLine(body=[m.Expr(value=m.SimpleString() | m.ConcatenatedString())]))


def thinking(statement: cst.SimpleStatementLine, thought: cst.BaseExpression) -> cst.SimpleStatementLine:
    """`await self.think(thought)` where the statement stood, with its comments."""
    call = cst.Call(cst.parse_expression("self.think"), [cst.Arg(thought)])
    return statement.with_changes(body=[cst.Expr(cst.Await(call))])
