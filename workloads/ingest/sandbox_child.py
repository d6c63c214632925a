"""The child process of `workloads.ingest.sandbox`: apply limits, ingest, answer, precompute.

Run as `python -m workloads.ingest.sandbox_child`."""

import json
import os
import sys
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from workloads.analysis.answers import dump_answers, from_plain, load_answers, to_plain
from workloads.analysis.opening import precompute_answers
from workloads.child_process import ProcessLimits, apply_process_limits, end_with_parent, error_to_json, to_bounds
from workloads.ingest.database import source_to_json
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.preview import Preview
from workloads.pricing.prices import Assumptions


def main() -> None:
    """One task from stdin; what is no error of the user or the disk ends as a traceback."""
    end_with_parent()
    task = load_answers(sys.stdin.buffer.read())
    apply_process_limits(task["limits"])
    said = run_ingest(task)
    write_result(Path(task["work"]) / "answer.json", json.dumps(said))
    if task["figures"] is not None and "source" in said:
        run_precompute(task)


def run_ingest(task: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the task: {"source": ...} or {"error": code, "message": ...}."""
    work = Path(task["work"])
    try:
        source = ingest_file(
            Path(task["path"]),
            work / "log.duckdb",
            format=task["format"],
            mapping=task["mapping"],
            name=task["name"],
            seen=partial(write_preview, work / "preview.json"),
            scratch=task["limits"]["scratch"],
            bounds=to_bounds(ProcessLimits(**task["limits"])),
        )
    except Exception as error:
        if (described := error_to_json(error, task["limits"], task["name"])) is None:
            raise
        return described
    return {"source": source_to_json(source)}


def run_precompute(task: Mapping[str, Any]) -> None:
    """Leave the log's facts, and all that a report holds beside them; or why there are none."""
    work, scratch = Path(task["work"]), task["limits"]["scratch"]
    (work / "answers").mkdir(mode=0o700)
    assumptions = from_plain(task["figures"], Assumptions)
    try:
        found = precompute_answers(
            work / "log.duckdb", work / "figures", work / "answers", assumptions, scratch=scratch
        )
    except Exception:  # noqa: BLE001 - whatever stands in the log, it was read
        write_result(work / "facts.error", traceback.format_exc())
    else:
        write_result(work / "facts.json", dump_answers(to_plain(found)))


def write_preview(path: Path, seen: Preview) -> None:
    write_result(path, json.dumps(asdict(seen)))


def write_result(path: Path, said: str) -> None:
    """Leave what was found where the parent finds it whole, even if this process is ended the next moment."""
    part = path.with_suffix(".part")
    part.write_text(said, encoding="utf-8")
    os.replace(part, path)


if __name__ == "__main__":
    main()
