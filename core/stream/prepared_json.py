"""JSON that many events and rows show: serialized and searched for secrets once, when it is first stored."""

from dataclasses import dataclass, field
from functools import cached_property

from pydantic import Field, JsonValue
from pydantic_core import to_json

from core.events import Event, ToolCompleted
from core.redaction import redact


@dataclass(frozen=True)
class PreparedJson:
    """JSON data, and its text without secrets. Two threads that need the text at once make the same.

    `serialized` is the JSON of the data as UTF-8, if there is one already, until the text is made of it.
    """

    value: JsonValue
    serialized: bytes | None = field(default=None, compare=False, repr=False)

    @cached_property
    def text(self) -> str:
        known = self.serialized
        object.__setattr__(self, "serialized", None)  # the text takes its place
        return redact((to_json(self.value) if known is None else known).decode())


class PreparedToolCompleted(ToolCompleted):
    """A tool_completed whose result is prepared, as calls with the same result share it. Otherwise it is like any.

    Make it with `model_construct`: a prepared result is JSON data already.
    """

    prepared: PreparedJson = Field(exclude=True)

    def to_text(self) -> tuple[str, str]:
        """Return the event's JSON in two parts: what may contain a secret, and the rest, which is searched."""
        rest = self.__pydantic_serializer__.to_json(self, exclude={"result"}).decode()
        return rest[:-1], f',"result":{self.prepared.text}}}'


def split_event_json(event: Event) -> tuple[str, str]:
    """Return the event's JSON in two parts: one to search for secrets, and one that has been searched, if any."""
    if type(event) is PreparedToolCompleted:
        return event.to_text()
    # The same as model_dump_json in half the time: every event is serialised here.
    return event.__pydantic_serializer__.to_json(event).decode(), ""
