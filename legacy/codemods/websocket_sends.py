"""Sends over a bridge or the manager: a thought for the run's own user is thought; all else is left."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import libcst as cst
from libcst import matchers as m

from legacy.codemods.agent import Agent
from legacy.codemods.blocks import Statements, rewritten
from legacy.codemods.handed import Handed, handed
from legacy.codemods.shapes import argument, awaited_call, bound, effectless, of_self, text, thinking, uses
from legacy.codemods.surface import IDS

BRIDGES = frozenset({"websocket_bridge", "_websocket_bridge", "bridge", "websocket_manager", "_websocket_manager"})
NOTIFIED = ("reasoning", "thought", "thinking", "message")
SENDS = frozenset({"send_to_user", "send_message", "send_to_thread"})
TEXTS = frozenset({"thought", "message", "content", "text", "reasoning"})
KINDS = frozenset({"agent_thinking", "agent_progress", "progress_update", "status_update", "agent_started"})
MAKERS = m.Call(func=m.Name("get_websocket_manager") | m.Name("WebSocketManager"), args=[])
OWNERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"send_to_user": ("user_id",), "send_message": ("user_id",), "send_to_thread": ("chat_thread_id", "thread_id")}
)


def sent_as_thoughts(agent: Agent) -> Agent:
    for method in agent.methods:
        mine, made = handed(agent, method), _made(method)
        # Found by name, and nowhere else: what the method itself was handed or made is its own.
        found_by_name = BRIDGES - bound(method)

        def change(
            statement: cst.CSTNode,
            after: Sequence[cst.CSTNode],
            mine: Handed = mine,
            made: frozenset[str] = made,
            found_by_name: frozenset[str] = found_by_name,
        ) -> Statements:
            call = awaited_call(statement)
            if call is None or not isinstance(call.func, cst.Attribute):
                return None
            line, sender = cst.ensure_type(statement, cst.SimpleStatementLine), call.func.value
            named = isinstance(sender, cst.Name) and sender.value in found_by_name | made
            known = named or of_self(sender) in BRIDGES or m.matches(sender, MAKERS)
            if known and call.func.attr.value.startswith("notify_"):
                return _notified(line, call, mine)
            if known and call.func.attr.value in SENDS:
                return _sent(line, call, mine)
            return None

        agent = agent.with_method(method, _unmade(rewritten(method, change), made))
    return agent


def _made(method: cst.FunctionDef) -> frozenset[str]:
    """Local names that hold the one manager."""
    local = m.Assign(targets=[m.AssignTarget(target=m.Name())], value=MAKERS)
    return frozenset(cst.ensure_type(each.targets[0].target, cst.Name).value for each in _assigns(method, local))


def _assigns(method: cst.FunctionDef, shape: m.Assign) -> list[cst.Assign]:
    return [cst.ensure_type(each, cst.Assign) for each in m.findall(method, shape)]


def _unmade(method: cst.FunctionDef, made: frozenset[str]) -> cst.FunctionDef:
    """Without the manager where nothing is sent by it any longer."""
    idle = {name for name in made if sum(each.value == name for each in uses(method)) == 1}

    def change(statement: cst.CSTNode, after: Sequence[cst.CSTNode]) -> Statements:
        shape = m.SimpleStatementLine(body=[m.Assign(targets=[m.AssignTarget(target=m.Name())], value=MAKERS)])
        return [] if m.matches(statement, shape) and idle & {each.value for each in uses(statement)} else None

    return rewritten(method, change)


def _notified(line: cst.SimpleStatementLine, call: cst.Call, mine: Handed) -> Statements:
    kind, run = cst.ensure_type(call.func, cst.Attribute).attr.value, argument(call, 0, "run_id")
    if run is None or not _own(run, mine, ("run_id",)) or not effectless([each.value for each in call.args]):
        return None
    if kind == "notify_agent_started":
        return []
    said = argument(call, 2, *NOTIFIED)
    return [thinking(line, said)] if kind == "notify_agent_thinking" and said is not None else None


def _sent(line: cst.SimpleStatementLine, call: cst.Call, mine: Handed) -> Statements:
    owner, message = argument(call, 0, "user_id", "thread_id"), argument(call, 1, "message")
    kind = cst.ensure_type(call.func, cst.Attribute).attr.value
    if owner is None or not _own(owner, mine, OWNERS[kind]) or not isinstance(message, cst.Dict):
        return None
    said, others = _text(message)
    return [thinking(line, said)] if said is not None and effectless([*others, *call.args[2:]]) else None


def _text(message: cst.Dict) -> tuple[cst.BaseExpression | None, list[cst.BaseExpression]]:
    """The one text of a message that is a thought, and what else is in it."""
    outer, payload = _entries(message), None
    for name in ("payload", "data"):
        inner = outer.get(name)
        payload = _entries(inner) if isinstance(inner, cst.Dict) else payload
    if payload is None or text(outer.get("type")) not in KINDS:
        return None, []
    said = [value for key, value in payload.items() if key in TEXTS]
    others = [value for key, value in payload.items() if key not in TEXTS]
    return (said[0], others) if len(said) == 1 and not set(outer) - {"type", "payload", "data"} else (None, [])


def _entries(node: cst.Dict) -> dict[str, cst.BaseExpression]:
    pairs = [each for each in node.elements if isinstance(each, cst.DictElement)]
    return {text(each.key) or "?": each.value for each in pairs} | (
        {"?": node} if len(pairs) < len(node.elements) else {}
    )


def of_context(field: str) -> m.Call:
    """What the agent kept on itself, once it is read from the context."""
    held = m.Attribute(value=m.Attribute(value=m.Name("self"), attr=m.Name("context")), attr=m.Name(field))
    return m.Call(func=m.Name("str"), args=[m.Arg(value=held)])


def _own(node: cst.BaseExpression, mine: Handed, fields: tuple[str, ...]) -> bool:
    """Whether it is the run's own id, as it was handed in."""
    if isinstance(node, cst.Name):
        return node.value == mine.run_id and "run_id" in fields
    if any(m.matches(node, of_context(IDS[field])) for field in fields):
        return True
    read = isinstance(node, cst.Attribute) and node.attr.value in fields
    return read and m.matches(node, m.Attribute(value=m.Name(mine.carrier or "")))
