"""The object store that NETRA_STORE names, for Django's settings."""

from core.objects.installed import InstalledStore
from netra.config import BrokenSettings, Environment

QUICK_SECONDS = 2.0
"""The longest wait for a kept answer, which can be computed again."""


def build_object_store(environment: Environment) -> InstalledStore | None:
    """Return the store; None if users' files are in the data folder. Raises BrokenSettings, without the URL, which may
    hold credentials."""
    url = environment.store.get_secret_value().strip() if environment.store else ""
    if not url:
        return None
    # Imported here: most installations need no store, and its library takes a moment to import.
    from core.objects.store import ObjectStore  # noqa: PLC0415

    try:
        store, quick = ObjectStore(url), ObjectStore(url, most_seconds=QUICK_SECONDS)
    except ValueError as error:
        raise BrokenSettings(f"NETRA_STORE: {error}") from None
    return InstalledStore(
        store=store, quick=quick, cache_bytes=environment.cache_bytes, reserve_bytes=environment.disk_reserve_bytes
    )
