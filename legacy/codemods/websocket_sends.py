"""Convert messages to the run's own user, sent over a bridge or the manager, into `self.think`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import libcst as cst
from libcst import matchers as m

from legacy.codemods.aliases import MANAGER_GETTERS, find_manager_aliases, remove_unused_aliases
from legacy.codemods.legacy_agent import CONTEXT_FIELDS, LegacyAgent, RunParameters, find_run_parameters
from legacy.codemods.syntax import (
    Replacement,
    build_think_statement,
    find_bound_names,
    get_argument,
    get_self_attribute,
    get_statement_call,
    get_string_value,
    has_no_effects,
    rewrite_statements,
)

BRIDGE_NAMES = frozenset({"websocket_bridge", "_websocket_bridge", "bridge", "websocket_manager", "_websocket_manager"})
THOUGHT_KEYWORDS = ("reasoning", "thought", "thinking", "message")
SEND_METHODS = frozenset({"send_to_user", "send_message", "send_to_thread"})
TEXT_KEYS = frozenset({"thought", "message", "content", "text", "reasoning"})
THOUGHT_MESSAGE_TYPES = frozenset(
    {"agent_thinking", "agent_progress", "progress_update", "status_update", "agent_started"}
)
OWNER_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"send_to_user": ("user_id",), "send_message": ("user_id",), "send_to_thread": ("chat_thread_id", "thread_id")}
)


def convert_websocket_sends(agent: LegacyAgent) -> LegacyAgent:
    for method in agent.methods:
        parameters, managers = find_run_parameters(agent, method), find_manager_aliases(method)
        # Only names of the module: a parameter or local variable of this name is something else.
        found_by_name = BRIDGE_NAMES - find_bound_names(method)

        def change(
            statement: cst.CSTNode,
            after: Sequence[cst.CSTNode],
            parameters: RunParameters = parameters,
            managers: frozenset[str] = managers,
            found_by_name: frozenset[str] = found_by_name,
        ) -> Replacement:
            call = get_statement_call(statement)
            if call is None or not isinstance(call.func, cst.Attribute):
                return None
            line, sender = cst.ensure_type(statement, cst.SimpleStatementLine), call.func.value
            named = isinstance(sender, cst.Name) and sender.value in found_by_name | managers
            known = named or get_self_attribute(sender) in BRIDGE_NAMES or m.matches(sender, MANAGER_GETTERS)
            if known and call.func.attr.value.startswith("notify_"):
                return _convert_notify(line, call, parameters)
            if known and call.func.attr.value in SEND_METHODS:
                return _convert_send(line, call, parameters)
            return None

        agent = agent.with_method(method, remove_unused_aliases(rewrite_statements(method, change), managers))
    return agent


def _convert_notify(line: cst.SimpleStatementLine, call: cst.Call, parameters: RunParameters) -> Replacement:
    kind, run = cst.ensure_type(call.func, cst.Attribute).attr.value, get_argument(call, 0, "run_id")
    if (
        run is None
        or not _is_own_id(run, parameters, ("run_id",))
        or not has_no_effects([each.value for each in call.args])
    ):
        return None
    if kind == "notify_agent_started":
        return []
    text = get_argument(call, 2, *THOUGHT_KEYWORDS)
    return [build_think_statement(line, text)] if kind == "notify_agent_thinking" and text is not None else None


def _convert_send(line: cst.SimpleStatementLine, call: cst.Call, parameters: RunParameters) -> Replacement:
    owner, message = get_argument(call, 0, "user_id", "thread_id"), get_argument(call, 1, "message")
    kind = cst.ensure_type(call.func, cst.Attribute).attr.value
    if owner is None or not _is_own_id(owner, parameters, OWNER_FIELDS[kind]) or not isinstance(message, cst.Dict):
        return None
    text, others = _extract_text(message)
    return (
        [build_think_statement(line, text)] if text is not None and has_no_effects([*others, *call.args[2:]]) else None
    )


def _extract_text(message: cst.Dict) -> tuple[cst.BaseExpression | None, list[cst.BaseExpression]]:
    """Return the only text of a message that is a thought, and the other values in it."""
    outer, payload = _parse_dict_entries(message), None
    for name in ("payload", "data"):
        inner = outer.get(name)
        payload = _parse_dict_entries(inner) if isinstance(inner, cst.Dict) else payload
    if payload is None or get_string_value(outer.get("type")) not in THOUGHT_MESSAGE_TYPES:
        return None, []
    text = [value for key, value in payload.items() if key in TEXT_KEYS]
    others = [value for key, value in payload.items() if key not in TEXT_KEYS]
    return (text[0], others) if len(text) == 1 and not set(outer) - {"type", "payload", "data"} else (None, [])


def _parse_dict_entries(node: cst.Dict) -> dict[str, cst.BaseExpression]:
    pairs = [each for each in node.elements if isinstance(each, cst.DictElement)]
    return {get_string_value(each.key) or "?": each.value for each in pairs} | (
        {"?": node} if len(pairs) < len(node.elements) else {}
    )


def match_context_field(field: str) -> m.Call:
    """Match `str(self.context.field)`, which remove_state_fields has put in the place of a stored id."""
    attribute = m.Attribute(value=m.Attribute(value=m.Name("self"), attr=m.Name("context")), attr=m.Name(field))
    return m.Call(func=m.Name("str"), args=[m.Arg(value=attribute)])


def _is_own_id(node: cst.BaseExpression, parameters: RunParameters, fields: tuple[str, ...]) -> bool:
    """Whether it is the run's own id, as the method received it."""
    if isinstance(node, cst.Name):
        return node.value == parameters.run_id and "run_id" in fields
    if any(m.matches(node, match_context_field(CONTEXT_FIELDS[field])) for field in fields):
        return True
    read = isinstance(node, cst.Attribute) and node.attr.value in fields
    return read and m.matches(node, m.Attribute(value=m.Name(parameters.carrier or "")))
