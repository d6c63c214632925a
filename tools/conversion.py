"""A tool's value, and all that is made of it: its JSON, what the user sees of it, and what is audited."""

from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from core.i18n.language import Language
from core.i18n.text import translate
from core.json_data import cut_json, serialize_storable, to_jsonable
from core.stream.prepared_json import PreparedJson
from tools.base import ToolSpec
from tools.calls import to_canonical_json
from tools.results import FullResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedResult:
    """A tool's value, its JSON `data` and the part of it that the user sees, and the text whose digest is audited.

    `prepared` is what the user sees as events show it.
    """

    value: Any
    data: JsonValue
    user_view: JsonValue
    full_result: FullResult | None
    audited: str | None
    prepared: PreparedJson


def convert_result(
    value: Any, tool: ToolSpec[Any], language: Language, *, full_result_bytes: int, audits_english: bool
) -> ConvertedResult:
    """Convert a tool's value. Raises TypeError for a value that is no data."""
    data = to_jsonable(translate(value, language))
    stored, serialized = serialize_storable(data)
    full_result, prepared = None, PreparedJson(stored, serialized)
    if len(serialized) > tool.result_bytes:
        prepared = PreparedJson(cut_json(serialized, tool.result_bytes))
        full_result = FullResult(prepared.value, is_complete=False)  # if the whole is too large
        if len(serialized) <= full_result_bytes:
            full_result = FullResult(stored, is_complete=True, serialized=serialized)
    return ConvertedResult(
        value=value,
        data=data,
        user_view=prepared.value,
        full_result=full_result,
        prepared=prepared,
        audited=None if data is None else to_canonical_json(to_jsonable(value) if audits_english else data),
    )
