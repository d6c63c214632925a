"""The child's side of `workloads.sandbox`: take limits, ingest, answer. Run as `python -m workloads.sandboxed`."""

import json
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netra.core.exceptions import BadInput, StorageFull
from workloads.ingest import ingest
from workloads.store import source_data


def main() -> None:
    """One task from stdin, one answer to stdout; what is no error of the user or the disk ends as a traceback."""
    task = json.load(sys.stdin)
    confine(task["limits"])
    json.dump(answer(task), sys.stdout)


def answer(task: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the task: {"source": ...} or {"error": code, "message": ...}."""
    try:
        source = ingest(
            Path(task["path"]), Path(task["out"]), format=task["format"], mapping=task["mapping"], name=task["name"]
        )
    except (BadInput, StorageFull) as error:
        return {"error": error.code, "message": str(error)}
    except (MemoryError, RecursionError):
        return {"error": BadInput.code, "message": f'"{task["name"]}" needs more memory than one import may use.'}
    return {"source": source_data(source)}


def confine(limits: Mapping[str, int]) -> None:
    """Hard limits on this process. RLIMIT_AS is left alone: DuckDB and its threads reserve far more than they use."""
    hard = {
        resource.RLIMIT_DATA: limits["data"],
        resource.RLIMIT_CPU: limits["seconds"] * 2,  # two threads
        resource.RLIMIT_FSIZE: limits["file"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in hard.items():
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
