"""The mapping that a user gives: pairs of a field and a column."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.column_names import format_names
from workloads.ingest.fields import FIELDS


def parse_mapping(pairs: Sequence[str]) -> Mapping[str, str]:
    """Parse `["input_tokens=prompt_tok"]` as field to column. An empty column means that the field is not read.

    Raises BadInput for a pair without "=", an unknown field or a field given twice.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not equals:
            raise BadInput(
                text(
                    '"{words}" is not a valid mapping. Use field=column, for example input_tokens=prompt_tok.',
                    words=pair,
                )
            )
        if field in mapping:
            raise BadInput(text('The field "{field}" is mapped twice.', field=field))
        mapping[field] = column
    check_fields(mapping)
    return MappingProxyType(mapping)


def check_fields(mapping: Iterable[str]) -> None:
    """Raise BadInput if `mapping` names an unknown field."""
    unknown = [field for field in mapping if field not in FIELDS]
    if unknown:
        raise BadInput(
            text(
                "Unknown field {unknown}. The fields are: {fields}.",
                unknown=format_names(unknown),
                fields=", ".join(FIELDS),
            )
        )
