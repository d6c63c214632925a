"""Whether a column of stated costs is in dollars; costs in another currency are not read, because nothing converts
them."""

from collections.abc import Sequence
from typing import Final

from workloads.ingest.column_names import normalize_name
from workloads.ingest.formats.base import Examples

_OTHER_SIGNS: Final = ("€", "£", "¥", "₹", "eur", "gbp", "jpy", "chf", "cny", "inr")
_DOLLARS: Final = frozenset({"", "usd", "$", "us$", "us dollar", "us dollars", "dollar", "dollars"})


def is_in_dollars(column: str, columns: Sequence[str], examples: Examples) -> bool:
    """Return whether the costs in `column` are in US dollars, as far as the first cells say otherwise: their own signs,
    or a column of currencies beside them."""
    cells = [cell.lower() for cell in examples.get(column, ())]
    if any(cell.startswith(_OTHER_SIGNS) or cell.endswith(_OTHER_SIGNS) for cell in cells):
        return False
    said = [examples.get(each, ()) for each in columns if normalize_name(each[:200]).endswith("currency")]
    return all(cell.strip().lower() in _DOLLARS for currencies in said for cell in currencies)
