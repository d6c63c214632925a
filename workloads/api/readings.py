"""The JSON of how a log was read, and how far its reading is."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from core.i18n.text import from_json
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.progress import STEPS

MAX_IGNORED = 200  # names; a file may have thousands of columns
MAX_IGNORED_LENGTH = 200


class RejectionSerializer(serializers.Serializer[Any]):
    """Rows left out for one reason, and the numbers of the first few (1-based)."""

    why = serializers.CharField()
    rows = serializers.IntegerField()
    examples = serializers.ListField(child=serializers.IntegerField())


class UnreadColumnSerializer(serializers.Serializer[Any]):
    """A column that seems to bear on the cost and was not read, by its name in the file, and one of its values."""

    name = serializers.CharField()
    example = serializers.CharField()


class SourceSerializer(serializers.Serializer[Any]):
    """How a log was read.

    `requests`: null if rows sum up an unknown number; `columns`: our columns with at least one value; `mapping`: from
    field to the file's column; `kept`: other columns by whose values the spend can be divided; `ignored`: those that
    nothing was read from; `unread`: those that seem to bear on the cost all the same.
    """

    rows = serializers.IntegerField()
    requests = serializers.IntegerField(allow_null=True)
    first = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)
    relative_clock = serializers.BooleanField()
    span_seconds = serializers.FloatField(allow_null=True)
    format = serializers.CharField()
    format_title = serializers.CharField()
    guessed = serializers.BooleanField()
    mapping = serializers.DictField(child=serializers.CharField())
    columns = serializers.ListField(child=serializers.CharField())
    kept = serializers.ListField(child=serializers.CharField())
    ignored = serializers.ListField(child=serializers.CharField())
    unread = UnreadColumnSerializer(many=True)
    rejected = RejectionSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    synthetic = serializers.BooleanField()
    models = serializers.IntegerField(allow_null=True)


def present_source(source: Mapping[str, Any], extent: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the stored `source` and `extent` as one object; unknown values are null."""
    known = extent or {}
    title = FORMATS[source["format"]].title if source["format"] in FORMATS else source["format"]
    return {
        "rows": source["rows"],
        "requests": source.get("requests", source["rows"]),
        **{name: known.get(name) for name in ("first", "last", "span_seconds", "models")},
        "relative_clock": source["relative_clock"],
        "format": source["format"],
        "format_title": title,
        "guessed": source["guessed"],
        "mapping": source["mapping"],
        "columns": source["columns"],
        "kept": [name[:MAX_IGNORED_LENGTH] for name in source.get("kept", ())],
        "ignored": [name[:MAX_IGNORED_LENGTH] for name in source["ignored"][:MAX_IGNORED]],
        "unread": [
            {"name": one["name"][:MAX_IGNORED_LENGTH], "example": one["example"][:MAX_IGNORED_LENGTH]}
            for one in source.get("unread", ())[:MAX_IGNORED]
        ],
        "rejected": [{**one, "why": from_json(one["why"])} for one in source["rejected"]],
        "notes": [from_json(note) for note in source["notes"]],
        "synthetic": source["synthetic"],
    }


class FileColumnSerializer(serializers.Serializer[Any]):
    """A column by its name in the file, with a few of its values: plain text, never markup."""

    name = serializers.CharField()
    examples = serializers.ListField(child=serializers.CharField())


class PreviewSerializer(serializers.Serializer[Any]):
    columns = FileColumnSerializer(many=True)


class ReadingProgressSerializer(serializers.Serializer[Any]):
    """How far the reading of a log is: the step, and the share of it that is done (0 to 1; null if unknown)."""

    step = serializers.ChoiceField(choices=STEPS)
    share = serializers.FloatField(allow_null=True)
