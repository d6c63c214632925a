"""A table as it is written in another shape."""

from collections.abc import Callable
from dataclasses import dataclass

from core.i18n.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshaped:
    """SQL for the rows in the new shape, in the order of the file; and the notes on it, from the numbers of rows before
    and after."""

    query: str
    describe: Callable[[int, int], tuple[Text, ...]]
