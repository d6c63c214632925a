"""libcst helpers: queries on nodes, a transformer that keeps unchanged nodes identical, and statement rewriting."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import libcst as cst
from libcst import matchers as m

BLANK_NODES = frozenset(
    {cst.SimpleWhitespace, cst.ParenthesizedWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Newline}
)
ASSIGNMENT_NODES = (cst.AssignTarget, cst.AugAssign, cst.AnnAssign)
BINDING_NODES = frozenset({*ASSIGNMENT_NODES, cst.Del, cst.For, cst.CompFor, cst.NamedExpr})
NodeKind = TypeVar("NodeKind", bound=cst.CSTNode)
PURE_FUNCTIONS = frozenset(
    {"len", "str", "int", "float", "bool", "round", "dict", "list", "tuple", "sum", "min", "max", "type"}
)
SUPER_INIT_CALL = m.Call(func=m.Attribute(value=m.Call(func=m.Name("super")), attr=m.Name("__init__")))
PURE_METHODS = frozenset({"get", "items", "keys", "values", "model_dump", "to_dict", "isoformat", "total_seconds"})
Replacement = Sequence[cst.BaseStatement] | None
"""The statements that replace a statement; None keeps it."""
StatementRewrite = Callable[[cst.CSTNode, Sequence[cst.CSTNode]], Replacement]
"""Called with a statement and those that follow it in its block."""


def iter_children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the parts of a node, without white space.

    libcst's own `children` takes ten times as long, because it walks by a visitor. `isinstance` takes twice as long as
    looking for fields, because the class of nodes is abstract.
    """
    for field in node.__dataclass_fields__:
        value = None if field.startswith("whitespace") else getattr(node, field)
        if value is None or isinstance(value, str):
            continue
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if type(each) not in BLANK_NODES and hasattr(each, "__dataclass_fields__"):
                yield each


def walk_nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and all nodes within it."""
    pending = [node]
    while pending:
        each = pending.pop()
        yield each
        pending += reversed(list(iter_children(each)))


def find_nodes(node: cst.CSTNode, kind: type[NodeKind]) -> list[NodeKind]:
    """Return the nodes of a kind, this one included."""
    return [each for each in walk_nodes(node) if kind in type(each).__mro__]  # type: ignore[misc]


def find_assignment_targets(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Return the targets of all assignments."""
    return [each.target for each in walk_nodes(node) if type(each) in ASSIGNMENT_NODES]  # type: ignore[attr-defined]


def find_rebound(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Return everything that is assigned or deleted, also by loops, with-blocks and in tuples."""
    targets: list[cst.BaseExpression] = []
    for each in walk_nodes(node):
        if type(each) in BINDING_NODES:
            targets.append(each.target)  # type: ignore[attr-defined]
        elif type(each) is cst.WithItem and each.asname is not None:
            targets.append(each.asname.name)
    return [part for each in targets for part in _unpack_target(each)]


def _unpack_target(target: cst.BaseExpression) -> list[cst.BaseExpression]:
    if isinstance(target, cst.Tuple | cst.List):
        return [part for each in target.elements for part in _unpack_target(each.value)]
    return [target]


def find_bound_names(method: cst.FunctionDef) -> frozenset[str]:
    """Return the names that the method binds: its parameters, and what it assigns or imports."""
    names = {each.name.value for each in find_nodes(method.params, cst.Param)}
    names |= {each.value for each in find_rebound(method) if isinstance(each, cst.Name)}
    return frozenset(
        names | {name.value for each in find_nodes(method, cst.ImportAlias) for name in find_nodes(each, cst.Name)}
    )


def find_class_attributes(node: cst.ClassDef) -> list[cst.Name]:
    """Return the names that the class body assigns."""
    lines = [each for each in node.body.body if isinstance(each, cst.SimpleStatementLine)]
    return [each for line in lines for each in find_assignment_targets(line) if isinstance(each, cst.Name)]


def find_names(node: cst.CSTNode) -> set[str]:
    return {each.value for each in find_nodes(node, cst.Name)}


def find_variable_uses(node: cst.CSTNode) -> list[cst.Name]:
    """Return the names that stand for a variable, not those of attributes, keywords or parameters."""
    if isinstance(node, cst.Name):
        return [node]
    skipped: cst.CSTNode | None = None
    if isinstance(node, cst.Attribute):
        skipped = node.attr
    elif isinstance(node, cst.Arg):
        skipped = node.keyword
    return [each for child in iter_children(node) if child is not skipped for each in find_variable_uses(child)]


def get_last_identifier(node: cst.BaseExpression) -> str:
    """Return `c` of `a.b.c`, or of `c` itself."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def get_statement_call(statement: cst.CSTNode) -> cst.Call | None:
    """Return the call of a line that is only `call(...)` or `await call(...)`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    alone = statement.body[0]
    if not isinstance(alone, cst.Expr):
        return None
    value = alone.value.expression if isinstance(alone.value, cst.Await) else alone.value
    return value if isinstance(value, cst.Call) else None


def get_self_attribute(node: cst.CSTNode) -> str | None:
    """Return `x` of `self.x`."""
    if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == "self":
        return node.attr.value
    return None


def get_argument(call: cst.Call, position: int | None, *keywords: str) -> cst.BaseExpression | None:
    """Return an argument by its position or a keyword; None if it is missing or may be in a `*args`."""
    if any(each.star == "*" for each in call.args):
        return None
    for each in call.args:
        if each.keyword is not None and each.keyword.value in keywords:
            return each.value
    plain = [each.value for each in call.args if each.keyword is None and not each.star]
    return plain[position] if position is not None and position < len(plain) else None


def get_string_value(node: cst.CSTNode | None) -> str | None:
    """Return the value of a plain string literal."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def has_no_effects(nodes: Sequence[cst.CSTNode]) -> bool:
    """Whether these expressions can be removed without any other change."""
    return all(_is_effectless(each) for each in nodes)


def _is_effectless(node: cst.CSTNode) -> bool:
    if any(find_nodes(node, kind) for kind in (cst.Await, cst.NamedExpr, cst.Yield)):
        return False
    return all(
        m.matches(call.func, m.Name(value=m.MatchIfTrue(PURE_FUNCTIONS.__contains__)))
        or m.matches(call.func, m.Attribute(attr=m.Name(value=m.MatchIfTrue(PURE_METHODS.__contains__))))
        for call in find_nodes(node, cst.Call)
    )


def is_docstring(statement: cst.CSTNode) -> bool:
    return m.matches(statement, m.SimpleStatementLine(body=[m.Expr(value=m.SimpleString() | m.ConcatenatedString())]))


def build_think_statement(statement: cst.SimpleStatementLine, thought: cst.BaseExpression) -> cst.SimpleStatementLine:
    """Return `await self.think(thought)` with the comments of the statement that it replaces."""
    call = cst.Call(cst.parse_expression("self.think"), [cst.Arg(thought)])
    return statement.with_changes(body=[cst.Expr(cst.Await(call))])


class IdentityTransformer(cst.CSTTransformer):
    """libcst creates a new node for each; this one returns the original node if nothing about it has changed."""

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> Any:
        result = super().on_leave(original_node, updated_node)
        same = result is updated_node and all(
            _is_same(getattr(original_node, each.name), getattr(updated_node, each.name))
            for each in fields(original_node)
        )
        return original_node if same else result


def _is_same(before: object, after: object) -> bool:
    if isinstance(before, str) or not isinstance(before, Sequence):
        return before is after or (isinstance(before, str | bool) and before == after)
    return (
        isinstance(after, Sequence)
        and len(before) == len(after)
        and all(_is_same(a, b) for a, b in zip(before, after, strict=True))
    )


class StatementRewriter(IdentityTransformer):
    """Call `change` for each statement. An empty block gets a `pass`; comments above removed statements stay."""

    def __init__(self, change: StatementRewrite) -> None:
        super().__init__()
        self.change = change

    def leave_IndentedBlock(  # noqa: N802 - libcst's name
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body: list[Any] = []
        comments: list[cst.EmptyLine] = []
        for number, statement in enumerate(updated_node.body):
            replacement = self.change(statement, updated_node.body[number + 1 :])
            if replacement is None:
                replacement = [statement]
            elif not replacement:
                comments += get_leading_comments(statement)
            if replacement and comments:
                replacement, comments = [_prepend_comments(comments, replacement[0]), *replacement[1:]], []
            body.extend(replacement)
        if not body:
            body.append(cst.SimpleStatementLine([cst.Pass()]))
        if len(body) == len(updated_node.body) and all(a is b for a, b in zip(body, updated_node.body, strict=True)):
            return updated_node
        return updated_node.with_changes(body=body, footer=[*comments, *updated_node.footer])


def rewrite_statements(method: cst.FunctionDef, change: StatementRewrite) -> cst.FunctionDef:
    return cst.ensure_type(method.visit(StatementRewriter(change)), cst.FunctionDef)


def get_leading_comments(statement: cst.CSTNode) -> list[cst.EmptyLine]:
    """Return the comments above a statement."""
    return [each for each in getattr(statement, "leading_lines", ()) if each.comment is not None]


def _prepend_comments(comments: list[cst.EmptyLine], statement: Any) -> Any:
    return statement.with_changes(leading_lines=[*comments, *statement.leading_lines])
