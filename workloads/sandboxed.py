"""The child's side of `workloads.sandbox`: take limits, ingest, answer. Run as `python -m workloads.sandboxed`."""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from netra.core.exceptions import BadInput, StorageFull
from netra.language.saying import kept
from netra.language.text import text
from workloads.ingest import ingest
from workloads.preview import Preview
from workloads.store import source_data


def main() -> None:
    """One task from stdin, one answer to stdout; what is no error of the user or the disk ends as a traceback."""
    end_with_parent()
    task = json.load(sys.stdin)
    confine(task["limits"])
    json.dump(answer(task), sys.stdout)


def end_with_parent() -> None:
    """Have the kernel kill this process with the one that started it: nobody would wait for its answer."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1: PR_SET_PDEATHSIG


def answer(task: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the task: {"source": ...} or {"error": code, "message": ...}."""
    try:
        source = ingest(
            Path(task["path"]),
            Path(task["out"]),
            format=task["format"],
            mapping=task["mapping"],
            name=task["name"],
            seen=partial(keep, Path(task["preview"])),
        )
    except BadInput as error:
        return {"error": error.code, "message": kept(error.words), "in_terminal": kept(error.in_terminal)}
    except StorageFull as error:
        return {"error": error.code, "message": kept(error.words)}
    except (MemoryError, RecursionError):
        words = text('"{name}" needs more memory than one import may use.', name=task["name"])
        return {"error": BadInput.code, "message": kept(words)}
    return {"source": source_data(source)}


def keep(path: Path, seen: Preview) -> None:
    """Leave what was seen of the file where the parent finds it, even if this process is ended the next moment."""
    whole = path.with_suffix(".part")
    whole.write_text(json.dumps(asdict(seen)), encoding="utf-8")
    os.replace(whole, path)


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
