"""Requests to a scripted model and its responses, apart from any wire format."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came in, header names in lower case.

    `connection` is the client's port, the same for requests over one connection.
    """

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    connection: int

    @property
    def text(self) -> str:
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        return list(self.body["messages"])

    @property
    def ask(self) -> str:
        return next(_text(each["content"]) for each in self.messages if each["role"] == "user")

    @property
    def offered_tools(self) -> list[str]:
        return [each.get("function", each)["name"] for each in self.body.get("tools", ())]

    @property
    def called_tools(self) -> list[str]:
        chat = [call["function"]["name"] for each in self.messages for call in each.get("tool_calls") or ()]
        return chat + [block["name"] for block in self._blocks("tool_use")]

    @property
    def returned_results(self) -> list[str]:
        chat = [str(each["content"]) for each in self.messages if each["role"] == "tool"]
        return chat + [_text(block["content"]) for block in self._blocks("tool_result")]

    def _blocks(self, kind: str) -> list[Mapping[str, Any]]:
        lists = [each["content"] for each in self.messages if isinstance(each.get("content"), list)]
        return [block for blocks in lists for block in blocks if block["type"] == kind]


def _text(content: Any) -> str:
    """A message's text: a string, or the text blocks of the messages API."""
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """`arguments` is the JSON text, which a model may get wrong."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Text in pieces, then calls; `then` is how the stream ends: "length" is a limit of the server.

    `late` is said when a hanging server goes on.

    `pause` is how many seconds the server takes before each event of its stream.
    """

    text: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    then: Literal["end", "hang", "drop", "garble", "length", "error"] = "end"
    late: tuple[str, ...] = ()
    pause: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An HTTP status with an error, as the providers put it."""

    status: int
    code: str = "error"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """The request is taken and not answered, until a hanging server goes on."""

    late: tuple[str, ...] = ()


Said = Answer | Refusal | Silence
Script = Callable[[Request], Said]


def says(*text: str) -> Answer:
    return Answer(text=text)


def calls(*wanted: tuple[str, Mapping[str, Any]], saying: str = "") -> Answer:
    made = tuple(ToolCall(name=name, arguments=json.dumps(arguments)) for name, arguments in wanted)
    return Answer(text=(saying,) if saying else (), calls=made)
