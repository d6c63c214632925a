"""All that is one user's as a ZIP file: rows as JSON, files as they came, reports. No password, no key, no secret."""

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder

from agents.models import REPORTING, Step
from netra.accounts.profile import profile
from netra.core.exceptions import BadInput
from netra.core.models import User
from netra.core.ownedrows import owned_models, rows_of
from netra.core.scope import as_user
from netra.language.text import text
from workloads.models import Upload, Workload


def export(user: User, to: Path, data_dir: Path) -> None:
    """Write a new file that only its owner can read, whole or not at all. Raises BadInput where there is one."""
    with _new(to) as file, ZipFile(file, "w", ZIP_DEFLATED) as target:
        _write(target, "account.json", [profile(user)])
        for model in owned_models():
            _write(target, f"{model._meta.model_name}.json", rows_of(model, user.id))
        for name, path in _files(user, data_dir):
            _copy(target, name, path)
        for name, content in _reports(user):
            target.writestr(name, content)


def _write(target: ZipFile, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """A JSON array, a row to a line, without holding them all in memory."""
    with target.open(name, "w", force_zip64=True) as out:
        between = "[\n"
        for row in rows:
            out.write((between + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)).encode())
            between = ",\n"
        out.write(b"[]\n" if between == "[\n" else b"\n]\n")


def _files(user: User, data_dir: Path) -> Iterator[tuple[str, Path]]:
    """Named by ids: what users call their files is data, in the JSON."""
    with as_user(user.id):
        logs = list(Workload.objects.for_user(user.id))
        uploads = list(Upload.objects.for_user(user.id).filter(workload=None))
    for log in logs:
        yield f"workload/{log.id}.raw", log.raw(data_dir)
        # Of a log that is not taken over by a reader yet, the bytes lie where they were uploaded to.
        yield f"workload/{log.id}.raw", Upload(id=log.id, owner_id=log.owner_id).path(data_dir)
        if not log.raw_kept:
            yield f"workload/{log.id}.duckdb", log.path(data_dir)
    for upload in uploads:
        yield f"upload/{upload.id}.part", upload.path(data_dir)


def _copy(target: ZipFile, name: str, path: Path) -> None:
    if name in target.NameToInfo:
        return
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return  # not there in this state, or deleted meanwhile
    with source, target.open(name, "w", force_zip64=True) as out:
        shutil.copyfileobj(source, out, 1 << 20)


def _reports(user: User) -> Iterator[tuple[str, str]]:
    """As JSON, and as the Markdown that was the run's answer."""
    with as_user(user.id):
        told = list(Step.objects.for_user(user.id).filter(agent=REPORTING).values_list("run_id", flat=True))
    for run_id in told:
        with as_user(user.id):
            step = Step.objects.for_user(user.id).filter(run_id=run_id, agent=REPORTING).select_related("run").first()
        if step is None:
            continue  # deleted meanwhile
        report, ending = step.output.get("report"), step.run.ending or {}
        yield f"report/{run_id}.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        yield f"report/{run_id}.md", str(ending.get("answer") or "")


@contextmanager
def _new(path: Path) -> Iterator[IO[bytes]]:
    """A draft beside it, which becomes the file once all is in it."""
    if path.exists():
        raise BadInput(text("{path} is there already: it is not overwritten.", path=str(path)))
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(
            text("{path} cannot be written: {problem}.", path=str(path), problem=error.strerror or "")
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError as error:
        raise BadInput(text("{path} is there already: it is not overwritten.", path=str(path))) from error
    finally:
        draft.unlink(missing_ok=True)
