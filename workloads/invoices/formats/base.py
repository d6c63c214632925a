"""The definition of a cost export: the columns that identify it, and what each says."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.i18n.text import Text
from workloads.ingest.column_names import normalize_name


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFormat:
    """One kind of cost export. Each tuple names the columns that may hold a value, best first.

    `item` is a text with model and kind in one, used where the row has no model of its own. A file that has all columns
    of `signature` is of this format. `scale` is what an amount is multiplied by. `where` says where to export it.
    """

    name: str
    title: Text
    where: Text
    signature: frozenset[str] = frozenset()
    day: tuple[str, ...]
    amount: tuple[str, ...]
    currency: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    item: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    charge: tuple[str, ...] = ()  # a category that is not of tokens: tax, credit, web_search
    tier: tuple[str, ...] = ()
    default_currency: str | None = None
    scale: Decimal = Decimal(1)

    def fits(self, columns: Iterable[str]) -> bool:
        return {normalize_name(name) for name in self.signature} <= {normalize_name(name) for name in columns}
