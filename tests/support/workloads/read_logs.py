"""Logs of users that have been read before: to read one and compute its figures takes half a second, and most tests
that ask about a log are about something else."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from core.files import private_dir
from core.models import User
from workloads.analysis.cache import AnswerCache
from workloads.analysis.opening import precompute_answers
from workloads.ingest.database import source_to_json
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.schema import LogSource
from workloads.models import Workload, WorkloadState
from workloads.pricing.assumptions import NO_ASSUMPTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLog:
    """A log as it is stored, with its figures. Nobody changes these files: users have copies."""

    source: LogSource
    path: Path
    answers: Path
    size: int
    """Bytes of the file that it was read from."""


@cache
def read_log(name: str, content: bytes) -> ReadLog:
    """Read a file of that name and content, once in this process."""
    folder = Path(tempfile.mkdtemp(prefix="netra-log-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file, path, answers = folder / "file", folder / "log.duckdb", private_dir(folder / "answers")
    file.write_bytes(content)
    source = ingest_file(file, path, format=None, mapping={}, name=name)
    precompute_answers(path, folder / "temp", answers, NO_ASSUMPTIONS)
    (computed,) = answers.glob("*.json")
    return ReadLog(source=source, path=path, answers=computed, size=len(content))


def give_log(user: User, log: ReadLog, data_dir: Path) -> Workload:
    """Return the log as one of the user's, ready in that data folder as if it had been imported."""
    workload = Workload(
        owner=user, name=log.source.name, source=source_to_json(log.source), size=log.size, state=WorkloadState.READY
    )
    path = workload.get_path(data_dir)
    private_dir(path.parent)
    shutil.copy(log.path, path)
    # The name of the file of figures says which file of a log they are of.
    cached = AnswerCache(
        private_dir(workload.get_answers_dir(data_dir)), path, NO_ASSUMPTIONS, datetime.now(UTC).date()
    )
    shutil.copy(log.answers, cached._file)
    workload.save(force_insert=True)
    return workload
