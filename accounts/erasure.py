"""Erasing a user: all that is theirs goes, in the database and on the disk, and what names them elsewhere.

The account goes last: whoever is interrupted can begin again by its name.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db import transaction
from knox.models import AuthToken

from agents.estate import being_read, delete_estate, files_of, ids_at_work
from agents.halt import held, stop_all
from agents.locks import lock_estate
from netra.accounts.adminlog import entries_about
from netra.accounts.mentions import forget_mentions
from netra.accounts.signins import end_sessions
from netra.core.exceptions import OperatorError
from netra.core.models import User
from netra.core.ondisk import remove
from netra.core.overwritten import overwritten
from netra.core.ownedrows import models_of_users
from netra.core.retries import retry_on_conflict
from netra.core.scope import as_user
from netra.core.waste import Waste
from netra.language.text import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long others are waited for, in seconds: open pages that are sent away, runs that are asked to stop, and the
    disk, which is quiet once no worker has put anything there for that long."""

    pages: float = 1.5
    runs: float = 10.0
    quiet: float = 2.0
    disk: float = 30.0


def found(user: User, data_dir: Path) -> tuple[Waste, ...]:
    """What would go."""
    files = files_of(user.id, ids_at_work(user.id), data_dir)
    with as_user(user.id):
        rows = [
            Waste(what=text("rows of {kind}", kind=str(model._meta.verbose_name_plural)), count=count)
            for model, column in models_of_users()
            if (count := model._base_manager.filter(**{column: user.id}).count())
        ]
    log = Waste(
        what=text("entries of the admin's log that are by them or name them"), count=entries_about(user).count()
    )
    disk = Waste(what=text("folders on the disk"), count=len(files), size=sum(each.size for each in files))
    return (*rows, log, disk)


def erase(user: User, data_dir: Path, patience: Patience = Patience()) -> None:
    """Also beside running servers: what they hold of the user loses its rows.

    Raises OperatorError where a worker does not leave the disk alone; the account is gone then, as are all rows.
    """
    ids = ids_at_work(user.id)
    with overwritten():
        _close_door(user)
        time.sleep(patience.pages)
        busy = bool(held(user.id)) or being_read(user.id)
        stop_all(user.id, patience=patience.runs)
        ids |= ids_at_work(user.id)
        # While its rows still tell what they are called; and once more for what a worker put there meanwhile.
        _remove_files(user.id, ids, data_dir)
        delete_estate(user.id, data_dir)
        _remove_files(user.id, ids, data_dir)
        _delete_account(user)
    _remove_until_quiet(user.id, ids, data_dir, patience, busy=busy)


def _close_door(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    AuthToken.objects.filter(user_id=user.pk).delete()
    end_sessions(user)


@retry_on_conflict
def _delete_account(user: User) -> None:
    with as_user(user.pk), transaction.atomic():
        lock_estate(user.pk)
        # Held last, and wholly, so that nobody adds a row of theirs in this moment: who holds something of the above
        # would wait for the account at its end, and we for that.
        list(User.objects.select_for_update().filter(pk=user.pk))
        entries_about(user).delete()
        forget_mentions(user)
        User.objects.filter(pk=user.pk).delete()
    end_sessions(user)  # of a sign-in that was under way when the door was closed


def _remove_files(user_id: UUID, ids: Collection[UUID], data_dir: Path) -> bool:
    there = files_of(user_id, ids, data_dir)
    for each in there:
        remove(each.path)
    return bool(there)


def _remove_until_quiet(
    user_id: UUID, ids: Collection[UUID], data_dir: Path, patience: Patience, *, busy: bool
) -> None:
    """A worker that has just lost a run or a log may put one more file where it worked, and then stops."""
    begun = last = time.monotonic()
    while True:
        now = time.monotonic()
        if _remove_files(user_id, ids, data_dir):
            last = now
        elif not busy or now - last >= patience.quiet:
            return
        if now - begun > patience.disk:
            raise OperatorError(
                "The account and its rows are erased, but something keeps writing files of theirs: "
                "stop the servers, then run manage.py prune --yes in an hour."
            )
        time.sleep(0.1)
