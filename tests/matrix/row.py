"""One row of a matrix: what each of six callers gets of one thing that belongs to the owner."""

from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Row(NamedTuple, Generic[T]):
    """`demoted` was an administrator (or permitted) at the call before; `deactivated` was the owner at the call before;
    `operator` is staff who may see what operators see, and lacks the permission for this."""

    owner: T
    other: T
    anonymous: T
    demoted: T
    deactivated: T
    operator: T


CALLERS = Row._fields
