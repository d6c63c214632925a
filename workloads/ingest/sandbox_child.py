"""The child's side of `workloads.sandbox`: take limits, ingest, answer, compute. Run as `python -m`."""

import json
import os
import sys
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from workloads.answers import dump, load, plain, revive
from workloads.childerrors import describe_error
from workloads.childlimits import confine, end_with_parent
from workloads.confinement import Limits, bounds_of
from workloads.facts import facts
from workloads.ingest import ingest
from workloads.preview import Preview
from workloads.prices import Assumptions
from workloads.store import source_data


def main() -> None:
    """One task from stdin; what is no error of the user or the disk ends as a traceback."""
    end_with_parent()
    task = load(sys.stdin.buffer.read())
    confine(task["limits"])
    said = answer(task)
    leave(Path(task["work"]) / "answer.json", json.dumps(said))
    if task["figures"] is not None and "source" in said:
        compute(task)


def answer(task: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the task: {"source": ...} or {"error": code, "message": ...}."""
    work = Path(task["work"])
    try:
        source = ingest(
            Path(task["path"]),
            work / "log.duckdb",
            format=task["format"],
            mapping=task["mapping"],
            name=task["name"],
            seen=partial(keep, work / "preview.json"),
            scratch=task["limits"]["scratch"],
            bounds=bounds_of(Limits(**task["limits"])),
        )
    except Exception as error:
        if (described := describe_error(error, task["limits"], task["name"])) is None:
            raise
        return described
    return {"source": source_data(source)}


def compute(task: Mapping[str, Any]) -> None:
    """Leave the log's facts, and all that a report holds beside them; or why there are none."""
    work, scratch = Path(task["work"]), task["limits"]["scratch"]
    (work / "answers").mkdir(mode=0o700)
    assumptions = revive(task["figures"], Assumptions)
    try:
        found = facts(work / "log.duckdb", work / "figures", work / "answers", assumptions, scratch=scratch)
    except Exception:  # noqa: BLE001 - whatever stands in the log, it was read
        leave(work / "facts.error", traceback.format_exc())
    else:
        leave(work / "facts.json", dump(plain(found)))


def keep(path: Path, seen: Preview) -> None:
    leave(path, json.dumps(asdict(seen)))


def leave(path: Path, said: str) -> None:
    """Leave what was found where the parent finds it whole, even if this process is ended the next moment."""
    part = path.with_suffix(".part")
    part.write_text(said, encoding="utf-8")
    os.replace(part, path)


if __name__ == "__main__":
    main()
