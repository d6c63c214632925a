"""Make a backup of this installation, and restore one into an empty installation, which may be on PostgreSQL where the
backup is of SQLite."""

import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from core.db import as_all_users
from core.exceptions import BadInput, OperatorError
from core.files import draft_export, list_folder, private_dir
from core.i18n.text import text
from core.models import UserStream
from core.objects.installed import find_store
from netra.backups import archive as files
from netra.backups.conversion import convert_database
from netra.backups.dumps import dump_database, load_database
from netra.backups.objects import add_objects, place_restored_files
from netra.config import Environment
from netra.server.listener import lock_data_dir

STREAMS_AT_ONCE = 1_000
CONVERTED = ("sqlite", "postgresql")
"""Of a backup's database and this installation's: the only two that may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """`files` of users and their `bytes`. `has_same_key`: second factors can be read with this installation's key."""

    files: int
    bytes: int
    has_same_key: bool = True


def make_backup(environment: Environment, path: Path) -> Contents:
    """Write a backup to the new file `path`, whole or not at all. Users go on meanwhile.

    The database is as it was at one moment. Files are copied after it, so that none of its logs is left out; one that
    is deleted meanwhile is missing, and the log says so. Raises BadInput if the file exists, OperatorError.
    """
    data_dir = environment.data_dir
    with draft_export(path) as draft, tarfile.open(draft, "w") as archive:
        files.add_description(archive, files.describe_installation())
        # Before the database: an anchor of rows that a backup lacks would look like rows taken away.
        for name in files.SINGLE_FILES:
            files.add_file(archive, data_dir / name, f"{files.FILES}/{name}")
        with TemporaryDirectory(prefix=".backup-", dir=draft.parent) as work:
            dump = Path(work) / files.DATABASE
            dump_database(environment, dump)
            files.add_file(archive, dump, files.DATABASE)
        sizes = _add_folder(archive, data_dir) if find_store() is None else add_objects(archive, data_dir)
    return Contents(files=len(sizes), bytes=sum(sizes))


def _add_folder(archive: tarfile.TarFile, data_dir: Path) -> list[int]:
    return [files.add_file(archive, each, files.to_member_name(each, data_dir)) for each in files.iter_files(data_dir)]


def restore_backup(environment: Environment, path: Path) -> Contents:
    """Restore a backup, which may be of an earlier version, into this installation, which must be empty. One of SQLite
    may be restored into PostgreSQL, not the other way round.

    Every stream gets a new epoch: what a page has seen of the old one may be missing here, so it loads anew. Raises
    BadInput for a file that can't be restored, OperatorError.
    """
    data_dir = private_dir(environment.data_dir)
    with lock_data_dir(data_dir), _open_backup(path) as archive:
        description = files.read_description(archive)
        _check_database(description)
        _require_empty(data_dir)
        load = load_database if description.engine == connection.vendor else convert_database
        sizes = _extract(environment, archive, data_dir, load)
    call_command("migrate", verbosity=0, interactive=False)
    place_restored_files(data_dir)
    _renew_epochs()
    return Contents(
        files=len(sizes),
        bytes=sum(sizes),
        has_same_key=description.secret_key == files.describe_installation().secret_key,
    )


@contextmanager
def _open_backup(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as archive:
            yield archive
    except FileNotFoundError as error:
        raise BadInput(text("{path} was not found.", path=str(path))) from error
    except tarfile.TarError as error:
        raise BadInput(text("This file is not a backup of Netra, or not all of one.")) from error


def _check_database(description: files.Description) -> None:
    if description.engine != connection.vendor and (description.engine, connection.vendor) != CONVERTED:
        raise BadInput(
            text(
                "This backup is of an installation with {theirs}; this one has {ours}. Set DATABASE_URL accordingly.",
                theirs=description.engine,
                ours=connection.vendor,
            )
        )
    loader = MigrationLoader(connection)
    known = {*loader.disk_migrations, *loader.replacements}
    unknown = [f"{app}.{name}" for app, name in description.migrations if (app, name) not in known]
    if any(app in loader.migrated_apps for app, _, _ in (each.partition(".") for each in unknown)):
        raise BadInput(text("This backup was made by a newer version of Netra (it has {name}).", name=min(unknown)))


def _require_empty(data_dir: Path) -> None:
    occupied = [data_dir / folder for folder in files.FOLDERS if list_folder(data_dir / folder)]
    if occupied or connection.introspection.table_names():
        raise OperatorError(
            "This installation already has data, which a restored backup would replace. Restore it into a new data "
            "folder (NETRA_DATA_DIR) and, with PostgreSQL, into an empty database."
        )


def _extract(
    environment: Environment,
    archive: tarfile.TarFile,
    data_dir: Path,
    load: Callable[[Environment, Path], None],
) -> list[int]:
    """Extract the database, which `load` puts where it belongs, then the files. Returns the sizes of users' files."""
    sizes, has_database = [], False
    with TemporaryDirectory(prefix=".restore-", dir=data_dir) as work:
        for member in archive:
            if member.name == files.DESCRIPTION:
                continue
            if member.name == files.DATABASE:
                dump = Path(work) / files.DATABASE
                files.extract_member(archive, member, dump)
                load(environment, dump)
                dump.unlink()
                has_database = True
                continue
            target = files.locate_member(member, data_dir)
            files.extract_member(archive, member, target)
            sizes.append(member.size)
    if not has_database:
        raise BadInput(text("This file is not a backup of Netra, or not all of one."))
    return sizes


def _renew_epochs() -> None:
    with as_all_users(), transaction.atomic():
        for stream in UserStream.objects.select_for_update().iterator(STREAMS_AT_ONCE):
            UserStream.objects.filter(pk=stream.pk).update(epoch=uuid4(), head=0, floor=0)
