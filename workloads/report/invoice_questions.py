"""Tell whether a question is about the invoice."""

from typing import Final

MAX_LENGTH: Final = 2_000
_INVOICE: Final = ("invoice", "reconcil", "rechnung", "facture", "factura", "fattura", "fatura")
_BILL: Final = ("bill", "charged", "statement")
_COMPARE: Final = ("match", "agree", "compare", "same as", "differ", "correct", "why is", "higher than", "lower than")


def mentions_invoice(question: str) -> bool:
    """Whether a question asks about the invoice: "does this match my invoice?", but not "cut my bill by 30%"."""
    words = question[:MAX_LENGTH].lower()
    compares = any(bill in words for bill in _BILL) and any(verb in words for verb in _COMPARE)
    return compares or any(word in words for word in _INVOICE)
