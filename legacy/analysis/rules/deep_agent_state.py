"""The mutable state that the old agents pass along."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import last, mentioned
from legacy.analysis.scopes import parameters

_STATE = "DeepAgentState"
_RESULTS = frozenset(
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


def find(module: Module) -> Iterator[Hit]:
    for imported in module.every(ast.ImportFrom):
        if any(each.name == _STATE for each in imported.names):
            yield _hit(imported, f"{_STATE} is imported.", Confidence.HIGH)
    for klass in module.every(ast.ClassDef):
        if klass.name == _STATE or any(last(base) == _STATE for base in klass.bases):
            yield _hit(klass, f"{klass.name} is a mutable state that agents share.", Confidence.HIGH)
    for call in module.every(ast.Call):
        if last(call.func) == _STATE:
            yield _hit(call, f"A {_STATE} is made, to be changed by every agent that gets it.", Confidence.HIGH)
    for function in module.functions():
        for each in parameters(function):
            if _is_state(each.annotation):
                yield _hit(each, f"{function.name}() is given the shared {_STATE} as {each.arg}.", Confidence.HIGH)
    yield from _left_in_it(module)


def _left_in_it(module: Module) -> Iterator[Hit]:
    for write in module.writes:
        target = write.target
        if write.how != "attribute" or not isinstance(target, ast.Attribute) or target.attr not in _RESULTS:
            continue
        if last(target.value) == "state":
            yield _hit(
                write.node, f"{target.attr} is left in the shared state for whoever comes next.", Confidence.HIGH
            )


def _is_state(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    said = [
        each.value for each in ast.walk(annotation) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return _STATE in mentioned(annotation) or any(_STATE in each for each in said)


def _hit(node: ast.expr | ast.stmt | ast.arg, message: str, confidence: Confidence) -> Hit:
    return Hit(node=node, message=message, confidence=confidence)


RULE = Rule(
    id="deep-agent-state",
    title="DeepAgentState, changed along a chain of agents",
    why="Every agent can change it, copies share what is nested in it, and its to_dict() prints secrets of its user.",
    mend="Take a frozen brief and return a typed result; whose run it is says the context. "
    "The bridge in legacy/ copies it deeply meanwhile.",
    severity=Severity.WARNING,
    find=find,
)
