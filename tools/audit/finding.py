from dataclasses import dataclass
from typing import Literal

Kind = Literal["changed", "missing", "order", "truncated", "head", "key", "anchor", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in the audit that its own code has not made. `text` is a sentence for an operator.

    `subject` is whose chain; empty for what concerns all. `seq` numbers a row or an anchor, where one is meant.
    """

    kind: Kind
    text: str
    subject: str = ""
    seq: int | None = None
