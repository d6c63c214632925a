"""What an agent wrote into the state is what it hands on; it writes one thing, in its own turn."""

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.blocks import rewritten
from legacy.codemods.handed import Handed, handed
from legacy.codemods.keeping import Keeping
from legacy.codemods.shapes import docstring, found
from legacy.codemods.surface import RESULTS

ONE = "writes more than one result; an agent hands on one: make it a dataclass with these parts"


def handed_on(agent: Agent) -> Agent:
    method = agent.method(agent.entry)
    if method is None:
        return agent
    mine = handed(agent, method)
    agent, method = _uncounted(agent, method, mine)
    writes = _writes(method, mine)
    fields = {_field(each) for each in writes}
    if len(fields) > 1:
        return agent.leaving(*(agent.places.left(each, ONE) for each in writes))
    if writes and any(
        each.value is not None and not m.matches(each.value, m.Name("None")) for each in _returns(method)
    ):
        return agent.leaving(
            agent.places.left(writes[0], "writes a result and returns one; which of them is handed on?")
        )
    field = next(iter(fields), None)
    early = _early(method, mine, field) if field else []
    if early:
        reason = "its own result is read before it is surely written: what an earlier turn had left there"
        return agent.leaving(*(agent.places.left(each, reason) for each in early))
    body = cst.ensure_type(method.body.visit(_Handing(mine, field)), cst.IndentedBlock)
    sure = _surely(method, mine, field) is not None and not _returns_before(method, mine, field)
    return agent.with_method(method, method.with_changes(body=_ended(body, field is not None, sure)))


class _Handing(Keeping):
    def __init__(self, mine: Handed, field: str | None) -> None:
        super().__init__()
        self.written = _attribute(mine, field) if field else None

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: N802
        return False

    def leave_Attribute(  # noqa: N802
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        if self.written is not None and m.matches(original_node, self.written):
            return cst.Name("outcome")
        return updated_node

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:  # noqa: N802
        if self.written is not None:
            return done(cst.Name("outcome"))
        return done(updated_node.value or cst.Name("None"))


def done(output: cst.BaseExpression) -> cst.Return:
    said = cst.ensure_type(cst.parse_expression('Done(output=None, summary="Done.")'), cst.Call)
    return cst.Return(said.with_changes(args=[said.args[0].with_changes(value=output), said.args[1]]))


def _ended(body: cst.IndentedBlock, written: bool, sure: bool) -> cst.IndentedBlock:
    statements = list(body.body)
    last = statements[-1]
    alone = m.SimpleStatementLine(body=[m.Assign(targets=[m.AssignTarget(target=m.Name("outcome"))])])
    if written and sure and m.matches(last, alone) and _mentions(body) == 1:
        line = cst.ensure_type(last, cst.SimpleStatementLine)
        value = cst.ensure_type(line.body[0], cst.Assign).value
        return body.with_changes(body=[*statements[:-1], line.with_changes(body=[done(value)])])
    if falls_through(last):
        output = cst.Name("outcome") if written else cst.Name("None")
        statements.append(cst.SimpleStatementLine([done(output)]))
    if written and not sure:
        place = 1 if docstring(statements[0]) else 0
        statements.insert(
            place, cst.ensure_type(cst.parse_statement("outcome: object = None"), cst.SimpleStatementLine)
        )
    return body.with_changes(
        body=[each for each in statements if not m.matches(each, m.SimpleStatementLine(body=[m.Pass()]))]
    )


def falls_through(statement: cst.CSTNode) -> bool:
    """Whether what follows it may be reached."""
    if isinstance(statement, cst.Return | cst.Raise):
        return False
    if isinstance(statement, cst.If):
        return statement.orelse is None or _through(statement.body) or falls_through(statement.orelse)
    if isinstance(statement, cst.Try):
        if statement.finalbody is not None and not _through(statement.finalbody.body):
            return False
        return _through((statement.orelse or statement).body) or any(_through(each.body) for each in statement.handlers)
    if isinstance(statement, cst.Else):
        return _through(statement.body)
    return not isinstance(statement, cst.SimpleStatementLine) or falls_through(statement.body[-1])


def _through(block: cst.BaseSuite) -> bool:
    return falls_through(block.body[-1])


def _mentions(node: cst.CSTNode) -> int:
    return sum(each.value == "outcome" for each in found(node, cst.Name))


def _attribute(mine: Handed, field: str) -> m.Attribute:
    carrier = m.Name(mine.carrier or "")
    return m.Attribute(
        value=carrier if mine.kind == "state" else m.Attribute(value=carrier, attr=m.Name("state")), attr=m.Name(field)
    )


def _any_result(mine: Handed) -> m.Attribute:
    carrier = m.Name(mine.carrier or "")
    return m.Attribute(
        value=carrier if mine.kind == "state" else m.Attribute(value=carrier, attr=m.Name("state")),
        attr=m.Name(value=m.MatchIfTrue(RESULTS.__contains__)),
    )


def _writes(method: cst.FunctionDef, mine: Handed) -> list[cst.Assign]:
    shape = m.Assign(targets=[m.AssignTarget(target=_any_result(mine))])
    return [cst.ensure_type(each, cst.Assign) for each in m.findall(method, shape)]


def _field(write: cst.Assign) -> str:
    return cst.ensure_type(write.targets[0].target, cst.Attribute).attr.value


def _returns(method: cst.FunctionDef) -> list[cst.Return]:
    nested = {each for inner in found(method.body, cst.FunctionDef) for each in found(inner, cst.Return)}
    return [each for each in found(method.body, cst.Return) if each not in nested]


def _surely(method: cst.FunctionDef, mine: Handed, field: str | None) -> int | None:
    """The place of the first statement of the method itself that writes the result."""
    if field is None:
        return None
    shape = m.SimpleStatementLine(body=[m.Assign(targets=[m.AssignTarget(target=_attribute(mine, field))])])
    return next((place for place, each in enumerate(method.body.body) if m.matches(each, shape)), None)


def _before(method: cst.FunctionDef, mine: Handed, field: str | None) -> list[cst.CSTNode]:
    place = _surely(method, mine, field)
    return list(method.body.body if place is None else method.body.body[:place])


def _returns_before(method: cst.FunctionDef, mine: Handed, field: str | None) -> bool:
    return any(found(each, cst.Return) for each in _before(method, mine, field)) or any(
        _field(write) == field for each in _before(method, mine, field) for write in _writes_in(each, mine)
    )


def _writes_in(node: cst.CSTNode, mine: Handed) -> list[cst.Assign]:
    shape = m.Assign(targets=[m.AssignTarget(target=_any_result(mine))])
    return [cst.ensure_type(each, cst.Assign) for each in m.findall(node, shape)]


def _early(method: cst.FunctionDef, mine: Handed, field: str) -> list[cst.Attribute]:
    place = _surely(method, mine, field)
    early = list(_before(method, mine, field))
    if place is not None:
        line = cst.ensure_type(method.body.body[place], cst.SimpleStatementLine)
        early.append(cst.ensure_type(line.body[0], cst.Assign).value)
    targets = {each.target for statement in early for each in found(statement, cst.AssignTarget)}
    read = [each for statement in early for each in m.findall(statement, _attribute(mine, field))]
    return [each for each in read if isinstance(each, cst.Attribute) and each not in targets]


def _uncounted(agent: Agent, method: cst.FunctionDef, mine: Handed) -> tuple[Agent, cst.FunctionDef]:
    """Without increments of a step count, which nothing in Netra reads."""
    call = m.Call(func=m.Attribute(value=m.Name(mine.carrier or ""), attr=m.Name("increment_step_count")), args=[])
    line = m.SimpleStatementLine(body=[m.Expr(value=call)])
    plain = rewritten(method, lambda statement, _: [] if m.matches(statement, line) else None)
    if plain.deep_equals(method):
        return agent, method
    return agent.with_method(method, plain), plain
