"""The definition of a cost export: the columns that identify it, and what each says."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.i18n.text import Text
from workloads.ingest.column_names import normalize_name


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFormat:
    """One kind of cost export. Each tuple names the columns that may hold a value, best first.

    `item` is a text with model and kind in one, used where the row has no model of its own. `skus` are the columns of a
    cloud's bill that together name them. A file that has all columns of `signature`, or of one of `other_signatures`,
    is of this format. `scale` is what an amount is multiplied by. `where` says where to export it.

    A cloud bills much else: rows count whose `services` are empty or have one of `service_words` in them.
    """

    name: str
    title: Text
    where: Text
    signature: frozenset[str] = frozenset()
    other_signatures: tuple[frozenset[str], ...] = ()
    day: tuple[str, ...]
    amount: tuple[str, ...]
    currency: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    item: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    charge: tuple[str, ...] = ()  # a category that is not of tokens: tax, credit, web_search
    tier: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()  # a list of credits beside the amount, as JSON: [{"amount": -1.5}]
    credit_type: tuple[str, ...] = ()  # a row that has one is a credit
    services: tuple[str, ...] = ()
    service_words: tuple[str, ...] = ()  # in lower case
    default_currency: str | None = None
    scale: Decimal = Decimal(1)

    def fits(self, columns: Iterable[str]) -> bool:
        names = {normalize_name(name) for name in columns}
        return any(
            {normalize_name(name) for name in signature} <= names
            for signature in (self.signature, *self.other_signatures)
        )
