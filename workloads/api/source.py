"""What was read of a log, as the client is told. Its sentences are Texts: the renderer says them."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from netra.language.text import revived
from workloads.formats.catalog import FORMATS

MOST_IGNORED = 200  # names; a file may have thousands of columns
LONGEST_NAME = 200


class RejectionSerializer(serializers.Serializer[Any]):
    """Rows left out: why, how many, and where the first few stand (1-based)."""

    why = serializers.CharField()
    rows = serializers.IntegerField()
    examples = serializers.ListField(child=serializers.IntegerField())


class SourceSerializer(serializers.Serializer[Any]):
    """`columns` are ours that hold anything; `mapping` is field to the file's column; `ignored` the file's others."""

    rows = serializers.IntegerField()
    first = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)
    relative_clock = serializers.BooleanField()
    span_seconds = serializers.FloatField(allow_null=True)
    format = serializers.CharField()
    format_title = serializers.CharField()
    guessed = serializers.BooleanField()
    mapping = serializers.DictField(child=serializers.CharField())
    columns = serializers.ListField(child=serializers.CharField())
    ignored = serializers.ListField(child=serializers.CharField())
    rejected = RejectionSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    synthetic = serializers.BooleanField()
    models = serializers.IntegerField(allow_null=True)


def source_json(source: Mapping[str, Any], extent: Mapping[str, Any] | None) -> dict[str, Any]:
    """`source` and `extent` as they are stored; what is not known is null."""
    known = extent or {}
    title = FORMATS[source["format"]].title if source["format"] in FORMATS else source["format"]
    return {
        "rows": source["rows"],
        **{name: known.get(name) for name in ("first", "last", "span_seconds", "models")},
        "relative_clock": source["relative_clock"],
        "format": source["format"],
        "format_title": title,
        "guessed": source["guessed"],
        "mapping": source["mapping"],
        "columns": source["columns"],
        "ignored": [name[:LONGEST_NAME] for name in source["ignored"][:MOST_IGNORED]],
        "rejected": [{**one, "why": revived(one["why"])} for one in source["rejected"]],
        "notes": [revived(note) for note in source["notes"]],
        "synthetic": source["synthetic"],
    }
