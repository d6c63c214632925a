"""A team's own function as a tool: typed by its signature, limited and told like any other, for one turn only."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from django.db import connections
from pydantic import ConfigDict, Field, TypeAdapter, create_model
from pydantic.errors import PydanticUserError

from netra.core.exceptions import BadInput
from netra.language.text import quoted, text
from tools.base import Category, SideEffects, Tool, ToolContext, ToolInput
from tools.kinds import DENIED, SENT

SECONDS = 60.0
_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class OpenInput(ToolInput):
    """Of a function that takes any keywords."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=())


class ClosedInput(ToolInput):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


@dataclass(frozen=True, slots=True)
class _Call:
    """The function with the names of its parameters, by the fields that stand for them."""

    function: Callable[..., Any]
    parameters: dict[str, str]

    async def __call__(self, given: ToolInput, _: ToolContext) -> Any:
        arguments = {parameter: getattr(given, name) for name, parameter in self.parameters.items()}
        arguments |= given.model_extra or {}
        if inspect.iscoroutinefunction(self.function):
            return await self.function(**arguments)
        # In a thread: old functions block. At the time limit it is left behind, and what it returns is dropped.
        result = await asyncio.to_thread(_call_and_close, self.function, arguments)
        return await result if inspect.isawaitable(result) else result


def _call_and_close(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """What the function asks the database goes over a connection of its thread, which nobody else would close."""
    try:
        return function(**arguments)
    finally:
        connections.close_all()


def local_tool(name: str, function: Callable[..., Any], description: str | None) -> Tool[ToolInput]:
    """Raises BadInput for a function that cannot be called by names."""
    parameters = list(_signature(name, function).parameters.values())
    if any(each.kind is inspect.Parameter.POSITIONAL_ONLY for each in parameters):
        raise BadInput(text("the tool {name} has parameters that cannot be given by name", name=name))
    named = [each for each in parameters if each.kind not in _VARIABLE]
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    base: type[ToolInput] = OpenInput if takes_any else ClosedInput
    hints = _hints(function)
    fields: dict[str, Any] = {_field(each.name): _typed(each, hints) for each in named}
    return Tool(
        name=name,
        title=quoted(name.replace("_", " ").strip().capitalize()),
        description=description or inspect.getdoc(function) or name,
        input=create_model(f"{name}_input", __base__=base, **fields),
        run=_Call(function, {_field(each.name): each.name for each in named}),
        category=Category.BASIC,
        side_effects=SideEffects.OUTSIDE,  # nobody has looked at what it does
        idempotent=False,
        holds=SENT | DENIED,  # nor at what it returns
        seconds=SECONDS,
    )


def _signature(name: str, function: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise BadInput(text("the tool {name} cannot be called", name=name)) from error


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return {}  # names that exist for a type checker only


def _field(parameter: str) -> str:
    """A name that a model may have a field of."""
    taken = parameter.startswith("_") or hasattr(ToolInput, parameter)
    return f"{parameter.strip('_')}_given" if taken else parameter


def _typed(parameter: inspect.Parameter, hints: dict[str, Any]) -> tuple[Any, Any]:
    default = ... if parameter.default is inspect.Parameter.empty else parameter.default
    kind = hints.get(parameter.name, Any)
    return kind if _is_data(kind) else Any, Field(default, alias=parameter.name)


def _is_data(kind: Any) -> bool:
    """Whether it can be checked and described; a session or a socket cannot."""
    try:
        TypeAdapter(kind).json_schema()
    except PydanticUserError:
        return False
    return True
