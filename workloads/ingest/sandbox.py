"""Ingest in a child process, because an untrusted log that crashes DuckDB must not end the runs of others.

The child gets its task as JSON on stdin, an empty environment and hard limits. It writes its results to files: first
the preview, then the source, then the answers for a report, before which it may be killed."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Event
from typing import Any

from core.exceptions import BadInput, Defect, NetraError, RunCancelled, StorageFull
from core.files import private_dir
from workloads.analysis.answers import MAX_BYTES, to_plain
from workloads.analysis.opening import EMPTY_SUMMARY, SUMMARY_ADAPTER, LogSummary
from workloads.child_process import (
    DEFAULT_LIMITS,
    POLL_SECONDS,
    ProcessLimits,
    build_timeout_error,
    check_scratch,
    error_from_json,
    explain_exit,
    fit_disk,
    read_error_tail,
    start_child,
)
from workloads.exact_json import dump_exact, load_exact
from workloads.ingest.database import source_from_json
from workloads.ingest.preview import Preview, preview_from_json
from workloads.ingest.progress import ReportProgress, ignore_progress, progress_from_json
from workloads.ingest.schema import LogSource
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.price_file import PriceFile

__all__ = ["PrecomputeRequest", "ingest_in_child"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecomputeRequest:
    """The answers to compute about an ingested log: their assumptions and price file, their folder, and callbacks for
    the summary, and for why not all could be computed."""

    assumptions: Assumptions
    price_file: PriceFile | None = None
    answers_dir: Path
    on_summary: Callable[[LogSummary], None]
    on_failure: Callable[[str], None]


def ingest_in_child(
    path: Path,
    out: Path,
    *,
    format: str | None,
    mapping: Mapping[str, str],
    name: str,
    limits: ProcessLimits = DEFAULT_LIMITS,
    stop: Event | None = None,
    on_preview: Callable[[Preview], None] | None = None,
    on_progress: ReportProgress = ignore_progress,
    precompute: PrecomputeRequest | None = None,
) -> LogSource:
    """Run `ingest_file` in a child process. Blocks: call it in a thread, and set `stop` to kill the child.

    `on_preview` is called at most once, before this returns or raises, with the preview of the file's columns;
    `on_progress` while the child works.
    `precompute` is done by the same child; if that fails, the log still counts as read. Leaves no file but the
    finished `out`, whatever happens. Raises what `ingest_file` raises, BadInput also when the child crashes or exceeds
    its limits, RunCancelled when stopped.
    """
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        work, fitted = Path(folder), fit_disk(limits, out.parent, name)
        task = {
            "path": str(path.absolute()),
            "work": str(work.absolute()),
            "format": format,
            "mapping": dict(mapping),
            "name": name,
            "limits": asdict(fitted),
            "figures": None if precompute is None else to_plain(precompute.assumptions),
            "price_file": precompute.price_file.to_text() if precompute and precompute.price_file else None,
        }
        try:
            failure = _run_child(task, work, fitted, stop, on_progress)
        finally:
            if on_preview is not None and (preview := _read_result(work / "preview.json")) is not None:
                on_preview(preview_from_json(preview))
        source = _to_source(_read_result(work / "answer.json"), failure)
        os.replace(work / "log.duckdb", out)
        if precompute is not None:
            _store_precomputed(precompute, work, failure)
    return source


def _run_child(
    task: Mapping[str, Any], work: Path, limits: ProcessLimits, stop: Event | None, on_progress: ReportProgress
) -> NetraError | OSError | None:
    """Run the task in a child, which writes its results to `work`. Returns the error if it ended early."""
    with TemporaryFile() as errors, start_child("workloads.ingest.sandbox_child", work, errors=errors) as child:
        try:
            _wait_for_child(child, work, task, limits, stop=stop, on_progress=on_progress)
        except (BadInput, StorageFull) as error:
            return error
        finally:
            child.kill()
        return explain_exit(child.returncode, read_error_tail(errors), task["name"]) if child.returncode else None


def _wait_for_child(
    child: "subprocess.Popen[bytes]",
    work: Path,
    task: Mapping[str, Any],
    limits: ProcessLimits,
    *,
    stop: Event | None,
    on_progress: ReportProgress,
) -> None:
    until, name = time.monotonic() + limits.seconds, task["name"]
    pending: bytes | None = dump_exact(task).encode()
    while True:
        try:
            child.communicate(pending, timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            pending = None
        else:
            return
        if stop is not None and stop.is_set():
            raise RunCancelled(f'Reading "{name}" was stopped.')
        if time.monotonic() > until:
            raise build_timeout_error(name)
        check_scratch(work, limits, name)
        if (progress := progress_from_json(_read_result(work / "progress.json"))) is not None:
            on_progress(progress)


def _read_result(path: Path) -> Any:
    """Return what the child wrote to a file, or None."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Defect(f"{path.name}: too long to be an answer")
    return load_exact(content)


def _to_source(answer: Any, failure: NetraError | OSError | None) -> LogSource:
    match answer:
        case {"source": source}:
            return source_from_json(source)
    raise error_from_json(answer) or failure or Defect("reading a log ended without an answer")


def _store_precomputed(request: PrecomputeRequest, work: Path, failure: NetraError | OSError | None) -> None:
    """Move the answers into their folder and report the summary. A failure is only reported: it recurs when asked."""
    summary, answers = _read_result(work / "facts.json"), work / "answers"
    if failure is not None or summary is None:
        request.on_failure(str(failure or _read_child_error(work / "facts.error")))
    private_dir(request.answers_dir)
    if answers.exists():
        os.replace(answers, request.answers_dir)
    request.on_summary(EMPTY_SUMMARY if summary is None else SUMMARY_ADAPTER.validate_python(summary))


def _read_child_error(path: Path) -> str:
    return path.read_text(encoding="utf-8")[-4000:] if path.exists() else "the child wrote no error"
