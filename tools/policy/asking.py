"""The operators' question: a user, a tool and its arguments as they write them."""

import json
from typing import Any

from pydantic import ValidationError

from netra.core.exceptions import BadInput, NotFound
from netra.core.usernames import find_user
from netra.language.text import text
from tools.base import Tool
from tools.catalog import TOOLS
from tools.policy.explaining import Explanation, explain


def asked(user: str, tool: str, arguments: str) -> Explanation:
    """`user` is an id or a name; `arguments` JSON, or empty: no limit is looked at. Raises NotFound and BadInput."""
    wanted = tool_named(tool)
    return explain(find_user(user).pk, wanted, arguments_of(wanted, arguments))


def tool_named(name: str) -> Tool[Any]:
    """Raises NotFound."""
    tool = TOOLS.get(name)
    if tool is None:
        there = ", ".join(sorted(TOOLS))
        raise NotFound(text("There is no tool {name}. There are: {there}.", name=repr(name), there=there))
    return tool


def arguments_of(tool: Tool[Any], written: str) -> dict[str, Any] | None:
    """Validated as a call's are, as the limits see them. Raises BadInput."""
    if not written.strip():
        return None
    try:
        given = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise BadInput(text("The arguments are no JSON: {problem}.", problem=str(error))) from error
    if not isinstance(given, dict):
        raise BadInput(text("The arguments are an object, as in {example}.", example='{"name": "prompt_caching"}'))
    try:
        valid: dict[str, Any] = tool.input.model_validate(given).model_dump(mode="json")
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
        raise BadInput(text("The arguments of {tool} do not fit: {wrong}.", tool=tool.name, wrong=wrong)) from error
    return valid
