"""Report legacy code that no codemod handles: name clashes first, remaining code at the end, uses outside of agents."""

from collections.abc import Sequence

import libcst as cst
from libcst import matchers as m

from legacy.codemods.dispatcher import TURN_DISPATCHER
from legacy.codemods.legacy_agent import (
    ATTRIBUTE_REASONS,
    BASE_AGENT_NAMES,
    GLOBAL_REASONS,
    LEGACY_BASES,
    LEGACY_HOOKS,
    REFLECTION_NAMES,
    RESULT_AGENTS,
    LegacyAgent,
    MigrationIssue,
    RunParameters,
    SourcePositions,
    count_entry_methods,
    find_run_parameters,
)
from legacy.codemods.state_fields import find_state_fields
from legacy.codemods.syntax import (
    find_assignment_targets,
    find_bound_names,
    find_class_attributes,
    find_names,
    find_nodes,
    find_variable_uses,
    get_last_identifier,
    get_self_attribute,
)

SHARED_CLASS_VALUE = (
    "all users share this class attribute; pass it as an argument, or make it a tuple or MappingProxyType in the module"
)
GENERATED_NAMES = frozenset({"run_input", "outcome", "to_jsonable", TURN_DISPATCHER})
RUN_INPUT_LIMITS = "a RunInput is frozen and contains only the ask, the facts and earlier agents' outputs"
UNSUPPORTED_STATE_USE = f"the state is passed on, changed or read in a way that has no equivalent; {RUN_INPUT_LIMITS}"
GLOBAL_OBJECTS = frozenset({"tool_dispatcher", "websocket_manager", "websocket_bridge"})
UNSUPPORTED_ID_USE = "this id or flag is set or passed on in a way that has no equivalent"
LEGACY_CALL_REASON = (
    "runs an agent in the legacy way; start runs with agents.runs.start_run, and register agents in "
    "agents/framework/registry.py"
)
STATE_CREATION_REASON = (
    "creates the legacy state; with the bridges, import DeepAgentState from legacy.bridges.state, which shares nothing"
)


def report_clashes(agent: LegacyAgent) -> LegacyAgent:
    """Add an issue for everything that keeps the codemods from migrating this agent."""
    return agent.with_issues(
        *_check_class(agent), *_check_members(agent), *_check_class_values(agent), *_check_names(agent)
    )


def _check_class(agent: LegacyAgent) -> list[MigrationIssue]:
    node, issues = agent.node, []
    for base in node.bases:
        if not m.matches(base.value, m.Name("object")) and get_last_identifier(base.value) not in LEGACY_BASES:
            issues.append(agent.build_issue(base, "the behaviour of this base class is unknown; migrate it first"))
    if node.keywords or node.decorators:
        issues.append(
            agent.build_issue(node.name, "the class has a decorator or metaclass, which may rely on its legacy form")
        )
    if count_entry_methods(node) > 1:
        issues.append(
            agent.build_issue(node.name, "has both execute and execute_core_logic; keep the one that does the work")
        )
    return issues


def _check_members(agent: LegacyAgent) -> list[MigrationIssue]:
    issues = []
    for member in agent.methods:
        name = member.name.value
        if name in BASE_AGENT_NAMES - {"execute"}:
            issues.append(agent.build_issue(member.name, f"BaseAgent has its own {name}; rename this one"))
        if name in LEGACY_HOOKS:
            issues.append(
                agent.build_issue(
                    member.name, "the legacy base class called this hook; call it yourself during the turn"
                )
            )
        if name == agent.entry_method and (member.asynchronous is None or member.decorators):
            issues.append(agent.build_issue(member.name, "only a plain async method can become perform"))
        if name == agent.entry_method and _has_extra_parameters(member):
            issues.append(agent.build_issue(member.name, "takes more parameters than the legacy signature"))
    for each in find_class_attributes(agent.node):
        if each.value in BASE_AGENT_NAMES - {"name", "title"}:
            issues.append(agent.build_issue(each, f"{each.value} has another meaning in BaseAgent"))
    return issues


def _has_extra_parameters(member: cst.FunctionDef) -> bool:
    """Whether it takes more than self, the state, the run's id and the streaming flag."""
    params = member.params
    return len(params.params) > 4 or bool(params.kwonly_params or params.star_kwarg)


def _check_class_values(agent: LegacyAgent) -> list[MigrationIssue]:
    """Return the mutable values of the class, which every run of every user would change."""
    mutable = m.Dict() | m.List() | m.Set() | m.Call() | m.DictComp() | m.ListComp() | m.SetComp()
    lines = [each for each in agent.node.body.body if isinstance(each, cst.SimpleStatementLine)]
    values = [small.value for line in lines for small in line.body if isinstance(small, cst.Assign | cst.AnnAssign)]
    return [
        agent.build_issue(each, SHARED_CLASS_VALUE) for each in values if each is not None and m.matches(each, mutable)
    ]


def _check_names(agent: LegacyAgent) -> list[MigrationIssue]:
    issues = []
    generated = GENERATED_NAMES & find_names(agent.node)
    if generated:
        names = ", ".join(sorted(generated))
        issues.append(
            agent.build_issue(agent.node.name, f"uses the name {names}, which the migrated code needs; rename it")
        )
    known = find_state_fields(agent)
    for each in find_nodes(agent.node, cst.Attribute):
        name = get_self_attribute(each)
        if name in BASE_AGENT_NAMES - {"name", *known}:
            reason = ATTRIBUTE_REASONS.get(name, f"self.{name} has another meaning in BaseAgent; rename this one")
            issues.append(agent.build_issue(each, reason))
    return issues


def report_remaining_code(agent: LegacyAgent, before: cst.ClassDef) -> LegacyAgent:
    """Add an issue for all remaining legacy code. `before` is the original class, with the original parameters."""
    old = LegacyAgent(node=before, entry_method=agent.entry_method, positions=agent.positions)
    parameters_by_method = {_get_new_method_name(old, each): find_run_parameters(old, each) for each in old.methods}
    issues: list[MigrationIssue] = []
    for method in agent.methods:
        issues += _find_remaining_names(agent, method, parameters_by_method.get(method.name.value, RunParameters()))
    # A line that a codemod has reported is not reported twice.
    reported = {each.line for each in agent.issues if each.blocks}
    return agent.with_issues(
        *(each for each in (*issues, *_find_remaining_attributes(agent)) if each.line not in reported)
    )


def _get_new_method_name(old: LegacyAgent, method: cst.FunctionDef) -> str:
    return "perform" if method.name.value == old.entry_method else method.name.value


def _find_remaining_names(
    agent: LegacyAgent, method: cst.FunctionDef, parameters: RunParameters
) -> list[MigrationIssue]:
    issues, fields, own = [], _find_remaining_fields(method, parameters), find_bound_names(method)
    for each in find_variable_uses(method.body):
        if each.value in fields and each in fields[each.value]:
            continue
        if each.value == parameters.carrier:
            issues.append(agent.build_issue(each, UNSUPPORTED_STATE_USE))
        elif each.value in (parameters.run_id, parameters.stream_flag):
            issues.append(agent.build_issue(each, UNSUPPORTED_ID_USE))
        elif each.value == "super":
            issues.append(agent.build_issue(each, "BaseAgent does not do what the legacy base class does here"))
        elif each.value in GLOBAL_REASONS:
            issues.append(agent.build_issue(each, GLOBAL_REASONS[each.value]))
        elif each.value in GLOBAL_OBJECTS - own:
            issues.append(agent.build_issue(each, ATTRIBUTE_REASONS[each.value]))
    for known in fields.values():
        issues += [agent.build_issue(name, why) for name, why in known.items()]
    return issues


def _find_remaining_fields(method: cst.FunctionDef, parameters: RunParameters) -> dict[str, dict[cst.Name, str]]:
    """Return uses of the carrier's own fields, each with the reason why it could not be converted."""
    known: dict[cst.Name, str] = {}
    for each in find_nodes(method.body, cst.Attribute):
        field = each.attr.value
        if not isinstance(each.value, cst.Name) or each.value.value != parameters.carrier:
            continue
        if field in RESULT_AGENTS:
            known[each.value] = (
                f"an earlier agent's result, or one that this agent writes elsewhere: once that agent is migrated, "
                f'read it with run_input.get_output("{RESULT_AGENTS[field]}", <its type>)'
            )
        elif field != "state":
            known[each.value] = f"{parameters.kind}.{field} has no equivalent; {RUN_INPUT_LIMITS}"
    return {parameters.carrier: known} if parameters.carrier else {}


def _find_remaining_attributes(agent: LegacyAgent) -> list[MigrationIssue]:
    own = {each.value for each in find_class_attributes(agent.node)} | {each.name.value for each in agent.methods}
    issues = []
    for each in find_nodes(agent.node, cst.Attribute):
        name = get_self_attribute(each)
        if name is None or name in own | BASE_AGENT_NAMES:
            continue
        message = (
            "a message to the user that self.think alone can't send" if name.startswith(("emit_", "notify_")) else ""
        )
        reason = ATTRIBUTE_REASONS.get(name) or message or f"neither this class nor BaseAgent defines self.{name}"
        issues.append(agent.build_issue(each, reason))
    return [*issues, *_find_self_writes(agent), *_find_reflection(agent)]


def _find_reflection(agent: LegacyAgent) -> list[MigrationIssue]:
    calls = [each for each in find_nodes(agent.node, cst.Call) if find_names(each.func) & REFLECTION_NAMES]
    return [
        agent.build_issue(each, "accesses its attributes by computed names, which may no longer exist; write them out")
        for each in calls
        if each.args and m.matches(each.args[0].value, m.Name("self"))
    ]


def _find_self_writes(agent: LegacyAgent) -> list[MigrationIssue]:
    return [
        agent.build_issue(each, f"stores {name} on self; pass it as an argument")
        for each in find_assignment_targets(agent.node)
        if (name := get_self_attribute(each))
    ]


def report_uses_outside_agents(
    module: cst.Module, places: SourcePositions, agents: Sequence[cst.ClassDef]
) -> list[MigrationIssue]:
    inside = {each for node in agents for each in find_nodes(node, cst.Call)}
    return [
        places.build_issue(call, reason, blocks=False)
        for call in find_nodes(module, cst.Call)
        if call not in inside and (reason := _find_reason(call))
    ]


def _find_reason(call: cst.Call) -> str | None:
    if isinstance(call.func, cst.Name):
        if call.func.value == "WebSocketManager" and call.args:
            return None  # the facade, which is bound to a context
        return STATE_CREATION_REASON if call.func.value == "DeepAgentState" else GLOBAL_REASONS.get(call.func.value)
    if isinstance(call.func, cst.Attribute) and call.func.attr.value == "execute" and len(call.args) == 3:
        names = {each.value for arg in call.args for each in find_variable_uses(arg.value)}
        names |= {arg.keyword.value for arg in call.args if arg.keyword}
        return LEGACY_CALL_REASON if names & {"state", "run_id", "stream_updates"} else None
    return None
