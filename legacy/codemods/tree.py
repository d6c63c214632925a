"""The Python files below a path. Links are not followed: what they point to may be somebody else's."""

import os
from collections.abc import Iterator
from pathlib import Path

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", ".venv", "venv"})


def files(path: Path) -> Iterator[Path]:
    """In a steady order. A path that is itself a link is taken at its word. Raises OSError for a folder that cannot
    be listed."""
    if path.is_file():
        yield path.resolve()
        return
    for folder, below, names in os.walk(path, onerror=_raise):
        below[:] = sorted(name for name in below if name not in SKIPPED and not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.endswith((".py", ".pyi")) and file.is_file() and not file.is_symlink():
                yield file


def _raise(error: OSError) -> None:
    raise error
