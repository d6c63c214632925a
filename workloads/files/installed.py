"""The files of this installation's logs: in its object store, if it has one, else in the data folder."""

from pathlib import Path

from core.objects.installed import find_store
from workloads.files.base import LogFiles
from workloads.files.folder import FolderLogFiles


def get_log_files(data_dir: Path) -> LogFiles:
    """Return the files of the installation; `data_dir` is this machine's folder for them, or for work on them."""
    installed = find_store()
    if installed is None:
        return FolderLogFiles(data_dir)
    # Imported here: the store's library takes a moment to import, and most installations need none.
    from workloads.files.stored import StoredLogFiles  # noqa: PLC0415

    return StoredLogFiles(data_dir, installed)
