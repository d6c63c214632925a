"""A copy of the tree, in which a bug can be put in for the time of a block and tests be run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.teeth.bug import Bug, broken, read

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("legacy", "netra", "realtime", "agents", "tools", "workloads", "tests")
FILES = ("manage.py", "pyproject.toml")
# No catcher is about migrations, and a plugin that none of them uses takes long to load.
QUICK = ("--no-migrations", "-p", "no:schemathesis")
LONGEST = 1200  # seconds, and for each test some more; a bug may make one wait for what never comes
EACH = 5


def copied(folder: Path) -> Path:
    """With what Python has compiled of it, which the copied times of change keep valid."""
    for room in FOLDERS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("node_modules"))
    for file in FILES:
        shutil.copy2(ROOT / file, folder)
    return folder


@contextmanager
def bitten(tree: Path, bug: Bug) -> Iterator[None]:
    """The bug is in the copy."""
    file, before = tree / bug.file, read(tree, bug)
    stat = file.stat()
    file.write_text(broken(before, bug), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def ran(tree: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Those tests in the copy, in a process of their own, up to the first that fails."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("NETRA_", "DJANGO_", "PYTEST_"))}
    ids = [f"tests/{test}" for test in tests]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *QUICK, *ids],
        cwd=tree,
        env=plain | _beside() | {"PYTHONDONTWRITEBYTECODE": "1", "TEST_PATIENCE": "30"},
        capture_output=True,
        text=True,
        timeout=LONGEST + EACH * len(ids),
    )


def _beside() -> dict[str, str]:
    """Where the tests that run this one have a PostgreSQL: a database in it that is not theirs, and no pool either."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return {}
    return {"DATABASE_URL": urlsplit(url)._replace(path="/teeth").geturl(), "NETRA_DATABASE_CONNECTIONS": "0"}
