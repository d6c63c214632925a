"""A copy of the tree, in which a mutation can be put for the time of a block and tests be run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.mutation.mutation import Mutation

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("legacy", "netra", "accounts", "operators", "realtime", "agents", "tools", "workloads", "core", "tests")
FILES = ("manage.py", "pyproject.toml")
# No catching test is about migrations, and a plugin that none of them uses takes long to load.
PYTEST_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--no-migrations", "-p", "no:schemathesis")
TIMEOUT = 1200  # seconds, and for each test some more; a bug may make one wait for what never comes
TIMEOUT_PER_TEST = 5


def copy_tree(folder: Path) -> Path:
    """With what Python has compiled of it, which the copied times of change keep valid."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("node_modules"))
    for file in FILES:
        shutil.copy2(ROOT / file, folder)
    return folder


@contextmanager
def apply_mutation(tree: Path, mutation: Mutation) -> Iterator[None]:
    """The copy has the bug while the block runs."""
    file = tree / mutation.file
    before, stat = file.read_bytes(), file.stat()
    file.write_text(mutation.mutate(tree), encoding="utf-8")
    try:
        yield
    finally:
        file.write_bytes(before)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def run_tests(tree: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Those tests in the copy, in a process of their own, up to the first that fails."""
    ours = ("NETRA_", "DJANGO_", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    ids = [f"tests/{test}" for test in tests]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *PYTEST_OPTIONS, *ids],
        cwd=tree,
        env=environment | _use_own_database() | {"PYTHONDONTWRITEBYTECODE": "1", "TEST_PATIENCE": "30"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT + TIMEOUT_PER_TEST * len(ids),
    )


def _use_own_database() -> dict[str, str]:
    """Where the tests that run this one have a PostgreSQL: a database in it that is not theirs, and no pool either."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return {}
    return {"DATABASE_URL": urlsplit(url)._replace(path="/mutation").geturl(), "NETRA_DATABASE_CONNECTIONS": "0"}
