"""The backup's file: a tar archive of a description, the audit's anchors, the database, and the data folder's files.

Not in it: the secret key, which would open second factors to whoever finds the backup, and what can be made again."""

import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.crypto import salted_hmac

from core.exceptions import BadInput
from core.files import draft_file, list_folder, private_dir
from core.i18n.text import text
from tools.audit.anchors import ANCHOR_FILE_NAME

FORMAT = 1
DESCRIPTION, DATABASE, FILES = "backup.json", "database", "files"
FOLDERS = ("workloads", "uploads")
"""The data folder's folders with what users brought. Everything else there is made again, or this machine's own."""
SINGLE_FILES = (ANCHOR_FILE_NAME, "sign-in.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """`made_at` is in UTC, `engine` sqlite or postgresql, `migrations` those that the database has, as app and name.

    `secret_key` is a digest that tells whether two installations have the same key, and nothing about it.
    """

    format: int
    made_at: str
    engine: str
    migrations: Sequence[Sequence[str]]
    secret_key: str


def describe_installation() -> Description:
    loader = MigrationLoader(connection)
    return Description(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=connection.vendor,
        migrations=sorted(loader.applied_migrations),
        secret_key=salted_hmac("netra.backup", "secret key", secret=settings.SECRET_KEY).hexdigest(),
    )


def add_description(archive: tarfile.TarFile, description: Description) -> None:
    content = json.dumps(asdict(description)).encode()
    member = tarfile.TarInfo(DESCRIPTION)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, BytesIO(content))


def add_file(archive: tarfile.TarFile, path: Path, name: str) -> int:
    """Add the file's bytes as they are now; what is appended meanwhile is left out. Returns their number, 0 if the file
    is gone."""
    try:
        with path.open("rb") as file:
            archive.addfile(archive.gettarinfo(arcname=name, fileobj=file), file)
            return file.tell()
    except FileNotFoundError:  # deleted by its user at this moment
        return 0


def iter_files(data_dir: Path) -> Iterator[Path]:
    """Yield the files of users in the data folder. Names that begin with a dot are work in progress."""
    for kind in FOLDERS:
        for owner in list_folder(data_dir / kind):
            yield from (path for path in list_folder(owner) if path.is_file() and not path.name.startswith("."))


def to_member_name(path: Path, data_dir: Path) -> str:
    return str(PurePosixPath(FILES, *path.relative_to(data_dir).parts))


def read_description(archive: tarfile.TarFile) -> Description:
    """Return the archive's description. Raises BadInput if it is no backup, or one that this version can't read."""
    try:
        member = archive.next()
        file = archive.extractfile(member) if member is not None and member.name == DESCRIPTION else None
        values: Mapping[str, Any] = json.loads(file.read()) if file is not None else {}
        description = Description(**values)
    except (tarfile.TarError, ValueError, TypeError) as error:
        raise BadInput(text("This file is not a backup of Netra.")) from error
    if description.format != FORMAT:
        raise BadInput(text("This backup was made by a newer version of Netra. Use that version."))
    return description


def extract_member(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    """Write a member to `path`, as a private file in private folders."""
    file = archive.extractfile(member)
    if file is None:
        return
    private_dir(path.parent)
    with draft_file(path, replace=True) as draft, draft.open("wb") as target:
        copyfileobj(file, target, 1024**2)


def locate_member(member: tarfile.TarInfo, data_dir: Path) -> Path:
    """Return where in the data folder a member of `files` belongs. Raises BadInput for any other place."""
    parts = PurePosixPath(member.name).parts
    is_inside = len(parts) > 1 and parts[0] == FILES and ".." not in parts
    is_known = parts[1:] in {(name,) for name in SINGLE_FILES} or (len(parts) == 4 and parts[1] in FOLDERS)
    if not (member.isfile() and is_inside and is_known):
        raise BadInput(text('"{name}" in the backup is not one of Netra\'s files.', name=member.name))
    return data_dir.joinpath(*parts[1:])
