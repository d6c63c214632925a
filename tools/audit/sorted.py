"""Several sorted streams are gone through side by side, subject by subject."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class OfSubject(Protocol):
    @property
    def subject(self) -> str: ...


T = TypeVar("T", bound=OfSubject)


class Sorted(Generic[T]):
    """A stream in the order of subjects, in which they are asked for."""

    def __init__(self, rows: Iterator[T]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, subject: str) -> Iterator[T]:
        """None where there is nothing of them."""
        while self._next is not None and self._next.subject == subject:
            yield self._next
            self._next = next(self._rows, None)
