"""The child process of `workloads.ingest.sandbox`: apply limits, ingest, answer, precompute.

Run as `python -m workloads.ingest.sandbox_child`."""

import json
import sys
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from core.files import draft_file
from workloads.child_process import ProcessLimits, apply_process_limits, error_to_json, tie_to_parent, to_bounds
from workloads.exact_json import dump_exact, load_exact
from workloads.ingest.database import source_to_json
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.preview import Preview
from workloads.ingest.progress import ReadingProgress, progress_to_json


def main() -> None:
    """Do one task from stdin. An error that is neither the user's nor the disk's ends as a traceback."""
    tie_to_parent()
    task = load_exact(sys.stdin.buffer.read())
    apply_process_limits(task["limits"])
    result = run_ingest(task)
    write_result(Path(task["work"]) / "answer.json", json.dumps(result))
    if task["figures"] is not None and "source" in result:
        run_precompute(task)


def run_ingest(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of the task: {"source": ...} or {"error": code, "message": ...}."""
    work = Path(task["work"])
    try:
        source = ingest_file(
            Path(task["path"]),
            work / "log.duckdb",
            format=task["format"],
            mapping=task["mapping"],
            name=task["name"],
            on_preview=partial(write_preview, work / "preview.json"),
            on_progress=partial(write_progress, work),
            scratch=task["limits"]["scratch"],
            bounds=to_bounds(ProcessLimits(**task["limits"])),
        )
    except Exception as error:
        if (data := error_to_json(error, task["limits"], task["name"])) is None:
            raise
        return data
    return {"source": source_to_json(source)}


def run_precompute(task: Mapping[str, Any]) -> None:
    """Write the log's summary and the answers of a report; or, on failure, the traceback."""
    # What computes figures takes longer to import than most files to read, and not every reading asks for figures.
    from workloads.analysis.answers import from_plain, to_plain
    from workloads.analysis.opening import precompute_answers
    from workloads.pricing.assumptions import Assumptions
    from workloads.pricing.price_file import parse_price_text

    work, scratch = Path(task["work"]), task["limits"]["scratch"]
    (work / "answers").mkdir(mode=0o700)
    assumptions = from_plain(task["figures"], Assumptions)
    try:
        summary = precompute_answers(
            work / "log.duckdb",
            work / "figures",
            work / "answers",
            assumptions,
            scratch=scratch,
            price_file=None if task["price_file"] is None else parse_price_text(task["price_file"]),
            on_share=lambda share: write_progress(work, ReadingProgress(step="figures", share=share)),
        )
    except Exception:  # noqa: BLE001 - the log has been read, whatever fails here
        write_result(work / "facts.error", traceback.format_exc())
    else:
        write_result(work / "facts.json", dump_exact(to_plain(summary)))


def write_preview(path: Path, preview: Preview) -> None:
    write_result(path, json.dumps(asdict(preview)))


def write_progress(work: Path, progress: ReadingProgress) -> None:
    write_result(work / "progress.json", json.dumps(progress_to_json(progress)))


def write_result(path: Path, content: str) -> None:
    """Write a file as a whole, so that the parent never reads half of it, even if this process is killed."""
    with draft_file(path, replace=True, sync=False) as draft:
        draft.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
