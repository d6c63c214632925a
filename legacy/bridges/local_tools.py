"""Wrap a team's function as a tool for one turn: typed by its signature, with limits and events like any other tool."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from django.db import connections
from pydantic import ConfigDict, Field, TypeAdapter, create_model
from pydantic.errors import PydanticUserError

from core.exceptions import BadInput
from core.i18n.text import text, verbatim_text
from tools.base import DISCLOSED_KINDS, WITHHELD_KINDS, Category, SideEffects, Tool, ToolContext, ToolInput

TIME_LIMIT_SECONDS = 60.0
_VARIADIC_KINDS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class OpenLocalToolInput(ToolInput):
    """Input of a function that takes any keywords."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=())


class ClosedLocalToolInput(ToolInput):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


@dataclass(frozen=True, slots=True)
class _LocalToolRunner:
    """Calls the function. `parameters` maps the fields of the input to the parameters' names."""

    function: Callable[..., Any]
    parameters: dict[str, str]

    async def __call__(self, tool_input: ToolInput, _: ToolContext) -> Any:
        arguments = {parameter: getattr(tool_input, name) for name, parameter in self.parameters.items()}
        arguments |= tool_input.model_extra or {}
        if inspect.iscoroutinefunction(self.function):
            return await self.function(**arguments)
        # In a thread, because legacy functions block. After the time limit its result is ignored.
        result = await asyncio.to_thread(_call_and_close_connections, self.function, arguments)
        return await result if inspect.isawaitable(result) else result


def _call_and_close_connections(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Close the database connections of this thread, which nothing else would close."""
    try:
        return function(**arguments)
    finally:
        connections.close_all()


def build_local_tool(name: str, function: Callable[..., Any], description: str | None) -> Tool[ToolInput]:
    """Raises BadInput for a function that cannot be called with keywords."""
    parameters = list(_read_signature(name, function).parameters.values())
    if any(each.kind is inspect.Parameter.POSITIONAL_ONLY for each in parameters):
        raise BadInput(
            text("The tool {name} has positional-only parameters. Tools are called with keywords.", name=name)
        )
    named = [each for each in parameters if each.kind not in _VARIADIC_KINDS]
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    base: type[ToolInput] = OpenLocalToolInput if takes_any else ClosedLocalToolInput
    hints = _read_type_hints(function)
    fields: dict[str, Any] = {_to_field_name(each.name): _build_field(each, hints) for each in named}
    return Tool(
        name=name,
        title=verbatim_text(name.replace("_", " ").strip().capitalize()),
        description=description or inspect.getdoc(function) or name,
        input=create_model(f"{name}_input", __base__=base, **fields),
        run=_LocalToolRunner(function, {_to_field_name(each.name): each.name for each in named}),
        category=Category.BASIC,
        side_effects=SideEffects.OUTSIDE,  # unknown, so the most restrictive
        idempotent=False,
        result_kinds=DISCLOSED_KINDS | WITHHELD_KINDS,  # unknown, too
        seconds=TIME_LIMIT_SECONDS,
    )


def _read_signature(name: str, function: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise BadInput(text("The tool {name} is not callable.", name=name)) from error


def _read_type_hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return {}  # names that are only imported for type checkers


def _to_field_name(parameter: str) -> str:
    """Return a name that a field of a pydantic model may have."""
    taken = parameter.startswith("_") or hasattr(ToolInput, parameter)
    return f"{parameter.strip('_')}_given" if taken else parameter


def _build_field(parameter: inspect.Parameter, hints: dict[str, Any]) -> tuple[Any, Any]:
    default = ... if parameter.default is inspect.Parameter.empty else parameter.default
    kind = hints.get(parameter.name, Any)
    return kind if _is_json_type(kind) else Any, Field(default, alias=parameter.name)


def _is_json_type(kind: Any) -> bool:
    """Whether pydantic has a JSON schema for it. It has none for a session or a socket."""
    try:
        TypeAdapter(kind).json_schema()
    except PydanticUserError:
        return False
    return True
