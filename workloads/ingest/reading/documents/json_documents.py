"""Find the rows in JSON of any layout: an object a line, an array, or lists inside wrappers, pages and buckets.

A row is the innermost object with usage of its own. It inherits the values that stand beside its list, such as the
start of a bucket, except for those about pages."""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import IO, Any, Final, TypeAlias

import ijson

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.reading.documents.json_tables import (
    is_table,
    list_keyed,
    may_be_table,
    read_cells,
    read_rows_below_names,
    read_table,
)
from workloads.ingest.reading.documents.json_values import (
    MAX_DEPTH,
    MODEL_MAPS,
    TOTAL_KEYS,
    JsonObject,
    has_model_map,
    has_own_usage,
    has_usage_by_model,
    has_usage_inside,
    is_usage,
    names_model,
    read_attributes,
)

JsonEvents: TypeAlias = Iterator[tuple[str, Any]]

MAX_NESTING: Final = 500
"""Levels of nesting in a value, beyond which the file is refused."""

_BUFFERED_ELEMENTS: Final = 1_000
"""A list with more elements is read one by one; then the values after it in its object are not inherited."""

_MAX_ELEMENTS: Final = 100_000
"""Elements that are read of a list without usage, such as the hashes of a long prompt's blocks."""

_LONG_NUMBER: Final = b"0" * 4_000
_DIGITS_TO_ZERO: Final = bytes.maketrans(b"123456789", b"0" * 9)

_WRAPPER_KEYS: Final = frozenset(
    {"data", "results", "traces", "items", "rows", "records", "logs", "entries", "observations", "runs", "requests"}
)
"""Keys of lists that are read as rows, whatever they hold, where an object has no usage itself."""

_ENVELOPE_KEYS: Final = frozenset({"data", "_source", "node", "jsonPayload"})
"""Keys of the object that an API's answer, a search index or a cloud's logging puts a row into."""

_PAGE_KEYS = frozenset({"object", "has_more", "next_page", "first_id", "last_id", "page", "limit", "count", "next"})
_INHERITED_OBJECTS = frozenset({"resource", "actor"})


_PIECE_BYTES = 1 << 20
"""Bytes that the parser gets at a time. It begins a text anew with each piece, so a long one must not have many."""


class _CheckedFile:
    """A file for ijson, which crashes on numbers with so many digits that Python refuses to convert them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._end = b""

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        text_so_far = self._end + chunk
        if _LONG_NUMBER in text_so_far.translate(_DIGITS_TO_ZERO):
            raise BadInput(text("The JSON has a number with thousands of digits."))
        self._end = text_so_far[-len(_LONG_NUMBER) :]
        return chunk


def iter_document_rows(file: IO[bytes]) -> Iterator[JsonObject]:
    """Yield the rows of a file that is one JSON array, or objects over many lines.

    Reads piece by piece, however long the file. Raises ijson.JSONError if it is no JSON, BadInput if it is nested too
    deeply.
    """
    events: JsonEvents = ijson.basic_parse(_CheckedFile(file), multiple_values=True, buf_size=_PIECE_BYTES)
    for event, _ in events:
        if event == "start_array":
            for element in read_rows_below_names(_iter_elements(events)):
                yield from iter_rows(element)
        elif event == "start_map":
            yield from _iter_members(events)


def iter_rows(value: Any, inherited: JsonObject | None = None, depth: int = 0) -> Iterator[JsonObject]:
    """Yield the rows in one JSON value: itself, or the objects in its lists if those have the usage."""
    if not isinstance(value, dict):
        return
    if depth <= MAX_DEPTH and may_be_table(value) and (table := read_table(value) or list_keyed(value)) is not None:
        for row in table:
            yield from iter_rows(row, inherited, depth + 1)
        return
    parts = dict(_iter_part_lists(value, depth))
    if not parts or _prefer_whole(value, parts):
        yield {**(inherited or {}), **_open_envelope(value)}
        return
    shared = {**(inherited or {}), **_list_inherited(value)}
    for elements in parts.values():
        for element in elements:
            yield from iter_rows(element, shared, depth + 1)


def _open_envelope(value: JsonObject) -> JsonObject:
    """Return the row in an object that only wraps it: `{"data": {...}}`, perhaps with other values beside."""
    key = next((key for key in value if key in _ENVELOPE_KEYS and isinstance(value[key], dict)), None)
    if key is None or not has_own_usage(value[key], 0):
        return value
    beside = {name: member for name, member in value.items() if name != key}
    return value if has_own_usage(beside, 0) else {**beside, **value[key]}


def _iter_members(events: JsonEvents) -> Iterator[JsonObject]:
    """Yield the rows of one object; only a short list, or one without usage, waits for its end."""
    members: JsonObject = {}
    is_streamed = False
    while (pair := next(events))[0] != "end_map":
        key, (event, value) = pair[1], next(events)
        if event != "start_array":
            members[key] = _build_value(event, value, events)
            continue
        elements = _iter_elements(events)
        head = list(islice(elements, _BUFFERED_ELEMENTS))
        if len(head) < _BUFFERED_ELEMENTS or not _holds_rows(key, head, 1):
            members[key] = [*head, *islice(elements, _MAX_ELEMENTS)]
            deque(elements, maxlen=0)  # read to its end
            continue
        is_streamed = True
        for element in chain(head, elements):
            yield from iter_rows(element, _list_inherited(members), 1)
    if not is_streamed:
        yield from iter_rows(members)


def _iter_elements(events: JsonEvents) -> Iterator[Any]:
    for event, value in events:
        if event == "end_array":
            return
        yield _build_value(event, value, events)


def _build_value(event: str, value: Any, events: JsonEvents) -> Any:
    builder = ijson.ObjectBuilder()
    builder.event(event, value)
    depth = _count_depth(event)
    while depth:
        if depth > MAX_NESTING:
            raise BadInput(text("The JSON is nested too deeply for a usage log."))
        event, value = next(events)
        builder.event(event, value)
        depth += _count_depth(event)
    return builder.value


def _count_depth(event: str) -> int:
    return event.startswith("start_") - event.startswith("end_")


def _iter_part_lists(value: JsonObject, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists in `value`, also those in nested objects, of which an element has usage."""
    if depth > MAX_DEPTH:
        return
    for key, member in value.items():
        if isinstance(member, list) and read_attributes(member) is None:
            if _holds_rows(key, member, depth + 1):
                yield key, member
        elif isinstance(member, dict) and key in MODEL_MAPS and has_usage_by_model(member):
            yield key, [{"model": name, **each} for name, each in member.items()]
        elif isinstance(member, dict):
            for inner, elements in _iter_part_lists(member, depth + 1):
                yield f"{key}.{inner}", elements


def _holds_rows(key: str, elements: list[Any], depth: int) -> bool:
    """Whether a list has the rows: an element has usage, or its key says so."""
    head = elements[:_BUFFERED_ELEMENTS]
    if any(isinstance(each, dict) and read_cells(each) is not None for each in head[:1]):
        return False
    if any(has_usage_inside(element, depth) or is_table(element) for element in head):
        return True
    return (
        depth == 1 and key.lower() in _WRAPPER_KEYS and len(head) > 1 and all(isinstance(each, dict) for each in head)
    )


def _prefer_whole(value: JsonObject, parts: Mapping[str, list[Any]]) -> bool:
    """Whether an object is the row, not the elements of its lists: it has usage, and names one model if they do."""
    if not has_own_usage(value, 0):
        return False
    elements = chain.from_iterable(part[:10] for part in parts.values())
    return names_model(value) or not any(names_model(each) or has_model_map(each) for each in elements)


def _list_inherited(value: JsonObject) -> JsonObject:
    """Return what rows inherit from the object around them: plain values and what they belong to, but no paging and no
    usage, which is a total of theirs."""
    return {
        key: member
        for key, member in value.items()
        if key not in _PAGE_KEYS
        and key not in TOTAL_KEYS
        and (key in _INHERITED_OBJECTS or not (isinstance(member, dict | list) or is_usage(key, member, 0)))
    }
