"""Read the aggregations of a search index (Elasticsearch, OpenSearch): buckets in buckets, with sums in the innermost.

A row is an innermost bucket, with the key of each bucket around it under the name of its aggregation."""

from collections.abc import Iterator
from typing import Any, Final

from workloads.ingest.reading.documents.json_values import JsonObject, names_usage

AGGREGATIONS_KEYS: Final = ("aggregations", "aggs")
MAX_LEVELS: Final = 6


def read_aggregations(value: JsonObject) -> Iterator[JsonObject] | None:
    """Return the rows of an answer with aggregations whose innermost buckets have usage; None for another object."""
    found = next((value[key] for key in AGGREGATIONS_KEYS if isinstance(value.get(key), dict)), None)
    if found is None:
        return None
    rows = list(_iter_rows(found, {}, 0))
    return iter(rows) if any(names_usage(key) for row in rows[:1] for key in row) else None


def _iter_rows(bucket: JsonObject, around: JsonObject, level: int) -> Iterator[JsonObject]:
    inner = {name: member["buckets"] for name, member in bucket.items() if _has_buckets(member)}
    if not inner:
        sums = {
            name: member["value"] for name, member in bucket.items() if isinstance(member, dict) and "value" in member
        }
        if around:
            yield {**around, **sums, **({"doc_count": bucket["doc_count"]} if "doc_count" in bucket else {})}
        return
    if level == MAX_LEVELS or len(inner) > 1:  # those of one level count the same requests
        return
    for name, buckets in inner.items():
        for each in buckets:
            if isinstance(each, dict):
                yield from _iter_rows(each, {**around, name: each.get("key_as_string", each.get("key"))}, level + 1)


def _has_buckets(member: Any) -> bool:
    return isinstance(member, dict) and isinstance(member.get("buckets"), list)
