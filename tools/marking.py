"""Marks in results: which of their parts no remote model may get, whatever the values in them are.

A value that is looked up in the log can be missed, because it was shortened, is very long, or looks like a figure. So a
result says of its own parts that they hold such values:

- `{"private": true, "parts": [...]}`: the lists and objects of this object are left out
- `{"withheld": [true, false], "rows": [...]}`: values in the first column of the rows are replaced
- `{"private_names": "group", ...}`: the field `group` of the objects below is replaced
- `{"private_filters": true, "query": {...}, "values": [...]}`: the values of the query's filters and the parameters of
  its statement are replaced"""

from collections.abc import Sequence

from pydantic import JsonValue

PLACEHOLDER = "[withheld]"


def leave_out_private(data: JsonValue) -> JsonValue:
    """Return the data without what is marked."""
    if isinstance(data, list):
        return [leave_out_private(item) for item in data]
    if not isinstance(data, dict):
        return data
    shown: dict[str, JsonValue] = dict(data)
    if shown.get("private") is True:
        shown = {key: item for key, item in shown.items() if not isinstance(item, list | dict)}
    if shown.get("private_filters") is True:
        shown |= {key: _hide_filters(shown[key]) for key in ("query", "values") if key in shown}
    withheld, rows, field = shown.get("withheld"), shown.get("rows"), shown.get("private_names")
    if isinstance(field, str) and field:
        shown = {key: _hide_field(item, field) for key, item in shown.items()}
    if isinstance(withheld, list) and isinstance(rows, list):
        shown["rows"] = [_hide_columns(row, withheld) for row in rows]
    return {key: leave_out_private(item) for key, item in shown.items()}


def _hide_columns(row: JsonValue, withheld: Sequence[JsonValue]) -> JsonValue:
    if not isinstance(row, list):
        return row
    hidden = [_hide(cell) if is_withheld is True else cell for cell, is_withheld in zip(row, withheld, strict=False)]
    return [*hidden, *row[len(hidden) :]]


def _hide_field(value: JsonValue, field: str) -> JsonValue:
    if isinstance(value, list):
        return [_hide_field(item, field) for item in value]
    if isinstance(value, dict):
        return {key: _hide(item) if key == field else _hide_field(item, field) for key, item in value.items()}
    return value


def _hide_filters(value: JsonValue) -> JsonValue:
    """Return a query, or the list of a statement's parameters, without the values of filters."""
    if isinstance(value, list):
        return [_hide(item) for item in value]
    where = value.get("where") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(where, list):
        return value
    return {**value, "where": [_hide_filter_values(each) for each in where]}


def _hide_filter_values(each: JsonValue) -> JsonValue:
    values = each.get("values") if isinstance(each, dict) else None
    if not isinstance(each, dict) or not isinstance(values, list):
        return each
    return {**each, "values": [_hide(item) for item in values]}


def _hide(value: JsonValue) -> JsonValue:
    """Return a placeholder in place of a text; figures, dates' parts and missing values stay."""
    return PLACEHOLDER if isinstance(value, str) else value
