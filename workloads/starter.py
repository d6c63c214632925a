"""The sample as a log of a user's own: a copy of one file that an installation writes once."""

import os
import shutil
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction

from netra.core.exceptions import StorageFull
from netra.core.ondisk import free_bytes
from netra.core.scope import as_user
from netra.language.language import Language
from netra.language.languages import ENGLISH
from netra.language.text import text
from workloads import claims
from workloads.folders import private
from workloads.models import Workload
from workloads.sample.write import write_sample
from workloads.storage import require_room

NAME = text("Sample log (made up)")
REQUESTS = 5_000  # a whole run on so many takes well under two seconds


def sample_file(data_dir: Path) -> Path:
    """The installation's sample file, written if it is not there yet. The same for everyone."""
    path = data_dir / "samples" / "usage.jsonl"
    if not path.exists():
        # Whoever is first puts it in place whole; two at the same time write the same bytes.
        part = private(path.parent) / f".{uuid4()}"
        try:
            write_sample(part, requests=REQUESTS)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    return path


def give(
    user_id: UUID,
    data_dir: Path,
    language: Language = ENGLISH,
    *,
    quota: int | None = None,
    reserve: int = 0,
) -> Workload:
    """A copy of the sample for the user, queued to be read. Its name is the user's from now on, in their language.

    Raises OverQuota where what the user has stored leaves no room for it, StorageFull where the disk has none beyond
    the `reserve`.
    """
    if free_bytes(data_dir) < reserve:
        raise StorageFull(text("There is not enough room on the server's disk now. Try again later."))
    sample = sample_file(data_dir)
    workload = Workload(owner_id=user_id, name=language.say(NAME), size=sample.stat().st_size, raw_kept=True)
    raw = workload.raw(data_dir)
    private(raw.parent)
    try:
        shutil.copyfile(sample, raw)
        with as_user(user_id), transaction.atomic():
            require_room(user_id, workload.size, data_dir=data_dir, limit=quota)
            workload.save(force_insert=True)
            claims.tell(workload)
    except BaseException:
        raw.unlink(missing_ok=True)
        raise
    return workload
