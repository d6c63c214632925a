"""Convert the result that an agent writes into the state into its returned output."""

import libcst as cst
from libcst import matchers as m

from legacy.codemods.legacy_agent import RESULT_AGENTS, LegacyAgent, RunParameters, find_run_parameters
from legacy.codemods.syntax import IdentityTransformer, find_nodes, is_docstring, rewrite_statements

SEVERAL_RESULTS = "writes several results; an agent returns one: make it a dataclass with these fields"


def convert_results(agent: LegacyAgent) -> LegacyAgent:
    method = agent.find_method(agent.entry_method)
    if method is None:
        return agent
    parameters = find_run_parameters(agent, method)
    agent, method = _remove_step_counts(agent, method, parameters)
    writes = _find_result_writes(method, parameters)
    fields = {_get_written_field(each) for each in writes}
    if len(fields) > 1:
        return agent.with_issues(*(agent.build_issue(each, SEVERAL_RESULTS) for each in writes))
    if writes and any(
        each.value is not None and not m.matches(each.value, m.Name("None")) for each in _find_own_returns(method)
    ):
        return agent.with_issues(
            agent.build_issue(writes[0], "writes one result and returns another; decide which is the output")
        )
    field = next(iter(fields), None)
    early = _find_early_reads(method, parameters, field) if field else []
    if early:
        reason = "may read its result before it is written, which would be an earlier turn's result"
        return agent.with_issues(*(agent.build_issue(each, reason) for each in early))
    body = cst.ensure_type(method.body.visit(_ResultReplacer(parameters, field)), cst.IndentedBlock)
    sure = _find_certain_write(method, parameters, field) is not None and not _can_end_before_write(
        method, parameters, field
    )
    return agent.with_method(method, method.with_changes(body=_append_return(body, field is not None, sure)))


class _ResultReplacer(IdentityTransformer):
    def __init__(self, parameters: RunParameters, field: str | None) -> None:
        super().__init__()
        self.result_pattern = _match_result_field(parameters, field) if field else None

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: N802
        return False

    def leave_Attribute(  # noqa: N802
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        if self.result_pattern is not None and m.matches(original_node, self.result_pattern):
            return cst.Name("outcome")
        return updated_node

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:  # noqa: N802
        if self.result_pattern is not None:
            return build_result_return(cst.Name("outcome"))
        return build_result_return(updated_node.value or cst.Name("None"))


def build_result_return(output: cst.BaseExpression) -> cst.Return:
    call = cst.ensure_type(cst.parse_expression('AgentResult(output=None, summary="Done.")'), cst.Call)
    return cst.Return(call.with_changes(args=[call.args[0].with_changes(value=output), call.args[1]]))


def _append_return(body: cst.IndentedBlock, written: bool, sure: bool) -> cst.IndentedBlock:
    statements = list(body.body)
    last = statements[-1]
    alone = m.SimpleStatementLine(body=[m.Assign(targets=[m.AssignTarget(target=m.Name("outcome"))])])
    if written and sure and m.matches(last, alone) and _count_outcome_names(body) == 1:
        line = cst.ensure_type(last, cst.SimpleStatementLine)
        value = cst.ensure_type(line.body[0], cst.Assign).value
        return body.with_changes(body=[*statements[:-1], line.with_changes(body=[build_result_return(value)])])
    if can_fall_through(last):
        output = cst.Name("outcome") if written else cst.Name("None")
        statements.append(cst.SimpleStatementLine([build_result_return(output)]))
    if written and not sure:
        place = 1 if is_docstring(statements[0]) else 0
        statements.insert(
            place, cst.ensure_type(cst.parse_statement("outcome: object = None"), cst.SimpleStatementLine)
        )
    return body.with_changes(
        body=[each for each in statements if not m.matches(each, m.SimpleStatementLine(body=[m.Pass()]))]
    )


def can_fall_through(statement: cst.CSTNode) -> bool:
    """Whether the statement after it can be reached."""
    if isinstance(statement, cst.Return | cst.Raise):
        return False
    if isinstance(statement, cst.If):
        return statement.orelse is None or _can_block_fall_through(statement.body) or can_fall_through(statement.orelse)
    if isinstance(statement, cst.Try):
        if statement.finalbody is not None and not _can_block_fall_through(statement.finalbody.body):
            return False
        return _can_block_fall_through((statement.orelse or statement).body) or any(
            _can_block_fall_through(each.body) for each in statement.handlers
        )
    if isinstance(statement, cst.Else):
        return _can_block_fall_through(statement.body)
    return not isinstance(statement, cst.SimpleStatementLine) or can_fall_through(statement.body[-1])


def _can_block_fall_through(block: cst.BaseSuite) -> bool:
    return can_fall_through(block.body[-1])


def _count_outcome_names(node: cst.CSTNode) -> int:
    return sum(each.value == "outcome" for each in find_nodes(node, cst.Name))


def _match_state(parameters: RunParameters) -> m.Name | m.Attribute:
    carrier = m.Name(parameters.carrier or "")
    return carrier if parameters.kind == "state" else m.Attribute(value=carrier, attr=m.Name("state"))


def _match_result_field(parameters: RunParameters, field: str) -> m.Attribute:
    return m.Attribute(value=_match_state(parameters), attr=m.Name(field))


def _find_result_writes(node: cst.CSTNode, parameters: RunParameters) -> list[cst.Assign]:
    any_result = m.Name(value=m.MatchIfTrue(RESULT_AGENTS.__contains__))
    target = m.AssignTarget(target=m.Attribute(value=_match_state(parameters), attr=any_result))
    return [cst.ensure_type(each, cst.Assign) for each in m.findall(node, m.Assign(targets=[target]))]


def _get_written_field(write: cst.Assign) -> str:
    return cst.ensure_type(write.targets[0].target, cst.Attribute).attr.value


def _find_own_returns(method: cst.FunctionDef) -> list[cst.Return]:
    nested = {each for inner in find_nodes(method.body, cst.FunctionDef) for each in find_nodes(inner, cst.Return)}
    return [each for each in find_nodes(method.body, cst.Return) if each not in nested]


def _find_certain_write(method: cst.FunctionDef, parameters: RunParameters, field: str | None) -> int | None:
    """Return the index of the first statement of the method body that writes the result, outside of any branch."""
    if field is None:
        return None
    shape = m.SimpleStatementLine(
        body=[m.Assign(targets=[m.AssignTarget(target=_match_result_field(parameters, field))])]
    )
    return next((place for place, each in enumerate(method.body.body) if m.matches(each, shape)), None)


def _list_statements_before_write(
    method: cst.FunctionDef, parameters: RunParameters, field: str | None
) -> list[cst.CSTNode]:
    place = _find_certain_write(method, parameters, field)
    return list(method.body.body if place is None else method.body.body[:place])


def _can_end_before_write(method: cst.FunctionDef, parameters: RunParameters, field: str | None) -> bool:
    return any(
        find_nodes(each, cst.Return) for each in _list_statements_before_write(method, parameters, field)
    ) or any(
        _get_written_field(write) == field
        for each in _list_statements_before_write(method, parameters, field)
        for write in _find_result_writes(each, parameters)
    )


def _find_early_reads(method: cst.FunctionDef, parameters: RunParameters, field: str) -> list[cst.Attribute]:
    place = _find_certain_write(method, parameters, field)
    early = list(_list_statements_before_write(method, parameters, field))
    if place is not None:
        line = cst.ensure_type(method.body.body[place], cst.SimpleStatementLine)
        early.append(cst.ensure_type(line.body[0], cst.Assign).value)
    targets = {each.target for statement in early for each in find_nodes(statement, cst.AssignTarget)}
    read = [each for statement in early for each in m.findall(statement, _match_result_field(parameters, field))]
    return [each for each in read if isinstance(each, cst.Attribute) and each not in targets]


def _remove_step_counts(
    agent: LegacyAgent, method: cst.FunctionDef, parameters: RunParameters
) -> tuple[LegacyAgent, cst.FunctionDef]:
    """Remove the increments of the step count, which nothing in Netra reads."""
    call = m.Call(
        func=m.Attribute(value=m.Name(parameters.carrier or ""), attr=m.Name("increment_step_count")), args=[]
    )
    line = m.SimpleStatementLine(body=[m.Expr(value=call)])
    plain = rewrite_statements(method, lambda statement, _: [] if m.matches(statement, line) else None)
    if plain.deep_equals(method):
        return agent, method
    return agent.with_method(method, plain), plain
