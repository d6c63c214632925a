"""DeepAgentState, the mutable state that legacy agents pass along."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, list_identifiers
from legacy.analysis.parsing import ParsedModule
from legacy.analysis.scopes import list_parameters

_STATE_CLASS = "DeepAgentState"
_RESULT_FIELDS = frozenset(
    [
        "triage_result",
        "data_result",
        "optimizations_result",
        "action_plan_result",
        "report_result",
        "synthetic_data_result",
        "supply_research_result",
        "corpus_admin_result",
        "corpus_admin_error",
        "final_report",
    ]
)


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for imported in module.iter_nodes(ast.ImportFrom):
        if any(each.name == _STATE_CLASS for each in imported.names):
            yield _build_hit(imported, f"{_STATE_CLASS} is imported.", Confidence.HIGH)
    for klass in module.iter_nodes(ast.ClassDef):
        if klass.name == _STATE_CLASS or any(get_last_identifier(base) == _STATE_CLASS for base in klass.bases):
            yield _build_hit(klass, f"{klass.name} is a mutable state that agents share.", Confidence.HIGH)
    for call in module.iter_nodes(ast.Call):
        if get_last_identifier(call.func) == _STATE_CLASS:
            yield _build_hit(
                call, f"A {_STATE_CLASS} is created, which every agent that gets it can change.", Confidence.HIGH
            )
    for function in module.iter_functions():
        for each in list_parameters(function):
            if _is_state_annotation(each.annotation):
                yield _build_hit(
                    each, f"{function.name}() takes the shared {_STATE_CLASS} as {each.arg}.", Confidence.HIGH
                )
    yield from _find_result_writes(module)


def _find_result_writes(module: ParsedModule) -> Iterator[RuleHit]:
    for write in module.writes:
        target = write.target
        if write.how != "attribute" or not isinstance(target, ast.Attribute) or target.attr not in _RESULT_FIELDS:
            continue
        if get_last_identifier(target.value) == "state":
            yield _build_hit(
                write.node, f"{target.attr} is stored in the shared state for the next agent.", Confidence.HIGH
            )


def _is_state_annotation(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    strings = [
        each.value for each in ast.walk(annotation) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return _STATE_CLASS in list_identifiers(annotation) or any(_STATE_CLASS in each for each in strings)


def _build_hit(node: ast.expr | ast.stmt | ast.arg, message: str, confidence: Confidence) -> RuleHit:
    return RuleHit(node=node, message=message, confidence=confidence)


RULE = IsolationRule(
    id="deep-agent-state",
    title="Mutable DeepAgentState shared by agents",
    why="Every agent can change it, copies share its nested values, and its to_dict() prints the user's secrets.",
    remedy="Take a frozen RunInput and return a typed result; the context has the user. "
    "Until then, the bridge in legacy/ makes deep copies.",
    severity=Severity.WARNING,
    find=find,
)
