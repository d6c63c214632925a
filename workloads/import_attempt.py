"""One attempt at reading a claimed log: made in a thread, apart from all rows; then stored in one transaction."""

import errno
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from django.db import transaction

from netra.core.exceptions import BadInput, Defect, NetraError, RunCancelled, StorageFull
from netra.core.jsonable import jsonable
from netra.language.text import text
from workloads import claims
from workloads.claims import Claim, Told
from workloads.confinement import DEFAULT, Limits, fit_size
from workloads.facts import NOTHING_KNOWN, Facts
from workloads.folders import private
from workloads.models import Upload, Workload, WorkloadState
from workloads.preview import Preview
from workloads.prices import Assumptions
from workloads.sandbox import Figures, ingest_apart
from workloads.schema import Source
from workloads.storage import OverQuota, size_of, storage_of, wait_for_turn
from workloads.store import source_data

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. Without a `source` it could not be read, and `error` says why."""

    source: Source | None = None
    facts: Facts = NOTHING_KNOWN
    preview: Preview | None = None
    error: NetraError | None = None


@dataclass(slots=True)
class _Seen:
    """What is found of a log before it is read to its end, if it ever is."""

    preview: Preview | None = None
    facts: Facts = NOTHING_KNOWN

    def see(self, preview: Preview) -> None:
        self.preview = preview

    def know(self, facts: Facts) -> None:
        self.facts = facts


def refusal(claim: Claim, data_dir: Path, quota: int | None) -> Outcome | None:
    """What comes of it unread, where what its user has stored leaves no room for what would be read."""
    remove_leftovers(claim.workload(), data_dir)  # of attempts before this one: they are not to count
    storage = storage_of(claim.user_id, data_dir, quota)
    return None if storage.has_room(1 - _replaced(claim, data_dir)) else Outcome(error=OverQuota(storage, 0))


def read(claim: Claim, data_dir: Path, stop: Event, limits: Limits = DEFAULT) -> Outcome:
    """Read the log into a file of this attempt's own (`staged`). Blocks; `stop` ends it early, with RunCancelled."""
    if stop.is_set():
        raise RunCancelled("Reading was stopped before it began.")
    seen = _Seen()
    remove_leftovers(claim.workload(), data_dir)  # of attempts before this one
    _take_over(claim.workload(), data_dir)
    try:
        source = _ingest(claim, data_dir, limits, stop, seen)
    except (BadInput, StorageFull) as error:
        return Outcome(error=error, preview=seen.preview)
    except (RunCancelled, OSError):
        raise  # nothing that the log did: it is read another time
    except Exception:
        # A fault of ours, but of this log all the same: it would fail again, and others wait.
        log.exception("log %s could not be read", claim.workload_id)
        return Outcome(error=Defect("reading failed"), preview=seen.preview)
    if stop.is_set():
        raise RunCancelled("Reading was stopped.")
    return Outcome(source=source, facts=seen.facts, preview=seen.preview)


def store(claim: Claim, outcome: Outcome, data_dir: Path, quota: int | None = None) -> Told:
    """Put the outcome in place and tell the owner, if the log is still this attempt's; nothing is kept otherwise.

    What was read beyond the user's `quota` is not kept: that is the outcome then. Where only room was missing, an
    earlier reading of the log stays.
    """
    with transaction.atomic():
        wait_for_turn(claim.user_id)
        workload = claims.held(claim)
        if workload is None:
            return {}
        outcome = _within(quota, outcome, claim, data_dir)
        workload.error_code = outcome.error.code if outcome.error else ""
        workload.error = _words(outcome.error)
        workload.lease_until = None
        stays = workload.source is not None and isinstance(outcome.error, OverQuota | StorageFull)
        if stays:
            claims.keep_earlier(workload)
        else:
            _take(outcome, workload)
        workload.save()
        told = claims.tell(workload)
        if not stays:
            _place(claim, workload, data_dir)
        return told


def _take(outcome: Outcome, workload: Workload) -> None:
    workload.preview = jsonable(outcome.preview)
    workload.source = source_data(outcome.source) if outcome.source else None
    workload.extent, workload.spend = jsonable(outcome.facts.extent), jsonable(outcome.facts.spend)
    workload.state = WorkloadState.READY if outcome.source else WorkloadState.FAILED


def _within(quota: int | None, outcome: Outcome, claim: Claim, data_dir: Path) -> Outcome:
    """The outcome, if its file, which lies beside the others and is counted, fits."""
    storage = storage_of(claim.user_id, data_dir, quota)
    if outcome.source is None or storage.has_room(-_replaced(claim, data_dir)):
        return outcome
    return Outcome(error=OverQuota(storage, 0), preview=outcome.preview)


def _replaced(claim: Claim, data_dir: Path) -> int:
    """Bytes of an earlier reading of the same log, in whose place this one comes."""
    workload = claim.workload()
    return size_of(workload.path(data_dir)) + size_of(workload.kept(data_dir))


def _words(error: NetraError | None) -> str:
    match error:
        case None:
            return ""
        case Defect():
            return text("This log could not be read because of an error on our side. It has been recorded.")
    return str(error)


def staged(claim: Claim, data_dir: Path) -> Path:
    """The file that an attempt reads into, beside the one that it may become."""
    path = claim.workload().path(data_dir)
    return path.with_name(f".{path.name}.{claim.attempt}")


def discard(claim: Claim, data_dir: Path) -> None:
    """Remove this attempt's own file and answers, if they were not put in place."""
    staged(claim, data_dir).unlink(missing_ok=True)
    shutil.rmtree(_answers(staged(claim, data_dir)), ignore_errors=True)


def remove_leftovers(workload: Workload, data_dir: Path) -> None:
    """Remove what attempts at reading a log left behind: their files and their working folders."""
    path = workload.path(data_dir)
    for left in path.parent.glob(f".*{path.name}.*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)  # its reader, if it is still at it, may be removing it too
        else:
            left.unlink(missing_ok=True)


def _ingest(claim: Claim, data_dir: Path, limits: Limits, stop: Event, seen: "_Seen") -> Source:
    out = staged(claim, data_dir)
    try:
        return ingest_apart(
            claim.workload().raw(data_dir),
            private(out.parent) / out.name,
            format=claim.form or None,
            mapping=claim.mapping,
            name=claim.name,
            limits=fit_size(limits, claim.size),
            stop=stop,
            seen=seen.see,
            figures=Figures(assumptions=Assumptions(), keep_in=_answers(out), known=seen.know),
        )
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(text("There is no room left on the disk: the log could not be read.")) from error
        raise


def _answers(out: Path) -> Path:
    """Where answers about the file that an attempt reads into are kept until both are put in place."""
    return out.with_name(f"{out.name}.answers")


def _take_over(workload: Workload, data_dir: Path) -> None:
    """The bytes of a finished upload become what was brought. Again after a crash it changes nothing."""
    raw, upload = workload.raw(data_dir), Upload(id=workload.id, owner_id=workload.owner_id).path(data_dir)
    private(raw.parent)
    if upload.exists() and not raw.exists():
        os.replace(upload, raw)


def _place(claim: Claim, workload: Workload, data_dir: Path) -> None:
    path, kept, out = workload.path(data_dir), workload.kept(data_dir), staged(claim, data_dir)
    shutil.rmtree(kept, ignore_errors=True)
    if workload.state == WorkloadState.READY:
        os.replace(out, path)
        if not kept.exists():
            os.replace(_answers(out), kept)
    else:
        path.unlink(missing_ok=True)
