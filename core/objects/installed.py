"""The object store of this installation, for whoever stores users' files."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:  # the library is only loaded where a store is used
    from core.objects.store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledStore:
    """`quick` is the same store for what is not worth waiting for. `cache_bytes` limits the copies on one machine, and
    `reserve_bytes` of its disk stay free."""

    store: "ObjectStore"
    quick: "ObjectStore"
    cache_bytes: int
    reserve_bytes: int


def find_store() -> InstalledStore | None:
    """Return the store of this installation; None if its files are in the data folder."""
    installed: InstalledStore | None = settings.OBJECT_STORE
    return installed
