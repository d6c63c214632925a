"""Results of operator tools as Markdown, rendered by code so that no model leaves anything out."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue

from core.i18n.language import Language
from core.i18n.text import Text, text, translate
from core.json_data import to_jsonable
from operators.base import OperatorTool
from operators.commands import HELP
from tools.results import ToolResult
from workloads.report.escaping import escape_name, escape_prose

COLUMN_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "attempt": text("Attempt"),
        "cancel_requested_at": text("Cancellation requested"),
        "consent_id": text("Consent"),
        "count": text("Count"),
        "created_at": text("Created"),
        "decided_by": text("Decided by"),
        "degraded": text("Degraded"),
        "dollars": text("Cost"),
        "effect": text("Effect"),
        "ended_at": text("Ended"),
        "error": text("Error"),
        "events_in_five_minutes": text("Events in the last 5 minutes"),
        "failed": text("Failed"),
        "healthy": text("Healthy"),
        "id": text("Id"),
        "incidents_open": text("Open isolation incidents"),
        "last": text("Latest event"),
        "logs_waiting": text("Logs waiting for import"),
        "longest": text("Events in the longest stream"),
        "now": text("Effect now"),
        "oldest_seconds": text("Oldest queued (s)"),
        "overdue": text("Overdue"),
        "policy": text("Policy"),
        "queued": text("Queued"),
        "removed": text("Removed"),
        "run_id": text("Run"),
        "running": text("Running"),
        "runs": text("Runs"),
        "size": text("Bytes"),
        "started_at": text("Started"),
        "state": text("State"),
        "stopping": text("Not stopping"),
        "streams": text("Streams"),
        "thread_id": text("Conversation"),
        "tokens": text("Tokens"),
        "tool": text("Tool"),
        "until": text("Valid until"),
        "user": text("User"),
        "version": text("Version"),
        "what": text("Data"),
        "workers": text("Active workers"),
        "workload_id": text("Log"),
    }
)
"""Labels by field name. tests/operators/test_rendering.py checks that none is missing."""

# Our own times in JSON, which are all in UTC.
ISO_TIMESTAMP = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)\Z")


def render_results(
    results: Sequence[ToolResult],
    error_messages: Sequence[Text],
    catalog: Mapping[str, OperatorTool[Any]],
    language: Language,
) -> str:
    parts = [_render_result(each, catalog[each.tool].title, language) for each in results]
    parts += [escape_prose(language.translate(message)) for message in error_messages]
    return "\n\n".join(parts) if parts else language.translate(HELP)


def _render_result(result: ToolResult, title: Text, language: Language) -> str:
    data = to_jsonable(translate(result.value, language))
    return f"**{language.translate(title)}**\n\n{_render_value(data, language)}"


def _render_value(data: JsonValue, language: Language) -> str:
    if isinstance(data, list):
        rows = [each for each in data if isinstance(each, dict)]
        return _render_table(rows, language) if rows else language.translate(text("No results.")) + "\n"
    if isinstance(data, dict):
        tables = [_render_value(value, language) for value in data.values() if isinstance(value, list)]
        scalars = {key: value for key, value in data.items() if not isinstance(value, list)}
        lines = [
            f"- {_get_column_label(key, language)}: {_render_cell(value, language)}" for key, value in scalars.items()
        ]
        return "\n".join([*lines, "", *tables])
    return _render_cell(data, language)


def _render_table(rows: Sequence[Mapping[str, JsonValue]], language: Language) -> str:
    columns = list(rows[0])
    lines = [
        f"| {' | '.join(_get_column_label(column, language) for column in columns)} |",
        f"|{'---|' * len(columns)}",
    ]
    lines += [f"| {' | '.join(_render_cell(row.get(column), language) for column in columns)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _get_column_label(column: str, language: Language) -> str:
    label = COLUMN_LABELS.get(column)
    return column.replace("_", " ") if label is None else language.translate(label)


def _render_cell(value: JsonValue, language: Language) -> str:
    """Render a value. Texts may come from any user, so they become code spans, in which no Markdown works."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return language.translate(text("yes") if value else text("no"))
    if isinstance(value, str) and (match := ISO_TIMESTAMP.match(value)):
        return f"{match['day']} {match['time']} UTC"
    return language.format_number(f"{value:,}") if isinstance(value, int | float) else escape_name(str(value))
